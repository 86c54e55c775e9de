//! Is this store what it was when it was last written to?
//!
//! A store that was set back (an older copy laid over it, a snapshot of the machine) looks as
//! whole as any. So each commit leaves a [`Stamp`] in the store, a random name of that state and
//! of the one before, and two notes outside of it say which stamp was the last:
//!
//! - the **witness**, in memory, after every commit. It lives as long as the machine runs. What it
//!   confirms is certain; one process at a time holds it, so that of two copies of a store that
//!   run beside each other one alone is certain.
//! - the **watermark**, on disk beside the store, synced about once a second. It tells that
//!   entries are missing. That none are it cannot tell: it may have been set back as well.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::sys::statfs::{TMPFS_MAGIC, fstatfs};
use nix::unistd::geteuid;

/// Where the system keeps files in memory.
pub const MEMORY: &str = "/dev/shm";
/// Names one run of the machine.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

const TOKEN_BYTES: usize = 16;
const NOTE_BYTES: usize = 16 + 8 + TOKEN_BYTES + 4;
/// A watermark has two slots and writes them in turn: a power cut spoils one of them at most.
const SLOT_BYTES: u64 = 4096;

/// A random name of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoreId(pub [u8; 16]);

impl std::fmt::Display for StoreId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// What a store knows of what happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// A witness saw its last write: it holds everything that it ever acknowledged.
    Certain,
    /// It may have acknowledged what it does not hold, or another copy of it may have.
    Uncertain(Uncertainty),
}

impl Past {
    /// What it is after commits were given up.
    pub(crate) const fn given_up(self) -> Self {
        match self {
            Self::Uncertain(Uncertainty::SetBack(_)) => self,
            _ => Self::Uncertain(Uncertainty::SetBack(1)),
        }
    }

    /// What it is if an earlier start found it uncertain, and no new life has begun since then.
    pub(crate) const fn unless_uncertain(self, earlier: Option<Uncertainty>) -> Self {
        match (self, earlier) {
            (Self::Certain | Self::Uncertain(Uncertainty::Unwitnessed), Some(uncertainty)) => {
                Self::Uncertain(uncertainty)
            }
            _ => self,
        }
    }
}

/// Why a store's past is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncertainty {
    /// Nobody saw its last write: the machine was started since then, or the store was brought
    /// here. As a rule nothing is missing.
    Unwitnessed,
    /// It is older than what was written: it was set back, or another copy was written to. So many
    /// commits are missing at least.
    SetBack(u64),
    /// Another process on this machine has a copy of it open.
    Copied,
}

impl Uncertainty {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Unwitnessed => vec![0],
            Self::Copied => vec![1],
            Self::SetBack(by) => [&[2], by.to_be_bytes().as_slice()].concat(),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        match bytes.split_first() {
            Some((1, _)) => Self::Copied,
            Some((2, by)) => Self::SetBack(by.try_into().map_or(1, u64::from_be_bytes)),
            _ => Self::Unwitnessed,
        }
    }
}

/// The name of a state: how many commits led to it, and a random token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) count: u64,
    pub(crate) token: [u8; TOKEN_BYTES],
    /// The token of the state before.
    pub(crate) before: [u8; TOKEN_BYTES],
}

impl Stamp {
    pub(crate) fn first() -> Result<Self, getrandom::Error> {
        Self { count: 0, token: [0; TOKEN_BYTES], before: [0; TOKEN_BYTES] }.next()
    }

    pub(crate) fn next(self) -> Result<Self, getrandom::Error> {
        let mut token = [0; TOKEN_BYTES];
        getrandom::fill(&mut token)?;
        Ok(Self { count: self.count + 1, token, before: self.token })
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [&self.count.to_be_bytes()[..], &self.token, &self.before].concat()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk()?;
        let (token, rest) = rest.split_first_chunk()?;
        let before = rest.try_into().ok()?;
        Some(Self { count: u64::from_be_bytes(*count), token: *token, before })
    }
}

/// What a note says: this store was last written to with this stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Note {
    store: StoreId,
    count: u64,
    token: [u8; TOKEN_BYTES],
}

impl Note {
    fn of(store: StoreId, stamp: Stamp) -> Self {
        Self { store, count: stamp.count, token: stamp.token }
    }

    fn to_bytes(self) -> [u8; NOTE_BYTES] {
        let mut bytes = [0; NOTE_BYTES];
        let (said, sum) = bytes.split_at_mut(NOTE_BYTES - 4);
        said[..16].copy_from_slice(&self.store.0);
        said[16..24].copy_from_slice(&self.count.to_be_bytes());
        said[24..].copy_from_slice(&self.token);
        sum.copy_from_slice(&crc32c::crc32c(said).to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; NOTE_BYTES]) -> Option<Self> {
        let (said, sum) = bytes.split_at(NOTE_BYTES - 4);
        let (store, rest) = said.split_first_chunk()?;
        let (count, token) = rest.split_first_chunk()?;
        let note = Self {
            store: StoreId(*store),
            count: u64::from_be_bytes(*count),
            token: token.try_into().ok()?,
        };
        (crc32c::crc32c(said).to_be_bytes() == sum).then_some(note)
    }

