//! What is permitted: by the delegation that an envelope names.

use serde_json::Value;

use super::*;
use crate::envelopes::pen;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::stands::all;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [delegations(), deputies(), foundings(), generations(), lineages()].concat()
}

/// A log of three in a document of a class, and the verdicts on it.
fn logged(scene: &Scene, name: &str, pen: &Pen, verdicts: [&str; 3]) -> Value {
    let log = three(pen);
    let n_counting = verdicts.iter().take_while(|verdict| **verdict == COUNTS).count();
    let heads: Vec<&Envelope> = n_counting.checked_sub(1).map(|at| &log[at]).into_iter().collect();
    scene.with(&log.iter().collect::<Vec<_>>()).counts(name, &verdicts, &heads)
}

const ALL: [&str; 3] = [COUNTS; 3];
const NONE: [&str; 3] = [GONE; 3];

fn delegations() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let node = pen(NODE, &tree.node);
    let short = by.say(Delegation { not_after: SOON, serial: 2, ..by.grant(NODE, WRITE) });
    let closed = by.say(Ending { ran_out: true, ..by.ending(&short, &[]) });
    let with = |said: &[&Statement]| peace.and(&all(said));
    let again = by.say(Delegation { serial: 3, ..by.grant(NODE, WRITE) });
    let [first, _, _] = three(&node);
    let next = pen(NODE, &again).writes(Some(&first), "under another grant");
    let withdrawn = by.withdraws(&tree.node, &[]);
    let changed = with(&[&withdrawn, &again]);
    vec![
        logged(&peace, "counts-log", &node, ALL),
        logged(&peace, "counts-log-in-path", &node.on(COMMUNITY, 64, "2026-02.0"), ALL),
        logged(&peace, "counts-log-of-people", &node.on(COMMUNITY, 128, "00"), ALL),
        logged(&with(&[&withdrawn]), "counts-not-once-withdrawn", &node, NONE),
        logged(
            &with(&[&by.at(MS_MAX).withdraws(&tree.node, &[])]),
            "counts-not-though-withdrawn-long-after",
            &node,
            NONE,
        ),
        logged(&with(&[&short]), "counts-under-a-short-grant", &pen(NODE, &short), ALL),
        logged(&with(&[&short, &closed]), "counts-not-once-closed", &pen(NODE, &short), NONE),
        changed.with(&[&first, &next]).counts(
            "counts-not-on-what-was-withdrawn",
            &[GONE, RESTS_GONE],
            &[],
        ),
        peace.and(&[again]).with(&[&first, &next]).counts(
            "counts-under-two-grants",
            &[COUNTS, COUNTS],
            &[&next],
        ),
    ]
}

fn deputies() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let of = |classes: &[u8]| {
        let deputy = Delegation { classes: classes.into(), ..by.grant(DEPUTY, GOVERN) };
        let deputy = by.say(deputy);
        let granted = issuer(DEPUTY, COMMUNITY, deputy.id).lets_write(COLLEAGUE);
        [deputy, granted]
    };
    let [wide, narrow] = [of(&[0, 223]), of(&[0, 0, 2, 223])];
    let [fired, kept] = [&[][..], &[&wide[1]][..]].map(|keeps| by.withdraws(&wide[0], keeps));
    let colleague = pen(COLLEAGUE, &wide[1]);
    let scene = peace.and(&wide);
    let narrowed = peace.and(&narrow);
    let limited = pen(COLLEAGUE, &narrow[1]);
    let after = |ending: Statement| scene.and(&[ending]);
    vec![
        logged(&scene, "counts-by-a-deputy", &colleague, ALL),
        logged(&narrowed, "counts-not-beyond-the-deputys-classes", &limited, NONE),
        logged(
            &narrowed,
            "counts-within-the-deputys-classes",
            &limited.on(COMMUNITY, 2, "2026"),
            ALL,
        ),
        logged(&after(fired), "counts-not-by-a-deputy-who-was-ended", &colleague, NONE),
        logged(&after(kept), "counts-by-a-deputy-whose-grant-was-kept", &colleague, ALL),
    ]
}

