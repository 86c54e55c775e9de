//! The log of a node: what it admitted, which of it counts, and the sets of its scopes.
//!
//! ```text
//!   item -> admission -> Admitted -> append -> judged: at once, or with its document at the
//!                                              end of the step -> sets, feed, sums
//!   statement -> authority -> what stands differently -> documents that rest on it -> judged
//! ```
//! A [`Step`] holds everything that one input writes; nothing of it is there before its batch is
//! durable.

mod documents;
mod item;
mod set;
mod step;

use std::collections::BTreeSet;
use std::sync::Arc;

use node_authority::{Authority, Outcome, Pin, Pins};
use schema_wire::{Genesis, Hash, NodeKey, Scope, Statement, VerifiedStatement, Verifier};

pub use documents::{DocumentRecord, standing};
pub use item::{Origin, Stored, is_admitted, item};
pub use set::{SetRecord, feed, feed_head};
pub use step::{Event, Step};

use crate::admission::{Door, Holdings, Rejection, Verdict, WaitsFor};
use crate::store::{ReadError, ReadStore};

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// It was appended.
    Taken,
    /// It was here; what was lacking of it was taken from the copy.
    Duplicate,
    /// It may be taken once this is here.
    Waits(WaitsFor),
    /// It is refused.
    Refused(Rejection),
}

/// A node's log, apart from what lies in its store.
#[derive(Debug)]
pub struct Log {
    authority: Authority,
    key: NodeKey,
    verifier: Arc<dyn Verifier>,
}

impl Log {
    /// Opens what the store of the node with this key holds.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn open(
        genesis: &Genesis,
        pins: Pins,
        key: NodeKey,
        verifier: Arc<dyn Verifier>,
        store: &impl ReadStore,
    ) -> Result<Self, ReadError> {
        let mut authority = Authority::new(genesis, pins);
        keep_all(&mut authority, item::statements(store)?, |_| Ok(()))?;
        Ok(Self { authority, key, verifier })
    }

    /// What it knows of who may do what.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Judges an item that came in a scope, and appends it if it is admitted. `waiting` are the
    /// ids of envelopes that wait.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn offer(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
        bytes: &[u8],
        origin: Origin,
        waiting: &BTreeSet<Hash>,
    ) -> Result<Offered, ReadError> {
        let holdings = Holdings::of(&self.authority, &self.key);
        let mut door = Door {
            authority: &mut self.authority,
            store: &step.overlay,
            holdings: &holdings,
            verifier: &*self.verifier,
            waiting,
        };
        match door.judge(scope, bytes)? {
            Verdict::Admitted(admitted) => {
                step.append(&self.authority, *admitted, origin)?;
                Ok(Offered::Taken)
            }
            Verdict::Duplicate(lacking) => {
                lacking.map_or(Ok(()), |lacking| step.fill(lacking))?;
                Ok(Offered::Duplicate)
            }
            Verdict::Waits(what) => Ok(Offered::Waits(what)),
            Verdict::Refused(rejection) => Ok(Offered::Refused(rejection)),
        }
    }

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
        Ok(match self.authority.insert(&statement) {
            Outcome::Kept(change) => {
                step.append_statement(statement, &change, origin)?;
                Offered::Taken
            }
            Outcome::Known => Offered::Duplicate,
            Outcome::Waits(id) => Offered::Waits(WaitsFor::Statement(id)),
            Outcome::Refused(refusal) => Offered::Refused(Rejection::Statement(refusal)),
        })
    }

    /// Changes a choice of this node's own.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn pin(&mut self, step: &mut Step<'_, impl ReadStore>, pin: Pin) -> Result<(), ReadError> {
        let change = self.authority.pin(pin);
        step.follow(&change)?;
        // What the new pins keep, of what was kept once.
        let all = item::statements(&step.overlay)?;
        keep_all(&mut self.authority, all, |change| step.follow(change))?;
        step.settle(&self.authority)
    }

    /// Ends a step: judges what is not judged yet.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn settle(&self, step: &mut Step<'_, impl ReadStore>) -> Result<(), ReadError> {
        step.settle(&self.authority)
    }
}

/// Takes in statements that were verified before, in whatever order they can be kept.
fn keep_all(
    authority: &mut Authority,
    statements: Vec<Statement>,
    mut kept: impl FnMut(&node_authority::Change) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut left: Vec<_> = statements.into_iter().map(Statement::trust_own_store).collect();
    loop {
        let before = left.len();
        let mut waiting = Vec::new();
        for statement in left {
            match authority.insert(&statement) {
                Outcome::Kept(change) => kept(&change)?,
                Outcome::Waits(_) => waiting.push(statement),
                Outcome::Known | Outcome::Refused(_) => {}
            }
        }
        if waiting.len() == before {
            return Ok(());
        }
        left = waiting;
    }
}
