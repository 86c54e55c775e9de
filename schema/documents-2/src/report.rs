//! 汇总上报: a unit's report. Revisions are events: a number never changes silently, a later
//! revision says it anew.
//!
//! ```text
//!   cells ── of the unit's own documents ── sources: how many, and a digest of their heads
//!        └── of the units below ─────────── parts: the revision of each, and its report's heads
//! ```
//! A number is followed down by its parts, to the revision of a unit that counted documents; that
//! unit shows the documents, and the digest shows that it shows what it counted.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{AutoCommit, ObjId, ReadDoc};
use schema_wire::{Class, DocumentId, Hash, UnitId};
use serde::{Deserialize, Serialize};

use crate::indicator::Tally;
use crate::record::{entry, map, set, text};

const REVISIONS: &str = "revisions";
/// Revisions that share a document: enough that documents stay few, so few that each stays small.
const BLOCK: u64 = 256;
/// The last number a revision can have: names of records and shards have a fixed width, so that
/// they sort as numbers. A unit that published four a second would reach it in 7,900 years.
const NUMBER_MAX: u64 = 1_000_000_000_000 - BLOCK - 1;

/// One signed statement of a unit's numbers, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    pub unit: String,
    /// `YYYY-MM`, or another period.
    pub period: String,
    pub revision: u64,
    /// When, as claimed: milliseconds since 1970.
    pub as_of_ms: u64,
    pub cells: Tally,
    /// Units that report into this one; none for a unit that counts its own documents.
    pub parts: BTreeMap<String, Part>,
    /// The unit's own documents, as they were counted.
    pub sources: Sources,
    /// The hash of the rules it was counted by.
    pub rules: String,
}

/// A unit below, inside the report of the one above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Part {
    /// This revision was added. The heads are those of the document it lies in.
    Counted { revision: u64, as_of_ms: u64, heads: Vec<String> },
    /// The unit is known and has not reported.
    Silent,
    /// 已暂停: why its reports are not counted now.
    Suspended(String),
}

/// A commitment to documents, at a size that does not grow with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    pub documents: u64,
    /// SHA-256, in hexadecimal.
    pub digest: String,
}

impl Sources {
    /// The bytes hashed are one line for each document, the lines in ascending order of their
    /// bytes: the document's name, then each of its heads in ascending order after a space, in
    /// hexadecimal; then a line feed.
    pub fn of<'a>(documents: impl IntoIterator<Item = (&'a DocumentId, &'a [Hash])>) -> Self {
        let named = documents.into_iter().map(|(document, heads)| (document.to_string(), heads));
        let mut named: Vec<(String, &[Hash])> = named.collect();
        // No name holds a space or a line feed: the order of names is that of lines.
        named.sort_unstable();
        let mut lines = String::new();
        for (name, heads) in &named {
            let mut heads = heads.to_vec();
            heads.sort_unstable();
            lines.push_str(name);
            heads.iter().for_each(|head| lines.extend([" ", &head.to_string()]));
            lines.push('\n');
        }
        let digest = Hash::of(lines.as_bytes()).to_string();
        Self { documents: named.len() as u64, digest }
    }
}

impl Revision {
    /// How many of the units below are in the numbers.
    pub fn coverage(&self) -> (usize, usize) {
        let counted = |part: &&Part| matches!(part, Part::Counted { .. });
        (self.parts.values().filter(counted).count(), self.parts.len())
    }
}

/// Consecutive revisions of a unit, which lie in one document of their own.
///
/// Which one follows from the number alone, not from a clock: no document grows beyond a block,
/// the last by name holds the newest revision, and a revision that is named is found at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block(u64);

impl Block {
    /// How every shard of this kind begins.
    pub const PREFIX: &str = "live-";

    /// The block of a revision.
    pub fn of(revision: u64) -> Self {
        Self(revision.min(NUMBER_MAX) / BLOCK)
    }

