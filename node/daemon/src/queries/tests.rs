use std::sync::mpsc::channel;

use node_api::{Edit, Records};
use node_folder::Folder;
use node_store::Past;
use schema_wire::UnitId;

use super::*;
use crate::authority::{Root, begin};
use crate::engine::Engine;
use crate::{keyfile, records};

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
    let shown = engine.queries.ask(move |query| records::list(query, &asked));
    shown.expect("listed").records.len()
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
