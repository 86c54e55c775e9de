//! Breadth-first over sets of items: every set that a number of moves can make, each judged once.
//!
//! A verdict is a function of the set, so a state is the set alone, however it came about;
//! sets with the same items are one state.
//! An item can only name items that are there before it (ids are hashes), so no set is missed.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tests_oracle::case::{Answer, Case};

use crate::arbiter;
use crate::quick::{self, Rules};
use crate::words;
use crate::world::{Item, World};

/// What one party does at once: one item, or an honest act of several.
#[derive(Debug, Clone)]
pub struct Move {
    pub who: &'static str,
    pub items: Vec<Rc<Item>>,
    /// How much of the bound it uses up.
    pub cost: usize,
    /// The honest act, which happens once.
    pub act: bool,
}

/// A set that was reached.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub moves: Vec<Rc<Move>>,
    /// The honest act has happened after this many moves.
    pub acted: Option<usize>,
}

/// A loosened rule: rewrites the case before it is judged.
pub type Fault = fn(&mut Case);

pub trait Model {
    fn name(&self) -> &'static str;
    fn world(&self) -> &World;
    /// The text, or a mend of it.
    fn rules(&self) -> Rules {
        Rules::default()
    }
    /// Every move that is possible in this state.
    fn moves(&self, state: &State, case: &Case, answer: &Answer) -> Vec<Move>;
    /// The honest act, if it can happen now.
    fn act(&self, _state: &State, _case: &Case, _answer: &Answer) -> Option<Move> {
        None
    }
    /// A goal of the attacker that was reached.
    fn broken(&self, state: &State, case: &Case, answer: &Answer) -> Option<String>;
    /// Sets that have no answer by the text; the search does not go on from them.
    fn unanswerable(&self, _case: &Case, answer: &Answer) -> Option<String> {
        (!answer.suspended.is_empty()).then(|| "the endings have no verdict".into())
    }
}

/// What a search did and found.
#[derive(Debug, Default)]
pub struct Report {
    pub name: &'static str,
    pub depth: usize,
    /// Sets judged.
    pub states: usize,
    /// Sets left out because an item of the last move is refused: they differ from one that was
    /// judged by what has no effect.
    pub refused: usize,
    /// Sets in which the honest act had happened.
    pub acted: usize,
    /// Sets that the oracle was asked about too.
    pub arbiter: usize,
    /// Where the oracle and the quick judge differ.
    pub differences: BTreeMap<String, String>,
    pub took: Duration,
    /// The first trace for each different goal reached.
    pub found: BTreeMap<String, String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, depth, states, refused, acted, arbiter, took, .. } = self;
        write!(f, "{name}: depth {depth}, {states} sets judged ({acted} after the honest act), ")?;
        write!(f, "{refused} refused, {arbiter} asked of the oracle, ")?;
        write!(f, "{} goals reached, {took:.1?}", self.found.len())
    }
}

/// The case of a state, in the order of its moves.
pub fn case_of(world: &World, state: &State) -> Case {
    let mut case = world.case.clone();
    for item in state.moves.iter().flat_map(|step| &step.items) {
        match &**item {
            Item::Say(statement) => case.statements.push(statement.clone()),
            Item::Write(envelope) => case.envelopes.push(envelope.clone()),
        }
    }
    let count = case.statements.len() + case.envelopes.len();
    case.orders = vec![(0..count).collect()];
    case
}

pub fn verdict(case: &Case, rules: Rules) -> Answer {
    quick::judge(case, rules)
}

/// How to search.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search {
    /// Moves at most.
    pub depth: usize,
    pub fault: Option<Fault>,
    /// Ends at the first goal reached.
    pub first: bool,
    /// Asks the oracle too about every set of this number, and about those that reach a goal.
    pub arbiter: Option<usize>,
}

