//! The replication state as evidence: who holds what of ours, how far behind, what was refused.

use std::collections::BTreeMap;

use schema_wire::{NodeKey, Scope, UnitId};

use crate::history;
use crate::records::{
    CursorRecord, FeedRecord, Fields, PeerRecord, ScopeRecord, after, corrupt, feed_table, origin,
    scope_from_key, scope_key, with_number,
};
use crate::replica::{QUARANTINE_ITEMS_MAX, Replica, holds};
use crate::store::{ReadError, ReadStore, Table};

/// Everything a node can say of its replication.
#[derive(Debug, Clone)]
pub struct Status {
    pub unit: UnitId,
    pub node: NodeKey,
    pub incarnation: u32,
    pub scopes: Vec<ScopeStatus>,
    pub peers: Vec<PeerStatus>,
    /// Items refused since the start, by code.
    pub rejections: BTreeMap<&'static str, u64>,
    /// Sessions refused since the start, by code.
    pub refused_sessions: BTreeMap<String, u64>,
    /// Items ever refused.
    pub quarantined: u64,
    /// Admitted envelopes that do not count, by why.
    pub suspended: BTreeMap<String, u64>,
}

/// A scope as this node holds it.
#[derive(Debug, Clone)]
pub struct ScopeStatus {
    pub scope: Scope,
    /// Items here: the first of three honest receipts.
    pub items: u64,
    pub fingerprint: [u8; 32],
    pub receipts: Receipts,
}

/// How many of a scope's items are proven to be elsewhere, and never more than was acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Receipts {
    /// On another node of this unit.
    pub unit: u64,
    /// On a node of the unit above.
    pub parent: u64,
}

/// A peer as seen from here.
#[derive(Debug, Clone)]
pub struct PeerStatus {
    pub peer: NodeKey,
    pub unit: UnitId,
    pub connected: bool,
    /// Did its delegation hold when it last said hello?
    pub authorised: bool,
    /// When it last said hello: milliseconds since 1970.
    pub met_ms: u64,
    pub lag: Lag,
}

/// How far a peer is behind this node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    /// Envelopes and statements it has not acknowledged.
    pub envelopes: u64,
    /// When the oldest of them was taken in here: milliseconds since 1970.
    pub since_ms: Option<u64>,
}

/// A refused item and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedItem {
    pub at_ms: u64,
    pub peer: NodeKey,
    pub code: String,
    pub text: String,
    pub item: Vec<u8>,
}

impl QuarantinedItem {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.at_ms.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.peer.0);
        for part in [self.code.as_bytes(), self.text.as_bytes(), &self.item] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let at_ms = fields.number()?;
        let peer = NodeKey(fields.bytes32()?);
        let mut part = || {
            let len = usize::try_from(fields.number()?).ok()?;
            fields.take(len).map(<[u8]>::to_vec)
        };
        let code = String::from_utf8(part()?).ok()?;
        let text = String::from_utf8(part()?).ok()?;
        Some(Self { at_ms, peer, code, text, item: part()? })
    }
}

impl Replica {
    /// What this node can prove about replication.
    pub fn status(&self, store: &impl ReadStore) -> Result<Status, ReadError> {
        let peers = PeerRecord::all(store)?;
        let mut scopes = Vec::new();
        let mut lags: BTreeMap<NodeKey, Lag> = BTreeMap::new();
        for (key, value) in
            store.range(Table::Scopes, &[], &after(&[u8::MAX; 64]), usize::MAX >> 1)?
        {
            let scope = scope_from_key(&key).ok_or_else(|| corrupt("scope"))?;
            let record = ScopeRecord::from_bytes(&value).ok_or_else(|| corrupt("scope"))?;
            let mut receipts = Receipts::default();
            for (peer, met) in &peers {
                if !met.reader || !holds(&met.unit, &scope) {
                    continue;
                }
                let cursor = CursorRecord::load(store, peer, &scope)?.unwrap_or_default();
                let acked = cursor.acked;
                self.receipt(&mut receipts, &met.unit, acked);
                let lag = lags.entry(*peer).or_default();
                let life = origin(peer, &cursor.epoch);
                behind(store, &scope, record.head, (life, acked), lag)?;
            }
            scopes.push(ScopeStatus {
                scope,
                items: record.head,
                fingerprint: record.fingerprint.0,
                receipts,
            });
        }
        let connected =
            |peer: &NodeKey| self.sessions.iter().any(|(_, s)| s.peer == *peer && s.unit.is_some());
        let peer_status = |(peer, met): (NodeKey, PeerRecord)| PeerStatus {
            connected: connected(&peer),
            authorised: met.reader,
            lag: lags.get(&peer).copied().unwrap_or_default(),
            unit: met.unit,
            met_ms: met.met_ms,
            peer,
        };
        let mut suspended = BTreeMap::new();
        for envelope in history::suspended(store)? {
            *suspended.entry(envelope.code).or_insert(0) += 1;
        }
        Ok(Status {
            unit: self.identity.unit.clone(),
            node: self.identity.public(),
            incarnation: self.identity.incarnation,
            scopes,
            peers: peers.into_iter().map(peer_status).collect(),
            rejections: self.rejections.clone(),
            refused_sessions: self.refused_sessions.clone(),
            quarantined: self.quarantined,
            suspended,
        })
    }

    fn receipt(&self, receipts: &mut Receipts, unit: &UnitId, acked: u64) {
        if *unit == self.identity.unit {
            receipts.unit = receipts.unit.max(acked);
        } else if unit.contains(&self.identity.unit) {
            receipts.parent = receipts.parent.max(acked);
        }
    }
}

/// Adds what a peer has not acknowledged of one scope. Items that came from it count as held.
fn behind(
    store: &impl ReadStore,
    scope: &Scope,
    head: u64,
    (peer, acked): ([u8; 8], u64),
    lag: &mut Lag,
) -> Result<(), ReadError> {
    const SCAN_MAX: usize = 10_000;
    if acked >= head {
        return Ok(());
    }
    let key = scope_key(scope);
    let (from, to) = (with_number(&key, acked + 1), with_number(&key, head + 1));
    let unacked = store.range(feed_table(scope.audience), &from, &to, SCAN_MAX)?;
    let unseen = head - acked - unacked.len() as u64;
    lag.envelopes += unseen;
    for (_, bytes) in unacked {
        let record = FeedRecord::from_bytes(&bytes).ok_or_else(|| corrupt("feed"))?;
        if record.origin != peer {
            lag.envelopes += 1;
            let since = lag.since_ms.get_or_insert(record.received_ms);
            *since = (*since).min(record.received_ms);
        }
    }
    Ok(())
}

/// The refused items kept as evidence, newest first.
pub fn quarantine(store: &impl ReadStore) -> Result<Vec<QuarantinedItem>, ReadError> {
    let limit = usize::try_from(QUARANTINE_ITEMS_MAX).unwrap_or(usize::MAX);
    let entries = store.range(Table::Quarantine, &[], &after(&[u8::MAX; 9]), limit)?;
    let parse = |(_, value): (Vec<u8>, Vec<u8>)| {
        QuarantinedItem::from_bytes(&value).ok_or_else(|| corrupt("quarantined item"))
    };
    let mut items: Vec<_> = entries.into_iter().map(parse).collect::<Result<_, _>>()?;
    items.sort_by_key(|item| std::cmp::Reverse(item.at_ms));
    Ok(items)
}
