//! The state of replication, as operators see it.

use std::collections::BTreeMap;

use anyhow::Result;
use node_api::{
    Caretaker, NodeStatus, PeerStatus, Receipts, RefusedBrief, ScopeStatus, SuspendedReporting,
};
use node_replication::history;
use schema_wire::{Delegation, UnitId, Verified};

use crate::clock::now_ms;
use crate::engine::Context;
use crate::{disk, life};

/// Refused items that are shown in short.
const REFUSED_SHOWN: usize = 20;

/// Who holds what of ours, how far behind and since when, what was refused and why. Whether the
/// node runs, and where it listens, whoever runs it adds.
pub(crate) fn status(context: &mut Context<'_>) -> Result<NodeStatus> {
    let status = context.replica.status(context.reads())?;
    let heads = heads(context, &status)?;
    Ok(NodeStatus {
        unit: status.unit.to_string(),
        node: status.node.to_string(),
        network: context.replica.authority().network().to_string(),
        incarnation: status.incarnation.to_string(),
        now_ms: now_ms(),
        running: false,
        life: life::told(context.past, context.doubled),
        disk_left_bytes: disk::left(context.folder),
        reporting_suspended: reporting_suspended(context, &status.unit),
        caretakers: caretakers(context, &status.unit),
        peers: status.peers.iter().map(peer).collect(),
        scopes: status.scopes.iter().map(scope).collect(),
        documents: heads.len() as u64,
        heads,
        invalid: status.suspended,
        refused: status.quarantined,
        refused_newest: refused_newest(context)?,
        items_refused: status.rejections.iter().map(|(code, n)| ((*code).into(), *n)).collect(),
        sessions_refused: status.refused_sessions,
        documents_loaded: context.library.loads(),
        listening: Vec::new(),
        unreached: Vec::new(),
    })
}

fn scope(scope: &node_replication::ScopeStatus) -> ScopeStatus {
    let receipts = scope.receipts;
    ScopeStatus {
        scope: scope.scope.to_string(),
        items: scope.items,
        fingerprint: hex::encode(scope.fingerprint),
        receipts: Receipts { here: scope.items, unit: receipts.unit, parent: receipts.parent },
    }
}

fn peer(peer: &node_replication::PeerStatus) -> PeerStatus {
    PeerStatus {
        peer: peer.peer.to_string(),
        unit: peer.unit.to_string(),
        connected: peer.connected,
        authorised: peer.authorised,
        met_ms: peer.met_ms,
        behind: peer.lag.envelopes,
        behind_since_ms: peer.lag.since_ms,
    }
}

fn heads(
    context: &Context<'_>,
    status: &node_replication::Status,
) -> Result<BTreeMap<String, Vec<String>>> {
    let mut heads = BTreeMap::new();
    for scope in &status.scopes {
        for summary in history::documents(context.reads(), &scope.scope)? {
            let ids = summary.heads.iter().map(ToString::to_string).collect();
            heads.insert(summary.document.to_string(), ids);
        }
    }
    Ok(heads)
}

fn refused_newest(context: &Context<'_>) -> Result<Vec<RefusedBrief>> {
    let brief = |item: node_replication::QuarantinedItem| RefusedBrief {
        at_ms: item.at_ms,
        peer: item.peer.to_string(),
        bytes: item.item.len() as u64,
        code: item.code,
        text: item.text,
    };
    let refused = node_replication::quarantine(context.reads())?;
    Ok(refused.into_iter().take(REFUSED_SHOWN).map(brief).collect())
}

fn reporting_suspended(context: &Context<'_>, unit: &UnitId) -> Option<SuspendedReporting> {
    let suspension = context.replica.authority().suspended(unit)?;
    let value = suspension.value();
    Some(SuspendedReporting {
        by: value.issuer_unit.to_string(),
        reason: value.reason.clone(),
        since_ms: value.at_ms,
        statement: suspension.id().to_string(),
    })
}

fn caretakers(context: &Context<'_>, unit: &UnitId) -> Vec<Caretaker> {
    let caretaker = |delegation: &Verified<Delegation>| {
        let value = delegation.value();
        Caretaker {
            node: value.subject.to_string(),
            from_unit: value.issuer_unit.to_string(),
            until_ms: value.not_after_ms,
            delegation: delegation.id().to_string(),
        }
    };
    let found = context.replica.authority().caretakers(unit, now_ms());
    found.into_iter().map(caretaker).collect()
}
