//! 人口变动: that somebody came, was born, left or died, and the table of it by month.

use std::collections::BTreeMap;

use super::declaring::*;
use crate::day::PartialDay;
use crate::id::PersonId;
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

impl MonthLine {
    fn count(&mut self, how: Move) {
        *match how {
            Move::Entered => &mut self.entered,
            Move::Born => &mut self.born,
            Move::Arrived => &mut self.arrived,
            Move::Died => &mut self.died,
            Move::Left => &mut self.left,
        } += 1;
    }

    /// Several months in one line.
    #[must_use]
    pub fn whole(lines: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> u64| lines.iter().map(of).sum();
        Self {
            opening: lines.first().map_or(0, |line| line.opening),
            entered: sum(|line| line.entered),
            born: sum(|line| line.born),
            arrived: sum(|line| line.arrived),
            died: sum(|line| line.died),
            left: sum(|line| line.left),
            closing: lines.last().map_or(0, |line| line.closing),
        }
    }
}

/// A year and a month of it.
pub type Month = (i16, i8);

/// The table by month, from the first with a movement to the last: opening + entered + born +
/// arrived - died - left = closing, and every closing is the next opening.
///
/// `human` says for whom an id stands. Of each human only that counts which changes whether he is
/// here: nodes that were cut from each other may both have said that he came, or left. Who was
/// entered and came in the same month, came.
pub fn table<'a>(
    movements: impl IntoIterator<Item = Record<'a, Movement>>,
    human: impl Fn(PersonId) -> PersonId,
) -> BTreeMap<Month, MonthLine> {
    let mut of: BTreeMap<PersonId, Vec<(Month, &str, Move)>> = BTreeMap::new();
    for movement in movements {
        let Some(PartialDay::Month(year, month)) = movement.get(&MONTH) else { continue };
        let (Some(person), Some(how)) = (movement.get(&PERSON), movement.get(&MOVE)) else {
            continue;
        };
        of.entry(human(person)).or_default().push(((year, month), movement.name(), how));
    }
    let mut lines: BTreeMap<Month, MonthLine> = BTreeMap::new();
    for mut moves in of.into_values() {
        // Names are ULIDs: of one month, in the order in which they were noted.
        moves.sort_unstable_by_key(|(month, name, _)| (*month, *name));
        for (month, how) in counting(&moves) {
            lines.entry(month).or_default().count(how);
        }
    }
    let (Some((first, _)), Some((last, _))) = (lines.first_key_value(), lines.last_key_value())
    else {
        return lines;
    };
    for month in months(*first, *last) {
        lines.entry(month).or_default();
    }
    let mut opening = 0;
    for line in lines.values_mut() {
        line.opening = opening;
        line.closing = opening + line.entered + line.born + line.arrived - line.died - line.left;
        opening = line.closing;
    }
    lines
}

/// Of one human's movements those that change whether he is here.
fn counting(moves: &[(Month, &str, Move)]) -> Vec<(Month, Move)> {
    let mut counting: Vec<(Month, Move)> = Vec::new();
    for (month, _, how) in moves {
        let comes = !matches!(how, Move::Died | Move::Left);
        match counting.last_mut() {
            Some((before, Move::Entered)) if comes && before == month => {
                counting.pop();
                counting.push((*month, *how));
            }
            last => {
                let is_here =
                    last.is_some_and(|(_, last)| !matches!(last, Move::Died | Move::Left));
                if is_here != comes {
                    counting.push((*month, *how));
                }
            }
        }
    }
    counting
}

/// Both ends and what lies between.
fn months(first: Month, last: Month) -> impl Iterator<Item = Month> {
    let next = |(year, month): &Month| match month {
        12 => (year + 1, 1),
        _ => (*year, month + 1),
    };
    std::iter::successors(Some(first), move |month| Some(next(month)))
        .take_while(move |month| *month <= last)
}
