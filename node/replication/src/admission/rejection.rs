//! Why an item is refused (section 12).

use node_authority::{CarryRefusal, Refusal};
use schema_wire::{Hash, Malformed, NodeKey, Scope};

use crate::change::Fault;

/// The step that an item failed. Its code is counted and shown, and does not change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("cannot be read: {0}")]
    Malformed(#[from] Malformed),
    #[error("belongs to another network")]
    OtherNetwork,
    #[error("belongs to {claimed}, but came in {got}, or this node does not hold that")]
    OtherScope { claimed: Scope, got: Scope },
    #[error("not authorised: {0}")]
    Statement(Refusal),
    #[error("its payload does not belong in its class")]
    PayloadKind,
    #[error("seq {seq} of its log follows {backlink}, which is not here")]
    SeqGap { seq: u64, backlink: Hash },
    #[error("its backlink is not the envelope before it in its log")]
    Backlink,
    #[error("claims an earlier time than the envelope before it in its log")]
    TimeRunsBack,
    #[error("builds on {0}, which is not here")]
    MissingDependency(Hash),
    #[error("builds on {0}, which lies in another document, or in its own log")]
    DependencyElsewhere(Hash),
    #[error("its signature does not match the key {0}")]
    BadSignature(NodeKey),
    #[error("its content is not what its header signs")]
    ContentMismatch,
    #[error("not authorised: {0}")]
    Carry(CarryRefusal),
    #[error(transparent)]
    Change(Fault),
    #[error("too far ahead of what was acknowledged")]
    Window,
}

impl Rejection {
    /// The code of section 12.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::OtherNetwork => "other-network",
            Self::OtherScope { .. } => "other-scope",
            Self::Statement(refusal) => refusal.code(),
            Self::PayloadKind => "payload-kind",
            Self::SeqGap { .. } => "seq-gap",
            Self::Backlink => "backlink",
            Self::TimeRunsBack => "time-runs-back",
            Self::MissingDependency(_) => "missing-dependency",
            Self::DependencyElsewhere(_) => "dependency-elsewhere",
            Self::BadSignature(_) => "bad-signature",
            Self::ContentMismatch => "content-mismatch",
            Self::Carry(refusal) => refusal.code(),
            Self::Change(fault) => fault.code(),
            Self::Window => "window",
        }
    }

    /// Is it a fault of the copy that came, so that nothing is remembered of the id?
    #[must_use]
    pub const fn is_of_the_copy(&self) -> bool {
        matches!(self, Self::BadSignature(_) | Self::ContentMismatch)
    }
}
