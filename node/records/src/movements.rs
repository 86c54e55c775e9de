//! Who came, who went and who moved within, and the table of it (人口变动表).

use std::collections::BTreeMap;

use schema_documents::kinds::building;
use schema_documents::kinds::dwelling;
use schema_documents::kinds::household::Household;
use schema_documents::kinds::movement::{self, Month, MonthLine, Move, Movement};
use schema_documents::kinds::person::{self, Person};
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::{AnyRecord, Day, Declared, PartialDay, PersonId};

use crate::plain::Plain;
use crate::records::{Failure, Records};
use crate::transaction::{Reading, Transaction};

/// A dwelling, as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The estate (小区).
    pub estate: &'a str,
    /// The building's number (楼栋).
    pub building: &'a str,
    /// The entrance (单元); empty where a building has one alone.
    pub entrance: &'a str,
    /// The room (房号).
    pub room: &'a str,
}

/// How somebody comes to live here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Born.
    Born,
    /// Moved here.
    Arrived,
}

/// The table of movements, and who stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movements {
    /// Persons who were erased while they were here: the table has them, with a random id.
    pub erased: u64,
    /// By month, without a gap.
    pub months: BTreeMap<Month, MonthLine>,
    /// Persons who are here by their records. Where it differs from the last closing, somebody was
    /// entered by hand of whom nobody said how he came, or a record came without its movement.
    pub here: u64,
}

impl<T: Reading> Records<'_, T> {
    /// The table of movements; a human under several ids is one.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn movements(&mut self) -> Result<Movements, Failure> {
        let records = self.movement_records()?;
        let records = records.iter().filter_map(|record| record.of::<Movement>());
        let months = movement::table(records, |person| self.resolve(person));
        let count = |status| self.persons_of(status).count() as u64;
        Ok(Movements { months, here: count(None), erased: count(Some(person::Status::Erased)) })
    }

    /// The persons who did not leave, each human once, with this status.
    fn persons_of(&self, status: Option<person::Status>) -> impl Iterator<Item = &Plain> {
        self.memory.known.all(Person::KIND.name).filter(move |own| {
            let id = PersonId::parse(&own.name);
            id.is_some_and(|id| self.resolve(id) == id)
                && own.text(&person::LEFT).is_none()
                && own.text(&person::STATUS) == status.map(person::Status::code)
        })
    }

    /// Did the person leave, or die?
    pub(crate) fn has_left(&self, person: PersonId) -> bool {
        self.memory.known.person(person).is_some_and(|own| own.text(&person::LEFT).is_some())
    }

    /// The last movement of a person.
    fn last_move(&mut self, person: PersonId) -> Result<Option<Move>, Failure> {
        let records = self.movement_records()?;
        let own = records.iter().filter_map(|record| record.of::<Movement>());
        let own = own.filter(|own| own.get(&movement::PERSON) == Some(person));
        let moves = own.filter_map(|own| {
            let Some(PartialDay::Month(year, month)) = own.get(&movement::MONTH) else {
                return None;
            };
            Some(((year, month), own.name(), own.get(&movement::MOVE)?))
        });
        Ok(moves.max_by_key(|(month, name, _)| (*month, *name)).map(|(_, _, how)| how))
    }

    fn movement_records(&mut self) -> Result<Vec<AnyRecord>, Failure> {
        let prefix = format!("{}/", Movement::KIND.name);
        let mut records = Vec::new();
        for document in self.documents_of(&Movement::KIND)? {
            records.extend(self.contents_of(&document, &prefix)?.records.into_values());
        }
        Ok(records)
    }
}

