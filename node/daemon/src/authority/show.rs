//! What people are shown of keys, lineages and roots, and what of it they must look at.

use anyhow::Result;
use node_api::{
    Alarm, Failure, GrantState, HeldGrant, KeysHeld, LineageShown, RecognisedBy, Right, RootShown,
    Signature, SignedUnder,
};
use node_authority::{Authority, Reason};
use schema_wire::{Body, Hash, Ms, Reads, UnitId, Verbs};

use super::issuer;
use super::join::statement;
use crate::clock;
use crate::context::Knows;
use crate::keyfile;

/// What this node's key is and may do.
pub(crate) fn keys(knows: &impl Knows) -> Result<KeysHeld> {
    let (node, root) = (knows.node(), root(knows)?);
    let next = knows.folder().next_key();
    let next = next.exists().then(|| keyfile::named(&next)).transpose()?;
    let mut grants = grants(knows);
    grants.retain(|grant| grant.node == node.to_string());
    Ok(KeysHeld {
        node: node.to_string(),
        unit: knows.unit().to_string(),
        incarnation: knows.author().incarnation.to_string(),
        lineage: knows.lineage().to_string(),
        is_operating: issuer::operating(knows).is_some(),
        is_root: root.roots.contains(&node.to_string()),
        next_node: next.map(|next| next.to_string()),
        grants,
        root,
        alarms: alarms(knows),
    })
}

/// The root's present generation.
pub(crate) fn root(knows: &impl Knows) -> Result<RootShown> {
    let authority = knows.authority();
    let generation = authority.root();
    let unknown = || Failure::NoGeneration { id: generation.to_string() };
    let group = authority.root_group(&generation).ok_or_else(unknown)?;
    Ok(RootShown {
        network: authority.network().to_string(),
        name: authority.genesis().name.to_string(),
        generation: generation.to_string(),
        roots: group.roots.iter().map(ToString::to_string).collect(),
        threshold: group.threshold.into(),
        next_threshold: group.next_threshold.into(),
    })
}

/// Who the unit is, and who its nodes are.
pub(crate) fn lineage(knows: &impl Knows) -> Result<LineageShown> {
    let (authority, lineage) = (knows.authority(), knows.lineage());
    let present = authority.present(&lineage);
    let recognised = authority.open_foundings(knows.unit()).map(|founding| RecognisedBy {
        founding: founding.id.to_string(),
        by: founding.by.to_string(),
        lineage: founding.lineage.to_string(),
        until_ms: founding.until.get(),
    });
    let key = present.and_then(|generation| authority.operating_key(&generation));
    Ok(LineageShown {
        unit: knows.unit().to_string(),
        lineage: lineage.to_string(),
        former: authority.pins().former().map(|former| former.to_string()).collect(),
        generation: present.map(|generation| generation.to_string()),
        operating_key: key.map(|key| key.to_string()),
        recognised: recognised.collect(),
        grants: grants(knows),
        alarms: alarms(knows),
    })
}

fn grants(knows: &impl Knows) -> Vec<HeldGrant> {
    let lineage = knows.lineage();
    let grants = knows.authority().grants(&lineage, clock::now());
    let shown = grants.map(|grant| HeldGrant {
        delegation: grant.id.to_string(),
        node: grant.subject.to_string(),
        rights: rights(grant.verbs, grant.reads),
        from_ms: grant.from.get(),
        until_ms: grant.until.get(),
        state: match grant.state {
            node_authority::GrantState::Holds => GrantState::Holds,
            node_authority::GrantState::NotYet => GrantState::NotYet,
            node_authority::GrantState::Unclosed => GrantState::RanOut,
            node_authority::GrantState::Ended => GrantState::Ended,
            node_authority::GrantState::Void(_) => GrantState::Void,
        },
    });
    shown.collect()
}

fn rights(verbs: Verbs, reads: Reads) -> Vec<Right> {
    let govern = verbs.covers(Verbs::GOVERN).then_some(Right::Govern);
    let write = verbs.covers(Verbs::WRITE).then_some(Right::Write);
    let read = (reads != Reads::NONE).then_some(Right::Read);
    govern.into_iter().chain(write).chain(read).collect()
}

/// What people have to look at.
pub(crate) fn alarms(knows: &impl Knows) -> Vec<Alarm> {
    let (authority, own) = (knows.authority(), knows.unit());
    let mut alarms: Vec<Alarm> = Vec::new();
    for unit in authority.units() {
        let candidates = authority.candidates(unit);
        if candidates.len() > 1 {
            alarms.push(Alarm::TwoLineages {
                unit: unit.to_string(),
                own: unit == own,
                lineages: candidates.iter().map(ToString::to_string).collect(),
                followed: authority.followed(unit).map(|lineage| lineage.to_string()),
            });
        }
    }
    if authority.is_dissolved(own) {
        let successors = authority.successors(own).into_iter().map(ToString::to_string).collect();
        alarms.push(Alarm::Dissolved { unit: own.to_string(), successors });
    }
    alarms.extend(displaced(authority, own, knows.lineage()));
    let (of_root, of_lineages): (Vec<Hash>, Vec<Hash>) =
        authority.rivals().into_iter().partition(|id| authority.root_group(id).is_some());
    for (of_root, rivals) in [(true, of_root), (false, of_lineages)] {
        if !rivals.is_empty() {
            let generations = rivals.iter().map(ToString::to_string).collect();
            alarms.push(Alarm::Rivals { generations, of_root });
        }
    }
    alarms
}

/// One lineage is recognised as this unit, and it is not this node's.
fn displaced(authority: &Authority, unit: &UnitId, own: Hash) -> Option<Alarm> {
    let candidates = authority.candidates(unit);
    let recognised = candidates.first().filter(|_| candidates.len() == 1)?;
    let (unit, shown) = (unit.to_string(), recognised.to_string());
    (*recognised != own).then(|| Alarm::Displaced { unit, own: own.to_string(), recognised: shown })
}

/// Under which grants something was signed: the delegation it names, and those it rests on.
pub(crate) fn signed_under(knows: &impl Knows, delegation: &Hash, at: Ms) -> SignedUnder {
    let nothing = |problem: &str| SignedUnder::Nothing {
        delegation: delegation.to_string(),
        problem: problem.to_owned(),
    };
    let authority = knows.authority();
    if !authority.is_kept(delegation) {
        return nothing(Reason::NoGrant.code());
    }
    let stands = authority.stands(delegation, at);
    if !stands.inside && !stands.outside {
        return nothing("not-in-force");
    }
    let (mut grants, mut next) = (Vec::new(), *delegation);
    while let Ok(signed) = statement(knows, &next) {
        let Body::Delegation(granted) = signed.claims() else { break };
        grants.push(Signature {
            delegation: next.to_string(),
            issuer: granted.issuer.to_string(),
            subject: granted.subject.to_string(),
            unit: granted.unit.to_string(),
            until_ms: granted.not_after.get(),
        });
        next = granted.proof;
    }
    SignedUnder::Grants(grants)
}
