//! How a node shows that it is a member, and how another reads that without believing it
//! (section 9.3, "Membership").

use std::collections::BTreeSet;

use schema_wire::{Body, Hash, Ms, NodeKey, Scope, UnitId, Verbs};

use crate::fact::{Act, Fact};
use crate::kept::Verdict;
use crate::statements::{Kept, KeptIssued};
use crate::{Authority, Refusal};

/// Whether a statement would be kept, if it were brought and its signature held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// It would be kept, or is.
    Kept,
    /// It may be kept later, once this is kept.
    Waits(Hash),
    /// It never will be.
    Refused(Refusal),
}

impl Authority {
    /// Whether a statement would be kept. Nothing changes.
    pub fn prospect(&self, id: &Hash, body: &Body<'_>) -> Prospect {
        if body.network() != self.network {
            return Prospect::Refused(Refusal::OtherNetwork);
        }
        if self.is_kept(id) {
            return Prospect::Kept;
        }
        match self.statements.judge(&self.pins, id, Fact::of(body)) {
            Verdict::Keep(_) => Prospect::Kept,
            Verdict::Waits(what) => Prospect::Waits(what),
            Verdict::Refuse(refusal) => Prospect::Refused(refusal),
        }
    }

    /// The same pins, with what decides in what this node is a member of this unit. Made to be
    /// thrown away, and to be supplied with what else is asked of it.
    #[must_use]
    pub fn excerpt(&self, key: &NodeKey, unit: &UnitId) -> Self {
        let mut excerpt = Self::with(&self.genesis, self.pins.clone());
        let own = self.statements.delegations_into(unit, key);
        self.bring(&mut excerpt, self.statements.successions().chain(own).collect());
        excerpt
    }

    /// Supplies an excerpt with everything kept here that decides how a statement stands, at the
    /// cost of that: not of all that is kept of its unit.
    pub fn supply(&self, excerpt: &mut Self, id: &Hash, body: &Body<'_>) {
        let mut asked = self.decided_by(&Fact::of(body));
        asked.push(*id);
        asked.extend(self.endings_of(id, body.unit()));
        self.bring(excerpt, asked);
    }

    fn bring(&self, excerpt: &mut Self, mut asked: Vec<Hash>) {
        let (mut seen, mut facts) = (BTreeSet::new(), Vec::new());
        while let Some(id) = asked.pop() {
            if excerpt.is_kept(&id) || !seen.insert(id) {
                continue;
            }
            // What ends it, signs it too, or follows it.
            asked.extend(self.endings_of(&id, self.statements.unit_of(&id)));
            asked.extend(self.statements.endorsers.of(&id));
            asked.extend(self.statements.successors.of(&id));
            if let Some(fact) = self.statements.fact(&id) {
                asked.extend(self.decided_by(&fact));
                facts.push((id, fact));
            }
        }
        excerpt.take_all(facts);
    }

    /// The endings of a statement of a unit: by nobody but that unit and those above may they have
    /// effect, and anybody may name it.
    fn endings_of(&self, id: &Hash, unit: Option<&UnitId>) -> Vec<Hash> {
        let may = |ending: &Hash| {
            let of = self.statements.unit_of(ending);
            unit.zip(of).is_some_and(|(unit, of)| of.contains(unit))
        };
        self.statements.naming.of(id).filter(may).collect()
    }

    /// What a statement rests on: what it names, and for a lineage all foundings of its unit,
    /// since rivals decide which one is followed.
    fn decided_by(&self, fact: &Fact) -> Vec<Hash> {
        let foundings = |unit: &UnitId| self.statements.foundings.of(unit).collect::<Vec<_>>();
        match fact {
            Fact::Charter(generation) => foundings(&generation.unit),
            Fact::Rotation(_, passing) | Fact::Succession(_, passing) => vec![passing.previous],
            Fact::Endorsement(endorsement) => vec![endorsement.proof, endorsement.endorses],
            Fact::Issued(issued) => {
                let mut named = vec![issued.proof];
                if let Act::Founding(recognised) = &issued.act {
                    named.push(recognised.lineage);
                    named.extend(foundings(&recognised.below));
                }
                named
            }
        }
    }

    /// What a delegation lets its subject do; nothing if it is none.
    pub fn verbs(&self, delegation: &Hash) -> Verbs {
        let kept = self.statements.issued(delegation);
        kept.and_then(|kept| kept.grant()).map_or(Verbs::NONE, |grant| grant.verbs)
    }

