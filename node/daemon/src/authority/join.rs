//! How a folder becomes part of a unit, or goes on with a new grant, a new key, or a recognition
//! from above. The unit's lineage is pinned at the first of these, and none of them changes it.

use std::fs;

use anyhow::{Context as _, Result, anyhow};
use node_api::{Failure, Joined};
use node_authority::{Authority, GrantState, Pin};
use node_folder::{Folder, Follow, Grant, Membership, sync_folder};
use node_replication::log::{self, Offered};
use schema_wire::{Ed25519, Hash, Item, NodeKey, Statement, VerifiedStatement};

use crate::clock;
use crate::context::{Context, Knows};
use crate::engine::Engine;
use crate::failpoint::{Point, cross};
use crate::keyfile::{self, Secrets};
use crate::{disk, failure};

/// Joins with a grant.
pub(crate) fn join(folder: &Folder, grant: Grant) -> Result<Joined> {
    let before = before(folder, &grant)?;
    let (secrets, follows) = match grant.node {
        Some(node) => holder(folder, node)?,
        None if before.is_none() => {
            return Err(Failure::NotBegun { unit: grant.unit.to_string() }.into());
        }
        None => (keyfile::open(&folder.key())?, None),
    };
    let membership = match before {
        Some(membership) => membership,
        None => Membership {
            genesis: grant.genesis.clone(),
            unit: grant.unit.clone(),
            lineage: grant.lineage,
            store: disk::shelter(folder, &secrets)?.0,
        },
    };
    let joined = take_in(folder, &secrets, &membership, grant)?;
    // Last: a folder without this file belongs to no network, and init can be run again.
    membership.save(folder)?;
    if follows.is_some() {
        cross(Point::JoinSaved);
        take_over(folder)?;
    }
    Ok(joined)
}

