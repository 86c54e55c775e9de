//! One field of a statement, bent; `which` says which one, `other` gives what to put there.

use tests_oracle::case::{Record, Scope};

use crate::draw::make::commitment;
use crate::draw::world::{LATEST, MONTH};

/// Takes a list out of its order; one of fewer than two is given two.
pub(super) fn disorder(list: &mut Vec<String>) {
    if list.len() < 2 {
        *list = vec!["ffffffff".to_owned(), "00000000".to_owned()];
    } else {
        list.reverse();
    }
}

/// Bends one field: `other` is an id, a key and a unit.
pub(super) fn bend(record: &mut Record, which: usize, other: (String, String, String), time: u64) {
    let (id, key, unit) = other;
    match record {
        Record::Charter { .. } | Record::Rotation { .. } => {
            bend_generation(record, which, id, key, unit)
        }
        Record::Succession { .. } => bend_succession(record, which, id, key),
        Record::Delegation { .. } | Record::Founding { .. } => {
            bend_grant(record, which, (id, key, unit), time)
        }
        Record::Adoption { .. } => bend_adoption(record, which, (id, key, unit), time),
        _ => bend_act(record, which, (id, key, unit), time),
    }
}

fn bend_generation(
    record: &mut Record,
    which: usize,
    id: String,
    other: String,
    elsewhere: String,
) {
    match record {
        Record::Charter { unit, key, next, at } => match which {
            0..4 => *next = commitment(key),
            4..7 => *unit = elsewhere,
            7..9 => *key = other,
            9 => *at = 0,
            _ => *next = commitment(&other),
        },
        Record::Rotation { unit, previous, reveal, key, next, keeps, .. } => match which {
            0 => *unit = elsewhere,
            1 | 2 => *previous = id,
            3 => *reveal = other,
            4 => key.clone_from(reveal),
            5 => *next = commitment(key),
            6 => *next = commitment(reveal),
            7 => *key = other,
            8 => disorder(keeps),
            9 => keeps.extend(keeps.first().cloned()),
            10 => keeps.clear(),
            _ => keeps.push(id),
        },
        _ => {}
    }
}

fn bend_succession(record: &mut Record, which: usize, id: String, key: String) {
    let Record::Succession {
        previous, reveal, roots, threshold, next, next_threshold, keeps, ..
    } = record
    else {
        return;
    };
    match which {
        0 => *previous = id,
        1 => *reveal = key,
        2 => reveal.clone_from(&roots[0]),
        3 => next[0] = commitment(&roots[0]),
        4 => next[0] = commitment(reveal),
        5 => *threshold = 0,
        6 => *threshold = roots.len() as u8 + 1,
        7 => *next_threshold = next.len() as u8 + u8::from(key.as_str() < "kd"),
        8 => *next_threshold = 0,
        9 => roots.reverse(),
        10 => next.push(next[0].clone()),
        _ => disorder(keeps),
    }
}

fn bend_grant(record: &mut Record, which: usize, other: (String, String, String), time: u64) {
    let (id, key, elsewhere) = other;
    match record {
        Record::Delegation {
            unit,
            proof,
            issuer,
            subject,
            verbs,
            reads,
            classes,
            not_before,
            not_after,
            ..
        } => match which {
            0 => *unit = elsewhere,
            1 => *proof = id,
            2 => *issuer = key,
            3 => *subject = key,
            4 => *verbs ^= 1,
            5 => (*verbs, *reads) = (0, 0),
            6 => *classes = vec![(0, 63), (64, 127)],
            7 => *classes = vec![(128, 160), (0, 63)],
            8 => *classes = vec![(0, 63), (65, 127), (129, 224 - u8::from(time == LATEST))],
            9 => *classes = vec![(10, 5)],
            10 => (*not_before, *not_after) = (*not_after, *not_before),
            _ => *not_after = time,
        },
        Record::Founding { unit, proof, issuer, below, lineage, not_before, not_after, .. } => {
            match which {
                0 => *unit = elsewhere,
                1 => *proof = id,
                2 => *issuer = key,
                3 | 4 => *below = elsewhere,
                5 => below.clone_from(unit),
                6 | 7 => *lineage = id,
                8 => (*not_before, *not_after) = (*not_after, *not_before),
                9 => *not_before = time,
                _ => *not_after = time,
            }
        }
        _ => {}
    }
}

