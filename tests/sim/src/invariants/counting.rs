//! INV-01, INV-08, INV-11: what counts has authority, what was revoked or forked does not.
//!
//! Authority is judged by the naive evaluator of `tests/oracle-2`, which shares no code with the
//! product, and what counts by a plain reading of the protocol's section 7. A node must agree
//! with them on every envelope it holds, both ways.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::history::{self, Entry};
use node_replication::store::{MemStore, ReadStore, Table};
use schema_wire::{DocumentId, Ed25519, Hash, Statement, Verified, VerifiedStatement, Wire};
use tests_oracle_2::{Oracle, Place};

use crate::failure::Broken;
use crate::invariants::census::Census;
use crate::world::World;

/// Every statement a store holds.
pub fn statements(store: &MemStore) -> Vec<VerifiedStatement> {
    let entries = store.range(Table::Statements, &[], &[u8::MAX; 40], usize::MAX >> 1);
    let entries = entries.expect("a store in memory");
    let parsed = entries.into_iter().map(|(_, bytes)| Statement::from_bytes(&bytes));
    parsed.map(|statement| statement.expect("a stored statement").trust_own_store()).collect()
}

/// A node's verdicts are those of the naive reading.
pub(crate) fn census(world: &World, node: usize, census: &Census) -> Result<(), Broken> {
    let store = &world.nodes[node].disk.durable;
    let genesis = world.nodes[node].replica.as_ref().map(|r| r.authority().genesis().clone());
    let Some(genesis) = genesis else { return Ok(()) };
    let oracle = Oracle::new(genesis, &statements(store));
    let said = history::suspended(store).expect("a store in memory");
    let said: BTreeSet<Hash> = said.into_iter().map(|suspended| suspended.envelope).collect();
    for document in census.scopes.values().flat_map(|held| &held.documents) {
        let name = &document.summary.document;
        let naive = suspended(&oracle, name, &document.log);
        for entry in &document.log {
            let id = entry.header.id();
            match (naive.get(&id), said.contains(&id)) {
                (Some(why), false) => {
                    let detail = format!("{id} of {name} counts, though {}", why.text());
                    return Err(Broken::at(why.invariant(), node, detail));
                }
                (None, true) => {
                    let detail = format!("{id} of {name} is suspended without a reason");
                    return Err(Broken::at("INV-01", node, detail));
                }
                _ => {}
            }
        }
        proofs(node, store, name, &document.log)?;
    }
    // What runs to the disk is known to the replica already, and not to its store.
    if world.nodes[node].pending.is_some() {
        return Ok(());
    }
    for unit in world.plan.topology.members.iter().map(|member| &member.unit) {
        let replica = world.nodes[node].replica.as_ref().expect("it runs");
        if replica.authority().suspended(unit).is_some() != oracle.suspended(unit) {
            let detail = format!("whether the reports of {unit} are suspended");
            return Err(Broken::at("INV-08", node, detail));
        }
    }
    Ok(())
}

/// Why an envelope does not count.
enum Why {
    Forked,
    Unpermitted,
    Revoked,
    Rests,
}

impl Why {
    fn invariant(&self) -> &'static str {
        match self {
            Self::Forked => "INV-11",
            Self::Unpermitted | Self::Rests => "INV-01",
            Self::Revoked => "INV-08",
        }
    }
    fn text(&self) -> &'static str {
        match self {
            Self::Forked => "its log forks",
            Self::Unpermitted => "its author had no authority",
            Self::Revoked => "its delegation was revoked",
            Self::Rests => "it rests on what does not",
        }
    }
}

/// Section 7, what counts, word by word.
fn suspended(oracle: &Oracle, document: &DocumentId, log: &[Entry]) -> BTreeMap<Hash, Why> {
    let mut found: BTreeMap<Hash, Why> = BTreeMap::new();
    for entry in log {
        let (id, header) = (entry.header.id(), entry.header.value());
        let adopted = |id: &Hash| oracle.adopted(id, &document.owner);
        let rivals: Vec<Hash> = log
            .iter()
            .filter(|other| {
                let rival = other.header.value();
                (rival.author, rival.seq) == (header.author, header.seq)
            })
            .map(|other| other.header.id())
            .filter(|other| *other != id)
            .collect();
        let place = Place {
            document: document.clone(),
            author: header.author,
            seq: header.seq,
            at_ms: header.at_ms,
        };
        let beaten = rivals.iter().any(|rival| *rival < id && adopted(rival));
        if !rivals.is_empty() && (!adopted(&id) || beaten) {
            found.insert(id, Why::Forked);
        } else if !oracle.permits_write(&header.delegation, &place) && !adopted(&id) {
            let revoked = oracle.effective_revocations(&header.delegation).next().is_some();
            found.insert(id, if revoked { Why::Revoked } else { Why::Unpermitted });
        } else if header
            .dependencies
            .iter()
            .chain(&header.backlink)
            .any(|parent| found.contains_key(parent))
        {
            found.insert(id, Why::Rests);
        }
    }
    found
}

/// Whoever holds both halves of an equivocation holds its proof.
fn proofs(
    node: usize,
    store: &MemStore,
    document: &DocumentId,
    log: &[Entry],
) -> Result<(), Broken> {
    let places: BTreeSet<_> = log.iter().map(|entry| place(&entry.header)).collect();
    if places.len() == log.len() {
        return Ok(());
    }
    let proofs = history::equivocations(store, document).expect("a store in memory");
    if proofs.is_empty() || !proofs.iter().all(|proof| proof.holds(&Ed25519)) {
        let detail = format!("{document} forks, and nothing proves it");
        return Err(Broken::at("INV-11", node, detail));
    }
    Ok(())
}

fn place(header: &Verified<schema_wire::Header>) -> (schema_wire::Author, u64) {
    (header.value().author, header.value().seq)
}

/// A clerk was turned away: then the node may not write, as far as it can know.
pub(crate) fn turned_away(world: &mut World, node: usize) -> Result<(), Broken> {
    let machine = &world.nodes[node];
    let Some(replica) = &machine.replica else { return Ok(()) };
    let genesis = replica.authority().genesis().clone();
    let oracle = Oracle::new(genesis, &statements(&machine.disk.durable));
    let now_ms = machine.clock.local_ms(world.now);
    if oracle.permits_session(&machine.grant().id(), machine.public, now_ms) {
        let detail = "a clerk was turned away from a node that may write".to_owned();
        return Err(Broken::at("HONEST-ENTRY", node, detail));
    }
    world.auditor.reach("a clerk was turned away");
    Ok(())
}
