//! 单位约定: what a unit decided of how it keeps its records. What it did not decide is off.

use super::declaring::*;
use crate::record::Record;

/// 单位约定
#[derive(Debug)]
pub enum Policy {}

codes! {
    /// What is decided.
    pub enum Topic {
        KeepNumbers = "保存证件号码": "保存证件号码" / "keep document numbers";
    }
}

fields! {
    /// The fields of a policy.
    FIELDS of Policy {
        /// What is decided.
        TOPIC: OneOf<Topic> = Field::new("topic", words("事项", "topic"), Typed).required();
        /// Is it so?
        CHOSEN: Flag = Field::new("chosen", words("采用", "chosen"), Typed).required();
    }
}

impl Named for Policy {
    const NAME: &'static str = "policy";
}

impl Declared for Policy {
    type Stratum = crate::strata::Rules;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("单位约定", "policy"),
        home: class::ACCOUNT,
        also: &[],
        published: None,
        shard: Shard::One,
        naming: Naming::Made(&[TOPIC.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Rules,
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
