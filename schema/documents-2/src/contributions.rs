//! What every document and every unit below contributes to a unit's report, and their sum: a
//! change costs what it changes, whatever else is counted.

use std::collections::BTreeMap;

use schema_wire::{DocumentId, Hash, UnitId};

use crate::indicator::{Sum, Tally, rules_hash};
use crate::report::{Part, Revision, Sources};

/// One entry for each document and unit that is counted; nothing else grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contributions {
    documents: BTreeMap<DocumentId, (Vec<Hash>, Tally)>,
    units: BTreeMap<UnitId, Below>,
    sum: Sum,
}

/// How a unit below stands in the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Below {
    /// Its newest revision, and the heads of the document that this lies in.
    Reported(Box<Revision>, Vec<Hash>),
    Silent,
    Suspended(String),
}

impl Below {
    fn part(&self) -> Part {
        match self {
            Self::Reported(newest, heads) => Part::Counted {
                revision: newest.revision,
                as_of_ms: newest.as_of_ms,
                heads: heads.iter().map(ToString::to_string).collect(),
            },
            Self::Silent => Part::Silent,
            Self::Suspended(reason) => Part::Suspended(reason.clone()),
        }
    }

    /// Is this how a revision has it, whichever of the unit's own revisions it added?
    fn stands_as(&self, part: &Part) -> bool {
        match (self, part) {
            (Self::Reported(..), Part::Counted { .. }) | (Self::Silent, Part::Silent) => true,
            (Self::Suspended(reason), Part::Suspended(said)) => reason == said,
            _ => false,
        }
    }

    fn cells(&self) -> Option<&Tally> {
        match self {
            Self::Reported(newest, _) => Some(&newest.cells),
            Self::Silent | Self::Suspended(_) => None,
        }
    }
}

impl Contributions {
    /// The unit's own documents, and the heads that each was counted at.
    pub fn documents(&self) -> impl Iterator<Item = (&DocumentId, &[Hash])> {
        self.documents.iter().map(|(document, (heads, _))| (document, heads.as_slice()))
    }

    /// The heads that a document was counted at, if it was.
    pub fn heads(&self, document: &DocumentId) -> Option<&[Hash]> {
        self.documents.get(document).map(|(heads, _)| heads.as_slice())
    }

    /// Counts a document, or counts it anew.
    pub fn count(&mut self, document: DocumentId, heads: Vec<Hash>, tally: Tally) {
        self.sum.add(&tally);
        if let Some((_, before)) = self.documents.insert(document, (heads, tally)) {
            self.sum.take(&before);
        }
    }

    /// How a unit below stands, if it is one.
    pub fn below(&self, unit: &UnitId) -> Option<&Below> {
        self.units.get(unit)
    }

    /// Places a unit below, or places it anew.
    pub fn place(&mut self, unit: UnitId, below: Below) {
        below.cells().into_iter().for_each(|cells| self.sum.add(cells));
        let before = self.units.insert(unit, below);
        before.as_ref().and_then(Below::cells).into_iter().for_each(|cells| self.sum.take(cells));
    }

    /// Are these the numbers of a revision, from the same units?
    pub fn are_said_by(&self, revision: &Revision) -> bool {
        let same = |((unit, below), (said, part)): ((&UnitId, &Below), (&String, &Part))| {
            unit.as_str() == said && below.stands_as(part)
        };
        self.sum.cells() == revision.cells
            && self.units.len() == revision.parts.len()
            && self.units.iter().zip(&revision.parts).all(same)
            && rules_hash().to_string() == revision.rules
    }

