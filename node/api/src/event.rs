//! What happens in a node: one stream of typed events, numbered from its start.

use serde::{Deserialize, Serialize};

use crate::Life;

/// Asks for the newest events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Those after this number only: whoever follows the stream names the last one seen.
    #[serde(default)]
    pub after: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsSeen {
    pub listening: Vec<String>,
    pub connections_refused: u64,
    /// In ascending order. The oldest are forgotten: a gap in the numbers shows it.
    pub events: Vec<Event>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub number: u64,
    pub at_ms: u64,
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happening {
    /// The node began a new life at its start, and people must know why.
    Began { life: Life },
    /// A peer showed that it is a member of this network. Its clock showed this, and ours that.
    Joined { peer: String, unit: String, their_ms: u64, our_ms: u64 },
    /// Units above recognise the peer's lineage as this unit, besides the one followed here.
    Rival { peer: String, unit: String, lineage: String },
    /// Both hold what both may: what the session carried until then.
    Resumed {
        peer: String,
        unit: String,
        items_in: u64,
        items_out: u64,
        bytes_in: u64,
        bytes_out: u64,
    },
    /// A peer says that this node's feed was longer once: its store may have lost something.
    FeedWasLonger { peer: String },
    /// A session was refused, here or by the peer.
    SessionRefused { peer: String, by_peer: bool, code: String, text: String },
    /// An item of a peer was refused.
    ItemRefused { peer: String, scope: String, item: String, code: String, text: String },
    /// A peer refused items of ours.
    RefusedByPeer {
        peer: String,
        scope: String,
        count: u64,
        code: Option<String>,
        text: Option<String>,
    },
    /// An entry does not count, or no longer.
    Invalid { document: String, author: String, envelope: String, code: String },
    /// A log forks: its author signed two entries at one place. This one was here first.
    Forked { document: String, author: String, envelope: String },
    /// It counts again.
    Restored { document: String, envelope: String },
    /// The node goes on under a new incarnation: its entries ceased to count, or its key is in use
    /// twice.
    IncarnationChanged { cloned: bool },
}
