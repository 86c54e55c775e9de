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
    /// A peer showed a grant of this network.
    Joined { peer: String, unit: String },
    /// A peer whose grant was withdrawn or ran out hands over what it wrote.
    Surrenders { peer: String, unit: String },
    /// Both hold what both may: what that took.
    Resumed {
        peer: String,
        unit: String,
        items_in: u64,
        items_out: u64,
        bytes_in: u64,
        bytes_out: u64,
        round_trips: u64,
    },
    /// A conversation was refused, here or by the peer.
    SessionRefused { peer: String, by_peer: bool, code: String, text: String },
    /// An item of a peer was refused.
    ItemRejected { peer: String, item: String, code: String, text: String },
    /// A peer refused items of ours.
    RefusedByPeer { peer: String, scope: String, count: u64, code: String, text: Option<String> },
    /// An entry does not count, or no longer.
    Invalid { document: String, author: String, envelope: String, code: String, text: String },
    /// It counts again.
    Restored { document: String, envelope: String },
    /// The node goes on under a new incarnation: its log was cut, or its key is in use twice.
    NewLife { incarnation: String, cloned: bool },
}
