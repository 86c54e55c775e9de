//! 空间台账: the buildings of a community, each in an estate and in a grid. The name that a record
//! was begun with survives renaming: dwellings and posts refer to it.

use super::declaring::*;
use super::estate::Estate;
use super::grid::Grid;

/// 楼栋
#[derive(Debug)]
pub enum Building {}

fields! {
    /// The fields of a building.
    FIELDS of Building {
        /// The grid that it lies in.
        GRID: To<Grid> = Field::new("grid", words("网格编码", "grid number"), GridNumber)
            .headings(&["网格代码", "网格编号", "所属网格", "网格号"]);
        /// The estate that it belongs to.
        ESTATE: ToMade<Estate> = Field::new("estate", words("小区", "estate"), Line(40))
            .required().headings(&["小区名称", "所在小区", "居民小区"]);
        /// Its number in the estate.
        NUMBER: Text = Field::new("number", words("楼栋", "building"), BuildingNumber)
            .required().headings(&["楼栋号", "楼号", "栋号", "楼", "幢", "幢号"]);
        /// The numbers that it had.
        FORMER: List<Text> = Field::new("former", words("曾用楼号", "former numbers"), BuildingNumber);
        /// How many entrances it has.
        ENTRANCES: Count = Field::new("entrances", words("单元数", "entrances"), AtMost(100))
            .headings(&["单元数量", "单元个数"]);
        /// How many floors it has.
        FLOORS: Count = Field::new("floors", words("层数", "floors"), AtMost(150))
            .headings(&["楼层数", "总层数", "楼层"]);
        /// How many households are said to live there.
        HOUSEHOLDS: Count = Field::new("households", words("户数", "households"), AtMost(10_000))
            .headings(&["住户数", "总户数"]);
    }
}

/// 空间台账
pub const SHEET: Sheet = Sheet {
    name: "空间台账",
    words: words("空间台账", "places"),
    announced_by: &["空间台账", "楼栋台账", "小区台账", "网格台账"],
    found_by: &[],
    columns: &[
        Column::must(Building::NAME, GRID.spec),
        Column::must(Building::NAME, ESTATE.spec),
        Column::must(Building::NAME, NUMBER.spec),
        Column::must(Building::NAME, ENTRANCES.spec),
        Column::may(Building::NAME, FLOORS.spec),
        Column::may(Building::NAME, HOUSEHOLDS.spec),
    ],
};

impl Named for Building {
    const NAME: &'static str = "building";
}

impl Declared for Building {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("楼栋", "building"),
        home: class::ORIGINAL,
        also: &[],
        published: Some(class::PLACE),
        shard: Shard::One,
        naming: Naming::Made(&[ESTATE.spec.name, NUMBER.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[Indicator {
            code: "PLACE.BUILDINGS",
            words: words("楼栋", "buildings"),
            formula: "count buildings",
            rate: false,
            version: 1,
            by_day: false,
            measure: Measure::Sum(|building, _| building.record::<Self>().map(|_| Cell::count(1))),
        }],
        sheets: &[SHEET],
    };
}
