//! A node with its report, and the words in which records are entered here.

use std::cell::Cell as Count;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use node_replication::document::Value;
use node_replication::replica::Event;
use node_replication::store::{ReadError, ReadStore, Table};
use node_views::Library;
use node_views::report::{CountInputs, Coverage, Draft, Opens, SealedAt, UnitReport};
use schema_content::{Cells, EventId, Revision};
use schema_documents::{Day, PersonId};
use schema_wire::{DocumentId, Hash, Ms, UnitId, Wire as _};

use crate::net::{Net, unit};

/// Texts "sealed" as `key:text`, and the keys of each subject that are here.
#[derive(Debug, Default, Clone)]
pub(crate) struct Keys(pub(crate) BTreeMap<PersonId, String>);

impl Opens for Keys {
    fn keys(&self, _: &DocumentId, subject: PersonId) -> Result<Hash, ReadError> {
        Ok(Hash::of(&[self.0.get(&subject).map(String::as_bytes).unwrap_or_default()]))
    }
    fn open(&self, at: &SealedAt<'_>, sealed: &[u8]) -> Result<Option<String>, ReadError> {
        let text = String::from_utf8(sealed.to_vec()).expect("text");
        let (key, text) = text.split_once(':').expect("a key and a text");
        let fits = self.0.get(&at.subject).is_some_and(|own| own == key);
        Ok(fits.then(|| text.to_owned()))
    }
}

/// A store that counts what is read of it.
pub(crate) struct Counted<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) envelopes: Count<u64>,
    pub(crate) all: Count<u64>,
}

impl<S: ReadStore> ReadStore for Counted<'_, S> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let is_item = matches!(table, Table::Items | Table::UnitItems);
        self.envelopes.set(self.envelopes.get() + u64::from(is_item));
        self.all.set(self.all.get() + 1);
        self.store.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ReadError> {
        self.all.set(self.all.get() + 1);
        self.store.range(table, from, to, limit)
    }
    fn last(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
    ) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
        self.all.set(self.all.get() + 1);
        self.store.last(table, from, to)
    }
}

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// A node's own report.
pub(crate) struct Office {
    pub(crate) at: usize,
    pub(crate) unit: UnitId,
    pub(crate) report: UnitReport,
    pub(crate) library: Library,
    pub(crate) keys: Keys,
    pub(crate) today: Day,
    noted: usize,
    /// What the last refresh read: envelopes, and all.
    pub(crate) read: (u64, u64),
}

impl Office {
    pub(crate) fn new(at: usize, path: &str) -> Self {
        Self {
            at,
            unit: unit(path),
            report: UnitReport::default(),
            library: Library::new(NonZeroUsize::new(64).expect("some")),
            keys: Keys::default(),
            today: day("2026-11-28"),
            noted: 0,
            read: (0, 0),
        }
    }

    /// As after a restart: only the store is left.
    pub(crate) fn restart(&mut self) {
        self.report = UnitReport::default();
        self.library = Library::new(NonZeroUsize::new(64).expect("some"));
    }

    /// Brings the numbers up to date; what is due is not published.
    pub(crate) fn refresh(&mut self, net: &mut Net) -> Option<Draft> {
        let now = net.now();
        let site = &mut net.sites[self.at];
        for event in site.events.iter().skip(self.noted) {
            if let Event::Log(event) = event {
                self.report.note(event);
            }
        }
        self.noted = site.events.len();
        let store = Counted { store: &site.store, envelopes: Count::new(0), all: Count::new(0) };
        let mut inputs = CountInputs {
            store: &store,
            library: &mut self.library,
            authority: site.replica.authority(),
            unit: &self.unit,
            node: site.replica.author().key,
            today: self.today,
            now,
            opens: &self.keys,
        };
        let views = self.report.refresh(&mut inputs).expect("the store answers");
        let due = self.report.due(&inputs).expect("the store answers");
        self.read = (store.envelopes.get(), store.all.get());
        site.store.apply(&views);
        due
    }

    /// Publishes what is due.
    pub(crate) fn publish(&mut self, net: &mut Net) -> Option<Revision> {
        let draft = self.refresh(net)?;
        let document = draft.document.to_string();
        put(net, self.at, &document, &[(&draft.key, draft.value)]);
        self.report.published(draft.revision.clone());
        assert_eq!(self.refresh(net), None, "what was published is due no more");
        Some(draft.revision)
    }

    pub(crate) fn coverage(&self, net: &Net) -> Coverage {
        self.report.coverage(net.sites[self.at].replica.authority(), net.now())
    }

    /// The number of an indicator, with the parts.
    pub(crate) fn value(&self, code: &str) -> u64 {
        let total = self.report.total().cells;
        let cell = total.iter().find(|cell| &*cell.code == code);
        cell.map_or(0, |cell| cell.value.get())
    }

    /// What the unit counts itself, found anew.
    pub(crate) fn own(&self, net: &Net) -> Cells {
        let site = &net.sites[self.at];
        let mut library = Library::new(NonZeroUsize::new(64).expect("some"));
        let mut report = UnitReport::default();
        let mut inputs = CountInputs {
            store: &site.store,
            library: &mut library,
            authority: site.replica.authority(),
            unit: &self.unit,
            node: site.replica.author().key,
            today: self.today,
            now: net.now(),
            opens: &self.keys,
        };
        report.refresh(&mut inputs).expect("the store answers");
        report.own().cells()
    }

    /// The newest readable revision of a unit, as this node finds it.
    pub(crate) fn newest(&mut self, net: &Net, path: &str) -> Option<Revision> {
        let store = &net.sites[self.at].store;
        let period = node_views::report::Period::Live;
        let held = self.report.held();
        let newest = held.newest(store, &unit(path), period).expect("the store answers")?;
        Some(held.read(store, &newest.lies).expect("it lies there"))
    }
}

/// Lets keys of a document say these values.
pub(crate) fn put(net: &mut Net, at: usize, document: &str, wanted: &[(&str, Value)]) -> Hash {
    let name: DocumentId = document.parse().expect("a document");
    let now = net.now();
    let read = net.read(at, document);
    let site = &mut net.sites[at];
    let puts = read.edit(wanted.iter().map(|(key, value)| (*key, value)));
    let written = site.replica.write_change(now, site.delegation, &name, puts, &site.store);
    let (id, output) = written.expect("written");
    net.output(at, output);
    net.run();
    id
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Publishes any revision, as somebody who does not ask what is due.
pub(crate) fn tell(net: &mut Net, at: usize, block: u64, revision: &Revision) -> Hash {
    let unit = net.sites[at].replica.authority().pins().unit().clone();
    let entity = format!("{:012}", revision.number.get());
    let bytes = revision.to_bytes();
    let author = net.sites[at].replica.author().key;
    let id = EventId::of(&author, "revision", &entity, &bytes);
    let document = format!("{unit}:64:live.{block:010}");
    put(net, at, &document, &[(&format!("!revision/{entity}/{id}"), Value::Bytes(bytes.into()))])
}

pub(crate) fn later(ms: Ms, more: u64) -> Ms {
    ms.plus(more)
}

/// A grid branch, by its number.
pub(crate) fn add_branch(net: &mut Net, at: usize, path: &str, number: &str) {
    let name = schema_documents::made("body", &[number]);
    let key = |field: &str| format!("body/{name}/{field}");
    let says = [
        (key("level"), text("网格党支部")),
        (key("number"), text(number)),
        (key("state"), text("正常")),
    ];
    let says: Vec<(&str, Value)> =
        says.iter().map(|(key, value)| (&**key, value.clone())).collect();
    put(net, at, &format!("{path}:151:one"), &says);
}
