//! Suspended and dissolved units, and present cards.

use serde_json::{Value, json};

use super::all;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [suspended(), dissolved(), cards(), other_cards()].concat()
}

fn suspended() -> Vec<Value> {
    let (tree, peace) = peace();
    let (city, district) = (tree.by_city(), tree.by_district());
    let deputy = city.say(Delegation { not_after: SOON, ..city.grant(DEPUTY, GOVERN) });
    let by_deputy = |at| issuer(DEPUTY, CITY, deputy.id).at(at).suspends(DISTRICT);
    let [in_time, too_late] = [by_deputy(SOON), by_deputy(SOON + 1)];
    let by_city = city.suspends(DISTRICT);
    let by_district = district.suspends(COMMUNITY);
    let [by_root, second] = twice(|root| root.suspends(CITY));
    let again = city.at(LATER + 1).suspends(DISTRICT);
    let lifted = city.withdraws(&by_city, &[]);
    let lifted_by_district = district.withdraws(&by_city, &[]);
    let [lifted_by_root, root_second] = twice(|root| root.withdraws(&by_city, &[]));
    let early = city.at(T0 - 1).suspends(DISTRICT);
    let of = |name, said: &[&Statement], units: &[&str]| {
        peace.and(&all(said)).stands_and(name, &[], json!({ "suspended": units }))
    };
    let turned = rotated(
        CITY,
        &tree.city,
        [CITY_PAPER, CITY_NEW, CITY_NEW_PAPER],
        &[&tree.district_founding],
    );
    vec![
        of("suspended-none", &[], &[]),
        of("suspended-by-the-city", &[&by_city], &[DISTRICT]),
        of("suspended-by-the-district", &[&by_district], &[COMMUNITY]),
        of("suspended-by-both", &[&by_city, &by_district], &[DISTRICT, COMMUNITY]),
        of("suspended-by-the-root", &[&by_root, &second], &[CITY]),
        of("suspended-by-one-root", &[&by_root], &[]),
        of("suspended-by-a-deputy", &[&deputy, &in_time], &[DISTRICT]),
        of("suspended-by-a-deputy-whose-term-is-over", &[&deputy, &too_late], &[]),
        of("suspended-before-the-city-was-founded", &[&early], &[]),
        of("suspended-and-lifted", &[&by_city, &lifted], &[]),
        of("suspended-and-not-lifted-below", &[&by_city, &lifted_by_district], &[DISTRICT]),
        of("suspended-and-lifted-by-the-root", &[&by_city, &lifted_by_root, &root_second], &[]),
        of("suspended-twice-and-lifted-once", &[&by_city, &again, &lifted], &[DISTRICT]),
        of("suspended-and-forgotten-by-the-next-key", &[&by_city, &turned], &[]),
    ]
}

fn dissolved() -> Vec<Value> {
    let (tree, peace) = peace();
    let city = tree.by_city();
    let dissolves = city.say(city.dissolution(DISTRICT, &[SIBLING]));
    let revived = city.withdraws(&dissolves, &[]);
    let own = tree.by_district();
    let below = own.say(own.dissolution(COMMUNITY, &[]));
    let of = |name, said: &[&Statement], units: &[&str], node| {
        let asked = [(&tree.node, LATER, node)];
        peace.and(&all(said)).stands_and(name, &asked, json!({ "dissolved": units }))
    };
    vec![
        // It says nothing about what stands in the unit.
        of("dissolved-by-the-city", &[&dissolves], &[DISTRICT], "io"),
        of("dissolved-by-the-district", &[&below], &[COMMUNITY], "io"),
        of("dissolved-and-revived", &[&dissolves, &revived], &[], "io"),
    ]
}

/// A scene, and the present card of the community in it.
fn carded(scene: &Scene, name: &str, card: Option<&Statement>) -> Value {
    let card = card.map(|card| hex::encode(card.id));
    scene.stands_and(name, &[], json!({ "cards": { COMMUNITY: card } }))
}

fn cards() -> Vec<Value> {
    let (tree, peace) = peace();
    let community = tree.by_community();
    let deputy = community.say(Delegation { not_after: SOON, ..community.grant(DEPUTY, GOVERN) });
    let by_deputy = issuer(DEPUTY, COMMUNITY, deputy.id);
    let card = |issuer: &Issuer, serial| issuer.say(issuer.card(serial));
    let [first, second] = [1, 2].map(|serial| card(&community, serial));
    let alike = card(&community.at(LATER + 1), 1);
    let smaller = if first.id < alike.id { &first } else { &alike };
    let in_time = card(&by_deputy.at(SOON), 3);
    let late = card(&by_deputy, 4);
    let turn = |keeps: &[&Statement]| {
        let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
        rotated(COMMUNITY, &tree.community, holders, keeps)
    };
    let [kept, lost] = [turn(&[&second]), turn(&[])];
    let next = card(&issuer(COMMUNITY_NEW, COMMUNITY, kept.id), 1);
    let of = |name, said: &[&Statement], present| carded(&peace.and(&all(said)), name, present);
    let ended = community.withdraws(&second, &[]);
    vec![
        of("card-none", &[], None),
        of("card-only", &[&first], Some(&first)),
        of("card-of-greater-serial", &[&second, &first], Some(&second)),
        of("card-of-smaller-id", &[&first, &alike], Some(smaller)),
        of("card-of-a-deputy", &[&deputy, &second, &in_time], Some(&in_time)),
        of("card-of-a-deputy-whose-term-is-over", &[&deputy, &second, &late], Some(&second)),
        of("card-is-not-ended", &[&second, &ended], Some(&second)),
        of("card-kept-by-the-next-key", &[&second, &first, &kept], Some(&second)),
        of("card-of-the-next-key", &[&second, &kept, &next], Some(&next)),
        of("card-lost-with-its-key", &[&second, &lost], None),
    ]
}

/// Cards of lineages that are not followed.
fn other_cards() -> Vec<Value> {
    let (tree, peace) = peace();
    let community = tree.by_community();
    let ours = community.say(community.card(1));
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let founding = tree.by_district().founds(COMMUNITY, &rival);
    let by_rival = issuer(RIVAL_KEY, COMMUNITY, rival.id);
    let theirs = by_rival.say(by_rival.card(9));
    let scene = peace.and(&all(&[&founding, &rival, &ours, &theirs]));
    let district = scene.at(DISTRICT, &tree.district);
    vec![
        carded(&scene, "card-of-the-own-lineage", Some(&ours)),
        carded(&district, "card-of-two-lineages", None),
        carded(&district.pinned(COMMUNITY, &rival), "card-of-the-lineage-pinned", Some(&theirs)),
    ]
}
