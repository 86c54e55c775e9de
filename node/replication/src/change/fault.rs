//! Why a change is refused (section 10.1).

/// Why bytes are no change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("bytes are missing")]
    CutOff,
    #[error("there are other bytes than the form has")]
    Form,
    #[error("a number is too large or not in its shortest form")]
    Number,
    #[error("run lengths are not in the one form of their values")]
    Runs,
    #[error("a text is no UTF-8")]
    Utf8,
    #[error("it claims more than a change may hold")]
    TooMuch,
    #[error("a list does not ascend")]
    Order,
    #[error("its columns do not agree")]
    Columns,
}

/// The first rule of step 13 that a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the change is malformed: {0}")]
    Malformed(#[from] Malformed),
    #[error("the change names another actor than its author's")]
    Actor,
    #[error("the change has seq {got}, its envelope {expected}")]
    Seq { expected: u64, got: u64 },
    #[error("the change builds on others than its envelope")]
    Dependency,
    #[error("the past of the change holds two envelopes of one place")]
    ForkedPast,
    #[error("the change starts at {got}, after a past that ends before {expected}")]
    Start { expected: u64, got: u64 },
    #[error("operation {0} puts a value of a type that documents do not hold")]
    Shape(u64),
    #[error("operation {0} puts at a key that is none")]
    Key(u64),
    #[error("operation {0} replaces what its past does not hold at its key")]
    Reference(u64),
    #[error("operation {0} puts no event of its author at an event's key")]
    Event(u64),
}

impl Fault {
    /// The code of section 12.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "change-malformed",
            Self::Actor => "change-actor",
            Self::Seq { .. } => "change-seq",
            Self::Dependency | Self::ForkedPast => "change-dependency",
            Self::Start { .. } => "change-start",
            Self::Shape(_) => "change-shape",
            Self::Key(_) => "change-key",
            Self::Reference(_) => "change-reference",
            Self::Event(_) => "change-event",
        }
    }
}
