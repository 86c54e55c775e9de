//! Changes that admission refuses: each rule of step 13 broken once.

use serde_json::Value;

use super::change::*;
use super::taken::{ACCEPTED, KEY, come, writers};
use crate::admit::{Step, admit, comes};
use crate::envelopes::{Envelope, Pen};
use crate::keys::Hash;
use crate::scene::Scene;

pub(crate) fn vectors() -> Vec<Value> {
    [identity(), dependencies(), starts(), shapes(), keys(), references(), once()].concat()
}

/// Some changes are taken; then one comes.
pub(crate) fn then(
    scene: &Scene,
    name: &str,
    before: &[&Written],
    last: &Envelope,
    outcome: &'static str,
) -> Value {
    let steps: Vec<Step> = [come(before), vec![comes(last, outcome)]].concat();
    admit(scene, name, &steps)
}

/// A change of the node's log that is changed before it is sent.
fn changed(
    pen: &Pen,
    after: Option<&Written>,
    on: &[&Written],
    puts: Vec<Put>,
    change: impl Fn(&mut Change),
) -> Envelope {
    let mut value = pen.change(after, on, puts);
    change(&mut value);
    pen.carries(after, on, &value.bytes())
}

fn one_put() -> Vec<Put> {
    vec![put(KEY, text("春节"), &[])]
}

fn identity() -> Vec<Value> {
    let (scene, node, reborn, _) = writers();
    let other_actor = reborn.change(None, &[], vec![]).actor;
    let elsewhere = node.on(&node.document.0, 1, "2027").change(None, &[], vec![]).actor;
    let of = |name, change: &dyn Fn(&mut Change), outcome| {
        then(&scene, name, &[], &changed(&node, None, &[], one_put(), change), outcome)
    };
    let last = node.edits(None, &[], one_put());
    let second = |name, seq| {
        let puts = vec![put("t/1/v", Scalar::Null, &[])];
        let envelope = changed(&node, Some(&last), &[], puts, |change| change.seq = seq);
        then(&scene, name, &[&last], &envelope, "change-seq")
    };
    vec![
        of("change-of-the-actor-of-another-life", &|c| c.actor = other_actor, "change-actor"),
        of("change-of-the-actor-of-another-document", &|c| c.actor = elsewhere, "change-actor"),
        of("change-of-seq-0", &|c| c.seq = 0, "change-seq"),
        of("change-of-seq-2-first", &|c| c.seq = 2, "change-seq"),
        second("change-of-the-seq-before", 1),
        second("change-of-a-later-seq", 3),
        of(
            "change-of-two-faults-the-first",
            &|c| (c.actor, c.seq) = (other_actor, 2),
            "change-actor",
        ),
    ]
}

