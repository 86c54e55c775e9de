//! W9: entries of this node's own, durable when told, beside RocksDB's own synced writes.

use anyhow::Result;
use node_replication::store::MemStore;

use crate::founding::Led;
use crate::network::{Entry, Network, document, text};
use crate::sample::{Sample, Watch, repeat};
use crate::store::{BenchStore, folder};

/// Documents that the entries go to, in turn.
const DOCUMENTS: u64 = 64;

/// `count` entries by `callers` clerks at once: as many as wait share one sync. An entry opens its
/// document, puts a text at a key instead of the one before, is signed and admitted.
pub(crate) fn measure<S: BenchStore>(
    count: u64,
    callers: usize,
    runs: usize,
) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(&Led::community(), "left")?;
    let mut version = 0;
    repeat(runs, || {
        version += 1;
        let entry = |n| {
            let key = format!("b/{}/note", n / DOCUMENTS);
            Entry::new(&document(n % DOCUMENTS), &key, text(n, version))
        };
        let entries: Vec<Entry> = (0..count).map(entry).collect();
        network.clear();
        let watch = Watch::start()?;
        network.enter(0, &entries, callers)?;
        let mut sample = watch.stop()?;
        sample.done = Some(count);
        let mut sample = network.counted(sample);
        (sample.bytes_out, sample.bytes_in, sample.frames) = (None, None, None);
        Ok(sample)
    })
}

/// The bytes of keys and values that gongzhi writes for an entry.
fn entry_bytes() -> Result<usize> {
    let mut network = Network::<MemStore>::found();
    network.join(&Led::community(), "left")?;
    network.clear();
    network.fill(0, DOCUMENTS)?;
    let bytes = network.nodes[0].store.take_counts().bytes;
    Ok((bytes / (2 * DOCUMENTS)) as usize)
}

/// The same number of synced writes of as many bytes, one key for each entry, and nothing else.
pub(crate) fn raw(count: u64, callers: u64, runs: usize) -> Result<Vec<Sample>> {
    let bytes = entry_bytes()?;
    let dir = folder()?;
    let mut options = rocksdb::Options::default();
    options.create_if_missing(true);
    let db = rocksdb::DB::open(&options, dir.path().join("raw"))?;
    let mut synced = rocksdb::WriteOptions::default();
    synced.set_sync(true);
    let mut number = 0u64;
    let value = vec![7u8; bytes];
    repeat(runs, || {
        let watch = Watch::start()?;
        for _ in 0..count / callers {
            let mut batch = rocksdb::WriteBatch::default();
            for _ in 0..callers {
                number += 1;
                batch.put(number.to_be_bytes(), &value);
            }
            db.write_opt(batch, &synced)?;
        }
        let sample = watch.stop()?;
        let ratio = Some(bytes as f64);
        Ok(Sample { done: Some(count), commits: Some(count / callers), ratio, ..sample })
    })
}
