//! What two units wrote to each other: the documents, and what acknowledgements tell of them.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::history;
use node_replication::log;
use node_replication::session::Group;
use node_replication::store::{ReadError, ReadStore};
use schema_wire::{Author, DocumentId, Holds, Payload, Receipt, UnitId};

use crate::{LETTER_CLASS, class};

/// What is written between this unit and another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Correspondence {
    /// The other unit.
    pub(crate) other: UnitId,
    /// What it writes.
    pub(crate) incoming: DocumentId,
    /// What this one writes.
    pub(crate) outgoing: DocumentId,
}

impl Correspondence {
    /// Between two units; none between a unit and itself.
    pub(crate) fn between(own: &UnitId, other: &UnitId) -> Option<Self> {
        let class = class(LETTER_CLASS);
        let outgoing = DocumentId::new(own.clone(), class, other.as_str()).ok()?;
        let incoming = outgoing.opposite()?;
        Some(Self { other: other.clone(), incoming, outgoing })
    }

    /// Every one of which an item is here.
    pub(crate) fn all(store: &impl ReadStore, own: &UnitId) -> Result<Vec<Self>, ReadError> {
        let pairs = log::changed(store, &Group::Carried(own.clone()), 0)?;
        let other = |scope: &schema_wire::Scope| match scope.holds() {
            Holds::Pair(other) if scope.unit() == own => Some(other.clone()),
            Holds::Pair(other) if other == own => Some(scope.unit().clone()),
            _ => None,
        };
        let others = pairs.iter().filter_map(other);
        Ok(others.filter_map(|other| Self::between(own, &other)).collect())
    }
}

/// What units told of letters, each document read once.
#[derive(Debug, Default)]
pub(crate) struct Receipts(BTreeMap<DocumentId, Told>);

impl Receipts {
    /// By a document.
    pub(crate) fn by(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
    ) -> Result<&Told, ReadError> {
        if !self.0.contains_key(document) {
            self.0.insert(document.clone(), Told::by(store, document)?);
        }
        Ok(self.0.entry(document.clone()).or_default())
    }
}

/// What the acknowledgements of a document that count tell of the letters of the opposite one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told(BTreeMap<Author, ToldOfLog>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ToldOfLog {
    upto: u64,
    opened: BTreeSet<u64>,
    unreadable: BTreeSet<u64>,
}

impl Told {
    /// By a document.
    pub(crate) fn by(store: &impl ReadStore, document: &DocumentId) -> Result<Self, ReadError> {
        let mut told = Self::default();
        for entry in history::counting_after(store, document, 0)? {
            let envelope = history::envelope(store, &entry.id)?;
            let Payload::Acknowledgement(all) = envelope.content() else { continue };
            for one in all.iter() {
                let author = Author { key: one.author, incarnation: one.incarnation };
                let log = told.0.entry(author).or_default();
                match one.state {
                    Receipt::Held => log.upto = log.upto.max(one.seq),
                    Receipt::Opened => drop(log.opened.insert(one.seq)),
                    Receipt::Unreadable => drop(log.unreadable.insert(one.seq)),
                }
            }
        }
        Ok(told)
    }

    /// Of one letter. That it was opened outweighs that it was not.
    pub(crate) fn of(&self, author: &Author, seq: u64) -> Option<Receipt> {
        let log = self.0.get(author)?;
        if log.opened.contains(&seq) {
            Some(Receipt::Opened)
        } else if log.unreadable.contains(&seq) {
            Some(Receipt::Unreadable)
        } else {
            (seq <= log.upto).then_some(Receipt::Held)
        }
    }

    /// Up to where a log is held.
    pub(crate) fn upto(&self, author: &Author) -> u64 {
        self.0.get(author).map_or(0, |log| log.upto)
    }
}
