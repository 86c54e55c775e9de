//! Text files, as a program saves a workbook: every cell as it is shown.

use std::io;
use std::path::Path;

use encoding_rs::GB18030;

use crate::book::Book;
use crate::cell::Cell;
use crate::chance::Chance;

/// Writes the only tab of a book.
pub(crate) fn write(path: &Path, book: &Book, chance: &mut Chance) -> io::Result<()> {
    let tab = &book.tabs[0];
    let delimiter = chance.one(&[",", ",", ",", "\t", ";"]);
    let end = chance.one(&["\r\n", "\r\n", "\n", "\r"]);
    let quotes_all = chance.once_in(4);
    let short = chance.once_in(4);
    let last = tab.lines.keys().chain(tab.above.keys()).max().copied().unwrap_or_default();
    let mut all = String::new();
    for number in 1..=last {
        let line = tab.lines.get(&number).map(|line| &line.cells);
        let cells = line.or_else(|| tab.above.get(&number));
        let mut cells: Vec<String> = match cells {
            Some(cells) => cells.iter().map(Cell::shown).collect(),
            None => vec![String::new(); tab.width],
        };
        while short && cells.len() > 1 && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        let quoted = cells.iter().map(|cell| {
            let needs = cell.contains(['"', '\n', '\r', ',', '\t', ';']);
            let needs = needs || cell.starts_with([' ', '\u{3000}']);
            match needs || quotes_all {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            }
        });
        all += &quoted.collect::<Vec<_>>().join(delimiter);
        if number < last || chance.below(3) > 0 {
            all += end;
        }
    }
    let bytes = match chance.below(6) {
        0 => all.into_bytes(),
        1 => [b"\xef\xbb\xbf", all.as_bytes()].concat(),
        2 => {
            let units = std::iter::once(0xfeff).chain(all.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        }
        _ => match GB18030.encode(&all) {
            (bytes, _, false) => bytes.into_owned(),
            // A character that the encoding has no place for.
            (_, _, true) => all.into_bytes(),
        },
    };
    std::fs::write(path, bytes)
}
