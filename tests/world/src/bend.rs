//! What planted bugs make of the disks, once all have agreed.

use node_replication::store::{Batch, MemStore, ReadStore as _, Table};
use schema_wire::{Body, Envelope, Hash};

use crate::disk;
use crate::mutant::Mutant;
use crate::site::Site;
use crate::world::World;

/// As a disk says why an envelope does not count.
const UNPERMITTED: u8 = 0;
const FORK: u8 = 3;

/// What a disk says of an envelope that does not count.
struct Suspended {
    key: Vec<u8>,
    envelope: Envelope,
    reason: u8,
    is_aside: bool,
}

impl World {
    /// Bends the disks of honest nodes as the planted bug says.
    pub(crate) fn bend_disks(&mut self) {
        let Some(mutant) = self.options.mutant else { return };
        for site in self.sites.iter_mut().filter(|site| site.honest) {
            let mut batch = Batch::default();
            for found in suspended(&site.store) {
                bend(site, mutant, &found, &mut batch);
            }
            site.store.apply(&batch);
        }
    }
}

fn bend(site: &Site, mutant: Mutant, found: &Suspended, batch: &mut Batch) {
    let Suspended { key, envelope, reason, is_aside } = found;
    let header = envelope.header().claims();
    let counts = match mutant {
        Mutant::CountUnpermitted => {
            *reason == UNPERMITTED && !is_ended(&site.store, &header.delegation)
        }
        Mutant::CountEnded => *reason == UNPERMITTED && is_ended(&site.store, &header.delegation),
        Mutant::CountForks => *reason == FORK,
        _ => false,
    };
    if counts {
        batch.delete(Table::Suspended, key.clone());
    }
    if mutant == Mutant::DropAside && *is_aside && header.author.key != site.node {
        let id = envelope.header().id();
        [Table::Items, Table::UnitItems].iter().for_each(|table| batch.delete(*table, id.0));
    }
}

fn suspended(store: &MemStore) -> Vec<Suspended> {
    let envelopes = disk::envelopes(store);
    let all = store.range(Table::Suspended, &[], &[u8::MAX; 64], usize::MAX >> 1);
    let found = |(key, value): (Vec<u8>, Vec<u8>)| {
        let (_, id) = key.split_last_chunk::<32>()?;
        let [reason, aside] = value.try_into().ok()?;
        let envelope = envelopes.iter().find(|one| one.header().id() == Hash(*id))?.clone();
        Some(Suspended { key, envelope, reason, is_aside: aside == 1 })
    };
    all.unwrap_or_default().into_iter().filter_map(found).collect()
}

/// Does an ending on the disk name the delegation?
fn is_ended(store: &MemStore, delegation: &Hash) -> bool {
    disk::statements(store).iter().any(|statement| match statement.body() {
        Body::Ending(ending) => ending.ends == *delegation,
        _ => false,
    })
}
