//! What a unit's next generation keeps, and which generation is followed.

use serde_json::{Value, json};

use super::all;
use crate::keys::*;
use crate::scene::{Question, Scene, peace};
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [kept(), twice_kept(), endings(), rivals(), pinned()].concat()
}

const NEXT: [Holder; 3] = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
const OTHER: [Holder; 3] = [COMMUNITY_PAPER, RIVAL_KEY, RIVAL_PAPER];
const THIRD: [Holder; 3] = [COMMUNITY_NEW_PAPER, COMMUNITY_THIRD, COMMUNITY_THIRD_PAPER];

/// The tree and two more grants of the community: a deputy's, and what the deputy granted.
struct Office {
    tree: Tree,
    scene: Scene,
    deputy: Statement,
    granted: Statement,
}

fn office() -> Office {
    let (tree, peace) = peace();
    let deputy = tree.by_community().lets_govern(DEPUTY);
    let granted = issuer(DEPUTY, COMMUNITY, deputy.id).lets_write(COLLEAGUE);
    let scene = peace.and(&all(&[&deputy, &granted]));
    Office { tree, scene, deputy, granted }
}

impl Office {
    fn turned(&self, holders: [Holder; 3], keeps: &[&Statement]) -> Statement {
        rotated(COMMUNITY, &self.tree.community, holders, keeps)
    }

    fn after(&self, name: &str, said: &[&Statement], questions: &[Question<'_>]) -> Value {
        self.scene.and(&all(said)).stands(name, questions)
    }
}

/// Facts about generations: the community's present one, and the rivals.
fn generation(tree: &Tree, present: &Statement, rivals: &[&Statement]) -> Value {
    let rivals = ascending(rivals.iter().map(|rival| hex::encode(rival.id)));
    json!({
        "present": { hex::encode(tree.community.id): hex::encode(present.id) },
        "rivals": rivals,
    })
}

fn kept() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, scene } = &office;
    let (node, founding) = (&tree.node, &tree.community_founding);
    let keeping = office.turned(NEXT, &[node]);
    let next = issuer(COMMUNITY_NEW, COMMUNITY, keeping.id).lets_write(STRANGER);
    let before = tree.by_community().lets_write(STRANGER);
    let district =
        rotated(DISTRICT, &tree.district, [DISTRICT_PAPER, DISTRICT_NEW, DISTRICT_NEW_PAPER], &[]);
    let founding_kept = {
        let holders = [DISTRICT_PAPER, DISTRICT_NEW, DISTRICT_NEW_PAPER];
        rotated(DISTRICT, &tree.district, holders, &[founding])
    };
    vec![
        scene.and(&all(&[&keeping, &next, &before])).stands_and(
            "rotated-and-kept",
            &[
                (node, LATER, "io"),
                (deputy, LATER, "--"),
                (granted, LATER, "--"),
                (&next, LATER, "io"),
                (&before, LATER, "--"),
                (founding, LATER, "io"),
            ],
            generation(tree, &keeping, &[]),
        ),
        office.after(
            "rotated-and-kept-nothing",
            &[&office.turned(NEXT, &[])],
            &[(node, LATER, "--"), (node, T0, "--"), (founding, LATER, "io")],
        ),
        office.after(
            "rotated-and-kept-a-deputy",
            &[&office.turned(NEXT, &[deputy])],
            &[(deputy, LATER, "io"), (granted, LATER, "io"), (node, LATER, "--")],
        ),
        office.after(
            "rotated-and-kept-not-the-next",
            &[&office.turned(NEXT, &[granted])],
            &[(deputy, LATER, "--"), (granted, LATER, "--")],
        ),
        office.after(
            "rotated-above",
            &[&district],
            &[(founding, LATER, "--"), (node, LATER, "i-")],
        ),
        office.after(
            "rotated-above-and-kept",
            &[&founding_kept],
            &[(founding, LATER, "io"), (node, LATER, "io"), (granted, LATER, "io")],
        ),
        office.after(
            "rotated-without-commitment",
            &[&office.turned([STRANGER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER], &[])],
            &[(node, LATER, "io")],
        ),
    ]
}

