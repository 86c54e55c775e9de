//! Drawn cases: the judge must neither panic nor loop, and the order must not matter.
//!
//! Names are drawn from few, so that much fits together by chance, and much does not: unknown
//! ids, self references, cycles, lists out of order. The draw is fixed; a failure can be repeated.

mod common;

use std::collections::BTreeMap;
use std::time::Instant;

use common::{empty, make};
use make::Change;
use tests_oracle::case::{Case, Document, Envelope, Read, Record, Scope, Statement};
use tests_oracle::{judge, judge_order};

/// A small generator (xorshift), so that no crate is needed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or(0)
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len())]
    }

    fn some(&mut self, of: &[&'static str]) -> Vec<&'static str> {
        let mut some: Vec<_> = of.iter().copied().filter(|_| self.below(3) == 0).collect();
        if self.below(20) == 0 {
            some.reverse();
        }
        some
    }

    fn most(&mut self, of: &[&'static str]) -> Vec<&'static str> {
        of.iter().copied().filter(|_| self.below(4) > 0).collect()
    }

    fn permutation(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        for place in (1..length).rev() {
            order.swap(place, self.below(place + 1));
        }
        order
    }
}

const IDS: [&str; 22] = [
    "s00", "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10", "s11", "s12",
    "s13", "s14", "s15", "s16", "s17", "s18", "s19", "t", "none",
];
const UNITS: [&str; 4] = ["c", "c/d", "c/d/s", "c/e"];
const KEYS: [&str; 4] = ["r1", "k1", "k2", "n1"];
const HEADS: [&str; 9] = ["e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "none"];

/// The first eight are charters and root foundings; the others mostly name one of the
/// charters of their unit, or a delegation, as proof.
fn statement(draw: &mut Draw, id: &'static str, number: usize) -> Statement {
    let place = if number < 8 { number % 4 } else { draw.below(4) };
    let unit = UNITS[place];
    let (proof, issuer) = match draw.below(8) {
        0 => (draw.one(&IDS), draw.one(&KEYS)),
        1 => ("G", "r1"),
        2 | 3 => (draw.one(&IDS[8..20]), draw.one(&KEYS)),
        _ => (IDS[place], "k1"),
    };
    let below = draw.one(&UNITS);
    let from = draw.below(20) as u64;
    let to = from + draw.below(100) as u64;
    match number {
        0..4 => return make::charter(id, unit, "k1", "n1"),
        4..8 => return make::founding(id, "c", "G", "r1", unit, IDS[number - 4]),
        _ => {}
    }
    match draw.below(16) {
        0 => make::rotation(id, unit, proof, "n1", "k2").keeping(&draw.most(&IDS)),
        1 => make::succession(id, "G", "n1", &["k1", "k2"]).keeping(&draw.most(&IDS)),
        2 => make::founding(id, unit, proof, issuer, below, draw.one(&IDS[..8])).term(from, to),
        3 => make::ending(id, unit, proof, issuer, draw.one(&IDS)).keeping(&draw.some(&IDS)),
        4 => make::closing(id, unit, proof, issuer, draw.one(&IDS)).keeping(&draw.some(&IDS)),
        5 | 6 => adoption(draw, id, unit, proof, issuer),
        7 => make::suspension(id, unit, proof, issuer, below),
        8 => make::card(id, unit, proof, issuer, draw.below(3) as u64),
        9 => make::address(id, unit, proof, issuer, from),
        10 => make::endorsement(id, "G", issuer, draw.one(&IDS)),
        _ => {
            let verbs = u8::try_from(draw.below(4)).unwrap_or(0);
            let subject = draw.one(&KEYS);
            make::delegation(id, unit, proof, issuer, subject, verbs).term(from, to)
        }
    }
}

fn adoption(draw: &mut Draw, id: &str, by: &str, its_proof: &str, its_issuer: &str) -> Statement {
    let mut marked = make::mark(1, 1 + draw.below(2) as u64, draw.one(&HEADS));
    marked.document.0 = by.into();
    marked.author = draw.one(&KEYS).into();
    let mut made = make::adoption(id, 1, &[marked]);
    if let Record::Adoption { unit, proof, issuer, scope, .. } = &mut made.record {
        (*unit, *proof, *issuer) = (by.into(), its_proof.into(), its_issuer.into());
        *scope = Scope::Own(by.into(), 1);
    }
    made
}

fn envelope(draw: &mut Draw, id: &'static str, writers: &[Statement]) -> Envelope {
    let (unit, author, delegation) = match writers.get(draw.below(writers.len().max(1))) {
        Some(Statement { id, record: Record::Delegation { unit, subject, .. } }) => {
            (unit.clone(), subject.clone(), id.clone())
        }
        _ => ("c".to_owned(), "k1".to_owned(), "none".to_owned()),
    };
    let seq = 1 + draw.below(4).saturating_sub(1) as u64;
    let class = [1, 1, 1, 130][draw.below(4)];
    let dependencies = if draw.below(3) == 0 { draw.some(&HEADS[..4]) } else { Vec::new() };
    Envelope {
        document: Document(unit, class, "x".into()),
        author,
        dependencies: dependencies.iter().map(|id| (*id).to_owned()).collect(),
        delegation,
        at: 20 + draw.below(10) as u64,
        ..make::envelope(id, 1, seq, (seq > 1).then(|| draw.one(&HEADS)))
    }
}

fn case(draw: &mut Draw) -> Case {
    let mut case = empty();
    case.own.lineage = "s01".into();
    for (number, id) in IDS[..20].iter().enumerate() {
        case.statements.push(statement(draw, id, number));
    }
    let is_writer = |one: &&Statement| matches!(one.record, Record::Delegation { .. });
    let writers: Vec<Statement> = case.statements.iter().filter(is_writer).cloned().collect();
    for id in &HEADS[..8] {
        case.envelopes.push(envelope(draw, id, &writers));
    }
    case.times = vec![0, 30, 60];
    for unit in UNITS {
        for compartment in [0, 2, 5] {
            let scope = Scope::Own(unit.into(), compartment);
            case.reads.push(Read { key: draw.one(&KEYS).into(), at: 50, scope });
        }
    }
    let items = case.statements.len() + case.envelopes.len();
    case.orders = (0..3).map(|_| draw.permutation(items)).collect();
    case
}

#[test]
fn drawn_cases_do_not_depend_on_the_order() {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let (mut orders, begun) = (0, Instant::now());
    for _ in 0..2000 {
        let case = case(&mut draw);
        let answers = judge(&case).orders;
        assert!(answers.iter().all(|one| *one == answers[0]), "{case:?}");
        orders += u32::try_from(answers.len()).unwrap_or(1);
        for verdict in &answers[0].envelopes {
            *said.entry(verdict.clone()).or_default() += 1;
        }
    }
    println!("{:?} an order; {said:?}", begun.elapsed() / orders);
    for verdict in ["counts", "unpermitted+aside", "outvoted+aside", "fork"] {
        assert!(said.get(verdict).is_some_and(|times| *times > 0), "{verdict} is drawn too rarely");
    }
}

#[test]
fn odd_orders_and_references_do_no_harm() {
    let mut draw = Draw(7);
    let case = case(&mut draw);
    for order in [vec![], vec![0, 0, 0], vec![usize::MAX, 28, 1_000_000, 3]] {
        assert_eq!(judge_order(&case, &order).kept.len(), 20);
    }
    let mut selves = empty();
    for id in ["a", "b"] {
        let other = if id == "a" { "b" } else { "a" };
        selves.statements.push(make::ending(id, "c", other, "k1", other));
    }
    selves.statements.push(make::rotation("r", "c", "r", "n1", "k2"));
    selves.statements.push(make::succession("s", "s", "n1", &["k1"]));
    selves.statements.push(make::endorsement("e", "G", "r1", "e"));
    assert_eq!(judge_order(&selves, &[0, 1, 2, 3, 4]).kept, "wwwww");
}
