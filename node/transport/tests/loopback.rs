//! Real sockets on loopback. Every wait is bounded; none is a measure of speed.

use std::time::Duration;

use node_transport::{
    Address, DialFailure, PeerAddress, Transport, TransportConfig, TransportEvent, TransportHandle,
};
use schema_wire::{Hash, NodeKey, SigningKey};
use tokio::sync::mpsc::Receiver;

struct End {
    handle: TransportHandle,
    events: Receiver<TransportEvent>,
    address: Address,
    key: NodeKey,
}

async fn start(seed: u8, listen: &str, peers: Vec<PeerAddress>) -> End {
    let config = TransportConfig {
        listen: vec![listen.parse().expect("an address")],
        peers,
        redial_max: Duration::from_millis(500),
        ..TransportConfig::default()
    };
    let (handle, mut events) = Transport::start([seed; 32], config).await.expect("starts");
    let address = match next(&mut events, |e| matches!(e, TransportEvent::Listening(_))).await {
        TransportEvent::Listening(address) => address,
        other => panic!("{other:?}"),
    };
    End { handle, events, address, key: key_of(seed) }
}

/// The next event of a kind; others are dropped.
async fn next(
    events: &mut Receiver<TransportEvent>,
    wanted: impl Fn(&TransportEvent) -> bool,
) -> TransportEvent {
    let found = async {
        loop {
            let event = events.recv().await.expect("the transport runs");
            if wanted(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), found).await.expect("it happens")
}

async fn opened(end: &mut End) -> (u64, NodeKey, bool) {
    match next(&mut end.events, |e| matches!(e, TransportEvent::Opened { .. })).await {
        TransportEvent::Opened { session, peer, opener } => (session, peer, opener),
        other => panic!("{other:?}"),
    }
}

async fn frame(end: &mut End) -> Vec<u8> {
    match next(&mut end.events, |e| matches!(e, TransportEvent::Frame { .. })).await {
        TransportEvent::Frame { frame, .. } => frame.expect("a frame"),
        other => panic!("{other:?}"),
    }
}

async fn closed(end: &mut End) -> String {
    match next(&mut end.events, |e| matches!(e, TransportEvent::Closed { .. })).await {
        TransportEvent::Closed { reason, .. } => reason.to_string(),
        other => panic!("{other:?}"),
    }
}

fn peer(end: &End) -> PeerAddress {
    PeerAddress::At(end.key, end.address.clone())
}

async fn exchange(listen: &str) {
    let mut a = start(1, listen, vec![]).await;
    let mut b = start(2, listen, vec![peer(&a)]).await;
    let (at_a, from_a, opens_a) = opened(&mut a).await;
    let (at_b, from_b, opens_b) = opened(&mut b).await;
    assert_eq!((from_a, from_b), (b.key, a.key));
    assert_ne!(opens_a, opens_b, "exactly one of them opens");
    assert_eq!(opens_a, a.key < b.key, "the smaller key opens, whoever dials");
    a.handle.trust(b.key);
    a.handle.send(at_a, b"there".to_vec()).expect("sent");
    b.handle.send(at_b, vec![7; 1 << 20]).expect("sent");
    assert_eq!(frame(&mut b).await, b"there");
    assert_eq!(frame(&mut a).await.len(), 1 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_travel_over_tcp() {
    exchange("/ip4/127.0.0.1/tcp/0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_travel_over_quic() {
    exchange("/ip4/127.0.0.1/udp/0/quic-v1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_every_kind_arrive_as_they_were_and_in_order() {
    let mut a = start(11, "/ip4/127.0.0.1/tcp/0", vec![]).await;
    let mut b = start(12, "/ip4/127.0.0.1/tcp/0", vec![peer(&a)]).await;
    opened(&mut a).await;
    let (session, ..) = opened(&mut b).await;
    a.handle.trust(b.key);
    let noise = |seed: u64, blocks: u64| -> Vec<u8> {
        let block = |n: u64| Hash::of(&[&seed.to_be_bytes(), &n.to_be_bytes()]).0;
        (0..blocks).flat_map(block).collect()
    };
    let mut frames = vec![Vec::new(), vec![7; 1 << 20], noise(1, 32 * 1024), Vec::new()];
    // Small ones that repeat what came before, and some that do not.
    frames.extend((0..200).map(|n| [&noise(n % 9, 5)[..], &noise(n, 2)].concat()));
    for frame in &frames {
        b.handle.send(session, frame.clone()).expect("queued");
    }
    for (n, sent) in frames.iter().enumerate() {
        assert!(frame(&mut a).await == *sent, "frame {n} of {} bytes", sent.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_frame_closes_its_session_and_a_new_one_follows() {
    let mut a = start(3, "/ip4/127.0.0.1/tcp/0", vec![]).await;
    let mut b = start(4, "/ip4/127.0.0.1/tcp/0", vec![peer(&a)]).await;
    opened(&mut a).await;
    let (session, ..) = opened(&mut b).await;
    b.handle.send(session, vec![0; (1 << 20) + 1]).expect("queued");
    let reason = closed(&mut b).await;
    assert!(reason.contains("1048577"), "{reason}");
    closed(&mut a).await;
    opened(&mut a).await;
    let (session, ..) = opened(&mut b).await;
    b.handle.send(session, b"again".to_vec()).expect("sent");
    assert_eq!(frame(&mut a).await, b"again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_peer_hears_the_last_frame_first() {
    let mut a = start(5, "/ip4/127.0.0.1/tcp/0", vec![]).await;
    let mut b = start(6, "/ip4/127.0.0.1/tcp/0", vec![peer(&a)]).await;
    let (session, ..) = opened(&mut a).await;
    opened(&mut b).await;
    a.handle.send(session, b"because".to_vec()).expect("sent");
    a.handle.close(session, "refused".into());
    assert_eq!(frame(&mut b).await, b"because");
    assert_eq!(closed(&mut a).await, "refused");
    closed(&mut b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_link_stays_cut_until_it_is_healed() {
    let mut a = start(7, "/ip4/127.0.0.1/tcp/0", vec![]).await;
    let mut b = start(8, "/ip4/127.0.0.1/tcp/0", vec![peer(&a)]).await;
    opened(&mut a).await;
    opened(&mut b).await;
    a.handle.block(Some(b.key), true).await;
    closed(&mut a).await;
    closed(&mut b).await;
    let refused = next(&mut a.events, |e| matches!(e, TransportEvent::Refused { .. })).await;
    assert!(matches!(refused, TransportEvent::Refused { peer: Some(_), .. }));
    a.handle.block(Some(b.key), false).await;
    opened(&mut a).await;
    // Who was cut by name is healed with all, and who was cut with all, by name.
    for (cut, heal) in [(Some(b.key), None), (None, Some(b.key))] {
        a.handle.block(cut, true).await;
        closed(&mut a).await;
        a.handle.block(heal, false).await;
        opened(&mut a).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_named_twice_has_one_session() {
    let mut a = start(9, "/ip4/127.0.0.1/tcp/0", vec![]).await;
    let mut b = start(10, "/ip4/127.0.0.1/tcp/0", vec![peer(&a), peer(&a)]).await;
    opened(&mut a).await;
    opened(&mut b).await;
    let second = tokio::time::timeout(Duration::from_secs(2), opened(&mut a)).await;
    assert!(second.is_err(), "a second session: {second:?}");
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("bound").port()
}

fn key_of(seed: u8) -> NodeKey {
    NodeKey(SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

fn at(seed: u8, port: u16) -> PeerAddress {
    let address = format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address");
    PeerAddress::At(key_of(seed), address)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ends_may_dial_at_once() {
    for round in 0..5u8 {
        let (port_a, port_b) = (free_port(), free_port());
        let (seed_a, seed_b) = (60 + 2 * round, 61 + 2 * round);
        let listen = |port| format!("/ip4/127.0.0.1/tcp/{port}");
        let (listen_a, listen_b) = (listen(port_a), listen(port_b));
        let (mut a, mut b) = tokio::join!(
            start(seed_a, &listen_a, vec![at(seed_b, port_b)]),
            start(seed_b, &listen_b, vec![at(seed_a, port_a)]),
        );
        let (at_a, from_a, opens_a) = opened(&mut a).await;
        let (at_b, from_b, opens_b) = opened(&mut b).await;
        assert_eq!((from_a, from_b), (b.key, a.key));
        assert_ne!(opens_a, opens_b, "exactly one of them opens");
        a.handle.send(at_a, b"there".to_vec()).expect("sent");
        b.handle.send(at_b, b"here".to_vec()).expect("sent");
        assert_eq!(frame(&mut b).await, b"there");
        assert_eq!(frame(&mut a).await, b"here");
        let second = tokio::time::timeout(Duration::from_millis(500), opened(&mut a)).await;
        assert!(second.is_err(), "a second session: {second:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_restarted_on_its_port_is_found_again() {
    // Whichever of the two opens the session.
    for (server, client) in [(80, 81), (81, 80)] {
        let port = free_port();
        let listen = format!("/ip4/127.0.0.1/tcp/{port}");
        let mut a = start(server, &listen, vec![]).await;
        let mut b = start(client, "/ip4/127.0.0.1/tcp/0", vec![at(server, port)]).await;
        for _ in 0..3 {
            opened(&mut b).await;
            opened(&mut a).await;
            drop(a);
            closed(&mut b).await;
            a = restart(server, &listen).await;
        }
        let (session, ..) = opened(&mut b).await;
        b.handle.send(session, b"again".to_vec()).expect("sent");
        assert_eq!(frame(&mut a).await, b"again");
    }
}

/// Starts again once the port is free.
async fn restart(seed: u8, listen: &str) -> End {
    for _ in 0..500 {
        let port = listen.rsplit('/').next().and_then(|port| port.parse().ok());
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        let address = ([127, 0, 0, 1], port.expect("ends with its port")).into();
        if socket.bind(address).is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start(seed, listen, vec![]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_not_shared_with_another_node() {
    let first = start(1, "/ip4/127.0.0.1/tcp/0", Vec::new()).await;
    let config = TransportConfig { listen: vec![first.address], ..TransportConfig::default() };
    let second = Transport::start([2; 32], config).await;
    let said = second.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains("in use"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_another_program_from_the_nodes_port_stops_no_dialling() {
    let mut first = start(1, "/ip4/127.0.0.1/tcp/0", Vec::new()).await;
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let other = std::net::TcpStream::connect(elsewhere.local_addr().expect("an address"));
    let port = other.as_ref().expect("a connection").local_addr().expect("an address").port();
    let peer = PeerAddress::At(first.key, first.address.clone());
    let config = TransportConfig {
        listen: vec![format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address")],
        peers: vec![peer],
        redial_max: Duration::from_millis(500),
        ..TransportConfig::default()
    };
    // The system may or may not let the node listen there; if it does, it must reach its peers.
    if let Ok((_handle, _events)) = Transport::start([2; 32], config).await {
        opened(&mut first).await;
    }
    drop(other);
}

/// The transport of a node that dials these.
async fn dialling(seed: u8, peers: Vec<PeerAddress>) -> End {
    start(seed, "/ip4/127.0.0.1/tcp/0", peers).await
}

fn unheard(port: u16) -> Address {
    format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_is_reached_by_the_name_of_its_host() {
    let mut a = dialling(90, vec![]).await;
    let named = a.address.to_string().replace("/ip4/127.0.0.1/", "/dns/localhost/");
    let mut b = dialling(91, vec![PeerAddress::At(a.key, named.parse().expect("a name"))]).await;
    opened(&mut a).await;
    opened(&mut b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_knows_is_told_and_harms_nobody() {
    let nowhere = "/dns/no-such-host.invalid/tcp/7400".parse().expect("a name");
    let mut a = dialling(92, vec![]).await;
    let peers = vec![PeerAddress::At(key_of(93), nowhere), peer(&a)];
    let mut b = dialling(94, peers).await;
    opened(&mut a).await;
    let failed = next(&mut b.events, |e| matches!(e, TransportEvent::DialFailed { .. })).await;
    let TransportEvent::DialFailed { reason, .. } = failed else { panic!("it failed") };
    assert_eq!(reason, DialFailure::Name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_alone_is_reached_once_somebody_says_where_it_is() {
    let mut a = dialling(95, vec![]).await;
    let mut b = dialling(96, vec![PeerAddress::Anywhere(a.key)]).await;
    let early = tokio::time::timeout(Duration::from_millis(500), opened(&mut b)).await;
    assert!(early.is_err(), "nobody knows yet: {early:?}");
    // Whom nobody asked to dial is not dialled.
    b.handle.tell(key_of(99), vec![a.address.clone()]).await;
    b.handle.tell(a.key, vec![unheard(free_port()), a.address.clone()]).await;
    let (_, from, _) = opened(&mut b).await;
    assert_eq!(from, a.key);
    opened(&mut a).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_at_a_peers_address_with_another_key_is_met_and_does_not_stand_for_it() {
    let mut a = dialling(97, vec![]).await;
    let mut other = dialling(98, vec![]).await;
    let peers = vec![PeerAddress::At(a.key, other.address.clone()), peer(&a)];
    let mut b = dialling(99, peers).await;
    let failed = next(&mut b.events, |e| matches!(e, TransportEvent::DialFailed { .. })).await;
    let TransportEvent::DialFailed { reason, .. } = failed else { panic!("it failed") };
    assert_eq!(reason, DialFailure::AnotherKey(Some(other.key)));
    let met = [opened(&mut b).await.1, opened(&mut b).await.1];
    assert!(met.contains(&a.key) && met.contains(&other.key), "{met:?}");
    opened(&mut a).await;
    opened(&mut other).await;
}

/// Both ways round: the peer with the smaller key opens the session.
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_with_one_key_each_come_to_speak() {
    for (one, two) in [(104, 105), (105, 104)] {
        let mut host = dialling(one, vec![]).await;
        let _first = dialling(two, vec![peer(&host)]).await;
        let (_, from, _) = opened(&mut host).await;
        assert_eq!(from, key_of(two));
        // The connection is old enough that whoever comes now may have forgotten it.
        tokio::time::sleep(Duration::from_secs(6)).await;
        let mut second = dialling(two, vec![peer(&host)]).await;
        opened(&mut second).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_lacks_an_address_listens_on_the_others() {
    // An address for documents (RFC 5737), which no host has.
    let lacking = "/ip4/192.0.2.1/tcp/7400".parse().expect("an address");
    let here = "/ip4/127.0.0.1/tcp/0".parse().expect("an address");
    let config = TransportConfig { listen: vec![lacking, here], ..TransportConfig::default() };
    let (handle, mut events) = Transport::start([100; 32], config).await.expect("starts");
    let listening = next(&mut events, |e| matches!(e, TransportEvent::Listening(_))).await;
    let TransportEvent::Listening(address) = listening else { panic!("it listens") };
    assert!(address.to_string().starts_with("/ip4/127.0.0.1/tcp/"), "{address}");
    assert_ne!(address.port(), 0, "the one that was given");
    assert_eq!(handle.listening().await, [address]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_families_listen_on_one_port() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: this machine has no IPv6 loopback");
        return;
    }
    let port = free_port();
    let listen = ["/ip4/0.0.0.0", "/ip6/::"].map(|host| format!("{host}/tcp/{port}"));
    let listen = listen.iter().map(|text| text.parse().expect("an address")).collect();
    let config = TransportConfig { listen, ..TransportConfig::default() };
    let (_handle, _events) = Transport::start([101; 32], config).await.expect("starts");
    for (seed, host) in [(102, "/ip4/127.0.0.1"), (103, "/ip6/::1")] {
        let address = format!("{host}/tcp/{port}").parse().expect("an address");
        let mut end = dialling(seed, vec![PeerAddress::At(key_of(101), address)]).await;
        opened(&mut end).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_travel_over_ipv6() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: this machine has no IPv6 loopback");
        return;
    }
    exchange("/ip6/::1/tcp/0").await;
    exchange("/ip6/::1/udp/0/quic-v1").await;
}
