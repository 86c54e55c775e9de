//! Peers that are slow, silent, half-open or gone. Every wait is bounded; none measures speed.

mod raw;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use node_transport::{
    Address, Patience, PeerAddress, Refusal, Room, Transport, TransportConfig, TransportEvent,
    TransportHandle,
};
use schema_wire::limits::STRANGER_FRAME_BYTES_MAX;
use schema_wire::{FrameHead, NodeKey, Packer, Sender, SigningKey};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Receiver;

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const WITHIN: Duration = Duration::from_secs(60);

struct End {
    handle: TransportHandle,
    events: Receiver<TransportEvent>,
    address: Address,
    key: NodeKey,
}

fn patient() -> TransportConfig {
    TransportConfig {
        listen: vec![TCP.parse().expect("an address")],
        redial_max: Duration::from_millis(500),
        ..TransportConfig::default()
    }
}

fn impatient() -> TransportConfig {
    let patience = Patience {
        hello: Duration::from_secs(1),
        stall: Duration::from_secs(2),
        ..Patience::default()
    };
    TransportConfig { patience, ..patient() }
}

async fn start(seed: u8, config: TransportConfig) -> End {
    let (handle, mut events) = Transport::start([seed; 32], config).await.expect("starts");
    let address = next(&mut events, |event| match event {
        TransportEvent::Listening(address) => Some(address),
        _ => None,
    });
    let address = address.await;
    End { handle, events, address, key: key_of(seed) }
}

