//! LEB128 numbers in their shortest form, and a cursor that reads them.

use super::fault::Malformed;

/// The most bytes of a number of 64 bits.
const BYTES_MAX: u32 = 10;

/// Reads a change front to back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed::CutOff)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed::CutOff)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn expect(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.0 = self.0.strip_prefix(bytes).ok_or(Malformed::Form)?;
        Ok(())
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let (bits, groups, last) = self.groups()?;
        if groups > 1 && last == 0 {
            return Err(Malformed::Number);
        }
        u64::try_from(bits).map_err(|_| Malformed::Number)
    }

    pub(super) fn signed(&mut self) -> Result<i64, Malformed> {
        let (bits, groups, last) = self.groups()?;
        let bits = bits.cast_signed();
        let negative = last & 0x40 != 0;
        let number = if negative { bits - (1 << (7 * groups)) } else { bits };
        let number = i64::try_from(number).map_err(|_| Malformed::Number)?;
        let mut shortest = Vec::with_capacity(BYTES_MAX as usize);
        write_signed(&mut shortest, number);
        if shortest.len() != groups as usize {
            return Err(Malformed::Number);
        }
        Ok(number)
    }

    /// The bits of a number, of how many groups of seven, and the last group.
    fn groups(&mut self) -> Result<(u128, u32, u8), Malformed> {
        let mut bits = 0;
        for group in 0..BYTES_MAX {
            let [byte] = self.array()?;
            bits |= u128::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return Ok((bits, group + 1, byte));
            }
        }
        Err(Malformed::Number)
    }
}

pub(super) fn write_unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(low_seven(number) | 0x80);
        number >>= 7;
    }
    out.push(low_seven(number));
}

pub(super) fn write_signed(out: &mut Vec<u8>, mut number: i64) {
    while !(-0x40..0x40).contains(&number) {
        out.push(low_seven(number.cast_unsigned()) | 0x80);
        number >>= 7;
    }
    out.push(low_seven(number.cast_unsigned()));
}

fn low_seven(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_have_one_form(unsigned: u64, signed: i64) {
            let mut bytes = Vec::new();
            write_unsigned(&mut bytes, unsigned);
            write_signed(&mut bytes, signed);
            let mut cursor = Cursor(&bytes);
            prop_assert_eq!(cursor.unsigned(), Ok(unsigned));
            prop_assert_eq!(cursor.signed(), Ok(signed));
            prop_assert!(cursor.is_empty());
        }

        #[test]
        fn what_is_read_is_what_would_be_written(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let (mut cursor, mut again) = (Cursor(&bytes), Vec::new());
            if let Ok(number) = cursor.unsigned() {
                write_unsigned(&mut again, number);
                prop_assert!(bytes.starts_with(&again));
                prop_assert_eq!(bytes.len() - again.len(), cursor.0.len());
            }
            let (mut cursor, mut again) = (Cursor(&bytes), Vec::new());
            if let Ok(number) = cursor.signed() {
                write_signed(&mut again, number);
                prop_assert!(bytes.starts_with(&again));
                prop_assert_eq!(bytes.len() - again.len(), cursor.0.len());
            }
        }
    }
}
