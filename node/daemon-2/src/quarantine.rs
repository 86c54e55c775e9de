//! 隔离区: what was refused, and what was admitted and does not count. It is evidence, and is never
//! deleted; the owner of a document may take envelopes as its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use automerge::legacy::{Key, Op, OpType};
use automerge::{Change, ScalarValue};
use node_api::{
    Adopt, Adopted, Claims, Content, Discard, Discarded, Failure, ForkProven, InvalidEntry,
    Quarantine, QuarantineList, QuarantineShow, QuarantineShown, RefusedItem, Scalar, State,
    StillInvalid,
};
use node_replication::QuarantinedItem;
use node_replication::history::{self, Entry, Suspended};
use node_replication::store::{ReadStore, Table};
use schema_documents::seal::PersonId;
use schema_wire::limits::ADOPTED_MAX;
use schema_wire::{DocumentId, Ed25519, Equivocation, Hash, Header, Item, NodeKey, Payload, Wire};

use crate::authority::{self, Issuer};
use crate::engine::Context;
use crate::{parse, records};

/// Marks of this node's own: what its operator has seen and put aside.
const DISCARDED: &str = "discarded/";
/// Characters of an id that are enough to name it.
const PREFIX_MIN: usize = 8;

fn mark(id: &Hash) -> Vec<u8> {
    [DISCARDED.as_bytes(), &id.0].concat()
}

fn discarded(context: &Context<'_>, id: &Hash) -> Result<bool> {
    Ok(context.reads().read(Table::Meta, &mark(id))?.is_some())
}

/// The envelopes behind them, each document read once.
fn entries(context: &Context<'_>, suspended: &[Suspended]) -> Result<BTreeMap<Hash, Entry>> {
    let mut documents: BTreeMap<&DocumentId, BTreeSet<Hash>> = BTreeMap::new();
    for held in suspended {
        documents.entry(&held.document).or_default().insert(held.envelope);
    }
    let mut found = BTreeMap::new();
    for (document, ids) in documents {
        let read = history::envelopes(context.reads(), document, &ids)?;
        found.extend(read.into_iter().map(|entry| (entry.header.id(), entry)));
    }
    Ok(found)
}

/// The id a refused item has, or would have: that of its bytes, where it does not read.
fn id_of(item: &QuarantinedItem) -> Hash {
    Item::from_bytes(&item.item).map_or_else(|_| Hash::of(&item.item), |item| item.id())
}

/// What does not count and what was refused, newest first.
pub(crate) fn list(context: &Context<'_>, asked: &Quarantine) -> Result<QuarantineList> {
    let (mut invalid, mut hidden) = (Vec::new(), 0);
    let suspended = history::suspended(context.reads())?;
    let entries = entries(context, &suspended)?;
    for held in suspended {
        let discarded = discarded(context, &held.envelope)?;
        hidden += u64::from(discarded);
        if let Some(entry) = entries.get(&held.envelope).filter(|_| asked.all || !discarded) {
            invalid.push(invalid_entry(held, entry.header.value(), discarded));
        }
    }
    invalid.sort_by_key(|entry| std::cmp::Reverse(entry.at_ms));
    let mut refused = Vec::new();
    for item in node_replication::quarantine(context.reads())? {
        let id = id_of(&item);
        let discarded = discarded(context, &id)?;
        hidden += u64::from(discarded);
        if asked.all || !discarded {
            refused.push(refused_item(item, &id, discarded));
        }
    }
    Ok(QuarantineList { invalid, refused, discarded: hidden })
}

fn invalid_entry(held: Suspended, header: &Header, discarded: bool) -> InvalidEntry {
    InvalidEntry {
        id: held.envelope.to_string(),
        document: held.document.to_string(),
        author: header.author.key.to_string(),
        incarnation: header.author.incarnation.to_string(),
        seq: header.seq,
        at_ms: header.at_ms,
        code: held.code,
        text: held.text,
        discarded,
    }
}

fn refused_item(item: QuarantinedItem, id: &Hash, discarded: bool) -> RefusedItem {
    RefusedItem {
        id: id.to_string(),
        peer: item.peer.to_string(),
        at_ms: item.at_ms,
        bytes: item.item.len() as u64,
        code: item.code,
        text: item.text,
        discarded,
    }
}

