//! What surrounds the tables: the folder, its lock and key, sealing, erasure and backup.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use node_replication::store::{Batch, ReadStore, Table};
use node_store::{BatchId, Committer, FORMAT, OpenError, Outcome, Settings, Store, StoreKey};

const MARK: &[u8] = b"Zhang Wei 13800138000 Baicheng 7f3a9c51";

fn key(byte: u8) -> StoreKey {
    StoreKey::new([byte; 32])
}

/// No witness: these tests are about the disk.
fn settings() -> Settings {
    Settings { memory: None, ..Settings::default() }
}

fn open(dir: &Path) -> Store {
    Store::open(dir, &key(1), None, &settings()).expect("the store is ours")
}

fn create(dir: &Path) -> Store {
    Store::create(dir, &key(1), &settings()).expect("a new store")
}

/// A folder with the path of a store in it that is not there yet.
fn path() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("store");
    (dir, path)
}

fn refused(dir: &Path, by: u8) -> OpenError {
    Store::open(dir, &key(by), None, &settings()).expect_err("refused")
}

fn put(table: Table, key: &[u8], value: &[u8]) -> Batch {
    let mut batch = Batch::default();
    batch.put(table, key, value);
    batch
}

/// Whether any file in the folder holds the bytes in the clear.
fn on_disk(dir: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(dir).expect("the folder is there").any(|entry| {
        let content = fs::read(entry.expect("an entry").path()).expect("a file");
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let nested = dir.path().join("a").join("b");
    let store = create(&nested);
    for table in Table::ALL {
        store.commit(&put(table, b"k", table.name().as_bytes())).expect("the disk works");
    }
    drop(store);
    let store = open(&nested);
    for table in Table::ALL {
        assert_eq!(store.read(table, b"k"), Ok(Some(table.name().into())));
    }
}

#[test]
fn another_key_is_refused_and_harms_nothing() {
    let (_dir, path) = path();
    create(&path).commit(&put(Table::Keyring, b"k", MARK)).expect("the disk works");
    let refused = refused(&path, 2);
    assert!(matches!(refused, OpenError::WrongKey { .. }), "{refused}");
    assert_eq!(open(&path).read(Table::Keyring, b"k"), Ok(Some(MARK.to_vec())));
}

#[test]
fn a_folder_in_use_is_refused() {
    let (_dir, path) = path();
    let first = create(&path);
    let refused = refused(&path, 1);
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused:?}");
    assert!(refused.to_string().starts_with("data folder is in use"), "{refused}");
    drop(first);
    open(&path);
}

#[test]
fn a_foreign_database_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let foreign = rocksdb::DB::open_default(dir.path()).expect("a database");
    foreign.put(b"k", b"v").expect("the disk works");
    drop(foreign);
    let refused = refused(dir.path(), 1);
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
}

#[test]
fn a_newer_format_and_an_unknown_table_are_refused() {
    let (_dir, path) = path();
    drop(create(&path));
    let options = rocksdb::Options::default();
    let names = rocksdb::DB::list_cf(&options, &path).expect("the tables");
    let mut raw = rocksdb::DB::open_cf(&options, &path, names).expect("a database");
    raw.put(b"format", (FORMAT + 1).to_be_bytes()).expect("the disk works");
    drop(raw);
    let newer = refused(&path, 1);
    assert!(matches!(newer, OpenError::Format { found, .. } if found == FORMAT + 1), "{newer}");

    let names = rocksdb::DB::list_cf(&options, &path).expect("the tables");
    raw = rocksdb::DB::open_cf(&options, &path, names).expect("a database");
    raw.create_cf("harvest", &options).expect("the disk works");
    drop(raw);
    let refused = refused(&path, 1);
    assert!(matches!(refused, OpenError::UnknownTable { .. }), "{refused}");
}

