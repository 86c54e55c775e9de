//! How a session begins: both say who they are and where they stand, and each shared scope
//! resumes from its cursors, or is reconciled.

use std::borrow::Cow;
use std::collections::BTreeMap;

use node_authority::{Authority, Refusal};
use schema_wire::{
    Audience, Frame, Hash, Hello, Known, NodeKey, Scope, ScopeOffer, Statement, UnitId, limits,
};

use super::{Link, REPLAYED, Session};
use crate::records::{
    CursorRecord, PeerRecord, ScopeRecord, after, corrupt, origin, scope_from_key,
};
use crate::replica::{Effect, Event, Replica, SessionId, holds};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::Step;

impl Replica {
    /// A peer was authenticated: say who we are and where we stand.
    pub(crate) fn opened(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        peer: NodeKey,
        dialer: bool,
    ) -> Result<(), ReadError> {
        let mut offered = BTreeMap::new();
        let met = PeerRecord::load(&step.overlay, &peer)?;
        // A peer met before is told of what it may hold; a new one only of what anybody may.
        let shared = match &met {
            Some(record) => held_about(&step.overlay, &record.unit)?,
            None => held_in(&step.overlay, &[Audience::Public as u8])?,
        };
        for (scope, record) in shared.into_iter().take(limits::SCOPES_MAX) {
            let known = CursorRecord::load(&step.overlay, &peer, &scope)?;
            let known = known.filter(|cursor| cursor.taken > 0);
            let known = known.map(|cursor| Known { epoch: cursor.epoch, seq: cursor.taken });
            let fingerprint = record.fingerprint.0;
            let offer = ScopeOffer { scope: scope.clone(), head: record.head, fingerprint, known };
            offered.insert(scope, offer);
        }
        self.hellos += 1;
        let hello = Hello {
            network: self.authority.network(),
            from: self.identity.public(),
            to: peer,
            incarnation: self.identity.incarnation,
            counter: (self.boot << 32) + self.hellos,
            unit: self.identity.unit.clone(),
            chain: self.authority.credentials(&self.identity.delegation, step.now_ms),
            epoch: self.epoch,
            scopes: offered.values().cloned().collect(),
        };
        self.sessions.insert(id, Session::new(peer, dialer, offered));
        self.send(step, id, &Frame::Hello(Box::new(hello)));
        Ok(())
    }

    /// The peer said who it is: believe the chain, not the words.
    pub(crate) fn hello(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        hello: Hello,
    ) -> Result<(), ReadError> {
        let Some(session) = self.sessions.get(&id) else {
            return Ok(());
        };
        let peer = session.peer;
        let before = PeerRecord::load(&step.overlay, &peer)?;
        let order = (hello.incarnation, hello.counter);
        let admitted = if session.unit.is_some() {
            Err((REPLAYED, "this session has had its hello".to_owned()))
        } else if hello.network != self.authority.network() {
            Err(("other-network", format!("network {} is not ours", hello.network)))
        } else if hello.from != peer {
            Err(("impostor", format!("the hello is from {}, the connection is not", hello.from)))
        } else if hello.to != self.identity.public() {
            Err((REPLAYED, "the hello was made for another node".to_owned()))
        } else if before
            .as_ref()
            .is_some_and(|b| hello.incarnation == b.incarnation && hello.counter <= b.counter)
        {
            Err((REPLAYED, format!("hello {order:?} was used before")))
        } else {
            self.admit_peer(&hello, step.now_ms)
        };
        let reader = match admitted {
            Ok(reader) => reader,
            Err((code, text)) => {
                self.refuse(step, id, code, &text);
                return Ok(());
            }
        };
        let record = PeerRecord {
            incarnation: hello.incarnation,
            counter: hello.counter,
            met_ms: step.now_ms,
            reader,
            unit: hello.unit.clone(),
        };
        step.put(Table::Meta, PeerRecord::key(&peer), record.to_bytes());
        let unit = hello.unit.clone();
        let event =
            if reader { Event::Joined { peer, unit } } else { Event::Surrenders { peer, unit } };
        step.effects.push(Effect::Tell(event));
        self.compare(step, id, hello, reader)
    }

