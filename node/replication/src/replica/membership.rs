//! Who a node is by what is kept, and a peer's chain while it is read (section 9.3).

use node_authority::{Authority, Prospect};
use schema_wire::{Hash, Ms, Reads, Reason, Statement, Verbs, VerifiedStatement, Verifier};

use crate::session::{Claim, Code, Member};

/// A peer's chain, read on an excerpt of what is kept: nothing of it is believed before the peer
/// is a member by it.
#[derive(Debug)]
pub(crate) struct Chain {
    excerpt: Authority,
    /// All of them, in their order.
    ids: Vec<Hash>,
    /// Those that were not kept here before.
    added: Vec<VerifiedStatement>,
}

impl Chain {
    pub(super) fn begin(authority: &Authority, claim: &Claim) -> Self {
        let excerpt = authority.excerpt(&claim.key, &claim.unit);
        Self { excerpt, ids: Vec::new(), added: Vec::new() }
    }

    /// Takes the next statement, if it is kept by those before it. The signature is checked last:
    /// a stranger makes nobody compute for what the rules refuse.
    pub(super) fn follow(
        &mut self,
        authority: &Authority,
        statement: Statement,
        verifier: &dyn Verifier,
    ) -> Result<(), Reason> {
        let id = statement.id();
        authority.supply(&mut self.excerpt, &id, &statement.claims());
        match self.excerpt.prospect(&id, &statement.claims()) {
            Prospect::Kept => {}
            Prospect::Waits(what) => return Err(not_kept(format!("waits for {what}"))),
            Prospect::Refused(refusal) => return Err(not_kept(refusal.to_string())),
        }
        if !self.excerpt.is_kept(&id) {
            let verified = statement.verify_with(verifier);
            let verified = verified.map_err(|error| not_kept(error.to_string()))?;
            self.excerpt.insert(&verified);
            self.added.push(verified);
        }
        self.ids.push(id);
        Ok(())
    }

    /// Who the peer is by this delegation of the chain.
    pub(super) fn close(self, delegation: &Hash, claim: &Claim, now: Ms) -> Shown {
        let mut by_it = self.excerpt.memberships_in(&claim.unit, &claim.key);
        let shows = by_it.any(|membership| {
            membership.delegation == *delegation && membership.lineage == claim.lineage
        });
        if !shows {
            return Shown::Nobody;
        }
        if !member(&self.excerpt, claim, now).is_member() {
            return match self.excerpt.candidates(&claim.unit).contains(&claim.lineage) {
                true => Shown::Rival(self.excerpt.followed(&claim.unit)),
                false => Shown::Nobody,
            };
        }
        let support = self.excerpt.support(delegation, &self.ids);
        let mut added = self.added;
        added.retain(|statement| support.contains(&statement.id()));
        Shown::Member(added)
    }
}

/// Who a chain shows its sender to be.
#[derive(Debug)]
pub(super) enum Shown {
    /// A member, with what shows it and was not kept here.
    Member(Vec<VerifiedStatement>),
    /// Of a lineage that units above recognise as a unit; here another is followed for it, or none.
    Rival(Option<Hash>),
    Nobody,
}

fn not_kept(why: String) -> Reason {
    Code::NoDelegation.because(&why)
}

/// Who a node is now (section 8): by all its delegations in the lineage that it claims.
pub(super) fn member(authority: &Authority, claim: &Claim, now: Ms) -> Member {
    let Claim { key, unit, lineage } = claim.clone();
    let own = authority.pins();
    let led = if unit == *own.unit() { Some(own.lineage()) } else { authority.followed(&unit) };
    let (mut inside, mut outside) = (None, None);
    let (mut governs, mut until) = (false, Ms::MAX);
    let mut add = |side: &mut Option<Reads>, reads: Reads, end: Ms| {
        *side = Some(side.map_or(reads, |side| side.with(reads)));
        until = until.min(end);
    };
    for by in authority.memberships_in(&unit, &key).filter(|by| by.lineage == lineage) {
        if let Some(end) = by.inside.filter(|end| now <= *end && led == Some(lineage)) {
            add(&mut inside, by.reads, end);
            governs |= authority.verbs(&by.delegation).covers(Verbs::GOVERN);
        }
        if let Some(end) = by.outside.filter(|end| now <= *end) {
            add(&mut outside, by.reads, end);
        }
    }
    Member { key, unit, lineage, inside, outside, governs, until }
}