    /// The block a document holds, if it holds one.
    pub fn held_by(document: &DocumentId) -> Option<Self> {
        let number = document.shard.as_str().strip_prefix(Self::PREFIX)?.parse().ok()?;
        let block = Self(number);
        (block <= Self::of(NUMBER_MAX) && block.document(&document.owner) == *document)
            .then_some(block)
    }

    /// The document of a unit that holds it.
    pub fn document(self, unit: &UnitId) -> DocumentId {
        let shard = format!("{}{:010}", Self::PREFIX, self.0);
        let document = DocumentId::new(unit.clone(), Class::Report, &shard);
        document.expect("letters, digits and a hyphen are a shard's name")
    }

    /// Its first revision.
    fn first(self) -> u64 {
        self.0 * BLOCK
    }
}

/// The number of the next revision: after the newest, and not before the last block that is there,
/// whether anything in it reads or not. What is published last can then be found.
pub fn next_number(newest: Option<u64>, last: Option<Block>) -> u64 {
    let after = newest.map_or(1, |newest| newest.saturating_add(1));
    after.max(last.map_or(0, Block::first)).min(NUMBER_MAX)
}

/// Adds a revision. Two nodes of a unit may each publish one of a number: both stay.
pub fn publish(document: &mut AutoCommit, node: &str, revision: &Revision) -> bool {
    let body = serde_json::to_string(revision).expect("a report has only text keys");
    set(document, REVISIONS, &format!("{:012}.{node}", revision.revision), "body", body.as_str())
}

/// The newest revision in the document of a block: of two with one number, the one made later.
pub fn newest(document: &AutoCommit, block: Block) -> Option<Revision> {
    let map = map(document, REVISIONS)?;
    let mut below = block.first() + BLOCK;
    loop {
        let number = last_below(document, &map, block.first(), below)?;
        let spoken = numbered(document, &map, number);
        if let Some(newest) = spoken.max_by_key(|revision| revision.as_of_ms) {
            return Some(newest);
        }
        // Nothing under this number reads: the one before it speaks.
        below = number;
    }
}

/// The last revision number below another. Automerge does not walk keys backwards: it is found by
/// halving.
fn last_below(document: &AutoCommit, map: &ObjId, first: u64, below: u64) -> Option<u64> {
    let name = |number: u64| format!("{number:012}");
    let held = |from: u64| document.map_range(map, name(from)..name(below)).next().is_some();
    let (mut low, mut high) = (first, below);
    if low >= high || !held(low) {
        return None;
    }
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if held(middle) { low = middle } else { high = middle }
    }
    Some(low)
}

