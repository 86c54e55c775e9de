//! Section 5, "Kept or not": rules 1 to 7, and by which way a statement was issued.

use crate::case::{Record, Statement};
use crate::held::{Held, State};
use crate::names::{commitment, contains};
use crate::record::Issued;
use crate::well_made;

/// The ways of rule 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the key of a generation of the unit's lineage.
    A,
    /// By a node with GOVERN.
    B,
    /// By the root.
    C,
    /// An address, by a node with any delegation.
    D,
}

/// A root generation: the genesis or a kept succession.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RootGeneration<'a> {
    pub(crate) id: &'a str,
    pub(crate) roots: &'a [String],
    pub(crate) threshold: u8,
    pub(crate) next: &'a [String],
    pub(crate) next_threshold: u8,
}

/// Asks the rules in their order; the first that fails decides.
pub(crate) fn state(held: &Held<'_>, statement: &Statement) -> State {
    if !well_made::statement(statement) {
        return State::Refused; // Rule 1.
    }
    match &statement.record {
        Record::Charter { unit, .. } => charter(held, &statement.id, unit),
        Record::Rotation { unit, previous, reveal, .. } => rotation(held, unit, previous, reveal),
        Record::Succession { previous, reveal, .. } => succession(held, previous, reveal),
        Record::Endorsement { proof, issuer, endorses, .. } => {
            endorsement(held, proof, issuer, endorses)
        }
        _ => match statement.issued() {
            Some(issued) => issued_statement(held, statement, issued),
            None => State::Refused,
        },
    }
}

fn kept_if(condition: bool) -> State {
    if condition { State::Kept } else { State::Refused }
}

/// Rule 2.
fn charter(held: &Held<'_>, id: &str, unit: &str) -> State {
    let founded = held.foundings_of(id, unit).next().is_some();
    if held.pins_name(id) || founded { State::Kept } else { State::Waits }
}

/// Rule 3.
fn rotation(held: &Held<'_>, unit: &str, previous: &str, reveal: &str) -> State {
    match held.kept_with(previous).map(|statement| &statement.record) {
        None => State::Waits,
        Some(
            Record::Charter { unit: before, next, .. }
            | Record::Rotation { unit: before, next, .. },
        ) => kept_if(before == unit && commitment(reveal) == *next),
        Some(_) => State::Refused,
    }
}

/// "The network id or kept", for which rules 4, 5 and 7 wait.
fn is_here(held: &Held<'_>, id: &str) -> bool {
    id == held.case.genesis.id || held.kept_with(id).is_some()
}

/// Rule 4.
fn succession(held: &Held<'_>, previous: &str, reveal: &str) -> State {
    if !is_here(held, previous) {
        return State::Waits;
    }
    kept_if(
        held.root_generation(previous)
            .is_some_and(|generation| generation.next.contains(&commitment(reveal))),
    )
}

/// Rule 5.
fn endorsement(held: &Held<'_>, proof: &str, issuer: &String, endorses: &str) -> State {
    let Some(endorsed) = held.kept_with(endorses).filter(|_| is_here(held, proof)) else {
        return State::Waits;
    };
    let Some(generation) = held.root_generation(proof) else {
        return State::Refused;
    };
    let root_act = held.is_root_act(endorsed)
        && endorsed.issued().is_some_and(|issued| issued.proof == generation.id)
        && generation.roots.contains(issuer);
    let succession = matches!(&endorsed.record, Record::Succession { previous, .. }
        if previous == generation.id)
        && generation.next.contains(&commitment(issuer));
    kept_if(root_act || succession)
}

/// Rules 6 and 7.
fn issued_statement(held: &Held<'_>, statement: &Statement, issued: Issued<'_>) -> State {
    if statement.below().is_some_and(|below| !contains(issued.unit, below)) {
        return State::Refused; // Rule 6.
    }
    if !is_here(held, issued.proof) {
        return State::Waits; // Rule 7.
    }
    let below_itself = statement.below() == Some(issued.unit);
    kept_if(match held.way(statement) {
        // "By (a) and (b) … refused also if `below` is `unit`."
        Some(Way::A | Way::B) => !below_itself,
        Some(Way::C | Way::D) => true,
        None => false,
    })
}

