//! Section 7: admission and what counts; section 6: permitted and covered.

mod common;

use common::make::*;
use common::{Build, scene, texts};
use tests_oracle::case::{Case, Document, Envelope};

fn verdict(envelope: Envelope) -> String {
    let id = envelope.id.clone();
    scene().wrote(self::envelope("a", 1, 1, None)).wrote(envelope).judged().envelope(&id).to_owned()
}

#[test]
fn step_1_well_made() {
    assert_eq!(verdict(envelope("b", 1, 1, Some("a"))), "absent", "null exactly at seq 1");
    assert_eq!(verdict(envelope("b", 1, 0, None)), "absent");
    assert_eq!(verdict(Envelope { dependencies: texts(&["a", "a"]), ..other("b") }), "absent");
    let at = |class, shard: &str| Document("c/d".into(), class, shard.into());
    let long = format!("c{}", "/abcdefghijklmnopqrst".repeat(4));
    let case = scene().with(founding("F", "c", "LC", "kc", &long, "none"));
    let far = Envelope { document: at(200, &long), ..other("b") };
    assert_eq!(case.wrote(far).judged().envelope("b"), "counts", "as long as a unit may be");
    assert_eq!(verdict(Envelope { document: at(1, &"x".repeat(64)), ..other("b") }), "counts");
    assert_eq!(verdict(Envelope { document: at(1, &"x".repeat(65)), ..other("b") }), "absent");
    for document in [at(224, "x"), at(1, "x/y"), at(1, ""), at(200, "c/d"), at(200, "no_unit")] {
        assert_eq!(verdict(Envelope { document, ..other("b") }), "absent");
    }
}

/// An envelope of another log of the same document.
fn other(id: &str) -> Envelope {
    Envelope { incarnation: "j".into(), ..envelope(id, 1, 1, None) }
}

#[test]
fn steps_7_and_8_the_backlink() {
    assert_eq!(verdict(envelope("b", 1, 2, Some("a"))), "counts");
    assert_eq!(verdict(envelope("b", 1, 3, Some("a"))), "absent", "seq one less");
    assert_eq!(verdict(envelope("b", 1, 2, Some("none"))), "absent");
    assert_eq!(verdict(envelope("b", 2, 2, Some("a"))), "absent", "another document");
    let elsewhere = Envelope { incarnation: "j".into(), ..envelope("b", 1, 2, Some("a")) };
    assert_eq!(verdict(elsewhere), "absent", "another log");
    assert_eq!(verdict(Envelope { at: 9, ..envelope("b", 1, 2, Some("a")) }), "absent");
    assert_eq!(verdict(Envelope { at: 10, ..envelope("b", 1, 2, Some("a")) }), "counts");
}

#[test]
fn step_9_dependencies() {
    let on = |id: &str| Envelope { dependencies: texts(&[id]), ..other("b") };
    assert_eq!(verdict(on("a")), "counts");
    assert_eq!(verdict(on("none")), "absent");
    assert_eq!(verdict(Envelope { document: document(2), ..on("a") }), "absent", "elsewhere");
    let own = Envelope { dependencies: texts(&["a"]), ..envelope("b", 1, 2, Some("a")) };
    assert_eq!(verdict(own), "absent", "the same log");
}

/// A letter from the district to the city, by `w`.
fn letter(id: &str) -> Envelope {
    Envelope { document: Document("c/d".into(), 200, "c".into()), ..envelope(id, 200, 1, None) }
}

#[test]
fn step_9_letters() {
    let answer = Envelope {
        document: Document("c".into(), 200, "c/d".into()),
        author: "v".into(),
        delegation: "DV".into(),
        dependencies: texts(&["a"]),
        ..envelope("b", 200, 1, None)
    };
    let case = scene().with(delegation("DV", "c", "LC", "kc", "v", 2));
    let both = case.wrote(letter("a")).wrote(answer.clone()).judged();
    assert_eq!((both.envelope("a"), both.envelope("b")), ("counts", "counts"), "the opposite one");
    assert_eq!(both.answer.heads, texts(&["a", "b"]), "heads are of one document");
    let class = Document("c".into(), 201, "c/d".into());
    let case = scene().with(delegation("DV", "c", "LC", "kc", "v", 2));
    let other_class = case.wrote(letter("a")).wrote(Envelope { document: class, ..answer });
    assert_eq!(other_class.judged().envelope("b"), "absent", "class the same");
    let to = |unit: &str| {
        verdict(Envelope { document: Document("c/d".into(), 200, unit.into()), ..letter("b") })
    };
    assert_eq!(to("c"), "counts");
    assert_eq!(to("c/e"), "absent", "no kept founding");
}

#[test]
fn step_12_the_author_may_carry_it() {
    assert_eq!(verdict(Envelope { delegation: "none".into(), ..other("b") }), "absent");
    assert_eq!(verdict(Envelope { delegation: "LD".into(), ..other("b") }), "absent");
    assert_eq!(verdict(Envelope { author: "v".into(), ..other("b") }), "absent", "subject");
    assert_eq!(verdict(Envelope { at: 1000, ..other("b") }), "counts");
    assert_eq!(verdict(Envelope { at: 1001, ..other("b") }), "absent", "expired");
    let city = Document("c".into(), 1, "x".into());
    assert_eq!(verdict(Envelope { document: city, ..other("b") }), "absent", "another unit");
    let governs = Envelope { author: "g".into(), delegation: "DG".into(), ..other("b") };
    assert_eq!(verdict(governs), "absent", "no WRITE");
}

