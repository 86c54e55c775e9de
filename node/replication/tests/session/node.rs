//! A node that keeps its sets in memory, with the indices that the trait asks for.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use node_replication::session::reconcile::SaltedSet;
use node_replication::session::{
    Changed, Claim, Entry, Group, Introduced, Layer, Member, Met, Node, Origin, Own, Page, Room,
    Salted, ScopeState, Taken, reason,
};
use schema_wire::{
    AsideLog, Body, Charter, Classes, Cursor, Delegation, Ed25519, Epoch, Hash, Holds, Ms,
    NetworkId, NodeKey, Reads, Reason, Salt, Scope, SetVector, SigningKey, Statement, UnitId,
    Verbs, Verified,
};

use crate::item::{Says, TestItem};

/// Everybody's network.
pub(crate) const NETWORK: NetworkId = NetworkId([9; 32]);

pub(crate) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit")
}

/// The operating key of a unit, and the charter of its lineage.
fn charter(unit: &UnitId) -> (SigningKey, Verified<Charter>) {
    let secret = SigningKey::from_bytes(&Hash::of(&[b"unit", unit.as_str().as_bytes()]).0);
    let key = NodeKey(secret.verifying_key().to_bytes());
    let charter =
        Charter { network: NETWORK, unit: unit.clone(), key, next: Hash([8; 32]), at: Ms::of(1) };
    let sealed = Verified::seal(charter, &secret).expect("well made");
    (secret, sealed)
}

pub(crate) fn lineage(unit: &UnitId) -> Hash {
    charter(unit).1.id()
}

/// What a delegation says of a node.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) unit: UnitId,
    pub(crate) lineage: Hash,
    pub(crate) reads: Reads,
    pub(crate) governs: bool,
    pub(crate) until: Ms,
}

#[derive(Debug)]
struct HeldItem {
    item: TestItem,
    /// None if it is set aside.
    position: Option<u64>,
    from: Option<Origin>,
}

#[derive(Debug)]
pub(crate) struct TestNode {
    pub(crate) own: Own,
    epoch: Epoch,
    statements: Vec<Statement>,
    pub(crate) grants: BTreeMap<NodeKey, Vec<Grant>>,
    pub(crate) unrecognised: BTreeSet<UnitId>,
    items: BTreeMap<Hash, HeldItem>,
    head: u64,
    scopes: BTreeMap<Scope, ScopeState>,
    feed: BTreeMap<Scope, BTreeMap<u64, Hash>>,
    sums: BTreeMap<Group, SetVector>,
    index: BTreeMap<Group, BTreeSet<(u64, Scope)>>,
    pub(crate) peers: BTreeMap<NodeKey, Met>,
    pub(crate) cursors: BTreeMap<(NodeKey, Scope), Cursor>,
    pub(crate) changed: Changed,
    /// Items that are set aside as soon as they come.
    pub(crate) retired: BTreeSet<Hash>,
    /// Scopes that are too much now.
    pub(crate) put_off: BTreeSet<Scope>,
    pub(crate) lacking: Vec<(Scope, Hash)>,
    pub(crate) aside: BTreeMap<Scope, Vec<AsideLog>>,
    /// Questions about scopes and groups, and writes.
    pub(crate) reads: Cell<u64>,
    pub(crate) writes: u64,
}

/// A chain that is read.
#[derive(Debug, Default)]
pub(crate) struct Chain(Vec<Statement>);

impl TestNode {
    pub(crate) fn new(at: &str, number: u8) -> Self {
        Self::with(at, number, Reads::ALL, true, Ms::MAX)
    }

