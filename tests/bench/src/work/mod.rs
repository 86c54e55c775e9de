//! What is measured, workload by workload.

pub(crate) mod authority;
pub(crate) mod ceiling;
pub(crate) mod cold;
#[cfg(feature = "disk")]
pub(crate) mod entries;
pub(crate) mod fan;
pub(crate) mod idle;
#[cfg(feature = "disk")]
pub(crate) mod memory;
pub(crate) mod reconnect;
pub(crate) mod resume;
