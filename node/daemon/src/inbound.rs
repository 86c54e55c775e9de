//! What comes from the network, on its way to the engine: read and checked on other threads, in
//! the order in which it came.
//!
//! What waits is taken together. Its frames are decoded and the signatures of its items checked,
//! on as many threads as there are cores; the engine then finds them checked. Waiting for the
//! engine here is what slows peers down: sessions take turns, and one whose frames are not dealt
//! with is not read from.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

use futures::future::{self, Either};
use futures::stream::{self, StreamExt as _};
use node_replication::replica::{Input, SessionId};
use node_transport::{Room, TransportEvent};
use schema_wire::{Claim, Frame, Item, Malformed, Sender, Verifier, Wire as _};
use tokio::sync::mpsc;

use crate::engine::Engine;
use crate::traffic::Traffic;

/// Fewer bytes hold one or two items: handing them to another thread costs more than it saves.
const AHEAD_BYTES_MIN: usize = 1024;
/// As many bytes hold some hundred items: a check of more signatures together gains nothing.
const TOGETHER_BYTES: usize = 128 << 10;
/// Inputs that go to the engine together.
const TOGETHER_MAX: usize = 256;
/// Fewer bytes are no item: a signature has 64, a key and a network 32 each. Of smaller ones a
/// frame may hold so many that what is read of them takes a hundred times its size.
const ITEM_BYTES_MIN: usize = 128;

/// What the transport tells that the replica must know.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A frame, who sent it, and the room that it takes.
    Frame { session: SessionId, sender: Sender, frame: Result<Vec<u8>, Malformed>, room: Room },
    /// Anything else.
    Other(Input),
}

impl Heard {
    /// The size of a frame.
    fn bytes(&self) -> usize {
        match self {
            Self::Frame { frame: Ok(bytes), .. } => bytes.len(),
            Self::Frame { frame: Err(_), .. } | Self::Other(_) => 0,
        }
    }

    fn read(self, traffic: &Traffic) -> Ready {
        match self {
            Self::Frame { session, sender, frame, room } => {
                let size = frame.as_ref().map_or(0, Vec::len);
                let frame = frame.and_then(|bytes| Frame::from_bytes(&bytes));
                traffic.came(session, size, frame.as_ref().ok());
                Ready { input: Input::Frame { session, frame }, sender, room: Some(room) }
            }
            Self::Other(input) => Ready { input, sender: Sender::Stranger, room: None },
        }
    }
}

/// An input that the engine can take.
struct Ready {
    input: Input,
    sender: Sender,
    room: Option<Room>,
}

impl Ready {
    /// The items of a member's frame. What a stranger sends costs no check of a signature here.
    fn items(&self) -> Vec<Item> {
        match (&self.input, self.sender) {
            (Input::Frame { frame: Ok(Frame::Items(items)), .. }, Sender::Member) => {
                let large = items.items.iter().filter(|item| item.len() >= ITEM_BYTES_MIN);
                large.filter_map(|item| Item::from_bytes(item).ok()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What waits for the engine, and how many bytes its frames have.
#[derive(Default)]
struct Collected {
    heard: Vec<Heard>,
    bytes: usize,
}

impl Collected {
    fn add(&mut self, heard: Option<Heard>) {
        self.bytes += heard.as_ref().map_or(0, Heard::bytes);
        self.heard.extend(heard);
    }
}

/// Hands over what comes, until the transport ends. `hear` says what an event means to the
/// replica, if anything.
pub(crate) async fn run(
    engine: Engine,
    events: mpsc::Receiver<TransportEvent>,
    traffic: Arc<Traffic>,
    hear: impl FnMut(TransportEvent) -> Option<Heard> + Send + 'static,
) {
    let ahead = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let checker = engine.clone();
    let inputs = stream::unfold((events, hear), |(mut events, mut hear)| async move {
        Some((collect(&mut events, &mut hear).await?, (events, hear)))
    });
    let inputs = inputs.map(|all| checked(checker.clone(), traffic.clone(), all)).buffered(ahead);
    let mut inputs = pin!(inputs);
    while let Some(Ok(inputs)) = inputs.next().await {
        let engine = engine.clone();
        let hand_over = move || {
            for Ready { input, room, .. } in inputs {
                engine.input(input, room);
            }
        };
        if tokio::task::spawn_blocking(hand_over).await.is_err() {
            return;
        }
    }
}

/// Waits for an event, and takes those with it that have come already.
async fn collect(
    events: &mut mpsc::Receiver<TransportEvent>,
    hear: &mut impl FnMut(TransportEvent) -> Option<Heard>,
) -> Option<Collected> {
    let mut collected = Collected::default();
    collected.add(hear(events.recv().await?));
    while collected.bytes < TOGETHER_BYTES
        && collected.heard.len() < TOGETHER_MAX
        && let Ok(event) = events.try_recv()
    {
        collected.add(hear(event));
    }
    Some(collected)
}

/// Reads the frames and checks what their items claim, on a thread of its own.
fn checked(
    engine: Engine,
    traffic: Arc<Traffic>,
    collected: Collected,
) -> impl Future<Output = Result<Vec<Ready>, tokio::task::JoinError>> {
    let is_small = collected.bytes < AHEAD_BYTES_MIN;
    let read = move || collected.heard.into_iter().map(|heard| heard.read(&traffic)).collect();
    if is_small {
        return Either::Right(future::ready(Ok(read())));
    }
    Either::Left(tokio::task::spawn_blocking(move || {
        let inputs: Vec<Ready> = read();
        check_ahead(&inputs, engine.verifier());
        inputs
    }))
}

/// Asks a verifier that remembers for every signature of the frames' items, all together. If one
/// does not hold, each frame is asked for by itself, up to its first that does not: what one peer
/// made wrong costs the others little.
fn check_ahead(inputs: &[Ready], verifier: &dyn Verifier) {
    let items: Vec<Vec<Item>> = inputs.iter().map(Ready::items).collect();
    let frames: Vec<Vec<Claim<'_>>> =
        items.iter().map(|items| items.iter().map(Item::claim).collect()).collect();
    if !verifier.all_hold(&frames.concat()) && frames.len() > 1 {
        for frame in &frames {
            verifier.all_hold(frame);
        }
    }
}
