//! Withdrawing: grants, and the reports of a unit below.

use anyhow::{Result, bail};
use node_authority::{Authority, Refusal};
use node_replication::history;
use schema_wire::limits::{KEEPS_MAX, STATEMENT_BYTES_MAX, WATERMARKS_MAX};
use schema_wire::{
    Delegation, Hash, NodeKey, Statement, UnitId, VerbSet, Verified, Watermark, Wire,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::{Desk, now_ms};
use crate::voice::Voice;

/// What stays of what was done under a withdrawn grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Keep {
    /// 保留已知: everything this node holds of it
    Known,
    /// 全不保留: nothing, the key was stolen
    None,
}

/// What is asked of `gongzhi revoke`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawal {
    #[serde(default)]
    pub(crate) node: Option<String>,
    #[serde(default)]
    pub(crate) delegation: Option<String>,
    #[serde(default)]
    pub(crate) unit: Option<String>,
    pub(crate) keep: Keep,
}

/// Withdraws, and says at once how many envelopes here cease to count by it.
pub(crate) fn revoke(desk: &mut Desk<'_>, asked: &Withdrawal) -> Result<Value> {
    let chosen = chosen(desk, asked)?;
    let before = history::suspended(desk.reads())?.len();
    // All of it or nothing: a voice that is missing shows before anything is withdrawn.
    let voices: Vec<Voice> =
        chosen.iter().map(|d| voice_over(desk, d.value().proof)).collect::<Result<_>>()?;
    let mut revocations = Vec::new();
    for (delegation, voice) in chosen.iter().zip(&voices) {
        revocations.push(withdraw(desk, voice, delegation, asked.keep)?);
    }
    let after = history::suspended(desk.reads())?.len();
    let authority = desk.replica.authority();
    let withdrawn = |d: &Verified<Delegation>| authority.in_force_at(&d.id(), now_ms()).is_err();
    let entry = |(delegation, revocation): (&Verified<Delegation>, &Statement)| {
        let marks = match revocation {
            Statement::Revocation(signed) => {
                (signed.claims().watermarks.len(), signed.claims().keeps.len())
            }
            _ => (0, 0),
        };
        json!({
            "delegation": delegation.id().to_string(),
            "unit": delegation.value().unit.as_str(),
            "node": delegation.value().subject.to_string(),
            "revocation": revocation.id().to_string(),
            "logs_kept": marks.0, "statements_kept": marks.1, "in_effect": withdrawn(delegation),
        })
    };
    let entries: Vec<Value> = chosen.iter().zip(&revocations).map(entry).collect();
    Ok(json!({
        "revoked": entries, "suspended_before": before, "suspended_after": after,
        "suspended_by_this": after.saturating_sub(before),
    }))
}

/// The delegations that are meant and not withdrawn yet.
fn chosen(desk: &Desk<'_>, asked: &Withdrawal) -> Result<Vec<Verified<Delegation>>> {
    let me = desk.replica.identity().public();
    let own = desk.unit().clone();
    let authority = desk.replica.authority();
    let unit = asked.unit.as_deref().map(UnitId::parse).transpose()?.unwrap_or(own.clone());
    let subject: Option<NodeKey> = asked.node.as_deref().map(str::parse).transpose()?;
    let id: Option<Hash> = asked.delegation.as_deref().map(str::parse).transpose()?;
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
        bail!(
            "没有可撤销的授权 no grant of {unit} that could be withdrawn is known here for {}",
            asked.node.as_ref().or(asked.delegation.as_ref()).map_or("", String::as_str)
        );
    }
    if found.iter().any(|d| d.value().subject == me) {
        bail!(
            "这是本机的密钥, 更换请用 keys rotate this is this node's own key: \
             to change it, use `gongzhi keys rotate`"
        );
    }
    Ok(found)
}

/// Who may withdraw it: what the root's keys signed, only they.
fn voice_over(desk: &Desk<'_>, proof: Option<Hash>) -> Result<Voice> {
    match proof {
        None => Voice::of_root(desk),
        Some(_) => Voice::of_unit(desk),
    }
}