    pub(crate) fn with(at: &str, number: u8, reads: Reads, governs: bool, until: Ms) -> Self {
        let unit = unit(at);
        let secret = SigningKey::from_bytes(&Hash::of(&[at.as_bytes(), &[number]]).0);
        let key = NodeKey(secret.verifying_key().to_bytes());
        let (issuer, charter) = charter(&unit);
        let lineage = charter.id();
        let delegation = Delegation {
            network: NETWORK,
            unit: unit.clone(),
            proof: lineage,
            issuer: charter.value().key,
            subject: key,
            verbs: if governs { Verbs::GOVERN } else { Verbs::WRITE },
            reads,
            classes: Classes::all(),
            not_before: Ms::of(0),
            not_after: until,
            serial: 0,
        };
        let delegation = Verified::seal(delegation, &issuer).expect("well made");
        let statements = vec![
            Statement::Charter(charter.into_signed()),
            Statement::Delegation(delegation.into_signed()),
        ];
        let grant = Grant { unit: unit.clone(), lineage, reads, governs, until };
        Self {
            own: Own { network: NETWORK, claim: Claim { key, unit, lineage } },
            epoch: Epoch([number; 16]),
            statements,
            grants: BTreeMap::from([(key, vec![grant])]),
            unrecognised: BTreeSet::new(),
            items: BTreeMap::new(),
            head: 0,
            scopes: BTreeMap::new(),
            feed: BTreeMap::new(),
            sums: BTreeMap::new(),
            index: BTreeMap::new(),
            peers: BTreeMap::new(),
            cursors: BTreeMap::new(),
            changed: Changed::default(),
            retired: BTreeSet::new(),
            put_off: BTreeSet::new(),
            lacking: Vec::new(),
            aside: BTreeMap::new(),
            reads: Cell::new(0),
            writes: 0,
        }
    }

    pub(crate) fn key(&self) -> NodeKey {
        self.own.claim.key
    }

    /// The node lost something: its feed has another name.
    pub(crate) fn lose(&mut self, epoch: u8) {
        self.epoch = Epoch([epoch; 16]);
    }

    pub(crate) fn own_statements(&self) -> Vec<Statement> {
        self.statements.clone()
    }

    /// Admits an item: from nobody, if it is made here.
    pub(crate) fn admit(&mut self, item: TestItem, from: Option<Origin>) {
        let (id, scope) = (item.id(), item.scope.clone());
        if self.items.contains_key(&id) {
            return;
        }
        if let Says::Grants(key, reads) = item.says {
            let (unit, until) = (scope.unit().clone(), Ms::MAX);
            let lineage = lineage(&unit);
            let grant = Grant { unit, lineage, reads, governs: false, until };
            self.grants.entry(key).or_default().push(grant);
        }
        self.changed.statements |= item.is_statement();
        if self.retired.contains(&id) {
            self.items.insert(id, HeldItem { item, position: None, from });
            return;
        }
        self.head += 1;
        let position = self.head;
        self.items.insert(id, HeldItem { item, position: Some(position), from });
        self.feed.entry(scope.clone()).or_default().insert(position, id);
        let before = self.scopes.entry(scope.clone()).or_default();
        let old = std::mem::replace(&mut before.head, position);
        before.vector.add(&id);
        for group in groups_of(&scope) {
            self.sums.entry(group.clone()).or_default().add(&id);
            let index = self.index.entry(group).or_default();
            index.remove(&(old, scope.clone()));
            index.insert((position, scope.clone()));
        }
        self.changed.sets.entry(scope).or_default().entered.push(id);
    }

    /// Sets an item aside: it is kept, and out of the set.
    pub(crate) fn set_aside(&mut self, id: &Hash) {
        let held = self.items.get_mut(id).expect("held");
        let position = held.position.take().expect("in the set");
        let scope = held.item.scope.clone();
        self.feed.get_mut(&scope).expect("a feed").remove(&position);
        self.scopes.get_mut(&scope).expect("a scope").vector.subtract(id);
        for group in groups_of(&scope) {
            self.sums.get_mut(&group).expect("a group").subtract(id);
        }
        self.changed.sets.entry(scope).or_default().left.push(*id);
    }

    /// The node loses an item, without knowing.
    pub(crate) fn forget(&mut self, id: &Hash) {
        self.set_aside(id);
        self.items.remove(id);
        self.changed = Changed::default();
    }

    /// The ids of a scope's set.
    pub(crate) fn set(&self, scope: &Scope) -> BTreeSet<Hash> {
        self.feed.get(scope).into_iter().flat_map(BTreeMap::values).copied().collect()
    }

