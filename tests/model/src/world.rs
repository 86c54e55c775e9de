//! Cases made by hand: statements and envelopes with names that a trace can print.

use std::collections::BTreeMap;
use std::fmt::Debug;

use tests_oracle::case::{
    Case, Document, Envelope, Genesis, Mark, Own, Pins, Record, Scope, Statement,
};

/// Every class.
pub const ALL: [(u8, u8); 1] = [(0, 223)];
/// The end of time: grants that never run out have it as `not_after`.
pub const EVER: u64 = 281_474_976_710_655;
/// GOVERN and WRITE.
pub const BOTH: u8 = 3;
/// WRITE alone.
pub const WRITE: u8 = 2;

/// Something that comes to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Say(Statement),
    Write(Envelope),
}

impl Item {
    pub fn id(&self) -> &str {
        match self {
            Self::Say(statement) => &statement.id,
            Self::Write(envelope) => &envelope.id,
        }
    }
}

/// A case that grows, and the names of what is in it.
#[derive(Debug, Clone)]
pub struct World {
    pub case: Case,
    pub names: BTreeMap<String, String>,
}

impl World {
    pub fn new(genesis: Genesis) -> Self {
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
        let names = BTreeMap::from([(case.genesis.id.clone(), "genesis".to_owned())]);
        Self { case, names }
    }

    /// Adds a statement under a name and gives its id.
    pub fn say(&mut self, name: &str, record: Record) -> String {
        let statement = statement(record);
        let id = statement.id.clone();
        self.names.insert(id.clone(), name.to_owned());
        self.case.statements.push(statement);
        id
    }

    /// Adds an envelope under a name and gives its id.
    pub fn write(&mut self, name: &str, envelope: Envelope) -> String {
        let id = envelope.id.clone();
        self.names.insert(id.clone(), name.to_owned());
        self.case.envelopes.push(envelope);
        id
    }
}

/// An id of twelve characters: the same content has the same id.
pub fn id_of(prefix: &str, content: &impl Debug) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in format!("{content:?}").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 29;
    format!("{prefix}{:010x}", hash & 0xff_ffff_ffff)
}

pub fn statement(record: Record) -> Statement {
    Statement { id: id_of("st", &record), record }
}

/// An envelope whose id begins with `rank`, which an author may choose by trying.
pub fn envelope(rank: char, draft: Envelope) -> Envelope {
    let id = id_of(&format!("{rank}e"), &draft);
    Envelope { id, ..draft }
}

pub fn commitment(key: &str) -> String {
    format!("h:{key}")
}

pub fn charter(unit: &str, key: &str, phrase: &str) -> Record {
    Record::Charter { unit: unit.into(), key: key.into(), next: commitment(phrase), at: 0 }
}

/// From when to when.
pub type Term = (u64, u64);

pub fn delegation(
    unit: &str,
    proof: &str,
    issuer: &str,
    subject: &str,
    verbs: u8,
    term: Term,
) -> Record {
    Record::Delegation {
        unit: unit.into(),
        proof: proof.into(),
        issuer: issuer.into(),
        subject: subject.into(),
        verbs,
        reads: 31,
        classes: ALL.to_vec(),
        not_before: term.0,
        not_after: term.1,
        serial: 1,
    }
}

pub fn founding(unit: &str, proof: &str, issuer: &str, below: &str, lineage: &str) -> Record {
    Record::Founding {
        unit: unit.into(),
        proof: proof.into(),
        issuer: issuer.into(),
        below: below.into(),
        lineage: lineage.into(),
        not_before: 0,
        not_after: EVER,
        serial: 1,
    }
}

pub fn ending(
    unit: &str,
    proof: &str,
    issuer: &str,
    ends: &str,
    keeps: &[&str],
    at: u64,
) -> Record {
    let mut keeps: Vec<String> = keeps.iter().map(|&keep| keep.to_owned()).collect();
    keeps.sort();
    keeps.dedup();
    Record::Ending {
        unit: unit.into(),
        proof: proof.into(),
        issuer: issuer.into(),
        ends: ends.into(),
        ran_out: false,
        keeps,
        at,
    }
}

/// The same ending as a closing.
pub fn closing(record: Record) -> Record {
    match record {
        Record::Ending { unit, proof, issuer, ends, keeps, at, .. } => {
            Record::Ending { unit, proof, issuer, ends, ran_out: true, keeps, at }
        }
        other => other,
    }
}

/// An adoption of the logs whose heads these envelopes are, all of one scope.
pub fn adoption(unit: &str, proof: &str, issuer: &str, heads: &[&Envelope], at: u64) -> Record {
    let mut marks: Vec<Mark> = heads.iter().map(|head| mark(head)).collect();
    marks.sort();
    let class = heads.first().map_or(128, |head| head.document.1);
    Record::Adoption {
        unit: unit.into(),
        proof: proof.into(),
        issuer: issuer.into(),
        scope: Scope::Own(unit.into(), compartment(class)),
        marks,
        at,
    }
}

pub fn mark(head: &Envelope) -> Mark {
    Mark {
        document: head.document.clone(),
        author: head.author.clone(),
        incarnation: head.incarnation.clone(),
        seq: head.seq,
        head: head.id.clone(),
    }
}

/// Of a class that is not addressed.
pub fn compartment(class: u8) -> u8 {
    match class {
        0..64 => 1,
        64..128 => 2,
        class => 4 + (class - 128) / 16,
    }
}

/// The next envelope of a log, or its first.
pub fn entry(
    document: &Document,
    author: &str,
    after: Option<&Envelope>,
    delegation: &str,
    dependencies: &[&str],
    at: u64,
) -> Envelope {
    let mut dependencies: Vec<String> = dependencies.iter().map(|&id| id.to_owned()).collect();
    dependencies.sort();
    Envelope {
        id: String::new(),
        document: document.clone(),
        author: author.into(),
        incarnation: after.map_or("i1".into(), |before| before.incarnation.clone()),
        seq: after.map_or(1, |before| before.seq + 1),
        backlink: after.map(|before| before.id.clone()),
        dependencies,
        delegation: delegation.into(),
        at,
    }
}

/// A city with one root, for models in which the root does nothing.
pub fn quiet_root() -> Genesis {
    Genesis {
        id: "gn0000000000".into(),
        unit: "c".into(),
        roots: vec!["r1".into()],
        threshold: 1,
        next: vec![commitment("q1")],
        next_threshold: 1,
    }
}
