//! Vectors of single statements: each kind, and bytes that are none.

use schema_wire::{
    Adoption, Delegation, Hash, Revocation, Statement, Succession, VerbSet, Watermark, Wire,
};
use serde_json::{Value, json};

use crate::acts::*;
use crate::records::of;
use crate::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [good(), forged(), revocations(), counsel(), successions()].concat()
}

fn good_one(name: &str, statement: &Statement) -> Value {
    let facts = json!({ "bytes": hexed(statement), "id": statement.id().to_string() });
    vector(name, "statement", None, facts)
}

fn bad(name: &str, why: &str, bytes: &[u8]) -> Value {
    of("statement", Some(why), name, bytes)
}

/// A statement of this kind, signed by this key in this domain.
fn made(kind: u8, domain: &str, record: &[u8], by: Holder) -> Vec<u8> {
    raw_statement(kind, &cose(EDDSA, &format!("gongzhi/{domain}/1"), record, by))
}

fn marks() -> Vec<Watermark> {
    vec![watermark("B01", 1, 7), watermark("B02", 1, 2), watermark("B02", 2, 1)]
}

fn succession() -> Succession {
    let previous = Hash(network().0);
    root(ROOT).succession(previous, &[ROOT_THIRD, ROOT_NEXT], &[&to_district()])
}

fn good() -> Vec<Value> {
    let keeps = ids(&[&to_district(), &to_community()]);
    let kept = Revocation { keeps, ..office().revocation(&to_node(), marks()) };
    let care = district().say(district().care(COLLEAGUE));
    let alone = root(ROOT_SPARE).succession(Hash([7; 32]), &[ROOT_NEXT], &[]);
    vec![
        good_one("delegation-root-to-district", &to_district()),
        good_one("delegation-district-to-community", &to_community()),
        good_one("delegation-community-to-node", &to_node()),
        good_one("delegation-caretaker", &care),
        good_one(
            "revocation-with-watermarks",
            &office().say(office().revocation(&to_node(), marks())),
        ),
        good_one("revocation-with-keeps", &office().say(kept)),
        good_one("endorsement-of-a-unit", &district().endorses(&to_node())),
        good_one("endorsement-of-a-root", &root(ROOT_SPARE).endorses(&to_district())),
        good_one("suspension", &district().suspends(COMMUNITY)),
        good_one("adoption", &office().say(office().adoption(&[&log()[0], &log()[1]]))),
        good_one("adoption-of-none", &office().say(office().adoption(&[]))),
        good_one("succession", &root(ROOT).say(succession())),
        good_one("succession-to-one-key", &root(ROOT_SPARE).say(alone)),
    ]
}

fn forged() -> Vec<Value> {
    let good = to_node().to_bytes();
    let mut flipped = good.clone();
    *flipped.last_mut().expect("a signature") ^= 1;
    let verbs = Delegation { verbs: VerbSet(8 | 2), ..node_grant() };
    let revocation = office().revocation(&to_node(), vec![]).to_bytes();
    let endorsement = district().endorsement(&to_node()).to_bytes();
    let adoption = office().adoption(&[&log()[0]]).to_bytes();
    vec![
        bad("delegation-signature-flipped", "bad signature", &flipped),
        bad(
            "delegation-signed-by-stranger",
            "signed by another key",
            &made(0, "delegation", &node_grant().to_bytes(), STRANGER),
        ),
        bad(
            "delegation-verb-unknown",
            "unknown verb",
            &made(0, "delegation", &verbs.to_bytes(), COMMUNITY_OFFICE),
        ),
        bad(
            "revocation-in-delegation-domain",
            "signed in the delegation domain",
            &made(1, "delegation", &revocation, COMMUNITY_OFFICE),
        ),
        bad(
            "endorsement-in-revocation-domain",
            "signed in the revocation domain",
            &made(2, "revocation", &endorsement, DISTRICT_DESK),
        ),
        bad(
            "suspension-in-endorsement-domain",
            "signed in the endorsement domain",
            &made(3, "endorsement", &district().suspension(COMMUNITY).to_bytes(), DISTRICT_DESK),
        ),
        bad(
            "adoption-in-suspension-domain",
            "signed in the suspension domain",
            &made(4, "suspension", &adoption, COMMUNITY_OFFICE),
        ),
        bad(
            "succession-in-adoption-domain",
            "signed in the adoption domain",
            &made(5, "adoption", &succession().to_bytes(), ROOT),
        ),
        bad(
            "endorsement-as-adoption",
            "an endorsement in an adoption's place",
            &made(4, "endorsement", &endorsement, DISTRICT_DESK),
        ),
        bad(
            "adoption-as-endorsement",
            "an adoption in an endorsement's place",
            &made(2, "adoption", &adoption, COMMUNITY_OFFICE),
        ),
        bad("statement-kind-6", "unknown kind", &[&[0x82, 0x06], &good[2..]].concat()),
    ]
}

