//! What this crate writes, Automerge reads, with the same hashes and values; and the reverse.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Automerge, ROOT, ReadDoc, ScalarValue};
use node_replication::change::{Change, ChangeHash, OpId, Put, Scalar, read, write};
use proptest::prelude::*;

const KEYS: [&str; 3] = ["t/1/a", "t/1/b", "t/2/a"];
const TEXTS: [&str; 3] = ["", "春节", "a somewhat longer text"];

/// One step of a drawn history: who writes, what from the others he has heard, what he puts.
#[derive(Debug, Clone)]
struct Step {
    author: usize,
    hears: BTreeSet<usize>,
    puts: Vec<(usize, i64)>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let puts = prop::collection::vec((0..KEYS.len(), -200i64..200), 0..5);
    let step = (0usize..3, prop::collection::btree_set(0usize..3, 0..3), puts);
    let step = step.prop_map(|(author, hears, puts)| Step { author, hears, puts });
    prop::collection::vec(step, 1..12)
}

/// A document as one author knows it.
#[derive(Debug, Clone, Default)]
struct Replica {
    changes: BTreeSet<usize>,
    heads: BTreeSet<ChangeHash>,
    seq: u64,
    op_max: u64,
}

/// A change as it was written, and what its author knew.
struct Made {
    bytes: Vec<u8>,
    hash: ChangeHash,
    deps: Vec<ChangeHash>,
    puts: Vec<(OpId, usize, Vec<OpId>)>,
}

fn scalar(number: i64) -> Scalar<'static> {
    match number.rem_euclid(6) {
        0 => Scalar::Null,
        1 => Scalar::Boolean(number > 0),
        2 => Scalar::Integer(number << (number & 31)),
        3 => Scalar::Bytes(&[0, 0xff, 7]),
        _ => Scalar::Text(TEXTS[number.rem_euclid(3) as usize]),
    }
}

/// The values of a key in these changes, by id.
fn values(made: &[Made], known: &BTreeSet<usize>, key: usize) -> Vec<OpId> {
    let puts = || known.iter().flat_map(|change| &made[*change].puts);
    let replaced: BTreeSet<&OpId> = puts().flat_map(|(_, _, instead)| instead).collect();
    let open = puts().filter(|(id, at, _)| *at == key && !replaced.contains(id));
    let open: BTreeSet<OpId> = open.map(|(id, ..)| *id).collect();
    open.into_iter().collect()
}

fn write_history(steps: &[Step]) -> Vec<Made> {
    let mut made: Vec<Made> = Vec::new();
    let mut replicas = vec![Replica::default(); 3];
    for step in steps {
        let mut replica = replicas[step.author].clone();
        for other in &step.hears {
            let heard = &replicas[*other];
            replica.changes.extend(&heard.changes);
            replica.heads.extend(&heard.heads);
            replica.op_max = replica.op_max.max(heard.op_max);
        }
        let covered: BTreeSet<ChangeHash> =
            replica.changes.iter().flat_map(|change| made[*change].deps.clone()).collect();
        replica.heads.retain(|head| !covered.contains(head));
        let actor = [step.author as u8 + 1; 16];
        let start_op = replica.op_max + 1;
        let (mut puts, mut ops) = (Vec::new(), Vec::new());
        let mut here: BTreeMap<usize, OpId> = BTreeMap::new();
        for (number, (key, value)) in (0..).zip(&step.puts) {
            let known = values(&made, &replica.changes, *key);
            let instead = here.get(key).map_or(known, |last| vec![*last]);
            let id = OpId { counter: start_op + number, actor };
            here.insert(*key, id);
            ops.push((id, *key, instead.clone()));
            puts.push(Put { key: KEYS[*key], value: scalar(*value), instead });
        }
        let deps: Vec<ChangeHash> = replica.heads.iter().copied().collect();
        replica.seq += 1;
        replica.op_max += puts.len() as u64;
        let change = Change { deps: deps.clone(), actor, seq: replica.seq, start_op, puts };
        let (bytes, hash) = write(&change);
        assert_eq!(read(&bytes), Ok((change, hash)));
        replica.changes.insert(made.len());
        replica.heads = BTreeSet::from([hash]);
        replicas[step.author] = replica;
        made.push(Made { bytes, hash, deps, puts: ops });
    }
    made
}

