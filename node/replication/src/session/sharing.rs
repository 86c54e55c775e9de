//! What two nodes share: which scopes, their hash, their sum, and which of them changed
//! (section 9.3).

use std::collections::BTreeSet;
use std::sync::Arc;

use schema_wire::{
    Band, Hash, Holds, Reads, Scope, SetVector, Side, UnitId, interests_hash, shared_hash,
};

use super::member::{Member, path_to, related};
use super::node::{Group, Layer, Node};

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Who it is.
    pub member: Member,
    /// The units that it cares for towards the other, beside those above and below its own: they
    /// may be many, and views of what is shared come and go.
    pub interests: Arc<BTreeSet<UnitId>>,
}

impl Party {
    fn takes_part(&self, scope: &Scope) -> bool {
        let related = related(&self.member.unit, scope.unit());
        match scope.holds() {
            Holds::Statements => related || self.interests.contains(scope.unit()),
            Holds::Public => related,
            Holds::Path | Holds::Pair(_) | Holds::Band(_) => true,
        }
    }

    fn side(&self, other: &Member) -> Side {
        let Member { key, unit, lineage, inside, outside, .. } = self.member.clone();
        let inside = inside.filter(|_| unit == other.unit);
        Side { key, unit, lineage, inside, outside, interests: interests_hash(&self.interests) }
    }
}

/// What two nodes share, as one of them judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// The level they speak.
    pub level: u64,
    /// This node.
    pub own: Party,
    /// The peer.
    pub peer: Party,
}

impl Sharing {
    /// The hash by which they find that they judge alike.
    pub fn hash(&self) -> Hash {
        let (own, peer) = (&self.own, &self.peer);
        shared_hash(self.level, &own.side(&peer.member), &peer.side(&own.member))
    }

    /// Do the two share this scope? (INV-09)
    pub fn shares(&self, scope: &Scope) -> bool {
        let sender = &self.own.member.unit;
        [&self.own, &self.peer]
            .iter()
            .all(|party| party.member.may_hold(scope, sender) && party.takes_part(scope))
    }

    /// Do they judge each other as before? What they care for is asked elsewhere.
    pub(super) fn judges_like(&self, own: &Member, peer: &Member) -> bool {
        let reads = |one: &Member, other: &Member| {
            let inside = one.inside.filter(|_| one.unit == other.unit);
            (one.unit.clone(), one.lineage, inside, one.outside)
        };
        reads(&self.own.member, &self.peer.member) == reads(own, peer)
            && reads(&self.peer.member, &self.own.member) == reads(peer, own)
    }

    /// Do they share it because of what one of them cares for beside its own units? No statement
    /// decides that.
    pub(super) fn is_by_interests(&self, scope: &Scope) -> bool {
        let own = |party: &Party| related(&party.member.unit, scope.unit());
        self.shares(scope)
            && !(own(&self.own) && own(&self.peer))
            && scope.holds() == Holds::Statements
    }

    /// The shared scopes as groups without a scope in common, so that a sum over all of them costs
    /// the depth of the tree, not the number of scopes. `changed` gives the scopes of a group.
    pub(super) fn groups<E>(
        &self,
        changed: impl Fn(&Group, u64) -> Result<Vec<Scope>, E>,
        is_known: impl Fn(&UnitId) -> bool,
    ) -> Result<BTreeSet<Group>, E> {
        let (own, peer) = (&self.own.member, &self.peer.member);
        let mut groups = BTreeSet::new();
        for layer in [Layer::Statements, Layer::Public] {
            self.published(layer, &mut groups);
        }
        let deeper = self.deeper();
        let both_carry =
            own.outside_with(Reads::CORRESPONDENCE) && peer.outside_with(Reads::CORRESPONDENCE);
        match deeper {
            Some(unit) if both_carry => {
                groups.insert(Group::Within(unit.clone(), Layer::Path));
            }
            Some(_) | None => self.own_scopes(Layer::Path, &mut groups),
        }
        let carried = Group::Carried(peer.unit.clone());
        if both_carry {
            groups.insert(carried);
        } else {
            // A unit that nobody recognises shares letters among its own members: few, one by one.
            let pairs = changed(&carried, 0)?;
            groups.extend(pairs.into_iter().filter(|pair| self.shares(pair)).map(Group::One));
        }
        let bands = Band::ALL.into_iter().map(|band| Scope::band(own.unit.clone(), band));
        groups.extend(bands.filter(|band| self.shares(band)).map(Group::One));
        // A peer may care for units that nobody knows: they cost no read.
        let interests = self.own.interests.iter().chain(&*self.peer.interests);
        let known = interests.filter(|unit| is_known(unit));
        let statements = known.map(|unit| Scope::statements(unit.clone()));
        let covered =
            |scope: &Scope| related(&own.unit, scope.unit()) && related(&peer.unit, scope.unit());
        let more = statements.filter(|scope| !covered(scope) && self.shares(scope));
        groups.extend(more.map(Group::One));
        Ok(groups)
    }

