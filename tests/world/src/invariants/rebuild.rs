//! A second replica, opened on nothing, is told the same statements and envelopes in another
//! order: it must keep, hold and judge the same (INV-12, INV-06).

use std::collections::BTreeSet;
use std::sync::Arc;

use node_replication::log::{
    Chance, DocumentRecord, Log, Offered, Origin, SetRecord, Setting, Step, item, validity,
};
use node_replication::store::{MemStore, ReadError};
use rand::seq::SliceRandom;
use schema_wire::{Hash, Item};

use crate::disk;
use crate::failure::Broken;
use crate::site::Site;
use crate::verifier::MemoVerifier;
use crate::world::World;

impl World {
    /// Rebuilds a node, and compares.
    ///
    /// # Errors
    /// If something differs.
    pub fn check_rebuild(&mut self, at: usize) -> Result<(), Broken> {
        let mut items = Vec::new();
        let site = &self.sites[at];
        let unreadable = |error: ReadError| Broken::new("INV-12", error.0);
        for envelope in disk::envelopes(&site.store) {
            let id = envelope.header().id();
            items.extend(item(&site.store, &id).map_err(unreadable)?.map(|stored| stored.item));
        }
        let statements = disk::statements(&site.store).into_iter();
        items.extend(statements.map(|one| Item::Statement(Box::new(one.into_statement()))));
        items.shuffle(&mut self.chance);
        let site = &self.sites[at];
        let setting = Setting {
            genesis: self.city.genesis.clone(),
            pins: site.pins.clone(),
            key: site.key.clone(),
            chance: Chance::of([0; 32]),
            verifier: Arc::new(MemoVerifier::default()),
            anew: false,
        };
        let (log, store, left) = rebuild(setting, items).map_err(unreadable)?;
        let name = &site.name;
        let broken = |text: String| Err(Broken::new("INV-12", format!("{name}: {text}")));
        let kept = site
            .replica
            .as_ref()
            .map(|replica| replica.authority().kept().collect::<BTreeSet<Hash>>());
        if kept.is_some_and(|kept| kept != log.authority().kept().collect()) {
            return broken("other statements are kept after a rebuild".into());
        }
        if let Some((item, why)) = left.iter().find(|(item, _)| matches!(item, Item::Envelope(_))) {
            return broken(format!("not admitted again, {why}: {item:?}"));
        }
        for scope in self.census.scopes() {
            let sets = [&site.store, &store].map(|store| SetRecord::load(store, scope));
            let [Ok(one), Ok(other)] = sets else {
                return broken(format!("{scope} cannot be read"));
            };
            if one.vector.sum() != other.vector.sum() {
                let items = [one.items, other.items];
                return broken(format!("{items:?} items of {scope} before and after a rebuild"));
            }
        }
        same_verdicts(site, &store)
    }
}

/// What was not taken, and why.
type Left = Vec<(Item, String)>;

/// Offers everything, again and again while something is taken.
fn rebuild(setting: Setting, items: Vec<Item>) -> Result<(Log, MemStore, Left), ReadError> {
    let mut store = MemStore::default();
    let mut log = Log::open(setting, &store)?;
    let mut left: Left = items.into_iter().map(|one| (one, String::new())).collect();
    loop {
        let before = left.len();
        let mut refused = Vec::new();
        let waiting: BTreeSet<Hash> = left.iter().map(|(item, _)| item.id()).collect();
        for (item, _) in left {
            let mut step = Step::new(&store);
            let city = log.authority().city().clone();
            let offered = match &item {
                Item::Statement(statement) => {
                    log.learn(&mut step, (**statement).clone().trust_own_store(), Origin::OWN)?
                }
                Item::Envelope(_) => {
                    let scope = item.scope(&city);
                    log.offer_item(&mut step, &scope, item.clone(), Origin::OWN, &waiting)?
                }
            };
            let (batch, _) = log.finish(step)?;
            store.apply(&batch);
            if !matches!(offered, Offered::Taken | Offered::Duplicate) {
                refused.push((item, format!("{offered:?}")));
            }
        }
        left = refused;
        if left.len() == before || left.is_empty() {
            return Ok((log, store, left));
        }
    }
}

fn same_verdicts(site: &Site, rebuilt: &MemStore) -> Result<(), Broken> {
    for envelope in disk::envelopes(&site.store) {
        let (header, id) = (envelope.header().claims(), envelope.header().id());
        let document = &header.document;
        let stands = [&site.store, rebuilt].map(|store| validity(store, document, &id).ok());
        let heads = [&site.store, rebuilt]
            .map(|store| DocumentRecord::load(store, document).map(|record| record.heads).ok());
        if stands[0] != stands[1] || heads[0] != heads[1] {
            let text = format!("{}: {} in {document} is judged {stands:?}", site.name, id.short());
            return Err(Broken::new("INV-12", text));
        }
    }
    Ok(())
}
