//! Endings: who may end what, and which endings are effective.

use serde_json::Value;

use super::all;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Question, Scene, peace};
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [inner(), outer(), dead_endings(), unendable()].concat()
}

/// The tree, a deputy of the community, and what the deputy granted.
pub(crate) struct Office {
    pub(crate) tree: Tree,
    pub(crate) scene: Scene,
    pub(crate) deputy: Statement,
    pub(crate) granted: Statement,
}

pub(crate) fn office() -> Office {
    let (tree, peace) = peace();
    let deputy = tree.by_community().lets_govern(DEPUTY);
    let granted = issuer(DEPUTY, COMMUNITY, deputy.id).lets_write(COLLEAGUE);
    let scene = peace.and(all(&[&deputy, &granted]).as_slice());
    Office { tree, scene, deputy, granted }
}

impl Office {
    pub(crate) fn by_deputy(&self) -> Issuer {
        issuer(DEPUTY, COMMUNITY, self.deputy.id)
    }

    /// What stands after more was said.
    pub(crate) fn after(
        &self,
        name: &str,
        said: &[&Statement],
        questions: &[Question<'_>],
    ) -> Value {
        self.scene.and(&all(said)).stands(name, questions)
    }
}

/// Who may end a delegation: its own lineage's key, or who issued it under GOVERN.
fn inner() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, .. } = &office;
    let (node, community) = (&tree.node, tree.by_community());
    let other = community.say(Delegation { serial: 2, ..community.grant(DEPUTY, GOVERN) });
    let colleague = community.lets_govern(COLLEAGUE);
    let by_other = issuer(DEPUTY, COMMUNITY, other.id);
    let by_colleague = issuer(COLLEAGUE, COMMUNITY, colleague.id);
    let again = community.say(Delegation { serial: 2, ..community.grant(NODE, WRITE) });
    let by_key = community.withdraws(granted, &[]);
    let [by_granter, by_itself] =
        [granted, deputy].map(|what| office.by_deputy().withdraws(what, &[]));
    let [act, second] = twice(|root| root.withdraws(node, &[]));
    let of = |name, ending: &Statement, what: &Statement, answer| {
        office.after(name, &[ending], &[(what, LATER, answer)])
    };
    vec![
        of("ended-by-the-key", &community.withdraws(node, &[]), node, "--"),
        of("ended-by-the-key-though-a-deputy-granted", &by_key, granted, "--"),
        of("ended-by-the-deputy-who-granted", &by_granter, granted, "--"),
        of("not-ended-by-a-deputy", &office.by_deputy().withdraws(node, &[]), node, "io"),
        of("not-ended-by-the-deputy-itself", &by_itself, deputy, "io"),
        office.after(
            "ended-by-the-deputy-under-another-grant",
            &[&other, &by_other.withdraws(granted, &[])],
            &[(granted, LATER, "--")],
        ),
        office.after(
            "not-ended-by-another-deputy",
            &[&colleague, &by_colleague.withdraws(granted, &[])],
            &[(granted, LATER, "io")],
        ),
        of("not-ended-by-the-district", &tree.by_district().withdraws(node, &[]), node, "io"),
        of("not-ended-by-the-city", &tree.by_city().withdraws(node, &[]), node, "io"),
        office.after("not-ended-by-the-root", &[&act, &second], &[(node, LATER, "io")]),
        of("ended-before-it-began", &community.at(T0 - 1).withdraws(node, &[]), node, "--"),
        of("ended-after-its-term", &community.at(LAST + 9).withdraws(node, &[]), node, "--"),
        office.after(
            "ended-with-its-proof",
            &[&community.withdraws(deputy, &[])],
            &[(deputy, LATER, "--"), (granted, LATER, "--"), (node, LATER, "io")],
        ),
        office.after(
            "ended-and-granted-again",
            &[&community.withdraws(node, &[]), &again],
            &[(node, LATER, "--"), (&again, LATER, "io")],
        ),
    ]
}

