//! Planted bugs. A world that cannot find them is no evidence.

/// What a node does wrong in every run, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Frames leave before their batch is durable.
    SendBeforeSync,
    /// A node whose store was set back, and that knows it, keeps its life.
    KeepLife,
    /// A crash keeps half a batch.
    TearBatch,
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
}

impl Mutant {
    /// Every planted bug.
    pub const ALL: [Self; 8] = [
        Self::SendBeforeSync,
        Self::KeepLife,
        Self::TearBatch,
        Self::LoseEntry,
        Self::SkipSignature,
        Self::SendToAll,
        Self::FollowClaim,
        Self::AckUntaken,
    ];
}
