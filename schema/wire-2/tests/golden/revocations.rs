//! Vectors of revocations: which are effective, and what they keep.

use std::slice::from_ref;

use schema_wire::{Delegation, Hash, Revocation, Statement, Watermark};
use serde_json::Value;

use crate::acts::*;
use crate::world::*;
use crate::{chain, write};

const REVOKED: Option<&str> = Some("revoked");

pub(crate) fn vectors() -> Vec<Value> {
    [watermarks(), issuers(), ranks(), keeping(), thieves()].concat()
}

/// The node's first envelope, after something was said.
fn first(name: &str, refuse: Option<&str>, said: &[Statement]) -> Value {
    write(name, refuse, &log()[0], &node_chain(), said)
}

fn mark(incarnation: u32, seq: u64) -> Vec<Watermark> {
    vec![Watermark { document: roster(), author: author(incarnation), seq }]
}

fn watermarks() -> Vec<Value> {
    let [_, second, _] = log();
    let kept = |seq| office().say(office().revocation(&to_node(), mark(1, seq)));
    let other = office().say(office().revocation(&to_node(), mark(2, 5)));
    let shard = office().say(office().revocation(&to_node(), vec![watermark("B01", 1, 5)]));
    let beyond =
        |name: &str, said: &[Statement]| write(name, REVOKED, &second, &node_chain(), said);
    vec![
        first("revoked-whole", REVOKED, &[office().revokes(&to_node())]),
        first("revoked-kept", None, &[kept(1)]),
        beyond("revoked-beyond", &[kept(1)]),
        beyond("revoked-twice", &[kept(2), kept(1)]),
        first("revoked-other-life", REVOKED, &[other]),
        first("revoked-other-document", REVOKED, &[shard]),
        first("revoked-keeps-itself", REVOKED, &[office().revokes_but(&to_node(), &[&to_node()])]),
    ]
}

fn issuers() -> Vec<Value> {
    let node = to_node();
    let city = root(ROOT).lets_govern(CITY_DESK, CITY);
    let by_city = under(CITY_DESK, &city);
    let early = Revocation { at_ms: T0 - 1, ..office().revocation(&node, vec![]) };
    let withdrawn = office().revokes(&node);
    let reissued = Delegation { serial: 2, ..node_grant() };
    let reissued = office().say(reissued);
    let by_new = [reissued.clone(), to_community(), to_district()];
    vec![
        first("revoked-by-district", REVOKED, &[district().revokes(&node)]),
        first("revoked-by-root", REVOKED, &[root(ROOT).revokes(&node)]),
        first("revoked-by-other-root", REVOKED, &[root(ROOT_SPARE).revokes(&to_district())]),
        first("revoked-by-city-key", REVOKED, &[by_city.revokes(&to_community()), city.clone()]),
        first("revoked-of-root-by-city-key", None, &[by_city.revokes(&to_district()), city]),
        first("revoked-of-root-by-its-subject", None, &[district().revokes(&to_district())]),
        first("revoked-by-its-subject", None, &[office().revokes(&to_community())]),
        first("revoked-by-stranger", None, &[root(STRANGER).revokes(&node)]),
        first(
            "revoked-by-thief-of-a-name",
            None,
            &[under(STRANGER, &to_community()).revokes(&node)],
        ),
        first("revoked-by-clerk", None, &[under(NODE, &node).revokes(&node)]),
        first("revoked-by-another-district", None, &elsewhere(&node)),
        first("revoked-at-any-time", REVOKED, &[office().say(early)]),
        first(
            "revoked-nothing",
            None,
            &[office()
                .say(Revocation { revokes: Hash([9; 32]), ..office().revocation(&node, vec![]) })],
        ),
        first("revoked-revocation", REVOKED, &[withdrawn.clone(), office().revokes(&withdrawn)]),
        write(
            "revoked-and-reissued",
            None,
            &written(NODE, &reissued),
            &by_new,
            &[withdrawn, node.clone()],
        ),
    ]
}

/// A revocation by a district that is not above.
fn elsewhere(of: &Statement) -> [Statement; 2] {
    let other = root(ROOT).lets_govern(STRANGER, "220800/220881");
    [under(STRANGER, &other).revokes(of), other]
}

