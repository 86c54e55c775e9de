//! Periods, and the documents that the reports of one lie in.

use std::fmt;

use schema_wire::{Class, DocumentId, UnitId};

/// Revisions whose numbers share a document: enough that documents stay few, so few that each
/// stays small.
const BLOCK: u64 = 256;
/// The class of reports.
const REPORT: u8 = 64;

/// What a report is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// What is now.
    Live,
    /// A month of a year.
    Month(u16, u8),
    /// A quarter of a year.
    Quarter(u16, u8),
    /// A half of a year.
    Half(u16, u8),
    /// A year.
    Year(u16),
}

impl Period {
    /// Reads `live`, `YYYY-MM`, `YYYY-qN`, `YYYY-hN` or `YYYY`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "live" {
            return Some(Self::Live);
        }
        let year: u16 = text.get(..4)?.parse().ok()?;
        let rest = text.get(4..)?;
        let part = |of: &str| rest.strip_prefix(of)?.parse::<u8>().ok();
        let period = match rest.get(..2).unwrap_or_default() {
            "" => Self::Year(year),
            "-q" => Self::Quarter(year, part("-q").filter(|part| (1..=4).contains(part))?),
            "-h" => Self::Half(year, part("-h").filter(|part| (1..=2).contains(part))?),
            _ => Self::Month(year, part("-").filter(|part| (1..=12).contains(part))?),
        };
        // One text for each, and no other.
        (period.to_string() == text).then_some(period)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Quarter(year, quarter) => write!(f, "{year:04}-q{quarter}"),
            Self::Half(year, half) => write!(f, "{year:04}-h{half}"),
            Self::Year(year) => write!(f, "{year:04}"),
        }
    }
}

/// The revisions of a unit in a period with 256 consecutive numbers, which lie in one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Block {
    pub(crate) unit: UnitId,
    pub(crate) period: Period,
    pub(crate) index: u64,
}

impl Block {
    /// The document; none where numbers of ten digits end.
    pub(crate) fn document(&self) -> Option<DocumentId> {
        let shard = format!("{}.{:010}", self.period, self.index);
        DocumentId::new(self.unit.clone(), Class::new(REPORT).ok()?, &shard)
            .ok()
            .filter(|_| self.index < 10_000_000_000)
    }

    /// The block that a document holds.
    pub(crate) fn held_by(document: &DocumentId) -> Option<Self> {
        let (period, index) = document.shard().split_once('.')?;
        let (period, index) = (Period::parse(period)?, index.parse().ok()?);
        let block = Self { unit: document.owner().clone(), period, index };
        (block.document().as_ref() == Some(document)).then_some(block)
    }

    /// The number that begins it, if nothing in the past of it reads.
    pub(crate) fn first(&self) -> u64 {
        (self.index * BLOCK).max(1)
    }

    /// The number that ends it.
    pub(crate) fn last(&self) -> u64 {
        self.index * BLOCK + (BLOCK - 1)
    }

    /// Does a number belong to it?
    pub(crate) fn has(&self, number: u64) -> bool {
        number / BLOCK == self.index
    }

    pub(crate) fn at(&self, index: u64) -> Self {
        Self { index, ..self.clone() }
    }
}

/// Where a revision of this number is an event: the key without the event's id.
pub(crate) fn entity(number: u64) -> String {
    format!("{number:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_one_text() {
        for text in ["live", "2026-01", "2026-12", "2026-q4", "2026-h2", "2026", "0001"] {
            assert_eq!(Period::parse(text).map(|period| period.to_string()).as_deref(), Some(text));
        }
        for text in [
            "", "Live", "2026-13", "2026-00", "2026-1", "2026-q5", "2026-h0", "2026-", "26", "+026",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
        assert_eq!(Period::parse("二0-q1"), None);
    }

    #[test]
    fn a_block_is_named_by_its_numbers_and_by_nothing_else() {
        let unit = UnitId::parse("c/d").expect("a unit");
        let block = |index| Block { unit: unit.clone(), period: Period::Live, index };
        for index in [0, 1, 9_999_999_999] {
            let document = block(index).document().expect("a document");
            assert_eq!(Block::held_by(&document), Some(block(index)));
        }
        assert_eq!(block(10_000_000_000).document(), None);
        assert_eq!((block(0).first(), block(0).last()), (1, 255));
        assert_eq!((block(2).first(), block(2).last()), (512, 767));
        for name in
            ["c/d:64:live", "c/d:64:live.1", "c/d:64:x.0000000000", "c/d:65:live.0000000000"]
        {
            assert_eq!(Block::held_by(&name.parse().expect("a document")), None, "{name}");
        }
    }
}
