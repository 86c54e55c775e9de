//! Errors of the crates below, as failures that have a code and a sentence in each language.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;

use node_api::Failure;
use node_folder::{FolderError, KeyError};
use node_sheets::{OpenSheetError, WriteSheetError};
use node_store::{CommitError, OpenError};
use node_transport::StartError;

/// It was not done.
pub(crate) const EXIT_FAILED: u8 = 1;
/// The store is damaged, not whole, or not this node's.
pub(crate) const EXIT_DAMAGED: u8 = 5;
/// The disk takes no writes: it is full, or read-only, or fails.
pub(crate) const EXIT_DISK: u8 = 6;

/// The code a process ends with that failed.
pub(crate) fn exit_code(failure: &Failure) -> u8 {
    match failure {
        Failure::StoreDamaged { .. }
        | Failure::StoreMissing { .. }
        | Failure::StoreOfAnother { .. } => EXIT_DAMAGED,
        Failure::DiskFull { .. }
        | Failure::ReadOnly { .. }
        | Failure::StoreFull { .. }
        | Failure::StoreReadOnly { .. }
        | Failure::DiskFailing { .. } => EXIT_DISK,
        _ => EXIT_FAILED,
    }
}

/// What an error means to whoever asked. What nobody foresaw keeps its whole chain of causes.
pub(crate) fn of(error: &anyhow::Error) -> Failure {
    // A failure may be the error itself, or what was said about one.
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    let detail = || format!("{error:#}");
    let known = error.chain().find_map(|cause| {
        let folder = cause.downcast_ref::<FolderError>().map(of_folder);
        let store = || cause.downcast_ref::<OpenError>().and_then(of_store);
        let start = || cause.downcast_ref::<StartError>().and_then(of_start);
        let sheet = || cause.downcast_ref::<OpenSheetError>().map(of_sheet);
        let written = || cause.downcast_ref::<WriteSheetError>().map(of_written);
        let disk = || of_disk(cause, detail);
        folder.or_else(store).or_else(start).or_else(sheet).or_else(written).or_else(disk)
    });
    // What failed a commit may be known by its causes.
    let commit = || error.chain().any(|cause| cause.is::<CommitError>());
    known.unwrap_or_else(|| match commit() {
        true => Failure::StoreFailed { detail: detail() },
        false => Failure::Unforeseen { detail: detail() },
    })
}

/// What a cause says of the disk, if anything.
fn of_disk(cause: &(dyn Error + 'static), detail: impl Fn() -> String) -> Option<Failure> {
    let marked = cause.downcast_ref::<CommitError>().and_then(|error| match error {
        CommitError::Unmarked(error) => Some(error.kind),
        _ => None,
    });
    match marked.or_else(|| cause.downcast_ref::<io::Error>().map(io::Error::kind)) {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            Some(Failure::StoreFull { detail: detail() })
        }
        Some(ErrorKind::ReadOnlyFilesystem) => Some(Failure::StoreReadOnly { detail: detail() }),
        _ => of_text(&cause.to_string(), detail),
    }
}

/// The database gives the system's text alone.
fn of_text(text: &str, detail: impl Fn() -> String) -> Option<Failure> {
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if says(&["No space left on device", "Disk quota exceeded"]) {
        return Some(Failure::StoreFull { detail: detail() });
    }
    if says(&["Read-only file system"]) {
        return Some(Failure::StoreReadOnly { detail: detail() });
    }
    if says(&["Input/output error"]) {
        return Some(Failure::DiskFailing { detail: detail() });
    }
    if says(&["Corruption:", "a sealed value does not open"]) {
        return Some(Failure::StoreDamaged { detail: detail() });
    }
    None
}

