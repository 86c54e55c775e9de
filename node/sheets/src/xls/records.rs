//! The records of an `.xls` workbook, gone through before the library reads them.
//!
//! The library keeps a place for every cell between the first and the last of a sheet, and room
//! for as many as a sheet claims to have: a few bytes can ask for all memory there is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use crate::xlsx::NumberFormat;

/// The library keeps the file in memory as well.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Places of cells in all sheets together.
const PLACES_MAX: u64 = 8 << 20;
/// Places that one sheet may claim: what the format allows. They are not touched.
const CLAIM_MAX: u64 = 65_536 * 256;
const SHEETS_MAX: usize = 1024;
/// Numbers that a format shows otherwise than they are.
const SHOWN_MAX: usize = 1 << 20;
/// Sheets may lie in each other in a file made for that.
const PASSES_MAX: usize = 4;

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const ROW: u16 = 0x0208;
const ROW_HIDDEN: u16 = 0x20;
const FORMAT: u16 = 0x041e;
/// A style, of which the second word is its format.
const STYLE: u16 = 0x00e0;
const NUMBER: u16 = 0x0203;
const SHORT_NUMBER: u16 = 0x027e;
const FORMULA: u16 = 0x0006;
/// Several numbers of one row, of which the last word is the last column.
const SEVERAL: u16 = 0x00bd;
/// Formula, number, label, boolean or error, RK, text: each begins with row and column.
const CELLS: [u16; 8] = [FORMULA, NUMBER, 0x0204, 0x0205, 0x00d6, SHORT_NUMBER, 0x00fd, SEVERAL];

/// What the library does not tell of a workbook.
#[derive(Default)]
pub(super) struct Measured {
    /// Rows that a sheet does not show, by the place of the sheet.
    hidden: BTreeSet<(usize, u32)>,
    /// Formats by the number that styles know them under, and styles.
    formats: BTreeMap<u16, NumberFormat>,
    styles: Vec<NumberFormat>,
    /// The styles of numbers that are shown otherwise than they are, by sheet, row and column.
    shown: BTreeMap<(usize, u16, u16), u16>,
}

impl Measured {
    pub(super) fn is_hidden(&self, sheet: usize, row: u32) -> bool {
        self.hidden.contains(&(sheet, row))
    }

    /// How a number is shown; row and column count from 0.
    pub(super) fn format(&self, sheet: usize, row: u32, column: u32) -> &NumberFormat {
        let place = (u16::try_from(row), u16::try_from(column));
        let (Ok(row), Ok(column)) = place else { return &NumberFormat::General };
        let style = self.shown.get(&(sheet, row, column));
        let format = style.and_then(|style| self.styles.get(usize::from(*style)));
        format.unwrap_or(&NumberFormat::General)
    }

    fn add_global(&mut self, record: &Record<'_>) {
        match record.kind {
            FORMAT => drop(self.formats.insert(record.word(0), record.format())),
            STYLE => {
                let id = record.word(2);
                let own = self.formats.get(&id).cloned();
                self.styles.push(own.unwrap_or_else(|| NumberFormat::built_in(u32::from(id))));
            }
            _ => {}
        }
    }

    fn add_number(&mut self, sheet: usize, row: u16, column: u16, style: u16) {
        let format = self.styles.get(usize::from(style));
        if format.is_some_and(|format| *format != NumberFormat::General) {
            self.shown.insert((sheet, row, column), style);
        }
    }

    fn add_numbers(&mut self, sheet: usize, record: &Record<'_>) {
        let (row, first) = (record.word(0), record.word(2));
        match record.kind {
            NUMBER | SHORT_NUMBER | FORMULA => self.add_number(sheet, row, first, record.word(4)),
            // Row and first column, then a style and four bytes for each, then the last column.
            SEVERAL => {
                let cells = record.data.len().saturating_sub(6) / 6;
                for (column, at) in (first..=u16::MAX).zip((4..).step_by(6)).take(cells) {
                    self.add_number(sheet, row, column, record.word(at));
                }
            }
            _ => {}
        }
    }
}

/// Says what is wrong with a workbook that is too large, and what its cells do not tell.
pub(super) fn measure(path: &Path) -> io::Result<Measured> {
    let file = File::open(path)?;
    if file.metadata()?.len() > FILE_BYTES_MAX {
        return Err(too_large());
    }
    let mut compound = cfb::CompoundFile::open(file)?;
    let name = if compound.exists("/Workbook") { "/Workbook" } else { "/Book" };
    let mut stream = Vec::new();
    compound.open_stream(name)?.take(FILE_BYTES_MAX).read_to_end(&mut stream)?;
    let mut measured = Measured::default();
    let mut starts = Vec::new();
    for record in Records(&stream).take_while(|record| record.kind != END) {
        measured.add_global(&record);
        if record.kind == BOUND_SHEET {
            starts.push(record.double(0) as usize);
        }
    }
    if starts.len() > SHEETS_MAX {
        return Err(too_large());
    }
    let (mut places, mut passed) = (0, 0);
    for (sheet, start) in starts.into_iter().enumerate() {
        let mut extent = Extent::default();
        let mut depth = 0;
        for record in Records(stream.get(start..).unwrap_or_default()) {
            passed += record.data.len() + 4;
            match record.kind {
                BEGIN => depth += 1,
                END if depth <= 1 => break,
                END => depth -= 1,
                DIMENSIONS if record.claim() > CLAIM_MAX => return Err(too_large()),
                ROW if record.word(12) & ROW_HIDDEN != 0 => {
                    measured.hidden.insert((sheet, u32::from(record.word(0)) + 1));
                }
                kind if CELLS.contains(&kind) => {
                    extent.add_cells(&record);
                    measured.add_numbers(sheet, &record);
                }
                _ => {}
            }
            let too_long = passed > stream.len().saturating_mul(PASSES_MAX);
            let too_many = measured.shown.len() > SHOWN_MAX;
            if places + extent.places() > PLACES_MAX || too_long || too_many {
                return Err(too_large());
            }
        }
        places += extent.places();
    }
    Ok(measured)
}

