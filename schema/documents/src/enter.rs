//! Entering: what people gave becomes values at keys, or refusals. Every way in comes through
//! here: command, form, import.

use std::collections::BTreeMap;

use crate::check::{Circumstances, checked_text, read_written};
use crate::field::Spec;
use crate::id::made;
use crate::key::field_key;
use crate::kind::{Between, ENTRIES_MAX, Kind, Naming};
use crate::numbers::identity;
use crate::record::AnyRecord;
use crate::refusal::{Reason, Refusal};
use crate::scalar::Scalar;
use crate::value::Value;
use crate::words::words;

/// What a key shall say.
#[derive(Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This scalar.
    Plain(Scalar),
    /// This text, sealed for the record's subject: sealed anew only if it is another.
    Sealed(String),
}

/// Shows no text: it may say something of a person.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(..)",
            Self::Sealed(_) => "Sealed(..)",
        })
    }
}

/// What was entered, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    kind: &'static str,
    /// The name that the kind makes of what was entered, if it makes one.
    pub name: Option<String>,
    /// By the name in the key.
    pub wanted: BTreeMap<String, Wanted>,
}

impl Entry {
    /// What each key shall say, for the record with this name.
    pub fn at(&self, record: &str) -> Vec<(String, &Wanted)> {
        let key = |(field, wanted): (&String, _)| (field_key(self.kind, record, field), wanted);
        self.wanted.iter().map(key).collect()
    }
}

/// Checks what people gave for a record: names of fields with texts, a list's entries under its
/// one name. `before` is the record as it is, if there is one; then only what is given changes.
///
/// # Errors
/// With every value that does not come in.
pub fn enter(
    kind: &'static Kind,
    given: &[(&str, &str)],
    before: Option<&AnyRecord>,
    now: &Circumstances<'_>,
) -> Result<Entry, Vec<Refusal>> {
    let mut entering = Entering { kind, now, values: BTreeMap::new(), refusals: Vec::new() };
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, text) in given {
        by_name.entry(name).or_default().push(text);
    }
    for (name, texts) in &by_name {
        entering.take(name, texts, before);
    }
    entering.ask_for_missing(before);
    entering.ask_between(before);
    let name = entering.name(&by_name, before);
    if !entering.refusals.is_empty() {
        return Err(entering.refusals);
    }
    let wanted = entering.values.into_iter().map(|(name, (spec, value))| {
        let wanted = match value {
            Some(value) if spec.holds.is_sealed() => Wanted::Sealed(value.text()),
            Some(value) => Wanted::Plain(value.scalar()),
            None => Wanted::Plain(Scalar::Null),
        };
        (name, wanted)
    });
    Ok(Entry { kind: kind.name, name, wanted: wanted.collect() })
}

struct Entering<'a> {
    kind: &'static Kind,
    now: &'a Circumstances<'a>,
    /// By the name in the key.
    values: BTreeMap<String, (&'static Spec, Option<Value>)>,
    refusals: Vec<Refusal>,
}

