//! Kept or not, and the chains (sections 4 and 5).

use tests_oracle::case::{Mark, Record, Scope};

use super::{GENESIS, Place, Quick};
use crate::words::issued;

fn ascending<T: Ord>(list: &[T]) -> bool {
    list.windows(2).all(|pair| pair[0] < pair[1])
}

pub(crate) fn contains(above: &str, below: &str) -> bool {
    below.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn commits(next: &str, key: &str) -> bool {
    next.strip_prefix("h:") == Some(key)
}

fn well_made(record: &Record) -> bool {
    match record {
        Record::Charter { key, next, .. } => !commits(next, key),
        Record::Rotation { reveal, key, next, keeps, .. } => {
            key != reveal && !commits(next, key) && !commits(next, reveal) && ascending(keeps)
        }
        Record::Succession { reveal, roots, threshold, next, next_threshold, keeps, .. } => {
            ascending(roots)
                && ascending(next)
                && ascending(keeps)
                && (1..=roots.len()).contains(&usize::from(*threshold))
                && (1..=next.len()).contains(&usize::from(*next_threshold))
                && !roots.contains(reveal)
                && !next.iter().any(|hash| commits(hash, reveal))
                && !next.iter().any(|hash| roots.iter().any(|root| commits(hash, root)))
        }
        Record::Delegation { verbs, reads, not_before, not_after, classes, .. } => {
            not_before <= not_after
                && (*verbs > 0 || *reads > 0)
                && classes.iter().all(|(first, last)| first <= last)
        }
        Record::Founding { not_before, not_after, .. } => not_before <= not_after,
        Record::Ending { keeps, .. } => ascending(keeps),
        Record::Dissolution { below, successors, .. } => {
            ascending(successors) && !successors.iter().any(|unit| contains(below, unit))
        }
        Record::Adoption { unit, scope, marks, .. } => marks_well_made(unit, scope, marks),
        Record::Address { at, until, .. } => at < until && until - at <= 2_678_400_000,
        _ => true,
    }
}

fn marks_well_made(unit: &str, scope: &Scope, marks: &[Mark]) -> bool {
    let Scope::Own(of, compartment) = scope else { return false };
    let inside = marks.iter().all(|mark| {
        mark.seq > 0
            && mark.document.0 == *unit
            && crate::world::compartment(mark.document.1) == *compartment
    });
    let logs: Vec<_> =
        marks.iter().map(|mark| (&mark.document, &mark.author, &mark.incarnation)).collect();
    of == unit && !marks.is_empty() && ascending(&logs) && inside
}

impl Quick<'_> {
    pub(super) fn keep(&mut self) {
        loop {
            let mut grew = false;
            for place in 0..self.kept.len() {
                if self.kept[place] == b'w' {
                    self.kept[place] = self.ask(place);
                    grew |= self.kept[place] != b'w';
                    if self.kept[place] == b'k' {
                        self.lineages[place] = self.lineage(place);
                    }
                }
            }
            if !grew {
                break;
            }
        }
    }

    fn lineage(&self, place: Place) -> Option<Place> {
        match self.record(place) {
            Record::Charter { .. } => Some(place),
            Record::Rotation { previous, .. } => self.lineages[self.place(previous)?],
            record => {
                let proof = self.place(issued(record)?.1)?;
                if proof == GENESIS { None } else { self.lineages[proof] }
            }
        }
    }

    pub(super) fn lineage_of(&self, place: Place) -> Option<Place> {
        if place == GENESIS { None } else { self.lineages[place] }
    }

    /// Whether this id is the genesis or a kept succession.
    fn root_generation(&self, id: &str) -> Option<Place> {
        let place = self.place(id).filter(|&place| self.is_kept(place))?;
        let root = place == GENESIS || matches!(self.record(place), Record::Succession { .. });
        root.then_some(place)
    }

    pub(super) fn roots(&self, generation: Place) -> (&[String], u8, &[String], u8) {
        if generation != GENESIS
            && let Record::Succession { roots, threshold, next, next_threshold, .. } =
                self.record(generation)
        {
            return (roots, *threshold, next, *next_threshold);
        }
        let genesis = &self.case.genesis;
        (&genesis.roots, genesis.threshold, &genesis.next, genesis.next_threshold)
    }

    fn ask(&self, place: Place) -> u8 {
        let record = self.record(place);
        if !well_made(record) {
            return b'r';
        }
        let judged = |good| if good { b'k' } else { b'r' };
        match record {
            Record::Charter { unit, .. } => {
                if self.named(place, unit) {
                    b'k'
                } else {
                    b'w'
                }
            }
            Record::Rotation { previous, .. } | Record::Succession { previous, .. }
                if !self.place(previous).is_some_and(|place| self.is_kept(place)) =>
            {
                b'w'
            }
            Record::Rotation { unit, previous, reveal, .. } => judged(
                self.lineage_step(previous)
                    .is_some_and(|(of, next)| of == unit && commits(next, reveal)),
            ),
            Record::Succession { previous, reveal, .. } => {
                judged(self.root_generation(previous).is_some_and(|before| {
                    self.roots(before).2.iter().any(|next| commits(next, reveal))
                }))
            }
            Record::Endorsement { proof, issuer, endorses, .. } => {
                self.ask_endorsement(proof, issuer, endorses)
            }
            record => self.ask_issued(record),
        }
    }

    pub(super) fn pinned(&self, id: &str) -> bool {
        *id == self.case.own.lineage
            || self.case.own.former.iter().any(|one| one == id)
            || self.case.pins.units.values().any(|pin| pin == id)
    }

    fn ask_endorsement(&self, proof: &str, issuer: &str, endorses: &str) -> u8 {
        let endorsed = self.place(endorses).filter(|&n| n != GENESIS && self.is_kept(n));
        let proved = self.place(proof).is_some_and(|place| self.is_kept(place));
        let Some(endorsed) = endorsed.filter(|_| proved) else { return b'w' };
        let Some(of) = self.root_generation(proof) else { return b'r' };
        let (roots, _, next, _) = self.roots(of);
        let good = match self.record(endorsed) {
            Record::Succession { previous, .. } => {
                previous == proof && next.iter().any(|hash| commits(hash, issuer))
            }
            record => {
                issued(record).is_some_and(|(_, by, _)| by == proof)
                    && roots.iter().any(|root| root == issuer)
            }
        };
        if good { b'k' } else { b'r' }
    }

    fn named(&self, place: Place, unit: &str) -> bool {
        let id = self.id(place);
        self.pinned(id)
            || (0..self.kept.len()).any(|other| {
                self.is_kept(other)
                    && matches!(self.record(other), Record::Founding { below, lineage, .. }
                        if below == unit && lineage == id)
            })
    }

    fn lineage_step(&self, previous: &str) -> Option<(&str, &str)> {
        let place = self.place(previous)?;
        if place == GENESIS || !self.is_kept(place) {
            return None;
        }
        match self.record(place) {
            Record::Charter { unit, next, .. } | Record::Rotation { unit, next, .. } => {
                Some((unit, next))
            }
            _ => None,
        }
    }

    fn ask_issued(&self, record: &Record) -> u8 {
        let Some((unit, proof_id, issuer)) = issued(record) else { return b'r' };
        let proof = self.place(proof_id).filter(|&place| self.is_kept(place));
        let city = &self.case.genesis.unit;
        let below = match record {
            Record::Founding { below, .. }
            | Record::Suspension { below, .. }
            | Record::Dissolution { below, .. } => Some(below),
            _ => None,
        };
        if below.is_some_and(|below| !contains(unit, below)) {
            return b'r';
        }
        let Some(proof) = proof else { return b'w' };
        let address = matches!(record, Record::Address { .. });
        let good = if self.root_generation(proof_id).is_some() {
            let kind = below.is_some() || matches!(record, Record::Ending { .. });
            kind && unit == city && self.roots(proof).0.iter().any(|root| root == issuer)
        } else if below.is_some_and(|below| below == unit) {
            false
        } else {
            match self.record(proof) {
                Record::Charter { unit: of, key, .. } | Record::Rotation { unit: of, key, .. } => {
                    of == unit && key == issuer && !address
                }
                Record::Delegation { unit: of, subject, verbs, .. } => {
                    let grants =
                        matches!(record, Record::Delegation { verbs, .. } if verbs & 1 > 0);
                    of == unit && subject == issuer && (address || verbs & 1 > 0 && !grants)
                }
                _ => false,
            }
        };
        if good { b'k' } else { b'r' }
    }

    pub(super) fn follow(&mut self) {
        let mut root = vec![GENESIS];
        while let Some(next) = self.after(root[root.len() - 1]) {
            root.push(next);
        }
        self.root = root;
        for place in 0..self.kept.len() {
            if self.is_kept(place) && matches!(self.record(place), Record::Charter { .. }) {
                let mut chain = vec![place];
                while let Some(next) = self.after(chain[chain.len() - 1]) {
                    chain.push(next);
                }
                self.chains.insert(place, chain);
            }
        }
    }

    fn successors(&self, generation: Place) -> Vec<Place> {
        let id = self.id(generation);
        (0..self.kept.len())
            .filter(|&place| self.is_kept(place) && self.complete(place, id, generation))
            .collect()
    }

    fn after(&self, generation: Place) -> Option<Place> {
        let complete = self.successors(generation);
        if let Some(pin) = self.pin(generation) {
            return complete.into_iter().find(|&place| self.id(place) == pin);
        }
        (complete.len() == 1).then(|| complete[0])
    }

    /// The generations after the one at this place of a chain: the later ones of the chain, and
    /// if it is undecided at its end, every complete successor of the last.
    pub(super) fn later(&self, chain: &[Place], at: usize) -> Vec<Place> {
        let last = chain[chain.len() - 1];
        let mut later = chain[at + 1..].to_vec();
        if self.pin(last).is_none() {
            later.extend(self.successors(last));
        }
        later
    }

    fn pin(&self, generation: Place) -> Option<&String> {
        self.case.pins.generations.get(self.id(generation))
    }

    fn complete(&self, place: Place, id: &str, before: Place) -> bool {
        match self.record(place) {
            Record::Rotation { previous, .. } => previous == id,
            Record::Succession { previous, reveal, roots, next: own, .. } if previous == id => {
                let (_, _, next, threshold) = self.roots(before);
                let mut revealed = vec![reveal];
                for other in (0..self.kept.len()).filter(|&other| self.is_kept(other)) {
                    if let Record::Endorsement { proof, issuer, endorses, .. } = self.record(other)
                        && endorses == self.id(place)
                        && proof == id
                    {
                        revealed.push(issuer);
                    }
                }
                revealed.sort();
                revealed.dedup();
                let good = |key: &&&String| {
                    next.iter().any(|hash| commits(hash, key))
                        && !roots.contains(key)
                        && !own.iter().any(|hash| commits(hash, key))
                };
                revealed.iter().filter(good).count() >= usize::from(threshold)
            }
            _ => false,
        }
    }
}
