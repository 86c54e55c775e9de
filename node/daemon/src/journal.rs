//! What happened since the start, bounded, for operators: refusals, and what each resume cost.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use node_replication::Event;
use serde_json::{Value, json};

use crate::engine::now_ms;

/// Events kept: the newest this many.
const EVENTS_MAX: usize = 500;
/// Addresses remembered that nobody answered at.
const UNREACHED_MAX: usize = 256;

/// The newest events, and where the node listens.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    events: VecDeque<Value>,
    listening: Vec<String>,
    connections_refused: u64,
    /// By address: how often it was dialled in vain, since when, and what the last reason was.
    unreached: BTreeMap<String, Unreached>,
}

#[derive(Debug)]
struct Unreached {
    times: u64,
    since_ms: u64,
    reason: String,
}

impl Journal {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn listening(&self, address: String) {
        self.entries().listening.push(address);
    }

    /// Returns how many were.
    pub(crate) fn connection_refused(&self) -> u64 {
        let mut entries = self.entries();
        entries.connections_refused += 1;
        entries.connections_refused
    }

    pub(crate) fn addresses(&self) -> Vec<String> {
        self.entries().listening.clone()
    }

    /// A peer was dialled in vain.
    pub(crate) fn dial_failed(&self, address: String, reason: String) {
        let unreached = &mut self.entries().unreached;
        if unreached.len() < UNREACHED_MAX || unreached.contains_key(&address) {
            let entry = unreached.entry(address).or_insert_with(|| Unreached {
                times: 0,
                since_ms: now_ms(),
                reason: String::new(),
            });
            entry.times += 1;
            entry.reason = reason;
        }
    }

    /// A peer is there, wherever it was dialled.
    pub(crate) fn reached(&self, peer: &str) {
        self.entries().unreached.retain(|address, _| !address.starts_with(peer));
    }

    /// Where nobody answers, and why.
    pub(crate) fn unreached(&self) -> Vec<Value> {
        let shown = |(address, entry): (&String, &Unreached)| {
            json!({
                "address": address, "times": entry.times, "since_ms": entry.since_ms,
                "reason": entry.reason,
            })
        };
        self.entries().unreached.iter().map(shown).collect()
    }

    pub(crate) fn to_json(&self) -> Value {
        let entries = self.entries();
        json!({
            "listening": entries.listening,
            "connections_refused": entries.connections_refused,
            "events": entries.events,
        })
    }

    /// The node began a new life, and people must know why.
    pub(crate) fn began(&self, told: &Value) {
        self.push(json!({ "event": told["code"], "text": told["text"] }));
    }

    pub(crate) fn record(&self, event: Event) {
        if let Some(entry) = describe(event) {
            self.push(entry);
        }
    }

    fn push(&self, mut entry: Value) {
        entry["at_ms"] = now_ms().into();
        let mut entries = self.entries();
        if entries.events.len() >= EVENTS_MAX {
            entries.events.pop_front();
        }
        entries.events.push_back(entry);
    }
}

/// Logs an event, and says it for the journal.
fn describe(event: Event) -> Option<Value> {
    Some(match event {
        Event::Changed(_) | Event::Learned => return None,
        Event::Joined { peer, unit } => {
            tracing::info!(peer = peer.short(), %unit, "peer joined");
            json!({"event": "joined", "peer": peer.to_string(), "unit": unit.as_str()})
        }
        Event::Surrenders { peer, unit } => {
            tracing::warn!(peer = peer.short(), %unit, "peer without authority hands over");
            json!({"event": "surrenders", "peer": peer.to_string(), "unit": unit.as_str()})
        }
        Event::Suspended { document, author, envelope, doubt } => {
            tracing::warn!(%document, author = author.key.short(), "suspended: {doubt}");
            json!({
                "event": "suspended", "document": document.to_string(),
                "author": author.key.to_string(), "envelope": envelope.to_string(),
                "code": doubt.code(), "text": doubt.to_string(),
            })
        }
        Event::Restored { document, envelope } => {
            tracing::info!(%document, envelope = envelope.short(), "counts again");
            json!({
                "event": "restored", "document": document.to_string(),
                "envelope": envelope.to_string(),
            })
        }
        Event::NewLife { incarnation, doubled } => {
            let text = if doubled {
                "本机的密钥另有一份在使用, 以新的化身继续; 请停止其中一份 this node's key is in use \
                 elsewhere too: it goes on under a new incarnation; stop one of the two"
            } else {
                "本机的条目被暂停, 以新的化身继续 entries of this node were suspended: it goes on \
                 under a new incarnation"
            };
            tracing::error!(incarnation, doubled, "{text}");
            json!({
                "event": "new-life", "incarnation": incarnation, "doubled": doubled, "text": text,
            })
        }
        Event::Refused { peer, by_peer, reason } => {
            tracing::warn!(peer = peer.short(), by_peer, code = reason.code, "{}", reason.text);
            json!({
                "event": "session-refused", "peer": peer.to_string(), "by_peer": by_peer,
                "code": reason.code, "text": reason.text,
            })
        }
        Event::Resumed { peer, unit, cost } => {
            let (items, bytes) = (cost.items_in + cost.items_out, cost.bytes_in + cost.bytes_out);
            tracing::info!(peer = peer.short(), items, bytes, cost.round_trips, "resumed");
            json!({
                "event": "resumed", "peer": peer.to_string(), "unit": unit.as_str(),
                "items_in": cost.items_in, "items_out": cost.items_out,
                "bytes_in": cost.bytes_in, "bytes_out": cost.bytes_out,
                "round_trips": cost.round_trips,
            })
        }
        Event::Rejected { peer, item, reason } => {
            tracing::debug!(peer = peer.short(), item = item.short(), "rejected: {reason}");
            json!({
                "event": "item-rejected", "peer": peer.to_string(), "item": item.to_string(),
                "code": reason.code(), "text": reason.to_string(),
            })
        }
        Event::RefusedByPeer { peer, scope, count, reason } => {
            let code = reason.as_ref().map_or("", |reason| &reason.code);
            tracing::warn!(peer = peer.short(), %scope, count, code, "items refused by peer");
            json!({
                "event": "refused-by-peer", "peer": peer.to_string(), "scope": scope.to_string(),
                "count": count, "code": code, "text": reason.map(|reason| reason.text),
            })
        }
    })
}
