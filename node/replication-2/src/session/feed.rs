//! Sending: what lies behind a position of our feed, as far as the window allows.

use std::collections::VecDeque;

use node_authority::canary::{Bug, planted};
use schema_wire::{Hash, Items, Scope};

use super::{Link, SESSION_FRAMES_MAX, Session, WINDOW_FRAMES_MAX};
use crate::records::{
    FeedRecord, Fields, ScopeRecord, corrupt, feed_table, scope_key, with_number,
};
use crate::replica::{Replica, SessionId, holds};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::{Step, with_keys};

/// Items in one frame: well under the protocol's limit.
const BATCH_ITEMS_MAX: usize = 1024;

impl Replica {
    /// A scope's feed grew: push it to every session that shares it.
    pub(crate) fn push(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        if !holds(&self.identity.unit, scope) {
            return Ok(());
        }
        for id in self.sessions.around(scope) {
            if let Some(session) = self.sessions.get_mut(&id).filter(|s| s.reads(scope)) {
                session.links.entry(scope.clone()).or_default();
                self.pump(step, id, scope)?;
            }
        }
        Ok(())
    }

    /// Sends what the window allows: items asked for by id first, then the feed.
    pub(super) fn pump(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        loop {
            let head = ScopeRecord::load(&step.overlay, scope)?;
            let batch_bytes = self.config.batch_bytes;
            let Some(session) = self.sessions.get_mut(&id) else {
                return Ok(());
            };
            if !session.reads(scope) {
                return Ok(());
            }
            let origin = session.origin;
            let full = session.is_full(scope);
            let Some(link) = session.links.get_mut(scope) else {
                return Ok(());
            };
            if full && link.has_more(head.head) {
                session.block(scope.clone());
                return Ok(());
            }
            if link.in_flight.len() >= WINDOW_FRAMES_MAX && !planted(Bug::EndlessWindow) {
                return Ok(());
            }
            let mut items =
                Items { scope: scope.clone(), upto: None, fingerprint: None, items: Vec::new() };
            if !link.queue.is_empty() {
                fill_by_id(&step.overlay, scope, &mut link.queue, batch_bytes, &mut items)?;
            } else if let Some(position) = link.closing.take() {
                items.upto = Some(position);
            } else if !link.reconciling && link.sent < head.head {
                let upto = fill_from_feed(
                    &step.overlay,
                    scope,
                    (link.sent, head.head),
                    (origin, batch_bytes),
                    &mut items.items,
                )?;
                link.sent = upto;
                // What came from this peer goes back to nobody.
                if items.items.is_empty() {
                    continue;
                }
                items.upto = Some(upto);
            } else {
                return Ok(());
            }
            if let Some(upto) = items.upto {
                link.told = link.told.max(upto);
            }
            if items.upto == Some(head.head) {
                items.fingerprint = Some(head.fingerprint.0);
            }
            session.cost.items_out += items.items.len() as u64;
            self.send_items(step, id, items);
        }
    }

    /// Something of a scope was acknowledged: sends what there is room for, scope by scope in
    /// turn.
    pub(super) fn go_on(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
    ) -> Result<(), ReadError> {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.block(scope);
        }
        while let Some(scope) = self.sessions.get_mut(&id).and_then(Session::unblock) {
            self.pump(step, id, &scope)?;
        }
        Ok(())
    }

    /// Tells the peer our position where only its own items moved it, so that its cursor is good
    /// for the next resume. Returns whether there was anything to tell.
    pub(crate) fn tell_positions(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        let room = SESSION_FRAMES_MAX.saturating_sub(session.in_flight);
        let mut frames = Vec::new();
        let all_idle = session.links.values().all(Link::idle);
        for (scope, link) in &mut session.links {
            let owed = all_idle || link.told < link.promised;
            if owed && link.quiet() && link.sent > link.told && frames.len() < room {
                link.told = link.sent;
                let upto = Some(link.sent);
                let items = Vec::new();
                frames.push(Items { scope: scope.clone(), upto, fingerprint: None, items });
            }
        }
        let told = !frames.is_empty();
        frames.into_iter().for_each(|items| self.send_items(step, id, items));
        told
    }

    /// Tells every settled peer our positions.
    pub(crate) fn tell_all_positions(&mut self, step: &mut Step<'_, impl ReadStore>) {
        let settled = self.sessions.iter().filter(|(_, session)| session.settled);
        let ids: Vec<SessionId> = settled.map(|(id, _)| *id).collect();
        for id in ids {
            self.tell_positions(step, id);
        }
    }
}

fn fill_by_id(
    store: &impl ReadStore,
    scope: &Scope,
    queue: &mut VecDeque<Hash>,
    batch_bytes: usize,
    items: &mut Items,
) -> Result<(), ReadError> {
    let key = scope_key(scope);
    let mut size = 0;
    while let Some(id) = queue.pop_front() {
        let Some(bytes) = store.read(Table::Positions, &id.0)? else {
            continue;
        };
        let mut fields = Fields(&bytes);
        let position = fields.number().ok_or_else(|| corrupt("position"))?;
        if fields.0 != key {
            continue;
        }
        let feed = store.read(feed_table(scope.audience), &with_number(&key, position))?;
        let feed = feed.ok_or_else(|| corrupt("feed"))?;
        let item = outgoing(store, scope, &feed)?.item;
        size += item.len();
        items.items.push(item);
        if size >= batch_bytes || items.items.len() >= BATCH_ITEMS_MAX {
            break;
        }
    }
    Ok(())
}

fn outgoing(store: &impl ReadStore, scope: &Scope, bytes: &[u8]) -> Result<FeedRecord, ReadError> {
    let mut record = FeedRecord::from_bytes(bytes).ok_or_else(|| corrupt("feed"))?;
    if record.keys {
        record.item = with_keys(store, scope, &record.item)?;
    }
    Ok(record)
}

/// Reads the feed after a position into a frame; returns the position reached.
fn fill_from_feed(
    store: &impl ReadStore,
    scope: &Scope,
    (sent, head): (u64, u64),
    (origin, batch_bytes): ([u8; 8], usize),
    items: &mut Vec<Vec<u8>>,
) -> Result<u64, ReadError> {
    const PAGE: usize = 64;
    let key = scope_key(scope);
    let (mut upto, mut size) = (sent, 0);
    while upto < head && items.len() < BATCH_ITEMS_MAX {
        let (from, to) = (with_number(&key, upto + 1), with_number(&key, head + 1));
        let page = store.range(feed_table(scope.audience), &from, &to, PAGE)?;
        if page.is_empty() {
            return Err(corrupt("feed"));
        }
        for (_, bytes) in page {
            let record = outgoing(store, scope, &bytes)?;
            if record.origin != origin {
                // The next item may be as large as one may be: stop before the frame overflows.
                if size > 0 && size + record.item.len() > batch_bytes {
                    return Ok(upto);
                }
                size += record.item.len();
                items.push(record.item);
            }
            upto += 1;
        }
    }
    Ok(upto)
}
