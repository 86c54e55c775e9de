//! How large an Automerge change is once it is unpacked, told from its bytes.
//!
//! The operations of a change are columns of runs: a few bytes may claim 2^62 rows, and Automerge
//! makes them all before anybody can count them. So they are counted here first. Where these bytes
//! are malformed Automerge may say so; what matters is that nothing passes that is too large.

/// Rows of a column, and operations that those of a change replace.
const ROWS_MAX: u64 = 80_000;

/// Magic, checksum and kind of a chunk.
const CHUNK_HEAD_BYTES: usize = 9;
const HASH_BYTES: u64 = 32;

/// Kinds of columns, in the low bits of their specification.
const GROUP: u64 = 0;
const DELTA: u64 = 3;
const BOOLEAN: u64 = 4;
const STRING: u64 = 5;
const VALUE: u64 = 7;

/// The rows of the longest column of a change: [`ROWS_MAX`] at most. `None` if one is longer, or
/// cannot be read.
pub(crate) fn measure(chunk: &[u8]) -> Option<u64> {
    let mut fields = Fields(chunk.get(CHUNK_HEAD_BYTES..)?);
    let _length = fields.unsigned()?;
    let dependencies = fields.unsigned()?;
    fields.take(dependencies.checked_mul(HASH_BYTES)?)?;
    let _actor = fields.prefixed()?;
    let (_seq, _start) = (fields.unsigned()?, fields.unsigned()?);
    let _time = fields.signed()?;
    let _message = fields.prefixed()?;
    for _ in 0..fields.unsigned()? {
        let _other_actor = fields.prefixed()?;
    }
    let mut columns = Vec::new();
    for _ in 0..fields.unsigned()? {
        columns.push((fields.unsigned()? & 7, fields.unsigned()?));
    }
    let mut longest = 0;
    for (kind, length) in columns {
        let column = Fields(fields.take(length)?);
        let rows = match kind {
            // These bytes are taken one value at a time, and cannot be more than they are.
            VALUE => 0,
            BOOLEAN => column.booleans()?,
            kind => column.runs(kind)?,
        };
        longest = longest.max(rows);
    }
    Some(longest)
}

/// Reads numbers and byte strings off a change, front to back.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = self.unsigned()?;
        self.take(length)
    }

    /// The bits of a LEB128 number, how many of them there are, and its last byte.
    fn bits(&mut self) -> Option<(u64, u32, u8)> {
        let mut bits = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            bits |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((bits, shift + 7, *byte));
            }
        }
        None
    }

    fn unsigned(&mut self) -> Option<u64> {
        self.bits().map(|(bits, ..)| bits)
    }

    fn signed(&mut self) -> Option<i64> {
        let (bits, count, last) = self.bits()?;
        let negative = last & 0x40 != 0 && count < u64::BITS;
        let extended = if negative { bits | u64::MAX << count } else { bits };
        Some(extended.cast_signed())
    }

    /// Runs of one value, of different values, and of none: how many rows, or operations grouped.
    fn runs(mut self, kind: u64) -> Option<u64> {
        let (mut rows, mut grouped) = (0u64, 0u64);
        while !self.0.is_empty() {
            let run = self.signed()?;
            let (count, values, each) = match run {
                0 => (self.unsigned()?, 0, 0),
                1.. => (run.unsigned_abs(), 1, run.unsigned_abs()),
                _ => (run.unsigned_abs(), run.unsigned_abs(), 1),
            };
            rows = rows.checked_add(count).filter(|rows| *rows <= ROWS_MAX)?;
            for _ in 0..values {
                let value = self.value(kind)?;
                if kind == GROUP {
                    grouped = grouped.checked_add(value.checked_mul(each)?)?;
                }
            }
        }
        (grouped <= ROWS_MAX).then_some(rows.max(grouped))
    }

    fn value(&mut self, kind: u64) -> Option<u64> {
        match kind {
            STRING => self.prefixed().map(|_| 0),
            DELTA => self.signed().map(|_| 0),
            _ => self.unsigned(),
        }
    }

    /// Runs of false and true in turn.
    fn booleans(mut self) -> Option<u64> {
        let mut rows = 0u64;
        while !self.0.is_empty() {
            rows = rows.checked_add(self.unsigned()?).filter(|rows| *rows <= ROWS_MAX)?;
        }
        Some(rows)
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{AutoCommit, ROOT};

    use super::measure;

    /// A change whose only column says `rows` times the same.
    fn change(specification: u8, column: &[u8]) -> Vec<u8> {
        let head = [0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0x7f];
        // No dependency, an actor of one byte, seq 1, start 1, time 0, no message, no actors.
        let fields = [0, 1, 7, 1, 1, 0, 0, 0, 1, specification, column.len() as u8];
        [&head[..], &fields, column].concat()
    }

    #[test]
    fn an_honest_change_keeps_within() {
        let mut document = AutoCommit::new();
        for number in 0..500i64 {
            document.put(ROOT, format!("key{}", number % 60), number).expect("a map");
        }
        document.commit();
        let change = document.get_last_local_change().expect("a change");
        assert_eq!(measure(change.raw_bytes()), Some(500));
    }

    #[test]
    fn runs_without_end_do_not() {
        let million = [0xc0, 0x84, 0x3d];
        let (action, group, insert) = (0x42, 0x70, 0x34);
        assert_eq!(measure(&change(action, &[5, 1])), Some(5));
        assert_eq!(measure(&change(action, &[&million[..], &[1]].concat())), None);
        assert_eq!(measure(&change(action, &[&[0][..], &million].concat())), None);
        assert_eq!(measure(&change(insert, &million)), None);
        assert_eq!(measure(&change(group, &[5, 1])), Some(5));
        assert_eq!(measure(&change(group, &[&[5][..], &million].concat())), None);
        assert_eq!(measure(&change(group, &[&[0x7f][..], &million].concat())), None);
    }
}
