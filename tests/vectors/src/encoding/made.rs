//! Every rule of being well made, kept and broken once.

use serde_json::Value;

use crate::encoding::{ill, taken};
use crate::keys::*;
use crate::records::*;
use crate::signed::ids;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [generations(), delegations(), foundings(), adoptions(), others()].concat()
}

fn generations() -> Vec<Value> {
    let tree = tree();
    let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
    let turn = rotation(COMMUNITY, &tree.community, holders);
    let heirs = succession(network(), ROOT_PAPER_ONE);
    let next = charter(COMMUNITY, COMMUNITY_KEY, COMMUNITY_KEY);
    let rotation = |name, value: Rotation| ill(name, &value, COMMUNITY_PAPER);
    let succession = |name, value: Succession| ill(name, &value, ROOT_PAPER_ONE);
    let (heir, turned) = (heirs.clone(), turn.clone());
    vec![
        ill("charter-commits-to-its-key", &next, COMMUNITY_KEY),
        rotation("rotation-key-is-revealed", Rotation { key: turn.reveal, ..turn.clone() }),
        rotation("rotation-commits-to-its-key", {
            Rotation { next: COMMUNITY_NEW.hidden(), ..turn.clone() }
        }),
        rotation("rotation-commits-to-revealed", {
            Rotation { next: COMMUNITY_PAPER.hidden(), ..turn.clone() }
        }),
        rotation("rotation-keeps-twice", Rotation { keeps: vec![[1; 32]; 2], ..turn.clone() }),
        rotation("rotation-keeps-descending", {
            Rotation { keeps: vec![[2; 32], [1; 32]], ..turn.clone() }
        }),
        taken("rotation-keeps-nothing", &turned, COMMUNITY_PAPER),
        succession("succession-reveals-a-root", {
            Succession { roots: keys(&[ROOT_NEW_ONE, ROOT_PAPER_ONE]), ..heirs.clone() }
        }),
        succession("succession-commits-to-revealed", {
            Succession { next: hidden(&[ROOT_NEW_PAPER, ROOT_PAPER_ONE]), ..heirs.clone() }
        }),
        succession("succession-commits-to-a-root", {
            Succession { next: hidden(&[ROOT_NEW_PAPER, ROOT_NEW_TWO]), ..heirs.clone() }
        }),
        succession("succession-roots-descending", {
            let roots = heirs.roots.iter().rev().copied().collect();
            Succession { roots, ..heirs.clone() }
        }),
        succession("succession-next-twice", {
            Succession { next: vec![[7; 32]; 2], ..heirs.clone() }
        }),
        succession("succession-threshold-zero", Succession { threshold: 0, ..heirs.clone() }),
        succession("succession-threshold-above", Succession { threshold: 3, ..heirs.clone() }),
        succession("succession-next-threshold-zero", {
            Succession { next_threshold: 0, ..heirs.clone() }
        }),
        succession("succession-next-threshold-above", {
            Succession { next_threshold: 2, ..heirs.clone() }
        }),
        succession("succession-keeps-descending", {
            Succession { keeps: vec![[2; 32], [1; 32]], ..heirs }
        }),
        taken("succession-keeps-nothing", &heir, ROOT_PAPER_ONE),
    ]
}

fn delegations() -> Vec<Value> {
    let base = tree().by_community().grant(NODE, WRITE);
    let good = |name, change: &dyn Fn(&mut Delegation)| {
        let mut value = base.clone();
        change(&mut value);
        taken(name, &value, COMMUNITY_KEY)
    };
    let bad = |name, change: &dyn Fn(&mut Delegation)| {
        let mut value = base.clone();
        change(&mut value);
        ill(name, &value, COMMUNITY_KEY)
    };
    let classes = |name, ranges: &'static [u8]| good(name, &|d| d.classes = ranges.into());
    let no_classes = |name, ranges: &'static [u8]| bad(name, &|d| d.classes = ranges.into());
    vec![
        classes("classes-none", &[]),
        classes("classes-one", &[5, 5]),
        classes("classes-the-last", &[223, 223]),
        classes("classes-two-ranges", &[0, 10, 12, 20]),
        classes("classes-every-other", &[0, 0, 2, 2, 4, 4, 6, 6]),
        no_classes("classes-adjacent", &[0, 10, 11, 20]),
        no_classes("classes-overlapping", &[0, 10, 10, 20]),
        no_classes("classes-descending", &[12, 20, 0, 10]),
        no_classes("classes-range-reversed", &[10, 5]),
        no_classes("classes-half-a-pair", &[0, 10, 12]),
        no_classes("classes-last-is-224", &[0, 224]),
        no_classes("classes-first-is-224", &[224, 224]),
        no_classes("classes-of-255", &[0, 5, 255, 255]),
        good("delegation-govern-only", &|d| (d.verbs, d.reads) = (GOVERN, 0)),
        good("delegation-write-only", &|d| (d.verbs, d.reads) = (WRITE, 0)),
        good("delegation-reads-only", &|d| (d.verbs, d.reads) = (0, 1)),
        good("delegation-all-verbs", &|d| d.verbs = 3),
        good("delegation-reads-correspondence", &|d| d.reads = 16),
        bad("delegation-for-nothing", &|d| (d.verbs, d.reads) = (0, 0)),
        bad("delegation-verb-4", &|d| d.verbs = 4),
        bad("delegation-reads-32", &|d| d.reads = 32),
        good("delegation-for-one-ms", &|d| d.not_after = d.not_before),
        bad("delegation-ends-before-it-begins", &|d| d.not_after = d.not_before - 1),
        good("delegation-to-itself", &|d| d.subject = d.issuer),
        good("delegation-until-the-last-ms", &|d| d.not_after = MS_MAX),
        bad("delegation-beyond-the-last-ms", &|d| d.not_after = MS_MAX + 1),
        good("delegation-serial-at-limit", &|d| d.serial = u64::MAX),
    ]
}

