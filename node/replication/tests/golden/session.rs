//! Reconciliations, and how two nodes resume.

use std::collections::BTreeSet;

use node_replication::session::reconcile::{Answerer, Fault, Next, Opener, SaltedSet};
use node_replication::session::resume::{Comparison, FeedState, Meeting, rest};
use schema_wire::{Cursor, Digest, Epoch, Hash, Offer, Salt, SaltedId, Scope, SetVector, UnitId};
use serde_json::{Value, json};

use crate::vectors::{array, bytes, list, number, of_kind, text};

/// The salted ids of these numbers.
fn set(numbers: impl Iterator<Item = u64>) -> SaltedSet {
    SaltedSet::new(numbers.map(|number| {
        let id = Hash::of(&[b"golden item", &number.to_be_bytes()]);
        (SaltedId(id.0), id)
    }))
}

fn ranges(value: &Value) -> SaltedSet {
    set(list(value).flat_map(|range| number(&range[0])..number(&range[1])))
}

/// A message as the file tells it: in hex, or its length and hash.
fn assert_said(message: &[u8], told: &Value, name: &str) {
    if told.is_string() {
        assert_eq!(message, bytes(told), "{name}");
    } else {
        assert_eq!(message.len() as u64, number(&told["bytes"]), "{name}");
        assert_eq!(Hash::of(&[message]).0, array(&told["sha256"]), "{name}");
    }
}

fn assert_lacks(ids: impl Iterator<Item = Hash>, told: &Value, name: &str) {
    let ids: BTreeSet<Hash> = ids.collect();
    assert_eq!(ids.len() as u64, number(&told["count"]), "{name}");
    let joined: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
    assert_eq!(Hash::of(&[&joined]).0, array(&told["sha256"]), "{name}");
}

#[test]
fn reconciliations_say_what_the_file_says() {
    for vector in of_kind("negentropy") {
        let name = text(&vector["name"]);
        let [ours, theirs] = ["opener", "answerer"].map(|side| ranges(&vector[side]));
        let (mut opener, first) = Opener::begin(&ours);
        let (mut answerer, mut next) = (Answerer::default(), Next::Send(first));
        let mut told = list(&vector["messages"]);
        while let Next::Send(question) = next {
            assert_said(&question, told.next().expect("no more messages"), name);
            let answer = answerer.answer(&theirs, &question).expect("a message");
            assert_said(&answer, told.next().expect("no more messages"), name);
            let step = opener.read(&ours, &answer).expect("a message");
            answerer.want(&theirs, &step.wants).expect("not too many");
            next = step.next;
        }
        assert_eq!((next, told.next()), (Next::Done, None), "{name}");
        assert_lacks(opener.answerer_lacks(&ours), &vector["answerer_lacks"], name);
        assert_lacks(answerer.opener_lacks(&theirs), &vector["opener_lacks"], name);
    }
}

#[test]
fn single_messages_are_answered_or_malformed() {
    for vector in of_kind("negentropy-message") {
        let name = text(&vector["name"]);
        let holds = set(0..number(&vector["holds"]));
        match Answerer::default().answer(&holds, &bytes(&vector["message"])) {
            Ok(answer) => {
                assert!(vector["refuse"].is_null(), "{name}");
                assert_eq!(answer, bytes(&vector["answer"]), "{name}");
            }
            Err(fault) => {
                assert_eq!(vector["refuse"], "malformed-frame", "{name}");
                assert!(matches!(fault, Fault::Malformed(_)), "{name}: {fault}");
            }
        }
    }
}

#[test]
fn a_set_is_salted_as_the_file_says() {
    for vector in of_kind("salted") {
        let id = Hash(array(&vector["id"]));
        let set = SaltedSet::of(&Salt(array(&vector["salt"])), [id]);
        let mut answerer = Answerer::default();
        answerer.want(&set, &[SaltedId(array(&vector["salted"]))]).expect("one id");
        assert_eq!(answerer.opener_lacks(&set).collect::<Vec<_>>(), [id]);
    }
}

/// A side of a vector about resuming.
struct Side {
    state: FeedState,
    /// Scope and id of each item, from position 1.
    feed: Vec<(Scope, Hash)>,
    offers_known: Vec<(Scope, Option<Cursor>)>,
}

fn cursor(value: &Value) -> Cursor {
    Cursor { epoch: Epoch(array(&value[0])), seq: number(&value[1]) }
}

fn scopes(vector: &Value) -> Vec<Scope> {
    let scope = |told: &Value| {
        assert_eq!(told[1], 1, "public scopes are all that is asked");
        Scope::public(UnitId::parse(text(&told[0])).expect("a unit"))
    };
    list(&vector["scopes"]).map(scope).collect()
}

