//! Steps 7, 8, 10 and 11: logs, signatures and contents.

use serde_json::Value;

use super::*;
use crate::scene::peace;

pub(crate) fn vectors() -> Vec<Value> {
    [backlinks(), times(), copies()].concat()
}

fn three(pen: &Pen) -> [Envelope; 3] {
    let one = next(pen, None, 1);
    let two = next(pen, Some(&one), 2);
    let three = next(pen, Some(&two), 3);
    [one, two, three]
}

fn backlinks() -> Vec<Value> {
    let (_, peace) = peace();
    let pen = keyring();
    let [one, two, third] = three(&pen);
    let other_two = next(&pen, Some(&one), 9);
    let reborn = next(&pen.reborn(2), None, 1);
    let elsewhere = next(&pen.on(COMMUNITY, 143, "08"), None, 1);
    let after = |backlink: &Envelope, seq| {
        tells(Header { seq, ..header(&pen, Some(backlink), 5) }, NODE, 5)
    };
    let of = |name, steps: &[Step]| admit(&peace, name, steps);
    vec![
        of("admit-log", &[comes(&one, ACCEPTED), comes(&two, ACCEPTED), comes(&third, ACCEPTED)]),
        of(
            "admit-log-with-a-gap",
            &[
                comes(&one, ACCEPTED),
                comes(&third, "seq-gap"),
                comes(&two, ACCEPTED),
                comes(&third, ACCEPTED),
            ],
        ),
        of("admit-log-without-its-first", &[comes(&two, "seq-gap")]),
        of(
            "admit-fork",
            &[
                comes(&one, ACCEPTED),
                comes(&two, ACCEPTED),
                comes(&other_two, ACCEPTED),
                comes(&third, ACCEPTED),
            ],
        ),
        of(
            "admit-backlink-two-before",
            &[comes(&one, ACCEPTED), comes(&after(&one, 3), "backlink")],
        ),
        of(
            "admit-backlink-at-the-same-place",
            &[comes(&one, ACCEPTED), comes(&two, ACCEPTED), comes(&after(&two, 2), "backlink")],
        ),
        of(
            "admit-backlink-in-another-life",
            &[comes(&reborn, ACCEPTED), comes(&after(&reborn, 2), "backlink")],
        ),
        of(
            "admit-backlink-in-another-document",
            &[comes(&elsewhere, ACCEPTED), comes(&after(&elsewhere, 2), "backlink")],
        ),
    ]
}

fn times() -> Vec<Value> {
    let (_, peace) = peace();
    let pen = keyring();
    let one = next(&pen, None, 1);
    let at = |at| tells(Header { at, ..header(&pen, Some(&one), 2) }, NODE, 2);
    let time = one.header.at;
    let of = |name, second: &Envelope, outcome| {
        admit(&peace, name, &[comes(&one, ACCEPTED), comes(second, outcome)])
    };
    vec![
        of("admit-at-the-same-ms", &at(time), ACCEPTED),
        of("admit-one-ms-before", &at(time - 1), "time-runs-back"),
    ]
}

/// Copies of one envelope: a bad signature or content is a fault of the copy.
fn copies() -> Vec<Value> {
    let (_, peace) = peace();
    let pen = keyring();
    let one = next(&pen, None, 1);
    let forged = Envelope::new(one.header.clone(), STRANGER, one.content.as_deref());
    let held = |change: &dyn Fn(&mut Grants)| {
        let mut all = person("07", 1);
        change(&mut all);
        Envelope { content: Some(grants_content(&all)), ..one.clone() }
    };
    let other = held(&|all| all[0].2 = Some([0xbb; 32]));
    let destroyed = held(&|all| all[0].2 = None);
    let of = |name, steps: &[Step]| admit(&peace, name, steps);
    let back = Header { at: one.header.at - 1, ..header(&pen, Some(&one), 2) };
    let back = Envelope::new(back, STRANGER, Some(&grants_content(&person("07", 2))));
    vec![
        of("admit-forged-and-true", &[comes(&forged, "bad-signature"), comes(&one, ACCEPTED)]),
        of("admit-true-and-forged", &[comes(&one, ACCEPTED), comes(&forged, DUPLICATE)]),
        of(
            "admit-other-content-and-true",
            &[comes(&other, "content-mismatch"), comes(&one, ACCEPTED)],
        ),
        of(
            "admit-without-a-key-and-with-it",
            &[comes(&destroyed, ACCEPTED), comes(&one, DUPLICATE)],
        ),
        of(
            "admit-of-two-faults-the-first",
            &[comes(&one, ACCEPTED), comes(&back, "time-runs-back")],
        ),
    ]
}
