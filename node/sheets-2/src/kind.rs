//! The kinds of sheets an office keeps, their columns, and how a sheet is recognised.

use serde::Serialize;

use crate::characters::plain;
use Holds::{
    Building, Code, Count, Date, Entrance, Identity, Name, Notes, Phone, Room, Time, Title, Word,
};

/// What a sheet is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 居民名册: persons by household and dwelling.
    Roster,
    /// 组织架构: the five levels from street work committee to centre household.
    Organisation,
    /// 空间台账: buildings by grid and estate.
    Place,
    /// 五长岗位: who holds which post over which area.
    Duty,
    /// 巡查计划: which area is to be patrolled when.
    PatrolPlan,
    /// 巡查记录: patrols that were made, and what they found.
    PatrolRun,
    /// 志愿者: volunteers on the roster.
    Volunteer,
}

/// One column as this project writes it, and the other names it is read under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name written on export and used in messages.
    pub name: &'static str,
    /// Other headings offices use for the same thing.
    pub synonyms: &'static [&'static str],
    /// Whether a sheet without this column is refused.
    pub required: bool,
    /// What its cells are, which says how they are read.
    pub holds: Holds,
}

/// What the cells of a column are. Each has one normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// What somebody wrote; it stays as written.
    Notes,
    /// One of a few words.
    Word,
    /// The name of a person.
    Name,
    /// The name of anything else.
    Title,
    /// 楼栋: 1, 1栋 and 1号楼 are the same.
    Building,
    /// 单元
    Entrance,
    /// 房号
    Room,
    /// A number somebody gave out; letters may be among its digits.
    Code,
    /// The number of a document that names a person.
    Identity,
    /// One telephone number, or several.
    Phone,
    /// A day, month or year.
    Date,
    /// A time of day.
    Time,
    /// How many.
    Count,
}

impl Holds {
    /// Whether one sheet may have several such columns, each with a value to keep.
    pub(crate) const fn several(self) -> bool {
        matches!(self, Self::Notes | Self::Phone)
    }
}

