//! How much of one issuer, unit and lineage is kept (section 11). What is beyond it is never refused
//! for good.
//!
//! Each new card or address sets the one before aside, so that who goes on making them would fill
//! every memory: what was replaced first is forgotten. Should it come into a set again (the cards
//! after it fall, or an ending names it), peers who have it there offer it, and there is room.

use std::cmp::Reverse;

use schema_wire::{Body, Hash, NodeKey, UnitId, VerifiedStatement};

use crate::Authority;
use crate::fact::{Act, Fact};
use crate::kept::Verdict;
use crate::statements::{Kept, KeptIssued};
use crate::validity::Validity;

/// Statements of one unit and lineage that are in the set.
const IN_SET_MAX: usize = 65_536;
/// Bytes of what these list: ids that they keep, logs that they mark, successors.
const IN_SET_BYTES_MAX: usize = 67_108_864;
/// Statements of one issuer that are set aside.
const ASIDE_MAX: usize = 1_024;
/// Bytes of what these list.
const ASIDE_BYTES_MAX: usize = 8_388_608;
/// Statements of one unit and lineage about one node, one unit or one statement: all of them are
/// read to judge it.
const ABOUT_ONE_MAX: usize = 256;
/// Generations that follow one, and generations of one lineage, or of the root: whoever has the
/// paper can make as many as it likes.
const SUCCESSORS_MAX: usize = 16;
const GENERATIONS_MAX: usize = 256;

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
    /// Charters are as many as foundings, and endorsements need keys of roots; what waits or is
    /// refused takes no room here.
    pub fn room_for(&self, statement: &VerifiedStatement) -> Room {
        let (id, body) = (statement.id(), statement.body());
        if self.is_kept(&id) {
            return Room::Free;
        }
        match body {
            Body::Rotation(rotation) => self.room_behind(&rotation.previous, &id),
            Body::Succession(succession) => self.room_behind(&succession.previous, &id),
            Body::Charter(_) | Body::Endorsement(_) => Room::Free,
            _ => self.room_for_issued(&id, &body),
        }
    }

    /// Whom this node's people follow is taken, however many rivals it has.
    fn room_behind(&self, previous: &Hash, successor: &Hash) -> Room {
        let is_chosen = self.pins.successor_of(previous) == Some(*successor);
        let rivals = self.statements.successors.of(previous).count();
        let is_full =
            rivals >= SUCCESSORS_MAX || self.statements.n_generations(previous) >= GENERATIONS_MAX;
        if is_full && !is_chosen { Room::SetFull } else { Room::Free }
    }

    fn room_for_issued(&self, id: &Hash, body: &Body<'_>) -> Room {
        let Some(issued) = body.issued() else { return Room::Free };
        let Fact::Issued(fact) = Fact::of(body) else { return Room::Free };
        let lineage = self.lineage_of(&issued.proof);
        let (tally, bytes) = (&self.sets.tally, fact.act.listed_bytes());
        let (held, aside) = (tally.in_set(issued.unit, lineage), tally.aside(&issued.issuer));
        let about = fact.act.about().map(|about| tally.n_about(issued.unit, lineage, about));
        let (about, about_aside) = about.unwrap_or_default();
        let is_full_aside = aside.statements >= ASIDE_MAX
            || aside.bytes + bytes > ASIDE_BYTES_MAX
            || about_aside >= ABOUT_ONE_MAX;
        let is_full = held.statements >= IN_SET_MAX
            || held.bytes + bytes > IN_SET_BYTES_MAX
            || about >= ABOUT_ONE_MAX;
        if !(is_full_aside || is_full) {
            return Room::Free;
        }
        let fact = Fact::Issued(fact);
        let Verdict::Keep(Kept::Issued(kept)) = self.statements.judge(&self.pins, id, fact) else {
            return Room::Free;
        };
        match self.would_be_aside(id, &kept) {
            true if is_full_aside => Room::AsideFull,
            false if is_full => Room::SetFull,
            _ => Room::Free,
        }
    }

    /// How many statements of an issuer are set aside.
    pub fn n_aside(&self, issuer: &NodeKey) -> usize {
        self.sets.tally.aside(issuer).statements
    }

    /// Would it, if it came now, neither be in order nor be brought in by an ending? Nothing else
    /// can name it before it is kept.
    fn would_be_aside(&self, id: &Hash, kept: &KeptIssued) -> bool {
        let validity = self.verdicts.validity_of(*id, kept, &self.statements);
        let unbroken = validity.filter(|validity| validity.inside.is_ok());
        let in_order = unbroken.is_some_and(|validity| self.would_be_shown(id, kept, &validity));
        let mut endings = self.statements.naming.of(id);
        let brought_in = endings.any(|ending| {
            let contains = |of: &UnitId| of.contains(&kept.issued.unit);
            self.sets.is_in_core(&ending) && self.statements.unit_of(&ending).is_some_and(contains)
        });
        !in_order && !brought_in
    }

    /// Would it, if it is a card or an address, be the one that is shown?
    fn would_be_shown(&self, id: &Hash, kept: &KeptIssued, validity: &Validity) -> bool {
        let present = match kept.issued.act {
            Act::Card { .. } => {
                let present = kept.by.lineage().and_then(|lineage| self.card_of_lineage(&lineage));
                let rank = |id: &Hash| {
                    let validity = self.verdicts.validity(id)?;
                    self.card_rank(id, self.statements.issued(id)?, validity)
                };
                return self.card_rank(id, kept, validity) > present.and_then(|id| rank(&id));
            }
            Act::Address { .. } => {
                self.statements.newest_address(kept.issued.issuer, kept.issued.proof)
            }
            _ => None,
        };
        let at = |id: &Hash| self.statements.issued(id)?.issued.act.at();
        present.is_none_or(|present| {
            (at(&present), Reverse(present)) < (kept.issued.act.at(), Reverse(*id))
        })
    }

    /// Forgets what this issuer replaced long ago, if it is too much.
    pub(crate) fn forget_beyond_quota(&mut self, issuer: &NodeKey) -> Vec<Hash> {
        let mut forgotten = Vec::new();
        while self.n_aside(issuer) > ASIDE_MAX {
            let Some(oldest) = self.sets.tally.forget_oldest(issuer) else { break };
            self.statements.forget(&oldest);
            self.verdicts.validities.remove(&oldest);
            forgotten.push(oldest);
        }
        forgotten
    }

    /// The same for every issuer, once everything is here that may bring one into a set.
    pub(crate) fn forget_all_beyond_quota(&mut self) {
        for issuer in self.sets.tally.issuers_aside() {
            self.forget_beyond_quota(&issuer);
        }
    }
}
