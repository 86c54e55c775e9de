//! What comes to lie on disks, read off each batch.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::store::{Batch, Table, Write};
use schema_wire::{Author, DocumentId, Hash, Scope};

use crate::disk;
use crate::failure::Broken;
use crate::marks::scopes_in;
use crate::site::Site;

/// What was seen of all disks.
#[derive(Debug, Default)]
pub struct Census {
    /// What nodes signed, as they said themselves.
    signed: BTreeSet<Hash>,
    /// The envelopes at the places of honest authors.
    places: BTreeMap<(DocumentId, Author, u64), Hash>,
    /// Keys of persons, and where they were told.
    pub keys: BTreeMap<Vec<u8>, Scope>,
    /// The scopes that have items, by their text.
    scopes: BTreeMap<String, Scope>,
}

impl Census {
    /// A node signed an envelope.
    pub fn sign(&mut self, id: Hash) {
        self.signed.insert(id);
    }

    /// A scope has items.
    pub fn know(&mut self, scope: &Scope) {
        self.scopes.entry(scope.to_string()).or_insert_with(|| scope.clone());
    }

    /// All scopes that ever had an item.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.values()
    }

    /// The scope that a text names, if it has items.
    pub fn scope_of(&self, name: &str) -> Option<&Scope> {
        self.scopes.get(name)
    }

    /// Asks what a batch puts on a disk.
    ///
    /// # Errors
    /// If it must not lie there.
    pub fn batch(&mut self, sites: &mut [Site], at: usize, batch: &Batch) -> Result<(), Broken> {
        let mut held = Vec::new();
        for write in &batch.writes {
            let Write::Put { table, value, key } = write else {
                continue;
            };
            if sites[at].honest {
                self.may_lie(&sites[at], *table, key, value)?;
            }
            if let Some(scope) = disk::adopted_in(write) {
                self.know(&scope);
            }
            if let Some(envelope) = disk::envelope_of(write) {
                let header = envelope.header().claims();
                let scope = header.document.scope();
                self.know(&scope);
                let id = envelope.header().id();
                let of_honest = sites.iter().find(|site| site.node == header.author.key);
                let Some(author) = of_honest.filter(|site| site.honest) else {
                    continue;
                };
                held.push(id);
                if !self.signed.contains(&id) {
                    let text = format!("{} never signed {}", author.name, id.short());
                    return Err(Broken::new("INV-02", text));
                }
                let place = (header.document.clone(), header.author, header.seq());
                let other = self.places.insert(place, id).filter(|other| *other != id);
                if other.is_some() && !author.fell_back {
                    let text = format!(
                        "{} has two envelopes at {} of {}",
                        author.name,
                        header.seq(),
                        header.document
                    );
                    return Err(Broken::new("INV-04", text));
                }
            }
        }
        sites[at].held.extend(held);
        self.grows(&mut sites[at], batch)
    }

    fn may_lie(&self, site: &Site, table: Table, key: &[u8], value: &[u8]) -> Result<(), Broken> {
        let marked = scopes_in(value).into_iter().chain(scopes_in(key));
        let mut scopes: Vec<&Scope> = Vec::new();
        let marked: Vec<String> = marked.collect();
        scopes.extend(marked.iter().filter_map(|name| self.scopes.get(name)));
        if table == Table::Keyring {
            scopes.extend(self.keys.get(value));
        }
        match scopes.into_iter().find(|scope| !site.may_ever_hold(scope)) {
            None => Ok(()),
            Some(scope) => {
                let text = format!("{} holds what was written in {scope}", site.name);
                Err(Broken::new("INV-09", text))
            }
        }
    }

    fn grows(&self, site: &mut Site, batch: &Batch) -> Result<(), Broken> {
        for write in &batch.writes {
            let Write::Put { table: Table::Meta, key, value } = write else {
                continue;
            };
            let Ok(head) = value.as_slice().try_into().map(u64::from_be_bytes) else {
                continue;
            };
            if key == b"feed-head" {
                if head < site.feed_head {
                    let text = format!("{}: the feed fell to {head}", site.name);
                    return Err(Broken::new("INV-07", text));
                }
                site.feed_head = head;
            }
        }
        Ok(())
    }
}