    fn read(file: &File, at: u64) -> Option<Self> {
        let mut bytes = [0; NOTE_BYTES];
        file.read_exact_at(&mut bytes, at).ok()?;
        Self::from_bytes(bytes)
    }
}

/// Judges a stamp by the two notes.
fn judge(stamp: Stamp, seen: Option<Note>, marked: Option<Note>) -> Past {
    // The last commit may have been made and not been noted any more: then it was told to nobody.
    let confirmed = seen.map(|seen| seen.token == stamp.token || seen.token == stamp.before);
    let behind = |note: Option<Note>| match note {
        Some(note) if note.count > stamp.count => note.count - stamp.count,
        Some(note) if note.count == stamp.count && note.token != stamp.token => 1,
        _ => 0,
    };
    match (confirmed, behind(marked)) {
        (Some(true), _) => Past::Certain,
        (Some(false), _) => Past::Uncertain(Uncertainty::SetBack(behind(seen).max(1))),
        (None, 0) => Past::Uncertain(Uncertainty::Unwitnessed),
        (None, behind) => Past::Uncertain(Uncertainty::SetBack(behind)),
    }
}

/// The note on disk. Whoever has it open has the store.
#[derive(Debug)]
pub(crate) struct Watermark {
    file: File,
    marked: Option<Note>,
    slot: u64,
}

impl Watermark {
    /// Opens the note of a store. Nothing, if another process has it.
    pub(crate) fn open(store: &Path) -> io::Result<Option<Self>> {
        let path = Self::path(store);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let notes = [0, SLOT_BYTES].map(|slot| (Note::read(&file, slot), slot));
        let newest = notes.into_iter().max_by_key(|(note, _)| note.map(|note| note.count));
        let (marked, slot) = newest.unwrap_or((None, 0));
        Ok(Some(Self { file, marked, slot }))
    }

    pub(crate) fn path(store: &Path) -> PathBuf {
        store.with_extension("watermark")
    }

    /// Judges a stamp by this note and by the one in memory, and takes neither.
    pub(crate) fn judge(&self, store: StoreId, stamp: Stamp, memory: Option<&Path>) -> Past {
        let witness = memory.and_then(|memory| Witness::open(memory, store).ok().flatten());
        judge(stamp, witness.and_then(|witness| witness.says(store)), self.says(store))
    }

    fn says(&self, store: StoreId) -> Option<Note> {
        self.marked.filter(|note| note.store == store)
    }

    /// Forgets what it says of another store that lay here before.
    fn adopt(&mut self, store: StoreId) {
        if self.marked.is_some() && self.says(store).is_none() {
            self.marked = None;
            // What stays is found again by the next start, and is of another store then as well.
            let _ = self.file.set_len(0);
        }
    }

    /// Makes a stamp durable as the last one. Also tells whether the disk takes writes at all.
    pub(crate) fn mark(&mut self, store: StoreId, stamp: Stamp) -> io::Result<()> {
        self.slot = SLOT_BYTES - self.slot;
        let note = Note::of(store, stamp);
        self.file.write_all_at(&note.to_bytes(), self.slot)?;
        self.file.sync_data()?;
        self.marked = Some(note);
        Ok(())
    }
}

/// The note in memory.
#[derive(Debug)]
pub(crate) struct Witness {
    file: File,
    path: PathBuf,
}

impl Witness {
    /// The witness of a store, held by this process alone. Nothing where the folder is not in
    /// memory, or the file is not ours; an error if another process holds it.
    fn open(memory: &Path, store: StoreId) -> Result<Option<Self>, Uncertainty> {
        let Ok(boot) = fs::read_to_string(BOOT) else { return Ok(None) };
        let path = memory.join(format!("gongzhi-{store}-{}", boot.trim()));
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&path);
        let Ok(file) = opened else { return Ok(None) };
        let in_memory = fstatfs(&file).is_ok_and(|held| held.filesystem_type() == TMPFS_MAGIC);
        // The folder is everybody's: another user may have laid a file there.
        let ours = file.metadata().is_ok_and(|held| {
            held.is_file() && held.uid() == geteuid().as_raw() && held.mode() & 0o077 == 0
        });
        if !in_memory || !ours {
            return Ok(None);
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path })),
            Err(_) => Err(Uncertainty::Copied),
        }
    }

    fn says(&self, store: StoreId) -> Option<Note> {
        Note::read(&self.file, 0).filter(|note| note.store == store)
    }

    fn note(&self, store: StoreId, stamp: Stamp) -> io::Result<()> {
        self.file.write_all_at(&Note::of(store, stamp).to_bytes(), 0)
    }
}

