//! The log of a node, with real keys and bytes.

mod changes;
mod cost;
mod keys;
mod letters;
mod lives;
#[path = "../node/mod.rs"]
mod node;
mod own;
mod quotas;
mod sets;
mod world;
