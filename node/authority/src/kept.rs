//! Whether a statement is kept: rules 2 to 7 of section 5, in their order.
//!
//! Rule 1 is decoding (`schema-wire`) and the network, which [`crate::Authority::insert`] asks.
//! The answer depends on the statement and on those that it names, and only *waits* may change.

use schema_wire::{Hash, UnitId, Verbs};

use crate::fact::{Act, Endorsement, Fact, Generation, Issued, Passing, RootKeys};
use crate::pins::Pins;
use crate::refusal::Refusal;
use crate::statements::{By, Kept, KeptIssued, LineageGeneration, RootGeneration, Statements};

/// What becomes of a statement.
#[derive(Debug)]
pub(crate) enum Verdict {
    Keep(Kept),
    /// What it waits for: a statement; a charter waits for its own id to be named.
    Waits(Hash),
    Refuse(Refusal),
}

impl Statements {
    /// Judges a statement by the rules. It is not one of the kept ones.
    pub(crate) fn judge(&self, pins: &Pins, id: &Hash, fact: Fact) -> Verdict {
        match fact {
            Fact::Charter(charter) => self.judge_charter(pins, *id, charter),
            Fact::Rotation(rotation, passing) => self.judge_rotation(rotation, passing),
            Fact::Succession(keys, passing) => self.judge_succession(keys, passing),
            Fact::Endorsement(endorsement) => self.judge_endorsement(endorsement),
            Fact::Issued(issued) => self.judge_issued(issued),
        }
    }

    /// Rule 2.
    fn judge_charter(&self, pins: &Pins, id: Hash, generation: Generation) -> Verdict {
        let founded = || self.recognising.of(&(id, generation.unit.clone())).next().is_some();
        if !pins.name(&id) && !founded() {
            return Verdict::Waits(id);
        }
        Verdict::Keep(Kept::Lineage(LineageGeneration { generation, passing: None, lineage: id }))
    }

    /// Rule 3.
    fn judge_rotation(&self, generation: Generation, passing: Passing) -> Verdict {
        if !self.is_kept(&passing.previous) {
            return Verdict::Waits(passing.previous);
        }
        if self.unit_of(&passing.previous).is_some_and(|unit| *unit != generation.unit) {
            return Verdict::Refuse(Refusal::OtherUnit);
        }
        match self.lineage_generation(&passing.previous) {
            Some(before) if before.generation.next == passing.reveal.commitment() => {
                let lineage = before.lineage;
                let passing = Some(passing);
                Verdict::Keep(Kept::Lineage(LineageGeneration { generation, passing, lineage }))
            }
            _ => Verdict::Refuse(Refusal::NotCommitted),
        }
    }

    /// Rule 4.
    fn judge_succession(&self, keys: RootKeys, passing: Passing) -> Verdict {
        match self.root_generation(&passing.previous) {
            Some(before) if before.keys.next.contains(&passing.reveal.commitment()) => {
                Verdict::Keep(Kept::Root(RootGeneration { keys, passing: Some(passing) }))
            }
            None if !self.is_kept(&passing.previous) => Verdict::Waits(passing.previous),
            _ => Verdict::Refuse(Refusal::NotCommitted),
        }
    }

    /// Rule 5.
    fn judge_endorsement(&self, endorsement: Endorsement) -> Verdict {
        let generation = self.root_generation(&endorsement.proof);
        if generation.is_none() && !self.is_kept(&endorsement.proof) {
            return Verdict::Waits(endorsement.proof);
        }
        if !self.is_kept(&endorsement.endorses) {
            return Verdict::Waits(endorsement.endorses);
        }
        let signs = generation.is_some_and(|generation| self.signs(&endorsement, generation));
        if signs {
            Verdict::Keep(Kept::Endorsement(endorsement))
        } else {
            Verdict::Refuse(Refusal::NoRootKey)
        }
    }

