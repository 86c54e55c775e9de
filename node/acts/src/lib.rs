//! What the people of a unit do with its keys, as signed statements.
pub mod phrase;
