//! What planted bugs make of a batch, between a node and its disk.

use node_replication::store::{Batch, Table, Write};
use schema_wire::{Body, Envelope, Hash};

use crate::disk;
use crate::mutant::Mutant;
use crate::world::World;

/// As a disk says why an envelope does not count, in the first byte; the second says whether it is
/// set aside.
const UNPERMITTED: u8 = 0;
const FORK: u8 = 3;

impl World {
    /// Bends a batch as the planted bug says.
    pub(crate) fn bend(&self, at: usize, batch: &mut Batch) {
        let (Some(mutant), true) = (self.options.mutant, self.sites[at].honest) else {
            return;
        };
        let doubts: Vec<(usize, Hash, u8, bool)> =
            batch.writes.iter().enumerate().filter_map(doubt).collect();
        let mut dropped = Vec::new();
        for (number, id, reason, aside) in doubts {
            let counts = match mutant {
                Mutant::CountUnpermitted => reason == UNPERMITTED && !self.is_ended(at, batch, &id),
                Mutant::CountEnded => reason == UNPERMITTED && self.is_ended(at, batch, &id),
                Mutant::CountForks => reason == FORK,
                _ => false,
            };
            if counts {
                dropped.push(number);
            }
            if mutant == Mutant::DropAside && aside && !self.is_own(at, batch, &id) {
                [Table::Items, Table::UnitItems]
                    .iter()
                    .for_each(|table| batch.delete(*table, id.0));
            }
        }
        let mut number = 0;
        batch.writes.retain(|_| {
            number += 1;
            !dropped.contains(&(number - 1))
        });
    }

    fn envelope(&self, at: usize, batch: &Batch, id: &Hash) -> Option<Envelope> {
        let is_it = |envelope: &Envelope| envelope.header().id() == *id;
        let new = batch.writes.iter().filter_map(disk::envelope_of).find(is_it);
        new.or_else(|| disk::envelopes(&self.sites[at].store).into_iter().find(is_it))
    }

    fn is_own(&self, at: usize, batch: &Batch, id: &Hash) -> bool {
        let envelope = self.envelope(at, batch, id);
        envelope.is_none_or(|one| one.header().claims().author.key == self.sites[at].node)
    }

    /// Does an ending on the disk name the delegation of an envelope?
    fn is_ended(&self, at: usize, batch: &Batch, id: &Hash) -> bool {
        let Some(envelope) = self.envelope(at, batch, id) else { return false };
        let delegation = envelope.header().claims().delegation;
        let mut known = disk::statements(&self.sites[at].store);
        known.extend(batch.writes.iter().filter_map(disk::statement_of));
        known.iter().any(|statement| match statement.body() {
            Body::Ending(ending) => ending.ends == delegation,
            _ => false,
        })
    }
}

/// The place of a write that says of an envelope that it does not count, and what it says.
fn doubt((number, write): (usize, &Write)) -> Option<(usize, Hash, u8, bool)> {
    let Write::Put { table: Table::Doubts, key, value } = write else { return None };
    let (_, id) = key.split_last_chunk::<32>()?;
    let [reason, aside] = value.as_slice().try_into().ok()?;
    Some((number, Hash(*id), reason, aside == 1))
}
