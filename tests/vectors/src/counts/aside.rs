//! Which statements are in order, and which are set aside.

use serde_json::Value;

use super::three;
use crate::envelopes::pen;
use crate::keys::*;
use crate::records::*;
use crate::scene::peace;
use crate::signed::{Statement, ids, state};
use crate::stands::all;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [inner(), outer(), cards(), addresses(), with_envelopes()].concat()
}

const NEXT: [Holder; 3] = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];

fn inner() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let deputy = by.lets_govern(DEPUTY);
    let by_deputy = issuer(DEPUTY, COMMUNITY, deputy.id);
    let granted = by_deputy.lets_write(COLLEAGUE);
    let fired = by.withdraws(&deputy, &[]);
    let idle = by_deputy.withdraws(&tree.node, &[]);
    let turn = |keeps: &[&Statement]| rotated(COMMUNITY, &tree.community, NEXT, keeps);
    let expired = by.say(Delegation { not_after: T0, ..by.grant(COLLEAGUE, WRITE) });
    let ended = by.withdraws(&tree.node, &[]);
    let of =
        |name, said: &[&Statement], aside: &[&Statement]| peace.and(&all(said)).aside(name, aside);
    vec![
        of("aside-nothing", &[], &[]),
        of("aside-not-what-an-ending-ends", &[&ended], &[]),
        of("aside-what-an-ended-deputy-granted", &[&deputy, &granted, &fired], &[&granted]),
        of("aside-not-an-ending-without-effect", &[&deputy, &idle], &[]),
        of("aside-what-the-next-key-forgot", &[&turn(&[])], &[&tree.node]),
        of("aside-not-what-the-next-key-kept", &[&turn(&[&tree.node])], &[]),
        of("aside-an-ending-with-what-it-ends", &[&ended, &turn(&[])], &[&tree.node, &ended]),
        of("aside-not-what-a-kept-ending-ends", &[&ended, &turn(&[&ended])], &[]),
        of("aside-not-what-has-run-out", &[&expired], &[]),
        of(
            "aside-what-rests-on-a-forgotten-deputy",
            &[&deputy, &granted, &turn(&[])],
            &[&deputy, &granted, &tree.node],
        ),
    ]
}

fn outer() -> Vec<Value> {
    let (tree, peace) = peace();
    let founding = &tree.community_founding;
    let holders = [DISTRICT_PAPER, DISTRICT_NEW, DISTRICT_NEW_PAPER];
    let turned = rotated(DISTRICT, &tree.district, holders, &[]);
    let by_district = tree.by_district();
    let again = Founding { serial: 2, ..by_district.founding(COMMUNITY, tree.community.id) };
    let again = by_district.say(again);
    let greater = if founding.id < again.id { &again } else { founding };
    let [act, second] = twice(|root| root.suspends(DISTRICT));
    let heirs =
        Succession { keeps: ids(&[&tree.city_founding]), ..succession(network(), ROOT_PAPER_ONE) };
    let heirs = state(&heirs, ROOT_PAPER_ONE);
    let paper = root(ROOT_PAPER_TWO).endorses(&heirs);
    let ended = tree.by_city().withdraws(&tree.district_founding, &[]);
    let of =
        |name, said: &[&Statement], aside: &[&Statement]| peace.and(&all(said)).aside(name, aside);
    vec![
        // Whether its district stands outside is not asked.
        of("aside-not-below-an-ended-founding", &[&ended], &[]),
        // Its charter is in use, and it is the only founding of it.
        of("aside-not-the-founding-of-a-charter", &[&turned], &[]),
        of("aside-all-foundings-of-a-charter-but-one", &[&again, &turned], &[greater]),
        of("aside-not-an-act-that-lacks-signatures", &[&act], &[]),
        of(
            "aside-an-act-that-the-next-roots-forgot",
            &[&act, &second, &heirs, &paper],
            &[&act, &second],
        ),
        // Only who speaks for it or for a unit above can keep it in the set by an ending.
        of(
            "aside-whoever-ends-it-from-below",
            &[&act, &second, &heirs, &paper, &tree.by_community().withdraws(&act, &[])],
            &[&act, &second],
        ),
        of(
            "aside-not-what-is-ended-by-its-unit",
            &[&act, &second, &heirs, &paper, &tree.by_city().withdraws(&act, &[])],
            &[],
        ),
        of("aside-not-before-the-succession-is-complete", &[&act, &second, &heirs], &[]),
    ]
}

