//! The indicators of a report, and what one document contributes to them.

use std::collections::BTreeMap;

use automerge::AutoCommit;
use schema_wire::{Class, Hash};
use serde::{Deserialize, Serialize};

use crate::organisation::{self, Level};
use crate::{duty, patrol, place, roster, volunteer};

/// One number of a report. Parts of a rate add up; rates never do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub value: u64,
    /// Numerator and denominator, for rates.
    pub num: u64,
    pub den: u64,
    /// Cases nothing is known of; outside the denominator.
    pub unknown: u64,
}

impl Cell {
    fn count(value: usize) -> Self {
        Self { value: value as u64, ..Self::default() }
    }

    fn parts(&self) -> [u128; 4] {
        [self.value, self.num, self.den, self.unknown].map(u128::from)
    }

    fn of(parts: [u128; 4]) -> Self {
        let narrow = |part| u64::try_from(part).unwrap_or(u64::MAX);
        let [value, num, den, unknown] = parts.map(narrow);
        Self { value, num, den, unknown }
    }
}

/// An indicator (`domain.md` 4.3).
#[derive(Debug, Clone, Copy)]
pub struct Indicator {
    pub code: &'static str,
    pub name_zh: &'static str,
    pub name_en: &'static str,
    /// Over what, in words; part of the rules hash.
    pub formula: &'static str,
    pub rate: bool,
}

macro_rules! indicators {
    ($($code:literal $zh:literal $en:literal $formula:literal $rate:literal;)*) => {
        &[$(Indicator { code: $code, name_zh: $zh, name_en: $en, formula: $formula, rate: $rate }),*]
    };
}

/// The registry.
pub const REGISTRY: &[Indicator] = indicators! {
    "ORG.BRANCH" "网格党支部" "grid branches" "count active bodies of level 网格党支部" false;
    "ORG.GROUP" "楼栋党小组" "building groups" "count active bodies of level 楼栋党小组" false;
    "ORG.CENTER_HH" "党员中心户" "centre households" "count active bodies of level 党员中心户" false;
    "PLACE.BUILDINGS" "楼栋" "buildings" "count buildings" false;
    "RES.PERSONS" "居民" "residents" "count persons present" false;
    "RES.HOUSEHOLDS" "户" "households" "count households with a person present" false;
    "DUTY.POSTS" "五长在岗" "duty posts filled" "posts with a holder whose term has not ended / posts" true;
    "PAT.RATE" "巡查到位率" "patrols made" "slots finished / (planned - unknown)" true;
    "PAT.FINDINGS" "巡查发现问题" "patrol findings" "sum of findings of runs" false;
    "VOL.N" "志愿者" "volunteers" "count active volunteers" false;
};

/// The hash of the registry: reports made by other rules are told apart.
pub fn rules_hash() -> Hash {
    let rules: Vec<String> =
        REGISTRY.iter().map(|i| format!("{}={};{}\n", i.code, i.formula, i.rate)).collect();
    Hash::of(rules.concat().as_bytes())
}

/// Cells by code.
pub type Tally = BTreeMap<String, Cell>;

/// What one document contributes. Depends on the document and the day alone, so it can be kept
/// until the document changes.
pub fn tally(class: Class, document: &AutoCommit, heard_until: &str) -> Tally {
    let cells: Vec<(&str, Cell)> = match class {
        Class::Organisation => {
            let bodies = organisation::bodies(document);
            let active =
                |level| Cell::count(bodies.iter().filter(|b| b.active && b.level == level).count());
            vec![
                ("ORG.BRANCH", active(Level::GridBranch)),
                ("ORG.GROUP", active(Level::BuildingGroup)),
                ("ORG.CENTER_HH", active(Level::CenterHousehold)),
            ]
        }
        Class::Place => vec![("PLACE.BUILDINGS", Cell::count(place::buildings(document).len()))],
        Class::Roster => {
            let persons = roster::persons(document);
            vec![
                ("RES.PERSONS", Cell::count(persons.iter().filter(|p| p.present()).count())),
                ("RES.HOUSEHOLDS", Cell::count(roster::lived_in(&persons))),
            ]
        }
        Class::Duty => {
            let posts = duty::posts(document);
            let over = |to: &str| !to.is_empty() && to < heard_until;
            let held = |post: &&duty::Post| !post.holder.is_empty() && !over(&post.to);
            let filled = posts.iter().filter(held).count() as u64;
            let den = posts.len() as u64;
            vec![("DUTY.POSTS", Cell { value: filled, num: filled, den, unknown: 0 })]
        }
        Class::Patrol => {
            let made = patrol::presence(document, heard_until);
            let rate = Cell {
                value: made.finished,
                num: made.finished,
                den: made.finished + made.missed,
                unknown: made.unknown,
            };
            let findings = Cell { value: made.findings, ..Cell::default() };
            vec![("PAT.RATE", rate), ("PAT.FINDINGS", findings)]
        }
        Class::Volunteer => {
            let active = volunteer::volunteers(document).iter().filter(|v| v.active).count();
            vec![("VOL.N", Cell::count(active))]
        }
        Class::Report | Class::Keyring => Vec::new(),
    };
    cells.into_iter().map(|(code, cell)| (code.to_owned(), cell)).collect()
}

