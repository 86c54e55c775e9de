//! Envelopes: headers, what they carry, and items.

use crate::cbor::{Cbor, list};
use crate::keys::{Hash, Holder, Incarnation, Key, sha256};
use crate::records::{Document, Mark};
use crate::signed::{Record, Signed, Statement};
use crate::world::{BOOK, DAY, T0, network};

#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) version: u64,
    pub(crate) network: Hash,
    pub(crate) document: Document,
    pub(crate) author: Key,
    pub(crate) incarnation: Incarnation,
    pub(crate) seq: u64,
    pub(crate) backlink: Option<Hash>,
    pub(crate) dependencies: Vec<Hash>,
    pub(crate) delegation: Hash,
    pub(crate) at: u64,
    pub(crate) payload_kind: u64,
    pub(crate) payload_hash: Hash,
}

impl Record for Header {
    const NAME: &str = "envelope";
    fn cbor(&self) -> Cbor {
        list![
            self.version,
            self.network,
            self.document.clone(),
            self.author,
            self.incarnation,
            self.seq,
            self.backlink,
            Cbor::each(&self.dependencies),
            self.delegation,
            self.at,
            self.payload_kind,
            self.payload_hash,
        ]
    }
}

/// An envelope with its header, to build on.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: Hash,
    pub(crate) header: Header,
    pub(crate) signed: Cbor,
    pub(crate) content: Option<Vec<u8>>,
}

impl Envelope {
    pub(crate) fn new(header: Header, by: Holder, content: Option<&[u8]>) -> Self {
        let signed = Signed::of(&header, by);
        Self { id: signed.id, header, signed: signed.cbor, content: content.map(Into::into) }
    }

    pub(crate) fn item(&self) -> Vec<u8> {
        item(self.signed.clone(), self.content.clone())
    }

    pub(crate) fn hex(&self) -> String {
        hex::encode(self.item())
    }

    /// The mark of this place.
    pub(crate) fn mark(&self) -> Mark {
        let Header { document, author, incarnation, seq, .. } = self.header.clone();
        Mark { document, author, incarnation, seq, head: self.id }
    }

    /// The mark of a later place in this log, whose head is not known.
    pub(crate) fn mark_to(&self, seq: u64) -> Mark {
        Mark { seq, head: [0xee; 32], ..self.mark() }
    }
}

/// An envelope item around a signed header made by hand.
pub(crate) fn item(signed: Cbor, content: impl Into<Cbor>) -> Vec<u8> {
    let content: Cbor = content.into();
    list![0, list![signed, content]].bytes()
}

/// Who writes where under which delegation.
#[derive(Clone, Debug)]
pub(crate) struct Pen {
    pub(crate) by: Holder,
    pub(crate) incarnation: Incarnation,
    pub(crate) document: Document,
    pub(crate) delegation: Hash,
    /// When the first envelope is written; the next ones follow day by day.
    pub(crate) from: u64,
}

/// The pen of a node in the record book of its unit.
pub(crate) fn pen(by: Holder, delegation: &Statement) -> Pen {
    let document = Document(BOOK.0.into(), BOOK.1, BOOK.2.into());
    Pen { by, incarnation: [1; 16], document, delegation: delegation.id, from: T0 + 10 * DAY }
}

impl Pen {
    /// The same in another life of the node.
    pub(crate) fn reborn(&self, incarnation: u8) -> Self {
        Self { incarnation: [incarnation; 16], ..self.clone() }
    }

    pub(crate) fn on(&self, owner: &str, class: u64, shard: &str) -> Self {
        Self { document: Document(owner.into(), class, shard.into()), ..self.clone() }
    }

    pub(crate) fn at(&self, from: u64) -> Self {
        Self { from, ..self.clone() }
    }

    /// The header of the next envelope, with this content.
    pub(crate) fn header(&self, after: Option<&Envelope>, content: &[u8]) -> Header {
        let seq = after.map_or(1, |envelope| envelope.header.seq + 1);
        Header {
            version: 3,
            network: network(),
            document: self.document.clone(),
            author: self.by.key(),
            incarnation: self.incarnation,
            seq,
            backlink: after.map(|envelope| envelope.id),
            dependencies: vec![],
            delegation: self.delegation,
            at: after.map_or(self.from, |envelope| envelope.header.at + DAY),
            payload_kind: if self.document.1 > 191 { 3 } else { 0 },
            payload_hash: sha256(&[content]),
        }
    }

    /// The next envelope: what it says makes it differ from others at its place.
    pub(crate) fn writes(&self, after: Option<&Envelope>, what: &str) -> Envelope {
        self.seals(self.header(after, what.as_bytes()), what)
    }

    /// The same, building on others too.
    pub(crate) fn builds(
        &self,
        after: Option<&Envelope>,
        on: &[&Envelope],
        what: &str,
    ) -> Envelope {
        let dependencies = crate::keys::ascending(on.iter().map(|envelope| envelope.id));
        let header = Header { dependencies, ..self.header(after, what.as_bytes()) };
        self.seals(header, what)
    }

    pub(crate) fn seals(&self, header: Header, content: &str) -> Envelope {
        Envelope::new(header, self.by, Some(content.as_bytes()))
    }
}
