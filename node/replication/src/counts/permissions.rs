//! What the authority answers to the questions of [`super::Permissions`].

use node_authority::{AdoptionMark, Authority, Written};
use schema_wire::{Author, DocumentId, Hash};

use super::{Permissions, Rules};

impl Permissions for Authority {
    fn by_delegation(&self, written: &Written<'_>, rules: Rules) -> bool {
        match rules {
            Rules::Whole => self.permits(written, []).is_ok(),
            Rules::WithoutTermsAndRivals => self.spares(written, []),
        }
    }

    fn by_adoption(&self, adoption: &Hash, document: &DocumentId, rules: Rules) -> bool {
        match rules {
            Rules::Whole => self.adoption_holds(adoption, document).is_ok(),
            Rules::WithoutTermsAndRivals => self.adoption_is_spared(adoption, document),
        }
    }

    fn marks(&self, document: &DocumentId, author: Author) -> Vec<AdoptionMark> {
        self.marks_of(document, author).collect()
    }
}
