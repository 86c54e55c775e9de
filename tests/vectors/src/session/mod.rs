//! Vectors of sessions: frames, streams, sums, what is shared, resuming, reconciling.

mod frame;
mod full;
mod negentropy;
mod ranges;
mod resume;
mod shared;
mod stream;
mod sums;

use serde_json::Value;

pub(crate) fn vectors() -> Vec<Value> {
    [
        frame::vectors(),
        full::vectors(),
        stream::vectors(),
        sums::vectors(),
        shared::vectors(),
        resume::vectors(),
        negentropy::vectors(),
    ]
    .concat()
}
