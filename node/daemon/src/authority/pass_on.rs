//! Generations pass on: a lineage or the root by a recovery phrase, which binds everybody; or a
//! choice of this node's own, which binds nobody else. Phrases stay in the process they were typed
//! into.

use std::collections::BTreeSet;

use anyhow::Result;
use node_acts::deed::{self, DeedError};
use node_acts::generation::{RootKeys, Succeed};
use node_acts::issuer::Issuer;
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_api::{Failure, Follow, Followed, Keep, LineageAccepted, LineageRotated, RootSucceeded};
use node_authority::{Authority, Pin};
use node_folder::{Folder, Membership};
use schema_wire::limits::KEEPS_MAX;
use schema_wire::{
    Ascending, Body, Hash, Keeps, Mark, NodeKey, Scope, Succession, Verified, VerifiedStatement,
};

use super::begin::shown;
use super::issuer::{self, OWN_DAYS};
use super::join::{alone, statement, take_over};
use super::nodes::heard;
use crate::clock;
use crate::context::Context;
use crate::failpoint::{Point, cross};
use crate::keyfile::{self, Secrets};
use crate::parse;

/// What a rotation is to leave behind.
pub(crate) struct Leaving {
    /// Of what the node wrote that had the key before.
    pub(crate) keep: Keep,
    /// Statements that do not stay: what a thief issued, or ended.
    pub(crate) without: BTreeSet<Hash>,
}

/// Passes the unit on to this node's key; where it has the operating key already, to a fresh one,
/// which takes the place of the old. `reveal` shows what will be, the new phrase among it, before
/// any of it lasts: a phrase that nobody saw must never be the one that counts.
pub(crate) fn rotate_lineage(
    folder: &Folder,
    phrase: Phrase,
    leaving: Leaving,
    reveal: impl FnOnce(&LineageRotated) -> Result<()> + Send + 'static,
) -> Result<LineageRotated> {
    finish_rotation(folder)?;
    let (membership, current) = (Membership::load(folder)?, keyfile::open(&folder.key())?);
    let is_operating = alone(folder, &current, &membership, {
        let phrase = phrase.clone();
        move |context| {
            may_pass_on(context, &phrase)?;
            let is_operating = issuer::operating(context).is_some();
            // The folder's key is about to be replaced: a root's must not go with it.
            match is_operating && issuer::root_issuer(context).is_ok() {
                true => Err(Failure::RootKey.into()),
                false => Ok(is_operating),
            }
        }
    })?;
    let next = folder.next_key();
    let secrets = match (is_operating, next.exists()) {
        (false, _) => current.clone(),
        (true, true) => keyfile::open(&next)?,
        (true, false) => keyfile::create_next(&folder.key(), &next)?,
    };
    let new_phrase = issuer::phrase()?;
    let rotated = alone(folder, &current, &membership, move |context| {
        rotate(context, &secrets, &phrase, &new_phrase, &leaving, reveal)
    })?;
    if is_operating {
        cross(Point::JoinSaved);
        take_over(folder)?;
    }
    Ok(rotated)
}

/// A rotation that was interrupted before its key took the place of the old one.
fn finish_rotation(folder: &Folder) -> Result<()> {
    let next = folder.next_key();
    if !next.exists() {
        return Ok(());
    }
    let (membership, secrets) = (Membership::load(folder)?, keyfile::open(&next)?);
    let is_operating =
        alone(folder, &secrets, &membership, |context| Ok(issuer::operating(context).is_some()))?;
    if is_operating { take_over(folder) } else { Ok(()) }
}

/// Asked before a new key is made.
fn may_pass_on(context: &Context<'_>, phrase: &Phrase) -> Result<Hash> {
    let (authority, lineage) = (context.authority(), context.lineage());
    let no_lineage = || Failure::NoLineage { lineage: lineage.to_string() };
    let present = authority.present(&lineage).ok_or_else(no_lineage)?;
    match authority.passes_on(&present, &phrase.public()) {
        true => Ok(present),
        false => Err(Failure::OtherPhrase.into()),
    }
}

fn rotate(
    context: &mut Context<'_>,
    secrets: &Secrets,
    phrase: &Phrase,
    new_phrase: &Phrase,
    leaving: &Leaving,
    reveal: impl FnOnce(&LineageRotated) -> Result<()>,
) -> Result<LineageRotated> {
    let (lineage, unit, now) = (context.lineage(), context.unit().clone(), clock::now());
    let previous = may_pass_on(context, phrase)?;
    let authority = context.authority();
    let before = authority.operating_key(&previous).unwrap_or_else(|| secrets.node());
    let next = (secrets.node(), new_phrase.public().commitment());
    let rotation = deed::rotate(authority, &lineage, phrase, next, &leaving.without, now);
    let rotation = rotation.map_err(not_done)?;
    let kept = rotation.value().keeps.len() as u64;
    let heard = match leaving.keep {
        Keep::Known => heard(context, before)?,
        Keep::None => Vec::new(),
    };
    let logs_kept = heard.iter().map(|(_, marks)| marks.len() as u64).sum();
    let rotated = LineageRotated {
        unit: unit.to_string(),
        lineage: lineage.to_string(),
        generation: rotation.id().to_string(),
        operating_key: secrets.node().to_string(),
        before: before.to_string(),
        statements_kept: kept,
        logs_kept,
        phrase: shown(new_phrase),
    };
    reveal(&rotated)?;
    let proof = context.learn(rotation)?;
    let network = context.authority().network();
    let by = Issuer { network, unit: &unit, proof, key: &secrets.key };
    let (term, serial) = (issuer::term(OWN_DAYS), issuer::serial()?);
    context.learn(by.delegate(secrets.node(), &Role::governing(), term, serial)?)?;
    for statement in leave(context, &by, before, heard)? {
        context.learn(statement)?;
    }
    Ok(rotated)
}

