//! What lies in a node's data folder besides its database: key, membership, configuration; and
//! the files that people carry between nodes: network, request, grant.
//!
//! **What it is.** Each file's text becomes a valid type at the edge, and goes back: [`KeyFile`],
//! [`Membership`], [`Network`], [`Request`], [`Grant`], and the configuration that [`load_config`] reads. [`Folder`] says
//! where they lie.
//!
//! **What it is not.** It opens no database, asks nobody for a passphrase, and judges no grant:
//! whether a chain of statements gives any right is `node-authority`'s to say.
//!
//! **What must always hold.** No text makes it panic, hang or allocate beyond the text's own size
//! and the fixed cost of one key derivation. Unknown keys are refused. No error shows a secret, and
//! no file but the key's holds one. What a carried file shows to people is what nodes read in it. A
//! key file is its owner's alone and is never written over; a membership is the old or the new
//! one after a power cut.
//!
//! **Where to start reading.** `folder.rs`, then `membership.rs`, `grant.rs`, `request.rs`,
//! `network.rs`, `key_file.rs`, `config.rs`.
//!
//! **How it is tested.** Tests beside the code; every text is fuzzed (`tests/fuzz`).

mod config;
mod error;
mod folder;
mod grant;
mod install;
mod key_file;
mod membership;
mod network;
mod parts;
mod request;
#[cfg(test)]
mod samples;

pub use config::{Flags, config_from_text, load_config};
pub use error::{FolderError, KeyError, TextError};
pub use folder::Folder;
pub use grant::{Follow, Grant};
pub use install::{IfPresent, install, sync_folder};
pub use key_file::{KeyFile, Secrets, create, create_next, random};
pub use membership::Membership;
pub use network::Network;
pub use request::Request;
