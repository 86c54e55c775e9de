//! After any changes the own numbers are those of a recount.

use std::collections::BTreeMap;

use node_replication::document::Value;
use node_replication::history;
use node_replication::store::{ReadStore as _, Table};
use node_views::contents;
use proptest::prelude::*;
use schema_documents::{
    Cell, Contents, Declared, Entity, Event, Kind, Knowledge, PersonId, Said, class, kinds,
    own_cells,
};
use schema_wire::DocumentId;

use crate::net::*;
use crate::office::*;

const PATH: &str = "c";
const PERSONS: u8 = 8;
const DAYS: [&str; 3] = ["2026-11-27", "2026-11-28", "2026-11-29"];

#[derive(Debug, Clone)]
enum Deed {
    /// A person lives here, or left.
    Person(u8, bool),
    /// A person's id is given up for another one's, or no more.
    Merge(u8, Option<u8>),
    /// A residence of a person in a household, sealed with a key; it lasts, or has an end.
    Residence {
        person: u8,
        household: u8,
        key: u8,
        ended: bool,
    },
    /// This key of a person is here, and no other.
    Key(u8, Option<u8>),
    Body(u8, bool),
    Post {
        number: u8,
        held: bool,
        to: Option<u8>,
    },
    Slot(u8),
    Run {
        slot: u8,
        on_device: bool,
    },
    Note {
        slot: u8,
        on_device: bool,
    },
    Day(u8),
    Restart,
}

fn deed() -> impl Strategy<Value = Deed> {
    let person = || 0..PERSONS;
    prop_oneof![
        4 => (person(), any::<bool>()).prop_map(|(n, here)| Deed::Person(n, here)),
        2 => (person(), proptest::option::of(person())).prop_map(|(n, to)| Deed::Merge(n, to)),
        4 => (person(), 0..4u8, 0..2u8, any::<bool>()).prop_map(|(person, household, key, ended)| {
            Deed::Residence { person, household, key, ended }
        }),
        3 => (person(), proptest::option::of(0..2u8)).prop_map(|(n, key)| Deed::Key(n, key)),
        2 => (0..4u8, any::<bool>()).prop_map(|(n, active)| Deed::Body(n, active)),
        2 => (0..4u8, any::<bool>(), proptest::option::of(0..3u8))
            .prop_map(|(number, held, to)| Deed::Post { number, held, to }),
        2 => (0..6u8).prop_map(Deed::Slot),
        2 => (0..6u8, any::<bool>()).prop_map(|(slot, on_device)| Deed::Run { slot, on_device }),
        1 => (0..6u8, any::<bool>()).prop_map(|(slot, on_device)| Deed::Note { slot, on_device }),
        1 => (0..3u8).prop_map(Deed::Day),
        1 => Just(Deed::Restart),
    ]
}

fn id(number: u8) -> PersonId {
    let mut bytes = [number; 16];
    bytes[0] = number.wrapping_mul(37);
    PersonId(bytes)
}

fn ulid(number: u8) -> String {
    format!("01KJ0000000000000000000{:03}", number)
}

fn day_of_slot(slot: u8) -> &'static str {
    DAYS[usize::from(slot % 3)]
}

fn slot_name(slot: u8) -> String {
    schema_documents::made("slot", &[day_of_slot(slot), "AM", &slot.to_string()])
}

fn shard(kind: &Kind, name: &str) -> String {
    kind.shard.of(name, None).expect("it asks for nothing")
}

struct Unit {
    net: Net,
    office: Office,
    /// Events that were entered, by slot: runs and notes.
    runs: BTreeMap<u8, (bool, u64)>,
    clock: u8,
}

impl Unit {
    fn new() -> Self {
        let roots = Roots::new();
        let city = roots.city(1);
        let mut net = Net::new();
        let at = net.first(&roots, &city);
        Self { net, office: Office::new(at, PATH), runs: BTreeMap::new(), clock: 0 }
    }

    fn put(&mut self, document: &str, says: &[(String, Value)]) {
        let says: Vec<(&str, Value)> =
            says.iter().map(|(key, value)| (&**key, value.clone())).collect();
        let document = format!("{PATH}:{document}");
        let read = self.net.read(self.office.at, &document);
        if !read.edit(says.iter().map(|(key, value)| (*key, value))).is_empty() {
            put(&mut self.net, self.office.at, &document, &says);
        }
    }

