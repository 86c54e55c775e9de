//! The reports that are held here, of this unit and of those below: the newest of each, and whether
//! one that is named reads.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use lru::LruCache;
use node_replication::log::{Event, is_admitted};
use node_replication::store::{Batch, ReadError, ReadStore};
use schema_content::{Revision, Source};
use schema_wire::{DocumentId, UnitId};

use super::period::{Block, Period};
use super::readable::{self, Lies, Place, Readable, Work};

/// Blocks in memory: the last of every unit below, several times over.
const BLOCKS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2_047);

/// What is known of reports.
#[derive(Debug)]
pub struct Held {
    blocks: LruCache<Block, Readable>,
    /// The last block of which the one before is full. Additions never take that away; what ceases
    /// to count does, and is told by [`Held::note`].
    tops: BTreeMap<(UnitId, Period), u64>,
    work: Work,
}

impl Default for Held {
    fn default() -> Self {
        let blocks = LruCache::new(BLOCKS_CACHED);
        Self { blocks, tops: BTreeMap::new(), work: Work::default() }
    }
}

/// What is newest of a unit in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Where it lies.
    pub lies: Lies,
    /// In which document.
    pub document: DocumentId,
}

impl Held {
    /// Every event of the log must come by here: one may say that a revision ceased to count.
    pub fn note(&mut self, event: &Event) {
        if let Event::Suspended { document, .. } | Event::Restored { document, .. } = event
            && let Some(block) = Block::held_by(document)
        {
            self.tops.remove(&(block.unit, block.period));
        }
    }

    /// How many envelopes were read to find out what reads.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.work.reads
    }

    /// Views to be written, so that a restart reads these and no envelope.
    pub fn take_views(&mut self) -> Batch {
        std::mem::take(&mut self.work.views)
    }

    /// The newest revision of a unit in a period.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn newest(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        period: Period,
    ) -> Result<Option<Newest>, ReadError> {
        let (top, _) = self.top(store, unit, period)?;
        // Nothing stands in a block that was only just opened: then the one before speaks.
        for index in [Some(top.index), top.index.checked_sub(1)].into_iter().flatten() {
            let block = top.at(index);
            let Some(document) = block.document() else { continue };
            let found = self.follow(store, &block)?.and_then(|block| block.newest());
            if let Some(lies) = found {
                return Ok(Some(Newest { lies, document }));
            }
        }
        Ok(None)
    }

    /// The document and the number of the next revision of a unit.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub(super) fn next(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        period: Period,
    ) -> Result<Option<(DocumentId, u64)>, ReadError> {
        let (top, next) = self.top(store, unit, period)?;
        Ok(top.document().map(|document| (document, next)))
    }

    /// Reads a revision that was found.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn read(&mut self, store: &impl ReadStore, lies: &Lies) -> Result<Revision, ReadError> {
        self.work.reads += 1;
        readable::revision(store, lies)
    }

    /// Reads the revision of a unit that a part names; none if it is not here, or does not read.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub(super) fn named(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        period: Period,
        source: &Source,
    ) -> Result<Named, ReadError> {
        if !is_admitted(store, &source.envelope)? {
            return Ok(Named::NotHere);
        }
        let (top, _) = self.top(store, unit, period)?;
        let number = source.number.get();
        let block = top.at(number / 256);
        let Some(document) = block.document().filter(|_| block.index <= top.index) else {
            return Ok(Named::Unreadable);
        };
        let place = Place { block: &block, document: &document };
        let readable =
            self.blocks.try_get_or_insert_mut(block.clone(), || Ok(Readable::default()))?;
        readable.follow(store, &place, &mut self.work)?;
        let named = (number, source.as_of, source.envelope);
        match readable.find(store, &place, named, &mut self.work)? {
            Some(lies) => Ok(Named::Here(Box::new(self.read(store, &lies)?))),
            None => Ok(Named::Unreadable),
        }
    }

    /// The last block that opens, and the next number in it.
    fn top(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        period: Period,
    ) -> Result<(Block, u64), ReadError> {
        let key = (unit.clone(), period);
        let index = self.tops.get(&key).copied().unwrap_or(0);
        let mut block = Block { unit: unit.clone(), period, index };
        loop {
            let Some(readable) = self.follow(store, &block)? else {
                return Ok((block.clone(), block.first()));
            };
            let is_full = readable.newest().is_some_and(|lies| lies.number == block.last());
            if !is_full {
                let next = readable.next();
                self.tops.insert(key, block.index);
                return Ok((block, next));
            }
            block.index += 1;
        }
    }

    /// Follows a block that opens; none where there can be none.
    fn follow(
        &mut self,
        store: &impl ReadStore,
        block: &Block,
    ) -> Result<Option<&Readable>, ReadError> {
        let Some(document) = block.document() else { return Ok(None) };
        let place = Place { block, document: &document };
        let readable =
            self.blocks.try_get_or_insert_mut(block.clone(), || Ok(Readable::default()))?;
        readable.follow(store, &place, &mut self.work)?;
        Ok(Some(readable))
    }
}

/// A revision that a part names.
#[derive(Debug)]
pub(super) enum Named {
    Here(Box<Revision>),
    NotHere,
    Unreadable,
}
