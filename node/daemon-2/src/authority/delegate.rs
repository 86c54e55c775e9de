//! Granting, taking in the statements of a grant, and saying under which grants something was signed.

use anyhow::Result;
use node_api::{Delegate, Delegated, Failure, Right, Signature, SignedUnder};
use node_folder::Grant;
use node_replication::Rejection;
use schema_wire::limits::CARETAKER_MS_MAX;
use schema_wire::{Delegation, Hash, NodeKey, Statement, UnitId, VerbSet, Verified};

use super::issuer::{DAY_MS, Issuer, NODE, Terms, UNIT_KEY};
use super::revoke;
use crate::clock::now_ms;
use crate::engine::Context;
use crate::parse;

/// A year, if nobody says otherwise; a caretaker is let in for a month.
const GRANT_DAYS: u32 = 365;
const CARETAKER_DAYS: u32 = 30;
const CARETAKER_DAYS_MAX: u32 = (CARETAKER_MS_MAX / DAY_MS) as u32;

pub(crate) fn as_statement(delegation: &Verified<Delegation>) -> Statement {
    Statement::Delegation(delegation.as_signed().clone())
}

/// Issues a delegation: for a unit below, the key of that unit, or a caretaker; for the own unit,
/// one more node. If it takes the place of another key, that one's grants from here are withdrawn.
pub(crate) fn delegate(context: &mut Context<'_>, asked: &Delegate) -> Result<Delegated> {
    let unit = parse::unit(&asked.unit)?;
    let subject = parse::key(&asked.to)?;
    let replaced = asked.replaces.as_deref().map(parse::key).transpose()?;
    let own = unit == *context.unit();
    let city = unit == context.replica.authority().genesis().unit;
    let days = asked.days.unwrap_or(if asked.caretaker { CARETAKER_DAYS } else { GRANT_DAYS });
    let (issuer, verbs) = if asked.caretaker {
        if own || !context.unit().contains(&unit) || days > CARETAKER_DAYS_MAX {
            let (unit, max) = (unit.to_string(), CARETAKER_DAYS_MAX);
            return Err(Failure::CaretakerTerms { unit, days, max }.into());
        }
        (Issuer::of_unit(context)?, NODE)
    } else if own && city && replaced.is_some_and(|old| founds(context, old, &unit)) {
        // What the root's keys signed, only they replace.
        (Issuer::of_root(context)?, UNIT_KEY.with(NODE))
    } else {
        (Issuer::of_unit(context)?, if own { NODE } else { UNIT_KEY })
    };
    let delegation = issuer.grant(&Terms { subject, unit: &unit, verbs, days })?;
    context.learn(as_statement(&delegation))?;
    let withdrawn = match replaced {
        Some(old) => revoke::replace(context, &issuer, old, &unit)?,
        None => Vec::new(),
    };
    let authority = context.replica.authority();
    let mut grant = Grant {
        genesis: authority.genesis().clone(),
        chain: authority.credentials(&delegation.id(), now_ms()),
    };
    grant.add(withdrawn);
    let problem = authority.in_force_at(&delegation.id(), now_ms()).err();
    Ok(Delegated {
        delegation: delegation.id().to_string(),
        unit: unit.to_string(),
        to: subject.to_string(),
        founds_unit: verbs.covers(VerbSet::GOVERN),
        caretaker: asked.caretaker,
        until_ms: delegation.value().not_after_ms,
        waits_for: problem.map(|problem| problem.to_string()),
        grant: grant.to_text()?,
    })
}

/// Was this key made the city's own by its root keys?
fn founds(context: &Context<'_>, key: NodeKey, unit: &UnitId) -> bool {
    context.replica.authority().delegations().map(Verified::value).any(|d| {
        d.subject == key && d.unit == *unit && d.verbs.covers(VerbSet::GOVERN) && d.proof.is_none()
    })
}

/// Takes in statements in whatever order they come: each once what it names is known.
pub(crate) fn learn_all(context: &mut Context<'_>, statements: Vec<Statement>) -> Result<()> {
    let mut waiting = statements;
    loop {
        let (before, mut still, mut missing) = (waiting.len(), Vec::new(), None);
        for statement in waiting {
            match context.offer(statement.clone())? {
                Ok(()) => {}
                Err(Rejection::Unauthorised(refusal)) if refusal.may_pass() => {
                    missing = Some(refusal);
                    still.push(statement);
                }
                Err(refused) => {
                    let (id, detail) = (statement.id().to_string(), refused.to_string());
                    return Err(Failure::StatementRefused { id, detail }.into());
                }
            }
        }
        match missing {
            None => return Ok(()),
            Some(missing) if still.len() == before => {
                return Err(Failure::GrantIncomplete { detail: missing.to_string() }.into());
            }
            Some(_) => waiting = still,
        }
    }
}

/// What a grant permits.
pub(crate) fn rights(verbs: VerbSet) -> Vec<Right> {
    let named = [
        (VerbSet::GOVERN, Right::Govern),
        (VerbSet::WRITE, Right::Write),
        (VerbSet::READ, Right::Read),
    ];
    named.into_iter().filter(|(verb, _)| verbs.covers(*verb)).map(|(_, right)| right).collect()
}

/// Under which grants something was signed.
pub(crate) fn signed_under(context: &Context<'_>, delegation: &Hash, at_ms: u64) -> SignedUnder {
    let link = |d: &&Verified<Delegation>| {
        let value = d.value();
        Signature {
            delegation: d.id().to_string(),
            issuer: value.issuer.to_string(),
            subject: value.subject.to_string(),
            unit: value.unit.to_string(),
            until_ms: value.not_after_ms,
        }
    };
    match context.replica.authority().route(delegation, at_ms) {
        Ok(route) => SignedUnder::Grants(route.iter().map(link).collect()),
        Err(refusal) => SignedUnder::Nothing {
            delegation: delegation.to_string(),
            problem: refusal.to_string(),
        },
    }
}
