//! Keeping what is known current: only documents that changed are read again.

use node_replication::log::DocumentRecord;
use schema_documents::kinds::alias::Alias;
use schema_documents::kinds::building::Building;
use schema_documents::kinds::chief::Chief;
use schema_documents::kinds::dwelling::Dwelling;
use schema_documents::kinds::person::Person;
use schema_documents::kinds::residence::Residence;
use schema_documents::kinds::volunteer::Volunteer;
use schema_documents::{Declared, Kind, Named, Shard};
use schema_wire::DocumentId;

use crate::records::{Failure, Records, is_erased, kind_of};
use crate::transaction::Reading;

/// Kinds whose records are found by what they say; dwellings too, building by building.
const LOOKED_UP: [&Kind; 5] =
    [&Building::KIND, &Person::KIND, &Residence::KIND, &Volunteer::KIND, &Chief::KIND];

impl<T: Reading> Records<'_, T> {
    /// Reads what changed of the documents that lookups rest on.
    pub(crate) fn compare(&mut self) -> Result<(), Failure> {
        for kind in LOOKED_UP {
            let shards: Vec<String> = match kind.shard {
                Shard::Hash(shards) => (0..shards).map(|n| format!("h{n:02x}")).collect(),
                _ => vec!["one".to_owned()],
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
        self.memory.known.forget(&document);
        let contents = node_views::contents(&document, &*self.tx.document(&document)?);
        let mut closed = false;
        let (aliases, others): (Vec<_>, Vec<_>) =
            contents.records.into_values().partition(|record| record.kind() == Alias::NAME);
        for record in others {
            let Some(kind) = kind_of(record.kind()) else { continue };
            let plain = self.opened(kind, &record, &document)?;
            // Its key may come later, and changes no document then.
            closed |= plain.is_closed() && !is_erased(&plain);
            self.memory.known.learn(&document, plain);
        }
        self.memory.known.learn_aliases(&document, aliases);
        if !closed {
            self.memory.known.keep(document, now);
        }
        Ok(())
    }
}
