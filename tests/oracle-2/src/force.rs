//! Section 5, in force or not, and what section 6 says of revocations and caretakers.
//!
//! The definitions call each other round: what is supported depends on what is revoked, and that
//! on what is supported. It ends nevertheless: a delegation is carried and revoked only by what
//! stands nearer to the root, a share of a unit only by a founding of it. So the rules about
//! units are asked before the rules about support.

use schema_wire::{Class, Delegation, Hash, Revocation, VerbSet, Verified};

use crate::{Act, Oracle, Place, act, strictly_below};

/// What a question of support asks besides: each is optional.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demand<'a> {
    /// The class of document.
    pub class: Option<Class>,
    /// The time.
    pub at_ms: Option<u64>,
    /// The envelope.
    pub place: Option<&'a Place>,
}

/// It makes a key the unit's own.
pub(crate) fn founds(delegation: &Delegation) -> bool {
    delegation.verbs.covers(VerbSet::GOVERN)
        && (delegation.proof.is_none() || delegation.unit != delegation.issuer_unit)
}

/// It lets another key govern the unit too.
pub(crate) fn shares(delegation: &Delegation) -> bool {
    delegation.verbs.covers(VerbSet::GOVERN) && !founds(delegation)
}

/// It lets a key write in the place of a unit below.
pub(crate) fn makes_caretaker(delegation: &Delegation) -> bool {
    delegation.unit != delegation.issuer_unit && delegation.verbs.covers(VerbSet::WRITE)
}

/// Is it valid at a time?
pub(crate) fn valid(delegation: &Delegation, at_ms: u64) -> bool {
    let until_ms = delegation.not_after_ms.saturating_add(delegation.grace_ms);
    delegation.not_before_ms <= at_ms && at_ms <= until_ms
}

/// Does a watermark keep this envelope?
pub(crate) fn keeps_place(revocation: &Revocation, place: &Place) -> bool {
    revocation.watermarks.iter().any(|mark| {
        mark.document == place.document && mark.author == place.author && place.seq <= mark.seq
    })
}

impl Oracle {
    /// The delegations that carry a kept statement under these demands.
    pub fn carriers(&self, statement: &Hash, demand: Demand<'_>) -> Vec<Hash> {
        let carriers = self.act(statement).map(|issued| self.carried_by(issued, demand, |_| true));
        carriers.unwrap_or_default().into_iter().map(Verified::id).collect()
    }

    /// The effective revocations of a kept delegation or suspension.
    pub fn effective_revocations(&self, of: &Hash) -> impl Iterator<Item = &Verified<Revocation>> {
        let revocable = self.delegations().any(|delegation| delegation.id() == *of)
            || self.suspensions().any(|suspension| suspension.id() == *of);
        let target = self.act(of).filter(|_| revocable);
        self.revocations().filter(move |by| {
            target.is_some_and(|of| by.value().revokes == of.id && self.effective(by, of))
        })
    }

    /// Is the statement supported under the demand of its own time?
    pub(crate) fn supported_at(&self, statement: &Hash, at_ms: u64) -> bool {
        let demand = Demand { at_ms: Some(at_ms), ..Demand::default() };
        self.act(statement).is_some_and(|issued| self.supported(issued, demand))
    }

    /// Is the delegation supported and, if it makes a caretaker, endorsed?
    pub(crate) fn stands(&self, delegation: &Verified<Delegation>, demand: Demand<'_>) -> bool {
        self.act(&delegation.id()).is_some_and(|issued| self.supported(issued, demand))
            && (!makes_caretaker(delegation.value()) || self.endorsed(delegation))
    }

    fn act(&self, id: &Hash) -> Option<Act<'_>> {
        self.kept.iter().find(|kept| kept.id() == *id).map(act)
    }

    fn supported(&self, issued: Act<'_>, demand: Demand<'_>) -> bool {
        match issued.proof {
            None => self.root_act(issued),
            Some(_) => !self.carried_by(issued, demand, |_| true).is_empty(),
        }
    }

    /// The delegations of one sort that carry a statement.
    fn carried_by(
        &self,
        issued: Act<'_>,
        demand: Demand<'_>,
        sort: impl Fn(&Delegation) -> bool,
    ) -> Vec<&Verified<Delegation>> {
        let carries = |found: &&Verified<Delegation>| {
            let grant = found.value();
            grant.subject == issued.issuer
                && grant.unit == *issued.unit
                && grant.verbs.covers(VerbSet::GOVERN)
                && (!issued.shares || founds(grant))
                && sort(grant)
                && demand.class.is_none_or(|class| grant.classes.contains(class))
                && demand.at_ms.is_none_or(|at_ms| valid(grant, at_ms))
                && self.effective_revocations(&found.id()).all(|by| {
                    by.value().keeps.contains(&issued.id)
                        || demand.place.is_some_and(|place| keeps_place(by.value(), place))
                })
                && self.stands(found, demand)
        };
        self.delegations().filter(carries).collect()
    }

    /// Is a revocation of this delegation or suspension effective?
    fn effective(&self, by: &Verified<Revocation>, of: Act<'_>) -> bool {
        let (value, none) = (by.value(), Demand::default());
        let Some(issued) = self.act(&by.id()) else { return false };
        if value.proof.is_none() {
            return self.supported(issued, none);
        }
        let beside = value.issuer_unit == *of.unit;
        let from_above = strictly_below(of.unit, &value.issuer_unit);
        let by_its_issuer = beside && value.issuer == of.issuer && !of.shares;
        of.proof.is_some()
            && ((from_above || by_its_issuer) && self.supported(issued, none)
                || beside && !self.carried_by(issued, none, founds).is_empty())
    }

    /// Has a caretaker's delegation its second signature?
    fn endorsed(&self, caretaker: &Verified<Delegation>) -> bool {
        let made = caretaker.value();
        self.endorsements().any(|endorsement| {
            let value = endorsement.value();
            let both_city =
                value.issuer_unit == self.genesis.unit && made.issuer_unit == self.genesis.unit;
            value.endorses == caretaker.id()
                && value.issuer != made.issuer
                && strictly_below(&made.unit, &value.issuer_unit)
                && (value.issuer_unit != made.issuer_unit || both_city)
                && (self.supported_at(&endorsement.id(), value.at_ms)
                    || value.proof.is_none() && self.is_root(&value.issuer))
        })
    }
}
