//! Each of the twelve kinds of statement: as it is, with fields wrong, and signed wrong.

use serde_json::Value;

use crate::encoding::{BAD_SIGNATURE, Draft, MALFORMED, broken};
use crate::keys::*;
use crate::records::*;
use crate::signed::{EDDSA, Signed, cose, structure};
use crate::world::*;

/// One of each kind.
pub(crate) fn samples() -> Vec<Draft> {
    let tree = tree();
    let (city, community) = (tree.by_city(), tree.by_community());
    let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
    let rotation =
        Rotation { keeps: vec![tree.node.id], ..rotation(COMMUNITY, &tree.community, holders) };
    let succession =
        Succession { keeps: vec![tree.city_founding.id], ..succession(network(), ROOT_PAPER_ONE) };
    let mark = |shard: &str| Mark {
        document: Document(COMMUNITY.into(), 1, shard.into()),
        author: NODE.key(),
        incarnation: [1; 16],
        seq: 7,
        head: [5; 32],
    };
    let adoption = community.adoption(Scope::of(COMMUNITY, 1), vec![mark("B02"), mark("B01")]);
    let suspension = city.suspension(DISTRICT);
    let endorsement = root(ROOT_TWO).endorsement(tree.city_founding.id);
    vec![
        Draft::of(&charter(COMMUNITY, COMMUNITY_KEY, COMMUNITY_PAPER), COMMUNITY_KEY),
        Draft::of(&rotation, COMMUNITY_PAPER),
        Draft::of(&succession, ROOT_PAPER_ONE),
        Draft::of(&community.grant(NODE, WRITE), COMMUNITY_KEY),
        Draft::of(&city.founding(DISTRICT, tree.district.id), CITY_KEY),
        Draft::of(&city.ending(&tree.district_founding, &[&tree.community_founding]), CITY_KEY),
        Draft::of(&adoption, COMMUNITY_KEY),
        Draft::of(&suspension, CITY_KEY),
        Draft::of(&city.dissolution(DISTRICT, &[SIBLING, "220800/220882"]), CITY_KEY),
        Draft::of(&community.card(1), COMMUNITY_KEY),
        Draft::of(&tree.by_node().address(), NODE),
        Draft::of(&endorsement, ROOT_TWO),
    ]
}

/// The sample of a kind.
pub(crate) fn sample(name: &str) -> Draft {
    samples().into_iter().find(|draft| draft.name == name).expect("a kind of statement")
}

pub(crate) fn vectors() -> Vec<Value> {
    [samples().iter().flat_map(each).collect(), outside(), frames_of_signatures()].concat()
}

fn each(draft: &Draft) -> Vec<Value> {
    let name = draft.name;
    let said = |suffix: &str| format!("{name}-{suffix}");
    let payload = draft.cbor.bytes();
    let other = if name == "card" { "charter" } else { "card" };
    let domain = Signed::raw(other, &payload, draft.by);
    let stranger = Signed::raw(name, &payload, STRANGER);
    let long = draft.but(draft.cbor.longer());
    let short = draft.but(draft.cbor.shorter());
    vec![
        draft.taken(name),
        long.refused(&said("field-too-many"), MALFORMED),
        short.refused(&said("field-too-few"), MALFORMED),
        broken(&said("of-another-domain"), BAD_SIGNATURE, draft.kind, domain.cbor),
        broken(&said("signed-by-another"), BAD_SIGNATURE, draft.kind, stranger.cbor),
    ]
}

/// What is wrong with a statement as a whole.
fn outside() -> Vec<Value> {
    let card = sample("card");
    let signed = card.signed().cbor;
    let unsigned = crate::cbor::list![card.kind, card.cbor.clone()];
    let of = |name, value: crate::cbor::Cbor| {
        crate::vector::encoding(name, "statement", Err(MALFORMED), &value.bytes())
    };
    vec![
        broken("statement-of-kind-12", MALFORMED, 12, signed.clone()),
        broken("statement-of-another-kind", MALFORMED, 8, signed.clone()),
        of("statement-without-signature", unsigned),
        of("statement-without-kind", crate::cbor::list![signed.clone()]),
        of("statement-of-three", crate::cbor::list![card.kind, signed.clone(), 0]),
        of("statement-bare-record", signed),
    ]
}

/// What is wrong with the record that holds the signature.
fn frames_of_signatures() -> Vec<Value> {
    use crate::cbor::{Cbor, list, raw};
    let card = sample("card");
    let payload = card.cbor.bytes();
    let message = structure(EDDSA, "gongzhi/card/3", &payload);
    let signature = card.by.signs(&message);
    let (kind, good) = (card.kind, cose(EDDSA, &payload, &signature));
    let Cbor::Tagged(_, parts) = good else { panic!("a tagged record") };
    let of = |name, parts: Cbor| broken(name, MALFORMED, kind, Cbor::Tagged(18, Box::new(parts)));
    let empty = structure(&[], "gongzhi/card/3", &payload);
    let es256: &[u8] = &[0xa1, 0x01, 0x26];
    let es256_signed = card.by.signs(&structure(es256, "gongzhi/card/3", &payload));
    vec![
        broken("signed-without-tag", MALFORMED, kind, (*parts).clone()),
        broken("signed-with-tag-98", MALFORMED, kind, Cbor::Tagged(98, parts.clone())),
        broken(
            "signed-with-tag-twice",
            MALFORMED,
            kind,
            Cbor::Tagged(18, Box::new(Cbor::Tagged(18, parts.clone()))),
        ),
        of(
            "signed-with-another-algorithm",
            list![es256, Cbor::EmptyMap, payload.clone(), es256_signed],
        ),
        of(
            "signed-without-algorithm",
            list![&[][..], Cbor::EmptyMap, payload.clone(), card.by.signs(&empty)],
        ),
        of("signed-with-protected-padded", parts.with(&[0], &[0xa1, 0x01, 0x38, 0x07][..])),
        of("signed-with-unprotected-header", parts.with(&[1], raw("a1044101"))),
        of("signed-with-unprotected-null", parts.with(&[1], Cbor::Null)),
        of("signed-with-detached-payload", parts.with(&[2], Cbor::Null)),
        of("signed-with-payload-not-bytes", parts.with(&[2], card.cbor.clone())),
        of("signed-with-63-bytes", parts.with(&[3], [0; 63])),
        of("signed-with-65-bytes", parts.with(&[3], [0; 65])),
        of("signed-with-four-and-one-parts", parts.longer()),
        of("signed-with-three-parts", parts.shorter()),
        broken("signed-and-changed", BAD_SIGNATURE, kind, {
            let changed = card.cbor.with(&[4], 2).bytes();
            Cbor::Tagged(18, Box::new(parts.with(&[2], changed)))
        }),
        broken("signed-with-zeros", BAD_SIGNATURE, kind, {
            Cbor::Tagged(18, Box::new(parts.with(&[3], [0; 64])))
        }),
    ]
}