    /// What a revision of these numbers says.
    pub fn revision(&self, unit: &UnitId, number: u64, as_of_ms: u64) -> Revision {
        let part = |(unit, below): (&UnitId, &Below)| (unit.to_string(), below.part());
        Revision {
            unit: unit.to_string(),
            period: "live".into(),
            revision: number,
            as_of_ms,
            cells: self.sum.cells(),
            parts: self.units.iter().map(part).collect(),
            sources: Sources::of(self.documents()),
            rules: rules_hash().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::{Cell, REGISTRY};
    use proptest::prelude::*;
    use schema_wire::Class;

    fn unit(number: u8) -> UnitId {
        UnitId::parse(&format!("220800/{number}")).expect("a unit")
    }

    fn document(number: u8) -> DocumentId {
        DocumentId::new(unit(0), Class::Roster, &format!("b{number}")).expect("a document")
    }

    fn report(of: u8, cells: Tally) -> Below {
        let mut revision = Contributions::default().revision(&unit(of), 3, 4);
        revision.cells = cells;
        Below::Reported(Box::new(revision), vec![Hash([of; 32])])
    }

    #[derive(Debug, Clone)]
    enum Act {
        Count(u8, Tally),
        Place(u8, Option<Tally>),
        Suspend(u8),
    }

    fn tallies() -> impl Strategy<Value = Tally> {
        let number = prop_oneof![0..9u64, Just(u64::MAX)];
        let cell = (number.clone(), number.clone(), number.clone(), number);
        let cell = cell.prop_map(|(value, num, den, unknown)| Cell { value, num, den, unknown });
        let code = proptest::sample::select(vec!["RES.PERSONS", "DUTY.POSTS", "OF.ANOTHER.BUILD"]);
        proptest::collection::btree_map(code.prop_map(str::to_owned), cell, 0..3)
    }

    fn acts() -> impl Strategy<Value = Act> {
        let few = || 0..6u8;
        prop_oneof![
            6 => (few(), tallies()).prop_map(|(document, tally)| Act::Count(document, tally)),
            4 => (few(), proptest::option::of(tallies())).prop_map(|(u, t)| Act::Place(u, t)),
            1 => few().prop_map(Act::Suspend),
        ]
    }

    /// The cells of what stands at the end, added one by one.
    fn recount(standing: &[&Tally]) -> Tally {
        let codes = standing.iter().flat_map(|tally| tally.keys().cloned());
        let codes = codes.chain(REGISTRY.iter().map(|i| i.code.to_owned()));
        let cell = |code: String| {
            let mut sum = Cell::default();
            for part in standing.iter().filter_map(|tally| tally.get(&code)) {
                sum.value = sum.value.saturating_add(part.value);
                sum.num = sum.num.saturating_add(part.num);
                sum.den = sum.den.saturating_add(part.den);
                sum.unknown = sum.unknown.saturating_add(part.unknown);
            }
            (code, sum)
        };
        codes.map(cell).collect()
    }

    proptest! {
        #[test]
        fn the_sum_is_that_of_a_recount_after_any_changes(
            acts in proptest::collection::vec(acts(), 0..60)
        ) {
            let mut contributions = Contributions::default();
            let (mut documents, mut units) = (BTreeMap::new(), BTreeMap::new());
            for act in acts {
                match act {
                    Act::Count(number, tally) => {
                        contributions.count(document(number), Vec::new(), tally.clone());
                        documents.insert(number, tally);
                    }
                    Act::Place(number, tally) => {
                        let below = tally.clone().map_or(Below::Silent, |t| report(number, t));
                        contributions.place(unit(number), below);
                        units.insert(number, tally);
                    }
                    Act::Suspend(number) => {
                        contributions.place(unit(number), Below::Suspended("数字不实".into()));
                        units.insert(number, None);
                    }
                }
                let counted: Vec<&Tally> = units.values().flatten().collect();
                let standing: Vec<&Tally> = documents.values().chain(counted.clone()).collect();
                let revision = contributions.revision(&unit(0), 1, 0);
                prop_assert_eq!(&revision.cells, &recount(&standing));
                prop_assert_eq!(revision.coverage(), (counted.len(), units.len()));
                prop_assert_eq!(revision.sources.documents, documents.len() as u64);
            }
        }
    }

    #[test]
    fn a_revision_says_how_each_unit_stands() {
        let said = |below: Below| {
            let mut contributions = Contributions::default();
            contributions.place(unit(1), below);
            (contributions.revision(&unit(0), 1, 0), contributions)
        };
        let standings = || {
            let suspended = ["不实", "待核实"].map(|reason| Below::Suspended(reason.into()));
            [report(1, Tally::new()), Below::Silent].into_iter().chain(suspended)
        };
        for (number, below) in standings().enumerate() {
            let (revision, _) = said(below);
            for (other, below) in standings().enumerate() {
                assert_eq!(said(below).1.are_said_by(&revision), number == other);
            }
        }
        let (revision, mut contributions) = said(report(1, Tally::new()));
        contributions.place(unit(2), Below::Silent);
        assert!(!contributions.are_said_by(&revision));
    }

    /// What a revision of a community takes; before, it listed the heads of every document.
    #[test]
    fn a_revision_does_not_grow_with_the_documents_it_counts() {
        let sized = |documents: u16| {
            let mut contributions = Contributions::default();
            for number in 0..documents {
                let name = format!("b-{number:016}");
                let document = DocumentId::new(unit(0), Class::Roster, &name).expect("an id");
                contributions.count(document, vec![Hash([7; 32])], Tally::new());
            }
            let revision = contributions.revision(&unit(0), 1000, 1_790_000_000_000);
            serde_json::to_string(&revision).expect("text").len()
        };
        assert_eq!(sized(100), sized(999));
        assert!(sized(999) < 1_200, "{} bytes", sized(999));
    }
}
