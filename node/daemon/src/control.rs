//! The control socket: one request and one reply per connection, each a line of JSON, over a Unix
//! socket that only the node's owner can open.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use node_api::{Caller, Failure, ImportProgress, ImportsRunning, Operation, Reply, Request};
use node_folder::{Folder, Membership};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::handlers::Node;
use crate::{failure, keyfile};

/// A request is a line; files are named, never sent.
const REQUEST_BYTES_MAX: u64 = 512 * 1024;
/// What the system takes as the path of a socket, its closing zero included (`sun_path`).
const PATH_BYTES_MAX: usize = 108;

/// Asks the node of a data folder: the running one, or else this process.
pub(crate) fn ask<O: Operation>(folder: &Folder, asked: O) -> Result<O::Answer, Failure>
where
    Request: From<O>,
    Node: node_api::Handle<O>,
{
    match connect(&folder.socket()) {
        Ok(stream) => converse::<O>(stream, asked),
        Err(_) => alone(folder, asked, |_| {}).map_err(|error| failure::of(&error)),
    }
}

/// Asks how far imports are, of whichever node makes them.
pub(crate) type Progress = Box<dyn Fn() -> Option<ImportsRunning> + Send>;

/// Asks like [`ask`]; meanwhile `watch` may ask how far imports are.
pub(crate) fn ask_watching<O: Operation>(
    folder: &Folder,
    asked: O,
    watch: impl FnOnce(Progress),
) -> Result<O::Answer, Failure>
where
    Request: From<O>,
    Node: node_api::Handle<O>,
{
    match connect(&folder.socket()) {
        Ok(stream) => {
            let other = folder.clone();
            watch(Box::new(move || ask_running::<ImportProgress>(&other, ImportProgress {}).ok()));
            converse::<O>(stream, asked)
        }
        Err(_) => alone(folder, asked, |node| {
            let imports = node.engine.imports.clone();
            watch(Box::new(move || Some(imports.shown())));
        })
        .map_err(|error| failure::of(&error)),
    }
}

/// Asks the running node of a data folder, and no other.
pub(crate) fn ask_running<O: Operation>(folder: &Folder, asked: O) -> Result<O::Answer, Failure>
where
    Request: From<O>,
{
    let stream = connect(&folder.socket()).map_err(|_| Failure::NotRunning)?;
    converse::<O>(stream, asked)
}

/// Opens the store in this process for one operation.
fn alone<O: Operation>(folder: &Folder, asked: O, begun: impl FnOnce(&Node)) -> Result<O::Answer>
where
    Node: node_api::Handle<O>,
{
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    let (engine, thread) = Engine::start(folder, &secrets, membership, |_| {})?;
    let node = Node { engine, running: None };
    begun(&node);
    let answer = node_api::run(&node, &Caller::owner(), asked);
    node.engine.stop();
    thread.join().map_err(|_| anyhow!("the engine panicked"))?;
    Ok(answer?)
}

fn converse<O: Operation>(mut stream: UnixStream, asked: O) -> Result<O::Answer, Failure>
where
    Request: From<O>,
{
    let silent = |error: &dyn std::fmt::Display| Failure::NoAnswer { detail: error.to_string() };
    let request = serde_json::to_string(&Request::from(asked)).map_err(|error| silent(&error))?;
    writeln!(stream, "{request}").map_err(|error| silent(&error))?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).map_err(|error| silent(&error))?;
    let reply: Reply<O::Answer> = serde_json::from_str(&line).map_err(|error| silent(&error))?;
    reply.into_result()
}

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

fn connect(path: &Path) -> io::Result<UnixStream> {
    reachable(path, |path| UnixStream::connect(path))
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

/// Serves local commands until the task is aborted.
pub(crate) fn serve(listener: UnixListener, node: Node) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, node.clone()));
        }
    })
}

async fn answer(stream: tokio::net::UnixStream, node: Node) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(reader.take(REQUEST_BYTES_MAX));
    if reader.read_line(&mut line).await.is_err() {
        return;
    }
    let reply = match serde_json::from_str::<Request>(&line) {
        Err(error) => failed(Failure::MalformedRequest { detail: error.to_string() }),
        Ok(request) => {
            // Whoever can open the socket can read the node's key.
            let answered = move || request.answer(&node, &Caller::owner());
            let answered = tokio::task::spawn_blocking(answered).await;
            answered
                .unwrap_or_else(|error| failed(Failure::Unforeseen { detail: error.to_string() }))
        }
    };
    let _ = writer.write_all(format!("{reply}\n").as_bytes()).await;
}

fn failed(failure: Failure) -> String {
    serde_json::to_string(&Reply::<()>::Error(failure)).unwrap_or_default()
}
