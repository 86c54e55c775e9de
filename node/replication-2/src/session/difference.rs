//! Reconciling a scope whose cursors do not help: the one who dialled learns what each lacks,
//! sends the one and asks for the other.

use std::collections::VecDeque;

use schema_wire::{Frame, Hash, Scope, limits};

use super::RECONCILING_MAX;
use crate::reconcile::Reconciliation;
use crate::records::{Fields, ScopeRecord, corrupt};
use crate::replica::{Replica, SessionId};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::Step;

impl Replica {
    /// Begins reconciliations, as many as may be at a time.
    pub(super) fn initiate(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
    ) -> Result<(), ReadError> {
        while let Some(session) = self.sessions.get_mut(&id)
            && session.reconciliations() < RECONCILING_MAX
            && let Some(scope) = session.unreconciled.pop_front()
        {
            let mut reconciliation = self.snapshots.reconciliation(step, &scope)?;
            let message = reconciliation.initiate().map_err(ReadError)?;
            if let Some(link) = self.link(id, &scope) {
                link.reconciled = true;
                link.reconciliation = Some(reconciliation);
            }
            self.send(step, id, &Frame::Reconcile { scope, message });
        }
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
        let mut reconciliation = match (dialer, current) {
            (true, Some(current)) => return self.difference(step, id, scope, current, message),
            (true, None) => {
                self.refuse(step, id, "malformed-frame", "nobody asked for this reconciliation");
                return Ok(());
            }
            (false, Some(current)) => current,
            (false, None) if !self.may_begin(id, &scope) => {
                self.refuse(step, id, "flood", "more reconciliations than a session may ask for");
                return Ok(());
            }
            (false, None) => self.snapshots.reconciliation(step, &scope)?,
        };
        match reconciliation.answer(message) {
            Ok(message) => {
                if let Some(link) = self.link(id, &scope) {
                    (link.reconciling, link.reconciled) = (true, true);
                    link.reconciliation = Some(reconciliation);
                }
                self.send(step, id, &Frame::Reconcile { scope, message });
            }
            Err(error) => self.refuse(step, id, "malformed-frame", &error),
        }
        Ok(())
    }

    /// May the peer begin to reconcile this scope? Once a session, and few at a time: each holds
    /// a list of all ids.
    fn may_begin(&self, id: SessionId, scope: &Scope) -> bool {
        self.sessions.get(&id).is_some_and(|session| {
            session.reconciliations() < RECONCILING_MAX
                && session.links.get(scope).is_some_and(|link| !link.reconciled)
        })
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
        link.wanted += difference.want.len();
        if link.have.len() + link.wanted > limits::RECONCILED_IDS_MAX {
            self.refuse(step, id, "flood", "more items differ than may be reconciled");
            return Ok(());
        }
        // Asked for as it is found, so that each message brings few ids. The peer sends nothing
        // before it has been asked for all.
        session.cost.round_trips += u64::from(difference.next.is_none() && link.wanted > 0);
        if !difference.want.is_empty() {
            self.send(step, id, &Frame::Want { scope: scope.clone(), ids: difference.want });
        }
        if let Some(message) = difference.next {
            if let Some(link) = self.link(id, &scope) {
                link.reconciliation = Some(reconciliation);
            }
            self.send(step, id, &Frame::Reconcile { scope, message });
            return Ok(());
        }
        self.reconciled(step, id, &scope, head)?;
        // An empty want ends it: the peer then sends, tells its position and streams again.
        self.send(step, id, &Frame::Want { scope: scope.clone(), ids: Vec::new() });
        self.pump(step, id, &scope)?;
        self.initiate(step, id)
    }

    /// What the peer lacks is known: it is sent, and then the feed from where it was compared.
    fn reconciled(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: &Scope,
        head: u64,
    ) -> Result<(), ReadError> {
        if let Some(link) = self.link(id, scope) {
            link.queue = in_feed_order(&step.overlay, std::mem::take(&mut link.have))?;
            link.closing = Some(head);
            link.sent = head;
            link.reconciling = false;
        }
        Ok(())
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
        let items = ScopeRecord::load(&step.overlay, &scope)?.head;
        let most = limits::RECONCILED_IDS_MAX.min(usize::try_from(items).unwrap_or(usize::MAX));
        let reads = self.sessions.get(&id).is_some_and(|session| session.reads(&scope));
        let Some(link) = self.link(id, &scope) else {
            return Ok(());
        };
        let Some(head) = link.reconciliation.as_ref().map(|reconciliation| reconciliation.head)
        else {
            self.refuse(step, id, "malformed-frame", "nothing is being reconciled");
            return Ok(());
        };
        if link.have.len() + ids.len() > most {
            self.refuse(step, id, "flood", "more items wanted than there are");
            return Ok(());
        }
        if !ids.is_empty() {
            link.have.extend(ids.into_iter().filter(|_| reads));
            return Ok(());
        }
        link.reconciliation = None;
        if !reads {
            // It hands over, and is read nothing.
            return Ok(());
        }
        self.reconciled(step, id, &scope, head)?;
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
