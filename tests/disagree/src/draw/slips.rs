//! In some cases a value is bent, so that a statement or envelope is slightly wrong.

use tests_oracle::case::{Envelope, Record, Scope};

use super::make::commitment;
use super::world::{LATEST, MONTH, World};

impl World {
    /// Bends up to three values.
    pub(crate) fn slips(&mut self) {
        let count = self.chance.weighted(&[(10, 0), (4, 1), (3, 2), (1, 3)]);
        for _ in 0..count {
            if self.chance.percent(70) || self.case.envelopes.is_empty() {
                let at = self.chance.below(self.case.statements.len());
                self.slip(at);
            } else {
                let at = self.chance.below(self.case.envelopes.len());
                self.envelope_slip(at);
            }
        }
    }

    /// Bends one field of a statement.
    fn slip(&mut self, at: usize) {
        let id = self.some_id();
        let key = self.key();
        let mut unit = self.chance.pick(&self.units).clone();
        if self.chance.percent(10) {
            unit = (*self.chance.pick(&["c/z", "x", "c/d/s/u/v", "c"])).to_owned();
        }
        let time = self.when();
        let which = self.chance.below(12);
        let mut record = self.case.statements[at].record.clone();
        match &mut record {
            Record::Charter { .. } | Record::Rotation { .. } => {
                bend_generation(&mut record, which, id, key, unit)
            }
            Record::Succession { .. } => bend_succession(&mut record, which, id, key),
            Record::Delegation { .. } | Record::Founding { .. } => {
                bend_grant(&mut record, which, (id, key, unit), time)
            }
            Record::Adoption { .. } => bend_adoption(&mut record, which, (id, key, unit), time),
            _ => bend_act(&mut record, which, (id, key, unit), time),
        }
        self.case.statements[at].record = record;
    }

    /// Bends one field of an envelope.
    fn envelope_slip(&mut self, at: usize) {
        let id = self.some_id();
        let key = self.key();
        let unit = self.chance.pick(&self.units).clone();
        let time = self.when();
        let class = *self.chance.pick(&[0, 64, 128, 192, 223, 224, 255]);
        let which = self.chance.below(13);
        let envelope: &mut Envelope = &mut self.case.envelopes[at];
        match which {
            0 => envelope.seq += 1,
            1 => envelope.seq = envelope.seq.saturating_sub(1),
            2 => envelope.backlink = None,
            3 => envelope.backlink = Some(id),
            4 => envelope.at = time,
            5 => envelope.dependencies.push(id),
            6 => envelope.dependencies.reverse(),
            7 => envelope.dependencies.push(envelope.id.clone()),
            8 => envelope.delegation = id,
            9 => envelope.author = key,
            10 => envelope.document.1 = class,
            11 => envelope.document.0 = unit,
            _ => envelope.document.2 = envelope.document.0.clone(),
        }
        if which == 5 && time != LATEST {
            envelope.dependencies.sort();
        }
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
            8 => keeps.reverse(),
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
        _ => keeps.reverse(),
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
        6 => *scope = Scope::Own(unit.clone(), 0),
        7 => {
            if let Scope::Pair(one, _, two) = scope {
                std::mem::swap(one, two);
            }
        }
        8 => marks.iter_mut().for_each(|mark| mark.head.clone_from(&id)),
        9 => *at = time,
        10 if time > 300 => marks.iter_mut().for_each(|mark| mark.seq += 1),
        10 => marks.iter_mut().for_each(|mark| mark.seq = 0),
        11 if time == 100 => marks.clear(),
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
            6 => keeps.reverse(),
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
            8 => successors.reverse(),
            9 => successors.extend(successors.first().cloned()),
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
