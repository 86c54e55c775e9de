//! 五长岗位: the posts of the five chiefs, and who holds them.

use super::declaring::*;
use super::person;

/// 五长岗位
#[derive(Debug)]
pub enum Chief {}

codes! {
    /// The five chiefs.
    pub enum ChiefRole {
        Street = "街道长": "街道长" / "street chief";
        Community = "社区长": "社区长" / "community chief";
        Grid = "网格长": "网格长" / "grid chief";
        Building = "楼栋长": "楼栋长" / "building chief" | "楼长";
        Entrance = "单元长": "单元长" / "entrance chief";
    }
}

fields! {
    /// The fields of a post.
    FIELDS of Chief {
        /// What the holder is.
        ROLE: OneOf<ChiefRole> = Field::new("role", words("岗位", "post"), Typed)
            .required().headings(&["职务", "岗位名称", "五长", "岗位类别"]);
        /// Over what, as people call it.
        AREA: Text = Field::new("area", words("区域", "area"), Line(60))
            .required()
            .headings(&["责任区域", "区域名称", "负责区域", "网格", "巡查区域", "包保区域"]);
        /// Over what, as a record of it.
        PLACE: PlaceRef = Field::new("place", words("区域记录", "area's record"), Typed);
        /// Who holds it; nobody where it is vacant.
        HOLDER: PersonRef = Field::new("holder", words("担任人", "holder"), Typed);
        /// 副职
        DEPUTIES: List<PersonRef> = Field::new("deputies", words("副职", "deputies"), Typed);
        /// The member who leads.
        LED_BY: PersonRef = Field::new("led-by", words("带领党员", "led by"), Typed);
        /// Is the holder a Party member?
        MEMBER: Flag = Field::new("member", words("党员", "Party member"), Typed)
            .headings(&["是否党员", "是否中共党员"]);
        /// The first day of the term.
        FROM: OnDay = Field::new("from", words("开始日期", "from"), Past)
            .headings(&["任职日期", "起始日期", "开始时间", "任职时间", "上岗日期"]);
        /// The last day of the term.
        TO: OnDay = Field::new("to", words("结束日期", "to"), Typed)
            .headings(&["卸任日期", "终止日期", "结束时间", "离岗日期"]);
    }
}

/// 五长岗位
pub const SHEET: Sheet = Sheet {
    name: "五长岗位",
    words: words("五长岗位", "duty posts"),
    announced_by: &["五长"],
    found_by: &[],
    columns: &[
        Column::must(Chief::NAME, ROLE.spec),
        Column::must(Chief::NAME, AREA.spec),
        Column::must(person::Person::NAME, person::NAME.spec).or_empty(),
        Column::may(person::Person::NAME, person::NUMBER.spec),
        Column::may(Chief::NAME, MEMBER.spec),
        Column::may(Chief::NAME, FROM.spec),
        Column::may(Chief::NAME, TO.spec),
    ],
};

impl Named for Chief {
    const NAME: &'static str = "chief";
}

impl Declared for Chief {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("五长岗位", "duty post"),
        home: class::DUTY,
        also: &[],
        published: None,
        shard: Shard::Hash(4),
        naming: Naming::Made(&[ROLE.spec.name, AREA.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[Between::Order { from: FROM.spec.name, to: TO.spec.name }],
        lives: &[],
        indicators: &[Indicator {
            code: "DUTY.POSTS",
            words: words("五长在岗", "duty posts filled"),
            formula: "posts with a holder whose term has not ended / posts",
            rate: true,
            version: 1,
            by_day: true,
            measure: Measure::Sum(|post, known| {
                let post = post.record::<Self>()?;
                let over = post.get(&TO).is_some_and(|to| to < known.today);
                Some(Cell::part(post.get(&HOLDER).is_some() && !over))
            }),
        }],
        sheets: &[SHEET],
    };
}
