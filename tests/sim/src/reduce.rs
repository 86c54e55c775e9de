//! Makes a failing plan smaller: deletes parts of it, as long as the same invariant fails.

use crate::failure::Failure;
use crate::plan::{Plan, Step};
use crate::run::run_plan;

/// Runs that a reduction may take.
const RUNS_MAX: usize = 300;

/// A smaller plan that fails alike, and its failure.
pub fn reduce(seed: u64, plan: Plan, failure: Failure) -> (Plan, Failure) {
    let (mut plan, mut failure) = (plan, failure);
    let (mut chunk, mut runs) = (plan.steps.len().div_ceil(2), 0);
    while chunk > 0 && runs < RUNS_MAX {
        let mut at = 0;
        let mut smaller = false;
        while at < plan.steps.len() && runs < RUNS_MAX {
            runs += 1;
            let candidate = Plan { steps: without(&plan.steps, at, chunk), ..plan.clone() };
            match run_plan(seed, candidate.clone()) {
                Err(again) if again.invariant == failure.invariant => {
                    (plan, failure, smaller) = (candidate, *again, true);
                }
                _ => at += chunk,
            }
        }
        if !smaller || chunk > 1 {
            chunk /= 2;
        }
    }
    (plan, failure)
}

fn without(steps: &[Step], at: usize, chunk: usize) -> Vec<Step> {
    let end = steps.len().min(at + chunk);
    [&steps[..at], &steps[end..]].concat()
}
