//! Why authority says no.

use schema_wire::{Class, Hash, NodeKey, UnitId, limits::CHAIN_LINKS_MAX};

/// Why a delegation does not permit something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not final: it may arrive yet.
    #[error("delegation {0} is not known here")]
    UnknownDelegation(Hash),
    #[error("the delegation chain is longer than {CHAIN_LINKS_MAX} links")]
    ChainTooLong,
    #[error("the delegation chain is circular: {0} stands in it twice")]
    ChainCircular(NodeKey),
    #[error("a link of another network")]
    OtherNetwork,
    #[error("the chain ends at {0}, which is no root key of this network")]
    NotRoot(NodeKey),
    #[error("link issued by {issuer} for {unit}, but its proof was granted to another")]
    BrokenLink { issuer: NodeKey, unit: UnitId },
    #[error("the delegation grants more than its issuer holds")]
    Exceeds,
    #[error("a unit's write grants come from its own key, not from {issuer_unit} above")]
    GrantFromAbove { issuer_unit: UnitId },
    #[error("the delegation was granted to {granted}, not to this key")]
    OtherSubject { granted: NodeKey },
    #[error("{claimed} is outside {granted}")]
    OutsideTerritory { claimed: UnitId, granted: UnitId },
    #[error("the delegation does not permit to {0}")]
    LacksVerb(&'static str),
    #[error("the delegation does not cover {}", .0.name())]
    LacksClass(Class),
    #[error("not valid before {not_before_ms} ms")]
    NotYetValid { not_before_ms: u64 },
    #[error("expired at {until_ms} ms, its grace included")]
    Expired { until_ms: u64 },
    #[error("revoked by {by}")]
    Revoked { by: Hash },
}

impl Refusal {
    /// A stable word for programs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownDelegation(_) => "unknown-delegation",
            Self::ChainTooLong => "chain-too-long",
            Self::ChainCircular(_) => "chain-circular",
            Self::OtherNetwork => "other-network",
            Self::NotRoot(_) => "not-root",
            Self::BrokenLink { .. } => "broken-link",
            Self::Exceeds => "exceeds",
            Self::GrantFromAbove { .. } => "grant-from-above",
            Self::OtherSubject { .. } => "other-subject",
            Self::OutsideTerritory { .. } => "outside-territory",
            Self::LacksVerb(_) => "lacks-verb",
            Self::LacksClass(_) => "lacks-class",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
        }
    }
}
