//! Events: what happened to an entity, once and for all (section 10.3).

use std::fmt;

use schema_wire::codec::Encoder;
use schema_wire::{Ascending, Bytes, List, Malformed, NodeKey, Text, Wire, event_id, record};

use crate::value::Entry;

/// Names an event of an entity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// The id of the event with this value at a key of this kind and entity, by its author.
    pub fn of(author: &NodeKey, kind: &str, entity: &str, value: &[u8]) -> Self {
        Self(event_id(author, kind, entity, value))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

impl Wire for EventId {
    fn encode(&self, e: &mut Encoder) {
        self.0.encode(e);
    }
    fn decode(d: &mut schema_wire::codec::Decoder<'_>) -> Result<Self, Malformed> {
        Wire::decode(d).map(Self)
    }
}

record! {
    /// The value at an event's key.
    pub struct Event {
        /// What happened.
        pub kind: Text<1, 32>,
        /// On which day it happened, as its author says.
        pub day: Text<10, 10>,
        /// Who did it.
        pub by: By,
        /// What it follows from. Causes order nothing by themselves.
        pub causes: Ascending<EventId, 0, 16>,
        /// Under which rules.
        pub rules: Bytes<0, 32>,
        /// The rest, ascending by field.
        pub body: List<Entry, 0, 32>,
    }
    check |event| if event.body.is_sorted_by(|a, b| a.field < b.field) {
        Ok(())
    } else {
        Err(Malformed::value("the fields of an event do not ascend"))
    };
}

record! {
    /// A person of the unit, as accounts and posts have them.
    pub struct By {
        /// The account.
        pub account: Bytes<0, 16>,
        /// The post.
        pub post: Bytes<0, 16>,
    }
}
