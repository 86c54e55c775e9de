//! Where more than one key signs: endorsing, and the root's keys.

use anyhow::Result;
use node_api::{
    Endorse, EndorseGrant, Endorsed, EndorsedGrant, Failure, HeldGrant, Keep, KeysHeld, NewRoots,
    Succession,
};
use node_folder::{Folder, Grant};
use schema_wire::limits::KEEPS_MAX;
use schema_wire::{
    Delegation, Hash, NodeKey, Signed, Statement, Verified, VerifiedStatement, Wire,
};

use super::delegate::rights;
use super::issuer::Issuer;
use crate::clock::now_ms;
use crate::engine::Context;
use crate::keyfile;
use crate::parse;

/// Endorses a statement known here: the second signature replicates by itself.
pub(crate) fn endorse(context: &mut Context<'_>, asked: &Endorse) -> Result<Endorsed> {
    let id = parse::id(&asked.statement)?;
    let known = context.replica.authority().statement(&id);
    let known = known.ok_or_else(|| Failure::UnknownStatement { id: id.to_string() })?;
    let leaf = match &known {
        Statement::Delegation(leaf) => Some(leaf.claims()),
        _ => None,
    };
    let issuer = second(context, leaf, known.issuer().key)?;
    context.learn(issuer.endorse(id))?;
    let (have, need) = signatures(context, &id);
    Ok(Endorsed {
        statement: id.to_string(),
        signatures: have as u64,
        threshold: need as u64,
        in_effect: in_effect(context, &id),
    })
}

/// Endorses what a grant file grants: the statements to add to the file.
pub(crate) fn endorse_grant(
    context: &mut Context<'_>,
    asked: &EndorseGrant,
) -> Result<EndorsedGrant> {
    let unreadable = |error: String| Failure::BadStatement { detail: error };
    let bytes = hex::decode(&asked.delegation).map_err(|error| unreadable(error.to_string()))?;
    let leaf = Signed::<Delegation>::from_bytes(&bytes);
    let leaf = leaf.map_err(|error| unreadable(error.to_string()))?;
    let leaf = leaf.verify().map_err(|_| Failure::GrantSignature)?;
    if leaf.value().network != context.replica.authority().network() {
        return Err(Failure::GrantOfAnotherNetwork.into());
    }
    let issuer = second(context, Some(leaf.value()), leaf.value().issuer)?;
    let endorsement = issuer.endorse(leaf.id());
    context.learn(endorsement.clone())?;
    let mut statements = vec![endorsement];
    if let Some(proof) = issuer.proof {
        statements.extend(context.replica.authority().credentials(&proof, now_ms()));
    }
    let statements = statements.iter().map(|s| hex::encode(s.to_bytes())).collect();
    Ok(EndorsedGrant { delegation: leaf.id().to_string(), statements })
}

/// In whose name this node endorses: as a root key, or as a unit strictly above the one granted.
fn second(context: &Context<'_>, leaf: Option<&Delegation>, signed_by: NodeKey) -> Result<Issuer> {
    let identity = context.replica.identity();
    if signed_by == identity.public() {
        return Err(Failure::OwnSignature.into());
    }
    if context.replica.authority().is_root(&identity.public()) {
        return Issuer::of_root(context);
    }
    let issuer = Issuer::of_unit(context)?;
    match leaf {
        Some(leaf) if leaf.unit == issuer.unit || !issuer.unit.contains(&leaf.unit) => {
            let (own, unit) = (issuer.unit.to_string(), leaf.unit.to_string());
            Err(Failure::NotAbove { own, unit }.into())
        }
        _ => Ok(issuer),
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
        return Err(Failure::NoRootKey { node: me.to_string() }.into());
    }
    if leaf.value().issuer == me {
        return Err(Failure::OwnSignature.into());
    }
    let issuer = Issuer {
        network: grant.genesis.network(),
        key: secrets.key,
        unit: grant.genesis.unit.clone(),
        proof: None,
    };
    Ok(issuer.endorse(leaf.id()))
}

