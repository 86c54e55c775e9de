//! Persons that stand in a table more than once.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};

use schema_documents::kinds::person;
use schema_documents::{Column, Named, Row};

use crate::error::{Reason, Warning};
use crate::table::Fault;

/// Persons met so far, by a hash of what makes them the same: 20 bytes a row.
#[derive(Default)]
pub(crate) struct Met(HashMap<u64, (u32, u64)>);

impl Met {
    /// What to look at; or why the row cannot stand beside one that came before.
    pub(crate) fn warnings(&mut self, row: &Row, number: u32) -> Result<Vec<Warning>, Fault> {
        let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(name) = said(row.says(&person::NAME)) else { return Ok(Vec::new()) };
        let id = said(row.says(&person::NUMBER));
        let same_id = id.and_then(|id| self.first(&("id", id), &name, number));
        if let Some((first_row, false)) = same_id {
            let reason = Reason::SameIdOtherName { first_row };
            return Err(Fault { column: Some(&person::NUMBER.spec.words), reason });
        }
        // One person may hold several posts.
        if !row.sheet().columns.iter().any(names_each) {
            return Ok(Vec::new());
        }
        let birth = said(row.says(&person::BIRTH));
        let same_name = birth.and_then(|birth| self.first(&("name", &name, birth), &name, number));
        Ok(match (same_id, same_name) {
            (Some((first_row, _)), _) => vec![Warning::SameId { first_row }],
            (None, Some((first_row, _))) => vec![Warning::SameNameAndBirth { first_row }],
            (None, None) => Vec::new(),
        })
    }

    /// The row that had this before, and whether for the same name.
    fn first(&mut self, key: &impl Hash, name: &str, row: u32) -> Option<(u32, bool)> {
        let name = hash(&name);
        match self.0.entry(hash(key)) {
            Entry::Occupied(entry) => Some((entry.get().0, entry.get().1 == name)),
            Entry::Vacant(entry) => {
                entry.insert((row, name));
                None
            }
        }
    }
}

/// Is each row of its sheet one person?
fn names_each(column: &Column) -> bool {
    let name = &person::NAME.spec;
    column.kind == person::Person::NAME && column.field.name == name.name && column.filled
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
