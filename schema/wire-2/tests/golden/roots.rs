//! Vectors of the root's keys: a quorum of two among three, and successions.

use std::slice::from_ref;

use schema_wire::{Genesis, Hash, Revocation, Statement, Succession};
use serde_json::Value;

use crate::acts::*;
use crate::chain;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    let vectors = [quorum(), succeeded(), competing(), repeated()].concat();
    vectors.into_iter().map(in_ceremony).collect()
}

/// A network whose three root keys act by two.
fn ceremony() -> Genesis {
    Genesis { roots: keys(&[ROOT, ROOT_SPARE, ROOT_THIRD]), threshold: 2, ..genesis() }
}

/// The vector with the genesis it is of.
fn in_ceremony(mut vector: Value) -> Value {
    vector["genesis"] = hexed(&ceremony()).into();
    vector
}

fn voice(by: Holder) -> Voice {
    root_of(ceremony().network(), by)
}

fn found(below: &str) -> Statement {
    voice(ROOT).lets_govern(DISTRICT_DESK, below)
}

/// The statement with the signature of a second root.
fn two(statement: &Statement) -> [Statement; 2] {
    [statement.clone(), voice(ROOT_SPARE).endorses(statement)]
}

fn quorum() -> Vec<Value> {
    let district = found(DISTRICT);
    let of = |name: &str, refuse: Option<&str>, others: &[Statement]| {
        chain(name, refuse, &[from_ref(&district), others].concat(), T0 + DAY_MS)
    };
    let one = Some("one of two signatures");
    let second = voice(ROOT_SPARE).endorses(&district);
    let revoked = voice(ROOT_THIRD).revokes(&district);
    let city = voice(ROOT).lets_govern(CITY_DESK, CITY);
    let by_city = [&two(&city)[..], &[under(CITY_DESK, &city).endorses(&district)]].concat();
    let by_third = [second.clone(), voice(ROOT_THIRD).endorses(&district)];
    let alone = [second.clone(), revoked.clone()];
    let both = [from_ref(&second), &two(&revoked)[..]].concat();
    vec![
        of("quorum-of-one", one, &[]),
        of("quorum-of-two", None, &[second]),
        of("quorum-of-three", None, &by_third),
        of("quorum-of-one-twice", one, &[voice(ROOT).endorses(&district)]),
        of("quorum-with-the-city-key", one, &by_city),
        of("quorum-revoked-by-one", None, &alone),
        of("quorum-revoked-by-two", Some("revoked"), &both),
    ]
}

fn to_next(kept: &[&Statement]) -> Succession {
    voice(ROOT).succession(Hash(ceremony().network().0), &[ROOT_NEXT], kept)
}

fn succeeded() -> Vec<Value> {
    let district = found(DISTRICT);
    let of = |name: &str, refuse: Option<&str>, others: &[Statement]| {
        chain(name, refuse, &[&two(&district)[..], others].concat(), T0 + DAY_MS)
    };
    let keeping = voice(ROOT).say(to_next(&[&district]));
    let forgetting = voice(ROOT).say(to_next(&[]));
    let quorate = |succession: &Statement| two(succession).to_vec();
    let fresh = voice(ROOT_NEXT).lets_govern(DISTRICT_DESK, DISTRICT);
    let late = voice(ROOT).lets_govern(DISTRICT_DESK, "220800/220881");
    let led = |name, refuse, leaf: &[Statement]| {
        chain(name, refuse, &[leaf, &quorate(&keeping)].concat(), T0 + DAY_MS)
    };
    let lapsed = Some("lapsed");
    let above = under(DISTRICT_DESK, &district).lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let below =
        |succession: &Statement| [from_ref(&above), &two(&district)[..], &two(succession)].concat();
    let revoked = voice(ROOT_THIRD).revokes(&district);
    let ending = |succession| [&two(&revoked)[..], &two(&succession)].concat();
    let end_forgotten = ending(voice(ROOT).say(to_next(&[&district])));
    let end_kept = ending(voice(ROOT).say(to_next(&[&district, &revoked])));
    let new_revocation = voice(ROOT_NEXT).revokes(&district);
    let shared = Succession { threshold: 2, ..to_next(&[]) };
    let shared = Succession { roots: keys(&[ROOT, ROOT_SPARE]), ..shared };
    vec![
        of("succession-keeps", None, &quorate(&keeping)),
        of("succession-lapses", lapsed, &quorate(&forgetting)),
        of("succession-of-one", None, from_ref(&forgetting)),
        chain("succession-keeps-below", None, &below(&keeping), T0 + DAY_MS),
        chain("succession-lapses-below", lapsed, &below(&forgetting), T0 + DAY_MS),
        led("succession-new-root", None, &[fresh]),
        led("succession-old-roots", lapsed, &two(&late)),
        of("succession-keeps-a-revocation", Some("revoked"), &end_kept),
        of("succession-forgets-a-revocation", None, &end_forgotten),
        of(
            "succession-new-root-revokes",
            Some("revoked"),
            &[quorate(&keeping), vec![new_revocation]].concat(),
        ),
        // The same two keys are the next generation: what they signed is theirs again.
        of("succession-to-the-same-roots", None, &two(&voice(ROOT).say(shared))),
    ]
}

