//! Cases and answers as `CASES.md` writes them down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a node holds and is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub genesis: Genesis,
    pub own: Own,
    pub pins: Pins,
    pub statements: Vec<Statement>,
    pub envelopes: Vec<Envelope>,
    pub orders: Vec<Vec<usize>>,
    pub times: Vec<u64>,
    pub units: Vec<String>,
    pub reads: Vec<Read>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    pub id: String,
    pub unit: String,
    pub roots: Vec<String>,
    pub threshold: u8,
    pub next: Vec<String>,
    pub next_threshold: u8,
}

/// The node's own unit, and the lineage it belongs to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    pub unit: String,
    pub lineage: String,
    /// Lineages it belonged to formerly.
    pub former: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Which successor is followed after a generation.
    pub generations: BTreeMap<String, String>,
    /// Which lineage is followed for a unit.
    pub units: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub id: String,
    #[serde(flatten)]
    pub record: Record,
}

/// `[unit, compartment]`, or `[unit, 3, unit]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scope {
    Own(String, u8),
    Pair(String, u8, String),
}

/// `[owner, class, shard]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Document(pub String, pub u8, pub String);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Record {
    Charter {
        unit: String,
        key: String,
        next: String,
        at: u64,
    },
    Rotation {
        unit: String,
        previous: String,
        reveal: String,
        key: String,
        next: String,
        keeps: Vec<String>,
        at: u64,
    },
    Succession {
        previous: String,
        reveal: String,
        roots: Vec<String>,
        threshold: u8,
        next: Vec<String>,
        next_threshold: u8,
        keeps: Vec<String>,
        at: u64,
    },
    Delegation {
        unit: String,
        proof: String,
        issuer: String,
        subject: String,
        verbs: u8,
        reads: u8,
        classes: Vec<(u8, u8)>,
        not_before: u64,
        not_after: u64,
        serial: u64,
    },
    Founding {
        unit: String,
        proof: String,
        issuer: String,
        below: String,
        lineage: String,
        not_before: u64,
        not_after: u64,
        serial: u64,
    },
    Ending {
        unit: String,
        proof: String,
        issuer: String,
        ends: String,
        ran_out: bool,
        keeps: Vec<String>,
        at: u64,
    },
    Adoption {
        unit: String,
        proof: String,
        issuer: String,
        scope: Scope,
        marks: Vec<Mark>,
        at: u64,
    },
    Suspension {
        unit: String,
        proof: String,
        issuer: String,
        below: String,
        at: u64,
    },
    Dissolution {
        unit: String,
        proof: String,
        issuer: String,
        below: String,
        successors: Vec<String>,
        at: u64,
    },
    Card {
        unit: String,
        proof: String,
        issuer: String,
        serial: u64,
        at: u64,
    },
    Address {
        unit: String,
        proof: String,
        issuer: String,
        at: u64,
        until: u64,
    },
    Endorsement {
        proof: String,
        issuer: String,
        endorses: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    pub document: Document,
    pub author: String,
    pub incarnation: String,
    pub seq: u64,
    pub head: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    pub id: String,
    pub document: Document,
    pub author: String,
    pub incarnation: String,
    pub seq: u64,
    pub backlink: Option<String>,
    pub dependencies: Vec<String>,
    pub delegation: String,
    pub at: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    pub key: String,
    pub at: u64,
    pub scope: Scope,
}

/// What a judge says of a case, once for each order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    pub orders: Vec<Answer>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub kept: String,
    pub stands: Vec<Vec<(String, String)>>,
    pub root: String,
    pub present: BTreeMap<String, String>,
    pub rivals: Vec<String>,
    pub followed: BTreeMap<String, Option<String>>,
    pub candidates: BTreeMap<String, Vec<String>>,
    pub suspended: Vec<String>,
    pub dissolved: Vec<String>,
    pub cards: BTreeMap<String, Option<String>>,
    pub aside: Vec<String>,
    pub envelopes: Vec<String>,
    pub heads: Vec<String>,
    pub reads: Vec<bool>,
}
