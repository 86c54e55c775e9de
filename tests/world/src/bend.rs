//! What planted bugs make of the disks, once all have agreed.

use std::collections::BTreeSet;

use node_replication::log::validity;
use node_replication::store::{Batch, MemStore, ReadStore as _, Table};
use schema_wire::{Body, Envelope, Hash, Item, Wire as _};

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
            match mutant {
                Mutant::CountUnfounded => self.unfounded.iter().for_each(|envelope| {
                    take_unasked(site, envelope, &mut batch);
                }),
                Mutant::DropKept => suspend_what_is_kept(site, &mut batch),
                _ => {}
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

/// Puts an envelope on a disk that admission refused, as one that counts.
fn take_unasked(site: &Site, envelope: &Envelope, batch: &mut Batch) {
    let header = envelope.header().claims();
    if site.may_ever_hold(&header.document.scope()) && *header.document.owner() == site.path {
        let item = Item::Envelope(Box::new(envelope.clone())).to_bytes();
        let value = [&[0; disk::ORIGIN][..], &item].concat();
        batch.put(Table::UnitItems, envelope.header().id().0, value);
    }
}

/// Says of what others wrote and an adoption names that it is not permitted.
fn suspend_what_is_kept(site: &Site, batch: &mut Batch) {
    let heads: BTreeSet<Hash> = disk::statements(&site.store)
        .iter()
        .flat_map(|statement| match statement.body() {
            Body::Adoption(adoption) => adoption.marks.iter().map(|mark| mark.head).collect(),
            _ => Vec::new(),
        })
        .collect();
    for envelope in disk::envelopes(&site.store) {
        let (header, id) = (envelope.header().claims(), envelope.header().id());
        let counts = validity(&site.store, &header.document, &id).is_ok_and(|one| one.counts());
        if counts && header.author.key != site.node && heads.contains(&id) {
            let (owner, shard) = (header.document.owner().as_str(), header.document.shard());
            let class = [0, header.document.class().number()];
            let key = [owner.as_bytes(), &class, shard.as_bytes(), &[0], &id.0].concat();
            batch.put(Table::Suspended, key, [UNPERMITTED, 0]);
        }
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
