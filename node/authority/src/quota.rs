//! How much of one issuer, unit and lineage is kept (section 11). What is beyond it is never refused
//! for good, and no verdict asks for a quota.

use schema_wire::{Hash, NodeKey, UnitId, VerifiedStatement};

use crate::Authority;
use crate::fact::{Act, Fact};
use crate::kept::Verdict;
use crate::statements::{Kept, KeptIssued};

/// Statements of one unit and lineage that are in the set.
const IN_SET_MAX: usize = 65_536;
/// Statements of one issuer that are set aside.
const ASIDE_MAX: usize = 1_024;

/// Is there room for a statement?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// There is: bring it.
    Free,
    /// Its unit and lineage have as many in the set as they may: `later`.
    SetFull,
    /// It would be set aside, and its issuer has as many there as it may: it is passed over as if
    /// it had been taken.
    AsideFull,
}

impl Authority {
    /// Is there room for a statement? To be asked before it is brought: what is kept stays kept.
    ///
    /// Generations and endorsements need keys from paper or of roots and are few; what waits or is
    /// refused takes no room here.
    pub fn room_for(&self, statement: &VerifiedStatement) -> Room {
        let id = statement.id();
        let Some(issued) = statement.body().issued() else { return Room::Free };
        let is_full_aside = self.sets.n_aside(&issued.issuer) >= ASIDE_MAX;
        if self.is_kept(&id) || !(is_full_aside || self.is_full(issued.unit)) {
            return Room::Free;
        }
        match self.statements.judge(&self.pins, &id, Fact::of(&statement.body())) {
            Verdict::Keep(Kept::Issued(kept)) if self.would_be_aside(&id, &kept) => {
                if is_full_aside { Room::AsideFull } else { Room::Free }
            }
            Verdict::Keep(Kept::Issued(kept)) => {
                let of = self.sets.n_in_set(&kept.issued.unit, kept.by.lineage());
                if of >= IN_SET_MAX { Room::SetFull } else { Room::Free }
            }
            Verdict::Keep(_) | Verdict::Waits(_) | Verdict::Refuse(_) => Room::Free,
        }
    }

    /// How many statements of an issuer are set aside.
    pub fn n_aside(&self, issuer: &NodeKey) -> usize {
        self.sets.n_aside(issuer)
    }

    /// Could a lineage of this unit have a full set?
    fn is_full(&self, unit: &UnitId) -> bool {
        self.sets.n_in_set_of(unit) >= IN_SET_MAX
    }

    /// Would it, if it came now, neither be in order nor be brought in by an ending? Nothing else
    /// can name it before it is kept.
    fn would_be_aside(&self, id: &Hash, kept: &KeptIssued) -> bool {
        let standing = self.verdicts.standing_of(*id, kept, &self.statements);
        let unbroken = standing.is_some_and(|standing| standing.inside.is_ok());
        let newest = match kept.issued.act {
            Act::Address { at } => {
                let (issuer, proof) = (kept.issued.issuer, kept.issued.proof);
                self.statements.newest_address(issuer, proof).is_none_or(|newest| {
                    self.statements
                        .issued(&newest)
                        .is_none_or(|newest| newest.issued.act.at() <= Some(at))
                })
            }
            _ => true,
        };
        let mut endings = self.statements.naming.of(id);
        let brought_in = endings.any(|ending| {
            let contains = |of: &UnitId| of.contains(&kept.issued.unit);
            self.sets.is_in_core(&ending) && self.statements.unit_of(&ending).is_some_and(contains)
        });
        !(unbroken && newest || brought_in)
    }
}