impl<T: Transaction> Records<'_, T> {
    /// Somebody was born here or moved here: the day is sealed, the month is counted. Who had left
    /// is here again, and lives where it is said. Does the person live somewhere now?
    ///
    /// # Errors
    /// If there is no such person, it is here already or died, or the day or the place does not
    /// come in.
    pub fn arrive(
        &mut self,
        person: PersonId,
        how: Arrival,
        day: Day,
        elsewhere: &str,
        place: Option<&Place<'_>>,
    ) -> Result<bool, Failure> {
        match (self.has_left(person), self.last_move(person)?) {
            (true, Some(Move::Died)) => return Err(Failure::Died),
            (false, Some(Move::Born | Move::Arrived)) => return Err(Failure::HereAlready),
            _ => {}
        }
        let given = [(person::LEFT.spec.name, ""), (person::STATUS.spec.name, "")];
        let planned = self.plan(&Person::KIND, Some(&person.to_string()), &given)?;
        self.apply(&planned)?;
        let how = match how {
            Arrival::Born => Move::Born,
            Arrival::Arrived => Move::Arrived,
        };
        let month = day.year_month();
        self.note_movement(person, how, &month, Some(&day.to_string()), elsewhere)?;
        if let Some(place) = place {
            self.move_into(&[person], place, day)?;
        }
        Ok(self.memory.known.lasting(person).next().is_some())
    }

    /// Persons move into another dwelling of the community, all in one step: a whole household as
    /// it is; some of one, or who lived nowhere, into the household that lives there or as a new
    /// one.
    ///
    /// # Errors
    /// If one of them is no person or is here no more, or the place does not come in.
    pub fn move_into(
        &mut self,
        persons: &[PersonId],
        place: &Place<'_>,
        day: Day,
    ) -> Result<(), Failure> {
        let dwelling = self.dwelling_at(place)?;
        let going: Vec<PersonId> = persons.iter().map(|person| self.resolve(*person)).collect();
        // By the household that they lived in, the one that they live in then.
        let mut households: BTreeMap<Option<String>, String> = BTreeMap::new();
        for person in &going {
            if self.memory.known.person(*person).is_none() {
                return Err(Failure::NoRecord);
            }
            if self.has_left(*person) {
                return Err(Failure::NotHere);
            }
            let own: Vec<Plain> = self.memory.known.lasting(*person).cloned().collect();
            let before = own.iter().find_map(|own| own.text(&residence::HOUSEHOLD));
            let before = before.map(str::to_owned);
            let household = match (households.get(&before), &before) {
                (Some(household), _) => household.clone(),
                (None, Some(whole)) if self.goes_whole(whole, &going) => whole.clone(),
                (None, _) => self.household_at(&dwelling)?,
            };
            households.insert(before, household.clone());
            self.live_in(*person, &own, &dwelling, &household, day)?;
        }
        Ok(())
    }

    /// Are all who live in a household among these?
    fn goes_whole(&self, household: &str, going: &[PersonId]) -> bool {
        let lasting = self.memory.known.all(Residence::KIND.name).filter(|own| {
            own.text(&residence::HOUSEHOLD) == Some(household) && own.text(&residence::TO).is_none()
        });
        let mut persons = lasting.filter_map(|own| PersonId::parse(own.text(&residence::PERSON)?));
        persons.all(|person| going.contains(&self.resolve(person)))
    }

    /// The household that lives in a dwelling, or a new one.
    fn household_at(&mut self, dwelling: &str) -> Result<String, Failure> {
        let there = self.memory.known.residences_in(dwelling).find_map(|own| {
            let household = own.text(&residence::HOUSEHOLD)?;
            own.text(&residence::TO).is_none().then(|| household.to_owned())
        });
        if let Some(there) = there {
            return Ok(there);
        }
        let planned = self.plan(&Household::KIND, None, &[])?;
        self.apply(&planned)?;
        Ok(planned.name)
    }

    fn live_in(
        &mut self,
        person: PersonId,
        before: &[Plain],
        dwelling: &str,
        household: &str,
        day: Day,
    ) -> Result<(), Failure> {
        let (person, day) = (person.to_string(), day.to_string());
        for own in before {
            let ends = [(residence::TO.spec.name, day.as_str())];
            let planned = self.plan(&Residence::KIND, Some(&own.name), &ends)?;
            self.apply(&planned)?;
        }
        let mut given = vec![
            (residence::PERSON.spec.name, person.as_str()),
            (residence::HOUSEHOLD.spec.name, household),
            (residence::DWELLING.spec.name, dwelling),
            (residence::FROM.spec.name, day.as_str()),
        ];
        let kept = self.kept_of_residence(before.first().map(|own| own.name.as_str()))?;
        given.extend(kept.iter().map(|(field, text)| (*field, text.as_str())));
        let planned = self.plan(&Residence::KIND, None, &given)?;
        self.apply(&planned)?;
        Ok(())
    }

    /// The dwelling at a place, made with its building if it is not known yet.
    fn dwelling_at(&mut self, place: &Place<'_>) -> Result<String, Failure> {
        let mut plans = Vec::new();
        let building = [
            (building::ESTATE.spec.name, place.estate),
            (building::NUMBER.spec.name, place.building),
        ];
        let building = self.plan_building(&building, &mut plans)?;
        let mut room = vec![(dwelling::ROOM.spec.name, place.room)];
        if !place.entrance.is_empty() {
            room.push((dwelling::ENTRANCE.spec.name, place.entrance));
        }
        let (dwelling, _) = self.plan_dwelling(&building, room, &mut plans)?;
        for planned in &plans {
            self.apply(planned)?;
        }
        Ok(self.memory.known.same_dwelling(&dwelling).to_owned())
    }
}
