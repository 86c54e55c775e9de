//! The typed rows: one struct per kind, read from cells once and written back the same.

use std::fmt;

use jiff::civil::{Date, Time};
use schema_documents::codes::Sex;
use serde::Serialize;

use crate::cell::clean;
use crate::checks::{Birth, read_date, read_sex, read_time, read_yes_no};
use crate::error::Reason;
use crate::kind::{Holds, Kind};
use crate::table::{Fault, Fields, count};

/// A closed list of words, each an enum variant; synonyms are read, the first word is written.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:literal {
        $($variant:ident = $first:literal $(| $other:literal)*),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $(#[doc = $first] $variant),* }

        impl $name {
            /// Every one, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is written in a sheet.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $first),* }
            }

            fn read(text: &str) -> Result<Self, Reason> {
                match text {
                    $($first $(| $other)* => Ok(Self::$variant),)*
                    _ => Err(Reason::NotOneOf($list)),
                }
            }
        }
    };
}

words! {
    /// The five levels of organisation (五级组织).
    Level, "街道党工委、社区党委、网格党支部、楼栋党小组、党员中心户" {
        StreetCommittee = "街道党工委" | "街道",
        CommunityCommittee = "社区党委" | "社区" | "社区党总支" | "社区党支部",
        GridBranch = "网格党支部" | "小区党支部" | "网格(小区)党支部" | "党支部",
        BuildingGroup = "楼栋党小组" | "党小组",
        CentreHousehold = "党员中心户" | "中心户",
    }
}

words! {
    /// Whether an organisation exists.
    OrgState, "正常、已合并、已撤销" {
        Active = "正常" | "在用" | "运行" | "有效",
        Merged = "已合并" | "合并",
        Dissolved = "已撤销" | "撤销" | "注销",
    }
}

words! {
    /// The five chiefs (五长).
    Chief, "街道长、社区长、网格长、楼栋长、单元长" {
        Street = "街道长",
        Community = "社区长",
        Grid = "网格长",
        Building = "楼栋长" | "楼长",
        Entrance = "单元长",
    }
}

words! {
    /// The two patrols of a day (一日两巡).
    Slot, "上午、下午" {
        Morning = "上午" | "AM" | "早",
        Afternoon = "下午" | "PM" | "晚",
    }
}

words! {
    /// Where a volunteer stands.
    VolunteerState, "在册、已转出、已退出" {
        Active = "在册" | "正常" | "活跃" | "已注册",
        Transferred = "已转出" | "转出",
        Withdrawn = "已退出" | "退出" | "注销",
    }
}

/// A person in a household in a dwelling.
#[derive(Clone, PartialEq, Eq)]
pub struct RosterRow {
    pub estate: String,
    pub building: String,
    /// Empty where the building has no entrances.
    pub entrance: String,
    pub room: String,
    /// 户号; where the sheet has none, the dwelling stands for the household.
    pub household: String,
    pub name: String,
    /// 与户主关系 as written (户主, 配偶, 子, ...).
    pub relation: String,
    pub sex: Sex,
    /// From the column, or from the citizen id where the column is empty.
    pub birth: Option<Birth>,
    /// The number of the identity card, or of another document that names a person.
    pub citizen_id: Option<String>,
    /// One number, or several: `13800138000(儿子)、04363200000转801`.
    pub phone: Option<String>,
    pub political: Option<String>,
    pub note: Option<String>,
}

/// An organisation of one of the five levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRow {
    pub level: Level,
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub founded: Option<Date>,
    pub state: OrgState,
}

/// A building in an estate in a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// 15 digits: community code and grid number.
    pub grid: String,
    pub estate: String,
    pub building: String,
    pub entrances: u32,
    pub floors: Option<u32>,
    pub households: Option<u32>,
}

/// A post of the five chiefs; vacant where nobody is named.
#[derive(Clone, PartialEq, Eq)]
pub struct DutyRow {
    pub chief: Chief,
    pub area: String,
    pub name: Option<String>,
    pub citizen_id: Option<String>,
    pub party_member: bool,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// A patrol that is to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct PatrolPlanRow {
    pub on: Date,
    pub slot: Slot,
    pub area: String,
    pub by: Option<String>,
}

/// A patrol that was begun, and finished where `ended` is there.
#[derive(Clone, PartialEq, Eq)]
pub struct PatrolRow {
    pub on: Date,
    pub slot: Slot,
    pub area: String,
    pub started: Time,
    pub ended: Option<Time>,
    pub by: String,
    pub finding: Option<String>,
}

