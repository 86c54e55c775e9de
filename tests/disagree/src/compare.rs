//! Where two answers differ first.

use serde_json::Value;
use tests_oracle::case::{Answer, Case, Record, Scope};

/// Parts of an answer, those first on which others rest.
const FIELDS: [&str; 14] = [
    "kept",
    "root",
    "present",
    "rivals",
    "candidates",
    "followed",
    "stands",
    "suspended",
    "dissolved",
    "cards",
    "envelopes",
    "heads",
    "aside",
    "reads",
];

/// Whose answers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Between {
    /// The Rust judge in one order and in another.
    RustOrders,
    /// The Python judge in one order and in another.
    PythonOrders,
    /// The two judges.
    Judges,
    /// A judge and itself: it gave no answer.
    Nobody,
}

/// A difference of two answers: the first of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub between: Between,
    pub field: &'static str,
    /// Which element of the field.
    pub element: String,
    pub one: String,
    pub two: String,
}

impl Difference {
    /// A judge that gave no answer.
    pub fn silence(who: &str, why: &str) -> Self {
        Self {
            between: Between::Nobody,
            field: "answer",
            element: who.to_owned(),
            one: why.to_owned(),
            two: String::new(),
        }
    }

    /// What kind of difference this is, so that many of one kind can be told from many kinds.
    pub fn kind(&self, case: &Case) -> String {
        let first = self.element.split('.').next().unwrap_or_default();
        let at: Option<usize> = match self.field {
            "kept" | "stands" | "reads" => first.parse().ok(),
            _ => case.statements.iter().position(|made| made.id == first),
        };
        let of = match (self.field, at) {
            ("reads", Some(at)) => match &case.reads[at].scope {
                Scope::Own(_, compartment) => COMPARTMENTS[usize::from(*compartment) % 8],
                Scope::Pair(..) => COMPARTMENTS[3],
            },
            ("kept" | "stands" | "aside" | "rivals", Some(at)) => name(case, at),
            _ => "",
        };
        let values = match self.field {
            "kept" | "stands" | "envelopes" | "reads" | "aside" | "rivals" => {
                format!("{} / {}", self.one, self.two)
            }
            "answer" => self.element.clone(),
            _ => format!("{} / {}", shape(&self.one), shape(&self.two)),
        };
        format!("{:?} {} {of} {values}", self.between, self.field)
    }
}

const COMPARTMENTS: [&str; 8] = ["of 0", "of 1", "of 2", "of 3", "of 4", "of 5", "of 6", "of 7"];

fn shape(text: &str) -> &'static str {
    if text == "null" || text == "nothing" { "nothing" } else { "something" }
}

fn name(case: &Case, at: usize) -> &'static str {
    kind(&case.statements[at].record)
}

/// What a statement is called.
pub(crate) fn kind(record: &Record) -> &'static str {
    match record {
        Record::Charter { .. } => "charter",
        Record::Rotation { .. } => "rotation",
        Record::Succession { .. } => "succession",
        Record::Delegation { .. } => "delegation",
        Record::Founding { .. } => "founding",
        Record::Ending { .. } => "ending",
        Record::Adoption { .. } => "adoption",
        Record::Suspension { .. } => "suspension",
        Record::Dissolution { .. } => "dissolution",
        Record::Card { .. } => "card",
        Record::Address { .. } => "address",
        Record::Endorsement { .. } => "endorsement",
    }
}

/// All differences of two answers, those first on which others rest.
pub fn compare(between: Between, one: &Answer, two: &Answer) -> Vec<Difference> {
    if one == two {
        return Vec::new();
    }
    let as_value = |answer: &Answer| serde_json::to_value(answer).unwrap_or(Value::Null);
    let (one, two) = (as_value(one), as_value(two));
    let mut found = Vec::new();
    for field in FIELDS {
        let mut note = |element: String, one: String, two: String| {
            found.push(Difference { between, field, element, one, two });
        };
        elements("", &one[field], &two[field], &mut note);
    }
    found
}

/// Tells each element in which two values differ, by its path.
fn elements(path: &str, one: &Value, two: &Value, note: &mut impl FnMut(String, String, String)) {
    if one == two {
        return;
    }
    let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (one, two) {
        (Value::String(left), Value::String(right))
            if path.is_empty() && left.len() == right.len() =>
        {
            for (at, (left, right)) in left.chars().zip(right.chars()).enumerate() {
                if left != right {
                    note(at.to_string(), left.to_string(), right.to_string());
                }
            }
        }
        (Value::Array(left), Value::Array(right))
            if path.is_empty() && is_set(left) && is_set(right) =>
        {
            let name = |item: &Value| item.as_str().unwrap_or_default().to_owned();
            left.iter()
                .filter(|item| !right.contains(item))
                .for_each(|item| note(name(item), "in".into(), "out".into()));
            right
                .iter()
                .filter(|item| !left.contains(item))
                .for_each(|item| note(name(item), "out".into(), "in".into()));
        }
        (Value::Array(left), Value::Array(right)) => {
            for at in 0..left.len().max(right.len()) {
                let null = Value::Null;
                elements(
                    &inner(&at.to_string()),
                    left.get(at).unwrap_or(&null),
                    right.get(at).unwrap_or(&null),
                    note,
                );
            }
        }
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().chain(right.keys().filter(|key| !left.contains_key(*key))) {
                elements(
                    &inner(key),
                    left.get(key).unwrap_or(&Value::Null),
                    right.get(key).unwrap_or(&Value::Null),
                    note,
                );
            }
        }
        _ => note(path.to_owned(), plain(one), plain(two)),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Whether a list is of ids or units, which are told by what is missing rather than by place.
fn is_set(list: &[Value]) -> bool {
    let verdict = |text: &str| {
        ["counts", "absent", "unpermitted", "rests", "outvoted", "fork"]
            .iter()
            .any(|word| text.starts_with(word))
    };
    list.iter().all(|item| item.as_str().is_some_and(|text| !verdict(text)))
}
