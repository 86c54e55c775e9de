//! Two envelopes at one place: none counts, until one is chosen or only one is permitted.

use serde_json::Value;

use super::*;
use crate::envelopes::{Pen, pen};
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::stands::all;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [unchosen(), chosen(), first_choice(), permitted(), deeper(), other_logs()].concat()
}

/// A log that forks after its first envelope, and each side goes on.
struct Fork {
    tree: Tree,
    scene: Scene,
    pen: Pen,
    first: Envelope,
    left: [Envelope; 2],
    right: [Envelope; 2],
}

fn fork() -> Fork {
    let (tree, scene) = peace();
    let pen = pen(NODE, &tree.node);
    let first = pen.writes(None, "first");
    let side = |name: &str| {
        let second = pen.writes(Some(&first), &format!("{name}, second"));
        let third = pen.writes(Some(&second), &format!("{name}, third"));
        [second, third]
    };
    let [left, right] = [side("left"), side("right")];
    Fork { tree, scene, pen, first, left, right }
}

impl Fork {
    /// The first, both sides of the second, both sides of the third.
    fn all(&self) -> [&Envelope; 5] {
        let Self { first, left, right, .. } = self;
        [first, &left[0], &right[0], &left[1], &right[1]]
    }

    fn judged(&self, name: &str, scene: &Scene, verdicts: [&str; 5], heads: &[&Envelope]) -> Value {
        scene.with(&self.all()).counts(name, &verdicts, heads)
    }

    fn after(
        &self,
        name: &str,
        said: &[&Statement],
        verdicts: [&str; 5],
        heads: &[&Envelope],
    ) -> Value {
        self.judged(name, &self.scene.and(&all(said)), verdicts, heads)
    }
}

const OPEN: [&str; 5] = [COUNTS, FORK, FORK, RESTS, RESTS];
const LEFT: [&str; 5] = [COUNTS, COUNTS, OUTVOTED_GONE, COUNTS, RESTS_GONE];

fn unchosen() -> Vec<Value> {
    let fork = fork();
    let [first, left, right, ..] = fork.all();
    let one = fork.pen.writes(None, "another first");
    vec![
        fork.after("fork", &[], OPEN, &[first]),
        fork.scene.with(&[first, left, right]).counts(
            "fork-at-its-end",
            &[COUNTS, FORK, FORK],
            &[first],
        ),
        fork.scene.with(&[first, &one, left]).counts(
            "fork-at-the-first",
            &[FORK, FORK, RESTS],
            &[],
        ),
    ]
}

fn chosen() -> Vec<Value> {
    let fork = fork();
    let [first, left, right, left_third, _] = fork.all();
    let by = fork.tree.by_community();
    let adopts = |envelope: &Envelope| by.adopts(&[envelope.mark()]);
    let deputy = by.say(Delegation { not_after: SOON, ..by.grant(DEPUTY, GOVERN) });
    let late = issuer(DEPUTY, COMMUNITY, deputy.id).adopts(&[left.mark()]);
    let right_wins = [COUNTS, OUTVOTED_GONE, COUNTS, RESTS_GONE, COUNTS];
    let heads = [&fork.right[1]];
    vec![
        fork.after("fork-chosen", &[&adopts(left)], LEFT, &[left_third]),
        fork.after("fork-chosen-the-other", &[&adopts(right)], right_wins, &heads),
        fork.after("fork-chosen-by-what-follows", &[&adopts(left_third)], LEFT, &[left_third]),
        fork.after("fork-not-chosen-by-what-was-before", &[&adopts(first)], OPEN, &[first]),
        fork.after(
            "fork-not-chosen-by-an-unknown-head",
            &[&{ by.adopts(&[left.mark_to(2)]) }],
            OPEN,
            &[first],
        ),
        fork.after("fork-not-chosen-by-a-deputy-too-late", &[&deputy, &late], OPEN, &[first]),
        fork.after(
            "fork-chosen-and-the-choice-ended",
            &[&adopts(left), &{ by.withdraws(&adopts(left), &[]) }],
            OPEN,
            &[first],
        ),
    ]
}

/// Of several choices the first stays.
fn first_choice() -> Vec<Value> {
    let fork = fork();
    let [_, left, right, left_third, right_third] = fork.all();
    let by = fork.tree.by_community();
    let [to_left, to_right] = [left, right].map(|envelope| by.adopts(&[envelope.mark()]));
    let later = by.at(LATER + 1).adopts(&[right.mark()]);
    let far = by.at(LATER + 1).adopts(&[right_third.mark()]);
    // What a mark names as head is needed, and what that rests on.
    let kept = [COUNTS, COUNTS, OUTVOTED, COUNTS, RESTS];
    let kept_right = [COUNTS, OUTVOTED, COUNTS, RESTS, COUNTS];
    let by_id =
        if to_left.id < to_right.id { (kept, left_third) } else { (kept_right, right_third) };
    vec![
        fork.after("fork-chosen-first-by-time", &[&later, &to_left], kept, &[left_third]),
        fork.after("fork-chosen-first-by-id", &[&to_left, &to_right], by_id.0, &[by_id.1]),
        fork.after("fork-chosen-later-and-further-on", &[&to_left, &far], kept, &[left_third]),
    ]
}

