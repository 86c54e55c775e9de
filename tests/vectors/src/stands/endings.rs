//! Withdrawals and closings: which are effective, and what they spare.

use serde_json::Value;

use super::all;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Question, Scene, peace};
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [inner(), outer(), spared(), spared_by_unfounding(), closings(), dead_endings(), unendable()]
        .concat()
}

/// The tree, a deputy of the community, and what the deputy granted.
struct Office {
    tree: Tree,
    scene: Scene,
    deputy: Statement,
    granted: Statement,
}

fn office() -> Office {
    let (tree, peace) = peace();
    let deputy = tree.by_community().lets_govern(DEPUTY);
    let granted = voice(DEPUTY, COMMUNITY, deputy.id).lets_write(COLLEAGUE);
    let scene = peace.and(all(&[&deputy, &granted]).as_slice());
    Office { tree, scene, deputy, granted }
}

impl Office {
    fn by_deputy(&self) -> Voice {
        voice(DEPUTY, COMMUNITY, self.deputy.id)
    }

    /// What stands after more was said.
    fn after(&self, name: &str, said: &[&Statement], questions: &[Question<'_>]) -> Value {
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
    let by_other = voice(DEPUTY, COMMUNITY, other.id);
    let by_colleague = voice(COLLEAGUE, COMMUNITY, colleague.id);
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
    let by_deputy = voice(DEPUTY, DISTRICT, deputy.id);
    let founded = by_deputy
        .say(Founding { serial: 7, ..{ by_deputy.founding(COMMUNITY, tree.community.id) } });
    let city_deputy = city.lets_govern(COLLEAGUE);
    let by_city_deputy = voice(COLLEAGUE, CITY, city_deputy.id);
    let [act, second] = twice(|root| root.withdraws(founding, &[]));
    let [city_act, city_second] = twice(|root| root.withdraws(&tree.city_founding, &[]));
    let sibling = chartered(SIBLING, SIBLING_KEY, SIBLING_PAPER);
    let sibling_founding = city.founds(SIBLING, &sibling);
    let by_sibling = voice(SIBLING_KEY, SIBLING, sibling.id);
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

/// What endings keep: what stands next after the ended statement, generations left out.
fn spared() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, .. } = &office;
    let community = tree.by_community();
    let other = office
        .by_deputy()
        .say(Delegation { serial: 2, ..{ office.by_deputy().grant(COLLEAGUE, WRITE) } });
    let end = |keeps: &[&Statement]| community.withdraws(deputy, keeps);
    let later = |keeps: &[&Statement]| community.at(LATER + DAY).withdraws(deputy, keeps);
    let of = |name, said: &[&Statement], questions: &[Question<'_>]| {
        office.after(name, &[&[&other], said].concat(), questions)
    };
    vec![
        of(
            "kept-by-an-ending",
            &[&end(&[granted])],
            &[(deputy, LATER, "--"), (granted, LATER, "io"), (&other, LATER, "--")],
        ),
        of(
            "kept-by-both-endings",
            &[&end(&[granted]), &later(&[granted, &other])],
            &[(granted, LATER, "io"), (&other, LATER, "--")],
        ),
        of(
            "kept-by-one-ending-of-two",
            &[&end(&[granted]), &later(&[&other])],
            &[(granted, LATER, "--"), (&other, LATER, "--")],
        ),
        of(
            "an-ending-that-keeps-what-it-ends",
            &[&end(&[deputy])],
            &[(deputy, LATER, "--"), { (granted, LATER, "--") }],
        ),
    ]
}

/// The same of foundings: another founding of the lineage, of later, says that it is followed.
fn spared_by_unfounding() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, .. } = &office;
    let (district, city) = (tree.by_district(), tree.by_city());
    let (node, founding) = (&tree.node, &tree.community_founding);
    let renewal = Founding {
        not_before: LATER,
        serial: 2,
        ..{ district.founding(COMMUNITY, tree.community.id) }
    };
    let renewal = district.say(renewal);
    let renewal_above =
        Founding { not_before: LATER, serial: 2, ..{ city.founding(DISTRICT, tree.district.id) } };
    let renewal_above = city.say(renewal_above);
    let unfound = |keeps: &[&Statement]| district.withdraws(founding, keeps);
    let upper = |keeps: &[&Statement]| city.withdraws(&tree.district_founding, keeps);
    let of = |name, ending: &Statement, questions: &[Question<'_>]| {
        office.after(name, &[&renewal, &renewal_above, ending], questions)
    };
    vec![
        of(
            "kept-by-an-unfounding",
            &unfound(&[node]),
            &[
                (founding, SOON, "--"),
                (node, SOON, "io"),
                (deputy, SOON, "i-"),
                (granted, SOON, "i-"),
                (granted, LATER, "io"),
            ],
        ),
        of("kept-by-an-unfounding-next-alone", &unfound(&[granted]), &[(granted, SOON, "i-")]),
        of(
            "kept-by-an-unfounding-with-all-below",
            &unfound(&[deputy]),
            &[(deputy, SOON, "io"), (granted, SOON, "io")],
        ),
        // The charter is a generation, and never next.
        of("not-kept-by-naming-the-charter", &unfound(&[&tree.community]), &[(node, SOON, "i-")]),
        of(
            "kept-by-an-unfounding-above",
            &upper(&[founding]),
            &[(&tree.district_founding, SOON, "--"), (founding, SOON, "io"), (node, SOON, "io")],
        ),
        // No founding is open, so no lineage is followed.
        office.after(
            "kept-by-an-unfounding-but-not-followed",
            &[&unfound(&[node])],
            &[(founding, SOON, "--"), (node, SOON, "i-")],
        ),
    ]
}

