//! The golden vectors of the protocol, read by this crate (section 15).

mod change;
mod session;
mod vectors;
