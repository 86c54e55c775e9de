//! What sessions ask of the node, answered by its log and its authority.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{
    AsideLog, Body, Cursor, Epoch, Hash, Holds, Item, Ms, NodeKey, Reads, Reason, Salt, Scope,
    SetVector, Statement, UnitId, Wire as _,
};

use super::membership::{self, Chain, Shown};
use super::peers;
use super::snapshots::Snapshots;
use crate::admission::WaitsFor;
use crate::entry::{Entry as LogEntry, Location};
use crate::log::{self, Log, Offered, SetRecord, Step};
use crate::names::{after, corrupt, document_from_key, owner_key};
use crate::session::{
    Claim, Entry, Group, INTERESTS_OF_A_PEER_MAX, Introduced, Member, Met, Node, Origin, Own, Page,
    Room, Salted, ScopeState, Taken, reason,
};
use crate::store::{ReadError, ReadStore, Table};

/// The node, during one input.
#[derive(Debug)]
pub(super) struct View<'a, 's, S> {
    pub(super) own: &'a Own,
    pub(super) log: &'a mut Log,
    pub(super) step: &'a mut Step<'s, S>,
    pub(super) snapshots: &'a mut Snapshots,
    /// The feeds of the peers that are here, by what is kept of an item's origin.
    pub(super) origins: &'a mut Origins,
    /// Peers that did not know what they were thought to hold: they are shown all.
    pub(super) forgetful: &'a BTreeSet<NodeKey>,
    pub(super) now: Ms,
}

/// The feeds that items came from since the start: of each peer the last one, since it may name its
/// feed anew in every session.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins {
    by_tag: BTreeMap<[u8; 8], Origin>,
    last: BTreeMap<NodeKey, [u8; 8]>,
}

impl Origins {
    fn note(&mut self, tag: [u8; 8], from: Origin) {
        if self.by_tag.contains_key(&tag) {
            return;
        }
        if let Some(before) = self.last.insert(from.peer, tag) {
            self.by_tag.remove(&before);
        }
        self.by_tag.insert(tag, from);
    }

    fn of(&self, tag: &[u8; 8]) -> Option<Origin> {
        self.by_tag.get(tag).copied()
    }

    /// The feed of a peer that items came from last.
    pub(super) fn of_peer(&self, peer: &NodeKey) -> Option<Origin> {
        self.of(self.last.get(peer)?)
    }
}

/// What is kept of an item's origin.
pub(super) fn tag(origin: Origin) -> [u8; 8] {
    let hash = Hash::of(&[&origin.peer.0, &origin.epoch.0]);
    let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash.0;
    tag
}

impl<'s, S: ReadStore> View<'_, 's, S> {
    fn store(&self) -> &impl ReadStore {
        self.step.store()
    }

    /// The statements that show this node's membership, its delegation last: of several the one
    /// that holds longest.
    fn credentials(&self) -> Vec<Hash> {
        let authority = self.log.authority();
        let Claim { key, unit, lineage } = &self.own.claim;
        let own = authority.memberships_in(unit, key);
        let own = own.filter(|by| by.lineage == *lineage);
        let longest = own.map(|by| (by.outside, by.inside, by.delegation)).max();
        let Some((_, _, delegation)) = longest else {
            return Vec::new();
        };
        let mut ids = authority.credentials(&delegation, self.now);
        ids.retain(|id| *id != delegation);
        ids.push(delegation);
        ids
    }

    /// The peer took a session to its end of resuming: it stored what showed this node.
    pub(super) fn was_shown(&mut self, peer: &NodeKey) -> Result<(), ReadError> {
        let shown = hash_of(&self.credentials());
        if peers::shown(self.store(), peer)? != Some(shown) {
            peers::set_shown(self.step.store_mut(), peer, shown);
        }
        Ok(())
    }

    /// An admitted item, if it belongs to a scope or lies in its set (INV-09), or recognises the
    /// unit whose statements lie there: who wants its charter waits for such a founding, and that
    /// may be in no set.
    fn item_in(&self, scope: &Scope, id: &Hash) -> Result<Option<log::Stored>, ReadError> {
        let Some(stored) = log::item(self.store(), id)? else {
            return Ok(None);
        };
        let authority = self.log.authority();
        let here = stored.item.scope(authority.city()) == *scope
            || authority.scopes_of(id).any(|other| other == scope)
            || scope.holds() == Holds::Statements && authority.is_founding_of(id, scope.unit());
        Ok(here.then_some(stored))
    }

    /// An envelope that is set aside, and what it builds on as far as that is and was not sent.
    fn aside_past(&self, id: &Hash, sent: &BTreeSet<Hash>) -> Result<BTreeSet<Hash>, ReadError> {
        let (mut found, mut open) = (BTreeSet::new(), vec![*id]);
        while let Some(id) = open.pop() {
            if sent.contains(&id) || !found.insert(id) {
                continue;
            }
            let Some(location) = Location::of(self.store(), &id)? else {
                continue;
            };
            for parent in location.entry(self.store(), &id)?.parents() {
                if self.is_aside(parent)? {
                    open.push(*parent);
                }
            }
        }
        Ok(found)
    }

    /// A statement that is kept, and the scope that it belongs to.
    fn placed(&self, id: &Hash) -> Result<(Scope, Item), ReadError> {
        let item = log::item(self.store(), id)?.ok_or_else(|| corrupt("statement"))?.item;
        Ok((item.scope(self.log.authority().city()), item))
    }

    fn is_aside(&self, id: &Hash) -> Result<bool, ReadError> {
        let Some(location) = Location::of(self.store(), id)? else {
            return Ok(false);
        };
        let document = document_from_key(&location.document_key);
        let document = document.ok_or_else(|| corrupt("location"))?;
        Ok(log::validity(self.store(), &document, id)?.is_aside())
    }

    /// Where a statement that something waits for is likely to lie: what an envelope or a
    /// statement names is of its own unit; what the root issued, of the city.
    fn scope_of_proof(&self, item: &Item) -> Scope {
        let city = self.log.authority().city().clone();
        let unit = match item {
            Item::Envelope(envelope) => envelope.header().claims().document.owner().clone(),
            Item::Statement(statement) => statement.claims().unit().cloned().unwrap_or(city),
        };
        Scope::statements(unit)
    }
}

