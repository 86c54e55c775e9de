//! From when until when: delegations, foundings, and what is said under them.

use serde_json::Value;

use super::all;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [terms(), foundings(), deputies(), own_time()].concat()
}

/// The tree with another founding of the community.
fn refounded(change: impl Fn(&mut Founding)) -> (Tree, Scene) {
    let mut tree = tree();
    let by = tree.by_district();
    let mut founding = by.founding(COMMUNITY, tree.community.id);
    change(&mut founding);
    tree.community_founding = by.say(founding);
    let scene = Scene::of(COMMUNITY, &tree.community).and(&tree.all());
    (tree, scene)
}

fn terms() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let endless = by.say(Delegation { not_after: MS_MAX, ..by.grant(COLLEAGUE, WRITE) });
    let moment = by.say(Delegation { not_after: T0, ..by.grant(COLLEAGUE, WRITE) });
    let early = by.say(Delegation { not_before: 0, ..by.grant(COLLEAGUE, WRITE) });
    let node = &tree.node;
    vec![
        peace.stands(
            "stands-tree",
            &[
                (&tree.city_founding, LATER, "-o"),
                (&tree.district_founding, LATER, "io"),
                (&tree.community_founding, LATER, "io"),
                (node, LATER, "io"),
            ],
        ),
        peace.stands(
            "stands-within-its-term",
            &[
                (node, T0 - 1, "--"),
                (node, T0, "io"),
                (node, LAST, "io"),
                (node, LAST + 1, "--"),
                (&tree.city_founding, T0 - 1, "--"),
                (&tree.city_founding, T0, "-o"),
                (&tree.city_founding, LAST, "-o"),
                (&tree.city_founding, LAST + 1, "--"),
            ],
        ),
        peace.and(all(&[&endless]).as_slice()).stands(
            "stands-until-the-last-ms",
            &[(&endless, LAST, "io"), (&endless, LAST + 1, "i-"), (&endless, MS_MAX, "i-")],
        ),
        peace.and(all(&[&moment]).as_slice()).stands(
            "stands-for-one-ms",
            &[(&moment, T0 - 1, "--"), (&moment, T0, "io"), (&moment, T0 + 1, "--")],
        ),
        peace.and(all(&[&early]).as_slice()).stands(
            "stands-before-its-unit-was-founded",
            &[(&early, 0, "i-"), (&early, T0 - 1, "i-"), (&early, T0, "io")],
        ),
    ]
}

fn foundings() -> Vec<Value> {
    let (tree, short) = refounded(|founding| founding.not_after = SOON);
    let by_district = tree.by_district();
    let again = Founding {
        not_before: LATER,
        serial: 2,
        ..by_district.founding(COMMUNITY, tree.community.id)
    };
    let again = by_district.say(again);
    let node = &tree.node;
    let mut upper = crate::world::tree();
    let by_city = upper.by_city();
    let mut founding = by_city.founding(DISTRICT, upper.district.id);
    founding.not_after = SOON;
    upper.district_founding = by_city.say(founding);
    let upper_short = Scene::of(COMMUNITY, &upper.community).and(&upper.all());
    let unfounded = short.without(&tree.community_founding);
    vec![
        short.stands(
            "stands-while-its-unit-is-founded",
            &[(node, SOON, "io"), (node, SOON + 1, "i-"), (&tree.community_founding, SOON, "io")],
        ),
        short.and(all(&[&again]).as_slice()).stands(
            "stands-by-any-founding",
            &[(node, SOON, "io"), (node, SOON + 1, "i-"), (node, LATER - 1, "i-"), {
                (node, LATER, "io")
            }],
        ),
        upper_short.stands(
            "stands-while-all-above-are-founded",
            &[
                (node, SOON, "io"),
                (node, SOON + 1, "i-"),
                (&upper.community_founding, SOON + 1, "i-"),
                (&upper.district_founding, SOON + 1, "--"),
            ],
        ),
        unfounded.stands("stands-without-founding", &[(node, LATER, "i-")]),
    ]
}

/// What is said by way of a delegation with GOVERN stands as long as that is valid.
fn deputies() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let grant =
        |not_after, serial| by.say(Delegation { not_after, serial, ..by.grant(DEPUTY, GOVERN) });
    let [first, second] = [grant(SOON, 1), grant(LAST, 2)];
    let under = |proof: &Statement| issuer(DEPUTY, COMMUNITY, proof.id);
    let [by_first, by_second] = [&first, &second].map(|proof| under(proof).lets_write(COLLEAGUE));
    let scene = peace.and(all(&[&first, &second, &by_first, &by_second]).as_slice());
    let narrow = by.say(Delegation { classes: vec![], reads: 0, ..by.grant(DEPUTY, GOVERN) });
    let wide = under(&narrow).lets_write(COLLEAGUE);
    let narrow_scene = peace.and(all(&[&narrow, &wide]).as_slice());
    vec![
        scene.stands(
            "stands-by-the-proof-it-names",
            &[
                (&by_first, SOON, "io"),
                (&by_first, SOON + 1, "--"),
                (&by_second, SOON + 1, "io"),
                (&by_second, LAST + 1, "--"),
            ],
        ),
        // What it lets its subject do is another question.
        narrow_scene.stands("stands-wider-than-its-proof", &[(&wide, LATER, "io")]),
    ]
}

/// What is no delegation or founding is asked at its own time.
fn own_time() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let deputy = by.say(Delegation { not_after: SOON, ..by.grant(DEPUTY, GOVERN) });
    let under = issuer(DEPUTY, COMMUNITY, deputy.id);
    let of = |at| tree.by_city().at(at).suspends(DISTRICT);
    let [before, first, last, after] = [T0 - 1, T0, LAST, LAST + 1].map(of);
    let card = |at| under.at(at).say(under.at(at).card(1));
    let [soon, late] = [card(SOON), card(SOON + 1)];
    let ending = tree.by_community().withdraws(&tree.node, &[]);
    let address = tree.by_node();
    let [here, gone] = [LAST, LAST + 1].map(|at| address.say(address.at(at).address()));
    let acts = peace.and(all(&[&before, &first, &last, &after]).as_slice());
    let cards = peace.and(all(&[&deputy, &soon, &late]).as_slice());
    vec![
        acts.stands(
            "stands-at-its-own-time",
            &[
                (&before, LATER, "i-"),
                (&first, LATER, "io"),
                (&last, LATER, "io"),
                (&after, LATER, "i-"),
            ],
        ),
        cards.stands(
            "stands-in-the-term-of-its-proof",
            &[(&soon, MS_MAX, "io"), (&late, SOON, "--")],
        ),
        peace.and(all(&[&ending]).as_slice()).stands("stands-ending", &[(&ending, 0, "io")]),
        peace.and(all(&[&here, &gone]).as_slice()).stands(
            "stands-address-in-the-term-of-its-proof",
            &[(&here, LATER, "io"), (&gone, LATER, "--")],
        ),
    ]
}
