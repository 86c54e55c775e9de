//! What a rotation, succession or ending keeps, and who ends what when.

use tests_oracle::case::Record;

use super::make::ascending;
use super::world::World;

impl World {
    /// What may stand next after this statement in a path, and some that only look like it.
    pub(crate) fn nexts(&self, id: &str) -> Vec<String> {
        let mut next: Vec<String> = Vec::new();
        for (made, issuer) in &self.issued {
            if issuer.proof == id {
                next.push(made.clone());
            }
        }
        if let Some(Record::Founding { lineage, .. }) = self.statement(id) {
            let of = self.lineages.iter().position(|known| known.id() == lineage.as_str());
            next.extend(
                self.lineages.iter().filter(|known| known.id() == lineage.as_str()).flat_map(
                    |known| known.generations.iter().map(|generation| generation.id.clone()),
                ),
            );
            let inside =
                self.issued.iter().filter(|(_, issuer)| of.is_some() && issuer.lineage == of);
            next.extend(inside.map(|(made, _)| made.clone()));
        }
        ascending(next)
    }

    /// Some of what stands next after this statement: none, a part or all; seldom something else.
    pub(crate) fn keeps(&mut self, id: &str) -> Vec<String> {
        let next = self.nexts(id);
        let share = self.chance.weighted(&[(2, 0), (3, 50), (3, 80), (3, 100)]);
        let mut kept = self.chance.some(&next, share);
        if self.chance.percent(12) {
            kept.push(self.some_id());
        }
        kept
    }

    /// What a rotation of this lineage may keep: the nexts of all its generations so far.
    pub(crate) fn lineage_keeps(&mut self, lineage: usize) -> Vec<String> {
        let ids: Vec<String> = self.lineages[lineage]
            .generations
            .iter()
            .map(|generation| generation.id.clone())
            .collect();
        let next = ascending(ids.iter().flat_map(|id| self.nexts(id)).collect());
        let share = self.chance.weighted(&[(2, 0), (3, 50), (2, 80), (4, 100)]);
        let mut kept = self.chance.some(&next, share);
        if self.chance.percent(10) {
            kept.push(self.some_id());
        }
        kept
    }

    /// What a succession may keep: root acts so far.
    pub(crate) fn root_keeps(&mut self) -> Vec<String> {
        let ids: Vec<String> = self.roots.iter().map(|root| root.id.clone()).collect();
        let next = ascending(ids.iter().flat_map(|id| self.nexts(id)).collect());
        let share = self.chance.weighted(&[(1, 0), (2, 50), (3, 80), (6, 100)]);
        self.chance.some(&next, share)
    }

    /// Withdraws a statement, with some keeps.
    pub(crate) fn withdraw(&mut self, id: &str) -> String {
        let issuer = self.ender(id);
        let keeps = self.keeps(id);
        let at = self.when();
        self.ending(&issuer, id, false, keeps, at)
    }

    /// Closes a delegation or founding, at or about its end, with some keeps.
    pub(crate) fn close(&mut self, id: &str) -> String {
        let issuer = self.ender(id);
        let keeps = self.keeps(id);
        let end = self.windows.get(id).map(|window| window.not_after);
        let at = match (end, self.chance.below(10)) {
            (Some(end), 0..6) => (end + 1).min(super::world::LATEST),
            (Some(end), 6 | 7) => end,
            (Some(end), 8) => (end + 2).min(super::world::LATEST),
            _ => self.when(),
        };
        self.ending(&issuer, id, true, keeps, at)
    }

    /// Withdraws or closes.
    pub(crate) fn end(&mut self, id: &str) -> String {
        if self.chance.percent(65) { self.withdraw(id) } else { self.close(id) }
    }
}