/// The units that a node of `own` cares for towards a peer, beside those above and below its own.
pub(super) fn interests(
    store: &impl ReadStore,
    own: &UnitId,
    peer: &Member,
) -> Result<BTreeSet<UnitId>, ReadError> {
    let letters = |reads: Reads| reads.covers(Reads::CORRESPONDENCE);
    let mut interests = if peer.outside.is_some_and(letters) {
        log::cared_for(store, &peer.unit)?
    } else if peer.inside.is_some_and(letters) {
        // A unit that nobody recognises carries nothing for others.
        let pairs = log::changed(store, &Group::Carried(peer.unit.clone()), 0)?;
        let held = pairs.iter().filter(|pair| peer.may_hold(pair, own));
        held.flat_map(crate::admission::interests_of).collect()
    } else {
        BTreeSet::new()
    };
    interests.retain(|unit| !own.contains(unit) && !unit.contains(own));
    // A peer takes no more, whoever made this node care for them.
    Ok(interests.into_iter().take(INTERESTS_OF_A_PEER_MAX).collect())
}

/// What became of an item; a statement that it waits for is likely to lie in this scope.
fn taken(id: &Hash, proof: Scope, offered: Offered) -> Taken {
    match offered {
        Offered::Taken | Offered::Duplicate | Offered::PassedOver => Taken::Done,
        Offered::Later => Taken::Later,
        Offered::Refused(rejection) => {
            Taken::Refused(reason(rejection.code(), &rejection.to_string()))
        }
        Offered::Waits(WaitsFor::Statement(own)) if own == *id => Taken::WaitsToBeNamed(proof, own),
        Offered::Waits(WaitsFor::Statement(other)) => Taken::WaitsFor(proof, other),
        Offered::Waits(WaitsFor::Envelope(_) | WaitsFor::Founding(_)) => Taken::Waits,
    }
}

impl<S: ReadStore> Node for View<'_, '_, S> {
    type Error = ReadError;
    type Chain = Chain;

    fn own(&self) -> &Own {
        self.own
    }

    fn feed(&self) -> Result<Cursor, ReadError> {
        Ok(Cursor { epoch: Epoch(self.log.epoch()), seq: log::feed_head(self.store())? })
    }

    fn met(&self, peer: &NodeKey) -> Result<Option<Met>, ReadError> {
        peers::met(self.store(), peer)
    }

    fn remember(&mut self, peer: &NodeKey, met: &Met) -> Result<(), ReadError> {
        peers::remember(self.step.store_mut(), peer, met)
    }

    fn membership(&self, peer: &NodeKey) -> Result<Vec<Statement>, ReadError> {
        let mut ids = self.credentials();
        // Who took a session with it this far stored the path.
        let known = peers::shown(self.store(), peer)? == Some(hash_of(&ids));
        if known && !self.forgetful.contains(peer) {
            ids.drain(..ids.len().saturating_sub(1));
        }
        let statement = |id: &Hash| match log::item(self.store(), id)?.map(|stored| stored.item) {
            Some(Item::Statement(statement)) => Ok(*statement),
            Some(Item::Envelope(_)) | None => Err(corrupt("statement")),
        };
        ids.iter().map(statement).collect()
    }

