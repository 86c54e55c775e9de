//! Whether an admitted envelope counts: a pure function of the set of admitted items.
//!
//! ```text
//!   another envelope at its place in its log        -> suspended: fork
//!   its delegation does not permit it (any more)    -> suspended: the refusal
//!   what it builds on is suspended                  -> suspended: rests-on-suspended
//! ```
//! The first two yield to an adoption by the document's owner. Suspended envelopes are kept and
//! replicated as evidence, and are no part of any document. What is written here is derived: a
//! rebuild from the log gives the same (INV-12), on every node alike (INV-06, INV-08, INV-11).

use std::collections::{BTreeMap, BTreeSet};

use node_authority::canary::{Bug, planted};
use node_authority::{Authority, Refusal};
use schema_wire::{Author, DocumentId, Hash, UnitId, VerbSet, VerifiedStatement};

use crate::history;
use crate::records::{DocRecord, LogEntry, after, document_key, suspended_key};
use crate::replica::{Effect, Event};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::Step;

/// Why an admitted envelope does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("its log forks: {0} has the same place")]
    Fork(Hash),
    #[error("not authorised: {0}")]
    Unauthorised(Refusal),
    #[error("builds on {0}, which is suspended")]
    RestsOnSuspended(Hash),
}

impl Doubt {
    /// A stable word for programs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fork(_) => "fork",
            Self::Unauthorised(refusal) => refusal.code(),
            Self::RestsOnSuspended(_) => "rests-on-suspended",
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        format!("{}\n{self}", self.code()).into_bytes()
    }
}

/// The envelopes of a document that do not count, and why. `log` is in causal order.
pub(crate) fn doubts(
    authority: &Authority,
    document: &DocumentId,
    log: &[LogEntry],
) -> BTreeMap<Hash, Doubt> {
    let mut places: BTreeMap<(Author, u64), Vec<Hash>> = BTreeMap::new();
    for entry in log {
        places.entry((entry.author, entry.seq)).or_default().push(entry.id);
    }
    let mut doubts = BTreeMap::new();
    for entry in log {
        let place = places.get(&(entry.author, entry.seq)).map_or(&[][..], Vec::as_slice);
        let doubt = own_doubt(authority, document, entry, place).or_else(|| {
            let suspended = entry.parents.iter().find(|parent| doubts.contains_key(*parent));
            let suspended = suspended.filter(|_| !planted(Bug::IgnoreRests));
            suspended.map(|parent| Doubt::RestsOnSuspended(*parent))
        });
        doubt.map(|doubt| doubts.insert(entry.id, doubt));
    }
    doubts
}

/// What speaks against an envelope itself. `place` holds every envelope at its place in the log.
fn own_doubt(
    authority: &Authority,
    document: &DocumentId,
    entry: &LogEntry,
    place: &[Hash],
) -> Option<Doubt> {
    let adopted = |id: &Hash| authority.adopted(id, &document.owner);
    // Of several that were adopted one counts: two nodes of the unit may have chosen apart.
    let rival = place.iter().filter(|other| **other != entry.id).min();
    if let Some(rival) = rival {
        let before = place.iter().filter(|other| **other < entry.id).find(|other| adopted(other));
        return match before {
            None if adopted(&entry.id) => None,
            before => Some(Doubt::Fork(*before.unwrap_or(rival))),
        };
    }
    match authority.permits_write(&entry.delegation, entry.place(document)) {
        Err(refusal) if !adopted(&entry.id) => Some(Doubt::Unauthorised(refusal)),
        _ => None,
    }
}

/// The units whose documents a new statement may make count or not, all below it included.
pub(crate) fn touched(authority: &Authority, statement: &VerifiedStatement) -> Option<UnitId> {
    let delegated = |id: &Hash| authority.delegation(id).map(|d| d.value().unit.clone());
    match statement {
        // Nothing was written yet under a grant that carries no other.
        VerifiedStatement::Delegation(delegation) => {
            let value = delegation.value();
            value.verbs.covers(VerbSet::GOVERN).then(|| value.unit.clone())
        }
        VerifiedStatement::Revocation(revocation) => delegated(&revocation.value().revokes),
        // What a second signature completes may be anything below its issuer.
        VerifiedStatement::Adoption(_)
        | VerifiedStatement::Endorsement(_)
        | VerifiedStatement::Succession(_) => Some(statement.issuer().unit.clone()),
        VerifiedStatement::Suspension(_) => None,
    }
}

