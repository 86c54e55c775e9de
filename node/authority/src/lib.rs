//! Who may do what: the evaluation of a set of signed delegations and revocations.
//!
//! **What it is.** A pure function from the set of verified statements to answers: may this key
//! write that document under that delegation, may that unit read this scope. Sans-IO: no clock,
//! disk, entropy or hash order.
//!
//! **What it is not.** It checks no signature (`schema-wire` did) and keeps no envelope
//! (`node-replication` does). The sender of a statement never matters.
//!
//! **What must always hold.** The answer depends on the set alone, never on the order in which
//! statements arrived (INV-06). Nobody outside a unit can write its documents, the root included:
//! a delegation to a unit below carries no WRITE, so write grants come from the unit's own key.
//!
//! **Where to start reading.** [`Authority::permits_write`], then [`Authority::chain`].
//!
//! **How it is tested.** Beside the code: one test per refusal, and order independence by
//! property test.

mod chain;
mod refusal;

use std::collections::BTreeMap;

use schema_wire::{
    Audience, Delegation, DocumentId, Genesis, Hash, NetworkId, NodeKey, Revocation, Scope, UnitId,
    VerbSet, Verified,
};

pub use chain::Chain;
pub use refusal::Refusal;

/// Everything known of a network's authority.
#[derive(Debug, Clone)]
pub struct Authority {
    genesis: Genesis,
    network: NetworkId,
    delegations: BTreeMap<Hash, Verified<Delegation>>,
    /// By the delegation they withdraw, then by their own id.
    revocations: BTreeMap<Hash, BTreeMap<Hash, Verified<Revocation>>>,
}

/// Where an envelope stands in its author's log: what a watermark is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The document written.
    pub document: &'a DocumentId,
    /// Who wrote.
    pub author: schema_wire::Author,
    /// Which of the author's envelopes.
    pub seq: u64,
    /// When, as the author claims: milliseconds since 1970.
    pub at_ms: u64,
}

impl Authority {
    /// A network of which only the genesis is known.
    pub fn new(genesis: Genesis) -> Self {
        let network = genesis.network();
        Self { genesis, network, delegations: BTreeMap::new(), revocations: BTreeMap::new() }
    }

    /// The network these statements hold in.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The statement the network began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Adds a delegation. It counts once its whole chain is known.
    pub fn insert_delegation(&mut self, delegation: Verified<Delegation>) {
        self.delegations.insert(delegation.id(), delegation);
    }

    /// Adds a revocation, also of a delegation not yet known.
    pub fn insert_revocation(&mut self, revocation: Verified<Revocation>) {
        let of = revocation.value().revokes;
        self.revocations.entry(of).or_default().insert(revocation.id(), revocation);
    }

    /// Is a statement known already?
    pub fn holds(&self, statement: &Hash) -> bool {
        self.delegations.contains_key(statement)
            || self.revocations.values().any(|by| by.contains_key(statement))
    }

    /// A delegation by its id.
    pub fn delegation(&self, id: &Hash) -> Option<&Verified<Delegation>> {
        self.delegations.get(id)
    }

    /// Every delegation known, by id.
    pub fn delegations(&self) -> impl Iterator<Item = &Verified<Delegation>> {
        self.delegations.values()
    }

    /// May this author write this envelope under that delegation?
    pub fn permits_write(&self, delegation: &Hash, position: Position<'_>) -> Result<(), Refusal> {
        let chain = self.chain(delegation)?;
        let leaf = chain.leaf();
        if leaf.subject != position.author.key {
            return Err(Refusal::OtherSubject { granted: leaf.subject });
        }
        let owner = &position.document.owner;
        if leaf.unit != *owner {
            return Err(Refusal::OutsideTerritory {
                claimed: owner.clone(),
                granted: leaf.unit.clone(),
            });
        }
        if !leaf.verbs.covers(VerbSet::WRITE) {
            return Err(Refusal::LacksVerb("write"));
        }
        if !leaf.classes.contains(position.document.class) {
            return Err(Refusal::LacksClass(position.document.class));
        }
        chain.valid_at(position.at_ms)?;
        match self.revoker(&chain, Some(position)) {
            Some(by) => Err(Refusal::Revoked { by }),
            None => Ok(()),
        }
    }

    /// May a holder of this delegation take part in the network now, and for which unit?
    pub fn permits_session(
        &self,
        delegation: &Hash,
        peer: NodeKey,
        now_ms: u64,
    ) -> Result<UnitId, Refusal> {
        let chain = self.chain(delegation)?;
        let leaf = chain.leaf();
        if leaf.subject != peer {
            return Err(Refusal::OtherSubject { granted: leaf.subject });
        }
        if !leaf.verbs.covers(VerbSet::READ) {
            return Err(Refusal::LacksVerb("read"));
        }
        chain.valid_at(now_ms)?;
        match self.revoker(&chain, None) {
            Some(by) => Err(Refusal::Revoked { by }),
            None => Ok(leaf.unit.clone()),
        }
    }

    /// The revocation that ends a chain, if any: of one of its links, by that link's issuer or
    /// one above, and with no watermark that keeps this position.
    fn revoker(&self, chain: &Chain<'_>, position: Option<Position<'_>>) -> Option<Hash> {
        let withdrawn = |link: &Verified<Delegation>| {
            let by = self.revocations.get(&link.id())?;
            let effective = |revocation: &&Verified<Revocation>| {
                self.may_revoke(revocation.value(), link)
                    && !position.is_some_and(|p| keeps(revocation.value(), p))
            };
            by.values().find(effective).map(Verified::id)
        };
        chain.links().find_map(withdrawn)
    }

    /// Only the issuer of a delegation, or one above it on its chain, may revoke it.
    fn may_revoke(&self, revocation: &Revocation, link: &Verified<Delegation>) -> bool {
        let Ok(chain) = self.chain(&link.id()) else {
            return false;
        };
        let governs = match &revocation.proof {
            None => self.genesis.roots.contains(&revocation.issuer),
            Some(proof) => chain
                .links()
                .any(|above| above.id() == *proof && above.value().subject == revocation.issuer),
        };
        governs && chain.issuers().any(|issuer| issuer == revocation.issuer)
    }
}

/// Does a watermark of the revocation keep this envelope?
fn keeps(revocation: &Revocation, position: Position<'_>) -> bool {
    revocation.watermarks.iter().any(|mark| {
        mark.document == *position.document
            && mark.author == position.author
            && position.seq <= mark.seq
    })
}

/// May a node of `reader` hold this scope? Default deny; the sender decides (INV-09).
pub fn may_read(reader: &UnitId, scope: &Scope) -> bool {
    match scope.audience {
        Audience::Public => true,
        Audience::Path => reader.contains(&scope.unit),
        Audience::Unit => *reader == scope.unit,
    }
}

#[cfg(test)]
mod tests;
