//! Who this node is: its key, the life it writes in, and the name of its feed.

use schema_wire::{Author, Hash, Incarnation, Ms, NodeKey, SigningKey};

use super::step::Step;
use crate::names::{Fields, after, corrupt};
use crate::store::{ReadError, ReadStore, Table};

const INCARNATION: &[u8] = b"incarnation";
const EPOCH: &[u8] = b"epoch";
const NEWEST: &[u8] = b"newest/";

/// Random bytes that the node's own lives and feeds are named from; new at every start.
#[derive(Debug, Clone)]
pub struct Chance {
    seed: [u8; 32],
    drawn: u64,
}

impl Chance {
    /// From the system's random source.
    #[must_use]
    pub const fn of(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    fn draw(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let hash = Hash::of(&[&self.seed, &self.drawn.to_be_bytes()]);
        let [drawn @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash.0;
        drawn
    }
}

/// The newest time of what was written in a life.
pub(crate) fn newest(store: &impl ReadStore, life: &Incarnation) -> Result<Ms, ReadError> {
    let bytes = store.read(Table::Meta, &newest_key(life))?;
    let newest = bytes.map(|bytes| Fields(&bytes).number().ok_or_else(|| corrupt("time")));
    Ok(Ms::of(newest.transpose()?.unwrap_or(0)))
}

fn newest_key(life: &Incarnation) -> Vec<u8> {
    [NEWEST, &life.0[..]].concat()
}

/// Who this node is.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) key: SigningKey,
    chance: Chance,
    incarnation: Incarnation,
    epoch: [u8; 16],
    /// Drawn, and not in the store yet.
    unsaved: bool,
}

impl Identity {
    /// As the store knows it; anew where it does not, or where it cannot be trusted to hold all
    /// that was ever signed.
    pub(super) fn open(
        key: SigningKey,
        mut chance: Chance,
        anew: bool,
        store: &impl ReadStore,
    ) -> Result<Self, ReadError> {
        let known = |name: &[u8]| -> Result<Option<[u8; 16]>, ReadError> {
            let bytes = store.read(Table::Meta, name)?.filter(|_| !anew);
            bytes.map(|bytes| bytes.try_into().map_err(|_| corrupt("identity"))).transpose()
        };
        let (incarnation, epoch) = (known(INCARNATION)?, known(EPOCH)?);
        let unsaved = incarnation.is_none() || epoch.is_none();
        let incarnation = Incarnation(incarnation.unwrap_or_else(|| chance.draw()));
        let epoch = epoch.unwrap_or_else(|| chance.draw());
        Ok(Self { key, chance, incarnation, epoch, unsaved })
    }

    pub(super) fn node(&self) -> NodeKey {
        NodeKey(self.key.verifying_key().to_bytes())
    }

    pub(super) fn author(&self) -> Author {
        Author { key: self.node(), incarnation: self.incarnation }
    }

    pub(super) fn epoch(&self) -> [u8; 16] {
        self.epoch
    }

    pub(super) fn renew_incarnation(&mut self) {
        self.incarnation = Incarnation(self.chance.draw());
        self.unsaved = true;
    }

    pub(super) fn renew_epoch(&mut self) {
        self.epoch = self.chance.draw();
        self.unsaved = true;
    }

    /// The newest time of what it wrote in its present life.
    pub(super) fn newest(&self, store: &impl ReadStore) -> Result<Ms, ReadError> {
        newest(store, &self.incarnation)
    }

    /// The newest time of what it wrote in any life.
    pub(super) fn newest_of_all(&self, store: &impl ReadStore) -> Result<Ms, ReadError> {
        let mut newest = Ms::of(0);
        for (_, bytes) in store.range(Table::Meta, NEWEST, &after(NEWEST), usize::MAX >> 1)? {
            let at = Fields(&bytes).number().ok_or_else(|| corrupt("time"))?;
            newest = newest.max(Ms::of(at));
        }
        Ok(newest)
    }

    /// Notes the time of what it wrote.
    pub(super) fn wrote(
        &self,
        step: &mut Step<'_, impl ReadStore>,
        at: Ms,
    ) -> Result<(), ReadError> {
        if self.newest(&step.overlay)? < at {
            step.overlay.put(
                Table::Meta,
                newest_key(&self.incarnation),
                at.get().to_be_bytes().to_vec(),
            );
        }
        Ok(())
    }

    /// Writes what was drawn, together with what is signed under it.
    pub(super) fn save(&mut self, step: &mut Step<'_, impl ReadStore>) {
        if std::mem::take(&mut self.unsaved) {
            step.overlay.put(Table::Meta, INCARNATION.to_vec(), self.incarnation.0.to_vec());
            step.overlay.put(Table::Meta, EPOCH.to_vec(), self.epoch.to_vec());
        }
    }
}
