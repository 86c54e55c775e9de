//! Where more than one key signs: endorsing, and the root's keys.

use anyhow::{Context, Result, bail};
use node_folder::{Folder, Grant};
use schema_wire::limits::KEEPS_MAX;
use schema_wire::{
    Delegation, Hash, NodeKey, Signed, Statement, Succession, Verified, VerifiedStatement, Wire,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::{Desk, now_ms};
use crate::keyfile;
use crate::revoke::Keep;
use crate::statement;
use crate::voice::Voice;

/// What is asked of `gongzhi keys roots`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoots {
    pub(crate) roots: Vec<String>,
    pub(crate) threshold: u8,
    pub(crate) keep: Keep,
}

/// Endorses a statement known here: the second signature replicates by itself.
pub(crate) fn endorse(desk: &mut Desk<'_>, id: Hash) -> Result<Value> {
    let known = desk.replica.authority().statement(&id);
    let known = known.with_context(|| format!("本机没有声明 statement {id} is not known here"))?;
    let leaf = match &known {
        Statement::Delegation(leaf) => Some(leaf.claims()),
        _ => None,
    };
    let voice = second(desk, leaf, known.issuer().key)?;
    desk.learn(voice.endorse(id))?;
    let (have, need) = signatures(desk, &id);
    Ok(json!({
        "endorsed": id.to_string(), "signatures": have, "threshold": need,
        "in_effect": in_effect(desk, &id),
    }))
}

/// Endorses what a grant file grants: the statements to add to the file.
pub(crate) fn endorse_grant(desk: &mut Desk<'_>, delegation: &[u8]) -> Result<Value> {
    let leaf = Signed::<Delegation>::from_bytes(delegation)?.verify()?;
    if leaf.value().network != desk.replica.authority().network() {
        bail!("授权书属于另一网络 the grant is for another network");
    }
    let voice = second(desk, Some(leaf.value()), leaf.value().issuer)?;
    let endorsement = voice.endorse(leaf.id());
    desk.learn(endorsement.clone())?;
    let mut statements = vec![endorsement];
    if let Some(proof) = voice.proof {
        statements.extend(desk.replica.authority().credentials(&proof, now_ms()));
    }
    let statements = statements.iter().map(|s| hex::encode(s.to_bytes()));
    Ok(json!({ "endorsed": leaf.id().to_string(), "statements": statements.collect::<Vec<_>>() }))
}

/// In whose name this node endorses: as a root key, or as a unit strictly above the one granted.
fn second(desk: &Desk<'_>, leaf: Option<&Delegation>, issuer: NodeKey) -> Result<Voice> {
    let identity = desk.replica.identity();
    if issuer == identity.public() {
        bail!("不能会签自己签发的声明 this node's own key issued it: another one must endorse it");
    }
    if desk.replica.authority().is_root(&identity.public()) {
        return Voice::of_root(desk);
    }
    let voice = Voice::of_unit(desk)?;
    match leaf {
        Some(leaf) if leaf.unit == voice.unit || !voice.unit.contains(&leaf.unit) => {
            let (own, below) = (&voice.unit, &leaf.unit);
            bail!("须由上级会签 {own} is not above {below}: a unit strictly above endorses")
        }
        _ => Ok(voice),
    }
}

/// Endorses a grant with nothing but a key: before a network exists, a root key needs no more.
pub(crate) fn endorse_offline(folder: &Folder, grant: &Grant) -> Result<Statement> {
    let leaf = grant.leaf()?.clone().verify()?;
    let secrets = keyfile::open(&folder.key())?;
    let me = secrets.node();
    let successors = grant.chain.iter().any(|statement| match statement {
        Statement::Succession(signed) => signed.claims().roots.contains(&me),
        _ => false,
    });
    if !grant.genesis.roots.contains(&me) && !successors {
        bail!(
            "本目录未加入网络, 且密钥 {me} 不是根密钥 this folder has joined no network, \
             and its key {me} is no root key of the grant's"
        );
    }
    if leaf.value().issuer == me {
        bail!("不能会签自己签发的授权 this key issued the grant: another one must endorse it");
    }
    let voice = Voice {
        network: grant.genesis.network(),
        key: secrets.key,
        unit: grant.genesis.unit.clone(),
        proof: None,
    };
    Ok(voice.endorse(leaf.id()))
}

/// How many of the present root keys signed a statement, and how many must.
fn signatures(desk: &Desk<'_>, id: &Hash) -> (usize, usize) {
    let authority = desk.replica.authority();
    let (roots, threshold, _) = authority.roots();
    let mut keys: Vec<NodeKey> =
        authority.endorsements_of(id).map(|endorsement| endorsement.value().issuer).collect();
    keys.extend(authority.statement(id).map(|statement| statement.issuer().key));
    keys.sort_unstable();
    keys.dedup();
    (keys.iter().filter(|key| roots.contains(key)).count(), threshold)
}