    /// Does the hello's chain make the peer a member of this network now, for the unit it names?
    /// One whose delegation was revoked or ran out may still hand over what it wrote before it
    /// knew (false); it is read nothing but what is public.
    pub(super) fn admit_peer(
        &self,
        hello: &Hello,
        now_ms: u64,
    ) -> Result<bool, (&'static str, String)> {
        let Some(leaf) = hello.chain.first().map(Statement::id) else {
            return Err(("no-delegation", "the hello carries no delegation".into()));
        };
        let mut known = Cow::Borrowed(&self.authority);
        let mut unread: Vec<&Statement> =
            hello.chain.iter().filter(|s| !self.authority.holds(&s.id())).collect();
        // In whatever order they come: each is kept once what it names is known.
        while !unread.is_empty() {
            let (ready, waiting): (Vec<_>, Vec<_>) = unread
                .iter()
                .partition(|s| !known.admissible(s).is_err_and(|refusal| refusal.may_pass()));
            // Where none is ready, the first says what it lacks.
            let next = if ready.is_empty() { &unread[..1] } else { &ready[..] };
            for statement in next {
                self.learn_for_session(known.to_mut(), statement)?;
            }
            unread = waiting;
        }
        let other = |unit| Err(("other-unit", format!("the delegation is for {unit}")));
        match known.permits_session(&leaf, hello.from, now_ms) {
            Ok(unit) if unit == hello.unit => Ok(true),
            Ok(unit) => other(unit),
            Err(Refusal::Revoked { .. } | Refusal::Expired { .. }) => {
                match known.delegation(&leaf).map(|leaf| leaf.value().unit.clone()) {
                    Some(unit) if unit == hello.unit => Ok(false),
                    unit => other(unit.unwrap_or_else(|| hello.unit.clone())),
                }
            }
            Err(refusal) => Err((refusal.code(), refusal.to_string())),
        }
    }

    fn learn_for_session(
        &self,
        known: &mut Authority,
        statement: &Statement,
    ) -> Result<(), (&'static str, String)> {
        known.admissible(statement).map_err(|refusal| (refusal.code(), refusal.to_string()))?;
        let verified = statement.clone().verify_with(&*self.config.verifier);
        known.insert(verified.map_err(|error| ("bad-signature", error.0.to_string()))?);
        Ok(())
    }

    /// Ends sessions with peers whose delegation no longer holds.
    pub(crate) fn end_unauthorised(&mut self, step: &mut Step<'_, impl ReadStore>) {
        let mut ended = Vec::new();
        for (id, session) in self.sessions.iter().filter(|(_, s)| s.reader) {
            let (delegation, peer) = (&session.delegation, session.peer);
            match self.authority.permits_session(delegation, peer, step.now_ms) {
                // What proved it when the session began need not be among what is held here.
                Ok(_) | Err(Refusal::UnknownStatement(_) | Refusal::Unsupported { .. }) => {}
                Err(refusal) => ended.push((*id, refusal)),
            }
        }
        for (id, refusal) in ended {
            self.refuse(step, id, refusal.code(), &refusal.to_string());
        }
    }

    /// Decides for each shared scope how to resume.
    pub(super) fn compare(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        hello: Hello,
        reader: bool,
    ) -> Result<(), ReadError> {
        let own = self.identity.unit.clone();
        let mut scopes: BTreeMap<Scope, Option<ScopeOffer>> = BTreeMap::new();
        for offer in hello.scopes {
            scopes.insert(offer.scope.clone(), Some(offer));
        }
        for (scope, _) in held_about(&step.overlay, &hello.unit)? {
            scopes.entry(scope).or_insert(None);
        }
        let Some(session) = self.sessions.join(id, hello.unit.clone()) else {
            return Ok(());
        };
        session.reader = reader;
        session.delegation = hello.chain.first().map_or(Hash([0; 32]), Statement::id);
        session.epoch = hello.epoch;
        session.origin = origin(&session.peer, &hello.epoch);
        session.cost.round_trips = 1;
        scopes.retain(|scope, _| holds(&own, scope) && holds(&hello.unit, scope));
        for (scope, theirs) in scopes {
            self.resume(step, id, scope, theirs)?;
        }
        Ok(())
    }