    /// Does the signature count under a root act of this generation, or under its succession?
    fn signs(&self, endorsement: &Endorsement, generation: &RootGeneration) -> bool {
        if let Some(act) = self.issued(&endorsement.endorses) {
            return act.by == By::Root
                && act.issued.proof == endorsement.proof
                && generation.keys.roots.contains(&endorsement.issuer);
        }
        let endorsed = self.root_generation(&endorsement.endorses);
        let passing = endorsed.and_then(|succession| succession.passing.as_ref());
        passing.is_some_and(|passing| passing.previous == endorsement.proof)
            && generation.keys.next.contains(&endorsement.issuer.commitment())
    }

    /// Rules 6 and 7.
    fn judge_issued(&self, issued: Issued) -> Verdict {
        if issued.act.below().is_some_and(|below| !issued.unit.contains(below)) {
            return Verdict::Refuse(Refusal::OutsideTerritory);
        }
        match self.basis(&issued) {
            Ok(Some(by)) => Verdict::Keep(Kept::Issued(KeptIssued { issued, by })),
            Ok(None) => Verdict::Waits(issued.proof),
            Err(refusal) => Verdict::Refuse(refusal),
        }
    }

    /// Rule 7: by what the issuer speaks for the unit; none while the proof is not kept.
    fn basis(&self, issued: &Issued) -> Result<Option<By>, Refusal> {
        if let Some(generation) = self.root_generation(&issued.proof) {
            return self.by_root(issued, generation).map(Some);
        }
        if let Some(proof) = self.lineage_generation(&issued.proof) {
            return by_key(issued, proof).map(Some);
        }
        match self.issued(&issued.proof) {
            Some(proof) => by_delegation(issued, proof).map(Some),
            None if self.is_kept(&issued.proof) => Err(Refusal::OtherIssuer),
            None => Ok(None),
        }
    }

    /// (c)
    fn by_root(&self, issued: &Issued, generation: &RootGeneration) -> Result<By, Refusal> {
        if issued.unit != self.city || !generation.keys.roots.contains(&issued.issuer) {
            return Err(Refusal::OtherIssuer);
        }
        match issued.act {
            Act::Founding(_)
            | Act::Ending(_)
            | Act::Suspension { .. }
            | Act::Dissolution { .. } => Ok(By::Root),
            Act::Delegation(_) | Act::Adoption { .. } | Act::Card { .. } | Act::Address { .. } => {
                Err(Refusal::KindNotGranted)
            }
        }
    }
}

/// (a)
fn by_key(issued: &Issued, proof: &LineageGeneration) -> Result<By, Refusal> {
    if proof.generation.unit != issued.unit || proof.generation.key != issued.issuer {
        return Err(Refusal::OtherIssuer);
    }
    if matches!(issued.act, Act::Address { .. }) {
        return Err(Refusal::KindNotGranted);
    }
    speaks_of_a_unit_below(issued)?;
    Ok(By::Key(proof.lineage))
}

/// (b) and (d)
fn by_delegation(issued: &Issued, proof: &KeptIssued) -> Result<By, Refusal> {
    let (Some(grant), Some(lineage)) = (proof.grant(), proof.by.lineage()) else {
        return Err(Refusal::OtherIssuer);
    };
    if proof.issued.unit != issued.unit || grant.subject != issued.issuer {
        return Err(Refusal::OtherIssuer);
    }
    if matches!(issued.act, Act::Address { .. }) {
        return Ok(By::Member(lineage));
    }
    if !grant.verbs.covers(Verbs::GOVERN) {
        return Err(Refusal::OtherIssuer);
    }
    if matches!(&issued.act, Act::Delegation(made) if made.verbs.covers(Verbs::GOVERN)) {
        return Err(Refusal::KindNotGranted);
    }
    speaks_of_a_unit_below(issued)?;
    Ok(By::Deputy(lineage))
}

/// What (a) and (b) ask beside rule 6: a unit recognises or suspends others, never itself.
fn speaks_of_a_unit_below(issued: &Issued) -> Result<(), Refusal> {
    let of_itself = |below: &UnitId| *below == issued.unit;
    if issued.act.below().is_some_and(of_itself) {
        return Err(Refusal::OutsideTerritory);
    }
    Ok(())
}
