//! Vectors of documents: changes, what they say, events, names, sealed values, letters, reports.

mod change;
mod chunks;
mod events;
mod letters;
mod names;
mod refused;
mod reports;
mod sealed;
mod taken;
mod values;

use serde_json::Value;

pub(crate) fn vectors() -> Vec<Value> {
    [
        taken::vectors(),
        refused::vectors(),
        chunks::vectors(),
        values::vectors(),
        names::vectors(),
        events::vectors(),
        sealed::vectors(),
        letters::vectors(),
        reports::vectors(),
    ]
    .concat()
}
