//! What a report was counted from, and by which rules (section 10.6).

use std::collections::BTreeSet;
use std::fmt::Write;

use schema_wire::{DocumentId, Hash};

/// The digest of the documents that a report was counted from, each with its heads.
pub fn sources_digest<'a>(
    documents: impl IntoIterator<Item = (&'a DocumentId, &'a BTreeSet<Hash>)>,
) -> Hash {
    let line = |(document, heads): (&DocumentId, &BTreeSet<Hash>)| {
        let mut line = document.to_string();
        for head in heads {
            // Writing to a text cannot fail.
            let _ = write!(line, " {head}");
        }
        line.push('\n');
        line
    };
    let lines: BTreeSet<String> = documents.into_iter().map(line).collect();
    Hash::of(&lines.iter().map(String::as_bytes).collect::<Vec<_>>())
}

/// The hash of the indicators that a report counts, each a line without its line feed.
pub fn rules_hash<'a>(indicators: impl IntoIterator<Item = &'a str>) -> Hash {
    let lines = indicators.into_iter().flat_map(|line| [line.as_bytes(), b"\n"]);
    Hash::of(&lines.collect::<Vec<_>>())
}
