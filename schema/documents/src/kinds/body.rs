//! 组织架构: the bodies of the Party organisation, from the street's work committee down to
//! building groups. A 党员中心户 is a person's household, and a kind of its own.

use super::declaring::*;

/// 党组织
#[derive(Debug)]
pub enum Body {}

codes! {
    /// What a body is. 党委, 总支 and 支部 are three things, never synonyms.
    pub enum BodyLevel {
        StreetCommittee = "街道党工委": "街道党工委" / "street work committee" | "街道";
        Committee = "社区党委": "社区党委" / "community Party committee" | "社区";
        GeneralBranch = "社区党总支": "社区党总支" / "community general branch" | "党总支";
        CommunityBranch = "社区党支部": "社区党支部" / "community branch";
        GridBranch = "网格党支部": "网格党支部" / "grid branch" | "网格(小区)党支部" | "党支部";
        EstateBranch = "小区党支部": "小区党支部" / "estate branch";
        BuildingGroup = "楼栋党小组": "楼栋党小组" / "building group" | "党小组";
    }
}

codes! {
    /// Whether a body exists.
    pub enum BodyState {
        Active = "正常": "正常" / "active" | "在用" | "运行" | "有效";
        Merged = "已合并": "已合并" / "merged" | "合并";
        Dissolved = "已撤销": "已撤销" / "dissolved" | "撤销" | "注销";
    }
}

fields! {
    /// The fields of a body.
    FIELDS of Body {
        /// What it is.
        LEVEL: OneOf<BodyLevel> = Field::new("level", words("层级", "level"), Typed)
            .required().headings(&["组织层级", "级别", "类别"]);
        /// The number that names it.
        NUMBER: Text = Field::new("number", words("编号", "number"), GivenNumber(40))
            .required().headings(&["组织编号", "代码", "组织代码"]);
        /// Its name.
        NAME: Text = Field::new("name", words("名称", "name"), Line(60))
            .required().headings(&["组织名称", "党组织名称"]);
        /// The body above it, within the unit.
        ABOVE: ToMade<Body> = Field::new("above", words("上级编号", "number of the body above"), GivenNumber(40))
            .headings(&["上级组织编号", "上级代码", "隶属编号"]);
        /// The grids, estates and buildings that it covers.
        COVERS: List<PlaceRef> = Field::new("covers", words("覆盖范围", "covers"), Typed);
        /// Its secretary.
        SECRETARY: PersonRef = Field::new("secretary", words("书记", "secretary"), Typed);
        /// When it was founded.
        FOUNDED: OnDay = Field::new("founded", words("成立日期", "founded"), Past)
            .headings(&["成立时间", "建立日期", "批准成立日期"]);
        /// The beginning of its term.
        TERM_FROM: OnDay = Field::new("term-from", words("届期起", "term from"), Typed);
        /// The end of its term.
        TERM_TO: OnDay = Field::new("term-to", words("届期止", "term to"), Typed);
        /// Whether it exists.
        STATE: OneOf<BodyState> = Field::new("state", words("状态", "state"), Typed)
            .unless_given("正常").headings(&["组织状态", "运行状态"]);
    }
}

/// 组织架构
pub const SHEET: Sheet = Sheet {
    name: "组织架构",
    words: words("组织架构", "organisation"),
    announced_by: &["组织架构", "组织体系", "党组织"],
    found_by: &[],
    columns: &[
        Column::must(Body::NAME, LEVEL.spec),
        Column::must(Body::NAME, NUMBER.spec),
        Column::must(Body::NAME, NAME.spec),
        Column::may(Body::NAME, ABOVE.spec),
        Column::may(Body::NAME, FOUNDED.spec),
        Column::may(Body::NAME, STATE.spec),
    ],
};

impl Named for Body {
    const NAME: &'static str = "body";
}

impl Declared for Body {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("党组织", "Party body"),
        home: class::ORIGINAL,
        also: &[],
        published: Some(class::REGISTER),
        shard: Shard::One,
        naming: Naming::Made(&[NUMBER.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[Between::Order { from: TERM_FROM.spec.name, to: TERM_TO.spec.name }],
        lives: &[],
        indicators: &[
            Indicator {
                code: "ORG.BRANCH",
                words: words("网格党支部", "grid branches"),
                formula: "count active bodies of level 网格党支部",
                rate: false,
                version: 1,
                by_day: false,
                measure: Measure::Sum(|body, _| active(body, BodyLevel::GridBranch)),
            },
            Indicator {
                code: "ORG.GROUP",
                words: words("楼栋党小组", "building groups"),
                formula: "count active bodies of level 楼栋党小组",
                rate: false,
                version: 1,
                by_day: false,
                measure: Measure::Sum(|body, _| active(body, BodyLevel::BuildingGroup)),
            },
        ],
        sheets: &[SHEET],
    };
}

fn active(body: &Entity<'_>, level: BodyLevel) -> Option<Cell> {
    let body = body.record::<Body>()?;
    let counts = body.get(&LEVEL) == Some(level) && body.get(&STATE) == Some(BodyState::Active);
    counts.then_some(Cell::count(1))
}