/// A volunteer on the roster.
#[derive(Clone, PartialEq, Eq)]
pub struct VolunteerRow {
    pub name: String,
    pub citizen_id: Option<String>,
    pub number: String,
    pub registered: Date,
    pub state: VolunteerState,
    pub team: Option<String>,
}

/// One row of any kind.
#[derive(Clone, PartialEq, Eq)]
pub enum Record {
    Roster(RosterRow),
    Organisation(OrgRow),
    Place(PlaceRow),
    Duty(DutyRow),
    PatrolPlan(PatrolPlanRow),
    PatrolRun(PatrolRow),
    Volunteer(VolunteerRow),
}

/// Rows about persons show their kind only, so that no log names anyone.
macro_rules! silent_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
silent_debug!(RosterRow, DutyRow, PatrolPlanRow, PatrolRow, VolunteerRow);

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({:?})", self.kind())
    }
}

impl Record {
    /// Which kind of sheet it belongs to.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Roster(_) => Kind::Roster,
            Self::Organisation(_) => Kind::Organisation,
            Self::Place(_) => Kind::Place,
            Self::Duty(_) => Kind::Duty,
            Self::PatrolPlan(_) => Kind::PatrolPlan,
            Self::PatrolRun(_) => Kind::PatrolRun,
            Self::Volunteer(_) => Kind::Volunteer,
        }
    }

    pub(crate) fn read(kind: Kind, fields: &Fields<'_>) -> Result<Self, Fault> {
        Ok(match kind {
            Kind::Roster => Self::Roster(RosterRow::read(fields)?),
            Kind::Organisation => Self::Organisation(OrgRow::read(fields)?),
            Kind::Place => Self::Place(PlaceRow::read(fields)?),
            Kind::Duty => Self::Duty(DutyRow::read(fields)?),
            Kind::PatrolPlan => Self::PatrolPlan(PatrolPlanRow::read(fields)?),
            Kind::PatrolRun => Self::PatrolRun(PatrolRow::read(fields)?),
            Kind::Volunteer => Self::Volunteer(VolunteerRow::read(fields)?),
        })
    }

    /// The cells in the order of the kind's columns.
    pub fn cells(&self) -> Vec<String> {
        match self {
            Self::Roster(row) => row.cells(),
            Self::Organisation(row) => row.cells(),
            Self::Place(row) => row.cells(),
            Self::Duty(row) => row.cells(),
            Self::PatrolPlan(row) => row.cells(),
            Self::PatrolRun(row) => row.cells(),
            Self::Volunteer(row) => row.cells(),
        }
    }
}

macro_rules! into_record {
    ($($variant:ident($row:ident)),*) => {$(
        impl From<$row> for Record {
            fn from(row: $row) -> Self {
                Self::$variant(row)
            }
        }
    )*};
}
into_record!(
    Roster(RosterRow),
    Organisation(OrgRow),
    Place(PlaceRow),
    Duty(DutyRow),
    PatrolPlan(PatrolPlanRow),
    PatrolRun(PatrolRow),
    Volunteer(VolunteerRow)
);

impl RosterRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let id = fields.identity()?;
        let told = fields.parse("出生日期", |text| Birth::read(text, fields.rules.today))?;
        let mut sex =
            read_sex(&fields.text("性别")?).map_err(|reason| Fault { column: "性别", reason })?;
        if let Some(id) = &id {
            let born = told.as_ref().zip(id.birth.as_ref());
            if born.is_some_and(|(told, birth)| !told.agrees(birth)) {
                return Err(Fault { column: "出生日期", reason: Reason::BirthDiffers });
            }
            match (sex, id.sex) {
                (Sex::Unknown | Sex::NotStated, Some(said)) => sex = said,
                (Sex::Male | Sex::Female, Some(said)) if sex != said => {
                    return Err(Fault { column: "性别", reason: Reason::SexDiffers });
                }
                _ => {}
            }
        }
        let estate = fields.required("小区")?;
        let building = fields.required("楼栋")?;
        let entrance = fields.optional("单元")?.unwrap_or_default();
        let room = fields.required("房号")?;
        let household = match fields.optional("户号")? {
            Some(household) => household,
            // In the form it is read again after an export.
            None => clean(&format!("{estate}-{building}-{entrance}-{room}"), Holds::Code),
        };
        let birth = id.as_ref().and_then(|id| id.birth.clone()).or(told);
        Ok(Self {
            estate,
            building,
            entrance,
            room,
            household,
            name: fields.required("姓名")?,
            relation: fields.required("与户主关系")?,
            sex,
            birth,
            citizen_id: id.map(|id| id.text),
            phone: fields.phone("联系电话")?,
            political: fields.optional("政治面貌")?,
            note: fields.optional("备注")?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.estate.clone(),
            self.building.clone(),
            self.entrance.clone(),
            self.room.clone(),
            self.household.clone(),
            self.name.clone(),
            self.relation.clone(),
            self.sex.word().to_owned(),
            self.birth.as_ref().map(|birth| birth.as_str().to_owned()).unwrap_or_default(),
            text(&self.citizen_id),
            text(&self.phone),
            text(&self.political),
            text(&self.note),
        ]
    }
}