    fn event(&mut self, slot: u8, on_device: bool, kind: &str, body: Vec<(String, Said)>) {
        self.clock += 1;
        let event = Event {
            kind: kind.into(),
            day: day_of_slot(slot).into(),
            by: schema_documents::By::default(),
            causes: Vec::new(),
            rules: Vec::new(),
            body,
        };
        let value = event.to_bytes().expect("an event");
        let author = self.net.sites[self.office.at].replica.author().key;
        let entity = slot_name(slot);
        let id = schema_documents::event_id(&author.0, "slot", &entity, &value);
        let key = schema_documents::event_key("slot", &entity, id);
        let class = if on_device { class::SLOT.number } else { class::PATROL.number };
        self.put(&format!("{class}:2026-11"), &[(key, Value::Bytes(value.into()))]);
    }

    fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Person(n, here) => {
                let name = id(*n).to_string();
                let left = if *here { Value::Null } else { text("2026-01-01") };
                let shard = shard(&kinds::person::Person::KIND, &name);
                // Of whom nothing is said there is no record.
                let sealed = Value::Bytes(b"0:somebody".to_vec().into());
                let says = [("name", sealed), ("left", left)];
                let says = says.map(|(field, value)| (format!("person/{name}/{field}"), value));
                self.put(&format!("128:{shard}"), &says);
            }
            Deed::Merge(from, to) => {
                let name = id(*from).to_string();
                let to = to.map_or(Value::Null, |to| text(&id(to).to_string()));
                let shard = shard(&kinds::alias::Alias::KIND, &name);
                self.put(&format!("128:{shard}"), &[(format!("alias/{name}/to"), to)]);
            }
            Deed::Residence { person, household, key, ended } => {
                let name = ulid(person * 4 + household);
                let sealed = |text: &str| Value::Bytes(format!("{key}:{text}").into_bytes().into());
                let to = if *ended { sealed("2026-01-01") } else { Value::Null };
                let field = |field: &str| format!("residence/{name}/{field}");
                let says = [
                    (field("person"), text(&id(*person).to_string())),
                    (field("household"), sealed(&ulid(100 + household))),
                    (field("to"), to),
                ];
                let shard = shard(&kinds::residence::Residence::KIND, &name);
                self.put(&format!("129:{shard}"), &says);
            }
            Deed::Key(n, key) => self.rekey(*n, *key),
            Deed::Body(n, active) => {
                let name = schema_documents::made("body", &[&n.to_string()]);
                let state = if *active { "正常" } else { "已撤销" };
                let says = [
                    (format!("body/{name}/level"), text("网格党支部")),
                    (format!("body/{name}/state"), text(state)),
                ];
                self.put("151:one", &says);
                // What others see of it counts nothing.
                self.put("66:one", &says);
            }
            Deed::Post { number, held, to } => {
                let name = schema_documents::made("chief", &["网格长", &number.to_string()]);
                let holder = if *held { text(&id(1).to_string()) } else { Value::Null };
                let to = to.map_or(Value::Null, |day| text(DAYS[usize::from(day)]));
                let shard = shard(&kinds::chief::Chief::KIND, &name);
                let says =
                    [(format!("chief/{name}/holder"), holder), (format!("chief/{name}/to"), to)];
                self.put(&format!("146:{shard}"), &says);
            }
            Deed::Slot(n) => {
                let name = slot_name(*n);
                let says = [
                    (format!("slot/{name}/day"), text(day_of_slot(*n))),
                    (format!("slot/{name}/half"), text("AM")),
                    (format!("slot/{name}/area"), text(&n.to_string())),
                ];
                self.put("147:2026-11", &says);
            }
            Deed::Run { slot, on_device } => {
                let walker = Said::Text(id(1).to_string());
                let minute = self.clock % 60;
                let body = vec![
                    ("ended".into(), Said::Text("09:00".into())),
                    ("started".into(), Said::Text(format!("08:{minute:02}"))),
                    ("walkers.0".into(), walker),
                ];
                self.event(*slot, *on_device, "record", body);
                self.runs.entry(*slot).or_default().0 = true;
            }
            Deed::Note { slot, on_device } => {
                let mut subject = [0; 16];
                subject[0] = self.clock;
                let body = vec![
                    ("subject".into(), Said::Text(PersonId(subject).to_string())),
                    ("text".into(), Said::Bytes(vec![1; 76])),
                ];
                self.event(*slot, *on_device, "note", body);
                self.runs.entry(*slot).or_default().1 += 1;
            }
            Deed::Day(today) => self.office.today = day(DAYS[usize::from(*today)]),
            Deed::Restart => self.office.restart(),
        }
    }

    /// Keys come and go with envelopes of the keyring; what these tell is another's affair here.
    fn rekey(&mut self, person: u8, key: Option<u8>) {
        let before = self.office.keys.0.get(&id(person)).cloned();
        match key {
            Some(key) => drop(self.office.keys.0.insert(id(person), key.to_string())),
            None => drop(self.office.keys.0.remove(&id(person))),
        }
        if before != self.office.keys.0.get(&id(person)).cloned() {
            self.clock += 1;
            let mut secret = [0; 32];
            secret[0] = self.clock;
            secret[1] = person;
            let key = schema_wire::SubjectKey::new(id(person).0, secret);
            let keys = schema_wire::Keys::new(vec![key]).expect("one key");
            let shard = schema_content::keyring_shard(&id(person).0);
            let name: DocumentId = format!("{PATH}:143:{shard}").parse().expect("a document");
            let now = self.net.now();
            let site = &mut self.net.sites[self.office.at];
            let content = schema_wire::Payload::Keys(keys);
            let written =
                site.replica.write_content(now, site.delegation, &name, content, &site.store);
            let (_, output) = written.expect("written");
            self.net.output(self.office.at, output);
        }
    }

    /// The numbers by the declarations themselves, over all documents; of slots, by what was done.
    fn recount(&self) -> BTreeMap<&'static str, [u64; 4]> {
        let store = &self.net.sites[self.office.at].store;
        let all = history::documents_of(store, &unit(PATH)).expect("the store answers");
        let read: Vec<(DocumentId, Contents)> = all
            .into_iter()
            .map(|(id, _)| {
                (id.clone(), contents(&id, &self.net.read(self.office.at, &id.to_string())))
            })
            .collect();
        let keys = &self.office.keys;
        let records = |kind: &Kind| {
            let home = read.iter().filter(|(id, _)| id.class().number() == kind.home.number);
            let of_kind = home.flat_map(|(_, contents)| &contents.records);
            of_kind
                .filter(|((name, _), _)| *name == kind.name)
                .map(|(_, record)| record)
                .collect::<Vec<_>>()
        };
        let person = |record: &schema_documents::AnyRecord| {
            let residence = record.of::<kinds::residence::Residence>().expect("it");
            residence.get(&kinds::residence::PERSON)
        };
        let opened = |name: &str, field: &str| {
            let record = records(&kinds::residence::Residence::KIND)
                .into_iter()
                .find(|record| record.name() == name)?;
            let key = keys.0.get(&person(record)?)?;
            let (_, readings) = record.readings().find(|(own, _)| *own == field)?;
            let Some(Ok(Some(schema_documents::Value::Sealed(sealed)))) = readings.last() else {
                return None;
            };
            let text = String::from_utf8(sealed.0.clone()).expect("text");
            text.strip_prefix(&format!("{key}:")).map(str::to_owned)
        };
        let present = |name: &str| {
            records(&kinds::person::Person::KIND).iter().any(|record| {
                let person = record.of::<kinds::person::Person>().expect("it");
                person.name() == name && person.get(&kinds::person::LEFT).is_none()
            })
        };
        // There is no other node that could have entered anything.
        let (today, heard_until) = (self.office.today, self.office.today);
        let knowledge = Knowledge { today, heard_until, opened: &opened, present: &present };
        let entities = |kind: &Kind| {
            let entity = |record| Entity { record: Some(record), fold: None };
            records(kind).into_iter().map(entity).collect::<Vec<_>>()
        };
        let mut cells = own_cells(kinds::ALL, entities, &knowledge);
        cells.insert("PAT.FINDINGS", Cell::count(self.runs.values().map(|(_, notes)| notes).sum()));
        let mut rate = Cell::default();
        for record in records(&kinds::slot::Slot::KIND) {
            let slot = (0..6).find(|slot| slot_name(*slot) == record.name()).expect("a slot");
            let done = self.runs.get(&slot).is_some_and(|(done, _)| *done);
            let day = day(day_of_slot(slot));
            rate.value += u64::from(done);
            rate.num += u64::from(done);
            rate.den += u64::from(done || day < heard_until);
            rate.unknown += u64::from(!done && day >= heard_until);
        }
        cells.insert("PAT.RATE", rate);
        let merged = records(&kinds::alias::Alias::KIND).into_iter().filter_map(|record| {
            let alias = record.of::<kinds::alias::Alias>()?;
            Some((alias.name().to_owned(), alias.get(&kinds::alias::TO)?.to_string()))
        });
        let merged: Vec<(String, String)> = merged.collect();
        cells.insert("RES.PERSONS", Cell::count(humans(&present, &merged)));
        let numbers = |cell: Cell| [cell.value, cell.num, cell.den, cell.unknown];
        cells.into_iter().map(|(code, cell)| (code, numbers(cell))).collect()
    }

    fn counted(&self) -> BTreeMap<String, [u64; 4]> {
        let total = self.office.report.total().cells;
        let numbers = |cell: &schema_content::Cell| {
            [cell.value, cell.num, cell.den, cell.unknown].map(schema_content::Number::get)
        };
        total.iter().map(|cell| (cell.code.to_string(), numbers(cell))).collect()
    }

    fn agree(&mut self) {
        self.office.refresh(&mut self.net);
        let recounted: BTreeMap<String, [u64; 4]> =
            self.recount().into_iter().map(|(code, numbers)| (code.to_owned(), numbers)).collect();
        assert_eq!(self.counted(), recounted);
    }
}

