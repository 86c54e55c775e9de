//! The bytes that must not change: `schema/golden-2/vectors.json`.
//!
//! The vectors are built here from fixed keys and compared with the file. To accept a change of
//! the protocol on purpose, run this test with `GONGZHI_GOLDEN_REWRITE=1` and say why in the
//! commit. `tests/conformance-2` judges the same file without this code.

mod acts;
mod adoptions;
mod caretakers;
mod chains;
mod logs;
mod messages;
mod records;
mod revocations;
mod roots;
mod routes;
mod sessions;
mod statements;
mod suspensions;
mod torsion;
mod world;
mod writes;

use std::path::PathBuf;
use std::sync::OnceLock;

use schema_wire::{Ed25519, Equivocation, Frame, Genesis, Hash, Item, Statement, Wire};
use serde_json::{Value, json};

/// A vector: its name, its kind (which check it is for), and what that check needs. A vector
/// with `refuse` must be refused, for that reason.
pub(crate) fn vector(name: &str, kind: &str, refuse: Option<&str>, facts: Value) -> Value {
    let mut vector = json!({ "name": name, "kind": kind, "refuse": refuse });
    let fields = vector.as_object_mut().expect("an object");
    fields.extend(facts.as_object().expect("an object").clone());
    vector
}

fn hex_list(values: &[impl Wire]) -> Vec<String> {
    values.iter().map(world::hexed).collect()
}

/// All statements are kept, and the first is a delegation in force.
pub(crate) fn chain(name: &str, refuse: Option<&str>, chain: &[Statement], at_ms: u64) -> Value {
    vector(name, "chain", refuse, json!({ "chain": hex_list(chain), "at_ms": at_ms }))
}

/// The item counts by its delegations and by what else was said.
pub(crate) fn write(
    name: &str,
    refuse: Option<&str>,
    item: &Item,
    by: &[Statement],
    said: &[Statement],
) -> Value {
    let statements = [hex_list(by), hex_list(said)].concat();
    let facts = json!({ "bytes": world::hexed(item), "statements": statements });
    vector(name, "write", refuse, facts)
}

fn build() -> Value {
    let keys: Vec<Value> = world::HOLDERS
        .iter()
        .map(|holder| json!({ "name": holder.0, "key": holder.key().to_string() }))
        .collect();
    let vectors = [
        records::vectors(),
        torsion::vectors(),
        statements::vectors(),
        chains::vectors(),
        caretakers::vectors(),
        roots::vectors(),
        writes::vectors(),
        routes::vectors(),
        revocations::vectors(),
        adoptions::vectors(),
        suspensions::vectors(),
        logs::vectors(),
        messages::vectors(),
        sessions::vectors(),
    ]
    .concat();
    json!({
        "format": 1,
        "genesis": world::hexed(&world::genesis()),
        "network": world::network().to_string(),
        "keys": keys,
        "vectors": vectors,
    })
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../golden-2/vectors.json")
}

fn built() -> String {
    serde_json::to_string_pretty(&build()).expect("values are JSON") + "\n"
}

/// The golden file, after it was rewritten if that was asked for.
fn stored() -> &'static str {
    static STORED: OnceLock<String> = OnceLock::new();
    STORED.get_or_init(|| {
        if std::env::var_os("GONGZHI_GOLDEN_REWRITE").is_some() {
            std::fs::write(path(), built()).expect("the golden folder is writable");
        }
        std::fs::read_to_string(path()).expect("the golden file is there")
    })
}

#[test]
fn the_golden_bytes_have_not_changed() {
    let (stored, built) = (stored(), built());
    let changed = stored.lines().zip(built.lines()).find(|(old, new)| old != new);
    assert!(
        stored == built,
        "golden bytes differ: {changed:?}; see schema/wire-2/tests/golden/main.rs to rewrite"
    );
}

/// What the wire crate alone can decide about a vector: none where authority is needed.
fn judge(vector: &Value, bytes: &[u8]) -> Option<bool> {
    let verified = |statement: Statement| statement.verify_with(&Ed25519).is_ok();
    match vector["kind"].as_str().expect("a kind") {
        "genesis" => Some(Genesis::from_bytes(bytes).is_ok()),
        "statement" => Some(Statement::from_bytes(bytes).is_ok_and(verified)),
        "item" => Some(match Item::from_bytes(bytes) {
            Ok(Item::Envelope(envelope)) => {
                envelope.content_matches()
                    && envelope.header.claims().network == world::network()
                    && envelope.header.verify().is_ok()
            }
            Ok(Item::Statement(statement)) => verified(statement),
            Err(_) => false,
        }),
        "equivocation" => {
            Some(Equivocation::from_bytes(bytes).is_ok_and(|proof| proof.holds(&Ed25519)))
        }
        "frame" => Some(Frame::from_bytes(bytes).is_ok()),
        "session" => Some(sessions::frames(bytes).is_ok_and(|frames| {
            let hashes = frames.iter().map(|frame| Hash::of(frame).to_string());
            vector["frames"] == json!(hashes.collect::<Vec<_>>())
        })),
        _ => None,
    }
}

#[test]
fn every_vector_of_the_file_is_judged_as_it_says() {
    let file: Value = serde_json::from_str(stored()).expect("the golden file is JSON");
    let mut n_judged = 0;
    for vector in file["vectors"].as_array().expect("a list of vectors") {
        let name = vector["name"].as_str().expect("a name");
        let Some(text) = vector["bytes"].as_str() else { continue };
        let bytes = hex::decode(text).expect("bytes in hex");
        let Some(accepted) = judge(vector, &bytes) else { continue };
        assert_eq!(accepted, vector["refuse"].is_null(), "{name}");
        n_judged += 1;
    }
    assert!(n_judged > 90, "only {n_judged} vectors were judged");
}
