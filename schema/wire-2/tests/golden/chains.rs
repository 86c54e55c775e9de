//! Vectors of statements that are kept or not, and of delegations in force.

use std::slice::from_ref;

use schema_wire::{Class, ClassSet, Delegation, Hash, Statement, VerbSet, Wire};
use serde_json::{Value, json};

use crate::acts::*;
use crate::world::*;
use crate::{chain, vector};

pub(crate) fn vectors() -> Vec<Value> {
    [in_force(), not_in_force(), shared(), of_the_root(), broken(), below(), others()].concat()
}

/// A chain through all six levels: at each one the unit's own key lets another govern, and that
/// one founds the unit below.
fn through_all_levels() -> Vec<Statement> {
    let units = ["220802", "220802001", "220802001003", "G01", "H02"];
    let mut path = CITY.to_owned();
    let mut links = vec![root(ROOT).lets_govern(CITY_DESK, CITY)];
    let mut own = CITY_DESK;
    for (below, number) in units.iter().zip(100u8..) {
        let second = Holder("second", number + 50);
        let share = under(own, &links[0]).lets_govern(second, &path);
        path = format!("{path}/{below}");
        own = Holder("own", number);
        let found = under(second, &share).lets_govern(own, &path);
        links.splice(0..0, [found, share]);
    }
    links
}

fn in_force() -> Vec<Value> {
    let three = node_chain();
    let mixed = [three[0].clone(), three[2].clone(), three[1].clone()];
    let own = office().lets_write(COMMUNITY_OFFICE, COMMUNITY);
    let narrow = Delegation {
        classes: ClassSet::of(&[Class::Place]),
        ..root(ROOT).grant((DISTRICT_DESK, DISTRICT), govern())
    };
    let narrow = root(ROOT).say(narrow);
    let wider = under(DISTRICT_DESK, &narrow).lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let endless = Delegation { grace_ms: u64::MAX, ..node_grant() };
    let endless = [&[office().say(endless)], &three[1..]].concat();
    vec![
        chain("chain-district", None, &[to_district()], T0),
        chain("chain-node", None, &three, T0 + DAY_MS),
        chain("chain-in-another-order", None, &mixed, T0 + DAY_MS),
        chain("chain-to-itself", None, &[own, to_community(), to_district()], T0),
        chain("chain-through-all-levels", None, &through_all_levels(), T0),
        chain("chain-classes-wider", None, &[wider, narrow], T0),
        chain("chain-grace-ends", None, &three, T0 + YEAR_MS + GRACE_MS),
        chain("chain-grace-endless", None, &endless, T0 + YEAR_MS),
    ]
}

fn not_in_force() -> Vec<Value> {
    let three = node_chain();
    let lived = |from_ms, until_ms| {
        let own = Delegation {
            not_before_ms: from_ms,
            not_after_ms: until_ms,
            grace_ms: 0,
            ..root(ROOT).grant((DISTRICT_DESK, DISTRICT), govern())
        };
        let own = root(ROOT).say(own);
        [under(DISTRICT_DESK, &own).lets_govern(COMMUNITY_OFFICE, COMMUNITY), own]
    };
    let ended = lived(T0, T0 + DAY_MS);
    let coming = lived(T0 + 3 * DAY_MS, T0 + YEAR_MS);
    let at = T0 + 2 * DAY_MS;
    let revoked = office().revokes(&to_node());
    let above = district().revokes(&to_community());
    let kept = district().revokes_but(&to_community(), &[&to_node()]);
    let end = T0 + YEAR_MS + GRACE_MS + 1;
    let with = |said: Statement| [three.clone(), vec![said]].concat();
    vec![
        chain("chain-grace-ended", Some("expired"), &three, end),
        chain("chain-too-early", Some("not yet valid"), &three, T0 - 1),
        chain("chain-link-ended", Some("a link above expired"), &ended, at),
        chain("chain-link-early", Some("a link above not yet valid"), &coming, at),
        chain("chain-revoked", Some("revoked"), &with(revoked), at),
        chain("chain-revoked-above", Some("revoked above"), &with(above), at),
        chain("chain-revoked-above-but-kept", None, &with(kept), at),
    ]
}

