//! A search for secrets in every file of a folder.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

/// Searches every file below a folder; returns the hits and the bytes searched.
pub(super) fn search(dir: &Path, secrets: &BTreeSet<String>) -> Result<(usize, u64)> {
    let (mut found, mut searched) = (0, 0);
    for entry in dir.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let (below, bytes) = search(&entry.path(), secrets)?;
            found += below;
            searched += bytes;
        } else if entry.file_type()?.is_file() {
            // A running node takes files away: what is gone holds nothing.
            let bytes = match std::fs::read(entry.path()) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                read => read?,
            };
            searched += bytes.len() as u64;
            found += hits(&bytes, secrets);
        }
    }
    Ok((found, searched))
}

/// How many secrets stand in some bytes: one pass, looking up each window of each length.
fn hits(bytes: &[u8], secrets: &BTreeSet<String>) -> usize {
    let by_bytes: BTreeSet<&[u8]> = secrets.iter().map(String::as_bytes).collect();
    let lengths: BTreeSet<usize> = by_bytes.iter().map(|secret| secret.len()).collect();
    let firsts: BTreeSet<u8> = by_bytes.iter().filter_map(|s| s.first().copied()).collect();
    let at = |start: usize| {
        firsts.contains(&bytes[start])
            && lengths.iter().any(|length| {
                bytes.get(start..start + length).is_some_and(|window| by_bytes.contains(window))
            })
    };
    (0..bytes.len()).filter(|start| at(*start)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_what_is_there() {
        let secrets = BTreeSet::from(["王测试".to_owned(), "10012345678".to_owned()]);
        assert_eq!(hits("x王测试y10012345678".as_bytes(), &secrets), 2);
        assert_eq!(hits(b"nothing", &secrets), 0);
    }
}
