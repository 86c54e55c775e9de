//! The documents held, and one document in full.

use std::collections::BTreeMap;

use anyhow::Result;
use automerge::{AutoCommit, ObjId, ROOT, ReadDoc, ScalarValue, Value};
use node_api::{Contents, Document, DocumentContents, HistoryEntry, LeftOut, Payload, Scalar};
use node_replication::history;
use schema_wire::DocumentId;

use crate::authority;
use crate::engine::Context;

/// Every document this node holds.
pub(crate) fn documents(context: &mut Context<'_>) -> Result<Vec<Document>> {
    let city = context.replica.authority().genesis().unit.clone();
    let summaries = history::documents_below(context.reads(), &city)?;
    let entry = |summary: history::Summary| Document {
        document: summary.document.to_string(),
        envelopes: summary.envelopes,
        at_ms: summary.at_ms,
        heads: summary.heads.iter().map(ToString::to_string).collect(),
    };
    Ok(summaries.into_iter().map(entry).collect())
}

/// One document: its fields with every concurrent value, its history, and who signed under what.
pub(crate) fn inspect(
    context: &mut Context<'_>,
    document: &DocumentId,
) -> Result<DocumentContents> {
    let entries = history::entries(context.reads(), document)?;
    let history = entries.iter().map(|entry| past(context, entry)).collect();
    let (contents, left_out) = if document.class == schema_wire::Class::Keyring {
        (Contents::Keyring, Vec::new())
    } else {
        let loaded = context.library.open(&context.store, document)?;
        let left_out = |unusable: &node_views::Unusable| LeftOut {
            envelope: unusable.envelope.to_string(),
            reason: unusable.reason.to_string(),
        };
        let mut fields = BTreeMap::new();
        collect(&loaded.document, &ROOT, "", &mut fields);
        (Contents::Fields(fields), loaded.unusable.iter().map(left_out).collect())
    };
    Ok(DocumentContents { document: document.to_string(), contents, history, left_out })
}

fn past(context: &Context<'_>, entry: &history::Entry) -> HistoryEntry {
    let header = entry.header.value();
    HistoryEntry {
        envelope: entry.header.id().to_string(),
        author: header.author.key.to_string(),
        incarnation: header.author.incarnation.to_string(),
        seq: header.seq,
        at_ms: header.at_ms,
        bytes: entry.content.len() as u64,
        payload: match header.payload {
            schema_wire::Payload::Changes(_) => Payload::Changes,
            schema_wire::Payload::Keys(_) => Payload::Keys,
        },
        signed_under: authority::signed_under(context, &header.delegation, header.at_ms),
    }
}

/// Adds the fields of a map or list, each under the way to it.
fn collect(
    document: &AutoCommit,
    object: &ObjId,
    above: &str,
    fields: &mut BTreeMap<String, Vec<Scalar>>,
) {
    let mut add = |key: String, values: Vec<(Value<'_>, ObjId)>| {
        for (value, id) in values {
            match value {
                Value::Object(_) => collect(document, &id, &format!("{key}/"), fields),
                Value::Scalar(value) => {
                    fields.entry(key.clone()).or_default().push(scalar(&value));
                }
            }
        }
    };
    if document.object_type(object).is_ok_and(|kind| kind.is_sequence()) {
        for index in 0..document.length(object) {
            add(format!("{above}{index}"), document.get_all(object, index).unwrap_or_default());
        }
        return;
    }
    for key in document.keys(object) {
        let values = document.get_all(object, key.as_str()).unwrap_or_default();
        add(format!("{above}{key}"), values);
    }
}

/// A single value.
pub(crate) fn scalar(value: &ScalarValue) -> Scalar {
    match value {
        ScalarValue::Str(text) => Scalar::Text(text.to_string()),
        ScalarValue::Int(number) | ScalarValue::Timestamp(number) => Scalar::Int(*number),
        ScalarValue::Uint(number) => Scalar::Uint(*number),
        ScalarValue::F64(number) => Scalar::Float(*number),
        ScalarValue::Boolean(flag) => Scalar::Flag(*flag),
        ScalarValue::Bytes(bytes) => Scalar::Sealed { sealed: hex::encode(bytes) },
        ScalarValue::Null => Scalar::Null,
        other => Scalar::Text(other.to_string()),
    }
}
