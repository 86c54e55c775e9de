//! Other systems, at the same work.

pub(crate) mod negentropy;
pub(crate) mod pouchdb;
#[cfg(feature = "peers")]
pub(crate) mod samod;
#[cfg(feature = "peers")]
pub(crate) mod subduction;
