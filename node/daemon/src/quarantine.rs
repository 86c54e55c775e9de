//! 隔离区: what was refused, and what was admitted and does not count. It is evidence, and is never
//! deleted; the owner of a document may take envelopes as its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, anyhow, bail};
use automerge::legacy::{Key, Op, OpType};
use automerge::{Change, ScalarValue};
use node_replication::QuarantinedItem;
use node_replication::history::{self, Entry, Suspended};
use node_replication::store::{ReadStore, Table};
use schema_documents::seal::PersonId;
use schema_wire::limits::ADOPTED_MAX;
use schema_wire::{DocumentId, Ed25519, Equivocation, Hash, Header, Item, NodeKey, Payload, Wire};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::Desk;
use crate::statement;
use crate::voice::{Voice, governors};
use crate::{office, show};

/// Marks of this node's own: what its operator has seen and put aside.
const DISCARDED: &str = "discarded/";
/// Characters of an id that are enough to name it.
const PREFIX_MIN: usize = 8;

/// What is asked of `gongzhi quarantine adopt`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    #[serde(default)]
    pub(crate) ids: Vec<String>,
    #[serde(default)]
    pub(crate) author: Option<String>,
    #[serde(default)]
    pub(crate) document: Option<String>,
}

fn mark(id: &Hash) -> Vec<u8> {
    [DISCARDED.as_bytes(), &id.0].concat()
}

fn discarded(desk: &Desk<'_>, id: &Hash) -> Result<bool> {
    Ok(desk.reads().read(Table::Meta, &mark(id))?.is_some())
}

/// The envelopes behind them, each document read once.
fn entries(desk: &Desk<'_>, suspended: &[Suspended]) -> Result<BTreeMap<Hash, Entry>> {
    let mut documents: BTreeMap<&DocumentId, BTreeSet<Hash>> = BTreeMap::new();
    for held in suspended {
        documents.entry(&held.document).or_default().insert(held.envelope);
    }
    let mut found = BTreeMap::new();
    for (document, ids) in documents {
        let read = history::envelopes(desk.reads(), document, &ids)?;
        found.extend(read.into_iter().map(|entry| (entry.header.id(), entry)));
    }
    Ok(found)
}

/// The id a refused item has, or would have: that of its bytes, where it does not read.
fn id_of(item: &QuarantinedItem) -> Hash {
    Item::from_bytes(&item.item).map_or_else(|_| Hash::of(&item.item), |item| item.id())
}

/// What does not count and what was refused, newest first.
pub(crate) fn list(desk: &Desk<'_>, all: bool) -> Result<Value> {
    let (mut rows, mut hidden) = (Vec::new(), 0u64);
    let suspended = history::suspended(desk.reads())?;
    let entries = entries(desk, &suspended)?;
    for suspended in suspended {
        let put_aside = discarded(desk, &suspended.envelope)?;
        hidden += u64::from(put_aside);
        let Some(entry) = entries.get(&suspended.envelope).filter(|_| all || !put_aside) else {
            continue;
        };
        let header = entry.header.value();
        rows.push((
            header.at_ms,
            json!({
                "id": suspended.envelope.to_string(), "document": suspended.document.to_string(),
                "author": header.author.key.to_string(), "incarnation": header.author.incarnation,
                "seq": header.seq, "at_ms": header.at_ms, "code": suspended.code,
                "text": suspended.text, "discarded": put_aside,
            }),
        ));
    }
    let mut refused = Vec::new();
    for item in node_replication::quarantine(desk.reads())? {
        let id = id_of(&item);
        let put_aside = discarded(desk, &id)?;
        hidden += u64::from(put_aside);
        if put_aside && !all {
            continue;
        }
        refused.push(json!({
            "id": id.to_string(), "peer": item.peer.to_string(), "at_ms": item.at_ms,
            "code": item.code, "text": item.text, "bytes": item.item.len(),
            "discarded": put_aside,
        }));
    }
    rows.sort_by_key(|(at_ms, _)| std::cmp::Reverse(*at_ms));
    let rows: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
    Ok(json!({ "suspended": rows, "refused": refused, "discarded": hidden }))
}

/// The one id that begins so.
fn named(prefix: &str, ids: impl IntoIterator<Item = Hash>) -> Result<Option<Hash>> {
    if prefix.len() < PREFIX_MIN {
        bail!(
            "编号至少 {PREFIX_MIN} 位 give at least {PREFIX_MIN} characters of the id {prefix:?}"
        );
    }
    let ids: BTreeSet<Hash> =
        ids.into_iter().filter(|id| id.to_string().starts_with(prefix)).collect();
    match ids.len() {
        0 => Ok(None),
        1 => Ok(ids.into_iter().next()),
        several => bail!("{prefix} 不唯一 names {several} of them; give more of the id"),
    }
}

fn not_there(id: &str) -> anyhow::Error {
    anyhow!("隔离区中没有 {id} nothing in quarantine has this id here")
}

