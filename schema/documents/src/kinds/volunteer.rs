//! 志愿者: the volunteers whose home is this community.

use super::declaring::*;
use super::person;

/// 志愿者
#[derive(Debug)]
pub enum Volunteer {}

codes! {
    /// Where a volunteer stands.
    pub enum VolunteerState {
        Active = "在册": "在册" / "active" | "正常" | "活跃" | "已注册";
        Transferred = "已转出": "已转出" / "transferred" | "转出";
        Withdrawn = "已退出": "已退出" / "withdrawn" | "退出" | "注销";
    }
}

fields! {
    /// The fields of a volunteer.
    FIELDS of Volunteer {
        /// Who it is.
        PERSON: PersonRef = Field::new("person", words("人员", "person"), Typed).required();
        /// The number of the registration.
        NUMBER: Closed<Text> = Field::new("number", words("注册编号", "registration number"), GivenNumber(40))
            .required().headings(&["志愿者编号", "注册号", "志愿者注册编号"]);
        /// The day of the registration.
        REGISTERED: OnDay = Field::new("registered", words("注册日期", "registered"), Past)
            .required().headings(&["注册时间", "登记日期"]);
        /// Where they stand.
        STATE: OneOf<VolunteerState> = Field::new("state", words("状态", "state"), Typed)
            .unless_given("在册").headings(&["志愿者状态", "当前状态"]);
        /// 志愿服务队
        TEAM: Closed<Text> = Field::new("team", words("所属队伍", "team"), Line(60))
            .headings(&["志愿队伍", "服务队", "队伍"]);
        /// Since when they are of the team.
        TEAM_FROM: Closed<OnDay> =
            Field::new("team-from", words("入队日期", "in the team since"), Past);
        /// What they can do.
        SKILLS: List<Closed<Text>> = Field::new("skills", words("技能", "skills"), Line(20));
        /// When they have time.
        AVAILABLE: Closed<Text> =
            Field::new("available", words("可服务时间", "available"), Line(60));
        /// Did the guardian of a minor agree?
        GUARDIAN: Flag = Field::new("guardian", words("监护人同意", "guardian agrees"), Typed);
        /// Minutes served before this register began.
        BROUGHT: Count =
            Field::new("brought", words("期初时长", "minutes brought in"), AtMost(6_000_000));
        /// The day until which they count.
        BROUGHT_TO: OnDay = Field::new("brought-to", words("期初截至", "brought in until"), Past);
    }
}

/// 志愿者
pub const SHEET: Sheet = Sheet {
    name: "志愿者",
    words: words("志愿者", "volunteers"),
    announced_by: &["志愿者"],
    found_by: &[NUMBER.spec.name],
    columns: &[
        Column::must(person::Person::NAME, person::NAME.spec),
        Column::may(person::Person::NAME, person::NUMBER.spec),
        Column::must(Volunteer::NAME, NUMBER.spec),
        Column::must(Volunteer::NAME, REGISTERED.spec),
        Column::may(Volunteer::NAME, STATE.spec),
        Column::may(Volunteer::NAME, TEAM.spec),
    ],
};

impl Named for Volunteer {
    const NAME: &'static str = "volunteer";
}

impl Declared for Volunteer {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("志愿者", "volunteer"),
        home: class::HOURS,
        also: &[],
        published: None,
        shard: Shard::Hash(16),
        naming: Naming::Ulid,
        subject: Subject::Field(PERSON.spec.name),
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[Indicator {
            code: "VOL.N",
            words: words("志愿者", "volunteers"),
            formula: "count active volunteers",
            rate: false,
            version: 1,
            by_day: false,
            measure: Measure::Sum(|volunteer, _| {
                let state = volunteer.record::<Self>()?.get(&STATE)?;
                (state == VolunteerState::Active).then_some(Cell::count(1))
            }),
        }],
        sheets: &[SHEET],
    };
}
