//! The questions both judges are asked, and how each answers.

use node_authority::{Authority, Position, Refusal};
use rand::RngExt;
use rand::seq::IndexedRandom;
use schema_wire::{Delegation, Hash, NodeKey, UnitId, Verified, VerifiedStatement};
use tests_oracle_2::{Oracle, Place};

use crate::draw::Draw;
use crate::universe::any_time;

/// Something asked of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    Kept(Box<VerifiedStatement>),
    MayCarry(Hash, Place),
    PermitsWrite(Hash, Place),
    InForce(Hash, u64),
    PermitsSession(Hash, NodeKey, u64),
    Adopted(Hash, UnitId),
    Suspended(UnitId),
    Caretakers(UnitId, u64),
    IsRoot(NodeKey),
    Generation,
}

/// What is answered: yes or no, by what, and, from `node-authority` alone, why not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    pub(crate) yes: bool,
    pub(crate) by: Vec<Hash>,
    pub(crate) why: Option<Refusal>,
}

impl Answer {
    /// Do two judges say the same, reasons aside?
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        self.yes == other.yes && self.by == other.by
    }
}

/// Questions about everything in a set, at random times and places.
pub(crate) fn questions(draw: &mut Draw<'_>) -> Vec<Query> {
    let mut asked: Vec<Query> = Vec::new();
    let grants: Vec<_> = draw.grants().cloned().collect();
    for grant in &grants {
        let (id, subject) = (grant.id(), grant.value().subject);
        asked.push(Query::InForce(id, any_time(draw.rng)));
        let wrong = draw.rng.random_bool(0.1);
        let peer = if wrong { draw.universe.any_key(draw.rng) } else { subject };
        asked.push(Query::PermitsSession(id, peer, any_time(draw.rng)));
        for _ in 0..2 {
            let stray = draw.rng.random_bool(0.05);
            let like = grants.choose(draw.rng).filter(|_| stray).unwrap_or(grant);
            let place = draw.place(like.value());
            asked.push(Query::MayCarry(id, place.clone()));
            asked.push(Query::PermitsWrite(id, place));
        }
    }
    for revocation in draw.revocations().cloned().collect::<Vec<_>>() {
        for mark in &revocation.value().watermarks {
            let written = |grant: &&Verified<Delegation>| {
                let value = grant.value();
                value.subject == mark.author.key && value.unit == mark.document.owner
            };
            // About its last envelope and the one after, under whatever grant it was written.
            for grant in grants.iter().filter(written) {
                let (document, author) = (mark.document.clone(), mark.author);
                let seq = mark.seq + u64::from(draw.rng.random_bool(0.3));
                let place = Place { document, author, seq, at_ms: any_time(draw.rng) };
                asked.push(Query::PermitsWrite(grant.id(), place));
            }
        }
    }
    for envelope in draw.universe.envelopes.clone() {
        asked.extend(draw.universe.units.iter().cloned().map(|it| Query::Adopted(envelope, it)));
    }
    for unit in draw.universe.units.clone() {
        asked.push(Query::Suspended(unit.clone()));
        asked.push(Query::Caretakers(unit, any_time(draw.rng)));
    }
    asked.extend(draw.universe.keys().map(Query::IsRoot));
    asked.extend(draw.said.iter().cloned().map(Box::new).map(Query::Kept));
    asked.push(Query::Generation);
    asked
}

pub(crate) fn ask_authority(authority: &Authority, query: &Query) -> Answer {
    match query {
        Query::Kept(statement) => Answer {
            yes: authority.holds(&statement.id()),
            why: authority.admissible(&statement.to_statement()).err(),
            ..Answer::default()
        },
        Query::MayCarry(under, place) => verdict(authority.may_carry(under, position(place))),
        Query::PermitsWrite(under, place) => {
            verdict(authority.permits_write(under, position(place)))
        }
        Query::InForce(id, at_ms) => verdict(authority.in_force_at(id, *at_ms)),
        Query::PermitsSession(id, peer, now_ms) => {
            verdict(authority.permits_session(id, *peer, *now_ms).map(|_| ()))
        }
        Query::Adopted(envelope, owner) => plain(authority.adopted(envelope, owner)),
        Query::Suspended(unit) => {
            let found = authority.suspended(unit);
            plain(found.is_some())
        }
        Query::Caretakers(unit, at_ms) => {
            listed(authority.caretakers(unit, *at_ms).iter().map(|it| it.id()).collect())
        }
        Query::IsRoot(key) => plain(authority.is_root(key)),
        Query::Generation => listed(vec![authority.roots().2]),
    }
}

pub(crate) fn ask_oracle(oracle: &Oracle, query: &Query) -> Answer {
    match query {
        Query::Kept(statement) => plain(oracle.keeps(&statement.id())),
        Query::MayCarry(under, place) => plain(oracle.may_carry(under, place)),
        Query::PermitsWrite(under, place) => plain(oracle.permits_write(under, place)),
        Query::InForce(id, at_ms) => plain(oracle.in_force_at(id, *at_ms)),
        Query::PermitsSession(id, peer, now) => plain(oracle.permits_session(id, *peer, *now)),
        Query::Adopted(envelope, owner) => plain(oracle.adopted(envelope, owner)),
        Query::Suspended(unit) => plain(oracle.suspended(unit)),
        Query::Caretakers(unit, at_ms) => listed(oracle.caretakers(unit, *at_ms)),
        Query::IsRoot(key) => plain(oracle.is_root(key)),
        Query::Generation => listed(vec![oracle.roots().2]),
    }
}

fn position(place: &Place) -> Position<'_> {
    Position { document: &place.document, author: place.author, seq: place.seq, at_ms: place.at_ms }
}

fn plain(yes: bool) -> Answer {
    Answer { yes, ..Answer::default() }
}

fn listed(mut by: Vec<Hash>) -> Answer {
    by.sort_unstable();
    Answer { yes: !by.is_empty(), by, why: None }
}

fn verdict(result: Result<(), Refusal>) -> Answer {
    Answer { yes: result.is_ok(), by: Vec::new(), why: result.err() }
}
