//! What happened since the start, bounded, for operators: refusals, and what each resume cost.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use node_api::{
    Alarm, ClockOff, Clocks, CutLinks, EventsSeen, Happening, KeyInUseTwice, Life, RefusedPeer,
    RunningStatus, Unreached,
};
use node_replication::replica::Event;
use node_replication::{log, session};
use node_transport::DialFailure;
use schema_wire::{Epoch, Hash, Item, Ms, NodeKey, Reason, Scope, UnitId, Wire as _};

use crate::clock::now_ms;
use crate::feeds::Feeds;
use crate::lang::word;
use crate::render;
use crate::traffic::{Carried, Traffic};

/// Events kept: the newest this many.
const EVENTS_MAX: usize = 500;
/// Addresses remembered that nobody answered at, and peers that were refused or keep another time.
const REMEMBERED_MAX: usize = 256;
/// For how long a rival, or a key that is in use twice, is shown after it was seen last: who dials
/// does so within minutes.
const SHOWN_MS: u64 = 86_400_000;
/// Two clocks that are further apart are shown to people.
const CLOCKS_APART_MS: u64 = 300_000;

/// The newest events, where the node listens, and whom it does not reach.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    events: VecDeque<node_api::Event>,
    /// The number of the newest event.
    numbered: u64,
    listening: Vec<String>,
    connections_refused: u64,
    /// By address.
    unreached: BTreeMap<String, Unreached>,
    clocks: BTreeMap<NodeKey, ClockOff>,
    refusals: BTreeMap<NodeKey, RefusedPeer>,
    /// Peers whose lineage units above recognise as a unit, besides the one followed here.
    rivals: BTreeMap<NodeKey, Rival>,
    /// The units of peers, and the feeds that they named.
    feeds: BTreeMap<NodeKey, (UnitId, Feeds)>,
}

/// What a peer showed of its lineage.
#[derive(Debug)]
struct Rival {
    unit: UnitId,
    lineage: Hash,
    followed: Option<Hash>,
    seen_ms: u64,
    /// Did it show so in the session that goes on?
    is_new: bool,
}

/// What two clocks show, if people must know that they differ.
fn apart((theirs, ours): (Ms, Ms)) -> Option<Clocks> {
    let (their_ms, our_ms) = (theirs.get(), ours.get());
    (their_ms.abs_diff(our_ms) > CLOCKS_APART_MS).then_some(Clocks { their_ms, our_ms })
}

/// Remembers something of a peer or an address, unless that is too many.
fn remember<K: Ord, V>(known: &mut BTreeMap<K, V>, key: K, value: V) {
    if known.len() < REMEMBERED_MAX || known.contains_key(&key) {
        known.insert(key, value);
    }
}

impl Entries {
    /// A peer named its feed. One that returns shows that two folders have its key.
    fn named(&mut self, peer: &NodeKey, unit: &UnitId, feed: Epoch) {
        match self.feeds.get_mut(peer) {
            None => remember(&mut self.feeds, *peer, (unit.clone(), Feeds::new(feed))),
            Some((_, feeds)) => {
                if feeds.named(feed, now_ms()) {
                    let text = word("同一密钥在两处使用", "a key is in use twice");
                    tracing::warn!(peer = peer.short(), %unit, "{text}");
                }
            }
        }
    }

    /// Peers whose key was found to be in use twice within a day.
    fn in_use_twice(&self) -> Vec<KeyInUseTwice> {
        let since = now_ms().saturating_sub(SHOWN_MS);
        let twice = self.feeds.iter().filter_map(|(peer, (unit, feeds))| {
            let seen_ms = feeds.returned_ms().filter(|seen| *seen >= since)?;
            Some(KeyInUseTwice { peer: peer.to_string(), unit: unit.to_string(), seen_ms })
        });
        twice.collect()
    }

    /// A session ended here in which a peer showed no recognition: it has none any more.
    fn rival_ended(&mut self, peer: &NodeKey, by_peer: bool) {
        let Some(rival) = self.rivals.get_mut(peer).filter(|_| !by_peer) else { return };
        match rival.is_new {
            true => rival.is_new = false,
            false => drop(self.rivals.remove(peer)),
        }
    }
}

impl Journal {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn listening(&self, address: String) {
        let listening = &mut self.entries().listening;
        if listening.len() < REMEMBERED_MAX && !listening.contains(&address) {
            listening.push(address);
        }
    }

    /// Returns how many were.
    pub(crate) fn connection_refused(&self) -> u64 {
        let mut entries = self.entries();
        entries.connections_refused += 1;
        entries.connections_refused
    }