    fn begin_chain(&self, claim: &Claim) -> Result<Chain, ReadError> {
        Ok(Chain::begin(self.log.authority(), claim))
    }

    fn follow_chain(
        &self,
        chain: &mut Chain,
        statement: Statement,
    ) -> Result<Result<(), Reason>, ReadError> {
        Ok(chain.follow(self.log.authority(), statement, self.log.verifier()))
    }

    fn accept(
        &mut self,
        chain: Chain,
        delegation: &Hash,
        claim: &Claim,
        now: Ms,
    ) -> Result<Introduced, ReadError> {
        let added = match chain.close(delegation, claim, now) {
            Shown::Member(added) => added,
            Shown::Rival(followed) => return Ok(Introduced::Rival { followed }),
            Shown::Nobody => return Ok(Introduced::Nobody),
        };
        for statement in added {
            self.log.learn(self.step, statement, log::Origin::own(self.now))?;
        }
        let member = membership::member(self.log.authority(), claim, now);
        Ok(match member.is_member() {
            true => Introduced::Member(member),
            false => Introduced::Nobody,
        })
    }

    fn member(&self, claim: &Claim, now: Ms) -> Result<Member, ReadError> {
        Ok(membership::member(self.log.authority(), claim, now))
    }

    fn farewell(&self, claim: &Claim) -> Result<Vec<(Scope, Vec<u8>)>, ReadError> {
        let authority = self.log.authority();
        let ids = authority.farewell(&claim.key, &claim.unit, &claim.lineage).into_iter();
        ids.map(|id| self.placed(&id).map(|(scope, item)| (scope, item.to_bytes()))).collect()
    }

    fn recognition(&self, claim: &Claim) -> Result<Vec<(Scope, Hash)>, ReadError> {
        let authority = self.log.authority();
        let by = authority.memberships_in(&claim.unit, &claim.key);
        let by = by.filter(|by| by.lineage == claim.lineage && by.outside.is_some());
        let Some((_, delegation)) = by.map(|by| (by.outside, by.delegation)).max() else {
            return Ok(Vec::new());
        };
        let ids = authority.credentials(&delegation, self.now).into_iter();
        ids.map(|id| Ok((self.placed(&id)?.0, id))).collect()
    }

    fn interests(&self, peer: &Member) -> Result<BTreeSet<UnitId>, ReadError> {
        interests(self.store(), &self.own.claim.unit, peer)
    }

    fn is_known(&self, unit: &UnitId) -> bool {
        self.log.authority().is_known(unit)
    }

    fn scope(&self, scope: &Scope) -> Result<ScopeState, ReadError> {
        let SetRecord { head, items, vector } = SetRecord::load(self.store(), scope)?;
        Ok(if items == 0 { ScopeState::default() } else { ScopeState { head, vector } })
    }

    fn vector(&self, group: &Group) -> Result<SetVector, ReadError> {
        log::group_vector(self.store(), group)
    }

    fn changed_part(
        &self,
        group: &Group,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Scope)>, ReadError> {
        log::changed_part(self.store(), group, after, limit)
    }

    fn page(&self, scope: &Scope, after: u64, room: Room) -> Result<Page, ReadError> {
        let positions = log::feed(self.store(), scope, after, room.items)?;
        let full = positions.len() == room.items;
        let (mut page, mut bytes) = (Page { upto: after, ..Page::default() }, 0);
        for (position, id) in &positions {
            let stored = log::item(self.store(), id)?.ok_or_else(|| corrupt("feed"))?;
            let item = stored.item.to_bytes();
            if bytes > 0 && bytes + item.len() > room.bytes {
                return Ok(page);
            }
            bytes += item.len();
            let from = self.origins.of(&stored.origin.peer);
            let adoption = is_adoption(&stored.item);
            page.entries.push(Entry { from, adoption, bytes: item });
            page.upto = *position;
        }
        if !full {
            page.upto = page.upto.max(SetRecord::load(self.store(), scope)?.head);
        }
        Ok(page)
    }

    fn adoptions(&self, scope: &Scope) -> Result<Vec<Hash>, ReadError> {
        Ok(self.log.authority().adoptions_in(scope).collect())
    }

