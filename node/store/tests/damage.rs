//! Files of a store are changed, cut, taken away, set back: it is told, in one way or another,
//! before anything that was acknowledged is missing without a word.

use std::fs;
use std::path::{Path, PathBuf};

use node_replication::store::{Batch, ReadStore, Table};
use node_store::{MEMORY, OpenError, Past, Settings, Store, StoreKey, Uncertainty, scrub};

/// Commits of each store that is damaged here.
const COMMITS: u64 = 240;

fn key() -> StoreKey {
    StoreKey::new([5; 32])
}

/// A store on disk, and a folder in memory of its own.
struct Scratch {
    dir: tempfile::TempDir,
    memory: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let memory = tempfile::tempdir_in(MEMORY).expect("a folder in memory");
        Self { dir, memory }
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    /// Small buffers, so that there are table files and logs.
    fn settings(&self) -> Settings {
        let memory = Some(self.memory.path().to_path_buf());
        Settings { write_buffer_bytes: 1 << 20, memory, ..Settings::default() }
    }

    /// Files in memory do not survive a start of the machine.
    fn reboot(&self) {
        for entry in fs::read_dir(self.memory.path()).expect("a folder") {
            fs::remove_file(entry.expect("an entry").path()).expect("removed");
        }
    }

    fn create(&self) -> Store {
        Store::create(self.store(), &key(), &self.settings()).expect("a new store")
    }

    fn open(&self) -> Result<Store, OpenError> {
        Store::open(self.store(), &key(), None, &self.settings())
    }

    /// A store of so many commits, closed; as it was left when it was last open.
    fn filled(commits: u64) -> Self {
        let scratch = Self::new();
        fill(&scratch.create(), 0..commits);
        scratch
    }

    /// What lies in the store, by name.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.store()).expect("a folder");
        let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }

    /// The newest file whose name ends or begins so.
    fn newest(&self, pattern: &str) -> PathBuf {
        let named = |path: &PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            name.ends_with(pattern) || name.starts_with(pattern)
        };
        self.files().into_iter().rfind(named).expect("such a file")
    }

    /// The same files in another scratch, with the witness as it is now.
    fn twin(&self) -> Self {
        let twin = Self::new();
        copy(self.dir.path(), twin.dir.path());
        copy(self.memory.path(), twin.memory.path());
        twin
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let from = entry.expect("an entry").path();
        let to = to.join(from.file_name().expect("a name"));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("copied");
        }
    }
}

fn value(number: u64) -> Vec<u8> {
    // Bytes that do not compress, some hundred to some thousand of them.
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    };
    std::iter::repeat_with(next).flatten().take(500 + (number % 7 * 900) as usize).collect()
}

fn fill(store: &Store, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let mut batch = Batch::default();
        batch.put(Table::Feed, number.to_be_bytes(), value(number));
        batch.put(Table::UnitItems, number.to_be_bytes(), value(number));
        store.commit(&batch).expect("the disk works");
    }
}

/// What became of a store that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was not opened.
    Refused,
    /// It opened, and says that commits are missing or may be.
    Told,
    /// It opened, and a read fails.
    Unreadable,
    /// All commits are there.
    Whole,
}

/// Opens a store and reads all of it. What is missing without a word fails the test.
fn examine(scratch: &Scratch, commits: u64, what: &str) -> Outcome {
    let store = match scratch.open() {
        Ok(store) => store,
        Err(error) => {
            assert!(!matches!(error, OpenError::InUse { .. }), "{what}: {error}");
            return Outcome::Refused;
        }
    };
    let told = store.past() != Past::Certain;
    let mut held = Vec::new();
    for table in [Table::Feed, Table::UnitItems] {
        match store.range(table, &[], &[0xff; 9], usize::MAX) {
            Err(_) => return Outcome::Unreadable,
            Ok(entries) => {
                for (number, (key, stored)) in (0..).zip(&entries) {
                    assert_eq!(*key, u64::to_be_bytes(number), "{what}: a hole");
                    assert_eq!(*stored, value(number), "{what}: another value");
                }
                held.push(entries.len() as u64);
            }
        }
    }
    assert_eq!(held[0], held[1], "{what}: half a commit");
    match (held[0] == commits, told) {
        (true, false) => Outcome::Whole,
        (_, true) => Outcome::Told,
        (false, false) => panic!("{what}: {} of {commits} commits, and nobody says so", held[0]),
    }
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).expect("a file");
    bytes[at] ^= 1 << (at % 8);
    fs::write(file, bytes).expect("written");
}