fn shared() -> Vec<Value> {
    let above = [to_community(), to_district()];
    let share = office().lets_govern(COLLEAGUE, COMMUNITY);
    let whole = office().say(office().grant((COLLEAGUE, COMMUNITY), VerbSet(7)));
    let by_share = under(COLLEAGUE, &share);
    let again = by_share.lets_govern(NEW_KEY, COMMUNITY);
    let back = by_share.lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let clerk = by_share.lets_write(NODE, COMMUNITY);
    let desk = district().lets_govern(COLLEAGUE, DISTRICT);
    let founded = under(COLLEAGUE, &desk).lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let from_within = Some("a shared key lets another govern");
    let below =
        |leaf: &Statement, links: &[Statement]| [from_ref(leaf), links, &above[..]].concat();
    vec![
        chain("chain-shared", None, &below(&share, &[]), T0),
        chain("chain-shared-with-all-verbs", None, &below(&whole, &[]), T0),
        chain("chain-shared-again", from_within, &below(&again, from_ref(&share)), T0),
        chain("chain-shared-back", from_within, &below(&back, from_ref(&share)), T0),
        chain("chain-clerk-of-a-shared-key", None, &below(&clerk, &[share]), T0),
        chain("chain-founded-by-a-shared-key", None, &[founded, desk, to_district()], T0),
    ]
}

fn of_the_root() -> Vec<Value> {
    let writes = root(ROOT).lets_write(NODE, CITY);
    let itself = root(ROOT).lets_write(ROOT, CITY);
    let spare = root(ROOT_SPARE).lets_govern(NODE, DISTRICT);
    let city = root(ROOT).lets_govern(CITY_DESK, CITY);
    let share = under(CITY_DESK, &city).lets_govern(COLLEAGUE, CITY);
    let again = under(COLLEAGUE, &share).lets_govern(NODE, CITY);
    let usurper = root(STRANGER).lets_govern(NODE, CITY);
    let elsewhere = root(ROOT).of_unit(DISTRICT).lets_govern(NODE, DISTRICT);
    let planted = root(ROOT).lets_write(NODE, COMMUNITY);
    vec![
        chain("chain-of-the-city", None, &[writes], T0),
        chain("chain-root-to-itself", None, &[itself], T0),
        chain("chain-other-root", None, &[spare], T0),
        chain("chain-city-shared", None, &[share.clone(), city.clone()], T0),
        chain(
            "chain-city-shared-again",
            Some("a shared key lets another govern"),
            &[again, share, city],
            T0,
        ),
        chain("chain-of-a-stranger", Some("not a root key"), &[usurper], T0),
        chain("chain-root-elsewhere", Some("a root speaks for the city"), &[elsewhere], T0),
        chain("chain-write-from-root", Some("write grant from above"), &[planted], T0),
    ]
}

/// Chains with a statement missing, forged, or resting on what does not carry it.
fn broken() -> Vec<Value> {
    let three = node_chain();
    let thief = under(STRANGER, &to_district()).lets_govern(NODE, COMMUNITY);
    let elsewhere = district().of_unit(CITY).lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let by_node = under(NODE, &to_node()).lets_write(STRANGER, COMMUNITY);
    let by_node = [vec![by_node], three.clone()].concat();
    let on_revocation = office().revokes(&to_node());
    let mut baseless = node_grant();
    baseless.proof = Some(on_revocation.id());
    let baseless = [&[office().say(baseless), on_revocation], &three[..]].concat();
    let endorsed = root(ROOT).endorses(&to_node());
    let endorsed = [vec![endorsed], three.clone()].concat();
    let mut forged = to_community().to_bytes();
    *forged.last_mut().expect("a signature") ^= 1;
    let forged = [hexed(&to_node()), hex::encode(forged), hexed(&to_district())];
    vec![
        chain("chain-linkless", Some("no delegation"), &[], T0),
        chain("chain-rootless", Some("proof missing"), &three[..2], T0),
        chain("chain-endorsement-first", Some("the first is no delegation"), &endorsed, T0),
        chain("chain-issuer", Some("proof of another"), &[thief, to_district()], T0),
        chain(
            "chain-issuer-unit",
            Some("another unit than the proof's"),
            &[elsewhere, to_district()],
            T0,
        ),
        chain("chain-no-govern", Some("proof without GOVERN"), &by_node, T0),
        chain("chain-proof-no-delegation", Some("a revocation is no proof"), &baseless, T0),
        vector(
            "chain-forged-link",
            "chain",
            Some("bad signature"),
            json!({ "chain": forged, "at_ms": T0 }),
        ),
    ]
}

