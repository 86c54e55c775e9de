//! A disk that loses power, fills up, fails and forgets.
//!
//! It holds what is durable and at most one pending batch. A batch is applied whole or not at
//! all, as the store's write-ahead log makes it.

use std::cell::Cell;

use node_replication::store::{Batch, Entry, MemStore, ReadError, ReadStore, Table};

use crate::clock::{MILLI, Time};

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// No space is left.
    Full,
    /// The next write fails; nothing of it is kept.
    WriteFails,
    /// The next sync fails; whether the batch was kept is not known.
    SyncFails { kept: bool },
    /// A read fails after this many good ones.
    ReadFails { after: u32 },
    /// Every sync takes this many times longer.
    Slow { times: u64 },
}

/// One node's disk.
#[derive(Debug, Default)]
pub struct Disk {
    /// What survives.
    pub durable: MemStore,
    /// What is wrong, if anything.
    pub fault: Option<DiskFault>,
    reads_left: Cell<u32>,
}

/// The disk failed: its node must stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the disk failed: {0}")]
pub struct DiskFailed(pub &'static str);

impl Disk {
    /// Breaks it.
    pub fn fail(&mut self, fault: DiskFault) {
        if let DiskFault::ReadFails { after } = fault {
            self.reads_left.set(after);
        }
        self.fault = Some(fault);
    }

    /// Writes and syncs a batch whose latency has passed.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), DiskFailed> {
        match self.fault {
            Some(DiskFault::Full) if !batch.is_empty() => Err(DiskFailed("no space is left")),
            Some(DiskFault::WriteFails) if !batch.is_empty() => {
                self.fault = None;
                Err(DiskFailed("a write failed"))
            }
            Some(DiskFault::SyncFails { kept }) if !batch.is_empty() => {
                self.fault = None;
                if kept {
                    self.durable.apply(batch);
                }
                Err(DiskFailed("a sync failed"))
            }
            _ => {
                self.durable.apply(batch);
                Ok(())
            }
        }
    }

    /// How long a sync that draws `base` takes.
    pub fn latency(&self, base: Time, batch: &Batch) -> Time {
        if batch.is_empty() {
            return MILLI / 20;
        }
        match self.fault {
            Some(DiskFault::Slow { times }) => base * times,
            _ => base,
        }
    }

    fn readable(&self) -> Result<(), ReadError> {
        if !matches!(self.fault, Some(DiskFault::ReadFails { .. })) {
            return Ok(());
        }
        let left = self.reads_left.get();
        self.reads_left.set(left.saturating_sub(1));
        if left == 0 { Err(ReadError("an input/output error".into())) } else { Ok(()) }
    }
}

impl ReadStore for Disk {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.readable()?;
        self.durable.read(table, key)
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        self.readable()?;
        self.durable.range(table, from, to, limit)
    }

    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.readable()?;
        self.durable.last(table, from, to)
    }
}
