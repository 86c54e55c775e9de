//! Vectors of envelopes that their author may carry or not.

use schema_wire::{Class, Hash, Header};
use serde_json::Value;

use crate::acts::*;
use crate::world::*;
use crate::write;

pub(crate) fn vectors() -> Vec<Value> {
    let by = node_chain();
    let as_written = |name: &str, why: &str, change: &dyn Fn(&mut Header)| {
        let mut value = header(1, None, b"x");
        change(&mut value);
        write(name, Some(why), &envelope(value, NODE, b"x"), &by, &[])
    };
    let office = written(COMMUNITY_OFFICE, &to_community());
    let stranger = written(STRANGER, &to_node());
    let mut last = header(1, None, b"x");
    last.at_ms = T0 + YEAR_MS + GRACE_MS;
    let last = envelope(last, NODE, b"x");
    vec![
        write("write-first", None, &log()[0], &by, &[]),
        write("write-keys", None, &keys_envelope(false), &by, &[]),
        write("write-within-grace", None, &last, &by, &[]),
        write("write-without-verb", Some("no WRITE"), &office, &by[1..], &[]),
        write("write-of-another", Some("granted to another key"), &stranger, &by, &[]),
        as_written("write-above", "not the unit's document", &|h| {
            h.document = document(DISTRICT, Class::Report, "2026-09");
        }),
        as_written("write-below", "not the unit's document", &|h| {
            h.document = document(&format!("{COMMUNITY}/01"), Class::Roster, "B01");
        }),
        as_written("write-class", "class not granted", &|h| {
            h.document = document(COMMUNITY, Class::Place, "all");
        }),
        as_written("write-early", "not yet valid", &|h| h.at_ms = T0 - 1),
        as_written("write-late", "expired", &|h| h.at_ms = T0 + YEAR_MS + GRACE_MS + 1),
        as_written("write-unknown", "delegation not known", &|h| h.delegation = Hash([9; 32])),
    ]
}
