//! What moved in the sets of this node during one input, read from what the step writes.

use std::collections::BTreeSet;

use schema_wire::{Hash, Holds, Scope};

use crate::log::{Step, wished_pair};
use crate::names::{Fields, corrupt, scope_from_key};
use crate::session::Changed;
use crate::store::{ReadError, ReadStore, Table};

/// What was told of it already.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Positions of the feed.
    entered: BTreeSet<(Scope, u64)>,
    left: BTreeSet<(Scope, Hash)>,
    wished: BTreeSet<Scope>,
    lacking: BTreeSet<Vec<u8>>,
    statements: usize,
    /// A pin changed: nothing need have moved, but who may hold what may be another.
    pinned: bool,
}

impl Moves {
    /// A choice of this node's own changed: every session judges its peer anew.
    pub(super) fn pinned(&mut self) {
        self.pinned = true;
    }

    /// What is new since it was asked last; none if nothing is.
    pub(super) fn changed(
        &mut self,
        step: &Step<'_, impl ReadStore>,
    ) -> Result<Option<Changed>, ReadError> {
        let mut changed = Changed::default();
        for (key, value) in step.store().pending(Table::Feed) {
            let mut fields = Fields(key);
            let scope = scope_from_key(&mut fields).ok_or_else(|| corrupt("feed"))?;
            let position = fields.number().ok_or_else(|| corrupt("feed"))?;
            let Some(id) = value else { continue };
            if self.entered.insert((scope.clone(), position)) {
                let id = Fields(id).hash().ok_or_else(|| corrupt("feed"))?;
                changed.sets.entry(scope).or_default().entered.push(id);
            }
        }
        for (key, value) in step.store().pending(Table::Positions) {
            let mut fields = Fields(key);
            let id = fields.hash().ok_or_else(|| corrupt("position"))?;
            let scope = scope_from_key(&mut fields).ok_or_else(|| corrupt("position"))?;
            if value.is_none() && self.left.insert((scope.clone(), id)) {
                changed.sets.entry(scope).or_default().left.push(id);
            }
        }
        for (key, value) in step.store().pending(Table::Wishes) {
            let pair = wished_pair(key).ok_or_else(|| corrupt("wish"))?;
            if value.is_some() && self.wished.insert(pair.clone()) {
                changed.wished.insert(pair);
            }
        }
        for (key, value) in step.store().pending(Table::Lacking) {
            let Some(noted) = value.filter(|_| self.lacking.insert(key.to_vec())) else { continue };
            changed.lacking.extend(crate::wanted::wanted_by(step.store(), key, noted)?);
        }
        // Statements that are set aside wake what waits, too.
        let statements = step.store().pending(Table::Statements).count();
        let moved = changed.sets.keys().any(|scope| scope.holds() == Holds::Statements);
        let pinned = std::mem::take(&mut self.pinned);
        changed.statements = pinned || moved || statements > self.statements;
        self.statements = statements;
        let is_nothing =
            changed.sets.is_empty() && changed.wished.is_empty() && changed.lacking.is_empty();
        Ok((changed.statements || !is_nothing).then_some(changed))
    }
}
