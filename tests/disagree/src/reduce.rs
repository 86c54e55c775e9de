//! Making a case smaller while the judges still differ in the same way.

use tests_oracle::case::{Case, Record};

/// Drops whatever can be dropped, again and again, while `still` holds.
pub fn reduce(case: &Case, mut still: impl FnMut(&Case) -> bool) -> Case {
    let mut best = case.clone();
    loop {
        let before = size(&best);
        items(&mut best, &mut still);
        questions(&mut best, &mut still);
        lists(&mut best, &mut still);
        if size(&best) == before {
            return best;
        }
    }
}

fn size(case: &Case) -> usize {
    serde_json::to_string(case).map_or(0, |text| text.len())
}

fn attempt(
    best: &mut Case,
    still: &mut impl FnMut(&Case) -> bool,
    change: impl FnOnce(&mut Case),
) -> bool {
    let mut smaller = best.clone();
    change(&mut smaller);
    let holds = smaller != *best && still(&smaller);
    if holds {
        *best = smaller;
    }
    holds
}

/// Statements and envelopes, by halves first and then one by one; and orders.
fn items(best: &mut Case, still: &mut impl FnMut(&Case) -> bool) {
    let mut step = (best.statements.len() + best.envelopes.len()).div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < best.statements.len() + best.envelopes.len() {
            if !attempt(best, still, |case| drop_items(case, at, step)) {
                at += step;
            }
        }
        if step == 1 {
            break;
        }
        step = step.div_ceil(2);
    }
    for at in (0..best.orders.len()).rev() {
        attempt(best, still, |case| drop(case.orders.remove(at)));
    }
}

/// Drops `count` items from number `from` on, and renumbers the orders.
fn drop_items(case: &mut Case, from: usize, count: usize) {
    let all = case.statements.len() + case.envelopes.len();
    let gone = from..(from + count).min(all);
    let statements = case.statements.len();
    let mut at = 0;
    case.statements.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    let mut at = statements;
    case.envelopes.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    for order in &mut case.orders {
        order.retain(|item| !gone.contains(item));
        for item in order {
            if *item >= gone.end {
                *item -= gone.len();
            }
        }
    }
}

/// Times, units, readers, pins.
fn questions(best: &mut Case, still: &mut impl FnMut(&Case) -> bool) {
    for at in (0..best.times.len()).rev() {
        attempt(best, still, |case| {
            case.times.remove(at);
        });
    }
    for at in (0..best.units.len()).rev() {
        attempt(best, still, |case| drop(case.units.remove(at)));
    }
    for at in (0..best.reads.len()).rev() {
        attempt(best, still, |case| drop(case.reads.remove(at)));
    }
    for key in best.pins.generations.keys().cloned().collect::<Vec<_>>() {
        attempt(best, still, |case| drop(case.pins.generations.remove(&key)));
    }
    for key in best.pins.units.keys().cloned().collect::<Vec<_>>() {
        attempt(best, still, |case| drop(case.pins.units.remove(&key)));
    }
    attempt(best, still, |case| case.own.former.clear());
}

/// Keeps, marks, dependencies, successors.
fn lists(best: &mut Case, still: &mut impl FnMut(&Case) -> bool) {
    for at in 0..best.statements.len() {
        for item in (0..length(&best.statements[at].record)).rev() {
            attempt(best, still, |case| shorten(&mut case.statements[at].record, item));
        }
    }
    for at in 0..best.envelopes.len() {
        for item in (0..best.envelopes[at].dependencies.len()).rev() {
            attempt(best, still, |case| drop(case.envelopes[at].dependencies.remove(item)));
        }
    }
}

fn length(record: &Record) -> usize {
    match record {
        Record::Rotation { keeps, .. }
        | Record::Succession { keeps, .. }
        | Record::Ending { keeps, .. } => keeps.len(),
        // Marks may not be empty.
        Record::Adoption { marks, .. } => marks.len().saturating_sub(1),
        Record::Dissolution { successors, .. } => successors.len(),
        _ => 0,
    }
}

fn shorten(record: &mut Record, item: usize) {
    match record {
        Record::Rotation { keeps, .. }
        | Record::Succession { keeps, .. }
        | Record::Ending { keeps, .. } => {
            drop(keeps.remove(item));
        }
        Record::Adoption { marks, .. } => drop(marks.remove(item)),
        Record::Dissolution { successors, .. } => drop(successors.remove(item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::reduce;
    use crate::draw::draw;

    #[test]
    fn what_does_not_matter_goes() {
        let case = draw(3, 4).case;
        let wanted = case.statements[5].id.clone();
        let small = reduce(&case, |case| case.statements.iter().any(|made| made.id == wanted));
        assert_eq!(small.statements.len(), 1);
        assert!(small.envelopes.is_empty() && small.reads.is_empty() && small.orders.is_empty());
    }

    #[test]
    fn orders_stay_permutations() {
        let case = draw(3, 5).case;
        let wanted = [case.statements[0].id.clone(), case.statements[4].id.clone()];
        let small = reduce(&case, |case| {
            !case.orders.is_empty()
                && wanted.iter().all(|id| case.statements.iter().any(|made| made.id == *id))
        });
        let mut order = small.orders[0].clone();
        order.sort_unstable();
        assert_eq!(order, vec![0, 1]);
    }
}
