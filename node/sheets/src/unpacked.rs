//! How large a workbook is once it is unpacked, told before anything of it is kept.
//!
//! A workbook is a zip archive: a megabyte may unpack to a gigabyte, and the reader keeps whole
//! parts of it in memory. What an archive says of its own sizes is no measure.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

/// One part, as a sheet of a million cells or the texts of them all.
const PART_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// All parts together.
const WORKBOOK_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Sheets, styles and pictures.
const PARTS_MAX: usize = 4096;

/// Unpacks a workbook once without keeping it. Says what is wrong with one that is too large.
pub(crate) fn measure(path: &Path) -> Result<(), io::Error> {
    let archive = ZipArchive::new(BufReader::new(File::open(path)?));
    let mut archive = archive.map_err(as_io)?;
    if archive.len() > PARTS_MAX {
        return Err(too_large());
    }
    let mut total = 0;
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(as_io)?;
        let bytes = io::copy(&mut part.take(PART_BYTES_MAX + 1), &mut io::sink())?;
        total += bytes;
        if bytes > PART_BYTES_MAX || total > WORKBOOK_BYTES_MAX {
            return Err(too_large());
        }
    }
    Ok(())
}

fn as_io(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "内容过大 (it unpacks to more than is read)")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    #[test]
    fn a_bomb_is_refused_whatever_it_says_of_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bomb.xlsx");
        let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
        zip.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).expect("a part");
        let block = vec![b' '; 1 << 20];
        for _ in 0..=PART_BYTES_MAX >> 20 {
            zip.write_all(&block).expect("written");
        }
        zip.finish().expect("a workbook");
        assert!(std::fs::metadata(&path).expect("a file").len() < 1 << 20);
        assert!(measure(&path).is_err());
    }
}
