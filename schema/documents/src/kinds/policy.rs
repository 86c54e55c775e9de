//! 单位约定: what a unit decided of how it keeps its records. What it did not decide is off.

use super::declaring::*;
use crate::record::Record;

/// 单位约定
#[derive(Debug)]
pub enum Policy {}

/// That the numbers of persons' documents are stored, not their digests alone.
pub const KEEP_NUMBERS: &str = "保存证件号码";

fields! {
    /// The fields of a policy.
    FIELDS of Policy {
        /// What is decided.
        TOPIC: Text = Field::new("topic", words("事项", "topic"), Line(40)).required();
        /// Is it so?
        CHOSEN: Flag = Field::new("chosen", words("采用", "chosen"), Typed).required();
    }
}

impl Named for Policy {
    const NAME: &'static str = "policy";
}

impl Declared for Policy {
    type Stratum = Posts;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("单位约定", "policy"),
        home: class::ACCOUNT,
        also: &[],
        published: None,
        shard: Shard::One,
        naming: Naming::Made(&[TOPIC.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Posts,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}

/// Is it decided so, at every node that decided?
pub fn is_chosen(policy: &Record<'_, Policy>) -> bool {
    let all = policy.all(&CHOSEN);
    !all.is_empty() && all.into_iter().all(|chosen| chosen)
}