const fn must(name: &'static str, holds: Holds, synonyms: &'static [&'static str]) -> Column {
    Column { name, synonyms, required: true, holds }
}

const fn may(name: &'static str, holds: Holds, synonyms: &'static [&'static str]) -> Column {
    Column { name, synonyms, required: false, holds }
}

const CITIZEN_ID: Column = may(
    "公民身份号码",
    Identity,
    &["身份证号", "身份证号码", "身份证", "证件号码", "居民身份证号"],
);
const ESTATE: Column = must("小区", Title, &["小区名称", "所在小区", "居民小区"]);
const BUILDING: Column = must("楼栋", Building, &["楼栋号", "楼号", "栋号", "楼", "幢", "幢号"]);
const AREA: &[&str] = &["责任区域", "区域名称", "负责区域", "网格", "巡查区域", "包保区域"];

const ROSTER: &[Column] = &[
    ESTATE,
    BUILDING,
    may("单元", Entrance, &["单元号", "门栋"]),
    must("房号", Room, &["房间号", "室", "门牌号", "房屋号", "房间"]),
    may("户号", Code, &["户编号", "家庭编号", "户籍号"]),
    must("姓名", Name, &["居民姓名", "名字"]),
    must("与户主关系", Word, &["户主关系", "关系", "家庭关系", "与户主的关系"]),
    must("性别", Word, &[]),
    may("出生日期", Date, &["出生年月", "出生年月日", "生日"]),
    CITIZEN_ID,
    may("联系电话", Phone, &["电话", "手机", "手机号", "手机号码", "联系方式", "电话号码"]),
    may("政治面貌", Word, &["政治身份"]),
    may("备注", Notes, &["说明备注", "其他"]),
];

const ORGANISATION: &[Column] = &[
    must("层级", Word, &["组织层级", "级别", "类别"]),
    must("编号", Code, &["组织编号", "代码", "组织代码"]),
    must("名称", Title, &["组织名称", "党组织名称"]),
    may("上级编号", Code, &["上级组织编号", "上级代码", "隶属编号"]),
    may("成立日期", Date, &["成立时间", "建立日期", "批准成立日期"]),
    may("状态", Word, &["组织状态", "运行状态"]),
];

const PLACE: &[Column] = &[
    must("网格编码", Code, &["网格代码", "网格编号", "所属网格", "网格号"]),
    ESTATE,
    BUILDING,
    must("单元数", Count, &["单元数量", "单元个数"]),
    may("层数", Count, &["楼层数", "总层数", "楼层"]),
    may("户数", Count, &["住户数", "总户数"]),
];

const DUTY: &[Column] = &[
    must("岗位", Word, &["职务", "岗位名称", "五长", "岗位类别"]),
    must("区域", Title, AREA),
    must("姓名", Name, &["人员", "人员姓名", "担任人", "责任人"]),
    CITIZEN_ID,
    may("党员", Word, &["是否党员", "是否中共党员"]),
    may("开始日期", Date, &["任职日期", "起始日期", "开始时间", "任职时间", "上岗日期"]),
    may("结束日期", Date, &["卸任日期", "终止日期", "结束时间", "离岗日期"]),
];

const PATROL_PLAN: &[Column] = &[
    must("日期", Date, &["计划日期", "巡查日期"]),
    must("时段", Word, &["上午/下午", "班次"]),
    must("区域", Title, AREA),
    may("巡查人", Name, &["计划巡查人", "责任人", "值班人"]),
];

const PATROL_RUN: &[Column] = &[
    must("日期", Date, &["巡查日期"]),
    must("时段", Word, &["上午/下午", "班次"]),
    must("区域", Title, AREA),
    must("开始时间", Time, &["起始时间", "巡查开始时间"]),
    must("结束时间", Time, &["巡查结束时间", "完成时间"]),
    must("巡查人", Name, &["巡查人员", "责任人", "姓名"]),
    may("发现问题", Notes, &["问题", "存在问题", "发现的问题", "问题描述"]),
];

const VOLUNTEER: &[Column] = &[
    must("姓名", Name, &["志愿者姓名", "名字"]),
    CITIZEN_ID,
    must("注册编号", Code, &["志愿者编号", "注册号", "志愿者注册编号"]),
    must("注册日期", Date, &["注册时间", "登记日期"]),
    may("状态", Word, &["志愿者状态", "当前状态"]),
    may("所属队伍", Title, &["志愿队伍", "服务队", "队伍"]),
];

impl Kind {
    /// Every kind; the order decides between kinds that fit a sheet equally well.
    pub const ALL: [Self; 7] = [
        Self::Roster,
        Self::Organisation,
        Self::Place,
        Self::Duty,
        Self::PatrolRun,
        Self::PatrolPlan,
        Self::Volunteer,
    ];

    /// The name of the sheet and of the file, as an office would write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Roster => "居民名册",
            Self::Organisation => "组织架构",
            Self::Place => "空间台账",
            Self::Duty => "五长岗位",
            Self::PatrolPlan => "巡查计划",
            Self::PatrolRun => "巡查记录",
            Self::Volunteer => "志愿者",
        }
    }

    /// The columns in the order they are written.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Roster => ROSTER,
            Self::Organisation => ORGANISATION,
            Self::Place => PLACE,
            Self::Duty => DUTY,
            Self::PatrolPlan => PATROL_PLAN,
            Self::PatrolRun => PATROL_RUN,
            Self::Volunteer => VOLUNTEER,
        }
    }

    /// Words in a sheet's or file's name that announce this kind.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Roster => &["居民名册", "居民台账", "花名册", "住户名册", "人口台账"],
            Self::Organisation => &["组织架构", "组织体系", "党组织"],
            Self::Place => &["空间台账", "楼栋台账", "小区台账", "网格台账"],
            Self::Duty => &["五长"],
            Self::PatrolPlan => &["巡查计划", "排班"],
            Self::PatrolRun => &["巡查记录", "巡查日志"],
            Self::Volunteer => &["志愿者"],
        }
    }

    /// The kind that a sheet's or file's name announces.
    pub(crate) fn announced(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.words().iter().any(|word| name.contains(word)))
    }

    /// Which column, if any, a heading names. Brackets and their content do not count.
    pub(crate) fn column(self, heading: &str) -> Option<usize> {
        let bare = bare_heading(heading);
        let names = |column: &Column| column.name == bare || column.synonyms.contains(&&*bare);
        self.columns()
            .iter()
            .position(|column| column.name == bare)
            .or_else(|| self.columns().iter().position(names))
    }
}

/// `＊姓 名（必填）` is the same heading as `姓名`.
fn bare_heading(heading: &str) -> String {
    let text = plain(heading);
    let before_bracket = text.split(['(', '[', '【']).next().unwrap_or_default();
    before_bracket.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_as_offices_write_them() {
        for heading in ["公民身份号码", "身份证号", " 身 份 证 号（18位）", "＊身份证号码"]
        {
            assert_eq!(Kind::Roster.column(heading), Some(9), "{heading}");
        }
        assert_eq!(Kind::Roster.column("血型"), None);
    }

    #[test]
    fn no_heading_means_two_columns_of_one_kind() {
        for kind in Kind::ALL {
            let mut seen = std::collections::BTreeSet::new();
            for column in kind.columns() {
                for name in [&column.name].into_iter().chain(column.synonyms) {
                    assert!(seen.insert(*name), "{kind:?}: {name} twice");
                }
            }
        }
    }
}
