//! What a community keeps, and the rows that say it.

use jiff::civil::{Date, date};
use schema_documents::Row;
use schema_documents::kinds::body::{self, BodyLevel, BodyState};
use schema_documents::kinds::chief::{self, ChiefRole};
use schema_documents::kinds::person::{self, Sex};
use schema_documents::kinds::volunteer::{self, VolunteerState};
use schema_documents::kinds::{building, dwelling, residence};

/// What a member of the Party is called on the roster.
pub(crate) const MEMBER: &str = "中共党员";
const FOUNDED: Date = date(2020, 7, 1);
const POSTS_FROM: Date = date(2023, 1, 1);

/// Where somebody lives.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) estate: String,
    pub(crate) building: String,
    pub(crate) entrance: String,
    pub(crate) room: String,
}

pub(crate) struct Resident {
    pub(crate) home: Home,
    pub(crate) household: String,
    pub(crate) name: String,
    /// To the head of the household.
    pub(crate) relation: &'static str,
    pub(crate) sex: Sex,
    pub(crate) birth: Date,
    pub(crate) number: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) politics: Option<&'static str>,
}

pub(crate) struct Building {
    pub(crate) grid: String,
    pub(crate) estate: String,
    pub(crate) number: String,
    /// Households behind each entrance.
    pub(crate) entrances: Vec<u64>,
}

pub(crate) struct Body {
    pub(crate) level: BodyLevel,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) above: String,
}

/// A post of the five chiefs; vacant where nobody holds it.
pub(crate) struct Post<'a> {
    pub(crate) role: ChiefRole,
    pub(crate) area: String,
    pub(crate) holder: Option<&'a Resident>,
}

impl Resident {
    pub(crate) fn is_member(&self) -> bool {
        self.politics == Some(MEMBER)
    }

    pub(crate) fn row(&self) -> Row {
        Row::new(&person::SHEET)
            .say(&building::ESTATE, &self.home.estate)
            .say(&building::NUMBER, &self.home.building)
            .say(&dwelling::ENTRANCE, &self.home.entrance)
            .say(&dwelling::ROOM, &self.home.room)
            .say(&residence::NUMBER, &self.household)
            .say(&residence::REGISTER, "")
            .say(&person::NAME, &self.name)
            .say(&residence::RELATION, self.relation)
            .say(&person::SEX, self.sex.words().zh)
            .say(&person::BIRTH, self.birth.to_string())
            .say(&person::NUMBER, self.number.as_deref().unwrap_or_default())
            .say(&person::PHONE, self.phone.as_deref().unwrap_or_default())
            .say(&person::POLITICS, self.politics.unwrap_or_default())
            .say(&person::NOTE, "")
    }

    /// The same person as a volunteer.
    pub(crate) fn volunteers(&self, code: &str, registered: Date, team: &str) -> Row {
        Row::new(&volunteer::SHEET)
            .say(&person::NAME, &self.name)
            .say(&person::NUMBER, self.number.as_deref().unwrap_or_default())
            .say(&volunteer::NUMBER, code)
            .say(&volunteer::REGISTERED, registered.to_string())
            .say(&volunteer::STATE, VolunteerState::Active.words().zh)
            .say(&volunteer::TEAM, team)
    }
}

impl Building {
    pub(crate) fn row(&self) -> Row {
        let most = self.entrances.iter().max().copied().unwrap_or_default();
        Row::new(&building::SHEET)
            .say(&building::GRID, &self.grid)
            .say(&building::ESTATE, &self.estate)
            .say(&building::NUMBER, &self.number)
            .say(&building::ENTRANCES, self.entrances.len().to_string())
            .say(&building::FLOORS, most.div_ceil(2).max(1).to_string())
            .say(&building::HOUSEHOLDS, self.entrances.iter().sum::<u64>().to_string())
    }
}

impl Body {
    pub(crate) fn row(&self) -> Row {
        Row::new(&body::SHEET)
            .say(&body::LEVEL, self.level.words().zh)
            .say(&body::NUMBER, &self.number)
            .say(&body::NAME, &self.name)
            .say(&body::ABOVE, &self.above)
            .say(&body::FOUNDED, FOUNDED.to_string())
            .say(&body::STATE, BodyState::Active.words().zh)
    }
}

impl Post<'_> {
    pub(crate) fn row(&self) -> Row {
        let row = Row::new(&chief::SHEET)
            .say(&chief::ROLE, self.role.words().zh)
            .say(&chief::AREA, &self.area)
            .say(&chief::TO, "");
        let (name, number, member, from) = match self.holder {
            None => (String::new(), String::new(), "否", String::new()),
            Some(holder) => (
                holder.name.clone(),
                holder.number.clone().unwrap_or_default(),
                if holder.is_member() { "是" } else { "否" },
                POSTS_FROM.to_string(),
            ),
        };
        row.say(&person::NAME, name)
            .say(&person::NUMBER, number)
            .say(&chief::MEMBER, member)
            .say(&chief::FROM, from)
    }
}
