//! The wire contract: ids, keys, signed records, messages, limits and the codec.
//!
//! **What it is.** Every byte that leaves a node, and the types it becomes. `schema/PROTOCOL.md`
//! says the same in prose, exactly enough to write a second node from it.
//!
//! **What it is not.** It decides nothing: who may do what is `node-authority`, what becomes
//! state is `node-replication`.
//!
//! **What must always hold.** Decoding never panics and never allocates more than the input's
//! own size allows. There is one encoding of each value, and every other one is refused.
//! A [`Signed`] value is admitted only as [`Verified`].
//!
//! **Where to start reading.** [`Header`] (the replicated record), then [`Delegation`], then
//! [`Frame`].
//!
//! **How it is tested.** Property tests beside the code, golden bytes in `schema/golden`, and a
//! checker in Python (`tests/conformance`) that shares no code with this crate.

mod certificate;
mod codec;
mod envelope;
mod id;
pub mod limits;
mod message;
mod sign;

pub use certificate::{
    ClassSet, Delegation, Genesis, GenesisError, Revocation, Statement, VerbSet, Watermark,
};
pub use codec::{DecodeError, Wire};
pub use ed25519_dalek::SigningKey;
pub use envelope::{Envelope, Header, KeyGrant, Payload};
pub use id::{
    Audience, Author, Class, DocumentId, Hash, IdError, NetworkId, NodeKey, Scope, Shard, UnitId,
};
pub use message::{Ack, Frame, Hello, Item, Items, Known, Reason, ScopeOffer};
pub use sign::{Record, SignatureError, Signed, StrictEd25519, Verified, Verifier};
