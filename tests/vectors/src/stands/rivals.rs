//! Several lineages of one unit: candidates, which one is followed, and what stands outside.

use serde_json::{Value, json};

use super::all;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [same_founder(), pins(), founders(), open(), above()].concat()
}

/// The tree, another lineage that claims to be the community, and a grant in it.
struct Two {
    tree: Tree,
    scene: Scene,
    rival: Statement,
    founding: Statement,
    granted: Statement,
}

/// As a node of the district sees it.
fn two() -> Two {
    let (tree, peace) = peace();
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let founding = tree.by_district().founds(COMMUNITY, &rival);
    let granted = issuer(RIVAL_KEY, COMMUNITY, rival.id).lets_write(STRANGER);
    let scene = peace.at(DISTRICT, &tree.district).and(&all(&[&founding, &rival, &granted]));
    Two { tree, scene, rival, founding, granted }
}

impl Two {
    /// What stands of each lineage, which are candidates, and which is followed.
    fn of(
        &self,
        name: &str,
        scene: &Scene,
        [node, granted]: [&'static str; 2],
        candidates: &[&Statement],
        followed: Option<&Statement>,
    ) -> Value {
        let candidates = ascending(candidates.iter().map(|one| hex::encode(one.id)));
        let followed = followed.map(|one| hex::encode(one.id));
        let more = json!({
            "candidates": { COMMUNITY: candidates },
            "followed": { COMMUNITY: followed },
        });
        let asked = [(&self.tree.node, LATER, node), (&self.granted, LATER, granted)];
        scene.stands_and(name, &asked, more)
    }
}

fn same_founder() -> Vec<Value> {
    let two = two();
    let Two { tree, scene, rival, founding, .. } = &two;
    let (ours, district) = (&tree.community, tree.by_district());
    let own = scene.at(COMMUNITY, ours);
    let theirs = scene.at(COMMUNITY, rival);
    let end =
        |what: &Statement, keeps: &[&Statement]| scene.and(&[district.withdraws(what, keeps)]);
    let first = &tree.community_founding;
    let [ended, kept] = [end(first, &[]), end(first, &[&tree.node])];
    let both = kept.and(&[district.withdraws(founding, &[])]);
    let again = district.say(Founding { serial: 2, ..district.founding(COMMUNITY, ours.id) });
    let twice = scene.without(founding).and(&[again]);
    vec![
        two.of("two-lineages", scene, ["i-", "i-"], &[ours, rival], None),
        two.of("two-lineages-seen-by-one", &own, ["io", "i-"], &[ours, rival], Some(ours)),
        two.of(
            "two-lineages-seen-by-the-other",
            &theirs,
            ["i-", "io"],
            &[ours, rival],
            Some(rival),
        ),
        two.of("two-lineages-one-ended", &ended, ["i-", "io"], &[rival], Some(rival)),
        two.of("two-lineages-one-ended-and-kept", &kept, ["i-", "io"], &[rival], Some(rival)),
        two.of("two-lineages-both-ended-one-kept", &both, ["i-", "i-"], &[], None),
        two.of("one-lineage-founded-twice", &twice, ["io", "--"], &[ours], Some(ours)),
        two.of(
            "own-lineage-ended-and-another-founded",
            &ended.at(COMMUNITY, ours),
            ["i-", "io"],
            &[rival],
            Some(rival),
        ),
    ]
}

fn pins() -> Vec<Value> {
    let two = two();
    let Two { tree, scene, rival, founding, .. } = &two;
    let ours = &tree.community;
    let stranger = chartered(COMMUNITY, STRANGER, NODE);
    let ended = scene.and(&[tree.by_district().withdraws(founding, &[])]);
    vec![
        two.of(
            "pinned-to-one-lineage",
            &scene.pinned(COMMUNITY, ours),
            ["io", "i-"],
            &[ours, rival],
            Some(ours),
        ),
        two.of(
            "pinned-to-the-other-lineage",
            &scene.pinned(COMMUNITY, rival),
            ["i-", "io"],
            &[ours, rival],
            Some(rival),
        ),
        two.of(
            "pinned-to-what-is-no-candidate",
            &scene.pinned(COMMUNITY, &stranger),
            ["i-", "i-"],
            &[ours, rival],
            None,
        ),
        // The rival's charter stays kept by its founding.
        two.of(
            "pinned-to-a-lineage-that-was-ended",
            &ended.pinned(COMMUNITY, rival),
            ["io", "i-"],
            &[ours],
            Some(ours),
        ),
    ]
}

/// The highest founder decides where no pin does.
fn founders() -> Vec<Value> {
    let two = two();
    let Two { tree, scene, rival, founding, .. } = &two;
    let ours = &tree.community;
    let lone = scene.without(founding);
    let by_city = tree.by_city().founds(COMMUNITY, rival);
    let city_too = tree.by_city().founds(COMMUNITY, ours);
    let [by_root, second] = twice(|root| root.founds(COMMUNITY, ours));
    let [rival_by_root, rival_second] = twice(|root| root.founds(COMMUNITY, rival));
    let city = lone.and(std::slice::from_ref(&by_city));
    let rooted = city.and(&[by_root, second]);
    let disputed = rooted.and(&[rival_by_root.clone(), rival_second]);
    let unsigned = lone.and(std::slice::from_ref(&rival_by_root));
    let candidates: &[&Statement] = &[ours, rival];
    vec![
        two.of("founded-higher-by-the-city", &city, ["i-", "io"], candidates, Some(rival)),
        two.of(
            "founded-higher-but-pinned",
            &city.pinned(COMMUNITY, ours),
            ["io", "i-"],
            candidates,
            Some(ours),
        ),
        two.of(
            "founded-higher-but-own",
            &city.at(COMMUNITY, ours),
            ["io", "i-"],
            candidates,
            Some(ours),
        ),
        two.of("founded-highest-by-the-root", &rooted, ["io", "i-"], candidates, Some(ours)),
        two.of("founded-twice-by-the-root", &disputed, ["i-", "i-"], candidates, None),
        two.of("founded-twice-by-the-city", &city.and(&[city_too]), ["i-", "i-"], candidates, None),
        two.of("founded-by-one-root-alone", &unsigned, ["io", "i-"], &[ours], Some(ours)),
    ]
}

/// When a founding is open.
fn open() -> Vec<Value> {
    let two = two();
    let Two { tree, scene, rival, founding, .. } = &two;
    let (ours, district) = (&tree.community, tree.by_district());
    let lone = scene.without(founding);
    let base = district.founding(COMMUNITY, rival.id);
    let expired = district.say(Founding { not_after: SOON, ..base.clone() });
    let future = district.say(Founding { not_before: LATER + 1, ..base });
    let closed = district.closes(&expired, &[]);
    let by_deputy = |not_before, not_after| {
        let deputy = Delegation { not_before, not_after, ..district.grant(DEPUTY, GOVERN) };
        let deputy = district.say(deputy);
        let founding = issuer(DEPUTY, DISTRICT, deputy.id).founds(COMMUNITY, rival);
        [deputy, founding]
    };
    let both: &[&Statement] = &[ours, rival];
    let of = |name, said: &[Statement], answers, candidates: &[&Statement]| {
        let followed = (candidates.len() == 1).then(|| candidates[0]);
        two.of(name, &lone.and(said), answers, candidates, followed)
    };
    let unfounded = lone.without(&tree.community_founding);
    let of_unknown = district.say(Founding { serial: 3, ..district.founding(COMMUNITY, [3; 32]) });
    let mistaken = Founding { serial: 4, ..district.founding(COMMUNITY, tree.district.id) };
    let mistaken = district.say(mistaken);
    vec![
        of("not-open-for-an-unknown-charter", &[of_unknown], ["io", "--"], &[ours]),
        of("not-open-for-the-charter-of-another-unit", &[mistaken], ["io", "--"], &[ours]),
        of("open-after-its-term", std::slice::from_ref(&expired), ["i-", "i-"], both),
        of("open-before-its-term", &[future], ["i-", "i-"], both),
        of("not-open-once-closed", &[expired, closed], ["io", "i-"], &[ours]),
        of("open-by-a-deputy-whose-term-is-over", &by_deputy(T0, SOON), ["i-", "i-"], both),
        of("not-open-by-a-deputy-to-come", &by_deputy(T0 + 1, LAST), ["io", "i-"], &[ours]),
        // Without a candidate the unit is not recognised.
        two.of(
            "founded-by-a-deputy-to-come-alone",
            &unfounded.and(&by_deputy(T0 + 1, LAST)),
            ["--", "i-"],
            &[],
            None,
        ),
    ]
}

/// A founding by a lineage that is not followed itself.
fn above() -> Vec<Value> {
    let two = two();
    let Two { tree, scene, rival, founding, .. } = &two;
    let ours = &tree.community;
    let false_district = chartered(DISTRICT, DISTRICT_NEW, DISTRICT_NEW_PAPER);
    let false_founding = tree.by_city().founds(DISTRICT, &false_district);
    let by_false = issuer(DISTRICT_NEW, DISTRICT, false_district.id).founds(COMMUNITY, rival);
    let said = all(&[&false_founding, &false_district, &by_false]);
    let district = scene.without(founding).and(&said);
    let city = district.at(CITY, &tree.city);
    let ended = city.and(&[tree.by_city().withdraws(&false_founding, &[])]);
    vec![
        two.of("founded-by-a-lineage-not-followed", &district, ["io", "i-"], &[ours], Some(ours)),
        two.of("founded-by-lineages-none-followed", &city, ["i-", "i-"], &[], None),
        two.of("founded-by-a-lineage-ended", &ended, ["io", "i-"], &[ours], Some(ours)),
        two.of(
            "founded-by-the-lineage-pinned",
            &city.pinned(DISTRICT, &false_district),
            ["i-", "io"],
            &[rival],
            Some(rival),
        ),
    ]
}
