//! Frames on a stream, packed. A slow link is waited for as long as bytes move; a silent one is
//! not.

use std::time::{Duration, Instant};

use futures::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use libp2p::Stream;
use schema_wire::{FrameHead, Packer, Unpacker};
use tokio::time::timeout;

use crate::Patience;
use crate::session::Pulse;

/// The slowest link that is waited for: 8 kbit/s.
const BYTES_PER_SECOND_MIN: u64 = 1000;
/// Bytes taken from the stream at a time.
const CHUNK_BYTES: usize = 16 * 1024;

/// Reads frames. An error is the reason to end the session.
#[derive(Debug)]
pub(crate) struct FrameReader<'a> {
    stream: ReadHalf<Stream>,
    patience: Patience,
    pulse: &'a Pulse,
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
    pub(crate) fn new(stream: ReadHalf<Stream>, patience: Patience, pulse: &'a Pulse) -> Self {
        let (chunk, unpacker) = (vec![0; CHUNK_BYTES], Unpacker::default());
        Self { stream, patience, pulse, begun: false, chunk, unpacker }
    }

    /// The next frame. Between frames a peer may be silent for ever, but not before the first.
    pub(crate) async fn next(&mut self) -> Result<Arrived, String> {
        let mut head = [0; FrameHead::BYTES];
        let hello = self.patience.hello;
        let read = self.stream.read_exact(&mut head);
        let read = if self.begun { Ok(read.await) } else { timeout(hello, read).await };
        let read = read.map_err(|_| format!("the peer said no hello for {hello:?}"))?;
        read.map_err(|_| "the peer closed the session".to_owned())?;
        self.begun = true;
        let head = FrameHead::from_bytes(head).map_err(|error| error.to_string())?;
        Ok(Arrived { head, body: self.body(head.length()).await? })
    }

    /// Unpacks what came: each frame, in order. A mebibyte takes a fifth of a millisecond.
    pub(crate) fn unpack(&mut self, arrived: Arrived) -> Result<Vec<u8>, String> {
        let Arrived { head, body } = arrived;
        self.unpacker.unpack(head, body).map_err(|error| error.to_string())
    }

    async fn body(&mut self, length: usize) -> Result<Vec<u8>, String> {
        let stall = self.patience.stall;
        let until =
            Instant::now() + stall + Duration::from_secs(length as u64 / BYTES_PER_SECOND_MIN);
        // Memory follows what arrives, not what was announced.
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let wanted = CHUNK_BYTES.min(length - bytes.len());
            let wait = stall.min(until.saturating_duration_since(Instant::now()));
            let got = timeout(wait, self.stream.read(&mut self.chunk[..wanted])).await;
            let got = got.map_err(|_| stalled(bytes.len(), length))?;
            match got {
                Ok(0) | Err(_) => {
                    let got = bytes.len();
                    return Err(format!("a frame was cut off after {got} of {length} bytes"));
                }
                Ok(got) => bytes.extend_from_slice(&self.chunk[..got]),
            }
            self.pulse.beat();
        }
        Ok(bytes)
    }
}

fn stalled(got: usize, length: usize) -> String {
    format!("the peer sends too slowly: {got} of {length} bytes of a frame came")
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
    pub(crate) async fn write(&mut self, frame: Vec<u8>) -> Result<(), String> {
        let packed = self.packer.pack(frame);
        let (head, body) = packed.map_err(|error| format!("cannot send: {error}"))?;
        // In one piece: each write on a connection of streams has a head of its own.
        self.write_part(&[&head.to_bytes()[..], &body].concat()).await?;
        let flushed = timeout(self.patience.stall, self.stream.flush()).await;
        self.taken(flushed)
    }

    async fn write_part(&mut self, mut rest: &[u8]) -> Result<(), String> {
        while !rest.is_empty() {
            let next = &rest[..rest.len().min(CHUNK_BYTES)];
            let written = timeout(self.patience.stall, self.stream.write(next)).await;
            let written = self.taken(written)?;
            if written == 0 {
                return Err("cannot send: the stream is closed".into());
            }
            rest = &rest[written..];
        }
        Ok(())
    }

    fn taken<T>(
        &self,
        outcome: Result<std::io::Result<T>, tokio::time::error::Elapsed>,
    ) -> Result<T, String> {
        match outcome {
            Err(_) => Err(format!("the peer took nothing for {:?}", self.patience.stall)),
            Ok(Err(error)) => Err(format!("cannot send: {error}")),
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
