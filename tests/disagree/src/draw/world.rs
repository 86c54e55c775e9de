//! What is drawn so far: the case, and beside it what the drawer knows about it.

use std::collections::BTreeMap;

use tests_oracle::case::{Case, Genesis, Own, Pins, Record};

use crate::chance::Chance;

/// Statements of a case, at most.
pub(crate) const MOST_STATEMENTS: usize = 30;
/// Envelopes of a case, at most.
pub(crate) const MOST_ENVELOPES: usize = 12;
/// The largest time.
pub(crate) const LATEST: u64 = (1 << 48) - 1;
/// When most things happen.
pub(crate) const NOON: u64 = 300;
/// Thirty-one days: how long an address may last.
pub(crate) const MONTH: u64 = 2_678_400_000;

/// A root generation.
#[derive(Debug, Clone)]
pub(crate) struct RootGeneration {
    pub(crate) id: String,
    pub(crate) roots: Vec<String>,
    pub(crate) threshold: u8,
    pub(crate) papers: Vec<String>,
}

/// A generation of a lineage.
#[derive(Debug, Clone)]
pub(crate) struct Generation {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) paper: String,
}

/// A lineage: its charter first, then rotations in the order they were drawn, rivals among them.
#[derive(Debug, Clone)]
pub(crate) struct Lineage {
    pub(crate) unit: String,
    pub(crate) generations: Vec<Generation>,
}

impl Lineage {
    /// The id of the charter.
    pub(crate) fn id(&self) -> &str {
        &self.generations[0].id
    }
}

/// By which rule an issuer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Generation,
    Delegation,
    Root,
}

/// A way to speak for a unit.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    pub(crate) unit: String,
    pub(crate) lineage: Option<usize>,
    pub(crate) proof: String,
    pub(crate) key: String,
    pub(crate) by: By,
}

/// A delegation that was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) unit: String,
    pub(crate) lineage: Option<usize>,
    pub(crate) subject: String,
    pub(crate) verbs: u8,
    pub(crate) classes: Vec<(u8, u8)>,
    pub(crate) window: Window,
}

/// When a delegation or founding is valid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) not_before: u64,
    pub(crate) not_after: u64,
}

/// A case in the making.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) case: Case,
    /// The units of the tree, the city first.
    pub(crate) units: Vec<String>,
    pub(crate) keys: Vec<String>,
    pub(crate) roots: Vec<RootGeneration>,
    pub(crate) lineages: Vec<Lineage>,
    pub(crate) grants: Vec<Grant>,
    /// Who issued each statement.
    pub(crate) issued: BTreeMap<String, Issuer>,
    /// The windows of delegations and foundings.
    pub(crate) windows: BTreeMap<String, Window>,
}

impl World {
    pub(crate) fn new(chance: Chance) -> Self {
        let genesis = Genesis {
            id: String::new(),
            unit: String::new(),
            roots: Vec::new(),
            threshold: 1,
            next: Vec::new(),
            next_threshold: 1,
        };
        let case = Case {
            genesis,
            own: Own { unit: String::new(), lineage: String::new(), former: Vec::new() },
            pins: Pins::default(),
            statements: Vec::new(),
            envelopes: Vec::new(),
            orders: Vec::new(),
            times: Vec::new(),
            units: Vec::new(),
            reads: Vec::new(),
        };
        Self {
            chance,
            case,
            units: Vec::new(),
            keys: Vec::new(),
            roots: Vec::new(),
            lineages: Vec::new(),
            grants: Vec::new(),
            issued: BTreeMap::new(),
            windows: BTreeMap::new(),
        }
    }

    /// An id that nothing has yet.
    pub(crate) fn id(&mut self) -> String {
        loop {
            let id = self.chance.id();
            if self.statement(&id).is_none() && self.envelope(&id).is_none() {
                return id;
            }
        }
    }

    /// A key of the few.
    pub(crate) fn key(&mut self) -> String {
        self.chance.pick(&self.keys).clone()
    }

    /// A key of the few that is none of these; there are always more keys than are ever avoided.
    pub(crate) fn key_but(&mut self, but: &[String]) -> String {
        let left: Vec<String> =
            self.keys.iter().filter(|key| !but.contains(key)).cloned().collect();
        self.chance.any(&left).cloned().unwrap_or_else(|| "kz".to_owned())
    }

    /// The record with this id.
    pub(crate) fn statement(&self, id: &str) -> Option<&Record> {
        self.case.statements.iter().find(|made| made.id == id).map(|made| &made.record)
    }

    /// The place of the envelope with this id.
    pub(crate) fn envelope(&self, id: &str) -> Option<usize> {
        self.case.envelopes.iter().position(|made| made.id == id)
    }

    /// The id of some statement or envelope, or one that nobody has.
    pub(crate) fn some_id(&mut self) -> String {
        let mut ids: Vec<String> =
            self.case.statements.iter().map(|made| made.id.clone()).collect();
        ids.extend(self.case.envelopes.iter().map(|made| made.id.clone()));
        if ids.is_empty() || self.chance.percent(15) {
            return self.id();
        }
        self.chance.pick(&ids).clone()
    }

    /// Ids of all statements for which `wanted` holds.
    pub(crate) fn ids(&self, wanted: impl Fn(&Record) -> bool) -> Vec<String> {
        let made = self.case.statements.iter().filter(|made| wanted(&made.record));
        made.map(|made| made.id.clone()).collect()
    }

    /// Whether there is room for so many statements more.
    pub(crate) fn room(&self, more: usize) -> bool {
        self.case.statements.len() + more <= MOST_STATEMENTS
    }
}

/// Whether unit `a` is `b` or above it.
pub(crate) fn contains(a: &str, b: &str) -> bool {
    b.strip_prefix(a).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether unit `a` is above `b`.
pub(crate) fn above(a: &str, b: &str) -> bool {
    a != b && contains(a, b)
}
