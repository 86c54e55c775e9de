//! What was written apart and nobody chose of: every record of the unit with a field of which
//! somebody must choose a value, and who put each.

use schema_documents::{Kind, kinds};

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
        let mut names = Vec::new();
        for kind in kinds::ALL {
            for document in self.documents_of(kind)? {
                for name in self.written_apart(kind, &document)? {
                    let listed = self.listed(kind, &name, &document)?;
                    if listed.is_some_and(|listed| !listed.contested.is_empty()) {
                        names.push((*kind, name));
                    }
                }
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
