//! Vectors of routes: what a key may do is the least along one and the most over all.

use std::slice::from_ref;

use schema_wire::{Class, ClassSet, Delegation, Item, Statement, VerbSet};
use serde_json::Value;

use crate::acts::*;
use crate::world::*;
use crate::{chain, write};

pub(crate) fn vectors() -> Vec<Value> {
    [classes(), renewals(), ranks()].concat()
}

/// A community and its clerk below some grant to the district, and what the clerk writes.
fn below(above: &Statement) -> (Vec<Statement>, Item) {
    let office = under(DISTRICT_DESK, above).lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let clerk = under(COMMUNITY_OFFICE, &office).lets_write(NODE, COMMUNITY);
    let item = written(NODE, &clerk);
    (vec![clerk, office, above.clone()], item)
}

fn district_grant() -> Delegation {
    root(ROOT).grant((DISTRICT_DESK, DISTRICT), govern())
}

/// A grant that ended before the clerk wrote.
fn short() -> Statement {
    let ended = Delegation { not_after_ms: T0 + 1, grace_ms: 0, serial: 2, ..district_grant() };
    root(ROOT).say(ended)
}

fn classes() -> Vec<Value> {
    let narrow = ClassSet::of(&[Class::Place]);
    let narrow = root(ROOT).say(Delegation { classes: narrow, ..district_grant() });
    let (by, item) = below(&narrow);
    let least = Some("class not granted above");
    let other = Delegation { classes: ClassSet::of(&[Class::Roster]), ..district_grant() };
    let other = root(ROOT_SPARE).say(Delegation { issuer: ROOT_SPARE.key(), ..other });
    vec![
        write("route-class-least", least, &item, &by, &[]),
        write("route-class-by-another", None, &item, &by, &[other]),
        // One grant has the class and the other the time: neither has both.
        write("route-class-or-time", least, &item, &by, &[short()]),
    ]
}

fn renewals() -> Vec<Value> {
    let (by, item) = below(&short());
    let renewed = |name: &str, refuse: Option<&str>, said: &[Statement]| {
        write(name, refuse, &item, &by, said)
    };
    let ended = Some("expired above");
    let revoked = root(ROOT).revokes(&to_district());
    let of_another = root(ROOT).lets_govern(COLLEAGUE, DISTRICT);
    let elsewhere = root(ROOT).lets_govern(DISTRICT_DESK, "220800/220881");
    let reads = under(COLLEAGUE, &of_another).grant((DISTRICT_DESK, DISTRICT), VerbSet::READ);
    let reads = under(COLLEAGUE, &of_another).say(reads);
    vec![
        renewed("route-ended", ended, &[]),
        renewed("route-renewed", None, &[to_district()]),
        renewed(
            "route-renewed-by-other-root",
            None,
            &[root(ROOT_SPARE).lets_govern(DISTRICT_DESK, DISTRICT)],
        ),
        renewed("route-renewed-and-revoked", ended, &[to_district(), revoked]),
        renewed("route-other-key", ended, from_ref(&of_another)),
        renewed("route-other-unit", ended, &[elsewhere]),
        renewed("route-without-govern", ended, &[of_another, reads]),
    ]
}

/// The office's own grant was replaced by a share of another founded key.
fn ranks() -> Vec<Value> {
    let fresh = district().lets_govern(NEW_KEY, COMMUNITY);
    let share = under(NEW_KEY, &fresh).lets_govern(COMMUNITY_OFFICE, COMMUNITY);
    let second = office().lets_govern(COLLEAGUE, COMMUNITY);
    let replaced = [district().revokes(&to_community()), fresh, share];
    let by_second = [vec![second, to_community(), to_district()], replaced.to_vec()].concat();
    let renewed =
        Delegation { serial: 2, ..district().grant((COMMUNITY_OFFICE, COMMUNITY), govern()) };
    let renewed = [by_second.clone(), vec![district().say(renewed)]].concat();
    let revoked = Some("revoked above");
    vec![
        write("route-through-a-share", None, &log()[0], &node_chain(), &replaced),
        chain("route-share-through-a-share", revoked, &by_second, T0 + DAY_MS),
        chain("route-share-through-a-founded-key", None, &renewed, T0 + DAY_MS),
    ]
}
