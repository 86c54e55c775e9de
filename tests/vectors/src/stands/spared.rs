//! What withdrawals and closings spare.

use serde_json::Value;

use super::all;
use super::endings::{Office, office};
use crate::records::*;
use crate::scene::Question;
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [spared(), spared_by_unfounding(), closings()].concat()
}

/// What endings keep: what stands next after the ended statement, generations left out.
fn spared() -> Vec<Value> {
    let office = office();
    let Office { tree, deputy, granted, .. } = &office;
    let community = tree.by_community();
    let other = office
        .by_deputy()
        .say(Delegation { serial: 2, ..office.by_deputy().grant(crate::keys::COLLEAGUE, WRITE) });
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
            &[(deputy, LATER, "--"), (granted, LATER, "--")],
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
        ..district.founding(COMMUNITY, tree.community.id)
    };
    let renewal = district.say(renewal);
    let renewal_above =
        Founding { not_before: LATER, serial: 2, ..city.founding(DISTRICT, tree.district.id) };
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
        .say(Delegation { serial: 2, ..office.by_deputy().grant(crate::keys::COLLEAGUE, WRITE) });
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
