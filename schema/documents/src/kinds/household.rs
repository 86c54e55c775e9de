//! 户: a household. It says nothing of where it lives and who belongs to it: residences do.

use super::declaring::*;

/// 户
#[derive(Debug)]
pub enum Household {}

codes! {
    /// What a household is.
    pub enum HouseholdType {
        Family = "家庭户": "家庭户" / "family";
        Collective = "集体户": "集体户" / "collective";
    }
}

fields! {
    /// The fields of a household.
    FIELDS of Household {
        /// What it is.
        TYPE: OneOf<HouseholdType> = Field::new("type", words("户类型", "type"), Typed)
            .unless_given("家庭户");
        /// The last day on which it was one.
        ENDED: OnDay = Field::new("ended", words("销户日期", "ended"), Past);
    }
}

impl Named for Household {
    const NAME: &'static str = "household";
}

impl Declared for Household {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("户", "household"),
        home: class::DWELLING,
        also: &[],
        published: None,
        shard: Shard::Hash(64),
        naming: Naming::Ulid,
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
