//! Planted bugs. A simulator that cannot find them is no evidence.

/// What a shell or a disk does wrong in every run, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mutant {
    /// Frames and answers leave before their batch is durable.
    SendBeforeSync,
    /// A node goes on after a failed commit.
    IgnoreFailedCommit,
    /// A restored node keeps its incarnation.
    ForgetIncarnation,
    /// A crash keeps half a batch.
    TearBatch,
}

impl Mutant {
    /// Every planted bug.
    pub const ALL: [Self; 4] =
        [Self::SendBeforeSync, Self::IgnoreFailedCommit, Self::ForgetIncarnation, Self::TearBatch];
}
