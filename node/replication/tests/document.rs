//! A document read here says what Automerge finds in the same changes, whatever was written where
//! and in which order it came.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, AutoCommit, ROOT, ReadDoc as _, ScalarValue};
use node_replication::change::{Change, ChangeHash, read, write};
use node_replication::document::{Document, Value};
use proptest::prelude::*;

const AUTHORS: usize = 3;
const KEYS: [&str; 3] = ["a/1/x", "a/1/y", "b/2/z"];

/// A change on its way, with what it builds on.
#[derive(Clone)]
struct Written {
    bytes: Vec<u8>,
    hash: ChangeHash,
    deps: Vec<ChangeHash>,
}

/// One author: what reached it, and what it makes of that.
#[derive(Default, Clone)]
struct Author {
    document: Document,
    here: BTreeSet<ChangeHash>,
    heads: BTreeSet<ChangeHash>,
    seq: u64,
}

impl Author {
    fn take(&mut self, written: &Written) {
        if self.here.contains(&written.hash) {
            return;
        }
        assert!(written.deps.iter().all(|dep| self.here.contains(dep)), "causal order");
        self.document.apply(&read(&written.bytes).expect("our own change").0);
        self.here.insert(written.hash);
        self.heads.retain(|head| !written.deps.contains(head));
        self.heads.insert(written.hash);
    }

    fn write(&mut self, actor: [u8; 16], wanted: &BTreeMap<&str, Value>) -> Option<Written> {
        let wanted = wanted.iter().map(|(key, value)| (*key, value));
        let puts = self.document.edit(wanted);
        if puts.is_empty() {
            return None;
        }
        self.seq += 1;
        let deps: Vec<ChangeHash> = self.heads.iter().copied().collect();
        let (seq, start_op) = (self.seq, self.document.next_counter());
        let change = Change { deps: deps.clone(), actor, seq, start_op, puts };
        let (bytes, hash) = write(&change);
        let written = Written { bytes, hash, deps };
        self.take(&written);
        Some(written)
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        (-2_i64..2).prop_map(Value::Integer),
        "[甲乙]{0,2}".prop_map(|text| Value::Text(text.into())),
        proptest::collection::vec(0_u8..2, 0..2).prop_map(|bytes| Value::Bytes(bytes.into())),
    ]
}

/// Somebody writes, or hears of everything that another one holds.
#[derive(Debug, Clone)]
enum Move {
    Write(usize, BTreeMap<&'static str, Value>),
    Hear(usize, usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let wanted =
        proptest::collection::btree_map(proptest::sample::select(&KEYS[..]), value(), 1..4);
    let one = prop_oneof![
        (0..AUTHORS, wanted).prop_map(|(author, wanted)| Move::Write(author, wanted)),
        (0..AUTHORS, 0..AUTHORS).prop_map(|(to, from)| Move::Hear(to, from)),
    ];
    proptest::collection::vec(one, 1..24)
}

fn found_by_automerge(changes: &[Written]) -> BTreeMap<String, Vec<Value>> {
    let mut document = AutoCommit::new().with_actor(ActorId::from(&[0xff; 16][..]));
    let load = |written: &Written| automerge::Change::try_from(&written.bytes[..]).expect("loads");
    document.apply_changes(changes.iter().map(load)).expect("applies");
    let of = |key: String| {
        let mut values = document.get_all(ROOT, &key).expect("a key");
        values.sort_by_key(|(_, id)| order(id));
        let values =
            values.into_iter().map(|(value, _)| owned(value.as_scalar().expect("a scalar")));
        (key, values.collect())
    };
    document.keys(ROOT).collect::<Vec<_>>().into_iter().map(of).collect()
}

fn order(id: &automerge::ObjId) -> (u64, Vec<u8>) {
    match id {
        automerge::ObjId::Id(counter, actor, _) => (*counter, actor.to_bytes().to_vec()),
        automerge::ObjId::Root => (0, Vec::new()),
    }
}

fn owned(scalar: &ScalarValue) -> Value {
    match scalar {
        ScalarValue::Null => Value::Null,
        ScalarValue::Boolean(flag) => Value::Boolean(*flag),
        ScalarValue::Int(number) => Value::Integer(*number),
        ScalarValue::Str(text) => Value::Text(text.as_str().into()),
        ScalarValue::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
        other => panic!("{other:?} is put by no change"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_document_says_what_automerge_finds_in_its_changes(moves in moves()) {
        let mut authors = vec![Author::default(); AUTHORS];
        let mut written: Vec<Written> = Vec::new();
        for step in moves {
            match step {
                Move::Write(who, wanted) => {
                    let actor = [u8::try_from(who).expect("few"); 16];
                    if let Some(change) = authors[who].write(actor, &wanted) {
                        written.push(change);
                    }
                    for (key, value) in &wanted {
                        let says: Vec<&Value> = authors[who].document.values(key).collect();
                        prop_assert!(!says.is_empty() && says.iter().all(|said| *said == value));
                    }
                }
                Move::Hear(to, from) => {
                    let theirs = authors[from].here.clone();
                    let unheard = written.iter().filter(|change| theirs.contains(&change.hash));
                    unheard.for_each(|change| authors[to].take(change));
                }
            }
        }
        for author in &authors {
            let held: Vec<Written> =
                written.iter().filter(|change| author.here.contains(&change.hash)).cloned().collect();
            let has_several = |key: &&str| author.document.values(key).count() > 1;
            let contested: Vec<&str> = author.document.keys_from("").filter(has_several).collect();
            prop_assert_eq!(author.document.contested().collect::<Vec<_>>(), contested);
            let keys = author.document.keys_from("").map(str::to_owned);
            let says = keys.map(|key| {
                let values = author.document.values(&key).cloned().collect();
                (key, values)
            });
            prop_assert_eq!(says.collect::<BTreeMap<String, Vec<Value>>>(), found_by_automerge(&held));
        }
    }
}
