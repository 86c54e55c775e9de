//! Peers that lie, each with a valid identity: a real replica whose shell twists what it sends.
//!
//! What they send may break their own sessions. It must not harm anybody else's.

use node_replication::history;
use rand::RngExt;
use schema_documents::record;
use schema_wire::{
    Author, Envelope, Frame, Hash, Header, Item, Items, Payload, Scope, Statement, Verified, Wire,
    limits,
};

use crate::node::{FIELD, SimNode, library};

/// How a peer lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Signatures that do not hold.
    Forger,
    /// Envelopes in another's name.
    Impostor,
    /// Envelopes of other units, under other nodes' grants.
    Overreacher,
    /// Envelopes dated after its grant.
    Latecomer,
    /// Other envelopes at one place of its log for every peer.
    Equivocator,
    /// It does not hear of revocations.
    Unheeding,
    /// Frames said before.
    Replayer,
    /// Positions without the items before them.
    Withholder,
    /// Frames larger than any may be, and lengths that nothing follows.
    Giant,
    /// Bits turned over.
    Mangler,
    /// Everything many times, and questions without end.
    Flooder,
}

impl Lie {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Forger,
        Self::Impostor,
        Self::Overreacher,
        Self::Latecomer,
        Self::Equivocator,
        Self::Unheeding,
        Self::Replayer,
        Self::Withholder,
        Self::Giant,
        Self::Mangler,
        Self::Flooder,
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forger => "lie: forger",
            Self::Impostor => "lie: impostor",
            Self::Overreacher => "lie: overreacher",
            Self::Latecomer => "lie: latecomer",
            Self::Equivocator => "lie: equivocator",
            Self::Unheeding => "lie: unheeding",
            Self::Replayer => "lie: replayer",
            Self::Withholder => "lie: withholder",
            Self::Giant => "lie: giant",
            Self::Mangler => "lie: mangler",
            Self::Flooder => "lie: flooder",
        }
    }
}

/// A liar's memory.
#[derive(Debug, Clone)]
pub struct Liar {
    /// How it lies.
    pub lie: Lie,
    /// Whom it pretends to be.
    pub victim: schema_wire::NodeKey,
    said: Vec<Vec<u8>>,
}

impl Liar {
    /// One that has not lied yet.
    pub fn new(lie: Lie, victim: schema_wire::NodeKey) -> Self {
        Self { lie, victim, said: Vec::new() }
    }
}

impl SimNode {
    /// What a liar sends instead of a frame of its replica.
    pub(crate) fn twist(&mut self, now_ms: u64, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let Some(mut liar) = self.liar.take() else { return vec![bytes] };
        let frames = self.lie(&mut liar, now_ms, bytes);
        self.liar = Some(liar);
        frames
    }

    fn lie(&mut self, liar: &mut Liar, now_ms: u64, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let often = self.chance.random_bool(0.3);
        match liar.lie {
            Lie::Mangler if often => {
                let mut bytes = bytes;
                let at = self.chance.random_range(0..bytes.len());
                bytes[at] ^= 1 << self.chance.random_range(0..8);
                vec![bytes]
            }
            Lie::Giant if often => match self.chance.random_bool(0.5) {
                true => vec![vec![0; limits::FRAME_BYTES_MAX + 1], bytes],
                false => vec![vec![0x82, 0x02, 0x9b, 0xff, 0xff, 0xff, 0xff], bytes],
            },
            Lie::Flooder if often => vec![bytes; 20],
            Lie::Replayer => {
                liar.said.push(bytes.clone());
                liar.said.truncate(200);
                let old = liar.said[self.chance.random_range(0..liar.said.len())].clone();
                if often { vec![old, bytes] } else { vec![bytes] }
            }
            Lie::Withholder if often => vec![edited(bytes, |items| items.items.clear())],
            Lie::Forger | Lie::Impostor | Lie::Overreacher | Lie::Latecomer | Lie::Equivocator => {
                let scope = match Frame::from_bytes(&bytes) {
                    Ok(Frame::Items(items)) => items.scope,
                    _ => return vec![bytes],
                };
                if liar.lie == Lie::Overreacher && often {
                    return self.overreach(liar, now_ms, bytes);
                }
                match self.crafted(liar, now_ms, &scope) {
                    Some(item) => vec![edited(bytes, |items| items.items.push(item))],
                    None => vec![bytes],
                }
            }
            _ => vec![bytes],
        }
    }

    /// An envelope for a document of another unit, beside the frame.
    fn overreach(&mut self, liar: &Liar, now_ms: u64, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let store = &self.disk.durable;
        let status = self.replica.iter().flat_map(|replica| replica.status(store));
        let scopes = status.flat_map(|status| status.scopes).map(|status| status.scope);
        let foreign: Vec<Scope> = scopes.filter(|scope| scope.unit != self.unit).collect();
        let chosen = foreign.get(self.chance.random_range(0..foreign.len().max(1))).cloned();
        let item = chosen.as_ref().and_then(|scope| self.crafted(liar, now_ms, scope));
        let Some((scope, item)) = chosen.zip(item) else { return vec![bytes] };
        let items = Items { scope, upto: None, fingerprint: None, items: vec![item] };
        vec![bytes, Frame::Items(items).to_bytes()]
    }

