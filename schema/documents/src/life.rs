//! Lives: the states that something goes through, and the events that lead from one to another.
//!
//! A kind has a life of the entity itself (a slot's rota), and lives that an event begins (each
//! run of a slot, each finding): the event that goes on with such a life names the one that began
//! it among its causes.

use crate::code::codes;
use crate::field::Spec;
use crate::words::Words;

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Its name.
    pub code: &'static str,
    /// What it is called.
    pub words: Words,
}

impl State {
    /// Declares a state.
    pub const fn new(code: &'static str, words: Words) -> Self {
        Self { code, words }
    }
}

/// What something goes through.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// Where it begins.
    pub begins: Begins,
    /// Its states, the first one first.
    pub states: &'static [State],
    /// Its events.
    pub events: &'static [Happening],
}

/// Where a life begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With the entity, in the first state.
    WithEntity,
    /// With each event that comes from no state.
    WithEvent,
}

/// An event, as its kind declares it.
#[derive(Debug, Clone, Copy)]
pub struct Happening {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// The states from which it leads; none for what begins a life.
    pub from: &'static [State],
    /// The state to which it leads.
    pub to: State,
    /// Who may make it.
    pub who: &'static [Role],
    /// What it says.
    pub body: &'static [Spec],
    /// Events of the same life that the same person must not have made.
    pub apart: &'static [&'static str],
    /// Events of the same life that void this one if neither had seen the other.
    pub yields: &'static [&'static str],
    /// What its author is told where the state does not allow it.
    pub refused: Words,
}

impl Happening {
    /// Does it begin a life?
    pub const fn begins(&self) -> bool {
        self.from.is_empty()
    }

    /// The field of its body with this name.
    pub fn field(&self, name: &str) -> Option<&'static Spec> {
        self.body.iter().find(|spec| spec.name == name)
    }
}

codes! {
    /// What the holder of a post may do (`schema/documents/DOMAIN.md` 3.0).
    pub enum Role {
        CommunitySecretary = "community-secretary": "社区书记" / "community secretary";
        RosterOfficer = "roster-officer": "人口专干" / "roster officer";
        CaseOfficer = "case-officer": "诉求专干" / "case officer";
        VolunteerOfficer = "volunteer-officer": "志愿专干" / "volunteer officer";
        GridChief = "grid-chief": "网格长" / "grid chief";
        BuildingChief = "building-chief": "楼栋长" / "building chief";
        EntranceChief = "entrance-chief": "单元长" / "entrance chief";
        CheckedInMember = "checked-in-member": "报到党员" / "checked-in member";
    }
}
