//! Rule 1 of "Kept or not" and step 1 of admission, as far as values can break them.
//!
//! Signatures, encodings, the network and the sizes of lists are no part of a case.

use crate::case::{Envelope, Mark, Record, Scope, Statement};
use crate::names::{ascending, commitment, contains, is_document, is_unit, scope_of};

/// 31 days.
const LONGEST_ADDRESS: u64 = 2_678_400_000;
const LAST_CLASS: u8 = 223;

pub(crate) fn statement(statement: &Statement) -> bool {
    // "unit" is a type of section 2, wherever it stands.
    if statement.issued().is_some_and(|issued| !is_unit(issued.unit))
        || statement.below().is_some_and(|below| !is_unit(below))
        || !ascending(statement.keeps())
    {
        return false;
    }
    match &statement.record {
        Record::Charter { unit, key, next, .. } => is_unit(unit) && *next != commitment(key),
        Record::Rotation { unit, reveal, key, next, .. } => {
            is_unit(unit)
                && key != reveal
                && *next != commitment(key)
                && *next != commitment(reveal)
        }
        Record::Succession { reveal, roots, threshold, next, next_threshold, .. } => {
            succession(reveal, roots, *threshold, next, *next_threshold)
        }
        Record::Delegation { verbs, reads, classes, not_before, not_after, .. } => {
            not_before <= not_after
                && *verbs <= 3
                && *reads <= 31
                && (*verbs != 0 || *reads != 0)
                && classes_are_ranges(classes)
        }
        Record::Founding { not_before, not_after, .. } => not_before <= not_after,
        Record::Adoption { unit, scope, marks, .. } => adoption(unit, scope, marks),
        Record::Dissolution { below, successors, .. } => {
            ascending(successors) && successors.iter().all(|s| is_unit(s) && !contains(below, s))
        }
        Record::Address { at, until, .. } => {
            until.checked_sub(*at).is_some_and(|term| term > 0 && term <= LONGEST_ADDRESS)
        }
        Record::Ending { .. }
        | Record::Suspension { .. }
        | Record::Card { .. }
        | Record::Endorsement { .. } => true,
    }
}

fn succession(
    reveal: &String,
    roots: &[String],
    threshold: u8,
    next: &[String],
    next_threshold: u8,
) -> bool {
    let within =
        |threshold: u8, keys: &[String]| threshold >= 1 && threshold as usize <= keys.len();
    ascending(roots)
        && ascending(next)
        && within(threshold, roots)
        && within(next_threshold, next)
        && !roots.iter().any(|root| next.contains(&commitment(root)))
        && !roots.contains(reveal)
        && !next.contains(&commitment(reveal))
}

/// Pairs of the first and last class of a range, ascending, with a class between two ranges
/// that is in neither; no byte above 223.
fn classes_are_ranges(classes: &[(u8, u8)]) -> bool {
    classes.iter().all(|(first, last)| first <= last && *last <= LAST_CLASS)
        && classes.is_sorted_by(|a, b| u16::from(a.1) + 1 < u16::from(b.0))
}

/// "An adoption has a mark; each has a seq of 1 or more; all documents that they name lie in
/// `scope` and have `unit` as owner; they ascend by (document, author, incarnation)."
fn adoption(unit: &String, scope: &Scope, marks: &[Mark]) -> bool {
    let log = |mark: &Mark| (mark.document.clone(), mark.author.clone(), mark.incarnation.clone());
    is_scope(scope)
        && !marks.is_empty()
        && ascending(&marks.iter().map(log).collect::<Vec<_>>())
        && marks.iter().all(|mark| {
            mark.seq >= 1
                && is_document(&mark.document)
                && scope_of(&mark.document).as_ref() == Some(scope)
                && mark.document.0 == *unit
        })
}

/// `[unit, compartment] / [unit, 3, unit]`, the smaller one first, the two different.
pub(crate) fn is_scope(scope: &Scope) -> bool {
    match scope {
        Scope::Own(unit, compartment) => is_unit(unit) && matches!(compartment, 0..=2 | 4..=7),
        Scope::Pair(a, compartment, b) => *compartment == 3 && is_unit(a) && is_unit(b) && a < b,
    }
}

/// What the header's own definition asks of its fields.
pub(crate) fn envelope(envelope: &Envelope) -> bool {
    is_document(&envelope.document)
        && envelope.seq >= 1
        && (envelope.seq == 1) == envelope.backlink.is_none()
        && ascending(&envelope.dependencies)
}
