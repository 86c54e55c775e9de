//! By which statements a node is a member no more: what it is told before a session with it ends
//! (section 9.5).

use std::collections::BTreeSet;

use schema_wire::{Hash, NodeKey, UnitId};

use crate::chain::Chain;
use crate::statements::By;
use crate::{Authority, OpenFounding};

/// Of how many other foundings a unit is told at most.
const RIVALS_MAX: usize = 16;

impl Authority {
    /// The statements by which this node is a member of a unit in a lineage no more, behind what
    /// they wait for; those last that take something away. None if time alone did it.
    pub fn farewell(&self, node: &NodeKey, unit: &UnitId, lineage: &Hash) -> Vec<Hash> {
        let mut search = Search {
            authority: self,
            seen: BTreeSet::new(),
            taking: BTreeSet::new(),
            instead: BTreeSet::new(),
        };
        for delegation in self.statements.delegations_into(unit, node) {
            if self.lineage_of(&delegation) == Some(*lineage) {
                search.follow(&delegation, None);
            }
        }
        // Whoever is recognised in its place takes nothing away before the ending does.
        let Search { taking, instead, .. } = search;
        let mut first: BTreeSet<Hash> = instead.iter().flat_map(|id| self.grounds(id)).collect();
        for id in &taking {
            first.extend(self.grounds(id).into_iter().filter(|ground| ground != id));
        }
        let last = taking.into_iter().filter(|id| !first.contains(id)).collect::<Vec<_>>();
        let mut all = self.in_causal_order(first);
        all.extend(self.in_causal_order(last));
        all
    }

    /// Open foundings of other lineages of a unit: of the one followed, or of some of those of
    /// which none is.
    fn recognised_instead(&self, unit: &UnitId, lineage: &Hash) -> Vec<OpenFounding<'_>> {
        let followed = self.followed(unit);
        let others = self.open_foundings(unit).filter(|founding| founding.lineage != *lineage);
        let mut others: Vec<_> =
            others.filter(|other| followed.is_none_or(|led| led == other.lineage)).collect();
        // The highest first: they decide.
        others.sort_by_key(|other| (!self.is_root_act(&other.id), other.by.depth()));
        others.truncate(RIVALS_MAX);
        others
    }
}

/// Goes along all paths to a statement, and finds what ends them.
struct Search<'a> {
    authority: &'a Authority,
    /// Statements, each with the one next after it.
    seen: BTreeSet<(Hash, Option<Hash>)>,
    taking: BTreeSet<Hash>,
    /// Foundings of other lineages, and their charters.
    instead: BTreeSet<Hash>,
}

impl Search<'_> {
    /// `next` is the statement next after this one in the path; none if it is the last.
    fn follow(&mut self, id: &Hash, next: Option<Hash>) {
        let statements = &self.authority.statements;
        let Some(kept) = statements.issued(id).filter(|_| self.seen.insert((*id, next))) else {
            return;
        };
        let side = kept.issued.act.side();
        // One is enough, whatever others say: withdrawals intersect, and who knows one closing
        // alone goes by it.
        let takes = |ending: &Hash| {
            let ends = statements.issued(ending).and_then(|kept| kept.ending());
            let keeps =
                |next: &Hash| ends.is_some_and(|ends| ends.keeps.binary_search(next).is_ok());
            !next.as_ref().is_some_and(keeps)
                && side.is_some_and(|side| self.authority.is_effective(ending, side))
        };
        self.taking.extend(statements.enders.of(id).find(takes));
        let proof = kept.issued.proof;
        match kept.by {
            By::Deputy(_) | By::Member(_) => self.follow(&proof, Some(*id)),
            By::Root => self.passed(&self.authority.verdicts.root, &proof, id),
            By::Key(lineage) => {
                if let Some(chain) = self.authority.verdicts.chains.get(&lineage) {
                    self.passed(chain, &proof, id);
                }
                let unit = &kept.issued.unit;
                let is_followed = self.authority.followed(unit) == Some(lineage);
                if !is_followed {
                    let others = self.authority.recognised_instead(unit, &lineage);
                    self.instead.extend(others.iter().flat_map(|other| [other.id, other.lineage]));
                }
                // What the ending of a founding keeps counts while another founding is open.
                let next = is_followed.then_some(*id);
                for founding in statements.recognising.of(&(lineage, unit.clone())) {
                    self.follow(&founding, next);
                }
            }
        }
    }

    /// Notes the first generation that passes over what is next after one of them.
    fn passed(&mut self, chain: &Chain, generation: &Hash, next: &Hash) {
        let statements = &self.authority.statements;
        self.taking.extend(chain.passing_over(generation, next, statements).next());
    }
}
