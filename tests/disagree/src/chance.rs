//! Chance that is the same on every machine: ChaCha8, one stream for each case.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Where all chance of one case comes from.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of case `number` under `seed`.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(number);
        Self(stream)
    }

    /// A number below `most`, which is not 0.
    pub fn below(&mut self, most: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * most as u128;
        (product >> 64) as usize
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    /// One of the items; there must be one.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of the items, if there is one.
    pub fn any<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { Some(self.pick(items)) }
    }

    /// One of the items, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, items: &[(usize, T)]) -> T {
        let mut rest = self.below(items.iter().map(|item| item.0).sum());
        for (weight, item) in items {
            if rest < *weight {
                return *item;
            }
            rest -= weight;
        }
        unreachable!("the rest is below the sum of all weights")
    }

    /// Those items that a share of so many in a hundred keeps, in their order.
    pub fn some<T: Clone>(&mut self, items: &[T], share: usize) -> Vec<T> {
        let mut kept = items.to_vec();
        kept.retain(|_| self.percent(share));
        kept
    }

    /// The items in a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// Eight hexadecimal digits.
    pub fn id(&mut self) -> String {
        format!("{:08x}", self.0.next_u64() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_stream_is_the_same_everywhere() {
        let mut chance = Chance::new(1, 2);
        let drawn: Vec<usize> = (0..6).map(|_| chance.below(1000)).collect();
        let mut again = Chance::new(1, 2);
        assert_eq!(drawn, (0..6).map(|_| again.below(1000)).collect::<Vec<_>>());
        let mut other = Chance::new(1, 3);
        assert_ne!(drawn, (0..6).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::new(7, 7);
        let rare = (0..10_000).filter(|_| chance.weighted(&[(9, false), (1, true)])).count();
        assert!((800..1200).contains(&rare), "{rare}");
    }
}