    /// The statements that show a membership by this delegation: each is kept by those before it,
    /// if the charter of its lineage is named by the reader's pins or by a founding among them.
    /// The delegation is the last.
    pub fn credentials(&self, delegation: &Hash, now: Ms) -> Vec<Hash> {
        let mut credentials = Credentials { authority: self, now, shown: Vec::new() };
        credentials.show(delegation);
        credentials.shown
    }

    /// A kept statement and all that it waited for: by what it names, and for a charter a founding.
    pub fn grounds(&self, id: &Hash) -> BTreeSet<Hash> {
        let (mut found, mut open) = (BTreeSet::new(), vec![*id]);
        while let Some(id) = open.pop() {
            if self.is_kept(&id) && found.insert(id) {
                let is_charter = self.statements.unit_of_charter(&id).is_some();
                let before = self.statements.waits_for(&id).into_iter();
                open.extend(before.take(if is_charter { 1 } else { usize::MAX }));
            }
        }
        found
    }

    /// Is it a kept founding that recognises a lineage as this unit?
    pub fn is_founding_of(&self, id: &Hash, unit: &UnitId) -> bool {
        let founding = self.statements.issued(id).and_then(KeptIssued::founding);
        founding.is_some_and(|recognised| recognised.below == *unit)
    }

    /// These kept statements, each behind what it waited for.
    pub fn in_causal_order(&self, ids: impl IntoIterator<Item = Hash>) -> Vec<Hash> {
        let city = || vec![Scope::statements(self.statements.city.clone())];
        let all = ids.into_iter().map(|id| (id, city())).collect();
        self.statements.in_causal_order(all).into_iter().map(|(_, id)| id).collect()
    }

    /// Of these statements, in their order, those that one of them rests on, itself included: by
    /// what it names, by foundings of its lineage, and by second signatures.
    pub fn support(&self, last: &Hash, among: &[Hash]) -> Vec<Hash> {
        let all: BTreeSet<Hash> = among.iter().copied().collect();
        let (mut needed, mut open) = (BTreeSet::from([*last]), vec![*last]);
        while let Some(id) = open.pop() {
            let found = self.supporters(&id).into_iter();
            open.extend(found.filter(|id| all.contains(id) && needed.insert(*id)));
        }
        among.iter().filter(|id| needed.contains(id)).copied().collect()
    }

    /// What a kept statement names, foundings of a charter, and second signatures.
    fn supporters(&self, id: &Hash) -> Vec<Hash> {
        let mut found: Vec<Hash> = self.statements.endorsers.of(id).collect();
        match self.statements.kept(id) {
            Some(Kept::Issued(kept)) => found.push(kept.issued.proof),
            Some(Kept::Endorsement(endorsement)) => {
                found.extend([endorsement.proof, endorsement.endorses]);
            }
            Some(Kept::Root(generation)) => {
                found.extend(generation.passing.map(|passing| passing.previous));
            }
            Some(Kept::Lineage(generation)) => {
                let named = (*id, generation.generation.unit);
                found.extend(self.statements.recognising.of(&named));
                found.extend(generation.passing.map(|passing| passing.previous));
            }
            None => {}
        }
        found
    }
}

/// Statements on their way into a chain.
struct Credentials<'a> {
    authority: &'a Authority,
    now: Ms,
    shown: Vec<Hash>,
}

impl Credentials<'_> {
    /// Shows a statement behind what it rests on. The depth is that of a path: six tiers.
    fn show(&mut self, id: &Hash) {
        let statements = &self.authority.statements;
        if self.shown.contains(id) || *id == statements.network {
            return;
        }
        match statements.kept(id) {
            Some(Kept::Issued(kept)) => self.show(&kept.issued.proof),
            Some(Kept::Lineage(generation)) => match &generation.passing {
                Some(passing) => self.show(&passing.previous),
                None => self.show_founding(id, &generation.generation.unit),
            },
            Some(Kept::Root(generation)) => {
                if let Some(passing) = &generation.passing {
                    self.show(&passing.previous);
                }
            }
            Some(Kept::Endorsement(_)) | None => {}
        }
        self.shown.push(*id);
        for endorsement in statements.endorsers.of(id) {
            self.shown.push(endorsement);
        }
    }

    /// The founding of a charter that stands at the root, if there is one.
    fn show_founding(&mut self, charter: &Hash, unit: &UnitId) {
        let named = (*charter, unit.clone());
        let foundings = self.authority.statements.recognising.of(&named);
        let stands = |id: &Hash| self.authority.stands(id, self.now).outside;
        let standing = foundings.into_iter().find(stands);
        if let Some(founding) = standing {
            self.show(&founding);
        }
    }
}
