use std::cell::Cell;
use std::collections::BTreeSet;

use super::*;

/// Handles one operation, and counts how often it was asked.
#[derive(Default)]
struct Counting(Cell<u32>);

impl Handle<Lift> for Counting {
    fn handle(&self, _: &Caller, asked: Lift) -> Result<SuspensionState, Failure> {
        self.0.set(self.0.get() + 1);
        Ok(SuspensionState { unit: asked.unit, suspended: None, statements: Vec::new() })
    }
}

#[test]
fn nothing_runs_for_a_caller_without_its_permission() {
    let node = Counting::default();
    let asked = || Lift { unit: "220800/220802".into() };
    let others = Permission::ALL.into_iter().filter(|p| *p != Permission::Govern);
    let refused = run(&node, &Caller::with(others), asked());
    assert_eq!(refused, Err(Failure::Forbidden { permission: Permission::Govern }));
    assert_eq!(node.0.get(), 0, "refused before it ran");
    run(&node, &Caller::with([Permission::Govern]), asked()).expect("done");
    run(&node, &Caller::owner(), asked()).expect("done");
    assert_eq!(node.0.get(), 2);
}

#[test]
fn the_names_are_unique_and_no_query_needs_the_units_key() {
    let names: BTreeSet<_> = Request::ALL.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), Request::ALL.len());
    for (name, kind, permission) in Request::ALL {
        let reads = matches!(permission, Permission::View | Permission::ReadPersons);
        assert!(*kind == Kind::Command || reads, "{name} is a query and needs {permission:?}");
    }
}

#[test]
fn a_request_is_its_text_and_unknown_fields_are_refused() {
    let asked = Request::from(Suspend { unit: "1/2".into(), reason: "数字待核实".into() });
    let text = serde_json::to_string(&asked).expect("text");
    assert_eq!(text, r#"{"op":"suspend","unit":"1/2","reason":"数字待核实"}"#);
    assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), asked);
    for wrong in [
        r#"{"op":"suspend","unit":"1/2","reason":"r","until":"x"}"#,
        r#"{"op":"status","all":true}"#,
        r#"{"op":"sing"}"#,
        r#"{"op":"enter","entry":{"record":"rota","date":"2026-11-02","half":"XM","area":"a","who":"w","on":true}}"#,
    ] {
        assert!(serde_json::from_str::<Request>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_reply_is_its_text() {
    let done: Reply<Discarded> = Reply::Ok(Discarded { discarded: 3 });
    let failed: Reply<Discarded> = Reply::Error(Failure::NotSuspended { unit: "1".into() });
    for (reply, expected) in [
        (done, r#"{"ok":{"discarded":3}}"#),
        (failed, r#"{"error":{"code":"not-suspended","unit":"1"}}"#),
    ] {
        let text = serde_json::to_string(&reply).expect("text");
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Reply<Discarded>>(&text).expect("reads"), reply);
    }
}

#[test]
fn an_event_is_flat() {
    let what = Happening::Joined { peer: "k".into(), unit: "1".into() };
    let event = Event { number: 7, at_ms: 1, what };
    let text = serde_json::to_string(&event).expect("text");
    assert_eq!(text, r#"{"number":7,"at_ms":1,"event":"joined","peer":"k","unit":"1"}"#);
    assert_eq!(serde_json::from_str::<Event>(&text).expect("reads"), event);
}

#[test]
fn a_scalar_keeps_what_it_is() {
    let values = [
        Scalar::Null,
        Scalar::Flag(true),
        Scalar::Uint(u64::MAX),
        Scalar::Int(-5),
        Scalar::Float(0.5),
        Scalar::Text("5".into()),
        Scalar::Sealed { sealed: "00ff".into() },
    ];
    let text = serde_json::to_string(&values).expect("text");
    assert_eq!(serde_json::from_str::<[Scalar; 7]>(&text).expect("reads"), values);
}

#[test]
fn every_failure_has_a_code_of_its_own_and_each_sentence_one_language() {
    let codes: BTreeSet<_> = Failure::CODES.iter().collect();
    assert_eq!(codes.len(), Failure::CODES.len());
    let source = include_str!("failure.rs");
    let list = source.split("failures! {").nth(1).expect("the list");
    let literals = list.lines().map(str::trim).filter(|line| line.starts_with('"'));
    let (mut zh, mut en) = (0, 0);
    for line in literals.filter(|line| line.contains(' ') || !line.ends_with(['{', '}'])) {
        let han = line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        if line.ends_with(';') {
            assert!(!han, "no English sentence: {line}");
            en += 1;
        } else if han {
            zh += 1;
        }
    }
    assert_eq!((zh, en), (codes.len(), codes.len()), "one sentence in each language");
}