/// The one id that begins so.
fn named(prefix: &str, ids: impl IntoIterator<Item = Hash>) -> Result<Option<Hash>> {
    if prefix.len() < PREFIX_MIN {
        return Err(Failure::IdTooShort { id: prefix.to_owned(), min: PREFIX_MIN }.into());
    }
    let ids: BTreeSet<Hash> =
        ids.into_iter().filter(|id| id.to_string().starts_with(prefix)).collect();
    match ids.len() {
        0 => Ok(None),
        1 => Ok(ids.into_iter().next()),
        count => Err(Failure::IdAmbiguous { id: prefix.to_owned(), count }.into()),
    }
}

fn not_there(id: &str) -> Failure {
    Failure::NotInQuarantine { id: id.to_owned() }
}

/// One of them in full.
pub(crate) fn show(context: &Context<'_>, asked: &QuarantineShow) -> Result<QuarantineShown> {
    let id = &asked.id;
    let suspended = history::suspended(context.reads())?;
    if let Some(found) = named(id, suspended.iter().map(|s| s.envelope))? {
        let suspended = suspended.iter().find(|s| s.envelope == found);
        return show_invalid(context, suspended.ok_or_else(|| not_there(id))?);
    }
    let refused = node_replication::quarantine(context.reads())?;
    let found = named(id, refused.iter().map(id_of))?.ok_or_else(|| not_there(id))?;
    let item = refused.iter().find(|item| id_of(item) == found).ok_or_else(|| not_there(id))?;
    Ok(QuarantineShown {
        id: found.to_string(),
        code: item.code.clone(),
        text: item.text.clone(),
        state: State::Refused {
            peer: item.peer.to_string(),
            at_ms: item.at_ms,
            item: hex::encode(&item.item),
        },
        // Nothing of it was believed: this is what it claims.
        claims: match Item::from_bytes(&item.item) {
            Ok(Item::Envelope(envelope)) => {
                Some(claims(context, envelope.header.claims(), &envelope.content))
            }
            Ok(Item::Statement(statement)) => {
                let issuer = statement.issuer();
                let (issuer, unit) = (issuer.key.to_string(), issuer.unit.to_string());
                Some(Claims::Statement { issuer, unit })
            }
            Err(_) => None,
        },
    })
}

fn show_invalid(context: &Context<'_>, suspended: &Suspended) -> Result<QuarantineShown> {
    let id = suspended.envelope;
    let entry = entries(context, std::slice::from_ref(suspended))?.remove(&id);
    let entry = entry.with_context(|| format!("envelope {id} is not in its log"))?;
    let header = entry.header.value();
    let proofs = history::equivocations(context.reads(), &suspended.document)?;
    let here = |proof: &&Equivocation| {
        (proof.claims().author, proof.claims().seq) == (header.author, header.seq)
    };
    let fork_proof = proofs.iter().find(here).map(|proof| hex::encode(proof.to_bytes()));
    Ok(QuarantineShown {
        id: id.to_string(),
        code: suspended.code.clone(),
        text: suspended.text.clone(),
        state: State::Invalid { discarded: discarded(context, &id)?, fork_proof },
        claims: Some(claims(context, header, &entry.content)),
    })
}

fn claims(context: &Context<'_>, header: &Header, bytes: &[u8]) -> Claims {
    Claims::Entry {
        document: header.document.to_string(),
        author: header.author.key.to_string(),
        incarnation: header.author.incarnation.to_string(),
        seq: header.seq,
        at_ms: header.at_ms,
        signed_under: authority::signed_under(context, &header.delegation, header.at_ms),
        content: content(context, header, bytes),
    }
}