/// Closings tell what their issuer saw of a term that is over.
fn closings() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, .. } = &office;
    let community = tree.by_community();
    let other = office
        .by_deputy()
        .say(Delegation { serial: 2, ..{ office.by_deputy().grant(COLLEAGUE, WRITE) } });
    let close = |at, keeps: &[&Statement]| {
        community.say(Ending { ran_out: true, ..community.at(at).ending(deputy, keeps) })
    };
    let of = |name, said: &[&Statement], answers: [&'static str; 3]| {
        let [one, two, three] = answers;
        let asked = [(deputy, LATER, one), (granted, LATER, two), (&other, LATER, three)];
        office.after(name, &[&[&other], said].concat(), &asked)
    };
    let over = LAST + 1;
    let suspension = tree.by_city().suspends(DISTRICT);
    let closed = tree.by_city().closes(&suspension, &[]);
    let district = tree.by_district();
    let founding = district.founding(COMMUNITY, tree.community.id);
    let founding = district.say(Founding { not_after: SOON, ..founding });
    // The founding that stands at other times says that the lineage is followed.
    let renewal = district.founding(COMMUNITY, tree.community.id);
    let renewal = district.say(Founding { not_before: SOON + 1, serial: 2, ..renewal });
    let short = office.scene.without(&tree.community_founding).and(&[renewal]);
    let closed_founding = district.closes(&founding, &[&tree.node]);
    vec![
        of("closed", &[&close(over, &[])], ["--", "--", "--"]),
        of("closed-in-its-last-ms", &[&close(LAST, &[])], ["io", "io", "io"]),
        of("closed-in-its-term", &[&close(LATER, &[])], ["io", "io", "io"]),
        of("closed-and-kept", &[&close(over, &[granted])], ["--", "io", "--"]),
        of(
            "closed-twice-and-kept-by-either",
            &[&close(over, &[granted]), &close(over + 1, &[&other])],
            ["--", "io", "io"],
        ),
        of(
            "closed-and-withdrawn",
            &[&close(over, &[granted, &other]), &community.withdraws(deputy, &[granted])],
            ["--", "io", "--"],
        ),
        of(
            "closed-without-keeping-and-withdrawn-with",
            &[&close(over, &[]), &community.withdraws(deputy, &[granted])],
            ["--", "--", "--"],
        ),
        short.and(&all(&[&founding, &closed_founding])).stands(
            "closed-founding",
            &[(&founding, SOON, "--"), (&tree.node, SOON, "io"), (deputy, SOON, "i-")],
        ),
        office.after(
            "a-suspension-is-not-closed",
            &[&suspension, &closed],
            &[(&suspension, LATER, "io")],
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
