//! What an attacker has: keys, connections, streams, and the bytes of the protocol.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use futures::{AsyncWrite, StreamExt as _};
use libp2p::identity::Keypair;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{PeerId, Stream, StreamProtocol, SwarmBuilder, noise, ping, tcp, yamux};
use schema_wire::{
    Ascending, Cursor, Epoch, Frame, FrameHead, Genesis, Hash, Hello, Interests, Levels, List,
    Membership, Ms, NetworkId, NodeKey, Offer, Offers, Salt, Sender, Statement, UnitId, Unpacker,
    Wire,
};
use tests_cluster::{Node, gongzhi, path};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const PROTOCOL: StreamProtocol = StreamProtocol::new("/gongzhi/3");

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
/// How long one step of an attack may take: a busy victim is slow, and that is allowed.
pub(crate) const STEP: Duration = Duration::from_secs(15);
/// How often a step is tried again, and after what pause.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// Whom to attack.
#[derive(Debug, Clone)]
pub(crate) struct Victim {
    pub(crate) key: NodeKey,
    pub(crate) port: u16,
}

impl Victim {
    pub(crate) fn of(node: &Node) -> Result<Self> {
        Ok(Self { key: node.key.parse()?, port: node.port })
    }

    fn id(&self) -> Result<PeerId> {
        let key = libp2p::identity::ed25519::PublicKey::try_from_bytes(&self.key.0)?;
        Ok(PeerId::from_public_key(&key.into()))
    }
}

/// A key below the victim's: the stream is its to open.
pub(crate) fn fresh_key(victim: &Victim) -> Result<Keypair> {
    key_below(std::slice::from_ref(victim))
}

fn key_below(victims: &[Victim]) -> Result<Keypair> {
    let mut keys = std::iter::repeat_with(Keypair::generate_ed25519);
    let is_below = |key: NodeKey| victims.iter().all(|victim| key < victim.key);
    keys.find(|pair| public(pair).is_ok_and(is_below)).context("endless")
}

pub(crate) fn public(pair: &Keypair) -> Result<NodeKey> {
    Ok(NodeKey(pair.public().try_into_ed25519()?.to_bytes()))
}

/// A connection: it lasts until this is dropped, or the victim closes it.
pub(crate) struct Link {
    control: libp2p_stream::Control,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    /// Connects and authenticates; says nothing.
    pub(crate) async fn connect(victim: &Victim, pair: &Keypair) -> Result<Self> {
        let mut swarm = SwarmBuilder::with_existing_identity(pair.clone())
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)?
            .with_behaviour(|_| Speech::default())?
            .with_swarm_config(|swarm| swarm.with_idle_connection_timeout(Duration::MAX))
            .build();
        let control = swarm.behaviour().stream.new_control();
        let address = format!("/ip4/127.0.0.1/tcp/{}", victim.port).parse()?;
        swarm.dial(DialOpts::peer_id(victim.id()?).addresses(vec![address]).build())?;
        let (told, connected) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let mut told = Some(told);
            loop {
                let outcome = match swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => Ok(()),
                    SwarmEvent::OutgoingConnectionError { error, .. } => Err(error.to_string()),
                    _ => continue,
                };
                told.take().map(|told| told.send(outcome));
            }
        });
        let link = Self { control, task };
        match timeout(STEP, connected).await?? {
            Ok(()) => Ok(link),
            Err(error) => bail!("{error}"),
        }
    }

    /// Opens the session's stream; says nothing.
    pub(crate) async fn open(&mut self, victim: &Victim) -> Result<Line> {
        let stream = timeout(STEP, self.control.open_stream(victim.id()?, PROTOCOL)).await??;
        Ok(Line { stream, unpacker: Unpacker::default(), feed: None })
    }
}

/// A session's stream. What is said on it is said as it is, what is heard was packed.
pub(crate) struct Line {
    pub(crate) stream: Stream,
    unpacker: Unpacker,
    /// The victim's feed, once it said which.
    feed: Option<Epoch>,
}

