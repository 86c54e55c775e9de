//! The logs of the database, read before the database reads them: do they end where a writer
//! stopped, or in damage?
//!
//! RocksDB cannot tell. To its point-in-time recovery a flipped bit is the end of the log, and
//! what was acknowledged behind it vanishes; its stricter modes take the torn end that a power cut
//! leaves for damage, or a damaged length for a torn end. This store syncs one write before it
//! begins the next: what a power cut may tear is the last record alone. A record that begins
//! behind a broken one proves that the broken one was synced.
//!
//! ```text
//! log      = blocks of 32 KiB, the last one shorter
//! block    = fragments, then fewer than 7 bytes of nothing
//! fragment = checksum (4) | length (2) | type (1) | payload
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const BLOCK_BYTES: usize = 32 * 1024;
const HEADER_BYTES: usize = 7;
/// What a batch begins with: the number of its first write (8), and how many there are (4).
const BATCH_HEAD_BYTES: usize = 12;
/// A manifest's name begins so.
const MANIFEST: &str = "MANIFEST-";
const CURRENT: &str = "CURRENT";

/// A file of the database is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is damaged at byte {at}", file.display())]
pub struct Damage {
    /// The file.
    pub file: PathBuf,
    /// From where on it cannot be read.
    pub at: usize,
}

/// How the logs of a database end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Logs {
    /// With whole records.
    Whole,
    /// With a record that is not whole, and nothing behind it.
    Torn(Damage),
}

/// Reads the manifest and every write-ahead log of a database that nobody has open.
pub(crate) fn check(dir: &Path) -> io::Result<Result<Logs, Damage>> {
    let Some(manifest) = manifest(dir)? else {
        return Ok(Err(Damage { file: dir.join(CURRENT), at: 0 }));
    };
    let mut files = vec![(manifest, Content::Edits)];
    files.extend(write_ahead(dir)?.into_iter().map(|file| (file, Content::Batches)));
    let mut logs = Logs::Whole;
    let mut torn: Option<Option<u64>> = None;
    for (file, content) in files {
        let log = Log::read(&fs::read(&file)?, content);
        // A recovery goes on in a new log, with the number that the torn one would have gone on
        // with.
        if content == Content::Batches && log.first.is_some() && torn.take() == Some(log.first) {
            logs = Logs::Whole;
        }
        match log.end {
            End::Whole => {}
            End::Torn(at) => {
                torn = (content == Content::Batches).then_some(log.next);
                logs = Logs::Torn(Damage { file, at });
            }
            End::Damaged(at) => return Ok(Err(Damage { file, at })),
        }
    }
    Ok(Ok(logs))
}

