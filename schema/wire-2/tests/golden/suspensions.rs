//! Vectors of units whose reports are counted or not.

use std::slice::from_ref;

use schema_wire::{Statement, Suspension};
use serde_json::{Value, json};

use crate::acts::*;
use crate::world::*;
use crate::{hex_list, vector};

/// Are the community's reports counted?
fn counted(name: &str, yes: bool, said: &[Statement]) -> Value {
    let refuse = (!yes).then_some("suspended");
    let statements = [&[to_district(), to_community()], said].concat();
    let facts = json!({ "unit": COMMUNITY, "statements": hex_list(&statements) });
    vector(name, "suspended", refuse, facts)
}

pub(crate) fn vectors() -> Vec<Value> {
    [suspended(), withdrawn()].concat()
}

fn suspended() -> Vec<Value> {
    let own = district().suspends(COMMUNITY);
    let late =
        Suspension { at_ms: T0 + YEAR_MS + GRACE_MS + 1, ..district().suspension(COMMUNITY) };
    let fallen = |kept: &[&Statement]| [own.clone(), root(ROOT).revokes_but(&to_district(), kept)];
    vec![
        counted("suspended-never", true, &[]),
        counted("suspended-by-district", false, from_ref(&own)),
        counted("suspended-by-root", false, &[root(ROOT).suspends(COMMUNITY)]),
        counted("suspended-by-itself", true, &[office().suspends(COMMUNITY)]),
        counted("suspended-by-stranger", true, &[root(STRANGER).suspends(COMMUNITY)]),
        counted("suspended-district", true, &[root(ROOT).suspends(DISTRICT)]),
        counted("suspended-too-late", true, &[district().say(late)]),
        counted("suspended-by-revoked-key", true, &fallen(&[&to_community()])),
        counted("suspended-by-revoked-key-but-kept", false, &fallen(&[&own])),
    ]
}

fn withdrawn() -> Vec<Value> {
    let own = district().suspends(COMMUNITY);
    let by_root = root(ROOT).suspends(COMMUNITY);
    let share = district().lets_govern(COLLEAGUE, DISTRICT);
    let fresh = root(ROOT).lets_govern(NEW_KEY, DISTRICT);
    let city = root(ROOT).lets_govern(CITY_DESK, CITY);
    let ended = |name: &str, yes: bool, said: &[Statement]| {
        counted(name, yes, &[from_ref(&own), said].concat())
    };
    let kept = district().revokes_but(&own, &[&own]);
    let again = Suspension { at_ms: LATER + 1, ..district().suspension(COMMUNITY) };
    let again = district().say(again);
    vec![
        ended("unsuspended-by-issuer", true, &[district().revokes(&own)]),
        ended("unsuspended-by-root", true, &[root(ROOT_SPARE).revokes(&own)]),
        ended(
            "unsuspended-by-city-key",
            true,
            &[under(CITY_DESK, &city).revokes(&own), city.clone()],
        ),
        ended("unsuspended-by-founded-key", true, &[under(NEW_KEY, &fresh).revokes(&own), fresh]),
        ended("unsuspended-by-shared-key", false, &[under(COLLEAGUE, &share).revokes(&own), share]),
        ended("unsuspended-by-itself", false, &[office().revokes(&own)]),
        ended("unsuspended-though-kept", true, &[kept]),
        ended("unsuspended-and-suspended", false, &[district().revokes(&own), again]),
        counted(
            "unsuspended-of-root-by-city-key",
            false,
            &[by_root.clone(), under(CITY_DESK, &city).revokes(&by_root), city],
        ),
        counted(
            "unsuspended-of-root-by-root",
            true,
            &[by_root.clone(), root(ROOT_SPARE).revokes(&by_root)],
        ),
    ]
}
