//! Two patrols a day in the area of every grid branch.

use jiff::civil::{Date, time};
use node_sheets::{PatrolPlanRow, PatrolRow, Slot};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::community::{CommunityRows, branch_code};
use crate::plan::CommunityPlan;
use crate::truth::Counts;

const FINISHED: f64 = 0.95;
const BEGUN_ONLY: f64 = 0.02;
const FINDING: f64 = 0.06;
const FINDINGS: [&str; 5] =
    ["楼道堆放杂物", "单元灯不亮", "垃圾箱满溢", "车辆占用消防通道", "井盖松动"];

/// A month of one community: what was planned and what was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Month {
    pub(crate) planned: Vec<PatrolPlanRow>,
    pub(crate) made: Vec<PatrolRow>,
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
        let names: Vec<&str> = rows.duties.iter().filter_map(|duty| duty.name.as_deref()).collect();
        let mut month = Self::default();
        let first = Date::new(of.0, of.1, 1).expect("a plan has real months");
        for day in 1..=first.days_in_month() {
            let on = Date::new(of.0, of.1, day).expect("a day of that month");
            for area in (1..=community.branches).map(|branch| branch_code(community, branch)) {
                for slot in [Slot::Morning, Slot::Afternoon] {
                    let by = names[rng.random_range(0..names.len())];
                    month.add(on, slot, &area, by, &mut rng);
                }
            }
        }
        month
    }

    fn add(&mut self, on: Date, slot: Slot, area: &str, by: &str, rng: &mut ChaCha8Rng) {
        let (area, by) = (area.to_owned(), by.to_owned());
        self.planned.push(PatrolPlanRow { on, slot, area: area.clone(), by: Some(by.clone()) });
        let chance: f64 = rng.random();
        if chance > FINISHED + BEGUN_ONLY {
            return;
        }
        let hour = if slot == Slot::Morning { 8 } else { 14 };
        let started = time(hour, rng.random_range(0..60), 0, 0);
        let ended = time(hour + 1, rng.random_range(0..60), 0, 0);
        let ended = (chance <= FINISHED).then_some(ended);
        let found = ended.is_some() && rng.random_bool(FINDING);
        let finding = found.then(|| FINDINGS[rng.random_range(0..FINDINGS.len())].to_owned());
        self.made.push(PatrolRow { on, slot, area, started, ended, by, finding });
    }

    pub(crate) fn count(&self) -> Counts {
        let finished = self.made.iter().filter(|run| run.ended.is_some()).count() as u64;
        Counts {
            patrols_planned: self.planned.len() as u64,
            patrols_finished: finished,
            patrols_unfinished: self.made.len() as u64 - finished,
            patrol_findings: self.made.iter().filter(|run| run.finding.is_some()).count() as u64,
            ..Counts::default()
        }
    }
}
