//! Cells merged downwards hold their value in the first row only; the rows below mean it too.

use std::collections::BTreeMap;
use std::io::{self, Read};

use memchr::memmem;

use super::package::too_large;
use super::sheet::position;
use crate::table::RawRow;

const REGIONS_MAX: usize = 1 << 20;
/// The element behind the sign that begins it, and behind the prefix that some programs give it.
const NAME: &[u8] = b"mergeCell ";
const PREFIX_BYTES_MAX: usize = 16;
const ELEMENT_BYTES_MAX: usize = 256;
const BLOCK_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, Default)]
pub(crate) struct MergedCells {
    /// By first row (from 1), then the columns merged and the last row.
    regions: BTreeMap<u32, Vec<(usize, u32)>>,
    /// By column: the value and the last row it holds for.
    open: BTreeMap<usize, (String, u32)>,
}

/// Finds them behind the cells of a sheet, and looks at nothing else of it: a sheet may hold
/// millions of cells, and no text can hold the sign that an element begins with.
pub(super) fn read(mut part: impl Read) -> io::Result<MergedCells> {
    let name = memmem::Finder::new(NAME);
    let mut merged = MergedCells::default();
    let (mut block, mut count) = (vec![0; BLOCK_BYTES], 0);
    let mut kept = 0;
    loop {
        let read = part.read(&mut block[kept..])?;
        let bytes = &block[..kept + read];
        let mut from = 0;
        while let Some(at) = name.find(&bytes[from..]) {
            let element = &bytes[from + at..];
            if !begins_element(&bytes[..from + at]) {
                from += at + NAME.len();
                continue;
            }
            let Some(end) = element.iter().take(ELEMENT_BYTES_MAX).position(|b| *b == b'>') else {
                break;
            };
            merged.add_element(&String::from_utf8_lossy(&element[..end]));
            from += at + end;
            count += 1;
        }
        if read == 0 {
            return Ok(merged);
        }
        if count > REGIONS_MAX {
            return Err(too_large());
        }
        // An element may go on in the next block.
        let length = bytes.len();
        let rest = length.saturating_sub(ELEMENT_BYTES_MAX).max(from);
        block.copy_within(rest..length, 0);
        kept = length - rest;
    }
}

/// Whether an element's name stands behind these bytes, and no text.
fn begins_element(before: &[u8]) -> bool {
    let sign = before.iter().rev().take(PREFIX_BYTES_MAX).position(|byte| *byte == b'<');
    let Some(length) = sign else { return false };
    match before[before.len() - length..].split_last() {
        None => true,
        Some((last, prefix)) => *last == b':' && prefix.iter().all(u8::is_ascii_alphanumeric),
    }
}

impl MergedCells {
    fn add_element(&mut self, element: &str) {
        let value = element.split_once(" ref=").map_or("", |(_, value)| value);
        let region = value.split(['"', '\'']).nth(1).unwrap_or_default();
        if let Some((first, last)) = region.split_once(':')
            && let (Some(first), Some(last)) = (position(first), position(last))
        {
            self.add(first, last);
        }
    }

    /// Adds a region from its first to its last cell, each as row (from 1) and column (from 0).
    pub(crate) fn add(&mut self, first: (u32, u32), last: (u32, u32)) {
        if last.0 > first.0 {
            self.regions.entry(first.0).or_default().push((first.1 as usize, last.0));
        }
    }

    pub(crate) fn fill(&mut self, row: &mut RawRow) {
        self.open.retain(|_, (_, last)| *last >= row.number);
        for (column, (value, _)) in &self.open {
            if row.cell(*column).is_empty() {
                row.put(*column, value.clone(), None);
            }
        }
        for (column, last) in self.regions.remove(&row.number).unwrap_or_default() {
            let value = row.cell(column);
            if !value.is_empty() {
                self.open.insert(column, (value.to_owned(), last));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_wherever_a_block_ends() {
        let filler = "<c r=\"A1\"><v>:mergeCell ref=\"A1:A9\"/></v></c>";
        for length in [0, BLOCK_BYTES - 30, BLOCK_BYTES - 3, 3 * BLOCK_BYTES - 11] {
            let mut sheet = filler.to_owned() + &" ".repeat(length);
            sheet += "<mergeCells count=\"2\"><mergeCell ref=\"A2:B4\"/>";
            sheet += "<x:mergeCell other='1' ref='C3:C5'/></mergeCells>";
            let merged = read(sheet.as_bytes()).expect("reads");
            let expected = BTreeMap::from([(2, vec![(0, 4)]), (3, vec![(2, 5)])]);
            assert_eq!(merged.regions, expected, "{length}");
        }
    }
}
