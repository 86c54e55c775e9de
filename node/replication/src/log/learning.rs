//! Statements and pins: how what this node knows of who may do what changes.
//!
//! The authority changes at once, the store when the step's batch is durable. So a step that
//! learned is finished, or the log answers nobody any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_authority::{Authority, Change, Outcome, Pin, Prospect, Room};
use schema_wire::{Hash, Statement, VerifiedStatement};

use super::item::{self, Origin};
use super::step::Step;
use super::{Log, Offered, choices};
use crate::admission::{Rejection, WaitsFor};
use crate::names::corrupt;
use crate::store::{ReadError, ReadStore};

/// Statements that lie in the store and are not kept, since a pin kept them once, by what they
/// wait for.
#[derive(Debug, Default)]
pub(super) struct Dropped(BTreeMap<Hash, BTreeSet<Hash>>);

impl Dropped {
    /// Those of a store.
    pub(super) fn of(authority: &Authority, statements: &[VerifiedStatement]) -> Self {
        let mut dropped = Self::default();
        for statement in statements.iter().filter(|one| !authority.is_kept(&one.id())) {
            dropped.add(authority, statement);
        }
        dropped
    }

    fn add(&mut self, authority: &Authority, statement: &VerifiedStatement) {
        let id = statement.id();
        if let Prospect::Waits(what) = authority.prospect(&id, &statement.body()) {
            self.0.entry(what).or_default().insert(id);
        }
    }
}

impl Log {
    /// Takes a statement that came in no scope: of this node's own making, of a grant file, or of
    /// a chain that shows a membership.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn learn(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        statement: VerifiedStatement,
        origin: Origin,
    ) -> Result<Offered, ReadError> {
        match self.authority.room_for(&statement) {
            Room::Free => {}
            Room::SetFull => return Ok(Offered::Later),
            Room::AsideFull => return Ok(Offered::PassedOver),
        }
        // What changes nothing copies nothing.
        match self.authority.prospect(&statement.id(), &statement.body()) {
            Prospect::Kept if self.authority.is_kept(&statement.id()) => {
                return Ok(Offered::Duplicate);
            }
            Prospect::Kept => {}
            Prospect::Waits(id) => return Ok(Offered::Waits(WaitsFor::Statement(id))),
            Prospect::Refused(refusal) => {
                return Ok(Offered::Refused(Rejection::Statement(refusal)));
            }
        }
        self.run_ahead(step)?;
        Ok(match self.authority_mut().insert(&statement) {
            Outcome::Kept(change) => {
                step.append_statement(statement, &change, origin)?;
                self.hold_to(step, &change)?;
                self.wake(step, change.wakes)?;
                Offered::Taken
            }
            Outcome::Known => Offered::Duplicate,
            Outcome::Waits(id) => Offered::Waits(WaitsFor::Statement(id)),
            Outcome::Refused(refusal) => Offered::Refused(Rejection::Statement(refusal)),
        })
    }

    /// Changes a choice of this node's own. It is durable with what it decides.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn pin(&mut self, step: &mut Step<'_, impl ReadStore>, pin: Pin) -> Result<(), ReadError> {
        self.run_ahead(step)?;
        choices::put(&mut step.overlay, &pin)?;
        let change = self.authority_mut().pin(pin);
        step.follow(&change)?;
        self.hold_to(step, &change)?;
        for id in &change.dropped {
            self.dropped.add(&self.authority, &stored(step, id)?);
        }
        self.wake(step, change.wakes)
    }

    /// Moves the node to another lineage of its unit. It is durable with what it decides.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn belong(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        lineage: Hash,
    ) -> Result<(), ReadError> {
        self.run_ahead(step)?;
        choices::put_move(&mut step.overlay, &lineage)?;
        let pins = self.authority.pins().clone().moved_to(lineage);
        let change = self.authority_mut().set_pins(pins);
        step.follow(&change)?;
        self.hold_to(step, &change)?;
        for id in &change.dropped {
            self.dropped.add(&self.authority, &stored(step, id)?);
        }
        self.wake(step, change.wakes)
    }

    /// Pins whom the node follows since a change: whoever comes later by a phrase that was used
    /// before, or by another founding, displaces nobody here (section 4).
    fn hold_to(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        change: &Change,
    ) -> Result<(), ReadError> {
        for pin in self.authority.pins_due(change) {
            choices::put(&mut step.overlay, &pin)?;
            let held = self.authority_mut().pin(pin);
            step.follow(&held)?;
        }
        Ok(())
    }

    /// Brings again what was dropped and waits for these.
    fn wake(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        mut woken: Vec<Hash>,
    ) -> Result<(), ReadError> {
        while let Some(id) = woken.pop() {
            for id in self.dropped.0.remove(&id).unwrap_or_default() {
                let statement = stored(step, &id)?;
                match self.authority_mut().insert(&statement) {
                    Outcome::Kept(change) => {
                        step.follow(&change)?;
                        self.hold_to(step, &change)?;
                        woken.extend(change.wakes);
                    }
                    Outcome::Waits(_) => self.dropped.add(&self.authority, &statement),
                    Outcome::Known | Outcome::Refused(_) => {}
                }
            }
        }
        Ok(())
    }

    fn authority_mut(&mut self) -> &mut Authority {
        Arc::make_mut(&mut self.authority)
    }

    /// The authority is about to know what the store will hold once this step is durable.
    fn run_ahead(&mut self, step: &mut Step<'_, impl ReadStore>) -> Result<(), ReadError> {
        self.keep_pace(step)?;
        (self.is_ahead, step.leads) = (true, true);
        self.holdings = None;
        Ok(())
    }

    /// Refuses to work on a step while another one that learned something is not finished: that
    /// one was dropped, and the authority knows what the store does not hold.
    pub(super) fn keep_pace(&self, step: &Step<'_, impl ReadStore>) -> Result<(), ReadError> {
        if self.is_ahead && !step.leads {
            let text = "a step that learned statements was not finished: open the log again";
            return Err(ReadError(text.into()));
        }
        Ok(())
    }
}

fn stored(step: &Step<'_, impl ReadStore>, id: &Hash) -> Result<VerifiedStatement, ReadError> {
    let statement: Option<Statement> = item::statement(&step.overlay, id)?;
    Ok(statement.ok_or_else(|| corrupt("statement"))?.trust_own_store())
}