impl Line {
    /// Sends a frame of any bytes.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> Result<()> {
        say(&mut self.stream, bytes).await
    }

    /// Reads the next frame.
    pub(crate) async fn hear(&mut self) -> Result<Frame> {
        self.hear_within(STEP).await
    }

    /// The same, of a victim that has much to do before.
    pub(crate) async fn hear_within(&mut self, patience: Duration) -> Result<Frame> {
        let heard = async {
            let mut head = [0; FrameHead::BYTES];
            self.stream.read_exact(&mut head).await?;
            let head = FrameHead::from_bytes(head, Sender::Member)?;
            let mut body = vec![0; head.length()];
            self.stream.read_exact(&mut body).await?;
            anyhow::Ok(self.unpacker.unpack(head, body)?)
        };
        Ok(Frame::from_bytes(&timeout(patience, heard).await??)?)
    }

    /// Asks for everything that the victim offers, from the beginning.
    pub(crate) async fn ask_for_everything(&mut self) -> Result<()> {
        let epoch = self.feed.context("a session")?;
        loop {
            let Frame::Offers(Offers { offers, more }) = self.hear().await? else { continue };
            let known = Some(Cursor { epoch, seq: 0 });
            let nothing = |offer: Offer| Offer { head: 0, sum: Hash([0; 32]), known, ..offer };
            let offers = List::new(offers.into_vec().into_iter().map(nothing).collect())?;
            self.say(&Frame::Offers(Offers { offers, more }).to_bytes()).await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Reads until the victim refuses; says by which code. None if it just closes.
    pub(crate) async fn refusal(&mut self) -> Result<Option<String>> {
        for _ in 0..10_000 {
            match self.hear().await {
                Ok(Frame::Refusal(reason)) => return Ok(Some(reason.code.to_string())),
                Ok(_) => {}
                Err(error) if error.is::<tokio::time::error::Elapsed>() => {
                    return Err(error.context("neither refused nor closed"));
                }
                Err(_) => return Ok(None),
            }
        }
        bail!("it talks on and on")
    }
}

/// Sends a frame of any bytes.
pub(crate) async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<()> {
    claim(stream, bytes.len(), bytes).await
}

/// Sends bytes, and says before them how many they become.
pub(crate) async fn claim(
    stream: &mut (impl AsyncWrite + Unpin),
    size: usize,
    bytes: &[u8],
) -> Result<()> {
    let [length, size] = [u32::try_from(bytes.len())?, u32::try_from(size)?].map(u32::to_be_bytes);
    let said = async {
        stream.write_all(&[length, size].concat()).await?;
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    Ok(timeout(STEP, said).await??)
}

/// A member: a key with a valid grant, which does not behave.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) pair: Keypair,
    pub(crate) network: NetworkId,
    unit: UnitId,
    lineage: Hash,
    chain: Vec<Statement>,
}

impl Member {
    /// Has the unit grant a fresh key.
    pub(crate) fn admitted_by(node: &Node, root: &Path, name: &str) -> Result<Self> {
        let grant = ["--role", "node"];
        Self::granted(&[node], &root.join(name), &grant, |grant| gongzhi(grant).map(drop))
    }

    /// The same, to speak with all of these nodes, of which the first one grants; for a role and a
    /// term, by a command that is run in a way of its own.
    pub(crate) fn granted(
        nodes: &[&Node],
        file: &Path,
        options: &[&str],
        run: impl FnOnce(&[&str]) -> Result<()>,
    ) -> Result<Self> {
        let victims: Result<Vec<Victim>> = nodes.iter().map(|node| Victim::of(node)).collect();
        let pair = key_below(&victims?)?;
        let (dir, out) = (path(&nodes.first().context("who grants")?.dir)?, path(file)?);
        let key = public(&pair)?.to_string();
        run(&[&["delegate", "--data", dir, "--to", &key, "--out", out], options].concat())?;
        let grant: toml::Table = std::fs::read_to_string(file)?.parse()?;
        let text = |field: &str| {
            let said = grant.get(field).and_then(toml::Value::as_str);
            said.with_context(|| format!("the grant has a {field}"))
        };
        let statements = grant["chain"].as_array().context("chain")?.iter();
        let chain: Result<Vec<Statement>> = statements
            .map(|text| Ok(Statement::from_bytes(&hex::decode(text.as_str().context("text")?)?)?))
            .collect();
        Ok(Self {
            pair,
            network: Genesis::from_bytes(&hex::decode(text("genesis")?)?)?.network(),
            unit: text("unit")?.parse()?,
            lineage: text("lineage")?.parse()?,
            chain: chain?,
        })
    }

    /// The delegation by which it is a member.
    pub(crate) fn delegation(&self) -> Result<Hash> {
        Ok(self.chain.last().context("a grant has a chain")?.id())
    }

    /// What every session begins with.
    pub(crate) fn hello(&self) -> Vec<u8> {
        let hello = Hello {
            network: self.network,
            levels: Levels::OURS,
            salt: Salt([7; 16]),
            clock: Ms::of(0),
        };
        Frame::Hello(hello).to_bytes()
    }

    /// Who we are, and that we hold nothing.
    pub(crate) fn membership(&self) -> Result<Vec<u8>> {
        let membership = Membership {
            unit: self.unit.clone(),
            lineage: self.lineage,
            chain: List::new(self.chain.clone())?,
            more: false,
            epoch: Epoch([7; 16]),
            head: 0,
            digest: None,
        };
        Ok(Frame::Membership(membership).to_bytes())
    }

    /// A stream on a fresh connection. The end of an earlier session may take it along: then again.
    pub(crate) async fn open(&self, victim: &Victim) -> Result<(Link, Line)> {
        for _ in 0..TRIES {
            if let Ok(opened) = self.open_once(victim).await {
                return Ok(opened);
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.open_once(victim).await
    }

    async fn open_once(&self, victim: &Victim) -> Result<(Link, Line)> {
        let mut link = Link::connect(victim, &self.pair).await?;
        let line = link.open(victim).await?;
        Ok((link, line))
    }

    /// A session: each knows who the other is, and what it cares for.
    pub(crate) async fn join(&self, victim: &Victim) -> Result<(Link, Line)> {
        for _ in 0..TRIES {
            if let Ok(joined) = self.join_once(victim).await {
                return Ok(joined);
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.join_once(victim).await
    }

    async fn join_once(&self, victim: &Victim) -> Result<(Link, Line)> {
        let (link, mut line) = self.open_once(victim).await?;
        let interests = Interests { units: Ascending::default(), more: false };
        let interests = Frame::Interests(interests).to_bytes();
        for frame in [self.hello(), self.membership()?, interests] {
            line.say(&frame).await?;
        }
        loop {
            match line.hear().await? {
                Frame::Hello(_) => {}
                Frame::Membership(membership) => line.feed = Some(membership.epoch),
                Frame::Interests(interests) if !interests.more => return Ok((link, line)),
                Frame::Interests(_) => {}
                other => bail!("no greeting but {other:?}"),
            }
        }
    }
}
