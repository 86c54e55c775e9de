//! A naive judge of `schema/PROTOCOL.md`, version 3, on statements as values.

pub mod case;
