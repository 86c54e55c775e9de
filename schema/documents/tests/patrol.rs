//! The patrol slot: the conflicts K14 to K16 of `DOMAIN.md` 5.1 on nodes that were cut apart.

mod scene;

use std::collections::BTreeSet;

use scene::{Writer, Written, event, folded, text, verdicts};
use schema_documents::kinds::slot::{self, Outcome, Slot};
use schema_documents::{
    AnyRecord, Day, Declared, EventId, Fold, Kind, PersonId, Role, Said, Value, Verdict, Void,
    WithoutAccounts, allowed,
};

const KIND: &Kind = &Slot::KIND;
const ENTITY: (&Kind, &str) = (KIND, "n00000000000000000000000000000000");

fn person(number: u8) -> PersonId {
    PersonId([number; 16])
}

fn planned(persons: &[u8]) -> AnyRecord {
    let mut record = AnyRecord::new::<Slot>(ENTITY.1);
    for (number, who) in persons.iter().enumerate() {
        let value = Value::Person(person(*who));
        record.put(&format!("persons.{number}"), vec![Ok(Some(value))]);
    }
    record
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn swap(kind: &str, who: u8) -> schema_documents::Event {
    event(kind, &[], &[("person", text(&person(who).to_string()))])
}

fn run(kind: &str, walkers: &[u8], times: &[(&str, &str)]) -> schema_documents::Event {
    let mut body: Vec<(String, Said)> =
        times.iter().map(|(name, time)| ((*name).to_owned(), text(time))).collect();
    for (number, who) in walkers.iter().enumerate() {
        body.push((format!("walkers.{number}"), text(&person(*who).to_string())));
    }
    let body: Vec<(&str, Said)> = body.iter().map(|(n, said)| (&**n, said.clone())).collect();
    event(kind, &[], &body)
}

/// Both ways in which two cut nodes may come to hold all.
fn merged(left: &[Written], right: &[Written]) -> Fold {
    let fold = folded(KIND, left.iter().chain(right), &WithoutAccounts);
    assert_eq!(folded(KIND, right.iter().chain(left), &WithoutAccounts), fold);
    fold
}

fn on(record: &AnyRecord, fold: &Fold) -> BTreeSet<PersonId> {
    slot::on_duty(&record.of().expect("a slot"), Some(fold))
}

/// K14: two nodes that were cut apart fill one slot, each its first entry. Both persons are on it,
/// which is told, and both are credited.
#[test]
fn a_slot_filled_twice_holds_both() {
    let mut record = AnyRecord::new::<Slot>(ENTITY.1);
    let who = |number| Ok(Some(Value::Person(person(number))));
    record.put("persons.0", vec![who(1), who(2)]);
    record.put("persons.1", vec![who(2)]);
    let slot = record.of::<Slot>().expect("a slot");
    assert_eq!(slot::on_duty(&slot, None), BTreeSet::from([person(1), person(2)]));
    assert!(slot::is_overstaffed(&slot, None));
    let mut writer = Writer::new(1);
    let release = writer.put(&ENTITY, swap("release", 1));
    let fold = folded(KIND, [&release], &WithoutAccounts);
    assert!(!slot::is_overstaffed(&slot, Some(&fold)));
}

/// K15: X releases, Y accepts on one node, Z on another. One applies, by rule; the other is told.
#[test]
fn of_two_who_accept_a_slot_one_takes_it_and_the_other_is_told() {
    let record = planned(&[1]);
    let (mut home, mut other) = (Writer::new(1), Writer::new(2));
    let release = home.put(&ENTITY, swap("release", 1));
    other.hear(&home);
    let (second, third) =
        (home.put(&ENTITY, swap("accept", 2)), other.put(&ENTITY, swap("accept", 3)));
    let (winner, loser) = if second.id < third.id { (2, 3) } else { (3, 2) };
    let fold = merged(&[release, second.clone()], std::slice::from_ref(&third));
    assert_eq!(on(&record, &fold), BTreeSet::from([person(winner)]));
    let told = verdicts(&fold);
    let lost = if loser == 2 { second.id } else { third.id };
    let Verdict::Void(void @ Void::State { .. }) = told[&lost] else {
        panic!("{:?}", told[&lost]);
    };
    assert_eq!(void.sentence().zh, "未采纳：未让班，或已由他人接班，列为候补（现为已换班）");

    // Who accepts having seen that it was taken is told the same, whatever the ids.
    other.hear(&home);
    let late = other.put(&ENTITY, swap("accept", 4));
    let mut again = fold;
    again.add(late.id, late.event, late.place, &WithoutAccounts);
    assert_eq!(on(&record, &again), BTreeSet::from([person(winner)]));
}

/// K16: one slot recorded by two persons counts once; both get presence.
#[test]
fn a_slot_walked_twice_counts_once_and_credits_both() {
    let times = [("started", "08:00"), ("ended", "08:40")];
    let first = Writer::new(1).put(&ENTITY, run("record", &[1, 2], &times));
    let second = Writer::new(2).put(&ENTITY, run("record", &[3], &times));
    let fold = merged(&[first], &[second]);
    let today = day("2026-11-03");
    assert_eq!(slot::outcome(day("2026-11-02"), Some(&fold), today, today), Outcome::Done);
    assert_eq!(slot::present(&fold), BTreeSet::from([person(1), person(2), person(3)]));
    let counted = schema_documents::indicators(schema_documents::kinds::ALL)
        .find(|(_, own)| own.code == "PAT.RATE")
        .map(|(_, own)| own);
    let mut record = planned(&[]);
    let on = Value::Day(schema_documents::PartialDay::Day(day("2026-11-02")));
    record.put("day", vec![Ok(Some(on))]);
    let entity = schema_documents::Entity { record: Some(&record), fold: Some(&fold) };
    let knowledge = schema_documents::Knowledge {
        today,
        heard_until: today,
        opened: &|_, _| None,
        present: &|_| true,
    };
    let cell = schema_documents::compute(counted.expect("it"), [entity], &knowledge);
    assert_eq!((cell.value, cell.num, cell.den, cell.unknown), (1, 1, 1, 0));
}

#[test]
fn a_run_is_finished_by_what_names_its_beginning() {
    let mut writer = Writer::new(1);
    let start = writer.put(&ENTITY, run("start", &[1], &[("started", "08:00")]));
    let finish = |causes: &[EventId]| event("finish", causes, &[("ended", text("08:40"))]);
    let lost = writer.put(&ENTITY, finish(&[]));
    let end = writer.put(&ENTITY, finish(&[start.id]));
    let twice = writer.put(&ENTITY, event("finish", &[start.id], &[("ended", text("09:00"))]));
    let unfinished = folded(KIND, [&start, &lost], &WithoutAccounts);
    assert!(slot::present(&unfinished).is_empty());
    assert_eq!(verdicts(&unfinished)[&lost.id], Verdict::Void(Void::NoCourse));
    let may = allowed(&unfinished, &[Role::GridChief]);
    assert!(may.iter().any(|own| own.event.name == "finish" && own.begun_by == Some(start.id)));

    let fold = folded(KIND, [&twice, &end, &start], &WithoutAccounts);
    assert_eq!(slot::present(&fold), BTreeSet::from([person(1)]));
    assert!(matches!(verdicts(&fold)[&twice.id], Verdict::Void(Void::State { .. })));
    assert!(allowed(&fold, &[Role::GridChief]).iter().all(|own| own.event.name != "finish"));
    assert!(allowed(&fold, &[Role::RosterOfficer]).is_empty());
}

#[test]
fn silence_is_not_neglect() {
    let on = day("2026-11-02");
    let became = |today, heard| slot::outcome(on, None, day(today), day(heard));
    assert_eq!(became("2026-11-02", "2026-11-02"), Outcome::Pending);
    assert_eq!(became("2026-11-03", "2026-11-02"), Outcome::Unknown);
    assert_eq!(became("2026-11-09", "2026-11-03"), Outcome::Missed);
}

#[test]
fn a_finding_ends_once() {
    let mut writer = Writer::new(1);
    let body = [("subject", text(&"0a".repeat(16))), ("text", Said::Bytes(vec![1; 76]))];
    let note = writer.put(&ENTITY, event("note", &[], &body));
    let mut other = Writer::new(2);
    other.hear(&writer);
    let handle = writer.put(&ENTITY, event("handle", &[note.id], &[]));
    let case = [("case", text("01KJ000000000000000000000Z"))];
    let open = other.put(&ENTITY, event("open-case", &[note.id], &case));
    let fold = merged(&[note.clone(), handle.clone()], std::slice::from_ref(&open));
    assert_eq!(fold.applied("note").count(), 1);
    let first = handle.id.min(open.id);
    let told = verdicts(&fold);
    assert!(told[&first].applies() && !told[&handle.id.max(open.id)].applies());

    // A cause that its author cannot have seen is told as missing, and orders nothing.
    let early = Writer::new(3).put(&ENTITY, event("handle", &[note.id], &[]));
    let fold = folded(KIND, [&note, &early], &WithoutAccounts);
    let told = fold.told().iter().find(|told| told.event == early.id).expect("told");
    assert_eq!(told.missing, [note.id]);
}
