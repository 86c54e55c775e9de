//! What operators see: the replication state, the documents held, and one document in full.

use anyhow::Result;
use automerge::{AutoCommit, ObjId, ROOT, ReadDoc, ScalarValue, Value as Held};
use node_replication::history;
use schema_wire::{Delegation, DocumentId, Payload, Verified};
use serde_json::{Map, Value, json};

use crate::engine::{Desk, now_ms};
use crate::{disk, life, statement};

/// Who holds what of ours, how far behind and since when, what was refused and why.
pub(crate) fn status(desk: &mut Desk<'_>) -> Result<Value> {
    let status = desk.replica.status(desk.reads())?;
    let scopes: Vec<Value> = status
        .scopes
        .iter()
        .map(|scope| {
            json!({
                "scope": scope.scope.to_string(), "items": scope.items,
                "fingerprint": hex::encode(scope.fingerprint),
                "receipts": {
                    "here": scope.items, "unit": scope.receipts.unit,
                    "parent": scope.receipts.parent,
                },
            })
        })
        .collect();
    let peers: Vec<Value> = status
        .peers
        .iter()
        .map(|peer| {
            json!({
                "peer": peer.peer.to_string(), "unit": peer.unit.as_str(),
                "connected": peer.connected, "authorised": peer.authorised, "met_ms": peer.met_ms,
                "behind": peer.lag.envelopes, "behind_since_ms": peer.lag.since_ms,
            })
        })
        .collect();
    let refused: Vec<Value> = node_replication::quarantine(desk.reads())?
        .into_iter()
        .take(20)
        .map(|item| {
            json!({
                "at_ms": item.at_ms, "peer": item.peer.to_string(), "code": item.code,
                "text": item.text, "bytes": item.item.len(),
            })
        })
        .collect();
    let mut heads = Map::new();
    for scope in &status.scopes {
        for summary in history::documents(desk.reads(), &scope.scope)? {
            let ids: Vec<String> = summary.heads.iter().map(ToString::to_string).collect();
            heads.insert(summary.document.to_string(), json!(ids));
        }
    }
    let authority = desk.replica.authority();
    let paused = authority.suspended(&status.unit).map(|suspension| {
        let value = suspension.value();
        json!({
            "by": value.issuer_unit.as_str(), "reason": value.reason, "since_ms": value.at_ms,
            "suspension": suspension.id().to_string(),
        })
    });
    let caretaker = |delegation: &Verified<Delegation>| {
        let value = delegation.value();
        json!({
            "node": value.subject.to_string(), "from_unit": value.issuer_unit.as_str(),
            "until_ms": value.not_after_ms, "delegation": delegation.id().to_string(),
        })
    };
    let caretakers = authority.caretakers(&status.unit, now_ms()).into_iter().map(caretaker);
    let caretakers: Vec<Value> = caretakers.collect();
    Ok(json!({
        "unit": status.unit.as_str(), "node": status.node.to_string(),
        "reporting_suspended": paused, "caretakers": caretakers, "life": life::told(desk.past, desk.doubled),
        "disk_left_bytes": disk::left(desk.folder),
        "incarnation": status.incarnation, "now_ms": now_ms(),
        "network": desk.replica.authority().network().to_string(),
        "scopes": scopes, "peers": peers, "documents": heads.len(), "heads": heads,
        "items_refused": status.rejections, "sessions_refused": status.refused_sessions,
        "quarantined": status.quarantined, "suspended": status.suspended, "refused_newest": refused,
        "documents_loaded": desk.library.loads(),
    }))
}

/// Every document this node holds.
pub(crate) fn documents(desk: &mut Desk<'_>) -> Result<Value> {
    let city = desk.replica.authority().genesis().unit.clone();
    let summaries = history::documents_below(desk.reads(), &city)?;
    let entry = |summary: history::Summary| {
        json!({
            "document": summary.document.to_string(), "envelopes": summary.envelopes,
            "at_ms": summary.at_ms,
            "heads": summary.heads.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    };
    Ok(summaries.into_iter().map(entry).collect())
}

/// One document: its fields with every concurrent value, its history, and who signed under what.
pub(crate) fn inspect(desk: &mut Desk<'_>, document: &DocumentId) -> Result<Value> {
    let entries = history::entries(desk.reads(), document)?;
    let history: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let header = entry.header.value();
            json!({
                "envelope": entry.header.id().to_string(),
                "author": header.author.key.to_string(),
                "incarnation": header.author.incarnation, "seq": header.seq,
                "at_ms": header.at_ms, "bytes": entry.content.len(),
                "kind": match header.payload { Payload::Changes(_) => "changes", Payload::Keys(_) => "keys" },
                "authority": statement::describe(desk, &header.delegation, header.at_ms),
            })
        })
        .collect();
    let keyring = document.class == schema_wire::Class::Keyring;
    let (fields, unusable) = if keyring {
        (Value::Null, Vec::new())
    } else {
        let reads = &desk.store;
        let loaded = desk.library.open(reads, document)?;
        let unusable = loaded
            .unusable
            .iter()
            .map(|u| json!({"envelope": u.envelope.to_string(), "reason": u.reason}))
            .collect();
        (fields(&loaded.document, &ROOT), unusable)
    };
    Ok(json!({
        "document": document.to_string(), "fields": fields, "history": history,
        "left_out": unusable,
    }))
}

/// The fields of a map or list. A field with concurrent values shows them all.
fn fields(document: &AutoCommit, object: &ObjId) -> Value {
    let show = |values: Vec<(Held<'_>, ObjId)>| -> Value {
        let mut shown: Vec<Value> =
            values.into_iter().map(|(value, id)| held(document, value, &id)).collect();
        match shown.len() {
            1 => shown.remove(0),
            _ => json!({ "concurrent": shown }),
        }
    };
    if document.object_type(object).is_ok_and(|kind| kind.is_sequence()) {
        let items = 0..document.length(object);
        return items.map(|i| show(document.get_all(object, i).unwrap_or_default())).collect();
    }
    let mut map = Map::new();
    for key in document.keys(object) {
        map.insert(key.clone(), show(document.get_all(object, key.as_str()).unwrap_or_default()));
    }
    Value::Object(map)
}

fn held(document: &AutoCommit, value: Held<'_>, id: &ObjId) -> Value {
    match value {
        Held::Object(_) => fields(document, id),
        Held::Scalar(value) => scalar(&value),
    }
}

/// A single value, as JSON has it.
pub(crate) fn scalar(value: &ScalarValue) -> Value {
    match value {
        ScalarValue::Str(text) => json!(text.as_str()),
        ScalarValue::Int(number) => json!(number),
        ScalarValue::Uint(number) => json!(number),
        ScalarValue::F64(number) => json!(number),
        ScalarValue::Boolean(flag) => json!(flag),
        ScalarValue::Timestamp(ms) => json!(ms),
        ScalarValue::Bytes(bytes) => json!(format!("sealed:{}", hex::encode(bytes))),
        ScalarValue::Null => Value::Null,
        other => json!(other.to_string()),
    }
}
