//! Nothing leaves a node that its disk does not bear out (INV-05): asked of each frame when it
//! leaves, and of the disk as it is then.

use schema_wire::{Ack, Frame, Hash, Item, Items, Wire as _};

use crate::disk;
use crate::failure::Broken;
use crate::world::World;

impl World {
    /// Asks whether what a frame says was durable when it left: items and what is acknowledged lie
    /// on the disk, and no position is beyond its feed.
    ///
    /// # Errors
    /// If it was not.
    pub fn check_durable(&mut self, at: usize, talk: u64, frame: &Frame) -> Result<(), Broken> {
        let site = &self.sites[at];
        if !site.honest {
            return Ok(());
        }
        let broken = |text: String| Err(Broken::new("INV-05", format!("{} {text}", site.name)));
        let lacks = |ids: Vec<Hash>| ids.into_iter().find(|id| !disk::holds(&site.store, id));
        match frame {
            Frame::Items(items) => {
                if let Some(id) = lacks(ids_of(items)) {
                    return broken(format!("sent {}, which its disk does not hold", id.short()));
                }
            }
            Frame::Ack(Ack { scope, upto: Some(upto), later: false, refused: 0, .. }) => {
                let Some(talk) = self.talks.get_mut(&talk) else { return Ok(()) };
                let end = talk.end_of(at);
                let came = talk.came[end].remove(&(scope.clone(), *upto)).unwrap_or_default();
                if let Some(id) = lacks(came) {
                    let id = id.short();
                    return broken(format!("acknowledged {id}, which its disk does not hold"));
                }
            }
            Frame::Membership(claim) if Some(claim.epoch.0) != disk::epoch(&site.store) => {
                return broken("named a feed that its disk does not know".into());
            }
            _ => {}
        }
        match positions(frame).find(|position| *position > disk::feed_head(&site.store)) {
            Some(position) => broken(format!("told of {position}, beyond the feed on its disk")),
            None => Ok(()),
        }
    }
}

fn ids_of(items: &Items) -> Vec<Hash> {
    let items = items.items.iter().filter_map(|item| Item::from_bytes(item).ok());
    items.map(|item| item.id()).collect()
}

/// The positions in its own feed that a node tells of.
fn positions(frame: &Frame) -> impl Iterator<Item = u64> + '_ {
    let (one, offers) = match frame {
        Frame::Membership(claim) => (Some(claim.head), None),
        Frame::Items(items) => (items.upto, None),
        Frame::Offers(offers) => (None, Some(offers.offers.iter().map(|offer| offer.head))),
        _ => (None, None),
    };
    one.into_iter().chain(offers.into_iter().flatten())
}
