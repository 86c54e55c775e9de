//! The tables of a node on disk: RocksDB, one database per node, one column family per table.
//!
//! **What it is.** [`Store`] keeps the byte tables of `node-replication`: it answers
//! [`ReadStore`](node_replication::store::ReadStore), makes batches durable, seals what concerns
//! persons, takes backups and erases. [`Snapshot`] is what it held at one moment. [`Committer`] makes many batches durable with one sync.
//! [`Store::past`] says whether it holds everything that it ever acknowledged; [`scrub`] reads all
//! of it.
//!
//! **What it is not.** It knows no envelope, document or peer, only bytes. Sealing keeps a stolen
//! disk silent; it does not stop someone who can write to the disk from putting an older state
//! back, and it does not hide keys, sizes or the number of entries. It mends nothing: what a disk
//! spoilt is told, and comes back from a backup or from other nodes. Checksums tell of accidents,
//! not of someone who recomputes them.
//!
//! **What must always hold.**
//! - A batch is there as a whole or not at all, and once reported committed it stays (INV-03).
//! - After a crash a prefix of the committed batches is there, without holes.
//! - A damaged, partial or other store is not opened and not changed. Only [`Store::create`]
//!   creates one, where nothing is.
//! - A past is certain only if a witness in memory saw the last write; an uncertainty stays until
//!   [`Store::begin_life`], over any number of starts.
//! - After one failed write or sync nothing is accepted any more: the process must stop, and the
//!   recovery of the next start is the only repair.
//! - One process at a time has the folder, and only with the key it was created with.
//! - No value of a sealed table reaches the disk in the clear, the write-ahead log included.
//!
//! **Where to start reading.** `store.rs` and `read.rs`, then `open.rs` (what is checked before anything is
//! read), `past.rs` (was it set back?), `log.rs` (a torn end or damage?), `committer.rs`,
//! `seal.rs`, `scrub.rs`.
//!
//! **How it is tested.** `tests/contract.rs` runs one random script against this store and
//! against `MemStore` and demands equal answers. `tests/crash.rs` kills a writing process at
//! random moments and fills its disk. `tests/damage.rs` flips bits in every kind of file, cuts
//! them, takes them away and lays old ones over. `tests/folder.rs` covers keys, locks, sealing,
//! erasure and backup, `tests/committer.rs` the queue. A kill leaves the system's page cache
//! intact, so none of these is a power cut: those are in `tests/cluster`.

mod committer;
mod failure;
mod log;
mod open;
mod past;
mod read;
mod scrub;
mod seal;
mod store;

pub use committer::{BatchId, Committer, Outcome, SubmitError};
pub use failure::{BackupError, CommitError, PurgeError, SystemError};
pub use log::Damage;
pub use open::{FORMAT, OpenError, Settings};
pub use past::{MEMORY, Past, StoreId, Uncertainty};
pub use read::Snapshot;
pub use scrub::{Scrubbed, ScrubbedTable, scrub};
pub use seal::StoreKey;
pub use store::Store;
