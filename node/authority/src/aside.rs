//! Which statements are in the sets of scopes, and which are set aside (section 7, "What is set
//! aside").
//!
//! The *core* is the smallest collection without the rule that draws a founding in for a charter.
//! What that rule adds for one charter is *drawn*: it belongs to the set of the charter's unit.
//! Both are kept current. What leaves is found as in DRed (delete and rederive): everything that
//! was in the core because of what left is taken out, then what is brought in otherwise put back.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, Scope, UnitId};

use crate::fact::Act;
use crate::statements::{KeptIssued, Statements};
use crate::tally::Tally;

type Ids = BTreeSet<Hash>;

/// The sets of statements, as far as they are scopes' of this node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sets {
    /// Issued statements that are in order.
    ordered: Ids,
    core: Ids,
    /// What a charter alone brings in.
    drawn: BTreeMap<Hash, Ids>,
    /// What was looked at for a charter, and for what was looked at the charters.
    looked: BTreeMap<Hash, Ids>,
    looked_at: BTreeMap<Hash, Ids>,
    pub(crate) tally: Tally,
    /// Of what is in a set: in which, and for how many reasons.
    pub(crate) members: BTreeMap<Hash, BTreeMap<Scope, usize>>,
}

/// What entered sets, and what left them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    pub(crate) entered: Vec<(Scope, Hash)>,
    pub(crate) left: Vec<(Scope, Hash)>,
}

impl Sets {
    /// In whose sets a statement is.
    pub(crate) fn scopes_of(&self, id: &Hash) -> impl Iterator<Item = &Scope> {
        self.members.get(id).into_iter().flat_map(BTreeMap::keys)
    }

    pub(crate) fn is_aside(&self, id: &Hash) -> bool {
        !self.members.contains_key(id)
    }

    /// Is it in a set whatever charters draw in?
    pub(crate) fn is_in_core(&self, id: &Hash) -> bool {
        self.core.contains(id)
    }

    fn count(&mut self, statements: &Statements, new: Option<Hash>, moved: Ids) {
        for id in moved.into_iter().chain(new).collect::<Ids>() {
            let Some(kept) = statements.issued(&id) else { continue };
            let is_aside = self.is_aside(&id);
            self.tally.note(id, kept, new == Some(id), is_aside);
        }
    }

    /// Takes over which issued statements are in order now, and a statement that is new.
    pub(crate) fn update(
        &mut self,
        statements: &Statements,
        new: Option<Hash>,
        order: &BTreeMap<Hash, bool>,
    ) -> Moves {
        let mut update = Update { statements, sets: self, before: BTreeMap::new() };
        update.run(new, order);
        let before = update.before;
        self.count(statements, new, before.keys().map(|(_, id)| *id).collect());
        let mut moves = Moves::default();
        let mut entered: BTreeMap<Hash, Vec<Scope>> = BTreeMap::new();
        for ((scope, id), was) in before {
            let is = self.members.get(&id).is_some_and(|scopes| scopes.contains_key(&scope));
            match (was, is) {
                (false, true) => entered.entry(id).or_default().push(scope),
                (true, false) => moves.left.push((scope, id)),
                _ => {}
            }
        }
        moves.entered = statements.in_causal_order(entered);
        moves
    }
}

/// One change of the sets.
#[derive(Debug)]
struct Update<'a> {
    statements: &'a Statements,
    sets: &'a mut Sets,
    /// Of what was moved: whether it was in the set before.
    before: BTreeMap<(Scope, Hash), bool>,
}

