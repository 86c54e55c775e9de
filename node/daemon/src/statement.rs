//! Statements of authority: granting, taking them in, and saying them in words.

use anyhow::{Result, anyhow, bail};
use node_folder::Grant;
use node_replication::Rejection;
use schema_wire::limits::CARETAKER_MS_MAX;
use schema_wire::{Delegation, Hash, NodeKey, Statement, UnitId, VerbSet, Verified};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::{Desk, now_ms};
use crate::revoke;
use crate::voice::{DAY_MS, NODE, Terms, UNIT_KEY, Voice};

/// A year, if nobody says otherwise; a caretaker is let in for a month.
const GRANT_DAYS: u32 = 365;
const CARETAKER_DAYS: u32 = 30;
const CARETAKER_DAYS_MAX: u32 = (CARETAKER_MS_MAX / DAY_MS) as u32;

/// What is asked of `gongzhi delegate`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grants {
    pub(crate) unit: String,
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) days: Option<u32>,
    #[serde(default)]
    pub(crate) caretaker: bool,
    /// The key that this one takes the place of.
    #[serde(default)]
    pub(crate) replaces: Option<String>,
}

pub(crate) fn as_statement(delegation: &Verified<Delegation>) -> Statement {
    Statement::Delegation(delegation.as_signed().clone())
}

/// Issues a delegation: for a unit below, the key of that unit, or a caretaker; for the own unit,
/// one more node. If it takes the place of another key, that one's grants from here are withdrawn.
pub(crate) fn delegate(desk: &mut Desk<'_>, asked: &Grants) -> Result<Value> {
    let unit = UnitId::parse(&asked.unit)?;
    let subject: NodeKey = asked.to.parse()?;
    let replaced: Option<NodeKey> = asked.replaces.as_deref().map(str::parse).transpose()?;
    let own = unit == *desk.unit();
    let city = unit == desk.replica.authority().genesis().unit;
    let days = asked.days.unwrap_or(if asked.caretaker { CARETAKER_DAYS } else { GRANT_DAYS });
    let (voice, verbs) = if asked.caretaker {
        if own || !desk.unit().contains(&unit) || days > CARETAKER_DAYS_MAX {
            bail!(
                "代管只能授予下级单位, 最长 {CARETAKER_DAYS_MAX} 天 a caretaker is for a unit \
                 below this one, for {CARETAKER_DAYS_MAX} days at most: {unit}, {days} days"
            );
        }
        (Voice::of_unit(desk)?, NODE)
    } else if own && city && replaced.is_some_and(|old| founds(desk, old, &unit)) {
        // What the root's keys signed, only they replace.
        (Voice::of_root(desk)?, UNIT_KEY.with(NODE))
    } else {
        (Voice::of_unit(desk)?, if own { NODE } else { UNIT_KEY })
    };
    let delegation = voice.grant(&Terms { subject, unit: &unit, verbs, days })?;
    desk.learn(as_statement(&delegation))?;
    let withdrawn = match replaced {
        Some(old) => revoke::replace(desk, &voice, old, &unit)?,
        None => Vec::new(),
    };
    let authority = desk.replica.authority();
    let mut grant = Grant {
        genesis: authority.genesis().clone(),
        chain: authority.credentials(&delegation.id(), now_ms()),
    };
    grant.add(withdrawn);
    let problem = authority.in_force_at(&delegation.id(), now_ms()).err();
    Ok(json!({
        "delegation": delegation.id().to_string(), "unit": unit.as_str(),
        "to": subject.to_string(), "founds_unit": verbs.covers(VerbSet::GOVERN),
        "caretaker": asked.caretaker, "until_ms": delegation.value().not_after_ms,
        "waits_for": problem.map(|problem| problem.to_string()), "grant": grant.to_text()?,
    }))
}

/// Was this key made the city's own by its root keys?
fn founds(desk: &Desk<'_>, key: NodeKey, unit: &UnitId) -> bool {
    desk.replica.authority().delegations().map(Verified::value).any(|d| {
        d.subject == key && d.unit == *unit && d.verbs.covers(VerbSet::GOVERN) && d.proof.is_none()
    })
}

/// Takes in statements in whatever order they come: each once what it names is known.
pub(crate) fn learn_all(desk: &mut Desk<'_>, statements: Vec<Statement>) -> Result<()> {
    let mut waiting = statements;
    loop {
        let (before, mut still, mut missing) = (waiting.len(), Vec::new(), None);
        for statement in waiting {
            match desk.offer(statement.clone())? {
                Ok(()) => {}
                Err(Rejection::Unauthorised(refusal)) if refusal.may_pass() => {
                    missing = Some(refusal);
                    still.push(statement);
                }
                Err(refused) => {
                    let id = statement.id();
                    return Err(anyhow!("授权书中的声明被拒 statement {id} refused: {refused}"));
                }
            }
        }
        match missing {
            None => return Ok(()),
            Some(missing) if still.len() == before => {
                return Err(anyhow!("授权书不完整 the grant is not complete: {missing}"));
            }
            Some(_) => waiting = still,
        }
    }
}

/// Verbs in words.
pub(crate) fn verbs(verbs: VerbSet) -> Vec<&'static str> {
    let named = [
        (VerbSet::GOVERN, "管理 govern"),
        (VerbSet::WRITE, "写入 write"),
        (VerbSet::READ, "读取 read"),
    ];
    named.into_iter().filter(|(verb, _)| verbs.covers(*verb)).map(|(_, name)| name).collect()
}

/// Who signed under which delegation, in words.
pub(crate) fn describe(desk: &Desk<'_>, delegation: &Hash, at_ms: u64) -> Value {
    let authority = desk.replica.authority();
    let link = |d: &&Verified<Delegation>| {
        let value = d.value();
        json!({
            "delegation": d.id().to_string(), "issuer": value.issuer.to_string(),
            "subject": value.subject.to_string(), "unit": value.unit.as_str(),
            "not_after_ms": value.not_after_ms,
        })
    };
    match authority.route(delegation, at_ms) {
        Ok(route) => json!(route.iter().map(link).collect::<Vec<_>>()),
        Err(refusal) => {
            json!({ "delegation": delegation.to_string(), "problem": refusal.to_string() })
        }
    }
}
