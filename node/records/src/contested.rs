//! What was written apart and nobody chose of: every record of the unit with a field of which
//! somebody must choose a value, and who put each.

use std::collections::BTreeSet;

use node_replication::history;
use schema_documents::{Kind, kinds};
use schema_wire::{Content, DocumentId};

use crate::plain::{Stated, each_once};
use crate::records::{Failure, Records};
use crate::show::PutBy;
use crate::transaction::Reading;

/// A record of which something must be chosen.
#[derive(Debug, Clone)]
pub struct Contested {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its name.
    pub record: String,
    /// The fields, by their names in keys.
    pub fields: Vec<(String, Vec<Choice>)>,
}

/// A value that may be chosen: each stands once, and the one that is shown until then is the last.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it says.
    pub value: Stated,
    /// Who put it.
    pub by: Option<PutBy>,
}

impl<T: Reading> Records<'_, T> {
    /// How many records have something to be chosen, and so many of them at most.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn contested(&mut self, most: usize) -> Result<(usize, Vec<Contested>), Failure> {
        let unit = self.tx.circumstance().unit.clone();
        let own = history::documents_of(self.tx.parts().0, &unit)?;
        let mut apart: BTreeSet<(usize, DocumentId, String)> = BTreeSet::new();
        for (document, _) in own.into_iter().filter(|(document, _)| holds_records(document)) {
            let read = self.tx.document(&document)?;
            for (at, name) in read.contested().filter_map(|key| record_at(key, &document)) {
                apart.insert((at, document.clone(), name.to_owned()));
            }
        }
        let mut names = Vec::new();
        for (at, document, name) in apart {
            let kind = kinds::ALL[at];
            let listed = self.listed(kind, &name, &document)?;
            if listed.is_some_and(|listed| !listed.contested.is_empty()) {
                names.push((kind, name));
            }
        }
        let count = names.len();
        let shown = names.into_iter().take(most).map(|(kind, name)| self.choices(kind, name));
        Ok((count, shown.collect::<Result<_, _>>()?))
    }

    fn choices(&mut self, kind: &'static Kind, record: String) -> Result<Contested, Failure> {
        let shown = self.show(kind, &record)?;
        let of = |field: &String| {
            let values = shown.listed.plain.values(field);
            let mut put_by = shown.put_by.get(field).cloned().unwrap_or_default();
            put_by.resize(values.len(), None);
            let choice = |at: usize| Choice { value: values[at].clone(), by: put_by[at].clone() };
            let once = each_once(values).map(choice).collect();
            (field.clone(), once)
        };
        let fields = shown.listed.contested.iter().map(of).collect();
        Ok(Contested { kind, record, fields })
    }
}

/// Are there records in a document, and not keys or letters?
fn holds_records(document: &DocumentId) -> bool {
    let class = document.class();
    class.content() == Content::Changes
        && kinds::ALL.iter().any(|kind| kind.home.number == class.number())
}

/// The kind, by its place among all, and the name of the record that a key of a document belongs to.
fn record_at<'k>(key: &'k str, document: &DocumentId) -> Option<(usize, &'k str)> {
    let (kind, rest) = key.split_once('/')?;
    let is = |own: &&'static Kind| own.name == kind && own.home.number == document.class().number();
    Some((kinds::ALL.iter().position(is)?, rest.split('/').next()?))
}
