//! Vectors of what counts, and of what is set aside.

mod adopted;
mod aside;
mod forks;
mod letters;
mod permitted;

use serde_json::Value;

use crate::envelopes::{Envelope, Pen};

pub(crate) fn vectors() -> Vec<Value> {
    [
        permitted::vectors(),
        adopted::vectors(),
        forks::vectors(),
        letters::vectors(),
        aside::vectors(),
    ]
    .concat()
}

const COUNTS: &str = "counts";
const FORK: &str = "fork";
const OUTVOTED: &str = "outvoted";
const RESTS: &str = "rests-on-suspended";
const UNPERMITTED: &str = "unpermitted";
/// The same, and set aside.
const GONE: &str = "unpermitted+aside";
const OUTVOTED_GONE: &str = "outvoted+aside";
const RESTS_GONE: &str = "rests-on-suspended+aside";

/// The first three envelopes of a log.
pub(crate) fn three(pen: &Pen) -> [Envelope; 3] {
    let first = pen.writes(None, "first");
    let second = pen.writes(Some(&first), "second");
    let third = pen.writes(Some(&second), "third");
    [first, second, third]
}