/// The manifest that is current, if the file that names it names one that is there.
fn manifest(dir: &Path) -> io::Result<Option<PathBuf>> {
    let named = fs::read(dir.join(CURRENT))?;
    let named = std::str::from_utf8(&named).ok().and_then(|named| named.strip_suffix('\n'));
    let named = named.filter(|named| named.strip_prefix(MANIFEST).is_some_and(is_number));
    Ok(named.map(|named| dir.join(named)).filter(|path| path.is_file()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Is this the name of a write-ahead log?
pub(crate) fn is_write_ahead(file: &Path) -> bool {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    file.extension().is_some_and(|extension| extension == "log") && is_number(stem)
}

/// The write-ahead logs, oldest first.
fn write_ahead(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if is_write_ahead(&path) {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            logs.push((stem.parse().unwrap_or(u64::MAX), path));
        }
    }
    logs.sort_unstable();
    Ok(logs.into_iter().map(|(_, path)| path).collect())
}

/// What the records of a log are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Of the database as a whole: files that came and went.
    Edits,
    /// Numbered writes, without a gap.
    Batches,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    Torn(usize),
    Damaged(usize),
}

/// What a log says of itself.
#[derive(Debug, PartialEq, Eq)]
struct Log {
    /// The number of the first write in it.
    first: Option<u64>,
    /// The number behind its last one.
    next: Option<u64>,
    end: End,
}

/// A record that has begun: where, and its first bytes.
struct Begun {
    at: usize,
    head: Vec<u8>,
}

impl Log {
    fn read(bytes: &[u8], content: Content) -> Self {
        let mut log = Self { first: None, next: None, end: End::Whole };
        let (mut at, mut begun) = (0, None::<Begun>);
        log.end = loop {
            at = skip_trailer(at);
            let Some(fragment) = Fragment::read(bytes, at) else {
                break ending(bytes, at, begun.map(|begun| begun.at));
            };
            let record = match (fragment.part, begun.take()) {
                (Part::Whole | Part::First, None) => Begun { at, head: Vec::new() },
                (Part::Middle | Part::Last, Some(begun)) => begun,
                (Part::Aside, None) => {
                    at = fragment.end;
                    continue;
                }
                _ => break End::Damaged(at),
            };
            let Begun { at: start, mut head } = record;
            let left = BATCH_HEAD_BYTES.saturating_sub(head.len());
            head.extend(fragment.payload.iter().take(left));
            at = fragment.end;
            if matches!(fragment.part, Part::First | Part::Middle) {
                begun = Some(Begun { at: start, head });
            } else if content == Content::Batches && !log.follows(&head) {
                break End::Damaged(start);
            }
        };
        log
    }

    /// Takes a batch in. Does it go on where the one before ended?
    fn follows(&mut self, head: &[u8]) -> bool {
        let Some((number, rest)) = head.split_first_chunk() else { return false };
        let Some(count) = rest.first_chunk() else { return false };
        let number = u64::from_le_bytes(*number);
        let follows = self.next.is_none_or(|next| next == number);
        self.first.get_or_insert(number);
        self.next = Some(number.saturating_add(u32::from_le_bytes(*count).into()));
        follows
    }
}

/// What it means that no fragment stands at `at`, inside a record that began at `begun` or not.
fn ending(bytes: &[u8], at: usize, begun: Option<usize>) -> End {
    let rest = bytes.get(at..).unwrap_or_default();
    // A writer sets room aside in zeros.
    if begun.is_none() && rest.iter().all(|byte| *byte == 0) {
        return End::Whole;
    }
    // Later fragments of the same record may have reached the disk before this one.
    let begins = |at| {
        Fragment::read(bytes, at)
            .is_some_and(|later| matches!(later.part, Part::Whole | Part::First))
    };
    match (at + 1..bytes.len()).any(begins) {
        true => End::Damaged(at),
        false => End::Torn(begun.unwrap_or(at)),
    }
}

fn skip_trailer(at: usize) -> usize {
    let left = BLOCK_BYTES - at % BLOCK_BYTES;
    if left < HEADER_BYTES { at + left } else { at }
}

/// Which part of a record a fragment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    First,
    Middle,
    Last,
    /// None: something about the log itself.
    Aside,
}

struct Fragment<'a> {
    part: Part,
    payload: &'a [u8],
    end: usize,
}

