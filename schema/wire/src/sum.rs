//! Sums of sets of items: whether two nodes hold the same, in 32 bytes.
//!
//! The vectors of disjoint sets add up, so a node keeps one for each scope, adds what comes and
//! subtracts what goes. Nobody finds two sets of one sum, though he chooses the items (LtHash).

use crate::id::Hash;

/// Numbers in a vector.
const NUMBERS: usize = 1024;

/// The vector of a set of items.
#[derive(Clone, PartialEq, Eq)]
pub struct SetVector(Box<[u16; NUMBERS]>);

impl SetVector {
    /// How many bytes it is kept in.
    pub const BYTES: usize = 2 * NUMBERS;

    /// That of one item.
    fn of(id: &Hash) -> Self {
        let mut bytes = [0; Self::BYTES];
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"gongzhi/sum/3").update(&id.0);
        hasher.finalize_xof().fill(&mut bytes);
        Self::from_bytes(&bytes)
    }

    /// Takes an item in. The set does not hold it yet, which the vector cannot tell.
    pub fn add(&mut self, id: &Hash) {
        self.add_all(&Self::of(id));
    }

    /// Takes an item out. The set holds it, which the vector cannot tell.
    pub fn subtract(&mut self, id: &Hash) {
        self.subtract_all(&Self::of(id));
    }

    /// Takes in all of a set that has nothing in common with this one.
    pub fn add_all(&mut self, other: &Self) {
        self.each(other, u16::wrapping_add);
    }

    /// Takes out all of a set that lies in this one.
    pub fn subtract_all(&mut self, other: &Self) {
        self.each(other, u16::wrapping_sub);
    }

    fn each(&mut self, other: &Self, change: impl Fn(u16, u16) -> u16) {
        for (number, by) in self.0.iter_mut().zip(other.0.iter()) {
            *number = change(*number, *by);
        }
    }

    /// The sum of the set.
    pub fn sum(&self) -> Hash {
        Hash::of(&[&self.to_bytes()])
    }

    /// Its numbers of two bytes, little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (pair, number) in bytes.as_chunks_mut().0.iter_mut().zip(self.0.iter()) {
            *pair = number.to_le_bytes();
        }
        bytes
    }

    /// The vector that was kept in these bytes; all bytes are one.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut vector = Self::default();
        for (number, pair) in vector.0.iter_mut().zip(bytes.as_chunks().0) {
            *number = u16::from_le_bytes(*pair);
        }
        vector
    }
}

/// That of the empty set.
impl Default for SetVector {
    fn default() -> Self {
        Self(Box::new([0; NUMBERS]))
    }
}

impl std::fmt::Debug for SetVector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SetVector({})", self.sum().short())
    }
}

impl<'a> FromIterator<&'a Hash> for SetVector {
    fn from_iter<I: IntoIterator<Item = &'a Hash>>(ids: I) -> Self {
        let mut vector = Self::default();
        ids.into_iter().for_each(|id| vector.add(id));
        vector
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids() -> impl Strategy<Value = Vec<Hash>> {
        prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..12)
    }

    proptest! {
        #[test]
        fn what_goes_leaves_what_would_be_without_it(kept in ids(), gone in ids()) {
            let alone: SetVector = kept.iter().collect();
            let mut both: SetVector = gone.iter().chain(&kept).collect();
            prop_assert_eq!(both == alone, gone.is_empty());
            gone.iter().for_each(|id| both.subtract(id));
            prop_assert_eq!(both.sum(), alone.sum());
        }

        #[test]
        fn sets_add_up(one in ids(), other in ids()) {
            let mut sum: SetVector = one.iter().collect();
            sum.add_all(&other.iter().collect());
            prop_assert_eq!(&sum, &other.iter().chain(&one).collect());
            sum.subtract_all(&one.iter().collect());
            prop_assert_eq!(sum, other.iter().collect());
        }

        #[test]
        fn its_bytes_keep_it(ids in ids()) {
            let vector: SetVector = ids.iter().collect();
            prop_assert_eq!(SetVector::from_bytes(&vector.to_bytes()), vector);
        }
    }
}