    fn read(&self) {
        self.reads.set(self.reads.get() + 1);
    }

    fn ended(&self, key: &NodeKey) -> bool {
        self.items.values().any(|held| held.item.says == Says::Ends(*key))
    }
}

/// The groups that a scope belongs to.
fn groups_of(scope: &Scope) -> Vec<Group> {
    let above = |unit: &UnitId| std::iter::successors(Some(unit.clone()), UnitId::parent);
    let layer = match scope.holds() {
        Holds::Statements => Some(Layer::Statements),
        Holds::Public => Some(Layer::Public),
        Holds::Path => Some(Layer::Path),
        Holds::Pair(_) | Holds::Band(_) => None,
    };
    let within = layer.into_iter();
    let mut groups: Vec<Group> = within
        .flat_map(|layer| above(scope.unit()).map(move |x| Group::Within(x, layer)))
        .collect();
    if let Holds::Pair(other) = scope.holds() {
        let ends: BTreeSet<UnitId> = above(scope.unit()).chain(above(other)).collect();
        let carriers = ends.into_iter().filter(|x| x.carries(scope.unit(), other));
        groups.extend(carriers.map(Group::Carried));
    }
    groups.push(Group::One(scope.clone()));
    groups
}

impl Node for TestNode {
    type Error = Infallible;
    type Chain = Chain;

    fn own(&self) -> &Own {
        &self.own
    }

    fn feed(&self) -> Result<Cursor, Infallible> {
        Ok(Cursor { epoch: self.epoch, seq: self.head })
    }

    fn met(&self, peer: &NodeKey) -> Result<Option<Met>, Infallible> {
        Ok(self.peers.get(peer).cloned())
    }

    fn remember(&mut self, peer: &NodeKey, met: &Met) -> Result<(), Infallible> {
        self.writes += 1;
        self.peers.insert(*peer, met.clone());
        Ok(())
    }

    fn membership(&self, peer: &NodeKey) -> Result<Vec<Statement>, Infallible> {
        let mut statements = self.statements.clone();
        if self.peers.contains_key(peer) {
            statements.drain(..statements.len() - 1);
        }
        Ok(statements)
    }

    fn begin_chain(&self, _: &Claim) -> Result<Chain, Infallible> {
        Ok(Chain::default())
    }

    fn follow_chain(
        &self,
        chain: &mut Chain,
        statement: Statement,
    ) -> Result<Result<(), Reason>, Infallible> {
        let kept = match statement.claims() {
            Body::Charter(charter) => statement.id() == lineage(&charter.unit),
            Body::Delegation(delegation) => delegation.proof == lineage(&delegation.unit),
            _ => false,
        };
        if !kept {
            return Ok(Err(reason("not-committed", "not kept")));
        }
        Ok(match statement.verify_with(&Ed25519) {
            Ok(verified) => {
                chain.0.push(verified.into_statement());
                Ok(())
            }
            Err(_) => Err(reason("bad-signature", "does not hold")),
        })
    }

    fn accept(
        &mut self,
        chain: Chain,
        delegation: &Hash,
        claim: &Claim,
        now: Ms,
    ) -> Result<Introduced, Infallible> {
        let last = chain.0.iter().find(|statement| statement.id() == *delegation);
        let Some(Body::Delegation(grant)) = last.map(Statement::claims) else {
            return Ok(Introduced::Nobody);
        };
        if grant.subject != claim.key || grant.unit != claim.unit || grant.proof != claim.lineage {
            return Ok(Introduced::Nobody);
        }
        let grant = Grant {
            unit: grant.unit.clone(),
            lineage: grant.proof,
            reads: grant.reads,
            governs: grant.verbs.covers(Verbs::GOVERN),
            until: grant.not_after,
        };
        let before = self.grants.clone();
        let known = self.grants.entry(claim.key).or_default();
        if !known.iter().any(|known| known.unit == grant.unit && known.reads == grant.reads) {
            known.push(grant);
        }
        let member = self.member(claim, now)?;
        if !member.is_member() {
            self.grants = before;
            return Ok(Introduced::Nobody);
        }
        Ok(Introduced::Member(member))
    }