    /// Of two units of which one contains the other, the one that is contained.
    fn deeper(&self) -> Option<&UnitId> {
        let (own, peer) = (&self.own.member.unit, &self.peer.member.unit);
        if own.contains(peer) { Some(peer) } else { peer.contains(own).then_some(own) }
    }

    /// The scopes of a published layer: those of all units that are related to both.
    fn published(&self, layer: Layer, groups: &mut BTreeSet<Group>) {
        let (own, peer) = (&self.own.member, &self.peer.member);
        if own.outside.is_none() || peer.outside.is_none() {
            return self.own_scopes(layer, groups);
        }
        let trunk = match self.deeper() {
            Some(deeper) => {
                groups.insert(Group::Within(deeper.clone(), layer));
                deeper.parent()
            }
            None => own.unit.common_with(&peer.unit),
        };
        let trunk = trunk.map(|unit| path_to(&unit)).unwrap_or_default();
        groups.extend(trunk.into_iter().map(|unit| Group::One(layer.of(unit))));
    }

    /// The scopes of the two units themselves, as far as they are shared.
    fn own_scopes(&self, layer: Layer, groups: &mut BTreeSet<Group>) {
        let units = [&self.own.member.unit, &self.peer.member.unit];
        let scopes = units.into_iter().map(|unit| layer.of(unit.clone()));
        groups.extend(scopes.filter(|scope| self.shares(scope)).map(Group::One));
    }

    /// The same, as a node knows it.
    pub(super) fn groups_of<N: Node>(&self, node: &N) -> Result<BTreeSet<Group>, N::Error> {
        self.groups(|group, after| node.changed(group, after), |unit| node.is_known(unit))
    }

    /// The vector over everything that is shared.
    pub(super) fn vector<N: Node>(&self, node: &N) -> Result<SetVector, N::Error> {
        let mut vector = SetVector::default();
        for group in self.groups_of(node)? {
            vector.add_all(&node.vector(&group)?);
        }
        Ok(vector)
    }

    /// The shared scopes that have items behind a position; behind 0, all that are not empty.
    /// `changed` gives those of one group, `is_known` tells of which units there may be statements.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn changed<E>(
        &self,
        changed: impl Fn(&Group, u64) -> Result<Vec<Scope>, E>,
        is_known: impl Fn(&UnitId) -> bool,
        after: u64,
    ) -> Result<BTreeSet<Scope>, E> {
        changed_of(&self.groups(&changed, is_known)?, changed, after)
    }

    /// The same, as a node knows it.
    pub(super) fn changed_of<N: Node>(
        &self,
        node: &N,
        after: u64,
    ) -> Result<BTreeSet<Scope>, N::Error> {
        let changed = |group: &Group, after| node.changed(group, after);
        self.changed(changed, |unit| node.is_known(unit), after)
    }

    /// The scopes that are shared now and were not before, if they are not empty.
    pub(super) fn newly_shared<N: Node>(
        &self,
        node: &N,
        before: &Self,
    ) -> Result<BTreeSet<Scope>, N::Error> {
        let changed = |group: &Group, after| node.changed(group, after);
        let (old, now) = (before.groups_of(node)?, self.groups_of(node)?);
        let new = now.into_iter().filter(|group| !old.contains(group)).collect();
        let mut scopes = changed_of(&new, changed, 0)?;
        scopes.retain(|scope| !before.shares(scope));
        Ok(scopes)
    }
}

fn changed_of<E>(
    groups: &BTreeSet<Group>,
    changed: impl Fn(&Group, u64) -> Result<Vec<Scope>, E>,
    after: u64,
) -> Result<BTreeSet<Scope>, E> {
    let mut scopes = BTreeSet::new();
    for group in groups {
        scopes.extend(changed(group, after)?);
    }
    Ok(scopes)
}
