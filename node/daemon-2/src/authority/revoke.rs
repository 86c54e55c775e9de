//! Withdrawing: grants, and the reports of a unit below.

use anyhow::Result;
use node_api::{Failure, Keep, Lift, Revoke, Revoked, Suspend, SuspensionState, Withdrawn};
use node_authority::{Authority, Refusal};
use node_replication::history;
use schema_wire::limits::{KEEPS_MAX, STATEMENT_BYTES_MAX, WATERMARKS_MAX};
use schema_wire::{
    Delegation, Hash, NodeKey, Statement, UnitId, VerbSet, Verified, Watermark, Wire,
};

use super::issuer::Issuer;
use crate::clock::now_ms;
use crate::engine::Context;
use crate::failure;
use crate::lang::{lang, say};
use crate::parse;

/// Withdraws, and says at once how many envelopes here cease to count by it.
pub(crate) fn revoke(context: &mut Context<'_>, asked: &Revoke) -> Result<Revoked> {
    let chosen = chosen(context, asked)?;
    let before = history::suspended(context.reads())?.len();
    // All of it or nothing: a key that is missing shows before anything is withdrawn.
    let issuers: Vec<Issuer> =
        chosen.iter().map(|d| issuer_over(context, d.value().proof)).collect::<Result<_>>()?;
    let mut revocations = Vec::new();
    for (delegation, issuer) in chosen.iter().zip(&issuers) {
        revocations.push(withdraw(context, issuer, delegation, asked.keep)?);
    }
    let after = history::suspended(context.reads())?.len();
    let authority = context.replica.authority();
    let withdrawn = |d: &Verified<Delegation>| authority.in_force_at(&d.id(), now_ms()).is_err();
    let entry = |(delegation, revocation): (&Verified<Delegation>, &Statement)| {
        let marks = match revocation {
            Statement::Revocation(signed) => {
                (signed.claims().watermarks.len(), signed.claims().keeps.len())
            }
            _ => (0, 0),
        };
        Withdrawn {
            delegation: delegation.id().to_string(),
            unit: delegation.value().unit.to_string(),
            node: delegation.value().subject.to_string(),
            revocation: revocation.id().to_string(),
            logs_kept: marks.0 as u64,
            statements_kept: marks.1 as u64,
            in_effect: withdrawn(delegation),
        }
    };
    let revoked = chosen.iter().zip(&revocations).map(entry).collect();
    Ok(Revoked {
        revoked,
        invalid_before: before as u64,
        invalid_after: after as u64,
        invalid_by_this: after.saturating_sub(before) as u64,
    })
}

/// The delegations that are meant and not withdrawn yet.
fn chosen(context: &Context<'_>, asked: &Revoke) -> Result<Vec<Verified<Delegation>>> {
    let me = context.replica.identity().public();
    let own = context.unit().clone();
    let authority = context.replica.authority();
    let unit = asked.unit.as_deref().map(parse::unit).transpose()?.unwrap_or(own.clone());
    let subject = asked.node.as_deref().map(parse::key).transpose()?;
    let id = asked.delegation.as_deref().map(parse::id).transpose()?;
    let found = standing(authority, |d| {
        let value = d.value();
        match (id, subject) {
            (Some(id), _) => d.id() == id,
            (None, Some(subject)) => {
                value.subject == subject && value.unit == unit && own.contains(&value.issuer_unit)
            }
            (None, None) => false,
        }
    });
    if found.is_empty() {
        let named = asked.node.as_ref().or(asked.delegation.as_ref());
        let named = named.cloned().unwrap_or_default();
        return Err(Failure::NothingToRevoke { unit: unit.to_string(), named }.into());
    }
    if found.iter().any(|d| d.value().subject == me) {
        return Err(Failure::OwnKey.into());
    }
    Ok(found)
}

/// Who may withdraw it: what the root's keys signed, only they.
fn issuer_over(context: &Context<'_>, proof: Option<Hash>) -> Result<Issuer> {
    match proof {
        None => Issuer::of_root(context),
        Some(_) => Issuer::of_unit(context),
    }
}

/// Withdraws one delegation.
fn withdraw(
    context: &mut Context<'_>,
    issuer: &Issuer,
    delegation: &Verified<Delegation>,
    keep: Keep,
) -> Result<Statement> {
    let (watermarks, keeps) = match keep {
        Keep::None => (Vec::new(), Vec::new()),
        Keep::Known => {
            let subject = delegation.value().subject;
            (written(context, &delegation.value().unit, &subject)?, signed(context, &subject))
        }
    };
    let (logs, statements) = (watermarks.len(), keeps.len());
    let revocation = issuer.revoke(delegation.id(), watermarks, keeps);
    let bytes = revocation.to_bytes().len();
    if logs > WATERMARKS_MAX || statements > KEEPS_MAX || bytes > STATEMENT_BYTES_MAX {
        let node = delegation.value().subject.to_string();
        return Err(Failure::TooMuchToKeep { logs, statements, bytes, node }.into());
    }
    context.learn(revocation.clone())?;
    Ok(revocation)
}

