//! The bytes of a message: ranges, each from the end of the one before up to its bound.

use schema_wire::SaltedId;

use super::Fault;

/// The first byte of every message: negentropy, version 1.
pub(super) const VERSION: u8 = 0x61;

/// 16 bytes that are equal if two ranges hold the same.
pub(super) type Fingerprint = [u8; 16];

/// Where a range ends: before this timestamp and the ids that begin with this prefix or come
/// later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    /// All items here have timestamp 0. A peer may say another.
    timestamp: u64,
    /// The prefix, followed by zeros.
    least: [u8; 32],
    /// How many bytes of it are the prefix.
    length: usize,
}

/// A timestamp that is never reached.
const NEVER: u64 = u64::MAX;

impl Bound {
    /// Behind every id.
    pub(super) const INFINITY: Self = Self { timestamp: NEVER, least: [0; 32], length: 0 };

    /// Before an id.
    pub(super) const fn before(id: &SaltedId) -> Self {
        Self { timestamp: 0, least: id.0, length: 32 }
    }

    /// The shortest bound with one id before it and the other, which is greater, behind it.
    pub(super) fn between(one: &SaltedId, other: &SaltedId) -> Self {
        let same = one.0.iter().zip(&other.0).take_while(|(a, b)| a == b).count();
        Self::prefix(0, &other.0[..other.0.len().min(same + 1)])
    }

    fn prefix(timestamp: u64, prefix: &[u8]) -> Self {
        let mut least = [0; 32];
        least[..prefix.len()].copy_from_slice(prefix);
        Self { timestamp, least, length: prefix.len() }
    }

    /// Does an id here, whose timestamp is 0, belong below it?
    pub(super) fn is_above(&self, id: &SaltedId) -> bool {
        self.timestamp > 0 || id.0 < self.least
    }
}

/// A range of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range<'a> {
    pub(super) bound: Bound,
    pub(super) body: Body<'a>,
}

/// What a message says of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// It is settled.
    Skip,
    /// What its sender holds in it has this fingerprint.
    Fingerprint(&'a Fingerprint),
    /// Its sender holds these in it.
    List(&'a [[u8; 32]]),
}

/// Reads a whole message.
pub(super) fn read(message: &[u8]) -> Result<Vec<Range<'_>>, Fault> {
    let Some((&VERSION, rest)) = message.split_first() else {
        return Err(Fault::Malformed("another version than 0x61"));
    };
    let (mut reader, mut ranges, mut timestamp) = (Reader(rest), Vec::new(), 0);
    while !reader.0.is_empty() {
        let bound = reader.bound(timestamp)?;
        timestamp = bound.timestamp;
        ranges.push(Range { bound, body: reader.body()? });
    }
    Ok(ranges)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Fault::Malformed("cut off"))?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A number of 64 bits at most, most significant digit first.
    fn varint(&mut self) -> Result<u64, Fault> {
        let mut number = 0u64;
        loop {
            let byte = self.bytes(1)?[0];
            if number == 0 && byte == 0x80 {
                return Err(Fault::Malformed("a number with leading zeros"));
            }
            if number >> 57 != 0 {
                return Err(Fault::Malformed("a number of more than 64 bits"));
            }
            number = number << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
    }

    /// A bound whose timestamp counts from the one before.
    fn bound(&mut self, before: u64) -> Result<Bound, Fault> {
        let timestamp = match self.varint()? {
            0 => NEVER,
            distance => before.saturating_add(distance - 1),
        };
        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        if length > 32 {
            return Err(Fault::Malformed("a prefix of more than 32 bytes"));
        }
        Ok(Bound::prefix(timestamp, self.bytes(length)?))
    }

    fn body(&mut self) -> Result<Body<'a>, Fault> {
        match self.varint()? {
            0 => Ok(Body::Skip),
            1 => {
                let bytes = self.bytes(16)?;
                Ok(Body::Fingerprint(bytes.try_into().map_err(|_| Fault::Malformed("cut off"))?))
            }
            2 => {
                let count = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                let bytes = self.bytes(count.saturating_mul(32))?;
                Ok(Body::List(bytes.as_chunks().0))
            }
            _ => Err(Fault::Malformed("a mode that is none")),
        }
    }
}