/// Of the persons that a unit has, those that are here and no two of whom are one human: each with
/// all that were merged with it, in whatever way.
fn humans(present: &dyn Fn(&str) -> bool, merged: &[(String, String)]) -> u64 {
    let mut humans: Vec<Vec<String>> = (0..PERSONS).map(|n| vec![id(n).to_string()]).collect();
    for (from, to) in merged {
        let of = |humans: &Vec<Vec<String>>, name: &String| {
            humans.iter().position(|ids| ids.contains(name)).expect("a person")
        };
        let (one, other) = (of(&humans, from), of(&humans, to));
        if one != other {
            let ids = humans.swap_remove(one.max(other));
            humans[one.min(other)].extend(ids);
        }
    }
    humans.iter().filter(|ids| ids.iter().any(|id| present(id))).count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn after_any_changes_the_numbers_are_those_of_a_recount(
        deeds in proptest::collection::vec(deed(), 1..40),
        every in 1..4usize,
    ) {
        let mut unit = Unit::new();
        for (number, deed) in deeds.iter().enumerate() {
            unit.act(deed);
            if number % every == 0 {
                unit.agree();
            }
        }
        unit.agree();
        // And by the same code from nothing, without what was kept.
        let counted = unit.counted();
        let store = &mut unit.net.sites[unit.office.at].store;
        let mut bare = node_replication::store::Batch::default();
        for (key, _) in store.range(Table::Views, &[], &[255; 8], usize::MAX >> 1).expect("views") {
            bare.delete(Table::Views, key);
        }
        store.apply(&bare);
        unit.office.restart();
        unit.office.refresh(&mut unit.net);
        prop_assert_eq!(unit.counted(), counted);
    }
}

