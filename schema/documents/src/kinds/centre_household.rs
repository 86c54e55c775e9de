//! 党员中心户: the household of a member around which a group gathers. Only its count goes up.

use super::body::{Body, BodyState};
use super::declaring::*;
use super::household::Household;

/// 党员中心户
#[derive(Debug)]
pub enum CentreHousehold {}

fields! {
    /// The fields of a centre household.
    FIELDS of CentreHousehold {
        /// The member.
        MEMBER: PersonRef = Field::new("member", words("党员", "member"), Typed).required();
        /// The member's household.
        HOUSEHOLD: Closed<To<Household>> =
            Field::new("household", words("户", "household"), Typed);
        /// The group that gathers there.
        GROUP: ToMade<Body> = Field::new("group", words("党小组编号", "number of the group"), GivenNumber(40));
        /// Since when the plate hangs at the door.
        SINCE: OnDay = Field::new("since", words("挂牌日期", "since"), Past);
        /// Whether it exists.
        STATE: OneOf<BodyState> = Field::new("state", words("状态", "state"), Typed)
            .unless_given("正常");
    }
}

impl Named for CentreHousehold {
    const NAME: &'static str = "centre-household";
}

impl Declared for CentreHousehold {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("党员中心户", "centre household"),
        home: class::MEMBER,
        also: &[],
        published: None,
        shard: Shard::Hash(4),
        naming: Naming::Ulid,
        subject: Subject::Field(MEMBER.spec.name),
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[Indicator {
            code: "ORG.CENTER_HH",
            words: words("党员中心户", "centre households"),
            formula: "count active bodies of level 党员中心户",
            rate: false,
            version: 1,
            by_day: false,
            measure: Measure::Sum(|household, _| {
                let state = household.record::<Self>()?.get(&STATE)?;
                (state == BodyState::Active).then_some(Cell::count(1))
            }),
        }],
        sheets: &[],
    };
}
