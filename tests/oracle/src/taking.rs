//! Taking items in: "what cannot be taken in yet comes again until nothing changes" (CASES).

use crate::admission;
use crate::case::Case;
use crate::held::{Held, State};
use crate::kept;

/// Goes round over what is not yet in, in the order given, until a round changes nothing.
pub(crate) fn take_in<'a>(case: &'a Case, order: &[usize]) -> Held<'a> {
    let mut held = Held::nothing(case);
    loop {
        let mut changed = false;
        for &item in order {
            changed |= take_item(&mut held, item);
        }
        // Each round that changes something settles an item for good, so this ends.
        if !changed {
            return held;
        }
    }
}

/// Whether the item's state changed. A number that names no item is passed over.
fn take_item(held: &mut Held<'_>, item: usize) -> bool {
    let statements = held.case.statements.len();
    if let Some(statement) = held.case.statements.get(item) {
        if held.states[item] != State::Waits {
            return false;
        }
        held.states[item] = kept::state(held, statement);
        return held.states[item] != State::Waits;
    }
    let number = item - statements;
    match held.case.envelopes.get(number) {
        Some(envelope) if !held.admitted[number] => {
            held.admitted[number] = admission::admits(held, envelope);
            held.admitted[number]
        }
        _ => false,
    }
}
