//! What every declaration must have. A kind that is added to the list is asked all of it.

use std::collections::{BTreeMap, BTreeSet};

use schema_documents::{
    Begins, Between, Check, Code, Column, Kind, Life, Naming, Shard, Spec, Subject, Type, Words,
    class, indicators, kinds, read,
};
use schema_documents::{Level, Scalar};
use schema_wire::{Audience, Class, Content};

/// Every field of a kind: of its records and of its events' bodies.
fn specs(kind: &Kind) -> Vec<&'static Spec> {
    let bodies = kind.lives.iter().flat_map(|life| life.events).flat_map(|event| event.body);
    kind.fields.iter().chain(bodies).collect()
}

fn ask_words(what: &str, words: Words) {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    assert!(words.zh.chars().any(han), "{what}: {:?} is no Chinese", words.zh);
    assert!(words.en.chars().any(|c| c.is_ascii_alphabetic()), "{what}: {:?}", words.en);
    assert!(!words.en.chars().any(han), "{what}: {:?} is no English", words.en);
}

fn ask_distinct<'a>(what: &str, names: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name), "{what}: {name} twice");
    }
}

fn is_name(name: &str) -> bool {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=29).contains(&name.len()) && name.bytes().all(known)
}

#[test]
fn kinds_have_names_words_and_a_home() {
    ask_distinct("kinds", kinds::ALL.iter().map(|kind| kind.name));
    for kind in kinds::ALL {
        let name = kind.name;
        assert!(is_name(name), "{name}");
        ask_words(name, kind.words);
        assert!(class::ALL.contains(&kind.home), "{name}");
        assert!(!kind.fields.is_empty(), "{name}: nothing is said of it");
        let lies = kind.also.iter().chain(&kind.published).chain([&kind.home]);
        for home in lies {
            let class = Class::new(home.number).expect("a class");
            assert_eq!(class.content(), Content::Changes, "{name} in {}", home.name);
            assert!(matches!(kind.stratum, Level::Posts | Level::Persons | Level::Records));
        }
        let unit = matches!(kind.home.class().audience(), Audience::Unit(_));
        assert!(unit, "{name}: the original lies with the unit");
        if let Some(published) = kind.published {
            let audience = published.class().audience();
            assert!(matches!(audience, Audience::Public | Audience::Path), "{name}");
            assert!(kind.published_fields().all(|spec| spec.holds.names_nobody()), "{name}");
            assert!(kind.published_fields().next().is_some(), "{name}: shown with nothing");
        }
        ask_words(&format!("class of {name}"), kind.home.words);
    }
}

/// A file that nobody lists would declare a kind that nothing knows.
#[test]
fn every_file_of_kinds_is_in_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kinds");
    let files = std::fs::read_dir(folder).expect("the folder of kinds");
    let files = files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
    for file in files.filter(|file| file != "mod.rs") {
        let is_listed =
            kinds::ALL.iter().any(|kind| format!("{}.rs", kind.name) == file.replace('_', "-"));
        assert!(is_listed, "{file}: its kind is no line of `ALL` in src/kinds/mod.rs");
    }
}

/// Two classes of one number would be one class with two rules of shards.
#[test]
fn classes_have_numbers_and_names_of_their_own() {
    let numbers: BTreeSet<u8> = class::ALL.iter().map(|home| home.number).collect();
    assert_eq!(numbers.len(), class::ALL.len(), "a number twice in src/class.rs");
    ask_distinct("classes", class::ALL.iter().map(|home| home.name));
}