fn key_of(seed: u8) -> NodeKey {
    NodeKey(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

/// Bytes that do not pack.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}

/// The next event of a kind; others are dropped.
async fn next<T>(
    events: &mut Receiver<TransportEvent>,
    wanted: impl Fn(TransportEvent) -> Option<T>,
) -> T {
    let found = async {
        loop {
            if let Some(found) = wanted(events.recv().await.expect("the transport runs")) {
                return found;
            }
        }
    };
    tokio::time::timeout(WITHIN, found).await.expect("it happens")
}

async fn opened(end: &mut End) -> (u64, NodeKey) {
    next(&mut end.events, |event| match event {
        TransportEvent::Opened { session, peer, .. } => Some((session, peer)),
        _ => None,
    })
    .await
}

async fn frame(end: &mut End) -> Vec<u8> {
    next(&mut end.events, |event| match event {
        TransportEvent::Frame { frame, .. } => Some(frame.expect("a frame")),
        _ => None,
    })
    .await
}

async fn closed(end: &mut End) -> String {
    next(&mut end.events, |event| match event {
        TransportEvent::Closed { reason, .. } => Some(reason.to_string()),
        _ => None,
    })
    .await
}

fn peer(end: &End) -> PeerAddress {
    PeerAddress::At(end.key, end.address.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_delays_nobody_and_is_closed() {
    let mut a = start(20, patient()).await;
    let to_a = peer(&a);
    let mut slow = start(21, TransportConfig { peers: vec![to_a.clone()], ..patient() }).await;
    let (slow_session, _) = opened(&mut a).await;
    opened(&mut slow).await;
    let mut quick = start(22, TransportConfig { peers: vec![to_a], ..patient() }).await;
    let (quick_session, _) = opened(&mut a).await;
    // Its node takes no frame; what is on the way and what it may hold are finite.
    let refused = (0..64).find(|_| a.handle.send(slow_session, noise(1 << 20)).is_err());
    assert!(refused.is_some(), "a queue is bounded");
    a.handle.send(quick_session, b"hello".to_vec()).expect("queued");
    assert_eq!(frame(&mut quick).await, b"hello");
    let reason = closed(&mut a).await;
    assert!(reason.contains("reads too slowly"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_close_survives_a_full_queue() {
    let mut a = start(23, patient()).await;
    let mut b = start(24, TransportConfig { peers: vec![peer(&a)], ..patient() }).await;
    let (session, _) = opened(&mut a).await;
    opened(&mut b).await;
    // As much as is allowed, and nobody at the other end takes it.
    for _ in 0..4 {
        a.handle.send(session, noise((1 << 20) - 1)).expect("queued");
    }
    a.handle.close(session, "because".into());
    assert!(a.handle.send(session, vec![1]).is_err(), "nothing follows a close");
    assert_eq!(closed(&mut a).await, "because");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_refuses_is_dialled_less_and_less_often() {
    let mut a = start(25, patient()).await;
    let peers = vec![peer(&a)];
    let redial_max = Duration::from_secs(60);
    let redial_min = Duration::from_millis(100);
    let mut b = start(26, TransportConfig { peers, redial_min, redial_max, ..patient() }).await;
    // Each refusal takes a moment; the doubled waits are what bounds their number.
    let mut refusals = 0;
    let refuse = async {
        loop {
            let (session, _) = opened(&mut a).await;
            a.handle.close(session, "refused".into());
            refusals += 1;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(6), refuse).await;
    assert!((2..=8).contains(&refusals), "{refusals} times in six seconds");
    assert!(!closed(&mut b).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_frame_holds_nothing_for_ever() {
    let mut a = start(27, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.claim(256, 256, &[7, 7]).await;
    let reason = closed(&mut a).await;
    assert!(reason.contains("2 of 256 bytes"), "{reason}");
}

/// What the transport says of a member that says this after a good frame.
async fn told_of(a: &mut End, length: usize, size: usize, body: &[u8]) -> String {
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(b"hello").await;
    let (session, key) = opened(a).await;
    a.handle.trust(key);
    assert_eq!(frame(a).await, b"hello");
    raw.claim(length, size, body).await;
    let error = malformed(a).await;
    a.handle.send(session, b"refused".to_vec()).expect("the peer may still be told");
    a.handle.close(session, "refused".into());
    let said = raw.until_end().await;
    assert!(said.ends_with(b"refused"), "{said:?}");
    assert_eq!(closed(a).await, "refused");
    error
}

/// Why what came is no frame.
async fn malformed(end: &mut End) -> String {
    next(&mut end.events, |event| match event {
        TransportEvent::Frame { frame: Err(error), .. } => Some(error.to_string()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_unpack_ends_its_session_alone() {
    let mut a = start(38, patient()).await;
    let (most, more) = (1 << 20, (1 << 20) + 1);
    let frame = vec![5; 500];
    let (head, packed) = Packer::default().pack(frame).expect("packed");
    let length = head.length();
    let mut bent = packed.clone();
    bent[0] ^= 1;
    for (size, body, says) in [
        (more, &packed[..], "1048577 bytes, at most 1048576"),
        (length - 1, &packed, "was packed into"),
        (length + 1, &packed, "does not unpack"),
        (most, &packed, "unpacks to 500 of 1048576 bytes"),
        (500, &packed[..length - 1], "unpack"),
        (500, &noise(100), "does not unpack"),
        (500, &bent, "other bytes than were packed"),
        // The zero after the check says: no literals, and a copy of what was never said.
        (500, &[1, 2, 3, 4, 0, 9, 9], "does not unpack"),
    ] {
        let reason = told_of(&mut a, body.len(), size, body).await;
        assert!(reason.contains(says), "{reason}, not: {says}");
    }
    // Nothing of this was said to anybody else.
    let mut b = start(39, TransportConfig { peers: vec![peer(&a)], ..patient() }).await;
    let (session, _) = opened(&mut b).await;
    b.handle.send(session, b"still here".to_vec()).expect("queued");
    assert_eq!(self::frame(&mut a).await, b"still here");
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_wait_packed_for_room() {
    let mut a = start(40, patient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    let mut packer = Packer::default();
    let (head, body) = packer.pack(b"who I am".to_vec()).expect("packed");
    raw.claim(head.length(), head.size(), &body).await;
    let (_, key) = opened(&mut a).await;
    let (_, _, judged) = sent(&mut a).await;
    // Far more than is taken at once, in a few kilobytes.
    for _ in 0..32 {
        let (head, body) = packer.pack(vec![0; 1 << 20]).expect("packed");
        raw.claim(head.length(), head.size(), &body).await;
    }
    a.handle.trust(key);
    drop(judged);
    let mut held = Vec::new();
    let taken = async {
        while let Some(event) = a.events.recv().await {
            held.push(event);
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), taken).await;
    assert_eq!(held.len(), 8, "a room of eight mebibytes");
    drop(held);
    for _ in 8..32 {
        assert_eq!(frame(&mut a).await.len(), 1 << 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_frame_is_taken_from_members_alone() {
    let mut a = start(41, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(&noise(STRANGER_FRAME_BYTES_MAX)).await;
    let (session, _) = opened(&mut a).await;
    assert_eq!(frame(&mut a).await.len(), STRANGER_FRAME_BYTES_MAX);
    raw.claim(STRANGER_FRAME_BYTES_MAX + 1, STRANGER_FRAME_BYTES_MAX + 1, &[]).await;
    let error = malformed(&mut a).await;
    assert!(error.contains("524289 bytes, at most 524288"), "{error}");
    a.handle.close(session, "refused".into());
    closed(&mut a).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_frame_behind_a_membership_waits_until_that_is_accepted() {
    let mut a = start(42, patient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(b"who I am").await;
    let (_, key) = opened(&mut a).await;
    let (_, first, judged) = sent(&mut a).await;
    assert_eq!(first, Sender::Stranger);
    let large = noise(1 << 20);
    // It is not read to its end meanwhile.
    let trusted = async {
        let early = tokio::time::timeout(Duration::from_millis(300), sent(&mut a)).await;
        assert!(early.is_err(), "nobody trusts it yet");
        a.handle.trust(key);
        drop(judged);
        sent(&mut a).await
    };
    let ((), (bytes, sender, _)) = tokio::join!(raw.say(&large), trusted);
    assert_eq!((bytes.len(), sender), (1 << 20, Sender::Member));
}

/// The next frame, and who sent it; it is not dealt with before its room is dropped.
async fn sent(end: &mut End) -> (Vec<u8>, Sender, Room) {
    next(&mut end.events, |event| match event {
        TransportEvent::Frame { frame, sender, room, .. } => {
            Some((frame.expect("a frame"), sender, room))
        }
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_frame_is_refused_at_once_when_all_before_it_was_judged() {
    let mut a = start(44, patient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(b"who I am").await;
    assert_eq!(frame(&mut a).await, b"who I am");
    raw.claim(STRANGER_FRAME_BYTES_MAX + 1, STRANGER_FRAME_BYTES_MAX + 1, &[]).await;
    let error = tokio::time::timeout(patient().patience.hello / 2, malformed(&mut a)).await;
    let error = error.expect("nothing is waited for");
    assert!(error.contains("524289 bytes, at most 524288"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_not_the_peers_to_open_is_closed() {
    let mut a = start(43, patient()).await;
    let mut raw = raw::Raw::impostor(&a.key, &a.address).await;
    // The far end learns of a stream with its first bytes, and may close it before the last.
    let _ = raw.stream.write_all(b"hello").await;
    let _ = raw.stream.flush().await;
    let refused = next(&mut a.events, |event| match event {
        TransportEvent::Opened { .. } | TransportEvent::Frame { .. } => panic!("{event:?}"),
        TransportEvent::Refused { reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(refused.await, Refusal::Impostor);
    assert!(raw.until_end().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_frame_is_waited_for_while_bytes_come() {
    let mut a = start(28, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.claim(12, 12, &[]).await;
    // Longer than a stall, though no byte is late.
    for byte in 0..12u8 {
        raw.stream.write_all(&[byte]).await.expect("sent");
        raw.stream.flush().await.expect("sent");
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(frame(&mut a).await.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_waited_for_while_it_takes_bytes() {
    let mut a = start(29, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(b"hello").await;
    let (session, _) = opened(&mut a).await;
    a.handle.send(session, noise(1 << 20)).expect("queued");
    let mut left = (1 << 20) + FrameHead::BYTES;
    let mut chunk = [0; 16 * 1024];
    while left > 0 {
        let got = raw.stream.read(&mut chunk).await.expect("it goes on");
        assert!(got > 0, "cut off with {left} bytes to come");
        left -= got;
        // All of it takes longer than a stall.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_is_closed() {
    let mut a = start(30, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(b"hello").await;
    let (session, _) = opened(&mut a).await;
    for _ in 0..3 {
        a.handle.send(session, noise(1 << 20)).expect("queued");
    }
    let reason = closed(&mut a).await;
    assert!(reason.contains("took nothing"), "{reason}");
    drop(raw);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_hello_is_closed() {
    let mut a = start(31, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    // A stream is known to the far end with its first bytes: its name, without a frame.
    raw.stream.flush().await.expect("sent");
    let reason = closed(&mut a).await;
    assert!(reason.contains("no hello"), "{reason}");
}

/// What the transport tells the node before it closes: the node may tell the peer.
async fn timed_out(end: &mut End) -> String {
    next(&mut end.events, |event| match event {
        TransportEvent::TimedOut { reason, .. } => Some(reason.to_string()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_begins_with_its_first_byte() {
    let mut a = start(45, impatient()).await;
    let mut raw = raw::Raw::connect(&a.key, &a.address).await;
    raw.say(b"hello").await;
    let (session, _) = opened(&mut a).await;
    // Between frames it may be silent for longer than a frame may stall.
    tokio::time::sleep(impatient().patience.stall + Duration::from_millis(500)).await;
    raw.stream.write_all(&[0, 0, 0, 9, 0, 0]).await.expect("sent");
    raw.stream.flush().await.expect("sent");
    let reason = timed_out(&mut a).await;
    assert!(reason.contains("a frame began"), "{reason}");
    a.handle.send(session, b"time-out".to_vec()).expect("queued");
    a.handle.close(session, "time-out".into());
    assert_eq!(closed(&mut a).await, "time-out");
    let said = raw.until_end().await;
    assert!(said.ends_with(b"time-out"), "it was told: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stalls_is_told_before_it_is_closed() {
    for (seed, says, bytes) in [(46, "no hello", &[][..]), (47, "4 of 9 bytes", b"abcd")] {
        let mut a = start(seed, impatient()).await;
        let mut raw = raw::Raw::connect(&a.key, &a.address).await;
        if bytes.is_empty() {
            raw.stream.flush().await.expect("sent");
        } else {
            raw.claim(9, 9, bytes).await;
        }
        let (session, _) = opened(&mut a).await;
        let reason = timed_out(&mut a).await;
        assert!(reason.contains(says), "{reason}");
        a.handle.send(session, b"time-out".to_vec()).expect("queued");
        a.handle.close(session, "time-out".into());
        let said = raw.until_end().await;
        assert!(said.ends_with(b"time-out"), "it was told: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_session_is_closed() {
    let a = start(32, impatient()).await;
    let mut raw = raw::Raw::knock(&a.key, &a.address).await;
    tokio::time::timeout(WITHIN, raw.until_closed()).await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_leave_room_for_members() {
    let config = TransportConfig { connections_max: 16, ..patient() };
    let mut a = start(33, config).await;
    let to_a = || PeerAddress::At(a.key, a.address.clone());
    let mut member = start(34, TransportConfig { peers: vec![to_a()], ..patient() }).await;
    let others = [to_a()];
    let (session, key) = opened(&mut a).await;
    opened(&mut member).await;
    a.handle.trust(key);
    let mut strangers = Vec::new();
    for _ in 0..24 {
        strangers.push(raw::Raw::knock(&a.key, &a.address).await);
    }
    // Those who came first made room for those who came later: two are left.
    let first = strangers.iter_mut().take(22).map(raw::Knock::until_closed);
    tokio::time::timeout(WITHIN, futures::future::join_all(first)).await.expect("shown out");
    let mut late = start(35, TransportConfig { peers: others.to_vec(), ..patient() }).await;
    opened(&mut late).await;
    a.handle.send(session, b"still here".to_vec()).expect("the member's session stands");
    assert_eq!(frame(&mut member).await, b"still here");
}

/// Forwards one address to another until told to be silent: then the bytes and the closings of
/// either side are swallowed, as when a machine loses its power.
async fn proxy(to: u16, silent: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else { continue };
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(forward(near_in, far_out, silent.clone()));
            tokio::spawn(forward(far_in, near_out, silent.clone()));
        }
    });
    port
}

async fn forward(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    silent: Arc<AtomicBool>,
) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut bytes = [0; 4096];
    loop {
        let got = from.read(&mut bytes).await.unwrap_or(0);
        if silent.load(Ordering::Relaxed) {
            // Held open for as long as the test runs.
            std::future::pending::<()>().await;
        }
        if got == 0 || to.write_all(&bytes[..got]).await.is_err() {
            return;
        }
    }
}

fn port(address: &Address) -> u16 {
    let text = address.to_string();
    text.rsplit('/').next().and_then(|port| port.parse().ok()).expect("ends with its port")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_lost_its_power_is_given_up() {
    let silent = Arc::new(AtomicBool::new(false));
    let mut a = start(36, impatient()).await;
    let through = proxy(port(&a.address), silent.clone()).await;
    let address = format!("/ip4/127.0.0.1/tcp/{through}").parse().expect("an address");
    let peers = vec![PeerAddress::At(a.key, address)];
    let mut b = start(37, TransportConfig { peers, ..impatient() }).await;
    let (at_a, _) = opened(&mut a).await;
    let (at_b, _) = opened(&mut b).await;
    a.handle.send(at_a, b"a hello".to_vec()).expect("queued");
    b.handle.send(at_b, b"a hello".to_vec()).expect("queued");
    frame(&mut a).await;
    frame(&mut b).await;
    silent.store(true, Ordering::Relaxed);
    assert_eq!(closed(&mut a).await, "the link was cut");
    assert_eq!(closed(&mut b).await, "the link was cut");
}