    /// A peer was dialled in vain.
    pub(crate) fn dial_failed(&self, address: String, reason: &DialFailure) {
        let entries = &mut *self.entries();
        let before = entries.unreached.get(&address);
        let (times, since_ms) = before.map_or((0, now_ms()), |b| (b.times, b.since_ms));
        let (times, reason) = (times + 1, render::dial_failure(reason));
        let unreached = Unreached { address: address.clone(), times, since_ms, reason };
        remember(&mut entries.unreached, address, unreached);
    }

    /// A peer is there, wherever it was dialled.
    pub(crate) fn reached(&self, peer: &str) {
        self.entries().unreached.retain(|address, _| !address.starts_with(peer));
    }

    /// Peers that were here since the start.
    pub(crate) fn peers(&self) -> BTreeSet<NodeKey> {
        self.entries().feeds.keys().copied().collect()
    }

    /// What only a running node knows.
    pub(crate) fn status(&self, cut: CutLinks) -> RunningStatus {
        let entries = self.entries();
        RunningStatus {
            listening: entries.listening.clone(),
            unreached: entries.unreached.values().cloned().collect(),
            clocks: entries.clocks.values().cloned().collect(),
            refusals: entries.refusals.values().cloned().collect(),
            twice: entries.in_use_twice(),
            cut,
        }
    }

