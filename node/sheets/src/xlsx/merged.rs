//! Cells merged downwards hold their value in the first row only; the rows below mean it too.

use std::collections::BTreeMap;
use std::io;

use quick_xml::events::Event;

use super::package::{Part, attribute, too_large};
use super::sheet::position;
use crate::table::RawRow;

const REGIONS_MAX: usize = 1 << 20;

#[derive(Default)]
pub(crate) struct MergedCells {
    /// By first row (from 1), then the columns merged and the last row.
    regions: BTreeMap<u32, Vec<(usize, u32)>>,
    /// By column: the value and the last row it holds for.
    open: BTreeMap<usize, (String, u32)>,
}

/// They stand behind the cells of a sheet.
pub(super) fn read(part: &mut Part<'_>) -> io::Result<MergedCells> {
    let mut merged = MergedCells::default();
    let mut count = 0;
    loop {
        match part.next()? {
            Event::Start(element) if element.local_name().as_ref() == "mergeCell" => {
                let region = attribute(&element, "ref").unwrap_or_default();
                if let Some((first, last)) = region.split_once(':')
                    && let (Some(first), Some(last)) = (position(first), position(last))
                {
                    merged.add(first, last);
                    count += 1;
                }
                if count > REGIONS_MAX {
                    return Err(too_large());
                }
            }
            Event::Eof => return Ok(merged),
            _ => {}
        }
    }
}

impl MergedCells {
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
