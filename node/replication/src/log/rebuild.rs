//! Brings what is kept to what follows from the log and the pins, whatever it was: the pins came
//! from elsewhere while the node was down, or another program kept the store.

use std::collections::BTreeSet;

use schema_wire::{Body, Hash, Scope, Statement};

use super::documents::judged_as;
use super::step::Step;
use super::{Log, audit, item, set};
use crate::store::{ReadError, ReadStore};

impl Log {
    /// Judges everything anew.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn rebuild(&self, step: &mut Step<'_, impl ReadStore>) -> Result<(), ReadError> {
        let mut entering = Vec::new();
        for statement in item::statements(&step.overlay)? {
            let id = statement.id();
            let now: BTreeSet<Scope> = self.authority.scopes_of(&id).cloned().collect();
            let before = set::scopes_of(&step.overlay, &id)?;
            for scope in before.difference(&now) {
                set::leave(&mut step.overlay, scope, &id)?;
            }
            if !now.is_subset(&before) {
                entering.push((statement, now.difference(&before).cloned().collect()));
            }
        }
        enter_in_order(step, entering)?;
        let documents = audit::documents(&step.overlay)?;
        step.unjudged.extend(documents.iter().map(judged_as));
        step.settle(&self.authority)
    }
}

/// Each statement after those that it waits for.
fn enter_in_order(
    step: &mut Step<'_, impl ReadStore>,
    mut left: Vec<(Statement, Vec<Scope>)>,
) -> Result<(), ReadError> {
    while !left.is_empty() {
        let waiting: BTreeSet<Hash> = left.iter().map(|(one, _)| one.id()).collect();
        let founded: BTreeSet<Hash> = left.iter().filter_map(|(one, _)| lineage(one)).collect();
        let is_ready = |one: &Statement| {
            !named(one).any(|id| waiting.contains(&id)) && !founded.contains(&one.id())
        };
        let (mut ready, rest): (Vec<_>, _) = left.into_iter().partition(|(one, _)| is_ready(one));
        left = rest;
        if ready.is_empty() {
            // A founding under the very lineage that it names: any order will do.
            ready = std::mem::take(&mut left);
        }
        for (statement, scopes) in ready {
            for scope in scopes {
                set::enter(&mut step.overlay, &scope, &statement.id())?;
            }
        }
    }
    Ok(())
}

/// What a statement waits for by id.
fn named(statement: &Statement) -> impl Iterator<Item = Hash> {
    let body = statement.claims();
    let (first, second) = match body {
        Body::Rotation(record) => (Some(record.previous), None),
        Body::Succession(record) => (Some(record.previous), None),
        Body::Endorsement(record) => (Some(record.proof), Some(record.endorses)),
        _ => (body.issued().map(|issued| issued.proof), None),
    };
    first.into_iter().chain(second)
}

/// The charter that a founding names.
fn lineage(statement: &Statement) -> Option<Hash> {
    match statement.claims() {
        Body::Founding(founding) => Some(founding.lineage),
        _ => None,
    }
}
