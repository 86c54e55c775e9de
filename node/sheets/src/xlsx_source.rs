//! The cells of an `.xlsx` sheet, row by row as they stream from the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Cell, DataRef, Dimensions, ExcelDateTime, Reader, Xlsx, XlsxError, open_workbook};

use crate::cell::CELL_CHARS_MAX;
use crate::table::RawRow;
use crate::unpacked;

/// Cells to the right of this are ignored: no office sheet is that wide.
const COLUMNS_MAX: u32 = 256;
/// A whole number above this was stored with its last digits lost.
const EXACT_NUMBER_MAX: f64 = 1e15;

/// An opened workbook.
pub(crate) struct XlsxSource(Xlsx<BufReader<File>>);

impl XlsxSource {
    pub(crate) fn open(path: &Path) -> Result<Self, XlsxError> {
        unpacked::measure(path)?;
        Ok(Self(open_workbook(path)?))
    }

    pub(crate) fn sheets(&self) -> Vec<String> {
        self.0.sheet_names()
    }

    /// Every row that has cells, until `each` breaks.
    pub(crate) fn rows(
        &mut self,
        sheet: &str,
        mut each: impl FnMut(RawRow) -> ControlFlow<()>,
    ) -> Result<(), XlsxError> {
        let mut merged = MergedCells::new(self.0.merge_cells_by_sheet_name(sheet)?);
        let mut reader = self.0.worksheet_cells_reader(sheet)?;
        let mut row = RawRow::default();
        while let Some(cell) = reader.next_cell()? {
            let (line, column) = cell.get_position();
            if line + 1 != row.number {
                if row.number > 0 {
                    merged.fill(&mut row);
                    if each(std::mem::take(&mut row)).is_break() {
                        return Ok(());
                    }
                }
                row.number = line + 1;
            }
            put(&mut row, column, &cell);
        }
        if row.number > 0 {
            merged.fill(&mut row);
            let _ = each(row);
        }
        Ok(())
    }
}

fn put(row: &mut RawRow, column: u32, cell: &Cell<DataRef<'_>>) {
    if column >= COLUMNS_MAX {
        return;
    }
    let place = column as usize;
    if row.cells.len() <= place {
        row.cells.resize(place + 1, String::new());
    }
    row.cells[place] = text(cell.get_value());
}

/// Cells merged downwards hold their value in the first row only; the rows below mean it too.
struct MergedCells {
    /// By first row (from 1), then the columns merged and the last row.
    regions: BTreeMap<u32, Vec<(usize, u32)>>,
    /// By column: the value and the last row it holds for.
    open: BTreeMap<usize, (String, u32)>,
}

impl MergedCells {
    fn new(regions: Vec<Dimensions>) -> Self {
        let mut by_row: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
        for region in regions.into_iter().filter(|region| region.end.0 > region.start.0) {
            let columns = by_row.entry(region.start.0 + 1).or_default();
            columns.push((region.start.1 as usize, region.end.0 + 1));
        }
        Self { regions: by_row, open: BTreeMap::new() }
    }

    fn fill(&mut self, row: &mut RawRow) {
        self.open.retain(|_, (_, last)| *last >= row.number);
        for (column, (value, _)) in &self.open {
            if row.cells.len() <= *column {
                row.cells.resize(*column + 1, String::new());
            }
            if row.cells[*column].is_empty() {
                row.cells[*column].clone_from(value);
            }
        }
        for (column, last) in self.regions.remove(&row.number).unwrap_or_default() {
            if let Some(value) = row.cells.get(column) {
                self.open.insert(column, (value.clone(), last));
            }
        }
    }
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < EXACT_NUMBER_MAX => {
            format!("{number:.0}")
        }
        DataRef::Float(number) if number.abs() >= EXACT_NUMBER_MAX => {
            format!("{number:E}").replace('E', "E+")
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            shortened(text)
        }
        DataRef::SharedString(text) => shortened(text),
        DataRef::Bool(true) => "是".to_owned(),
        DataRef::Bool(false) => "否".to_owned(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// A text, cut where it is too long to pass: thousands of cells may share one.
fn shortened(text: &str) -> String {
    text.chars().take(CELL_CHARS_MAX + 1).collect()
}

/// A time of day, a day, or both, as the number in the cell says.
fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
    let serial = moment.as_f64();
    if (0.0..1.0).contains(&serial) {
        format!("{hour:02}:{minute:02}")
    } else if serial.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}
