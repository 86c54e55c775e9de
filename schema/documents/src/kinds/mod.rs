//! The kinds, one file each, and the one list of them.
//!
//! The order of the list is that of the rules' lines (section 10.6), of forms and of references.

use crate::kind::{Declared, Kind};
use crate::sheet::Sheet;

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
    &policy::Policy::KIND,
    &account::Account::KIND,
    &post::Post::KIND,
    &body::Body::KIND,
    &centre_household::CentreHousehold::KIND,
    &grid::Grid::KIND,
    &estate::Estate::KIND,
    &building::Building::KIND,
    &dwelling::Dwelling::KIND,
    &person::Person::KIND,
    &alias::Alias::KIND,
    &movement::Movement::KIND,
    &household::Household::KIND,
    &residence::Residence::KIND,
    &chief::Chief::KIND,
    &slot::Slot::KIND,
    &volunteer::Volunteer::KIND,
    &heading::Heading::KIND,
    &import::Import::KIND,
    &import::Portion::KIND,
];

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
