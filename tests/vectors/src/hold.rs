//! Vectors of who may hold what.

use serde_json::Value;

use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::stands::all;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [units(), letters(), bits(), outside_alone(), inside_alone(), terms(), lineages()].concat()
}

/// A city with nodes in every unit, and a sibling of the district.
struct Town {
    tree: Tree,
    scene: Scene,
}

fn town() -> Town {
    let (tree, peace) = peace();
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let founding = tree.by_city().founds(SIBLING, &sibling);
    let by_sibling = issuer(SIBLING_KEY, SIBLING, sibling.id);
    let scene = peace.and(&all(&[
        &founding,
        &sibling,
        &tree.by_city().lets_write(CITY_NODE),
        &tree.by_district().lets_write(DISTRICT_NODE),
        &by_sibling.lets_write(SIBLING_NODE),
    ]));
    Town { tree, scene }
}

/// The same scope asked for each of the five: city, district, community, sibling, stranger.
fn each(scope: &Scope, answers: [bool; 5]) -> Vec<(Holder, Scope, bool)> {
    let holders = [CITY_NODE, DISTRICT_NODE, NODE, SIBLING_NODE, STRANGER];
    holders.into_iter().zip(answers).map(|(holder, may)| (holder, scope.clone(), may)).collect()
}

const EVERYBODY: [bool; 5] = [true, true, true, true, false];
const NOBODY: [bool; 5] = [false; 5];

fn units() -> Vec<Value> {
    let town = town();
    let of = |name, scope: Scope, answers| town.scene.holds(name, LATER, &each(&scope, answers));
    let inside = [false, false, true, false, false];
    let above = [true, true, true, false, false];
    vec![
        of("hold-statements", Scope::of(COMMUNITY, 0), EVERYBODY),
        of("hold-public", Scope::of(COMMUNITY, 1), EVERYBODY),
        of("hold-public-of-a-sibling", Scope::of(SIBLING, 1), EVERYBODY),
        of("hold-public-of-an-unknown-unit", Scope::of("220800/220899", 1), EVERYBODY),
        of("hold-path", Scope::of(COMMUNITY, 2), above),
        of("hold-path-of-the-district", Scope::of(DISTRICT, 2), [true, true, false, false, false]),
        of("hold-path-of-the-city", Scope::of(CITY, 2), [true, false, false, false, false]),
        of("hold-people", Scope::of(COMMUNITY, 4), inside),
        of("hold-work", Scope::of(COMMUNITY, 5), inside),
        of("hold-devices", Scope::of(COMMUNITY, 6), inside),
        of("hold-band-3", Scope::of(COMMUNITY, 7), inside),
        // The sender's own unit is the community.
        of("hold-people-of-another-unit", Scope::of(DISTRICT, 4), NOBODY),
        of("hold-people-of-the-city", Scope::of(CITY, 4), NOBODY),
    ]
}

fn letters() -> Vec<Value> {
    let town = town();
    let of = |name, one, other, answers| {
        town.scene.holds(name, LATER, &each(&Scope::letters(one, other), answers))
    };
    let far = "220800/220899";
    vec![
        of("hold-letters-up", COMMUNITY, CITY, [true, true, true, false, false]),
        of("hold-letters-to-the-district", COMMUNITY, DISTRICT, [false, true, true, false, false]),
        of("hold-letters-across", COMMUNITY, SIBLING, [true, true, true, true, false]),
        of("hold-letters-of-siblings", DISTRICT, SIBLING, [true, true, false, true, false]),
        of("hold-letters-of-others", SIBLING, far, [true, false, false, true, false]),
        of(
            "hold-letters-below-a-district",
            COMMUNITY,
            "220800/220802/9",
            [false, true, true, false, false],
        ),
        of("hold-letters-beyond-the-city", COMMUNITY, "310000", [false, false, true, false, false]),
    ]
}

/// Bits of `reads`, along the whole path.
fn bits() -> Vec<Value> {
    let town = town();
    let by = town.tree.by_community();
    let reading = |reads| by.say(Delegation { reads, ..by.grant(COLLEAGUE, WRITE) });
    let letters = || Scope::letters(COMMUNITY, DISTRICT);
    let asked = |answers: [bool; 8]| {
        let scopes = (0..8).map(|compartment| match compartment {
            3 => letters(),
            compartment => Scope::of(COMMUNITY, compartment),
        });
        let asked = scopes.zip(answers).map(|(scope, may)| (COLLEAGUE, scope, may));
        asked.collect::<Vec<_>>()
    };
    let of = |name, reads, answers| {
        town.scene.and(&[reading(reads)]).holds(name, LATER, &asked(answers))
    };
    let deputy = by.say(Delegation { reads: 1, ..by.grant(DEPUTY, GOVERN) });
    let granted = issuer(DEPUTY, COMMUNITY, deputy.id).lets_write(COLLEAGUE);
    let two = town.scene.and(&[reading(1), {
        by.say(Delegation { reads: 4, serial: 2, ..by.grant(COLLEAGUE, WRITE) })
    }]);
    let [y, n] = [true, false];
    vec![
        of("hold-with-no-bit", 0, [y, y, n, n, n, n, n, n]),
        of("hold-with-people", 1, [y, y, n, n, y, n, n, n]),
        of("hold-with-work", 2, [y, y, n, n, n, y, n, n]),
        of("hold-with-devices", 4, [y, y, n, n, n, n, y, n]),
        of("hold-with-band-3", 8, [y, y, n, n, n, n, n, y]),
        of("hold-with-correspondence", 16, [y, y, y, y, n, n, n, n]),
        of("hold-with-all-bits", 31, [y; 8]),
        town.scene.and(&[deputy, granted]).holds(
            "hold-no-more-than-its-deputy",
            LATER,
            &asked([y, y, n, n, y, n, n, n]),
        ),
        two.holds("hold-by-two-grants", LATER, &asked([y, y, n, n, y, n, y, n])),
    ]
}

