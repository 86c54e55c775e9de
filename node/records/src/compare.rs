//! Keeping what is known current: only records that changed are read again.

use std::collections::BTreeSet;

use node_replication::log::DocumentRecord;
use node_views::Mark;
use schema_documents::kinds::alias::Alias;
use schema_documents::kinds::building::Building;
use schema_documents::kinds::chief::Chief;
use schema_documents::kinds::dwelling::Dwelling;
use schema_documents::kinds::person::Person;
use schema_documents::kinds::residence::Residence;
use schema_documents::{AnyRecord, Declared, Kind, Named, Shard, kinds};
use schema_wire::DocumentId;

use crate::known::{found_by, is_kept};
use crate::records::{Failure, Records, is_erased, kind_of};
use crate::transaction::Reading;

/// Kinds whose records are found by what they say, besides those that rows of a sheet find so;
/// dwellings too, building by building.
const LOOKED_UP: [&Kind; 4] = [&Building::KIND, &Person::KIND, &Residence::KIND, &Chief::KIND];

impl<T: Reading> Records<'_, T> {
    /// Reads what changed of the documents that lookups rest on.
    pub(crate) fn compare(&mut self) -> Result<(), Failure> {
        let by_rows = kinds::ALL.iter().copied().filter(|kind| !found_by(kind).is_empty());
        for kind in LOOKED_UP.into_iter().chain(by_rows) {
            let shards: Vec<String> = match kind.shard {
                Shard::Hash(shards) => (0..shards).map(|n| format!("h{n:02x}")).collect(),
                Shard::One => vec!["one".to_owned()],
                // By time: only those that are there can be told.
                _ => {
                    let there = self.documents_of(kind)?.into_iter();
                    there.map(|document| document.shard().to_owned()).collect()
                }
            };
            for shard in shards {
                let document = self.document_id(kind.home.number, &shard)?;
                self.compare_one(document)?;
            }
        }
        let buildings: Vec<String> =
            (self.memory.known.all(Building::NAME)).map(|building| building.name.clone()).collect();
        for building in buildings {
            let document = self.document_id(Dwelling::KIND.home.number, &building)?;
            self.compare_one(document)?;
        }
        Ok(())
    }

    fn compare_one(&mut self, document: DocumentId) -> Result<(), Failure> {
        let now = DocumentRecord::load(self.tx.parts().0, &document)?;
        if self.memory.known.is_current(&document, &now) {
            return Ok(());
        }
        let (mark, touched) = self.touched(&document, self.memory.known.mark(&document))?;
        let touched = touched.filter(|names| !names.iter().any(|name| is_alias(name)));
        let all_opened = match touched {
            Some(names) => self.learn_touched(&document, &names)?,
            None => self.learn_all(&document)?,
        };
        match all_opened {
            true => self.memory.known.keep_read(document, now, mark),
            // Its key may come later, and changes no document then.
            false => self.memory.known.doubt(&document),
        }
        Ok(())
    }

    /// How far a document is, and which of its records, as `kind/name`, changed since it was looked
    /// at; none if any may have.
    pub(crate) fn touched(
        &mut self,
        document: &DocumentId,
        since: Option<Mark>,
    ) -> Result<(Mark, Option<BTreeSet<String>>), Failure> {
        let (store, library) = self.tx.parts();
        let loaded = library.open(store, document)?;
        let touched = since.and_then(|mark| loaded.touched_since(mark));
        let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
        Ok((loaded.mark(), touched.map(owned)))
    }

    /// Learns what these records of a document say now. Could all be opened?
    fn learn_touched(
        &mut self,
        document: &DocumentId,
        names: &BTreeSet<String>,
    ) -> Result<bool, Failure> {
        let mut all_opened = true;
        for (kind, name) in names.iter().filter_map(|name| name.split_once('/')) {
            let Some(kind) = kind_of(kind) else { continue };
            match self.record(kind, name, document)? {
                Some(record) => all_opened &= self.learn_one(kind, &record, document)?,
                None => self.memory.known.forget_record(kind.name, name),
            }
        }
        Ok(all_opened)
    }

    fn learn_all(&mut self, document: &DocumentId) -> Result<bool, Failure> {
        self.memory.known.forget(document);
        let contents = node_views::contents(document, &*self.tx.document(document)?);
        let mut all_opened = true;
        let (aliases, others): (Vec<_>, Vec<_>) =
            contents.records.into_values().partition(|record| record.kind() == Alias::NAME);
        for record in others {
            let Some(kind) = kind_of(record.kind()) else { continue };
            all_opened &= self.learn_one(kind, &record, document)?;
        }
        self.memory.known.learn_aliases(document, aliases);
        Ok(all_opened)
    }

    /// Learns what a record says now. Could it be opened?
    fn learn_one(
        &mut self,
        kind: &'static Kind,
        record: &AnyRecord,
        document: &DocumentId,
    ) -> Result<bool, Failure> {
        let plain =
            self.opened_in_part(kind, record, document, |field| is_kept(kind.name, field))?;
        let is_opened = !plain.is_closed() || is_erased(&plain);
        self.memory.known.learn(document, plain);
        Ok(is_opened)
    }
}

fn is_alias(name: &str) -> bool {
    name.split_once('/').is_some_and(|(kind, _)| kind == Alias::NAME)
}