/// One of them in full.
pub(crate) fn show(desk: &Desk<'_>, id: &str) -> Result<Value> {
    let suspended = history::suspended(desk.reads())?;
    if let Some(found) = named(id, suspended.iter().map(|s| s.envelope))? {
        let suspended = suspended.iter().find(|s| s.envelope == found);
        return show_suspended(desk, suspended.ok_or_else(|| not_there(id))?);
    }
    let refused = node_replication::quarantine(desk.reads())?;
    let found = named(id, refused.iter().map(id_of))?.ok_or_else(|| not_there(id))?;
    let item = refused.iter().find(|item| id_of(item) == found).ok_or_else(|| not_there(id))?;
    let mut shown = json!({
        "id": found.to_string(), "state": "refused", "peer": item.peer.to_string(),
        "at_ms": item.at_ms, "code": item.code, "text": item.text, "item": hex::encode(&item.item),
    });
    match Item::from_bytes(&item.item) {
        Ok(Item::Envelope(envelope)) => {
            // Nothing of it was believed: this is what it claims.
            shown["claims"] = described(desk, envelope.header.claims());
            shown["operations"] = operations(desk, envelope.header.claims(), &envelope.content);
        }
        Ok(Item::Statement(statement)) => {
            let issuer = statement.issuer();
            shown["claims"] =
                json!({ "issuer": issuer.key.to_string(), "unit": issuer.unit.as_str() });
        }
        Err(_) => {}
    }
    Ok(shown)
}

fn show_suspended(desk: &Desk<'_>, suspended: &Suspended) -> Result<Value> {
    let id = suspended.envelope;
    let entry = entries(desk, std::slice::from_ref(suspended))?.remove(&id);
    let entry = entry.with_context(|| format!("envelope {id} is not in its log"))?;
    let header = entry.header.value();
    let proofs = history::equivocations(desk.reads(), &suspended.document)?;
    let here = |proof: &&Equivocation| {
        (proof.claims().author, proof.claims().seq) == (header.author, header.seq)
    };
    let proof = proofs.iter().find(here).map(|proof| hex::encode(proof.to_bytes()));
    Ok(json!({
        "id": suspended.envelope.to_string(), "state": "suspended", "code": suspended.code,
        "text": suspended.text, "claims": described(desk, header),
        "operations": operations(desk, header, &entry.content), "equivocation": proof,
        "discarded": discarded(desk, &suspended.envelope)?,
    }))
}

fn described(desk: &Desk<'_>, header: &Header) -> Value {
    json!({
        "document": header.document.to_string(), "author": header.author.key.to_string(),
        "incarnation": header.author.incarnation, "seq": header.seq, "at_ms": header.at_ms,
        "authority": statement::describe(desk, &header.delegation, header.at_ms),
    })
}

/// What an envelope would change, one operation after the other.
fn operations(desk: &Desk<'_>, header: &Header, content: &[u8]) -> Value {
    if matches!(header.payload, Payload::Keys(_)) {
        return json!("keys");
    }
    // Foreign bytes: whatever happens inside is no reason to fail here.
    let bytes = content.to_vec();
    let decoded = std::panic::catch_unwind(|| Change::from_bytes(bytes).map(|c| c.decode()));
    let Ok(Ok(change)) = decoded else { return Value::Null };
    let persons = persons(&change.operations);
    change.operations.iter().map(|op| operation(desk, &persons, op)).collect()
}

/// The persons that records of a change name in their field `person`.
fn persons(operations: &[Op]) -> BTreeMap<String, PersonId> {
    let person = |op: &Op| {
        let Key::Map(key) = &op.key else { return None };
        let (record, field) = key.split_once('/')?;
        match &op.action {
            OpType::Put(ScalarValue::Str(text)) if field == "person" => {
                Some((record.to_owned(), PersonId::parse(text)?))
            }
            _ => None,
        }
    };
    operations.iter().filter_map(person).collect()
}

fn operation(desk: &Desk<'_>, persons: &BTreeMap<String, PersonId>, op: &Op) -> Value {
    let key = match &op.key {
        Key::Map(key) => key.to_string(),
        Key::Seq(element) => format!("{element:?}"),
    };
    match &op.action {
        OpType::Put(ScalarValue::Bytes(sealed)) => match opened(desk, persons, &key, sealed) {
            Some(text) => json!({ "set": key, "to": text, "sealed": true }),
            None => json!({ "set": key, "sealed": true, "bytes": sealed.len() }),
        },
        OpType::Put(value) => json!({ "set": key, "to": show::scalar(value) }),
        OpType::Delete => json!({ "delete": key }),
        OpType::Make(kind) => json!({ "make": key, "kind": kind.to_string() }),
        other => json!({ "do": format!("{other:?}"), "at": key }),
    }
}

