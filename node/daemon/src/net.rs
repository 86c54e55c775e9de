//! A running node: the engine joined to the transport, and the control socket for local commands.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::Result;
use node_api::Failure;
use node_folder::{Folder, Membership};
use node_replication::log;
use node_replication::replica::{Effect, Event, Input, SessionId};
use node_replication::session;
use node_replication::store::ReadError;
use node_transport::{PeerAddress, Transport, TransportConfig, TransportEvent, TransportHandle};
use schema_wire::{Reason, Salt, Wire as _};
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::handlers::{Node, Running};
use crate::inbound::{self, Heard};
use crate::journal::Journal;
use crate::keyfile::Secrets;
use crate::lang::{lang, say, word};
use crate::traffic::Traffic;
use crate::{
    addresses, control, failpoint, failure, files, keyfile, letters, life, render, report, socket,
};

/// Refused connections that are logged one by one; then one in a thousand is.
const REFUSALS_LOGGED: u64 = 100;

/// Runs a node until it is told to stop. Whatever fails, the engine is stopped and the store is
/// closed before this returns; nothing is listened on before all that can fail was done.
pub(crate) async fn run(
    folder: Folder,
    secrets: Secrets,
    membership: Membership,
    mut config: TransportConfig,
) -> Result<()> {
    config.connections_max = files::make_room(config.connections_max)?;
    let (journal, traffic) = (Arc::new(Journal::default()), Arc::new(Traffic::default()));
    let secret = secrets.key.to_bytes();
    let line = Arc::new(OnceLock::new());
    let outward =
        Outward { line: line.clone(), journal: journal.clone(), traffic: traffic.clone() };
    let (engine, thread) =
        Engine::start(&folder, &secrets, membership, move |effect| outward.act(effect))?;
    if let Some(life) = life::told(engine.past, false) {
        journal.began(life);
    }
    let served = match socket::bind(&folder) {
        Ok(socket) => {
            let served = serve(&engine, socket, (secret, config), &line, (journal, traffic)).await;
            let _ = std::fs::remove_file(folder.socket());
            served
        }
        Err(error) => Err(error),
    };
    engine.stop();
    let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
    joined.map_err(|_| anyhow::anyhow!("the engine panicked"))?;
    served
}

/// Joins the engine to its peers and to local commands until a signal comes.
async fn serve(
    engine: &Engine,
    socket: UnixListener,
    (secret, config): ([u8; 32], TransportConfig),
    line: &OnceLock<TransportHandle>,
    (journal, traffic): (Arc<Journal>, Arc<Traffic>),
) -> Result<()> {
    let peers = config.peers.iter().filter_map(PeerAddress::key).collect();
    let (transport, events) = Transport::start(secret, config).await?;
    // No session, no frame: nothing was sent before.
    let _ = line.set(transport.clone());
    let running =
        Running { transport, journal: journal.clone(), runtime: tokio::runtime::Handle::current() };
    let handle = running.transport.clone();
    let node = Node { engine: engine.clone(), running: Some(running) };
    let tasks = [
        tokio::spawn(receive(engine.clone(), events, journal, traffic)),
        control::serve(socket, node),
        tokio::spawn(keep_reporting(engine.clone())),
        tokio::spawn(letters::keep(engine.clone())),
        tokio::spawn(addresses::keep(engine.clone(), handle, peers)),
    ];
    let stopped = stop_signal().await;
    tracing::info!("{}", word("正在停止", "stopping"));
    tasks.iter().for_each(JoinHandle::abort);
    stopped
}

async fn stop_signal() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Does what the engine wants done, on its thread: none of it may wait.
struct Outward {
    line: Arc<OnceLock<TransportHandle>>,
    journal: Arc<Journal>,
    traffic: Arc<Traffic>,
}

impl Outward {
    fn act(&self, effect: Effect) {
        let transport = self.line.get();
        match (effect, transport) {
            (Effect::Send { session, frame }, Some(transport)) => {
                failpoint::cross(failpoint::leaving(&frame));
                let bytes = frame.to_bytes();
                self.traffic.sent(session, bytes.len(), &frame);
                // A lost session is told by its Closed event.
                let _ = transport.send(session.0, bytes);
            }
            (Effect::Close { session, reason }, Some(transport)) => {
                let Reason { code, text } = reason;
                transport.close(session.0, format!("{}: {}", &*code, &*text));
            }
            (Effect::Tell(event), transport) => {
                if let (Event::Peer(event), Some(transport)) = (&event, transport) {
                    believe(transport, event);
                }
                self.journal.record(event, &self.traffic);
            }
            (_, None) => {}
        }
    }
}

/// Whose connections are a member's: until this node itself ends the session with a fault.
fn believe(transport: &TransportHandle, event: &session::Event) {
    match event {
        session::Event::Joined { peer, .. } => transport.trust(*peer),
        session::Event::Ended { peer, by_peer: false, .. } => transport.untrust(peer),
        _ => {}
    }
}

