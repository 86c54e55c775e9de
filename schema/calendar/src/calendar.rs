//! The calendar as it is known: which days are worked, and when a term ends.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use crate::year::{DayKind, Year, is_open_until_next_notice};

/// Days that one term may be looked through for: the clock may stand still for years, not for
/// ever.
const DAYS_MAX: u32 = 20_000;

/// The notices known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

/// Whether a day is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Working {
    /// Is it worked, as far as is known?
    pub works: bool,
    /// May a notice that is not known yet change that?
    pub provisional: bool,
}

/// A time in which a clock stands still, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// When a term ends, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last day of the term.
    pub day: Date,
    /// May a notice that is not known yet change it?
    pub provisional: bool,
    /// The notices that it was counted with: years and versions, ascending.
    pub notices: Vec<(i16, u64)>,
}

impl Calendar {
    /// Takes in a notice. Of one year the greatest version is in force; of one version, should
    /// two be told, the same one wherever they come in which order.
    pub fn publish(&mut self, year: Year) {
        if self.years.get(&year.year()).is_none_or(|known| *known < year) {
            self.years.insert(year.year(), year);
        }
    }

    /// Is a day worked? Where no notice names it, Monday to Friday are.
    pub fn working(&self, day: Date) -> Working {
        // The later notice has the last word: a December is spoken of by two.
        let next = is_open_until_next_notice(day).then(|| day.year() + 1);
        let named = next.into_iter().chain([day.year()]);
        let named = named.filter_map(|year| self.years.get(&year)?.day(day)).next();
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let works = named.map_or(!weekend, |kind| kind == DayKind::MakeUp);
        let known = |year: i16| self.years.contains_key(&year);
        let provisional = !known(day.year()) || next.is_some_and(|next| !known(next));
        Working { works, provisional }
    }

    /// When a term of so many working days ends. Day 0 does not count; of no days it is the end
    /// itself. Working days in a hold do not count either. `None` beyond the calendar's last year
    /// or after 20,000 days.
    pub fn due(&self, day_0: Date, working_days: u32, holds: &[Hold]) -> Option<Due> {
        let mut notices = BTreeMap::new();
        let (mut day, mut left, mut provisional) = (day_0, working_days, false);
        for _ in 0..DAYS_MAX {
            if left == 0 {
                return Some(Due { day, provisional, notices: notices.into_iter().collect() });
            }
            day = day.checked_add(1.day()).ok()?;
            let working = self.working(day);
            let held = holds.iter().any(|hold| (hold.from..=hold.until).contains(&day));
            provisional |= working.provisional && !held;
            let years = [Some(day.year()), is_open_until_next_notice(day).then(|| day.year() + 1)];
            let known = years.into_iter().flatten().filter_map(|year| self.years.get(&year));
            notices.extend(known.map(|year| (year.year(), year.version())));
            left -= u32::from(working.works && !held);
        }
        None
    }
}
