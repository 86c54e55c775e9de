//! Whether an envelope is permitted (section 6, "Questions"), and what section 7 asks beside it.

use schema_wire::{Audience, DocumentId, Hash, Ms, NodeKey, Verbs};

use crate::Authority;
use crate::fact::Act;
use crate::refusal::{Carry, CarryRefusal, Reason};
use crate::validity::Validity;

/// What the authority needs to know of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'a> {
    /// The document.
    pub document: &'a DocumentId,
    /// The author's key.
    pub author: NodeKey,
    /// The delegation that it names.
    pub delegation: Hash,
    /// When it says that it was written.
    pub at: Ms,
}

/// What the path of a permitted envelope ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// The delegation that the envelope names.
    Delegation(Hash),
    /// An adoption that covers it.
    Adoption(Hash),
}

impl Authority {
    /// May the author carry the envelope under the delegation that it names (section 7, step 12)?
    pub fn may_carry(&self, written: &Written<'_>) -> Carry {
        if !self.statements.is_kept(&written.delegation) {
            return Carry::Waits(written.delegation);
        }
        match self.carries(written) {
            Ok(()) => Carry::Yes,
            Err(refusal) => Carry::Refused(refusal),
        }
    }

    fn carries(&self, written: &Written<'_>) -> Result<(), CarryRefusal> {
        let kept = self.statements.issued(&written.delegation);
        let Some((kept, grant)) = kept.and_then(|kept| Some((kept, kept.grant()?))) else {
            return Err(CarryRefusal::LacksVerb);
        };
        let document = written.document;
        let checks = [
            (grant.subject == written.author, CarryRefusal::OtherSubject),
            (kept.issued.unit == *document.owner(), CarryRefusal::OtherUnit),
            (grant.verbs.covers(Verbs::WRITE), CarryRefusal::LacksVerb),
            (grant.classes.has(document.class()), CarryRefusal::LacksClass),
            (grant.term.from <= written.at, CarryRefusal::NotYetValid),
            (written.at <= grant.term.until, CarryRefusal::Expired),
        ];
        checks.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, refusal)| Err(*refusal))
    }

    /// Is the envelope permitted? `covering` are the adoptions that cover it (section 6): the
    /// caller knows, who holds the envelopes.
    ///
    /// # Errors
    /// What the path in its delegation lacks, if no path holds.
    pub fn permits(
        &self,
        written: &Written<'_>,
        covering: impl IntoIterator<Item = Hash>,
    ) -> Result<Permit, Reason> {
        let delegation = written.delegation;
        let lacks = match self.carries(written) {
            Ok(()) => self.path_holds(&delegation, written.document, written.at).err(),
            Err(_) => Some(Reason::NoGrant),
        };
        let Some(lacks) = lacks else { return Ok(Permit::Delegation(delegation)) };
        let adopts = |id: &Hash| self.adoption_holds(id, written.document).is_ok();
        covering.into_iter().find(adopts).map(Permit::Adoption).ok_or(lacks)
    }

    /// Does the path of an adoption hold on behalf of an envelope of this document?
    ///
    /// # Errors
    /// What it lacks.
    pub fn adoption_holds(&self, adoption: &Hash, document: &DocumentId) -> Result<(), Reason> {
        let at = self.adopted_at(adoption).ok_or(Reason::NoGrant)?;
        self.path_holds(adoption, document, at)
    }

    /// When an adoption speaks; none of what is no kept adoption.
    pub fn adopted_at(&self, adoption: &Hash) -> Option<Ms> {
        match self.statements.issued(adoption)?.issued.act {
            Act::Adoption { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Does a path that would permit the envelope hold, even if it is with (H5) and (H7) left out?
    /// What is suspended and has none is set aside (section 7), unless it is needed.
    pub fn spares(&self, written: &Written<'_>, covering: impl IntoIterator<Item = Hash>) -> bool {
        let adopts =
            |id: Hash| self.adopted_at(&id).is_some() && self.path_is_spared(&id, written.document);
        let granted = self.carries(written).is_ok()
            && self.path_is_spared(&written.delegation, written.document);
        granted || covering.into_iter().any(adopts)
    }

    /// Does a path on behalf of an envelope of this document hold, that ends in this statement?
    fn path_holds(&self, last: &Hash, document: &DocumentId, at: Ms) -> Result<(), Reason> {
        let validity = self.path_within(last, document)?;
        if is_for_the_unit(document) {
            return if validity.holds_inside(at) { Ok(()) } else { Err(Reason::Expired) };
        }
        if validity.holds_outside(at) {
            return Ok(());
        }
        Err(validity.obstacle.unwrap_or(Reason::Expired))
    }

    pub(crate) fn path_is_spared(&self, last: &Hash, document: &DocumentId) -> bool {
        let validity = self.path_within(last, document);
        validity.is_ok_and(|validity| is_for_the_unit(document) || validity.outside.bare)
    }

    /// What does not depend on time, nor on units above: the statement is not ended, the part
    /// inside holds and has the class, and what is a unit's own is of this node's lineage.
    fn path_within(&self, last: &Hash, document: &DocumentId) -> Result<&Validity, Reason> {
        let validity = self.verdicts.validity(last).ok_or(Reason::NoGrant)?;
        let inside = validity.inside.as_ref().map_err(|reason| *reason)?;
        if self.verdicts.ended(last).as_last() {
            return Err(Reason::Ended);
        }
        if !inside.classes.has(document.class()) {
            return Err(Reason::LacksClass);
        }
        let own = || self.statements.issued(last)?.by.lineage();
        if is_for_the_unit(document) && own() != Some(self.pins.lineage()) {
            return Err(Reason::OtherLineage);
        }
        Ok(validity)
    }
}

/// Is the path asked for an inside path?
fn is_for_the_unit(document: &DocumentId) -> bool {
    matches!(document.class().audience(), Audience::Unit(_))
}
