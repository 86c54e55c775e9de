//! Vectors of logs, equivocations and readers.

use schema_wire::{Class, Equivocation, Hash, Header, Item, Wire};
use serde_json::{Value, json};

use crate::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [orderly(), disorderly(), equivocations(), readers()].concat()
}

fn items(name: &str, refuse: Option<&str>, items: &[&Item]) -> Value {
    let items: Vec<String> = items.iter().map(|item| hexed(*item)).collect();
    vector(name, "log", refuse, json!({ "items": items }))
}

/// The node's envelope after another one.
fn after(before: &Item, seq: u64, content: &[u8]) -> Item {
    envelope(header(seq, Some(before.id()), content), NODE, content)
}

fn made(content: &[u8], change: &dyn Fn(&mut Header)) -> Item {
    let mut value = header(1, None, content);
    change(&mut value);
    envelope(value, NODE, content)
}

/// Both halves of a fork are taken, and what follows either.
fn orderly() -> Vec<Value> {
    let [first, second, third] = log();
    let fork = after(&first, 2, b"other");
    let further = after(&fork, 3, b"further");
    let restart = made(b"restart", &|_| ());
    let same_time = made(b"same time", &|h| {
        (h.seq, h.backlink) = (2, Some(first.id()));
    });
    vec![
        items("log-in-order", None, &[&first, &second, &third]),
        items("log-repeated", None, &[&first, &second, &first, &second]),
        items("log-dependent", None, &[&first, &second, &dependent(vec![second.id()])]),
        items("log-at-the-same-time", None, &[&first, &same_time]),
        items("log-fork", None, &[&first, &second, &fork]),
        items("log-fork-goes-on", None, &[&first, &second, &third, &fork, &further]),
        items("log-fork-later", None, &[&first, &second, &third, &same_time]),
        items("log-fork-of-the-first", None, &[&first, &restart, &after(&restart, 2, b"more")]),
        items(
            "log-dependent-on-a-fork",
            None,
            &[&first, &second, &fork, &{
                let mut both = vec![second.id(), fork.id()];
                both.sort_unstable();
                dependent(both)
            }],
        ),
    ]
}

fn disorderly() -> Vec<Value> {
    let [first, second, third] = log();
    let stray = made(b"stray", &|h| (h.seq, h.backlink) = (2, Some(Hash([3; 32]))));
    let early = made(b"early", &|h| {
        (h.seq, h.backlink, h.at_ms) = (2, Some(first.id()), T0);
    });
    let elsewhere = made(b"z", &|h| h.document = document(COMMUNITY, Class::Duty, "2026-09"));
    let other_life = made(b"y", &|h| h.author.incarnation = 2);
    let keys_as_changes = made(b"\x80", &|h| h.document.class = Class::Keyring);
    let foreign = made(b"first", &|h| h.network.0[0] ^= 1);
    let mut content = second.clone();
    if let Item::Envelope(envelope) = &mut content {
        envelope.content[0] ^= 1;
    }
    let mut forged = second.to_bytes();
    let signature = forged.len() - 8;
    forged[signature] ^= 1;
    let forged = Item::from_bytes(&forged).expect("it decodes");
    let missing = Some("dependency missing");
    vec![
        items("log-gap", Some("seq gap"), &[&first, &third]),
        items("log-gap-at-the-start", Some("seq gap"), &[&second]),
        items("log-backlink-unknown", Some("seq gap"), &[&first, &stray]),
        items("log-backlink-skips", Some("backlink"), &[&first, &after(&first, 3, b"skips")]),
        items(
            "log-backlink-to-itself",
            Some("backlink"),
            &[&first, &second, &after(&second, 2, b"stays")],
        ),
        items(
            "log-backlink-of-another-life",
            Some("backlink"),
            &[&other_life, &after(&other_life, 2, b"stolen")],
        ),
        items(
            "log-backlink-elsewhere",
            Some("backlink"),
            &[&elsewhere, &after(&elsewhere, 2, b"moved")],
        ),
        items("log-back-dated", Some("before the author's previous"), &[&first, &early]),
        items("log-dependency-missing", missing, &[&dependent(vec![first.id()])]),
        items("log-dependency-elsewhere", missing, &[&elsewhere, &dependent(vec![elsewhere.id()])]),
        items("log-network", Some("another network"), &[&foreign]),
        items("log-payload-kind", Some("changes in the keyring"), &[&keys_as_changes]),
        items("log-forged", Some("bad signature"), &[&first, &forged]),
        items("log-content", Some("content not bound"), &[&first, &content]),
    ]
}

