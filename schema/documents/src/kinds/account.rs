//! 账号: people who use the unit's nodes.

use super::declaring::*;

/// 账号
#[derive(Debug)]
pub enum Account {}

fields! {
    /// The fields of an account.
    FIELDS of Account {
        /// Who uses it.
        PERSON: PersonRef = Field::new("person", words("人员", "person"), Typed).required();
        /// The last day of its use.
        UNTIL: OnDay = Field::new("until", words("停用日期", "used until"), Typed);
    }
}

impl Named for Account {
    const NAME: &'static str = "account";
}

impl Declared for Account {
    type Stratum = Posts;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("账号", "account"),
        home: class::ACCOUNT,
        also: &[],
        published: None,
        shard: Shard::One,
        naming: Naming::Ulid,
        subject: Subject::Nobody,
        stratum: Level::Posts,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
