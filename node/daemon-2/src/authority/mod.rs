//! Who may do what: this node grants, withdraws, signs what others signed, and joins a network.
//!
//! Nothing here decides what holds: each command adds signed statements, and says what the set then
//! gives.

mod delegate;
mod endorse;
mod issuer;
mod join;
mod revoke;

pub(crate) use delegate::{delegate, rights, signed_under};
pub(crate) use endorse::{endorse, endorse_grant, endorse_offline, keys, succeed};
pub(crate) use issuer::{Issuer, holders};
pub(crate) use join::{Founding, accept, found};
pub(crate) use revoke::{lift, revoke, suspend};
