//! The commit queue: bounded, in order, drained when dropped.

use std::sync::{Arc, mpsc};

use node_replication::store::{Batch, ReadStore, Table};
use node_store::{BatchId, Committer, Outcome, Settings, Store, StoreKey, SubmitError};

fn store(dir: &tempfile::TempDir) -> Arc<Store> {
    let (path, key) = (dir.path().join("store"), StoreKey::new([1; 32]));
    let settings = Settings { memory: None, ..Settings::default() };
    let store = match path.exists() {
        true => Store::open(path, &key, None, &settings),
        false => Store::create(path, &key, &settings),
    };
    Arc::new(store.expect("a store"))
}

fn numbered(number: u64) -> Batch {
    let mut batch = Batch::default();
    batch.put(Table::Feed, number.to_be_bytes(), "value");
    batch
}

#[test]
fn a_full_queue_gives_the_batch_back() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = store(&dir);
    let (release, released) = mpsc::channel::<()>();
    let (reporting, reported) = mpsc::channel();
    // The first report holds the thread until the test lets go, so the queue can fill.
    let report = move |outcome| {
        reporting.send(outcome).expect("the test listens");
        released.recv().ok();
    };
    let committer = Committer::start(Arc::clone(&store), 2, report).expect("a thread");
    committer.submit(BatchId(0), numbered(0)).expect("an empty queue");
    assert_eq!(reported.recv(), Ok(Outcome::Committed(BatchId(0))));

    committer.try_submit(BatchId(1), numbered(1)).expect("room for two");
    committer.try_submit(BatchId(2), Batch::default()).expect("room for two");
    match committer.try_submit(BatchId(3), numbered(3)) {
        Err(SubmitError::Full(batch)) => assert_eq!(batch, numbered(3)),
        other => panic!("a full queue took a batch: {other:?}"),
    }
    drop(release);
    drop(committer);

    // What was queued is committed when the committer is gone, the empty batch included.
    let outcomes: Vec<_> = reported.try_iter().collect();
    assert_eq!(outcomes, [1, 2].map(|number| Outcome::Committed(BatchId(number))));
    let stored = store.range(Table::Feed, &[], &[0xff; 9], 9).expect("readable");
    assert_eq!(stored.len(), 2);
}

#[test]
fn the_folder_is_free_when_committer_and_store_are_dropped() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for number in 0..3 {
        let committer = Committer::start(store(&dir), 8, |_| ()).expect("a thread");
        committer.submit(BatchId(number), numbered(number)).expect("the disk works");
    }
    let stored = store(&dir).range(Table::Feed, &[], &[0xff; 9], 9).expect("readable");
    assert_eq!(stored.len(), 3);
}