impl<'a> Held<'a> {
    /// Which of (a) to (d) holds for an issued statement whose proof is kept.
    /// No two can: each asks for another kind of proof, or (b) and (d) for another statement.
    pub(crate) fn way(&self, statement: &Statement) -> Option<Way> {
        let Issued { unit, proof, issuer } = statement.issued()?;
        if let Some(generation) = self.root_generation(proof) {
            let by_root = *unit == *self.case.genesis.unit
                && generation.roots.iter().any(|root| root == issuer)
                && is_of_the_root(statement);
            return by_root.then_some(Way::C);
        }
        match &self.kept_with(proof)?.record {
            Record::Charter { unit: of, key, .. } | Record::Rotation { unit: of, key, .. } => {
                (of == unit && key == issuer && !statement.is_address()).then_some(Way::A)
            }
            Record::Delegation { unit: of, subject, .. } if of == unit && subject == issuer => {
                if statement.is_address() {
                    return Some(Way::D);
                }
                let governs = self.kept_with(proof)?.has_govern();
                (governs && !statement.has_govern()).then_some(Way::B)
            }
            _ => None,
        }
    }

    /// Rule 2: whether the pins name a charter, by its id alone, "as its own lineage, a former
    /// one, or one that it follows for a unit".
    fn pins_name(&self, charter: &str) -> bool {
        let own = &self.case.own;
        own.lineage == charter
            || own.former.iter().any(|former| former == charter)
            || self.case.pins.units.values().any(|lineage| lineage == charter)
    }

    /// The kept foundings that name this charter as `lineage` and this unit as `below`.
    pub(crate) fn foundings_of(
        &self,
        charter: &str,
        unit: &str,
    ) -> impl Iterator<Item = &'a Statement> {
        self.kept().filter(move |statement| {
            matches!(&statement.record, Record::Founding { below, lineage, .. }
                if lineage == charter && below == unit)
        })
    }

    /// "A statement by (c) is a root act of the generation it names."
    pub(crate) fn is_root_act(&self, statement: &Statement) -> bool {
        self.way(statement) == Some(Way::C)
    }

    /// The root generation with this id.
    pub(crate) fn root_generation(&self, id: &str) -> Option<RootGeneration<'a>> {
        let genesis = &self.case.genesis;
        if genesis.id == id {
            return Some(RootGeneration {
                id: &genesis.id,
                roots: &genesis.roots,
                threshold: genesis.threshold,
                next: &genesis.next,
                next_threshold: genesis.next_threshold,
            });
        }
        let kept = self.kept_with(id)?;
        match &kept.record {
            Record::Succession { roots, threshold, next, next_threshold, .. } => {
                Some(RootGeneration {
                    id: &kept.id,
                    roots,
                    threshold: *threshold,
                    next,
                    next_threshold: *next_threshold,
                })
            }
            _ => None,
        }
    }

    /// The charter's id of a kept statement's lineage; none for root acts and successions.
    ///
    /// Goes from proof to proof and from rotation to rotation; each was kept before the one that
    /// names it, so this ends at a charter.
    pub(crate) fn lineage(&self, statement: &'a Statement) -> Option<&'a str> {
        let earlier = match &statement.record {
            Record::Charter { .. } => return Some(&statement.id),
            Record::Rotation { previous, .. } => previous,
            _ => statement.issued()?.proof,
        };
        self.lineage(self.kept_with(earlier)?)
    }
}

/// "The statement is a founding, an ending, a suspension or a dissolution."
fn is_of_the_root(statement: &Statement) -> bool {
    matches!(
        statement.record,
        Record::Founding { .. }
            | Record::Ending { .. }
            | Record::Suspension { .. }
            | Record::Dissolution { .. }
    )
}