fn foundings() -> Vec<Value> {
    let tree = tree();
    let base = tree.by_city().founding(DISTRICT, tree.district.id);
    let reversed = Founding { not_after: T0 - 1, ..base.clone() };
    let moment = Founding { not_after: T0, ..base.clone() };
    let own = Founding { below: CITY.into(), ..base };
    vec![
        ill("founding-ends-before-it-begins", &reversed, CITY_KEY),
        taken("founding-for-one-ms", &moment, CITY_KEY),
        // Whether it is kept is another question.
        taken("founding-of-its-own-unit", &own, CITY_KEY),
    ]
}

fn adoptions() -> Vec<Value> {
    let mark = |owner: &str, class, shard: &str| Mark {
        document: Document(owner.into(), class, shard.into()),
        author: NODE.key(),
        incarnation: [1; 16],
        seq: 7,
        head: [5; 32],
    };
    let by = tree().by_community();
    let of = |scope: Scope, marks: &[Mark]| by.adoption(scope, marks.to_vec());
    let good = |name, scope, marks: &[Mark]| taken(name, &of(scope, marks), COMMUNITY_KEY);
    let bad = |name, scope, marks: &[Mark]| ill(name, &of(scope, marks), COMMUNITY_KEY);
    let own = |compartment| Scope::of(COMMUNITY, compartment);
    let letters = || Scope::letters(COMMUNITY, DISTRICT);
    let Scope(first, three, second) = letters();
    let reversed = Scope(second.expect("two units"), three, Some(first));
    let public = mark(COMMUNITY, 1, "B01");
    let to_district = mark(COMMUNITY, 192, DISTRICT);
    let other = Mark { incarnation: [2; 16], ..public.clone() };
    let later = Mark { seq: 8, ..public.clone() };
    let in_order = |marks: Vec<Mark>| Adoption { marks, ..of(own(1), &[]) };
    vec![
        good("adoption-in-path", own(2), &[mark(COMMUNITY, 64, "B01")]),
        good("adoption-in-people", own(4), &[mark(COMMUNITY, 128, "B01")]),
        good("adoption-in-band-3", own(7), &[mark(COMMUNITY, 191, "B01")]),
        good("adoption-of-letters", letters(), std::slice::from_ref(&to_district)),
        good("adoption-of-two-logs", own(1), &[public.clone(), other.clone()]),
        good("adoption-of-two-documents", own(1), &[public.clone(), mark(COMMUNITY, 2, "A")]),
        bad("adoption-of-seq-0", own(1), &[Mark { seq: 0, ..public.clone() }]),
        good("adoption-of-seq-1", own(1), &[Mark { seq: 1, ..public.clone() }]),
        bad("adoption-of-nothing", own(1), &[]),
        bad("adoption-of-one-log-twice", own(1), &[public.clone(), later]),
        ill("adoption-descending", &in_order(vec![other, public.clone()]), COMMUNITY_KEY),
        bad("adoption-of-another-owner", own(1), &[mark(DISTRICT, 1, "B01")]),
        bad("adoption-in-the-scope-of-another", Scope::of(DISTRICT, 1), &[mark(DISTRICT, 1, "B")]),
        bad("adoption-in-another-compartment", own(2), std::slice::from_ref(&public)),
        bad("adoption-in-statements", own(0), &[public]),
        bad("adoption-of-the-opposite-letters", letters(), &[mark(DISTRICT, 192, COMMUNITY)]),
        bad("adoption-of-letters-to-another", Scope::letters(COMMUNITY, CITY), &[to_district]),
        bad("adoption-of-letters-reversed", reversed, &[mark(COMMUNITY, 192, DISTRICT)]),
    ]
}

fn others() -> Vec<Value> {
    let tree = tree();
    let (city, community) = (tree.by_city(), tree.by_community());
    let keeps = |keeps| Ending { keeps, ..city.ending(&tree.district_founding, &[]) };
    let kept = ids(&[&tree.node, &tree.community]);
    let turned = kept.iter().rev().copied().collect();
    let dissolved = |successors: &[&str]| city.dissolution(DISTRICT, successors);
    let mut reversed = dissolved(&["220800/220882", SIBLING]);
    reversed.successors.reverse();
    let address = tree.by_node().address();
    let until = |until| Address { until, ..address.clone() };
    vec![
        taken("ending-keeps-two", &keeps(kept), CITY_KEY),
        ill("ending-keeps-descending", &keeps(turned), CITY_KEY),
        taken("dissolution-without-successor", &dissolved(&[]), CITY_KEY),
        taken("dissolution-continued-above", &dissolved(&[CITY]), CITY_KEY),
        ill("dissolution-continued-by-itself", &dissolved(&[DISTRICT]), CITY_KEY),
        ill("dissolution-continued-within", &dissolved(&[COMMUNITY]), CITY_KEY),
        ill("dissolution-successors-descending", &reversed, CITY_KEY),
        taken("dissolution-continued-by-a-longer-code", &dissolved(&["220800/2208021"]), CITY_KEY),
        taken("address-for-31-days", &until(LATER + 2_678_400_000), NODE),
        ill("address-for-longer", &until(LATER + 2_678_400_001), NODE),
        taken("address-for-one-ms", &until(LATER + 1), NODE),
        ill("address-over-at-once", &until(LATER), NODE),
        ill("address-over-before", &until(LATER - 1), NODE),
        taken("card-serial-zero", &community.card(0), COMMUNITY_KEY),
    ]
}
