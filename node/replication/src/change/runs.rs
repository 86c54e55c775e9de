//! Run lengths, in the one form that a sequence of values has.
//!
//! A column is measured as it is read: a run of a few bytes may claim 2^62 values, and stays one
//! [`Run`] until the claim was compared with the limit.

use super::fault::Malformed;
use super::leb::{Cursor, write_signed, write_unsigned};

/// A value, and how many times it stands in a row.
#[derive(Debug, Clone, Copy)]
struct Run<T> {
    times: u64,
    value: T,
}

/// A column that was measured.
#[derive(Debug)]
pub(super) struct Runs<T> {
    runs: Vec<Run<T>>,
    rows: u64,
}

impl<'a, T: Copy + PartialEq> Runs<T> {
    /// Reads a column of at most `rows_max` values.
    pub(super) fn read(
        column: &'a [u8],
        rows_max: u64,
        value: fn(&mut Cursor<'a>) -> Result<T, Malformed>,
    ) -> Result<Self, Malformed> {
        let mut cursor = Cursor(column);
        let mut read = Self { runs: Vec::new(), rows: 0 };
        let mut after_singles = false;
        while !cursor.is_empty() {
            let count = cursor.signed()?;
            let singles = count < 0;
            if count == 0 || count == 1 || (singles && after_singles) {
                return Err(Malformed::Runs);
            }
            after_singles = singles;
            let (values, times) =
                if singles { (count.unsigned_abs(), 1) } else { (1, count.unsigned_abs()) };
            for _ in 0..values {
                read.push(times, value(&mut cursor)?, rows_max)?;
            }
        }
        Ok(read)
    }

    fn push(&mut self, times: u64, value: T, rows_max: u64) -> Result<(), Malformed> {
        if self.runs.last().is_some_and(|last| last.value == value) {
            return Err(Malformed::Runs);
        }
        self.rows = self.rows.saturating_add(times);
        if self.rows > rows_max {
            return Err(Malformed::TooMuch);
        }
        self.runs.push(Run { times, value });
        Ok(())
    }

    /// How many values it stands for.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Its values one by one.
    pub(super) fn values(&self) -> impl Iterator<Item = T> {
        self.runs.iter().flat_map(|run| (0..run.times).map(|_| run.value))
    }
}

impl Runs<u64> {
    /// The sum of its values; `None` beyond 64 bits.
    pub(super) fn sum(&self) -> Option<u64> {
        let each = |run: &Run<u64>| run.times.checked_mul(run.value);
        self.runs.iter().map(each).try_fold(0u64, |sum, some| sum.checked_add(some?))
    }
}

/// The keys of a change, one for each operation, as they are kept beside it.
#[derive(Debug)]
pub struct KeyRuns<'a>(Runs<&'a str>);

impl<'a> KeyRuns<'a> {
    /// Reads the column of the keys.
    ///
    /// # Errors
    /// If it is not the one form of such a column.
    pub fn read(column: &'a [u8]) -> Result<Self, Malformed> {
        Runs::read(column, super::OPERATIONS_MAX, text).map(Self)
    }

    /// The key of every operation, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.0.values()
    }

    pub(super) fn rows(&self) -> u64 {
        self.0.rows()
    }
}

fn text<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Malformed> {
    let length = cursor.unsigned()?;
    std::str::from_utf8(cursor.take(length)?).map_err(|_| Malformed::Utf8)
}

/// The column of the keys.
pub(super) fn write_keys<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<u8> {
    write(keys, |out, key| {
        write_unsigned(out, key.len() as u64);
        out.extend_from_slice(key.as_bytes());
    })
}

/// The column of these values.
pub(super) fn write<T: PartialEq>(
    values: impl Iterator<Item = T>,
    encode: impl Fn(&mut Vec<u8>, &T),
) -> Vec<u8> {
    let mut runs: Vec<Run<T>> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some(run) if run.value == value => run.times += 1,
            _ => runs.push(Run { times: 1, value }),
        }
    }
    let mut out = Vec::new();
    for group in runs.chunk_by(|one, next| one.times == 1 && next.times == 1) {
        let single = group.iter().all(|run| run.times == 1);
        let count = if single { -signed(group.len() as u64) } else { signed(group[0].times) };
        write_signed(&mut out, count);
        group.iter().for_each(|run| encode(&mut out, &run.value));
    }
    out
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn column(values: &[u64]) -> Vec<u8> {
        write(values.iter(), |out, value| write_unsigned(out, **value))
    }

    proptest! {
        #[test]
        fn a_sequence_has_one_form(values in prop::collection::vec(0u64..3, 0..40)) {
            let column = column(&values);
            let runs = Runs::read(&column, 40, Cursor::unsigned).expect("what was written");
            prop_assert_eq!(runs.rows(), values.len() as u64);
            prop_assert!(runs.values().eq(values.iter().copied()));
        }

        #[test]
        fn what_is_read_is_what_would_be_written(bytes in prop::collection::vec(
            prop_oneof![0u8..6, 0x7au8..=0x7f], 0..12,
        )) {
            if let Ok(runs) = Runs::read(&bytes, 40, Cursor::unsigned) {
                prop_assert_eq!(column(&runs.values().collect::<Vec<_>>()), bytes);
            }
        }
    }

    #[test]
    fn a_claim_is_measured_before_it_is_unpacked() {
        let mut claim = Vec::new();
        write_signed(&mut claim, 1 << 62);
        claim.push(1);
        let read = Runs::read(&claim, 20_000, Cursor::unsigned);
        assert_eq!(read.err(), Some(Malformed::TooMuch));
    }
}
