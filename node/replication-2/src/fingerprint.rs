//! The fingerprint of a set of items: equal for equal sets, kept incrementally.

use schema_wire::Hash;

/// Sum of ids as little-endian numbers modulo 2^256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Adds one id.
    pub fn add(&mut self, id: &Hash) {
        let mut carry = 0u16;
        for (sum, byte) in self.0.iter_mut().zip(id.0) {
            carry += u16::from(*sum) + u16::from(byte);
            *sum = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_carries_wraps_and_ignores_order() {
        let mut sum = Fingerprint([0xff; 32]);
        let mut one = [0; 32];
        one[0] = 1;
        sum.add(&Hash(one));
        assert_eq!(sum, Fingerprint::default());
        let (a, b) = (Hash::of(b"a"), Hash::of(b"b"));
        let (mut ab, mut ba) = (Fingerprint::default(), Fingerprint::default());
        ab.add(&a);
        ab.add(&b);
        ba.add(&b);
        ba.add(&a);
        assert_eq!(ab, ba);
        assert_ne!(ab, Fingerprint::default());
    }
}
