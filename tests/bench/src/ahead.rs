//! Threads that check the signatures of frames before a node takes them, as the shell does.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use node_replication::check_ahead;
use schema_wire::Verifier;

/// As in `node/daemon/src/net.rs`.
const AHEAD_BYTES_MIN: usize = 1024;

struct Job {
    bytes: Vec<u8>,
    verifier: Arc<dyn Verifier>,
    done: SyncSender<Vec<u8>>,
}

/// A frame on its way through the checks.
#[derive(Debug)]
pub(crate) enum Frame {
    Ready(Vec<u8>),
    Checking(Receiver<Vec<u8>>),
}

impl Frame {
    /// Has it come through? As in the shell, until then the engine does not see it.
    pub(crate) fn is_ready(&mut self) -> bool {
        if let Self::Checking(done) = self
            && let Ok(bytes) = done.try_recv()
        {
            *self = Self::Ready(bytes);
        }
        matches!(self, Self::Ready(_))
    }

    /// Its bytes; waits until they are checked.
    pub(crate) fn bytes(self) -> Vec<u8> {
        match self {
            Self::Ready(bytes) => bytes,
            Self::Checking(done) => done.recv().expect("a thread ends with the process"),
        }
    }
}

/// As many threads as there are cores.
#[derive(Debug, Clone)]
pub(crate) struct Ahead(Sender<Job>);

impl Ahead {
    pub(crate) fn start() -> Self {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads {
            let queue = queue.clone();
            thread::spawn(move || {
                loop {
                    let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(Job { bytes, verifier, done }) = job else { return };
                    check_ahead(&bytes, &*verifier);
                    // A link that was cut waits for nothing.
                    let _ = done.send(bytes);
                }
            });
        }
        Self(jobs)
    }

    pub(crate) fn check(&self, bytes: Vec<u8>, verifier: &Arc<dyn Verifier>) -> Frame {
        if bytes.len() < AHEAD_BYTES_MIN {
            return Frame::Ready(bytes);
        }
        let (done, checked) = sync_channel(1);
        let job = Job { bytes, verifier: verifier.clone(), done };
        self.0.send(job).expect("a thread ends with the process");
        Frame::Checking(checked)
    }
}
