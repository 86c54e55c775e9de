//! Steps 1 to 6: whether it decodes, whose it is, where it came, and whether it is known.

use serde_json::Value;

use super::*;
use crate::encoding::{erasures_content, letter_content};
use crate::records::*;
use crate::scene::peace;
use crate::signed::state;

pub(crate) fn vectors() -> Vec<Value> {
    [decoding(), scopes(), statements(), kinds()].concat()
}

fn decoding() -> Vec<Value> {
    let (tree, peace) = peace();
    let good = next(&keyring(), None, 1);
    let scope = || scope_of(&good);
    let foreign = Header { network: [4; 32], ..header(&keyring(), None, 1) };
    let foreign = tells(foreign, NODE, 1);
    let foreign_said =
        Delegation { network: [4; 32], ..tree.by_community().grant(COLLEAGUE, WRITE) };
    let foreign_said = state(&foreign_said, COMMUNITY_KEY);
    let mut cut = good.item();
    cut.pop();
    vec![
        admit(&peace, "admit-nothing", &[(scope(), vec![], "malformed")]),
        admit(
            &peace,
            "admit-cut-off-and-whole",
            &[(scope(), cut, "malformed"), comes(&good, ACCEPTED)],
        ),
        admit(&peace, "admit-of-another-network", &[comes(&foreign, "other-network")]),
        admit(
            &peace,
            "admit-a-statement-of-another-network",
            &[said(&foreign_said, COMMUNITY, "other-network")],
        ),
        admit(
            &peace,
            "admit-of-another-network-elsewhere",
            &[(Scope::of(COMMUNITY, 1), foreign.item(), "other-network")],
        ),
    ]
}

fn scopes() -> Vec<Value> {
    let (tree, peace) = peace();
    let good = next(&keyring(), None, 1);
    let granted = tree.by_community().lets_write(COLLEAGUE);
    let heirs = state(&succession(network(), ROOT_PAPER_ONE), ROOT_PAPER_ONE);
    let paper = root(ROOT_PAPER_TWO).endorses(&heirs);
    let adoption = tree.by_community().adopts_in(Scope::of(COMMUNITY, 4), &[good.mark()]);
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let founding = tree.by_city().founds(SIBLING, &sibling);
    let clerk = issuer(SIBLING_KEY, SIBLING, sibling.id).lets_write(SIBLING_NODE);
    let theirs = pen(SIBLING_NODE, &clerk).on(SIBLING, 143, "07");
    let theirs = next(&theirs, None, 1);
    let known = peace.and(&[founding, sibling, clerk]);
    let elsewhere = |scope, item| (scope, item, "other-scope");
    vec![
        admit(
            &peace,
            "admit-envelope-in-another-scope",
            &[
                elsewhere(Scope::of(COMMUNITY, 1), good.item()),
                elsewhere(Scope::of(DISTRICT, 4), good.item()),
                elsewhere(Scope::of(COMMUNITY, 0), good.item()),
                comes(&good, ACCEPTED),
            ],
        ),
        admit(
            &peace,
            "admit-statement-in-another-scope",
            &[
                elsewhere(Scope::of(DISTRICT, 0), granted.item()),
                elsewhere(Scope::of(COMMUNITY, 1), granted.item()),
                said(&granted, COMMUNITY, ACCEPTED),
            ],
        ),
        admit(
            &peace,
            "admit-succession-with-the-city",
            &[
                elsewhere(Scope::of(CITY, 1), heirs.item()),
                said(&heirs, CITY, ACCEPTED),
                elsewhere(Scope::of(CITY, 1), paper.item()),
                said(&paper, CITY, ACCEPTED),
            ],
        ),
        // The set of a unit's statements may have foundings of units above.
        admit(
            &peace,
            "admit-statement-with-a-unit-below",
            &[
                said(&heirs, COMMUNITY, ACCEPTED),
                said(&paper, DISTRICT, ACCEPTED),
                elsewhere(Scope::of(COMMUNITY, 1), granted.item()),
                elsewhere(Scope::of(CITY, 0), granted.item()),
                said(&granted, COMMUNITY, ACCEPTED),
            ],
        ),
        admit(
            &peace,
            "admit-adoption-with-what-it-adopts",
            &[
                elsewhere(Scope::of(COMMUNITY, 0), adoption.item()),
                elsewhere(Scope::of(COMMUNITY, 5), adoption.item()),
                (Scope::of(COMMUNITY, 4), adoption.item(), ACCEPTED),
            ],
        ),
        admit(&known, "admit-what-this-node-does-not-hold", &[comes(&theirs, "other-scope")]),
    ]
}

