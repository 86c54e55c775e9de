//! What a session asks of the node it belongs to. Its log and its authority answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schema_wire::{
    AsideLog, Cursor, Epoch, Hash, Ms, NetworkId, NodeKey, Reason, Salt, Scope, SetVector,
    Statement, UnitId,
};

use super::member::Member;
use super::reconcile::SaltedSet;

/// Who a peer showed itself to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introduced {
    Member(Member),
    /// Units above recognise its lineage as its unit; here another is followed for it, or none.
    Rival {
        followed: Option<Hash>,
    },
    Nobody,
}

/// What a session asks of its node.
///
/// Writes go into the batch of the present input; what a session sends because of them is
/// released after that batch is durable (INV-05). Reads see them at once.
///
/// **What must be kept for a hello to cost O(depth).** Beside each scope's vector and head, for
/// each unit X that contains others: the sum of the vectors of (U, 0), of (U, 1) and of (U, 2) over
/// all U within X ([`Group::Within`]), and the sum over all pairs that X carries
/// ([`Group::Carried`]). An item of (U, c) changes at most six of these, one of a pair at most
/// eleven. To find what changed, an index by (group, position of a scope's last item).
pub trait Node {
    /// Why a question cannot be answered: the disk, never a peer.
    type Error: std::fmt::Debug;
    /// The statements of a chain that is read, beside those that are kept.
    type Chain: std::fmt::Debug;

    /// Who this node is.
    fn own(&self) -> &Own;

    /// The node's feed: its epoch and its last position.
    ///
    /// # Errors
    /// If the store cannot be read; so for all that follow.
    fn feed(&self) -> Result<Cursor, Self::Error>;

    /// What is remembered of a peer.
    fn met(&self, peer: &NodeKey) -> Result<Option<Met>, Self::Error>;

    /// Remembers it.
    fn remember(&mut self, peer: &NodeKey, met: &Met) -> Result<(), Self::Error>;

    /// The statements that show this node's membership to a peer, each kept by those before it
    /// and by those that the peer is known to hold; the last one takes this node in.
    fn membership(&self, peer: &NodeKey) -> Result<Vec<Statement>, Self::Error>;

    /// Begins to read a peer's chain. Nothing of it is kept until [`Node::accept`].
    fn begin_chain(&self, claim: &Claim) -> Result<Self::Chain, Self::Error>;

    /// Adds the next statement, if it is kept by those before it and those that the node keeps.
    /// Its signature is checked last. Returns why not.
    fn follow_chain(
        &self,
        chain: &mut Self::Chain,
        statement: Statement,
    ) -> Result<Result<(), Reason>, Self::Error>;

    /// Who the peer is by this delegation of the chain. If it is a member of this unit and
    /// lineage now, and only then, the statements of the path are stored, and what they wait for.
    fn accept(
        &mut self,
        chain: Self::Chain,
        delegation: &Hash,
        claim: &Claim,
        now: Ms,
    ) -> Result<Introduced, Self::Error>;

    /// Who a node is now by all that is kept; this node too.
    fn member(&self, claim: &Claim, now: Ms) -> Result<Member, Self::Error>;

    /// The statements by which a node that was a member is none any more, and what they wait for,
    /// in an order in which they can be taken, with the scopes they belong to. None if time alone
    /// ended it.
    fn farewell(&self, claim: &Claim) -> Result<Vec<(Scope, Vec<u8>)>, Self::Error>;

    /// The statements by which a node is a member outside, in an order in which they can be taken,
    /// with the scopes they belong to; none if it is none.
    fn recognition(&self, claim: &Claim) -> Result<Vec<(Scope, Hash)>, Self::Error>;

    /// The units, neither above nor below this node's own, that contain an end of a pair that is
    /// held and that the member may hold. Kept by (member's unit, unit), with counts.
    fn interests(&self, peer: &Member) -> Result<BTreeSet<UnitId>, Self::Error>;

    /// May this node hold a statement of a unit? No read of the store.
    fn is_known(&self, unit: &UnitId) -> bool;

    /// Where a scope stands.
    fn scope(&self, scope: &Scope) -> Result<ScopeState, Self::Error>;

    /// The vector of all items of a group.
    fn vector(&self, group: &Group) -> Result<SetVector, Self::Error>;

    /// The first scopes of a group whose last item has a position above this one, by that position,
    /// as many as are asked for. At the cost of those, not of the group.
    fn changed_part(
        &self,
        group: &Group,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Scope)>, Self::Error>;

    /// All of these.
    fn changed(&self, group: &Group, after: u64) -> Result<Vec<Scope>, Self::Error> {
        let all = self.changed_part(group, after, usize::MAX >> 1)?;
        Ok(all.into_iter().map(|(_, scope)| scope).collect())
    }

    /// Items of a scope in the order of the feed, behind a position: as many as there is room for,
    /// and at least one if there is one.
    fn page(&self, scope: &Scope, after: u64, room: Room) -> Result<Page, Self::Error>;

    /// The adoptions of the set of a scope.
    fn adoptions(&self, scope: &Scope) -> Result<Vec<Hash>, Self::Error>;

    /// An item of a scope, set aside or not.
    fn item(&self, scope: &Scope, id: &Hash) -> Result<Option<Vec<u8>>, Self::Error>;