#[test]
fn inside_in_the_own_lineage_else_outside() {
    let cut = || scene().with(ending("X", "c", "LC", "kc", "FD"));
    let of = |case: Case, class| {
        case.wrote(envelope("e", class, 1, None)).judged().envelope("e").to_owned()
    };
    assert_eq!(of(scene(), 130), "counts");
    assert_eq!(of(scene(), 1), "counts");
    assert_eq!(of(cut(), 130), "counts", "what is above has no part");
    assert_eq!(of(cut(), 1), "unpermitted+aside", "at the owner's own node, too");
    let mut stranger = scene();
    stranger.own.unit = "c".into();
    stranger.own.lineage = "LC".into();
    assert_eq!(of(stranger.clone(), 130), "unpermitted+aside", "another lineage");
    assert_eq!(of(stranger, 70), "counts");
}

fn ended() -> Case {
    scene()
        .wrote(envelope("a", 1, 1, None))
        .wrote(envelope("b", 1, 2, Some("a")))
        .wrote(envelope("c", 1, 3, Some("b")))
        .with(ending("X", "c/d", "LD", "kd", "DW"))
}

#[test]
fn adoptions_permit_what_they_cover() {
    let verdicts = |case: &Case| {
        let judged = case.judged();
        ["a", "b", "c"].map(|id| judged.envelope(id).to_owned())
    };
    let none = "unpermitted+aside";
    assert_eq!(verdicts(&ended()), [none; 3]);
    let marked = |mark| verdicts(&ended().with(adoption("M", 1, &[mark])));
    assert_eq!(marked(mark(1, 2, "b")), ["counts", "counts", none]);
    let needed = ["unpermitted", "unpermitted", none];
    assert_eq!(marked(mark(1, 2, "later")), needed, "nothing until its head is here");
    assert_eq!(marked(mark(1, 1, "b"))[0], "unpermitted", "b is not at that seq");
    assert_eq!(marked(mark(2, 2, "b")), [none; 3], "another document");
    assert_eq!(marked(mark(1, 1, "a")), ["counts", none, none], "what is behind is not covered");
    let late = ended().with(adoption("M", 1, &[mark(1, 2, "b")]));
    let gone = late.with(ending("Y", "c/d", "LD", "kd", "M"));
    assert_eq!(verdicts(&gone), [none; 3], "an ended adoption");
}

fn fork() -> Case {
    scene()
        .wrote(envelope("a", 1, 1, None))
        .wrote(envelope("b1", 1, 2, Some("a")))
        .wrote(envelope("b2", 1, 2, Some("a")))
        .wrote(envelope("c1", 1, 3, Some("b1")))
        .wrote(Envelope { dependencies: texts(&["b2"]), ..other("d") })
}

#[test]
fn forks() {
    let judged = fork().judged();
    let verdicts = ["a", "b1", "b2", "c1", "d"].map(|id| judged.envelope(id));
    let rests = "rests-on-suspended";
    assert_eq!(verdicts, ["counts", "fork", "fork", rests, rests]);
    assert_eq!(judged.answer.heads, texts(&["a"]));
}

#[test]
fn a_choice_decides_a_fork() {
    let chosen = fork().with(adoption("M", 1, &[mark(1, 3, "c1")]));
    let judged = chosen.judged();
    let verdicts = ["a", "b1", "b2", "c1", "d"].map(|id| judged.envelope(id));
    assert_eq!(verdicts, ["counts", "counts", "outvoted", "counts", "rests-on-suspended"]);
    assert_eq!(judged.answer.heads, texts(&["c1"]));
    let later = chosen.with(adoption("A", 1, &[mark(1, 2, "b2")]).at_time(61));
    assert_eq!(later.judged().envelope("b1"), "counts", "the first choice stays");
    let same = fork().with(adoption("M", 1, &[mark(1, 2, "b1")])).with(adoption(
        "A",
        1,
        &[mark(1, 2, "b2")],
    ));
    assert_eq!(same.judged().envelope("b2"), "counts", "of several the smallest id");
    assert_eq!(same.judged().envelope("d"), "counts");
    let unknown = fork().with(adoption("M", 1, &[mark(1, 9, "later")]));
    assert_eq!(unknown.judged().envelope("b1"), "fork", "the head must be admitted");
}

#[test]
fn what_is_not_permitted_makes_no_fork() {
    let case = scene()
        .wrote(envelope("b1", 1, 1, None))
        .with(delegation("DX", "c/d", "LD", "kd", "w", 2))
        .with(ending("X", "c/d", "LD", "kd", "DX"))
        .wrote(Envelope { delegation: "DX".into(), ..envelope("b2", 1, 1, None) });
    let judged = case.judged();
    assert_eq!((judged.envelope("b1"), judged.envelope("b2")), ("counts", "unpermitted+aside"));
}

#[test]
fn what_rests_on_the_unpermitted() {
    let case = scene()
        .with(delegation("DX", "c/d", "LD", "kd", "w", 2))
        .with(ending("X", "c/d", "LD", "kd", "DX"))
        .wrote(Envelope { delegation: "DX".into(), ..envelope("a", 1, 1, None) })
        .wrote(envelope("b", 1, 2, Some("a")))
        .wrote(envelope("c", 1, 3, Some("b")));
    let judged = case.judged();
    let verdicts = ["a", "b", "c"].map(|id| judged.envelope(id));
    let rests = "rests-on-suspended+aside";
    assert_eq!(verdicts, ["unpermitted+aside", rests, rests]);
}