fn dependencies() -> Vec<Value> {
    let (scene, node, reborn, colleague) = writers();
    let one = node.edits(None, &[], one_put());
    let two = node.edits(Some(&one), &[], vec![put("t/1/v", Scalar::Null, &[])]);
    let other_two = node.edits(Some(&one), &[], vec![put("t/1/v", text("other"), &[])]);
    let beside = reborn.edits(None, &[&one], vec![put("t/2/v", Scalar::Null, &[])]);
    let alone = colleague.edits(None, &[], vec![put("t/3/v", Scalar::Null, &[])]);
    let on_beside = colleague.edits(Some(&alone), &[&beside], vec![]);
    let wrong = "change-dependency";
    let deps = |pen: &Pen, after: Option<&Written>, on: &[&Written], deps: &[Hash]| {
        let deps = crate::keys::ascending(deps.iter().copied());
        changed(pen, after, on, vec![], |change| change.deps.clone_from(&deps))
    };
    let hash = |one: &Written| one.change.hash();
    // The backlink lies in the past of the dependency.
    let covered = deps(&node, Some(&one), &[&beside], &[hash(&beside)]);
    let both = deps(&node, Some(&one), &[&beside], &[hash(&one), hash(&beside)]);
    let fork = colleague.edits(None, &[&two, &other_two], vec![]);
    let later = {
        let left = colleague.edits(None, &[&two], vec![]);
        reborn.edits(None, &[&left, &other_two], vec![])
    };
    let left = colleague.edits(None, &[&two], vec![]);
    let of = |name, before: &[&Written], last: &Envelope, outcome| {
        then(&scene, name, before, last, outcome)
    };
    vec![
        of("change-without-its-backlink", &[&one], &deps(&node, Some(&one), &[], &[]), wrong),
        of("change-without-its-dependency", &[&one], &deps(&reborn, None, &[&one], &[]), wrong),
        of(
            "change-on-what-its-header-does-not-name",
            &[&one, &beside],
            &{ deps(&node, Some(&one), &[], &[hash(&one), hash(&beside)]) },
            wrong,
        ),
        of("change-on-the-unknown", &[], &deps(&node, None, &[], &[[3; 32]]), wrong),
        of("change-on-a-backlink-that-a-dependency-covers", &[&one, &beside], &covered, ACCEPTED),
        of("change-on-both-though-one-covers", &[&one, &beside], &both, wrong),
        of(
            "change-on-a-dependency-alone-that-does-not-cover",
            &[&one, &alone],
            &{ deps(&node, Some(&one), &[&alone], &[hash(&alone)]) },
            wrong,
        ),
        of("change-on-two-dependencies", &[&one, &beside, &alone], &on_beside.envelope, ACCEPTED),
        of("change-on-two-sides-of-a-fork", &[&one, &two, &other_two], &fork.envelope, wrong),
        of(
            "change-on-two-sides-of-a-fork-further-on",
            &[&one, &two, &other_two, &left],
            &{ later.envelope },
            wrong,
        ),
    ]
}

fn starts() -> Vec<Value> {
    let (scene, node, reborn, _) = writers();
    let one = node.edits(None, &[], one_put());
    let limit = 1 << 30;
    let wrong = "change-start";
    let of = |name, before: &[&Written], start| {
        let after = before.first().copied();
        let puts = vec![put("t/1/v", Scalar::Null, &[])];
        then(&scene, name, before, &changed(&node, after, &[], puts, |c| c.start = start), wrong)
    };
    let beside = |start| {
        let puts = vec![put("t/1/v", Scalar::Null, &[])];
        changed(&reborn, None, &[&one], puts, |change| change.start = start)
    };
    vec![
        of("change-starts-at-0", &[], 0),
        of("change-starts-at-2", &[], 2),
        of("change-starts-where-the-one-before", &[&one], 1),
        of("change-starts-with-a-gap", &[&one], 3),
        of("change-starts-beyond-the-limit", &[&one], limit + 1),
        then(&scene, "change-starts-before-its-dependency", &[&one], &beside(1), wrong),
        then(&scene, "change-starts-after-its-dependency", &[&one], &beside(2), ACCEPTED),
    ]
}

fn shapes() -> Vec<Value> {
    let (scene, node, ..) = writers();
    let of = |name, value: Scalar| {
        let envelope = node
            .carries(None, &[], &{ node.change(None, &[], vec![put(KEY, value, &[])]).bytes() });
        then(&scene, name, &[], &envelope, "change-shape")
    };
    vec![
        of("change-puts-unsigned", Scalar::Other(3, uleb(7))),
        of("change-puts-float", Scalar::Other(5, 1.5_f64.to_le_bytes().to_vec())),
        of("change-puts-counter", Scalar::Other(8, sleb(7))),
        of("change-puts-time", Scalar::Other(9, sleb(7))),
        of("change-puts-type-10", Scalar::Other(10, vec![1, 2, 3])),
        of("change-puts-type-15", Scalar::Other(15, vec![])),
    ]
}