/// Withdraws one delegation.
fn withdraw(
    desk: &mut Desk<'_>,
    voice: &Voice,
    delegation: &Verified<Delegation>,
    keep: Keep,
) -> Result<Statement> {
    let (watermarks, keeps) = match keep {
        Keep::None => (Vec::new(), Vec::new()),
        Keep::Known => {
            let subject = delegation.value().subject;
            (written(desk, &delegation.value().unit, &subject)?, signed(desk, &subject))
        }
    };
    let (logs, statements) = (watermarks.len(), keeps.len());
    let revocation = voice.revoke(delegation.id(), watermarks, keeps);
    let bytes = revocation.to_bytes().len();
    if logs > WATERMARKS_MAX || statements > KEEPS_MAX || bytes > STATEMENT_BYTES_MAX {
        bail!(
            "保留的内容超出一条撤销的上限 too much to keep for one revocation: {logs} logs \
             (at most {WATERMARKS_MAX}), {statements} statements (at most {KEEPS_MAX}), {bytes} \
             bytes (at most {STATEMENT_BYTES_MAX}). 请改用 --keep none, 然后认领 withdraw with \
             `--keep none`, take the entries back with `gongzhi quarantine adopt --author {}`, \
             and grant anew what this key had granted",
            delegation.value().subject
        );
    }
    desk.learn(revocation.clone())?;
    Ok(revocation)
}

/// Where every log of a key in a unit's documents ends here.
fn written(desk: &Desk<'_>, unit: &UnitId, author: &NodeKey) -> Result<Vec<Watermark>> {
    let mut marks = Vec::new();
    for summary in history::documents_below(desk.reads(), unit)? {
        if summary.document.owner == *unit {
            marks.extend(history::watermarks(desk.reads(), &summary.document, author)?);
        }
    }
    marks.sort_unstable();
    Ok(marks)
}

/// Every statement known here that a key issued.
fn signed(desk: &Desk<'_>, issuer: &NodeKey) -> Vec<Hash> {
    let all = desk.replica.authority().statements();
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
    desk: &mut Desk<'_>,
    voice: &Voice,
    old: NodeKey,
    unit: &UnitId,
) -> Result<Vec<Statement>> {
    let (below, authority) = (*unit != voice.unit, desk.replica.authority());
    let found = standing(authority, |d| {
        let value = d.value();
        value.subject == old
            && value.unit == *unit
            && voice.unit.contains(&value.issuer_unit)
            && below == (value.issuer_unit != *unit)
            && (voice.proof.is_none() || value.proof.is_some())
    });
    if found.is_empty() {
        bail!("没有给该密钥的授权 no grant of {unit} to {old} is known here");
    }
    found.iter().map(|delegation| withdraw(desk, voice, delegation, Keep::Known)).collect()
}

/// Ends what the key before this node's own could still write, if this key governs the unit; else
/// whoever does has done so.
pub(crate) fn retire(desk: &mut Desk<'_>, old: NodeKey) -> Result<()> {
    let Ok(voice) = Voice::of_unit(desk) else { return Ok(()) };
    let found = standing(desk.replica.authority(), |d| {
        let value = d.value();
        value.subject == old
            && value.issuer_unit == voice.unit
            && value.unit == voice.unit
            && value.proof.is_some()
            && value.verbs.covers(VerbSet::WRITE)
    });
    for delegation in found {
        // A change of keys must not fail for it: the old key can be withdrawn at any time.
        if let Err(error) = withdraw(desk, &voice, &delegation, Keep::Known) {
            tracing::warn!(node = old.short(), "旧密钥未能撤销 not withdrawn: {error:#}");
        }
    }
    Ok(())
}

/// 暂停报送: the reports of a unit below are not counted until it is lifted.
pub(crate) fn suspend(desk: &mut Desk<'_>, unit: &UnitId, reason: &str) -> Result<Value> {
    if unit == desk.unit() || !desk.unit().contains(unit) {
        bail!("只能暂停下级单位 only a unit below {} can be suspended, not {unit}", desk.unit());
    }
    let suspension = Voice::of_unit(desk)?.suspend(unit.clone(), reason.to_owned())?;
    desk.learn(suspension.clone())?;
    Ok(json!({
        "unit": unit.as_str(), "suspended": true, "reason": reason,
        "suspension": suspension.id().to_string(),
    }))
}

/// 恢复报送: lifts every suspension of a unit that this one may lift.
pub(crate) fn lift(desk: &mut Desk<'_>, unit: &UnitId) -> Result<Value> {
    let mut lifted: Vec<String> = Vec::new();
    let mut last = None;
    loop {
        let standing = desk.replica.authority().suspended(unit).cloned();
        let Some(suspension) = standing else { break };
        if last == Some(suspension.id()) {
            let by = &suspension.value().issuer_unit;
            bail!(
                "暂停由 {by} 作出, 须由其或其上级恢复 suspended by {by}: it or a unit above lifts"
            );
        }
        let voice = voice_over(desk, suspension.value().proof)?;
        desk.learn(voice.revoke(suspension.id(), Vec::new(), Vec::new()))?;
        lifted.push(suspension.id().to_string());
        last = Some(suspension.id());
    }
    if lifted.is_empty() {
        bail!("{unit} 未被暂停 is not suspended, as far as is known here");
    }
    Ok(json!({ "unit": unit.as_str(), "suspended": false, "lifted": lifted }))
}
