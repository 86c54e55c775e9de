//! The documents held, and one document in full.

use std::collections::BTreeMap;

use anyhow::Result;
use node_api::{Contents, Document, DocumentContents, HistoryEntry, Payload, Scalar};
use node_replication::change;
use node_replication::document::Value;
use node_replication::history::{self, Entry};
use node_replication::log::{self, DocumentRecord};
use node_replication::store::ReadStore;
use schema_wire::{Content, DocumentId};

use crate::authority;
use crate::queries::View;

/// Every document this node holds.
pub(crate) fn documents(store: &impl ReadStore) -> Result<Vec<Document>> {
    let mut held = Vec::new();
    for document in log::documents(store)? {
        let record = DocumentRecord::load(store, &document)?;
        let newest = history::entries(store, &record.heads)?;
        held.push(Document {
            document: document.to_string(),
            envelopes: record.envelopes,
            at_ms: newest.iter().map(|entry| entry.at.get()).max().unwrap_or(0),
            heads: record.heads.iter().map(ToString::to_string).collect(),
        });
    }
    Ok(held)
}

/// One document: its fields with every concurrent value, its history, and who signed under what.
pub(crate) fn inspect(view: &mut View<'_>, document: &DocumentId) -> Result<DocumentContents> {
    let mut past = Vec::new();
    for entry in history::all(&view.store, document)? {
        past.push(happened(view, document, &entry)?);
    }
    let contents = match document.class().content() {
        Content::Changes => fields(view, document)?,
        _ => Contents::Keyring,
    };
    Ok(DocumentContents { document: document.to_string(), contents, history: past })
}

fn happened(view: &View<'_>, document: &DocumentId, entry: &Entry) -> Result<HistoryEntry> {
    let suspended = log::validity(&view.store, document, &entry.id)?.reason();
    Ok(HistoryEntry {
        envelope: entry.id.to_string(),
        author: entry.author.key.to_string(),
        incarnation: entry.author.incarnation.to_string(),
        seq: entry.seq,
        at_ms: entry.at.get(),
        bytes: entry.bytes,
        payload: match history::envelope(&view.store, &entry.id)?.content() {
            schema_wire::Payload::Changes(_) => Payload::Changes,
            schema_wire::Payload::Keys(_) => Payload::Keys,
            schema_wire::Payload::Erasures(_) => Payload::Erasures,
            schema_wire::Payload::Letter(_) => Payload::Letter,
            schema_wire::Payload::Acknowledgement(_) => Payload::Acknowledgements,
        },
        suspended: suspended.map(|reason| reason.code().to_owned()),
        signed_under: authority::signed_under(view, &entry.delegation, entry.at),
    })
}

fn fields(view: &mut View<'_>, document: &DocumentId) -> Result<Contents> {
    let held = &view.library.open(&view.store, document)?.document;
    let fields: BTreeMap<String, Vec<Scalar>> = held
        .keys_from("")
        .map(|key| (key.to_owned(), held.values(key).map(scalar).collect()))
        .collect();
    Ok(Contents::Fields(fields))
}

/// A single value.
pub(crate) fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Null => Scalar::Null,
        Value::Boolean(flag) => Scalar::Flag(*flag),
        Value::Integer(number) => Scalar::Integer(*number),
        Value::Text(text) => Scalar::Text(text.to_string()),
        Value::Bytes(bytes) => Scalar::Sealed { sealed: hex::encode(bytes) },
    }
}

/// What an operation would put.
pub(crate) fn put_scalar(value: change::Scalar<'_>) -> Scalar {
    match value {
        change::Scalar::Null | change::Scalar::Other(..) => Scalar::Null,
        change::Scalar::Boolean(flag) => Scalar::Flag(flag),
        change::Scalar::Integer(number) => Scalar::Integer(number),
        change::Scalar::Text(text) => Scalar::Text(text.to_owned()),
        change::Scalar::Bytes(bytes) => Scalar::Sealed { sealed: hex::encode(bytes) },
    }
}