impl<'a> Fragment<'a> {
    /// The fragment at this place, if a whole one stands there.
    fn read(bytes: &'a [u8], at: usize) -> Option<Self> {
        let block_end = (at - at % BLOCK_BYTES + BLOCK_BYTES).min(bytes.len());
        let (header, rest) = bytes.get(at..block_end)?.split_first_chunk::<HEADER_BYTES>()?;
        let [c0, c1, c2, c3, l0, l1, kind] = *header;
        let part = match kind {
            1 => Part::Whole,
            2 => Part::First,
            3 => Part::Middle,
            4 => Part::Last,
            9 | 10 | 130 => Part::Aside,
            _ => return None,
        };
        let payload = rest.get(..usize::from(u16::from_le_bytes([l0, l1])))?;
        let sum = crc32c::crc32c_append(crc32c::crc32c(&[kind]), payload);
        let masked = sum.rotate_right(15).wrapping_add(0xa282_ead8);
        let end = at + HEADER_BYTES + payload.len();
        (u32::from_le_bytes([c0, c1, c2, c3]) == masked).then_some(Self { part, payload, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of batches, as RocksDB writes it.
    fn log(sizes: &[usize]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends, mut number) = (Vec::new(), Vec::new(), 7u64);
        for size in sizes {
            let mut record = number.to_le_bytes().to_vec();
            record.extend(1u32.to_le_bytes());
            record.resize(BATCH_HEAD_BYTES + size, 0x5a);
            number += 1;
            let mut rest = record.as_slice();
            loop {
                let left = BLOCK_BYTES - bytes.len() % BLOCK_BYTES;
                if left < HEADER_BYTES {
                    bytes.resize(bytes.len() + left, 0);
                    continue;
                }
                let (now, later) = rest.split_at(rest.len().min(left - HEADER_BYTES));
                let kind = match (rest.len() == record.len(), later.is_empty()) {
                    (true, true) => 1,
                    (true, false) => 2,
                    (false, false) => 3,
                    (false, true) => 4,
                };
                let sum = crc32c::crc32c_append(crc32c::crc32c(&[kind]), now);
                bytes.extend(sum.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes());
                bytes.extend(u16::try_from(now.len()).expect("a block").to_le_bytes());
                bytes.push(kind);
                bytes.extend(now);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn end(bytes: &[u8]) -> End {
        Log::read(bytes, Content::Batches).end
    }

    const SIZES: [usize; 6] = [100, 3, 40_000, 0, 70_000, 900];

    #[test]
    fn a_whole_log_is_whole_and_a_cut_one_torn_where_its_last_record_began() {
        let (bytes, ends) = log(&SIZES);
        let whole = Log::read(&bytes, Content::Batches);
        assert_eq!(whole, Log { first: Some(7), next: Some(13), end: End::Whole });
        assert_eq!(end(&[bytes.as_slice(), &[0; 5000]].concat()), End::Whole);
        for cut in (0..bytes.len()).step_by(97).chain(ends.clone()) {
            let before = ends.iter().rev().find(|end| **end <= cut).copied().unwrap_or(0);
            match end(&bytes[..cut]) {
                End::Whole => assert!(cut == before || cut - before < HEADER_BYTES, "cut {cut}"),
                End::Torn(at) => assert_eq!(skip_trailer(before), at, "cut {cut}"),
                End::Damaged(at) => panic!("cut {cut}: damage at {at}"),
            }
        }
    }

    #[test]
    fn a_flipped_bit_is_damage_unless_it_is_in_the_last_record() {
        let (bytes, ends) = log(&SIZES);
        let last = ends[ends.len() - 2];
        for at in (0..bytes.len()).step_by(61).chain(0..8).chain(last..bytes.len()) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            match end(&changed) {
                End::Damaged(_) => assert!(at < last, "byte {at}"),
                End::Torn(_) => assert!(at >= last, "byte {at} is not in the last record"),
                End::Whole => panic!("nobody noticed byte {at}"),
            }
        }
    }

    #[test]
    fn what_a_power_cut_loses_of_one_long_record_is_a_torn_end() {
        let (bytes, ends) = log(&[100, 100_000]);
        let mut torn = bytes;
        // Its middle never reached the disk, its end did.
        torn[40_000..44_096].fill(0);
        assert_eq!(end(&torn), End::Torn(ends[0]));
    }

    #[test]
    fn a_record_that_was_taken_out_is_missed() {
        let (bytes, ends) = log(&[10, 10, 10]);
        let without = [&bytes[..ends[0]], &bytes[ends[1]..]].concat();
        assert_eq!(end(&without), End::Damaged(ends[0]));
    }
}