fn cut(file: &Path, length: usize) {
    let file = fs::OpenOptions::new().write(true).open(file).expect("a file");
    file.set_len(length as u64).expect("cut");
}

fn tally(outcomes: &[Outcome]) -> String {
    let count = |outcome| outcomes.iter().filter(|found| **found == outcome).count();
    let [refused, told, unreadable, whole] =
        [Outcome::Refused, Outcome::Told, Outcome::Unreadable, Outcome::Whole].map(count);
    format!("{refused} refused, {told} told, {unreadable} unreadable, {whole} whole")
}

#[test]
fn a_bit_flipped_anywhere_in_the_log_is_refused() {
    let scratch = Scratch::filled(COMMITS);
    let log = scratch.newest(".log");
    let length = fs::metadata(&log).expect("a file").len() as usize;
    for after_a_reboot in [false, true] {
        let mut outcomes = Vec::new();
        for at in (0..length).step_by(length / 40).chain([3, 4, 5, 6, length - 1, length - 900]) {
            let twin = scratch.twin();
            if after_a_reboot {
                twin.reboot();
            }
            flip(&twin.newest(".log"), at);
            let outcome = examine(&twin, COMMITS, &format!("byte {at} of the log"));
            assert_eq!(outcome, Outcome::Refused, "byte {at} of {length}");
            outcomes.push(outcome);
        }
        println!("log of {length} bytes, after a reboot {after_a_reboot}: {}", tally(&outcomes));
    }
}

#[test]
fn a_log_that_lost_its_end_is_refused_or_told_unless_nothing_acknowledged_was_in_it() {
    let scratch = Scratch::filled(COMMITS);
    let length = fs::metadata(scratch.newest(".log")).expect("a file").len() as usize;
    for after_a_reboot in [false, true] {
        let mut outcomes = Vec::new();
        for left in (0..length).step_by(length / 40).chain([length - 1, length - 60]) {
            let twin = scratch.twin();
            if after_a_reboot {
                twin.reboot();
            }
            cut(&twin.newest(".log"), left);
            outcomes.push(examine(&twin, COMMITS, &format!("a log cut to {left}")));
        }
        assert!(!outcomes.contains(&Outcome::Whole), "{}", tally(&outcomes));
        println!("log cut, after a reboot {after_a_reboot}: {}", tally(&outcomes));
    }
}

/// A power cut tears a write that nobody was told of: the store opens with what was told.
#[test]
fn a_torn_write_that_was_not_acknowledged_is_no_damage() {
    for after_a_reboot in [false, true] {
        let scratch = Scratch::new();
        let store = scratch.create();
        fill(&store, 0..COMMITS);
        store.settle().expect("the disk works");
        // The state at which the power goes: copied while the store is open.
        let twin = scratch.twin();
        drop(store);
        if after_a_reboot {
            twin.reboot();
        }
        let log = twin.newest(".log");
        let whole = fs::read(&log).expect("a file");
        for torn in [1, 6, 7, 30, 600] {
            let twin = twin.twin();
            // A batch as it was, with its end missing, is a batch that never was.
            let mut bytes = whole.clone();
            let begun: Vec<u8> = [&[9, 9, 9, 9, 0xff, 1, 1][..], &[0x5a; 600]].concat();
            bytes.extend(&begun[..torn]);
            fs::write(twin.newest(".log"), bytes).expect("written");
            let scrubbed = scrub(&twin.store(), &key(), true).expect("it opens");
            assert_eq!(scrubbed.log, None, "torn after {torn}");
            let store = twin.open().expect("a torn end is legitimate");
            let expected = match after_a_reboot {
                false => Past::Certain,
                true => Past::Uncertain(Uncertainty::Unwitnessed),
            };
            assert_eq!(store.past(), expected, "torn after {torn}");
            let held = store.range(Table::Feed, &[], &[0xff; 9], usize::MAX).expect("readable");
            assert_eq!(held.len() as u64, COMMITS);
        }
    }
}

