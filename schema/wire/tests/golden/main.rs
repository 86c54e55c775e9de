//! What this crate alone can judge of `schema/golden/vectors.json`. `tests/vectors` wrote the
//! file, and shares no code with this crate.

mod reader;
mod records;
mod sessions;
