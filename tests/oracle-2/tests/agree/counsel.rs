//! Random statements about other statements, and about envelopes and root keys.

use rand::RngExt;
use rand::seq::IndexedRandom;
use schema_wire::{
    Adoption, Delegation, Endorsement, Hash, Revocation, Succession, Suspension, UnitId, Verified,
    VerifiedStatement, Watermark,
};

use crate::draw::{Draw, Speaker, holder};
use crate::universe::any_time;

/// What can be revoked, and by whom it was said.
struct Target {
    id: Hash,
    issuer: Speaker,
}

impl Draw<'_> {
    pub(crate) fn revoke(&mut self) {
        let Some(target) = self.target() else { return };
        let chosen = match self.rng.random_range(0..10) {
            0..4 => target.issuer.clone(),
            4..8 => self.at_or_above(&target.issuer.unit),
            8 => self.root(),
            _ => self.speaker(),
        };
        let speaker = self.spoilt(chosen);
        let keeping = if self.rng.random_bool(0.6) { 0.4 } else { 0.0 };
        let keeps = self.some_of_what_was_said(keeping);
        let watermarks = self.watermarks(target.id);
        let sealed = self.universe.seal(Revocation {
            network: speaker.network,
            issuer: speaker.key,
            issuer_unit: speaker.unit,
            proof: speaker.proof,
            revokes: target.id,
            watermarks,
            keeps,
            at_ms: any_time(self.rng),
        });
        self.push(VerifiedStatement::Revocation(sealed), speaker.proof.is_none());
    }

    /// Mostly a delegation, at times a suspension, rarely what cannot be revoked.
    fn target(&mut self) -> Option<Target> {
        let network = self.genesis.network();
        let speaker = |issuer, unit: &UnitId, proof| {
            let (key, unit) = (issuer, unit.clone());
            Speaker { network, key, unit, proof }
        };
        let grants: Vec<Target> = self
            .grants()
            .map(|it| (it.id(), it.value()))
            .map(|(id, it)| Target { id, issuer: speaker(it.issuer, &it.issuer_unit, it.proof) })
            .collect();
        let suspensions: Vec<Target> = self
            .suspensions()
            .map(|it| (it.id(), it.value()))
            .map(|(id, it)| Target { id, issuer: speaker(it.issuer, &it.issuer_unit, it.proof) })
            .collect();
        let wild = self.rng.random_bool(0.02);
        let strange = self.said.choose(self.rng).map(VerifiedStatement::id).filter(|_| wild);
        if let Some(id) = strange {
            return Some(Target { id, issuer: self.speaker() });
        }
        let of_suspensions = !suspensions.is_empty() && self.rng.random_bool(0.4);
        let mut targets = if of_suspensions { suspensions } else { grants };
        let chosen = self.rng.random_range(0..targets.len().max(1));
        (chosen < targets.len()).then(|| targets.swap_remove(chosen))
    }

    /// Whoever governs this unit or one above it, if anybody does.
    fn at_or_above(&mut self, unit: &UnitId) -> Speaker {
        let above: Vec<Speaker> =
            self.grants().filter(|it| it.value().unit.contains(unit)).map(holder).collect();
        above.choose(self.rng).cloned().unwrap_or_else(|| self.root())
    }

    /// Watermarks of logs that delegations of this set allow, that one above all; one for each log.
    fn watermarks(&mut self, target: Hash) -> Vec<Watermark> {
        let about = self.rng.random_bool(0.5);
        let meant = |it: &&Verified<Delegation>| !about || it.id() == target;
        let grants: Vec<Delegation> =
            self.grants().filter(meant).map(|it| it.value().clone()).collect();
        let count = [0, 0, 1, 2, 4].choose(self.rng).copied().unwrap_or(0);
        let mut marks: Vec<Watermark> = Vec::new();
        for _ in 0..count {
            let Some(under) = grants.choose(self.rng) else { break };
            let place = self.place(under);
            let (document, author) = (place.document, place.author);
            marks.push(Watermark { document, author, seq: place.seq });
        }
        marks.sort();
        marks.dedup_by(|a, b| a.document == b.document && a.author == b.author);
        marks
    }

    fn some_of_what_was_said(&mut self, share: f64) -> Vec<Hash> {
        let ids = self.said.iter().map(VerifiedStatement::id);
        let mut some: Vec<Hash> = ids.filter(|_| self.rng.random_bool(share)).collect();
        some.sort_unstable();
        some
    }

    /// A second signature, mostly where one is needed.
    pub(crate) fn endorse(&mut self) {
        let needy = |said: &&VerifiedStatement| match said {
            VerifiedStatement::Delegation(it) => {
                let value = it.value();
                value.proof.is_none() || value.unit != value.issuer_unit
            }
            VerifiedStatement::Succession(_) => true,
            _ => false,
        };
        let any = self.rng.random_bool(0.2);
        let said: Vec<_> = self.said.iter().filter(|said| any || needy(said)).collect();
        let Some(id) = said.choose(self.rng).map(|said| said.id()) else { return };
        let speaker = if self.rng.random_bool(0.5) { self.root() } else { self.speaker() };
        self.second(speaker, id);
    }

    pub(crate) fn second(&mut self, speaker: Speaker, endorses: Hash) {
        let speaker = self.spoilt(speaker);
        let sealed = self.universe.seal(Endorsement {
            network: speaker.network,
            issuer: speaker.key,
            issuer_unit: speaker.unit,
            proof: speaker.proof,
            endorses,
            at_ms: any_time(self.rng),
        });
        // What seconds is not seconded in turn, or a draw might never end.
        self.push(VerifiedStatement::Endorsement(sealed), false);
    }

    pub(crate) fn suspend(&mut self) {
        let chosen = self.speaker();
        let speaker = self.spoilt(chosen);
        let below = self.universe.unit_below(self.rng, &speaker.unit);
        let stray = self.rng.random_bool(0.05);
        let unit = below.filter(|_| !stray).unwrap_or_else(|| self.universe.any_unit(self.rng));
        let sealed = self.universe.seal(Suspension {
            network: speaker.network,
            issuer: speaker.key,
            issuer_unit: speaker.unit,
            proof: speaker.proof,
            unit,
            reason: String::new(),
            at_ms: any_time(self.rng),
        });
        self.push(VerifiedStatement::Suspension(sealed), speaker.proof.is_none());
    }

    pub(crate) fn adopt(&mut self) {
        let chosen = self.speaker();
        let speaker = self.spoilt(chosen);
        let envelopes = self.universe.envelopes.iter().copied();
        let envelopes = envelopes.filter(|_| self.rng.random_bool(0.5)).collect();
        let sealed = self.universe.seal(Adoption {
            network: speaker.network,
            issuer: speaker.key,
            issuer_unit: speaker.unit,
            proof: speaker.proof,
            envelopes,
            at_ms: any_time(self.rng),
        });
        self.push(VerifiedStatement::Adoption(sealed), speaker.proof.is_none());
    }

    /// New root keys, mostly after the latest ones, at times beside them.
    pub(crate) fn succeed(&mut self) {
        let first = (Hash(self.genesis.network().0), self.genesis.roots.clone());
        let drawn = self.successions().map(|it| (it.id(), it.value().roots.clone()));
        let generations: Vec<_> = std::iter::once(first).chain(drawn).collect();
        let (previous, roots) = generations.choose(self.rng).expect("the genesis is one").clone();
        let mut chosen = self.root();
        chosen.key = *roots.choose(self.rng).expect("a generation has roots");
        let speaker = self.spoilt(chosen);
        let keeping = if self.rng.random_bool(0.8) { 0.75 } else { 0.0 };
        let keeps = self.some_of_what_was_said(keeping);
        let (roots, threshold) = self.universe.roots(self.rng, 4);
        let sealed = self.universe.seal(Succession {
            network: speaker.network,
            issuer: speaker.key,
            issuer_unit: speaker.unit,
            previous,
            roots,
            threshold,
            keeps,
            at_ms: any_time(self.rng),
        });
        self.push(VerifiedStatement::Succession(sealed), true);
    }
}
