//! Errors of the crates below, as failures that have a code and a sentence in each language.

use std::io::{self, ErrorKind};
use std::path::Path;

use node_api::Failure;
use node_folder::{FolderError, KeyError};
use node_sheets::{OpenSheetError, Said, WriteSheetError};
use node_store::{CommitError, OpenError};
use node_transport::StartError;

/// What an error means to whoever asked. What nobody foresaw keeps its whole chain of causes.
pub(crate) fn of(error: &anyhow::Error) -> Failure {
    // A failure may be the error itself, or what was said about one.
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    let known = error.chain().find_map(|cause| {
        let folder = cause.downcast_ref::<FolderError>().map(of_folder);
        let store = || cause.downcast_ref::<OpenError>().and_then(of_store);
        let commit = || cause.downcast_ref::<CommitError>().map(failed_store);
        let start = || cause.downcast_ref::<StartError>().and_then(of_start);
        let sheet = || cause.downcast_ref::<OpenSheetError>().map(of_sheet);
        let written = || cause.downcast_ref::<WriteSheetError>().map(of_written);
        folder.or_else(store).or_else(commit).or_else(start).or_else(sheet).or_else(written)
    });
    known.unwrap_or_else(|| Failure::Unforeseen { detail: format!("{error:#}") })
}

/// An error with its causes, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn of_folder(error: &FolderError) -> Failure {
    let shown = |path: &Path| path.display().to_string();
    match error {
        FolderError::System { path, source, .. } => of_io(path, source),
        FolderError::Text { path, source } => {
            Failure::Configuration { file: shown(path), detail: source.to_string() }
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
        _ => None,
    }
}

fn failed_store(error: &CommitError) -> Failure {
    Failure::StoreFailed { detail: chain(error) }
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

fn workbook(Said { zh, en }: Said) -> Failure {
    Failure::Workbook { zh, en }
}
