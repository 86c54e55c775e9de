//! The cells of an `.xlsx` workbook, row by row as they stream from the file.
//!
//! Why not by the library that reads `.xls` here: it ends at the first cell that it does not
//! know, and does not tell of hidden rows, of formulas without a value, nor of a number's format
//! beside its value.

mod merged;
mod number_format;
mod package;
mod sheet;
mod styles;

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::Path;

use quick_xml::events::Event;

use crate::cell::CELL_CHARS_MAX;
use crate::table::{RawRow, Tab};
pub(crate) use merged::MergedCells;
pub(crate) use number_format::NumberFormat;
use package::{PART_BYTES_MAX, Package, Relation, attribute, broken, too_large};

/// A cell that is longer is refused, so its end need not be kept.
const TEXT_CHARS_MAX: usize = CELL_CHARS_MAX + 1;
/// What all texts of a workbook may take in memory, and how many there may be.
const TEXTS_BYTES_MAX: usize = 128 << 20;
const TEXTS_MAX: usize = 4_000_000;
const TABS_MAX: usize = 1024;

/// An opened workbook: its tabs, and what all of them share.
pub(crate) struct XlsxSource {
    package: Package,
    tabs: Vec<Tab>,
    /// The part of each tab; `None` if it holds no cells, like a chart.
    parts: Vec<Option<String>>,
    shared: Shared,
}

/// What the cells of all sheets refer to.
#[derive(Default)]
struct Shared {
    texts: Vec<Box<str>>,
    formats: Vec<NumberFormat>,
    since_1904: bool,
}

impl XlsxSource {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut package = Package::open(path)?;
        let mut root = package.relations("")?.into_values();
        let main = root.find(|relation| relation.kind == "officeDocument");
        let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.part);
        let relations = package.relations(&main)?;
        let mut source =
            Self { package, tabs: Vec::new(), parts: Vec::new(), shared: Shared::default() };
        source.read_tabs(&main, &relations)?;
        for Relation { kind, part } in relations.into_values() {
            match kind.as_str() {
                "sharedStrings" => source.shared.texts = texts(&mut source.package, &part)?,
                "styles" => source.shared.formats = styles::read(&mut source.package, &part)?,
                _ => {}
            }
        }
        Ok(source)
    }

    fn read_tabs(&mut self, main: &str, relations: &BTreeMap<String, Relation>) -> io::Result<()> {
        let Some(mut part) = self.package.part(main)? else {
            return Err(broken("no workbook in the archive"));
        };
        loop {
            match part.next()? {
                Event::Start(element) if element.local_name().as_ref() == "workbookPr" => {
                    let since = attribute(&element, "date1904");
                    self.shared.since_1904 = matches!(since.as_deref(), Some("1" | "true"));
                }
                Event::Start(element) if element.local_name().as_ref() == "sheet" => {
                    let told = |name| attribute(&element, name).unwrap_or_default();
                    let relation = relations.get(&told("id"));
                    let part = relation.filter(|r| r.kind == "worksheet").map(|r| r.part.clone());
                    let hidden = told("state").to_ascii_lowercase().contains("hidden");
                    self.tabs.push(Tab { name: told("name"), hidden, cells: part.is_some() });
                    self.parts.push(part);
                    if self.tabs.len() > TABS_MAX {
                        return Err(too_large());
                    }
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Every tab in the file's order.
    pub(crate) fn tabs(&self) -> &[Tab] {
        &self.tabs
    }

    /// Every row of a tab that has something in it, until `each` breaks.
    pub(crate) fn rows(
        &mut self,
        tab: usize,
        mut each: impl FnMut(RawRow) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let Some(Some(name)) = self.parts.get(tab) else { return Ok(()) };
        let missing = || broken(format!("{name} is missing"));
        let bytes = self.package.bytes(name)?.ok_or_else(missing)?;
        let mut merged = merged::read(bytes.take(PART_BYTES_MAX))?;
        let mut part = self.package.part(name)?.ok_or_else(missing)?;
        sheet::rows(&mut part, &self.shared, |mut row| {
            merged.fill(&mut row);
            each(row)
        })
    }
}

/// The texts that cells refer to by their number.
fn texts(package: &mut Package, name: &str) -> io::Result<Vec<Box<str>>> {
    let Some(mut part) = package.part(name)? else { return Ok(Vec::new()) };
    let (mut texts, mut bytes) = (Vec::new(), 0);
    loop {
        let item = match part.next()? {
            Event::Start(element) => element.local_name().as_ref() == "si",
            Event::Eof => return Ok(texts),
            _ => false,
        };
        if item {
            let text = part.text(false, TEXT_CHARS_MAX)?;
            bytes += text.len();
            texts.push(text.into_boxed_str());
            if bytes > TEXTS_BYTES_MAX || texts.len() > TEXTS_MAX {
                return Err(too_large());
            }
        }
    }
}
