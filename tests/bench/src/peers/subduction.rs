//! subduction_core: signed commits, one request and response for each tree it holds.
//!
//! It signs and verifies; its storage is in memory and syncs nothing.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use future_form::Sendable;
use futures::FutureExt;
use futures::future::BoxFuture;
use sedimentree_core::blob::Blob;
use sedimentree_core::id::SedimentreeId;
use sedimentree_core::loose_commit::id::CommitId;
use subduction_core::authenticated::{Authenticated, Direction};
use subduction_core::connection::test_utils::{ChannelClosed, ChannelTransport, TokioTimeout};
use subduction_core::peer::id::PeerId;
use subduction_core::test_utils::{TestNode, spawn_node};
use subduction_core::timeout::call::CallTimeout;
use subduction_core::transport::Transport;
use subduction_core::transport::message::MessageTransport;

use crate::founding::named;
use crate::network::text;
use crate::sample::{Sample, Watch};

/// What passed over a link.
#[derive(Debug, Default)]
struct Passed {
    bytes: AtomicU64,
    messages: AtomicU64,
}

/// The crate's own channel, with a count of what is sent.
#[derive(Debug, Clone)]
struct Counted {
    inner: ChannelTransport,
    passed: Arc<Passed>,
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Transport<Sendable> for Counted {
    type SendError = ChannelClosed;
    type RecvError = ChannelClosed;
    type DisconnectionError = Infallible;

    fn send_bytes(&self, bytes: &[u8]) -> BoxFuture<'_, Result<(), ChannelClosed>> {
        self.passed.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.passed.messages.fetch_add(1, Ordering::Relaxed);
        self.inner.send_bytes(bytes)
    }
    fn recv_bytes(&self) -> BoxFuture<'_, Result<Vec<u8>, ChannelClosed>> {
        self.inner.recv_bytes()
    }
    fn disconnect(&self) -> BoxFuture<'_, Result<(), Infallible>> {
        self.inner.disconnect().boxed()
    }
}

type Conn = MessageTransport<Counted>;
type Node = TestNode<Conn, TokioTimeout>;

struct Pair {
    left: (Node, PeerId),
    right: (Node, PeerId),
    out: Arc<Passed>,
    back: Arc<Passed>,
}

impl Pair {
    /// Two nodes that do not know each other.
    fn spawn() -> Self {
        let (left, right) = (spawn_node(1, TokioTimeout), spawn_node(2, TokioTimeout));
        Self { left, right, out: Arc::default(), back: Arc::default() }
    }

    async fn dial(&self) -> Result<()> {
        let (one, other) = ChannelTransport::pair();
        let ends = [
            (&self.left.0, one, &self.out, self.right.1, Direction::Dialed),
            (&self.right.0, other, &self.back, self.left.1, Direction::Accepted),
        ];
        for (node, inner, passed, peer, direction) in ends {
            let transport = Counted { inner, passed: passed.clone() };
            let conn = MessageTransport::new(transport);
            node.add_connection(Authenticated::new_for_test(conn, peer, direction)).await?;
        }
        Ok(())
    }

    async fn sync(&self) -> Result<usize> {
        let (ok, stats, calls, errors) =
            self.left.0.full_sync_with_peer(&self.right.1, true, CallTimeout::Uncapped).await;
        anyhow::ensure!(ok && calls.is_empty() && errors.is_empty(), "subduction did not sync");
        Ok(stats.commits_sent)
    }

    async fn part(&self) -> Result<()> {
        self.left.0.disconnect_all().await?;
        self.right.0.disconnect_all().await?;
        Ok(())
    }

    fn counted(&self, sample: Sample) -> Sample {
        let out = self.out.messages.swap(0, Ordering::Relaxed);
        let back = self.back.messages.swap(0, Ordering::Relaxed);
        Sample {
            bytes_out: Some(self.out.bytes.swap(0, Ordering::Relaxed)),
            bytes_in: Some(self.back.bytes.swap(0, Ordering::Relaxed)),
            frames: Some(out + back),
            ..sample
        }
    }

    /// Does the other side hold a commit of a tree?
    async fn arrived(&self, tree: u64, commits: usize) -> bool {
        let blobs = self.right.0.get_blobs(tree_id(tree)).await;
        blobs.ok().flatten().is_some_and(|blobs| blobs.len() >= commits)
    }
}

fn tree_id(number: u64) -> SedimentreeId {
    SedimentreeId::new(named(&format!("tree {number}")).0)
}

/// Ids on the lowest level, so that no commit asks for a fragment.
fn commit_id(number: u64, version: u64) -> CommitId {
    let mut bytes = named(&format!("commit {number}/{version}")).0;
    bytes[0] |= 1;
    CommitId::new(bytes)
}

async fn fill(node: &Node, documents: u64) -> Result<()> {
    for number in 0..documents {
        let blob = |version| Blob::new(text(number, version).into_bytes());
        let (one, two) = (commit_id(number, 0), commit_id(number, 1));
        let commits = vec![(one, BTreeSet::new(), blob(0)), (two, BTreeSet::from([one]), blob(1))];
        node.store_commits_batch(tree_id(number), commits).await?;
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// W1. Done when the last changed commit is held by the other side.
pub(crate) fn reconnect(documents: u64, changes: u64, runs: usize) -> Result<Vec<Sample>> {
    runtime()?.block_on(async {
        let pair = Pair::spawn();
        fill(&pair.left.0, documents).await?;
        pair.dial().await?;
        pair.sync().await?;
        let mut samples = Vec::new();
        for run in 0..=runs {
            pair.part().await?;
            let version = 2 + run as u64;
            for n in 0..changes {
                let number = n * documents / changes;
                let blob = Blob::new(text(number, version).into_bytes());
                let parents = BTreeSet::from([commit_id(number, version - 1)]);
                let commit = (commit_id(number, version), parents, blob);
                pair.left.0.store_commits_batch(tree_id(number), vec![commit]).await?;
            }
            pair.counted(Sample::default());
            let watch = Watch::start()?;
            pair.dial().await?;
            pair.sync().await?;
            for n in 0..changes {
                while !pair.arrived(n * documents / changes, 3 + run).await {
                    tokio::task::yield_now().await;
                }
            }
            samples.push(pair.counted(watch.stop()?));
        }
        Ok(samples.split_off(1))
    })
}

/// W2. A fresh pair in every run: an old one remembers.
pub(crate) fn cold(documents: u64, runs: usize) -> Result<Vec<Sample>> {
    crate::sample::repeat(runs, || {
        runtime()?.block_on(async {
            let pair = Pair::spawn();
            fill(&pair.left.0, documents).await?;
            let watch = Watch::start()?;
            pair.dial().await?;
            pair.sync().await?;
            for number in 0..documents {
                while !pair.arrived(number, 2).await {
                    tokio::task::yield_now().await;
                }
            }
            let sample = pair.counted(watch.stop()?);
            pair.part().await?;
            Ok(Sample { done: Some(documents * 2), ..sample })
        })
    })
}
