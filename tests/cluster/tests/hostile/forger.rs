//! What a member signs by hand, with the key that its unit granted, and hands to a node.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use node_replication::change::{self, Change, ChangeHash, OpId, Put, Scalar};
use schema_wire::{
    Ack, Ascending, Author, Bytes, DocumentId, Envelope, Frame, Hash, Header, Incarnation, Item,
    Items, List, Ms, NodeKey, Payload, Position, Scope, SigningKey, Verified, Wire,
};

use crate::attacker::{Line, Link, Member, Victim, public};

/// Frames of one scope that are not acknowledged: the session's window.
const WINDOW: usize = 4;
const FRAME: usize = 900_000;
/// How long a node may take for a frame full of envelopes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A place in a log, and what an envelope there claims.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) document: DocumentId,
    pub(crate) incarnation: Incarnation,
    pub(crate) position: Position,
    pub(crate) dependencies: Vec<Hash>,
    pub(crate) at: Ms,
}

impl Draft {
    /// The first place of a life, now.
    pub(crate) fn first(document: &str, life: u64) -> Result<Self> {
        let mut parts = document.splitn(3, ':');
        let mut part = || parts.next().context("a document");
        let (owner, class, shard) = (part()?.parse()?, part()?.parse::<u8>()?, part()?);
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed()?;
        let mut incarnation = [0; 16];
        incarnation[..8].copy_from_slice(&life.to_be_bytes());
        Ok(Self {
            document: DocumentId::new(owner, schema_wire::Class::new(class)?, shard)?,
            incarnation: Incarnation(incarnation),
            position: Position::FIRST,
            dependencies: Vec::new(),
            at: Ms::of(u64::try_from(since.as_millis())?),
        })
    }

    pub(crate) fn author(&self, key: NodeKey) -> Author {
        Author { key, incarnation: self.incarnation }
    }
}

/// What a change builds on: the changes that it names, and the greatest counter in their past.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upon {
    hashes: Vec<ChangeHash>,
    counter: u64,
}

impl Upon {
    /// The change of an envelope.
    pub(crate) fn of(envelope: &Envelope) -> Result<Self> {
        let Payload::Changes(bytes) = envelope.content() else { bail!("no change") };
        let (change, hash) = change::read(bytes)?;
        let counter = change.start_op + change.puts.len() as u64 - 1;
        Ok(Self { hashes: vec![hash], counter })
    }
}

impl Member {
    pub(crate) fn signing_key(&self) -> Result<SigningKey> {
        let secret = self.pair.clone().try_into_ed25519()?.secret();
        Ok(SigningKey::from_bytes(secret.as_ref().try_into()?))
    }

    /// Signs what an envelope says.
    pub(crate) fn sign(&self, draft: &Draft, content: Payload) -> Result<Envelope> {
        let Draft { document, position, dependencies, at, .. } = draft.clone();
        let header = Header {
            network: self.network,
            document,
            author: draft.author(public(&self.pair)?),
            position,
            dependencies: Ascending::of(dependencies)?,
            delegation: self.delegation()?,
            at,
            payload_kind: content.kind(),
            payload_hash: content.hash().context("content")?,
        };
        let header = Verified::seal(header, &self.signing_key()?)?;
        Ok(Envelope::new(header.into_signed(), content)?)
    }

