//! Frames on a stream, packed. A slow link is waited for as long as bytes move; a silent one is
//! not.

use std::time::{Duration, Instant};

use futures::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use libp2p::Stream;
use schema_wire::{FrameHead, Malformed, Packer, PackingError, Sender, Unpacker};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::Patience;
use crate::ending::SessionEnd;
use crate::session::Pulse;

/// The slowest link that is waited for: 8 kbit/s.
const BYTES_PER_SECOND_MIN: u64 = 1000;
/// Bytes taken from the stream at a time.
const CHUNK_BYTES: usize = 16 * 1024;

/// Why no frame came.
#[derive(Debug)]
pub(crate) enum Broken {
    /// What came is none. The peer may be told so; nothing more can be read from it.
    Malformed(Malformed),
    /// What had to come did not. The peer may be told so.
    TimedOut(SessionEnd),
    Ended(SessionEnd),
}

impl From<PackingError> for Broken {
    fn from(error: PackingError) -> Self {
        Self::Malformed(Malformed::value(error.to_string()))
    }
}

impl From<SessionEnd> for Broken {
    fn from(end: SessionEnd) -> Self {
        Self::Ended(end)
    }
}

/// How far the peer is known as a member.
#[derive(Debug)]
pub(crate) struct Acceptance {
    pub(crate) sender: watch::Receiver<Sender>,
    /// How many frames of the peer the node has not dealt with.
    pub(crate) undealt: watch::Receiver<usize>,
}

impl Acceptance {
    fn sender(&self) -> Sender {
        *self.sender.borrow()
    }

    /// Waits until the node accepts the peer, or has dealt with all that the peer said. Returns
    /// whether it did accept it.
    async fn is_member(&mut self) -> bool {
        tokio::select! {
            _ = self.sender.wait_for(|sender| *sender == Sender::Member) => {}
            _ = self.undealt.wait_for(|count| *count == 0) => {}
        }
        self.sender() == Sender::Member
    }
}

/// Reads frames.
#[derive(Debug)]
pub(crate) struct FrameReader<'a> {
    stream: ReadHalf<Stream>,
    patience: Patience,
    pulse: &'a Pulse,
    acceptance: Acceptance,
    /// Has the peer said anything yet?
    begun: bool,
    chunk: Vec<u8>,
    unpacker: Unpacker,
}

/// A frame that has come, still packed: it takes no more room than was sent.
#[derive(Debug)]
pub(crate) struct Arrived {
    head: FrameHead,
    body: Vec<u8>,
}

impl Arrived {
    /// What it unpacks to.
    pub(crate) fn size(&self) -> usize {
        self.head.size()
    }
}

impl<'a> FrameReader<'a> {
    pub(crate) fn new(
        stream: ReadHalf<Stream>,
        patience: Patience,
        pulse: &'a Pulse,
        acceptance: Acceptance,
    ) -> Self {
        let (chunk, unpacker) = (vec![0; CHUNK_BYTES], Unpacker::default());
        Self { stream, patience, pulse, acceptance, begun: false, chunk, unpacker }
    }

    /// The next frame. Between frames a peer may be silent for ever, but not before the first.
    pub(crate) async fn next(&mut self) -> Result<Arrived, Broken> {
        let mut head = [0; FrameHead::BYTES];
        let Patience { hello, stall, .. } = self.patience;
        let read = if self.begun {
            // A frame begins with its first byte.
            let (first, rest) = head.split_at_mut(1);
            let first = self.stream.read_exact(first).await;
            first.map_err(|_| SessionEnd::ByPeer)?;
            let rest = timeout(stall, self.stream.read_exact(rest)).await;
            rest.map_err(|_| SessionEnd::Headless(stall))
        } else {
            let all = timeout(hello, self.stream.read_exact(&mut head)).await;
            all.map_err(|_| SessionEnd::NoHello(hello))
        };
        read.map_err(Broken::TimedOut)?.map_err(|_| SessionEnd::ByPeer)?;
        self.begun = true;
        let head = self.head(head).await?;
        Ok(Arrived { head, body: self.body(head.length()).await? })
    }

