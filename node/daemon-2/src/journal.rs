//! What happened since the start, bounded, for operators: refusals, and what each resume cost.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use node_api::{EventsSeen, Happening, Life, Unreached};
use node_replication::{Cost, Event};
use schema_wire::{Hash, NodeKey, Reason, UnitId};

use crate::clock::now_ms;
use crate::lang::{say, word};

/// Events kept: the newest this many.
const EVENTS_MAX: usize = 500;
/// Addresses remembered that nobody answered at.
const UNREACHED_MAX: usize = 256;

/// The newest events, and where the node listens.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    events: VecDeque<node_api::Event>,
    /// The number of the newest event.
    numbered: u64,
    listening: Vec<String>,
    connections_refused: u64,
    /// By address: how often it was dialled in vain, since when, and what the last reason was.
    unreached: BTreeMap<String, FailedDials>,
}

#[derive(Debug)]
struct FailedDials {
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
            let entry = unreached.entry(address).or_insert_with(|| FailedDials {
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
    pub(crate) fn unreached(&self) -> Vec<Unreached> {
        let shown = |(address, failed): (&String, &FailedDials)| Unreached {
            address: address.clone(),
            times: failed.times,
            since_ms: failed.since_ms,
            reason: failed.reason.clone(),
        };
        self.entries().unreached.iter().map(shown).collect()
    }

    /// What happened after the event of this number.
    pub(crate) fn seen(&self, after: Option<u64>) -> EventsSeen {
        let entries = self.entries();
        let later = |event: &&node_api::Event| after.is_none_or(|after| event.number > after);
        EventsSeen {
            listening: entries.listening.clone(),
            connections_refused: entries.connections_refused,
            events: entries.events.iter().filter(later).cloned().collect(),
        }
    }

    /// The node began a new life, and people must know why.
    pub(crate) fn began(&self, life: Life) {
        self.push(Happening::Began { life });
    }

    pub(crate) fn record(&self, event: Event) {
        if let Some(happening) = describe(event) {
            self.push(happening);
        }
    }

    fn push(&self, what: Happening) {
        let mut entries = self.entries();
        if entries.events.len() >= EVENTS_MAX {
            entries.events.pop_front();
        }
        entries.numbered += 1;
        let number = entries.numbered;
        entries.events.push_back(node_api::Event { number, at_ms: now_ms(), what });
    }
}

/// Logs an event, and says it for the journal.
fn describe(event: Event) -> Option<Happening> {
    Some(match event {
        Event::Changed(_) | Event::Learned => return None,
        Event::Joined { peer, unit } => {
            tracing::info!(peer = peer.short(), %unit, "{}", word("对端加入", "peer joined"));
            Happening::Joined { peer: peer.to_string(), unit: unit.to_string() }
        }
        Event::Surrenders { peer, unit } => {
            let text = word("无授权的对端交出条目", "a peer without authority hands over");
            tracing::warn!(peer = peer.short(), %unit, "{text}");
            Happening::Surrenders { peer: peer.to_string(), unit: unit.to_string() }
        }
        Event::Suspended { document, author, envelope, doubt } => {
            let (document, code) = (document.to_string(), doubt.code().into());
            invalid(document, &author.key, &envelope, code, doubt.to_string())
        }
        Event::Restored { document, envelope } => {
            let text = word("条目重新计入", "an entry counts again");
            tracing::info!(%document, envelope = envelope.short(), "{text}");
            let (document, envelope) = (document.to_string(), envelope.to_string());
            Happening::Restored { document, envelope }
        }
        Event::NewLife { incarnation, doubled } => new_life(incarnation, doubled),
        Event::Refused { peer, by_peer, reason } => {
            let said = &reason.text;
            let text = say!("会话被拒：{said}", "session refused: {said}");
            tracing::warn!(peer = peer.short(), by_peer, code = reason.code, "{text}");
            let (code, text) = (reason.code, reason.text);
            Happening::SessionRefused { peer: peer.to_string(), by_peer, code, text }
        }
        Event::Resumed { peer, unit, cost } => resumed(peer, &unit, cost),
        Event::Rejected { peer, item, reason } => {
            tracing::debug!(peer = peer.short(), item = item.short(), "rejected: {reason}");
            Happening::ItemRejected {
                peer: peer.to_string(),
                item: item.to_string(),
                code: reason.code().into(),
                text: reason.to_string(),
            }
        }
        Event::RefusedByPeer { peer, scope, count, reason } => {
            refused_by_peer(peer, scope.to_string(), count, reason)
        }
    })
}

fn invalid(
    document: String,
    author: &NodeKey,
    envelope: &Hash,
    code: String,
    text: String,
) -> Happening {
    let said = say!("条目不计入：{text}", "an entry does not count: {text}");
    tracing::warn!(document, author = author.short(), "{said}");
    let (author, envelope) = (author.to_string(), envelope.to_string());
    Happening::Invalid { document, author, envelope, code, text }
}

fn refused_by_peer(peer: NodeKey, scope: String, count: u64, reason: Option<Reason>) -> Happening {
    let (code, text) = reason.map(|reason| (reason.code, reason.text)).unzip();
    let code = code.unwrap_or_default();
    let said = word("对端拒收本机的条目", "a peer refused items of this node");
    tracing::warn!(peer = peer.short(), scope, count, code, "{said}");
    Happening::RefusedByPeer { peer: peer.to_string(), scope, count, code, text }
}

fn new_life(incarnation: u32, cloned: bool) -> Happening {
    let text = if cloned {
        word(
            "本机的密钥另有一份在使用，以新的化身继续；请停止其中一份",
            "this node's key is in use elsewhere too: it goes on under a new incarnation; stop one \
             of the two",
        )
    } else {
        word(
            "本机的条目不再计入，以新的化身继续",
            "entries of this node ceased to count: it goes on under a new incarnation",
        )
    };
    tracing::error!(incarnation, cloned, "{text}");
    Happening::NewLife { incarnation: incarnation.to_string(), cloned }
}

fn resumed(peer: NodeKey, unit: &UnitId, cost: Cost) -> Happening {
    let (items, bytes) = (cost.items_in + cost.items_out, cost.bytes_in + cost.bytes_out);
    let text = word("已与对端同步", "caught up with a peer");
    tracing::info!(peer = peer.short(), items, bytes, cost.round_trips, "{text}");
    Happening::Resumed {
        peer: peer.to_string(),
        unit: unit.to_string(),
        items_in: cost.items_in,
        items_out: cost.items_out,
        bytes_in: cost.bytes_in,
        bytes_out: cost.bytes_out,
        round_trips: cost.round_trips,
    }
}
