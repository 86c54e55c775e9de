//! `gongzhi`: one node of the federation, and the commands of those who run it.
//!
//! **What it is.** The shell around the crates that decide: the engine's thread, the network, the
//! control socket, and the command line. `handlers.rs` answers every operation of `node-api`.
//!
//! **What it is not.** It decides nothing of the protocol and parses no workbook. No answer is built
//! or read as text here: it is a type of `node-api`, and `render/` alone turns it into words.
//!
//! **What must always hold.** Effects leave after their batch is durable. One thread owns the
//! replica and the store. A start that fails ends with one sentence and an exit code, before
//! anything is listened on. Everything a person reads is in one language.
//!
//! **Where to start reading.** `handlers.rs`, then `engine.rs` and `net.rs`; the command line begins
//! in `cli/`.
//!
//! **How it is tested.** Beside the code where it needs no process; `tests/cluster` runs real ones.

mod addresses;
mod authority;
mod backup;
mod cli;
mod clock;
mod context;
mod control;
mod demo;
mod disk;
mod engine;
mod failpoint;
mod failure;
mod feeds;
mod files;
mod handlers;
mod inbound;
mod journal;
mod keyfile;
mod lang;
mod letters;
mod life;
mod memory;
mod net;
mod parse;
mod quarantine;
mod queries;
mod records;
mod render;
mod report;
mod scrub;
mod showcase;
mod socket;
mod status;
mod traffic;
mod vital;

pub use cli::main;