impl<S: ReadStore> Step<'_, S> {
    /// Counts and judges what was just appended. Only a fork makes others of its document judged anew.
    pub(crate) fn judge_new(
        &mut self,
        authority: &Authority,
        document: &DocumentId,
        entry: &LogEntry,
    ) -> Result<(), ReadError> {
        let key = document_key(document);
        let mut record = DocRecord::load(&self.overlay, &key)?;
        record.envelopes += 1;
        record.at_ms = record.at_ms.max(entry.at_ms);
        let place = LogEntry::at(&self.overlay, &key, &entry.author, entry.seq)?;
        if place.len() > 1 && !planted(Bug::IgnoreFork) {
            self.put(Table::Docs, key, record.to_bytes());
            return self.judge_document(authority, document);
        }
        let mut doubt = own_doubt(authority, document, entry, &[entry.id]);
        if record.suspended > 0 && doubt.is_none() {
            for parent in &entry.parents {
                let suspended = suspended_key(&key, parent);
                if self.overlay.read(Table::Suspended, &suspended)?.is_some() {
                    doubt = Some(Doubt::RestsOnSuspended(*parent));
                }
            }
        }
        match doubt {
            None => record.build(entry.id, &entry.parents),
            Some(doubt) => {
                record.suspended += 1;
                self.suspend(document, entry, &doubt);
            }
        }
        self.put(Table::Docs, key, record.to_bytes());
        Ok(())
    }

    fn suspend(&mut self, document: &DocumentId, entry: &LogEntry, doubt: &Doubt) {
        let key = suspended_key(&document_key(document), &entry.id);
        self.put(Table::Suspended, key, doubt.to_bytes());
        self.suspended.insert(entry.author);
        self.effects.push(Effect::Tell(Event::Suspended {
            document: document.clone(),
            author: entry.author,
            envelope: entry.id,
            doubt: doubt.clone(),
        }));
    }

    /// Judges every envelope of a document anew, and writes what became different.
    pub(crate) fn judge_document(
        &mut self,
        authority: &Authority,
        document: &DocumentId,
    ) -> Result<(), ReadError> {
        let key = document_key(document);
        let log = LogEntry::all(&self.overlay, &key)?;
        let doubts = doubts(authority, document, &log);
        let mut before: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        before.extend(self.overlay.range(Table::Suspended, &key, &after(&key), usize::MAX >> 1)?);
        let mut record = DocRecord::load(&self.overlay, &key)?;
        let before_bytes = record.to_bytes();
        let (mut changed, mut heads) = (false, DocRecord::default());
        for entry in &log {
            let name = suspended_key(&key, &entry.id);
            let was = before.remove(&name);
            match doubts.get(&entry.id) {
                None => {
                    heads.build(entry.id, &entry.parents);
                    if was.is_some() {
                        changed = true;
                        self.delete(Table::Suspended, name);
                        let (document, envelope) = (document.clone(), entry.id);
                        let event = Event::Restored { document, envelope };
                        self.effects.push(Effect::Tell(event));
                    }
                }
                Some(doubt) if was.is_none() => {
                    changed = true;
                    self.suspend(document, entry, doubt);
                }
                Some(doubt) if was != Some(doubt.to_bytes()) => {
                    self.put(Table::Suspended, name, doubt.to_bytes());
                }
                Some(_) => {}
            }
        }
        record.revision += u64::from(changed);
        record.suspended = doubts.len() as u64;
        if !planted(Bug::StaleHeads) {
            record.heads = heads.heads;
        }
        if before_bytes != record.to_bytes() {
            self.put(Table::Docs, key, record.to_bytes());
            self.documents.insert(document.clone());
        }
        Ok(())
    }

    /// Judges every document here of some units and all below them.
    pub(crate) fn judge_units(
        &mut self,
        authority: &Authority,
        units: &BTreeSet<UnitId>,
    ) -> Result<(), ReadError> {
        let mut judged = BTreeSet::new();
        for unit in units {
            for summary in history::documents_below(&self.overlay, unit)? {
                if judged.insert(summary.document.clone()) {
                    self.judge_document(authority, &summary.document)?;
                }
            }
        }
        Ok(())
    }
}
