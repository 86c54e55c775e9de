//! Searching folders of nodes for what must not lie there.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Result;

/// In how many files below a folder each of these words stands, added up.
pub fn files_holding(dir: &Path, words: &[&str]) -> Result<usize> {
    let mut found = 0;
    for entry in dir.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found += files_holding(&entry.path(), words)?;
        } else if entry.file_type()?.is_file() {
            // A running node takes files away: what is gone holds nothing.
            let bytes = match fs::read(entry.path()) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                read => read?,
            };
            found += words.iter().filter(|word| holds(&bytes, word)).count();
        }
    }
    Ok(found)
}

/// Do these bytes hold a word?
pub fn holds(bytes: &[u8], word: &str) -> bool {
    memchr::memmem::find(bytes, word.as_bytes()).is_some()
}
