//! Local commands: one request and one reply per connection of the control socket, each a line of
//! JSON.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;

use anyhow::{Result, anyhow};
use node_api::{Caller, Failure, ImportProgress, ImportsRunning, Operation, Reply, Request};
use node_folder::{Folder, Membership};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task;

use crate::engine::Engine;
use crate::handlers::Node;
use crate::{failure, keyfile, socket};

/// A request is a line; files are named, never sent.
const REQUEST_BYTES_MAX: u64 = 512 * 1024;

/// Asks the node of a data folder: the running one, or else this process.
pub(crate) fn ask<O: Operation>(folder: &Folder, asked: O) -> Result<O::Answer, Failure>
where
    Request: From<O>,
    Node: node_api::Handle<O>,
{
    ask_watching(folder, asked, |_| {})
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
    let stream = match socket::connect(folder) {
        Ok(stream) => stream,
        Err(_) => match start(folder) {
            Ok(started) => {
                let begun = |node: &Node| {
                    let imports = node.engine.imports.clone();
                    watch(Box::new(move || Some(imports.shown())));
                };
                return alone(started, asked, begun).map_err(|error| failure::of(&error));
            }
            // Its node began in the meantime.
            Err(error) => socket::connect(folder).map_err(|_| failure::of(&error))?,
        },
    };
    let other = folder.clone();
    watch(Box::new(move || ask_running::<ImportProgress>(&other, ImportProgress {}).ok()));
    converse::<O>(stream, asked)
}

/// Asks the running node of a data folder, and no other.
pub(crate) fn ask_running<O: Operation>(folder: &Folder, asked: O) -> Result<O::Answer, Failure>
where
    Request: From<O>,
{
    let stream = socket::connect(folder).map_err(|_| Failure::NotRunning)?;
    converse::<O>(stream, asked)
}

/// Opens the store in this process.
fn start(folder: &Folder) -> Result<(Engine, JoinHandle<()>)> {
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    Engine::start(folder, &secrets, membership, |_| {})
}

/// Does one operation in this process.
fn alone<O: Operation>(
    (engine, thread): (Engine, JoinHandle<()>),
    asked: O,
    begun: impl FnOnce(&Node),
) -> Result<O::Answer>
where
    Node: node_api::Handle<O>,
{
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

/// Serves local commands until the task is aborted.
pub(crate) fn serve(listener: UnixListener, node: Node) -> task::JoinHandle<()> {
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
            let answered = task::spawn_blocking(answered).await;
            answered
                .unwrap_or_else(|error| failed(Failure::Unforeseen { detail: error.to_string() }))
        }
    };
    let _ = writer.write_all(format!("{reply}\n").as_bytes()).await;
}

fn failed(failure: Failure) -> String {
    serde_json::to_string(&Reply::<()>::Error(failure)).unwrap_or_default()
}
