//! Why something is not taken or does not hold, with codes that are stable.

use schema_wire::Hash;

/// Why a statement is refused for good (section 12, rules 1 and 3 to 7 of section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// It was made for another network.
    #[error("the statement is of another network")]
    OtherNetwork,
    /// Rule 3: what it follows is of another unit.
    #[error("the generation before is of another unit")]
    OtherUnit,
    /// Rules 3, 4: the key it reveals is not what was committed to.
    #[error("the revealed key was not committed to")]
    NotCommitted,
    /// Rule 5: it is signed by no key whose signature counts there.
    #[error("no root key, and no committed one, signs what it endorses")]
    NoRootKey,
    /// Rules 6, 7: it speaks of a unit that is not below its own.
    #[error("the unit it speaks of is outside its own")]
    OutsideTerritory,
    /// Rule 7: what it names as proof was not given to its issuer, for this unit.
    #[error("the proof gives its issuer nothing in this unit")]
    OtherIssuer,
    /// Rule 7: what it names as proof does not permit this kind.
    #[error("the proof permits no statement of this kind")]
    KindNotGranted,
}

impl Refusal {
    /// The code of section 12.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherNetwork => "other-network",
            Self::OtherUnit => "other-unit",
            Self::NotCommitted => "not-committed",
            Self::NoRootKey => "no-root-key",
            Self::OutsideTerritory => "outside-territory",
            Self::OtherIssuer => "other-issuer",
            Self::KindNotGranted => "kind-not-granted",
        }
    }
}

/// Why an author may not carry an envelope under a delegation (section 7, step 12), in the order
/// in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum CarryRefusal {
    /// The delegation was given to another key.
    #[error("the delegation was given to another key")]
    OtherSubject,
    /// It is of another unit than the document's owner.
    #[error("the delegation is of another unit")]
    OtherUnit,
    /// It does not permit to write, or is no delegation.
    #[error("the delegation does not permit to write")]
    LacksVerb,
    /// It does not permit to write this class.
    #[error("the delegation does not have the class")]
    LacksClass,
    /// The envelope is older than the delegation's term.
    #[error("the delegation's term had not begun")]
    NotYetValid,
    /// The envelope is newer than the delegation's term.
    #[error("the delegation's term was over")]
    Expired,
}

impl CarryRefusal {
    /// The code of section 12.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherSubject => "other-subject",
            Self::OtherUnit => "other-unit",
            Self::LacksVerb => "lacks-verb",
            Self::LacksClass => "lacks-class",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
        }
    }
}

/// May an author carry an envelope? What it names may still come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carry {
    /// It may. This is final.
    Yes,
    /// The delegation is not kept.
    Waits(Hash),
    /// It may not. This is final.
    Refused(CarryRefusal),
}

/// Why a path does not hold, for people. No part of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    /// Nothing by which it could be permitted is kept.
    #[error("nothing permits it")]
    NoGrant,
    /// Something that it rests on was ended.
    #[error("what it rests on was ended")]
    Ended,
    /// Its time is outside a term that it rests on.
    #[error("it is outside the term of what it rests on")]
    Expired,
    /// A later generation did not keep it.
    #[error("a later generation did not keep it")]
    GenerationPassed,
    /// Several generations follow one, and this node follows another, or none.
    #[error("its generation is a rival, or has rivals that do not keep it")]
    Rival,
    /// Another lineage is followed for the unit, or none.
    #[error("another lineage is followed for the unit")]
    OtherLineage,
    /// Nobody above recognises the unit's lineage.
    #[error("no founding of the unit's lineage holds")]
    NoFounding,
    /// A delegation that it rests on does not have the class.
    #[error("what it rests on does not have the class")]
    LacksClass,
    /// Too few roots signed an act of the root.
    #[error("too few roots signed")]
    TooFewRoots,
}

impl Reason {
    /// A stable code, for files and screens.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoGrant => "no-grant",
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::GenerationPassed => "generation-passed",
            Self::Rival => "rival",
            Self::OtherLineage => "other-lineage",
            Self::NoFounding => "no-founding",
            Self::LacksClass => "lacks-class",
            Self::TooFewRoots => "too-few-roots",
        }
    }
}
