//! Until when the nodes were heard from that could have entered what is not here: only then is
//! what was not entered missed, and not unknown.

use std::collections::{BTreeMap, BTreeSet};

use node_authority::{Authority, GrantState, Written};
use node_replication::history::{self, Entry};
use node_replication::log;
use node_replication::store::{Batch, ReadError, ReadStore, Table};
use schema_documents::{Day, class};
use schema_wire::{Band, Class, DocumentId, Hash, Ms, NodeKey, Scope, UnitId};

const VIEW: &[u8] = b"heard";

/// The newest time that each node of the unit said, and how far its scopes were read for that.
#[derive(Debug, Default)]
pub struct Heard {
    was_read: bool,
    positions: [u64; Band::ALL.len()],
    newest: BTreeMap<NodeKey, Ms>,
}

impl Heard {
    /// Reads what came since, and gives views to be written.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn follow(&mut self, store: &impl ReadStore, unit: &UnitId) -> Result<Batch, ReadError> {
        if !std::mem::replace(&mut self.was_read, true)
            && let Some(bytes) = store.read(Table::Views, VIEW)?
            && let Some((positions, newest)) = read_view(&bytes)
        {
            (self.positions, self.newest) = (positions, newest);
        }
        let before = self.positions;
        for (position, band) in self.positions.iter_mut().zip(Band::ALL) {
            let scope = Scope::band(unit.clone(), band);
            let new = log::feed(store, &scope, *position, usize::MAX >> 1)?;
            let Some((last, _)) = new.last() else { continue };
            *position = *last;
            let ids: BTreeSet<Hash> = new.into_iter().map(|(_, id)| id).collect();
            for entry in envelopes(store, ids)? {
                let newest = self.newest.entry(entry.author.key).or_default();
                *newest = (*newest).max(entry.at);
            }
        }
        let mut views = Batch::default();
        if self.positions != before {
            views.put(Table::Views, VIEW, self.view_bytes());
        }
        Ok(views)
    }

    /// The day until which every other node that may write what is due was heard from; today if
    /// there is none.
    #[must_use]
    pub fn until(&self, authority: &Authority, own: NodeKey, today: Day, now: Ms) -> Day {
        let pins = authority.pins();
        let may_write = |subject: NodeKey, delegation: Hash| {
            [class::PATROL, class::SLOT].into_iter().any(|class| {
                let document = shard_of(pins.unit(), class.number);
                document.is_some_and(|document| {
                    let written =
                        Written { document: &document, author: subject, delegation, at: now };
                    authority.permits(&written, []).is_ok()
                })
            })
        };
        let lineage = pins.lineage();
        let grants = authority.grants(&lineage, now);
        let others = grants.filter(|grant| {
            grant.subject != own
                && grant.unit == pins.unit()
                && grant.state == GrantState::Holds
                && may_write(grant.subject, grant.id)
        });
        // Who was never heard from was not since it was taken in.
        let heard = others.map(|grant| {
            let said = self.newest.get(&grant.subject).copied();
            said.unwrap_or(grant.from)
        });
        let until = heard.min().and_then(|heard| Day::at(heard.get()));
        until.map_or(today, |until| until.min(today))
    }

    fn view_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.positions.iter().flat_map(|own| own.to_be_bytes()).collect();
        for (node, newest) in &self.newest {
            bytes.extend_from_slice(&node.0);
            bytes.extend_from_slice(&newest.get().to_be_bytes());
        }
        bytes
    }
}

/// The envelopes among these: statements lie in scopes too, and say nothing of what was entered.
fn envelopes(store: &impl ReadStore, ids: BTreeSet<Hash>) -> Result<Vec<Entry>, ReadError> {
    let is_envelope = |id: &Hash| store.read(Table::Locations, &id.0).map(|found| found.is_some());
    let mut envelopes = BTreeSet::new();
    for id in ids {
        if is_envelope(&id)? {
            envelopes.insert(id);
        }
    }
    history::entries(store, &envelopes)
}

/// Any document of a class of the unit: who may write one may write all.
fn shard_of(unit: &UnitId, class: u8) -> Option<DocumentId> {
    DocumentId::new(unit.clone(), Class::new(class).ok()?, "one").ok()
}

type View = ([u64; Band::ALL.len()], BTreeMap<NodeKey, Ms>);

/// A view that does not read is made anew.
fn read_view(bytes: &[u8]) -> Option<View> {
    let mut rest = bytes;
    let mut number = || {
        let (number, after) = rest.split_first_chunk()?;
        rest = after;
        Some(u64::from_be_bytes(*number))
    };
    let mut positions = [0; Band::ALL.len()];
    for position in &mut positions {
        *position = number()?;
    }
    let mut newest = BTreeMap::new();
    while let Some((node, after)) = rest.split_first_chunk::<32>() {
        let (at, after) = after.split_first_chunk()?;
        newest.insert(NodeKey(*node), Ms::of(u64::from_be_bytes(*at)));
        rest = after;
    }
    rest.is_empty().then_some((positions, newest))
}