/// Every later generation is asked.
fn twice_kept() -> Vec<Value> {
    let office = office();
    let Office { tree, scene, .. } = &office;
    let node = &tree.node;
    let of = |name, first: &[&Statement], second: &[&Statement], answer| {
        let first = office.turned(NEXT, first);
        let granted = issuer(COMMUNITY_NEW, COMMUNITY, first.id).lets_write(STRANGER);
        let second = rotated(COMMUNITY, &first, THIRD, second);
        scene.and(&all(&[&second, &first, &granted])).stands_and(
            name,
            &[(node, LATER, answer), (&granted, LATER, "--")],
            generation(tree, &second, &[]),
        )
    };
    let first = office.turned(NEXT, &[node]);
    let second = rotated(COMMUNITY, &first, THIRD, &[node]);
    vec![
        of("rotated-twice-and-kept", &[node], &[node], "io"),
        of("rotated-twice-and-kept-once", &[node], &[], "--"),
        of("rotated-twice-and-kept-later", &[], &[node], "--"),
        // Without the first the second one waits.
        office.after("rotated-twice-but-the-first-is-unknown", &[&second], &[(node, LATER, "io")]),
    ]
}

/// Endings are kept by name, as everything else.
fn endings() -> Vec<Value> {
    let office = office();
    let tree = &office.tree;
    let node = &tree.node;
    let ends = tree.by_community().withdraws(node, &[]);
    let of = |name, keeps: &[&Statement], answers: [&'static str; 2]| {
        office.after(
            name,
            &[&ends, &office.turned(NEXT, keeps)],
            &[(node, LATER, answers[0]), (&ends, LATER, answers[1])],
        )
    };
    let turned = office.turned(NEXT, &[node]);
    let by_next = issuer(COMMUNITY_NEW, COMMUNITY, turned.id).withdraws(node, &[]);
    vec![
        of("rotated-and-kept-the-ended", &[node], ["io", "--"]),
        of("rotated-and-kept-the-ending", &[node, &ends], ["--", "io"]),
        of("rotated-and-kept-the-ending-alone", &[&ends], ["--", "io"]),
        office.after("ended-by-the-next-key", &[&turned, &by_next], &[(node, LATER, "--")]),
    ]
}

/// Two rotations of one charter: without a pin none is followed, and both must spare.
fn rivals() -> Vec<Value> {
    let office = office();
    let Office { tree, scene, deputy, .. } = &office;
    let node = &tree.node;
    let next = office.turned(NEXT, &[node]);
    let other = office.turned(OTHER, &[node, deputy]);
    let by_next = issuer(COMMUNITY_NEW, COMMUNITY, next.id).lets_write(STRANGER);
    let by_other = issuer(RIVAL_KEY, COMMUNITY, other.id).lets_write(STRANGER);
    let after_other = rotated(COMMUNITY, &other, [RIVAL_PAPER, COMMUNITY_THIRD, STRANGER], &[]);
    let both = scene.and(&all(&[&next, &other, &by_next, &by_other, &after_other]));
    let asked = |answers: [&'static str; 4]| {
        [node, deputy, &by_next, &by_other].into_iter().zip(answers).collect::<Vec<_>>()
    };
    let of = |name, scene: &Scene, present: &Statement, rivals: &[&Statement], answers| {
        let asked = asked(answers);
        let asked: Vec<Question<'_>> = asked.iter().map(|(s, a)| (*s, LATER, *a)).collect();
        scene.stands_and(name, &asked, generation(tree, present, rivals))
    };
    let charter = &tree.community;
    let to_next = both.follows(charter.id, &next);
    let to_other = both.follows(charter.id, &other);
    vec![
        of("rivals-and-none-followed", &both, charter, &[&next, &other], ["io", "--", "--", "--"]),
        of("rivals-and-one-followed", &to_next, &next, &[&other], ["io", "--", "io", "--"]),
        of(
            "rivals-and-the-other-followed-on",
            &to_other,
            &after_other,
            &[&next],
            ["--", "--", "--", "--"],
        ),
    ]
}

/// Pins of generations.
fn pinned() -> Vec<Value> {
    let office = office();
    let Office { tree, scene, .. } = &office;
    let (node, charter) = (&tree.node, &tree.community);
    let next = office.turned(NEXT, &[]);
    let other = office.turned(OTHER, &[node]);
    let with_next = scene.and(std::slice::from_ref(&next));
    let of = |name, scene: &Scene, present: &Statement, rivals: &[&Statement], answer| {
        scene.stands_and(name, &[(node, LATER, answer)], generation(tree, present, rivals))
    };
    vec![
        of("pinned-to-the-only-successor", &with_next.follows(charter.id, &next), &next, &[], "--"),
        of("pinned-to-the-unknown", &scene.follows(charter.id, &next), charter, &[], "io"),
        // None is followed, and nothing is undecided.
        of(
            "pinned-to-the-unknown-beside-another",
            &{ with_next.follows(charter.id, &other) },
            charter,
            &[&next],
            "io",
        ),
        of(
            "pinned-to-the-one-that-keeps",
            &{ with_next.and(std::slice::from_ref(&other)).follows(charter.id, &other) },
            &other,
            &[&next],
            "io",
        ),
    ]
}