/// Where every log of a key in a unit's documents ends here.
fn written(context: &Context<'_>, unit: &UnitId, author: &NodeKey) -> Result<Vec<Watermark>> {
    let mut marks = Vec::new();
    for summary in history::documents_below(context.reads(), unit)? {
        if summary.document.owner == *unit {
            marks.extend(history::watermarks(context.reads(), &summary.document, author)?);
        }
    }
    marks.sort_unstable();
    Ok(marks)
}

/// Every statement known here that a key issued.
fn signed(context: &Context<'_>, issuer: &NodeKey) -> Vec<Hash> {
    let all = context.replica.authority().statements();
    let mut ids: Vec<Hash> =
        all.filter(|s| s.issuer().key == *issuer).map(|statement| statement.id()).collect();
    ids.sort_unstable();
    ids
}

/// The grants that are meant and not withdrawn yet.
fn standing(
    authority: &Authority,
    meant: impl Fn(&Verified<Delegation>) -> bool,
) -> Vec<Verified<Delegation>> {
    let withdrawn = |d: &Verified<Delegation>| {
        matches!(authority.in_force_at(&d.id(), now_ms()), Err(Refusal::Revoked { .. }))
    };
    let meant = authority.delegations().filter(|d| meant(d) && !withdrawn(d));
    meant.cloned().collect()
}

/// Withdraws what this unit granted to a key that another takes the place of. What it wrote and
/// granted lives on: for a unit below, its own new key withdraws the rest once it holds the logs.
pub(crate) fn replace(
    context: &mut Context<'_>,
    issuer: &Issuer,
    old: NodeKey,
    unit: &UnitId,
) -> Result<Vec<Statement>> {
    let (below, authority) = (*unit != issuer.unit, context.replica.authority());
    let found = standing(authority, |d| {
        let value = d.value();
        value.subject == old
            && value.unit == *unit
            && issuer.unit.contains(&value.issuer_unit)
            && below == (value.issuer_unit != *unit)
            && (issuer.proof.is_none() || value.proof.is_some())
    });
    if found.is_empty() {
        let (unit, node) = (unit.to_string(), old.to_string());
        return Err(Failure::NoGrantToReplace { unit, node }.into());
    }
    found.iter().map(|delegation| withdraw(context, issuer, delegation, Keep::Known)).collect()
}

/// Ends what the key before this node's own could still write, if this key governs the unit; else
/// whoever does has done so.
pub(crate) fn retire(context: &mut Context<'_>, old: NodeKey) -> Result<()> {
    let Ok(issuer) = Issuer::of_unit(context) else { return Ok(()) };
    let found = standing(context.replica.authority(), |d| {
        let value = d.value();
        value.subject == old
            && value.issuer_unit == issuer.unit
            && value.unit == issuer.unit
            && value.proof.is_some()
            && value.verbs.covers(VerbSet::WRITE)
    });
    for delegation in found {
        // A change of keys must not fail for it: the old key can be withdrawn at any time.
        if let Err(error) = withdraw(context, &issuer, &delegation, Keep::Known) {
            let error = failure::of(&error).sentence(lang());
            tracing::warn!(
                node = old.short(),
                "{}",
                say!("旧密钥未能撤销：{error}", "the old key was not withdrawn: {error}")
            );
        }
    }
    Ok(())
}

/// 暂停报送: the reports of a unit below are not counted until it is lifted.
pub(crate) fn suspend(context: &mut Context<'_>, asked: Suspend) -> Result<SuspensionState> {
    let unit = parse::unit(&asked.unit)?;
    if unit == *context.unit() || !context.unit().contains(&unit) {
        let (own, unit) = (context.unit().to_string(), asked.unit);
        return Err(Failure::NotBelow { own, unit }.into());
    }
    let suspension = Issuer::of_unit(context)?.suspend(unit, asked.reason.clone())?;
    context.learn(suspension.clone())?;
    Ok(SuspensionState {
        unit: asked.unit,
        suspended: Some(asked.reason),
        statements: vec![suspension.id().to_string()],
    })
}

/// 恢复报送: lifts every suspension of a unit that this one may lift.
pub(crate) fn lift(context: &mut Context<'_>, asked: Lift) -> Result<SuspensionState> {
    let unit = parse::unit(&asked.unit)?;
    let mut statements: Vec<String> = Vec::new();
    let mut last = None;
    loop {
        let standing = context.replica.authority().suspended(&unit).cloned();
        let Some(suspension) = standing else { break };
        if last == Some(suspension.id()) {
            let by = suspension.value().issuer_unit.to_string();
            return Err(Failure::SuspendedByOther { by }.into());
        }
        let issuer = issuer_over(context, suspension.value().proof)?;
        let lifting = issuer.revoke(suspension.id(), Vec::new(), Vec::new());
        statements.push(lifting.id().to_string());
        context.learn(lifting)?;
        last = Some(suspension.id());
    }
    if statements.is_empty() {
        return Err(Failure::NotSuspended { unit: asked.unit }.into());
    }
    Ok(SuspensionState { unit: asked.unit, suspended: None, statements })
}
