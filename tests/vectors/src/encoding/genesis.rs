//! The genesis.

use serde_json::Value;

use crate::cbor::raw;
use crate::encoding::MALFORMED;
use crate::keys::*;
use crate::records::Genesis;
use crate::vector::encoding;
use crate::world::{MS_MAX, genesis};

fn taken(name: &str, change: impl Fn(&mut Genesis)) -> Value {
    let mut value = genesis();
    change(&mut value);
    encoding(name, "genesis", Ok(value.network()), &value.cbor().bytes())
}

fn refused(name: &str, change: impl Fn(&mut Genesis)) -> Value {
    let mut value = genesis();
    change(&mut value);
    encoding(name, "genesis", Err(MALFORMED), &value.cbor().bytes())
}

/// So many different hashes, ascending.
fn hashes(count: u8) -> Vec<Hash> {
    (1..=count).map(|number| [number; 32]).collect()
}

pub(crate) fn vectors() -> Vec<Value> {
    [good(), bad(), fields()].concat()
}

fn good() -> Vec<Value> {
    vec![
        taken("genesis", |_| {}),
        taken("genesis-one-root", |g| {
            (g.roots, g.threshold) = (keys(&[ROOT_ONE]), 1);
            (g.next, g.next_threshold) = (hidden(&[ROOT_PAPER_ONE]), 1);
        }),
        taken("genesis-without-name", |g| g.name.clear()),
        taken("genesis-name-at-limit", |g| g.name = "n".repeat(512)),
        taken("genesis-sixteen-roots", |g| (g.roots, g.threshold) = (hashes(16), 16)),
        taken("genesis-sixteen-next", |g| (g.next, g.next_threshold) = (hashes(16), 16)),
        taken("genesis-in-1970", |g| g.at = 0),
        taken("genesis-at-the-last-ms", |g| g.at = MS_MAX),
        taken("genesis-of-a-deep-unit", |g| g.unit = "a/b/c/d/e/f".into()),
    ]
}

fn bad() -> Vec<Value> {
    vec![
        refused("genesis-name-beyond", |g| g.name = "n".repeat(513)),
        refused("genesis-name-beyond-in-bytes", |g| g.name = "城".repeat(171)),
        refused("genesis-no-roots", |g| (g.roots, g.threshold) = (vec![], 0)),
        refused("genesis-seventeen-roots", |g| g.roots = hashes(17)),
        refused("genesis-seventeen-next", |g| g.next = hashes(17)),
        refused("genesis-no-next", |g| (g.next, g.next_threshold) = (vec![], 0)),
        refused("genesis-threshold-zero", |g| g.threshold = 0),
        refused("genesis-threshold-above-roots", |g| g.threshold = 4),
        refused("genesis-next-threshold-zero", |g| g.next_threshold = 0),
        refused("genesis-next-threshold-above-next", |g| g.next_threshold = 4),
        refused("genesis-roots-descending", |g| g.roots.reverse()),
        refused("genesis-root-twice", |g| g.roots[1] = g.roots[0]),
        refused("genesis-next-descending", |g| g.next.reverse()),
        refused("genesis-next-twice", |g| g.next[1] = g.next[0]),
        refused("genesis-commits-to-its-root", |g| {
            g.next = hidden(&[ROOT_PAPER_ONE, ROOT_TWO]);
        }),
        refused("genesis-at-beyond", |g| g.at = MS_MAX + 1),
        refused("genesis-unit-empty", |g| g.unit.clear()),
        refused("genesis-unit-seven-codes", |g| g.unit = "a/b/c/d/e/f/g".into()),
    ]
}

fn fields() -> Vec<Value> {
    let whole = genesis().cbor();
    let of = |name, bytes: &[u8]| encoding(name, "genesis", Err(MALFORMED), bytes);
    let mut behind = whole.bytes();
    behind.push(0);
    let text = whole.bytes();
    vec![
        of("genesis-field-too-many", &whole.longer().bytes()),
        of("genesis-field-too-few", &whole.shorter().bytes()),
        of("genesis-bytes-behind", &behind),
        of("genesis-cut-off", &text[..text.len() - 1]),
        of("genesis-of-nothing", &[]),
        of("genesis-threshold-not-shortest", &whole.with(&[3], raw("1802")).bytes()),
        of("genesis-threshold-256", &whole.with(&[3], 256).bytes()),
        of("genesis-root-of-31-bytes", &whole.with(&[2, 0], [1; 31]).bytes()),
    ]
}
