//! Whether a statement is in force: a search for one route to the root that holds.
//!
//! A route goes from a statement to a delegation that lets its issuer govern the unit it speaks
//! for, from there to that delegation's issuer, and so on to the root. Any delegation to the
//! same key for the same unit will do, not only the one named as proof: what somebody may do is
//! the least along a route and the most over all routes. So a renewed grant above carries
//! everything below it.
//!
//! The search ends: a unit's own key is made by a unit strictly above; who shares its power was
//! let in by such a key; and each is revoked only by keys that rank before it.

use std::collections::BTreeMap;

use schema_wire::{Class, Delegation, Hash, Issuer, Revocation, VerbSet, Verified};

use crate::canary::{Bug, planted};
use crate::structure::{founds, is_caretaker, shares_govern, strictly_above};
use crate::{Authority, Position, Refusal};

/// What is asked of every link of a route.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Demand<'a> {
    /// Every link must cover this class.
    pub(crate) class: Option<Class>,
    /// Every link must be valid then, its grace included: milliseconds since 1970.
    pub(crate) at_ms: Option<u64>,
    /// A revocation whose watermarks keep this envelope does not count.
    pub(crate) position: Option<Position<'a>>,
}

/// One search. Each delegation is judged once.
pub(crate) struct Search<'a> {
    authority: &'a Authority,
    demand: Demand<'a>,
    judged: BTreeMap<Hash, Result<(), Refusal>>,
}

/// Which keys may stand behind a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// Whoever governs the unit.
    Any,
    /// Only keys the unit was founded with.
    Founded,
}

impl<'a> Search<'a> {
    pub(crate) fn new(authority: &'a Authority, demand: Demand<'a>) -> Self {
        Self { authority, demand, judged: BTreeMap::new() }
    }

    /// Is this delegation in force, apart from revocations of itself?
    pub(crate) fn stands(&mut self, delegation: &'a Verified<Delegation>) -> Result<(), Refusal> {
        if let Some(judged) = self.judged.get(&delegation.id()) {
            return judged.clone();
        }
        let verdict = self.judge(delegation);
        self.judged.insert(delegation.id(), verdict.clone());
        verdict
    }

    fn judge(&mut self, delegation: &'a Verified<Delegation>) -> Result<(), Refusal> {
        let (id, value) = (delegation.id(), delegation.value());
        if is_caretaker(value) && !self.authority.caretaker_endorsed(&id, value) {
            return Err(Refusal::CaretakerUnsigned);
        }
        self.above(delegation).map(|_| ())
    }

    /// What a delegation rests on; none for the root's own.
    fn above(
        &mut self,
        delegation: &'a Verified<Delegation>,
    ) -> Result<Option<&'a Verified<Delegation>>, Refusal> {
        let value = delegation.value();
        let rank = if shares_govern(value) { Rank::Founded } else { Rank::Any };
        self.supported(&delegation.id(), value.issued_by(), rank)
    }

    /// Is there somebody to speak for the issuer's unit in this statement? Returns the
    /// delegation it rests on; none for the root.
    fn supported(
        &mut self,
        statement: &Hash,
        issuer: Issuer<'_>,
        rank: Rank,
    ) -> Result<Option<&'a Verified<Delegation>>, Refusal> {
        let Some(named) = issuer.proof else {
            return self.authority.root_act(statement, issuer.key).map(|()| None);
        };
        let mut refusal = None;
        for candidate in self.authority.governing(issuer, named) {
            if rank == Rank::Founded && !founds(candidate.value()) {
                continue;
            }
            match self.carries(statement, candidate) {
                Ok(()) => return Ok(Some(candidate)),
                Err(why) => refusal = refusal.or(Some(why)),
            }
        }
        Err(refusal.unwrap_or_else(|| Refusal::Unsupported { unit: issuer.unit.clone() }))
    }

    /// Can a statement rest on this delegation?
    fn carries(
        &mut self,
        statement: &Hash,
        delegation: &'a Verified<Delegation>,
    ) -> Result<(), Refusal> {
        let value = delegation.value();
        if let Some(class) = self.demand.class.filter(|class| !value.classes.contains(*class)) {
            return Err(Refusal::LacksClass(class));
        }
        self.demand.at_ms.map_or(Ok(()), |at_ms| valid_at(value, at_ms))?;
        let revoker =
            self.authority.revoker(&delegation.id(), Some(statement), self.demand.position);
        if let Some(by) = revoker {
            return Err(Refusal::Revoked { by });
        }
        self.stands(delegation)
    }

    /// The delegations a statement rests on, from the nearest up to the root's.
    pub(crate) fn route(
        &mut self,
        delegation: &'a Verified<Delegation>,
    ) -> Result<Vec<&'a Verified<Delegation>>, Refusal> {
        let mut links = vec![delegation];
        let mut link = delegation;
        while let Some(above) = self.above(link)? {
            links.push(above);
            link = above;
        }
        Ok(links)
    }
}