impl Entering<'_> {
    fn take(&mut self, name: &str, texts: &[&str], before: Option<&AnyRecord>) {
        let Some(spec) = self.kind.field(name) else {
            let field = words("", "");
            let name = name.to_owned();
            return self.refusals.push(Refusal {
                field,
                name,
                value: String::new(),
                reason: Reason::NoField,
            });
        };
        if !spec.holds.is_list() {
            match texts {
                [text] => self.take_one(name.to_owned(), spec, text),
                _ => self.refuse(spec, &texts.join("、"), Reason::Several),
            }
            return self.keep_fixed(spec, before);
        }
        let texts: Vec<&&str> = texts.iter().filter(|text| !text.trim().is_empty()).collect();
        if texts.len() > ENTRIES_MAX {
            return self.refuse(spec, "", Reason::Entries(ENTRIES_MAX));
        }
        for (number, text) in texts.iter().enumerate() {
            self.take_one(format!("{name}.{number}"), spec, text);
        }
        let entries = before.map_or(0, |record| record.entries(name)).min(ENTRIES_MAX);
        for number in texts.len()..entries {
            self.values.insert(format!("{name}.{number}"), (spec, None));
        }
    }

    fn take_one(&mut self, key_name: String, spec: &'static Spec, text: &str) {
        match read_written(spec, text, self.now) {
            Ok(None) if spec.required => self.refuse(spec, "", Reason::Missing),
            Ok(value) => drop(self.values.insert(key_name, (spec, value))),
            Err(reason) => self.refuse(spec, text, reason),
        }
    }

    /// Where a record lies follows from its name and never changes.
    fn keep_fixed(&mut self, spec: &'static Spec, before: Option<&AnyRecord>) {
        let places = self.kind.shard.asks() == Some(spec.name)
            || self.kind.naming == Naming::Digits(spec.name);
        let said = before.and_then(|record| record.preferred(spec.name));
        if let (true, Some(said), Some((_, value))) = (places, said, self.values.get(spec.name))
            && value.as_ref() != Some(said)
        {
            let value = value.as_ref().map(Value::text).unwrap_or_default();
            self.refuse(spec, &value, Reason::Fixed);
        }
    }

    fn refuse(&mut self, spec: &Spec, value: &str, reason: Reason) {
        let (field, name, value) = (spec.words, spec.name.to_owned(), value.to_owned());
        self.refusals.push(Refusal { field, name, value, reason });
    }

    /// A new record needs what its kind requires; what is wrong was refused already.
    fn ask_for_missing(&mut self, before: Option<&AnyRecord>) {
        if before.is_some() {
            return;
        }
        for spec in self.kind.fields {
            let given = matches!(self.values.get(spec.name), Some((_, Some(_))));
            let refused = self.refusals.iter().any(|refusal| refusal.name == spec.name);
            if let (Some(text), false, false) = (spec.unless_given, given, refused) {
                self.take_one(spec.name.to_owned(), spec, text);
            }
        }
        for spec in self.kind.fields.iter().filter(|spec| spec.required) {
            let first = format!("{}.0", spec.name);
            let given = self.values.contains_key(spec.name) || self.values.contains_key(&first);
            if !given && !self.refusals.iter().any(|refusal| refusal.name == spec.name) {
                self.refuse(spec, "", Reason::Missing);
            }
        }
    }

    fn ask_between(&mut self, before: Option<&AnyRecord>) {
        for between in self.kind.between {
            match *between {
                Between::Order { from, to } => self.ask_order(from, to, before),
                Between::Identity { number, birth, sex } => self.ask_identity(number, birth, sex),
            }
        }
    }

    fn ask_order(&mut self, from: &str, to: &str, before: Option<&AnyRecord>) {
        let (start, end) = (self.value(from, before), self.value(to, before));
        let is_before = match (&start, &end) {
            (Some(Value::Day(start)), Some(Value::Day(end))) => {
                start.first().is_some_and(|start| end.is_before(start))
            }
            (Some(Value::Time(start)), Some(Value::Time(end))) => end < start,
            _ => false,
        };
        if let (true, Some(from), Some(spec), Some(end)) =
            (is_before, self.kind.field(from), self.kind.field(to), end)
        {
            self.refuse(spec, &end.text(), Reason::BeforeStart(from.words));
        }
    }

    /// Birth and sex that are not said are taken from the number.
    fn ask_identity(&mut self, number: &str, birth: &str, sex: &str) {
        let Some(Value::Text(number)) = self.value(number, None) else { return };
        let Ok(holder) = identity(&number, self.now.invented) else { return };
        let agrees = |said: &Value| match (said, holder.birth, holder.male) {
            (Value::Day(said), Some(birth), _) => said.agrees(birth),
            (Value::Code(said), _, Some(male)) => said.code == if male { "1" } else { "2" },
            _ => true,
        };
        for (name, reason) in [(birth, Reason::BirthDiffers), (sex, Reason::SexDiffers)] {
            let said = self.value(name, None).filter(|said| !is_not_known(said));
            let Some(spec) = self.kind.field(name) else { continue };
            match said {
                Some(said) if !agrees(&said) => self.refuse(spec, &said.text(), reason),
                Some(_) => {}
                None => {
                    let found = match reason {
                        Reason::BirthDiffers => holder.birth.map(Value::Day),
                        _ => holder.male.and_then(|male| sex_of(spec, male)),
                    };
                    if let Some(found) = found {
                        self.values.insert(name.to_owned(), (spec, Some(found)));
                    }
                }
            }
        }
    }

    /// What the field will say: what was given, else what it says already.
    fn value(&self, name: &str, before: Option<&AnyRecord>) -> Option<Value> {
        match self.values.get(name) {
            Some((_, value)) => value.clone(),
            None => before?.preferred(name).cloned(),
        }
    }

    /// The name that the kind makes of what was given. What names a record is never changed.
    fn name(
        &mut self,
        given: &BTreeMap<&str, Vec<&str>>,
        before: Option<&AnyRecord>,
    ) -> Option<String> {
        if let Some(before) = before {
            return Some(before.name().to_owned());
        }
        match self.kind.naming {
            Naming::Ulid | Naming::Person => None,
            Naming::Digits(field) => Some(self.value(field, None)?.text()),
            Naming::Made(parts) => {
                let part = |name: &&str| match self.value(name, None)? {
                    // The name of what is referred to, not that of its record.
                    Value::Record(_) => {
                        let spec = self.kind.field(name)?;
                        let text = given.get(name)?.first()?;
                        checked_text(spec, spec.required, text, self.now).ok().flatten()
                    }
                    value => Some(value.text()),
                };
                let parts: Vec<String> = parts.iter().map(part).collect::<Option<_>>()?;
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                Some(made(self.kind.name, &parts))
            }
        }
    }
}

/// GB/T 2261.1: 0 is unknown, 9 not stated.
fn is_not_known(value: &Value) -> bool {
    matches!(value, Value::Code(code) if ["0", "9"].contains(&code.code))
}

fn sex_of(spec: &Spec, male: bool) -> Option<Value> {
    let crate::field::Type::Code(table) = spec.holds.inner() else { return None };
    let code = if male { "1" } else { "2" };
    table.iter().find(|entry| entry.code == code).map(Value::Code)
}
