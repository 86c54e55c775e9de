//! Vectors of envelopes that their owner took as its own.

use std::slice::from_ref;

use schema_wire::{Adoption, Delegation, Statement};
use serde_json::Value;

use crate::acts::*;
use crate::world::*;
use crate::write;

pub(crate) fn vectors() -> Vec<Value> {
    let [first, second, _] = log();
    let node = to_node();
    let revoked = office().revokes(&node);
    let of = |name: &str, refuse: Option<&str>, said: &[Statement]| {
        let said = [from_ref(&revoked), said].concat();
        write(name, refuse, &first, &node_chain(), &said)
    };
    let refused = Some("revoked, and not adopted");
    let own = office().adopts(&first);
    let share = office().lets_govern(COLLEAGUE, COMMUNITY);
    let late = Adoption { at_ms: T0 + YEAR_MS + GRACE_MS + 1, ..office().adoption(&[&first]) };
    let early = Adoption { at_ms: T0 - 1, ..office().adoption(&[&first]) };
    let fallen = |adoption: &[&Statement]| {
        let kept = [&[&node, &revoked], adoption].concat();
        [own.clone(), district().revokes_but(&to_community(), &kept)]
    };
    vec![
        of("adopted-by-owner", None, from_ref(&own)),
        of("adopted-among-others", None, &[office().say(office().adoption(&[&first, &second]))]),
        of("adopted-by-shared-key", None, &[under(COLLEAGUE, &share).adopts(&first), share]),
        of("adopted-another", refused, &[office().adopts(&second)]),
        of("adopted-by-district", refused, &[district().adopts(&first)]),
        of("adopted-by-root", refused, &[root(ROOT).adopts(&first)]),
        of("adopted-by-clerk", refused, &[under(NODE, &to_node()).adopts(&first)]),
        of("adopted-by-stranger", refused, &[under(STRANGER, &to_community()).adopts(&first)]),
        of("adopted-too-late", refused, &[office().say(late)]),
        of("adopted-too-early", refused, &[office().say(early)]),
        of("adopted-by-revoked-key", refused, &fallen(&[])),
        of("adopted-by-revoked-key-but-kept", None, &fallen(&[&own])),
        uncarried(),
        unsigned_caretaker(),
    ]
}

/// What its author could never write, nobody adopts.
fn uncarried() -> Value {
    let reads = Delegation { verbs: schema_wire::VerbSet::READ, ..node_grant() };
    let reads = office().say(reads);
    let item = written(NODE, &reads);
    let by = [reads, to_community(), to_district()];
    write("adopted-without-verb", Some("no WRITE"), &item, &by, &[office().adopts(&item)])
}

fn unsigned_caretaker() -> Value {
    let care = district().say(district().care(COLLEAGUE));
    let item = written(COLLEAGUE, &care);
    let by = [care, to_community(), to_district()];
    write("adopted-from-unsigned-caretaker", None, &item, &by, &[office().adopts(&item)])
}
