//! Why a session ends.

use schema_wire::{Reason, Text};

/// The codes by which a session is refused (section 12). They are on the wire and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// A frame that is none, or came where it may not.
    MalformedFrame,
    /// More than a quota allows.
    Flood,
    /// The two speak no level in common.
    Level,
    /// The peer spoke a higher level before.
    LevelDown,
    /// The peer is no member.
    NoDelegation,
    /// The peer is of another network.
    OtherNetwork,
    /// The peer's membership ended.
    Over,
    /// A frame for a scope that the two do not share.
    ScopeNotShared,
    /// What had to come did not.
    TimeOut,
}

impl Code {
    /// As it stands in a refusal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MalformedFrame => "malformed-frame",
            Self::Flood => "flood",
            Self::Level => "level",
            Self::LevelDown => "level-down",
            Self::NoDelegation => "no-delegation",
            Self::OtherNetwork => "other-network",
            Self::Over => "over",
            Self::ScopeNotShared => "scope-not-shared",
            Self::TimeOut => "time-out",
        }
    }

    /// A refusal with this code, and a sentence for people.
    pub fn because(self, text: &str) -> Reason {
        reason(self.as_str(), text)
    }
}

/// A reason with a code of section 12.
pub fn reason(code: &'static str, text: &str) -> Reason {
    let code = Text::new(code).expect("codes are 1 to 64 bytes long");
    Reason { code, text: Text::cut(text) }
}

/// What keeps a session from going on.
#[derive(Debug)]
pub(super) enum Fault<E> {
    /// The peer did what it may not, or its time is over.
    Peer(Code, String),
    /// The node cannot read its own store.
    Node(E),
}

impl<E> From<E> for Fault<E> {
    fn from(error: E) -> Self {
        Self::Node(error)
    }
}

/// Ends the session with a code.
pub(super) fn refuse<T, E>(code: Code, text: impl Into<String>) -> Result<T, Fault<E>> {
    Err(Fault::Peer(code, text.into()))
}