#[test]
fn a_bit_flipped_in_any_other_file_is_refused_found_or_harmless() {
    let scratch = Scratch::filled(COMMITS);
    for pattern in [".sst", "MANIFEST", "CURRENT", "OPTIONS", "IDENTITY"] {
        let length = fs::metadata(scratch.newest(pattern)).expect("a file").len() as usize;
        let mut outcomes = Vec::new();
        for at in (0..length).step_by((length / 30).max(1)) {
            let twin = scratch.twin();
            flip(&twin.newest(pattern), at);
            outcomes.push(examine(&twin, COMMITS, &format!("byte {at} of {pattern}")));
        }
        println!("{pattern} of {length} bytes: {}", tally(&outcomes));
        // A flipped length of its last record looks like a torn end, which is dropped; nothing
        // rests on it where all entries are there, as `examine` saw.
        let whole = outcomes.iter().filter(|found| **found == Outcome::Whole).count();
        let most = usize::from(pattern == "MANIFEST");
        if matches!(pattern, "MANIFEST" | "CURRENT") {
            assert!(whole <= most, "{pattern}: {}", tally(&outcomes));
        }
    }
}

/// There are bits of a manifest that let the database read for ever.
#[test]
fn a_manifest_with_any_byte_flipped_keeps_nobody_waiting() {
    let scratch = Scratch::filled(COMMITS);
    let length = fs::metadata(scratch.newest("MANIFEST")).expect("a file").len() as usize;
    for at in 0..length {
        let twin = scratch.twin();
        flip(&twin.newest("MANIFEST"), at);
        // It is refused, or a torn end behind which nothing is lost.
        let outcome = examine(&twin, COMMITS, &format!("byte {at}"));
        assert!(matches!(outcome, Outcome::Refused | Outcome::Whole), "byte {at}: {outcome:?}");
    }
}

#[test]
fn a_store_of_which_a_file_is_missing_or_cut_is_refused_and_stays_as_it_is() {
    let scratch = Scratch::filled(COMMITS);
    for pattern in [".sst", ".log", "MANIFEST", "CURRENT"] {
        for left in [None, Some(0), Some(7)] {
            let twin = scratch.twin();
            let file = twin.newest(pattern);
            match left {
                None => fs::remove_file(&file).expect("removed"),
                Some(left) => cut(&file, left),
            }
            let tables = |scratch: &Scratch| {
                let files = scratch.files();
                files.iter().filter(|file| file.extension().is_some_and(|e| e == "sst")).count()
            };
            let before = tables(&twin);
            for attempt in 0..3 {
                let what = format!("{pattern} left with {left:?}, start {attempt}");
                let outcome = examine(&twin, COMMITS, &what);
                // A log that is gone as a whole is a store set back: it is told, and goes on.
                let log = pattern == ".log";
                let fine = outcome == Outcome::Refused || log && outcome == Outcome::Told;
                assert!(fine || attempt > 0 && log, "{what}: {outcome:?}");
            }
            assert!(tables(&twin) >= before, "{pattern}: table files were deleted");
        }
    }
}

#[test]
fn nothing_is_created_where_a_store_should_be() {
    let scratch = Scratch::new();
    assert!(matches!(scratch.open(), Err(OpenError::Missing { .. })));
    fs::create_dir(scratch.store()).expect("a folder");
    assert!(matches!(scratch.open(), Err(OpenError::Missing { .. })));
    fs::write(scratch.store().join("000012.sst"), "remains").expect("written");
    assert!(matches!(scratch.open(), Err(OpenError::Partial { .. })));
    let created = Store::create(scratch.store(), &key(), &scratch.settings());
    assert!(matches!(created, Err(OpenError::Exists { .. })));
    assert_eq!(scratch.files().len(), 1, "{:?}", scratch.files());
}

