//! Who is below a unit, and what became of the report of each.

use std::collections::BTreeSet;

use node_authority::Authority;
use node_replication::log;
use node_replication::store::{ReadError, ReadStore};
use schema_content::{Number, Part, Source};
use schema_wire::{Body, Hash, Item, Ms, Text, UnitId};

use super::held::Newest;

/// Units below that one revision adds up.
pub(super) const PARTS_MAX: usize = 2_048;

/// A unit whose numbers are expected, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The unit.
    pub unit: UnitId,
    /// What became of its report.
    pub part: Part,
    /// How old the report is that stands for it, in milliseconds; none if it has none.
    pub age_ms: Option<u64>,
    /// Do several lineages claim to be the unit? It counts once, as the one that is followed.
    pub is_contested: bool,
}

/// 撤销: a unit that is not expected any more, and who continues its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dissolved {
    /// The unit.
    pub unit: UnitId,
    /// Who continues its work.
    pub successors: BTreeSet<UnitId>,
}

/// Who is below a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Those whose numbers are expected, ascending.
    pub expected: Vec<Expected>,
    /// Those that exist no more.
    pub dissolved: Vec<Dissolved>,
    /// Units that one revision has no room for: a tier between is lacking.
    pub beyond: usize,
}

impl Coverage {
    /// How many of those that are expected are in the numbers.
    #[must_use]
    pub fn reporting(&self) -> usize {
        self.expected.iter().filter(|unit| matches!(unit.part, Part::Added(_))).count()
    }
}

/// The units below that are expected to report to this one, and those that are not any more.
pub(super) fn below(authority: &Authority, unit: &UnitId) -> (Vec<UnitId>, Vec<Dissolved>) {
    let (mut expected, mut dissolved) = (Vec::new(), Vec::new());
    for below in authority.units_below(unit) {
        if authority.is_dissolved(below) {
            let successors = authority.successors(below).into_iter().cloned().collect();
            dissolved.push(Dissolved { unit: below.clone(), successors });
        } else if !comes_by_another(authority, unit, below) {
            expected.push(below.clone());
        }
    }
    (expected, dissolved)
}

/// Does a unit between add it up already, whose own numbers come to this one? Who was recognised by
/// two units above counts once, by the nearer of them.
fn comes_by_another(authority: &Authority, unit: &UnitId, below: &UnitId) -> bool {
    let between = std::iter::successors(below.parent(), UnitId::parent);
    let mut between = between.take_while(|other| unit.is_above(other));
    between.any(|other| authority.recognises(&other, below) && reports_to(authority, unit, &other))
}

/// Do the numbers of a unit come to this one, by whatever units between?
fn reports_to(authority: &Authority, unit: &UnitId, below: &UnitId) -> bool {
    !authority.is_dissolved(below)
        && (authority.recognises(unit, below) || comes_by_another(authority, unit, below))
}

/// What becomes of the report of a unit below, by these rules.
pub(super) fn part(
    store: &impl ReadStore,
    authority: &Authority,
    newest: Option<&(Newest, Hash)>,
    unit: &UnitId,
    rules: Hash,
) -> Result<Part, ReadError> {
    if let Some(reason) = suspended(store, authority, unit)? {
        return Ok(Part::Suspended(reason));
    }
    let Some((lineage, (newest, by))) = authority.followed(unit).zip(newest) else {
        return Ok(Part::Silent);
    };
    let lies = &newest.lies;
    let (number, as_of, envelope) = (Number::of(lies.number.into()), lies.as_of, lies.envelope);
    let source = Source { lineage, number, as_of, envelope };
    Ok(if *by == rules { Part::Added(source) } else { Part::OtherRules { source, rules: *by } })
}

/// Why the reports of a unit are not counted, if they are not: of several reasons the first one.
fn suspended(
    store: &impl ReadStore,
    authority: &Authority,
    unit: &UnitId,
) -> Result<Option<Text<0, 64>>, ReadError> {
    let mut reasons = BTreeSet::new();
    for id in authority.suspensions(unit) {
        if let Some(Item::Statement(statement)) = log::item(store, &id)?.map(|stored| stored.item)
            && let Body::Suspension(suspension) = statement.claims()
        {
            reasons.insert(Text::cut(&suspension.reason));
        }
    }
    Ok(reasons.pop_first())
}

/// The state of a unit below, by its number in the protocol, with what people are told of it. Two
/// revisions in which these are equal say the same of it.
pub(super) fn state(part: &Part) -> (u8, Option<&Text<0, 64>>, Option<Hash>) {
    match part {
        Part::Added(_) => (0, None, None),
        Part::Silent => (1, None, None),
        Part::Suspended(reason) => (2, Some(reason), None),
        Part::OtherRules { rules, .. } => (3, None, Some(*rules)),
    }
}

/// How old the report is that stands for a unit.
pub(super) fn age_ms(part: &Part, now: Ms) -> Option<u64> {
    match part {
        Part::Added(source) | Part::OtherRules { source, .. } => Some(now.since(source.as_of)),
        Part::Silent | Part::Suspended(_) => None,
    }
}
