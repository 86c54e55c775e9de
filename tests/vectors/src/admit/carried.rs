//! Step 12: whether the author may carry it.

use serde_json::Value;

use super::*;
use crate::records::*;
use crate::scene::peace;

pub(crate) fn vectors() -> Vec<Value> {
    [grants(), terms(), later()].concat()
}

/// An envelope under another grant of the node.
fn under(granted: &Statement, at: u64) -> Envelope {
    let pen = Pen { delegation: granted.id, from: at, ..keyring() };
    next(&pen, None, 1)
}

fn grants() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let base = by.grant(NODE, WRITE);
    let of = |name, change: &dyn Fn(&mut Delegation), outcome| {
        let mut value = Delegation { serial: 2, ..base.clone() };
        change(&mut value);
        let granted = by.say(value);
        let steps = [said(&granted, COMMUNITY, ACCEPTED), comes(&under(&granted, LATER), outcome)];
        admit(&peace, name, &steps)
    };
    let district = tree.by_district().lets_write(NODE);
    let waiting = by.lets_write(COLLEAGUE);
    let ended = by.withdraws(&tree.node, &[]);
    vec![
        of("admit-under-a-grant", &|_| {}, ACCEPTED),
        of("admit-under-the-grant-of-another", &|d| d.subject = COLLEAGUE.key(), "other-subject"),
        of("admit-without-write", &|d| d.verbs = 0, "lacks-verb"),
        of("admit-with-govern-alone", &|d| d.verbs = GOVERN, "lacks-verb"),
        of("admit-without-the-class", &|d| d.classes = vec![0, 142, 144, 223], "lacks-class"),
        of("admit-with-the-class-alone", &|d| d.classes = vec![143, 143], ACCEPTED),
        of("admit-without-reading-it", &|d| d.reads = 0, ACCEPTED),
        admit(
            &peace,
            "admit-under-the-grant-of-another-unit",
            &[said(&district, DISTRICT, ACCEPTED), comes(&under(&district, LATER), "other-unit")],
        ),
        admit(
            &peace,
            "admit-under-an-unknown-grant",
            &[
                comes(&under(&waiting, LATER), WAITS),
                said(&waiting, COMMUNITY, ACCEPTED),
                comes(&under(&waiting, LATER), "other-subject"),
            ],
        ),
        admit(
            &peace,
            "admit-under-a-charter",
            &[comes(&under(&tree.community, LATER), "lacks-verb")],
        ),
        admit(
            &peace,
            "admit-under-a-founding",
            &[comes(&under(&tree.community_founding, LATER), "lacks-verb")],
        ),
        // Whether it counts is another question.
        admit(
            &peace,
            "admit-under-a-grant-that-was-ended",
            &[said(&ended, COMMUNITY, ACCEPTED), comes(&under(&tree.node, LATER), ACCEPTED)],
        ),
        of(
            "admit-of-two-lacks-the-first",
            &|d| {
                (d.subject, d.verbs) = (COLLEAGUE.key(), 0);
            },
            "other-subject",
        ),
    ]
}

fn terms() -> Vec<Value> {
    let (tree, peace) = peace();
    let of = |name, at, outcome| admit(&peace, name, &[comes(&under(&tree.node, at), outcome)]);
    vec![
        of("admit-before-its-term", T0 - 1, "not-yet-valid"),
        of("admit-at-its-first-ms", T0, ACCEPTED),
        of("admit-at-its-last-ms", LAST, ACCEPTED),
        of("admit-after-its-term", LAST + 1, "expired"),
        of("admit-in-1970", 0, "not-yet-valid"),
        of("admit-at-the-last-ms", MS_MAX, "expired"),
    ]
}

/// What rests on what waits.
fn later() -> Vec<Value> {
    let (tree, peace) = peace();
    let granted = tree.by_community().lets_write(COLLEAGUE);
    let colleague = Pen { by: COLLEAGUE, delegation: granted.id, ..keyring() };
    let one = next(&colleague, None, 1);
    let two = next(&colleague, Some(&one), 2);
    vec![admit(
        &peace,
        "admit-log-under-a-grant-to-come",
        &[
            comes(&one, WAITS),
            comes(&two, WAITS),
            said(&granted, COMMUNITY, ACCEPTED),
            comes(&one, ACCEPTED),
            comes(&two, ACCEPTED),
        ],
    )]
}
