//! What became of an event, and why not.

use super::Course;
use crate::event::Event;
use crate::field::Spec;
use crate::id::EventId;
use crate::kind::ENTRIES_MAX;
use crate::life::{Happening, State};
use crate::value::{Unreadable, read};
use crate::words::{Sentence, Words};

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which event.
    pub event: EventId,
    /// What became of it.
    pub verdict: Verdict,
    /// Causes that it names and that do not stand before it.
    pub missing: Vec<EventId>,
}

/// Whether an event applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It led a course to this state.
    Applies {
        /// Which course.
        course: Course,
        /// The state.
        to: State,
    },
    /// It is shown, and changes nothing.
    Void(Void),
}

impl Verdict {
    /// Does it apply?
    pub const fn applies(&self) -> bool {
        matches!(self, Self::Applies { .. })
    }
}

/// Why an event does not apply (未采纳).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Void {
    /// The kind has no such event.
    Unknown,
    /// The day is none.
    Day,
    /// This field is needed.
    Missing(Words),
    /// This field does not read.
    Field(Words, Unreadable),
    /// The body has a field that the event does not have.
    OtherField,
    /// Its author did not hold a post that may.
    NotPermitted,
    /// None of its causes, or several, began what it would go on with.
    NoCourse,
    /// Another event, made without knowing of this one, goes before it.
    YieldsTo(EventId),
    /// The same person made this event, and must not make both.
    SameHand(EventId),
    /// The state does not allow it.
    State {
        /// The state.
        is: State,
        /// What the declaration says of it.
        told: Words,
    },
}

impl Void {
    /// The reason in words.
    pub fn sentence(&self) -> Sentence {
        let (zh, en) = match self {
            Self::Unknown => ("没有这种事件".to_owned(), "no such event".to_owned()),
            Self::Day => ("日期无效".to_owned(), "its day is none".to_owned()),
            Self::Missing(field) => {
                (format!("缺少{}", field.zh), format!("{} is missing", field.en))
            }
            Self::Field(field, why) => {
                let why = why.words();
                (format!("{}：{}", field.zh, why.zh), format!("{}: {}", field.en, why.en))
            }
            Self::OtherField => {
                ("含有未知的项".to_owned(), "holds a field that is not known".to_owned())
            }
            Self::NotPermitted => {
                ("当日无此职权".to_owned(), "no post of that day permits it".to_owned())
            }
            Self::NoCourse => {
                ("找不到所接续的事件".to_owned(), "it goes on with nothing".to_owned())
            }
            Self::YieldsTo(other) => (format!("让位于{other}"), format!("gives way to {other}")),
            Self::SameHand(other) => {
                (format!("与{other}系同一人"), format!("made by the same person as {other}"))
            }
            Self::State { is, told } => (
                format!("{}（现为{}）", told.zh, is.words.zh),
                format!("{} (now {})", told.en, is.words.en),
            ),
        };
        Sentence::new(format!("未采纳：{zh}"), format!("not applied: {en}"))
    }
}

/// Why the body is not one of this event.
pub(super) fn body(event: &Event, happening: &Happening) -> Option<Void> {
    let unreadable = |(name, said): &(String, crate::event::Said)| {
        let Some(spec) = in_body(happening, name) else {
            return Some(Void::OtherField);
        };
        let found = said.scalar().ok_or(Unreadable::Form);
        found
            .and_then(|scalar| read(&spec.holds, &scalar))
            .err()
            .map(|why| Void::Field(spec.words, why))
    };
    let missing = |spec: &&Spec| {
        let has = event.body.iter().any(|(name, said)| {
            in_body(happening, name).is_some_and(|own| own.name == spec.name)
                && said
                    .scalar()
                    .is_some_and(|scalar| matches!(read(&spec.holds, &scalar), Ok(Some(_))))
        });
        spec.required && !has
    };
    let void = event.body.iter().find_map(unreadable);
    void.or_else(|| Some(Void::Missing(happening.body.iter().find(missing)?.words)))
}

/// The field that a name in a body means: for a list, with the number of the entry.
fn in_body(happening: &Happening, name: &str) -> Option<&'static Spec> {
    match name.split_once('.') {
        None => happening.field(name).filter(|spec| !spec.holds.is_list()),
        Some((list, entry)) => {
            let number: usize = entry.parse().ok()?;
            let plain = number < ENTRIES_MAX && number.to_string() == entry;
            happening.field(list).filter(|spec| plain && spec.holds.is_list())
        }
    }
}