/// Each record has its kind, its length, and so many bytes.
struct Records<'a>(&'a [u8]);

struct Record<'a> {
    kind: u16,
    data: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (head, rest) = self.0.split_at_checked(4)?;
        let [kind, length] = [[head[0], head[1]], [head[2], head[3]]].map(u16::from_le_bytes);
        let (data, rest) = rest.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(Record { kind, data })
    }
}

impl Record<'_> {
    /// Two bytes at a place; zero where the record is shorter.
    fn word(&self, at: usize) -> u16 {
        self.data.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn double(&self, at: usize) -> u32 {
        u32::from(self.word(at)) | u32::from(self.word(at + 2)) << 16
    }

    /// A number format: its number, the length of its code, how that is written, and the code.
    fn format(&self) -> NumberFormat {
        let length = usize::from(self.word(2));
        let wide = self.data.get(4).is_some_and(|flags| flags & 1 != 0);
        let code = self.data.get(5..).unwrap_or_default();
        let code: String = if wide {
            let units = code.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            let units: Vec<u16> = units.take(length).collect();
            String::from_utf16_lossy(&units)
        } else {
            code.iter().take(length).map(|byte| char::from(*byte)).collect()
        };
        NumberFormat::read(&code)
    }

    /// How many cells a sheet claims to have. One that ends before it begins has too many.
    fn claim(&self) -> u64 {
        let (top, bottom, columns) = match self.data.len() {
            10 => (u32::from(self.word(0)), u32::from(self.word(2)), self.word(6)),
            _ => (self.double(0), self.double(4), self.word(10)),
        };
        let rows = u64::from(bottom).checked_sub(u64::from(top)).unwrap_or(CLAIM_MAX + 1);
        rows.saturating_mul(u64::from(columns).max(1))
    }
}

/// The corners of what a sheet holds.
#[derive(Default)]
struct Extent(Option<(u16, u16, u16, u16)>);

impl Extent {
    fn add_cells(&mut self, record: &Record<'_>) {
        self.add(record.word(0), record.word(2));
        if record.kind == SEVERAL {
            self.add(record.word(0), record.word(record.data.len().saturating_sub(2)));
        }
    }

    fn add(&mut self, row: u16, column: u16) {
        let (top, bottom, left, right) = self.0.unwrap_or((row, row, column, column));
        self.0 = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
    }

    /// How many places lie between them.
    fn places(&self) -> u64 {
        let between = |(top, bottom, left, right): (u16, u16, u16, u16)| {
            (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
        };
        self.0.map_or(0, between)
    }
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "内容过大 (it unpacks to more than is read)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).expect("short");
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    #[test]
    fn a_number_is_shown_by_the_style_of_its_cell() {
        let mut measured = Measured::default();
        for id in [0, 57, 31, 2] {
            measured.styles.push(NumberFormat::built_in(id));
        }
        (0..4).for_each(|style| measured.add_number(0, style, 0, style));
        let shown = |row| measured.format(0, row, 0).show(22_037.0, false).0;
        assert_eq!([0, 1, 2, 3].map(shown), ["22037", "1960-05", "1960-05-01", "22037.00"]);
    }

    #[test]
    fn a_sheet_that_asks_for_all_memory_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.xls");
        let begin = record(BEGIN, &[0, 6, 5, 0, 0, 0, 0, 0]);
        let sheet = |start: usize| {
            let start = u32::try_from(start).expect("small").to_le_bytes();
            record(BOUND_SHEET, &[&start[..], &[0, 0, 1, 0, b'a']].concat())
        };
        let start = begin.len() + sheet(0).len() + 4;
        let cell = |row: u16, column: u16| {
            let place = [row.to_le_bytes(), column.to_le_bytes()].concat();
            record(0x0203, &[&place[..], &[0; 10]].concat())
        };
        let corners = [cell(0, 0), cell(65_535, 255)].concat();
        let wide = record(DIMENSIONS, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 255, 0, 0, 0]);
        let turned = record(DIMENSIONS, &[9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        let good = cell(3, 3);
        for (content, fits) in [(corners, false), (wide, false), (turned, false), (good, true)] {
            let globals = [begin.clone(), sheet(start), record(END, &[])].concat();
            let book = [globals, begin.clone(), content, record(END, &[])].concat();
            let mut compound = cfb::create(&path).expect("a file");
            let mut stream = compound.create_stream("/Workbook").expect("a stream");
            io::Write::write_all(&mut stream, &book).expect("writes");
            drop(stream);
            compound.flush().expect("writes");
            assert_eq!(measure(&path).is_ok(), fits);
        }
    }
}
