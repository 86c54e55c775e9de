//! Every way in asks the same of every kind: a command, a row of a sheet, an event. What came in
//! and does not apply is shown with its reason.

use node_records::{Failure, Verdict};
use schema_documents::{
    Begins, Column, Kind, Row, Sheet, Spec, Type, Verdict as Fate, Void, kinds,
};

use crate::kind;
use crate::net::{Net, Node};
use crate::samples::{given, is_taken_from_number, name_of, sample, texts, wrong};

/// Texts for the fields of a kind, in which one field says this; nothing, if it is empty.
fn saying(
    kind: &Kind,
    specs: &'static [Spec],
    field: &Spec,
    text: &str,
) -> Vec<(&'static str, String)> {
    let mut said = given(kind, specs);
    said.retain(|(name, _)| *name != field.name);
    let own = specs.iter().find(|spec| spec.name == field.name).expect("a field");
    said.extend((!text.is_empty()).then(|| (own.name, text.to_owned())));
    said
}

/// Is what came of it that this field was refused?
#[track_caller]
fn is_refused<T: std::fmt::Debug>(what: &str, field: &Spec, done: Result<T, Failure>) {
    let Err(Failure::Refused(refusals)) = done else { panic!("{what} {}: {done:?}", field.name) };
    assert!(refusals.iter().any(|own| own.name == field.name), "{what} {}", field.name);
}

fn begun(node: &mut Node, kind: &'static Kind) -> String {
    let said = given(kind, kind.fields);
    node.step(|records| records.enter(kind, None, &texts(&said))).expect(kind.name).record
}

#[test]
fn every_field_of_every_kind_is_asked_for_and_checked_by_commands() {
    for kind in kinds::ALL {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        let mut enter = |record: Option<&str>, said: &[(&'static str, String)]| {
            node.step(|records| records.enter(kind, record, &texts(said)))
        };
        for spec in kind.fields {
            let said = saying(kind, kind.fields, spec, &wrong(spec));
            is_refused(kind.name, spec, enter(None, &said));
            if spec.required && spec.unless_given.is_none() {
                is_refused(kind.name, spec, enter(None, &saying(kind, kind.fields, spec, "")));
            }
        }
        let record = enter(None, &given(kind, kind.fields)).expect(kind.name).record;
        for spec in kind.fields {
            is_refused(kind.name, spec, enter(Some(&record), &[(spec.name, wrong(spec))]));
        }
        // Its name is enough to say more of it.
        for said in given(kind, kind.fields) {
            enter(Some(&record), std::slice::from_ref(&said)).expect(said.0);
        }
    }
}

#[test]
fn every_field_of_every_event_is_asked_for_and_checked() {
    for kind in kinds::ALL.iter().filter(|kind| !kind.lives.is_empty()) {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        let record = begun(node, kind);
        for event in kind.lives.iter().flat_map(|life| life.events) {
            let mut happen = |said: &[(&'static str, String)]| {
                let said = texts(said);
                node.step(|records| records.happen(kind, &record, event.name, None, &said))
            };
            for spec in event.body {
                let said = saying(kind, event.body, spec, &wrong(spec));
                is_refused(event.name, spec, happen(&said));
                // Whose key it lies under is made where nobody says it.
                if spec.required && spec.name != "subject" {
                    is_refused(event.name, spec, happen(&saying(kind, event.body, spec, "")));
                }
            }
        }
    }
}

#[test]
fn nothing_happens_to_a_record_that_is_not_there() {
    for kind in kinds::ALL {
        for event in kind.lives.iter().flat_map(|life| life.events) {
            let mut net = Net::new(1);
            let node = &mut net.nodes[0];
            let said = given(kind, event.body);
            for name in [name_of(kind.name).as_str(), "nobody", ""] {
                let made = node
                    .step(|records| records.happen(kind, name, event.name, None, &texts(&said)));
                assert!(matches!(made, Err(Failure::NoRecord)), "{} {name}: {made:?}", event.name);
            }
        }
    }
}

/// A row in which every column says something, but for what is taken from a number.
fn row(sheet: &'static Sheet) -> Row {
    let said = sheet
        .columns
        .iter()
        .zip(0..)
        .filter(|(column, _)| !is_taken_from_number(kind(column.kind), &column.field));
    said.fold(Row::new(sheet), |row, (column, n)| {
        let text = match column.field.holds.inner() {
            Type::Person => "诸葛某".to_owned(),
            _ => sample(&column.field, n),
        };
        row.with(column, text)
    })
}

#[test]
fn every_column_of_every_sheet_is_asked_for_and_checked() {
    for (_, sheet) in kinds::sheets() {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        let mut refusals = |row: Row| {
            let outcomes = node.import(&[row]);
            match &outcomes[0].verdict {
                Verdict::Refused(refusals) => refusals.iter().map(|own| own.name.clone()).collect(),
                _ => Vec::new(),
            }
        };
        // A person's name in a cell is no id; that it means somebody is another law.
        let names_nobody = |column: &&Column| !matches!(column.field.holds.inner(), Type::Person);
        for column in sheet.columns.iter().filter(names_nobody) {
            let what = format!("{} {}", sheet.name, column.field.name);
            let is = |own: &String| own == column.field.name;
            let refused = refusals(row(sheet).with(column, wrong(&column.field)));
            assert!(refused.iter().any(is), "{what}: {refused:?}");
            if column.filled && !is_taken_from_number(kind(column.kind), &column.field) {
                let refused = refusals(row(sheet).with(column, ""));
                assert!(refused.iter().any(is), "{what} empty: {refused:?}");
            }
        }
        assert_eq!(refusals(row(sheet)), Vec::<String>::new(), "{}", sheet.name);
    }
}

/// What the state does not allow, and what goes on with nothing, is written and shown.
#[test]
fn what_does_not_apply_is_shown_with_its_reason() {
    for kind in kinds::ALL {
        for life in kind.lives {
            let too_early = |event: &&schema_documents::Happening| match life.begins {
                Begins::WithEntity => !event.from.contains(&life.states[0]),
                Begins::WithEvent => !event.begins(),
            };
            for event in life.events.iter().filter(too_early) {
                let mut net = Net::new(1);
                let node = &mut net.nodes[0];
                let record = begun(node, kind);
                let said = given(kind, event.body);
                let said = texts(&said);
                let made =
                    node.step(|records| records.happen(kind, &record, event.name, None, &said));
                made.expect(event.name);
                let shown = node.step(|records| records.show(kind, &record)).expect("there");
                let [happened] = &shown.happened[..] else { panic!("{}", event.name) };
                assert_eq!(happened.event.kind, event.name);
                let Fate::Void(void) = happened.told.verdict else { panic!("{}", event.name) };
                match life.begins {
                    Begins::WithEntity => {
                        let (zh, en) = (event.refused.zh, event.refused.en);
                        let told = void.sentence();
                        assert!(told.zh.contains(zh) && told.en.contains(en), "{told:?}");
                    }
                    Begins::WithEvent => assert_eq!(void, Void::NoCourse, "{}", event.name),
                }
            }
        }
    }
}
