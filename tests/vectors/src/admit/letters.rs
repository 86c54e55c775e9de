//! Letters: their addressees, the opposite document, and the window (step 14).

use serde_json::Value;

use super::*;
use crate::cbor::{Cbor, list};
use crate::encoding::letter_content;
use crate::records::*;
use crate::scene::peace;

pub(crate) fn vectors() -> Vec<Value> {
    [addressees(), dependencies(), opposite(), vec![window()], acknowledged()].concat()
}

/// The next letter of a log.
fn letter(pen: &Pen, after: Option<&Envelope>, on: &[&Envelope]) -> Envelope {
    let content = letter_content();
    let dependencies = ascending(on.iter().map(|one| one.id));
    let header = Header { dependencies, ..pen.header(after, &content) };
    Envelope::new(header, pen.by, Some(&content))
}

/// The same without its content, as carriers hand it on.
fn bare(letter: &Envelope) -> Envelope {
    Envelope { content: None, ..letter.clone() }
}

/// Acknowledges letters up to one of them.
fn acknowledges(pen: &Pen, after: Option<&Envelope>, letter: &Envelope, state: u64) -> Envelope {
    let Header { author, incarnation, seq, .. } = letter.header.clone();
    let content = Cbor::List(vec![list![author, incarnation, seq, state]]).bytes();
    let dependencies = vec![letter.id];
    let header = Header { payload_kind: 4, dependencies, ..pen.header(after, &content) };
    Envelope::new(header, pen.by, Some(&content))
}

fn to_district() -> Pen {
    pen(NODE, &tree().node).on(COMMUNITY, 192, DISTRICT)
}

fn clerk() -> Statement {
    tree().by_district().lets_write(DISTRICT_NODE)
}

fn to_community() -> Pen {
    let pen = pen(DISTRICT_NODE, &clerk()).on(DISTRICT, 192, COMMUNITY);
    // Within a day after what is answered: times run on by days.
    pen.at(T0 + 20 * DAY)
}

fn addressees() -> Vec<Value> {
    let (tree, peace) = peace();
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let founding = tree.by_city().founds(SIBLING, &sibling);
    let to = |unit| letter(&to_district().on(COMMUNITY, 192, unit), None, &[]);
    let one = to(DISTRICT);
    let of = |name, steps: &[Step]| admit(&peace, name, steps);
    vec![
        of("admit-letter", &[comes(&one, ACCEPTED)]),
        of("admit-letter-to-the-city", &[comes(&to(CITY), ACCEPTED)]),
        of(
            "admit-letter-before-its-addressee",
            &[
                comes(&to(SIBLING), WAITS),
                said(&founding, CITY, ACCEPTED),
                comes(&to(SIBLING), ACCEPTED),
            ],
        ),
        of(
            "admit-letter-in-another-scope",
            &[
                (Scope::letters(COMMUNITY, CITY), one.item(), "other-scope"),
                (Scope::of(COMMUNITY, 2), one.item(), "other-scope"),
                comes(&one, ACCEPTED),
            ],
        ),
        of("admit-bare-letter-and-whole", &[comes(&bare(&one), ACCEPTED), comes(&one, DUPLICATE)]),
    ]
}

/// Step 9, in one document.
fn dependencies() -> Vec<Value> {
    let (tree, peace) = peace();
    let pen = to_district();
    let reborn = pen.reborn(2);
    let one = letter(&pen, None, &[]);
    let two = letter(&pen, Some(&one), &[]);
    let elsewhere = letter(&pen.on(COMMUNITY, 193, DISTRICT), None, &[]);
    let granted = tree.by_community().lets_write(COLLEAGUE);
    let colleague = Pen { by: COLLEAGUE, delegation: granted.id, ..pen.clone() };
    let waiting = letter(&colleague, None, &[]);
    let builds = letter(&reborn, None, &[&waiting]);
    let on_two = letter(&reborn, None, &[&two]);
    let of = |name, steps: &[Step]| admit(&peace, name, steps);
    vec![
        of(
            "admit-with-dependency",
            &[comes(&one, ACCEPTED), comes(&two, ACCEPTED), comes(&on_two, ACCEPTED)],
        ),
        of(
            "admit-before-its-dependency",
            &[
                comes(&one, ACCEPTED),
                comes(&on_two, "missing-dependency"),
                comes(&two, ACCEPTED),
                comes(&on_two, ACCEPTED),
            ],
        ),
        of(
            "admit-without-one-dependency-of-two",
            &[
                comes(&one, ACCEPTED),
                comes(&letter(&reborn, None, &[&one, &two]), "missing-dependency"),
            ],
        ),
        of(
            "admit-dependency-in-another-document",
            &[
                comes(&elsewhere, ACCEPTED),
                comes(&letter(&pen, None, &[&elsewhere]), "dependency-elsewhere"),
            ],
        ),
        of(
            "admit-one-dependency-missing-and-one-elsewhere",
            &[
                comes(&elsewhere, ACCEPTED),
                comes(&letter(&reborn, None, &[&elsewhere, &two]), "missing-dependency"),
            ],
        ),
        of(
            "admit-dependency-in-its-own-log",
            &[
                comes(&one, ACCEPTED),
                comes(&two, ACCEPTED),
                comes(&letter(&pen, Some(&two), &[&one]), "dependency-elsewhere"),
            ],
        ),
        of(
            "admit-dependency-that-waits",
            &[
                comes(&waiting, WAITS),
                comes(&builds, WAITS),
                said(&granted, COMMUNITY, ACCEPTED),
                comes(&waiting, ACCEPTED),
                comes(&builds, ACCEPTED),
            ],
        ),
    ]
}

