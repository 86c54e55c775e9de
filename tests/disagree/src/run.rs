//! Many cases before both judges.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::thread;

use tests_oracle::case::{Answer, Case};

use crate::compare::{Between, Difference, compare};
use crate::draw::{Drawn, draw};
use crate::judges::{Program, Python, rust};
use crate::tally::Tally;

/// Which cases, and with whom.
#[derive(Debug, Clone)]
pub struct Options {
    pub seed: u64,
    pub first: u64,
    pub cases: u64,
    pub workers: u64,
    pub program: Program,
    /// Every so many cases the Python judge answers all orders.
    pub thorough: u64,
    /// Disagreements of one kind that are kept, at most.
    pub keep: usize,
    /// Beginnings of kinds that are passed over.
    pub known: Vec<String>,
}

impl Options {
    /// What the environment says: GONGZHI_SEED, GONGZHI_FIRST, GONGZHI_CASES, GONGZHI_PYTHON,
    /// GONGZHI_JUDGE, and GONGZHI_KNOWN, beginnings of kinds with `;` between them.
    pub fn of_environment(cases: u64) -> Self {
        let text = |name: &str| std::env::var(name).ok();
        let number = |name: &str, otherwise| {
            text(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
        };
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/judge.py");
        let known = text("GONGZHI_KNOWN").unwrap_or_default();
        Self {
            seed: number("GONGZHI_SEED", 1),
            first: number("GONGZHI_FIRST", 0),
            cases: number("GONGZHI_CASES", cases),
            workers: 2,
            program: Program {
                python: text("GONGZHI_PYTHON").unwrap_or_else(|| "python3".to_owned()),
                judge: text("GONGZHI_JUDGE").map_or_else(beside, PathBuf::from),
            },
            thorough: 20,
            keep: 1,
            known: known
                .split(';')
                .filter(|kind| !kind.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
        }
    }
}

/// A case over which the judges disagree.
#[derive(Debug, Clone)]
pub struct Disagreement {
    pub number: u64,
    pub case: Case,
    pub difference: Difference,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub tally: Tally,
    /// How many disagreements of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// The first of each kind.
    pub kept: BTreeMap<String, Vec<Disagreement>>,
}

impl Outcome {
    fn disagree(&mut self, number: u64, case: &Case, difference: Difference, most: usize) {
        let kind = difference.kind(case);
        *self.kinds.entry(kind.clone()).or_insert(0) += 1;
        let kept = self.kept.entry(kind).or_default();
        if kept.len() < most {
            kept.push(Disagreement { number, case: case.clone(), difference });
        }
    }

    fn join(&mut self, other: Self, most: usize) {
        self.tally.join(&other.tally);
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_insert(0) += count;
        }
        for (kind, disagreements) in other.kept {
            let kept = self.kept.entry(kind).or_default();
            kept.extend(disagreements);
            kept.sort_by_key(|disagreement| disagreement.number);
            kept.truncate(most);
        }
    }
}

/// Runs all cases on the workers, each with a Python judge of its own.
///
/// # Errors
///
/// When the Python judge cannot be started.
pub fn run(options: &Options) -> Result<Outcome, String> {
    let workers: Vec<_> = (0..options.workers)
        .map(|worker| {
            let options = options.clone();
            // A judge may recurse as deep as its case.
            let builder = thread::Builder::new().stack_size(256 << 20);
            builder.spawn(move || work(&options, worker)).map_err(|error| error.to_string())
        })
        .collect::<Result<_, _>>()?;
    let mut outcome = Outcome::default();
    for worker in workers {
        let done = worker.join().map_err(|_| "a worker panicked".to_owned())??;
        outcome.join(done, options.keep);
    }
    Ok(outcome)
}

/// The cases that are sent ahead to the Python judge.
const AHEAD: usize = 64;

fn work(options: &Options, worker: u64) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let mut python = Python::start(&options.program)?;
    let mut flying: VecDeque<(u64, Drawn)> = VecDeque::new();
    let end = options.first + options.cases;
    let mut next = options.first + worker;
    while next < end || !flying.is_empty() {
        while flying.len() < AHEAD && next < end {
            let drawn = draw(options.seed, next);
            python.send(&drawn.case, orders(options, next));
            flying.push_back((next, drawn));
            next += options.workers;
        }
        let Some((number, drawn)) = flying.pop_front() else { break };
        let ours = rust(&drawn.case);
        let theirs = python.receive();
        if theirs.is_err() {
            python = Python::start(&options.program)?;
            for (number, drawn) in &flying {
                python.send(&drawn.case, orders(options, *number));
            }
        }
        if let Ok(Some(answer)) = ours.as_ref().map(|answers| answers.first()) {
            outcome.tally.note(&drawn, answer);
        }
        if let Some(difference) = differ(&drawn.case, ours, theirs, &options.known) {
            outcome.disagree(number, &drawn.case, difference, options.keep);
        }
    }
    Ok(outcome)
}

fn orders(options: &Options, number: u64) -> usize {
    if number.is_multiple_of(options.thorough) { usize::MAX } else { 1 }
}

/// The first difference in what the judges say of a case, but for kinds that are known.
pub fn differ(
    case: &Case,
    ours: Result<Vec<Answer>, String>,
    theirs: Result<Vec<Answer>, String>,
    known: &[String],
) -> Option<Difference> {
    let ours = match ours {
        Ok(ours) => ours,
        Err(why) => return Some(Difference::silence("rust", &why)),
    };
    let theirs = match theirs {
        Ok(theirs) => theirs,
        Err(why) => return Some(Difference::silence("python", &why)),
    };
    let (Some(one), Some(two)) = (ours.first(), theirs.first()) else {
        return Some(Difference::silence("a judge", "no order was answered"));
    };
    let mut all = compare(Between::Judges, one, two);
    all.extend(ours[1..].iter().flat_map(|other| compare(Between::RustOrders, one, other)));
    all.extend(theirs[1..].iter().flat_map(|other| compare(Between::PythonOrders, two, other)));
    all.into_iter().find(|difference| {
        let kind = difference.kind(case);
        !known.iter().any(|known| kind.starts_with(known.as_str()))
    })
}
