//! Which records of a document changed: so that what is derived of it is brought up to date at the
//! cost of what changed.

use std::collections::{BTreeSet, VecDeque};

use node_replication::change::Change;

/// Envelopes whose records are remembered. Whoever looks more seldom reads the document anew.
const REMEMBERED_MAX: usize = 64;

/// How far a document was when it was looked at. It means nothing to another
/// [`Library`](crate::Library).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Which building of the document it was.
    built: u64,
    /// How many envelopes had been taken in.
    taken: u64,
}

/// The records that the last envelopes touched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched {
    built: u64,
    taken: u64,
    last: VecDeque<BTreeSet<Box<str>>>,
}

impl Touched {
    /// Of a document that is built anew; `built` names no other one.
    pub(crate) fn anew(built: u64) -> Self {
        Self { built, ..Self::default() }
    }

    /// Takes in an envelope, with what it puts.
    pub(crate) fn take_in(&mut self, change: Option<&Change<'_>>) {
        let keys = change.into_iter().flat_map(|change| &change.puts).map(|put| put.key);
        self.last.push_back(keys.map(|key| record_of(key).into()).collect());
        self.taken += 1;
        if self.last.len() > REMEMBERED_MAX {
            self.last.pop_front();
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { built: self.built, taken: self.taken }
    }

    /// What was touched since then; none if that is not known any more.
    pub(crate) fn since(&self, mark: Mark) -> Option<BTreeSet<&str>> {
        if mark.built != self.built {
            return None;
        }
        let new = usize::try_from(self.taken.checked_sub(mark.taken)?).ok()?;
        let skip = self.last.len().checked_sub(new)?;
        Some(self.last.iter().skip(skip).flatten().map(|name| &**name).collect())
    }
}

/// The record, or the entity with its events, that a key belongs to: `kind/name`.
#[must_use]
pub fn record_of(key: &str) -> &str {
    let ends = key.match_indices('/').nth(1).map_or(key.len(), |(at, _)| at);
    &key[..ends]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_remembered_any_more_is_said_to_be_unknown() {
        let mut touched = Touched::anew(1);
        let first = touched.mark();
        assert_eq!(touched.since(first), Some(BTreeSet::new()));
        for _ in 0..REMEMBERED_MAX {
            touched.take_in(None);
        }
        assert!(touched.since(first).is_some());
        touched.take_in(None);
        assert_eq!(touched.since(first), None);
        assert_eq!(Touched::anew(2).since(touched.mark()), None, "it was built anew");
        assert_eq!(record_of("person/ab/name"), "person/ab");
        assert_eq!(record_of("person/ab"), "person/ab");
        assert_eq!(record_of("!slot/one/held/0011"), "!slot/one");
    }
}
