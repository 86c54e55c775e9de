//! Reconciling a scope whose cursors do not help: the one who dialled learns what each lacks,
//! sends the one and asks for the other.

use std::collections::VecDeque;

use schema_wire::{Frame, Hash, Scope, limits};

use crate::reconcile::Reconciliation;
use crate::records::{Fields, ScopeRecord, corrupt};
use crate::replica::{Replica, SessionId};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::Step;

impl Replica {
    pub(super) fn initiate(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        let head = ScopeRecord::load(&step.overlay, scope)?.head;
        let mut reconciliation = Reconciliation::new(&step.overlay, scope, head)?;
        let message = reconciliation.initiate().map_err(ReadError)?;
        if let Some(link) = self.link(id, scope) {
            link.reconciling = true;
            link.reconciliation = Some(reconciliation);
        }
        self.send(step, id, &Frame::Reconcile { scope: scope.clone(), message });
        Ok(())
    }

    /// A message of a reconciliation.
    pub(crate) fn reconcile(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        message: &[u8],
    ) -> Result<(), ReadError> {
        if !self.shared(step, id, &scope) {
            return Ok(());
        }
        let dialer = self.sessions.get(&id).is_some_and(|session| session.dialer);
        let current = self.link(id, &scope).and_then(|link| link.reconciliation.take());
        if dialer {
            let Some(reconciliation) = current else {
                self.refuse(step, id, "malformed-frame", "nobody asked for this reconciliation");
                return Ok(());
            };
            return self.difference(step, id, scope, reconciliation, message);
        }
        let mut reconciliation = match current {
            Some(current) => current,
            None => {
                let head = ScopeRecord::load(&step.overlay, &scope)?.head;
                Reconciliation::new(&step.overlay, &scope, head)?
            }
        };
        match reconciliation.answer(message) {
            Ok(message) => {
                if let Some(link) = self.link(id, &scope) {
                    link.reconciling = true;
                    link.reconciliation = Some(reconciliation);
                }
                self.send(step, id, &Frame::Reconcile { scope, message });
            }
            Err(error) => self.refuse(step, id, "malformed-frame", &error),
        }
        Ok(())
    }

    /// The initiator learned something: send what the peer lacks, ask for what we lack.
    pub(super) fn difference(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        mut reconciliation: Reconciliation,
        message: &[u8],
    ) -> Result<(), ReadError> {
        let difference = match reconciliation.read(message) {
            Ok(difference) => difference,
            Err(error) => {
                self.refuse(step, id, "malformed-frame", &error);
                return Ok(());
            }
        };
        let head = reconciliation.head;
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        session.cost.round_trips += 1;
        let Some(link) = session.links.get_mut(&scope) else {
            return Ok(());
        };
        link.have.extend(difference.have);
        link.want.extend(difference.want);
        if link.have.len() + link.want.len() > limits::RECONCILED_IDS_MAX {
            self.refuse(step, id, "flood", "more items differ than may be reconciled");
            return Ok(());
        }
        if let Some(message) = difference.next {
            link.reconciliation = Some(reconciliation);
            self.send(step, id, &Frame::Reconcile { scope, message });
            return Ok(());
        }
        session.cost.round_trips += u64::from(!link.want.is_empty());
        link.queue = in_feed_order(&step.overlay, std::mem::take(&mut link.have))?;
        link.closing = Some(head);
        link.sent = head;
        link.reconciling = false;
        for ids in std::mem::take(&mut link.want).chunks(limits::WANT_IDS_MAX) {
            let want = Frame::Want { scope: scope.clone(), ids: ids.to_vec() };
            self.send(step, id, &want);
        }
        // An empty want ends it: the peer then sends, tells its position and streams again.
        self.send(step, id, &Frame::Want { scope: scope.clone(), ids: Vec::new() });
        self.pump(step, id, &scope)
    }

    /// The initiator asks for items, and ends the reconciliation with an empty list.
    pub(crate) fn wanted(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        ids: Vec<Hash>,
    ) -> Result<(), ReadError> {
        if !self.shared(step, id, &scope) {
            return Ok(());
        }
        let head = ScopeRecord::load(&step.overlay, &scope)?.head;
        if !self.sessions.get(&id).is_some_and(|session| session.reads(&scope)) {
            // It hands over, and is read nothing.
            return Ok(());
        }
        let Some(link) = self.link(id, &scope) else {
            return Ok(());
        };
        if link.have.len() + ids.len() > limits::RECONCILED_IDS_MAX {
            self.refuse(step, id, "flood", "more items wanted than may wait");
            return Ok(());
        }
        if !ids.is_empty() {
            link.have.extend(ids);
            return Ok(());
        }
        let head = link.reconciliation.take().map_or(head, |r| r.head);
        link.queue = in_feed_order(&step.overlay, std::mem::take(&mut link.have))?;
        link.closing = Some(head);
        link.sent = head;
        link.reconciling = false;
        self.pump(step, id, &scope)
    }
}

/// Sorts ids by where they lie in the feed: causal order. Ids not here are dropped.
fn in_feed_order(store: &impl ReadStore, ids: Vec<Hash>) -> Result<VecDeque<Hash>, ReadError> {
    let mut placed = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(bytes) = store.read(Table::Positions, &id.0)? {
            placed.push((Fields(&bytes).number().ok_or_else(|| corrupt("position"))?, id));
        }
    }
    placed.sort_unstable();
    Ok(placed.into_iter().map(|(_, id)| id).collect())
}
