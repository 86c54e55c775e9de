//! Planted bugs. A world that cannot find them is no evidence.

/// What a node does wrong in every run, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// A node whose store was set back, and that knows it, keeps its life.
    KeepLife,
    /// A crash keeps half a batch.
    TearBatch,
    /// What depends on a batch leaves before it, and the batch is lost in a crash.
    SendEarly,
    /// What no path permits counts.
    CountUnpermitted,
    /// What was written under a delegation that was ended counts.
    CountEnded,
    /// Both sides of a fork count.
    CountForks,
    /// What is set aside of others is dropped.
    DropAside,
    /// An entry vanishes from a disk.
    LoseEntry,
    /// Signatures are not checked.
    SkipSignature,
    /// A node sends what it holds of a band to every peer.
    SendToAll,
    /// A node takes the lineage that a stranger claims for its unit.
    FollowClaim,
    /// What came of a scope is acknowledged and not taken.
    AckUntaken,
    /// A stranger's frame changes a node.
    HeedStranger,
    /// A key that was withheld is not taken when it comes.
    KeepNulls,
    /// What names a past that it does not have counts.
    CountUnfounded,
    /// What an adoption keeps does not count.
    DropKept,
}

impl Mutant {
    /// Every planted bug.
    pub const ALL: [Self; 16] = [
        Self::KeepLife,
        Self::TearBatch,
        Self::SendEarly,
        Self::CountUnpermitted,
        Self::CountEnded,
        Self::CountForks,
        Self::DropAside,
        Self::LoseEntry,
        Self::SkipSignature,
        Self::SendToAll,
        Self::FollowClaim,
        Self::AckUntaken,
        Self::HeedStranger,
        Self::KeepNulls,
        Self::CountUnfounded,
        Self::DropKept,
    ];
}
