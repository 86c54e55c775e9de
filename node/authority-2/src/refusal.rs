//! Why authority says no.

use schema_wire::{Class, Hash, NodeKey, UnitId};

/// Why a statement is not taken, or does not permit something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not final: it may arrive yet.
    #[error("statement {0} is not known here")]
    UnknownStatement(Hash),
    #[error("made for another network")]
    OtherNetwork,
    #[error("{0} is no root key of this network")]
    NotRoot(NodeKey),
    #[error("issued by {issuer} for {unit}, but its proof was granted to another")]
    BrokenLink { issuer: NodeKey, unit: UnitId },
    #[error("a unit's write grants come from its own key, not from {issuer_unit} above")]
    GrantFromAbove { issuer_unit: UnitId },
    #[error("only a key the unit was founded with may let another govern it")]
    GovernFromWithin,
    #[error("the delegation was granted to {granted}, not to this key")]
    OtherSubject { granted: NodeKey },
    #[error("{claimed} is outside {granted}")]
    OutsideTerritory { claimed: UnitId, granted: UnitId },
    #[error("the delegation does not permit to {0}")]
    LacksVerb(&'static str),
    #[error("the delegation, or one it rests on, does not cover {}", .0.name())]
    LacksClass(Class),
    #[error("not valid before {not_before_ms} ms")]
    NotYetValid { not_before_ms: u64 },
    #[error("expired at {until_ms} ms, its grace included")]
    Expired { until_ms: u64 },
    #[error("revoked by {by}")]
    Revoked { by: Hash },
    #[error("{have} of the {need} root signatures it needs are here")]
    QuorumMissing { have: usize, need: usize },
    #[error("a statement of earlier root keys that their successors did not keep")]
    Lapsed,
    #[error("a caretaker needs a second signature from above")]
    CaretakerUnsigned,
    #[error("nobody who governs {unit} stands behind it")]
    Unsupported { unit: UnitId },
}

impl Refusal {
    /// May a statement refused for this be kept once others have come?
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::UnknownStatement(_) | Self::NotRoot(_))
    }

    /// A stable word for programs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownStatement(_) => "unknown-statement",
            Self::OtherNetwork => "other-network",
            Self::NotRoot(_) => "not-root",
            Self::BrokenLink { .. } => "broken-link",
            Self::GrantFromAbove { .. } => "grant-from-above",
            Self::GovernFromWithin => "govern-from-within",
            Self::OtherSubject { .. } => "other-subject",
            Self::OutsideTerritory { .. } => "outside-territory",
            Self::LacksVerb(_) => "lacks-verb",
            Self::LacksClass(_) => "lacks-class",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::QuorumMissing { .. } => "quorum-missing",
            Self::Lapsed => "lapsed",
            Self::CaretakerUnsigned => "caretaker-unsigned",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}
