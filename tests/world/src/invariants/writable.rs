//! Whoever may write in a class may write in each of its documents, whatever others left there.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_replication::change::{Put, Scalar};
use node_replication::log::{Chance, Setting, WriteError};
use node_replication::replica::Replica;
use node_replication::store::MemStore;
use schema_wire::{Content, DocumentId};

use crate::disk;
use crate::failure::Broken;
use crate::verifier::MemoVerifier;
use crate::world::World;

/// A shard that nobody wrote in.
const FRESH: &str = "fresh";

impl World {
    /// Asks a node's clerk to enter something in each document of the unit, on a copy of its disk.
    ///
    /// # Errors
    /// If it cannot, though it can in a document that is new.
    pub fn check_writable(&self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let unreadable = |error: &dyn std::fmt::Display| Broken::new("INV-12", error.to_string());
        let setting = Setting {
            genesis: self.city.genesis.clone(),
            pins: site.pins.clone(),
            key: site.key.clone(),
            chance: Chance::of([2; 32]),
            verifier: Arc::new(MemoVerifier::default()),
            anew: false,
        };
        let mut store = site.store.clone();
        let (mut replica, output) =
            Replica::open(setting, &store).map_err(|error| unreadable(&error))?;
        store.apply(&output.batch);
        let clock = site.clock(self.now);
        let mut enter = |document: &DocumentId, store: &mut MemStore| {
            let put =
                Put { key: "person/k0/name", value: Scalar::Text("asked"), instead: Vec::new() };
            let written =
                replica.write_change(clock, site.delegation, document, vec![put], &*store);
            let (_, output) = written?;
            store.apply(&output.batch);
            Ok::<(), WriteError>(())
        };
        let documents: BTreeSet<DocumentId> = disk::envelopes(&site.store)
            .iter()
            .map(|one| one.header().claims().document.clone())
            .filter(|one| *one.owner() == site.path && one.class().content() == Content::Changes)
            .collect();
        for document in documents {
            let fresh = DocumentId::new(site.path.clone(), document.class(), FRESH);
            if enter(&fresh.expect("a document"), &mut store).is_ok()
                && let Err(error) = enter(&document, &mut store)
            {
                let text = format!("{} cannot write in {document}: {error}", site.name);
                return Err(Broken::new("liveness", text));
            }
        }
        Ok(())
    }
}
