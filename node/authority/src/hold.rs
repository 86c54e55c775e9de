//! Who may hold what (section 8): asked by the sender, of what it holds and of its own pins.

use schema_wire::{Hash, Holds, Ms, NodeKey, Reads, Scope, UnitId};

use crate::Authority;

/// By what a node reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership<'a> {
    /// The delegation.
    pub delegation: Hash,
    /// The unit that it takes the node into.
    pub unit: &'a UnitId,
    /// In which lineage.
    pub lineage: Hash,
    /// What it may hold, in all.
    pub reads: Reads,
    /// Until when the inside path holds for a reader.
    pub inside: Option<Ms>,
    /// Until when an outside path does.
    pub outside: Option<Ms>,
}

impl Authority {
    /// By what this node reads, at whatever time.
    pub fn memberships(&self, key: &NodeKey) -> impl Iterator<Item = Membership<'_>> {
        self.statements.delegations_to(key).filter_map(|delegation| self.membership(delegation))
    }

    /// The same, of one unit.
    pub fn memberships_in(
        &self,
        unit: &UnitId,
        key: &NodeKey,
    ) -> impl Iterator<Item = Membership<'_>> {
        let into = self.statements.delegations_into(unit, key);
        into.filter_map(|delegation| self.membership(delegation))
    }

    fn membership(&self, delegation: Hash) -> Option<Membership<'_>> {
        let kept = self.statements.issued(&delegation)?;
        let validity = self.verdicts.validity(&delegation)?;
        let inside = validity.inside.as_ref().ok()?;
        if self.verdicts.ended(&delegation).as_last() {
            return None;
        }
        Some(Membership {
            delegation,
            unit: &kept.issued.unit,
            lineage: kept.by.lineage()?,
            reads: inside.reads,
            inside: Some(inside.term.until),
            outside: validity.outside.until,
        })
    }

    /// What the delegations that this node's own lineage ever gave to a key let it read together,
    /// whether they stand or not: admission asks for no verdict.
    pub fn granted_reads(&self, key: &NodeKey) -> Reads {
        let own = self.statements.delegations_into(self.pins.unit(), key);
        let own = own.filter_map(|id| self.statements.issued(&id));
        let own = own.filter(|kept| kept.by.lineage() == Some(self.pins.lineage()));
        let reads = own.filter_map(|kept| kept.grant()).map(|grant| grant.reads);
        reads.fold(Reads::NONE, Reads::with)
    }

    /// All delegations whose subject this node is, whether they stand or not.
    pub fn delegations_to(&self, key: &NodeKey) -> impl Iterator<Item = Hash> {
        self.statements.delegations_to(key)
    }

    /// Until when the node with this key may hold the scope, if it may hold it now. *Now* is the
    /// later of this node's clock and of what it wrote itself.
    pub fn may_hold(&self, key: &NodeKey, scope: &Scope, now: Ms) -> Option<Ms> {
        let until = |membership: Membership<'_>| self.reads_until(&membership, scope);
        self.memberships(key).filter_map(until).max().filter(|until| now <= *until)
    }

    fn reads_until(&self, member: &Membership<'_>, scope: &Scope) -> Option<Ms> {
        let unit = scope.unit();
        let inside_of = |unit: &UnitId| {
            let own = *unit == *self.pins.unit();
            let lineage = if own { Some(self.pins.lineage()) } else { self.followed(unit) };
            let is_member = member.unit == unit && lineage == Some(member.lineage);
            member.inside.filter(|_| is_member)
        };
        let letters = member.reads.covers(Reads::CORRESPONDENCE);
        match scope.holds() {
            Holds::Statements | Holds::Public => member.outside.max(inside_of(unit)),
            Holds::Path if letters => {
                let above = member.outside.filter(|_| member.unit.contains(unit));
                above.max(inside_of(unit))
            }
            Holds::Pair(other) if letters => {
                let carries = member.outside.filter(|_| member.unit.carries(unit, other));
                carries.max(inside_of(unit)).max(inside_of(other))
            }
            Holds::Path | Holds::Pair(_) => None,
            Holds::Band(band) => {
                let may = unit == self.pins.unit() && member.reads.covers(Reads::band(band));
                inside_of(unit).filter(|_| may)
            }
        }
    }
}
