//! Who came, who went and who moved within, and the table of it (人口变动表).

use std::collections::BTreeMap;

use schema_documents::kinds::building;
use schema_documents::kinds::dwelling;
use schema_documents::kinds::household::Household;
use schema_documents::kinds::movement::{self, Month, MonthLine, Move, Movement};
use schema_documents::kinds::person::{self, Person};
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::{Day, Declared, PersonId};

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
        let prefix = format!("{}/", Movement::KIND.name);
        let mut records = Vec::new();
        for document in self.documents_of(&Movement::KIND)? {
            records.extend(self.contents_of(&document, &prefix)?.records.into_values());
        }
        let records = records.iter().filter_map(|record| record.of::<Movement>());
        let months = movement::table(records, |person| self.resolve(person));
        Ok(Movements { months, here: self.persons_here() })
    }

    fn persons_here(&self) -> u64 {
        let known = &self.memory.known;
        let is_here = |own: &&Plain| {
            let id = PersonId::parse(&own.name);
            let is_own = id.is_some_and(|id| self.resolve(id) == id);
            let left = own.text(&person::LEFT).is_some() || own.text(&person::STATUS).is_some();
            is_own && !left
        };
        known.all(Person::KIND.name).filter(is_here).count() as u64
    }
}

impl<T: Transaction> Records<'_, T> {
    /// Somebody was born here or moved here: the day is sealed, the month is counted. Who had left
    /// is here again.
    ///
    /// # Errors
    /// If there is no such person, or the day does not come in.
    pub fn arrive(
        &mut self,
        person: PersonId,
        how: Arrival,
        day: Day,
        elsewhere: &str,
    ) -> Result<(), Failure> {
        let given = [(person::LEFT.spec.name, ""), (person::STATUS.spec.name, "")];
        let planned = self.plan(&Person::KIND, Some(&person.to_string()), &given)?;
        self.apply(&planned)?;
        let how = match how {
            Arrival::Born => Move::Born,
            Arrival::Arrived => Move::Arrived,
        };
        let month = format!("{:04}-{:02}", day.year(), day.month());
        self.note_movement(person, how, &month, Some(&day.to_string()), elsewhere)
    }

    /// Persons move into another dwelling of the community, all in one step: a whole household as
    /// it is; some of one into the household that lives there, or as a new one.
    ///
    /// # Errors
    /// If one of them is no person or lives nowhere here, or the place does not come in.
    pub fn move_into(
        &mut self,
        persons: &[PersonId],
        place: &Place<'_>,
        day: Day,
    ) -> Result<(), Failure> {
        let dwelling = self.dwelling_at(place)?;
        let mut parted: BTreeMap<String, Option<String>> = BTreeMap::new();
        let going: Vec<PersonId> = persons.iter().map(|person| self.resolve(*person)).collect();
        for person in &going {
            let own: Vec<Plain> = self.memory.known.lasting(*person).cloned().collect();
            let before = own.iter().find_map(|own| own.text(&residence::HOUSEHOLD));
            let before = before.ok_or(Failure::NoRecord)?.to_owned();
            if !parted.contains_key(&before) {
                let joins = self.household_to_join(&before, &going, &dwelling)?;
                parted.insert(before.clone(), joins);
            }
            let household = parted.get(&before).cloned().flatten().unwrap_or(before);
            self.live_in(*person, &own, &dwelling, &household, day)?;
        }
        Ok(())
    }

    /// The household that some of another one become part of; none if all of that go.
    fn household_to_join(
        &mut self,
        household: &str,
        going: &[PersonId],
        dwelling: &str,
    ) -> Result<Option<String>, Failure> {
        let known = &self.memory.known;
        let stays = known.all(Residence::KIND.name).any(|own| {
            let person = own.text(&residence::PERSON).and_then(PersonId::parse);
            own.text(&residence::HOUSEHOLD) == Some(household)
                && own.text(&residence::TO).is_none()
                && person.is_some_and(|person| !going.contains(&self.resolve(person)))
        });
        if !stays {
            return Ok(None);
        }
        let lasting =
            known.residences_in(dwelling).filter(|own| own.text(&residence::TO).is_none());
        let there = lasting.filter_map(|own| own.text(&residence::HOUSEHOLD)).next();
        if let Some(there) = there.map(str::to_owned) {
            return Ok(Some(there));
        }
        let planned = self.plan(&Household::KIND, None, &[])?;
        self.apply(&planned)?;
        Ok(Some(planned.name))
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
