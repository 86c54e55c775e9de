//! 隔离区: what was refused, and what was admitted and does not count. It is evidence, and is never
//! deleted; the owner of a document may take envelopes as its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use node_api::{
    Adopt, Adopted, Claims, Content, Discard, Discarded, Failure, ForkProven, InvalidEntry,
    Quarantine, QuarantineList, QuarantineShow, QuarantineShown, Sentence, State, StillInvalid,
};
use node_replication::history::{self, Suspended};
use node_replication::replica::{self, RefusedItem};
use node_replication::store::{ReadStore, Table};
use node_replication::{change, counts};
use schema_wire::{
    Author, DocumentId, Ed25519, Envelope, Equivocation, Hash, Item, Mark, Payload, Scope, Wire,
};

use crate::authority;
use crate::clock;
use crate::context::Context;
use crate::queries::View;
use crate::{parse, records};

/// Marks of this node's own: what its operator has seen and put aside.
const DISCARDED: &str = "discarded/";
fn mark(id: &Hash) -> Vec<u8> {
    [DISCARDED.as_bytes(), &id.0].concat()
}

fn discarded(view: &View<'_>, id: &Hash) -> Result<bool> {
    Ok(view.store.read(Table::Meta, &mark(id))?.is_some())
}

/// What does not count and what was refused, newest first.
pub(crate) fn list(view: &View<'_>, asked: &Quarantine) -> Result<QuarantineList> {
    let (mut invalid, mut hidden) = (Vec::new(), 0);
    for held in history::suspended(&view.store)? {
        let discarded = discarded(view, &held.entry.id)?;
        hidden += u64::from(discarded);
        if asked.all || !discarded {
            invalid.push(invalid_entry(&held, discarded));
        }
    }
    invalid.sort_by_key(|entry| std::cmp::Reverse(entry.at_ms));
    let mut refused = Vec::new();
    for item in replica::refused(&view.store)? {
        let discarded = discarded(view, &item.id())?;
        hidden += u64::from(discarded);
        if asked.all || !discarded {
            refused.push(refused_item(&item, discarded));
        }
    }
    Ok(QuarantineList { invalid, refused, discarded: hidden })
}

fn invalid_entry(held: &Suspended, discarded: bool) -> InvalidEntry {
    let entry = &held.entry;
    InvalidEntry {
        id: entry.id.to_string(),
        document: held.document.to_string(),
        author: entry.author.key.to_string(),
        incarnation: entry.author.incarnation.to_string(),
        seq: entry.seq,
        at_ms: entry.at.get(),
        code: held.reason.code().to_owned(),
        text: because(held.reason),
        discarded,
    }
}

/// Why an envelope does not count, in words.
fn because(reason: counts::Reason) -> Sentence {
    let (zh, en) = match reason {
        counts::Reason::Unpermitted => ("没有有效的授权允许它", "no grant that holds permits it"),
        counts::Reason::RestsOnSuspended => {
            ("它所依据的条目不计入", "it rests on an entry that does not count")
        }
        counts::Reason::Outvoted => {
            ("同一位置上已选定另一条", "another entry was chosen at its place")
        }
        counts::Reason::Fork => (
            "作者在同一位置签了两条，尚未选定",
            "its author signed two at one place, and nobody chose yet",
        ),
    };
    Sentence { zh: zh.into(), en: en.into() }
}

fn refused_item(item: &RefusedItem, discarded: bool) -> node_api::RefusedItem {
    node_api::RefusedItem {
        id: item.id().to_string(),
        peer: item.peer.to_string(),
        at_ms: item.at.get(),
        bytes: item.item.len() as u64,
        code: item.code.clone(),
        text: item.text.clone(),
        discarded,
    }
}

fn not_there(id: &str) -> Failure {
    Failure::NotInQuarantine { id: id.to_owned() }
}

