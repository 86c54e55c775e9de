//! Section 6, "Rivals of a unit": open foundings, candidates, and the lineage followed.

use crate::case::{Record, Statement};
use crate::held::Held;
use crate::names::codes;
use crate::path::{Question, Valid};

impl<'a> Held<'a> {
    /// "Its `lineage` is a kept charter of the unit `below`, and an outside path of F holds,
    /// where (H5) is asked of delegations alone, at t = F.not_before."
    ///
    /// Ends: (H7) leaves the last statement out and so asks of units above `below`, and so do the
    /// endings (see `ending`).
    fn is_open(&self, founding: &'a Statement) -> bool {
        let Some((not_before, _)) = founding.term() else {
            return false;
        };
        let question =
            Question { valid: Valid::DelegationsAt(not_before), ..Question::at(not_before) };
        self.names_a_charter(founding) && self.stands_outside(founding, question)
    }

    fn names_a_charter(&self, founding: &Statement) -> bool {
        let Record::Founding { below, lineage, .. } = &founding.record else {
            return false;
        };
        self.kept_with(lineage).is_some_and(
            |kept| matches!(&kept.record, Record::Charter { unit, .. } if unit == below),
        )
    }

    /// The open foundings with this `below`, each with the lineage that it names.
    fn open_foundings(&self, unit: &str) -> Vec<(&'a Statement, &'a str)> {
        self.kept()
            .filter_map(|founding| match &founding.record {
                Record::Founding { below, lineage, .. } if below == unit => {
                    Some((founding, lineage.as_str()))
                }
                _ => None,
            })
            .filter(|(founding, _)| self.open.ask(&founding.id, || self.is_open(founding)))
            .collect()
    }

    /// The candidates of a unit, ascending.
    pub(crate) fn candidates(&self, unit: &str) -> Vec<&'a str> {
        each_once(self.open_foundings(unit).into_iter().map(|(_, lineage)| lineage))
    }

    /// The lineage followed for a unit.
    pub(crate) fn followed(&self, unit: &str) -> Option<&'a str> {
        let own = &self.case.own;
        let pin =
            if own.unit == unit { Some(&own.lineage) } else { self.case.pins.units.get(unit) };
        let pinned =
            self.candidates(unit).into_iter().find(|one| pin.is_some_and(|pin| pin == one));
        pinned.or_else(|| self.named_by_the_highest(unit))
    }

    /// "The only lineage that the highest of its open foundings name": those that are root acts;
    /// else those of the founding unit that has the fewest codes.
    fn named_by_the_highest(&self, unit: &str) -> Option<&'a str> {
        // A root act is higher than the city's own founding, which has one code.
        let height = |founding: &'a Statement| {
            if self.is_root_act(founding) {
                0
            } else {
                founding.issued().map_or(usize::MAX, |issued| codes(issued.unit))
            }
        };
        let open = self.open_foundings(unit);
        let highest = open.iter().map(|(founding, _)| height(founding)).min()?;
        let names = open.iter().filter(|(founding, _)| height(founding) == highest);
        match each_once(names.map(|(_, lineage)| *lineage)).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

fn each_once<'a>(lineages: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut lineages: Vec<&str> = lineages.collect();
    lineages.sort_unstable();
    lineages.dedup();
    lineages
}