/// Does a statement that needed several signatures hold by now?
fn in_effect(desk: &Desk<'_>, id: &Hash) -> bool {
    let authority = desk.replica.authority();
    let (_, _, generation) = authority.roots();
    match authority.delegation(id) {
        Some(_) => authority.in_force_at(id, now_ms()).is_ok(),
        None => {
            let known = authority.statement(id);
            let acts = known.is_some_and(|s| authority.root_act(id, s.issuer().key).is_ok());
            generation == *id || acts
        }
    }
}

/// 换根: new root keys, signed by this one and then endorsed by others of the present.
pub(crate) fn succeed(desk: &mut Desk<'_>, asked: &NewRoots) -> Result<Value> {
    let voice = Voice::of_root(desk)?;
    let mut roots: Vec<NodeKey> =
        asked.roots.iter().map(|text| Ok(text.parse()?)).collect::<Result<_>>()?;
    roots.sort_unstable();
    roots.dedup();
    if asked.threshold == 0 || usize::from(asked.threshold) > roots.len() {
        let (threshold, count) = (asked.threshold, roots.len());
        bail!("门限超出根密钥数 a threshold of {threshold} does not fit {count} root keys");
    }
    let keeps = match asked.keep {
        Keep::Known => acts(desk),
        Keep::None => Vec::new(),
    };
    if keeps.len() > KEEPS_MAX {
        bail!(
            "根密钥签发的声明过多 the root keys issued {} statements, a succession keeps {KEEPS_MAX}",
            keeps.len()
        );
    }
    let kept = keeps.len();
    let succession = Succession {
        network: voice.network,
        issuer: voice.node(),
        issuer_unit: voice.unit.clone(),
        previous: desk.replica.authority().roots().2,
        roots,
        threshold: asked.threshold,
        keeps,
        at_ms: now_ms(),
    };
    let succession = VerifiedStatement::Succession(Verified::seal(succession, &voice.key));
    // Counted before: once it holds, its own keys are the present ones.
    let need = desk.replica.authority().roots().1;
    desk.learn(succession.to_statement())?;
    let id = succession.id();
    Ok(json!({
        "statement": id.to_string(), "statements_kept": kept, "signatures": 1, "threshold": need,
        "in_effect": in_effect(desk, &id),
    }))
}

/// What the root keys signed and is in force: what new ones must name to keep it so. What is
/// withdrawn is kept too, with its withdrawal: what was written before it may rest on it.
fn acts(desk: &Desk<'_>) -> Vec<Hash> {
    let authority = desk.replica.authority();
    let act = |statement: &Statement| {
        let issuer = statement.issuer();
        let succession = matches!(statement, Statement::Succession(_));
        issuer.proof.is_none()
            && !succession
            && authority.root_act(&statement.id(), issuer.key).is_ok()
    };
    let mut ids: Vec<Hash> =
        authority.statements().filter(act).map(|statement| statement.id()).collect();
    ids.sort_unstable();
    ids
}

/// The root's keys, and what this node's own may do.
pub(crate) fn keys(desk: &Desk<'_>) -> Result<Value> {
    let authority = desk.replica.authority();
    let identity = desk.replica.identity();
    let (roots, threshold, generation) = authority.roots();
    let me = identity.public();
    let grant = |d: &Verified<Delegation>| {
        let value = d.value();
        let problem = authority.in_force_at(&d.id(), now_ms()).err();
        json!({
            "delegation": d.id().to_string(), "unit": value.unit.as_str(),
            "verbs": statement::verbs(value.verbs), "from_unit": value.issuer_unit.as_str(),
            "issuer": value.issuer.to_string(), "until_ms": value.not_after_ms,
            "grace_until_ms": value.not_after_ms.saturating_add(value.grace_ms),
            "acts_under_it": d.id() == identity.delegation,
            "problem": problem.map(|problem| problem.to_string()),
        })
    };
    let own = authority.delegations().filter(|d| d.value().subject == me).map(grant);
    let next = desk.folder.next_key();
    let next = next.exists().then(|| keyfile::named(&next)).transpose()?;
    Ok(json!({
        "node": me.to_string(), "unit": identity.unit.as_str(),
        "incarnation": identity.incarnation, "is_root": authority.is_root(&me),
        "next_node": next.map(|next| next.to_string()),
        "roots": roots.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "threshold": threshold, "generation": generation.to_string(),
        "grants": own.collect::<Vec<_>>(),
    }))
}
