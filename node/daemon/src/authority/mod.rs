//! Who may do what: units begin, nodes are taken in and out, units below are recognised, and
//! generations pass on.
//!
//! Nothing here decides what holds: each command adds signed statements or changes a choice of this
//! node's own, and says what the set then gives.

mod begin;
mod below;
mod endorse;
mod issuer;
mod join;
mod nodes;
mod pass_on;
mod show;
#[cfg(test)]
mod tests;

pub(crate) use begin::{Root, be_no_member, begin, draft};
pub(crate) use below::{dissolve, lift, recognise, suspend};
pub(crate) use endorse::{endorse, endorse_file};
pub(crate) use issuer::{holders, issuer};
pub(crate) use join::join;
pub(crate) use nodes::{close_overdue, delegate, last_loss, revoke};
pub(crate) use pass_on::{Leaving, NewRoot, accept_lineage, follow, rotate_lineage, succeed_root};
pub(crate) use show::{alarms, keys, lineage, root, signed_under};
