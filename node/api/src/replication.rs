//! The state of replication, and the links it runs over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Alarm;

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
    /// What this node is itself by its own grants.
    pub standing: Standing,
    /// Why this life began, if people must know of it.
    pub life: Option<Life>,
    /// What is left on the disk of the folder, if the system says so.
    pub disk_left_bytes: Option<u64>,
    /// The units above do not count this unit's reports.
    pub reporting_suspended: bool,
    /// What people have to look at: who the unit is, and whom the network follows.
    pub alarms: Vec<Alarm>,
    /// Grants of this unit that run out within thirty days, and those that ran out unclosed.
    pub grants: Vec<GrantDue>,
    pub peers: Vec<PeerStatus>,
    pub scopes: Vec<ScopeStatus>,
    /// How many documents are held, and the newest envelopes of each.
    pub documents: u64,
    pub heads: BTreeMap<String, Vec<String>>,
    /// How many documents were read from their envelopes since the start.
    pub documents_loaded: u64,
    /// Records of which somebody must choose a value; none where nobody counted them yet.
    pub contested: Option<ContestedCount>,
    /// Items that do not count, by why.
    pub invalid: BTreeMap<String, u64>,
    /// Items ever refused, and the newest of them.
    pub refused: u64,
    pub refused_newest: Vec<RefusedBrief>,
    /// What only a running node knows; none if its store was read by a command.
    pub running: Option<RunningStatus>,
}

/// What a node knows while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningStatus {
    /// Where it listens.
    pub listening: Vec<String>,
    /// Where nobody answers it.
    pub unreached: Vec<Unreached>,
    /// Peers whose clocks are far from this node's.
    pub clocks: Vec<ClockOff>,
    /// Peers that were refused, or refused this node, and why: the last word of each.
    pub refusals: Vec<RefusedPeer>,
    /// Peers whose key is in use at two places.
    pub twice: Vec<KeyInUseTwice>,
    /// Links that people cut here.
    pub cut: CutLinks,
}

/// How many records have something to be chosen, as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestedCount {
    pub records: u64,
    pub at_ms: u64,
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

/// What a node is, by the grants that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// A member whose unit is recognised from above.
    Member { until_ms: u64 },
    /// A member of its unit, which nobody above recognises.
    Unrecognised { until_ms: u64 },
    /// No member any more.
    Former { why: FormerWhy },
}

/// Why a node is no member any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormerWhy {
    /// Its grants were withdrawn.
    Ended,
    /// Its grants ran out.
    Expired,
    /// What its grants rest on does not hold.
    Unfounded,
}

/// A grant that needs somebody's attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantDue {
    pub delegation: String,
    pub node: String,
    pub until_ms: u64,
    /// It ran out, and nobody closed it: whoever holds it may still date back.
    pub ran_out: bool,
}

/// Another node, as it is seen from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerStatus {
    pub peer: String,
    pub unit: String,
    pub standing: Standing,
    pub link: LinkState,
    /// When it was here last.
    pub last_ms: Option<u64>,
    /// What it is known to hold of this node's.
    pub held: Held,
    /// Items of this node's that it refused since the start.
    pub refused: u64,
}

impl PeerStatus {
    /// Is it here, and were both found to hold what both may?
    pub fn is_live(&self) -> bool {
        self.link == LinkState::Live
    }

    /// Items that it is not known to hold.
    pub fn lacks(&self) -> Lacks {
        match self.held {
            Held::Unknown { lacks } | Held::AllAsOf { lacks, .. } => lacks,
        }
    }
}

/// How far the session with a peer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    Away,
    Greeting,
    /// Both find out what each lacks.
    Resuming,
    Live,
}

/// What a peer is known to hold of all that it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "held", rename_all = "kebab-case")]
pub enum Held {
    /// Nothing is known yet: never did both find that they hold the same.
    Unknown { lacks: Lacks },
    /// All there was at that time, and all but these of what there is.
    AllAsOf { at_ms: u64, lacks: Lacks },
}

/// What a peer is not known to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacks {
    pub items: u64,
    /// There are more than were counted.
    pub more: bool,
    /// Since when the one that is here for longest is.
    pub since_ms: Option<u64>,
}

/// What is replicated together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeStatus {
    pub scope: String,
    /// Of whom it is: the unit.
    pub unit: String,
    pub items: u64,
    pub sum: String,
    pub receipts: Receipts,
}

/// How many items of a scope are proven to be where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    pub here: u64,
    /// On another node of the unit.
    pub unit: u64,
    /// On a node of a unit above.
    pub above: u64,
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
    pub reason: DialFailure,
}

/// Why nobody answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum DialFailure {
    /// The name of the host is not known.
    Name,
    /// Nothing listens there.
    Refused,
    NoRoute,
    TimedOut,
    /// This node itself answers there.
    Itself,
    AnotherNode {
        node: Option<String>,
    },
    Other {
        detail: String,
    },
}

/// A peer whose clock is far from this node's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOff {
    pub peer: String,
    pub unit: String,
    pub their_ms: u64,
    pub our_ms: u64,
}

/// A peer of which two folders are in use, seen within a day: a copy of its folder was started, or
/// the old folder of a node that was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInUseTwice {
    pub peer: String,
    pub unit: String,
    /// When the one came after the other last.
    pub seen_ms: u64,
}

/// Links that are cut until somebody heals them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutLinks {
    /// Every link, but for those to `healed`.
    pub all: bool,
    pub peers: Vec<String>,
    pub healed: Vec<String>,
}

/// A peer with which no session came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedPeer {
    pub peer: String,
    pub at_ms: u64,
    /// Did the peer refuse this node?
    pub by_peer: bool,
    pub code: String,
    pub text: String,
    /// Their clocks, if they are far apart: then that may be why.
    pub clocks: Option<Clocks>,
}

/// What two clocks showed at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    pub their_ms: u64,
    pub our_ms: u64,
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