#[test]
fn fields_have_words_and_a_check_that_asks_something() {
    for kind in kinds::ALL {
        ask_distinct(kind.name, kind.fields.iter().map(|spec| spec.name));
        for event in kind.lives.iter().flat_map(|life| life.events) {
            ask_distinct(event.name, event.body.iter().map(|spec| spec.name));
        }
        for spec in specs(kind) {
            let what = format!("{} {}", kind.name, spec.name);
            assert!(is_name(spec.name), "{what}");
            ask_words(&what, spec.words);
            assert!(spec.check.fits(&spec.holds), "{what}: the check asks nothing of it");
            if let Type::Code(table) = spec.holds.inner() {
                ask_table(&what, table);
            }
            if let Type::Record(kinds) = spec.holds.inner() {
                assert!(kinds.iter().all(|name| kind_of(&what, name).name == *name));
            }
            if let Type::Made(name) = spec.holds.inner() {
                let parts = kind_of(&what, name).naming.parts();
                assert_eq!(parts.len(), 1, "{what}: {name} is not named by one part");
            }
            assert!(spec.unless_given.is_none() || !spec.holds.is_list(), "{what}");
        }
    }
}

fn kind_of(what: &str, name: &str) -> &'static Kind {
    let found = kinds::ALL.iter().find(|kind| kind.name == name);
    found.unwrap_or_else(|| panic!("{what}: no kind {name}"))
}

fn ask_table(what: &str, table: &'static [Code]) {
    assert!(table.len() > 1, "{what}: a table of one");
    ask_distinct(what, table.iter().map(|code| code.code));
    let mut meant: BTreeMap<&str, &str> = BTreeMap::new();
    for code in table {
        ask_words(what, code.words);
        assert!(code.code.len() <= 64 && !code.code.is_empty(), "{what}");
        for word in [code.code, code.words.zh, code.words.en].iter().chain(code.also) {
            let other = meant.insert(word, code.code);
            assert!(other.is_none_or(|other| other == code.code), "{what}: {word} means two");
        }
        let scalar = Scalar::Text(code.code.to_owned());
        assert!(matches!(read(&Type::Code(table), &scalar), Ok(Some(_))), "{what}");
    }
}

#[test]
fn what_names_a_record_is_asked_for_and_names_nobody() {
    for kind in kinds::ALL {
        let named = match kind.naming {
            Naming::Made(parts) => parts.to_vec(),
            Naming::Digits(field) => vec![field],
            Naming::Ulid | Naming::Person => Vec::new(),
        };
        for name in named {
            let spec = kind.field(name).unwrap_or_else(|| panic!("{}: no {name}", kind.name));
            assert!(spec.required, "{} {name}", kind.name);
            assert!(spec.holds.names_nobody(), "{} {name}: names somebody", kind.name);
            assert!(!spec.holds.is_list(), "{} {name}", kind.name);
        }
    }
}

#[test]
fn shards_follow_from_what_never_changes() {
    for kind in kinds::ALL {
        let ulid = kind.naming == Naming::Ulid;
        match kind.shard {
            Shard::One | Shard::Hash(_) => {}
            Shard::Month | Shard::Quarter | Shard::Year => assert!(ulid, "{}", kind.name),
            Shard::MonthOf(field) => {
                assert!(kind.naming.parts().contains(&field), "{}", kind.name);
                assert_eq!(kind.field(field).map(|spec| spec.holds), Some(Type::Day));
            }
            Shard::Of(field) => {
                let spec = kind.field(field).expect("a field");
                assert!(spec.required && matches!(spec.holds, Type::Record([_])), "{}", kind.name);
            }
        }
        if let Shard::Hash(shards) = kind.shard {
            assert!(shards.is_power_of_two() && shards <= 256, "{}", kind.name);
        }
    }
}

#[test]
fn what_is_sealed_has_a_subject() {
    for kind in kinds::ALL {
        let sealed = kind.fields.iter().any(|spec| spec.holds.is_sealed());
        match kind.subject {
            Subject::Nobody => assert!(!sealed, "{}: sealed for nobody", kind.name),
            Subject::Itself => assert_eq!(kind.naming, Naming::Person, "{}", kind.name),
            Subject::Field(field) => {
                let spec = kind.field(field).expect("the subject's field");
                assert!(sealed && spec.required, "{}", kind.name);
                assert_eq!(spec.holds, Type::Person, "{}", kind.name);
            }
        }
        for event in kind.lives.iter().flat_map(|life| life.events) {
            if event.body.iter().any(|spec| spec.holds.is_sealed()) {
                let subject = event.field("subject").expect("a sealed body names its subject");
                assert!(subject.required && subject.holds == Type::Person, "{}", event.name);
            }
        }
    }
}