    fn member(&self, claim: &Claim, now: Ms) -> Result<Member, Infallible> {
        let Claim { key, unit, lineage: of } = claim.clone();
        let mut member = Member {
            key,
            unit: unit.clone(),
            lineage: of,
            inside: None,
            outside: None,
            governs: false,
            until: Ms::MAX,
        };
        if self.ended(&key) || of != lineage(&unit) {
            return Ok(member);
        }
        let grants = self.grants.get(&key).into_iter().flatten();
        for grant in grants.filter(|g| g.unit == unit && g.lineage == of && now <= g.until) {
            member.inside = Some(member.inside.unwrap_or_default().with(grant.reads));
            member.governs |= grant.governs;
            member.until = member.until.min(grant.until);
        }
        member.outside = member.inside.filter(|_| !self.unrecognised.contains(&unit));
        Ok(member)
    }

    fn farewell(&self, claim: &Claim) -> Result<Vec<(Scope, Vec<u8>)>, Infallible> {
        let items = self.items.values().map(|held| &held.item);
        let ends = items.filter(|item| item.says == Says::Ends(claim.key));
        Ok(ends.map(|item| (item.scope.clone(), item.to_bytes())).collect())
    }

    fn recognition(&self, _: &Claim) -> Result<Vec<(Scope, Hash)>, Infallible> {
        Ok(Vec::new())
    }

    fn interests(&self, peer: &Member) -> Result<BTreeSet<UnitId>, Infallible> {
        let own = &self.own.claim.unit;
        let mut units = BTreeSet::new();
        for scope in self.scopes.keys() {
            let Holds::Pair(other) = scope.holds() else { continue };
            if peer.may_hold(scope, own) {
                for end in [scope.unit(), other] {
                    let above = std::iter::successors(Some(end.clone()), UnitId::parent);
                    units.extend(above.filter(|x| !x.contains(own) && !own.contains(x)));
                }
            }
        }
        Ok(units)
    }

    fn is_known(&self, unit: &UnitId) -> bool {
        self.scopes.contains_key(&Scope::statements(unit.clone()))
    }

    fn scope(&self, scope: &Scope) -> Result<ScopeState, Infallible> {
        self.read();
        Ok(self.scopes.get(scope).cloned().unwrap_or_default())
    }

    fn vector(&self, group: &Group) -> Result<SetVector, Infallible> {
        self.read();
        Ok(self.sums.get(group).cloned().unwrap_or_default())
    }

    fn changed_part(
        &self,
        group: &Group,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Scope)>, Infallible> {
        self.read();
        let Some(index) = self.index.get(group) else { return Ok(Vec::new()) };
        let found = index.iter().skip_while(|(head, _)| *head <= after).take(limit);
        let found: Vec<(u64, Scope)> = found.cloned().collect();
        self.reads.set(self.reads.get() + found.len() as u64);
        Ok(found)
    }

    fn page(&self, scope: &Scope, after: u64, room: Room) -> Result<Page, Infallible> {
        let mut page = Page { entries: Vec::new(), upto: after };
        let mut bytes = 0;
        for (position, id) in self.feed.get(scope).into_iter().flat_map(|f| f.range(after + 1..)) {
            let held = &self.items[id];
            let item = held.item.to_bytes();
            let full = bytes + item.len() > room.bytes || page.entries.len() >= room.items;
            if full && !page.entries.is_empty() {
                return Ok(page);
            }
            bytes += item.len();
            let adoption = held.item.says == Says::Adoption;
            page.entries.push(Entry { from: held.from, adoption, bytes: item });
            page.upto = *position;
        }
        page.upto = page.upto.max(self.scopes.get(scope).map_or(0, |state| state.head));
        Ok(page)
    }

    fn adoptions(&self, scope: &Scope) -> Result<Vec<Hash>, Infallible> {
        let ids = self.feed.get(scope).into_iter().flat_map(BTreeMap::values);
        Ok(ids.filter(|id| self.items[*id].item.says == Says::Adoption).copied().collect())
    }

