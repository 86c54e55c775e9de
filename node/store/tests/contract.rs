//! One random script against the store on disk and the store in memory: equal answers.

use std::path::Path;

use node_replication::store::{Batch, MemStore, ReadStore, Table};
use node_store::{Settings, Store, StoreKey};
use proptest::prelude::*;

/// Two plain tables and two sealed ones.
const TABLES: [Table; 4] = [Table::Feed, Table::Meta, Table::UnitItems, Table::Keyring];

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<(Table, Vec<u8>, Option<Vec<u8>>)>),
    Read(Table, Vec<u8>),
    Range(Table, Vec<u8>, Vec<u8>, usize),
    Last(Table, Vec<u8>, Vec<u8>),
    Purge(Table),
    Reopen,
}

fn table() -> impl Strategy<Value = Table> {
    prop::sample::select(&TABLES)
}

/// Few and short keys, so that scripts hit, overwrite and border on each other.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&[0u8, 1, b'a', 0xff]), 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop::option::weighted(0.7, prop::collection::vec(any::<u8>(), 0..40));
    let batch = prop::collection::vec((table(), key(), value), 0..8);
    prop_oneof![
        8 => batch.prop_map(Step::Commit),
        4 => (table(), key()).prop_map(|(table, key)| Step::Read(table, key)),
        6 => (table(), key(), key(), prop_oneof![0usize..5, Just(usize::MAX)])
            .prop_map(|(table, from, to, limit)| Step::Range(table, from, to, limit)),
        4 => (table(), key(), key()).prop_map(|(table, from, to)| Step::Last(table, from, to)),
        1 => table().prop_map(Step::Purge),
        1 => Just(Step::Reopen),
    ]
}

fn settings() -> Settings {
    Settings { memory: None, ..Settings::default() }
}

fn open(dir: &Path) -> Store {
    Store::open(dir, &StoreKey::new([1; 32]), None, &settings()).expect("the folder is ours")
}

fn batch(writes: Vec<(Table, Vec<u8>, Option<Vec<u8>>)>) -> Batch {
    let mut batch = Batch::default();
    for (table, key, value) in writes {
        match value {
            Some(value) => batch.put(table, key, value),
            None => batch.delete(table, key),
        }
    }
    batch
}

fn run(script: Vec<Step>) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("store");
    let created = Store::create(&path, &StoreKey::new([1; 32]), &settings());
    let mut disk = created.expect("a new folder");
    let mut memory = MemStore::default();
    for step in script {
        match step {
            Step::Commit(writes) => {
                let batch = batch(writes);
                disk.commit(&batch).expect("the disk works");
                memory.apply(&batch);
            }
            Step::Read(table, key) => {
                prop_assert_eq!(disk.read(table, &key), memory.read(table, &key));
            }
            Step::Range(table, from, to, limit) => {
                let expected = memory.range(table, &from, &to, limit);
                prop_assert_eq!(disk.range(table, &from, &to, limit), expected);
            }
            Step::Last(table, from, to) => {
                prop_assert_eq!(disk.last(table, &from, &to), memory.last(table, &from, &to));
            }
            Step::Purge(table) => disk.purge(table).expect("the disk works"),
            Step::Reopen => {
                drop(disk);
                disk = open(&path);
            }
        }
    }
    for table in Table::ALL {
        let all = (&[][..], &[0xff; 8][..]);
        let expected = memory.range(table, all.0, all.1, usize::MAX);
        prop_assert_eq!(disk.range(table, all.0, all.1, usize::MAX), expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn disk_and_memory_answer_alike(script in prop::collection::vec(step(), 1..60)) {
        run(script)?;
    }
}

/// Everything a store says of the tables of a script.
fn everything(store: &impl ReadStore) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
    let of = |table| {
        let entries = store.range(table, &[], &[0xff; 8], usize::MAX).expect("readable");
        assert_eq!(store.last(table, &[], &[0xff; 8]), Ok(entries.last().cloned()));
        for (key, value) in &entries {
            assert_eq!(store.read(table, key).as_ref(), Ok(&Some(value.clone())));
        }
        entries.into_iter().map(move |(key, value)| (table, key, value))
    };
    TABLES.into_iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_says_what_was_committed_when_it_was_taken(
        before in prop::collection::vec((table(), key(), any::<u8>()), 0..40),
        after in prop::collection::vec((table(), key(), prop::option::of(any::<u8>())), 0..40),
    ) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("store");
        let disk = Store::create(&path, &StoreKey::new([1; 32]), &settings()).expect("new");
        let mut memory = MemStore::default();
        let first = batch(before.into_iter().map(|(t, k, v)| (t, k, Some(vec![v]))).collect());
        disk.commit(&first).expect("the disk works");
        memory.apply(&first);
        let (snapshot, expected) = (disk.snapshot(), everything(&memory));
        let second = batch(after.into_iter().map(|(t, k, v)| (t, k, v.map(|v| vec![v]))).collect());
        disk.commit(&second).expect("the disk works");
        memory.apply(&second);
        prop_assert_eq!(everything(&snapshot), expected);
        prop_assert_eq!(everything(&disk), everything(&memory));
        drop(snapshot);
        disk.purge(Table::Keyring).expect("nothing holds old values any more");
    }
}