/// Texts about somebody are sealed: in the bands of people no text stands in the clear, but what
/// is listed here with the reason.
#[test]
fn texts_about_persons_are_sealed() {
    // A room is a place; who lives there is said elsewhere, sealed.
    let open = [("dwelling", "entrance"), ("dwelling", "room")];
    for kind in kinds::ALL.iter().filter(|kind| (128..144).contains(&kind.home.number)) {
        for spec in kind.fields.iter().filter(|spec| spec.holds.inner() == &Type::Text) {
            let listed = open.contains(&(kind.name, spec.name));
            assert!(spec.holds.is_sealed() || listed, "{} {}", kind.name, spec.name);
        }
    }
}

/// What identifies or reaches somebody is sealed in every band, in records and in events.
#[test]
fn names_numbers_and_telephones_of_persons_are_sealed() {
    for kind in kinds::ALL {
        for spec in specs(kind) {
            let tells_who = matches!(
                spec.check,
                Check::PersonName(_)
                    | Check::Identity
                    | Check::Digest
                    | Check::Phone
                    | Check::Birth
            );
            assert!(!tells_who || spec.holds.is_sealed(), "{} {}", kind.name, spec.name);
        }
    }
}

#[test]
fn what_is_asked_between_fields_can_be_asked() {
    for kind in kinds::ALL {
        for between in kind.between {
            match *between {
                Between::Order { from, to } => {
                    let holds = |name| *kind.field(name).expect("a field").holds.inner();
                    let dated =
                        |name| matches!(holds(name), Type::Day | Type::PartialDay | Type::Time);
                    assert!(dated(from) && dated(to), "{}", kind.name);
                }
                Between::Identity { number, birth, sex } => {
                    let field = |name| kind.field(name).expect("a field");
                    assert_eq!(field(number).check, Check::Identity);
                    assert_eq!(field(birth).holds.inner(), &Type::PartialDay);
                    assert!(matches!(field(sex).holds.inner(), Type::Code(_)));
                }
            }
        }
    }
}

#[test]
fn every_transition_can_be_reached() {
    for kind in kinds::ALL {
        ask_distinct(kind.name, kind.lives.iter().map(|life| life.name));
        let events = kind.lives.iter().flat_map(|life| life.events);
        ask_distinct(kind.name, events.map(|event| event.name));
        kind.lives.iter().for_each(|life| ask_life(kind, life));
    }
}

fn ask_life(kind: &Kind, life: &Life) {
    let what = format!("{} {}", kind.name, life.name);
    ask_words(&what, life.words);
    ask_distinct(&what, life.states.iter().map(|state| state.code));
    let (mut reached, mut left) = (BTreeSet::new(), life.events.iter().collect::<Vec<_>>());
    if life.begins == Begins::WithEntity {
        reached.insert(life.states.first().expect("a state").code);
    }
    let mut before = usize::MAX;
    while before != left.len() {
        before = left.len();
        left.retain(|event| {
            let begins = event.begins() && life.begins == Begins::WithEvent;
            let leads = begins || event.from.iter().any(|state| reached.contains(state.code));
            if leads {
                reached.insert(event.to.code);
            }
            !leads
        });
    }
    assert!(left.is_empty(), "{what}: never reached: {:?}", left[0].name);
    for state in life.states {
        ask_words(&what, state.words);
        assert!(reached.contains(state.code), "{what}: {} is never reached", state.code);
    }
    for event in life.events {
        let what = format!("{what} {}", event.name);
        assert!(is_name(event.name), "{what}");
        ask_words(&what, event.words);
        ask_words(&what, event.refused);
        assert!(!event.who.is_empty(), "{what}: nobody may");
        assert!(event.from.iter().chain([&event.to]).all(|state| life.states.contains(state)));
        let others = event.apart.iter().chain(event.yields);
        for other in others {
            assert!(life.events.iter().any(|event| event.name == *other), "{what}: {other}");
        }
    }
}