/// A sum of tallies, from which what was added can be taken away again.
///
/// Wider than what it adds: a unit that claims numbers beyond all measure spoils its parent's sum
/// no longer than it claims them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum(BTreeMap<String, Wide>);

/// The cells added under one code: how many, and their sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wide {
    cells: u64,
    parts: [u128; 4],
}

impl Sum {
    /// Adds a tally.
    pub fn add(&mut self, tally: &Tally) {
        for (code, cell) in tally {
            let wide = self.0.entry(code.clone()).or_default();
            wide.cells += 1;
            wide.parts.iter_mut().zip(cell.parts()).for_each(|(wide, part)| *wide += part);
        }
    }

    /// Takes away a tally that was added.
    pub fn take(&mut self, tally: &Tally) {
        for (code, cell) in tally {
            let wide = self.0.get_mut(code).expect("only what was added is taken away");
            wide.cells -= 1;
            wide.parts.iter_mut().zip(cell.parts()).for_each(|(wide, part)| *wide -= part);
            if wide.cells == 0 {
                self.0.remove(code);
            }
        }
    }

    /// The cells of a report: every indicator is there, at zero if nothing contributes.
    pub fn cells(&self) -> Tally {
        let zero = |i: &Indicator| (i.code.to_owned(), Cell::default());
        let mut cells: Tally = REGISTRY.iter().map(zero).collect();
        cells.extend(self.0.iter().map(|(code, wide)| (code.clone(), Cell::of(wide.parts))));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::root_document;

    fn posts(filled: usize, ended: usize, vacant: usize) -> Tally {
        let mut document = root_document(Class::Duty);
        for number in 0..filled + ended + vacant {
            let (area, held) = (format!("{number}"), number < filled + ended);
            let post = duty::Post {
                id: duty::post_id("楼栋长", &area),
                role: "楼栋长".into(),
                area,
                holder: if held { "p".into() } else { String::new() },
                party_member: false,
                from: String::new(),
                to: if number >= filled && held { "2026-10-31".into() } else { String::new() },
            };
            assert!(duty::put(&mut document, &post));
            assert!(!duty::put(&mut document, &post));
        }
        tally(Class::Duty, &document, "2026-11-02")
    }

    #[test]
    fn parts_of_a_rate_add_up_and_rates_do_not() {
        let mut sum = Sum::default();
        [posts(1, 1, 0), posts(3, 0, 3)].iter().for_each(|tally| sum.add(tally));
        let total = sum.cells();
        let cell = total["DUTY.POSTS"];
        assert_eq!((cell.value, cell.num, cell.den), (4, 4, 8));
        assert_eq!(total["RES.PERSONS"], Cell::default(), "nothing reported is zero, not absent");
        assert_eq!(total.len(), REGISTRY.len());
    }

    #[test]
    fn what_is_taken_away_leaves_nothing_behind() {
        let beyond = Cell { value: u64::MAX, ..Cell::default() };
        let boast = Tally::from([("RES.PERSONS".into(), beyond), ("NO.SUCH".into(), beyond)]);
        let mut sum = Sum::default();
        sum.add(&posts(1, 1, 0));
        let before = sum.cells();
        [&boast, &boast].into_iter().for_each(|tally| sum.add(tally));
        assert_eq!(sum.cells()["RES.PERSONS"].value, u64::MAX);
        [&boast, &boast].into_iter().for_each(|tally| sum.take(tally));
        assert_eq!(sum.cells(), before);
    }

    #[test]
    fn each_level_of_the_organisation_counts_for_itself() {
        let mut document = root_document(Class::Organisation);
        for (number, level, active) in [
            ("1/1", Level::GridBranch, true),
            ("1/2", Level::GridBranch, false),
            ("1/1/1", Level::BuildingGroup, true),
        ] {
            let body = organisation::Body {
                number: number.into(),
                level,
                name: "甲".into(),
                above: String::new(),
                founded: String::new(),
                active,
            };
            organisation::put(&mut document, &body);
        }
        let cells = tally(Class::Organisation, &document, "2026-11-02");
        assert_eq!(cells["ORG.BRANCH"].value, 1);
        assert_eq!(cells["ORG.GROUP"].value, 1);
        assert_eq!(organisation::bodies(&document)[0].number, "1/1");
    }
}
