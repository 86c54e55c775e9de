//! What one member can make every node keep, and what it makes others look at: attacks of a unit
//! that is true by every rule.

use std::sync::Arc;

use schema_wire::Hash;

use super::city::{COMMUNITY, City, key, rotation, unit};
use crate::looked::count;
use crate::{Pin, Room};

/// Statements of one unit and lineage about one thing.
const ABOUT_ONE_MAX: usize = 256;
/// Generations that follow one.
const SUCCESSORS_MAX: usize = 16;

/// Keeps what there is room for, as a log does. Returns how many that were.
fn keep(city: &mut City, said: impl IntoIterator<Item = schema_wire::VerifiedStatement>) -> usize {
    let mut kept = 0;
    for statement in said {
        if city.authority.room_for(&statement) == Room::Free {
            city.keep(&statement);
            kept += 1;
        }
    }
    kept
}

fn id(number: u32) -> Hash {
    Hash::of(&[b"flood", &number.to_be_bytes()])
}

/// A unit that ends its district's founding says something false, and may say it as often as it
/// likes. Whoever reads a chain through that founding looked at each.
#[test]
fn futile_endings_cost_no_greeting_anything() {
    let mut city = City::new();
    let greeting = |city: &City| {
        let shown = super::city::peace();
        let read = || {
            let mut excerpt = city.authority.excerpt(&key("clerk"), &unit(COMMUNITY));
            for one in shown.iter().rev() {
                city.authority.supply(&mut excerpt, &one.id(), &one.body());
            }
            excerpt.kept().count()
        };
        count(read)
    };
    let before = greeting(&city);
    let by = city.by_community.clone();
    let named = [city.district_founding, city.community_founding, city.by_district.proof];
    let many = (0..2_000_u32).flat_map(|n| named.map(|named| by.withdraws(named, &[id(n)])));
    let kept = keep(&mut city, many);
    assert_eq!(kept, named.len() * ABOUT_ONE_MAX, "the rest is put off");
    let after = greeting(&city);
    println!("a greeting looks at {}, among {kept} futile endings at {}", before.1, after.1);
    assert_eq!(after, before);
}

/// Whoever governs a unit may take any key into it, under as many serials as it likes: the key of
/// a node of the city, say, of which the city asks at every statement who it is.
#[test]
fn what_others_grant_a_node_costs_its_own_unit_nothing() {
    let mut city = City::new();
    let (clerk, community) = (key("clerk"), unit(COMMUNITY));
    let asked = |city: &City| count(|| city.authority.memberships_in(&community, &clerk).count());
    let before = asked(&city);
    let by = city.by_district.clone();
    let grants = (0..1_000).map(|serial| by.employs_again("clerk", serial));
    assert_eq!(keep(&mut city, grants), ABOUT_ONE_MAX);
    assert_eq!(asked(&city), before);
    assert_eq!(city.authority.memberships(&clerk).count(), 1 + ABOUT_ONE_MAX);
    // Of others, and of others' statements, nothing is put off.
    let other = city.by_district.employs("somebody");
    assert_eq!(city.authority.room_for(&other), Room::Free);
    assert_eq!(city.authority.room_for(&city.by_community.employs("clerk")), Room::Free);
}

/// Whoever has the paper of a lineage makes as many rival rotations as it likes, each kept for
/// ever by everybody, with thousands of ids.
#[test]
fn rivals_of_one_generation_have_a_quota_and_the_chosen_one_has_room() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let rival = |n: u32| rotation(COMMUNITY, own, "community-paper", &format!("rival-{n}"), &[]);
    assert_eq!(keep(&mut city, (0..40).map(rival)), SUCCESSORS_MAX);
    let honest = rival(1_000);
    assert_eq!(city.authority.room_for(&honest), Room::SetFull);
    city.authority.pin(Pin::Generation { after: own, successor: Some(honest.id()) });
    assert_eq!(city.authority.room_for(&honest), Room::Free);
    // A chain of its own has an end as well.
    let (mut last, mut paper) = (honest.id(), "rival-1000-paper".to_owned());
    city.keep(&honest);
    let mut generations = SUCCESSORS_MAX + 2;
    for n in 0..400 {
        let name = format!("next-{n}");
        let next = rotation(COMMUNITY, last, &paper, &name, &[]);
        if city.authority.room_for(&next) != Room::Free {
            break;
        }
        last = city.keep(&next);
        paper = format!("{name}-paper");
        generations += 1;
    }
    assert_eq!(generations, 256);
}

/// What a statement lists is remembered: a count of statements alone bounds no memory.
#[test]
fn what_statements_list_is_counted_in_bytes() {
    let mut city = City::new();
    let by = city.by_community.clone();
    let keeps: Vec<Hash> = (0..4_096).map(id).collect();
    let said = (0..600).map(|n| by.withdraws(id(1_000_000 + n), &keeps));
    assert_eq!(keep(&mut city, said), 67_108_864 / (4_096 * 32), "as many as there is room for");
    let more = city.by_community.withdraws(id(0), &keeps);
    assert_eq!(city.authority.room_for(&more), Room::SetFull);
    assert_eq!(city.authority.room_for(&city.by_community.employs("phone")), Room::Free);
}

/// The same of what is set aside.
#[test]
fn what_is_set_aside_is_counted_in_bytes() {
    let mut city = City::new();
    let deputy = city.deputy();
    city.keep(&city.by_community.withdraws(deputy.proof, &[]));
    let keeps: Vec<Hash> = (0..4_096).map(id).collect();
    let said = (0..200).map(|n| deputy.withdraws(id(1_000_000 + n), &keeps));
    let kept = keep(&mut city, said);
    assert_eq!(kept, 8_388_608 / (4_096 * 32), "as many as there is room for");
}

/// A greeting cost a copy of all pins, and those are as many as the units of the city.
#[test]
fn an_excerpt_copies_no_pins() {
    let city = City::new();
    let excerpt = city.authority.excerpt(&key("clerk"), &unit(COMMUNITY));
    assert!(Arc::ptr_eq(&excerpt.pins, &city.authority.pins));
}
