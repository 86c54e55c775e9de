//! How a folder becomes part of a network: founding one, joining with a grant, renewing the grant,
//! and going over to a new key.

use std::fs;

use anyhow::{Context as _, Result, anyhow};
use node_api::Failure;
use node_authority::Refusal;
use node_folder::{Folder, Grant, Membership, Placing, place, sync_folder};
use node_store::StoreId;
use schema_wire::{Genesis, NodeKey, Statement, UnitId};

use super::delegate::{as_statement, learn_all};
use super::issuer::{Issuer, NODE, Terms, UNIT_KEY};
use super::revoke;
use crate::clock::now_ms;
use crate::engine::Engine;
use crate::failpoint::{Point, cross};
use crate::keyfile::{self, Secrets};
use crate::{disk, failure, life};

/// What a node that founds or joins a unit with that unit's own key grants itself.
const OWN_DAYS: u32 = 3650;

/// What a network is founded with.
pub(crate) struct Founding<'a> {
    pub(crate) city: &'a UnitId,
    pub(crate) name: &'a str,
    /// Root keys besides this node's own.
    pub(crate) roots: &'a [NodeKey],
    pub(crate) threshold: u8,
}

/// Founds a network: this node's key becomes a root, and serves the city. Where several root keys
/// must sign, the founding grant is returned instead, for the others to endorse.
pub(crate) fn found(
    folder: &Folder,
    secrets: &Secrets,
    founding: &Founding<'_>,
) -> Result<Option<Grant>> {
    let Founding { city, name, threshold, .. } = *founding;
    if city.depth() != 1 {
        return Err(Failure::NotACity { unit: city.to_string() }.into());
    }
    if folder.membership().exists() {
        let folder = folder.path().display().to_string();
        return Err(Failure::MemberAlready { folder }.into());
    }
    let mut roots = founding.roots.to_vec();
    roots.push(secrets.node());
    roots.sort_unstable();
    roots.dedup();
    if threshold == 0 || usize::from(threshold) > roots.len() {
        let roots = roots.len();
        return Err(Failure::Threshold { threshold, roots }.into());
    }
    let (unit, name) = (city.clone(), name.to_owned());
    let genesis = Genesis { unit, name, roots, threshold, at_ms: now_ms() };
    if threshold > 1 {
        return Ok(Some(founding_grant(secrets, genesis)?));
    }
    let grant = draft(folder, secrets, genesis)?;
    let (unit, delegation) = (city.clone(), grant.leaf()?.id());
    let incarnation = life::fresh_incarnation(0)?;
    let StoreId(store) = disk::shelter(folder, secrets)?;
    let membership = Membership { genesis: grant.genesis, unit, delegation, incarnation, store };
    join(folder, secrets, &membership, grant.chain, None)?;
    fs::remove_file(folder.founding())?;
    Ok(None)
}

/// The founding as it was written down before the store knew of it: one that was interrupted goes
/// on as the same network.
fn draft(folder: &Folder, secrets: &Secrets, genesis: Genesis) -> Result<Grant> {
    let path = folder.founding();
    if path.exists() {
        let begun = Grant::read(&path)?;
        if (Genesis { at_ms: begun.genesis.at_ms, ..genesis }) != begun.genesis {
            let Genesis { unit, name, .. } = begun.genesis;
            return Err(Failure::FoundingInterrupted { unit: unit.to_string(), name }.into());
        }
        return Ok(begun);
    }
    let grant = founding_grant(secrets, genesis)?;
    place(&path, grant.to_text()?.as_bytes(), Placing::Refuse)?;
    cross(Point::FoundingDrafted);
    Ok(grant)
}

/// Grants the unit of a new network to the key that founds it.
fn founding_grant(secrets: &Secrets, genesis: Genesis) -> Result<Grant> {
    let city = &genesis.unit;
    let issuer = Issuer {
        network: genesis.network(),
        key: secrets.key.clone(),
        unit: city.clone(),
        proof: None,
    };
    let verbs = UNIT_KEY.with(NODE);
    let terms = Terms { subject: secrets.node(), unit: city, verbs, days: OWN_DAYS };
    let unit_key = issuer.grant(&terms)?;
    Ok(Grant { genesis, chain: vec![as_statement(&unit_key)] })
}