/// How many of the present root keys signed a statement, and how many must.
fn signatures(context: &Context<'_>, id: &Hash) -> (usize, usize) {
    let authority = context.replica.authority();
    let (roots, threshold, _) = authority.roots();
    let mut keys: Vec<NodeKey> =
        authority.endorsements_of(id).map(|endorsement| endorsement.value().issuer).collect();
    keys.extend(authority.statement(id).map(|statement| statement.issuer().key));
    keys.sort_unstable();
    keys.dedup();
    (keys.iter().filter(|key| roots.contains(key)).count(), threshold)
}

/// Does a statement that needed several signatures hold by now?
fn in_effect(context: &Context<'_>, id: &Hash) -> bool {
    let authority = context.replica.authority();
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
pub(crate) fn succeed(context: &mut Context<'_>, asked: &NewRoots) -> Result<Succession> {
    let issuer = Issuer::of_root(context)?;
    let mut roots: Vec<NodeKey> =
        asked.roots.iter().map(|text| parse::key(text)).collect::<Result<_, _>>()?;
    roots.sort_unstable();
    roots.dedup();
    if asked.threshold == 0 || usize::from(asked.threshold) > roots.len() {
        let (threshold, roots) = (asked.threshold, roots.len());
        return Err(Failure::Threshold { threshold, roots }.into());
    }
    let keeps = match asked.keep {
        Keep::Known => acts(context),
        Keep::None => Vec::new(),
    };
    if keeps.len() > KEEPS_MAX {
        let (statements, max) = (keeps.len(), KEEPS_MAX);
        return Err(Failure::TooManyRootStatements { statements, max }.into());
    }
    let kept = keeps.len();
    let succession = schema_wire::Succession {
        network: issuer.network,
        issuer: issuer.node(),
        issuer_unit: issuer.unit.clone(),
        previous: context.replica.authority().roots().2,
        roots,
        threshold: asked.threshold,
        keeps,
        at_ms: now_ms(),
    };
    let succession = VerifiedStatement::Succession(Verified::seal(succession, &issuer.key));
    // Counted before: once it holds, its own keys are the present ones.
    let need = context.replica.authority().roots().1;
    context.learn(succession.to_statement())?;
    let id = succession.id();
    Ok(Succession {
        statement: id.to_string(),
        statements_kept: kept as u64,
        signatures: 1,
        threshold: need as u64,
        in_effect: in_effect(context, &id),
    })
}

/// What the root keys signed and is in force: what new ones must name to keep it so. What is
/// withdrawn is kept too, with its withdrawal: what was written before it may rest on it.
fn acts(context: &Context<'_>) -> Vec<Hash> {
    let authority = context.replica.authority();
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
pub(crate) fn keys(context: &Context<'_>) -> Result<KeysHeld> {
    let authority = context.replica.authority();
    let identity = context.replica.identity();
    let (roots, threshold, generation) = authority.roots();
    let me = identity.public();
    let own = authority.delegations().filter(|d| d.value().subject == me);
    let next = context.folder.next_key();
    let next = next.exists().then(|| keyfile::named(&next)).transpose()?;
    Ok(KeysHeld {
        node: me.to_string(),
        unit: identity.unit.to_string(),
        incarnation: identity.incarnation.to_string(),
        is_root: authority.is_root(&me),
        next_node: next.map(|next| next.to_string()),
        roots: roots.iter().map(ToString::to_string).collect(),
        threshold: threshold as u64,
        generation: generation.to_string(),
        grants: own.map(|delegation| held(context, delegation)).collect(),
    })
}

fn held(context: &Context<'_>, delegation: &Verified<Delegation>) -> HeldGrant {
    let (value, id) = (delegation.value(), delegation.id());
    let problem = context.replica.authority().in_force_at(&id, now_ms()).err();
    HeldGrant {
        delegation: id.to_string(),
        unit: value.unit.to_string(),
        rights: rights(value.verbs),
        from_unit: value.issuer_unit.to_string(),
        issuer: value.issuer.to_string(),
        until_ms: value.not_after_ms,
        grace_until_ms: value.not_after_ms.saturating_add(value.grace_ms),
        acts_under_it: id == context.replica.identity().delegation,
        problem: problem.map(|problem| problem.to_string()),
    }
}