    pub(super) fn resume(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        theirs: Option<ScopeOffer>,
    ) -> Result<(), ReadError> {
        let epoch = self.epoch;
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let peer = session.peer;
        let mine = session.offered.get(&scope).cloned();
        let promised = mine.as_ref().map_or(0, |offer| offer.head);
        let mut link = Link { promised, ..Link::default() };
        let cursor = CursorRecord::load(&step.overlay, &peer, &scope)?.unwrap_or_default();
        let their_epoch = session.epoch;
        let known = theirs.as_ref().and_then(|offer| offer.known);
        if known.is_some_and(|known| known.epoch == epoch && known.seq > promised) {
            self.fell_back(step);
        }
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let (Some(mine), Some(theirs)) = (mine, theirs.as_ref()) else {
            // One side said nothing of this scope: it holds nothing, or did not know that we
            // share it. Both send all they hold; what is known already is a duplicate.
            link.their_head = theirs.map_or(0, |offer| offer.head);
            session.links.insert(scope.clone(), link);
            return self.pump(step, id, &scope);
        };
        link.their_head = theirs.head;
        let forward = usable(theirs.known, epoch, mine.head).or((mine.head == 0).then_some(0));
        let backward = usable(mine.known, their_epoch, theirs.head);
        let backward = backward.or((theirs.head == 0).then_some(0));
        let (dialer, same) = (session.dialer, theirs.fingerprint == mine.fingerprint);
        let caught_up = forward == Some(mine.head) && backward == Some(theirs.head);
        if same {
            link.sent = mine.head;
            link.acked = mine.head;
            link.told = mine.head;
            link.taken = theirs.head;
            let settled = CursorRecord {
                epoch: their_epoch,
                taken: theirs.head,
                acked: mine.head,
                acked_ms: step.now_ms,
            };
            if (cursor.epoch, cursor.taken, cursor.acked)
                != (settled.epoch, settled.taken, settled.acked)
            {
                step.put(Table::Cursors, CursorRecord::key(&peer, &scope), settled.to_bytes());
            }
        } else if let (Some(sent), Some(taken), false) = (forward, backward, caught_up) {
            (link.sent, link.acked, link.told, link.taken) = (sent, sent, sent, taken);
        } else {
            link.reconciling = true;
        }
        let initiate = link.reconciling && dialer;
        session.links.insert(scope.clone(), link);
        if initiate {
            session.unreconciled.push_back(scope);
            return self.initiate(step, id);
        }
        self.pump(step, id, &scope)
    }
}

/// The scopes here that nodes of a unit may hold too. Only those of the unit, of what lies in it
/// and of what it lies in are read: with many communities, a hello costs what its peer shares.
fn held_about(
    store: &impl ReadStore,
    unit: &UnitId,
) -> Result<Vec<(Scope, ScopeRecord)>, ReadError> {
    let mut found = Vec::new();
    for audience in Audience::ALL {
        let above = if audience == Audience::Public { usize::MAX } else { 1 };
        let around = std::iter::successors(Some(unit.clone()), UnitId::parent).take(above);
        for unit in around {
            let scope = Scope { unit, audience };
            let record = ScopeRecord::load(store, &scope)?;
            if record.head > 0 {
                found.push((scope, record));
            }
        }
        if audience != Audience::Unit {
            let within = [&[audience as u8], unit.as_str().as_bytes(), b"/"].concat();
            found.extend(held_in(store, &within)?);
        }
    }
    found.retain(|(scope, _)| holds(unit, scope));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The scopes whose keys begin so, in their order.
fn held_in(store: &impl ReadStore, prefix: &[u8]) -> Result<Vec<(Scope, ScopeRecord)>, ReadError> {
    let all = store.range(Table::Scopes, prefix, &after(prefix), usize::MAX >> 1)?;
    let scope = |(key, value): (Vec<u8>, Vec<u8>)| {
        let scope = scope_from_key(&key).ok_or_else(|| corrupt("scope"))?;
        let record = ScopeRecord::from_bytes(&value).ok_or_else(|| corrupt("scope"))?;
        Ok((scope, record))
    };
    let mut scopes = all.into_iter().map(scope).collect::<Result<Vec<_>, ReadError>>()?;
    scopes.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(scopes)
}

/// The position of a cursor that names this feed and lies within it.
fn usable(known: Option<Known>, epoch: [u8; 16], head: u64) -> Option<u64> {
    known.filter(|known| known.epoch == epoch && known.seq <= head).map(|known| known.seq)
}

impl PeerRecord {
    fn load(store: &impl ReadStore, peer: &NodeKey) -> Result<Option<Self>, ReadError> {
        let bytes = store.read(Table::Meta, &Self::key(peer))?;
        bytes.map(|b| Self::from_bytes(&b).ok_or_else(|| corrupt("peer"))).transpose()
    }
}