/// Two successions of one generation, each signed by two: the smaller id counts.
fn competing() -> Vec<Value> {
    let (left, right) = (found(DISTRICT), found("220800/220881"));
    let one = voice(ROOT).say(to_next(&[&left]));
    let other = voice(ROOT).say(Succession { roots: keys(&[STRANGER]), ..to_next(&[&right]) });
    let (chosen, unchosen) = if one.id() < other.id() { (left, right) } else { (right, left) };
    let chosen_root = if one.id() < other.id() { ROOT_NEXT } else { STRANGER };
    let unchosen_root = if one.id() < other.id() { STRANGER } else { ROOT_NEXT };
    let both = [two(&one), two(&other)].concat();
    let of = |name: &str, refuse: Option<&str>, leaf: &[Statement]| {
        chain(name, refuse, &[leaf, &both].concat(), T0 + DAY_MS)
    };
    let by = |holder: Holder| [voice(holder).lets_govern(NODE, DISTRICT)];
    let last = one.id().max(other.id());
    let heir = voice(unchosen_root).say(voice(unchosen_root).succession(last, &[NODE], &[]));
    let heir = [voice(NODE).lets_govern(NODE, DISTRICT), heir];
    vec![
        of("competing-smaller-id", None, &two(&chosen)),
        of("competing-greater-id", Some("lapsed"), &two(&unchosen)),
        of("competing-root-chosen", None, &by(chosen_root)),
        of("competing-root-not-chosen", Some("not a root"), &by(unchosen_root)),
        of("competing-heir-not-chosen", Some("not a root"), &heir),
    ]
}

/// A second succession: what is to stay must be kept by each.
fn repeated() -> Vec<Value> {
    let district = found(DISTRICT);
    let first = voice(ROOT).say(to_next(&[&district]));
    let then = |kept: &[&Statement]| {
        voice(ROOT_NEXT).say(voice(ROOT_NEXT).succession(first.id(), &[CITY_DESK], kept))
    };
    let of = |name: &str, refuse: Option<&str>, second: Statement| {
        let statements = [&[second], &two(&district)[..], &two(&first)].concat();
        let statements = [&statements[1..], &statements[..1]].concat();
        chain(name, refuse, &statements, T0 + DAY_MS)
    };
    let revocation = Revocation { at_ms: T0, ..voice(ROOT_NEXT).revocation(&district, vec![]) };
    let old = voice(ROOT_NEXT).say(revocation);
    let lapsed = [&two(&district)[..], &two(&first), &[then(&[&district]), old]].concat();
    vec![
        of("succession-kept-by-both", None, then(&[&district])),
        of("succession-kept-by-the-first", Some("lapsed"), then(&[])),
        chain("succession-revocation-lapsed", None, &lapsed, T0 + DAY_MS),
    ]
}
