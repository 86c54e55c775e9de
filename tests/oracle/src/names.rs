//! Section 2: units, classes, documents and scopes.

use crate::case::{Document, Scope};

/// "1 to 6 codes of 1 to 20 characters from `A-Z a-z 0-9 -`", joined by `/`.
pub(crate) fn is_unit(text: &str) -> bool {
    codes(text) <= 6
        && text.split('/').all(|code| {
            (1..=20).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

pub(crate) fn codes(unit: &str) -> usize {
    unit.split('/').count()
}

/// "Unit A contains unit B if B equals A, or B begins with A followed by `/`."
pub(crate) fn contains(a: &str, b: &str) -> bool {
    b == a || b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'))
}

/// "A above B, if A contains B and they differ."
pub(crate) fn above(a: &str, b: &str) -> bool {
    contains(a, b) && a != b
}

/// The longest unit that contains both; none if they share no code.
pub(crate) fn lowest_common_ancestor(a: &str, b: &str) -> Option<String> {
    let shared: Vec<&str> =
        a.split('/').zip(b.split('/')).take_while(|(x, y)| x == y).map(|(x, _)| x).collect();
    (!shared.is_empty()).then(|| shared.join("/"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Public,
    Path,
    Unit,
    Addressed,
}

/// The table of classes: audience and compartment; none for 224 and above.
pub(crate) fn class(class: u8) -> Option<(Audience, u8)> {
    Some(match class {
        0..=63 => (Audience::Public, 1),
        64..=127 => (Audience::Path, 2),
        128..=143 => (Audience::Unit, 4),
        144..=159 => (Audience::Unit, 5),
        160..=175 => (Audience::Unit, 6),
        176..=191 => (Audience::Unit, 7),
        192..=223 => (Audience::Addressed, 3),
        224.. => return None,
    })
}

pub(crate) fn audience(document: &Document) -> Option<Audience> {
    class(document.1).map(|(audience, _)| audience)
}

/// Whether a document's three parts are what section 2 says of them.
pub(crate) fn is_document(document: &Document) -> bool {
    let Document(owner, _, shard) = document;
    is_unit(owner)
        && match audience(document) {
            None => false,
            // The shard is the addressee, "of any length that a unit may have"; the two differ.
            Some(Audience::Addressed) => is_unit(shard) && shard != owner,
            Some(_) => {
                (1..=64).contains(&shard.len())
                    && shard.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
            }
        }
}

/// Where a document replicates.
pub(crate) fn scope_of(document: &Document) -> Option<Scope> {
    let Document(owner, number, shard) = document;
    let (audience, compartment) = class(*number)?;
    Some(if audience == Audience::Addressed {
        let (smaller, greater) = if owner < shard { (owner, shard) } else { (shard, owner) };
        Scope::Pair(smaller.clone(), compartment, greater.clone())
    } else {
        Scope::Own(owner.clone(), compartment)
    })
}

/// "Owner and addressee exchanged, class the same"; only an addressed document has one.
pub(crate) fn opposite(document: &Document) -> Option<Document> {
    let Document(owner, number, shard) = document;
    (audience(document) == Some(Audience::Addressed))
        .then(|| Document(shard.clone(), *number, owner.clone()))
}

/// Section 1: "ascending" lists are strictly ascending.
pub(crate) fn ascending<T: PartialOrd>(list: &[T]) -> bool {
    list.is_sorted_by(|a, b| a < b)
}

/// The commitment to a key, as cases write it.
pub(crate) fn commitment(key: &str) -> String {
    format!("h:{key}")
}
