//! Random changes on random pasts, forks among them, before admission and before a naive reading
//! of step 13 that walks whole pasts.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::change::{Change, ChangeHash, OpId, Put, Scalar, write};
use node_replication::log::Offered;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use schema_wire::{Author, DocumentId, Hash, Header, Incarnation, Verified};

use crate::node::Node;
use crate::world::{BEGIN, World, Writer, content, item, secret};

const KEYS: [&str; 3] = ["t/1/a", "t/1/b", "t/2/a"];

/// An envelope of a drawn history. What it names is drawn from all that were made before.
#[derive(Debug, Clone)]
struct Step {
    author: usize,
    after: Option<Index>,
    dependencies: Vec<Index>,
    /// What is put, and instead of which operations: whether those of the past, and how many.
    puts: Vec<(usize, Vec<Index>)>,
    /// How the change is spoilt: most are not.
    fault: u8,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let puts =
        prop::collection::vec((0..KEYS.len(), prop::collection::vec(any::<Index>(), 0..3)), 0..4);
    let step = (
        0usize..3,
        prop::option::weighted(0.8, any::<Index>()),
        prop::collection::vec(any::<Index>(), 0..3),
        puts,
        0u8..24,
    );
    let step = step.prop_map(|(author, after, dependencies, puts, fault)| Step {
        author,
        after,
        dependencies,
        puts,
        fault,
    });
    prop::collection::vec(step, 1..16)
}

/// An envelope that was admitted, as the naive reading knows it.
struct Known {
    header: Verified<Header>,
    hash: ChangeHash,
    puts: Vec<(OpId, &'static str)>,
    past: BTreeSet<Hash>,
}

#[derive(Default)]
struct Naive(BTreeMap<Hash, Known>);

impl Naive {
    /// Everything that an envelope with these parents builds on.
    fn past(&self, parents: &[Hash]) -> BTreeSet<Hash> {
        let theirs = parents.iter().flat_map(|id| &self.0[id].past);
        theirs.chain(parents).copied().collect()
    }

    fn greatest(&self, past: &BTreeSet<Hash>) -> u64 {
        let counters = past.iter().flat_map(|id| &self.0[id].puts).map(|(id, _)| id.counter);
        counters.max().unwrap_or(0)
    }

    fn deps(&self, after: Option<Hash>, dependencies: &[Hash]) -> BTreeSet<ChangeHash> {
        let covered = |id: &Hash| dependencies.iter().any(|one| self.0[one].past.contains(id));
        let backlink = after.filter(|id| !covered(id));
        dependencies.iter().chain(&backlink).map(|id| self.0[id].hash).collect()
    }

    /// The code of the first rule that does not hold.
    fn judge(
        &self,
        author: Author,
        document: &DocumentId,
        after: Option<Hash>,
        dependencies: &[Hash],
        change: &Change<'_>,
    ) -> Option<&'static str> {
        let parents: Vec<Hash> = after.iter().chain(dependencies).copied().collect();
        let past = self.past(&parents);
        let seq = after.map_or(1, |id| self.0[&id].header.value().seq() + 1);
        let places: BTreeSet<(Author, u64)> = past
            .iter()
            .map(|id| self.0[id].header.value())
            .map(|header| (header.author, header.seq()))
            .collect();
        let mut keys: BTreeMap<OpId, &str> =
            past.iter().flat_map(|id| self.0[id].puts.clone()).collect();
        let mut here: BTreeMap<&str, Vec<OpId>> = BTreeMap::new();
        let mut refers = true;
        for (number, put) in (0..).zip(&change.puts) {
            refers &= put.instead.iter().all(|id| keys.get(id) == Some(&put.key));
            let mine = here.entry(put.key).or_default();
            refers &= match mine[..] {
                [] => true,
                [first] => put.instead.contains(&first),
                _ => false,
            };
            mine.push(change.op(number));
            keys.insert(change.op(number), put.key);
        }
        if change.actor != author.actor(document) {
            Some("change-actor")
        } else if change.seq != seq {
            Some("change-seq")
        } else if !self.deps(after, dependencies).iter().eq(&change.deps)
            || places.len() < past.len()
        {
            Some("change-dependency")
        } else if change.start_op != self.greatest(&past) + 1 {
            Some("change-start")
        } else if !refers {
            Some("change-reference")
        } else {
            None
        }
    }
}

struct History {
    world: World,
    node: Node,
    writers: Vec<Writer>,
    document: DocumentId,
    naive: Naive,
    codes: BTreeMap<&'static str, u64>,
}

impl History {
    fn new() -> Self {
        let world = World::new();
        let document = world.document(144, "one");
        let mut node = Node::new(world.genesis.clone(), world.pins(), secret(1));
        let mut statements = world.base.clone();
        let writers = [(1, 1), (2, 1), (2, 2)].map(|(key, life)| {
            let grant = world.grant(&secret(key), 0);
            statements.push(grant.clone().into());
            let incarnation = Incarnation([life; 16]);
            Writer { key: secret(key), delegation: grant.id(), incarnation }
        });
        node.learn(&statements);
        let (naive, codes) = (Naive::default(), BTreeMap::new());
        Self { world, node, writers: writers.into(), document, naive, codes }
    }

