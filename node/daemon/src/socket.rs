//! The control socket of a folder: a Unix socket that only the node's owner can open.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use node_folder::Folder;
use tokio::net::UnixListener;

/// What the system takes as the path of a socket, its closing zero included (`sun_path`).
const PATH_BYTES_MAX: usize = 108;

/// A path of the socket that the system takes: a long one is reached through its open folder.
fn reachable<R>(path: &Path, reach: impl FnOnce(&Path) -> io::Result<R>) -> io::Result<R> {
    if path.as_os_str().len() < PATH_BYTES_MAX {
        return reach(path);
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return reach(path);
    };
    let folder = File::open(folder)?;
    let through = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    reach(&through.join(name))
}

/// Calls the node that runs in this folder.
pub(crate) fn connect(folder: &Folder) -> io::Result<UnixStream> {
    reachable(&folder.socket(), |path| UnixStream::connect(path))
}

/// Does a node run in this folder?
pub(crate) fn is_served(folder: &Folder) -> bool {
    connect(folder).is_ok()
}

/// The socket of a folder, bound and not served yet. Whoever has it owns the store's lock.
pub(crate) fn bind(folder: &Folder) -> Result<UnixListener> {
    let path = folder.socket();
    // The store's lock is ours by now: a socket that is still there belongs to no live node.
    let _ = std::fs::remove_file(&path);
    let bound = reachable(&path, |path| UnixListener::bind(path));
    let listener = bound.with_context(|| format!("{}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}
