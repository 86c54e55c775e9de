//! Section 7, admission: the steps for envelopes that values can fail.
//!
//! Steps 2, 3, 4, 6, 10, 11, 13 and 14 are taken to be right (CASES).

use crate::case::{Document, Envelope, Record};
use crate::held::Held;
use crate::names::{Audience, audience, opposite};
use crate::record::{WRITE, in_classes};
use crate::well_made;

/// An author's log in a document.
pub(crate) fn log(envelope: &Envelope) -> (&Document, &str, &str) {
    (&envelope.document, &envelope.author, &envelope.incarnation)
}

pub(crate) fn admits(held: &Held<'_>, envelope: &Envelope) -> bool {
    well_made::envelope(envelope) // Step 1.
        && follows_its_backlink(held, envelope)
        && envelope.dependencies.iter().all(|id| may_depend_on(held, envelope, id))
        && addressee_is_founded(held, envelope)
        && held.may_carry(envelope, &envelope.delegation) // Step 12.
}

/// Steps 7 and 8.
fn follows_its_backlink(held: &Held<'_>, envelope: &Envelope) -> bool {
    let Some(backlink) = &envelope.backlink else {
        return envelope.seq == 1;
    };
    held.admitted_with(backlink).is_some_and(|before| {
        log(before) == log(envelope)
            && before.seq.checked_add(1) == Some(envelope.seq)
            && before.at <= envelope.at
    })
}

/// Step 9: admitted, in the same document or the opposite one, and in another log.
fn may_depend_on(held: &Held<'_>, envelope: &Envelope, dependency: &str) -> bool {
    held.admitted_with(dependency).is_some_and(|other| {
        let here = other.document == envelope.document
            || Some(&other.document) == opposite(&envelope.document).as_ref();
        here && log(other) != log(envelope)
    })
}

/// Step 9: "The addressee of an addressed document is the `below` of a kept founding."
fn addressee_is_founded(held: &Held<'_>, envelope: &Envelope) -> bool {
    let Document(_, _, shard) = &envelope.document;
    audience(&envelope.document) != Some(Audience::Addressed)
        || held.kept().any(|other| other.is_founding() && other.below() == Some(shard))
}

impl Held<'_> {
    /// Section 6, "Writing": whether the author may carry the envelope under the delegation.
    pub(crate) fn may_carry(&self, envelope: &Envelope, delegation: &str) -> bool {
        let Some(Record::Delegation {
            unit, subject, verbs, classes, not_before, not_after, ..
        }) = self.kept_with(delegation).map(|kept| &kept.record)
        else {
            return false;
        };
        *subject == envelope.author
            && *unit == envelope.document.0
            && verbs & WRITE != 0
            && in_classes(classes, envelope.document.1)
            && (*not_before..=*not_after).contains(&envelope.at)
    }
}