/// The key before is a node no more; what was heard of it stays.
fn leave(
    context: &Context<'_>,
    by: &Issuer<'_>,
    before: NodeKey,
    heard: Vec<(Scope, Vec<Mark>)>,
) -> Result<Vec<VerifiedStatement>> {
    let (lineage, now) = (context.lineage(), clock::now());
    match deed::remove_node(context.authority(), by, &lineage, before, heard, now) {
        Ok(statements) => Ok(statements),
        Err(DeedError::NoSuchNode(_)) => Ok(Vec::new()),
        Err(error) => Err(not_done(error).into()),
    }
}

fn not_done(error: DeedError) -> Failure {
    match error {
        DeedError::OtherPhrase => Failure::OtherPhrase,
        DeedError::TooMuchToKeep(statements) => Failure::TooMuchKept { statements, max: KEEPS_MAX },
        other => Failure::BadStatement { detail: other.to_string() },
    }
}

/// Holds the unit to be another lineage from now on: at this node alone.
pub(crate) fn accept_lineage(folder: &Folder, lineage: Hash) -> Result<LineageAccepted> {
    let (membership, secrets) = (Membership::load(folder)?, keyfile::open(&folder.key())?);
    alone(folder, &secrets, &membership, move |context| {
        let (unit, before) = (context.unit().clone(), context.lineage());
        let known = context.authority().unit_of(&lineage);
        if known.is_some_and(|known| *known != unit) {
            return Err(Failure::NoLineage { lineage: lineage.to_string() }.into());
        }
        context.belong(lineage)?;
        Ok(LineageAccepted {
            unit: unit.to_string(),
            lineage: lineage.to_string(),
            before: before.to_string(),
        })
    })
}

/// What a new root is to be.
pub(crate) struct NewRoot {
    /// Its keys; this node's own if none is named.
    pub(crate) roots: Vec<NodeKey>,
    pub(crate) threshold: u8,
    /// What stays of what the roots before signed.
    pub(crate) keep: Keep,
}

/// Passes the root on by its recovery phrase. `reveal` shows what will be, the new phrase among it,
/// before any of it lasts.
pub(crate) fn succeed_root(
    folder: &Folder,
    phrase: Phrase,
    new: NewRoot,
    reveal: impl FnOnce(&RootSucceeded) -> Result<()> + Send + 'static,
) -> Result<RootSucceeded> {
    let (membership, secrets) = (Membership::load(folder)?, keyfile::open(&folder.key())?);
    let new_phrase = issuer::phrase()?;
    alone(folder, &secrets, &membership, move |context| {
        succeed(context, &phrase, &new_phrase, new, reveal)
    })
}

fn succeed(
    context: &mut Context<'_>,
    phrase: &Phrase,
    new_phrase: &Phrase,
    new: NewRoot,
    reveal: impl FnOnce(&RootSucceeded) -> Result<()>,
) -> Result<RootSucceeded> {
    let authority = context.authority();
    let (network, previous) = (authority.network(), authority.root());
    if !authority.passes_on(&previous, &phrase.public()) {
        return Err(Failure::OtherPhrase.into());
    }
    let own = new.roots.is_empty().then(|| context.node());
    let roots = Ascending::of(new.roots.into_iter().chain(own))?;
    let (threshold, count) = (new.threshold, roots.len());
    if threshold == 0 || usize::from(threshold) > count {
        return Err(Failure::Threshold { threshold, roots: count }.into());
    }
    let kept: Vec<Hash> = match new.keep {
        Keep::Known => authority.root_acts().collect(),
        Keep::None => Vec::new(),
    };
    let statements = kept.len();
    let keeps = Keeps::of(kept);
    let keeps = keeps.map_err(|_| Failure::TooMuchKept { statements, max: KEEPS_MAX })?;
    let next = Ascending::of([new_phrase.public().commitment()])?;
    let shown_roots = roots.iter().map(ToString::to_string).collect();
    let keys = RootKeys { roots, threshold, next, next_threshold: 1 };
    let succession = Succeed { network, previous, keys, keeps, at: clock::now() }.by(phrase)?;
    let succeeded = RootSucceeded {
        network: network.to_string(),
        generation: succession.id().to_string(),
        roots: shown_roots,
        threshold,
        statements_kept: statements as u64,
        in_effect: takes_effect(authority, &succession),
        phrase: shown(new_phrase),
    };
    reveal(&succeeded)?;
    context.learn(succession)?;
    Ok(succeeded)
}

/// Would this node follow the succession at once?
fn takes_effect(authority: &Authority, succession: &Verified<Succession>) -> bool {
    let mut tried = authority.clone();
    tried.insert(&succession.clone().into());
    tried.root() == succession.id()
}

/// Follows one of several successors of a generation: at this node alone.
pub(crate) fn follow(context: &mut Context<'_>, asked: &Follow) -> Result<Followed> {
    let generation = parse::id(&asked.generation)?;
    let unknown = || Failure::NoGeneration { id: generation.to_string() };
    let after = match statement(context, &generation).map_err(|_| unknown())?.claims() {
        Body::Succession(succession) => succession.previous,
        Body::Rotation(rotation) => rotation.previous,
        _ => return Err(unknown().into()),
    };
    context.pin(Pin::Generation { after, successor: Some(generation) })?;
    Ok(Followed { after: after.to_string(), generation: generation.to_string() })
}