#[test]
fn another_store_of_the_same_key_is_refused() {
    let (mine, other) = (Scratch::filled(3), Scratch::filled(3));
    let id = mine.open().expect("mine").id();
    let swapped = Store::open(other.store(), &key(), Some(id), &other.settings());
    assert!(matches!(swapped, Err(OpenError::OtherStore { .. })), "{swapped:?}");
    Store::open(mine.store(), &key(), Some(id), &mine.settings()).expect("mine");
}

#[test]
fn an_older_copy_laid_over_the_store_is_told() {
    let scratch = Scratch::filled(20);
    let older = scratch.twin();
    let store = scratch.open().expect("ours");
    assert_eq!(store.past(), Past::Certain);
    fill(&store, 20..40);
    drop(store);
    fs::remove_dir_all(scratch.store()).expect("removed");
    copy(&older.store(), &scratch.store());
    // Each opening is a commit of its own.
    let behind = Past::Uncertain(Uncertainty::SetBack(21));
    for rebooted in [false, true] {
        let twin = scratch.twin();
        if rebooted {
            twin.reboot();
        }
        assert_eq!(twin.open().expect("an older state").past(), behind, "rebooted: {rebooted}");
        // Whoever dies before a new life has begun knows it at the next start.
        let store = twin.open().expect("ours");
        assert_eq!(store.past(), behind);
        store.begin_life(&Batch::default()).expect("the disk works");
        drop(store);
        assert_eq!(twin.open().expect("ours").past(), Past::Certain);
    }
}

/// The whole machine is set back, notes and all: nobody can tell, and nobody claims to know.
#[test]
fn a_past_is_never_certain_after_a_start_of_the_machine() {
    let scratch = Scratch::filled(20);
    let snapshot = scratch.twin();
    fill(&scratch.open().expect("ours"), 20..40);
    snapshot.reboot();
    let store = snapshot.open().expect("the snapshot");
    assert_eq!(store.past(), Past::Uncertain(Uncertainty::Unwitnessed));
}

#[test]
fn of_two_copies_that_run_beside_each_other_one_is_certain() {
    let scratch = Scratch::filled(5);
    let copied = tempfile::tempdir().expect("a folder");
    copy(scratch.dir.path(), copied.path());
    let open = || Store::open(copied.path().join("store"), &key(), None, &scratch.settings());
    let first = scratch.open().expect("ours");
    assert_eq!(first.past(), Past::Certain);
    let second = open().expect("a copy");
    assert_eq!(second.past(), Past::Uncertain(Uncertainty::Copied));
    second.begin_life(&Batch::default()).expect("the disk works");
    drop((first, second));
    // Nobody saw what the copy wrote.
    assert!(matches!(open().expect("a copy").past(), Past::Uncertain(Uncertainty::SetBack(_))));
}

#[test]
fn what_is_salvaged_is_a_prefix_and_its_past_is_uncertain() {
    let scratch = Scratch::filled(COMMITS);
    let log = scratch.newest(".log");
    let middle = fs::metadata(&log).expect("a file").len() as usize / 2;
    flip(&log, middle);
    assert_eq!(examine(&scratch, COMMITS, "flipped"), Outcome::Refused);
    let scrubbed = scrub(&scratch.store(), &key(), true).expect("it looks");
    assert!(scrubbed.log.is_some());
    let store =
        Store::salvage(scratch.store(), &key(), None, &scratch.settings()).expect("salvaged");
    assert!(matches!(store.past(), Past::Uncertain(Uncertainty::SetBack(_))), "{:?}", store.past());
    let held = store.range(Table::Feed, &[], &[0xff; 9], usize::MAX).expect("readable");
    assert!(!held.is_empty() && (held.len() as u64) < COMMITS, "{} held", held.len());
    for (number, (key, _)) in (0u64..).zip(&held) {
        assert_eq!(*key, number.to_be_bytes());
    }
    store.begin_life(&Batch::default()).expect("the disk works");
    drop(store);
    assert_eq!(scratch.open().expect("salvaged").past(), Past::Certain);
}
