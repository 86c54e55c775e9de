//! 汇总上报: a unit's report of one period. Revisions are events: a number never changes
//! silently, a later revision says it anew.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{AutoCommit, ObjId, ReadDoc};
use serde::{Deserialize, Serialize};

use crate::indicator::Tally;
use crate::record::{entry, map, set, text};

const REVISIONS: &str = "revisions";
/// Above every revision: their names have eight digits, so that they sort as numbers.
const REVISIONS_MAX: u64 = 99_999_999;

/// One signed statement of a unit's numbers, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    pub unit: String,
    /// `YYYY-MM`, or another period.
    pub period: String,
    pub revision: u64,
    /// When, as claimed: milliseconds since 1970.
    pub as_of_ms: u64,
    pub cells: Tally,
    /// Units that report into this one, and the revision of each that was added; none for a unit
    /// that counts its own documents.
    pub parts: BTreeMap<String, Part>,
    /// Heads of every document counted.
    pub heads: BTreeMap<String, Vec<String>>,
    /// The hash of the rules it was counted by.
    pub rules: String,
}

/// A child's report inside its parent's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The revision added, or none: the unit is known and has not reported.
    pub revision: Option<u64>,
    pub as_of_ms: Option<u64>,
    /// 已暂停: why its reports are not counted now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<String>,
}

impl Part {
    /// Is it in the numbers?
    pub fn counted(&self) -> bool {
        self.revision.is_some() && self.suspended.is_none()
    }
}

impl Revision {
    /// How many of the units below are in the numbers.
    pub fn coverage(&self) -> (usize, usize) {
        let reporting = self.parts.values().filter(|part| part.counted()).count();
        (reporting, self.parts.len())
    }

    /// Does it say the same numbers from the same parts, whenever it was made?
    pub fn says_the_same(&self, other: &Self) -> bool {
        let part = |revision: &Self| -> Vec<(String, bool, Option<String>)> {
            let said = |(unit, part): (&String, &Part)| {
                (unit.clone(), part.counted(), part.suspended.clone())
            };
            revision.parts.iter().map(said).collect()
        };
        self.cells == other.cells && part(self) == part(other) && self.rules == other.rules
    }
}

/// Adds a revision. Two nodes of a unit may each publish one of a number: both stay.
pub fn publish(document: &mut AutoCommit, node: &str, revision: &Revision) -> bool {
    let body = serde_json_text(revision);
    set(document, REVISIONS, &format!("{:08}.{node}", revision.revision), "body", body.as_str())
}

/// The newest revision: of two with one number, the one made later.
///
/// Cost does not grow with the revisions before it.
pub fn newest(document: &AutoCommit) -> Option<Revision> {
    let map = map(document, REVISIONS)?;
    let mut below = REVISIONS_MAX;
    loop {
        let number = last_below(document, &map, below)?;
        let spoken = numbered(document, &map, number);
        if let Some(newest) = spoken.max_by_key(|revision| revision.as_of_ms) {
            return Some(newest);
        }
        // Nothing under this number reads: the one before it speaks.
        below = number;
    }
}

/// The last revision number below another. Automerge does not walk keys backwards: it is found by
/// halving.
fn last_below(document: &AutoCommit, map: &ObjId, below: u64) -> Option<u64> {
    let name = |number: u64| format!("{number:08}");
    let held = |from: u64| document.map_range(map, name(from)..name(below)).next().is_some();
    let (mut low, mut high) = (0, below);
    if below == 0 || !held(low) {
        return None;
    }
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if held(middle) { low = middle } else { high = middle }
    }
    Some(low)
}

/// What the nodes of the unit published under a number.
fn numbered(
    document: &AutoCommit,
    map: &ObjId,
    number: u64,
) -> impl Iterator<Item = Revision> + use<> {
    let keys = document.map_range(map, format!("{number:08}")..format!("{:08}", number + 1));
    let records: BTreeSet<String> =
        keys.filter_map(|item| Some(item.key.split_once('/')?.0.to_owned())).collect();
    let parse = |record: String| -> Option<Revision> {
        serde_json::from_str(text(&entry(document, REVISIONS, &record), "body")).ok()
    };
    let revisions: Vec<Revision> = records.into_iter().filter_map(parse).collect();
    revisions.into_iter().filter(move |revision| revision.revision == number)
}

fn serde_json_text(revision: &Revision) -> String {
    serde_json::to_string(revision).expect("a report has only text keys")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::root_document;
    use schema_wire::Class;

    fn revision(number: u64, reported: Option<u64>) -> Revision {
        let part = Part { revision: reported, as_of_ms: reported, suspended: None };
        Revision {
            unit: "220800".into(),
            period: "live".into(),
            revision: number,
            as_of_ms: number,
            cells: Tally::new(),
            parts: BTreeMap::from([("220800/220802".into(), part)]),
            heads: BTreeMap::new(),
            rules: String::new(),
        }
    }

    #[test]
    fn the_newest_revision_speaks_and_the_others_stay() {
        let mut document = root_document(Class::Report);
        assert_eq!(newest(&document), None);
        for number in [1, 2] {
            assert!(publish(&mut document, "node", &revision(number, None)));
        }
        assert_eq!(newest(&document).map(|newest| newest.revision), Some(2));
        assert_eq!(crate::record::records(&document, REVISIONS).len(), 2);
    }

    #[test]
    fn the_newest_is_found_among_many_and_behind_what_does_not_read() {
        let mut document = root_document(Class::Report);
        for number in 1..=300 {
            assert!(publish(&mut document, "node", &revision(number, None)));
            assert_eq!(newest(&document).map(|newest| newest.revision), Some(number));
        }
        let mut later = revision(300, None);
        later.as_of_ms = 900;
        assert!(publish(&mut document, "another", &later));
        assert_eq!(newest(&document), Some(later.clone()));
        for name in ["00000301.node", "99999998.node", "a", "~"] {
            assert!(set(&mut document, REVISIONS, name, "body", "not a report"));
        }
        assert_eq!(newest(&document), Some(later));
    }

    #[test]
    fn a_unit_that_has_not_reported_is_not_covered() {
        assert_eq!(revision(1, None).coverage(), (0, 1));
        assert_eq!(revision(1, Some(4)).coverage(), (1, 1));
        assert!(!revision(1, None).says_the_same(&revision(2, Some(4))));
        assert!(revision(1, Some(4)).says_the_same(&revision(2, Some(5))));
    }
    #[test]
    fn a_suspended_unit_is_not_covered_and_says_why() {
        let mut suspended = revision(2, None);
        for part in suspended.parts.values_mut() {
            part.suspended = Some("数字不实".into());
        }
        assert_eq!(suspended.coverage(), (0, 1));
        assert!(!suspended.says_the_same(&revision(1, None)));
        let mut document = root_document(Class::Report);
        assert!(publish(&mut document, "node", &suspended));
        assert_eq!(newest(&document), Some(suspended));
    }
}