#[test]
fn a_damaged_sealed_value_is_an_error_not_an_answer() {
    let (_dir, path) = path();
    create(&path).commit(&put(Table::Views, b"k", MARK)).expect("the disk works");
    let options = rocksdb::Options::default();
    let names = rocksdb::DB::list_cf(&options, &path).expect("the tables");
    let raw = rocksdb::DB::open_cf(&options, &path, names).expect("a database");
    let views = raw.cf_handle("views").expect("the table");
    let mut sealed = raw.get_cf(views, b"k").expect("the disk works").expect("the value");
    let last = sealed.last_mut().expect("not empty");
    *last ^= 1;
    raw.put_cf(views, b"k", sealed).expect("the disk works");
    drop(raw);

    let store = open(&path);
    assert!(store.read(Table::Views, b"k").is_err());
    assert!(store.range(Table::Views, b"", b"z", 9).is_err());
    assert!(store.last(Table::Views, b"", b"z").is_err());
}

#[test]
fn sealed_values_are_not_in_the_files() {
    let (_dir, path) = path();
    let store = create(&path);
    for table in Table::ALL.into_iter().filter(|table| table.sealed()) {
        store.commit(&put(table, b"k", MARK)).expect("the disk works");
    }
    assert!(!on_disk(&path, MARK), "in the log");
    store.purge(Table::Keyring).expect("the disk works");
    assert!(!on_disk(&path, MARK), "in a table file");

    // The search finds what is not sealed, so its silence above means something.
    store.commit(&put(Table::Documents, b"k", MARK)).expect("the disk works");
    assert!(on_disk(&path, MARK));
}

#[test]
fn a_purge_takes_deleted_and_overwritten_values_off_the_disk() {
    let (_dir, path) = path();
    let store = create(&path);
    store.commit(&put(Table::Documents, b"deleted", MARK)).expect("the disk works");
    store.purge(Table::Documents).expect("the disk works");
    assert!(on_disk(&path, MARK), "it is in a table file");

    let mut batch = Batch::default();
    batch.delete(Table::Documents, b"deleted");
    batch.put(Table::Documents, b"overwritten", MARK);
    batch.put(Table::Feed, b"kept", b"value");
    store.commit(&batch).expect("the disk works");
    store.commit(&put(Table::Documents, b"overwritten", b"new")).expect("the disk works");
    store.purge(Table::Documents).expect("the disk works");
    assert!(!on_disk(&path, MARK), "neither in a log nor in a table file");
    assert_eq!(store.read(Table::Documents, b"overwritten"), Ok(Some(b"new".to_vec())));
    assert_eq!(store.read(Table::Feed, b"kept"), Ok(Some(b"value".to_vec())));
}

#[test]
fn a_backup_under_load_is_one_consistent_state() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let settings = Settings { write_buffer_bytes: 1 << 20, ..settings() };
    let store = Store::create(dir.path().join("live"), &key(1), &settings).expect("a store");
    let store = Arc::new(store);
    let (done, committed) = mpsc::channel();
    let report = move |outcome| done.send(outcome).expect("the test listens");
    let committer = Committer::start(Arc::clone(&store), 64, report).expect("a thread");

    // Every batch writes the same number to tables that are flushed at different times.
    for number in 0..600u64 {
        let mut batch = Batch::default();
        batch.put(Table::Feed, number.to_be_bytes(), vec![0xaa; 4096]);
        batch.put(Table::UnitItems, number.to_be_bytes(), number.to_be_bytes());
        batch.put(Table::Meta, "end", number.to_be_bytes());
        committer.submit(BatchId(number), batch).expect("the disk works");
        if number % 200 == 100 {
            let copy = dir.path().join(format!("copy-{number}"));
            store.checkpoint(&copy).expect("a backup");
            assert!(store.checkpoint(&copy).is_err(), "an existing folder is left alone");
            let copy = open(&copy);
            let end = copy.read(Table::Meta, b"end").expect("readable").expect("some batches");
            for table in [Table::Feed, Table::UnitItems] {
                let last = copy.last(table, &[], &[0xff; 9]).expect("readable");
                assert_eq!(last.expect("some batches").0, end);
                let all = copy.range(table, &[], &[0xff; 9], usize::MAX).expect("readable");
                let end = u64::from_be_bytes(end.clone().try_into().expect("eight bytes"));
                assert_eq!(all.len() as u64, end + 1);
            }
        }
    }
    drop(committer);
    let in_order = (0..600).map(|number| Outcome::Committed(BatchId(number)));
    assert!(committed.try_iter().eq(in_order));
}
