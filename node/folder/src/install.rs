//! Writing a file so that a crash leaves all of it or none.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use node_failpoints::{Point, cross};

use crate::FolderError;

/// What to do where a file has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfPresent {
    /// Put it in the place of the one before.
    Replace,
    /// Leave the one before as it is.
    Refuse,
}

/// Writes a file of a data folder, for its owner alone.
pub fn install(path: &Path, content: &[u8], if_present: IfPresent) -> Result<(), FolderError> {
    let refused = FolderError::system("write", path);
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return Err(refused(io::ErrorKind::InvalidFilename.into()));
    };
    draft(folder, name, content, if_present).map_err(refused)?;
    sync_folder(folder)
}

fn draft(folder: &Path, name: &str, content: &[u8], if_present: IfPresent) -> io::Result<()> {
    let draft = format!("{name}.new-");
    // What a crash left: a key may be in it.
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&draft) {
            fs::remove_file(entry.path())?;
        }
    }
    let mut file = tempfile::Builder::new().prefix(&draft).tempfile_in(folder)?;
    cross(Point::FileCreated);
    file.write_all(content)?;
    cross(Point::FileWritten);
    file.as_file().sync_all()?;
    cross(Point::FileSynced);
    let path = folder.join(name);
    let installed = match if_present {
        IfPresent::Replace => file.persist(path),
        IfPresent::Refuse => file.persist_noclobber(path),
    };
    installed.map_err(|error| error.error)?;
    cross(Point::FileNamed);
    Ok(())
}

/// Makes names durable: what was created, renamed or removed in a folder.
pub fn sync_folder(path: &Path) -> Result<(), FolderError> {
    let synced = fs::File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(FolderError::system("sync", path))
}
