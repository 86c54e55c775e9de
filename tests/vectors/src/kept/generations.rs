//! Rules 1 to 5: charters, rotations, successions and endorsements.

use serde_json::Value;

use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::{Statement, state};
use crate::world::*;

pub(crate) const UNCOMMITTED: &str = "not-committed";
pub(crate) const OTHER_UNIT: &str = "other-unit";
const NO_ROOT_KEY: &str = "no-root-key";

pub(crate) fn vectors() -> Vec<Value> {
    [decoding(), charters(), rotations(), successions(), endorsements()].concat()
}

/// Some statements more, and what becomes of them.
pub(crate) fn more(scene: &Scene, name: &str, last: &[&str], said: &[&Statement]) -> Value {
    let said: Vec<Statement> = said.iter().map(|one| (*one).clone()).collect();
    scene.and(&said).kept(name, last)
}

/// The bytes of a statement, changed.
fn changed(statement: &Statement, change: impl Fn(&mut Vec<u8>)) -> Statement {
    let mut bytes = statement.bytes();
    change(&mut bytes);
    Statement { id: statement.id, cbor: crate::cbor::Cbor::Raw(bytes) }
}

fn decoding() -> Vec<Value> {
    let (tree, peace) = peace();
    let said = tree.by_community().lets_write(COLLEAGUE);
    let grant = tree.by_community().grant(COLLEAGUE, WRITE);
    let of = |name, last, statement: Statement| more(&peace, name, &[last], &[&statement]);
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().expect("a signature") ^= 1;
    let unknown = issuer(COMMUNITY_KEY, COMMUNITY, [3; 32]).lets_write(COLLEAGUE);
    let foreign = Delegation { network: [4; 32], proof: [3; 32], ..grant.clone() };
    let ill = state(&Delegation { verbs: 4, ..grant }, COMMUNITY_KEY);
    let bad = changed(&said, flip);
    vec![
        peace.kept("kept-tree", &[]),
        of("kept-cut-off", "malformed", changed(&said, |bytes| bytes.truncate(100))),
        of("kept-not-well-made", "malformed", ill),
        of("kept-of-another-network", "other-network", state(&foreign, COMMUNITY_KEY)),
        of("kept-signature-flipped", "bad-signature", bad.clone()),
        more(&peace, "kept-signature-flipped-and-whole", &["bad-signature", "k"], &[&bad, &said]),
        of("kept-signature-flipped-and-proof-unknown", "bad-signature", changed(&unknown, flip)),
        of("kept-said-twice", "k", tree.node),
    ]
}

fn charters() -> Vec<Value> {
    let (tree, peace) = peace();
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let alone = Scene::of(COMMUNITY, &tree.community);
    let mistaken = tree.by_city().founds("220800/220882", &sibling);
    let early = issuer(CITY_KEY, CITY, [3; 32]).founds(SIBLING, &sibling);
    let founded = tree.by_city().founds(SIBLING, &sibling);
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let later = Charter { at: T0 + 1, ..charter(COMMUNITY, COMMUNITY_KEY, COMMUNITY_PAPER) };
    let alike = state(&later, COMMUNITY_KEY);
    let of =
        |name, scene: &Scene, last: &[&str], said: &[&Statement]| more(scene, name, last, said);
    vec![
        of("kept-charter-own", &alone, &["k"], &[&tree.community]),
        of("kept-charter-formerly-own", &alone.formerly(&sibling), &["k"], &[&sibling]),
        of("kept-charter-unnamed", &alone, &["w"], &[&sibling]),
        of("kept-charter-pinned", &alone.pinned(SIBLING, &sibling), &["k"], &[&sibling]),
        of(
            "kept-charter-pinned-for-another-unit",
            &alone.pinned(DISTRICT, &sibling),
            &["k"],
            &[&sibling],
        ),
        of("kept-charter-founded-later", &peace, &["k", "k"], &[&sibling, &founded]),
        of("kept-charter-founded-as-another", &peace, &["w", "k"], &[&sibling, &mistaken]),
        of("kept-charter-founded-by-what-waits", &peace, &["w", "w"], &[&sibling, &early]),
        of("kept-charter-of-own-unit-not-named", &peace, &["w"], &[&rival]),
        of("kept-charter-of-own-key-not-named", &peace, &["w"], &[&alike]),
    ]
}