    /// One value at a key, upon these changes, instead of these values.
    pub(crate) fn puts(
        &self,
        draft: &Draft,
        upon: &Upon,
        (key, value): (&str, Scalar<'_>),
        instead: Vec<OpId>,
    ) -> Result<Payload> {
        let change = Change {
            deps: upon.hashes.clone(),
            actor: draft.author(public(&self.pair)?).actor(&draft.document),
            seq: draft.position.seq(),
            start_op: upon.counter + 1,
            puts: vec![Put { key, value, instead }],
        };
        Ok(Payload::Changes(Bytes::new(change::write(&change).0)?))
    }

    /// An envelope that puts a text at a key and builds on nothing.
    pub(crate) fn writes(&self, draft: &Draft, key: &str, text: &str) -> Result<Envelope> {
        self.sign(draft, self.puts(draft, &Upon::default(), (key, Scalar::Text(text)), Vec::new())?)
    }

    /// A session in which it hands over items.
    pub(crate) async fn hands(&self, victim: &Victim) -> Result<Hands> {
        let (link, line) = self.join(victim).await?;
        Ok(Hands { _link: link, line })
    }
}

/// What became of items that were handed over.
#[derive(Debug, Default)]
pub(crate) struct Became {
    pub(crate) refused: u64,
    pub(crate) codes: Vec<String>,
    /// Frames that were put off.
    pub(crate) later: u64,
}

/// A session of a member.
pub(crate) struct Hands {
    _link: Link,
    line: Line,
}

impl Hands {
    /// Hands these over in order, in as many frames as it takes, and waits for what became of them.
    pub(crate) async fn over(&mut self, scope: &Scope, items: Vec<Item>) -> Result<Became> {
        let mut became = Became::default();
        let mut open = 0;
        for portion in portions(items)? {
            let items = Items { scope: scope.clone(), upto: None, sum: None, items: portion };
            self.line.say(&Frame::Items(items).to_bytes()).await?;
            open += 1;
            if open == WINDOW {
                self.hear(scope, &mut became).await?;
                open -= 1;
            }
        }
        for _ in 0..open {
            self.hear(scope, &mut became).await?;
        }
        Ok(became)
    }

    pub(crate) async fn envelopes(&mut self, envelopes: Vec<Envelope>) -> Result<Became> {
        let first = envelopes.first().context("one")?;
        let scope = first.header().claims().document.scope();
        let items = envelopes.into_iter().map(|one| Item::Envelope(Box::new(one))).collect();
        self.over(&scope, items).await
    }

    /// Everything that the node offers and sends, until it has sent nothing for a while.
    pub(crate) async fn taken(&mut self) -> Result<Vec<(Scope, Item)>> {
        self.line.ask_for_everything().await?;
        let mut taken = Vec::new();
        let pause = Duration::from_secs(3);
        while let Ok(heard) = tokio::time::timeout(pause, self.line.hear()).await {
            let Frame::Items(Items { scope, upto, items, .. }) = heard? else { continue };
            let read = items.iter().filter_map(|item| Item::from_bytes(item).ok());
            taken.extend(read.map(|item| (scope.clone(), item)));
            let ack = Ack { scope, upto, later: false, refused: 0, reason: None };
            self.line.say(&Frame::Ack(ack).to_bytes()).await?;
        }
        Ok(taken)
    }

    async fn hear(&mut self, of: &Scope, became: &mut Became) -> Result<()> {
        loop {
            match self.line.hear_within(PATIENCE).await? {
                Frame::Ack(Ack { scope, later, refused, reason, .. }) if scope == *of => {
                    became.refused += refused;
                    became.codes.extend(reason.map(|reason| reason.code.to_string()));
                    became.later += u64::from(later);
                    return Ok(());
                }
                Frame::Refusal(reason) => bail!("turned away: {reason:?}"),
                _ => {}
            }
        }
    }
}

fn portions(items: Vec<Item>) -> Result<Vec<List<Bytes<0, 1_048_576>, 0, 4096>>> {
    let mut portions: Vec<Vec<Vec<u8>>> = vec![Vec::new()];
    for item in items {
        let item = item.to_bytes();
        ensure!(item.len() <= FRAME, "an item fits a frame");
        let last = portions.last_mut().context("one")?;
        let bytes: usize = last.iter().map(Vec::len).sum();
        if bytes + item.len() > FRAME || last.len() == 500 {
            portions.push(vec![item]);
        } else {
            last.push(item);
        }
    }
    let list = |items: Vec<Vec<u8>>| {
        let items: Result<Vec<_>, _> = items.into_iter().map(Bytes::new).collect();
        anyhow::Ok(List::new(items?)?)
    };
    portions.into_iter().map(list).collect()
}