fn keys() -> Vec<Value> {
    let (scene, node, ..) = writers();
    let of = |name, key: &str, outcome| {
        let change = node.change(None, &[], vec![put(key, Scalar::Null, &[])]);
        then(&scene, name, &[], &node.carries(None, &[], &change.bytes()), outcome)
    };
    let good = |name, key: &str| of(name, key, ACCEPTED);
    let bad = |name, key: &str| of(name, key, "change-key");
    let [kind, record] = ["k".repeat(32), "r".repeat(96)];
    vec![
        good("key-of-all-characters", "a-z09/AZaz09_.:-/a-z09.b"),
        good("key-at-its-limits", &format!("{kind}/{record}/{kind}")),
        bad("key-kind-beyond", &format!("{kind}k/r/f")),
        bad("key-record-beyond", &format!("k/{record}r/f")),
        bad("key-field-beyond", &format!("k/r/{kind}f")),
        bad("key-empty", ""),
        bad("key-of-two-parts", "kind/record"),
        bad("key-of-four-parts", "kind/record/field/more"),
        bad("key-kind-empty", "/record/field"),
        bad("key-record-empty", "kind//field"),
        bad("key-field-empty", "kind/record/"),
        bad("key-kind-upper-case", "Kind/record/field"),
        bad("key-kind-with-dot", "ki.nd/record/field"),
        bad("key-field-upper-case", "kind/record/Field"),
        bad("key-field-with-underscore", "kind/record/fi_eld"),
        bad("key-record-with-space", "kind/re cord/field"),
        bad("key-record-beyond-ascii", "kind/记录/field"),
    ]
}

fn references() -> Vec<Value> {
    let (scene, node, reborn, _) = writers();
    let one =
        node.edits(None, &[], vec![put("t/1/v", text("a"), &[]), put("t/2/v", text("b"), &[])]);
    let beside = reborn.edits(None, &[], vec![put("t/1/v", text("c"), &[])]);
    let next = |number: u64| (one.id(1).0 + 1 + number, one.change.actor);
    let wrong = "change-reference";
    let of = |name, puts: Vec<Put>, outcome| {
        let envelope = node.edits(Some(&one), &[], puts).envelope;
        then(&scene, name, &[&one, &beside], &envelope, outcome)
    };
    let value = |instead: &[Id]| put("t/1/v", text("d"), instead);
    vec![
        of("change-instead-of-what-it-knows", vec![value(&[one.id(0)])], ACCEPTED),
        of("change-instead-of-another-key", vec![value(&[one.id(1)])], wrong),
        of("change-instead-of-the-unknown", vec![value(&[(9, one.change.actor)])], wrong),
        of("change-instead-of-what-is-not-in-its-past", vec![value(&[beside.id(0)])], wrong),
        of("change-instead-of-itself", vec![value(&[next(0)])], wrong),
        of("change-instead-of-what-follows", vec![value(&[next(1)]), value(&[one.id(0)])], wrong),
        of("change-puts-two-values", vec![value(&[one.id(0)]), value(&[next(0)])], ACCEPTED),
        of("change-puts-two-values-at-once", vec![value(&[one.id(0)]), value(&[])], wrong),
        of("change-puts-two-values-of-one", vec![value(&[one.id(0)]), value(&[one.id(0)])], wrong),
        of(
            "change-puts-three-values",
            vec![value(&[one.id(0)]), value(&[next(0)]), value(&[next(1)])],
            wrong,
        ),
        of("change-puts-without-instead", vec![value(&[])], ACCEPTED),
    ]
}

/// A key that is named twice as predecessor, and one that was replaced already.
fn once() -> Vec<Value> {
    let (scene, node, ..) = writers();
    let one = node.edits(None, &[], one_put());
    let two = node.edits(Some(&one), &[], vec![put(KEY, text("a"), &[one.id(0)])]);
    let again = node.edits(Some(&two), &[], vec![put(KEY, text("b"), &[one.id(0)])]);
    // Predecessors that ascend cannot name one twice.
    let twice = node.edits(Some(&one), &[], vec![put(KEY, text("a"), &[one.id(0), one.id(0)])]);
    vec![
        then(
            &scene,
            "change-instead-of-what-was-replaced",
            &[&one, &two],
            &again.envelope,
            ACCEPTED,
        ),
        then(&scene, "change-instead-of-one-twice", &[&one], &twice.envelope, "change-malformed"),
    ]
}
