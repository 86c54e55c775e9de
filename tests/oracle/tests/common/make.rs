//! Single statements and envelopes, and changes to them.

use tests_oracle::case::{Document, Envelope, Mark, Record, Scope, Statement};

use super::texts;

fn statement(id: &str, record: Record) -> Statement {
    Statement { id: id.into(), record }
}

fn hash_of(key: &str) -> String {
    format!("h:{key}")
}

pub(crate) fn charter(id: &str, unit: &str, key: &str, paper: &str) -> Statement {
    let next = hash_of(paper);
    statement(id, Record::Charter { unit: unit.into(), key: key.into(), next, at: 1 })
}

/// Reveals `reveal`; its own paper key is `key` with a `p` before it.
pub(crate) fn rotation(id: &str, unit: &str, previous: &str, reveal: &str, key: &str) -> Statement {
    statement(
        id,
        Record::Rotation {
            unit: unit.into(),
            previous: previous.into(),
            reveal: reveal.into(),
            key: key.into(),
            next: hash_of(&format!("p{key}")),
            keeps: Vec::new(),
            at: 2,
        },
    )
}

/// Its paper keys are `m1` and `m2`; one suffices.
pub(crate) fn succession(id: &str, previous: &str, reveal: &str, roots: &[&str]) -> Statement {
    statement(
        id,
        Record::Succession {
            previous: previous.into(),
            reveal: reveal.into(),
            roots: texts(roots),
            threshold: 1,
            next: texts(&["h:m1", "h:m2"]),
            next_threshold: 1,
            keeps: Vec::new(),
            at: 2,
        },
    )
}

/// Reads everything, all classes.
pub(crate) fn delegation(
    id: &str,
    unit: &str,
    proof: &str,
    issuer: &str,
    subject: &str,
    verbs: u8,
) -> Statement {
    statement(
        id,
        Record::Delegation {
            unit: unit.into(),
            proof: proof.into(),
            issuer: issuer.into(),
            subject: subject.into(),
            verbs,
            reads: 31,
            classes: vec![(0, 223)],
            not_before: 0,
            not_after: 1000,
            serial: 1,
        },
    )
}

pub(crate) fn founding(
    id: &str,
    unit: &str,
    proof: &str,
    issuer: &str,
    below: &str,
    lineage: &str,
) -> Statement {
    statement(
        id,
        Record::Founding {
            unit: unit.into(),
            proof: proof.into(),
            issuer: issuer.into(),
            below: below.into(),
            lineage: lineage.into(),
            not_before: 0,
            not_after: 1000,
            serial: 1,
        },
    )
}

pub(crate) fn ending(id: &str, unit: &str, proof: &str, issuer: &str, ends: &str) -> Statement {
    statement(
        id,
        Record::Ending {
            unit: unit.into(),
            proof: proof.into(),
            issuer: issuer.into(),
            ends: ends.into(),
            ran_out: false,
            keeps: Vec::new(),
            at: 50,
        },
    )
}

/// A closing, after the term of 1000.
pub(crate) fn closing(id: &str, unit: &str, proof: &str, issuer: &str, ends: &str) -> Statement {
    let mut made = ending(id, unit, proof, issuer, ends);
    if let Record::Ending { ran_out, at, .. } = &mut made.record {
        (*ran_out, *at) = (true, 1001);
    }
    made
}

/// Of the district's documents of one class, by the lineage's key.
pub(crate) fn adoption(id: &str, compartment: u8, marks: &[Mark]) -> Statement {
    statement(
        id,
        Record::Adoption {
            unit: "c/d".into(),
            proof: "LD".into(),
            issuer: "kd".into(),
            scope: Scope::Own("c/d".into(), compartment),
            marks: marks.to_vec(),
            at: 60,
        },
    )
}

pub(crate) fn suspension(
    id: &str,
    unit: &str,
    proof: &str,
    issuer: &str,
    below: &str,
) -> Statement {
    let (unit, proof, issuer, below) = (unit.into(), proof.into(), issuer.into(), below.into());
    statement(id, Record::Suspension { unit, proof, issuer, below, at: 50 })
}

