//! A running node: the engine joined to the transport, and the control socket for local commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use node_folder::{Folder, Membership};
use node_replication::{Effect, Event, Input, SessionId};
use node_transport::{Transport, TransportConfig, TransportEvent, TransportHandle};
use tokio::sync::mpsc;

use crate::control;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::keyfile::Secrets;

/// Effects on their way to the transport. The engine waits when it is full.
const EFFECTS_MAX: usize = 4096;

/// Runs a node until it is told to stop.
pub(crate) async fn run(
    folder: Folder,
    secrets: Secrets,
    membership: Membership,
    config: TransportConfig,
) -> Result<()> {
    let journal = Arc::new(Journal::default());
    let (effects, outgoing) = mpsc::channel(EFFECTS_MAX);
    let secret = secrets.key.to_bytes();
    let stale = Arc::new(AtomicBool::new(true));
    let (told, changed) = (journal.clone(), stale.clone());
    let (engine, thread) = Engine::start(&folder, &secrets, membership, move |effect| {
        if let Effect::Tell(event) = effect {
            if matches!(event, Event::Changed(_) | Event::Learned) {
                changed.store(true, Ordering::Relaxed);
            }
            told.record(event);
        } else {
            // Closed only while the process ends.
            let _ = effects.blocking_send(effect);
        }
    })?;
    if engine.moved {
        journal.moved();
    }
    let (transport, events) =
        Transport::start(secret, config).await.context("cannot start the transport")?;
    let sending = tokio::spawn(send(transport.clone(), outgoing));
    let receiving = tokio::spawn(receive(engine.clone(), events, journal.clone()));
    let socket = control::serve(&folder, engine.clone(), transport.clone(), journal)?;
    let reporting = tokio::spawn(report(engine.clone(), stale));
    stop_signal().await?;
    tracing::info!("stopping");
    for task in [&socket, &receiving, &reporting] {
        task.abort();
    }
    engine.stop();
    let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
    sending.abort();
    let _ = std::fs::remove_file(folder.socket());
    joined.map_err(|_| anyhow::anyhow!("the engine panicked"))
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

async fn send(transport: TransportHandle, mut outgoing: mpsc::Receiver<Effect>) {
    while let Some(effect) = outgoing.recv().await {
        match effect {
            Effect::Send { session, bytes } => {
                // A lost session is told by its Closed event.
                let _ = transport.send(session.0, bytes).await;
            }
            Effect::Close { session, reason } => {
                transport.close(session.0, format!("{}: {}", reason.code, reason.text));
            }
            Effect::Tell(_) => {}
        }
    }
}

/// The engine's queue is bounded: waiting for it here is what slows a peer down.
async fn receive(
    engine: Engine,
    mut events: mpsc::Receiver<TransportEvent>,
    journal: Arc<Journal>,
) {
    while let Some(event) = events.recv().await {
        let input = match event {
            TransportEvent::Opened { session, peer, dialer, .. } => {
                Input::Opened { session: SessionId(session), peer, dialer }
            }
            TransportEvent::Frame { session, bytes } => {
                Input::Frame { session: SessionId(session), bytes }
            }
            TransportEvent::Closed { session, peer, reason } => {
                tracing::info!(peer = peer.short(), reason, "session closed");
                Input::Closed { session: SessionId(session) }
            }
            TransportEvent::Refused { address, peer, reason } => {
                let peer = peer.map(|peer| peer.short());
                tracing::warn!(address, peer, reason, "connection refused");
                journal.connection_refused();
                continue;
            }
            TransportEvent::Listening(address) => {
                tracing::info!(%address, "listening");
                journal.listening(address.to_string());
                continue;
            }
            TransportEvent::DialFailed { address, reason, .. } => {
                tracing::debug!(address, reason, "dial failed");
                continue;
            }
        };
        let engine = engine.clone();
        if tokio::task::spawn_blocking(move || engine.input(input)).await.is_err() {
            return;
        }
    }
}

/// Keeps the unit's report current: soon after anything it rests on changed.
async fn report(engine: Engine, stale: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(crate::report::SETTLE).await;
        if !stale.swap(false, Ordering::Relaxed) {
            continue;
        }
        let engine = engine.clone();
        let published =
            tokio::task::spawn_blocking(move || engine.call(crate::report::publish)).await;
        if let Ok(Err(error)) = published {
            tracing::warn!("汇总未发布 report not published: {error:#}");
            stale.store(true, Ordering::Relaxed);
        }
    }
}