/// What may be granted for other units than one's own.
fn below() -> Vec<Value> {
    let granted = |name: &str, why: &str, change: &dyn Fn(&mut Delegation)| {
        let mut link = district().grant((COMMUNITY_OFFICE, COMMUNITY), govern());
        change(&mut link);
        chain(name, Some(why), &[district().say(link), to_district()], T0)
    };
    vec![
        granted("chain-write-from-above", "write grant from above", &|l| l.verbs = clerk()),
        granted("chain-all-from-above", "write grant from above", &|l| l.verbs = VerbSet(7)),
        granted("chain-read-from-above", "neither founds nor cares", &|l| l.verbs = VerbSet::READ),
        granted("chain-govern-without-read", "neither founds nor cares", &|l| {
            l.verbs = VerbSet::GOVERN;
        }),
        granted("chain-nothing-from-above", "neither founds nor cares", &|l| l.verbs = VerbSet(0)),
        granted("chain-sideways", "outside the issuer's unit", &|l| l.unit = unit("220800/220881")),
        granted("chain-prefix", "outside the issuer's unit", &|l| l.unit = unit("220800/2208021")),
        granted("chain-upwards", "outside the issuer's unit", &|l| l.unit = unit(CITY)),
        granted("chain-network", "a link of another network", &|l| l.network.0[0] ^= 1),
    ]
}

/// Statements of other kinds, kept or not.
fn others() -> Vec<Value> {
    let with = |said: Vec<Statement>| [node_chain(), said].concat();
    let refused =
        |name, why, said: Statement| chain(name, Some(why), &with(vec![said]), T0 + DAY_MS);
    let every_kind = vec![
        district().endorses(&to_node()),
        district().suspends(COMMUNITY),
        office().adopts(&log()[0]),
        office().revokes(&district().suspends(COMMUNITY)),
        root(ROOT).say(root(ROOT).succession(Hash(network().0), &[ROOT], &[])),
    ];
    let clerk = under(NODE, &to_node());
    let next = root(ROOT).succession(Hash(network().0), &[ROOT_NEXT], &[]);
    let next = root(ROOT).say(next);
    let succeed = |by, previous| root(by).say(root(by).succession(previous, &[ROOT_NEXT], &[]));
    let mut elsewhere = root(ROOT).succession(Hash(network().0), &[ROOT_NEXT], &[]);
    elsewhere.issuer_unit = unit(DISTRICT);
    let too_soon = with(vec![succeed(ROOT_NEXT, Hash(network().0)), next.clone()]);
    let chained = with(vec![succeed(ROOT_NEXT, next.id()), next]);
    vec![
        chain("chain-with-every-kind", None, &with(every_kind), T0 + DAY_MS),
        refused("chain-endorsed-by-clerk", "no GOVERN", clerk.endorses(&to_node())),
        refused("chain-endorsed-by-stranger", "not a root key", {
            root(STRANGER).endorses(&to_node())
        }),
        refused("chain-revoked-by-clerk", "no GOVERN", clerk.revokes(&to_node())),
        refused("chain-adopted-by-clerk", "no GOVERN", clerk.adopts(&log()[0])),
        refused("chain-suspension-of-itself", "not below", office().suspends(COMMUNITY)),
        refused("chain-suspension-above", "not below", office().suspends(DISTRICT)),
        refused("chain-suspension-sideways", "not below", district().suspends("220800/220881")),
        refused("chain-succession-of-stranger", "not a root key", {
            succeed(STRANGER, Hash(network().0))
        }),
        refused("chain-succession-elsewhere", "not for the city", root(ROOT).say(elsewhere)),
        refused("chain-succession-of-nothing", "previous not known", {
            succeed(ROOT, Hash([5; 32]))
        }),
        chain("chain-succession-too-soon", Some("no root of that time"), &too_soon, T0 + DAY_MS),
        chain("chain-succession-twice", Some("lapsed"), &chained, T0 + DAY_MS),
    ]
}
