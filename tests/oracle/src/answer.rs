//! The answers of CASES.md, put together field by field.

use crate::case::{Answer, Case, Envelope, Statement};
use crate::held::{Held, State};
use crate::path::Question;

pub(crate) fn answer(held: &Held<'_>) -> Answer {
    let case = held.case;
    let units = || case.units.iter();
    Answer {
        kept: held.states.iter().map(|state| letter(*state)).collect(),
        stands: stands(held),
        root: last(&held.root_chain()),
        present: held.charters().map(|id| (id.to_owned(), last(&held.chain(id)))).collect(),
        rivals: held.rivals(),
        followed: units()
            .map(|unit| (unit.clone(), held.followed(unit).map(str::to_owned)))
            .collect(),
        candidates: units()
            .map(|unit| {
                (unit.clone(), held.candidates(unit).into_iter().map(str::to_owned).collect())
            })
            .collect(),
        suspended: units().filter(|unit| held.is_suspended(unit)).cloned().collect(),
        dissolved: units().filter(|unit| held.is_dissolved(unit)).cloned().collect(),
        cards: units().map(|unit| (unit.clone(), held.unit_card(unit))).collect(),
        aside: held.statements_aside(),
        envelopes: envelopes(held, case),
        heads: held.heads(),
        reads: case.reads.iter().map(|read| held.may_hold(read)).collect(),
    }
}

fn letter(state: State) -> char {
    match state {
        State::Kept => 'k',
        State::Waits => 'w',
        State::Refused => 'r',
    }
}

fn last(chain: &[&str]) -> String {
    chain.last().map_or(String::new(), |id| (*id).to_owned())
}

fn stands(held: &Held<'_>) -> Vec<Vec<(String, String)>> {
    held.case
        .statements
        .iter()
        .zip(&held.states)
        .map(|(statement, state)| {
            let times = held.case.times.iter();
            times.map(|time| stands_at(held, statement, *state, *time)).collect()
        })
        .collect()
}

/// Delegations and foundings are asked for a time; every other statement at its own `at`.
fn stands_at<'a>(
    held: &Held<'a>,
    statement: &'a Statement,
    state: State,
    time: u64,
) -> (String, String) {
    let asked = Question::at(statement.at().unwrap_or(time));
    let kept = state == State::Kept;
    let mark = |stands: bool, letter: &str| if stands { letter } else { "-" }.to_owned();
    (
        mark(kept && held.stands_inside(statement, asked), "i"),
        mark(kept && held.stands_outside(statement, asked), "o"),
    )
}

fn envelopes<'a>(held: &Held<'a>, case: &'a Case) -> Vec<String> {
    case.envelopes
        .iter()
        .zip(&held.admitted)
        .map(
            |(envelope, admitted)| {
                if *admitted { verdict(held, envelope) } else { "absent".into() }
            },
        )
        .collect()
}

fn verdict<'a>(held: &Held<'a>, envelope: &'a Envelope) -> String {
    let verdict = held.reason(envelope).map_or("counts", |reason| reason.name());
    let aside = if held.envelope_is_aside(envelope) { "+aside" } else { "" };
    format!("{verdict}{aside}")
}