fn cards() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_community();
    let [first, second] = [1, 2].map(|serial| by.say(by.card(serial)));
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let founding = tree.by_district().founds(COMMUNITY, &rival);
    let by_rival = issuer(RIVAL_KEY, COMMUNITY, rival.id);
    let theirs = by_rival.say(by_rival.card(1));
    let turned = rotated(COMMUNITY, &tree.community, NEXT, &[&tree.node]);
    let of =
        |name, said: &[&Statement], aside: &[&Statement]| peace.and(&all(said)).aside(name, aside);
    vec![
        of("aside-a-card-of-before", &[&second, &first], &[&first]),
        of("aside-a-card-that-does-not-stand", &[&first, &turned], &[&first]),
        // It is the present one of its own lineage.
        of("aside-not-a-card-of-another-lineage", &[&first, &founding, &rival, &theirs], &[]),
    ]
}

fn addresses() -> Vec<Value> {
    let (tree, peace) = peace();
    let by = tree.by_node();
    let [old, new] = [SOON, LATER].map(|at| by.say(by.at(at).address()));
    let elsewhere = Address { addresses: vec!["/ip4/10.9.9.9/tcp/1".into()], ..by.address() };
    let elsewhere = by.say(elsewhere);
    let other = tree.by_community();
    let other = other.say(Delegation { serial: 2, ..other.grant(NODE, WRITE) });
    let by_other = issuer(NODE, COMMUNITY, other.id).at(SOON);
    let under_other = by_other.say(by_other.address());
    let late = by.say(by.at(LAST + 1).address());
    let ended = tree.by_community().withdraws(&tree.node, &[]);
    let greater = if new.id < elsewhere.id { &elsewhere } else { &new };
    let of =
        |name, said: &[&Statement], aside: &[&Statement]| peace.and(&all(said)).aside(name, aside);
    vec![
        of("aside-an-address-of-before", &[&new, &old], &[&old]),
        of("aside-an-address-of-greater-id", &[&new, &elsewhere], &[greater]),
        of("aside-not-an-address-under-another-grant", &[&other, &new, &under_other], &[]),
        of("aside-not-an-address-after-the-term", &[&late], &[]),
        of("aside-an-address-of-an-ended-node", &[&new, &ended], &[&new]),
    ]
}

/// Envelopes have no part in it: nodes that hold other scopes of a unit judge alike.
fn with_envelopes() -> Vec<Value> {
    let (tree, peace) = peace();
    let turned = rotated(COMMUNITY, &tree.community, NEXT, &[]);
    let by_next = issuer(COMMUNITY_NEW, COMMUNITY, turned.id);
    let [one, two, three] = three(&pen(NODE, &tree.node));
    let granted = by_next.lets_write(COLLEAGUE);
    let on_two = pen(COLLEAGUE, &granted).builds(None, &[&two], "on the second");
    let adoption = by_next.adopts(&[two.mark()]);
    let forgotten = tree.by_community().adopts(&[two.mark()]);
    let scene = peace.and(std::slice::from_ref(&turned)).with(&[&one, &two, &three]);
    let with = |said: &[&Statement]| scene.and(&all(said));
    let node = &tree.node;
    vec![
        scene.aside("aside-with-its-envelopes", &[node]),
        with(&[&granted]).with(&[&on_two]).aside("aside-though-an-envelope-is-needed", &[node]),
        with(&[&adoption]).aside("aside-though-its-envelopes-are-adopted", &[node]),
        with(&[&forgotten]).aside("aside-an-adoption-that-was-forgotten", &[node, &forgotten]),
    ]
}
