//! Records as people read them: opened, with every value that was written apart.

use anyhow::Result;
use node_api::{
    Choice, Contested, ContestedField, ContestedRecord, ContestedShown, EventShown, Failure,
    FieldShown, KindShown, Kinds, KindsShown, NamedShown, RecordShow, RecordShown, Records,
    RecordsShown, Sentence, Shown,
};
use node_records::{Happened, Listed, Stated, each_once};
use schema_documents::{Kind, Spec, Type, Verdict};

use super::{kind, look, sentence, told};
use crate::queries::Query;

/// A page of the records of a kind.
pub(crate) fn list(query: &mut Query<'_>, asked: &Records) -> Result<RecordsShown> {
    let kind = kind(&asked.kind)?;
    look(query, |mut records| {
        let listing = records.list(kind, asked.after.as_deref(), Records::PAGE).map_err(told)?;
        let unreadable = listing
            .unreadable
            .into_iter()
            .map(|(document, key, why)| (format!("{document} {key}"), sentence(why.words())));
        Ok(RecordsShown {
            records: listing.records.iter().map(|listed| shown(kind, listed)).collect(),
            more: listing.more,
            unreadable: unreadable.collect(),
        })
    })
}

/// The kinds of records, or one of them.
pub(crate) fn kinds(asked: &Kinds) -> Result<KindsShown, Failure> {
    let one = asked.kind.as_deref().map(kind).transpose()?;
    let all = schema_documents::kinds::ALL.iter().copied();
    let asked = all.filter(|kind| one.is_none_or(|one| one.name == kind.name));
    let named = |name: &str, words| NamedShown { name: name.to_owned(), words: sentence(words) };
    let shown = asked.map(|kind| KindShown {
        kind: named(kind.name, kind.words),
        fields: kind.fields.iter().map(|spec| named(spec.name, spec.words)).collect(),
        events: (kind.lives.iter().flat_map(|life| life.events))
            .map(|event| named(event.name, event.words))
            .collect(),
    });
    Ok(KindsShown { kinds: shown.collect() })
}

/// Records of which somebody must choose a value.
pub(crate) fn contested(query: &mut Query<'_>) -> Result<ContestedShown> {
    look(query, |mut records| {
        let (count, found) = records.contested(Contested::PAGE).map_err(told)?;
        Ok(ContestedShown { count, records: found.iter().map(to_choose).collect() })
    })
}

fn to_choose(found: &node_records::Contested) -> ContestedRecord {
    let kind = found.kind;
    let field = |(name, values): &(String, Vec<node_records::Choice>)| {
        let spec = kind.field_in_key(name);
        let words = spec.map_or_else(|| plain(name), |spec| sentence(spec.words));
        let choice = |choice: &node_records::Choice| Choice {
            value: stated(spec, &choice.value),
            by: choice.by.as_ref().map(|by| (by.node.to_string(), by.at.get())),
        };
        ContestedField {
            field: NamedShown { name: name.clone(), words },
            values: values.iter().map(choice).collect(),
        }
    };
    ContestedRecord {
        kind: NamedShown { name: kind.name.to_owned(), words: sentence(kind.words) },
        record: found.record.clone(),
        fields: found.fields.iter().map(field).collect(),
    }
}

/// One record, with what happened to it.
pub(crate) fn show(query: &mut Query<'_>, asked: &RecordShow) -> Result<RecordShown> {
    let kind = kind(&asked.kind)?;
    look(query, |mut records| {
        let found = records.show(kind, &asked.record).map_err(told)?;
        let events = found.happened.iter().map(|happened| event(kind, happened)).collect();
        Ok(RecordShown { events, ..shown(kind, &found.listed) })
    })
}

fn shown(kind: &Kind, listed: &Listed) -> RecordShown {
    let field = |(name, values): (&str, &[Stated])| FieldShown {
        name: name.to_owned(),
        words: kind.field_in_key(name).map_or_else(|| plain(name), |spec| sentence(spec.words)),
        values: each_once(values).map(|at| stated(kind.field_in_key(name), &values[at])).collect(),
        contested: listed.contested.iter().any(|own| own == name),
    };
    RecordShown {
        kind: kind.name.to_owned(),
        record: listed.plain.name.clone(),
        fields: listed.plain.fields.iter().map(field).collect(),
        events: Vec::new(),
    }
}

fn plain(text: &str) -> Sentence {
    Sentence { zh: text.to_owned(), en: text.to_owned() }
}

fn stated(spec: Option<&Spec>, stated: &Stated) -> Shown {
    match stated {
        Stated::Nothing => Shown::Nothing,
        Stated::Text(text) => match spec.and_then(|spec| words_of(spec, text)) {
            Some(words) => Shown::Code(text.clone(), words),
            None => Shown::Text(text.clone()),
        },
        Stated::Closed => Shown::Closed,
        Stated::Unreadable(_) => Shown::Unreadable,
    }
}

/// What people call a code, or a flag.
fn words_of(spec: &Spec, text: &str) -> Option<Sentence> {
    match spec.holds.inner() {
        Type::Code(table) => {
            table.iter().find(|entry| entry.code == text).map(|entry| sentence(entry.words))
        }
        Type::Flag if text == "1" => Some(Sentence { zh: "是".into(), en: "yes".into() }),
        Type::Flag => Some(Sentence { zh: "否".into(), en: "no".into() }),
        _ => None,
    }
}

fn event(kind: &Kind, happened: &Happened) -> EventShown {
    let name = happened.event.kind.as_str();
    let declared = kind.lives.iter().flat_map(|life| life.events).find(|event| event.name == name);
    let said = happened.says.iter().filter_map(|(name, value)| match value {
        Stated::Text(text) => Some((name.clone(), text.clone())),
        _ => None,
    });
    EventShown {
        id: hex::encode(happened.told.event.0),
        event: name.to_owned(),
        words: declared.map_or_else(|| plain(name), |event| sentence(event.words)),
        day: happened.event.day.clone(),
        said: said.collect(),
        void: match &happened.told.verdict {
            Verdict::Applies { .. } => None,
            Verdict::Void(why) => {
                let schema_documents::Sentence { zh, en } = why.sentence();
                Some(Sentence { zh, en })
            }
        },
    }
}
