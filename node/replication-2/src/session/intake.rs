//! Receiving: judging a frame's items, moving the cursor, acknowledging; and holding a frame
//! that rests on a delegation not yet here.

use node_authority::Refusal;
use node_authority::canary::{Bug, planted};
use schema_wire::{Ack, Frame, NodeKey, Scope};

use super::{WINDOW_FRAMES_MAX, reason};
use crate::admission::{Rejection, Stopped};
use crate::arrival::Delivery;
use crate::records::CursorRecord;
use crate::replica::{Effect, Event, Replica, SessionId};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::Step;

impl Replica {
    /// Items of a scope: judge each, then acknowledge.
    pub(crate) fn items(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        delivery: Delivery,
    ) -> Result<(), ReadError> {
        if !self.shared(step, id, &delivery.scope) {
            return Ok(());
        }
        let now_ms = step.now_ms;
        let Some(link) = self.link(id, &delivery.scope) else {
            return Ok(());
        };
        if !link.held.is_empty() {
            if link.held.len() >= WINDOW_FRAMES_MAX {
                self.refuse(step, id, "flood", "more frames than the window allows");
            } else {
                link.held.push_back((now_ms, delivery));
            }
            return Ok(());
        }
        if let Some(delivery) = self.take_in(step, id, delivery, false)?
            && let Some(link) = self.link(id, &delivery.scope)
        {
            link.held.push_front((now_ms, delivery));
        }
        Ok(())
    }

    /// Judges a frame's items. Returns what is left of it if it must wait for a delegation.
    pub(super) fn take_in(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        mut delivery: Delivery,
        last_chance: bool,
    ) -> Result<Option<Delivery>, ReadError> {
        let Some(session) = self.sessions.get(&id) else {
            return Ok(None);
        };
        let (peer, origin, epoch) = (session.peer, session.origin, session.epoch);
        let mut taken = 0;
        while let Some(offer) = delivery.offers.pop_front() {
            if planted(Bug::AckUnkept) && offer.bytes().last().is_some_and(|byte| byte % 16 == 0) {
                continue;
            }
            let (rejection, bytes) = match self.offer(step, &delivery.scope, offer, origin)? {
                Ok(()) => {
                    taken += 1;
                    continue;
                }
                Err(Stopped::Duplicate) => continue,
                Err(Stopped::Waits(why, offer)) if !last_chance => {
                    self.count_items(id, taken);
                    delivery.awaits = match why {
                        Refusal::UnknownStatement(statement) => Some(statement),
                        _ => None,
                    };
                    delivery.offers.push_front(offer);
                    return Ok(Some(delivery));
                }
                Err(Stopped::Waits(why, offer)) => {
                    (Rejection::Unauthorised(why), offer.into_bytes())
                }
                Err(Stopped::Rejected(rejection, bytes)) => (rejection, bytes),
            };
            delivery.refused += 1;
            let why = || reason(rejection.code(), &rejection.to_string());
            delivery.reason.get_or_insert_with(why);
            self.quarantine(step, peer, &bytes, rejection);
        }
        self.count_items(id, taken);
        let Delivery { scope, upto, refused, reason, .. } = delivery;
        if let Some(upto) = upto {
            self.advance(step, (id, peer, epoch), &scope, upto)?;
        }
        self.send(step, id, &Frame::Ack(Ack { scope, upto, refused, reason }));
        Ok(None)
    }

    pub(super) fn count_items(&mut self, id: SessionId, taken: u64) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.cost.items_in += taken;
        }
    }

    /// Moves our cursor in the peer's feed.
    pub(super) fn advance(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        (id, peer, epoch): (SessionId, NodeKey, [u8; 16]),
        scope: &Scope,
        upto: u64,
    ) -> Result<(), ReadError> {
        if let Some(link) = self.link(id, scope) {
            link.taken = link.taken.max(upto);
        }
        let mut cursor = CursorRecord::load(&step.overlay, &peer, scope)?.unwrap_or_default();
        (cursor.epoch, cursor.taken) = (epoch, upto);
        step.put(Table::Cursors, CursorRecord::key(&peer, scope), cursor.to_bytes());
        Ok(())
    }

    /// The peer holds what we sent, durably.
    pub(crate) fn acked(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        ack: Ack,
    ) -> Result<(), ReadError> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let peer = session.peer;
        let link = session.links.get_mut(&ack.scope);
        let Some((link, bytes)) =
            link.and_then(|link| link.in_flight.pop_front().map(|bytes| (link, bytes)))
        else {
            self.refuse(step, id, "malformed-frame", "an ack of nothing sent");
            return Ok(());
        };
        session.in_flight -= 1;
        session.in_flight_bytes -= bytes;
        if let Some(upto) = ack.upto.filter(|upto| *upto <= link.sent) {
            link.acked = link.acked.max(upto);
            let acked = link.acked;
            let mut cursor =
                CursorRecord::load(&step.overlay, &peer, &ack.scope)?.unwrap_or_default();
            (cursor.acked, cursor.acked_ms) = (acked, step.now_ms);
            step.put(Table::Cursors, CursorRecord::key(&peer, &ack.scope), cursor.to_bytes());
        }
        if ack.refused > 0 {
            let (scope, count) = (ack.scope.clone(), ack.refused);
            let event = Event::RefusedByPeer { peer, scope, count, reason: ack.reason };
            step.effects.push(Effect::Tell(event));
        }
        self.go_on(step, id, ack.scope)
    }

    /// Tries frames again that waited for a delegation.
    pub(crate) fn retry_held(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
    ) -> Result<(), ReadError> {
        self.release_held(step, |_| false)
    }

    /// Gives up on frames whose delegation did not come in time.
    pub(crate) fn expire_held(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
    ) -> Result<(), ReadError> {
        let (now_ms, hold_ms) = (step.now_ms, self.config.hold_ms);
        self.release_held(step, |came_ms| now_ms.saturating_sub(came_ms) >= hold_ms)
    }

    pub(super) fn release_held(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        last_chance: impl Fn(u64) -> bool,
    ) -> Result<(), ReadError> {
        // What awaits a statement that is not here need not be judged again: with many peers that
        // come for the first time, each statement of one would cost what all of them wait with.
        let ready = |(came_ms, delivery): &(u64, Delivery)| {
            let here = |statement| self.authority.holds(&statement);
            last_chance(*came_ms) || delivery.awaits.is_none_or(here)
        };
        let links = self.sessions.iter().flat_map(|(id, session)| {
            session.links.iter().map(move |(scope, link)| (id, scope, link))
        });
        let waiting: Vec<(SessionId, Scope)> = links
            .filter(|(_, _, link)| link.held.front().is_some_and(ready))
            .map(|(id, scope, _)| (*id, scope.clone()))
            .collect();
        for (id, scope) in waiting {
            while let Some((came_ms, delivery)) =
                self.link(id, &scope).and_then(|link| link.held.pop_front())
            {
                let again = self.take_in(step, id, delivery, last_chance(came_ms))?;
                if let Some(delivery) = again {
                    if let Some(link) = self.link(id, &scope) {
                        link.held.push_front((came_ms, delivery));
                    }
                    break;
                }
            }
            self.settle(step, id)?;
        }
        Ok(())
    }
}