/// A district's node that lost its founding is no member outside.
fn outside_alone() -> Vec<Value> {
    let town = town();
    let Town { tree, scene, .. } = &town;
    let unfounded = scene.and(&[tree.by_city().withdraws(&tree.district_founding, &[])]);
    let public = |unit| Scope::of(unit, 1);
    let asked = [
        // The sender follows no lineage of the district any more.
        (DISTRICT_NODE, public(DISTRICT), false),
        (DISTRICT_NODE, public(COMMUNITY), false),
        (DISTRICT_NODE, public(CITY), false),
        (NODE, public(COMMUNITY), true),
        (NODE, Scope::of(COMMUNITY, 2), true),
        (NODE, Scope::of(COMMUNITY, 4), true),
        (NODE, public(DISTRICT), false),
        (CITY_NODE, public(COMMUNITY), true),
    ];
    vec![unfounded.holds("hold-without-founding", LATER, &asked)]
}

/// A node whose unit was never founded reads what is its own.
fn inside_alone() -> Vec<Value> {
    let tree = tree();
    let alone = Scene::of(COMMUNITY, &tree.community);
    let alone = alone.and(&all(&[&tree.community, &tree.node]));
    let letters = Scope::letters(COMMUNITY, DISTRICT);
    let asked = [
        (NODE, Scope::of(COMMUNITY, 0), true),
        (NODE, Scope::of(COMMUNITY, 1), true),
        (NODE, Scope::of(COMMUNITY, 2), true),
        (NODE, letters, true),
        (NODE, Scope::of(COMMUNITY, 4), true),
        (NODE, Scope::of(DISTRICT, 0), false),
    ];
    vec![alone.holds("hold-in-a-unit-that-is-alone", LATER, &asked)]
}

fn terms() -> Vec<Value> {
    let town = town();
    let Town { tree, scene, .. } = &town;
    let people = Scope::of(COMMUNITY, 4);
    let by = tree.by_community();
    let early = by.say(Delegation { not_before: LATER + 1, ..by.grant(COLLEAGUE, WRITE) });
    let ended = scene.and(&[by.withdraws(&tree.node, &[])]);
    let of = |name, scene: &Scene, now, holder, may| {
        scene.holds(name, now, &[(holder, people.clone(), may)])
    };
    vec![
        of("hold-at-the-last-ms", scene, LAST, NODE, true),
        of("hold-after-the-term", scene, LAST + 1, NODE, false),
        of("hold-before-the-term", scene, T0 - 1, NODE, true),
        of("hold-too-early", &scene.and(&[early]), LATER, COLLEAGUE, true),
        of("hold-once-ended", &ended, LATER, NODE, false),
    ]
}

/// Two lineages of one unit: the sender's pins decide.
fn lineages() -> Vec<Value> {
    let town = town();
    let Town { tree, scene, .. } = &town;
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let founding = tree.by_district().founds(COMMUNITY, &rival);
    let granted = issuer(RIVAL_KEY, COMMUNITY, rival.id).lets_write(STRANGER);
    let two = scene.and(&all(&[&founding, &rival, &granted]));
    let ended = two.and(&[tree.by_district().withdraws(&tree.community_founding, &[])]);
    let scopes = || [0, 1, 2, 4].map(|compartment| Scope::of(COMMUNITY, compartment));
    let asked = |node: [bool; 4], stranger: [bool; 4]| {
        let of = |holder: Holder, answers: [bool; 4]| {
            scopes().into_iter().zip(answers).map(move |(scope, may)| (holder, scope, may))
        };
        of(NODE, node).chain(of(STRANGER, stranger)).collect::<Vec<_>>()
    };
    let [all, none] = [[true; 4], [false; 4]];
    let but_people = [true, true, true, false];
    let district = two.at(DISTRICT, &tree.district);
    let pinned = district.pinned(COMMUNITY, &rival);
    vec![
        two.holds("hold-of-two-lineages-in-one", LATER, &asked(all, none)),
        two.at(COMMUNITY, &rival).holds(
            "hold-of-two-lineages-in-the-other",
            LATER,
            &asked(none, all),
        ),
        district.holds("hold-of-two-lineages-from-above", LATER, &asked(none, none)),
        pinned.holds("hold-of-the-lineage-pinned", LATER, &asked(none, but_people)),
        // Outside the other one is recognised; inside the own lineage stays.
        ended.holds("hold-of-the-own-lineage-though-replaced", LATER, &asked(all, but_people)),
    ]
}