fn same(value: &ScalarValue, scalar: &Scalar<'_>) -> bool {
    match (value, scalar) {
        (ScalarValue::Null, Scalar::Null) => true,
        (ScalarValue::Boolean(one), Scalar::Boolean(other)) => one == other,
        (ScalarValue::Int(one), Scalar::Integer(other)) => one == other,
        (ScalarValue::Str(one), Scalar::Text(other)) => one.as_str() == *other,
        (ScalarValue::Bytes(one), Scalar::Bytes(other)) => one == other,
        _ => false,
    }
}

proptest! {
    #[test]
    fn automerge_loads_what_is_written_here(steps in steps()) {
        let made = write_history(&steps);
        let mut document = Automerge::new();
        let mut put: BTreeMap<OpId, Scalar<'_>> = BTreeMap::new();
        for one in &made {
            let change = automerge::Change::from_bytes(one.bytes.clone()).expect("a change");
            prop_assert_eq!(change.hash().0, one.hash);
            document.apply_changes([change]).expect("it applies");
            let (change, _) = read(&one.bytes).expect("what was written");
            put.extend((0..).zip(&change.puts).map(|(n, one)| (change.op(n), one.value)));
        }
        prop_assert_eq!(document.get_changes(&[]).len(), made.len());
        let all: BTreeSet<usize> = (0..made.len()).collect();
        for (number, key) in KEYS.iter().enumerate() {
            let shown = document.get_all(ROOT, *key).expect("the root map");
            let ours = values(&made, &all, number);
            prop_assert_eq!(shown.len(), ours.len());
            for ((value, _), id) in shown.iter().zip(&ours) {
                let scalar = value.as_scalar().expect("a scalar");
                prop_assert!(same(scalar, &put[id]), "{:?} for {:?}", scalar, put[id]);
            }
        }
    }

    #[test]
    fn what_automerge_writes_is_read_here(steps in steps()) {
        let mut replicas: Vec<AutoCommit> = (1u8..=3)
            .map(|author| AutoCommit::new().with_actor(ActorId::from([author; 16])))
            .collect();
        for step in steps {
            for other in &step.hears {
                let mut heard = replicas[*other].clone();
                replicas[step.author].merge(&mut heard).expect("it merges");
            }
            let document = &mut replicas[step.author];
            for (key, value) in &step.puts {
                // Where several values are there and the preferred one is put again, Automerge deletes
                // the others, which no change does here: another value, null, goes first.
                if document.get_all(ROOT, KEYS[*key]).expect("the root map").len() > 1 {
                    document.put(ROOT, KEYS[*key], ScalarValue::Null).expect("the root map");
                }
                document.put(ROOT, KEYS[*key], *value).expect("the root map");
            }
            document.commit_with(CommitOptions::default().with_time(0));
            let Some(change) = document.get_last_local_change() else { continue };
            let (ours, hash) = read(change.raw_bytes()).expect("a plain change");
            prop_assert_eq!(hash, change.hash().0);
            prop_assert_eq!(write(&ours).0, change.raw_bytes());
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_the_form_of_another_change(
        steps in steps(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for one in write_history(&steps) {
            let mut bytes = one.bytes;
            for (place, byte) in &damage {
                *place.get_mut(&mut bytes) = *byte;
            }
            // The sum would hide everything behind it.
            if let Some(sum) = sum_of(&bytes) {
                bytes[4..8].copy_from_slice(&sum);
            }
            if let Ok((change, _)) = read(&bytes) {
                prop_assert_eq!(write(&change).0, bytes);
            }
        }
    }
}

fn sum_of(bytes: &[u8]) -> Option<[u8; 4]> {
    use sha2::{Digest, Sha256};
    let hash: [u8; 32] = Sha256::digest(bytes.get(8..)?).into();
    hash.first_chunk().copied()
}
