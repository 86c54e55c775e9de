//! Units and shards, codes and classes: what is a name and what is none.

use serde_json::Value;

use crate::encoding::statements::sample;
use crate::encoding::{Draft, MALFORMED};
use crate::keys::*;
use crate::records::{Adoption, Document, Mark, Scope};
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [units(), shards(), classes(), scopes()].concat()
}

/// A charter of this unit.
fn chartered(name: &str, unit: &str, good: bool) -> Value {
    let draft = Draft::of(&charter(unit, COMMUNITY_KEY, COMMUNITY_PAPER), COMMUNITY_KEY);
    if good { draft.taken(name) } else { draft.refused(name, MALFORMED) }
}

fn units() -> Vec<Value> {
    vec![
        chartered("unit-one-character", "a", true),
        chartered("unit-all-kinds-of-characters", "AZ/az/09/-", true),
        chartered("unit-code-of-20", "abcdefghijklmnopqrst", true),
        chartered("unit-code-of-21", "abcdefghijklmnopqrstu", false),
        chartered("unit-six-codes", "1/2/3/4/5/6", true),
        chartered("unit-seven-codes", "1/2/3/4/5/6/7", false),
        chartered("unit-at-limit", &["abcdefghijklmnopqrst"; 6].join("/"), true),
        chartered("unit-empty", "", false),
        chartered("unit-begins-with-slash", "/220800", false),
        chartered("unit-ends-with-slash", "220800/", false),
        chartered("unit-empty-code", "220800//220802", false),
        chartered("unit-with-underscore", "220800/a_b", false),
        chartered("unit-with-dot", "220800/a.b", false),
        chartered("unit-with-space", "220800/a b", false),
        chartered("unit-of-letters-beyond-ascii", "白城", false),
        chartered("unit-with-fullwidth-digit", "22080０", false),
        chartered("unit-with-zero-byte", "220800\0", false),
        chartered("unit-with-line-break", "220800\n", false),
    ]
}

/// An adoption in a document, given as it stands there.
fn marked(owner: &str, class: u64, shard: &str, scope: Scope) -> Adoption {
    let document = Document(owner.into(), class, shard.into());
    let (author, incarnation, seq, head) = (NODE.key(), [1; 16], 7, [5; 32]);
    let mark = Mark { document, author, incarnation, seq, head };
    tree().by_community().adoption(scope, vec![mark])
}

fn drafted(name: &str, value: &Adoption, good: bool) -> Value {
    let draft = Draft::of(value, COMMUNITY_KEY);
    if good { draft.taken(name) } else { draft.refused(name, MALFORMED) }
}

fn shards() -> Vec<Value> {
    let public = || Scope::of(COMMUNITY, 1);
    let letters = |to: &str| Scope::letters(COMMUNITY, to);
    let of = |name, shard: &str, good| drafted(name, &marked(COMMUNITY, 1, shard, public()), good);
    let to = |name, shard: &str, addressee: &str, good| {
        drafted(name, &marked(COMMUNITY, 192, shard, letters(addressee)), good)
    };
    vec![
        of("shard-one-character", "a", true),
        of("shard-all-kinds-of-characters", "AZaz09_.-", true),
        of("shard-of-64", &"s".repeat(64), true),
        of("shard-of-65", &"s".repeat(65), false),
        of("shard-empty", "", false),
        of("shard-with-slash", "a/b", false),
        of("shard-with-space", "a b", false),
        of("shard-beyond-ascii", "二月", false),
        of("shard-two-dots", "..", true),
        to("shard-is-addressee", DISTRICT, DISTRICT, true),
        to("shard-is-owner", COMMUNITY, COMMUNITY, false),
        to("shard-is-no-unit", "B.01", "B.01", false),
        to("shard-is-as-long-as-a-unit", DEEP, DEEP, true),
        to("shard-is-longer-than-a-unit", &format!("{DEEP}u"), &format!("{DEEP}u"), false),
        to("shard-is-a-unit-elsewhere", "310000/1", "310000/1", true),
    ]
}

fn classes() -> Vec<Value> {
    let scope = |compartment| Scope::of(COMMUNITY, compartment);
    let letters = || Scope::letters(COMMUNITY, DISTRICT);
    let mut all = vec![];
    let bounds = [
        (0, 63, 1, "public"),
        (64, 127, 2, "path"),
        (128, 143, 4, "people"),
        (144, 159, 5, "work"),
        (160, 175, 6, "device"),
        (176, 191, 7, "band-3"),
    ];
    for (first, last, compartment, name) in bounds {
        for class in [first, last] {
            let value = marked(COMMUNITY, class, "B01", scope(compartment));
            all.push(drafted(&format!("class-{class}-is-{name}"), &value, true));
        }
        let shard = if last + 1 == 192 { DISTRICT } else { "B01" };
        let value = marked(COMMUNITY, last + 1, shard, scope(compartment));
        all.push(drafted(&format!("class-{}-is-not-{name}", last + 1), &value, false));
    }
    for (class, good) in [(192, true), (223, true), (224, false), (255, false), (256, false)] {
        let value = marked(COMMUNITY, class, DISTRICT, letters());
        all.push(drafted(&format!("class-{class}-addressed"), &value, good));
    }
    all
}

fn scopes() -> Vec<Value> {
    let base = sample("adoption");
    let of = |name, scope: crate::cbor::Cbor| {
        base.but(base.cbor.with(&[4], scope)).refused(name, MALFORMED)
    };
    use crate::cbor::list;
    vec![
        of("scope-of-compartment-8", list![COMMUNITY, 8]),
        of("scope-public-with-another-unit", list![COMMUNITY, 1, DISTRICT]),
        of("scope-of-letters-with-one-unit", list![COMMUNITY, 3]),
        of("scope-of-a-unit-alone", list![COMMUNITY]),
        of("scope-of-letters-to-itself", list![COMMUNITY, 3, COMMUNITY]),
        of("scope-of-letters-to-null", list![COMMUNITY, 3, crate::cbor::Cbor::Null]),
        of("scope-is-null", crate::cbor::Cbor::Null),
    ]
}