    /// What is sent for an item that is wanted: itself; with an envelope that is set aside, its
    /// past as far as that is; with a charter, a founding. Empty if it is not here. At the cost of
    /// what is found: what was sent before, and its past, is not looked at again.
    fn wanted(
        &self,
        scope: &Scope,
        id: &Hash,
        sent: &BTreeSet<Hash>,
    ) -> Result<BTreeSet<Hash>, Self::Error>;

    /// These items of a scope, statements first, then in the order of the feed.
    fn in_order(&self, scope: &Scope, ids: BTreeSet<Hash>) -> Result<Vec<Hash>, Self::Error>;

    /// The set of a scope as it stands in reconciliations under a salt. Kept for a while: many
    /// peers may ask for it.
    fn salted(&mut self, scope: &Scope, salt: &Salt) -> Result<Salted, Self::Error>;

    /// Takes an item that came in a scope through the steps of section 7.
    fn take(&mut self, scope: &Scope, item: &[u8], from: Origin) -> Result<Taken, Self::Error>;

    /// Statements of these units are taken from now on, since a letter between them is held, or
    /// waits for them. It need not be remembered: whoever holds a letter finds it out again.
    fn care_for(&mut self, units: &BTreeSet<UnitId>);

    /// Notes that a unit wishes to write to others, as far as there is room. It is remembered: no
    /// letter tells it again.
    fn wish(&mut self, from: &UnitId, to: &BTreeSet<UnitId>) -> Result<(), Self::Error>;

    /// Is an item with this id admitted?
    fn holds(&self, id: &Hash) -> Result<bool, Self::Error>;

    /// Items whose content, or which themselves, are lacking here, by the scope they belong to, of
    /// those asked for: keys, letters, heads that marks name.
    fn lacks(&self, is_asked: impl Fn(&Scope) -> bool) -> Result<Vec<(Scope, Hash)>, Self::Error>;

    /// Logs of this node's unit that are set aside here, for its nodes that govern.
    fn aside(&self) -> Result<BTreeMap<Scope, Vec<AsideLog>>, Self::Error>;

    /// How far a scope was taken from a peer's feed.
    fn cursor(&self, peer: &NodeKey, scope: &Scope) -> Result<Option<Cursor>, Self::Error>;

    /// Moves that.
    fn set_cursor(
        &mut self,
        peer: &NodeKey,
        scope: &Scope,
        cursor: Cursor,
    ) -> Result<(), Self::Error>;
}

/// Who a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Its network.
    pub network: NetworkId,
    /// Its key, unit and lineage.
    pub claim: Claim,
}

/// Who a node says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its key.
    pub key: NodeKey,
    /// Its unit.
    pub unit: UnitId,
    /// Its lineage of that unit.
    pub lineage: Hash,
}

/// What is remembered of a peer between sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// Its unit when it was met last.
    pub unit: UnitId,
    /// Its lineage then.
    pub lineage: Hash,
    /// The greatest level that a session with it had.
    pub level: u64,
    /// What it cares for, as it said last.
    pub interests: BTreeSet<UnitId>,
    /// How far everything shared was taken from its feed, and the `shared` under which it was.
    pub known: Option<(Hash, Cursor)>,
}

/// From whom an item came: a peer's feed. A peer that lost its store has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The peer.
    pub peer: NodeKey,
    /// Its feed.
    pub epoch: Epoch,
}

/// A kind of scopes of which a unit shares those of all units within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Compartment 0.
    Statements,
    /// Compartment 1.
    Public,
    /// Compartment 2.
    Path,
}

impl Layer {
    /// That scope of one unit.
    pub fn of(self, unit: UnitId) -> Scope {
        match self {
            Self::Statements => Scope::statements(unit),
            Self::Public => Scope::public(unit),
            Self::Path => Scope::path(unit),
        }
    }
}

/// Scopes whose vectors a node keeps added up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// One scope.
    One(Scope),
    /// That of every unit within this one, itself included.
    Within(UnitId, Layer),
    /// What is written between units, as far as this one carries it.
    Carried(UnitId),
}

/// Where a scope stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeState {
    /// The position of its last item; 0 if it has none.
    pub head: u64,
    /// The vector of its set.
    pub vector: SetVector,
}

/// The set of a scope as it stands in reconciliations.
#[derive(Debug, Clone)]
pub struct Salted {
    /// The set.
    pub set: Arc<SaltedSet>,
    /// The position of the scope's last item when it was read.
    pub head: u64,
}

/// How much of a feed is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Items at most.
    pub items: usize,
    /// Bytes at most, but for the first item.
    pub bytes: usize,
}

/// Part of a scope's feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The items.
    pub entries: Vec<Entry>,
    /// The position up to which these are all.
    pub upto: u64,
}

/// An item in a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From whom it came; none if it was made here.
    pub from: Option<Origin>,
    /// Is it an adoption?
    pub adoption: bool,
    /// Its encoding.
    pub bytes: Vec<u8>,
}

/// What became of an item that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is admitted, or was already, or is passed over as if it had been.
    Done,
    /// It is too much now: nothing is refused.
    Later,
    /// It is refused.
    Refused(Reason),
    /// It waits for this item, which belongs to this scope.
    WaitsFor(Scope, Hash),
    /// It is a charter, and waits until a founding names it: whoever sent it may have one. It is
    /// judged again whenever statements come, since it never is what it waits for.
    WaitsToBeNamed(Scope, Hash),
    /// It waits for something that it does not name.
    Waits,
}