/// Judges every set that is reached.
pub fn search(model: &dyn Model, how: Search) -> Report {
    let Search { depth, fault, first, arbiter } = how;
    let start = Instant::now();
    let mut report = Report { name: model.name(), depth, ..Report::default() };
    let (mut seen, mut never) = (HashSet::new(), HashSet::new());
    let mut layers: Vec<Vec<State>> = vec![Vec::new(); depth + 1];
    layers[0].push(State::default());
    let mut at = 0;
    while at <= depth {
        let Some(state) = layers[at].pop() else {
            at += 1;
            continue;
        };
        let mut case = case_of(model.world(), &state);
        if let Some(fault) = fault {
            fault(&mut case);
        }
        let answer = verdict(&case, model.rules());
        let number = report.states + report.refused;
        if arbiter.is_some_and(|every| number.is_multiple_of(every)) {
            ask_arbiter(&mut report, model, &state, &case);
        }
        if let Some(goal) = model.unanswerable(&case, &answer) {
            note(&mut report, model, &state, goal);
            continue;
        }
        if state.moves.last().is_some_and(|last| refused(&case, last, &answer, &mut never)) {
            report.refused += 1;
            continue;
        }
        report.states += 1;
        report.acted += usize::from(state.acted.is_some());
        if let Some(goal) = model.broken(&state, &case, &answer) {
            note(&mut report, model, &state, goal);
            if arbiter.is_some() {
                ask_arbiter(&mut report, model, &state, &case);
            }
            if first {
                break;
            }
            continue;
        }
        let mut steps = Vec::new();
        if at < depth {
            steps = model.moves(&state, &case, &answer);
            steps.retain(|step| !step.items.iter().any(|item| never.contains(item.id())));
        }
        if state.acted.is_none() {
            steps.extend(model.act(&state, &case, &answer));
        }
        for step in steps {
            let cost = at + step.cost;
            let next = add(&state, step);
            if seen.insert(mark(&next)) {
                layers[cost].push(next);
            }
        }
    }
    report.took = start.elapsed();
    report
}

fn ask_arbiter(report: &mut Report, model: &dyn Model, state: &State, case: &Case) {
    report.arbiter += 1;
    if let Some(difference) = arbiter::differs(case) {
        report.differences.entry(difference).or_insert_with(|| trace(model, state));
    }
}

fn add(state: &State, step: Move) -> State {
    let acted = if step.act { Some(state.moves.len()) } else { state.acted };
    let mut moves = state.moves.clone();
    moves.push(Rc::new(step));
    State { moves, acted }
}

/// Two states with the same items are one.
fn mark(state: &State) -> (u64, u64, bool) {
    let mut sums = (0_u64, 0_u64);
    for item in state.moves.iter().flat_map(|step| &step.items) {
        let (mut one, mut two) = (0xcbf2_9ce4_8422_2325_u64, 0x9e37_79b9_7f4a_7c15_u64);
        for byte in item.id().bytes() {
            one = (one ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            two = two
                .rotate_left(7)
                .wrapping_add(u64::from(byte))
                .wrapping_mul(0xff51_afd7_ed55_8ccd);
        }
        sums = (sums.0.wrapping_add(one), sums.1.wrapping_add(two));
    }
    (sums.0, sums.1, state.acted.is_some())
}

/// Whether an item of the last move is refused; what is refused once never becomes anything.
fn refused(case: &Case, last: &Move, answer: &Answer, never: &mut HashSet<String>) -> bool {
    let mut refused = false;
    for item in &last.items {
        match &**item {
            Item::Say(said) => {
                let place = case.statements.iter().position(|one| one.id == said.id);
                if place.is_some_and(|place| answer.kept.as_bytes().get(place) == Some(&b'r')) {
                    never.insert(said.id.clone());
                    refused = true;
                }
            }
            Item::Write(written) => {
                let place = case.envelopes.iter().position(|one| one.id == written.id);
                refused |= place.is_some_and(|place| answer.envelopes[place] == "absent");
            }
        }
    }
    refused
}

fn note(report: &mut Report, model: &dyn Model, state: &State, goal: String) {
    let Report { found, .. } = report;
    found.entry(goal).or_insert_with(|| trace(model, state));
}

/// The moves of a state as lines.
fn trace(model: &dyn Model, state: &State) -> String {
    let mut names = model.world().names.clone();
    let mut lines = Vec::new();
    for (n, step) in state.moves.iter().enumerate() {
        for (part, item) in step.items.iter().enumerate() {
            names.entry(item.id().to_owned()).or_insert_with(|| format!("#{}.{}", n + 1, part + 1));
            lines.push(format!("  {}: {}", step.who, words::line(&names, item)));
        }
    }
    lines.join("\n")
}