/// Step 5, and what is known already.
fn statements() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let deputy = by.lets_govern(DEPUTY);
    let granted = issuer(DEPUTY, COMMUNITY, deputy.id).lets_write(COLLEAGUE);
    let stranger = issuer(STRANGER, COMMUNITY, tree.community.id).lets_write(COLLEAGUE);
    let good = next(&keyring(), None, 1);
    let mut flipped = deputy.item();
    *flipped.last_mut().expect("a signature") ^= 1;
    let in_scope = |bytes, outcome| (Scope::of(COMMUNITY, 0), bytes, outcome);
    vec![
        admit(
            &peace,
            "admit-statements-out-of-order",
            &[
                said(&granted, COMMUNITY, WAITS),
                said(&deputy, COMMUNITY, ACCEPTED),
                said(&granted, COMMUNITY, ACCEPTED),
                said(&granted, COMMUNITY, DUPLICATE),
            ],
        ),
        admit(
            &peace,
            "admit-statement-flipped-and-whole",
            &[
                in_scope(flipped.clone(), "bad-signature"),
                said(&deputy, COMMUNITY, ACCEPTED),
                in_scope(flipped, DUPLICATE),
            ],
        ),
        admit(
            &peace,
            "admit-statement-refused-again",
            &[
                said(&stranger, COMMUNITY, "other-issuer"),
                said(&stranger, COMMUNITY, "other-issuer"),
            ],
        ),
        admit(&peace, "admit-envelope-twice", &[comes(&good, ACCEPTED), comes(&good, DUPLICATE)]),
    ]
}

/// Step 6: each kind of payload where it does not belong.
fn kinds() -> Vec<Value> {
    let (_, peace) = peace();
    let base = pen(NODE, &tree().node);
    let of = |class: u64, kind: u64, content: &[u8]| {
        let shard = if class > 191 { DISTRICT } else { "07" };
        let payload_hash =
            if kind == 1 { grants_hash(&person("07", 1)) } else { sha256(&[content]) };
        let header = base.on(COMMUNITY, class, shard).header(None, content);
        let header = Header { payload_kind: kind, payload_hash, ..header };
        Envelope::new(header, NODE, Some(content))
    };
    let keys = grants_content(&person("07", 1));
    let erasures = erasures_content(&person("07", 1));
    let states = {
        use crate::cbor::list;
        list![list![DISTRICT_NODE.key(), [1; 16], 1, 1]].bytes()
    };
    let refused = |name: &str, envelope: Envelope| {
        admit(&peace, &format!("admit-{name}"), &[comes(&envelope, "payload-kind")])
    };
    let taken = |name: &str, envelope: Envelope| {
        admit(&peace, &format!("admit-{name}"), &[comes(&envelope, ACCEPTED)])
    };
    vec![
        refused("keys-in-public", of(1, 1, &keys)),
        refused("keys-among-erasures", of(142, 1, &keys)),
        refused("keys-in-letters", of(192, 1, &keys)),
        refused("erasures-among-keys", of(143, 2, &erasures)),
        refused("erasures-among-people", of(128, 2, &erasures)),
        refused("changes-among-keys", of(159, 0, b"a change")),
        refused("changes-among-erasures", of(174, 0, b"a change")),
        refused("changes-in-letters", of(223, 0, b"a change")),
        refused("letter-in-public", of(63, 3, &letter_content())),
        refused("letter-among-keys", of(143, 3, &letter_content())),
        refused("acknowledgements-in-path", of(64, 4, &states)),
        taken("keys-of-people", of(143, 1, &keys)),
        taken("keys-of-work", of(159, 1, &keys)),
        taken("keys-of-devices", of(175, 1, &keys)),
        taken("keys-of-band-3", of(191, 1, &keys)),
        taken("erasures-of-people", of(142, 2, &erasures)),
        taken("erasures-of-band-3", of(190, 2, &erasures)),
    ]
}
