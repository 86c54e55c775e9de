//! Scenes: what a node knows and what it chose itself, and what is asked about it.

use serde_json::{Map, Value, json};

use crate::envelopes::Envelope;
use crate::keys::{Hash, Holder};
use crate::records::Scope;
use crate::signed::Statement;
use crate::vector::vector;
use crate::world::{COMMUNITY, Tree, tree};

/// A node: its unit and lineage, its other pins, and its items.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    own: (String, Hash),
    former: Vec<Hash>,
    generations: Vec<(Hash, Hash)>,
    units: Vec<(String, Hash)>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) envelopes: Vec<Envelope>,
}

/// A question about a statement, and the answer: `i` or `-`, then `o` or `-`.
pub(crate) type Question<'a> = (&'a Statement, u64, &'static str);

/// What a node of the community knows when nothing happened yet.
pub(crate) fn peace() -> (Tree, Scene) {
    let tree = tree();
    let scene = Scene::of(COMMUNITY, &tree.community).and(&tree.all());
    (tree, scene)
}

impl Scene {
    /// A node that knows nothing but its own lineage.
    pub(crate) fn of(unit: &str, lineage: &Statement) -> Self {
        let own = (unit.into(), lineage.id);
        let (former, generations, units) = (vec![], vec![], vec![]);
        Self { own, former, generations, units, statements: vec![], envelopes: vec![] }
    }

    /// The same things known at a node of another unit.
    pub(crate) fn at(&self, unit: &str, lineage: &Statement) -> Self {
        Self { own: (unit.into(), lineage.id), ..self.clone() }
    }

    /// The node belonged to this lineage once.
    pub(crate) fn formerly(&self, lineage: &Statement) -> Self {
        let mut all = self.clone();
        all.former.push(lineage.id);
        all
    }

    pub(crate) fn and(&self, statements: &[Statement]) -> Self {
        Self { statements: [&self.statements, statements].concat(), ..self.clone() }
    }

    pub(crate) fn without(&self, statement: &Statement) -> Self {
        let mut all = self.clone();
        all.statements.retain(|other| other.id != statement.id);
        all
    }

    pub(crate) fn follows(&self, generation: Hash, successor: &Statement) -> Self {
        let mut all = self.clone();
        all.generations.push((generation, successor.id));
        all
    }

    pub(crate) fn pinned(&self, unit: &str, lineage: &Statement) -> Self {
        let mut all = self.clone();
        all.units.push((unit.into(), lineage.id));
        all
    }

    pub(crate) fn with(&self, envelopes: &[&Envelope]) -> Self {
        let envelopes = envelopes.iter().map(|envelope| (*envelope).clone());
        Self {
            envelopes: self.envelopes.iter().cloned().chain(envelopes).collect(),
            ..self.clone()
        }
    }

    /// The node's facts as JSON.
    pub(crate) fn facts(&self) -> Value {
        let generations = self.generations.iter().map(|(a, b)| (hex::encode(a), id(*b)));
        let units = self.units.iter().map(|(unit, lineage)| (unit.clone(), id(*lineage)));
        json!({
            "own": { "unit": self.own.0, "lineage": id(self.own.1) },
            "pins": {
                "former": self.former.iter().copied().map(id).collect::<Vec<_>>(),
                "generations": generations.collect::<Map<_, _>>(),
                "units": units.collect::<Map<_, _>>(),
            },
            "statements": self.statements.iter().map(Statement::hex).collect::<Vec<_>>(),
        })
    }

    /// Which of the last statements are kept (`k`), wait (`w`), or are refused, with what code.
    pub(crate) fn kept(&self, name: &str, last: &[&str]) -> Value {
        let first = vec!["k"; self.statements.len() - last.len()];
        let all = [first, last.to_vec()].concat();
        let letters = all.iter().map(|one| if one.len() == 1 { one } else { "r" });
        let codes = all.iter().map(|one| (one.len() > 1).then_some(one));
        let mut facts = self.facts();
        facts["kept"] = letters.collect::<String>().into();
        facts["codes"] = json!(codes.collect::<Vec<_>>());
        vector(name, "kept", None, facts)
    }

    /// Which statements stand.
    pub(crate) fn stands(&self, name: &str, questions: &[Question<'_>]) -> Value {
        self.stands_and(name, questions, json!({}))
    }

    /// The same, and more that is true in the scene.
    pub(crate) fn stands_and(&self, name: &str, questions: &[Question<'_>], more: Value) -> Value {
        let asked = |(statement, at, answer): &Question<'_>| {
            let (inside, outside) = (answer.starts_with('i'), answer.ends_with('o'));
            let id = hex::encode(statement.id);
            json!({ "id": id, "at": at, "inside": inside, "outside": outside })
        };
        let mut facts = self.facts();
        facts["questions"] = questions.iter().map(asked).collect();
        facts.as_object_mut().expect("facts").extend(more.as_object().expect("facts").clone());
        vector(name, "stands", None, facts)
    }

    /// What counts: a verdict for each envelope, and the heads.
    pub(crate) fn counts(&self, name: &str, verdicts: &[&str], heads: &[&Envelope]) -> Value {
        assert_eq!(verdicts.len(), self.envelopes.len(), "{name}");
        let mut facts = self.facts();
        facts["envelopes"] = self.envelopes.iter().map(Envelope::hex).collect();
        facts["verdicts"] = verdicts.to_vec().into();
        let heads = crate::keys::ascending(heads.iter().map(|head| hex::encode(head.id)));
        facts["heads"] = heads.into();
        vector(name, "counts", None, facts)
    }

    /// Which statements are set aside, with the envelopes that are there.
    pub(crate) fn aside(&self, name: &str, aside: &[&Statement]) -> Value {
        let mut facts = self.facts();
        facts["envelopes"] = self.envelopes.iter().map(Envelope::hex).collect();
        let aside = crate::keys::ascending(aside.iter().map(|one| hex::encode(one.id)));
        facts["aside"] = aside.into();
        vector(name, "aside", None, facts)
    }

    /// Whether holders may hold scopes, at a time.
    pub(crate) fn holds(&self, name: &str, now: u64, asked: &[(Holder, Scope, bool)]) -> Value {
        let asked = asked.iter().map(|(holder, scope, may)| {
            json!({ "key": hex::encode(holder.key()), "scope": scoped(scope), "may": may })
        });
        let mut facts = self.facts();
        facts["now"] = now.into();
        facts["questions"] = asked.collect();
        vector(name, "hold", None, facts)
    }
}

/// An id as JSON.
pub(crate) fn id(hash: Hash) -> Value {
    hex::encode(hash).into()
}

/// A scope as JSON.
pub(crate) fn scoped(Scope(unit, compartment, addressee): &Scope) -> Value {
    match addressee {
        Some(addressee) => json!([unit, compartment, addressee]),
        None => json!([unit, compartment]),
    }
}
