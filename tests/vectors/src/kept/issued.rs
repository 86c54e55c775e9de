//! Rules 6 and 7: who may issue what, and by which proof.

use serde_json::Value;

use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::{Statement, state};
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [below(), by_key(), by_deputy(), by_root(), addresses(), others()].concat()
}

const OTHER_ISSUER: &str = "other-issuer";
const NOT_GRANTED: &str = "kind-not-granted";
const OUTSIDE: &str = "outside-territory";

/// A scene with one statement more, and what becomes of it.
fn asked(scene: &Scene, name: &str, last: &str, statement: Statement) -> Value {
    scene.and(&[statement]).kept(name, &[last])
}

/// Rule 6: what is founded, suspended or dissolved lies below, or in the city of the root.
fn below() -> Vec<Value> {
    let (tree, peace) = peace();
    let (city, district, root) = (tree.by_city(), tree.by_district(), root(ROOT_ONE));
    let unknown = |unit| issuer(DISTRICT_KEY, unit, [3; 32]);
    let of = |name, last, statement| asked(&peace, name, last, statement);
    let founded = |by: &Issuer, below| by.founds(below, &tree.community);
    let dissolved = |by: &Issuer, below| by.say(by.dissolution(below, &[]));
    vec![
        of("kept-founding-below", "k", founded(&city, COMMUNITY)),
        of("kept-founding-of-itself", OUTSIDE, founded(&city, CITY)),
        of("kept-founding-beside", OUTSIDE, founded(&district, SIBLING)),
        of("kept-founding-above", OUTSIDE, founded(&district, CITY)),
        of("kept-founding-of-a-longer-code", OUTSIDE, founded(&district, "220800/2208021")),
        of("kept-founding-of-the-city-by-root", "k", founded(&root, CITY)),
        of("kept-founding-of-a-district-by-root", "k", founded(&root, DISTRICT)),
        of("kept-founding-of-another-city-by-root", OUTSIDE, founded(&root, "310000")),
        of("kept-founding-of-itself-proof-unknown", "w", founded(&unknown(DISTRICT), DISTRICT)),
        of("kept-founding-below-proof-unknown", "w", founded(&unknown(DISTRICT), COMMUNITY)),
        of("kept-founding-beside-proof-unknown", OUTSIDE, founded(&unknown(DISTRICT), SIBLING)),
        of("kept-suspension-below", "k", city.suspends(COMMUNITY)),
        of("kept-suspension-of-itself", OUTSIDE, city.suspends(CITY)),
        of("kept-suspension-beside", OUTSIDE, district.suspends(SIBLING)),
        of("kept-suspension-of-the-city-by-root", "k", root.suspends(CITY)),
        of("kept-suspension-above-proof-unknown", OUTSIDE, unknown(DISTRICT).suspends(CITY)),
        of("kept-dissolution-below", "k", dissolved(&city, DISTRICT)),
        of("kept-dissolution-of-itself", OUTSIDE, dissolved(&city, CITY)),
        of("kept-dissolution-of-the-city-by-root", "k", dissolved(&root, CITY)),
        of("kept-dissolution-beside", OUTSIDE, dissolved(&district, SIBLING)),
    ]
}

/// All kinds but addresses, as one issuer says them; what lies below it is the community.
fn kinds(by: &Issuer, tree: &Tree) -> Vec<(&'static str, Statement)> {
    let mark = Mark {
        document: Document(by.unit.clone(), 1, "B01".into()),
        author: NODE.key(),
        incarnation: [1; 16],
        seq: 7,
        head: [5; 32],
    };
    vec![
        ("delegation", by.lets_write(COLLEAGUE)),
        ("delegation-with-govern", by.lets_govern(COLLEAGUE)),
        ("founding", by.say(Founding { serial: 2, ..by.founding(COMMUNITY, [6; 32]) })),
        ("ending", by.withdraws(&tree.community_founding, &[])),
        ("adoption", by.adopts(&[mark])),
        ("suspension", by.suspends(COMMUNITY)),
        ("dissolution", by.say(by.dissolution(COMMUNITY, &[]))),
        ("card", by.say(by.card(1))),
        ("address", by.say(by.address())),
    ]
}