    fn item(&self, scope: &Scope, id: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.item_in(scope, id)?.map(|stored| stored.item.to_bytes()))
    }

    fn wanted(
        &self,
        scope: &Scope,
        id: &Hash,
        sent: &BTreeSet<Hash>,
    ) -> Result<BTreeSet<Hash>, ReadError> {
        let Some(stored) = self.item_in(scope, id)?.filter(|_| !sent.contains(id)) else {
            return Ok(BTreeSet::new());
        };
        match &stored.item {
            Item::Envelope(_) => self.aside_past(id, sent),
            // With all that it waits for, or one after the other would be wanted, and they would
            // fill the windows while each waits for the next.
            Item::Statement(_) => {
                let mut grounds = BTreeSet::new();
                for id in self.log.authority().grounds(id) {
                    if !sent.contains(&id) && self.item_in(scope, &id)?.is_some() {
                        grounds.insert(id);
                    }
                }
                Ok(grounds)
            }
        }
    }

    fn in_order(&self, _: &Scope, ids: BTreeSet<Hash>) -> Result<Vec<Hash>, ReadError> {
        let (mut statements, mut envelopes) = (Vec::new(), Vec::new());
        for id in ids {
            match Location::of(self.store(), &id)? {
                Some(location) => envelopes.push((location.entry(self.store(), &id)?.number, id)),
                None => statements.push(id),
            }
        }
        envelopes.sort_unstable();
        let mut ordered = self.log.authority().in_causal_order(statements);
        ordered.extend(envelopes.into_iter().map(|(_, id)| id));
        Ok(ordered)
    }

    fn salted(&mut self, scope: &Scope, salt: &Salt) -> Result<Salted, ReadError> {
        let store = self.step.store();
        self.snapshots.salted(store, scope, salt, self.now)
    }

    fn take(&mut self, scope: &Scope, item: &[u8], from: Origin) -> Result<Taken, ReadError> {
        let item = match Item::from_bytes(item) {
            Ok(item) => item,
            Err(error) => return Ok(Taken::Refused(reason("malformed", &error.to_string()))),
        };
        let origin = log::Origin { peer: tag(from), received_ms: self.now.get() };
        self.origins.note(origin.peer, from);
        let (proof, id) = (self.scope_of_proof(&item), item.id());
        let (step, none) = (&mut *self.step, BTreeSet::new());
        let offered = self.log.offer_item(step, scope, item, origin, &none)?;
        Ok(taken(&id, proof, offered))
    }

    fn care_for(&mut self, units: &BTreeSet<UnitId>) {
        self.log.care_for(units);
    }

    fn wish(&mut self, from: &UnitId, to: &BTreeSet<UnitId>) -> Result<(), ReadError> {
        log::wish(self.step.store_mut(), from, to, self.now)
    }

    fn holds(&self, id: &Hash) -> Result<bool, ReadError> {
        log::is_admitted(self.store(), id)
    }

    fn lacks(&self, is_asked: impl Fn(&Scope) -> bool) -> Result<Vec<(Scope, Hash)>, ReadError> {
        crate::wanted(self.store(), is_asked)
    }

    fn aside(&self) -> Result<BTreeMap<Scope, Vec<AsideLog>>, ReadError> {
        let own = owner_key(&self.own.claim.unit);
        let suspended =
            self.store().range(Table::Suspended, &own, &after(&own), usize::MAX >> 1)?;
        let mut last: BTreeMap<_, LogEntry> = BTreeMap::new();
        for (key, _) in suspended {
            let at = key.len().checked_sub(32).ok_or_else(|| corrupt("suspended"))?;
            let id = Hash(key[at..].try_into().map_err(|_| corrupt("suspended"))?);
            if !self.is_aside(&id)? {
                continue;
            }
            let location = Location::of(self.store(), &id)?.ok_or_else(|| corrupt("suspended"))?;
            let entry = location.entry(self.store(), &id)?;
            let log = (location.document_key, location.author);
            if last.get(&log).is_none_or(|before| before.seq < entry.seq) {
                last.insert(log, entry);
            }
        }
        let mut aside: BTreeMap<Scope, Vec<AsideLog>> = BTreeMap::new();
        for ((document, author), LogEntry { seq, id, .. }) in last {
            let document = document_from_key(&document).ok_or_else(|| corrupt("suspended"))?;
            let scope = document.scope();
            let (author, incarnation) = (author.key, author.incarnation);
            let log = AsideLog { document, author, incarnation, seq, head: id };
            aside.entry(scope).or_default().push(log);
        }
        Ok(aside)
    }

    fn cursor(&self, peer: &NodeKey, scope: &Scope) -> Result<Option<Cursor>, ReadError> {
        peers::cursor(self.store(), peer, scope)
    }

    fn set_cursor(
        &mut self,
        peer: &NodeKey,
        scope: &Scope,
        cursor: Cursor,
    ) -> Result<(), ReadError> {
        peers::set_cursor(self.step.store_mut(), peer, scope, cursor);
        Ok(())
    }
}

fn hash_of(ids: &[Hash]) -> Hash {
    Hash::of(&ids.iter().map(|id| id.0.as_slice()).collect::<Vec<_>>())
}

fn is_adoption(item: &Item) -> bool {
    match item {
        Item::Statement(statement) => matches!(statement.claims(), Body::Adoption(_)),
        Item::Envelope(_) => false,
    }
}
