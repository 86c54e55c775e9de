//! Local commands: one JSON request and one JSON answer per connection, over a Unix socket that
//! only the node's owner can open. A node that is not running answers the same requests itself.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use node_folder::{Folder, Membership};
use node_transport::TransportHandle;
use schema_wire::UnitId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use crate::ceremony::NewRoots;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::quarantine::Choice;
use crate::revoke::Withdrawal;
use crate::statement::Grants;
use crate::{backup, ceremony, keyfile, office, quarantine, report, revoke, show, statement};

/// A request is a line; files are named, never sent.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;

/// What a local command asks of a node.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    Status,
    Events,
    Delegate(Grants),
    Revoke(Withdrawal),
    Suspend { unit: String, reason: String },
    Lift { unit: String },
    Endorse { statement: String },
    EndorseGrant { delegation: String },
    Keys,
    Roots(NewRoots),
    Backup { out: PathBuf },
    Checkpoint { out: PathBuf },
    Quarantine { all: bool },
    QuarantineShow { id: String },
    Adopt(Choice),
    Discard { ids: Vec<String> },
    Documents,
    Inspect { document: String },
    Import { file: PathBuf, dry_run: bool, synthetic: bool },
    Export { kind: String, out: PathBuf, encoding: String },
    Enter { entry: office::Entry },
    Roster { document: String },
    Report { unit: Option<String> },
    Block { peer: String, block: bool },
}

/// Asks the node of a data folder: the running one, or else this process.
pub(crate) fn ask(folder: &Folder, request: &Request) -> Result<Value> {
    if let Ok(stream) = UnixStream::connect(folder.socket()) {
        return converse_blocking(stream, request);
    }
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    let (engine, thread) = Engine::start(folder, &secrets, membership, |_| {})?;
    let answer = answer(&engine, request.clone());
    engine.stop();
    thread.join().map_err(|_| anyhow!("the engine panicked"))?;
    answer
}

/// Asks the running node of a data folder, and no other.
pub(crate) fn ask_running(folder: &Folder, request: &Request) -> Result<Value> {
    converse_blocking(UnixStream::connect(folder.socket())?, request)
}

fn converse_blocking(mut stream: UnixStream, request: &Request) -> Result<Value> {
    writeln!(stream, "{}", serde_json::to_string(request)?)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).context("the node did not answer")?;
    let answer: Value = serde_json::from_str(&line).context("the node's answer is no JSON")?;
    match answer.get("error").and_then(Value::as_str) {
        Some(error) => bail!("{error}"),
        None => Ok(answer.get("ok").cloned().unwrap_or(Value::Null)),
    }
}

fn answer(engine: &Engine, request: Request) -> Result<Value> {
    match request {
        Request::Status => engine.call(show::status),
        Request::Documents => engine.call(show::documents),
        Request::Inspect { document } => {
            engine.call(move |desk| show::inspect(desk, &document.parse()?))
        }
        Request::Delegate(grants) => engine.call(move |desk| statement::delegate(desk, &grants)),
        Request::Revoke(asked) => engine.call(move |desk| revoke::revoke(desk, &asked)),
        Request::Suspend { unit, reason } => {
            engine.call(move |desk| revoke::suspend(desk, &UnitId::parse(&unit)?, &reason))
        }
        Request::Lift { unit } => {
            engine.call(move |desk| revoke::lift(desk, &UnitId::parse(&unit)?))
        }
        Request::Endorse { statement } => {
            engine.call(move |desk| ceremony::endorse(desk, statement.parse()?))
        }
        Request::EndorseGrant { delegation } => {
            engine.call(move |desk| ceremony::endorse_grant(desk, &hex::decode(delegation)?))
        }
        Request::Keys => engine.call(|desk| ceremony::keys(desk)),
        Request::Roots(asked) => engine.call(move |desk| ceremony::succeed(desk, &asked)),
        Request::Backup { out } => engine.call(move |desk| backup::backup(desk, &out)),
        Request::Checkpoint { out } => engine.call(move |desk| {
            desk.committed.checkpoint(out)?;
            Ok(Value::Null)
        }),
        Request::Quarantine { all } => engine.call(move |desk| quarantine::list(desk, all)),
        Request::QuarantineShow { id } => engine.call(move |desk| quarantine::show(desk, &id)),
        Request::Adopt(choice) => engine.call(move |desk| quarantine::adopt(desk, &choice)),
        Request::Discard { ids } => engine.call(move |desk| quarantine::discard(desk, &ids)),
        Request::Import { file, dry_run, synthetic } => {
            office::import(engine, &file, dry_run, synthetic)
        }
        Request::Export { kind, out, encoding } => office::export(engine, &kind, &out, &encoding),
        Request::Enter { entry } => engine.call(move |desk| office::enter(desk, entry)),
        Request::Roster { document } => {
            engine.call(move |desk| office::roster(desk, &document.parse()?))
        }
        Request::Report { unit } => engine.call(move |desk| {
            report::publish(desk)?;
            report::read(desk, unit.as_deref())
        }),
        Request::Events | Request::Block { .. } => bail!("the node is not running"),
    }
}

/// Serves local commands until the task is aborted.
pub(crate) fn serve(
    folder: &Folder,
    engine: Engine,
    transport: TransportHandle,
    journal: Arc<Journal>,
) -> Result<JoinHandle<()>> {
    let path = folder.socket();
    // The store's lock is ours by now: a socket that is still there belongs to no live node.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("{}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, engine.clone(), transport.clone(), journal.clone()));
        }
    }))
}

async fn converse(
    stream: tokio::net::UnixStream,
    engine: Engine,
    transport: TransportHandle,
    journal: Arc<Journal>,
) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(reader.take(REQUEST_BYTES_MAX));
    if reader.read_line(&mut line).await.is_err() {
        return;
    }
    let outcome = match serde_json::from_str::<Request>(&line) {
        Err(error) => Err(anyhow!("malformed request: {error}")),
        Ok(Request::Events) => Ok(journal.to_json()),
        Ok(Request::Block { peer, block }) => set_block(&transport, &peer, block).await,
        Ok(request) => {
            let status = matches!(request, Request::Status);
            let answered = tokio::task::spawn_blocking(move || answer(&engine, request)).await;
            let answered = answered.unwrap_or_else(|_| Err(anyhow!("the command panicked")));
            answered.map(|mut value| {
                if status {
                    value["listening"] = json!(journal.addresses());
                    value["unreached"] = json!(journal.unreached());
                }
                value
            })
        }
    };
    let reply = match outcome {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "error": format!("{error:#}") }),
    };
    let _ = writer.write_all(format!("{reply}\n").as_bytes()).await;
}

async fn set_block(transport: &TransportHandle, peer: &str, block: bool) -> Result<Value> {
    let peer = if peer == "all" { None } else { Some(peer.parse()?) };
    transport.block(peer, block).await;
    Ok(json!({ "blocked": block }))
}