    fn item(&self, scope: &Scope, id: &Hash) -> Result<Option<Vec<u8>>, Infallible> {
        let held = self.items.get(id).filter(|held| held.item.scope == *scope);
        Ok(held.map(|held| held.item.to_bytes()))
    }

    fn wanted(
        &self,
        scope: &Scope,
        id: &Hash,
        sent: &BTreeSet<Hash>,
    ) -> Result<BTreeSet<Hash>, Infallible> {
        let mut found = BTreeSet::new();
        let mut open = vec![*id];
        while let Some(id) = open.pop() {
            let Some(held) = self.items.get(&id).filter(|h| h.item.scope == *scope) else {
                continue;
            };
            self.reads.set(self.reads.get() + 1);
            if sent.contains(&id) || !found.insert(id) {
                continue;
            }
            let aside = |past: &Hash| self.items.get(past).is_some_and(|h| h.position.is_none());
            open.extend(held.item.rests_on.iter().map(|(_, id)| *id).filter(aside));
        }
        Ok(found)
    }

    fn in_order(&self, _: &Scope, ids: BTreeSet<Hash>) -> Result<Vec<Hash>, Infallible> {
        let mut ids: Vec<Hash> = ids.into_iter().collect();
        ids.sort_by_key(|id| {
            let held = &self.items[id];
            (!held.item.is_statement(), held.position)
        });
        Ok(ids)
    }

    fn salted(&mut self, scope: &Scope, salt: &Salt) -> Result<Salted, Infallible> {
        let set = Arc::new(SaltedSet::of(salt, self.set(scope)));
        Ok(Salted { set, head: self.scopes.get(scope).map_or(0, |state| state.head) })
    }

    fn take(&mut self, scope: &Scope, item: &[u8], from: Origin) -> Result<Taken, Infallible> {
        let Some(item) = TestItem::from_bytes(item) else {
            return Ok(Taken::Refused(reason("malformed", "no item")));
        };
        if item.scope != *scope {
            return Ok(Taken::Refused(reason("other-scope", "it lies elsewhere")));
        }
        if self.items.contains_key(&item.id()) {
            return Ok(Taken::Done);
        }
        if self.put_off.contains(scope) {
            return Ok(Taken::Later);
        }
        for (scope, id) in &item.rests_on {
            if self.items.contains_key(id) {
                continue;
            }
            return Ok(if item.says == Says::Charter {
                Taken::WaitsToBeNamed(item.scope.clone(), item.id())
            } else if matches!(scope.holds(), Holds::Statements) {
                Taken::WaitsFor(scope.clone(), *id)
            } else {
                Taken::Refused(reason("missing-dependency", "its past is not here"))
            });
        }
        self.admit(item, Some(from));
        Ok(Taken::Done)
    }

    fn care_for(&mut self, _: &BTreeSet<UnitId>) {}

    fn wish(&mut self, _: &UnitId, _: &BTreeSet<UnitId>) -> Result<(), Infallible> {
        Ok(())
    }

    fn holds(&self, id: &Hash) -> Result<bool, Infallible> {
        Ok(self.items.contains_key(id))
    }

    fn lacks(&self, is_asked: impl Fn(&Scope) -> bool) -> Result<Vec<(Scope, Hash)>, Infallible> {
        self.read();
        Ok(self.lacking.iter().filter(|(scope, _)| is_asked(scope)).cloned().collect())
    }

    fn aside(&self) -> Result<BTreeMap<Scope, Vec<AsideLog>>, Infallible> {
        Ok(self.aside.clone())
    }

    fn cursor(&self, peer: &NodeKey, scope: &Scope) -> Result<Option<Cursor>, Infallible> {
        self.read();
        Ok(self.cursors.get(&(*peer, scope.clone())).copied())
    }

    fn set_cursor(
        &mut self,
        peer: &NodeKey,
        scope: &Scope,
        cursor: Cursor,
    ) -> Result<(), Infallible> {
        self.writes += 1;
        self.cursors.insert((*peer, scope.clone()), cursor);
        Ok(())
    }
}