/// Opens a sealed field, if the unit's keyring here has the person's key.
fn opened(
    desk: &Desk<'_>,
    persons: &BTreeMap<String, PersonId>,
    key: &str,
    sealed: &[u8],
) -> Option<String> {
    let (record, field) = key.split_once('/')?;
    let person = persons.get(record).copied().or_else(|| PersonId::parse(record))?;
    office::open_field(desk, person, field, sealed)
}

/// 认领: takes suspended envelopes as the unit's own, and says what counts now.
pub(crate) fn adopt(desk: &mut Desk<'_>, choice: &Choice) -> Result<Value> {
    let before = history::suspended(desk.reads())?;
    let entries = entries(desk, &before)?;
    let author_of = |s: &Suspended| entries.get(&s.envelope).map(|e| e.header.value().author.key);
    let (chosen, forks) = chosen(&before, choice, author_of)?;
    let own = desk.unit().clone();
    if let Some(foreign) = chosen.iter().find(|s| s.document.owner != own) {
        let owner = &foreign.document.owner;
        let keys: Vec<String> = governors(desk, owner).iter().map(ToString::to_string).collect();
        bail!(
            "{} 属于 {owner}, 只有它能认领 belongs to {owner}, which alone can adopt it: {}",
            foreign.document,
            keys.join(", ")
        );
    }
    let mut ids: Vec<Hash> = chosen.iter().map(|s| s.envelope).collect();
    ids.sort_unstable();
    ids.dedup();
    let voice = Voice::of_unit(desk)?;
    for chunk in ids.chunks(ADOPTED_MAX) {
        desk.learn(voice.adopt(chunk.to_vec()))?;
    }
    let after = history::suspended(desk.reads())?;
    let still: Vec<Value> = after
        .iter()
        .filter(|s| ids.binary_search(&s.envelope).is_ok())
        .map(|s| json!({ "id": s.envelope.to_string(), "code": s.code, "text": s.text }))
        .collect();
    Ok(json!({
        "adopted": ids.len(), "count_now": ids.len() - still.len(),
        "restored": before.len().saturating_sub(after.len()), "still_suspended": still,
        "forks_left": forks,
    }))
}

/// Those named, or all of an author's. Of a fork only the operator can choose a side; and what
/// merely rests on others comes back with them.
fn chosen(
    suspended: &[Suspended],
    choice: &Choice,
    author_of: impl Fn(&Suspended) -> Option<NodeKey>,
) -> Result<(Vec<Suspended>, u64)> {
    let Some(author) = &choice.author else {
        let mut found = Vec::new();
        for id in &choice.ids {
            let envelope = named(id, suspended.iter().map(|s| s.envelope))?;
            let held = suspended.iter().find(|s| Some(s.envelope) == envelope);
            found.push(held.ok_or_else(|| not_there(id))?.clone());
        }
        return Ok((found, 0));
    };
    let author: NodeKey = author.parse()?;
    let document: Option<DocumentId> = choice.document.as_deref().map(str::parse).transpose()?;
    let (mut found, mut forks) = (Vec::new(), 0);
    for held in suspended {
        let meant = document.as_ref().is_none_or(|document| held.document == *document);
        if !meant || held.code == "rests-on-suspended" || author_of(held) != Some(author) {
            continue;
        }
        match held.code.as_str() {
            "fork" => forks += 1,
            _ => found.push(held.clone()),
        }
    }
    if found.is_empty() {
        bail!(
            "没有可认领的条目 nothing of {author} can be adopted as a whole; of {forks} envelopes \
             in forks choose a side by id"
        );
    }
    Ok((found, forks))
}

/// Puts them aside here: they are no longer listed. Nothing is deleted.
pub(crate) fn discard(desk: &mut Desk<'_>, ids: &[String]) -> Result<Value> {
    let suspended = history::suspended(desk.reads())?;
    let refused = node_replication::quarantine(desk.reads())?;
    let mut found = Vec::new();
    for id in ids {
        let all = suspended.iter().map(|s| s.envelope).chain(refused.iter().map(id_of));
        found.push(named(id, all)?.ok_or_else(|| not_there(id))?);
    }
    for id in &found {
        desk.note(mark(id), Vec::new());
    }
    Ok(json!({ "discarded": found.len(), "evidence": "kept" }))
}

/// Checks a proof of equivocation. It needs no network and no data folder.
pub(crate) fn verify(proof: &[u8]) -> Result<Value> {
    let proof = Equivocation::from_bytes(proof)
        .context("不是分叉证明 not a proof of equivocation in this protocol")?;
    if !proof.holds(&Ed25519) {
        bail!("签名无效, 证明不成立 a signature does not hold: it proves nothing");
    }
    let header = proof.claims();
    Ok(json!({
        "proves": "equivocation", "network": header.network.to_string(),
        "document": header.document.to_string(), "author": header.author.key.to_string(),
        "incarnation": header.author.incarnation, "seq": header.seq,
    }))
}
