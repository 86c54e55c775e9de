//! What a statement must be to be kept at all. It depends on the statement and on those it names,
//! never on what else is known: whoever holds what it rests on keeps it.

use schema_wire::limits::CARETAKER_MS_MAX;
use schema_wire::{Delegation, Hash, Issuer, Statement, UnitId, VerbSet, Verified};

use crate::{Authority, Refusal};

/// What founds a unit: its own key's powers, and nothing written.
const FOUND: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
/// What a caretaker may be given at most.
const CARE: VerbSet = VerbSet::WRITE.with(VerbSet::READ);

/// Does `above` lie strictly above `below` in the tree of units?
pub(crate) fn strictly_above(above: &UnitId, below: &UnitId) -> bool {
    above != below && above.contains(below)
}

/// Was this key made the unit's own, by the unit above or the root?
pub(crate) fn founds(delegation: &Delegation) -> bool {
    delegation.verbs.covers(VerbSet::GOVERN)
        && (delegation.proof.is_none() || delegation.issuer_unit != delegation.unit)
}

/// Does it let another key of the same unit govern too?
pub(crate) fn shares_govern(delegation: &Delegation) -> bool {
    delegation.verbs.covers(VerbSet::GOVERN) && !founds(delegation)
}

/// Does it let somebody from above write in the unit's place?
pub fn is_caretaker(delegation: &Delegation) -> bool {
    delegation.unit != delegation.issuer_unit && delegation.verbs.covers(VerbSet::WRITE)
}

impl Authority {
    /// Would this statement be kept? Its signature is checked elsewhere.
    pub fn admissible(&self, statement: &Statement) -> Result<(), Refusal> {
        if statement.network() != self.network() {
            return Err(Refusal::OtherNetwork);
        }
        if let Statement::Succession(signed) = statement {
            let claims = signed.claims();
            if claims.issuer_unit != self.genesis().unit {
                return Err(broken(statement.issuer()));
            }
            return self.may_succeed(&claims.previous, claims.issuer);
        }
        let proof = self.basis(statement.issuer())?;
        match statement {
            Statement::Delegation(signed) => {
                let claims = signed.claims();
                let shared = proof.is_some_and(|proof| !founds(proof.value()));
                if shares_govern(claims) && shared {
                    return Err(Refusal::GovernFromWithin);
                }
                within_territory(claims)
            }
            Statement::Suspension(signed) => {
                let claims = signed.claims();
                if strictly_above(&claims.issuer_unit, &claims.unit) {
                    return Ok(());
                }
                let (claimed, granted) = (claims.unit.clone(), claims.issuer_unit.clone());
                Err(Refusal::OutsideTerritory { claimed, granted })
            }
            _ => Ok(()),
        }
    }

    /// Does the issuer hold what it says it acts under?
    fn basis(&self, issuer: Issuer<'_>) -> Result<Option<&Verified<Delegation>>, Refusal> {
        let Some(proof) = issuer.proof else {
            if !self.named_root(&issuer.key) {
                return Err(Refusal::NotRoot(issuer.key));
            }
            let city = *issuer.unit == self.genesis().unit;
            return if city { Ok(None) } else { Err(broken(issuer)) };
        };
        let proof = self.known(&proof)?;
        let granted = proof.value();
        if granted.subject != issuer.key || granted.unit != *issuer.unit {
            return Err(broken(issuer));
        }
        if !granted.verbs.covers(VerbSet::GOVERN) {
            return Err(Refusal::LacksVerb("govern"));
        }
        Ok(Some(proof))
    }

    pub(crate) fn known(&self, id: &Hash) -> Result<&Verified<Delegation>, Refusal> {
        self.delegation(id).ok_or(Refusal::UnknownStatement(*id))
    }
}

fn broken(issuer: Issuer<'_>) -> Refusal {
    Refusal::BrokenLink { issuer: issuer.key, unit: issuer.unit.clone() }
}

/// Within the issuer's own unit anything may be granted; below it, only to be that unit, or to
/// take care of it for a while.
fn within_territory(link: &Delegation) -> Result<(), Refusal> {
    if link.unit == link.issuer_unit {
        return Ok(());
    }
    if !link.issuer_unit.contains(&link.unit) {
        let (claimed, granted) = (link.unit.clone(), link.issuer_unit.clone());
        return Err(Refusal::OutsideTerritory { claimed, granted });
    }
    let lifetime_ms = link.not_after_ms.saturating_sub(link.not_before_ms);
    let cares = is_caretaker(link)
        && CARE.covers(link.verbs)
        && link.grace_ms == 0
        && lifetime_ms <= CARETAKER_MS_MAX;
    if link.verbs == FOUND || cares {
        return Ok(());
    }
    Err(Refusal::GrantFromAbove { issuer_unit: link.issuer_unit.clone() })
}