/// One of them in full.
pub(crate) fn show(view: &View<'_>, asked: &QuarantineShow) -> Result<QuarantineShown> {
    let id = &asked.id;
    let suspended = history::suspended(&view.store)?;
    if let Some(found) = parse::named(id, suspended.iter().map(|held| held.entry.id))? {
        let held = suspended.iter().find(|held| held.entry.id == found);
        return show_invalid(view, held.ok_or_else(|| not_there(id))?);
    }
    let refused = replica::refused(&view.store)?;
    let found =
        parse::named(id, refused.iter().map(RefusedItem::id))?.ok_or_else(|| not_there(id))?;
    let item = refused.iter().find(|item| item.id() == found).ok_or_else(|| not_there(id))?;
    Ok(QuarantineShown {
        id: found.to_string(),
        code: item.code.clone(),
        // As the peer's item was judged: these sentences are in English.
        text: Sentence { zh: item.text.clone(), en: item.text.clone() },
        state: State::Refused {
            peer: item.peer.to_string(),
            at_ms: item.at.get(),
            item: hex::encode(&item.item),
        },
        // Nothing of it was believed: this is what it claims.
        claims: match Item::from_bytes(&item.item) {
            Ok(Item::Envelope(envelope)) => Some(claims(view, &envelope)),
            Ok(Item::Statement(statement)) => Some(Claims::Statement {
                kind: statement.kind().to_string(),
                by: statement.claim().key().to_string(),
            }),
            Err(_) => None,
        },
    })
}

fn show_invalid(view: &View<'_>, held: &Suspended) -> Result<QuarantineShown> {
    let id = held.entry.id;
    let envelope = history::envelope(&view.store, &id)?;
    Ok(QuarantineShown {
        id: id.to_string(),
        code: held.reason.code().to_owned(),
        text: because(held.reason),
        state: State::Invalid {
            discarded: discarded(view, &id)?,
            fork_proof: fork_proof(view, held, &envelope)?,
        },
        claims: Some(claims(view, &envelope)),
    })
}

/// The proof that its author signed another one at the same place.
fn fork_proof(view: &View<'_>, held: &Suspended, envelope: &Envelope) -> Result<Option<String>> {
    let entry = &held.entry;
    for other in history::all(&view.store, &held.document)? {
        if (other.author, other.seq) == (entry.author, entry.seq) && other.id != entry.id {
            let other = history::envelope(&view.store, &other.id)?;
            let proof = Equivocation::of(envelope.header().clone(), other.header().clone());
            return Ok(proof.map(|proof| hex::encode(proof.to_bytes())));
        }
    }
    Ok(None)
}

fn claims(view: &View<'_>, envelope: &Envelope) -> Claims {
    let header = envelope.header().claims();
    Claims::Entry {
        document: header.document.to_string(),
        author: header.author.key.to_string(),
        incarnation: header.author.incarnation.to_string(),
        seq: header.seq(),
        at_ms: header.at.get(),
        signed_under: authority::signed_under(view, &header.delegation, header.at),
        content: content(envelope.content()),
    }
}

/// What an envelope would change, one key after the other.
fn content(payload: &Payload) -> Content {
    let Payload::Changes(bytes) = payload else { return Content::Keys };
    let Ok((change, _)) = change::read(bytes) else { return Content::Unreadable };
    let put = |put: &change::Put<'_>| node_api::Change {
        key: put.key.to_owned(),
        to: records::put_scalar(put.value),
    };
    Content::Changes(change.puts.iter().map(put).collect())
}

/// 认领: takes the logs in which envelopes do not count as the unit's own, up to these, and says
/// what counts now.
pub(crate) fn adopt(context: &mut Context<'_>, choice: &Adopt) -> Result<Adopted> {
    let before = history::suspended(&context.store)?;
    let (chosen, forks_left) = chosen(&before, choice)?;
    let own = context.unit().clone();
    if let Some(foreign) = chosen.iter().find(|held| *held.document.owner() != own) {
        let owner = foreign.document.owner();
        return Err(Failure::ForeignDocument {
            document: foreign.document.to_string(),
            owner: owner.to_string(),
            holders: authority::holders(context, owner),
        }
        .into());
    }
    let ids: BTreeSet<Hash> = chosen.iter().map(|held| held.entry.id).collect();
    for (scope, marks) in heads(&chosen) {
        for adoption in authority::issuer(context)?.adopt(&scope, marks, clock::now())? {
            context.learn(adoption)?;
        }
    }
    let after = history::suspended(&context.store)?;
    let restored = before.len().saturating_sub(after.len()) as u64;
    let still = after.iter().filter(|held| ids.contains(&held.entry.id));
    let still_invalid: Vec<StillInvalid> = still
        .map(|held| StillInvalid {
            id: held.entry.id.to_string(),
            code: held.reason.code().to_owned(),
            text: because(held.reason),
        })
        .collect();
    Ok(Adopted {
        adopted: ids.len() as u64,
        count_now: (ids.len() - still_invalid.len()) as u64,
        restored,
        still_invalid,
        forks_left,
    })
}

