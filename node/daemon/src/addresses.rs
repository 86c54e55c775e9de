//! Where nodes are reached: this node says it of itself, and dials others where they say it.
//!
//! What a statement says of an address decides nothing but where to dial: whoever answers there
//! must have the key.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use node_acts::issuer::Issuer;
use node_authority::{Authority, GrantState};
use node_replication::log;
use node_transport::{Address, TransportHandle};
use schema_wire::limits::ADDRESSES_MAX;
use schema_wire::{Body, Hash, Item, Ms, NodeKey};

use crate::clock;
use crate::context::Context;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::lang::word;

/// How often both are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// How long an address is said to be good, and how long before its end it is said again.
const GOOD_MS: u64 = 30 * 86_400_000;
const AGAIN_MS: u64 = 15 * 86_400_000;

/// Keeps both current while the node runs.
pub(crate) async fn keep(
    engine: Engine,
    transport: TransportHandle,
    journal: Arc<Journal>,
    peers: BTreeSet<NodeKey>,
) {
    loop {
        tokio::time::sleep(EVERY).await;
        let (caller, own, asked) = (engine.clone(), reachable(&journal), peers.clone());
        let looked = move || {
            caller.call(move |context| {
                publish(context, &own)?;
                asked.iter().map(|peer| Ok((*peer, said_by(context, peer)?))).collect()
            })
        };
        let said: Vec<(NodeKey, Vec<Address>)> = match tokio::task::spawn_blocking(looked).await {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => {
                tracing::debug!(%error, "{}", word("地址未更新", "addresses were not looked at"));
                continue;
            }
            Err(_) => return,
        };
        for (peer, addresses) in said {
            transport.tell(peer, addresses).await;
        }
    }
}

/// Where others may reach this node, among the places where it listens.
fn reachable(journal: &Journal) -> Vec<String> {
    let is_elsewhere = |address: &&String| {
        let ip = address.parse::<Address>().ok().and_then(|address| address.ip());
        match ip {
            Some(IpAddr::V4(ip)) => {
                !ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified()
            }
            Some(IpAddr::V6(ip)) => {
                !ip.is_loopback() && !ip.is_unicast_link_local() && !ip.is_unspecified()
            }
            None => false,
        }
    };
    let listening = journal.status().listening;
    let found: BTreeSet<String> = listening.iter().filter(is_elsewhere).cloned().collect();
    found.into_iter().take(ADDRESSES_MAX).collect()
}

/// Says where this node is reached, if that is new or was said long ago.
fn publish(context: &mut Context<'_>, own: &[String]) -> Result<()> {
    let (now, node) = (clock::now(), context.node());
    let said = said(context, &node)?;
    let is_said = said
        .iter()
        .any(|(texts, until)| texts == own && until.since(now) > AGAIN_MS && now <= *until);
    let Some(proof) =
        grant(context.authority(), &node, now).filter(|_| !own.is_empty() && !is_said)
    else {
        return Ok(());
    };
    let (network, unit) = (context.authority().network(), context.unit().clone());
    let issuer = Issuer { network, unit: &unit, proof, key: context.key };
    let address = issuer.address(own, now, now.plus(GOOD_MS))?;
    context.learn(address)?;
    Ok(())
}

/// The grant of this node that lasts longest.
fn grant(authority: &Authority, node: &NodeKey, now: Ms) -> Option<Hash> {
    let lineage = authority.pins().lineage();
    let own = authority.grants(&lineage, now).filter(|grant| grant.subject == *node);
    let holds = own.filter(|grant| grant.state == GrantState::Holds);
    holds.max_by_key(|grant| (grant.until, grant.id)).map(|grant| grant.id)
}

/// Where a node says that it is reached, and until when that is good.
fn said(context: &Context<'_>, node: &NodeKey) -> Result<Vec<(Vec<String>, Ms)>> {
    let mut said = Vec::new();
    for id in context.authority().addresses(node) {
        if let Some(Item::Statement(statement)) =
            log::item(&context.store, &id)?.map(|stored| stored.item)
            && let Body::Address(address) = statement.claims()
        {
            let texts = address.addresses.iter().map(|text| (**text).to_owned()).collect();
            said.push((texts, address.until));
        }
    }
    Ok(said)
}

/// Where a node says that it is reached, as far as that is still good and can be dialled.
fn said_by(context: &Context<'_>, node: &NodeKey) -> Result<Vec<Address>> {
    let now = clock::now();
    let good = said(context, node)?.into_iter().filter(|(_, until)| now <= *until);
    let texts: BTreeSet<String> = good.flat_map(|(texts, _)| texts).collect();
    Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
}
