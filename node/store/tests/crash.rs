//! A writing process is killed at random moments, and its disk runs full: what it acknowledged
//! is there, and no batch is there in part.
//!
//! The child is this test binary again, told by environment variables to run `writer` alone.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use node_replication::store::{Batch, ReadStore, Table};
use node_store::{
    BatchId, CommitError, Committer, MEMORY, Outcome, Past, Settings, Store, StoreKey, SubmitError,
};

const DIR: &str = "NODE_STORE_CRASH_DIR";
const KILLS: usize = 25;
/// Signal number of SIGKILL.
const KILLED: i32 = 9;

fn open(dir: &Path) -> Store {
    // Small buffers, so that kills also hit flushes and compactions.
    let settings = Settings {
        write_buffer_bytes: 512 << 10,
        memory: Some(memory(dir)),
        ..Settings::default()
    };
    let (path, key) = (dir.join("store"), StoreKey::new([3; 32]));
    let store = match path.exists() {
        true => Store::open(path, &key, None, &settings),
        false => Store::create(path, &key, &settings),
    };
    store.expect("the folder is ours")
}

/// A folder in memory for this test alone.
fn memory(dir: &Path) -> PathBuf {
    let name = dir.file_name().expect("a name").to_string_lossy().replace('.', "crash-");
    let memory = Path::new(MEMORY).join(name);
    std::fs::create_dir_all(&memory).expect("a folder in memory");
    memory
}

fn content(number: u64) -> Vec<u8> {
    let length = number.wrapping_mul(2_654_435_761) % 3000;
    number.to_be_bytes().into_iter().cycle().take(8 + length as usize).collect()
}

/// Batch `number` writes to a plain and a sealed table, moves the end, and removes what batch
/// `number - 3` left in a third table.
fn numbered(number: u64) -> Batch {
    let mut batch = Batch::default();
    batch.put(Table::Feed, number.to_be_bytes(), content(number));
    batch.put(Table::UnitItems, number.to_be_bytes(), content(number));
    batch.put(Table::Documents, number.to_be_bytes(), content(number));
    if let Some(old) = number.checked_sub(3) {
        batch.delete(Table::Documents, old.to_be_bytes());
    }
    batch.put(Table::Meta, "end", (number + 1).to_be_bytes());
    batch
}

fn end(store: &Store) -> u64 {
    let end = store.read(Table::Meta, b"end").expect("readable");
    end.map_or(0, |end| u64::from_be_bytes(end.try_into().expect("eight bytes")))
}

/// Checks that exactly the batches before `end` are there, each as a whole; returns `end`.
fn check(store: &Store) -> u64 {
    let end = end(store);
    for table in [Table::Feed, Table::UnitItems, Table::Documents] {
        let first = if table == Table::Documents { end.saturating_sub(3) } else { 0 };
        let stored = store.range(table, &[], &[0xff; 9], usize::MAX).expect("readable");
        assert_eq!(stored.len() as u64, end - first, "table {}", table.name());
        for (number, (key, value)) in (first..end).zip(stored) {
            assert_eq!(key, number.to_be_bytes(), "a hole in table {}", table.name());
            assert_eq!(value, content(number), "batch {number} in table {}", table.name());
        }
    }
    end
}

/// The child: commits numbered batches without end and prints what was acknowledged.
#[test]
fn writer() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = Arc::new(open(Path::new(&dir)));
    let first = end(&store);
    let (stop, stopped) = mpsc::channel();
    let report = move |outcome| match outcome {
        Outcome::Committed(BatchId(number)) => say(&format!("ack {number}")),
        Outcome::Failed { first, error } => {
            let fatal = matches!(error, CommitError::Failed(_));
            say(&format!("failed {} {fatal}", first.0));
            stop.send(()).expect("the writer listens");
        }
    };
    let committer = Committer::start(Arc::clone(&store), 16, report).expect("a thread");
    for number in first.. {
        if committer.submit(BatchId(number), numbered(number)).is_err() {
            break;
        }
    }
    stopped.recv().expect("a failure is reported before the queue closes");
    assert!(stopped.recv().is_err(), "a failure is reported once");
    let again = committer.submit(BatchId(0), numbered(0));
    assert!(matches!(again, Err(SubmitError::Stopped(_))));
    assert!(matches!(store.commit(&numbered(0)), Err(CommitError::Refused(_))));
    say("refusing");
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").and_then(|()| out.flush()).expect("the parent reads");
}

/// Starts the child, with a limit on file sizes in KiB if one is given.
fn start(dir: &Path, file_limit: Option<u32>) -> Child {
    let limit = file_limit.map_or_else(String::new, |kib| {
        // Ignoring the signal turns a write beyond the limit into an error, as a full disk does.
        format!("trap '' XFSZ; ulimit -f {};", kib * 2)
    });
    Command::new("sh")
        .arg("-c")
        .arg(format!("{limit} exec \"$0\" --exact writer --nocapture --test-threads=1"))
        .arg(std::env::current_exe().expect("this test"))
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child")
}

/// The number of the last acknowledged batch plus one, and the other lines.
fn acknowledged(child: &mut Child) -> (u64, Vec<String>) {
    let out = child.stdout.take().expect("piped");
    let mut next = 0;
    let mut others = Vec::new();
    for line in BufReader::new(out).lines() {
        let line = line.expect("text");
        match line.strip_prefix("ack ").and_then(|number| number.parse::<u64>().ok()) {
            Some(number) => next = number + 1,
            None => others.push(line),
        }
    }
    (next, others)
}

fn random_delay() -> Duration {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).expect("randomness");
    Duration::from_millis(u64::from(u16::from_be_bytes(bytes)) % 250)
}

#[test]
fn kills_lose_nothing_acknowledged_and_split_no_batch() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut before = 0;
    let mut with_acks = 0;
    for kill in 0..KILLS {
        let mut child = start(dir.path(), None);
        let delay = random_delay();
        std::thread::sleep(delay);
        child.kill().expect("it runs");
        let (acks, _) = acknowledged(&mut child);
        let status = child.wait().expect("a status");
        assert_eq!(status.signal(), Some(KILLED), "kill {kill} found the child ended: {status}");
        let store = open(dir.path());
        assert_eq!(store.past(), Past::Certain, "kill {kill} after {delay:?}");
        let there = check(&store);
        drop(store);
        assert!(there >= before.max(acks), "kill {kill} after {delay:?}: {there} of {acks}");
        with_acks += usize::from(acks > 0);
        before = there;
    }
    std::fs::remove_dir_all(memory(dir.path())).expect("the folder in memory");
    assert!(with_acks >= KILLS / 4, "only {with_acks} kills hit a writing child");
}

#[test]
fn a_full_disk_is_reported_once_and_ends_all_writing() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    // More than opening writes: the options of all tables take 171 KiB.
    for file_limit in [250, 500] {
        let before = check(&open(dir.path()));
        let mut child = start(dir.path(), Some(file_limit));
        let (acks, others) = acknowledged(&mut child);
        assert!(child.wait().expect("a status").success(), "{others:?}");
        let failed: Vec<_> = others.iter().filter(|line| line.starts_with("failed")).collect();
        let first = acks.max(before);
        assert_eq!(failed, [&format!("failed {first} true")], "{others:?}");
        assert!(others.iter().any(|line| line == "refusing"), "{others:?}");
        assert!(check(&open(dir.path())) >= first);
    }
    std::fs::remove_dir_all(memory(dir.path())).expect("the folder in memory");
}
