//! The state of replication, as operators see it: no more than is shown by evidence.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use node_api::{
    FormerWhy, GrantDue, Held, Lacks, LinkState, NodeStatus, PeerStatus, Receipts, RefusedBrief,
    ScopeStatus, Standing,
};
use node_authority::{Authority, GrantState, HeldGrant};
use node_replication::log::{self, DocumentRecord};
use node_replication::session::Member;
use node_replication::store::ReadStore;
use node_replication::{history, replica};
use schema_wire::{Ms, NodeKey};

use crate::context::Knows as _;
use crate::queries::View;
use crate::{authority, clock, disk, life};

/// Refused items that are shown in short.
const REFUSED_SHOWN: usize = 20;
/// Grants are shown that run out within this: thirty days.
const RUNS_OUT_MS: u64 = 30 * 86_400_000;

/// Who holds what of ours, as of when, and how far behind; what was refused and why. What only a
/// running node knows, whoever runs it adds.
pub(crate) fn status(view: &View<'_>) -> Result<NodeStatus> {
    let (now, seen) = (clock::now(), &view.seen);
    let status = seen.replica.status(now, &view.store)?;
    let (authority, heads) = (view.authority(), heads(&view.store)?);
    let node = status.author.key;
    let mut invalid: BTreeMap<String, u64> = BTreeMap::new();
    for held in history::suspended(&view.store)? {
        *invalid.entry(held.reason.code().to_owned()).or_default() += 1;
    }
    Ok(NodeStatus {
        unit: view.unit().to_string(),
        node: node.to_string(),
        network: authority.network().to_string(),
        incarnation: status.author.incarnation.to_string(),
        now_ms: now.get(),
        standing: standing(authority, &status.own, now),
        life: life::told(seen.past, seen.cloned),
        disk_left_bytes: disk::left(view.folder()),
        reporting_suspended: authority.is_suspended(view.unit()),
        alarms: authority::alarms(view),
        grants: grants_due(authority, now),
        peers: status.peers.iter().map(|peer| peer_status(authority, peer, now)).collect(),
        scopes: status.scopes.iter().map(scope_status).collect(),
        documents: heads.len() as u64,
        heads,
        documents_loaded: seen.documents_loaded,
        contested: view.contested,
        invalid,
        refused: replica::refused_count(&view.store)?,
        refused_newest: refused_newest(&view.store)?,
        running: None,
    })
}

/// What a node is, and if it is no member, why.
fn standing(authority: &Authority, member: &Member, now: Ms) -> Standing {
    let until_ms = member.until.get();
    match (member.outside, member.inside) {
        (Some(_), _) => Standing::Member { until_ms },
        (None, Some(_)) => Standing::Unrecognised { until_ms },
        (None, None) => {
            let own = |grant: &HeldGrant<'_>| grant.subject == member.key;
            let states: Vec<GrantState> =
                authority.grants(&member.lineage, now).filter(own).map(|g| g.state).collect();
            let why = if states.contains(&GrantState::Unclosed) {
                FormerWhy::Expired
            } else if states.contains(&GrantState::Ended) {
                FormerWhy::Ended
            } else {
                FormerWhy::Unfounded
            };
            Standing::Former { why }
        }
    }
}

/// Grants of this unit that run out soon, and that ran out and were not closed. Who has another
/// one that lasts longer needs none.
fn grants_due(authority: &Authority, now: Ms) -> Vec<GrantDue> {
    let lineage = authority.pins().lineage();
    let grants: Vec<HeldGrant<'_>> = authority.grants(&lineage, now).collect();
    let soon = now.plus(RUNS_OUT_MS);
    let lasts = |grant: &&HeldGrant<'_>| grant.state == GrantState::Holds && grant.until > soon;
    let settled: BTreeSet<NodeKey> = grants.iter().filter(lasts).map(|g| g.subject).collect();
    let mut due: Vec<GrantDue> = Vec::new();
    for grant in &grants {
        let ran_out = grant.state == GrantState::Unclosed;
        let runs_out = grant.state == GrantState::Holds && !settled.contains(&grant.subject);
        if ran_out || runs_out && grant.until <= soon {
            due.push(GrantDue {
                delegation: grant.id.to_string(),
                node: grant.subject.to_string(),
                until_ms: grant.until.get(),
                ran_out,
            });
        }
    }
    due.sort_by_key(|grant| grant.until_ms);
    due
}

fn peer_status(authority: &Authority, peer: &replica::PeerStatus, now: Ms) -> PeerStatus {
    let lacks = Lacks {
        items: peer.lacks.items,
        more: peer.lacks.more,
        since_ms: peer.lacks.since.map(Ms::get),
    };
    PeerStatus {
        peer: peer.member.key.to_string(),
        unit: peer.member.unit.to_string(),
        standing: standing(authority, &peer.member, now),
        link: match peer.link {
            replica::Link::Away => LinkState::Away,
            replica::Link::Greeting => LinkState::Greeting,
            replica::Link::Resuming => LinkState::Resuming,
            replica::Link::Live => LinkState::Live,
        },
        last_ms: peer.last.map(Ms::get),
        held: match peer.held {
            Some(held) => Held::AllAsOf { at_ms: held.at.get(), lacks },
            None => Held::Unknown { lacks },
        },
        refused: peer.refused,
    }
}

fn scope_status(scope: &replica::ScopeStatus) -> ScopeStatus {
    let (here, unit, above) = (scope.items, scope.on_unit, scope.on_above);
    ScopeStatus {
        scope: scope.scope.to_string(),
        unit: scope.scope.unit().to_string(),
        items: scope.items,
        sum: scope.sum.to_string(),
        receipts: Receipts { here, unit, above },
    }
}

fn heads(store: &impl ReadStore) -> Result<BTreeMap<String, Vec<String>>> {
    let mut heads = BTreeMap::new();
    for document in log::documents(store)? {
        let record = DocumentRecord::load(store, &document)?;
        let ids = record.heads.iter().map(ToString::to_string).collect();
        heads.insert(document.to_string(), ids);
    }
    Ok(heads)
}

fn refused_newest(store: &impl ReadStore) -> Result<Vec<RefusedBrief>> {
    let brief = |item: replica::RefusedItem| RefusedBrief {
        at_ms: item.at.get(),
        peer: item.peer.to_string(),
        bytes: item.item.len() as u64,
        code: item.code,
        text: item.text,
    };
    Ok(replica::refused(store)?.into_iter().take(REFUSED_SHOWN).map(brief).collect())
}