impl Side {
    fn of(value: &Value, scopes: &[Scope]) -> Self {
        let digest = value["digest"].as_object().map(|digest| Digest {
            shared: Hash(array(&digest["shared"])),
            sum: Hash(array(&digest["sum"])),
            known: cursor(&digest["known"]),
            interests: Hash([0; 32]),
        });
        let item = |item: &Value| {
            let at = usize::try_from(number(&item[0])).expect("an index");
            (scopes[at].clone(), Hash(array(&item[1])))
        };
        let known = list(&value["offers_known"]).map(|known| match known {
            Value::Null => None,
            known => Some(cursor(known)),
        });
        let (epoch, head) = (Epoch(array(&value["epoch"])), number(&value["head"]));
        Self {
            state: FeedState { epoch, head, digest },
            feed: list(&value["feed"]).map(item).collect(),
            offers_known: scopes.iter().cloned().zip(known).collect(),
        }
    }

    fn vector(&self, scope: &Scope) -> SetVector {
        self.feed.iter().filter(|(of, _)| of == scope).map(|(_, id)| id).collect()
    }

    fn head(&self, scope: &Scope) -> u64 {
        let last = self.feed.iter().rposition(|(of, _)| of == scope);
        last.map_or(0, |at| at as u64 + 1)
    }

    fn offer(&self, scope: &Scope) -> Offer {
        let known = self.offers_known.iter().find(|(of, _)| of == scope);
        let (head, sum) = (self.head(scope), self.vector(scope).sum());
        Offer { scope: scope.clone(), head, sum, known: known.and_then(|(_, known)| *known) }
    }
}

/// What both do, seen from the first one.
fn resumed(vector: &Value) -> [Value; 4] {
    let shared = Hash(array(&vector["shared"]));
    let all = scopes(vector);
    let sides = [0, 1].map(|at| Side::of(&vector["sides"][at], &all));
    let meetings = [0, 1].map(|at: usize| {
        let [ours, theirs] = [&sides[at], &sides[1 - at]].map(|side| side.state.clone());
        Meeting::new(shared, ours, theirs)
    });
    assert_eq!(meetings[0].is_settled(), meetings[1].is_settled());
    if meetings[0].is_settled() {
        return [json!(null), json!(null), json!([]), json!(vec![Value::Null; all.len()])];
    }
    let named = [0, 1].map(|at| {
        let after = meetings[at].names_after();
        let names = |scope: &&Scope| sides[at].head(scope) > after;
        all.iter().filter(names).cloned().collect::<BTreeSet<Scope>>()
    });
    let mut offered = &named[0] | &named[1];
    let rests = sides.each_ref().map(|side| {
        let vectors: Vec<_> = all.iter().map(|scope| (scope, side.vector(scope))).collect();
        rest(vectors.iter().map(|(scope, vector)| (*scope, vector)), &offered)
    });
    let held = |scope: &&Scope| sides.iter().any(|side| side.head(scope) > 0);
    let mut then = BTreeSet::new();
    if rests[0] != rests[1] {
        then.extend(all.iter().filter(held).filter(|scope| !offered.contains(scope)).cloned());
        offered.extend(then.iter().cloned());
    }
    let done = all.iter().map(|scope| {
        let offers = [0, 1].map(|at: usize| sides[at].offer(scope));
        let compared = offered.contains(scope).then(|| {
            let one = meetings[0].compare(&offers[0], &offers[1]);
            assert_eq!(turned(one), meetings[1].compare(&offers[1], &offers[0]));
            one
        });
        match compared {
            None => json!(null),
            Some(Comparison::Nothing) => json!("nothing"),
            Some(Comparison::Reconcile) => json!("reconcile"),
            Some(Comparison::After { ours, theirs }) => json!([ours, theirs]),
        }
    });
    let index = |scope: &Scope| all.iter().position(|one| one == scope).expect("a scope");
    let indices = |scopes: &BTreeSet<Scope>| scopes.iter().map(index).collect::<Vec<_>>();
    [
        json!(named.each_ref().map(indices)),
        json!(rests.map(|rest| rest.to_string())),
        json!(indices(&then)),
        json!(done.collect::<Vec<_>>()),
    ]
}

fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::After { ours, theirs } => Comparison::After { ours: theirs, theirs: ours },
        other => other,
    }
}

#[test]
fn two_nodes_resume_as_the_file_says() {
    for vector in &of_kind("resume") {
        let name = text(&vector["name"]);
        let [named, rests, then, done] = resumed(vector);
        assert_eq!(named, vector["named"], "{name}");
        assert_eq!(rests, vector["rests"], "{name}");
        assert_eq!(then, vector["then"], "{name}");
        assert_eq!(done, vector["done"], "{name}");
    }
}
