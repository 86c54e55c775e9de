//! Where nodes are reached: this node says it of itself, and dials others where they say it.
//!
//! What a statement says of an address decides nothing but where to dial: whoever answers there
//! is who its key says.

use std::collections::BTreeSet;
use std::net::IpAddr;
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
use crate::lang::word;

/// How often both are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// How long an address is said to be good, and how long before its end it is said again.
const GOOD_MS: u64 = 30 * 86_400_000;
const AGAIN_MS: u64 = 15 * 86_400_000;

/// Keeps both current while the node runs.
pub(crate) async fn keep(engine: Engine, transport: TransportHandle, peers: BTreeSet<NodeKey>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let (caller, own, asked) =
            (engine.clone(), reachable(transport.listening().await), peers.clone());
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

/// Where others may reach this node, among the places where it listens now. A statement has room
/// for a few.
fn reachable(listening: Vec<Address>) -> Vec<String> {
    let others = |address: &Address| address.port() != 0 && address.ip().is_some_and(is_elsewhere);
    let found = listening.into_iter().filter(others).map(|address| address.to_string());
    let found: BTreeSet<String> = found.collect();
    found.into_iter().take(ADDRESSES_MAX).collect()
}

/// Does it mean the same host on another machine, at least on one of the same network?
fn is_elsewhere(ip: IpAddr) -> bool {
    // An IPv4 address in the form of IPv6 is what it is as IPv4.
    let ip = ip.to_canonical();
    let is_near = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !is_near && !ip.is_loopback() && !ip.is_unspecified() && !ip.is_multicast()
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
    let own = authority.grants_to(node, lineage, now);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(listening: &[&str]) -> Vec<String> {
        reachable(listening.iter().map(|text| text.parse().expect("an address")).collect())
    }

    #[test]
    fn only_what_others_can_dial_is_said() {
        let near = [
            "/ip4/127.0.0.1/tcp/7400",
            "/ip4/127.8.8.8/udp/7400/quic-v1",
            "/ip4/0.0.0.0/tcp/7400",
            "/ip4/169.254.3.4/tcp/7400",
            "/ip4/255.255.255.255/tcp/7400",
            "/ip4/224.0.0.251/udp/7400/quic-v1",
            "/ip6/::1/tcp/7400",
            "/ip6/::/udp/7400/quic-v1",
            "/ip6/fe80::1/tcp/7400",
            "/ip6/ff02::fb/udp/7400/quic-v1",
            "/ip6/::ffff:127.0.0.1/tcp/7400",
            "/ip6/::ffff:169.254.3.4/tcp/7400",
            "/ip6/::ffff:0.0.0.0/tcp/7400",
            "/ip4/10.0.0.5/tcp/0",
            "/dns/district.example/tcp/7400",
        ];
        assert!(said(&near).is_empty(), "{:?}", said(&near));
        let far = ["/ip4/10.0.0.5/tcp/7400", "/ip6/2001:db8::5/udp/7400/quic-v1"];
        assert_eq!(said(&[&near[..], &far, &far].concat()), far);
    }

    #[test]
    fn no_more_is_said_than_a_statement_has_room_for() {
        let many: Vec<String> = (0..100).map(|n| format!("/ip4/10.0.0.{n}/tcp/7400")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(said(&many).len(), ADDRESSES_MAX);
    }
}
