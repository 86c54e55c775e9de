//! From a disagreement to what is printed of it.

use crate::judges::{Python, rust};
use crate::reduce::reduce;
use crate::run::{Disagreement, Options, differ};
use crate::show::show;

/// The reduced case as text; the judges are asked many times.
pub fn explain(options: &Options, found: &Disagreement) -> String {
    let mut python = match Python::start(&options.program) {
        Ok(python) => python,
        Err(why) => return why,
    };
    let kind = found.difference.kind(&found.case);
    let mut ask = |case: &tests_oracle::case::Case| {
        if case.orders.is_empty() {
            return None;
        }
        let (ours, theirs) = (rust(case), python.ask(case, usize::MAX));
        if theirs.is_err()
            && let Ok(again) = Python::start(&options.program)
        {
            python = again;
        }
        let first = |answers: &Result<Vec<_>, _>| {
            answers.as_ref().ok().and_then(|answers| answers.first().cloned())
        };
        let (one, two) = (first(&ours), first(&theirs));
        differ(case, ours, theirs, &options.known).map(|difference| (difference, one, two))
    };
    let case = reduce(&found.case, |case| {
        ask(case).is_some_and(|(difference, _, _)| difference.kind(case) == kind)
    });
    let Some((difference, one, two)) = ask(&case) else {
        return format!("seed {}, number {}: not found again", options.seed, found.number);
    };
    show(
        options.seed,
        found.number,
        &case,
        &difference,
        &[("rust", one.as_ref()), ("python", two.as_ref())],
    )
}
