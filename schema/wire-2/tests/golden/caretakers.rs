//! Vectors of caretakers: those who write in a unit's place by two signatures from above.

use schema_wire::{Delegation, Endorsement, Hash, Statement, VerbSet};
use serde_json::Value;

use crate::acts::*;
use crate::world::*;
use crate::{chain, write};

const HALF_YEAR_MS: u64 = 183 * DAY_MS;

pub(crate) fn vectors() -> Vec<Value> {
    [terms(), signed(), unsigned(), acting()].concat()
}

fn care() -> Statement {
    district().say(district().care(COLLEAGUE))
}

fn city_key() -> Statement {
    root(ROOT).lets_govern(CITY_DESK, CITY)
}

/// What a caretaker may be granted, by the district with the city's signature.
fn terms() -> Vec<Value> {
    let granted = |name: &str, why: Option<&str>, change: &dyn Fn(&mut Delegation)| {
        let mut care = district().care(COLLEAGUE);
        change(&mut care);
        let care = district().say(care);
        let endorsed = root(ROOT).endorses(&care);
        chain(name, why, &[care, to_district(), endorsed], T0 + DAY_MS)
    };
    let from_above = Some("no caretaker");
    let until = |care: &mut Delegation, ms: u64| care.not_after_ms = care.not_before_ms + ms;
    vec![
        granted("care-to-write-only", None, &|c| c.verbs = VerbSet::WRITE),
        granted("care-for-half-a-year", None, &|c| until(c, HALF_YEAR_MS)),
        granted("care-too-long", from_above, &|c| until(c, HALF_YEAR_MS + 1)),
        granted("care-with-grace", from_above, &|c| c.grace_ms = 1),
        granted("care-with-govern", from_above, &|c| c.verbs = VerbSet(7)),
        granted("care-govern-and-write", from_above, &|c| {
            c.verbs = VerbSet::GOVERN.with(VerbSet::WRITE);
        }),
        granted("care-over", Some("expired"), &|c| until(c, DAY_MS - 1)),
        granted("care-sideways", Some("outside"), &|c| c.unit = unit("220800/220881")),
    ]
}

fn signed() -> Vec<Value> {
    let cared = |name: &str, care: Statement, others: &[Statement]| {
        chain(name, None, &[&[care], others].concat(), T0 + DAY_MS)
    };
    let city = under(CITY_DESK, &city_key());
    let by_root = root(ROOT).say(root(ROOT).care(COLLEAGUE));
    let former = root(ROOT_SPARE).endorses(&care());
    let next = root(ROOT).succession(Hash(network().0), &[ROOT_NEXT], &[&to_district(), &former]);
    let next = root(ROOT).say(next);
    let by_district = root(ROOT).say(root(ROOT).care(COLLEAGUE));
    vec![
        cared("care-signed-by-root", care(), &[to_district(), root(ROOT).endorses(&care())]),
        cared("care-signed-by-city", care(), &[to_district(), city_key(), city.endorses(&care())]),
        cared("care-signed-by-a-former-root-but-kept", care(), &[to_district(), former, next]),
        cared("care-of-two-roots", by_root.clone(), &[root(ROOT_SPARE).endorses(&by_root)]),
        cared("care-of-root-and-city", by_root.clone(), &[city_key(), city.endorses(&by_root)]),
        cared(
            "care-of-root-and-district",
            by_district.clone(),
            &[to_district(), district().endorses(&by_district)],
        ),
    ]
}

fn unsigned() -> Vec<Value> {
    let cared = |name: &str, why: &str, care: Statement, others: &[Statement]| {
        chain(name, Some(why), &[&[care], others].concat(), T0 + DAY_MS)
    };
    let colleague = district().lets_govern(NEW_KEY, DISTRICT);
    let same_key = root(ROOT).lets_govern(DISTRICT_DESK, CITY);
    let late = Endorsement {
        at_ms: T0 + YEAR_MS + GRACE_MS + 1,
        ..under(CITY_DESK, &city_key()).endorsement(&care())
    };
    let late = under(CITY_DESK, &city_key()).say(late);
    let city_endorses = under(CITY_DESK, &city_key()).endorses(&care());
    let by_root = root(ROOT).say(root(ROOT).care(COLLEAGUE));
    let next = root(ROOT).succession(Hash(network().0), &[ROOT_NEXT], &[&to_district()]);
    let next = root(ROOT).say(next);
    let alone = "no second signature";
    vec![
        cared("care-unsigned", alone, care(), &[to_district()]),
        cared(
            "care-signed-by-itself",
            alone,
            care(),
            &[to_district(), district().endorses(&care())],
        ),
        cared(
            "care-signed-by-the-same-unit",
            "the same unit",
            care(),
            &[to_district(), colleague.clone(), under(NEW_KEY, &colleague).endorses(&care())],
        ),
        cared(
            "care-signed-by-the-same-key",
            "the same key",
            care(),
            &[to_district(), same_key.clone(), under(DISTRICT_DESK, &same_key).endorses(&care())],
        ),
        cared(
            "care-signed-by-the-unit",
            "not from above",
            care(),
            &[to_district(), to_community(), office().endorses(&care())],
        ),
        cared(
            "care-signed-too-late",
            "the endorser's grant expired",
            care(),
            &[to_district(), city_key(), late],
        ),
        cared(
            "care-signed-by-a-revoked-key",
            "the endorser was revoked",
            care(),
            &[to_district(), city_key(), city_endorses, root(ROOT_SPARE).revokes(&city_key())],
        ),
        cared(
            "care-of-one-root-twice",
            "the same key",
            by_root.clone(),
            &[root(ROOT).endorses(&by_root)],
        ),
        cared(
            "care-signed-by-a-former-root",
            "no root of the present",
            care(),
            &[to_district(), root(ROOT_SPARE).endorses(&care()), next],
        ),
    ]
}

/// A caretaker writes, and is no more than a clerk.
fn acting() -> Vec<Value> {
    let by = [care(), to_district(), root(ROOT).endorses(&care())];
    let item = written(COLLEAGUE, &care());
    let grants = under(COLLEAGUE, &care()).lets_write(NODE, COMMUNITY);
    let chained = [&[grants], &by[..]].concat();
    let revoked = district().revokes(&care());
    vec![
        write("care-write", None, &item, &by, &[]),
        write("care-write-unsigned", Some("no second signature"), &item, &by[..2], &[]),
        write("care-write-revoked", Some("revoked"), &item, &by, &[revoked]),
        chain("care-grants-nothing", Some("no GOVERN"), &chained, T0 + DAY_MS),
    ]
}
