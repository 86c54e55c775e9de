//! What a node can say of its replication: what it holds, and what others are known to hold of
//! that, as of when. No more than was shown, by a resume that ended and by acknowledgements.

use std::collections::{BTreeMap, BTreeSet};

use node_authority::Authority;
use schema_wire::{Author, Hash, Item, Ms, Scope, UnitId};

use super::Replica;
use super::contacts::Contact;
use super::membership;
use super::peers;
use super::seen::Seen;
use super::view::{interests, tag};
use crate::log::{self, SetRecord, Stored};
use crate::session::{Claim, Group, Link, Member, Met, Origin, Party, Sharing};
use crate::store::{ReadError, ReadStore};

/// Items that are looked at for one answer. A node that lacks more is behind by "at least" so many.
const LOOKED_AT_MAX: usize = 2_000;

/// Everything a node can say of its replication.
#[derive(Debug, Clone)]
pub struct Status {
    /// Who it writes as.
    pub author: Author,
    /// What it is itself.
    pub own: Member,
    /// The last position of its feed.
    pub feed: u64,
    /// Every node that it had a session with, as a member of the network.
    pub peers: Vec<PeerStatus>,
    /// Every scope that it holds something of.
    pub scopes: Vec<ScopeStatus>,
}

/// Another node, as seen from here.
#[derive(Debug, Clone)]
pub struct PeerStatus {
    /// Who it is now, by all that is kept; perhaps no member any more.
    pub member: Member,
    /// Is it here?
    pub link: Link,
    /// When it was last heard; none if that was before this node wrote it down.
    pub last: Option<Ms>,
    /// What it is known to hold of this node's feed.
    pub held: Option<Held>,
    /// What it is not known to hold.
    pub lacks: Lacks,
    /// Items of this node's that it refused, since this node started: it took note of them, and
    /// does not hold them.
    pub refused: u64,
}

/// A peer holds all that it may hold of this node's feed, up to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The position.
    pub upto: u64,
    /// When that was last known to be all there was.
    pub at: Ms,
}

/// Items that a peer may hold and is not known to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacks {
    /// How many.
    pub items: u64,
    /// There are more, which were not counted.
    pub more: bool,
    /// Since when the one that is here for longest is.
    pub since: Option<Ms>,
}

/// A scope as this node holds it.
#[derive(Debug, Clone)]
pub struct ScopeStatus {
    /// The scope.
    pub scope: Scope,
    /// Items here.
    pub items: u64,
    /// Their sum.
    pub sum: Hash,
    /// How many of them are known to be on one other node of this unit.
    pub on_unit: u64,
    /// How many are known to be on one node of a unit above.
    pub on_above: u64,
}

/// What is known of one peer, while an answer is made.
struct Known {
    sharing: Sharing,
    /// What came from it is marked so.
    tags: BTreeSet<[u8; 8]>,
    /// It holds its share of the feed up to here.
    upto: u64,
    /// Of these scopes more was acknowledged.
    acknowledged: BTreeMap<Scope, u64>,
}

impl Known {
    /// Up to where it holds a scope.
    fn reached(&self, scope: &Scope) -> u64 {
        self.acknowledged.get(scope).copied().unwrap_or(0).max(self.upto)
    }

    /// What it lacks of a scope. Looks at no more items than are left to look at.
    fn lacks(
        &self,
        store: &impl ReadStore,
        scope: &Scope,
        left: &mut usize,
    ) -> Result<Lacks, ReadError> {
        let behind = log::feed(store, scope, self.reached(scope), left.saturating_add(1))?;
        let mut lacks = Lacks { more: behind.len() > *left, ..Lacks::default() };
        for (_, id) in behind.into_iter().take(*left) {
            *left -= 1;
            let Some(stored) = log::item(store, &id)? else { continue };
            if self.tags.contains(&stored.origin.peer) {
                continue;
            }
            lacks.items += 1;
            lacks.since = [lacks.since, here_since(&stored)].into_iter().flatten().min();
        }
        Ok(lacks)
    }
}

/// Since when an item is here: this node's own since it was written.
fn here_since(stored: &Stored) -> Option<Ms> {
    match (stored.origin.received_ms, &stored.item) {
        (0, Item::Envelope(envelope)) => Some(envelope.header().claims().at),
        (0, Item::Statement(statement)) => statement.claims().at(),
        (received, _) => Some(Ms::of(received)),
    }
}

impl Lacks {
    fn add(&mut self, other: Self) {
        self.items += other.items;
        self.more |= other.more;
        self.since = [self.since, other.since].into_iter().flatten().min();
    }
}