async fn receive(
    engine: Engine,
    events: mpsc::Receiver<TransportEvent>,
    journal: Arc<Journal>,
    traffic: Arc<Traffic>,
) {
    let counted = traffic.clone();
    inbound::run(engine, events, traffic, move |event| heard(event, &journal, &counted)).await;
}

/// What an event of the transport means to the replica, if anything; the rest is written down.
fn heard(event: TransportEvent, journal: &Journal, traffic: &Traffic) -> Option<Heard> {
    match event {
        TransportEvent::Opened { session, peer, opener } => {
            journal.reached(&peer.to_string());
            let session = SessionId(session);
            traffic.opened(session, peer);
            let salt = match keyfile::random() {
                Ok(salt) => Salt(salt),
                Err(error) => {
                    tracing::error!(%error, "{}", word("取不到随机数", "no random bytes"));
                    return None;
                }
            };
            return Some(Heard::Other(Input::Opened { session, peer, opener, salt }));
        }
        TransportEvent::Frame { session, sender, frame, room } => {
            return Some(Heard::Frame { session: SessionId(session), sender, frame, room });
        }
        TransportEvent::TimedOut { session, reason } => {
            let (session, text) = (SessionId(session), reason.to_string());
            return Some(Heard::Other(Input::TimedOut { session, text }));
        }
        TransportEvent::Closed { session, peer, reason } => {
            let reason = render::session_end(&reason);
            tracing::info!(peer = peer.short(), reason, "{}", word("会话结束", "session closed"));
            traffic.closed(SessionId(session));
            return Some(Heard::Other(Input::Closed { session: SessionId(session) }));
        }
        TransportEvent::Refused { address, peer, reason } => {
            let peer = peer.map(|peer| peer.short());
            let count = journal.connection_refused();
            if count <= REFUSALS_LOGGED || count.is_multiple_of(1000) {
                let (text, reason) =
                    (word("连接被拒", "connection refused"), render::refusal(&reason));
                tracing::warn!(address, peer, reason, count, "{text}");
            }
        }
        TransportEvent::Listening(address) => {
            tracing::info!(%address, "{}", word("正在监听", "listening"));
            journal.listening(address.to_string());
        }
        TransportEvent::DialFailed { peer, reason } => {
            tracing::debug!(peer, %reason, "dial failed");
            journal.dial_failed(peer, &reason);
        }
    }
    None
}

/// What became of an attempt to publish a report.
enum Reported {
    /// Nothing changed since the last one.
    Nothing(Option<report::Ground>),
    /// It is current, as of this position of the feed.
    Upto(u64),
    /// It may not be published, as things stand.
    Barred(report::Ground, Failure),
}

/// Keeps the unit's report current: soon after anything came or was written, at a pace in busy
/// times, so that many changes share a revision; and after a while anyway, since days begin. What
/// may not be published is tried again once that rests on something else.
async fn keep_reporting(engine: Engine) {
    let mut moves = engine.moved.clone();
    // The feed's last position as of the last report.
    let mut counted = None;
    // On what the last attempt rested, if it failed, and what was told of it.
    let (mut barred, mut told) = (None, None);
    loop {
        let moved = tokio::time::timeout(report::DAY_NOTICED, moves.changed()).await;
        let (reported, day_passed, on) = (counted, moved.is_err(), barred.take());
        tokio::time::sleep(report::GATHER).await;
        let (began, caller) = (Instant::now(), engine.clone());
        let publish = move || {
            caller.call(move |context| {
                let head = log::feed_head(&context.store)?;
                let rests_on_the_same = match &on {
                    Some(on) => *on == report::Ground::of(context)?,
                    None => reported == Some(head),
                };
                if rests_on_the_same && !day_passed {
                    return Ok(Reported::Nothing(on));
                }
                match report::publish(context) {
                    // A report does not rest on itself.
                    Ok(()) => Ok(Reported::Upto(log::feed_head(&context.store)?)),
                    Err(error) if error.is::<ReadError>() => Err(error),
                    Err(error) => {
                        let on = report::Ground::of(context)?;
                        Ok(Reported::Barred(on, failure::of(&error)))
                    }
                }
            })
        };
        match tokio::task::spawn_blocking(publish).await {
            Ok(Ok(Reported::Nothing(on))) => {
                barred = on;
                continue;
            }
            Ok(Ok(Reported::Upto(head))) => (counted, told) = (Some(head), None),
            Ok(Ok(Reported::Barred(on, failure))) => {
                barred = Some(on);
                if told.as_ref() != Some(&failure) {
                    let why = failure.sentence(lang());
                    let text = say!("汇总未发布：{why}", "the report was not published: {why}");
                    tracing::warn!("{text}");
                    told = Some(failure);
                }
            }
            // The engine stops.
            Ok(Err(_)) | Err(_) => return,
        }
        tokio::time::sleep(report::pause(began.elapsed())).await;
    }
}
