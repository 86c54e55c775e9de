//! Stand-in until the commands of authority are here.
use anyhow::Result;
use node_acts::issuer::Issuer;
use node_api::SignedUnder;
use schema_wire::{Band, Hash, Ms, UnitId};
use crate::context::Context;
pub(crate) fn last_loss(_: &Context<'_>, _: Band) -> Option<Ms> { None }
pub(crate) fn issuer<'a>(_: &'a Context<'_>) -> Result<Issuer<'a>> { anyhow::bail!("none") }
pub(crate) fn holders(_: &Context<'_>, _: &UnitId) -> String { String::new() }
pub(crate) fn signed_under(_: &Context<'_>, delegation: &Hash, _: Ms) -> SignedUnder {
    SignedUnder::Nothing { delegation: delegation.to_string(), problem: String::new() }
}