impl Replica {
    /// What this node can show of its replication.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn status(&self, clock: Ms, store: &impl ReadStore) -> Result<Status, ReadError> {
        self.seen().status(clock, store)
    }
}

impl Seen {
    /// What the node can show of its replication, over the store of the same moment or a later one.
    /// What is seen of sessions is then older than the store: less is claimed than is so.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn status(&self, clock: Ms, store: &impl ReadStore) -> Result<Status, ReadError> {
        let now = log::newest(store, &self.author.incarnation)?.max(clock);
        let own = membership::member(&self.authority, &self.claim, now);
        let (mut peers, mut known) = (Vec::new(), Vec::new());
        for (peer, met) in peers::all(store)? {
            let claim = Claim { key: peer, unit: met.unit.clone(), lineage: met.lineage };
            let member = membership::member(&self.authority, &claim, now);
            let contact = self.contacts.of(store, &peer)?;
            let held = contact.as_ref().and_then(|contact| self.held(contact));
            let found = self.known(store, (&own, &member), &met, held)?;
            let lacks = match member.is_member() {
                true => lacks(store, self.authority(), &found)?,
                false => Lacks::default(),
            };
            peers.push(PeerStatus {
                link: self.sessions.get(&peer).map_or(Link::Away, |session| session.link),
                last: contact.map(|contact| contact.last),
                held,
                lacks,
                refused: self.contacts.refused(&peer),
                member,
            });
            known.push(found);
        }
        let scopes = log::sets(store)?.into_iter().filter(|(_, set)| set.items > 0);
        let scopes = scopes.map(|(scope, set)| scope_status(store, scope, &set, &known));
        let (author, feed) = (self.author, log::feed_head(store)?);
        Ok(Status { author, own, feed, peers, scopes: scopes.collect::<Result<_, _>>()? })
    }

    /// What a contact says of the present feed.
    fn held(&self, contact: &Contact) -> Option<Held> {
        let (cursor, at) = contact.held?;
        (cursor.epoch == self.epoch).then_some(Held { upto: cursor.seq, at })
    }

    fn known(
        &self,
        store: &impl ReadStore,
        (own, member): (&Member, &Member),
        met: &Met,
        held: Option<Held>,
    ) -> Result<Known, ReadError> {
        let met_feed =
            met.known.map(|(_, cursor)| Origin { peer: member.key, epoch: cursor.epoch });
        let present = self.origins.of_peer(&member.key);
        let tags = present.into_iter().chain(met_feed).map(tag).collect();
        let session = self.sessions.get(&member.key);
        let acknowledged = session.map(|session| session.acknowledged.clone()).unwrap_or_default();
        let sharing = match session.and_then(|session| session.sharing.as_ref()) {
            Some(sharing) => sharing.clone(),
            None => {
                let interests = interests(store, &self.claim.unit, member)?.into();
                let peer = met.interests.clone().into();
                Sharing {
                    level: met.level,
                    own: Party { member: own.clone(), interests },
                    peer: Party { member: member.clone(), interests: peer },
                }
            }
        };
        Ok(Known { sharing, tags, upto: held.map_or(0, |held| held.upto), acknowledged })
    }
}

/// What a peer lacks of all that the two share.
fn lacks(store: &impl ReadStore, authority: &Authority, known: &Known) -> Result<Lacks, ReadError> {
    let is_known = |unit: &UnitId| authority.is_known(unit);
    let changed = |group: &Group, after| log::changed(store, group, after);
    let (mut all, mut left) = (Lacks::default(), LOOKED_AT_MAX);
    for scope in known.sharing.changed(changed, is_known, known.upto)? {
        all.add(known.lacks(store, &scope, &mut left)?);
    }
    Ok(all)
}

/// A scope, and how much of it others are known to hold. What cannot be counted is not claimed.
fn scope_status(
    store: &impl ReadStore,
    scope: Scope,
    set: &SetRecord,
    known: &[Known],
) -> Result<ScopeStatus, ReadError> {
    let (mut on_unit, mut on_above) = (0, 0);
    for peer in known.iter().filter(|peer| peer.sharing.shares(&scope)) {
        let (own, unit): (&UnitId, &UnitId) =
            (&peer.sharing.own.member.unit, &peer.sharing.peer.member.unit);
        let counted = match unit {
            unit if unit == own => &mut on_unit,
            unit if unit.contains(own) => &mut on_above,
            _ => continue,
        };
        let Lacks { items, more, .. } = peer.lacks(store, &scope, &mut { LOOKED_AT_MAX })?;
        if !more {
            *counted = set.items.saturating_sub(items).max(*counted);
        }
    }
    Ok(ScopeStatus { items: set.items, sum: set.vector.sum(), on_unit, on_above, scope })
}