impl OrgRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        Ok(Self {
            level: fields.must("层级", Level::read)?,
            code: fields.required("编号")?,
            name: fields.required("名称")?,
            parent: fields.optional("上级编号")?,
            founded: fields.past("成立日期")?,
            state: fields.parse("状态", OrgState::read)?.unwrap_or(OrgState::Active),
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.level.name().to_owned(),
            self.code.clone(),
            self.name.clone(),
            text(&self.parent),
            text(&self.founded),
            self.state.name().to_owned(),
        ]
    }
}

impl PlaceRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let column = "网格编码";
        let grid = fields.required(column)?;
        if grid.len() != 15 || !grid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Fault { column, reason: Reason::Code });
        }
        Ok(Self {
            grid,
            estate: fields.required("小区")?,
            building: fields.required("楼栋")?,
            entrances: fields.must("单元数", |text| count(text, 100))?,
            floors: fields.number("层数", 150)?,
            households: fields.number("户数", 10_000)?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.grid.clone(),
            self.estate.clone(),
            self.building.clone(),
            self.entrances.to_string(),
            text(&self.floors),
            text(&self.households),
        ]
    }
}

impl DutyRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let name = fields.optional("姓名")?;
        let id = fields.identity()?;
        let (from, to) = (fields.past("开始日期")?, fields.parse("结束日期", read_date)?);
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            return Err(Fault { column: "结束日期", reason: Reason::EndsBeforeStart });
        }
        Ok(Self {
            chief: fields.must("岗位", Chief::read)?,
            area: fields.required("区域")?,
            name,
            citizen_id: id.map(|id| id.text),
            party_member: fields.parse("党员", read_yes_no)?.unwrap_or(false),
            from,
            to,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.chief.name().to_owned(),
            self.area.clone(),
            text(&self.name),
            text(&self.citizen_id),
            if self.party_member { "是" } else { "否" }.to_owned(),
            text(&self.from),
            text(&self.to),
        ]
    }
}

impl PatrolPlanRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        Ok(Self {
            on: fields.must("日期", read_date)?,
            slot: fields.must("时段", Slot::read)?,
            area: fields.required("区域")?,
            by: fields.optional("巡查人")?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.on.to_string(), self.slot.name().to_owned(), self.area.clone(), text(&self.by)]
    }
}

impl PatrolRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let started = fields.must("开始时间", read_time)?;
        let ended = fields.time("结束时间")?;
        if ended.is_some_and(|ended| ended < started) {
            return Err(Fault { column: "结束时间", reason: Reason::EndsBeforeStart });
        }
        Ok(Self {
            on: fields.past_date("日期")?,
            slot: fields.must("时段", Slot::read)?,
            area: fields.required("区域")?,
            started,
            ended,
            by: fields.required("巡查人")?,
            finding: fields.optional("发现问题")?.filter(|finding| finding != "无"),
        })
    }

    fn cells(&self) -> Vec<String> {
        let clock = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        vec![
            self.on.to_string(),
            self.slot.name().to_owned(),
            self.area.clone(),
            clock(self.started),
            self.ended.map(clock).unwrap_or_default(),
            self.by.clone(),
            text(&self.finding),
        ]
    }
}

impl VolunteerRow {
    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let id = fields.identity()?;
        Ok(Self {
            name: fields.required("姓名")?,
            citizen_id: id.map(|id| id.text),
            number: fields.required("注册编号")?,
            registered: fields.past_date("注册日期")?,
            state: fields.parse("状态", VolunteerState::read)?.unwrap_or(VolunteerState::Active),
            team: fields.optional("所属队伍")?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            text(&self.citizen_id),
            self.number.clone(),
            self.registered.to_string(),
            self.state.name().to_owned(),
            text(&self.team),
        ]
    }
}

/// The text of a value that may be absent.
fn text(value: &Option<impl fmt::Display>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}