/// Keys of one unit: founded, shared, and both.
fn ranks() -> Vec<Value> {
    let node = to_node();
    let share = office().lets_govern(COLLEAGUE, COMMUNITY);
    let fresh = district().lets_govern(NEW_KEY, COMMUNITY);
    let by_share = under(COLLEAGUE, &share);
    let by_fresh = under(NEW_KEY, &fresh);
    let desk = district().lets_govern(COLLEAGUE, DISTRICT);
    let by_desk = under(COLLEAGUE, &desk).revokes(&node);
    let clerk = by_share.lets_write(NODE, COMMUNITY);
    let item = written(NODE, &clerk);
    let by = [clerk.clone(), share.clone(), to_community(), to_district()];
    let shared = |name: &str, refuse: Option<&str>, said: &[Statement]| {
        write(name, refuse, &item, &by, said)
    };
    // The office holds only a share now; what it once shared as a founded key stays.
    let demoted = [
        district().revokes_but(&to_community(), &[&share]),
        by_fresh.lets_govern(COMMUNITY_OFFICE, COMMUNITY),
        fresh.clone(),
    ];
    let by_demoted = under(COMMUNITY_OFFICE, &demoted[1]).revokes(&share);
    vec![
        first("revoked-by-founded-key", REVOKED, &[fresh.clone(), by_fresh.revokes(&node)]),
        first("revoked-by-shared-key", None, &[share.clone(), by_share.revokes(&node)]),
        first("revoked-by-shared-key-above", REVOKED, &[desk, by_desk]),
        shared("revoked-by-shared-issuer", REVOKED, &[by_share.revokes(&clerk)]),
        shared("revoked-share", REVOKED, &[office().revokes(&share)]),
        shared("revoked-share-by-itself", None, &[by_share.revokes(&share)]),
        shared("revoked-share-by-founded-key", REVOKED, &[fresh, by_fresh.revokes(&share)]),
        shared("revoked-share-by-demoted-key", None, &[&demoted[..], &[by_demoted]].concat()),
    ]
}

fn keeping() -> Vec<Value> {
    let (node, community) = (to_node(), to_community());
    let marked = |seq| district().say(district().revocation(&community, mark(1, seq)));
    let beyond = |name: &str, refuse: Option<&str>, said: &[Statement]| {
        write(name, refuse, &log()[1], &node_chain(), said)
    };
    let kept = district().revokes_but(&community, &[&node]);
    let expired = Delegation {
        not_after_ms: T0 + 1,
        grace_ms: 0,
        serial: 2,
        ..district().grant((NEW_KEY, COMMUNITY), govern())
    };
    let expired = district().say(expired);
    let by_expired = under(NEW_KEY, &expired).revokes(&node);
    let fresh = district().lets_govern(NEW_KEY, COMMUNITY);
    let by_fresh = under(NEW_KEY, &fresh).revokes(&node);
    let fall = |kept: &[&Statement]| {
        [fresh.clone(), by_fresh.clone(), district().revokes_but(&fresh, kept)]
    };
    vec![
        first("revoked-above", REVOKED, &[district().revokes(&community)]),
        first("revoked-above-keeps-statement", None, from_ref(&kept)),
        first(
            "revoked-above-keeps-another",
            REVOKED,
            &[district().revokes_but(&community, &[&community])],
        ),
        first("revoked-above-keeps-envelope", None, &[marked(1)]),
        beyond("revoked-above-keeps-no-later", REVOKED, &[marked(1)]),
        first("revoked-above-twice", REVOKED, &[kept, root(ROOT).revokes(&community)]),
        first("revoked-by-expired-key", REVOKED, &[expired, by_expired]),
        first("revoked-by-revoked-key", None, &fall(&[])),
        first("revoked-by-revoked-key-but-kept", REVOKED, &fall(&[&by_fresh])),
    ]
}

/// The district's key is stolen; the root withdraws it and keeps what was honest.
fn thieves() -> Vec<Value> {
    let (community, other) = (to_community(), "220800/220802/220802001/220802001002");
    let theft = district().revokes(&community);
    let planted = district().lets_govern(STRANGER, other);
    let cleared = root(ROOT).revokes_but(&to_district(), &[&community]);
    let believed = root(ROOT).revokes_but(&to_district(), &[&community, &theft]);
    let plant = [planted, to_district(), cleared.clone()];
    vec![
        first("stolen-key-cleared", None, from_ref(&cleared)),
        first("stolen-key-revokes", None, &[cleared, theft.clone()]),
        first("stolen-key-revoked-before", REVOKED, &[believed, theft]),
        chain("stolen-key-plants", Some("revoked above"), &plant, T0 + DAY_MS),
    ]
}
