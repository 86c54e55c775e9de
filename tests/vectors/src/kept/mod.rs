//! Vectors of what is kept, waits or is refused, rule by rule.

mod generations;
mod issued;

use serde_json::Value;

pub(crate) fn vectors() -> Vec<Value> {
    [generations::vectors(), issued::vectors()].concat()
}
