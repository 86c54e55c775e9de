//! Descriptions: fields and events in a form that machines read. Forms, commands and the
//! description of the HTTP interface are made from it.

use serde::Serialize;

use crate::check::Check;
use crate::field::{Spec, Type};
use crate::fold::Fold;
use crate::id::EventId;
use crate::indicator::Indicator;
use crate::kind::{Kind, Naming};
use crate::life::{Begins, Happening, Life, Role};
use crate::sheet::Sheet;
use crate::words::Words;

/// A kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Its name in keys and commands.
    pub kind: &'static str,
    /// What it is called.
    pub words: Words,
    /// The number of its class.
    pub class: u8,
    /// The class's name.
    pub class_name: &'static str,
    /// The class in which others see it, if they do.
    pub published: Option<u8>,
    /// Its rule of shards.
    pub shard: String,
    /// How records are named: `ulid`, `person`, or by fields.
    pub named_by: String,
    /// Its fields.
    pub fields: Vec<FieldDescription>,
    /// Its events.
    pub events: Vec<EventDescription>,
    /// Its sheets.
    pub sheets: Vec<SheetDescription>,
    /// Its indicators.
    pub indicators: Vec<IndicatorDescription>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDescription {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// The type of its values, or of the text that is sealed.
    #[serde(rename = "type")]
    pub holds: &'static str,
    /// The words of its table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeDescription>,
    /// The kinds of which it names a record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refers_to: Vec<&'static str>,
    /// What else is asked of a value.
    pub check: String,
    /// Is it needed?
    pub required: bool,
    /// Is it sealed?
    pub sealed: bool,
    /// Does it take several values?
    pub list: bool,
    /// Are all concurrent values shown?
    pub contested: bool,
    /// Do others see it?
    pub published: bool,
    /// What a new record says where nothing was given.
    pub unless_given: Option<&'static str>,
}

/// An entry of a code table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeDescription {
    /// What is stored.
    pub code: &'static str,
    /// What it is called.
    pub words: Words,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventDescription {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// The life that it belongs to.
    pub life: &'static str,
    /// Does it begin a life of its own?
    pub begins: bool,
    /// From which states.
    pub from: Vec<Words>,
    /// To which.
    pub to: Words,
    /// Who may make it.
    pub who: Vec<&'static str>,
    /// What it says.
    pub body: Vec<FieldDescription>,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetDescription {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// Its columns.
    pub columns: Vec<ColumnDescription>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnDescription {
    /// What heads it, as this project writes it.
    pub heading: &'static str,
    /// What else may head it.
    pub also: &'static [&'static str],
    /// The kind and the field that its cells go to.
    pub field: String,
    /// Is a sheet without it refused?
    pub required: bool,
}

/// An indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorDescription {
    /// Its code.
    pub code: &'static str,
    /// What it is called.
    pub words: Words,
    /// What is computed.
    pub formula: &'static str,
    /// Is it a rate?
    pub rate: bool,
    /// Is it another tomorrow though nothing changed?
    pub by_day: bool,
    /// Its version.
    pub version: u32,
}

/// An event that may be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The life that it goes on with.
    pub life: &'static Life,
    /// The event that began that; to be named among the causes.
    pub begun_by: Option<EventId>,
    /// The event.
    pub event: &'static Happening,
}

