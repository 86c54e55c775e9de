//! The golden vectors of the protocol, read by this crate (section 15).

mod admit;
mod change;
mod counts;
#[path = "../node/mod.rs"]
mod node;
mod scene;
mod session;
mod vectors;
