//! Vectors of kind `counts`: which envelopes count, and which are set aside.

use std::collections::{BTreeMap, BTreeSet};

use node_authority::{Authority, Carry, Written};
use node_replication::counts::{Entry, Envelopes, Validity, heads, judge};
use schema_wire::{DocumentId, Hash, Header, Item, Signed, Wire};

use crate::scene::authority;
use crate::vectors::{bytes, list, of_kind, text};

/// The steps of admission that these vectors ask: 7, 8, 9 and 12.
fn is_admitted(authority: &Authority, admitted: &BTreeMap<Hash, Header>, header: &Header) -> bool {
    let before = header.backlink().map(|id| admitted.get(&id));
    let follows = before.is_none_or(|before| {
        before.is_some_and(|before| {
            before.document == header.document
                && before.author == header.author
                && before.seq() + 1 == header.seq()
                && before.at <= header.at
        })
    });
    let opposite = header.document.opposite();
    let depends = header.dependencies.iter().all(|id| {
        admitted.get(id).is_some_and(|other| {
            let beside = other.document == header.document && other.author != header.author;
            beside || Some(&other.document) == opposite.as_ref()
        })
    });
    let addressed = header.document.addressee().is_none_or(|unit| authority.is_founded(unit));
    let written = Written {
        document: &header.document,
        author: header.author.key,
        delegation: header.delegation,
        at: header.at,
    };
    follows && depends && addressed && authority.may_carry(&written) == Carry::Yes
}

/// The admitted headers, in an order in which each can be.
fn admit(authority: &Authority, mut headers: Vec<Signed<Header>>) -> Vec<(Hash, Header)> {
    let (mut by_id, mut order) = (BTreeMap::new(), Vec::new());
    loop {
        let before = headers.len();
        headers.retain(|signed| {
            let admitted = is_admitted(authority, &by_id, signed.claims());
            if admitted {
                by_id.insert(signed.id(), signed.claims().clone());
                order.push((signed.id(), signed.claims().clone()));
            }
            !admitted
        });
        if headers.len() == before {
            return order;
        }
    }
}

fn verdict(validity: &Validity) -> String {
    let reason = validity.reason().map_or("counts", |reason| reason.code());
    format!("{reason}{}", if validity.is_aside() { "+aside" } else { "" })
}

#[test]
fn envelopes_count_as_the_vectors_say() {
    let mut wrong = Vec::new();
    for vector in of_kind("counts") {
        let authority = authority(vector);
        let read = |value| match Item::from_bytes(&bytes(value)) {
            Ok(Item::Envelope(envelope)) => envelope.header().clone(),
            other => panic!("{other:?} is no envelope"),
        };
        let headers: Vec<Signed<Header>> = list(&vector["envelopes"]).map(read).collect();
        let mut logs: BTreeMap<DocumentId, Vec<Entry>> = BTreeMap::new();
        for (number, (id, header)) in (1..).zip(admit(&authority, headers.clone())) {
            let entry = Entry::of(id, &header, number);
            logs.entry(header.document).or_default().push(entry);
        }
        let mut verdicts: BTreeMap<Hash, String> = BTreeMap::new();
        let mut tips: BTreeSet<Hash> = BTreeSet::new();
        let mut documents: BTreeSet<DocumentId> = logs.keys().cloned().collect();
        while let Some(document) = documents.pop_first() {
            let mut both = vec![document.clone()];
            both.extend(document.opposite());
            documents.retain(|one| !both.contains(one));
            let together =
                both.iter().map(|one| (one.clone(), logs.remove(one).unwrap_or_default()));
            let envelopes = Envelopes::of(together.collect());
            let validities = judge(&envelopes, &authority);
            verdicts.extend(envelopes.ids().zip(validities.iter().map(verdict)));
            tips.extend(both.iter().flat_map(|one| heads(&envelopes, &validities, one)));
        }
        let found: Vec<String> = headers
            .iter()
            .map(|header| verdicts.get(&header.id()).cloned().unwrap_or("absent".into()))
            .collect();
        let tips: Vec<String> = tips.iter().map(Hash::to_string).collect();
        let said: Vec<&str> = list(&vector["verdicts"]).map(text).collect();
        let said_tips: Vec<&str> = list(&vector["heads"]).map(text).collect();
        if found != said || tips != said_tips {
            wrong.push(format!("{}: {said:?}, found {found:?}", vector["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
