//! In whose name this node signs, and for how long.

use anyhow::Result;
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_api::Failure;
use node_authority::GrantState;
use schema_wire::{Hash, NodeKey, UnitId, Verbs};

use crate::clock;
use crate::context::{Context, Knows};
use crate::keyfile;

const DAY_MS: u64 = 86_400_000;
/// A year, if nobody says otherwise.
pub(super) const GRANT_DAYS: u32 = 365;
/// The first node of a unit holds the operating key, and grants itself as much.
pub(super) const OWN_DAYS: u32 = 3650;

/// From a day ago, since a machine whose clock is behind must accept what was granted just now.
pub(super) fn term(days: u32) -> Term {
    let now = clock::now_ms();
    let from = schema_wire::Ms::of(now.saturating_sub(DAY_MS));
    Term { from, until: schema_wire::Ms::of(now).plus(u64::from(days) * DAY_MS) }
}

/// A number that no other grant has.
pub(super) fn serial() -> Result<u64> {
    Ok(u64::from_be_bytes(keyfile::random()?))
}

/// A fresh recovery phrase.
pub(super) fn phrase() -> Result<Phrase> {
    Ok(Phrase::of(keyfile::random()?))
}

/// As the unit: by the operating key, or else by a delegation that governs.
pub(crate) fn issuer<'c>(context: &'c Context<'_>) -> Result<Issuer<'c>> {
    let proof = operating(context).or_else(|| deputy(context));
    let proof = proof.ok_or_else(|| {
        let unit = context.unit();
        Failure::UnitKeyElsewhere { unit: unit.to_string(), holders: holders(context, unit) }
    })?;
    Ok(speaking_by(context, proof))
}

/// As the unit by its operating key, which alone lets others govern.
pub(super) fn operating_issuer<'c>(context: &'c Context<'_>) -> Result<Issuer<'c>> {
    let proof = operating(context).ok_or_else(|| {
        let authority = context.authority();
        let present = authority.present(&context.lineage());
        let key = present.and_then(|generation| authority.operating_key(&generation));
        let key = key.map(|key| key.to_string()).unwrap_or_default();
        Failure::NotOperatingKey { node: context.node().to_string(), key }
    })?;
    Ok(speaking_by(context, proof))
}

/// As a root.
pub(super) fn root_issuer<'c>(context: &'c Context<'_>) -> Result<Issuer<'c>> {
    let (authority, node) = (context.authority(), context.node());
    let generation = authority.root();
    let group = authority.root_group(&generation);
    if !group.is_some_and(|group| group.roots.contains(&node)) {
        return Err(Failure::NoRootKey { node: node.to_string() }.into());
    }
    Ok(Issuer { unit: authority.city(), ..speaking_by(context, generation) })
}

fn speaking_by<'c>(context: &'c Context<'_>, proof: Hash) -> Issuer<'c> {
    let network = context.authority().network();
    Issuer { network, unit: context.unit(), proof, key: context.key }
}

/// The present generation, if this node has its key.
pub(super) fn operating(knows: &impl Knows) -> Option<Hash> {
    let authority = knows.authority();
    let present = authority.present(&knows.lineage())?;
    (authority.operating_key(&present) == Some(knows.node())).then_some(present)
}

/// The delegation by which this node governs now, if there is one.
fn deputy(context: &Context<'_>) -> Option<Hash> {
    let (authority, node, lineage) = (context.authority(), context.node(), context.lineage());
    let mut grants = authority.grants_to(&node, lineage, clock::now());
    let governs = |grant: &node_authority::HeldGrant<'_>| {
        grant.verbs.covers(Verbs::GOVERN) && grant.state == GrantState::Holds
    };
    grants.find(governs).map(|grant| grant.id)
}

/// The keys that speak as a unit now, as people are told them.
pub(crate) fn holders(context: &Context<'_>, unit: &UnitId) -> String {
    let authority = context.authority();
    let lineage =
        if unit == context.unit() { Some(context.lineage()) } else { authority.followed(unit) };
    let Some(lineage) = lineage else { return String::new() };
    let governs = |grant: &node_authority::HeldGrant<'_>| {
        grant.verbs.covers(Verbs::GOVERN) && grant.state == GrantState::Holds
    };
    let operating = authority.present(&lineage).and_then(|id| authority.operating_key(&id));
    let deputies = authority.grants(&lineage, clock::now()).filter(governs);
    let mut keys: Vec<NodeKey> = deputies.map(|grant| grant.subject).chain(operating).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