fn revocations() -> Vec<Value> {
    let revoked = |name, why, change: &dyn Fn(&mut Revocation)| {
        let mut value = office().revocation(&to_node(), vec![]);
        change(&mut value);
        bad(name, why, &made(1, "revocation", &value.to_bytes(), COMMUNITY_OFFICE))
    };
    let keepless = patched(
        &office().revocation(&to_node(), vec![]).to_bytes(),
        &[0x80, 0x80, 0x1b],
        &[0x80, 0x1b],
    );
    let keepless = [&[0x87], &keepless[1..]].concat();
    vec![
        revoked("revocation-watermarks-unsorted", "watermarks not ascending", &|r| {
            r.watermarks = marks().into_iter().rev().collect();
        }),
        revoked("revocation-log-twice", "one log has two watermarks", &|r| {
            r.watermarks = vec![watermark("B01", 1, 3), watermark("B01", 1, 7)];
        }),
        revoked("revocation-keeps-unsorted", "kept statements not ascending", &|r| {
            r.keeps = vec![Hash([2; 32]), Hash([1; 32])];
        }),
        revoked("revocation-keeps-twice", "one kept statement twice", &|r| {
            r.keeps = vec![Hash([2; 32]), Hash([2; 32])];
        }),
        bad(
            "revocation-without-keeps",
            "a field too few",
            &made(1, "revocation", &keepless, COMMUNITY_OFFICE),
        ),
    ]
}

fn counsel() -> Vec<Value> {
    let mut long = district().suspension(COMMUNITY);
    long.reason = "因".repeat(171);
    let adopted = |name, why, envelopes: Vec<Hash>| {
        let value = Adoption { envelopes, ..office().adoption(&[]) };
        bad(name, why, &made(4, "adoption", &value.to_bytes(), COMMUNITY_OFFICE))
    };
    let endorsement = district().endorsement(&to_node()).to_bytes();
    let more = [&[0x87], &endorsement[1..], &[0xf6]].concat();
    vec![
        bad(
            "endorsement-fields",
            "a field too many",
            &made(2, "endorsement", &more, DISTRICT_DESK),
        ),
        bad(
            "suspension-reason-long",
            "reason of 513 bytes",
            &made(3, "suspension", &long.to_bytes(), DISTRICT_DESK),
        ),
        adopted("adoption-unsorted", "not ascending", vec![Hash([2; 32]), Hash([1; 32])]),
        adopted("adoption-twice", "one envelope twice", vec![Hash([2; 32]), Hash([2; 32])]),
    ]
}

fn successions() -> Vec<Value> {
    let succeeded = |name, why, change: &dyn Fn(&mut Succession)| {
        let mut value = succession();
        change(&mut value);
        bad(name, why, &made(5, "succession", &value.to_bytes(), ROOT))
    };
    let holders = |n: u8| keys(&(0..n).map(|at| Holder("root", 100 + at)).collect::<Vec<_>>());
    // As if it had a proof: a null at its end.
    let proven = [&[0x89], &succession().to_bytes()[1..], &[0xf6]].concat();
    vec![
        succeeded("succession-threshold-zero", "threshold zero", &|s| s.threshold = 0),
        succeeded("succession-threshold-beyond", "more than the roots", &|s| s.threshold = 3),
        succeeded("succession-rootless", "no root", &|s| s.roots.clear()),
        succeeded("succession-roots-unsorted", "roots not ascending", &|s| s.roots.reverse()),
        succeeded("succession-root-twice", "one root twice", &|s| s.roots[1] = s.roots[0]),
        succeeded("succession-17-roots", "too many roots", &|s| s.roots = holders(17)),
        succeeded("succession-keeps-unsorted", "kept statements not ascending", &|s| {
            s.keeps = vec![Hash([2; 32]), Hash([1; 32])];
        }),
        bad("succession-with-proof", "a field too many", &made(5, "succession", &proven, ROOT)),
    ]
}