fn rotations() -> Vec<Value> {
    let (tree, peace) = peace();
    let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
    let third = |reveal| [reveal, COMMUNITY_THIRD, COMMUNITY_THIRD_PAPER];
    let turn = rotation(COMMUNITY, &tree.community, holders);
    let signed = |value: &Rotation| state(value, COMMUNITY_PAPER);
    let on = |previous| signed(&Rotation { previous, ..turn.clone() });
    let by = |reveal| rotated(COMMUNITY, &tree.community, third(reveal), &[]);
    let first = signed(&turn);
    let second = rotated(COMMUNITY, &first, third(COMMUNITY_NEW_PAPER), &[]);
    let again = rotated(COMMUNITY, &first, third(COMMUNITY_PAPER), &[]);
    let elsewhere = signed(&Rotation { unit: DISTRICT.into(), ..turn.clone() });
    let refused = by(STRANGER);
    let on_refused = rotated(COMMUNITY, &refused, third(COMMUNITY_NEW_PAPER), &[]);
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let waiting = rotated(SIBLING, &sibling, [SIBLING_PAPER, RIVAL_KEY, RIVAL_PAPER], &[]);
    let pinned = peace.pinned(SIBLING, &sibling);
    let of = |name, last: &[&str], said: &[&Statement]| more(&peace, name, last, said);
    vec![
        of("kept-rotation", &["k"], &[&first]),
        of("kept-rotation-of-a-rotation", &["k", "k"], &[&second, &first]),
        of("kept-rotation-without-previous", &["w"], &[&second]),
        of("kept-rotation-of-the-unknown", &["w"], &[&on([3; 32])]),
        of("kept-rotation-of-a-delegation", &[UNCOMMITTED], &[&on(tree.node.id)]),
        of("kept-rotation-of-a-waiting-charter", &["w", "w"], &[&sibling, &waiting]),
        more(&pinned, "kept-rotation-of-a-charter-pinned", &["k", "k"], &[&waiting, &sibling]),
        of("kept-rotation-of-another-unit", &[OTHER_UNIT], &[&elsewhere]),
        of("kept-rotation-by-a-stranger", &[UNCOMMITTED], &[&refused]),
        of("kept-rotation-by-the-daily-key", &[UNCOMMITTED], &[&by(COMMUNITY_KEY)]),
        of("kept-rotation-revealing-again", &["k", UNCOMMITTED], &[&first, &again]),
        of("kept-rotation-of-a-refused-one", &[UNCOMMITTED, "w"], &[&refused, &on_refused]),
        of("kept-rotation-and-rival", &["k", "k"], &[&first, &by(COMMUNITY_PAPER)]),
    ]
}

fn successions() -> Vec<Value> {
    let (tree, peace) = peace();
    let heirs = succession(network(), ROOT_PAPER_ONE);
    let first = state(&heirs, ROOT_PAPER_ONE);
    let second = Succession {
        roots: keys(&[ROOT_LAST]),
        next: hidden(&[ROOT_LAST_PAPER]),
        ..succession(first.id, ROOT_NEW_PAPER)
    };
    let second = state(&second, ROOT_NEW_PAPER);
    let on = |previous| state(&Succession { previous, ..heirs.clone() }, ROOT_PAPER_ONE);
    let by = |holder| state(&succession(network(), holder), holder);
    let again = state(&succession(first.id, ROOT_PAPER_TWO), ROOT_PAPER_TWO);
    let of = |name, last: &[&str], said: &[&Statement]| more(&peace, name, last, said);
    vec![
        // Whether enough was revealed for it is another question.
        of("kept-succession", &["k"], &[&first]),
        of("kept-succession-of-a-succession", &["k", "k"], &[&second, &first]),
        of("kept-succession-without-previous", &["w"], &[&second]),
        of("kept-succession-of-the-unknown", &["w"], &[&on([3; 32])]),
        of("kept-succession-of-a-charter", &[UNCOMMITTED], &[&on(tree.city.id)]),
        of("kept-succession-by-a-root", &[UNCOMMITTED], &[&by(ROOT_TWO)]),
        of("kept-succession-by-a-stranger", &[UNCOMMITTED], &[&by(STRANGER)]),
        of("kept-succession-revealing-of-before", &["k", UNCOMMITTED], &[&first, &again]),
        of("kept-succession-and-rival", &["k", "k"], &[&first, &by(ROOT_PAPER_TWO)]),
    ]
}

