//! Vectors of what stands, inside and outside, and of what follows from it.

mod acts;
mod endings;
mod generations;
mod rivals;
mod roots;
mod spared;
mod validity;

use serde_json::Value;

use crate::signed::Statement;

pub(crate) fn vectors() -> Vec<Value> {
    [
        validity::vectors(),
        endings::vectors(),
        spared::vectors(),
        generations::vectors(),
        roots::vectors(),
        rivals::vectors(),
        acts::vectors(),
    ]
    .concat()
}

/// Statements together in a list of their own.
pub(crate) fn all(of: &[&Statement]) -> Vec<Statement> {
    of.iter().map(|statement| (*statement).clone()).collect()
}
