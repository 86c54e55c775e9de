//! Section 5, kept or not: rules (a) to (h).

use schema_wire::{Delegation, NetworkId, VerbSet, VerifiedStatement};

use crate::force::{founds, makes_caretaker};
use crate::{Act, Oracle, act, contains, strictly_below};

/// The longest a caretaker may be made for.
const CARETAKER_MS: u64 = 15_811_200_000;

impl Oracle {
    /// Is a statement kept, next to those kept already? Its signature holds: it is verified.
    pub(crate) fn admissible(&self, statement: &VerifiedStatement) -> bool {
        let issued = act(statement);
        let of_its_kind = match statement {
            VerifiedStatement::Delegation(found) => self.grants(found.value()),
            VerifiedStatement::Suspension(found) => {
                strictly_below(&found.value().unit, &found.value().issuer_unit)
            }
            VerifiedStatement::Succession(found) => {
                let previous = found.value().previous;
                *issued.unit == self.genesis.unit
                    && self
                        .generation(&previous)
                        .is_some_and(|it| it.roots.contains(&issued.issuer))
            }
            _ => true,
        };
        network(statement) == self.genesis.network() && self.speaks(issued) && of_its_kind
    }

    /// Rules (b) and (c): may the issuer speak for the unit it names?
    fn speaks(&self, issued: Act<'_>) -> bool {
        match issued.proof {
            None => *issued.unit == self.genesis.unit && self.ever_root(&issued.issuer),
            Some(proof) => self.delegation(&proof).is_some_and(|proof| {
                proof.value().subject == issued.issuer
                    && proof.value().unit == *issued.unit
                    && proof.value().verbs.covers(VerbSet::GOVERN)
            }),
        }
    }

    /// Rules (d) to (f).
    fn grants(&self, granted: &Delegation) -> bool {
        let VerbSet(verbs) = granted.verbs;
        let govern_and_read = VerbSet::GOVERN.0 + VerbSet::READ.0;
        let write_and_read = VerbSet::WRITE.0 + VerbSet::READ.0;
        if granted.unit == granted.issuer_unit {
            let proof = granted.proof.and_then(|proof| self.delegation(&proof));
            !granted.verbs.covers(VerbSet::GOVERN)
                || granted.proof.is_none()
                || proof.is_some_and(|proof| founds(proof.value()))
        } else if contains(&granted.issuer_unit, &granted.unit) {
            let lifetime = i128::from(granted.not_after_ms) - i128::from(granted.not_before_ms);
            verbs == govern_and_read
                || makes_caretaker(granted)
                    && (verbs == VerbSet::WRITE.0 || verbs == write_and_read)
                    && granted.grace_ms == 0
                    && lifetime <= i128::from(CARETAKER_MS)
        } else {
            false
        }
    }
}

fn network(statement: &VerifiedStatement) -> NetworkId {
    match statement {
        VerifiedStatement::Delegation(found) => found.value().network,
        VerifiedStatement::Revocation(found) => found.value().network,
        VerifiedStatement::Endorsement(found) => found.value().network,
        VerifiedStatement::Suspension(found) => found.value().network,
        VerifiedStatement::Adoption(found) => found.value().network,
        VerifiedStatement::Succession(found) => found.value().network,
    }
}