fn bend_adoption(record: &mut Record, which: usize, other: (String, String, String), time: u64) {
    let (id, key, elsewhere) = other;
    let Record::Adoption { unit, proof, issuer, scope, marks, at } = record else { return };
    match which {
        0 => *unit = elsewhere,
        1 => *proof = id,
        2 => *issuer = key,
        3 => marks.reverse(),
        4 => marks.extend(marks.first().cloned()),
        5 => *scope = Scope::Own(elsewhere, 1),
        6 if time > 300 => *scope = Scope::Own(unit.clone(), 0),
        6 => marks.iter_mut().for_each(|mark| mark.document.2 = "s 1".to_owned()),
        7 => {
            if let Scope::Pair(one, _, two) = scope {
                std::mem::swap(one, two);
            }
        }
        8 => marks.iter_mut().for_each(|mark| mark.head.clone_from(&id)),
        9 => *at = time,
        10 if time > 300 => marks.iter_mut().for_each(|mark| mark.seq += 1),
        10 => marks.iter_mut().for_each(|mark| mark.seq = 0),
        11 if time != 300 => marks.clear(),
        _ => {
            if let Some(mark) = marks.first().cloned() {
                marks.push(tests_oracle::case::Mark { seq: mark.seq + 1, head: id, ..mark });
            }
        }
    }
}

fn bend_act(record: &mut Record, which: usize, other: (String, String, String), time: u64) {
    let (id, key, elsewhere) = other;
    match record {
        Record::Ending { unit, proof, issuer, ends, ran_out, keeps, at } => match which {
            0 => *unit = elsewhere,
            1 => *proof = id,
            2 | 3 => *issuer = key,
            4 => *ends = id,
            5 => *ran_out = !*ran_out,
            6 => disorder(keeps),
            7 => keeps.extend(keeps.first().cloned()),
            8 => keeps.clear(),
            _ => *at = time,
        },
        Record::Suspension { unit, proof, issuer, below, at } => match which {
            0 | 1 => *unit = elsewhere,
            2 | 3 => *proof = id,
            4 | 5 => *issuer = key,
            6 => below.clone_from(unit),
            7..10 => *below = elsewhere,
            _ => *at = time,
        },
        Record::Dissolution { unit, proof, issuer, below, successors, at } => match which {
            0 => *unit = elsewhere,
            1 => *proof = id,
            2 => *issuer = key,
            3 => below.clone_from(unit),
            4 => *below = elsewhere,
            5 => successors.push(below.clone()),
            6 => *successors = vec![format!("{below}/x")],
            7 => *successors = vec![format!("{below}2")],
            8 => disorder(successors),
            9 => successors.extend(successors.first().cloned()),
            10 => *successors = vec![elsewhere],
            _ => *at = time,
        },
        _ => bend_rest(record, which, (id, key, elsewhere), time),
    }
}

fn bend_rest(record: &mut Record, which: usize, other: (String, String, String), time: u64) {
    let (id, key, elsewhere) = other;
    match record {
        Record::Card { unit, proof, issuer, at, .. } => match which {
            0..3 => *unit = elsewhere,
            3..6 => *proof = id,
            6..9 => *issuer = key,
            _ => *at = time,
        },
        Record::Address { unit, proof, issuer, at, until } => match which {
            0 => *unit = elsewhere,
            1 | 2 => *proof = id,
            3 | 4 => *issuer = key,
            5 => *until = *at,
            6 => *until = (*at + MONTH + 1).min(LATEST),
            7 => *until = at.saturating_sub(1),
            _ => *at = time.min(*until),
        },
        Record::Endorsement { proof, issuer, endorses, .. } => match which {
            0..3 => *proof = id,
            3..8 => *issuer = key,
            _ => *endorses = id,
        },
        _ => {}
    }
}
