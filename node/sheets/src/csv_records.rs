//! The records of a text file, a quote that is never closed among them.
//!
//! Why not by the library that writes such files here: to it an open quote takes in all that
//! follows, up to the next quote or the end, as one cell. So persons come to lie in the notes of
//! another, and nobody is told.

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read as _};

use schema_documents::characters::unwrapped;

use crate::cell::{CELL_CHARS_MAX, Stored};
use crate::error::Reason;
use crate::table::{COLUMNS_MAX, RawRow};

const LINE_BYTES_MAX: u64 = 1 << 20;
/// A row with no more in it may be a title, which says nothing of how wide the table is.
const TITLE_CELLS_MAX: usize = 2;
/// A cell of more lines is none.
const CELL_LINES_MAX: usize = 50;

pub(crate) struct Records<R> {
    lines: R,
    /// Lines that were read to look for the end of a cell, and are rows of their own.
    ahead: VecDeque<String>,
    delimiter: char,
    number: u32,
    /// Cells of the widest row so far that is no title.
    widest: usize,
}

/// A record, as far as it goes.
struct Split {
    cells: Vec<String>,
    /// The last cell began with a quote that was not closed.
    open: bool,
    /// Something stands between a closing quote and the next delimiter.
    untidy: bool,
}

impl<R: BufRead> Records<R> {
    pub(crate) fn new(lines: R, delimiter: char) -> Self {
        Self { lines, ahead: VecDeque::new(), delimiter, number: 0, widest: 0 }
    }

    /// The next row that is not blank. A row with a quote that is not closed has that fault.
    pub(crate) fn next(&mut self) -> io::Result<Option<RawRow>> {
        loop {
            let Some(line) = self.line()? else { return Ok(None) };
            self.number = self.number.saturating_add(1);
            if line.trim().is_empty() {
                continue;
            }
            let split = split_record(&line, self.delimiter, true);
            if !split.open {
                self.measure(&split.cells);
                return Ok(Some(self.row(split.cells, None)));
            }
            return Ok(Some(match self.continued(&line)? {
                Some(cells) => {
                    self.measure(&cells);
                    self.row(cells, None)
                }
                None => {
                    let literal = split_record(&line, self.delimiter, false);
                    self.row(literal.cells, Some(Reason::OpenQuote))
                }
            }));
        }
    }

    fn measure(&mut self, cells: &[String]) {
        let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        if filled > TITLE_CELLS_MAX {
            self.widest = self.widest.max(cells.len());
        }
    }

    fn row(&self, cells: Vec<String>, fault: Option<Reason>) -> RawRow {
        let mut row = RawRow::new(self.number, false);
        row.fault = fault;
        for (place, cell) in cells.into_iter().enumerate().take(COLUMNS_MAX as usize) {
            // The file may come from a spreadsheet, which drops zeros at the end of a number.
            let decimal =
                cell.contains('.') && cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            row.put(place, unwrapped(&cell).to_owned(), decimal.then_some(Stored::Number));
        }
        row
    }

    /// The record that a line begins and others go on with. `None`: the quote is not closed, or
    /// only by one that belongs to another row.
    fn continued(&mut self, line: &str) -> io::Result<Option<Vec<String>>> {
        let (mut text, mut taken, mut swallowed) = (line.to_owned(), Vec::new(), false);
        while taken.len() < CELL_LINES_MAX && text.chars().count() < 4 * CELL_CHARS_MAX {
            let Some(next) = self.line()? else { break };
            text.push('\n');
            text.push_str(&next);
            // A whole row inside of a cell.
            let (within, quotes) = next.split_once('"').map_or((&*next, false), |p| (p.0, true));
            let delimiters = within.matches(self.delimiter).count();
            let is_table = self.widest > 0;
            swallowed |= is_table && delimiters + 1 >= self.widest;
            taken.push(next);
            if quotes {
                let split = split_record(&text, self.delimiter, true);
                if !split.open {
                    let wider = is_table && split.cells.len() > self.widest;
                    if swallowed || split.untidy || wider {
                        break;
                    }
                    return Ok(Some(split.cells));
                }
            }
        }
        for line in taken.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Ok(None)
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let read = self.lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 == LINE_BYTES_MAX {
            return Err(io::Error::new(ErrorKind::InvalidData, "a line is too long"));
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }
}

/// The cells of a record. Without `quoting` a quote is a character like others.
fn split_record(text: &str, delimiter: char, quoting: bool) -> Split {
    let mut split = Split { cells: Vec::new(), open: false, untidy: false };
    let mut cell = String::new();
    let mut characters = text.chars().peekable();
    let (mut began, mut quoted) = (false, false);
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted => {
                quoted = false;
                split.untidy |= characters.peek().is_some_and(|next| *next != delimiter);
            }
            '"' if quoting && !began => quoted = true,
            c if c == delimiter && !quoted => {
                split.cells.push(std::mem::take(&mut cell));
                began = false;
                continue;
            }
            other => cell.push(other),
        }
        began = true;
    }
    split.cells.push(cell);
    split.open = quoted;
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Vec<String>, bool)> {
        let mut records = Records::new(text.as_bytes(), ',');
        std::iter::from_fn(|| records.next().expect("reads"))
            .map(|row| (row.number, row.cells, row.fault.is_some()))
            .collect()
    }

    fn cells(list: &[&str]) -> Vec<String> {
        list.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn quoted_cells() {
        let read = rows("a,b,c\n\"x\n\"\"y\"\"\",2,\"3,4\"\n\nu,5\"楼,\n");
        assert_eq!(
            read,
            [
                (1, cells(&["a", "b", "c"]), false),
                (2, cells(&["x\n\"y\"", "2", "3,4"]), false),
                (4, cells(&["u", "5\"楼", ""]), false),
            ]
        );
    }

    #[test]
    fn an_open_quote_takes_in_no_other_row() {
        let read = rows("a,b,c\n1,2,\"x\n3,4,z\n5,6,\"y\n7,8,w\n");
        let faults: Vec<_> = read.iter().map(|row| (row.0, row.2)).collect();
        assert_eq!(faults, [(1, false), (2, true), (3, false), (4, true), (5, false)]);
        assert_eq!(read[1].1, cells(&["1", "2", "\"x"]));
        let read = rows("a,b,c\n1,2,\"x\n3,4,\"\n5,6,z\n");
        assert!(read[1].2, "closed by a quote of another row");
    }
}