    /// A large frame is taken from members alone. It may have come behind the membership that
    /// this node is still about to judge: that is waited for, before anything more is read.
    async fn head(&mut self, head: [u8; FrameHead::BYTES]) -> Result<FrameHead, PackingError> {
        let of_stranger = FrameHead::from_bytes(head, Sender::Stranger);
        let of_member = FrameHead::from_bytes(head, Sender::Member)?;
        if of_stranger.is_err() {
            let accepted = timeout(self.patience.hello, self.acceptance.is_member()).await;
            if !accepted.unwrap_or(false) {
                return of_stranger;
            }
        }
        Ok(of_member)
    }

    /// Who sent what was read last, as far as that is known.
    pub(crate) fn sender(&self) -> Sender {
        self.acceptance.sender()
    }

    /// Unpacks what came: each frame, in order. A mebibyte takes a fifth of a millisecond.
    pub(crate) fn unpack(&mut self, arrived: Arrived) -> Result<Vec<u8>, Malformed> {
        let Arrived { head, body } = arrived;
        let unpacked = self.unpacker.unpack(head, body);
        unpacked.map_err(|error| Malformed::value(error.to_string()))
    }

    async fn body(&mut self, length: usize) -> Result<Vec<u8>, Broken> {
        let stall = self.patience.stall;
        let until =
            Instant::now() + stall + Duration::from_secs(length as u64 / BYTES_PER_SECOND_MIN);
        // Memory follows what arrives, not what was announced.
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let wanted = CHUNK_BYTES.min(length - bytes.len());
            let wait = stall.min(until.saturating_duration_since(Instant::now()));
            let got = timeout(wait, self.stream.read(&mut self.chunk[..wanted])).await;
            let stalled = || Broken::TimedOut(SessionEnd::Stalled { got: bytes.len(), length });
            match got.map_err(|_| stalled())? {
                Ok(0) | Err(_) => {
                    return Err(SessionEnd::CutOff { got: bytes.len(), length }.into());
                }
                Ok(got) => bytes.extend_from_slice(&self.chunk[..got]),
            }
            self.pulse.beat();
        }
        Ok(bytes)
    }
}

/// Writes frames. An error is the reason to end the session.
#[derive(Debug)]
pub(crate) struct FrameWriter<'a> {
    stream: WriteHalf<Stream>,
    patience: Patience,
    pulse: &'a Pulse,
    packer: Packer,
}

impl<'a> FrameWriter<'a> {
    pub(crate) fn new(stream: WriteHalf<Stream>, patience: Patience, pulse: &'a Pulse) -> Self {
        Self { stream, patience, pulse, packer: Packer::default() }
    }

    /// Packs a frame and writes it. To pack a mebibyte takes a millisecond.
    pub(crate) async fn write(&mut self, frame: Vec<u8>) -> Result<(), SessionEnd> {
        let packed = self.packer.pack(frame);
        let (head, body) = packed.map_err(|error| SessionEnd::CannotSend(error.to_string()))?;
        // In one piece: each write on a connection of streams has a head of its own.
        self.write_part(&[&head.to_bytes()[..], &body].concat()).await?;
        let flushed = timeout(self.patience.stall, self.stream.flush()).await;
        self.taken(flushed)
    }

    async fn write_part(&mut self, mut rest: &[u8]) -> Result<(), SessionEnd> {
        while !rest.is_empty() {
            let next = &rest[..rest.len().min(CHUNK_BYTES)];
            let written = timeout(self.patience.stall, self.stream.write(next)).await;
            let written = self.taken(written)?;
            if written == 0 {
                return Err(SessionEnd::CannotSend("the stream is closed".into()));
            }
            rest = &rest[written..];
        }
        Ok(())
    }

    fn taken<T>(
        &self,
        outcome: Result<std::io::Result<T>, tokio::time::error::Elapsed>,
    ) -> Result<T, SessionEnd> {
        match outcome {
            Err(_) => Err(SessionEnd::TookNothing(self.patience.stall)),
            Ok(Err(error)) => Err(SessionEnd::CannotSend(error.to_string())),
            Ok(Ok(value)) => {
                self.pulse.beat();
                Ok(value)
            }
        }
    }

    pub(crate) async fn close(&mut self) {
        let _ = timeout(self.patience.stall, self.stream.close()).await;
    }
}
