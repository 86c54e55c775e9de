//! The feeds that a peer named, one session after the other: they show a key that is in use twice.

use std::collections::VecDeque;

use schema_wire::Epoch;

/// Feeds remembered of one peer, besides the one it named last.
const FORMER_MAX: usize = 8;
/// Two that run dial again and again: people are told once in this time.
const TOLD_EVERY_MS: u64 = 3_600_000;

/// What the folder of a peer calls its feed.
///
/// A folder whose store may have lost something takes a new name, and never goes back to an old
/// one. So when a name comes again after another one, two folders have the key: a copy, or the
/// old folder of a node that was restored.
#[derive(Debug)]
pub(crate) struct Feeds {
    present: Epoch,
    former: VecDeque<Epoch>,
    returned_ms: Option<u64>,
    told_ms: Option<u64>,
}

impl Feeds {
    pub(crate) fn new(present: Epoch) -> Self {
        Self { present, former: VecDeque::new(), returned_ms: None, told_ms: None }
    }

    /// The peer names this one now. Are people to be told that an old one returned?
    pub(crate) fn named(&mut self, epoch: Epoch, now_ms: u64) -> bool {
        if epoch == self.present {
            return false;
        }
        let returns = self.former.contains(&epoch);
        let told_lately = self.told_ms.is_some_and(|told| now_ms < told + TOLD_EVERY_MS);
        let tells = returns && !told_lately;
        if returns {
            self.returned_ms = Some(now_ms);
        }
        if tells {
            self.told_ms = Some(now_ms);
        }
        self.former.retain(|former| *former != epoch);
        if self.former.len() == FORMER_MAX {
            self.former.pop_front();
        }
        self.former.push_back(std::mem::replace(&mut self.present, epoch));
        tells
    }

    /// When an old one returned last.
    pub(crate) fn returned_ms(&self) -> Option<u64> {
        self.returned_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_returns_after_another_is_noticed_and_a_new_one_is_not() {
        let epoch = |byte: u8| Epoch([byte; 16]);
        let mut feeds = Feeds::new(epoch(1));
        assert!(!feeds.named(epoch(1), 10), "the same session again");
        assert!(!feeds.named(epoch(2), 20), "a node that was restored, or started anew");
        assert_eq!(feeds.returned_ms(), None);
        assert!(feeds.named(epoch(1), 30), "the old folder");
        assert!(!feeds.named(epoch(2), 40), "and the restored one, which is no news");
        assert_eq!(feeds.returned_ms(), Some(40));
        for byte in 3..=255 {
            assert!(!feeds.named(epoch(byte), 50));
        }
        assert_eq!((feeds.former.len(), feeds.returned_ms()), (FORMER_MAX, Some(40)));
    }
}
