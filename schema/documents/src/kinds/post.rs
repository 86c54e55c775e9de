//! 任职: which account holds which role, over which area, from when to when.

use super::account::Account;
use super::declaring::*;

/// 任职
#[derive(Debug)]
pub enum Post {}

fields! {
    /// The fields of a post.
    FIELDS of Post {
        /// Who holds it.
        ACCOUNT: To<Account> = Field::new("account", words("账号", "account"), Typed).required();
        /// What the holder may do.
        ROLE: OneOf<Role> = Field::new("role", words("职权", "role"), Typed).required();
        /// Where.
        AREA: PlaceRef = Field::new("area", words("区域", "area"), Typed);
        /// The first day.
        FROM: OnDay = Field::new("from", words("开始日期", "from"), Typed).required();
        /// The last day.
        TO: OnDay = Field::new("to", words("结束日期", "to"), Typed);
    }
}

impl Named for Post {
    const NAME: &'static str = "post";
}

impl Declared for Post {
    type Stratum = Posts;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("任职", "post"),
        home: class::ACCOUNT,
        also: &[],
        published: None,
        shard: Shard::One,
        naming: Naming::Ulid,
        subject: Subject::Nobody,
        stratum: Level::Posts,
        fields: FIELDS,
        between: &[Between::Order { from: FROM.spec.name, to: TO.spec.name }],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
