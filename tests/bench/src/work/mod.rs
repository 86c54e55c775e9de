//! What is measured, workload by workload.

pub(crate) mod authority;
pub(crate) mod ceiling;
pub(crate) mod cold;
pub(crate) mod district;
#[cfg(feature = "disk")]
pub(crate) mod entries;
pub(crate) mod fan;
pub(crate) mod hello;
#[cfg(feature = "disk")]
pub(crate) mod homecoming;
pub(crate) mod idle;
#[cfg(feature = "disk")]
pub(crate) mod import;
#[cfg(feature = "disk")]
pub(crate) mod memory;
pub(crate) mod reconnect;
pub(crate) mod resume;
#[cfg(feature = "disk")]
pub(crate) mod tiers;
