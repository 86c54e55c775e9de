//! Where more than one root key signs.

use anyhow::Result;
use node_acts::issuer::Issuer;
use node_api::{Endorse, Endorsed, EndorsedFile, Failure};
use node_folder::{Folder, Grant};
use schema_wire::{Body, Ed25519, Founding, Hash, NodeKey, Roots, Signed, Statement};

use super::issuer;
use crate::clock;
use crate::context::Context;
use crate::keyfile;
use crate::parse;

/// Endorses a root act known here: the second signature replicates by itself.
pub(crate) fn endorse(context: &mut Context<'_>, asked: &Endorse) -> Result<Endorsed> {
    let id = parse::id(&asked.statement)?;
    if !context.authority().is_root_act(&id) {
        return Err(Failure::UnknownStatement { id: id.to_string() }.into());
    }
    if context.authority().signers(&id).contains(&context.node()) {
        return Err(Failure::OwnSignature.into());
    }
    let endorsement = issuer::root_issuer(context)?.endorse(id)?;
    context.learn(endorsement)?;
    let authority = context.authority();
    let group = authority.root_group(&authority.root());
    let (signers, threshold) = (authority.signers(&id), group.map_or(0, |group| group.threshold));
    let counted = |key: &&NodeKey| group.is_some_and(|group| group.roots.contains(key));
    Ok(Endorsed {
        statement: id.to_string(),
        signatures: signers.iter().filter(counted).count() as u64,
        threshold: threshold.into(),
        in_effect: authority.stands(&id, clock::now()).outside,
    })
}

/// Adds this key's signature to the recognition in a grant file: before a network exists, a root
/// key needs nothing more.
pub(crate) fn endorse_file(folder: &Folder, grant: &mut Grant) -> Result<EndorsedFile> {
    let secrets = keyfile::open(&folder.key())?;
    let node = secrets.node();
    let founding = recognition(grant)?;
    let (roots, threshold) = roots(grant, founding.claims().proof)?;
    if !roots.has(&node) {
        return Err(Failure::NoRootKey { node: node.to_string() }.into());
    }
    let id = founding.id();
    if signers(grant, &founding).contains(&node) {
        return Err(Failure::OwnSignature.into());
    }
    let (network, unit) = (grant.genesis.network(), &grant.genesis.unit);
    let by = Issuer { network, unit, proof: founding.claims().proof, key: &secrets.key };
    let endorsement = by.endorse(id)?.into_signed();
    grant.add([Statement::Endorsement(endorsement)]);
    Ok(EndorsedFile {
        founding: id.to_string(),
        unit: founding.claims().below.to_string(),
        lineage: founding.claims().lineage.to_string(),
        signed_by: signers(grant, &founding).iter().map(ToString::to_string).collect(),
        threshold,
    })
}

/// The recognition by the root: nothing else in a grant needs more than one signature.
fn recognition(grant: &Grant) -> Result<Signed<Founding>> {
    let is_root = |proof: &Hash| roots(grant, *proof).is_ok();
    let found = grant.chain.iter().find_map(|statement| match statement {
        Statement::Founding(founding) if is_root(&founding.claims().proof) => Some(founding),
        _ => None,
    });
    let missing = || Failure::GrantIncomplete { detail: "no act of the root is in it".into() };
    let found = found.ok_or_else(missing)?.clone().verify_with(&Ed25519);
    let detail =
        |error: schema_wire::SignatureError| Failure::GrantIncomplete { detail: error.to_string() };
    Ok(found.map_err(detail)?.into_signed())
}

/// The keys of a root generation, as the file has it.
fn roots(grant: &Grant, generation: Hash) -> Result<(Roots, u8)> {
    if generation == grant.genesis.network().as_hash() {
        return Ok((grant.genesis.roots.clone(), grant.genesis.threshold));
    }
    let found = grant.chain.iter().find_map(|statement| match statement {
        Statement::Succession(succession) if succession.id() == generation => {
            Some((succession.claims().roots.clone(), succession.claims().threshold))
        }
        _ => None,
    });
    Ok(found.ok_or_else(|| Failure::NoGeneration { id: generation.to_string() })?)
}

fn signers(grant: &Grant, founding: &Signed<Founding>) -> Vec<NodeKey> {
    let second = grant.chain.iter().filter_map(|statement| match statement.claims() {
        Body::Endorsement(endorsement) if endorsement.endorses == founding.id() => {
            Some(endorsement.issuer)
        }
        _ => None,
    });
    std::iter::once(founding.claims().issuer).chain(second).collect()
}
