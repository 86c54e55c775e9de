//! What must hold (PROTOCOL.md, section 14): asked at every batch and frame, and at the end.
//!
//! ```text
//!   census.rs     every batch: INV-02, INV-04, INV-07, INV-09, INV-13
//!   sent.rs       every frame: INV-09
//!   durable.rs    every frame: INV-05
//!   stranger.rs   every frame of a stranger: that it changes nothing (section 9.3)
//!   counts.rs     at the end: INV-01, INV-08, INV-11
//!   recovery.rs   at the end: INV-14
//!   rebuild.rs    at the end: INV-12, and with it INV-06
//!   agreement.rs  at the end: INV-06, INV-08 and INV-11 between nodes, liveness
//!   writable.rs   at the end: liveness, of each clerk in each document
//!   end.rs        at the end: INV-03, INV-13
//! ```

mod agreement;
mod census;
mod counts;
mod durable;
mod end;
mod rebuild;
mod recovery;
mod sent;
mod stranger;
mod writable;

pub use census::Census;

use schema_wire::{Band, Scope, UnitId};

/// Every scope that units may have.
pub(crate) fn all_scopes(units: &[UnitId]) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for unit in units {
        scopes.extend([Scope::public(unit.clone()), Scope::path(unit.clone())]);
        scopes.push(Scope::statements(unit.clone()));
        scopes.extend(Band::ALL.map(|band| Scope::band(unit.clone(), band)));
        for other in units.iter().filter(|other| *other > unit) {
            scopes.extend(Scope::pair(unit, other));
        }
    }
    scopes
}
