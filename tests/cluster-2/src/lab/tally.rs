//! What a scenario did and saw, in numbers.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// Counts by name; the highest for what is named `most ...`.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    /// Adds to a count.
    pub fn add(&mut self, what: &str, count: u64) {
        *self.0.entry(what.to_owned()).or_default() += count;
    }

    /// Keeps the highest.
    pub fn most(&mut self, what: &str, count: u64) {
        let held = self.0.entry(format!("most {what}")).or_default();
        *held = (*held).max(count);
    }

    /// Takes in another one.
    pub fn absorb(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            match what.strip_prefix("most ") {
                Some(what) => self.most(what, *count),
                None => self.add(what, *count),
            }
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(what, n)| format!("{what} {n}")).collect();
        f.write_str(&parts.join(", "))
    }
}