pub(crate) fn dissolution(
    id: &str,
    proof: &str,
    issuer: &str,
    below: &str,
    to: &[&str],
) -> Statement {
    let (unit, proof, issuer, below) = ("c".into(), proof.into(), issuer.into(), below.into());
    let successors = texts(to);
    statement(id, Record::Dissolution { unit, proof, issuer, below, successors, at: 50 })
}

pub(crate) fn card(id: &str, unit: &str, proof: &str, issuer: &str, serial: u64) -> Statement {
    let (unit, proof, issuer) = (unit.into(), proof.into(), issuer.into());
    statement(id, Record::Card { unit, proof, issuer, serial, at: 50 })
}

pub(crate) fn address(id: &str, unit: &str, proof: &str, issuer: &str, at: u64) -> Statement {
    let (unit, proof, issuer) = (unit.into(), proof.into(), issuer.into());
    statement(id, Record::Address { unit, proof, issuer, at, until: at + 10 })
}

pub(crate) fn endorsement(id: &str, proof: &str, issuer: &str, endorses: &str) -> Statement {
    let (proof, issuer, endorses) = (proof.into(), issuer.into(), endorses.into());
    statement(id, Record::Endorsement { proof, issuer, endorses })
}

/// Of the log of `w` in the district's document of this class.
pub(crate) fn mark(class: u8, seq: u64, head: &str) -> Mark {
    Mark {
        document: document(class),
        author: "w".into(),
        incarnation: "i".into(),
        seq,
        head: head.into(),
    }
}

pub(crate) fn document(class: u8) -> Document {
    Document("c/d".into(), class, "x".into())
}

/// By `w` under `DW` in the district's document of this class, at 10 times seq.
pub(crate) fn envelope(id: &str, class: u8, seq: u64, backlink: Option<&str>) -> Envelope {
    Envelope {
        id: id.into(),
        document: document(class),
        author: "w".into(),
        incarnation: "i".into(),
        seq,
        backlink: backlink.map(str::to_owned),
        dependencies: Vec::new(),
        delegation: "DW".into(),
        at: 10 * seq,
    }
}

/// Changes to one field.
pub(crate) trait Change: Sized {
    fn term(self, from: u64, to: u64) -> Self;
    fn keeping(self, ids: &[&str]) -> Self;
    fn at_time(self, time: u64) -> Self;
    fn only(self, ranges: &[(u8, u8)]) -> Self;
    fn reading(self, bits: u8) -> Self;
}

impl Change for Statement {
    fn term(mut self, from: u64, to: u64) -> Self {
        match &mut self.record {
            Record::Delegation { not_before, not_after, .. }
            | Record::Founding { not_before, not_after, .. } => {
                (*not_before, *not_after) = (from, to);
            }
            _ => panic!("no term"),
        }
        self
    }

    fn keeping(mut self, ids: &[&str]) -> Self {
        match &mut self.record {
            Record::Rotation { keeps, .. }
            | Record::Succession { keeps, .. }
            | Record::Ending { keeps, .. } => *keeps = texts(ids),
            _ => panic!("no keeps"),
        }
        self
    }

    fn at_time(mut self, time: u64) -> Self {
        match &mut self.record {
            Record::Ending { at, .. }
            | Record::Adoption { at, .. }
            | Record::Suspension { at, .. }
            | Record::Card { at, .. } => *at = time,
            _ => panic!("no at to change"),
        }
        self
    }

    fn only(mut self, ranges: &[(u8, u8)]) -> Self {
        match &mut self.record {
            Record::Delegation { classes, .. } => *classes = ranges.to_vec(),
            _ => panic!("no classes"),
        }
        self
    }

    fn reading(mut self, bits: u8) -> Self {
        match &mut self.record {
            Record::Delegation { reads, .. } => *reads = bits,
            _ => panic!("no reads"),
        }
        self
    }
}
