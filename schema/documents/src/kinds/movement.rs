//! 人口变动: that somebody came, was born, left or died, and the table of it by month.

use std::collections::BTreeMap;

use super::declaring::*;
use crate::day::PartialDay;
use crate::record::Record;

/// 人口变动
#[derive(Debug)]
pub enum Movement {}

codes! {
    /// What happened.
    pub enum Move {
        Entered = "登记": "登记" / "entered";
        Born = "出生": "出生" / "born";
        Died = "死亡": "死亡" / "died";
        Arrived = "迁入": "迁入" / "arrived";
        Left = "迁出": "迁出" / "left";
    }
}

fields! {
    /// The fields of a movement.
    FIELDS of Movement {
        /// Who moved.
        PERSON: PersonRef = Field::new("person", words("人员", "person"), Typed).required();
        /// What happened.
        MOVE: OneOf<Move> = Field::new("move", words("变动类型", "movement"), Typed).required();
        /// The month that it is counted in.
        MONTH: About = Field::new("month", words("计入月份", "month"), Past).required();
        /// The day on which it happened.
        DAY: Closed<OnDay> = Field::new("day", words("变动日期", "day"), Past);
        /// From where, or to where.
        ELSEWHERE: Closed<Text> = Field::new("elsewhere", words("来处或去处", "from or to"), Line(60));
        /// Does it correct an earlier, closed month?
        CORRECTS: Flag = Field::new("corrects", words("更正", "corrects"), Typed);
    }
}

impl Named for Movement {
    const NAME: &'static str = "movement";
}

impl Declared for Movement {
    type Stratum = Persons;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("人口变动", "movement"),
        home: class::PERSON,
        also: &[],
        published: None,
        shard: Shard::Hash(64),
        naming: Naming::Ulid,
        subject: Subject::Field(PERSON.spec.name),
        stratum: Level::Persons,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}

/// A line of the movement table (人口变动表).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthLine {
    /// 期初: the closing of the month before.
    pub opening: u64,
    /// 登记: those who were here and are entered only now.
    pub entered: u64,
    /// 出生
    pub born: u64,
    /// 迁入
    pub arrived: u64,
    /// 死亡
    pub died: u64,
    /// 迁出
    pub left: u64,
    /// 期末: the opening of the next month.
    pub closing: u64,
}

/// The table by month: every closing is the next opening. What is late for a month that was
/// closed is counted in the month that it says.
pub fn table<'a>(
    movements: impl IntoIterator<Item = Record<'a, Movement>>,
) -> BTreeMap<(i16, i8), MonthLine> {
    let mut lines: BTreeMap<(i16, i8), MonthLine> = BTreeMap::new();
    for movement in movements {
        let Some(PartialDay::Month(year, month)) = movement.get(&MONTH) else { continue };
        let line = lines.entry((year, month)).or_default();
        match movement.get(&MOVE) {
            Some(Move::Entered) => line.entered += 1,
            Some(Move::Born) => line.born += 1,
            Some(Move::Arrived) => line.arrived += 1,
            Some(Move::Died) => line.died += 1,
            Some(Move::Left) => line.left += 1,
            None => {}
        }
    }
    let mut opening = 0;
    for line in lines.values_mut() {
        line.opening = opening;
        let came = opening + line.entered + line.born + line.arrived;
        line.closing = came.saturating_sub(line.died + line.left);
        opening = line.closing;
    }
    lines
}