impl Update<'_> {
    fn run(&mut self, new: Option<Hash>, order: &BTreeMap<Hash, bool>) {
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for (id, in_order) in order {
            let changed = if *in_order {
                self.sets.ordered.insert(*id)
            } else {
                self.sets.ordered.remove(id)
            };
            match (changed, in_order, self.statements.adoption_scope(id).cloned()) {
                (false, _, _) => {}
                (true, true, Some(scope)) => self.enter(scope, *id),
                (true, false, Some(scope)) => self.leave(scope, *id),
                (true, true, None) => gained.push(*id),
                (true, false, None) => lost.push(*id),
            }
        }
        let out = self.remove(lost);
        let back = out.iter().copied().chain(gained).chain(new);
        let added = self.add(back);
        for id in out.difference(&added) {
            self.leave(self.statements.scope_of(id), *id);
        }
        for id in added.difference(&out) {
            self.enter(self.statements.scope_of(id), *id);
        }
        let moved = out.symmetric_difference(&added).copied().collect();
        self.redraw(new, &moved);
    }

    /// Is it in the core because of itself?
    fn is_rooted(&self, id: &Hash) -> bool {
        self.sets.ordered.contains(id) || self.statements.follows_the_genesis(id)
    }

    /// Is it in the core because of itself or of what is in it?
    fn is_supported(&self, id: &Hash) -> bool {
        if self.statements.adoption_scope(id).is_some() {
            return false;
        }
        self.is_rooted(id)
            || self.statements.bringing(id).any(|other| self.sets.core.contains(&other))
    }

    /// Takes out what may have been in the core because of these alone.
    fn remove(&mut self, lost: Vec<Hash>) -> Ids {
        let mut out = Ids::new();
        let mut stack = lost;
        while let Some(id) = stack.pop() {
            if self.is_rooted(&id) || !self.sets.core.remove(&id) {
                continue;
            }
            out.insert(id);
            stack.extend(self.statements.brought(&id));
        }
        out
    }

    /// Takes in those of these that are supported, and what they bring in.
    fn add(&mut self, ids: impl IntoIterator<Item = Hash>) -> Ids {
        let mut added = Ids::new();
        for first in ids {
            if self.sets.core.contains(&first) || !self.is_supported(&first) {
                continue;
            }
            let mut stack = vec![first];
            while let Some(id) = stack.pop() {
                if self.sets.core.insert(id) {
                    added.insert(id);
                    stack.extend(self.statements.brought(&id));
                }
            }
        }
        added
    }

    /// Draws anew for the charters for which something that was looked at changed.
    fn redraw(&mut self, new: Option<Hash>, moved: &Ids) {
        let mut changed: Ids = moved.clone();
        if let Some(new) = new {
            changed.extend(self.statements.bringing(&new));
            let founding = self.statements.issued(&new).and_then(KeptIssued::founding);
            changed.extend(founding.map(|recognised| recognised.lineage));
        }
        let looked_at = changed.iter().filter_map(|id| self.sets.looked_at.get(id)).flatten();
        let charters: Ids = looked_at.chain(&changed).copied().collect();
        for charter in charters {
            self.draw(charter);
        }
    }

    /// What a charter of the core alone brings in: of its foundings the one with the smallest id,
    /// and what that brings in.
    fn draw(&mut self, charter: Hash) {
        let Some(unit) = self.statements.unit_of_charter(&charter).cloned() else { return };
        let scope = Scope::statements(unit);
        self.forget(&charter, &scope);
        if !self.sets.core.contains(&charter) {
            return;
        }
        let mut drawn = Ids::new();
        let mut stack = vec![charter];
        let mut seen = Ids::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let inner = !self.sets.core.contains(&id);
            if inner {
                drawn.insert(id);
                stack.extend(self.statements.brought(&id));
            }
            if inner || id == charter {
                stack.extend(self.statements.founding_for(&id));
            }
        }
        for id in &seen {
            self.sets.looked_at.entry(*id).or_default().insert(charter);
        }
        self.sets.looked.insert(charter, seen);
        for id in &drawn {
            self.enter(scope.clone(), *id);
        }
        self.sets.drawn.insert(charter, drawn);
    }

    /// Takes back what was drawn for a charter.
    fn forget(&mut self, charter: &Hash, scope: &Scope) {
        for id in self.sets.drawn.remove(charter).unwrap_or_default() {
            self.leave(scope.clone(), id);
        }
        for id in self.sets.looked.remove(charter).unwrap_or_default() {
            if let Some(charters) = self.sets.looked_at.get_mut(&id) {
                charters.remove(charter);
                if charters.is_empty() {
                    self.sets.looked_at.remove(&id);
                }
            }
        }
    }

    fn enter(&mut self, scope: Scope, id: Hash) {
        let scopes = self.sets.members.entry(id).or_default();
        self.before.entry((scope.clone(), id)).or_insert(scopes.contains_key(&scope));
        *scopes.entry(scope).or_insert(0) += 1;
    }

    fn leave(&mut self, scope: Scope, id: Hash) {
        let Some(scopes) = self.sets.members.get_mut(&id) else { return };
        let Some(reasons) = scopes.get_mut(&scope) else { return };
        *reasons -= 1;
        if *reasons == 0 {
            scopes.remove(&scope);
        }
        if scopes.is_empty() {
            self.sets.members.remove(&id);
        }
        self.before.entry((scope, id)).or_insert(true);
    }
}

/// What brings what in. A statement that is not kept brings nothing in and is not brought in.
impl Statements {
    fn adoption_scope(&self, id: &Hash) -> Option<&Scope> {
        match &self.issued(id)?.issued.act {
            Act::Adoption { scope, .. } => Some(scope),
            _ => None,
        }
    }

