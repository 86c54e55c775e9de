//! The attacks. Each is bounded in count and time, and says how much it did.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::AsyncReadExt as _;
use futures::AsyncWriteExt as _;
use schema_wire::{Ack, Audience, Frame, Hash, Items, Packer, Scope, UnitId, Wire};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use tokio::task::{JoinHandle, JoinSet};

use crate::attacker::{Line, Link, Member, Victim, claim, fresh_key, say};

/// How long each flood goes on.
const FLOOD: Duration = Duration::from_secs(4);
const MEBIBYTE: usize = 1 << 20;

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (state >> 33) as u8
    };
    std::iter::repeat_with(&mut byte).take(length).collect()
}

fn scope() -> Result<Scope> {
    Ok(Scope { unit: UnitId::parse("220800")?, audience: Audience::Unit })
}

/// Frames of a valid length that say nothing, from strangers.
pub(crate) async fn garbage(victim: &Victim) -> Result<u64> {
    let (began, mut frames) = (Instant::now(), 0);
    while began.elapsed() < FLOOD {
        let mut link = Link::connect(victim, &fresh_key(victim)?).await?;
        let Ok(mut line) = link.open(victim).await else { continue };
        for _ in 0..64 {
            if line.say(&noise(frames, 64 * 1024)).await.is_err() {
                break;
            }
            frames += 1;
        }
    }
    Ok(frames)
}

/// Frames as large as may be, full of items that are none, from a member.
pub(crate) async fn garbage_items(victim: &Victim, member: &Member) -> Result<u64> {
    let items: Vec<Vec<u8>> = (0..4000).map(|number| noise(number, 250)).collect();
    let items = Items { scope: scope()?, upto: None, fingerprint: None, items };
    let frame = Frame::Items(items).to_bytes();
    ensure!(frame.len() <= MEBIBYTE, "a frame that is read");
    let (began, mut frames) = (Instant::now(), 0);
    while began.elapsed() < FLOOD {
        let (_link, line) = member.join(victim).await?;
        let (reader, mut writer) = line.stream.split();
        // The answers are read, so that only the load itself can slow the victim down.
        let drain = async { _ = futures::io::copy(reader, &mut futures::io::sink()).await };
        let flood = async {
            while began.elapsed() < FLOOD && say(&mut writer, &frame).await.is_ok() {
                frames += 1;
            }
        };
        tokio::select! { () = drain => {}, () = flood => {} }
    }
    Ok(frames)
}

/// Frames that a member has acknowledged without end, and does not read what is said.
pub(crate) async fn deaf(victim: &Victim, member: &Member) -> Result<u64> {
    let items = Items { scope: scope()?, upto: None, fingerprint: None, items: Vec::new() };
    let frame = Frame::Items(items).to_bytes();
    let (began, mut frames) = (Instant::now(), 0);
    while began.elapsed() < FLOOD {
        let (_link, mut line) = member.join(victim).await?;
        while began.elapsed() < FLOOD && line.say(&frame).await.is_ok() {
            frames += 1;
        }
    }
    Ok(frames)
}

/// Half-open connections, in three depths. They are held until this is dropped.
pub(crate) struct HalfOpen {
    _tcp: Vec<tokio::net::TcpStream>,
    links: Vec<(Link, Option<Line>)>,
}

impl HalfOpen {
    pub(crate) fn links(&self) -> usize {
        self.links.len()
    }
}

pub(crate) async fn half_open(victim: &Victim) -> Result<HalfOpen> {
    let mut tcp = Vec::new();
    for _ in 0..300 {
        let socket = TcpSocket::new_v4()?;
        // Another machine, as far as the victim can see.
        socket.bind("127.0.0.2:0".parse()?)?;
        tcp.push(socket.connect(([127, 0, 0, 1], victim.port).into()).await?);
    }
    let mut links = Vec::new();
    for number in 0..120 {
        let mut link = Link::connect(victim, &fresh_key(victim)?).await?;
        let line = if number % 2 == 0 { None } else { link.open(victim).await.ok() };
        links.push((link, line));
    }
    Ok(HalfOpen { _tcp: tcp, links })
}

/// Announces frames that are too large, and large frames that never come.
pub(crate) async fn giants(victim: &Victim, member: &Member) -> Result<u64> {
    let mut announced = 0;
    for length in [u32::MAX, 1 << 30, (1 << 20) + 1, 1 << 20, 1 << 20] {
        for _ in 0..10 {
            let mut link = Link::connect(victim, &fresh_key(victim)?).await?;
            let Ok(mut line) = link.open(victim).await else { continue };
            let _ = line.stream.write_all(&[length.to_be_bytes(); 2].concat()).await;
            let _ = line.stream.write_all(&noise(u64::from(length), 4096)).await;
            let _ = line.stream.flush().await;
            announced += 1;
        }
    }
    // A member's frame beyond the limit, sent in full.
    for _ in 0..5 {
        let (_link, mut line) = member.join(victim).await?;
        let _ = line.say(&vec![0x82; 4 * MEBIBYTE]).await;
        announced += 1;
    }
    Ok(announced)
}

/// Frames that unpack to two hundred times their bytes, from strangers who each send as many as
/// are taken; and some that do not unpack.
pub(crate) async fn bombs(victim: &Victim) -> Result<u64> {
    let (_, bomb) = Packer::default().pack(vec![0; MEBIBYTE])?;
    let (began, mut frames) = (Instant::now(), 0);
    while began.elapsed() < FLOOD {
        let mut link = Link::connect(victim, &fresh_key(victim)?).await?;
        let Ok(mut line) = link.open(victim).await else { continue };
        let garbage = noise(frames, 4096);
        let bytes = if frames % 4 == 0 { &garbage } else { &bomb };
        for _ in 0..64 {
            if claim(&mut line.stream, MEBIBYTE, bytes).await.is_err() {
                break;
            }
            frames += 1;
        }
    }
    Ok(frames)
}

