//! Random delegations: founding, sharing, clerks, caretakers, and second ways to the root.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use schema_wire::limits::CARETAKER_MS_MAX;
use schema_wire::{Delegation, Hash, UnitId, VerbSet, Verified, VerifiedStatement};

use crate::draw::{Draw, Speaker, governs, holder};
use crate::universe::{TIMES, any_classes};

/// What a delegation is drawn for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Found,
    Share,
    Clerk,
    Caretaker,
}

impl Draw<'_> {
    /// A key for a unit below; the root's keys sometimes make one for the city itself.
    pub(crate) fn found(&mut self, speaker: Speaker) {
        let below = self.universe.unit_below(self.rng, &speaker.unit);
        let for_itself = speaker.proof.is_none() && self.rng.random_bool(0.35);
        match below.filter(|_| !for_itself) {
            Some(unit) => self.grant(speaker, unit, Sort::Found),
            None => self.grant_within(speaker, Sort::Share),
        };
    }

    /// Another key for a unit: mostly from a key it was founded with, else from one that it was
    /// shared with, round about perhaps.
    pub(crate) fn share(&mut self) {
        let founding = |it: &Delegation| governs(it) && it.unit != it.issuer_unit;
        let founders: Vec<Speaker> =
            self.grants().filter(|it| founding(it.value())).map(holder).collect();
        let founder = founders.choose(self.rng).cloned();
        let often = self.rng.random_bool(0.8);
        let speaker = founder.filter(|_| often).unwrap_or_else(|| self.speaker());
        self.grant_within(speaker, Sort::Share);
    }

    pub(crate) fn clerk(&mut self) {
        let speaker = self.speaker();
        self.grant_within(speaker, Sort::Clerk);
    }

    pub(crate) fn caretaker(&mut self) {
        let speaker = self.speaker();
        let Some(unit) = self.universe.unit_below(self.rng, &speaker.unit) else { return };
        let made = self.grant(speaker, unit, Sort::Caretaker);
        if self.rng.random_bool(0.75) {
            let seconder = if self.rng.random_bool(0.3) { self.root() } else { self.speaker() };
            self.second(seconder, made);
        }
    }

    /// A second delegation of the same subject for the same unit, often from other hands.
    pub(crate) fn twin(&mut self) {
        let governing = self.grants().map(Verified::value).filter(|it| governs(it));
        let governing: Vec<Delegation> = governing.cloned().collect();
        let Some(mut twin) = governing.choose(self.rng).cloned() else { return };
        let above = |it: &Delegation| governs(it) && it.unit.contains(&twin.unit);
        let others: Vec<Speaker> =
            self.grants().filter(|it| above(it.value())).map(holder).collect();
        if let Some(other) = others.choose(self.rng).filter(|_| self.rng.random_bool(0.7)) {
            twin.issuer = other.key;
            twin.issuer_unit = other.unit.clone();
            twin.proof = other.proof;
        }
        twin.serial += 1;
        twin.classes = any_classes(self.rng);
        (twin.not_before_ms, twin.not_after_ms, twin.grace_ms) = lifetime(self.rng, Sort::Found);
        self.push_grant(twin);
    }

    fn grant_within(&mut self, speaker: Speaker, sort: Sort) -> Hash {
        let unit = speaker.unit.clone();
        self.grant(speaker, unit, sort)
    }

    fn grant(&mut self, speaker: Speaker, unit: UnitId, sort: Sort) -> Hash {
        let speaker = self.spoilt(speaker);
        let stray = self.rng.random_bool(0.02);
        let unit = if stray { self.universe.any_unit(self.rng) } else { unit };
        let (not_before_ms, not_after_ms, grace_ms) = lifetime(self.rng, sort);
        let grant = Delegation {
            network: speaker.network,
            issuer: speaker.key,
            issuer_unit: speaker.unit,
            proof: speaker.proof,
            subject: self.universe.any_key(self.rng),
            unit,
            verbs: verbs(self.rng, sort),
            classes: any_classes(self.rng),
            not_before_ms,
            not_after_ms,
            grace_ms,
            serial: self.rng.random_range(0..=1),
        };
        self.push_grant(grant)
    }

    fn push_grant(&mut self, grant: Delegation) -> Hash {
        let by_root = grant.proof.is_none();
        let sealed = self.universe.seal(grant);
        let id = sealed.id();
        self.push(VerifiedStatement::Delegation(sealed), by_root);
        id
    }
}

/// The verbs of its sort; rarely any.
fn verbs(rng: &mut ChaCha8Rng, sort: Sort) -> VerbSet {
    if rng.random_bool(0.04) {
        return VerbSet(rng.random_range(0..8));
    }
    let (govern, write, read) = (VerbSet::GOVERN, VerbSet::WRITE, VerbSet::READ);
    match sort {
        Sort::Share if rng.random_bool(0.3) => govern.with(write).with(read),
        Sort::Found | Sort::Share => govern.with(read),
        Sort::Clerk if rng.random_bool(0.1) => read,
        Sort::Clerk | Sort::Caretaker if rng.random_bool(0.2) => write,
        Sort::Clerk | Sort::Caretaker => write.with(read),
    }
}

/// Not before, not after and grace: mostly most of the time there is, at times back to front.
fn lifetime(rng: &mut ChaCha8Rng, sort: Sort) -> (u64, u64, u64) {
    let from = if rng.random_bool(0.6) { 0 } else { rng.random_range(0..=TIMES / 2) };
    let until = if rng.random_bool(0.6) { TIMES } else { rng.random_range(0..=TIMES) };
    let strict = sort == Sort::Caretaker && rng.random_bool(0.95);
    let grace = match rng.random_range(0..10) {
        _ if strict => 0,
        0 => u64::MAX,
        1..4 => rng.random_range(1..=2),
        _ => 0,
    };
    let longest = from + CARETAKER_MS_MAX;
    let until = match rng.random_range(0..20) {
        0 => longest,
        1 => longest + 1,
        _ => until,
    };
    (from, until, grace)
}
