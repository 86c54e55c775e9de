//! A few statements that belong to no theme.

use tests_oracle::case::Record;

use super::themes;
use super::world::World;

impl World {
    /// Up to four random statements by random issuers.
    pub(crate) fn noise(&mut self) {
        for _ in 0..self.chance.below(5) {
            self.stray();
        }
        if self.chance.percent(25) {
            self.some_log(2);
        }
    }

    fn stray(&mut self) {
        match self.chance.below(12) {
            0 | 1 => {
                let id = self.some_id();
                self.end(&id);
            }
            2 | 3 => {
                let issuer = self.any_issuer();
                let verbs = *self.chance.pick(&[1, 2, 3]);
                self.member(&issuer, verbs);
            }
            4 => {
                let issuer = self.any_issuer();
                let lineage = self.chance.below(self.lineages.len());
                let (id, unit) =
                    (self.lineages[lineage].id().to_owned(), self.lineages[lineage].unit.clone());
                let window = self.window();
                self.founding(&issuer, &unit, &id, window);
            }
            5 => {
                let lineage = self.any_lineage();
                let from = self.chance.below(self.lineages[lineage].generations.len());
                let keeps = self.lineage_keeps(lineage);
                self.rotation(lineage, from, keeps);
            }
            6 => {
                let root = self.chance.pick(&self.roots).clone();
                let key = if self.chance.percent(60) { root.roots } else { root.papers };
                let acts = self.nexts(&root.id);
                let act = self.chance.any(&acts).cloned();
                let id = if self.chance.percent(60) {
                    act.unwrap_or_else(|| self.id())
                } else {
                    self.some_id()
                };
                let key = self.chance.pick(&key).clone();
                self.endorsement(&root.id, &key, &id);
            }
            7 | 8 => self.stray_adoption(),
            _ => self.stray_issue(),
        }
    }

    fn stray_adoption(&mut self) {
        let all: Vec<usize> = (0..self.case.envelopes.len()).collect();
        let mut some = self.chance.some(&all, 50);
        self.chance.shuffle(&mut some);
        self.adopt(&some);
    }

    fn stray_issue(&mut self) {
        let issuer = self.any_issuer();
        let at = self.when();
        let below = self.chance.pick(&self.units).clone();
        match self.chance.below(4) {
            0 => {
                let serial = self.chance.below(3) as u64;
                self.other(&issuer, |unit, proof, issuer| Record::Card {
                    unit,
                    proof,
                    issuer,
                    serial,
                    at,
                });
            }
            1 => {
                let until = themes::address_end(self, at);
                self.other(&issuer, |unit, proof, issuer| Record::Address {
                    unit,
                    proof,
                    issuer,
                    at,
                    until,
                });
            }
            2 => {
                self.other(&issuer, |unit, proof, issuer| Record::Suspension {
                    unit,
                    proof,
                    issuer,
                    below,
                    at,
                });
            }
            _ => {
                let successors = Vec::new();
                self.other(&issuer, |unit, proof, issuer| Record::Dissolution {
                    unit,
                    proof,
                    issuer,
                    below,
                    successors,
                    at,
                });
            }
        }
    }
}