/// Joins a network with a grant, or goes on with a new one. A grant that founds a unit makes this
/// node's key the unit's own, and the node grants itself what it needs to serve it.
pub(crate) fn accept(folder: &Folder, grant: Grant) -> Result<()> {
    let leaf = grant.leaf()?.clone().verify();
    let leaf = leaf.map_err(|_| Failure::GrantSignature)?;
    let granted = leaf.value();
    let (secrets, follows) = holder(folder, granted.subject)?;
    let unit = granted.unit.clone();
    let previous = before(folder, &grant.genesis, &unit)?;
    let mut statements = grant.chain.clone();
    let mut delegation = leaf.id();
    if !granted.verbs.covers(NODE) {
        let issuer = Issuer {
            network: grant.genesis.network(),
            key: secrets.key.clone(),
            unit: unit.clone(),
            proof: Some(leaf.id()),
        };
        let terms = Terms { subject: secrets.node(), unit: &unit, verbs: NODE, days: OWN_DAYS };
        let own = issuer.grant(&terms)?;
        delegation = own.id();
        statements.push(as_statement(&own));
    }
    let lived = previous.as_ref().map_or(0, |previous| previous.incarnation);
    let incarnation = life::fresh_incarnation(lived)?;
    let store = match previous {
        Some(previous) => previous.store,
        None => disk::shelter(folder, &secrets)?.0,
    };
    let membership = Membership { genesis: grant.genesis, unit, delegation, incarnation, store };
    join(folder, &secrets, &membership, statements, follows)?;
    if follows.is_some() {
        cross(Point::JoinSaved);
        take_over(folder)?;
    }
    Ok(())
}

/// The secrets of the key a grant names: the folder's own, or the one that is to follow it. With
/// the latter comes the key it follows.
fn holder(folder: &Folder, subject: NodeKey) -> Result<(Secrets, Option<NodeKey>)> {
    let path = folder.key();
    if !path.exists() {
        return Err(Failure::NoKey { folder: folder.path().display().to_string() }.into());
    }
    let current = keyfile::named(&path)?;
    if current == subject {
        return Ok((keyfile::open(&path)?, None));
    }
    let next = folder.next_key();
    if next.exists() && keyfile::named(&next)? == subject {
        return Ok((keyfile::open(&next)?, Some(current)));
    }
    let (granted, node) = (subject.to_string(), current.to_string());
    Err(Failure::GrantForAnother { granted, node }.into())
}

/// The membership so far, if this folder has one in this network and unit.
fn before(folder: &Folder, genesis: &Genesis, unit: &UnitId) -> Result<Option<Membership>> {
    if !folder.membership().exists() {
        return Ok(None);
    }
    let membership = Membership::load(folder)?;
    if membership.genesis.network() != genesis.network() {
        return Err(Failure::GrantOfAnotherNetwork.into());
    }
    if membership.unit != *unit {
        return Err(Failure::FolderOfAnotherUnit {
            folder: folder.path().display().to_string(),
            serves: membership.unit.to_string(),
            granted: unit.to_string(),
        }
        .into());
    }
    Ok(Some(membership))
}

fn join(
    folder: &Folder,
    secrets: &Secrets,
    membership: &Membership,
    statements: Vec<Statement>,
    follows: Option<NodeKey>,
) -> Result<()> {
    let started = Engine::start(folder, secrets, membership.clone(), |_| {});
    let (engine, thread) = started.map_err(must_be_stopped)?;
    let (delegation, me) = (membership.delegation, secrets.node());
    let learned = engine.call(move |context| {
        learn_all(context, statements)?;
        in_force(context.replica.authority().permits_session(&delegation, me, now_ms()))?;
        match follows {
            Some(old) => revoke::retire(context, old),
            None => Ok(()),
        }
    });
    engine.stop();
    thread.join().map_err(|_| anyhow!("the engine panicked"))?;
    learned?;
    cross(Point::JoinLearned);
    // Last: a folder without this file belongs to no network, and init can be run again.
    Ok(membership.save(folder)?)
}

/// A folder in use says that its node runs.
fn must_be_stopped(error: anyhow::Error) -> anyhow::Error {
    match failure::of(&error) {
        Failure::InUse { folder } => Failure::MustBeStopped { folder }.into(),
        _ => error,
    }
}

/// A grant that is not in force makes nobody a member. A clock that is wrong is no reason.
fn in_force(judged: Result<UnitId, Refusal>) -> Result<()> {
    match judged {
        Ok(_) | Err(Refusal::NotYetValid { .. } | Refusal::Expired { .. }) => Ok(()),
        Err(refusal) => Err(Failure::GrantNotInForce { detail: refusal.to_string() }.into()),
    }
}

/// Puts the new key file in the place of the old one: a power cut leaves one or the other.
fn take_over(folder: &Folder) -> Result<()> {
    fs::rename(folder.next_key(), folder.key()).context("cannot put the new key in place")?;
    cross(Point::KeyReplaced);
    Ok(sync_folder(folder.path())?)
}