    /// Makes the envelope that a step draws, and offers it.
    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let writer = &self.writers[step.author];
        let author = writer.author();
        let of = |own: bool| -> Vec<Hash> {
            let all = self.naive.0.iter();
            let some = all.filter(|(_, one)| (one.header.value().author == author) == own);
            some.map(|(id, _)| *id).collect()
        };
        let (mine, others) = (of(true), of(false));
        let after = step.after.filter(|_| !mine.is_empty()).map(|index| *index.get(&mine));
        let dependencies: BTreeSet<Hash> = step
            .dependencies
            .iter()
            .filter(|_| !others.is_empty())
            .map(|index| *index.get(&others))
            .collect();
        let dependencies: Vec<Hash> = dependencies.into_iter().collect();
        let change = self.change(step, author, after, &dependencies);
        let said = self.naive.judge(author, &self.document, after, &dependencies, &change);
        let (bytes, hash) = write(&change);
        let before = after.map(|id| &self.naive.0[&id].header);
        let content = content(bytes);
        let network = self.world.network();
        let header = writer.write(network, &self.document, before, &dependencies, BEGIN, &content);
        let known = self.naive.0.contains_key(&header.id());
        let bytes = item(&header, content);
        let offered = self.node.offer(&self.document.scope(), &bytes, &BTreeSet::new());
        let found = match &offered {
            Offered::Taken => None,
            Offered::Duplicate if known => return Ok(()),
            Offered::Refused(rejection) => Some(rejection.code()),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(found, said, "{:?}", change);
        *self.codes.entry(found.unwrap_or("accepted")).or_default() += 1;
        if found.is_none() {
            let parents: Vec<Hash> = after.iter().chain(&dependencies).copied().collect();
            let past = self.naive.past(&parents);
            let puts = (0..).zip(&change.puts).map(|(number, put)| {
                let key = KEYS.into_iter().find(|key| *key == put.key).expect("a key");
                (change.op(number), key)
            });
            let known = Known { hash, puts: puts.collect(), past, header: header.clone() };
            self.naive.0.insert(header.id(), known);
        }
        Ok(())
    }

    fn change(
        &self,
        step: &Step,
        author: Author,
        after: Option<Hash>,
        dependencies: &[Hash],
    ) -> Change<'static> {
        let parents: Vec<Hash> = after.iter().chain(dependencies).copied().collect();
        let past = self.naive.past(&parents);
        let start_op = self.naive.greatest(&past) + 1;
        let actor = author.actor(&self.document);
        // Mostly operations of the past at this key; with a fault, any that were ever made.
        let of = |key: &str, ids: &mut dyn Iterator<Item = &Hash>| -> Vec<OpId> {
            let puts = ids.flat_map(|id| &self.naive.0[id].puts);
            puts.filter(|(_, at)| *at == key || step.fault == 1).map(|(id, _)| *id).collect()
        };
        let mut mine: BTreeMap<&str, OpId> = BTreeMap::new();
        let mut puts = Vec::new();
        for (number, (key, instead)) in (0..).zip(&step.puts) {
            let key = KEYS[*key];
            let known = match step.fault {
                2 => of(key, &mut self.naive.0.keys()),
                _ => of(key, &mut past.iter()),
            };
            let mut instead: BTreeSet<OpId> = instead
                .iter()
                .filter(|_| !known.is_empty())
                .map(|index| *index.get(&known))
                .collect();
            if let Some(first) = mine.get(key).filter(|_| step.fault != 3) {
                instead.insert(*first);
            }
            mine.entry(key).or_insert(OpId { counter: start_op + number, actor });
            puts.push(Put { key, value: Scalar::Null, instead: instead.into_iter().collect() });
        }
        let deps = self.naive.deps(after, dependencies).into_iter().collect();
        let seq = after.map_or(1, |id| self.naive.0[&id].header.value().seq() + 1);
        let mut change = Change { deps, actor, seq, start_op, puts };
        match step.fault {
            4 => drop(change.deps.pop()),
            5 => change.start_op += 1,
            6 => change.seq += 1,
            7 => change.actor = [9; 16],
            8 => change.deps = past.iter().map(|id| self.naive.0[id].hash).take(2).collect(),
            _ => {}
        }
        change.deps.sort_unstable();
        change.deps.dedup();
        change
    }
}

#[test]
fn admission_of_changes_agrees_with_a_naive_reading() {
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    let config = ProptestConfig {
        cases: 600,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new(config);
    let all = std::cell::RefCell::new(&mut codes);
    let result = runner.run(&steps(), |steps| {
        let mut history = History::new();
        for step in &steps {
            history.take(step)?;
        }
        for (code, times) in history.codes {
            *all.borrow_mut().entry(code).or_default() += times;
        }
        Ok(())
    });
    println!("{codes:?}");
    assert!(result.is_ok(), "{result:?}");
    let met = ["accepted", "change-dependency", "change-reference", "change-seq", "change-start"];
    assert!(met.iter().all(|code| codes.contains_key(code)), "nothing was met: {codes:?}");
}
