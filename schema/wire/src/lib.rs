//! The wire contract: ids, keys, signed records, frames, limits and the codec.
//!
//! **What it is.** Every byte that leaves a node, and the types it becomes. `schema/PROTOCOL.md`
//! says the same in prose, exactly enough to write a second node from it.
//!
//! **What it is not.** It decides nothing: who may do what is `node-authority`, what becomes
//! state is `node-replication`.
//!
//! **What must always hold.** Decoding never panics and never allocates more than the input's
//! own size allows. There is one encoding of each value, and every other one is refused. A value
//! within a record is within its limits, whether it was read or made here. A [`Signed`] record
//! is admitted only as [`Verified`].
//!
//! **Where to start reading.** The names (`unit.rs`, `class.rs`, `document.rs`, `scope.rs`), then
//! [`Header`] (the replicated record), then [`Statement`], then [`Frame`]. A record is declared once, by the
//! macro `record!` in `codec.rs`, as the CDDL of the text has it.
//!
//! **How it is tested.** Property tests, golden bytes in `schema/golden`, and a reader in Python
//! (`tests/conformance`) that shares no code with this crate.

mod act;
mod card;
mod class;
pub mod codec;
mod document;
mod envelope;
mod grant;
mod id;
mod item;
mod key;
pub mod limits;
mod lineage;
mod message;
mod name;
mod packing;
mod recent;
mod root;
mod salt;
mod scope;
mod shared;
mod sign;
mod sized;
mod statement;
mod sum;
mod unit;
mod verify;

pub use act::{Adoption, Dissolution, Ending, Mark, Suspension};
pub use card::{Address, Card};
pub use class::{Audience, Band, Class, Content};
pub use codec::{Malformed, Wire};
pub use document::DocumentId;
pub use ed25519_dalek::SigningKey;
pub use envelope::{Envelope, Equivocation, Header, Payload, PayloadKind, Position};
pub use grant::{Classes, Delegation, Founding, Reads, Verbs};
pub use id::{Author, Hash, Incarnation, NetworkId, NodeKey};
pub use item::Item;
pub use key::{
    Acknowledgement, Acknowledgements, Erasure, Erasures, Keys, Receipt, SubjectKey, key_commitment,
};
pub use lineage::{Charter, Rotation};
pub use message::{
    Ack, Again, Aside, AsideLog, Cursor, Digest, Epoch, Frame, Hello, Interests, Items, Levels,
    Membership, Offer, Offers, Reason, Reconcile, Refusal, Rest, Want,
};
pub use name::{event_id, made_name};
pub use packing::{FrameHead, Packer, PackingError, Sender, Unpacker};
pub use recent::Recent;
pub use root::{Commitments, Endorsement, Genesis, Keeps, Name, Roots, Succession};
pub use salt::{Salt, SaltedId};
pub use scope::{Holds, Scope};
pub use shared::{Side, interests_hash, shared_hash};
pub use sign::{Record, SignatureError, Signed, Verified};
pub use sized::{Ascending, Bytes, List, Ms, Text};
pub use statement::{Body, Issued, Statement, VerifiedStatement};
pub use sum::SetVector;
pub use unit::UnitId;
pub use verify::{Claim, Ed25519, Verifier};
