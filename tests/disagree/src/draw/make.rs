//! Adding statements: each is right, and rests on what it is given.

use tests_oracle::case::{Record, Statement};

use super::world::{By, Generation, Grant, Issuer, Lineage, RootGeneration, Window, World};

/// The commitment to a key.
pub(crate) fn commitment(key: &str) -> String {
    format!("h:{key}")
}

/// The list in ascending order, without repetitions.
pub(crate) fn ascending<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list.dedup();
    list
}

impl World {
    /// Adds a record, while there is room, and says its id.
    pub(crate) fn add(&mut self, record: Record) -> String {
        let id = self.id();
        if self.room(1) {
            self.case.statements.push(Statement { id: id.clone(), record });
        }
        id
    }

    fn issue(&mut self, issuer: &Issuer, record: Record) -> String {
        let id = self.add(record);
        self.issued.insert(id.clone(), issuer.clone());
        if issuer.by == By::Root {
            self.sign(&id, issuer);
        }
        id
    }

    /// A new lineage of the unit.
    pub(crate) fn charter(&mut self, unit: &str) -> usize {
        let key = self.key();
        let paper = self.key_but(std::slice::from_ref(&key));
        let next = commitment(&paper);
        let at = self.when();
        let id = self.add(Record::Charter { unit: unit.to_owned(), key: key.clone(), next, at });
        let first = Generation { id, key, paper };
        self.lineages.push(Lineage { unit: unit.to_owned(), generations: vec![first] });
        self.lineages.len() - 1
    }

    /// A rotation that follows generation `from`.
    pub(crate) fn rotation(&mut self, lineage: usize, from: usize, keeps: Vec<String>) -> usize {
        let unit = self.lineages[lineage].unit.clone();
        let before = self.lineages[lineage].generations[from].clone();
        let key = self.key_but(std::slice::from_ref(&before.paper));
        let paper = self.key_but(&[before.paper.clone(), key.clone()]);
        let id = self.add(Record::Rotation {
            unit,
            previous: before.id,
            reveal: before.paper,
            key: key.clone(),
            next: commitment(&paper),
            keeps: ascending(keeps),
            at: super::world::NOON,
        });
        self.lineages[lineage].generations.push(Generation { id, key, paper });
        self.lineages[lineage].generations.len() - 1
    }

    /// A succession that follows root generation `from`; endorsements are another affair.
    pub(crate) fn succession(
        &mut self,
        from: usize,
        roots: Vec<String>,
        keeps: Vec<String>,
    ) -> usize {
        let before = self.roots[from].clone();
        let reveal = self.chance.pick(&before.papers).clone();
        let mut roots: Vec<String> = roots.into_iter().filter(|root| *root != reveal).collect();
        if roots.is_empty() {
            roots.push(self.key_but(std::slice::from_ref(&reveal)));
        }
        let roots = ascending(roots);
        let mut used = roots.clone();
        used.push(reveal.clone());
        let mut papers = vec![self.key_but(&used)];
        papers.extend((0..self.chance.below(2)).map(|_| self.key_but(&used)).collect::<Vec<_>>());
        let papers = ascending(papers);
        let threshold = self.chance.between(1, roots.len()) as u8;
        let next = ascending(papers.iter().map(|key| commitment(key)).collect());
        let next_threshold = self.chance.between(1, next.len()) as u8;
        let id = self.add(Record::Succession {
            previous: before.id,
            reveal,
            roots: roots.clone(),
            threshold,
            next,
            next_threshold,
            keeps: ascending(keeps),
            at: super::world::NOON,
        });
        self.roots.push(RootGeneration { id, roots, threshold, papers });
        self.roots.len() - 1
    }

    /// A delegation.
    pub(crate) fn delegation(
        &mut self,
        issuer: &Issuer,
        subject: &str,
        rights: (u8, u8, &[(u8, u8)]),
        window: Window,
    ) -> String {
        let (verbs, reads, classes) = rights;
        let serial = self.chance.below(3) as u64;
        let record = Record::Delegation {
            unit: issuer.unit.clone(),
            proof: issuer.proof.clone(),
            issuer: issuer.key.clone(),
            subject: subject.to_owned(),
            verbs,
            reads,
            classes: classes.to_vec(),
            not_before: window.not_before,
            not_after: window.not_after,
            serial,
        };
        let id = self.issue(issuer, record);
        self.windows.insert(id.clone(), window);
        self.grants.push(Grant {
            id: id.clone(),
            unit: issuer.unit.clone(),
            lineage: issuer.lineage,
            subject: subject.to_owned(),
            verbs,
            classes: classes.to_vec(),
            window,
        });
        id
    }

    /// A founding of `below` as this lineage.
    pub(crate) fn founding(
        &mut self,
        issuer: &Issuer,
        below: &str,
        lineage: &str,
        window: Window,
    ) -> String {
        let serial = self.chance.below(3) as u64;
        let record = Record::Founding {
            unit: issuer.unit.clone(),
            proof: issuer.proof.clone(),
            issuer: issuer.key.clone(),
            below: below.to_owned(),
            lineage: lineage.to_owned(),
            not_before: window.not_before,
            not_after: window.not_after,
            serial,
        };
        let id = self.issue(issuer, record);
        self.windows.insert(id.clone(), window);
        id
    }

    /// An ending.
    pub(crate) fn ending(
        &mut self,
        issuer: &Issuer,
        ends: &str,
        ran_out: bool,
        keeps: Vec<String>,
        at: u64,
    ) -> String {
        let record = Record::Ending {
            unit: issuer.unit.clone(),
            proof: issuer.proof.clone(),
            issuer: issuer.key.clone(),
            ends: ends.to_owned(),
            ran_out,
            keeps: ascending(keeps),
            at,
        };
        self.issue(issuer, record)
    }

    /// An adoption, a suspension, a dissolution, a card or an address.
    pub(crate) fn other(
        &mut self,
        issuer: &Issuer,
        record: impl FnOnce(String, String, String) -> Record,
    ) -> String {
        let record = record(issuer.unit.clone(), issuer.proof.clone(), issuer.key.clone());
        self.issue(issuer, record)
    }

    /// An endorsement.
    pub(crate) fn endorsement(&mut self, proof: &str, issuer: &str, endorses: &str) -> String {
        self.add(Record::Endorsement {
            proof: proof.to_owned(),
            issuer: issuer.to_owned(),
            endorses: endorses.to_owned(),
        })
    }

    /// Endorses a root act until its threshold is met; now and then not quite, or by wrong keys.
    pub(crate) fn sign(&mut self, act: &str, issuer: &Issuer) {
        let Some(of) = self.roots.iter().find(|root| root.id == issuer.proof).cloned() else {
            return;
        };
        let mut others: Vec<String> =
            of.roots.iter().filter(|root| **root != issuer.key).cloned().collect();
        self.chance.shuffle(&mut others);
        let mut wanted = usize::from(of.threshold).saturating_sub(1);
        match self.chance.below(12) {
            0 => wanted = wanted.saturating_sub(1),
            1 => wanted += 1,
            2 => others = of.papers.clone(),
            _ => {}
        }
        for key in others.iter().take(wanted) {
            self.endorsement(&of.id, key, act);
        }
    }
}