#[test]
fn no_heading_means_two_columns_of_one_sheet() {
    ask_distinct("sheets", kinds::sheets().map(|(_, sheet)| sheet.name));
    for (kind, sheet) in kinds::sheets() {
        ask_words(kind.name, sheet.words);
        assert!(!sheet.announced_by.is_empty(), "{}", sheet.name);
        let columns = sheet.columns.iter().flat_map(|column| column.headings());
        ask_distinct(sheet.name, columns);
        for column in sheet.columns {
            let owner = kind_of(sheet.name, column.kind);
            let found = match column.event {
                "" => owner.field(column.field.name),
                event => owner.event(event).and_then(|(_, event)| event.field(column.field.name)),
            };
            let found = found.unwrap_or_else(|| panic!("{} {}", sheet.name, column.field.name));
            assert_eq!(found.words, column.field.words);
            let heading = format!(" ＊{}（必填）", column.field.words.zh);
            assert_eq!(sheet.column(&heading).map(|c| c.field.name), Some(column.field.name));
        }
        assert!(sheet.columns.iter().any(|column| column.kind == kind.name), "{}", sheet.name);
    }
}

/// Else a sheet that is imported twice would begin all its records twice.
#[test]
fn rows_of_sheets_find_their_records_again() {
    for (kind, sheet) in kinds::sheets() {
        let found = matches!(kind.naming, Naming::Made(_) | Naming::Digits(_));
        // A row of the roster finds its person by what identifies people.
        let found = found || kind.naming == Naming::Person;
        let what = format!("{}: `found_by`", sheet.name);
        assert_ne!(found, !sheet.found_by.is_empty(), "{what} says what the naming does not");
        for name in sheet.found_by {
            let field = kind.field(name).unwrap_or_else(|| panic!("{what}: no {name}"));
            assert!(field.required && !field.holds.is_list(), "{what}: {name} is one and needed");
            let is_column =
                |column: &&Column| column.kind == kind.name && column.field.name == *name;
            let column = sheet.columns.iter().find(is_column);
            assert!(column.is_some_and(|column| column.required), "{what}: no column {name}");
        }
        if let Some(first) = sheet.found_by.first().and_then(|name| kind.field(name)) {
            let is_text = !matches!(first.holds.inner(), Type::Person);
            assert!(is_text, "{what}: a person is found by more than a name; put it last");
        }
    }
}

/// Reports judge events without knowing whose accounts are one human's (`read_office` in
/// node/views): of events that must be apart they would count what the record shows as void.
#[test]
fn no_event_must_be_apart_until_reports_know_aliases() {
    for kind in kinds::ALL.iter().filter(|kind| !kind.indicators.is_empty()) {
        let mut events = kind.lives.iter().flat_map(|life| life.events);
        assert!(events.all(|event| event.apart.is_empty()), "{}: `apart`", kind.name);
    }
}

/// Import and export know the events of patrols alone: those of another kind would be lost.
#[test]
fn rows_say_events_of_patrols_alone() {
    for (kind, sheet) in kinds::sheets().filter(|(kind, _)| kind.name != "slot") {
        let says = |column: &&Column| !column.event.is_empty();
        let event = sheet.columns.iter().find(says).map(|column| column.event);
        assert_eq!(
            event, None,
            "{}: node/records imports no such event of {}",
            sheet.name, kind.name
        );
    }
}

#[test]
fn indicators_have_codes_words_and_a_version() {
    ask_distinct("indicators", indicators(kinds::ALL).map(|(_, own)| own.code));
    for (kind, own) in indicators(kinds::ALL) {
        ask_words(kind.name, own.words);
        assert!(own.version > 0 && !own.formula.is_empty(), "{}", own.code);
        assert!(!own.formula.contains(['\n', ';', '=']), "{}: a line of the rules", own.code);
        assert!((1..=32).contains(&own.code.len()), "{}", own.code);
    }
}
