//! The set of a scope as a reconciliation sees it: salted ids, ascending, with the sums of its
//! beginnings.

use std::ops::Range;

use schema_wire::{Hash, Salt, SaltedId};

use super::message::{Bound, Fingerprint, write_varint};

/// A sum is kept of every beginning of so many ids times a number: one for each id would take as
/// much memory as the ids themselves.
const SUM_EVERY: usize = 16;

/// What a scope's set is in the reconciliations under one salt. It stays as it was when the
/// reconciliation began.
#[derive(Debug, Clone)]
pub struct SaltedSet {
    /// Each salted id, and what it stands for.
    items: Vec<(SaltedId, Hash)>,
    /// The sums of the first 0, 16, 32... ids.
    sums: Vec<Sum>,
}

impl SaltedSet {
    /// The set of these ids.
    pub fn of(salt: &Salt, ids: impl IntoIterator<Item = Hash>) -> Self {
        Self::new(ids.into_iter().map(|id| (salt.of(&id), id)))
    }

    /// The set of ids whose salted form is known already.
    pub fn new(items: impl IntoIterator<Item = (SaltedId, Hash)>) -> Self {
        let mut items: Vec<_> = items.into_iter().collect();
        items.sort_unstable_by_key(|item| item.0);
        items.dedup_by_key(|item| item.0);
        let (mut sum, mut sums) = (Sum::default(), Vec::new());
        for (at, (id, _)) in items.iter().enumerate() {
            if at % SUM_EVERY == 0 {
                sums.push(sum);
            }
            sum = sum.plus(Sum::of(id));
        }
        if items.len().is_multiple_of(SUM_EVERY) {
            sums.push(sum);
        }
        Self { items, sums }
    }

    /// How many ids it holds.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Does it hold none?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The position of a salted id, if it is in the set.
    pub(super) fn position(&self, salted: &SaltedId) -> Option<usize> {
        self.items.binary_search_by_key(salted, |item| item.0).ok()
    }

    /// What the ids at these positions stand for.
    pub(super) fn items<'a>(
        &'a self,
        positions: impl IntoIterator<Item = &'a usize, IntoIter: 'a>,
    ) -> impl Iterator<Item = Hash> + 'a {
        positions.into_iter().map(|at| self.items[*at].1)
    }

    /// The salted ids at these positions.
    pub(super) fn ids(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = &SaltedId> {
        self.items[range].iter().map(|item| &item.0)
    }

    /// The id at a position.
    pub(super) fn at(&self, at: usize) -> &SaltedId {
        &self.items[at].0
    }

    /// From `from` on, the first position whose id is not below the bound.
    pub(super) fn until(&self, from: usize, bound: &Bound) -> usize {
        from + self.items[from..].partition_point(|(id, _)| bound.is_above(id))
    }

    pub(super) fn fingerprint(&self, range: Range<usize>) -> Fingerprint {
        let sum = self.beginning(range.end).minus(self.beginning(range.start));
        let mut count = Vec::new();
        write_varint(&mut count, range.len() as u64);
        Hash::of(&[&sum.to_bytes(), &count]).0.as_chunks().0[0]
    }

    /// The sum of the ids before a position: at most fifteen additions, however many there are.
    fn beginning(&self, at: usize) -> Sum {
        let kept = at / SUM_EVERY;
        let rest = self.ids(kept * SUM_EVERY..at);
        rest.fold(self.sums[kept], |sum, id| sum.plus(Sum::of(id)))
    }
}

/// A sum of ids as numbers of 32 bytes, modulo 2^256: the low half first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    low: u128,
    high: u128,
}

impl Sum {
    /// An id read as a little-endian number.
    fn of(SaltedId(id): &SaltedId) -> Self {
        let half = |bytes: &[u8]| {
            bytes.iter().rev().fold(0, |number: u128, byte| number << 8 | u128::from(*byte))
        };
        Self { low: half(&id[..16]), high: half(&id[16..]) }
    }

    fn plus(self, other: Self) -> Self {
        let (low, carried) = self.low.overflowing_add(other.low);
        let high = self.high.wrapping_add(other.high).wrapping_add(u128::from(carried));
        Self { low, high }
    }

    fn minus(self, other: Self) -> Self {
        let (low, borrowed) = self.low.overflowing_sub(other.low);
        let high = self.high.wrapping_sub(other.high).wrapping_sub(u128::from(borrowed));
        Self { low, high }
    }

    fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.low.to_le_bytes());
        bytes[16..].copy_from_slice(&self.high.to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(count: u64) -> SaltedSet {
        let id = |number: u64| Hash::of(&[&number.to_be_bytes()]);
        SaltedSet::of(&Salt([7; 16]), (0..count).map(id))
    }

    #[test]
    fn a_fingerprint_of_any_range_is_that_of_its_ids_added_one_by_one() {
        for count in [0, 1, 15, 16, 17, 31, 32, 33, 100] {
            let set = set(count);
            for from in 0..=set.len() {
                for to in from..=set.len() {
                    let ids = SaltedSet::new(set.items[from..to].iter().copied());
                    let sum = ids.ids(0..to - from).map(Sum::of).fold(Sum::default(), Sum::plus);
                    assert_eq!(set.beginning(to).minus(set.beginning(from)), sum);
                    assert_eq!(set.fingerprint(from..to), ids.fingerprint(0..to - from));
                }
            }
        }
    }

    #[test]
    fn sums_carry_between_their_halves_and_wrap_around() {
        let all = Sum::of(&SaltedId([0xff; 32]));
        let mut one = [0; 32];
        one[0] = 1;
        let one = Sum::of(&SaltedId(one));
        assert_eq!(all.plus(one), Sum::default());
        assert_eq!(Sum::default().minus(one), all);
        let mut low = [0; 32];
        low[..16].fill(0xff);
        assert_eq!(Sum::of(&SaltedId(low)).plus(one), Sum { low: 0, high: 1 });
    }

    #[test]
    fn an_id_is_found_by_what_stands_for_it() {
        let (set, id) = (set(40), Hash::of(&[&7u64.to_be_bytes()]));
        let at = set.position(&Salt([7; 16]).of(&id));
        assert_eq!(set.items(&at).collect::<Vec<_>>(), [id]);
        assert_eq!(set.position(&Salt([8; 16]).of(&id)), None);
    }
}