/// Writes a number, most significant digit first.
pub(super) fn write_varint(bytes: &mut Vec<u8>, number: u64) {
    let digits = (64 - number.leading_zeros()).div_ceil(7).max(1);
    for place in (0..digits).rev() {
        let digit = (number >> (7 * place)) as u8 & 0x7f;
        bytes.push(if place == 0 { digit } else { digit | 0x80 });
    }
}

/// A message that grows range by range, and can be taken back to what it was.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Of the bound that was written last.
    timestamp: u64,
}

/// What a message was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    length: usize,
    timestamp: u64,
}

impl Mark {
    /// How many bytes it had.
    pub(super) fn length(self) -> usize {
        self.length
    }
}

impl Writer {
    /// A message without ranges.
    pub(super) fn new() -> Self {
        Self { bytes: vec![VERSION], timestamp: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { length: self.bytes.len(), timestamp: self.timestamp }
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        self.bytes.truncate(mark.length);
        self.timestamp = mark.timestamp;
    }

    pub(super) fn skip(&mut self, bound: &Bound) {
        self.bound(bound);
        self.bytes.push(0);
    }

    pub(super) fn fingerprint(&mut self, bound: &Bound, fingerprint: &Fingerprint) {
        self.bound(bound);
        self.bytes.push(1);
        self.bytes.extend_from_slice(fingerprint);
    }

    pub(super) fn list<'a>(
        &mut self,
        bound: &Bound,
        ids: impl ExactSizeIterator<Item = &'a SaltedId>,
    ) {
        self.bound(bound);
        self.bytes.push(2);
        write_varint(&mut self.bytes, ids.len() as u64);
        ids.for_each(|id| self.bytes.extend_from_slice(&id.0));
    }

    fn bound(&mut self, bound: &Bound) {
        // Timestamps never run back: a reader adds their distances up.
        let distance = match bound.timestamp {
            NEVER => 0,
            timestamp => 1 + timestamp.saturating_sub(self.timestamp),
        };
        self.timestamp = bound.timestamp;
        write_varint(&mut self.bytes, distance);
        write_varint(&mut self.bytes, bound.length as u64);
        self.bytes.extend_from_slice(&bound.least[..bound.length]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(number in any::<u64>(), shift in 0..64u32) {
            let mut bytes = Vec::new();
            write_varint(&mut bytes, number >> shift);
            let mut reader = Reader(&bytes);
            prop_assert_eq!(reader.varint(), Ok(number >> shift));
            prop_assert!(reader.0.is_empty());
        }

        /// Panics are what this looks for; what is read is what is written.
        #[test]
        fn any_bytes_are_a_message_or_malformed(
            bytes in prop::collection::vec(prop_oneof![0..4u8, any::<u8>()], 0..120),
        ) {
            let message = [&[VERSION], &bytes[..]].concat();
            let Ok(ranges) = read(&message) else { return Ok(()) };
            let mut writer = Writer::new();
            for Range { bound, body } in &ranges {
                match body {
                    Body::Skip => writer.skip(bound),
                    Body::Fingerprint(fingerprint) => writer.fingerprint(bound, fingerprint),
                    Body::List(ids) => {
                        let ids: Vec<SaltedId> = ids.iter().copied().map(SaltedId).collect();
                        writer.list(bound, ids.iter());
                    }
                }
            }
            let bytes = writer.into_bytes();
            prop_assert_eq!(read(&bytes), Ok(ranges));
        }
    }

    #[test]
    fn a_bound_between_two_ids_is_the_shortest_that_parts_them() {
        let (mut one, mut other) = ([7; 32], [7; 32]);
        (one[3], other[3]) = (1, 2);
        let (one, other) = (SaltedId(one), SaltedId(other));
        let bound = Bound::between(&one, &other);
        assert_eq!(bound.length, 4);
        assert!(bound.is_above(&one) && !bound.is_above(&other));
        assert!(Bound::INFINITY.is_above(&SaltedId([0xff; 32])));
        assert!(!Bound::before(&one).is_above(&one));
    }
}
