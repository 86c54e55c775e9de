//! Workbooks and CSV as offices send them.

use std::io::{Cursor, Write as _};
use std::path::Path;

use node_sheets::{Mode, open_with};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What stands before each part of a workbook in its readable form.
pub(crate) const PART: &[u8] = b"\n--part ";

/// A CSV file in either encoding.
pub fn csv(data: &[u8]) {
    import("table.csv", data);
}

/// A workbook: as a file, or as its parts one after the other, which are zipped here. So the
/// fuzzer need not guess a checksum to change a cell.
pub fn xlsx(data: &[u8]) {
    match data.strip_prefix(PART) {
        Some(parts) => import("book.xlsx", &zipped(parts)),
        None => import("book.xlsx", data),
    }
}

/// Reads a file to its end, as `gongzhi import` does.
fn import(name: &str, data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, data).expect("a written file");
    rows(&path);
}

fn rows(path: &Path) {
    let Ok(book) = open_with(path, Mode::Synthetic) else { return };
    let _ = (book.kind(), book.notes());
    for row in book.rows() {
        match row {
            Ok(row) => drop(row.record.cells()),
            Err(error) => drop(error.to_string()),
        }
    }
}

/// Parts as a name, a line break and the content.
fn zipped(parts: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in split(parts) {
        let end = part.iter().position(|byte| *byte == b'\n').unwrap_or(part.len());
        let (name, content) = part.split_at(end);
        let name = String::from_utf8_lossy(name);
        if zip.start_file(name, SimpleFileOptions::default()).is_ok() {
            let _ = zip.write_all(content.get(1..).unwrap_or_default());
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

fn split(mut parts: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let Some(at) = parts.windows(PART.len()).position(|bytes| bytes == PART) {
        found.push(&parts[..at]);
        parts = &parts[at + PART.len()..];
    }
    found.push(parts);
    found
}
