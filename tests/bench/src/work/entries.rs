//! W9: entries of this node's own, durable when told, beside RocksDB's own synced writes.

use anyhow::Result;
use automerge::{ActorId, AutoCommit};
use node_replication::store::MemStore;

use crate::founding::COMMUNITY;
use crate::network::{Network, document, set, text};
use crate::sample::{Sample, Watch, repeat};
use crate::shelf::{Shelf, folder};

/// Documents that the entries go to, in turn.
const DOCUMENTS: u64 = 64;

/// `count` entries by `callers` clerks at once: as many as wait share one sync.
/// The changes are prepared: Automerge's part is not in it, signing and admission are.
pub(crate) fn measure<S: Shelf>(count: u64, callers: usize, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(COMMUNITY, "left")?;
    let author = network.author(0);
    let mut docs: Vec<_> = (0..DOCUMENTS)
        .map(|number| {
            let id = document(number);
            let doc = AutoCommit::new().with_actor(ActorId::from(author.actor(&id)));
            (id, doc)
        })
        .collect();
    let mut version = 0;
    repeat(runs, || {
        let mut changes = Vec::new();
        for n in 0..count {
            version += 1;
            let (id, doc) = &mut docs[(n % DOCUMENTS) as usize];
            changes.push((id.clone(), set(doc, "note", &text(n, version))));
        }
        network.clear();
        let watch = Watch::start()?;
        network.write_all(0, changes, callers)?;
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
    network.join(COMMUNITY, "left")?;
    network.clear();
    network.fill(0, DOCUMENTS)?;
    let bytes = network.nodes[0].shelf.take_strokes().bytes;
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
