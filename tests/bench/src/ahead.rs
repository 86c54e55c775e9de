//! Threads that read frames and check the signatures of their items before a node takes them, as
//! the shell does in `node/daemon/src/inbound.rs`.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use schema_wire::{Claim, Frame, Item, Malformed, Verifier, Wire as _};

/// As there.
const AHEAD_BYTES_MIN: usize = 1024;
const TOGETHER_BYTES: usize = 128 << 10;
const ITEM_BYTES_MIN: usize = 128;

/// What a frame says, or that it is none.
pub(crate) type Read = Result<Frame, Malformed>;

/// Frames that are checked together, and where each goes then.
struct Job {
    frames: Vec<(Vec<u8>, SyncSender<Read>)>,
    verifier: Arc<dyn Verifier>,
}

impl Job {
    fn run(self, check: bool) {
        let read: Vec<Read> =
            self.frames.iter().map(|(bytes, _)| Frame::from_bytes(bytes)).collect();
        if check {
            check_ahead(&read, &*self.verifier);
        }
        for (frame, (_, done)) in read.into_iter().zip(self.frames) {
            // A link that was cut waits for nothing.
            let _ = done.send(frame);
        }
    }

    fn bytes(&self) -> usize {
        self.frames.iter().map(|(bytes, _)| bytes.len()).sum()
    }
}

/// Asks a verifier that remembers for every signature, all together. All frames here hold.
fn check_ahead(frames: &[Read], verifier: &dyn Verifier) {
    let items: Vec<Item> = frames.iter().flat_map(items).collect();
    let claims: Vec<Claim<'_>> = items.iter().map(Item::claim).collect();
    verifier.all_hold(&claims);
}

fn items(frame: &Read) -> Vec<Item> {
    match frame {
        Ok(Frame::Items(items)) => {
            let large = items.items.iter().filter(|item| item.len() >= ITEM_BYTES_MIN);
            large.filter_map(|item| Item::from_bytes(item).ok()).collect()
        }
        _ => Vec::new(),
    }
}

/// A frame on its way through the checks.
#[derive(Debug)]
pub(crate) enum Checked {
    Unread(Vec<u8>),
    Checking(Receiver<Read>),
    Ready(Box<Read>),
}

impl Checked {
    /// Has it come through? As in the shell, until then the engine does not see it.
    pub(crate) fn is_ready(&mut self) -> bool {
        if let Self::Checking(done) = self
            && let Ok(frame) = done.try_recv()
        {
            *self = Self::Ready(Box::new(frame));
        }
        matches!(self, Self::Ready(_))
    }

    /// What it says; waits until that is checked.
    pub(crate) fn read(self) -> Read {
        match self {
            Self::Unread(bytes) => Frame::from_bytes(&bytes),
            Self::Ready(frame) => *frame,
            Self::Checking(done) => done.recv().expect("a thread ends with the process"),
        }
    }

    /// Sets it out on its way, if it is not on it.
    fn begin(&mut self) -> Option<(Vec<u8>, SyncSender<Read>)> {
        let Self::Unread(bytes) = self else { return None };
        let (done, checked) = sync_channel(1);
        let bytes = std::mem::take(bytes);
        *self = Self::Checking(checked);
        Some((bytes, done))
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
                    let Ok(job) = job else { return };
                    job.run(true);
                }
            });
        }
        Self(jobs)
    }

    /// Begins the checks of what has arrived, as much together as the shell takes together.
    pub(crate) fn check<'a>(
        &self,
        waiting: impl Iterator<Item = &'a mut Checked>,
        verifier: &Arc<dyn Verifier>,
    ) {
        let mut job = Job { frames: Vec::new(), verifier: verifier.clone() };
        for frame in waiting {
            job.frames.extend(frame.begin());
            if job.bytes() >= TOGETHER_BYTES {
                let next = Job { frames: Vec::new(), verifier: verifier.clone() };
                self.hand_over(std::mem::replace(&mut job, next));
            }
        }
        self.hand_over(job);
    }

    fn hand_over(&self, job: Job) {
        if job.bytes() < AHEAD_BYTES_MIN {
            job.run(false);
        } else {
            self.0.send(job).expect("a thread ends with the process");
        }
    }
}
