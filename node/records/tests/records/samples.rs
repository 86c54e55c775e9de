//! What people could write in a field, by its declaration: a kind that is added is asked without a
//! word said of it here.

use schema_documents::{Between, Check, Kind, Naming, Spec, Type};

/// A text that comes in; with other numbers another one, where there are others. Where it must
/// name a record or a person, it is the name of one who need not be there.
pub(crate) fn sample(spec: &Spec, n: u16) -> String {
    match spec.check {
        Check::Line(_) | Check::Lines(_) => format!("{}之{n}", spec.words.zh),
        Check::PersonName(_) => pick(&["欧阳某一", "司马某二", "诸葛某三"], n),
        Check::GivenNumber(_) => format!("NR{n:05}"),
        Check::BuildingNumber | Check::EntranceNumber => (1 + n % 90).to_string(),
        Check::RoomNumber => (101 + n % 800).to_string(),
        Check::GridNumber => format!("220802001001{:03}", 1 + n % 9),
        Check::Identity => "22089919800101001X".to_owned(),
        Check::Digest => format!("d{n:031x}"),
        Check::Phone => format!("1001234{:04}", n % 9_999),
        Check::Organisation => "51220899MJ0000018H".to_owned(),
        Check::AtMost(most) => (u32::from(n) % most.min(9)).to_string(),
        Check::Past => format!("2023-05-{:02}", 1 + n % 28),
        Check::Birth => "1980-01-01".to_owned(),
        Check::Typed => typed(spec, n),
    }
}

fn typed(spec: &Spec, n: u16) -> String {
    match spec.holds.inner() {
        // The last ones are ends: of who was erased nothing more is said.
        Type::Code(table) => table[0].words.zh.to_owned(),
        Type::Count => (n % 9).to_string(),
        Type::Flag => pick(&["是", "否"], n),
        Type::Day | Type::PartialDay => format!("2026-11-{:02}", 1 + n % 9),
        Type::Time => format!("08:{:02}", n % 60),
        Type::Person => format!("{:032x}", u32::from(n) + 1),
        Type::Record([kind]) => name_of(kind),
        Type::Record(kinds) => format!("{}/{}", kinds[0], name_of(kinds[0])),
        Type::Text | Type::Made(_) | Type::Sealed(_) | Type::List(_) => {
            unreachable!("{}: a text is asked for more than its type", spec.name)
        }
    }
}

/// A name that a record of a kind could have.
pub(crate) fn name_of(kind: &str) -> String {
    match crate::kind(kind).naming {
        Naming::Ulid => "01KJ000000000000000000000Z".to_owned(),
        Naming::Person => "0a".repeat(16),
        Naming::Made(_) => format!("n{}", "0a".repeat(16)),
        Naming::Digits(_) => "220802001001001".to_owned(),
    }
}

fn pick(from: &[&str], n: u16) -> String {
    from[usize::from(n) % from.len()].to_owned()
}

/// What could be given for a record or an event of a kind, each field with a text of its own.
/// Birth and sex are taken from the number.
pub(crate) fn given(kind: &Kind, specs: &'static [Spec]) -> Vec<(&'static str, String)> {
    let said = specs.iter().zip(0..).filter(|(spec, _)| !is_taken_from_number(kind, spec));
    said.map(|(spec, n)| (spec.name, sample(spec, n))).collect()
}

pub(crate) fn is_taken_from_number(kind: &Kind, spec: &Spec) -> bool {
    kind.between.iter().any(|between| match between {
        Between::Identity { birth, sex, .. } => [*birth, *sex].contains(&spec.name),
        Between::Order { .. } => false,
    })
}

/// As steps take it.
pub(crate) fn texts<'a>(given: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    given.iter().map(|(field, text)| (*field, text.as_str())).collect()
}

/// A text that a field refuses.
pub(crate) fn wrong(spec: &Spec) -> String {
    const DOOR_CHARACTERS_MAX: usize = 20;
    match spec.check {
        Check::Line(most) | Check::Lines(most) => "长".repeat(most + 1),
        Check::PersonName(most) | Check::GivenNumber(most) => "长".repeat(most + 1),
        Check::BuildingNumber | Check::EntranceNumber | Check::RoomNumber => {
            "长".repeat(DOOR_CHARACTERS_MAX + 1)
        }
        Check::GridNumber | Check::Identity | Check::Organisation => "123".to_owned(),
        Check::AtMost(most) => (u64::from(most) + 1).to_string(),
        Check::Past | Check::Birth => "2099-01-01".to_owned(),
        Check::Digest | Check::Phone | Check::Typed => "并非如此".to_owned(),
    }
}