/// What an envelope would change, one operation after the other.
fn content(context: &Context<'_>, header: &Header, bytes: &[u8]) -> Content {
    if matches!(header.payload, Payload::Keys(_)) {
        return Content::Keys;
    }
    // Foreign bytes: whatever happens inside is no reason to fail here.
    let bytes = bytes.to_vec();
    let decoded = std::panic::catch_unwind(|| Change::from_bytes(bytes).map(|c| c.decode()));
    let Ok(Ok(change)) = decoded else { return Content::Unreadable };
    let persons = persons(&change.operations);
    Content::Changes(change.operations.iter().map(|op| operation(context, &persons, op)).collect())
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

fn operation(
    context: &Context<'_>,
    persons: &BTreeMap<String, PersonId>,
    op: &Op,
) -> node_api::Change {
    use node_api::Change::{Delete, Other, Set};
    let key = match &op.key {
        Key::Map(key) => key.to_string(),
        Key::Seq(element) => format!("{element:?}"),
    };
    match &op.action {
        OpType::Put(value @ ScalarValue::Bytes(sealed)) => {
            match opened(context, persons, &key, sealed) {
                Some(text) => Set { key, to: Scalar::Text(text), sealed: true },
                None => Set { key, to: records::scalar(value), sealed: true },
            }
        }
        OpType::Put(value) => Set { key, to: records::scalar(value), sealed: false },
        OpType::Delete => Delete { key },
        other => Other { key, what: format!("{other:?}") },
    }
}

/// Opens a sealed field, if the unit's keyring here has the person's key.
fn opened(
    context: &Context<'_>,
    persons: &BTreeMap<String, PersonId>,
    key: &str,
    sealed: &[u8],
) -> Option<String> {
    let (record, field) = key.split_once('/')?;
    let person = persons.get(record).copied().or_else(|| PersonId::parse(record))?;
    records::open_field(context, person, field, sealed)
}

/// 认领: takes envelopes that do not count as the unit's own, and says what counts now.
pub(crate) fn adopt(context: &mut Context<'_>, choice: &Adopt) -> Result<Adopted> {
    let before = history::suspended(context.reads())?;
    let entries = entries(context, &before)?;
    let author_of = |s: &Suspended| entries.get(&s.envelope).map(|e| e.header.value().author.key);
    let (chosen, forks_left) = chosen(&before, choice, author_of)?;
    let own = context.unit().clone();
    if let Some(foreign) = chosen.iter().find(|s| s.document.owner != own) {
        let owner = &foreign.document.owner;
        return Err(Failure::ForeignDocument {
            document: foreign.document.to_string(),
            owner: owner.to_string(),
            holders: authority::holders(context, owner),
        }
        .into());
    }
    let mut ids: Vec<Hash> = chosen.iter().map(|s| s.envelope).collect();
    ids.sort_unstable();
    ids.dedup();
    let issuer = Issuer::of_unit(context)?;
    for chunk in ids.chunks(ADOPTED_MAX) {
        context.learn(issuer.adopt(chunk.to_vec()))?;
    }
    let after = history::suspended(context.reads())?;
    let restored = before.len().saturating_sub(after.len()) as u64;
    let still = after.into_iter().filter(|s| ids.binary_search(&s.envelope).is_ok());
    let still_invalid: Vec<StillInvalid> = still
        .map(|s| StillInvalid { id: s.envelope.to_string(), code: s.code, text: s.text })
        .collect();
    Ok(Adopted {
        adopted: ids.len() as u64,
        count_now: (ids.len() - still_invalid.len()) as u64,
        restored,
        still_invalid,
        forks_left,
    })
}

/// Those named, or all of an author's. Of a fork only the operator can choose a side; and what
/// merely rests on others comes back with them.
fn chosen(
    suspended: &[Suspended],
    choice: &Adopt,
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
    let author = parse::key(author)?;
    let document = choice.document.as_deref().map(parse::document).transpose()?;
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
        return Err(Failure::NothingToAdopt { author: author.to_string(), forks }.into());
    }
    Ok((found, forks))
}

/// Puts them aside here: they are no longer listed. Nothing is deleted.
pub(crate) fn discard(context: &mut Context<'_>, asked: &Discard) -> Result<Discarded> {
    let suspended = history::suspended(context.reads())?;
    let refused = node_replication::quarantine(context.reads())?;
    let mut found = Vec::new();
    for id in &asked.ids {
        let all = suspended.iter().map(|s| s.envelope).chain(refused.iter().map(id_of));
        found.push(named(id, all)?.ok_or_else(|| not_there(id))?);
    }
    for id in &found {
        context.note(mark(id), Vec::new());
    }
    Ok(Discarded { discarded: found.len() as u64 })
}

/// Checks a proof of a fork. It needs no network and no data folder.
pub(crate) fn verify(proof: &[u8]) -> Result<ForkProven, Failure> {
    let proof = Equivocation::from_bytes(proof).map_err(|_| Failure::NoProof)?;
    if !proof.holds(&Ed25519) {
        return Err(Failure::ProofFails);
    }
    let header = proof.claims();
    Ok(ForkProven {
        network: header.network.to_string(),
        document: header.document.to_string(),
        author: header.author.key.to_string(),
        incarnation: header.author.incarnation.to_string(),
        seq: header.seq,
    })
}