/// The membership so far, if this folder has one: a grant of another network or unit changes
/// nothing.
fn before(folder: &Folder, grant: &Grant) -> Result<Option<Membership>> {
    if !folder.membership().exists() {
        return Ok(None);
    }
    let membership = Membership::load(folder)?;
    if membership.genesis.network() != grant.genesis.network() {
        return Err(Failure::GrantOfAnotherNetwork.into());
    }
    if membership.unit != grant.unit {
        let folder = folder.path().display().to_string();
        let (serves, granted) = (membership.unit.to_string(), grant.unit.to_string());
        return Err(Failure::FolderOfAnotherUnit { folder, serves, granted }.into());
    }
    Ok(Some(membership))
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

/// Learns what a grant says, on a store that nobody else has open.
fn take_in(
    folder: &Folder,
    secrets: &Secrets,
    membership: &Membership,
    grant: Grant,
) -> Result<Joined> {
    let node = secrets.node();
    let (network, unit, lineage) =
        (membership.genesis.network(), membership.unit.clone(), grant.lineage);
    let recognised = alone(folder, secrets, membership, move |context| {
        of_the_lineage(context, &grant)?;
        let verify = |statement: Statement| statement.verify_with(&Ed25519);
        let chain = grant.chain.into_iter().map(verify).collect::<Result<Vec<_>, _>>();
        let chain =
            chain.map_err(|error| Failure::GrantIncomplete { detail: error.to_string() })?;
        learn_all(context, chain)?;
        follow_too(context, &grant.follows)?;
        let recognised = context.authority().followed(&grant.unit) == Some(grant.lineage);
        let member = is_member(context.authority(), &grant.lineage, node);
        match grant.node {
            Some(_) if !member => Err(not_in_force("no delegation to this node holds")),
            None if !recognised => Err(not_in_force("no recognition of this lineage holds")),
            _ => Ok(recognised),
        }
    })?;
    cross(Point::JoinLearned);
    Ok(Joined {
        network: network.to_string(),
        unit: unit.to_string(),
        lineage: lineage.to_string(),
        node: node.to_string(),
        recognised,
    })
}

/// A grant of another lineage than the one that is pinned changes nothing.
fn of_the_lineage(context: &Context<'_>, grant: &Grant) -> Result<(), Failure> {
    let pinned = context.lineage();
    if pinned == grant.lineage {
        return Ok(());
    }
    let (unit, pinned) = (grant.unit.to_string(), pinned.to_string());
    Err(Failure::OtherLineage { unit, pinned, granted: grant.lineage.to_string() })
}

fn not_in_force(detail: &str) -> anyhow::Error {
    Failure::GrantNotInForce { detail: detail.to_owned() }.into()
}

/// Is it taken into the unit? A clock that is wrong is no reason against it.
fn is_member(authority: &Authority, lineage: &Hash, node: NodeKey) -> bool {
    let may =
        |state| matches!(state, GrantState::Holds | GrantState::NotYet | GrantState::Unclosed);
    authority.grants_to(&node, *lineage, clock::now()).any(|grant| may(grant.state))
}

/// Whom the giver follows is followed here too, where nothing was chosen before.
fn follow_too(context: &mut Context<'_>, follows: &[Follow]) -> Result<()> {
    for Follow { after, successor } in follows {
        if context.authority().pins().successor_of(after).is_none() {
            context.pin(Pin::Generation { after: *after, successor: Some(*successor) })?;
        }
    }
    Ok(())
}

/// Runs one call on the store of a folder, which no running node may have open.
pub(super) fn alone<R: Send + 'static>(
    folder: &Folder,
    secrets: &Secrets,
    membership: &Membership,
    call: impl FnOnce(&mut Context<'_>) -> Result<R> + Send + 'static,
) -> Result<R> {
    let started = Engine::start(folder, secrets, membership.clone(), |_| {});
    let (engine, thread) = started.map_err(must_be_stopped)?;
    let answer = engine.call(call);
    engine.stop();
    thread.join().map_err(|_| anyhow!("the engine panicked"))?;
    answer
}

/// A folder in use says that its node runs.
fn must_be_stopped(error: anyhow::Error) -> anyhow::Error {
    match failure::of(&error) {
        Failure::InUse { folder } => Failure::MustBeStopped { folder }.into(),
        _ => error,
    }
}

/// Puts the new key file in the place of the old one: a power cut leaves one or the other.
pub(super) fn take_over(folder: &Folder) -> Result<()> {
    fs::rename(folder.next_key(), folder.key()).context("cannot put the new key in place")?;
    cross(Point::KeyReplaced);
    Ok(sync_folder(folder.path())?)
}

/// Takes in statements in whatever order they come: each once what it names is known.
pub(super) fn learn_all(
    context: &mut Context<'_>,
    statements: Vec<VerifiedStatement>,
) -> Result<()> {
    let mut waiting = statements;
    while !waiting.is_empty() {
        let (before, mut still) = (waiting.len(), Vec::new());
        for statement in waiting {
            let id = statement.id().to_string();
            match context.offer(statement.clone())? {
                Offered::Taken | Offered::Duplicate | Offered::PassedOver => {}
                Offered::Waits(_) | Offered::Later => still.push(statement),
                Offered::Refused(refused) => {
                    let detail = refused.to_string();
                    return Err(Failure::StatementRefused { id, detail }.into());
                }
            }
        }
        if still.len() == before {
            let missing = still.iter().map(|statement| statement.id().to_string());
            let detail = missing.collect::<Vec<_>>().join(", ");
            return Err(Failure::GrantIncomplete { detail }.into());
        }
        waiting = still;
    }
    Ok(())
}

/// The grant that a statement of this node's is handed on in: with everything it rests on, and
/// whom this node follows.
pub(super) fn grant_of(
    context: &Context<'_>,
    granted: &Hash,
    node: Option<NodeKey>,
) -> Result<Grant> {
    let authority = context.authority();
    let mut chain = Vec::new();
    for id in authority.credentials(granted, clock::now()) {
        chain.push(statement(context, &id)?);
    }
    let (unit, lineage) = match chain.last() {
        Some(Statement::Founding(founding)) => {
            (founding.claims().below.clone(), founding.claims().lineage)
        }
        _ => (context.unit().clone(), context.lineage()),
    };
    let follows = authority.pins().choices().filter_map(|pin| match pin {
        Pin::Generation { after, successor: Some(successor) } => Some(Follow { after, successor }),
        _ => None,
    });
    let (genesis, follows) = (authority.genesis().clone(), follows.collect());
    Ok(Grant { genesis, unit, node, lineage, follows, chain })
}

/// A statement that is kept here.
pub(super) fn statement(knows: &impl Knows, id: &Hash) -> Result<Statement> {
    match log::item(knows.store(), id)?.map(|stored| stored.item) {
        Some(Item::Statement(statement)) => Ok(*statement),
        _ => Err(Failure::UnknownStatement { id: id.to_string() }.into()),
    }
}

/// What a unit begins with, in the folder where it begins.
pub(super) fn enter(
    folder: &Folder,
    secrets: &Secrets,
    membership: Membership,
    statements: Vec<VerifiedStatement>,
) -> Result<()> {
    alone(folder, secrets, &membership, move |context| learn_all(context, statements))?;
    cross(Point::JoinLearned);
    Ok(membership.save(folder)?)
}
