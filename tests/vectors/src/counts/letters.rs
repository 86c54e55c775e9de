//! What two units write to each other.

use serde_json::Value;

use super::*;
use crate::envelopes::{Header, pen};
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::stands::all;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let clerk = tree.by_district().lets_write(DISTRICT_NODE);
    let scene = peace.and(std::slice::from_ref(&clerk));
    let to_district = pen(NODE, &tree.node).on(COMMUNITY, 192, DISTRICT);
    let to_community = pen(DISTRICT_NODE, &clerk).on(DISTRICT, 192, COMMUNITY).at(T0 + 20 * DAY);
    let letter = to_district.writes(None, "sealed");
    let read = list_of_read(&letter);
    let read_header = Header {
        dependencies: vec![letter.id],
        payload_kind: 4,
        ..to_community.header(None, &read)
    };
    let read = Envelope::new(read_header, DISTRICT_NODE, Some(&read));
    let both = [&letter, &read];
    let of = |name, scene: &Scene, said: &[&Statement], verdicts: &[&str], heads: &[&Envelope]| {
        scene.and(&all(said)).with(&both).counts(name, verdicts, heads)
    };
    let lost = by.withdraws(&tree.node, &[]);
    let letters = Scope::letters(COMMUNITY, DISTRICT);
    let adopted = by.adopts_in(letters, &[letter.mark()]);
    let fired = tree.by_district().withdraws(&clerk, &[]);
    vec![
        // Each of the two documents has a head.
        of("letter-and-acknowledgement", &scene, &[], &[COUNTS, COUNTS], &both),
        // What it depends on lies in another document.
        of("letter-withdrawn-and-acknowledged", &scene, &[&lost], &[UNPERMITTED, COUNTS], &[&read]),
        of("letter-adopted", &scene, &[&lost, &adopted], &[COUNTS, COUNTS], &both),
        of("letter-acknowledged-by-whom-was-ended", &scene, &[&fired], &[COUNTS, GONE], &[&letter]),
    ]
}

/// An acknowledgement that a letter was opened.
fn list_of_read(letter: &Envelope) -> Vec<u8> {
    use crate::cbor::list;
    let Header { author, incarnation, seq, .. } = letter.header.clone();
    list![list![author, incarnation, seq, 1]].bytes()
}
