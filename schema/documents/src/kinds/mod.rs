//! The kinds, one file each, and the one list of them.
//!
//! The order of the list is that of the rules' lines (section 10.6), of forms and of references.

use crate::kind::{Declared, Kind};
use crate::sheet::Sheet;
use crate::strata::Stratum;

pub mod account;
pub mod alias;
pub mod body;
pub mod building;
pub mod centre_household;
pub mod chief;
pub mod dwelling;
pub mod estate;
pub mod grid;
pub mod heading;
pub mod household;
pub mod import;
pub mod movement;
pub mod person;
pub mod policy;
pub mod post;
pub mod residence;
pub mod slot;
pub mod volunteer;

/// Every kind.
pub const ALL: &[&Kind] = &[
    listed::<policy::Policy>(),
    listed::<account::Account>(),
    listed::<post::Post>(),
    listed::<body::Body>(),
    listed::<centre_household::CentreHousehold>(),
    listed::<grid::Grid>(),
    listed::<estate::Estate>(),
    listed::<building::Building>(),
    listed::<dwelling::Dwelling>(),
    listed::<person::Person>(),
    listed::<alias::Alias>(),
    listed::<movement::Movement>(),
    listed::<household::Household>(),
    listed::<residence::Residence>(),
    listed::<chief::Chief>(),
    listed::<slot::Slot>(),
    listed::<volunteer::Volunteer>(),
    listed::<heading::Heading>(),
    listed::<import::Import>(),
    listed::<import::Portion>(),
];

/// A kind for the list. One that declares another name or stratum than its type has does not
/// compile.
const fn listed<K: Declared>() -> &'static Kind {
    const {
        assert!(K::KIND.stratum as u8 == <K::Stratum as Stratum>::LEVEL as u8, "another stratum");
        assert!(is_same(K::KIND.name, K::NAME), "another name");
    }
    const { &K::KIND }
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Every sheet, with the kind that it is about.
pub fn sheets() -> impl Iterator<Item = (&'static Kind, &'static Sheet)> {
    ALL.iter().flat_map(|kind| kind.sheets.iter().map(move |sheet| (*kind, sheet)))
}

/// What a declaration is written with.
mod declaring {
    pub(super) use crate::check::Check::*;
    pub(super) use crate::class;
    pub(super) use crate::code::codes;
    pub(super) use crate::field::{
        About, AtTime, Closed, Count, Field, Flag, List, Named, OnDay, OneOf, PersonRef, PlaceRef,
        Text, To, ToMade, fields,
    };
    pub(super) use crate::indicator::{Cell, Entity, Indicator, Knowledge, Measure};
    pub(super) use crate::kind::{Between, Declared, Kind, Naming, Subject};
    pub(super) use crate::life::{Begins, Happening, Life, Role, State};
    pub(super) use crate::shard::Shard;
    pub(super) use crate::sheet::{Column, Sheet};
    pub(super) use crate::strata::{Level, Persons, Posts, Records};
    pub(super) use crate::words::words;
}