    /// Each behind what it waits for, as far as that is among them: a feed is in causal order.
    pub(crate) fn in_causal_order(
        &self,
        mut entered: BTreeMap<Hash, Vec<Scope>>,
    ) -> Vec<(Scope, Hash)> {
        let mut ordered = Vec::new();
        let mut seen = Ids::new();
        let all: Vec<Hash> = entered.keys().copied().collect();
        for id in all {
            let mut stack = vec![(id, false)];
            while let Some((id, is_open)) = stack.pop() {
                if is_open {
                    let scopes = entered.remove(&id).unwrap_or_default();
                    ordered.extend(scopes.into_iter().map(|scope| (scope, id)));
                } else if seen.insert(id) {
                    stack.push((id, true));
                    let before = self.waits_for(&id).into_iter();
                    stack
                        .extend(before.filter(|id| entered.contains_key(id)).map(|id| (id, false)));
                }
            }
        }
        ordered
    }

    /// What a statement had to wait for.
    pub(crate) fn waits_for(&self, id: &Hash) -> Vec<Hash> {
        if let Some(unit) = self.unit_of_charter(id) {
            return self.recognising.of(&(*id, unit.clone())).collect();
        }
        if let Some(endorsement) = self.endorsement(id) {
            return vec![endorsement.proof, endorsement.endorses];
        }
        let proof = self.issued(id).map(|kept| kept.issued.proof);
        self.previous(id).into_iter().chain(proof).collect()
    }

    /// Where a statement replicates, that is no adoption.
    fn scope_of(&self, id: &Hash) -> Scope {
        Scope::statements(self.unit_of(id).unwrap_or(&self.city).clone())
    }

    fn follows_the_genesis(&self, id: &Hash) -> bool {
        let passing = self.root_generation(id).and_then(|kept| kept.passing.as_ref());
        passing.is_some_and(|passing| passing.previous == self.network)
    }

    pub(crate) fn unit_of_charter(&self, id: &Hash) -> Option<&UnitId> {
        let kept = self.lineage_generation(id)?;
        kept.passing.is_none().then_some(&kept.generation.unit)
    }

    /// Of the foundings that name a charter with its unit: the one with the smallest id.
    fn founding_for(&self, charter: &Hash) -> Option<Hash> {
        let unit = self.unit_of_charter(charter)?;
        self.recognising.of(&(*charter, unit.clone())).next()
    }

    /// The generation before, if this is a generation.
    fn previous(&self, id: &Hash) -> Option<Hash> {
        let of_root = || self.root_generation(id)?.passing.as_ref();
        let of_lineage = || self.lineage_generation(id)?.passing.as_ref();
        let passing = of_lineage().or_else(of_root)?;
        Some(passing.previous).filter(|previous| *previous != self.network)
    }

    /// What a statement brings in.
    fn brought(&self, id: &Hash) -> Vec<Hash> {
        let proof = || Some(self.endorsement(id)?.proof);
        let issued = self.issued(id);
        let proof = issued.map(|kept| kept.issued.proof).or_else(proof);
        let named = proof.filter(|proof| *proof != self.network);
        let founding = issued.and_then(KeptIssued::founding);
        let charter = founding.filter(|recognised| {
            self.unit_of_charter(&recognised.lineage) == Some(&recognised.below)
        });
        let ending = issued.and_then(KeptIssued::ending);
        let ended = ending.map(|ends| ends.ends).filter(|ended| self.brings_ended(id, ended));
        self.previous(id)
            .into_iter()
            .chain(named)
            .chain(charter.map(|recognised| recognised.lineage))
            .chain(ended)
            .chain(self.successors.of(id))
            .chain(self.endorsers.of(id))
            .collect()
    }

    /// What may bring a statement in.
    fn bringing<'a>(&'a self, id: &'a Hash) -> impl Iterator<Item = Hash> + 'a {
        let founded = self.unit_of_charter(id).map(|unit| (*id, unit.clone()));
        let foundings: Vec<Hash> =
            founded.iter().flat_map(|key| self.recognising.of(key)).collect();
        let endings = self.naming.of(id).filter(|ending| self.brings_ended(ending, id));
        self.previous(id)
            .into_iter()
            .chain(self.endorsement(id).map(|endorsement| endorsement.endorses))
            .chain(foundings)
            .chain(self.successors.of(id))
            .chain(self.resting.of(id))
            .chain(self.endorsing.of(id))
            .chain(endings)
    }

    /// Does an ending bring in what it names? Only what is of its unit or of one below.
    pub(crate) fn brings_ended(&self, ending: &Hash, ended: &Hash) -> bool {
        self.is_kept(ended)
            && self.adoption_scope(ended).is_none()
            && self
                .unit_of(ended)
                .zip(self.unit_of(ending))
                .is_some_and(|(below, unit)| unit.contains(below))
    }
}
