//! Who a node is to another, and what it may hold (section 8), once its paths were judged.

use std::collections::BTreeSet;

use schema_wire::{Hash, Holds, Ms, NodeKey, Reads, Scope, UnitId};

/// A node, as its delegations show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key.
    pub key: NodeKey,
    /// Its unit.
    pub unit: UnitId,
    /// Its lineage of that unit.
    pub lineage: Hash,
    /// What it may hold as a member inside; none if it is none.
    pub inside: Option<Reads>,
    /// What it may hold as a member outside; none if it is none.
    pub outside: Option<Reads>,
    /// Does it govern its unit, seen from inside?
    pub governs: bool,
    /// Until when all this is so, if no statement changes it.
    pub until: Ms,
}

impl Member {
    /// Is it a member at all?
    pub fn is_member(&self) -> bool {
        self.inside.is_some() || self.outside.is_some()
    }

    /// Is it a member outside who has these bits?
    pub(super) fn outside_with(&self, bits: Reads) -> bool {
        self.outside.is_some_and(|reads| reads.covers(bits))
    }

    fn inside_with(&self, unit: &UnitId, bits: Reads) -> bool {
        self.unit == *unit && self.inside.is_some_and(|reads| reads.covers(bits))
    }

    /// May it hold a scope, as a node of this unit says?
    pub fn may_hold(&self, scope: &Scope, sender: &UnitId) -> bool {
        let unit = scope.unit();
        let outside = |bits| self.outside_with(bits);
        match scope.holds() {
            Holds::Statements | Holds::Public => {
                outside(Reads::NONE) || self.inside_with(unit, Reads::NONE)
            }
            Holds::Path => {
                outside(Reads::CORRESPONDENCE) && self.unit.contains(unit)
                    || self.inside_with(unit, Reads::CORRESPONDENCE)
            }
            Holds::Pair(other) => {
                outside(Reads::CORRESPONDENCE) && self.unit.carries(unit, other)
                    || self.inside_with(unit, Reads::CORRESPONDENCE)
                    || self.inside_with(other, Reads::CORRESPONDENCE)
            }
            Holds::Band(band) => unit == sender && self.inside_with(unit, Reads::band(band)),
        }
    }
}

/// Does one of two units contain the other?
pub(super) fn related(one: &UnitId, other: &UnitId) -> bool {
    one.contains(other) || other.contains(one)
}

/// A unit and those above it, from the city down.
pub(super) fn path_to(unit: &UnitId) -> Vec<UnitId> {
    let mut path: Vec<UnitId> = std::iter::successors(Some(unit.clone()), UnitId::parent).collect();
    path.reverse();
    path
}

/// The units that contain an end of a pair.
pub(super) fn ends_of(scope: &Scope) -> BTreeSet<UnitId> {
    match scope.holds() {
        Holds::Pair(other) => path_to(scope.unit()).into_iter().chain(path_to(other)).collect(),
        Holds::Statements | Holds::Public | Holds::Path | Holds::Band(_) => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use schema_wire::Band;

    use super::*;

    fn unit(text: &str) -> UnitId {
        UnitId::parse(text).expect("a unit")
    }

    fn member(at: &str, inside: Option<Reads>, outside: Option<Reads>) -> Member {
        let (key, lineage) = (NodeKey([1; 32]), Hash([2; 32]));
        Member { key, unit: unit(at), lineage, inside, outside, governs: false, until: Ms::MAX }
    }

    #[test]
    fn who_is_recognised_reads_what_is_published_and_its_own_lineage_alone_the_bands() {
        let own = unit("c/a");
        let above = member("c", None, Some(Reads::ALL));
        let inside = member("c/a", Some(Reads::ALL), None);
        let plain = member("c/a", Some(Reads::NONE), Some(Reads::NONE));
        let path = Scope::path(own.clone());
        let band = Scope::band(own.clone(), Band::ALL[1]);
        let elsewhere = Scope::public(unit("c/b"));
        assert!(above.may_hold(&path, &own) && !above.may_hold(&band, &own));
        assert!(inside.may_hold(&path, &own) && inside.may_hold(&band, &own));
        assert!(!inside.may_hold(&band, &unit("c/b")), "the sender is of another unit");
        assert!(above.may_hold(&elsewhere, &own) && !inside.may_hold(&elsewhere, &own));
        assert!(!plain.may_hold(&path, &own) && !plain.may_hold(&band, &own));
        let pair = Scope::pair(&unit("c/a/1"), &unit("c/b")).expect("two units");
        assert!(above.may_hold(&pair, &unit("c")) && !inside.may_hold(&pair, &own));
        assert!(member("c/b", Some(Reads::ALL), None).may_hold(&pair, &own));
    }
}