    /// What an unheeding liar lets itself hear.
    pub(crate) fn overhear(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.liar.as_ref().is_none_or(|liar| liar.lie != Lie::Unheeding) {
            return bytes;
        }
        edited(bytes, |items| {
            items.items.retain(|item| {
                !matches!(Item::from_bytes(item), Ok(Item::Statement(Statement::Revocation(_))))
            });
        })
    }

    /// An envelope that would follow in its log, made wrong in its way.
    fn crafted(&mut self, liar: &Liar, now_ms: u64, scope: &Scope) -> Option<Vec<u8>> {
        let store = &self.disk.durable;
        let documents = history::documents(store, scope).expect("a store in memory");
        if documents.is_empty() {
            return None;
        }
        let chosen = self.chance.random_range(0..documents.len());
        let document = documents[chosen].document.clone();
        if document.owner != self.unit && liar.lie != Lie::Overreacher {
            return None;
        }
        let at_home = document.owner == self.unit;
        let author =
            Author { key: self.public, incarnation: self.replica.as_ref()?.identity().incarnation };
        let log = history::log(store, &document).expect("a store in memory");
        let own = log.iter().filter(|entry| entry.header.value().author == author);
        let tip = own.max_by_key(|entry| entry.header.value().seq);
        let value = format!("lie {}", self.chance.random_range(0..u64::MAX));
        let map = *record::maps(document.class).first()?;
        let set = |document: &mut automerge::AutoCommit| {
            record::set(document, map, "r0", FIELD, value.as_str());
        };
        let mut library = library();
        let edited = library.edit(store, &document, author, set).expect("a store in memory");
        let content = edited.1?.change().to_vec();
        let dependencies = dependencies(&log, author, &content);
        let header = Header {
            network: self.grant().value().network,
            document,
            author,
            seq: tip.map_or(0, |entry| entry.header.value().seq) + 1,
            backlink: tip.map(|entry| entry.header.id()),
            dependencies,
            delegation: match liar.lie {
                Lie::Overreacher if at_home => self.somebodys_grant(),
                _ => self.grant().id(),
            },
            at_ms: match liar.lie {
                Lie::Latecomer => u64::MAX - 1,
                _ => now_ms.max(tip.map_or(1000, |entry| entry.header.value().at_ms)),
            },
            payload: Payload::Changes(Hash::of(&content)),
        };
        let header = Verified::seal(header, &self.key).as_signed().clone();
        let mut bytes = Item::Envelope(Envelope { header, content }).to_bytes();
        match liar.lie {
            Lie::Forger => spoil(&mut bytes, &self.grant().id().0),
            Lie::Impostor => replace(&mut bytes, &self.public.0, &liar.victim.0),
            _ => {}
        }
        Some(bytes)
    }
}

impl SimNode {
    /// A grant of somebody else, to act under.
    fn somebodys_grant(&self) -> Hash {
        let known = self.replica.iter().flat_map(|replica| replica.authority().delegations());
        let other = known.filter(|grant| grant.value().subject != self.public).map(Verified::id);
        other.last().unwrap_or_else(|| self.grant().id())
    }
}

/// The envelopes of other logs whose changes a change names.
fn dependencies(log: &[history::Entry], author: Author, content: &[u8]) -> Vec<Hash> {
    let change = automerge::Change::from_bytes(content.to_vec()).expect("a change of its own");
    let mut found: Vec<Hash> = log
        .iter()
        .filter(|entry| entry.header.value().author != author)
        .filter(|entry| {
            automerge::Change::from_bytes(entry.content.clone())
                .is_ok_and(|other| change.deps().contains(&other.hash()))
        })
        .map(|entry| entry.header.id())
        .collect();
    found.sort_unstable();
    found
}

/// Turns over a bit of the time that follows the delegation in the header: the signature does
/// not hold then.
fn spoil(bytes: &mut [u8], delegation: &[u8; 32]) {
    if let Some(at) = bytes.windows(32).position(|window| window == delegation) {
        bytes[at + 32 + 3] ^= 1;
    }
}

fn replace(bytes: &mut [u8], from: &[u8; 32], to: &[u8; 32]) {
    if let Some(at) = bytes.windows(32).position(|window| window == from) {
        bytes[at..at + 32].copy_from_slice(to);
    }
}

fn edited(bytes: Vec<u8>, edit: impl FnOnce(&mut Items)) -> Vec<u8> {
    match Frame::from_bytes(&bytes) {
        Ok(Frame::Items(mut items)) => {
            edit(&mut items);
            Frame::Items(items).to_bytes()
        }
        _ => bytes,
    }
}