/// Frames that were good once: from the member they are of, and from others.
pub(crate) async fn replays(victim: &Victim, member: &Member) -> Result<u64> {
    let hello = member.hello(victim)?;
    let mut recorded = vec![hello.clone()];
    let (link, mut line) = member.open(victim).await?;
    line.say(&hello).await?;
    for _ in 0..3 {
        recorded.push(line.hear().await?.to_bytes());
    }
    drop((line, link));
    let mut replayed = 0;
    for round in 0..20 {
        let own = round % 2 == 0;
        let pair = if own { member.pair.clone() } else { fresh_key(victim)? };
        let mut link = Link::connect(victim, &pair).await?;
        let Ok(mut line) = link.open(victim).await else { continue };
        for frame in &recorded {
            let _ = line.say(frame).await;
            replayed += 1;
        }
        let code = line.refusal().await?;
        let expected = if own { "replayed-hello" } else { "impostor" };
        ensure!(code.is_none() || code.as_deref() == Some(expected), "{code:?}");
    }
    Ok(replayed)
}

/// Asks for everything, and reads a byte a second. Goes on until aborted.
pub(crate) fn slow_reader(victim: Victim, member: Member) -> JoinHandle<()> {
    tokio::spawn(async move {
        for _ in 0..100 {
            let Ok((_link, mut line)) = member.join(&victim).await else {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            };
            while line.stream.read_exact(&mut [0; 1]).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    })
}

/// One identity: connects, says a hello of no network, and is gone.
async fn identity(victim: &Victim) -> Result<()> {
    let mut link = Link::connect(victim, &fresh_key(victim)?).await?;
    let mut line = link.open(victim).await?;
    line.say(&[0x82, 0, 0x80]).await
}

/// A thousand identities one after another, or as many as the time allows.
pub(crate) async fn identities(victim: &Victim) -> (u64, u64) {
    let (began, mut came, mut failed) = (Instant::now(), 0, 0);
    while came < 1000 && began.elapsed() < Duration::from_secs(20) {
        came += 1;
        failed += u64::from(identity(victim).await.is_err());
    }
    (came, failed)
}

/// Three hundred at once.
pub(crate) async fn crowd(victim: &Victim) -> u64 {
    let mut crowd = JoinSet::new();
    for _ in 0..300 {
        let victim = victim.clone();
        crowd.spawn(async move { identity(&victim).await.is_ok() });
    }
    let came = crowd.join_all().await;
    came.into_iter().filter(|came| *came).count() as u64
}

/// Bytes of no protocol on the port.
pub(crate) async fn noise_on_the_port(victim: &Victim) -> Result<u64> {
    for seed in 0..200 {
        let socket = TcpSocket::new_v4()?;
        let mut stream = socket.connect(([127, 0, 0, 1], victim.port).into()).await?;
        // The victim may close at the first byte it cannot read.
        let _ = stream.write_all(&noise(seed, 4096)).await;
    }
    Ok(200)
}

/// What a member could say in an order that makes no sense, each with the codes it may earn.
pub(crate) async fn disorder(victim: &Victim, member: &Member) -> Result<u64> {
    let scope = scope()?;
    let ack = Ack { scope: scope.clone(), upto: Some(u64::MAX), refused: 0, reason: None };
    let ids = (0..4000).map(|n: u64| Hash::of(&n.to_be_bytes())).collect();
    let want = Frame::Want { scope: scope.clone(), ids };
    let end = Frame::Want { scope: scope.clone(), ids: Vec::new() };
    let items = Items { scope: scope.clone(), upto: None, fingerprint: None, items: Vec::new() };
    // An empty set, by negentropy's first version: the answer names everything.
    let ask = Frame::Reconcile { scope, message: vec![0x61, 0, 0, 2, 0] };
    let wrong = Frame::Reconcile { scope: self::scope()?, message: noise(1, 60_000) };
    let mut said = 0;
    // Before any hello.
    let (link, mut line) = member.open(victim).await?;
    line.say(&Frame::Items(items).to_bytes()).await?;
    let code = line.refusal().await?;
    ensure!(code.is_none() || code.as_deref() == Some("no-hello"), "{code:?}");
    drop((line, link));
    let sequences: [(&str, Vec<Vec<u8>>); 5] = [
        ("replayed-hello", vec![member.hello(victim)?, member.hello(victim)?]),
        ("malformed-frame", vec![Frame::Ack(ack).to_bytes(); 500]),
        ("malformed-frame", vec![want.to_bytes()]),
        ("malformed-frame", vec![wrong.to_bytes()]),
        ("flood", vec![ask.to_bytes(), end.to_bytes(), ask.to_bytes(), end.to_bytes()]),
    ];
    let mut refused = 0;
    for (expected, frames) in sequences {
        let (_link, mut line) = member.join(victim).await?;
        for frame in frames {
            let _ = line.say(&frame).await;
            said += 1;
        }
        let code = line.refusal().await?;
        ensure!(code.is_none() || code.as_deref() == Some(expected), "{expected}: {code:?}");
        refused += u64::from(code.is_some());
    }
    ensure!(refused > 0, "not one reason was heard");
    // Sessions one after another, each with all the reconciliations it may have.
    let began = Instant::now();
    while began.elapsed() < FLOOD {
        let (_link, mut line) = member.join(victim).await?;
        for frame in [&ask, &end, &ask, &end] {
            let _ = line.say(&frame.to_bytes()).await;
            said += 1;
        }
        let _ = line.refusal().await?;
    }
    Ok(said)
}
