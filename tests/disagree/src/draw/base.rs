//! What every case begins with: a genesis, a small tree that is founded, members and a few logs.

use tests_oracle::case::Record;

use super::make::{ascending, commitment};
use super::world::{By, Generation, Grant, Issuer, LATEST, RootGeneration, Window, World};

/// Trees, the city first; some units begin alike.
const TREES: [&[&str]; 9] = [
    &["c", "c/d"],
    &["c", "c/d", "c/d2"],
    &["c", "c/d", "c/e"],
    &["c", "c/d", "c/d/s"],
    &["c", "c/d", "c/d/s", "c/d2"],
    &["c", "c/d", "c/d/s", "c/d/s/u"],
    &["c", "c/d/s"],
    &["c", "c2", "c/d"],
    &["a/c", "a/c/d", "a/c/d/s", "a"],
];

impl World {
    /// The beginning of a case.
    pub(crate) fn found(&mut self) {
        let keys = self.chance.between(6, 10);
        self.keys = (0..keys).map(|at| format!("k{}", char::from(b'a' + at as u8))).collect();
        self.units = self.chance.pick(&TREES).iter().map(|unit| (*unit).to_owned()).collect();
        self.genesis();
        for at in 0..self.units.len() {
            let unit = self.units[at].clone();
            let lineage = self.charter(&unit);
            self.recognise(lineage);
        }
        let own = self.chance.below(self.units.len());
        if self.chance.percent(12) {
            let former = self.stranger(&self.units[own].clone());
            self.case.own.former.push(former.id);
        }
        self.case.own.unit = self.units[own].clone();
        self.case.own.lineage = self.lineages[own].id().to_owned();
        for at in 0..self.units.len() {
            let share = if at == own { 85 } else { 45 };
            if self.chance.percent(share) {
                self.governor(at);
            }
            if self.chance.percent(share) {
                self.writer(at);
            }
        }
        for _ in 0..self.chance.below(3) {
            self.some_log(3);
        }
    }

    fn genesis(&mut self) {
        let id = self.id();
        let mut keys = self.keys.clone();
        self.chance.shuffle(&mut keys);
        let count = self.chance.weighted(&[(5, 1), (4, 2), (2, 3)]);
        let roots = ascending(keys.drain(..count).collect());
        let count = self.chance.weighted(&[(4, 1), (4, 2), (2, 3)]);
        let papers = ascending(keys.drain(..count).collect());
        let threshold = self.chance.weighted(&[(7, 1), (3, roots.len().min(2))]) as u8;
        let genesis = &mut self.case.genesis;
        genesis.id = id.clone();
        genesis.unit = self.units[0].clone();
        genesis.roots = roots.clone();
        genesis.threshold = threshold;
        genesis.next = papers.iter().map(|key| commitment(key)).collect();
        genesis.next_threshold = self.chance.between(1, papers.len()) as u8;
        self.roots.push(RootGeneration { id, roots, threshold, papers });
    }

    /// Founds a lineage from its nearest unit above that has one, or by the root.
    pub(crate) fn recognise(&mut self, lineage: usize) -> String {
        let unit = self.lineages[lineage].unit.clone();
        let id = self.lineages[lineage].id().to_owned();
        let issuer =
            if unit == self.units[0] { self.root_issuer() } else { self.issuer_above(&unit) };
        let window = self.window();
        self.founding(&issuer, &unit, &id, window)
    }

    /// A member with GOVERN.
    pub(crate) fn governor(&mut self, lineage: usize) -> Grant {
        let generations = self.generation_issuers(lineage);
        let issuer = generations[generations.len() - 1].clone();
        let verbs = self.chance.weighted(&[(2, 1), (3, 3)]);
        self.member(&issuer, verbs)
    }

    /// A member with WRITE.
    pub(crate) fn writer(&mut self, lineage: usize) -> Grant {
        let issuer = self.issuer_in(lineage);
        self.member(&issuer, 2)
    }

    /// A member with these verbs, and mostly with every class and bit of `reads`.
    pub(crate) fn member(&mut self, issuer: &Issuer, verbs: u8) -> Grant {
        let subject = self.key();
        let window = self.window();
        let reads =
            self.chance.weighted(&[(5, 31), (1, 16), (1, 15), (1, 1), (1, 2), (1, 22), (1, 0)]);
        let classes: &[(u8, u8)] = self.chance.weighted(&[
            (6, [(0, 223)].as_slice()),
            (1, &[(0, 127)]),
            (1, &[(128, 223)]),
            (1, &[(0, 63), (128, 143)]),
            (1, &[(64, 64), (160, 192)]),
            (1, &[]),
        ]);
        let id = self.delegation(issuer, &subject, (verbs, reads, classes), window);
        self.grant(&id)
    }

    /// The delegation with this id, which was drawn.
    pub(crate) fn grant(&self, id: &str) -> Grant {
        let none = || Grant {
            id: id.to_owned(),
            unit: self.units[0].clone(),
            lineage: None,
            subject: "kz".to_owned(),
            verbs: 0,
            classes: Vec::new(),
            window: Window { not_before: 0, not_after: LATEST },
        };
        self.grants.iter().find(|grant| grant.id == id).cloned().unwrap_or_else(none)
    }

    /// A delegation that writes, of a lineage; there will be one.
    pub(crate) fn writer_of(&mut self, lineage: usize) -> Grant {
        let of: Vec<Grant> = self
            .grants
            .iter()
            .filter(|grant| grant.lineage == Some(lineage) && grant.verbs & 2 == 2)
            .cloned()
            .collect();
        match self.chance.any(&of) {
            Some(grant) => grant.clone(),
            None => self.writer(lineage),
        }
    }

    /// A log by some writer.
    pub(crate) fn some_log(&mut self, most: usize) -> Vec<usize> {
        let lineage = self.any_lineage();
        let grant = self.writer_of(lineage);
        let document = self.document(&grant);
        let length = self.chance.between(1, most);
        self.log(&grant, &document, length)
    }

    /// An issuer that a grant gives.
    pub(crate) fn issuer_by(&self, grant: &Grant) -> Issuer {
        Issuer {
            unit: grant.unit.clone(),
            lineage: grant.lineage,
            proof: grant.id.clone(),
            key: grant.subject.clone(),
            by: By::Delegation,
        }
    }

    /// A charter that nothing founds.
    pub(crate) fn stranger(&mut self, unit: &str) -> Generation {
        let key = self.key();
        let paper = self.key_but(std::slice::from_ref(&key));
        let at = self.when();
        let id = self.add(Record::Charter {
            unit: unit.to_owned(),
            key: key.clone(),
            next: commitment(&paper),
            at,
        });
        Generation { id, key, paper }
    }
}
