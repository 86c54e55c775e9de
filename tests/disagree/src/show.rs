//! A disagreement, to be read by people.

use serde::Serialize;
use tests_oracle::case::{Answer, Case};

use crate::compare::Difference;

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The case, one statement or envelope a line, where the answers differ, and both.
pub fn show(
    seed: u64,
    number: u64,
    case: &Case,
    difference: &Difference,
    answers: &[(&str, Option<&Answer>)],
) -> String {
    let mut out = String::new();
    let mut put = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    put(format!(
        "seed {seed}, number {number}: {:?} differ in {} [{}]",
        difference.between, difference.field, difference.element
    ));
    put(format!("  one says {}, two says {}", difference.one, difference.two));
    put(format!("  genesis {}", line(&case.genesis)));
    put(format!("  own {}  pins {}", line(&case.own), line(&case.pins)));
    for (at, made) in case.statements.iter().enumerate() {
        put(format!("  {at:>2} {}", line(made)));
    }
    for (at, made) in case.envelopes.iter().enumerate() {
        put(format!("  {:>2} envelope {at} {}", case.statements.len() + at, line(made)));
    }
    put(format!(
        "  orders {}  times {}  units {}",
        line(&case.orders),
        line(&case.times),
        line(&case.units)
    ));
    for (at, read) in case.reads.iter().enumerate() {
        put(format!("  read {at} {}", line(read)));
    }
    for (who, answer) in answers {
        put(format!("  {who}: {}", answer.map_or_else(|| "no answer".to_owned(), line)));
    }
    out
}