/// Foundings bear upon everything but what is of the unit alone.
fn foundings() -> Vec<Value> {
    let (tree, peace) = peace();
    let node = pen(NODE, &tree.node);
    let people = node.on(COMMUNITY, 128, "00");
    let district = tree.by_district();
    let short = district.founding(COMMUNITY, tree.community.id);
    let short = district.say(Founding { not_after: node.from, ..short });
    let short = peace.without(&tree.community_founding).and(&[short]);
    let ended =
        |keeps: &[&Statement]| peace.and(&[district.withdraws(&tree.community_founding, keeps)]);
    let renewal = district.founding(COMMUNITY, tree.community.id);
    let renewal = district.say(Founding { not_before: LATER, serial: 2, ..renewal });
    let renewed = |keeps: &[&Statement]| ended(keeps).and(std::slice::from_ref(&renewal));
    let kept_alone = peace.and(&[district.withdraws(&tree.community_founding, &[&tree.node])]);
    let by_deputy = founded_by_deputy();
    let unfounded = peace.without(&tree.community_founding);
    let over = [COUNTS, UNPERMITTED, UNPERMITTED];
    vec![
        logged(&short, "counts-while-founded", &node, over),
        logged(&short, "counts-of-people-whether-founded-or-not", &people, ALL),
        logged(&ended(&[]), "counts-not-once-unfounded", &node, NONE),
        logged(&ended(&[]), "counts-of-people-though-unfounded", &people, ALL),
        logged(&renewed(&[&tree.node]), "counts-unfounded-but-kept", &node, ALL),
        // With (H5) left out the other founding would do.
        logged(&renewed(&[]), "counts-not-before-it-was-founded-again", &node, [UNPERMITTED; 3]),
        logged(&kept_alone, "counts-not-kept-but-not-followed", &node, [UNPERMITTED; 3]),
        // What those above may write says nothing about those below.
        logged(&by_deputy, "counts-founded-by-a-deputy-without-the-class", &node, ALL),
        logged(&unfounded, "counts-not-without-founding", &node, NONE),
        logged(&unfounded, "counts-of-people-without-founding", &people, ALL),
    ]
}

/// The community was founded by a deputy of the district, who may write nothing.
fn founded_by_deputy() -> Scene {
    let (tree, peace) = peace();
    let district = tree.by_district();
    let deputy = Delegation { classes: vec![], reads: 0, ..district.grant(DEPUTY, GOVERN) };
    let deputy = district.say(deputy);
    let by_deputy = issuer(DEPUTY, DISTRICT, deputy.id);
    let founding = by_deputy.founds(COMMUNITY, &tree.community);
    peace.without(&tree.community_founding).and(&[deputy, founding])
}

fn generations() -> Vec<Value> {
    let (tree, peace) = peace();
    let node = pen(NODE, &tree.node);
    let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
    let other = [COMMUNITY_PAPER, RIVAL_KEY, RIVAL_PAPER];
    let turn = |holders, keeps: &[&Statement]| rotated(COMMUNITY, &tree.community, holders, keeps);
    let [kept, lost] = [turn(holders, &[&tree.node]), turn(holders, &[])];
    let rival = turn(other, &[]);
    let next = issuer(COMMUNITY_NEW, COMMUNITY, kept.id).lets_write(COLLEAGUE);
    let colleague = pen(COLLEAGUE, &next);
    let with = |said: &[&Statement]| peace.and(&all(said));
    let both = with(&[&kept, &rival]);
    let people = node.on(COMMUNITY, 128, "00");
    vec![
        logged(&with(&[&kept]), "counts-kept-by-the-next-key", &node, ALL),
        logged(&with(&[&lost]), "counts-not-kept-by-the-next-key", &node, NONE),
        logged(&with(&[&lost]), "counts-of-people-not-kept-by-the-next-key", &people, NONE),
        logged(&with(&[&kept, &next]), "counts-under-the-next-key", &colleague, ALL),
        logged(&both, "counts-not-while-keys-are-rivals", &node, NONE),
        logged(
            &both.follows(tree.community.id, &kept),
            "counts-by-the-key-that-is-followed",
            &node,
            ALL,
        ),
    ]
}

fn lineages() -> Vec<Value> {
    let (tree, peace) = peace();
    let node = pen(NODE, &tree.node);
    let people = node.on(COMMUNITY, 128, "00");
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let founding = tree.by_district().founds(COMMUNITY, &rival);
    let two = peace.and(&all(&[&founding, &rival]));
    let district = two.at(DISTRICT, &tree.district);
    let pinned = district.pinned(COMMUNITY, &rival);
    let successor = two.at(COMMUNITY, &rival);
    vec![
        logged(&two, "counts-of-the-own-lineage", &node, ALL),
        logged(&two, "counts-of-people-of-the-own-lineage", &people, ALL),
        logged(&district, "counts-not-while-no-lineage-is-followed", &node, [UNPERMITTED; 3]),
        logged(&pinned, "counts-not-of-a-lineage-not-followed", &node, [UNPERMITTED; 3]),
        logged(&successor, "counts-not-of-the-lineage-replaced", &node, [UNPERMITTED; 3]),
        logged(&successor, "counts-not-of-people-of-the-lineage-replaced", &people, NONE),
    ]
}
