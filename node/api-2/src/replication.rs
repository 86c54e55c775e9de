//! The state of replication, and the links it runs over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Asks for the state of replication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {}

/// Who holds what of this node's, how far behind and since when, what was refused and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    pub unit: String,
    pub node: String,
    pub network: String,
    pub incarnation: String,
    /// By the node's own clock.
    pub now_ms: u64,
    /// Does the node run, or was its store read by a command?
    pub running: bool,
    /// Why this life began, if people must know of it.
    pub life: Option<Life>,
    /// What is left on the disk of the folder, if the system says so.
    pub disk_left_bytes: Option<u64>,
    /// The unit above does not count this unit's reports.
    pub reporting_suspended: Option<SuspendedReporting>,
    pub caretakers: Vec<Caretaker>,
    pub peers: Vec<PeerStatus>,
    pub scopes: Vec<ScopeStatus>,
    /// How many documents are held, and the newest envelopes of each.
    pub documents: u64,
    pub heads: BTreeMap<String, Vec<String>>,
    /// Items that do not count, by why.
    pub invalid: BTreeMap<String, u64>,
    /// Items ever refused, and the newest of them.
    pub refused: u64,
    pub refused_newest: Vec<RefusedBrief>,
    /// Since the start, by why.
    pub items_refused: BTreeMap<String, u64>,
    pub sessions_refused: BTreeMap<String, u64>,
    /// How many documents were built from their envelopes since the start.
    pub documents_loaded: u64,
    /// Where a running node listens, and where nobody answers it.
    pub listening: Vec<String>,
    pub unreached: Vec<Unreached>,
}

/// Why a node goes on under a new incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Life {
    /// A copy of its folder runs on the same machine.
    Copied,
    /// Its store is older than it was: so many commits are missing at least.
    SetBack { commits: u64 },
    /// Others hold entries of its key that it does not.
    Doubled,
}

/// Why the unit above does not count this one's reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendedReporting {
    pub by: String,
    pub reason: String,
    pub since_ms: u64,
    pub statement: String,
}

/// A node from above that may write in this unit's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caretaker {
    pub node: String,
    pub from_unit: String,
    pub until_ms: u64,
    pub delegation: String,
}

/// Another node, as it is seen from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerStatus {
    pub peer: String,
    pub unit: String,
    pub connected: bool,
    pub authorised: bool,
    /// When it last came.
    pub met_ms: u64,
    /// What it has not acknowledged, and since when the oldest of that waits.
    pub behind: u64,
    pub behind_since_ms: Option<u64>,
}

/// What is replicated together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeStatus {
    pub scope: String,
    pub items: u64,
    pub fingerprint: String,
    pub receipts: Receipts,
}

/// How many items of a scope are proven to be where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    pub here: u64,
    /// On another node of the unit.
    pub unit: u64,
    /// On a node of the unit above.
    pub parent: u64,
}

/// A refused item, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedBrief {
    pub at_ms: u64,
    pub peer: String,
    pub code: String,
    pub text: String,
    pub bytes: u64,
}

/// An address at which nobody answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    pub address: String,
    pub times: u64,
    pub since_ms: u64,
    pub reason: String,
}

/// Cuts the link to a peer, or to all, or heals it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// A node's key, or `all`.
    pub peer: String,
    pub block: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    pub peer: String,
    pub blocked: bool,
}