/// Each kind by an issuer; those that `refused` names are not kept, with this code.
fn each(
    scene: &Scene,
    tree: &Tree,
    by: &Issuer,
    who: &str,
    (code, refused): (&str, &[&str]),
) -> Vec<Value> {
    let of = |(kind, statement): (&str, Statement)| {
        let last = if refused.contains(&kind) { code } else { "k" };
        asked(scene, &format!("kept-{kind}-by-{who}"), last, statement)
    };
    kinds(by, tree).into_iter().map(of).collect()
}

const ALL: [&str; 9] = [
    "delegation",
    "delegation-with-govern",
    "founding",
    "ending",
    "adoption",
    "suspension",
    "dissolution",
    "card",
    "address",
];

/// (a): the generation's key.
fn by_key() -> Vec<Value> {
    let (tree, peace) = peace();
    let holders = [DISTRICT_PAPER, DISTRICT_NEW, DISTRICT_NEW_PAPER];
    let turned = rotated(DISTRICT, &tree.district, holders, &[]);
    let after = peace.and(std::slice::from_ref(&turned));
    let grant =
        |scene: &Scene, name, last, by: Issuer| asked(scene, name, last, by.lets_write(COLLEAGUE));
    let [old, new] = [DISTRICT_KEY, DISTRICT_NEW];
    let by = |holder, proof: &Statement| issuer(holder, DISTRICT, proof.id);
    [
        each(&peace, &tree, &tree.by_district(), "the-key", (NOT_GRANTED, &["address"])),
        vec![
            grant(&peace, "kept-by-a-key-that-is-not", OTHER_ISSUER, by(STRANGER, &tree.district)),
            grant(
                &peace,
                "kept-by-a-key-of-another-unit",
                OTHER_ISSUER,
                tree.by_district().of_unit(CITY),
            ),
            grant(
                &peace,
                "kept-from-above-as-the-unit-below",
                OTHER_ISSUER,
                tree.by_district().of_unit(COMMUNITY),
            ),
            grant(&after, "kept-by-the-key-before", "k", by(old, &tree.district)),
            grant(&after, "kept-by-the-next-key", "k", by(new, &turned)),
            grant(&after, "kept-by-the-next-key-as-before", OTHER_ISSUER, by(new, &tree.district)),
            grant(&after, "kept-by-the-key-before-as-next", OTHER_ISSUER, by(old, &turned)),
            grant(&peace, "kept-by-a-generation-to-come", "w", by(new, &turned)),
            grant(&after, "kept-by-the-revealed-key", OTHER_ISSUER, by(DISTRICT_PAPER, &turned)),
        ],
    ]
    .concat()
}

/// (b): whoever was given GOVERN by the generation's key.
fn by_deputy() -> Vec<Value> {
    let (tree, peace) = peace();
    let district = tree.by_district();
    let govern = district.lets_govern(DEPUTY);
    let write = district.lets_write(DISTRICT_NODE);
    let scene = peace.and(&[govern.clone(), write.clone()]);
    let deputy = issuer(DEPUTY, DISTRICT, govern.id);
    let clerk = issuer(DISTRICT_NODE, DISTRICT, write.id);
    let allowed = ["address"];
    let denied: Vec<&str> = ALL.into_iter().filter(|kind| !allowed.contains(kind)).collect();
    let given = |by: Holder, unit, proof: &Statement| issuer(by, unit, proof.id);
    let both = deputy.say(deputy.grant(COLLEAGUE, GOVERN + WRITE));
    let of = |name, last, by: Issuer| asked(&scene, name, last, by.lets_write(COLLEAGUE));
    [
        each(&scene, &tree, &deputy, "a-deputy", (NOT_GRANTED, &["delegation-with-govern"])),
        each(&scene, &tree, &clerk, "a-clerk", (OTHER_ISSUER, &denied)),
        vec![
            of("kept-by-a-deputy-of-another-unit", OTHER_ISSUER, deputy.of_unit(COMMUNITY)),
            of("kept-by-another-than-the-deputy", OTHER_ISSUER, given(STRANGER, DISTRICT, &govern)),
            asked(&scene, "kept-both-verbs-by-a-deputy", NOT_GRANTED, both),
            asked(&peace, "kept-by-a-deputy-to-come", "w", deputy.lets_write(COLLEAGUE)),
            peace
                .and(&[deputy.lets_write(COLLEAGUE), govern.clone()])
                .kept("kept-by-a-deputy-who-comes", &["k", "k"]),
            peace
                .and(&[deputy.lets_write(COLLEAGUE), govern.clone(), {
                    district.withdraws(&govern, &[])
                }])
                .kept("kept-by-a-deputy-whose-grant-was-withdrawn", &["k", "k", "k"]),
        ],
    ]
    .concat()
}

