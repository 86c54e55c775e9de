//! Planted bugs: each must be caught by the simulated world, or the world proves nothing.
//!
//! Without the feature `canary` nothing here exists but a constant.

/// A bug that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Signatures are not checked.
    SkipSignature,
    /// A revoked delegation goes on.
    IgnoreRevocation,
    /// A revocation takes back what it should keep.
    IgnoreWatermarks,
    /// A delegation lasts for ever.
    IgnoreExpiry,
    /// Whoever may write may write everywhere.
    IgnoreTerritory,
    /// A fork goes unnoticed.
    IgnoreFork,
    /// What rests on suspended envelopes counts all the same.
    IgnoreRests,
    /// Items are acknowledged that were not kept.
    AckUnkept,
    /// Items go to whoever asks.
    ReadToAll,
    /// A peer without authority is read to.
    ReadToRevoked,
    /// The fingerprint forgets an item now and then.
    DriftingFingerprint,
    /// Heads are not built anew when envelopes cease to count.
    StaleHeads,
    /// More frames are sent than the window allows.
    EndlessWindow,
    /// A life that is led twice is led on.
    StubbornLife,
}

impl Bug {
    /// Every bug, in the order of the list above.
    pub const ALL: [Self; 14] = [
        Self::SkipSignature,
        Self::IgnoreRevocation,
        Self::IgnoreWatermarks,
        Self::IgnoreExpiry,
        Self::IgnoreTerritory,
        Self::IgnoreFork,
        Self::IgnoreRests,
        Self::AckUnkept,
        Self::ReadToAll,
        Self::ReadToRevoked,
        Self::DriftingFingerprint,
        Self::StaleHeads,
        Self::EndlessWindow,
        Self::StubbornLife,
    ];
}

#[cfg(feature = "canary")]
mod planted {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants one bug on this thread, or none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    /// Is this bug planted here?
    pub fn planted(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(feature = "canary")]
pub use planted::{plant, planted};

/// No bug is planted in what is shipped.
#[cfg(not(feature = "canary"))]
#[must_use]
pub const fn planted(_: Bug) -> bool {
    false
}