/// Who may end a founding: the root, a unit above, the founder's key, or who issued it.
fn outer() -> Vec<Value> {
    let (tree, peace) = peace();
    let (city, district) = (tree.by_city(), tree.by_district());
    let founding = &tree.community_founding;
    let deputy = district.lets_govern(DEPUTY);
    let by_deputy = issuer(DEPUTY, DISTRICT, deputy.id);
    let founded =
        by_deputy.say(Founding { serial: 7, ..by_deputy.founding(COMMUNITY, tree.community.id) });
    let city_deputy = city.lets_govern(COLLEAGUE);
    let by_city_deputy = issuer(COLLEAGUE, CITY, city_deputy.id);
    let [act, second] = twice(|root| root.withdraws(founding, &[]));
    let [city_act, city_second] = twice(|root| root.withdraws(&tree.city_founding, &[]));
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let sibling_founding = city.founds(SIBLING, &sibling);
    let by_sibling = issuer(SIBLING_KEY, SIBLING, sibling.id);
    let node = &tree.node;
    let of = |name, said: &[&Statement], answer| {
        peace.and(&all(said)).stands(
            name,
            &[(founding, LATER, answer), {
                (node, LATER, if answer == "--" { "i-" } else { "io" })
            }],
        )
    };
    vec![
        of("unfounded-by-the-root", &[&act, &second], "--"),
        of("not-unfounded-by-one-root", &[&act], "io"),
        of("unfounded-by-the-city", &[&city.withdraws(founding, &[])], "--"),
        of(
            "unfounded-by-a-deputy-of-the-city",
            &[&city_deputy, &{ by_city_deputy.withdraws(founding, &[]) }],
            "--",
        ),
        of("unfounded-by-the-district", &[&district.withdraws(founding, &[])], "--"),
        of("not-unfounded-by-a-deputy", &[&deputy, &by_deputy.withdraws(founding, &[])], "io"),
        of("not-unfounded-by-itself", &[&tree.by_community().withdraws(founding, &[])], "io"),
        of(
            "not-unfounded-by-its-sibling",
            &[&sibling, &sibling_founding, &{ by_sibling.withdraws(founding, &[]) }],
            "io",
        ),
        peace.and(&all(&[&deputy, &founded, &by_deputy.withdraws(&founded, &[])])).stands(
            "unfounded-by-the-deputy-who-founded",
            &[(&founded, LATER, "--"), (founding, LATER, "io")],
        ),
        peace.and(&all(&[&city.withdraws(&tree.city_founding, &[])])).stands(
            "city-not-unfounded-by-itself",
            &[(&tree.city_founding, LATER, "-o"), (node, LATER, "io")],
        ),
        peace.and(&[city_act, city_second]).stands(
            "city-unfounded-by-the-root",
            &[
                (&tree.city_founding, LATER, "--"),
                (&tree.district_founding, LATER, "i-"),
                (node, LATER, "i-"),
            ],
        ),
    ]
}

/// Endings that do not stand themselves.
fn dead_endings() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, .. } = &office;
    let community = tree.by_community();
    let late = office.by_deputy().at(LAST + 1).withdraws(granted, &[]);
    let ends = office.by_deputy().withdraws(granted, &[]);
    let fired = |keeps: &[&Statement]| community.withdraws(deputy, keeps);
    let founding = &tree.community_founding;
    let unfounds = tree.by_district().withdraws(founding, &[]);
    let unfound_district = tree.by_city().withdraws(&tree.district_founding, &[founding]);
    vec![
        office.after("ending-after-the-term-of-its-proof", &[&late], &[(granted, LATER, "io")]),
        office.after(
            "ending-by-a-deputy-who-was-ended",
            &[&ends, &fired(&[granted])],
            &[(granted, LATER, "io")],
        ),
        office.after(
            "ending-by-a-deputy-kept-with-it",
            &[&ends, &fired(&[granted, &ends])],
            &[(granted, LATER, "--")],
        ),
        // Inside it stands, but whether a founding is ended is asked outside.
        office.after(
            "ending-of-a-founding-that-does-not-stand-outside",
            &[&unfounds, &unfound_district],
            &[(&unfounds, LATER, "i-"), (founding, LATER, "i-")],
        ),
    ]
}

/// What nothing ends.
fn unendable() -> Vec<Value> {
    let office = office();
    let Office { tree, granted, .. } = &office;
    let community = tree.by_community();
    let card = community.say(community.card(1));
    let address = tree.by_node().say(tree.by_node().address());
    let ends = community.withdraws(&tree.node, &[]);
    let again = community.at(LATER + DAY).withdraws(&ends, &[]);
    let of = |name, what: &Statement| {
        let ending = community.withdraws(what, &[]);
        office.after(name, &[what, &ending], &[(what, LATER, "io")])
    };
    vec![
        of("a-card-is-not-ended", &card),
        of("an-address-is-not-ended", &address),
        office.after(
            "an-ending-is-not-ended",
            &[&ends, &again],
            &[(&ends, LATER, "io"), (&tree.node, LATER, "--")],
        ),
        office.after(
            "a-charter-is-not-ended",
            &[&community.withdraws(&tree.community, &[])],
            &[(granted, LATER, "io")],
        ),
    ]
}