    /// Two lineages of one unit that peers showed within a day, but for those that are known.
    pub(crate) fn rivals(&self, own: &str, known: &[Alarm]) -> Vec<Alarm> {
        let is_known = |unit: &str, lineage: &String| {
            known.iter().any(|alarm| {
                matches!(alarm, Alarm::TwoLineages { unit: of, lineages, .. }
                    if of == unit && lineages.contains(lineage))
            })
        };
        let since = now_ms().saturating_sub(SHOWN_MS);
        let entries = self.entries();
        let lately = entries.rivals.iter().filter(|(_, rival)| rival.seen_ms >= since);
        let shown = lately.filter_map(|(_, Rival { unit, lineage, followed, .. })| {
            let (unit, lineage) = (unit.to_string(), lineage.to_string());
            let followed = followed.map(|lineage| lineage.to_string());
            let is_new = !is_known(&unit, &lineage);
            let lineages = followed.iter().cloned().chain([lineage]).collect();
            is_new.then(|| Alarm::TwoLineages { own: unit == own, unit, lineages, followed })
        });
        shown.collect()
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

    /// Writes down what the replica tells.
    pub(crate) fn record(&self, event: Event, traffic: &Traffic) {
        let happening = match event {
            Event::Peer(event) => {
                self.note(&event);
                of_peer(event, traffic)
            }
            Event::Log(event) => of_log(event),
        };
        self.push(happening);
    }

    /// Keeps the last word of each peer, for the status.
    fn note(&self, event: &session::Event) {
        let entries = &mut *self.entries();
        match event {
            session::Event::Joined { peer, unit, feed, their_clock, our_clock } => {
                entries.named(peer, unit, *feed);
                entries.refusals.remove(peer);
                entries.rivals.remove(peer);
                entries.clocks.remove(peer);
                if let Some(Clocks { their_ms, our_ms }) = apart((*their_clock, *our_clock)) {
                    let (peer_text, unit) = (peer.to_string(), unit.to_string());
                    let off = ClockOff { peer: peer_text, unit, their_ms, our_ms };
                    remember(&mut entries.clocks, *peer, off);
                }
            }
            session::Event::Rival { peer, unit, lineage, followed } => {
                let (unit, lineage, followed) = (unit.clone(), *lineage, *followed);
                let rival = Rival { unit, lineage, followed, seen_ms: now_ms(), is_new: true };
                remember(&mut entries.rivals, *peer, rival);
            }
            session::Event::Ended { peer, by_peer, reason, clocks } => {
                entries.rival_ended(peer, *by_peer);
                let refused = RefusedPeer {
                    peer: peer.to_string(),
                    at_ms: now_ms(),
                    by_peer: *by_peer,
                    code: reason.code.to_string(),
                    text: reason.text.to_string(),
                    clocks: clocks.and_then(apart),
                };
                // Strangers come and go: the oldest of them is forgotten.
                if entries.refusals.len() >= REMEMBERED_MAX
                    && let Some(oldest) = entries.refusals.iter().min_by_key(|(_, r)| r.at_ms)
                {
                    let oldest = *oldest.0;
                    entries.refusals.remove(&oldest);
                }
                entries.refusals.insert(*peer, refused);
            }
            _ => {}
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

/// Logs what happened with a peer, and says it for the journal.
fn of_peer(event: session::Event, traffic: &Traffic) -> Happening {
    match event {
        session::Event::Joined { peer, unit, their_clock, our_clock, .. } => {
            tracing::info!(peer = peer.short(), %unit, "{}", word("对端加入", "peer joined"));
            let (peer, unit) = (peer.to_string(), unit.to_string());
            let (their_ms, our_ms) = (their_clock.get(), our_clock.get());
            Happening::Joined { peer, unit, their_ms, our_ms }
        }
        session::Event::Rival { peer, unit, lineage, .. } => {
            let text = word("另一谱系自称某单位", "another lineage calls itself a unit");
            tracing::warn!(peer = peer.short(), %unit, lineage = lineage.short(), "{text}");
            let (peer, unit) = (peer.to_string(), unit.to_string());
            Happening::Rival { peer, unit, lineage: lineage.to_string() }
        }
        session::Event::Resumed { peer, unit } => {
            let Carried { items_in, items_out, bytes_in, bytes_out } = traffic.with(&peer);
            let (items, bytes) = (items_in + items_out, bytes_in + bytes_out);
            let text = word("已与对端同步", "caught up with a peer");
            tracing::info!(peer = peer.short(), items, bytes, "{text}");
            let (peer, unit) = (peer.to_string(), unit.to_string());
            Happening::Resumed { peer, unit, items_in, items_out, bytes_in, bytes_out }
        }
        session::Event::FeedWasLonger { peer } => {
            let text = word(
                "对端所知的本机条目比本机更多：数据库可能丢失了条目",
                "a peer knows more of this node's items than it holds: its store may have lost some",
            );
            tracing::warn!(peer = peer.short(), "{text}");
            Happening::FeedWasLonger { peer: peer.to_string() }
        }
        session::Event::RefusedByPeer { peer, scope, count, reason } => {
            refused_by_peer(&peer, &scope, count, reason)
        }
        session::Event::Refused { peer, scope, item, reason, .. } => {
            refused(&peer, &scope, &item, &reason)
        }
        session::Event::Ended { peer, by_peer, reason, .. } => {
            let Reason { code, text } = reason;
            let (code, text) = (code.to_string(), text.to_string());
            let said = word("会话被拒", "session refused");
            tracing::warn!(peer = peer.short(), by_peer, code, "{said}");
            Happening::SessionRefused { peer: peer.to_string(), by_peer, code, text }
        }
    }
}

fn refused_by_peer(peer: &NodeKey, scope: &Scope, count: u64, reason: Option<Reason>) -> Happening {
    let (code, text) = reason.map(|r| (r.code.to_string(), r.text.to_string())).unzip();
    let said = word("对端拒收本机的条目", "a peer refused items of this node");
    tracing::warn!(peer = peer.short(), %scope, count, code, "{said}");
    Happening::RefusedByPeer { peer: peer.to_string(), scope: scope.to_string(), count, code, text }
}

/// What does not read as an item is named by the hash of its bytes.
fn refused(peer: &NodeKey, scope: &Scope, item: &[u8], reason: &Reason) -> Happening {
    let id = Item::from_bytes(item).map_or_else(|_| Hash::of(&[item]), |item| item.id());
    let (code, text) = (reason.code.to_string(), reason.text.to_string());
    tracing::debug!(peer = peer.short(), item = id.short(), code, "refused");
    let (peer, scope, item) = (peer.to_string(), scope.to_string(), id.to_string());
    Happening::ItemRefused { peer, scope, item, code, text }
}

/// Logs what became of entries, and of this node's lives, and says it for the journal.
fn of_log(event: log::Event) -> Happening {
    match event {
        log::Event::Suspended { document, author, envelope, reason } => {
            let code = reason.code();
            let said = word("条目不计入", "an entry does not count");
            tracing::warn!(%document, author = author.key.short(), code, "{said}");
            Happening::Invalid {
                document: document.to_string(),
                author: author.key.to_string(),
                envelope: envelope.to_string(),
                code: code.to_owned(),
            }
        }
        log::Event::Forked(mark) => {
            let (document, author) = (mark.document, mark.author);
            let said = word("作者在同一位置签了两条", "an author signed two entries at one place");
            tracing::warn!(%document, author = author.short(), "{said}");
            let (document, author) = (document.to_string(), author.to_string());
            Happening::Forked { document, author, envelope: mark.head.to_string() }
        }
        log::Event::Restored { document, envelope } => {
            let text = word("条目重新计入", "an entry counts again");
            tracing::info!(%document, envelope = envelope.short(), "{text}");
            let (document, envelope) = (document.to_string(), envelope.to_string());
            Happening::Restored { document, envelope }
        }
        log::Event::IncarnationChanged { cloned } => {
            tracing::error!(cloned, "{}", render::incarnation_changed(cloned));
            Happening::IncarnationChanged { cloned }
        }
    }
}
