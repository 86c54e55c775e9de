//! How two nodes go on where they ended: which scopes each names, and what is done with a scope
//! that both offered (section 9.4).
//!
//! Both sides compute the same of the same, so neither asks the other what to do.

use std::collections::BTreeSet;

use schema_wire::{Cursor, Digest, Epoch, Hash, Membership, Offer, Scope, SetVector};

/// Where a node stands, as its membership says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    /// Names its feed.
    pub epoch: Epoch,
    /// The last position of that feed.
    pub head: u64,
    /// What it expects to share, if it met the other before.
    pub digest: Option<Digest>,
}

impl From<&Membership> for FeedState {
    fn from(membership: &Membership) -> Self {
        let Membership { epoch, head, digest, .. } = membership;
        Self { epoch: *epoch, head: *head, digest: digest.clone() }
    }
}

impl FeedState {
    /// Says this cursor, the other's, something of our feed?
    fn can_use(&self, known: Cursor) -> bool {
        known.is_usable(self.epoch, self.head)
    }
}

/// Two nodes whose memberships and interests are known, as one of them sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    ours: FeedState,
    theirs: FeedState,
}

/// What is done with a scope that both offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Both hold the same.
    Nothing,
    /// Each sends what its feed has of the scope after a position.
    After {
        /// The position in our feed.
        ours: u64,
        /// The position in theirs.
        theirs: u64,
    },
    /// Nobody knows what the other lacks.
    Reconcile,
}

impl Meeting {
    /// `shared` is what both computed. A digest that expects something else does not count.
    pub fn new(shared: Hash, ours: FeedState, theirs: FeedState) -> Self {
        let counted = |state: FeedState| {
            let digest = state.digest.filter(|digest| digest.shared == shared);
            FeedState { digest, ..state }
        };
        Self { ours: counted(ours), theirs: counted(theirs) }
    }

    /// Where we stand; with a digest only if it counts.
    pub fn ours(&self) -> &FeedState {
        &self.ours
    }

    /// Where the peer stands; with a digest only if it counts.
    pub fn theirs(&self) -> &FeedState {
        &self.theirs
    }

    /// The same of a scope that came to be shared later: the digests say nothing of it.
    pub fn without_digests(&self) -> Self {
        let without = |state: &FeedState| FeedState { digest: None, ..*state };
        Self { ours: without(&self.ours), theirs: without(&self.theirs) }
    }

    /// Is nothing to be done, because both hold the same in all that they share?
    pub fn is_settled(&self) -> bool {
        match (&self.ours.digest, &self.theirs.digest) {
            (Some(ours), Some(theirs)) => ours.sum == theirs.sum,
            _ => false,
        }
    }

    /// We name the scopes that have items after this position of our feed; after 0 these are all
    /// that are not empty.
    pub fn names_after(&self) -> u64 {
        let told = self.theirs.digest.as_ref().map(|digest| digest.known);
        told.filter(|known| self.ours.can_use(*known)).map_or(0, |known| known.seq)
    }

    /// What is done with a scope, by our offer of it and theirs.
    pub fn compare(&self, ours: &Offer, theirs: &Offer) -> Comparison {
        if ours.sum == theirs.sum {
            return Comparison::Nothing;
        }
        let by_us = known(ours, &self.ours).filter(|known| self.theirs.can_use(*known));
        let by_them = known(theirs, &self.theirs).filter(|known| self.ours.can_use(*known));
        match (by_them, by_us) {
            // Each says that it has taken everything, and they differ: a cursor is wrong.
            (Some(after), Some(from)) if after.seq >= ours.head && from.seq >= theirs.head => {
                Comparison::Reconcile
            }
            (Some(after), Some(from)) => Comparison::After { ours: after.seq, theirs: from.seq },
            _ => Comparison::Reconcile,
        }
    }

    /// How far we have taken all that is shared, once everything offered is settled and the rests
    /// are equal.
    pub fn taken(&self) -> Cursor {
        Cursor { epoch: self.theirs.epoch, seq: self.theirs.head }
    }
}

/// How far the side with this offer says that it has taken the scope: by the offer, or else by
/// its digest.
fn known(offer: &Offer, state: &FeedState) -> Option<Cursor> {
    offer.known.or(state.digest.as_ref().map(|digest| digest.known))
}

/// The sum over the shared scopes that nobody has offered yet: that neither has named.
pub fn rest<'a>(
    shared: impl IntoIterator<Item = (&'a Scope, &'a SetVector)>,
    offered: &BTreeSet<Scope>,
) -> Hash {
    let left = shared.into_iter().filter(|(scope, _)| !offered.contains(scope));
    left.fold(SetVector::default(), |mut all, (_, vector)| {
        all.add_all(vector);
        all
    })
    .sum()
}
