//! The wire contract: ids, keys, signed records, messages, limits and the codec.
//!
//! **What it is.** Every byte that leaves a node, and the types it becomes. `schema/PROTOCOL-2.md`
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
//! **How it is tested.** Property tests beside the code, golden bytes in `schema/golden-2`, and a
//! checker in Python (`tests/conformance-2`) that shares no code with this crate.

mod codec;
mod counsel;
mod delegation;
mod envelope;
mod genesis;
mod id;
pub mod limits;
mod message;
mod packing;
mod recent;
mod revocation;
mod sign;
mod statement;
mod verify;

pub use codec::{DecodeError, Wire};
pub use counsel::{Adoption, Endorsement, Suspension};
pub use delegation::{ClassSet, Delegation, VerbSet};
pub use ed25519_dalek::SigningKey;
pub use envelope::{Envelope, Equivocation, Header, KeyGrant, Payload};
pub use genesis::{Genesis, GenesisError, Succession};
pub use id::{
    Audience, Author, Class, DocumentId, Hash, IdError, NetworkId, NodeKey, Scope, Shard, UnitId,
};
pub use message::{Ack, Frame, Hello, Item, Items, Known, Reason, ScopeOffer};
pub use packing::{FrameHead, Packer, PackingError, Unpacker};
pub use recent::Recent;
pub use revocation::{Revocation, Watermark};
pub use sign::{Record, SignatureError, Signed, Verified};
pub use statement::{Issuer, Statement, VerifiedStatement};
pub use verify::{Claim, Ed25519, Verifier};
