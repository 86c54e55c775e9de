//! A peer that speaks libp2p and nothing else: what it says is up to the test.

use futures::StreamExt as _;
use futures::io::AsyncWriteExt as _;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol, SwarmBuilder, noise, ping, tcp, yamux};
use schema_wire::NodeKey;
use tokio::sync::watch;

const PROTOCOL: StreamProtocol = StreamProtocol::new("/gongzhi/2");

/// Pings are answered: who answers none is closed for that.
#[derive(NetworkBehaviour)]
struct Speech {
    ping: ping::Behaviour,
    stream: libp2p_stream::Behaviour,
}

impl Default for Speech {
    fn default() -> Self {
        Self { ping: ping::Behaviour::default(), stream: libp2p_stream::Behaviour::new() }
    }
}

/// A connection with a transport, by a fresh key.
pub(crate) struct Knock {
    gone: watch::Receiver<bool>,
    control: libp2p_stream::Control,
}

/// A stream to a transport, which nothing was said on.
pub(crate) struct Raw {
    pub(crate) stream: Stream,
    _knock: Knock,
}

impl Raw {
    /// Connects with a key small enough that the stream is its to open.
    pub(crate) async fn connect(key: &NodeKey, address: &Multiaddr) -> Self {
        let mut knock = Self::knock_below(key, address, true).await;
        let stream = knock.control.open_stream(id(key), PROTOCOL).await.expect("a stream");
        Self { stream, _knock: knock }
    }

    /// Connects, and no more.
    pub(crate) async fn knock(key: &NodeKey, address: &Multiaddr) -> Knock {
        Self::knock_below(key, address, false).await
    }

    async fn knock_below(key: &NodeKey, address: &Multiaddr, below: bool) -> Knock {
        let keypair =
            std::iter::repeat_with(libp2p::identity::Keypair::generate_ed25519).find(|pair| {
                let public = pair.public().try_into_ed25519().expect("Ed25519").to_bytes();
                !below || public < key.0
            });
        let mut swarm = SwarmBuilder::with_existing_identity(keypair.expect("endless"))
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .expect("TCP")
            .with_behaviour(|_| Speech::default())
            .expect("a behaviour")
            .with_swarm_config(|c| c.with_idle_connection_timeout(std::time::Duration::MAX))
            .build();
        let control = swarm.behaviour().stream.new_control();
        let dial = DialOpts::peer_id(id(key)).addresses(vec![address.clone()]).build();
        swarm.dial(dial).expect("dials");
        let (established, connected) = tokio::sync::oneshot::channel();
        let (going, gone) = watch::channel(false);
        tokio::spawn(async move {
            let mut established = Some(established);
            loop {
                match swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => {
                        established.take().map(|e| e.send(()));
                    }
                    SwarmEvent::ConnectionClosed { .. } => {
                        let _ = going.send(true);
                    }
                    _ => {}
                }
            }
        });
        connected.await.expect("connects");
        Knock { gone, control }
    }

    /// Says a frame as it is.
    pub(crate) async fn say(&mut self, bytes: &[u8]) {
        self.claim(bytes.len(), bytes.len(), bytes).await;
    }

    /// Says bytes, and before them how many follow and how many they become.
    pub(crate) async fn claim(&mut self, length: usize, size: usize, bytes: &[u8]) {
        let word = |number: usize| u32::try_from(number).expect("small").to_be_bytes();
        let said = [&word(length)[..], &word(size), bytes].concat();
        self.stream.write_all(&said).await.expect("sent");
        self.stream.flush().await.expect("sent");
    }
}

impl Knock {
    /// Waits until the far end closed the connection.
    pub(crate) async fn until_closed(&mut self) {
        let _ = self.gone.wait_for(|gone| *gone).await;
    }
}

fn id(key: &NodeKey) -> PeerId {
    let public = libp2p::identity::ed25519::PublicKey::try_from_bytes(&key.0).expect("a key");
    PeerId::from_public_key(&public.into())
}
