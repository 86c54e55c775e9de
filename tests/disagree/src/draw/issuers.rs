//! Who may speak for what, among what was drawn.

use tests_oracle::case::Record;

use super::world::{By, Issuer, World, above};

impl World {
    /// The generations of a lineage as issuers, in the order they were drawn.
    pub(crate) fn generation_issuers(&self, lineage: usize) -> Vec<Issuer> {
        let of = &self.lineages[lineage];
        let issuer = |at: usize| self.generation_issuer(lineage, at);
        (0..of.generations.len()).map(issuer).collect()
    }

    /// One generation of a lineage as an issuer.
    pub(crate) fn generation_issuer(&self, lineage: usize, at: usize) -> Issuer {
        let of = &self.lineages[lineage];
        Issuer {
            unit: of.unit.clone(),
            lineage: Some(lineage),
            proof: of.generations[at].id.clone(),
            key: of.generations[at].key.clone(),
            by: By::Generation,
        }
    }

    /// The members of a lineage with GOVERN, as issuers.
    pub(crate) fn governors(&self, lineage: usize) -> Vec<Issuer> {
        let governs = self
            .grants
            .iter()
            .filter(|grant| grant.lineage == Some(lineage) && grant.verbs & 1 == 1);
        governs
            .map(|grant| Issuer {
                unit: grant.unit.clone(),
                lineage: grant.lineage,
                proof: grant.id.clone(),
                key: grant.subject.clone(),
                by: By::Delegation,
            })
            .collect()
    }

    /// A root in one of its generations, mostly the last drawn.
    pub(crate) fn root_issuer(&mut self) -> Issuer {
        let last = self.roots.len() - 1;
        let at = if self.chance.percent(70) { last } else { self.chance.below(last + 1) };
        self.root_issuer_of(at)
    }

    /// A root of this generation.
    pub(crate) fn root_issuer_of(&mut self, at: usize) -> Issuer {
        let of = &self.roots[at];
        Issuer {
            unit: self.case.genesis.unit.clone(),
            lineage: None,
            proof: of.id.clone(),
            key: self.chance.pick(&of.roots).clone(),
            by: By::Root,
        }
    }

    /// An issuer of a lineage: its last generation, a governor, or any generation.
    pub(crate) fn issuer_in(&mut self, lineage: usize) -> Issuer {
        let generations = self.generation_issuers(lineage);
        let governors = self.governors(lineage);
        match self.chance.below(10) {
            0..4 => generations[generations.len() - 1].clone(),
            4..8 => self.chance.any(&governors).cloned().unwrap_or_else(|| generations[0].clone()),
            _ => self.chance.pick(&generations).clone(),
        }
    }

    /// A lineage of this unit, if it has one; mostly its first.
    pub(crate) fn lineage_of(&mut self, unit: &str) -> Option<usize> {
        let of: Vec<usize> =
            (0..self.lineages.len()).filter(|at| self.lineages[*at].unit == unit).collect();
        let first = *of.first()?;
        Some(if self.chance.percent(70) { first } else { *self.chance.pick(&of) })
    }

    /// The lineage of the own unit that the node belongs to, if it was drawn.
    pub(crate) fn own_lineage(&self) -> Option<usize> {
        self.lineages.iter().position(|lineage| lineage.id() == self.case.own.lineage)
    }

    /// Any lineage.
    pub(crate) fn any_lineage(&mut self) -> usize {
        match self.own_lineage() {
            Some(own) if self.chance.percent(40) => own,
            _ => self.chance.below(self.lineages.len()),
        }
    }

    /// An issuer of a unit above this one, or of the root.
    pub(crate) fn issuer_above(&mut self, unit: &str) -> Issuer {
        let over: Vec<usize> =
            (0..self.lineages.len()).filter(|at| above(&self.lineages[*at].unit, unit)).collect();
        match self.chance.any(&over).copied() {
            Some(lineage) if self.chance.percent(75) => self.issuer_in(lineage),
            _ => self.root_issuer(),
        }
    }

    /// Any issuer at all.
    pub(crate) fn any_issuer(&mut self) -> Issuer {
        if self.chance.percent(20) {
            return self.root_issuer();
        }
        let lineage = self.any_lineage();
        self.issuer_in(lineage)
    }

    /// Somebody who mostly may end this statement.
    pub(crate) fn ender(&mut self, of: &str) -> Issuer {
        let Some(issuer) = self.issued.get(of).cloned() else { return self.any_issuer() };
        let Some(lineage) = issuer.lineage else {
            return if self.chance.percent(85) { self.root_issuer() } else { self.any_issuer() };
        };
        let inner =
            matches!(self.statement(of), Some(Record::Delegation { .. } | Record::Adoption { .. }));
        let outside = if inner { 5 } else { 35 };
        match self.chance.below(100) {
            at if at < outside => self.issuer_above(&issuer.unit),
            at if at < 65 => {
                let generations = self.generation_issuers(lineage);
                let last = generations.len() - 1;
                let at = if self.chance.percent(75) { last } else { self.chance.below(last + 1) };
                generations[at].clone()
            }
            at if at < 80 => issuer,
            at if at < 90 => self.issuer_in(lineage),
            _ => self.any_issuer(),
        }
    }
}
