//! Two patrols a day in the area of every grid branch.

use jiff::civil::{Date, time};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schema_documents::Row;
use schema_documents::kinds::slot::{self, Half};

use crate::community::{CommunityRows, branch_code};
use crate::plan::CommunityPlan;
use crate::truth::Counts;

const FINISHED: f64 = 0.95;
const FINDING: f64 = 0.06;
const FINDINGS: [&str; 5] =
    ["楼道堆放杂物", "单元灯不亮", "垃圾箱满溢", "车辆占用消防通道", "井盖松动"];

/// A month of one community: what was planned and what was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Month {
    pub(crate) planned: Vec<Row>,
    pub(crate) made: Vec<Row>,
    findings: u64,
}

impl Month {
    pub(crate) fn new(
        seed: u64,
        community: &CommunityPlan,
        rows: &CommunityRows,
        of: (i16, i8),
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ (of.0 as u64 * 12 + of.1 as u64));
        rng.set_stream(community.index * 2 + 1);
        let mut month = Self::default();
        let first = Date::new(of.0, of.1, 1).expect("a plan has real months");
        for day in 1..=first.days_in_month() {
            let on = Date::new(of.0, of.1, day).expect("a day of that month");
            for area in (1..=community.branches).map(|branch| branch_code(community, branch)) {
                for half in [Half::Morning, Half::Afternoon] {
                    let by = rows.walkers.choose(&mut rng).map_or("", String::as_str);
                    month.add(on, half, &area, by, &mut rng);
                }
            }
        }
        month
    }

    fn add(&mut self, on: Date, half: Half, area: &str, by: &str, rng: &mut ChaCha8Rng) {
        let slot = |row: Row| {
            row.say(&slot::DAY, on.to_string())
                .say(&slot::HALF, half.words().zh)
                .say(&slot::AREA, area)
        };
        self.planned.push(slot(Row::new(&slot::PLAN_SHEET)).say(&slot::PERSONS, by));
        if by.is_empty() || !rng.random_bool(FINISHED) {
            return;
        }
        let hour = if half == Half::Morning { 8 } else { 14 };
        let minutes = (rng.random_range(0..60), rng.random_range(0..60));
        let clock = |hour, minute| time(hour, minute, 0, 0).strftime("%H:%M").to_string();
        let found = rng.random_bool(FINDING);
        let finding = if found { FINDINGS[rng.random_range(0..FINDINGS.len())] } else { "" };
        self.findings += u64::from(found);
        let made = slot(Row::new(&slot::RUN_SHEET))
            .say(&slot::STARTED, clock(hour, minutes.0))
            .say(&slot::ENDED, clock(hour + 1, minutes.1))
            .say(&slot::WALKERS, by)
            .say(&slot::TEXT, finding);
        self.made.push(made);
    }

    pub(crate) fn count(&self) -> Counts {
        Counts {
            patrols_planned: self.planned.len() as u64,
            patrols_finished: self.made.len() as u64,
            patrol_findings: self.findings,
            ..Counts::default()
        }
    }
}
