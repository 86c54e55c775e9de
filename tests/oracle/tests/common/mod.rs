//! Builds small cases by hand, and reads answers by id.
//!
//! The scene that most tests begin with ([`scene`]): the genesis `G` of the city `c` (roots `r1`,
//! `r2`, either suffices; paper keys `n1`, `n2`); the city's lineage `LC` (key `kc`, paper `pc`),
//! founded by `FC`, a root act; the district's lineage `LD` (key `kd`, paper `pd`), founded by
//! `FD` from the city; in the district `DG`, GOVERN for `g` by the key, and `DW`, WRITE for `w`
//! by `g`. All terms are 0 to 1000. The node is the district's own.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod make;

use tests_oracle::case::{Answer, Case, Envelope, Genesis, Own, Pins, Read, Scope, Statement};
use tests_oracle::judge;

use make::{charter, delegation, founding};

pub(crate) fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

pub(crate) fn empty() -> Case {
    Case {
        genesis: Genesis {
            id: "G".into(),
            unit: "c".into(),
            roots: texts(&["r1", "r2"]),
            threshold: 1,
            next: texts(&["h:n1", "h:n2"]),
            next_threshold: 1,
        },
        own: Own { unit: "c/d".into(), lineage: "LD".into(), former: Vec::new() },
        pins: Pins::default(),
        statements: Vec::new(),
        envelopes: Vec::new(),
        orders: Vec::new(),
        times: vec![100],
        units: texts(&["c", "c/d", "c/d/s"]),
        reads: Vec::new(),
    }
}

pub(crate) fn scene() -> Case {
    empty()
        .with(charter("LC", "c", "kc", "pc"))
        .with(founding("FC", "c", "G", "r1", "c", "LC"))
        .with(charter("LD", "c/d", "kd", "pd"))
        .with(founding("FD", "c", "LC", "kc", "c/d", "LD"))
        .with(delegation("DG", "c/d", "LD", "kd", "g", 1))
        .with(delegation("DW", "c/d", "DG", "g", "w", 2))
}

/// Puts a case together piece by piece.
pub(crate) trait Build: Sized {
    fn with(self, statement: Statement) -> Self;
    fn without(self, id: &str) -> Self;
    fn wrote(self, envelope: Envelope) -> Self;
    fn pin(self, generation: &str, successor: &str) -> Self;
    fn follow(self, unit: &str, lineage: &str) -> Self;
    fn asks(self, key: &str, at: u64, scope: Scope) -> Self;
    fn judged(&self) -> Judged;
}

impl Build for Case {
    fn with(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    fn without(mut self, id: &str) -> Self {
        self.statements.retain(|statement| statement.id != id);
        self
    }

    fn wrote(mut self, envelope: Envelope) -> Self {
        self.envelopes.push(envelope);
        self
    }

    fn pin(mut self, generation: &str, successor: &str) -> Self {
        self.pins.generations.insert(generation.into(), successor.into());
        self
    }

    fn follow(mut self, unit: &str, lineage: &str) -> Self {
        self.pins.units.insert(unit.into(), lineage.into());
        self
    }

    fn asks(mut self, key: &str, at: u64, scope: Scope) -> Self {
        self.reads.push(Read { key: key.into(), at, scope });
        self
    }

    /// Judges the case forwards and backwards, which must give one answer.
    fn judged(&self) -> Judged {
        let forwards: Vec<usize> = (0..self.statements.len() + self.envelopes.len()).collect();
        let backwards = forwards.iter().rev().copied().collect();
        let case = Self { orders: vec![forwards, backwards], ..self.clone() };
        let mut orders = judge(&case).orders;
        let last = orders.pop().expect("two orders were asked");
        assert_eq!(orders, vec![last.clone()], "the order must not matter");
        Judged { case, answer: last }
    }
}

/// An answer, asked by ids.
#[derive(Debug)]
pub(crate) struct Judged {
    case: Case,
    pub(crate) answer: Answer,
}

impl Judged {
    fn place(&self, id: &str) -> usize {
        self.case.statements.iter().position(|one| one.id == id).expect("a statement of the case")
    }

    /// `k`, `w` or `r`.
    pub(crate) fn kept(&self, id: &str) -> char {
        self.answer.kept.chars().nth(self.place(id)).expect("a letter for each statement")
    }

    /// `io`, `i-`, `-o` or `--` at the case's first time.
    pub(crate) fn stands(&self, id: &str) -> String {
        let (inside, outside) = &self.answer.stands[self.place(id)][0];
        format!("{inside}{outside}")
    }

    pub(crate) fn envelope(&self, id: &str) -> &str {
        let place = self.case.envelopes.iter().position(|one| one.id == id);
        &self.answer.envelopes[place.expect("an envelope of the case")]
    }

    pub(crate) fn followed(&self, unit: &str) -> Option<&str> {
        self.answer.followed[unit].as_deref()
    }

    pub(crate) fn candidates(&self, unit: &str) -> &[String] {
        &self.answer.candidates[unit]
    }

    pub(crate) fn card(&self, unit: &str) -> Option<&str> {
        self.answer.cards[unit].as_deref()
    }

    pub(crate) fn is_aside(&self, id: &str) -> bool {
        self.answer.aside.iter().any(|one| one == id)
    }
}