/// Endorsements of root acts by roots, of successions by keys on paper.
fn endorsements() -> Vec<Value> {
    let (tree, peace) = peace();
    let heirs = state(&succession(network(), ROOT_PAPER_ONE), ROOT_PAPER_ONE);
    let after = peace.and(std::slice::from_ref(&heirs));
    let act = root(ROOT_ONE).suspends(DISTRICT);
    let acted = after.and(std::slice::from_ref(&act));
    let later = |holder| issuer(holder, CITY, heirs.id);
    let act_later = later(ROOT_NEW_ONE).suspends(DISTRICT);
    let acted_later = acted.and(std::slice::from_ref(&act_later));
    let of = |name, scene: &Scene, last, by: Issuer, what: &Statement| {
        more(scene, name, &[last], &[&by.endorses(what)])
    };
    let no = NO_ROOT_KEY;
    let second = root(ROOT_TWO).endorses(&act);
    let paper = root(ROOT_PAPER_TWO).endorses(&heirs);
    vec![
        of("kept-endorsement-of-an-act", &acted, "k", root(ROOT_TWO), &act),
        of("kept-endorsement-of-an-act-by-its-issuer", &acted, "k", root(ROOT_ONE), &act),
        of("kept-endorsement-of-an-act-by-paper", &acted, no, root(ROOT_PAPER_TWO), &act),
        of("kept-endorsement-of-an-act-by-a-stranger", &acted, no, root(STRANGER), &act),
        of("kept-endorsement-of-an-act-by-the-city", &acted, no, root(CITY_KEY), &act),
        of("kept-endorsement-of-an-act-as-later", &acted, no, later(ROOT_NEW_TWO), &act),
        of("kept-endorsement-of-a-later-act", &acted_later, "k", later(ROOT_NEW_TWO), &act_later),
        of(
            "kept-endorsement-of-a-later-act-by-a-root-before",
            &acted_later,
            no,
            root(ROOT_TWO),
            &act_later,
        ),
        of("kept-endorsement-of-a-succession", &after, "k", root(ROOT_PAPER_TWO), &heirs),
        of("kept-endorsement-of-a-succession-by-a-root", &after, no, root(ROOT_TWO), &heirs),
        of("kept-endorsement-of-a-succession-by-its-root", &after, no, later(ROOT_NEW_ONE), &heirs),
        of(
            "kept-endorsement-of-a-succession-by-its-paper",
            &after,
            no,
            later(ROOT_NEW_PAPER),
            &heirs,
        ),
        of(
            "kept-endorsement-of-a-founding-that-is-no-act",
            &peace,
            no,
            root(ROOT_TWO),
            &tree.district_founding,
        ),
        of("kept-endorsement-of-a-charter", &peace, no, root(ROOT_TWO), &tree.city),
        of("kept-endorsement-of-an-endorsement", &peace, no, root(ROOT_TWO), &tree.city_second),
        of(
            "kept-endorsement-without-proof",
            &peace,
            "w",
            issuer(ROOT_ONE, CITY, [3; 32]),
            &tree.city_founding,
        ),
        of("kept-endorsement-by-a-charter", &peace, no, tree.by_city(), &tree.city_founding),
        more(&peace, "kept-endorsement-before-the-act", &["k", "k"], &[&second, &act]),
        more(&peace, "kept-endorsement-without-the-act", &["w"], &[&second]),
        more(&peace, "kept-endorsement-without-the-succession", &["w"], &[&paper]),
    ]
}
