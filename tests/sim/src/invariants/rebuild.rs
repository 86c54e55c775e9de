//! INV-12: a rebuild from the log equals the state kept incrementally.

use std::collections::BTreeSet;

use schema_wire::Hash;

use crate::failure::Broken;
use crate::invariants::census::{Census, Document};

const ID: &str = "INV-12";

/// Counts and fingerprints of scopes, heads of documents.
pub(crate) fn census(node: usize, census: &Census) -> Result<(), Broken> {
    for (scope, held) in &census.scopes {
        let sum = sum(&held.ids);
        if held.items != held.ids.len() as u64 || held.fingerprint != sum {
            let (says, is) = (held.items, held.ids.len());
            let detail = format!("{scope}: says {says} items, holds {is}, or their sum is wrong");
            return Err(Broken::at(ID, node, detail));
        }
        held.documents.iter().try_for_each(|document| heads(node, document))?;
    }
    Ok(())
}

fn heads(node: usize, document: &Document) -> Result<(), Broken> {
    let headers = || document.entries.iter().map(|entry| &entry.header);
    let mut heads: BTreeSet<Hash> = headers().map(|header| header.id()).collect();
    for header in headers() {
        let header = header.value();
        header.dependencies.iter().chain(&header.backlink).for_each(|id| {
            heads.remove(id);
        });
    }
    let heads: Vec<Hash> = heads.into_iter().collect();
    let said = &document.summary;
    if said.heads == heads
        && said.envelopes == document.log.len() as u64
        && said.suspended + document.entries.len() as u64 == said.envelopes
    {
        return Ok(());
    }
    Err(Broken::at(ID, node, format!("{}: says {said:?}, has heads {heads:?}", said.document)))
}

/// The sum of ids as little-endian numbers modulo 2^256.
fn sum(ids: &BTreeSet<Hash>) -> [u8; 32] {
    let mut sum = [0u8; 32];
    for id in ids {
        let mut carry = 0u32;
        for (at, byte) in id.0.iter().enumerate() {
            carry += u32::from(sum[at]) + u32::from(*byte);
            sum[at] = u8::try_from(carry % 256).expect("a remainder");
            carry /= 256;
        }
    }
    sum
}