impl PartialEq for Life {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Life {}
impl PartialEq for Happening {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Happening {}

/// Which events the holder of these roles may make now.
pub fn allowed(fold: &Fold, roles: &[Role]) -> Vec<Allowed> {
    let mut found = Vec::new();
    for life in fold.kind().lives {
        let may = |event: &&'static Happening| event.who.iter().any(|role| roles.contains(role));
        for event in life.events.iter().filter(may) {
            if event.begins() {
                found.push(Allowed { life, begun_by: None, event });
            }
            let now = fold.courses(life.name);
            let now = now.filter(|(_, standing)| event.from.contains(&standing.state));
            found.extend(now.map(|(begun_by, _)| Allowed { life, begun_by, event }));
        }
    }
    found
}

/// Describes a kind.
pub fn describe(kind: &Kind) -> Description {
    let events =
        |life: &'static Life| life.events.iter().map(move |event| describe_event(life, event));
    Description {
        kind: kind.name,
        words: kind.words,
        class: kind.home.number,
        class_name: kind.home.name,
        published: kind.published.map(|home| home.number),
        shard: kind.shard.rule(),
        named_by: match kind.naming {
            Naming::Ulid => "ulid".to_owned(),
            Naming::Person => "person".to_owned(),
            Naming::Made(parts) => parts.join(", "),
            Naming::Digits(field) => field.to_owned(),
        },
        fields: kind
            .fields
            .iter()
            .map(|spec| describe_field(spec, kind.published.is_some()))
            .collect(),
        events: kind.lives.iter().flat_map(events).collect(),
        sheets: kind.sheets.iter().map(describe_sheet).collect(),
        indicators: kind.indicators.iter().map(describe_indicator).collect(),
    }
}

fn describe_field(spec: &Spec, published: bool) -> FieldDescription {
    let code = |entry: &'static crate::code::Code| CodeDescription {
        code: entry.code,
        words: entry.words,
    };
    let inner = spec.holds.inner();
    FieldDescription {
        name: spec.name,
        words: spec.words,
        holds: type_name(inner),
        codes: match inner {
            Type::Code(table) => table.iter().map(code).collect(),
            _ => Vec::new(),
        },
        refers_to: match inner {
            Type::Record(kinds) => kinds.to_vec(),
            Type::Made(kind) => vec![kind],
            Type::Person => vec!["person"],
            _ => Vec::new(),
        },
        check: check_name(spec.check),
        required: spec.required,
        sealed: spec.holds.is_sealed(),
        list: spec.holds.is_list(),
        contested: spec.contested,
        published: published && spec.holds.names_nobody(),
        unless_given: spec.unless_given,
    }
}

fn describe_event(life: &Life, event: &Happening) -> EventDescription {
    EventDescription {
        name: event.name,
        words: event.words,
        life: life.name,
        begins: event.begins() && life.begins == Begins::WithEvent,
        from: event.from.iter().map(|state| state.words).collect(),
        to: event.to.words,
        who: event.who.iter().map(|role| role.code()).collect(),
        body: event.body.iter().map(|spec| describe_field(spec, false)).collect(),
    }
}

fn describe_sheet(sheet: &Sheet) -> SheetDescription {
    let column = |column: &crate::sheet::Column| ColumnDescription {
        heading: column.field.words.zh,
        also: column.field.headings,
        field: [column.kind, column.event, column.field.name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("/"),
        required: column.required,
    };
    SheetDescription {
        name: sheet.name,
        words: sheet.words,
        columns: sheet.columns.iter().map(column).collect(),
    }
}

fn describe_indicator(own: &Indicator) -> IndicatorDescription {
    let Indicator { code, words, formula, rate, version, by_day, .. } = *own;
    IndicatorDescription { code, words, formula, rate, by_day, version }
}

fn type_name(holds: &Type) -> &'static str {
    match holds {
        Type::Text => "text",
        Type::Code(_) => "code",
        Type::Count => "count",
        Type::Flag => "flag",
        Type::Day => "day",
        Type::PartialDay => "day, month or year",
        Type::Time => "time",
        Type::Person => "person",
        Type::Record(_) | Type::Made(_) => "record",
        Type::Sealed(inner) | Type::List(inner) => type_name(inner),
    }
}

fn check_name(check: Check) -> String {
    match check {
        Check::Typed => String::new(),
        Check::Line(most) => format!("at most {most} characters on one line"),
        Check::Lines(most) => format!("at most {most} characters"),
        Check::PersonName(most) => format!("at most {most} characters, a name"),
        Check::GivenNumber(most) => format!("at most {most} characters without blanks"),
        Check::BuildingNumber => "number of a building".to_owned(),
        Check::EntranceNumber => "number of an entrance".to_owned(),
        Check::RoomNumber => "number of a room".to_owned(),
        Check::GridNumber => "15 digits that begin with the community's code".to_owned(),
        Check::Identity => "number of a document".to_owned(),
        Check::Digest => "digest of a number".to_owned(),
        Check::Phone => "telephone numbers".to_owned(),
        Check::Organisation => "social credit code".to_owned(),
        Check::AtMost(most) => format!("at most {most}"),
        Check::Past => "not after today".to_owned(),
        Check::Birth => "not after today, at most 130 years back".to_owned(),
    }
}