/// An error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn of_folder(error: &FolderError) -> Failure {
    let shown = |path: &Path| path.display().to_string();
    match error {
        FolderError::System { path, source, .. } => of_io(path, source),
        FolderError::Text { path, source } => {
            Failure::Configuration { file: shown(path), detail: source.to_string() }
        }
        FolderError::Environment { variable, reason } => {
            Failure::Configuration { file: variable.clone(), detail: reason.clone() }
        }
        FolderError::Key { path, source: KeyError::Text(text) } => {
            Failure::Configuration { file: shown(path), detail: text.to_string() }
        }
        FolderError::Key { path, source } => {
            Failure::KeyUnopened { file: shown(path), detail: source.to_string() }
        }
        FolderError::Exposed { path, mode } => {
            Failure::KeyExposed { file: shown(path), mode: format!("{mode:o}") }
        }
        FolderError::TooLong { path, .. } => {
            Failure::Configuration { file: shown(path), detail: error.to_string() }
        }
        FolderError::NoNetwork { folder } if !folder.is_dir() => {
            Failure::NoFolder { folder: shown(folder) }
        }
        FolderError::NoNetwork { folder } => Failure::NoNetwork { folder: shown(folder) },
    }
}

/// What the system refused, in words where it is common.
pub(crate) fn of_io(path: &Path, error: &io::Error) -> Failure {
    let file = path.display().to_string();
    match error.kind() {
        ErrorKind::NotFound => Failure::FileMissing { file },
        ErrorKind::PermissionDenied => Failure::FileDenied { file },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure::DiskFull { file },
        ErrorKind::ReadOnlyFilesystem => Failure::ReadOnly { file },
        _ if error.raw_os_error() == Some(nix::libc::EIO) => {
            Failure::DiskFailing { detail: format!("{file}: {error}") }
        }
        _ => Failure::File { file, detail: error.to_string() },
    }
}

fn of_store(error: &OpenError) -> Option<Failure> {
    match error {
        OpenError::InUse { dir } => {
            // The data folder is what people know; the database lies in it.
            let folder = dir.parent().unwrap_or(dir);
            Some(Failure::InUse { folder: folder.display().to_string() })
        }
        OpenError::Folder { dir, source } => Some(of_io(dir, source)),
        OpenError::Damaged { .. } | OpenError::Corrupt { .. } | OpenError::Partial { .. } => {
            Some(Failure::StoreDamaged { detail: chain(error) })
        }
        OpenError::Missing { .. } => Some(Failure::StoreMissing { detail: chain(error) }),
        OpenError::Foreign { .. } | OpenError::OtherStore { .. } | OpenError::WrongKey { .. } => {
            Some(Failure::StoreOfAnother { detail: chain(error) })
        }
        _ => None,
    }
}

fn of_start(error: &StartError) -> Option<Failure> {
    match error {
        StartError::Listen { address, reason } => {
            Some(Failure::CannotListen { address: address.to_string(), detail: reason.clone() })
        }
        _ => None,
    }
}

fn of_sheet(error: &OpenSheetError) -> Failure {
    match error {
        OpenSheetError::Io { file, source } => of_io(Path::new(file), source),
        _ => workbook(error.said()),
    }
}

fn of_written(error: &WriteSheetError) -> Failure {
    match error {
        WriteSheetError::Io { file, source } => of_io(file, source),
        _ => workbook(error.said()),
    }
}

fn workbook(schema_documents::Sentence { zh, en }: schema_documents::Sentence) -> Failure {
    Failure::Workbook { zh, en }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_of_a_disk_is_told_apart_and_keeps_the_words_of_the_system() {
        let told = |error: anyhow::Error| {
            let failure = of(&error);
            (failure.code(), exit_code(&failure), failure.sentence(node_api::Lang::Zh))
        };
        let full = anyhow::Error::from(io::Error::from(ErrorKind::StorageFull));
        let (code, exit, _) = told(full.context("cannot write"));
        assert_eq!((code, exit), ("store-full", EXIT_DISK));
        let read_only = anyhow::anyhow!("IO error: While open a file: Read-only file system");
        let (code, exit, text) = told(read_only);
        assert_eq!((code, exit), ("store-read-only", EXIT_DISK));
        assert!(text.contains("只读") && text.contains("While open a file"), "{text}");
        let gone = OpenError::Missing { dir: "store".into() };
        let (code, exit, _) = told(gone.into());
        assert_eq!((code, exit), ("store-missing", EXIT_DAMAGED));
        let refused = CommitError::Refused("IO error: No space left on device".into());
        assert_eq!(told(refused.into()).0, "store-full");
        assert_eq!(told(CommitError::Refused("a panic".into()).into()).0, "store-failed");
        let (code, exit, _) = told(anyhow::anyhow!("no such unit"));
        assert_eq!((code, exit), ("unforeseen", EXIT_FAILED));
    }
}