fn headers(one: &Item, other: &Item) -> Vec<u8> {
    let header = |item: &Item| match item {
        Item::Envelope(envelope) => envelope.header.to_bytes(),
        Item::Statement(_) => panic!("a statement has no header"),
    };
    [&[0x82], &header(one)[..], &header(other)].concat()
}

fn equivocations() -> Vec<Value> {
    let [first, second, _] = log();
    let of = |name: &str, refuse: Option<&str>, bytes: &[u8]| {
        vector(name, "equivocation", refuse, json!({ "bytes": hex::encode(bytes) }))
    };
    // Whichever of the two ids is smaller, its header comes first.
    let ordered = |one: &Item, other: &Item| {
        if one.id() < other.id() { headers(one, other) } else { headers(other, one) }
    };
    let with = |name: &str, why: &str, change: &dyn Fn(&mut Header)| {
        of(name, Some(why), &ordered(&first, &made(b"other", change)))
    };
    let fork = made(b"other", &|_| ());
    let proof = ordered(&first, &fork);
    assert!(Equivocation::from_bytes(&proof).is_ok(), "it proves an equivocation");
    let swapped =
        if first.id() < fork.id() { headers(&fork, &first) } else { headers(&first, &fork) };
    let both = headers(&first, &first);
    let alone = &both[1..=both.len() / 2];
    let mut forged = proof.clone();
    *forged.last_mut().expect("a signature") ^= 1;
    let later = ordered(&second, &after(&first, 2, b"other"));
    let mut stranger = header(1, None, b"other");
    stranger.author.key = STRANGER.key();
    let stranger = envelope(stranger, STRANGER, b"other");
    let place = "not one place";
    vec![
        of("equivocation", None, &proof),
        of("equivocation-later", None, &later),
        of("equivocation-swapped", Some("the greater id first"), &swapped),
        of("equivocation-of-one", Some("one header twice"), &both),
        of("equivocation-forged", Some("bad signature"), &forged),
        of("equivocation-alone", Some("one header"), &[&[0x81], alone].concat()),
        of(
            "equivocation-envelopes",
            Some("no headers"),
            &[&[0x82], &first.to_bytes()[2..], &fork.to_bytes()[2..]].concat(),
        ),
        of("equivocation-of-two-seqs", Some(place), &ordered(&first, &second)),
        of("equivocation-of-two-keys", Some(place), &ordered(&first, &stranger)),
        with("equivocation-of-two-lives", place, &|h| h.author.incarnation = 2),
        with("equivocation-of-two-documents", place, &|h| {
            h.document = document(COMMUNITY, Class::Duty, "2026-09");
        }),
        with("equivocation-of-two-networks", place, &|h| h.network.0[0] ^= 1),
    ]
}

fn readers() -> Vec<Value> {
    let reads = |reader: &str, owner: &str, audience: &str, may: bool| {
        let refuse = (!may).then_some("not a reader");
        let name = format!("read-{audience}-{owner}-by-{reader}").replace('/', "+");
        vector(
            &name,
            "read",
            refuse,
            json!({
                "reader": reader, "unit": owner, "audience": audience,
            }),
        )
    };
    vec![
        reads("220800/220881", COMMUNITY, "public", true),
        reads(CITY, COMMUNITY, "path", true),
        reads(COMMUNITY, COMMUNITY, "path", true),
        reads(COMMUNITY, DISTRICT, "path", false),
        reads("220800/220881", COMMUNITY, "path", false),
        reads("220800/22080", COMMUNITY, "path", false),
        reads(COMMUNITY, COMMUNITY, "unit", true),
        reads(DISTRICT, COMMUNITY, "unit", false),
        reads(COMMUNITY, DISTRICT, "unit", false),
    ]
}