/// Adopts what was here first of logs that fork, if they are the unit's and this node governs it.
pub(crate) fn choose_sides(context: &mut Context<'_>, forks: Vec<Mark>) -> Result<()> {
    let own = forks.into_iter().filter(|mark| mark.document.owner() == context.unit());
    let mut scopes: BTreeMap<Scope, Vec<Mark>> = BTreeMap::new();
    own.for_each(|mark| scopes.entry(mark.document.scope()).or_default().push(mark));
    for (scope, marks) in scopes {
        // Where it does not govern, whoever does will choose.
        let Ok(issuer) = authority::issuer(context) else { return Ok(()) };
        for adoption in issuer.adopt(&scope, marks, clock::now())? {
            context.learn(adoption)?;
        }
    }
    Ok(())
}

/// An adoption names the head of a log, and all its past with it.
fn heads(chosen: &[&Suspended]) -> BTreeMap<Scope, Vec<Mark>> {
    let mut last: BTreeMap<(&DocumentId, Author), &Suspended> = BTreeMap::new();
    for held in chosen {
        let log = last.entry((&held.document, held.entry.author)).or_insert(held);
        if log.entry.seq < held.entry.seq {
            *log = held;
        }
    }
    let mut marks: BTreeMap<Scope, Vec<Mark>> = BTreeMap::new();
    for held in last.into_values() {
        let entry = &held.entry;
        marks.entry(held.document.scope()).or_default().push(Mark {
            document: held.document.clone(),
            author: entry.author.key,
            incarnation: entry.author.incarnation,
            seq: entry.seq,
            head: entry.id,
        });
    }
    marks
}

/// Those named, or all of an author's. Of a fork only the operator can choose a side; and what
/// merely rests on others comes back with them.
fn chosen<'a>(suspended: &'a [Suspended], choice: &Adopt) -> Result<(Vec<&'a Suspended>, u64)> {
    let Some(author) = &choice.author else {
        let mut found = Vec::new();
        for id in &choice.ids {
            let envelope = parse::named(id, suspended.iter().map(|held| held.entry.id))?;
            let held = suspended.iter().find(|held| Some(held.entry.id) == envelope);
            found.push(held.ok_or_else(|| not_there(id))?);
        }
        return Ok((found, 0));
    };
    let author = parse::known_key(author, suspended.iter().map(|held| held.entry.author.key))?;
    let document = choice.document.as_deref().map(parse::document).transpose()?;
    let (mut found, mut forks) = (Vec::new(), 0);
    for held in suspended {
        let meant = document.as_ref().is_none_or(|document| held.document == *document);
        if !meant || held.entry.author.key != author {
            continue;
        }
        match held.reason {
            counts::Reason::Fork => forks += 1,
            counts::Reason::RestsOnSuspended => {}
            counts::Reason::Unpermitted | counts::Reason::Outvoted => found.push(held),
        }
    }
    if found.is_empty() {
        return Err(Failure::NothingToAdopt { author: author.to_string(), forks }.into());
    }
    Ok((found, forks))
}

/// Puts them aside here: they are no longer listed. Nothing is deleted.
pub(crate) fn discard(context: &mut Context<'_>, asked: &Discard) -> Result<Discarded> {
    let suspended = history::suspended(&context.store)?;
    let refused = replica::refused(&context.store)?;
    let mut found = Vec::new();
    for id in &asked.ids {
        let suspended = suspended.iter().map(|held| held.entry.id);
        let all = suspended.chain(refused.iter().map(RefusedItem::id));
        found.push(parse::named(id, all)?.ok_or_else(|| not_there(id))?);
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
        seq: header.seq(),
    })
}