/// An envelope that is not permitted makes no fork.
fn permitted() -> Vec<Value> {
    let fork = fork();
    let Fork { tree, scene, pen: node, first, left, .. } = &fork;
    let by = tree.by_community();
    let other = by.say(Delegation { serial: 2, ..by.grant(NODE, WRITE) });
    let thief = Pen { delegation: other.id, ..node.clone() };
    let stolen = thief.writes(Some(first), "stolen");
    let ended = by.withdraws(&other, &[]);
    let scene = scene.and(&[other, ended]);
    let adopts_stolen = by.adopts(&[stolen.mark()]);
    let lost = by.withdraws(&tree.node, &[]);
    let [_, left_second, right_second, ..] = fork.all();
    let adopts = |envelope: &Envelope| by.adopts(&[envelope.mark()]);
    let [kept, unknown] = [adopts(left_second), by.adopts(&[left_second.mark_to(3)])];
    let later = by.at(LATER + 1).adopts(&[right_second.mark()]);
    vec![
        scene.with(&[first, &left[0], &stolen]).counts(
            "fork-of-one-that-is-permitted",
            &[COUNTS, COUNTS, GONE],
            &[&left[0]],
        ),
        scene.and(&[adopts_stolen]).with(&[first, &left[0], &stolen]).counts(
            "fork-with-what-was-adopted",
            &[COUNTS, OUTVOTED_GONE, COUNTS],
            &[&stolen],
        ),
        fork.after("fork-withdrawn", &[&lost], [GONE; 5], &[]),
        fork.after(
            "fork-withdrawn-and-one-side-adopted",
            &[&lost, &kept],
            [COUNTS, COUNTS, GONE, GONE, GONE],
            &[left_second],
        ),
        fork.after("fork-withdrawn-and-a-head-to-come", &[&lost, &unknown], [UNPERMITTED; 5], &[]),
        fork.after(
            "fork-withdrawn-and-both-sides-adopted",
            &[&lost, &later, &kept],
            [COUNTS, COUNTS, OUTVOTED, GONE, GONE],
            &[left_second],
        ),
    ]
}

/// A fork on one side of a fork.
fn deeper() -> Vec<Value> {
    let fork = fork();
    let Fork { tree, scene, pen, first, left, right } = &fork;
    let other = pen.writes(Some(&left[0]), "left, another third");
    let all = [first, &left[0], &right[0], &left[1], &other];
    let adopts = |envelope: &Envelope| tree.by_community().adopts(&[envelope.mark()]);
    let of = |name, said: &[Statement], verdicts: [&str; 5], heads: &[&Envelope]| {
        scene.and(said).with(&all).counts(name, &verdicts, heads)
    };
    let chosen = [COUNTS, COUNTS, OUTVOTED_GONE];
    let [one, two, three] = chosen;
    vec![
        of("fork-in-a-fork", &[], [COUNTS, FORK, FORK, RESTS, RESTS], &[first]),
        of(
            "fork-in-the-side-chosen",
            &[adopts(&left[0])],
            [one, two, three, FORK, FORK],
            &[&left[0]],
        ),
        of(
            "fork-in-a-fork-chosen-at-once",
            &[adopts(&other)],
            [one, two, three, OUTVOTED_GONE, COUNTS],
            &[&other],
        ),
        of(
            "fork-in-a-fork-on-the-side-not-chosen",
            &[adopts(&right[0])],
            [COUNTS, OUTVOTED_GONE, COUNTS, RESTS_GONE, RESTS_GONE],
            &[&right[0]],
        ),
    ]
}

/// What other logs build on a fork.
fn other_logs() -> Vec<Value> {
    let fork = fork();
    let Fork { tree, scene, first, left, right, .. } = &fork;
    let granted = tree.by_community().lets_write(COLLEAGUE);
    let colleague = pen(COLLEAGUE, &granted);
    let before = colleague.builds(None, &[first], "on the first");
    let on_right = colleague.builds(Some(&before), &[&right[0]], "on the right");
    let after = colleague.writes(Some(&on_right), "and on");
    let all = [first, &left[0], &right[0], &before, &on_right, &after];
    let scene = scene.and(&[granted]);
    let adopts = |envelope: &Envelope| tree.by_community().adopts(&[envelope.mark()]);
    let of = |name, said: &[Statement], verdicts: [&str; 6], heads: &[&Envelope]| {
        scene.and(said).with(&all).counts(name, &verdicts, heads)
    };
    vec![
        of("fork-below-another-log", &[], [COUNTS, FORK, FORK, COUNTS, RESTS, RESTS], &[&before]),
        of(
            "fork-chosen-against-another-log",
            &[adopts(&left[0])],
            [COUNTS, COUNTS, OUTVOTED, COUNTS, RESTS, RESTS],
            &[&left[0], &before],
        ),
        of(
            "fork-chosen-for-another-log",
            &[adopts(&right[0])],
            [COUNTS, OUTVOTED_GONE, COUNTS, COUNTS, COUNTS, COUNTS],
            &[&after],
        ),
    ]
}
