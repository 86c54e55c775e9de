//! The golden vectors of the protocol, version 3, written from its text alone.
//!
//! Nothing here judges: each vector says by hand what a node must answer, and the judges of
//! `tests` and the product are held against the file. What it needs to write one is here: records
//! and their encoding ([`file`] begins with them), signatures by fixed keys, and the few
//! functions that the text defines by their result (sums, salted ids, reconciliations, changes).
//!
//! - `cbor`, `keys`, `signed`, `records`, `envelopes`, `frames`: values and their bytes.
//! - `world`, `tree`, `scene`: who speaks, what they usually say, and what a node knows.
//! - `encoding`, `kept`, `stands`, `counts`, `admit`, `hold`, `session`, `ids`, `documents`:
//!   vectors, by the sections of the text.
//!
//! The text says what a vector of each kind means (section 15). To change vectors on purpose run
//! `GONGZHI_GOLDEN_REWRITE=1 cargo test -p tests-vectors --test golden`.

mod admit;
mod cbor;
mod counts;
mod documents;
mod encoding;
mod envelopes;
mod frames;
mod hold;
mod ids;
mod kept;
mod keys;
mod records;
mod scene;
mod session;
mod signed;
mod stands;
mod tree;
mod vector;
mod world;

use serde_json::{Value, json};

/// The file: a genesis, the keys of its world, and the vectors.
pub fn file() -> Value {
    let keys: Vec<Value> = keys::HOLDERS
        .iter()
        .map(|holder| json!({ "name": holder.0, "key": hex::encode(holder.key()) }))
        .collect();
    let vectors = [
        encoding::vectors(),
        kept::vectors(),
        stands::vectors(),
        counts::vectors(),
        admit::vectors(),
        hold::vectors(),
        session::vectors(),
        ids::vectors(),
        documents::vectors(),
    ]
    .concat();
    json!({
        "format": 3,
        "genesis": hex::encode(world::genesis().cbor().bytes()),
        "network": hex::encode(world::network()),
        "keys": keys,
        "vectors": vectors,
    })
}