impl Authority {
    /// The delegations that let a key govern a unit; the named one first.
    fn governing(
        &self,
        issuer: Issuer<'_>,
        named: Hash,
    ) -> impl Iterator<Item = &Verified<Delegation>> {
        let granted = self.by_subject.get(&(issuer.key, issuer.unit.clone()));
        let others = granted.into_iter().flatten().filter(move |id| **id != named);
        std::iter::once(named)
            .chain(others.copied())
            .filter_map(|id| self.delegation(&id))
            .filter(|delegation| delegation.value().verbs.covers(VerbSet::GOVERN))
    }

    /// The revocation that ends something for this statement and this envelope, if any.
    pub(crate) fn revoker(
        &self,
        revoked: &Hash,
        statement: Option<&Hash>,
        position: Option<Position<'_>>,
    ) -> Option<Hash> {
        let counts = |revocation: &&Verified<Revocation>| {
            let value = revocation.value();
            let kept = statement.is_some_and(|id| value.keeps.binary_search(id).is_ok())
                || position.is_some_and(|position| keeps(value, position));
            !kept && self.effective(revocation)
        };
        if planted(Bug::IgnoreRevocation) {
            return None;
        }
        self.revocations.get(revoked)?.values().find(counts).map(Verified::id)
    }

    /// Does a revocation count? What it says depends on the set alone: remembered until the set
    /// grows.
    fn effective(&self, revocation: &Verified<Revocation>) -> bool {
        let id = revocation.id();
        if let Some(effective) = self.effects.borrow().get(&id) {
            return *effective;
        }
        let effective = self.judge_revocation(revocation);
        self.effects.borrow_mut().insert(id, effective);
        effective
    }

    fn judge_revocation(&self, revocation: &Verified<Revocation>) -> bool {
        let (id, value) = (revocation.id(), revocation.value());
        let delegation = self.delegation(&value.revokes);
        let suspension = self.suspensions.get(&value.revokes);
        let of = match (delegation, suspension) {
            (Some(delegation), _) => delegation.value().issued_by(),
            (None, Some(suspension)) => suspension.value().issued_by(),
            (None, None) => return false,
        };
        let issuer = value.issued_by();
        let mut search = Search::new(self, Demand::default());
        if value.proof.is_none() {
            return search.supported(&id, issuer, Rank::Any).is_ok();
        }
        // What the root's keys signed, only they withdraw.
        if of.proof.is_none() {
            return false;
        }
        let shared = delegation.is_some_and(|d| shares_govern(d.value()));
        let rank = if strictly_above(issuer.unit, of.unit) {
            Rank::Any
        } else if issuer.unit != of.unit {
            return false;
        } else if issuer.key == of.key && !shared {
            Rank::Any
        } else {
            // A key that took the place of a lost one withdraws what the lost one granted.
            Rank::Founded
        };
        search.supported(&id, issuer, rank).is_ok()
    }

    /// Is a statement with no term of its own in force at a time?
    pub(crate) fn in_force(&self, statement: &Hash, issuer: Issuer<'_>, at_ms: u64) -> bool {
        let demand = Demand { at_ms: Some(at_ms), ..Demand::default() };
        Search::new(self, demand).supported(statement, issuer, Rank::Any).is_ok()
    }

    /// Has a second unit above, or a second key of the city, signed for this caretaker?
    fn caretaker_endorsed(&self, id: &Hash, delegation: &Delegation) -> bool {
        let city = &self.genesis().unit;
        self.endorsements_of(id).any(|endorsement| {
            let value = endorsement.value();
            let other = value.issuer_unit != delegation.issuer_unit || value.issuer_unit == *city;
            let speaks = match value.proof {
                None => {
                    let kept = self.root_act(&endorsement.id(), value.issuer).is_ok();
                    kept || self.is_root(&value.issuer)
                }
                Some(_) => self.in_force(&endorsement.id(), value.issued_by(), value.at_ms),
            };
            value.issuer != delegation.issuer
                && other
                && strictly_above(&value.issuer_unit, &delegation.unit)
                && speaks
        })
    }
}

/// Is a delegation valid at a time, the grace for those cut off included?
pub(crate) fn valid_at(delegation: &Delegation, at_ms: u64) -> Result<(), Refusal> {
    let until_ms = delegation.not_after_ms.saturating_add(delegation.grace_ms);
    if at_ms < delegation.not_before_ms {
        return Err(Refusal::NotYetValid { not_before_ms: delegation.not_before_ms });
    }
    if at_ms > until_ms && !planted(Bug::IgnoreExpiry) {
        return Err(Refusal::Expired { until_ms });
    }
    Ok(())
}

/// Does a watermark of the revocation keep this envelope?
fn keeps(revocation: &Revocation, position: Position<'_>) -> bool {
    revocation.watermarks.iter().any(|mark| {
        mark.document == *position.document
            && mark.author == position.author
            && position.seq <= mark.seq
            && !planted(Bug::IgnoreWatermarks)
    })
}