/// Only the shard that changed is counted, only what is new of it is read, and a restart reads no
/// document.
#[test]
fn a_report_costs_what_changed() {
    let mut unit = Unit::new();
    for n in 0..PERSONS {
        unit.act(&Deed::Key(n, Some(0)));
        unit.act(&Deed::Person(n, true));
        unit.act(&Deed::Residence { person: n, household: n % 4, key: 0, ended: false });
    }
    (0..6).for_each(|slot| unit.act(&Deed::Slot(slot)));
    unit.agree();
    let before = unit.office.report.own().counted();
    unit.act(&Deed::Body(1, true));
    unit.office.refresh(&mut unit.net);
    assert_eq!(unit.office.report.own().counted(), before + 1);
    assert!(unit.office.read.0 <= 2, "{:?}", unit.office.read);
    // Who leaves changes the shard of the person, and those that asked whether they live here.
    unit.act(&Deed::Person(3, false));
    unit.office.refresh(&mut unit.net);
    let counted = unit.office.report.own().counted() - before - 1;
    assert!((2..=3).contains(&counted), "{counted} shards");
    // Another day is asked for by posts and patrols alone.
    let before = unit.office.report.own().counted();
    unit.act(&Deed::Day(2));
    unit.office.refresh(&mut unit.net);
    assert_eq!(unit.office.report.own().counted(), before + 1);
    unit.act(&Deed::Restart);
    unit.office.refresh(&mut unit.net);
    assert_eq!(unit.office.report.own().counted(), 0);
    assert_eq!(unit.office.read.0, 0, "{:?}", unit.office.read);
    unit.agree();
}
