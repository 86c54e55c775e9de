//! Deeds that take more than one statement: to remove a node, and to pass a lineage on.

use std::collections::{BTreeMap, BTreeSet};

use node_authority::{Authority, GrantState};
use schema_wire::{
    Hash, Keeps, Malformed, Mark, Ms, NodeKey, Rotation, Scope, Verified, VerifiedStatement, limits,
};

use crate::generation::Rotate;
use crate::issuer::Issuer;
use crate::phrase::Phrase;

/// Why a deed is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeedError {
    /// A statement could not be made.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The unit has no such node.
    #[error("no grant of this unit to {0} is known here that is still in force")]
    NoSuchNode(NodeKey),
    /// The lineage is not known here.
    #[error("the charter of this lineage is not here")]
    NoLineage,
    /// The phrase is another generation's, or another unit's.
    #[error(
        "this recovery phrase is not the one that the present generation of the unit committed to"
    )]
    OtherPhrase,
    /// More rests on the generation than one rotation can keep.
    #[error("{0} statements rest on this generation, and a rotation keeps at most {most}", most = limits::KEEPS_MAX)]
    TooMuchToKeep(usize),
}

/// Takes a node out of the unit: ends every grant to it that has effect or may still have, and
/// adopts what was heard of it, so that its honest work goes on counting. `heard` are the marks of
/// its logs, by scope; leave out what is to go. New keys for what it could read are the caller's
/// affair (section 10.4).
///
/// # Errors
/// If no grant to the node is in force in the lineage.
pub fn remove_node(
    authority: &Authority,
    issuer: &Issuer<'_>,
    lineage: &Hash,
    node: NodeKey,
    heard: Vec<(Scope, Vec<Mark>)>,
    at: Ms,
) -> Result<Vec<VerifiedStatement>, DeedError> {
    let has_effect =
        |state| matches!(state, GrantState::Holds | GrantState::NotYet | GrantState::Unclosed);
    let grants = authority.grants(lineage, at);
    let grants: Vec<Hash> = grants
        .filter(|grant| grant.subject == node && has_effect(grant.state))
        .map(|grant| grant.id)
        .collect();
    if grants.is_empty() {
        return Err(DeedError::NoSuchNode(node));
    }
    let mut statements: Vec<VerifiedStatement> = Vec::new();
    for (scope, marks) in heard {
        statements.extend(issuer.adopt(&scope, marks, at)?.into_iter().map(Into::into));
    }
    for grant in grants {
        statements.push(issuer.withdraw(grant, Keeps::default(), at)?.into());
    }
    Ok(statements)
}

/// For how long after its time a grant is not closed: thirty days, for what its holder wrote in an
/// outage and brings later.
pub const GRACE_MS: u64 = 30 * 86_400_000;

/// The nodes whose every grant ran out longer than [`GRACE_MS`] ago and is not closed, with those
/// grants. Who holds a renewed one is not among them.
pub fn overdue(authority: &Authority, lineage: &Hash, at: Ms) -> BTreeMap<NodeKey, Vec<Hash>> {
    let mut overdue: BTreeMap<NodeKey, Vec<Hash>> = BTreeMap::new();
    let mut kept: BTreeSet<NodeKey> = BTreeSet::new();
    for grant in authority.grants(lineage, at) {
        match grant.state {
            GrantState::Unclosed if grant.until.plus(GRACE_MS) < at => {
                overdue.entry(grant.subject).or_default().push(grant.id);
            }
            GrantState::Unclosed | GrantState::Holds | GrantState::NotYet => {
                kept.insert(grant.subject);
            }
            GrantState::Ended | GrantState::Void(_) => {}
        }
    }
    overdue.retain(|node, _| !kept.contains(node));
    overdue
}

/// Closes grants of a node that ran out, and adopts what was heard of it: what it dates back from
/// now on counts no more. `heard` are the marks of its logs, by scope.
///
/// # Errors
/// If a statement could not be made.
pub fn close(
    issuer: &Issuer<'_>,
    grants: &[Hash],
    heard: Vec<(Scope, Vec<Mark>)>,
    at: Ms,
) -> Result<Vec<VerifiedStatement>, DeedError> {
    let mut statements: Vec<VerifiedStatement> = Vec::new();
    for (scope, marks) in heard {
        statements.extend(issuer.adopt(&scope, marks, at)?.into_iter().map(Into::into));
    }
    for grant in grants {
        statements.push(issuer.close(*grant, Keeps::default(), at)?.into());
    }
    Ok(statements)
}

/// Passes a lineage on by its recovery phrase. All that the generation's keys issued and that
/// still has effect stays, except what `without` names: of a thief everything that he issued. What
/// only he ended is kept too.
///
/// # Errors
/// If the phrase is not the one that was committed to, or too much is to be kept.
pub fn rotate(
    authority: &Authority,
    lineage: &Hash,
    phrase: &Phrase,
    next: (NodeKey, Hash),
    without: &BTreeSet<Hash>,
    at: Ms,
) -> Result<Verified<Rotation>, DeedError> {
    let previous = authority.present(lineage).ok_or(DeedError::NoLineage)?;
    if !authority.passes_on(&previous, &phrase.public()) {
        return Err(DeedError::OtherPhrase);
    }
    let unit = authority.unit_of(&previous).ok_or(DeedError::NoLineage)?;
    let kept: Vec<Hash> = authority.issued_by_key(lineage, without).collect();
    let count = kept.len();
    let keeps = Keeps::of(kept).map_err(|_| DeedError::TooMuchToKeep(count))?;
    let (key, next) = next;
    let network = authority.network();
    Ok(Rotate { network, unit, previous, key, next, keeps, at }.by(phrase)?)
}
