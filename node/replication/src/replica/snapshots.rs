//! The sets of scopes as they stand in reconciliations: read once for many peers that ask at the
//! same time, and kept for a minute.

use std::collections::BTreeMap;
use std::sync::Arc;

use schema_wire::{Ms, Salt, Scope};

use crate::log;
use crate::session::Salted;
use crate::session::reconcile::SaltedSet;
use crate::store::{ReadError, ReadStore};

/// How many are kept.
const SNAPSHOTS_MAX: usize = 32;
/// How many items those kept have together; the newest one may have more. Each takes 64 bytes.
const ITEMS_MAX: usize = 2_097_152;
/// How long one is kept that nobody asked for, in milliseconds.
const KEPT_MS: u64 = 60_000;

/// The sets that were read lately.
#[derive(Debug, Default)]
pub(super) struct Snapshots(BTreeMap<(Scope, Salt), (Salted, Ms)>);

impl Snapshots {
    /// The set of a scope under a salt, as it stands now.
    pub(super) fn salted(
        &mut self,
        store: &impl ReadStore,
        scope: &Scope,
        salt: &Salt,
        now: Ms,
    ) -> Result<Salted, ReadError> {
        let head = log::SetRecord::load(store, scope)?.head;
        let name = (scope.clone(), *salt);
        if let Some((salted, used)) = self.0.get_mut(&name)
            && salted.head == head
            // What left a set took no new position.
            && salted.set.len() as u64 == log::SetRecord::load(store, scope)?.items
        {
            *used = now;
            return Ok(salted.clone());
        }
        let items = log::feed(store, scope, 0, usize::MAX >> 1)?;
        let set = SaltedSet::of(salt, items.into_iter().map(|(_, id)| id));
        let salted = Salted { set: Arc::new(set), head };
        self.0.remove(&name);
        while self.0.len() >= SNAPSHOTS_MAX || self.items() + salted.set.len() > ITEMS_MAX {
            let oldest = self.0.iter().min_by_key(|(_, (_, used))| *used);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else {
                break;
            };
            self.0.remove(&name);
        }
        self.0.insert(name, (salted.clone(), now));
        Ok(salted)
    }

    fn items(&self) -> usize {
        self.0.values().map(|(salted, _)| salted.set.len()).sum()
    }

    /// Lets go what nobody asked for.
    pub(super) fn forget_unused(&mut self, now: Ms) {
        self.0.retain(|_, (_, used)| now.since(*used) < KEPT_MS);
    }
}
