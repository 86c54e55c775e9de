//! Adoptions as the one needs to know them who holds the envelopes that they cover.

use schema_wire::{Author, DocumentId, Hash, Ms};

use crate::Authority;
use crate::fact::Act;

/// A mark of a kept adoption, whether the adoption's path holds or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdoptionMark {
    /// The adoption.
    pub adoption: Hash,
    /// When it says that it was made.
    pub at: Ms,
    /// The place in the log that it names.
    pub seq: u64,
    /// The envelope there.
    pub head: Hash,
}

impl Authority {
    /// The marks of kept adoptions for a log. An adoption has one mark for a log at most.
    pub fn marks_of(
        &self,
        document: &DocumentId,
        author: Author,
    ) -> impl Iterator<Item = AdoptionMark> {
        let log = (document.clone(), author);
        let adoptions: Vec<Hash> = self.adoptions_of(&log).collect();
        adoptions.into_iter().filter_map(move |adoption| {
            let kept = self.statements.issued(&adoption)?;
            let Act::Adoption { marks, at, .. } = &kept.issued.act else { return None };
            let mark = marks.iter().find(|mark| mark.log() == (&log.0, log.1))?;
            Some(AdoptionMark { adoption, at: *at, seq: mark.seq, head: mark.head })
        })
    }

    /// Would the path of an adoption hold on behalf of an envelope of this document, with (H5)
    /// and (H7) left out?
    pub fn adoption_is_spared(&self, adoption: &Hash, document: &DocumentId) -> bool {
        self.adopted_at(adoption).is_some() && self.path_is_spared(adoption, document)
    }
}
