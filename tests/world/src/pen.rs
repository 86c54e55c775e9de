//! Envelopes signed by hand: a true key, and no replica that would refuse to write them.

use node_replication::change::{self, Change, ChangeHash, OpId, Put, Scalar};
use schema_wire::{
    Ascending, Author, Bytes, DocumentId, Envelope, Hash, Header, Ms, NetworkId, Payload, Position,
    SigningKey, Verified,
};

/// Where an envelope stands, and what it says of itself.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its document.
    pub document: DocumentId,
    /// Its author.
    pub author: Author,
    /// Where in its author's log.
    pub position: Position,
    /// What it claims to be permitted by.
    pub delegation: Hash,
    /// When it claims to be written.
    pub at: Ms,
}

impl Draft {
    /// Signs it with its author's key.
    pub fn sign(self, network: NetworkId, key: &SigningKey, content: Payload) -> Option<Envelope> {
        let Self { document, author, position, delegation, at } = self;
        let (payload_kind, payload_hash) = (content.kind(), content.hash()?);
        let dependencies = Ascending::default();
        let header = Header {
            network,
            document,
            author,
            position,
            dependencies,
            delegation,
            at,
            payload_kind,
            payload_hash,
        };
        let header = Verified::seal(header, key).ok()?;
        Envelope::new(header.into_signed(), content).ok()
    }

    /// The content that puts one text upon these changes, and the hash of the change.
    pub fn puts(&self, upon: &[ChangeHash], one: Text<'_>) -> Option<(Payload, ChangeHash)> {
        let put = Put { key: one.key, value: Scalar::Text(one.text), instead: one.instead };
        let seq = self.position.seq();
        let change = Change {
            deps: upon.to_vec(),
            actor: self.author.actor(&self.document),
            seq,
            start_op: seq,
            puts: vec![put],
        };
        let (bytes, hash) = change::write(&change);
        Some((Payload::Changes(Bytes::new(bytes).ok()?), hash))
    }
}

/// A text that is put at a key.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// Where.
    pub key: &'a str,
    /// What.
    pub text: &'a str,
    /// Instead of what.
    pub instead: Vec<OpId>,
}

impl<'a> Text<'a> {
    /// A text that replaces nothing.
    pub fn new(key: &'a str, text: &'a str) -> Self {
        Self { key, text, instead: Vec::new() }
    }
}