/// What the nodes of the unit published under a number.
fn numbered(
    document: &AutoCommit,
    map: &ObjId,
    number: u64,
) -> impl Iterator<Item = Revision> + use<> {
    let keys = document.map_range(map, format!("{number:012}")..format!("{:012}", number + 1));
    let records: BTreeSet<String> =
        keys.filter_map(|item| Some(item.key.split_once('/')?.0.to_owned())).collect();
    let parse = |record: String| -> Option<Revision> {
        serde_json::from_str(text(&entry(document, REVISIONS, &record), "body")).ok()
    };
    let revisions: Vec<Revision> = records.into_iter().filter_map(parse).collect();
    revisions.into_iter().filter(move |revision| revision.revision == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::root_document;

    const CITY: &str = "220800";
    const DISTRICT: &str = "220800/220802";

    fn unit() -> UnitId {
        UnitId::parse(CITY).expect("a unit")
    }

    fn revision(number: u64, part: Part) -> Revision {
        Revision {
            unit: CITY.into(),
            period: "live".into(),
            revision: number,
            as_of_ms: number,
            cells: Tally::new(),
            parts: BTreeMap::from([(DISTRICT.into(), part)]),
            sources: Sources::of([]),
            rules: String::new(),
        }
    }

    fn newest(document: &AutoCommit) -> Option<Revision> {
        super::newest(document, Block::of(1))
    }

    #[test]
    fn the_newest_revision_speaks_and_the_others_stay() {
        let mut document = root_document(Class::Report);
        assert_eq!(newest(&document), None);
        for number in [1, 2] {
            assert!(publish(&mut document, "node", &revision(number, Part::Silent)));
        }
        assert_eq!(newest(&document).map(|newest| newest.revision), Some(2));
        assert_eq!(crate::record::records(&document, REVISIONS).len(), 2);
    }

    #[test]
    fn the_newest_is_found_among_many_and_behind_what_does_not_read() {
        let mut document = root_document(Class::Report);
        for number in 1..=200 {
            assert!(publish(&mut document, "node", &revision(number, Part::Silent)));
            assert_eq!(newest(&document).map(|newest| newest.revision), Some(number));
        }
        let mut later = revision(200, Part::Silent);
        later.as_of_ms = 900;
        assert!(publish(&mut document, "another", &later));
        assert_eq!(newest(&document), Some(later.clone()));
        for name in ["000000000201.node", "000000000255.node", "a", "~"] {
            assert!(set(&mut document, REVISIONS, name, "body", "not a report"));
        }
        // A revision of another block has no say in this document.
        assert!(publish(&mut document, "node", &revision(BLOCK, Part::Silent)));
        assert_eq!(newest(&document), Some(later));
    }

    #[test]
    fn a_block_is_named_by_its_numbers_and_by_nothing_else() {
        for (number, shard) in [
            (0, "live-0000000000"),
            (BLOCK - 1, "live-0000000000"),
            (BLOCK, "live-0000000001"),
            (u64::MAX, "live-3906249998"),
        ] {
            let document = Block::of(number).document(&unit());
            assert_eq!(document.shard.as_str(), shard);
            assert_eq!(Block::held_by(&document), Some(Block::of(number)));
        }
        for shard in ["live", "live-", "live-1", "live-00000000001", "live-3906249999", "x-1"] {
            let document = DocumentId::new(unit(), Class::Report, shard).expect("a document");
            assert_eq!(Block::held_by(&document), None, "{shard}");
        }
    }

    #[test]
    fn numbers_go_on_where_they_will_be_found() {
        assert_eq!(next_number(None, None), 1);
        assert_eq!(next_number(Some(BLOCK - 1), Some(Block(0))), BLOCK);
        assert_eq!(next_number(Some(7), Some(Block(3))), 3 * BLOCK);
        assert_eq!(next_number(Some(u64::MAX), Some(Block(0))), NUMBER_MAX);
        let last = revision(NUMBER_MAX, Part::Silent);
        let mut document = root_document(Class::Report);
        assert!(publish(&mut document, "node", &last));
        assert_eq!(super::newest(&document, Block::of(NUMBER_MAX)), Some(last));
    }

    #[test]
    fn only_what_is_counted_is_covered() {
        let counted = Part::Counted { revision: 4, as_of_ms: 4, heads: vec!["4".into()] };
        assert_eq!(revision(1, counted).coverage(), (1, 1));
        for part in [Part::Silent, Part::Suspended("数字不实".into())] {
            let revision = revision(2, part);
            assert_eq!(revision.coverage(), (0, 1));
            let mut document = root_document(Class::Report);
            assert!(publish(&mut document, "node", &revision));
            assert_eq!(newest(&document), Some(revision));
        }
    }

    /// The digest by another hand: `printf '%s\n' LINE LINE | sha256sum`.
    #[test]
    fn sources_are_hashed_as_sorted_lines() {
        let document = |shard: &str| DocumentId::new(unit(), Class::Patrol, shard).expect("an id");
        let (first, second) = (document("2026-10"), document("2026-11"));
        let (one, two) = (Hash([1; 32]), Hash([2; 32]));
        let sources = Sources::of([(&second, &[two, one][..]), (&first, &[])]);
        assert_eq!(sources.documents, 2);
        assert_eq!(
            sources.digest,
            "6e0690ddbb662bcbd044370e3fbc9c2f0cb03ed045c6caf311e7baa399c31301"
        );
        assert_eq!(sources, Sources::of([(&first, &[][..]), (&second, &[one, two])]));
    }
}
