use std::sync::mpsc::channel;

use node_api::{Edit, Letters, Quarantine, Records, Report};
use node_folder::Folder;
use node_store::Past;
use schema_wire::UnitId;

use super::*;
use crate::authority::{Root, begin};
use crate::engine::Engine;
use crate::{authority, keyfile, letters, quarantine, records, report, status};

fn begun(folder: &Folder) {
    keyfile::create(&folder.key(), None).expect("a key");
    let secrets = keyfile::open(&folder.key()).expect("a key");
    let city = UnitId::parse("220800").expect("a unit");
    let root = Root { city: &city, name: "白城", others: &[], threshold: 1 };
    let beginning = root.draft(&secrets).expect("drafted");
    begin(folder, &secrets, &beginning, || Ok(())).expect("begun");
}

fn started(folder: &Folder) -> (Engine, JoinHandle<()>) {
    let secrets = keyfile::open(&folder.key()).expect("a key");
    let membership = Membership::load(folder).expect("a member");
    Engine::start(folder, &secrets, membership, |_| {}).expect("started")
}

fn slot(area: &str) -> Edit {
    let fields = [("day", "2026-11-02"), ("half", "AM"), ("area", area)];
    let fields = fields.map(|(field, text)| (field.to_owned(), text.to_owned()));
    Edit { kind: "slot".to_owned(), record: None, fields: fields.into(), synthetic: false }
}

fn slots(engine: &Engine) -> usize {
    let asked = Records { kind: "slot".to_owned(), after: None };
    let shown = engine.queries.records.ask(move |query| records::list(query, &asked));
    shown.expect("listed").records.len()
}

/// What asks of the node itself, over what is known.
fn everything_else_is_answered(engine: &Engine) {
    let status = look(engine, |query| status::status(&query.view));
    assert_eq!((status.unit.as_str(), status.documents > 0), ("220800", true));
    let keys = look(engine, |query| authority::keys(&query.view));
    assert!(keys.is_operating && keys.is_root);
    let lineage = look(engine, |query| authority::lineage(&query.view));
    assert_eq!(lineage.operating_key, Some(keys.node));
    assert_eq!(look(engine, |query| authority::root(&query.view)), keys.root);
    let list = look(engine, |query| quarantine::list(&query.view, &Quarantine { all: true }));
    assert_eq!((list.invalid.len(), list.refused.len()), (0, 0));
    let documents = look(engine, |query| records::documents(&query.view.store));
    let document = documents.first().expect("a document").document.parse().expect("an id");
    let shown = look(engine, move |query| records::inspect(&mut query.view, &document));
    assert!(!shown.history.is_empty());
    let letters = look(engine, |query| letters::list(&mut query.view, &Letters::default()));
    assert!(letters.letters.is_empty());
    let contested = engine.queries.records.ask(records::contested).expect("counted");
    assert_eq!(contested.count, 0);
}

fn look<R: Send + 'static>(
    engine: &Engine,
    look: impl FnOnce(&mut Query<'_>) -> Result<R> + Send + 'static,
) -> R {
    engine.queries.node.ask(look).expect("answered")
}

/// A report says when it was counted, and that something is new since; asking counts nothing.
#[test]
fn a_report_tells_what_is_not_counted_yet() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(dir.path());
    begun(&folder);
    let (engine, thread) = started(&folder);
    let asked = || look(&engine, |query| report::read(query, &Report::default()));
    engine.call(|context| records::edit(context, &slot("a"))).expect("entered");
    engine.call(report::publish).expect("published");
    let first = asked();
    assert!(first.now.as_ref().is_some_and(|now| !now.is_behind && now.at_ms > 0));
    engine.call(|context| records::edit(context, &slot("b"))).expect("entered");
    let behind = asked();
    assert!(behind.now.as_ref().is_some_and(|now| now.is_behind));
    assert_eq!(behind.cells, first.cells);
    engine.call(report::publish).expect("published");
    let counted = asked();
    assert!(counted.now.as_ref().is_some_and(|now| !now.is_behind));
    assert_ne!(counted.cells, first.cells);
    engine.stop();
    thread.join().expect("no panic");
}

/// What was written apart is counted without anybody asking.
#[test]
fn what_is_to_be_chosen_is_counted_beside_the_engine() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(dir.path());
    begun(&folder);
    let (engine, thread) = started(&folder);
    let counted = || look(&engine, |query| status::status(&query.view)).contested;
    while counted().is_none() {
        std::thread::sleep(FOLLOW_MIN);
    }
    assert_eq!(counted().map(|count| count.records), Some(0));
    engine.stop();
    thread.join().expect("no panic");
}

/// Somebody writes, and does not end for as long as the query is not answered.
#[test]
fn a_query_waits_for_nobody_who_writes_and_sees_what_was_acknowledged() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(dir.path());
    begun(&folder);
    let (engine, thread) = started(&folder);
    assert_eq!(slots(&engine), 0);
    engine.call(|context| records::edit(context, &slot("a"))).expect("entered");
    let ((began, begins), (answered, answer)) = (channel(), channel());
    let writes = {
        let engine = engine.clone();
        std::thread::spawn(move || {
            engine.call(move |context| {
                records::edit(context, &slot("b"))?;
                began.send(())?;
                Ok(answer.recv()?)
            })
        })
    };
    begins.recv().expect("it writes");
    assert_eq!(slots(&engine), 1);
    everything_else_is_answered(&engine);
    answered.send(()).expect("it waits");
    writes.join().expect("no panic").expect("entered");
    assert_eq!(slots(&engine), 2);
    engine.stop();
    thread.join().expect("no panic");
    // Both threads let go of the store.
    let (engine, thread) = started(&folder);
    assert_eq!((slots(&engine), engine.past), (2, Past::Certain));
    engine.stop();
    thread.join().expect("no panic");
}