/// Both notes of a store that is open, and its last stamp.
#[derive(Debug)]
pub(crate) struct Trail {
    pub(crate) store: StoreId,
    stamp: Stamp,
    watermark: Watermark,
    witness: Option<Witness>,
}

impl Trail {
    /// Asks the notes of what a store says of itself, and follows it from now on.
    pub(crate) fn follow(
        store: StoreId,
        stamp: Stamp,
        mut watermark: Watermark,
        memory: Option<&Path>,
    ) -> (Self, Past) {
        let witness = memory.map_or(Ok(None), |memory| Witness::open(memory, store));
        watermark.adopt(store);
        let past = match &witness {
            Err(uncertainty) => Past::Uncertain(*uncertainty),
            Ok(witness) => {
                let seen = witness.as_ref().and_then(|witness| witness.says(store));
                judge(stamp, seen, watermark.says(store))
            }
        };
        (Self { store, stamp, watermark, witness: witness.unwrap_or_default() }, past)
    }

    /// A stamp for the next commit.
    pub(crate) fn next(&self) -> Result<Stamp, getrandom::Error> {
        self.stamp.next()
    }

    /// How many commits led to the store as it is.
    pub(crate) fn commits(&self) -> u64 {
        self.stamp.count
    }

    /// Notes a commit that is durable, before anybody is told of it.
    pub(crate) fn committed(&mut self, stamp: Stamp) {
        self.stamp = stamp;
        let noted = self.witness.as_ref().map(|witness| (witness.note(self.store, stamp), witness));
        if let Some((Err(error), witness)) = noted {
            // An old note would raise a false alarm; none costs the next start a new life.
            tracing::warn!(path = %witness.path.display(), %error, "the witness cannot be written");
            let _ = fs::remove_file(&witness.path);
            self.witness = None;
        }
    }

    /// Is the last commit on the watermark?
    pub(crate) fn is_marked(&self) -> bool {
        self.watermark.marked == Some(Note::of(self.store, self.stamp))
    }

    /// Puts the last commit on the watermark.
    pub(crate) fn mark(&mut self) -> io::Result<()> {
        self.watermark.mark(self.store, self.stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(count: u64, token: u8, before: u8) -> Stamp {
        Stamp { count, token: [token; TOKEN_BYTES], before: [before; TOKEN_BYTES] }
    }

    fn note(count: u64, token: u8) -> Option<Note> {
        Some(Note { store: StoreId([1; 16]), count, token: [token; TOKEN_BYTES] })
    }

    #[test]
    fn only_a_witness_makes_a_past_certain() {
        let now = stamp(9, 9, 8);
        assert_eq!(judge(now, note(9, 9), note(5, 5)), Past::Certain);
        assert_eq!(judge(now, note(8, 8), note(5, 5)), Past::Certain, "committed, told to nobody");
        assert_eq!(judge(now, None, note(9, 9)), Past::Uncertain(Uncertainty::Unwitnessed));
        assert_eq!(judge(now, None, None), Past::Uncertain(Uncertainty::Unwitnessed));
    }

    #[test]
    fn a_store_that_was_set_back_is_told_by_either_note() {
        let now = stamp(9, 9, 8);
        let set_back = |by| Past::Uncertain(Uncertainty::SetBack(by));
        assert_eq!(judge(now, note(12, 12), None), set_back(3));
        assert_eq!(judge(now, note(10, 10), note(9, 9)), set_back(1));
        assert_eq!(judge(now, note(9, 77), None), set_back(1), "another copy's ninth commit");
        assert_eq!(judge(now, note(7, 7), None), set_back(1), "another copy's seventh");
        assert_eq!(judge(now, None, note(12, 12)), set_back(3));
        assert_eq!(judge(now, None, note(9, 77)), set_back(1));
    }

    #[test]
    fn a_note_with_a_changed_byte_says_nothing() {
        let bytes = note(3, 4).expect("a note").to_bytes();
        assert_eq!(Note::from_bytes(bytes), note(3, 4));
        for at in 0..NOTE_BYTES {
            let mut changed = bytes;
            changed[at] ^= 1;
            assert_eq!(Note::from_bytes(changed), None, "byte {at}");
        }
    }

    #[test]
    fn a_watermark_of_which_one_slot_is_spoilt_tells_what_the_other_says() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = dir.path().join("store");
        let open = || Watermark::open(&store).expect("a file").expect("nobody else has it");
        let mut watermark = open();
        for count in 1..=3 {
            watermark.mark(StoreId([1; 16]), stamp(count, 1, 0)).expect("written");
        }
        assert!(Watermark::open(&store).expect("a file").is_none(), "one process has it");
        let newest = watermark.slot;
        drop(watermark);
        let count = |watermark: Watermark| watermark.marked.map(|note| note.count);
        assert_eq!(count(open()), Some(3));
        let file = OpenOptions::new().write(true).open(Watermark::path(&store)).expect("a file");
        file.write_all_at(&[0xff; 8], newest).expect("written");
        assert_eq!(count(open()), Some(2));
    }
}
