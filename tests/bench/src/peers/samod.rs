//! samod: a repository of Automerge documents, each synced by Automerge's own protocol.
//!
//! It neither signs nor verifies; its storage is in memory and syncs nothing. When it is done
//! cannot be heard from it: it is judged by what the other side holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use samod::storage::{Storage, StorageKey};
use samod::transport::channel::ChannelDialer;
use samod::{BackoffConfig, DialerHandle, DocHandle, DocumentId, Repo, RepoEvent, RepoObserver};

use crate::network::text;
use crate::sample::{Sample, Watch};

/// Keys in order, in memory.
#[derive(Debug, Clone, Default)]
struct BenchStore(Arc<Mutex<BTreeMap<Vec<String>, Vec<u8>>>>);

impl BenchStore {
    fn with<R>(&self, act: impl FnOnce(&mut BTreeMap<Vec<String>, Vec<u8>>) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many documents have something here.
    fn documents(&self) -> u64 {
        self.with(|all| {
            let mut names: Vec<&String> =
                all.keys().filter(|key| key.len() > 1).filter_map(|key| key.first()).collect();
            names.dedup();
            names.len() as u64
        })
    }
}

fn parts(key: &StorageKey) -> Vec<String> {
    key.into_iter().map(ToString::to_string).collect()
}

impl Storage for BenchStore {
    async fn load(&self, key: StorageKey) -> Option<Vec<u8>> {
        self.with(|all| all.get(&parts(&key)).cloned())
    }
    async fn load_range(&self, prefix: StorageKey) -> HashMap<StorageKey, Vec<u8>> {
        let prefix = parts(&prefix);
        let found: Vec<_> = self.with(|all| {
            let from = all.range(prefix.clone()..);
            from.take_while(|(key, _)| key.starts_with(&prefix))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        });
        let key = |parts: Vec<String>| StorageKey::from_parts(parts).ok();
        found.into_iter().filter_map(|(parts, value)| Some((key(parts)?, value))).collect()
    }
    async fn put(&self, key: StorageKey, data: Vec<u8>) {
        self.with(|all| all.insert(parts(&key), data));
    }
    async fn delete(&self, key: StorageKey) {
        self.with(|all| all.remove(&parts(&key)));
    }
}

/// Counts the sync messages of one side.
#[derive(Debug, Clone, Default)]
struct Counter(Arc<[AtomicU64; 2]>);

impl RepoObserver for Counter {
    fn observe(&self, event: &RepoEvent) {
        if let RepoEvent::SyncMessageGenerated { bytes, .. } = event {
            self.0[0].fetch_add(*bytes as u64, Ordering::Relaxed);
            self.0[1].fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Counter {
    fn take(&self) -> [u64; 2] {
        [0, 1].map(|n| self.0[n].swap(0, Ordering::Relaxed))
    }
}

struct Pair {
    left: Repo,
    right: Repo,
    store: BenchStore,
    counters: [Counter; 2],
}

impl Pair {
    async fn spawn() -> Self {
        let counters = [Counter::default(), Counter::default()];
        let store = BenchStore::default();
        let handle = tokio::runtime::Handle::current();
        let left = Repo::builder(handle.clone()).with_storage(BenchStore::default());
        let right = Repo::builder(handle).with_storage(store.clone());
        let left = left.with_observer(counters[0].clone()).load().await;
        let right = right.with_observer(counters[1].clone()).load().await;
        Self { left, right, store, counters }
    }

    async fn dial(&self) -> Result<Link> {
        let acceptor = self.right.make_acceptor("channel://right".parse()?).map_err(stopped)?;
        let dialer = Arc::new(ChannelDialer::new(acceptor));
        let link = self.left.dial(BackoffConfig::default(), dialer).map_err(stopped)?;
        link.established().await.map_err(|error| anyhow!("{error}"))?;
        Ok(link)
    }

    fn counted(&self, sample: Sample) -> Sample {
        let [out, back] = [self.counters[0].take(), self.counters[1].take()];
        Sample {
            bytes_out: Some(out[0]),
            bytes_in: Some(back[0]),
            frames: Some(out[1] + back[1]),
            ..sample
        }
    }
}

type Link = DialerHandle<std::convert::Infallible>;

fn stopped(_: samod::Stopped) -> anyhow::Error {
    anyhow!("samod stopped")
}

async fn fill(repo: &Repo, documents: u64) -> Result<Vec<DocHandle>> {
    let mut handles = Vec::new();
    for number in 0..documents {
        let mut doc = Automerge::new();
        edit(&mut doc, number, 0);
        let handle = repo.create(doc).await.map_err(stopped)?;
        handle.with_document(|doc| edit(doc, number, 1));
        handles.push(handle);
    }
    Ok(handles)
}

fn edit(doc: &mut Automerge, number: u64, version: u64) {
    let mut transaction = doc.transaction();
    transaction.put(ROOT, "note", text(number, version)).expect("the root is a map");
    transaction.commit();
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// The other side's handle on a document it holds.
async fn found(repo: &Repo, id: &DocumentId) -> Result<DocHandle> {
    repo.find(id.clone()).await.map_err(stopped)?.context("the document did not arrive")
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

async fn converged(pairs: &[(DocHandle, DocHandle)]) {
    for (ours, theirs) in pairs {
        let heads = |handle: &DocHandle| handle.with_document(|doc| doc.get_heads());
        while heads(ours) != heads(theirs) {
            pause().await;
        }
    }
}

/// W1. Done when the other side has the heads of every changed document. With none changed
/// there is nothing to wait for but its sweep over all documents, so that is not measured.
pub(crate) fn reconnect(documents: u64, changes: u64, runs: usize) -> Result<Vec<Sample>> {
    runtime()?.block_on(async {
        let pair = Pair::spawn().await;
        let handles = fill(&pair.left, documents).await?;
        let mut link = pair.dial().await?;
        while pair.store.documents() < documents {
            pause().await;
        }
        let mut watched = Vec::new();
        for n in 0..changes {
            let ours = &handles[(n * documents / changes) as usize];
            watched.push((ours.clone(), found(&pair.right, ours.document_id()).await?));
        }
        converged(&watched).await;
        let mut samples = Vec::new();
        for run in 0..=runs {
            link.close();
            tokio::time::sleep(Duration::from_millis(500)).await;
            for (n, (ours, _)) in watched.iter().enumerate() {
                ours.with_document(|doc| edit(doc, n as u64, 2 + run as u64));
            }
            pair.counted(Sample::default());
            let watch = Watch::start()?;
            link = pair.dial().await?;
            converged(&watched).await;
            samples.push(pair.counted(watch.stop()?));
            // The rest of its sweep must not run into the next run.
            tokio::time::sleep(Duration::from_millis(2 * documents)).await;
        }
        Ok(samples.split_off(1))
    })
}

/// W2. Done when the other side's storage has something of every document.
pub(crate) fn cold(documents: u64, runs: usize) -> Result<Vec<Sample>> {
    crate::sample::repeat(runs, || {
        runtime()?.block_on(async {
            let pair = Pair::spawn().await;
            let _handles = fill(&pair.left, documents).await?;
            pair.counted(Sample::default());
            let watch = Watch::start()?;
            let link = pair.dial().await?;
            while pair.store.documents() < documents {
                pause().await;
            }
            let sample = pair.counted(watch.stop()?);
            link.close();
            Ok(Sample { done: Some(documents * 2), ..sample })
        })
    })
}