/// (c): the roots, in the name of the city.
fn by_root() -> Vec<Value> {
    let (tree, peace) = peace();
    let heirs = state(&succession(network(), ROOT_PAPER_ONE), ROOT_PAPER_ONE);
    let after = peace.and(std::slice::from_ref(&heirs));
    let refused = ["delegation", "delegation-with-govern", "adoption", "card", "address"];
    let of = |name, last, by: Issuer| {
        let statement = by.say(by.founding(COMMUNITY, tree.community.id));
        asked(&after, name, last, statement)
    };
    let [old, new] = [ROOT_ONE, ROOT_NEW_ONE];
    [
        each(&peace, &tree, &root(ROOT_ONE), "a-root", (NOT_GRANTED, &refused)),
        vec![
            of("kept-by-a-root-as-a-district", OTHER_ISSUER, root(ROOT_ONE).of_unit(DISTRICT)),
            of("kept-by-a-paper-key", OTHER_ISSUER, root(ROOT_PAPER_ONE)),
            of("kept-by-the-city-as-root", OTHER_ISSUER, root(CITY_KEY)),
            of("kept-by-a-root-as-the-city", OTHER_ISSUER, issuer(old, CITY, tree.city.id)),
            // The succession is not complete: that is asked where it is followed.
            of("kept-by-a-later-root", "k", issuer(new, CITY, heirs.id)),
            of("kept-by-an-earlier-root", "k", root(old)),
            of("kept-by-a-later-root-as-before", OTHER_ISSUER, root(new)),
            of("kept-by-an-earlier-root-as-later", OTHER_ISSUER, issuer(old, CITY, heirs.id)),
        ],
    ]
    .concat()
}

/// (d): a node says where it is.
fn addresses() -> Vec<Value> {
    let (tree, peace) = peace();
    let node = tree.by_node();
    let reader = Delegation { verbs: 0, ..tree.by_community().grant(COLLEAGUE, WRITE) };
    let reader = tree.by_community().say(reader);
    let scene = peace.and(std::slice::from_ref(&reader));
    let of = |name, last, by: Issuer| asked(&scene, name, last, by.say(by.address()));
    vec![
        of("kept-address-by-a-node", "k", node.clone()),
        of("kept-address-by-a-reader", "k", issuer(COLLEAGUE, COMMUNITY, reader.id)),
        of("kept-address-of-another-unit", OTHER_ISSUER, node.of_unit(DISTRICT)),
        of("kept-address-by-another", OTHER_ISSUER, issuer(STRANGER, COMMUNITY, tree.node.id)),
        of("kept-address-without-proof", "w", issuer(NODE, COMMUNITY, [3; 32])),
        of("kept-address-by-root-in-the-city", NOT_GRANTED, root(ROOT_ONE)),
    ]
}

/// Proofs that are none, and names of what is not known.
fn others() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = |proof: &Statement| issuer(COMMUNITY_KEY, COMMUNITY, proof.id);
    let grant = |name, last, by: Issuer| asked(&peace, name, last, by.lets_write(COLLEAGUE));
    let stranger = issuer(STRANGER, COMMUNITY, tree.community.id).lets_govern(COLLEAGUE);
    let on_refused = issuer(COLLEAGUE, COMMUNITY, stranger.id).lets_write(DEPUTY);
    let unknown = Ending {
        ends: [3; 32],
        keeps: vec![[4; 32]],
        ..tree.by_community().ending(&tree.node, &[])
    };
    vec![
        grant("kept-by-a-founding", OTHER_ISSUER, by(&tree.community_founding)),
        grant("kept-by-an-endorsement", OTHER_ISSUER, by(&tree.city_second)),
        grant("kept-by-a-charter-of-another", OTHER_ISSUER, by(&tree.district)),
        grant(
            "kept-by-root-below-the-city",
            OTHER_ISSUER,
            issuer(COMMUNITY_KEY, COMMUNITY, network()),
        ),
        peace.and(&[stranger, on_refused]).kept("kept-by-what-was-refused", &[OTHER_ISSUER, "w"]),
        asked(&peace, "kept-ending-of-the-unknown", "k", state(&unknown, COMMUNITY_KEY)),
        asked(&peace, "kept-founding-of-the-unknown", "k", {
            tree.by_city().say(tree.by_city().founding(SIBLING, [3; 32]))
        }),
    ]
}