fn opposite() -> Vec<Value> {
    let (_, peace) = peace();
    let scene = peace.and(&[clerk()]);
    let one = letter(&to_district(), None, &[]);
    let answer = letter(&to_community(), None, &[&one]);
    let other_class = letter(&to_district().on(COMMUNITY, 193, DISTRICT), None, &[]);
    let on_other_class = letter(&to_community(), None, &[&other_class]);
    let to_city = letter(&to_district().on(COMMUNITY, 192, CITY), None, &[]);
    let on_other_unit = letter(&to_community(), None, &[&to_city]);
    let forged = {
        // The community's node answers itself, in the district's name.
        let pen = Pen { document: answer.header.document.clone(), ..to_district() };
        letter(&pen, None, &[&one])
    };
    let of = |name, steps: &[Step]| admit(&scene, name, steps);
    vec![
        of("admit-answer", &[comes(&one, ACCEPTED), comes(&answer, ACCEPTED)]),
        of("admit-answer-before-the-letter", &[comes(&answer, "missing-dependency")]),
        of(
            "admit-answer-on-another-class",
            &[comes(&other_class, ACCEPTED), comes(&on_other_class, "dependency-elsewhere")],
        ),
        of(
            "admit-answer-on-a-letter-to-another",
            &[comes(&to_city, ACCEPTED), comes(&on_other_unit, "dependency-elsewhere")],
        ),
        of("admit-answer-by-another-unit", &[comes(&one, ACCEPTED), comes(&forged, "other-unit")]),
    ]
}

/// Letters of one log, each on the one before, as bare headers.
fn letters(count: usize) -> Vec<Envelope> {
    let pen = to_district();
    let mut all: Vec<Envelope> = vec![];
    for _ in 0..count {
        let before = all.last();
        let at = pen.from;
        let header = Header { at, ..pen.header(before, &letter_content()) };
        all.push(Envelope::new(header, NODE, None));
    }
    all
}

/// 256 letters without an answer, and no more until one is acknowledged.
fn window() -> Value {
    let (_, peace) = peace();
    let scene = peace.and(&[clerk()]);
    let all = letters(257);
    let [last, beyond] = [&all[255], &all[256]];
    let held = acknowledges(&to_community(), None, &all[0], 0);
    let again = Header { dependencies: vec![held.id], ..beyond.header.clone() };
    let again = Envelope::new(again, NODE, None);
    let after = Header { dependencies: vec![], ..to_district().header(Some(&again), b"") };
    let after = Envelope::new(Header { at: again.header.at, ..after }, NODE, None);
    let mut steps: Vec<Step> = all[..256].iter().map(|one| comes(one, ACCEPTED)).collect();
    assert_eq!(last.header.seq, 256, "the last one that goes without an answer");
    steps.extend([
        comes(beyond, "window"),
        comes(&held, ACCEPTED),
        comes(beyond, "window"),
        comes(&again, ACCEPTED),
        comes(&after, "window"),
    ]);
    admit(&scene, "admit-letters-within-the-window", &steps)
}

/// Acknowledgements are taken as letters are.
fn acknowledged() -> Vec<Value> {
    let (_, peace) = peace();
    let scene = peace.and(&[clerk()]);
    let one = letter(&to_district(), None, &[]);
    let held = acknowledges(&to_community(), None, &one, 0);
    let opened = acknowledges(&to_community(), Some(&held), &one, 1);
    let unreadable = acknowledges(&to_community(), Some(&held), &one, 2);
    vec![
        admit(
            &scene,
            "admit-acknowledgements",
            &[comes(&one, ACCEPTED), comes(&held, ACCEPTED), comes(&opened, ACCEPTED)],
        ),
        admit(
            &scene,
            "admit-acknowledgement-of-the-unreadable",
            &[comes(&one, ACCEPTED), comes(&held, ACCEPTED), comes(&unreadable, ACCEPTED)],
        ),
    ]
}
