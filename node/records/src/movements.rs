//! Who came and who went, and the table of it (人口变动表).

use std::collections::BTreeMap;

use schema_documents::kinds::movement::{self, Month, MonthLine, Move, Movement};
use schema_documents::kinds::person::{self, Person};
use schema_documents::{Day, Declared, PersonId};

use crate::records::{Failure, Records};
use crate::transaction::{Reading, Transaction};

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
        let is_here = |own: &&crate::Plain| {
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
}
