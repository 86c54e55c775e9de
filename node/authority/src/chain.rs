//! A delegation with everything it rests on, down to a root key.

use schema_wire::limits::CHAIN_LINKS_MAX;
use schema_wire::{Delegation, Hash, NodeKey, UnitId, VerbSet, Verified};

use crate::{Authority, Refusal};

/// A delegation's links, from itself up to the one a root key issued. Every link was checked
/// against its proof.
#[derive(Debug, Clone)]
pub struct Chain<'a>(Vec<&'a Verified<Delegation>>);

impl<'a> Chain<'a> {
    /// The delegation itself.
    pub fn leaf(&self) -> &'a Delegation {
        self.0[0].value()
    }

    /// From the leaf up.
    pub fn links(&self) -> impl Iterator<Item = &'a Verified<Delegation>> + '_ {
        self.0.iter().copied()
    }

    /// From the leaf's issuer up to the root key.
    pub fn issuers(&self) -> impl Iterator<Item = NodeKey> + '_ {
        self.0.iter().map(|link| link.value().issuer)
    }

    /// Is every link valid at this time, the grace for those cut off included?
    pub fn valid_at(&self, at_ms: u64) -> Result<(), Refusal> {
        for link in self.links().map(Verified::value) {
            let until_ms = link.not_after_ms.saturating_add(link.grace_ms);
            if at_ms < link.not_before_ms {
                return Err(Refusal::NotYetValid { not_before_ms: link.not_before_ms });
            }
            if at_ms > until_ms {
                return Err(Refusal::Expired { until_ms });
            }
        }
        Ok(())
    }

    /// No key may stand in a chain twice, except where one grants directly to itself.
    fn acyclic(&self) -> Result<(), Refusal> {
        let mut seen: Vec<NodeKey> = Vec::new();
        for link in self.links().map(Verified::value) {
            if seen.last() != Some(&link.subject) {
                if seen.contains(&link.subject) {
                    return Err(Refusal::ChainCircular(link.subject));
                }
                seen.push(link.subject);
            }
            if link.proof.is_none() && link.issuer != link.subject && seen.contains(&link.issuer) {
                return Err(Refusal::ChainCircular(link.issuer));
            }
        }
        Ok(())
    }
}

impl Authority {
    /// The chain of a delegation, each link checked against the one above it
    /// (`schema/PROTOCOL.md`, delegation chains).
    pub fn chain(&self, leaf: &Hash) -> Result<Chain<'_>, Refusal> {
        self.chain_of(self.known(leaf)?)
    }

    /// The chain of a delegation that need not be part of the set yet.
    pub fn chain_of<'a>(&'a self, leaf: &'a Verified<Delegation>) -> Result<Chain<'a>, Refusal> {
        let mut links = vec![leaf];
        let mut link = leaf;
        loop {
            if link.value().network != self.network() {
                return Err(Refusal::OtherNetwork);
            }
            let Some(proof) = &link.value().proof else {
                break;
            };
            let above = self.known(proof)?;
            rests_on(link.value(), above.value())?;
            links.push(above);
            if links.len() > CHAIN_LINKS_MAX {
                return Err(Refusal::ChainTooLong);
            }
            link = above;
        }
        self.issued_by_root(link.value())?;
        let chain = Chain(links);
        chain.acyclic()?;
        Ok(chain)
    }

    /// Does this key speak for that unit, under that delegation or as a root key?
    pub fn speaks_for(
        &self,
        issuer: NodeKey,
        unit: &UnitId,
        proof: Option<&Hash>,
    ) -> Result<(), Refusal> {
        let Some(proof) = proof else {
            let genesis = self.genesis();
            let root = genesis.roots.contains(&issuer) && *unit == genesis.unit;
            return if root { Ok(()) } else { Err(Refusal::NotRoot(issuer)) };
        };
        let chain = self.chain(proof)?;
        let leaf = chain.leaf();
        if leaf.subject != issuer || leaf.unit != *unit {
            return Err(Refusal::BrokenLink { issuer, unit: unit.clone() });
        }
        if leaf.verbs.covers(VerbSet::GOVERN) { Ok(()) } else { Err(Refusal::LacksVerb("govern")) }
    }

    fn known(&self, id: &Hash) -> Result<&Verified<Delegation>, Refusal> {
        self.delegation(id).ok_or(Refusal::UnknownDelegation(*id))
    }

    fn issued_by_root(&self, link: &Delegation) -> Result<(), Refusal> {
        if !self.genesis().roots.contains(&link.issuer) {
            return Err(Refusal::NotRoot(link.issuer));
        }
        if link.issuer_unit != self.genesis().unit {
            return Err(Refusal::BrokenLink {
                issuer: link.issuer,
                unit: link.issuer_unit.clone(),
            });
        }
        within_territory(link)
    }
}

/// Does a link follow from the delegation it names as proof?
fn rests_on(link: &Delegation, above: &Delegation) -> Result<(), Refusal> {
    if link.issuer != above.subject || link.issuer_unit != above.unit {
        return Err(Refusal::BrokenLink { issuer: link.issuer, unit: link.issuer_unit.clone() });
    }
    if !above.verbs.covers(VerbSet::GOVERN) {
        return Err(Refusal::LacksVerb("govern"));
    }
    // The key a unit was founded with holds no WRITE itself, yet grants it: it speaks for the
    // unit. Classes are the minimum along the chain.
    if !above.classes.covers(link.classes) {
        return Err(Refusal::Exceeds);
    }
    within_territory(link)
}

/// Within the issuer's own unit anything may be granted; below it, only to be that unit.
fn within_territory(link: &Delegation) -> Result<(), Refusal> {
    if link.unit == link.issuer_unit {
        return Ok(());
    }
    if !link.issuer_unit.contains(&link.unit) {
        return Err(Refusal::OutsideTerritory {
            claimed: link.unit.clone(),
            granted: link.issuer_unit.clone(),
        });
    }
    if link.verbs != VerbSet::GOVERN.with(VerbSet::READ) {
        return Err(Refusal::GrantFromAbove { issuer_unit: link.issuer_unit.clone() });
    }
    Ok(())
}
