//! Frames packed for a session: each against the end of what was said before it.
//!
//! Most of an item is said again in the next: network, author, document, scope. What was said is
//! the dictionary, so a session keeps a few kilobytes each way and no state of a compressor.

use lz4_flex::block::{compress_with_dict, decompress_into_with_dict};

use crate::limits::{FRAME_BYTES_MAX, PAST_BYTES};

/// Why a frame cannot be packed, or what came is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackingError {
    /// Beyond the limit.
    #[error("a frame of {0} bytes, at most {FRAME_BYTES_MAX} are taken")]
    TooLarge(usize),
    /// Nobody packs what gets longer by it.
    #[error("a frame of {size} bytes was packed into {length}")]
    Swollen { length: usize, size: usize },
    /// No packed bytes, or they unpack to more than was said.
    #[error("a frame does not unpack: {0}")]
    Garbage(String),
    /// Cut off.
    #[error("a frame unpacks to {got} of {size} bytes")]
    Short { got: usize, size: usize },
    /// The two ends do not agree on what was said before.
    #[error("a frame unpacks to other bytes than were packed")]
    Differs,
}

/// What stands before a frame on its way. Its numbers are within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    length: u32,
    size: u32,
}

impl FrameHead {
    /// Its own length.
    pub const BYTES: usize = 8;

    fn new(length: u32, size: u32) -> Result<Self, PackingError> {
        let head = Self { length, size };
        if head.size() > FRAME_BYTES_MAX {
            return Err(PackingError::TooLarge(head.size()));
        }
        if length > size {
            return Err(PackingError::Swollen { length: head.length(), size: head.size() });
        }
        Ok(head)
    }

    /// Reads a head, before anything that follows it.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Result<Self, PackingError> {
        let both = u64::from_be_bytes(bytes);
        Self::new((both >> 32) as u32, both as u32)
    }

    /// Its encoding.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        (u64::from(self.length) << 32 | u64::from(self.size)).to_be_bytes()
    }

    /// Bytes that follow.
    pub fn length(self) -> usize {
        self.length as usize
    }

    /// Bytes of the frame they become. As many: the frame follows as it is.
    pub fn size(self) -> usize {
        self.size as usize
    }
}

/// The end of what was said in one direction.
#[derive(Debug, Default)]
struct Past(Vec<u8>);

impl Past {
    fn keep(&mut self, frame: &[u8]) {
        let frame = &frame[frame.len().saturating_sub(PAST_BYTES)..];
        let room = PAST_BYTES - frame.len();
        self.0.drain(..self.0.len().saturating_sub(room));
        self.0.reserve_exact(frame.len());
        self.0.extend_from_slice(frame);
    }
}

/// Packs what one end of a session says.
#[derive(Debug, Default)]
pub struct Packer(Past);

impl Packer {
    /// The next frame, with the head that goes before it.
    pub fn pack(&mut self, frame: Vec<u8>) -> Result<(FrameHead, Vec<u8>), PackingError> {
        let size = u32::try_from(frame.len()).map_err(|_| PackingError::TooLarge(frame.len()))?;
        let plain = FrameHead::new(size, size)?;
        let block = compress_with_dict(&frame, &self.0.0);
        self.0.keep(&frame);
        let check = check(&frame);
        let length = check.len() + block.len();
        if length >= frame.len() {
            return Ok((plain, frame));
        }
        let head = FrameHead::new(u32::try_from(length).unwrap_or(size), size)?;
        Ok((head, [&check[..], &block].concat()))
    }
}

/// Unpacks what the other end says.
#[derive(Debug, Default)]
pub struct Unpacker(Past);

impl Unpacker {
    /// The next frame. Nothing beyond the size in its head is ever produced. After an error the
    /// session has no next one.
    pub fn unpack(&mut self, head: FrameHead, body: Vec<u8>) -> Result<Vec<u8>, PackingError> {
        let (got, size) = (body.len(), head.size());
        if got != head.length() {
            return Err(PackingError::Short { got, size });
        }
        let frame = if got == size { body } else { self.unpack_block(&body, size)? };
        self.0.keep(&frame);
        Ok(frame)
    }

    fn unpack_block(&self, body: &[u8], size: usize) -> Result<Vec<u8>, PackingError> {
        let Some((said, block)) = body.split_first_chunk() else {
            return Err(PackingError::Short { got: 0, size });
        };
        let mut frame = vec![0; size];
        let got = decompress_into_with_dict(block, &mut frame, &self.0.0)
            .map_err(|error| PackingError::Garbage(error.to_string()))?;
        if got != size {
            return Err(PackingError::Short { got, size });
        }
        if check(&frame) != *said {
            return Err(PackingError::Differs);
        }
        Ok(frame)
    }
}

/// An item must never be judged by bytes that are not the ones that were sent.
fn check(frame: &[u8]) -> [u8; 4] {
    crc32fast::hash(frame).to_be_bytes()
}
