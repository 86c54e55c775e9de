//! A unit of one lineage, those who write in it, and the envelopes that they make.

use node_authority::Pins;
use node_replication::change::{Change, ChangeHash, OpId, Put, write};
use schema_wire::{
    Address, Adoption, Ascending, Author, Bytes, Charter, Class, Classes, Commitments, Delegation,
    DocumentId, Ending, Envelope, Founding, Genesis, Hash, Header, Incarnation, Item, Keeps, List,
    Mark, Ms, Name, NodeKey, Payload, Position, Reads, Record, Roots, Rotation, SigningKey, Text,
    UnitId, Verbs, Verified, VerifiedStatement, Wire,
};

use crate::node::Node;

pub(crate) const UNTIL: u64 = 1_000_000;

pub(crate) fn secret(name: &str) -> SigningKey {
    SigningKey::from_bytes(&Hash::of(&[name.as_bytes()]).0)
}

pub(crate) fn key(name: &str) -> NodeKey {
    NodeKey(secret(name).verifying_key().to_bytes())
}

pub(crate) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit")
}

pub(crate) fn genesis() -> Genesis {
    Genesis {
        unit: unit("c"),
        name: Name::cut("c"),
        roots: Roots::of([key("root")]).expect("one"),
        threshold: 1,
        next: Commitments::of([key("root-paper").commitment()]).expect("one"),
        next_threshold: 1,
        at: Ms::of(0),
    }
}

fn sealed<T: Record>(record: T, by: &str) -> VerifiedStatement
where
    VerifiedStatement: From<Verified<T>>,
{
    Verified::seal(record, &secret(by)).expect("well made").into()
}

pub(crate) fn charter(of: &str, by: &str) -> VerifiedStatement {
    let (network, next) = (genesis().network(), key(&format!("{by}-paper")).commitment());
    sealed(Charter { network, unit: unit(of), key: key(by), next, at: Ms::of(0) }, by)
}

/// Passes the lineage of an issuer's unit on to a key of this name.
pub(crate) fn rotation(from: &Issuer, name: &str, keeps: Keeps) -> VerifiedStatement {
    let paper = format!("{}-paper", from.name);
    let (network, unit) = (genesis().network(), from.unit.clone());
    let next = key(&format!("{name}-paper")).commitment();
    let (previous, reveal, key) = (from.proof, key(&paper), key(name));
    let at = Ms::of(30);
    sealed(Rotation { network, unit, previous, reveal, key, next, keeps, at }, &paper)
}

/// One who speaks for a unit.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    pub(crate) unit: UnitId,
    pub(crate) proof: Hash,
    pub(crate) name: String,
}

macro_rules! say {
    ($issuer:expr, $kind:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        let issuer = $issuer;
        let record = $kind {
            network: genesis().network(),
            unit: issuer.unit.clone(),
            proof: issuer.proof,
            issuer: key(&issuer.name),
            $($field $(: $value)?),*
        };
        sealed(record, &issuer.name)
    }};
}

impl Issuer {
    pub(crate) fn new(of: &str, proof: Hash, name: &str) -> Self {
        Self { unit: unit(of), proof, name: name.to_owned() }
    }

    pub(crate) fn grants(&self, to: &str, verbs: Verbs, serial: u64) -> VerifiedStatement {
        self.grant(to, verbs, (0, UNTIL), serial)
    }

    pub(crate) fn grants_for(&self, to: &str, verbs: Verbs, term: (u64, u64)) -> VerifiedStatement {
        self.grant(to, verbs, term, 0)
    }

    fn grant(
        &self,
        to: &str,
        verbs: Verbs,
        (from, until): (u64, u64),
        serial: u64,
    ) -> VerifiedStatement {
        let (subject, reads, classes) = (key(to), Reads::ALL, Classes::all());
        let (not_before, not_after) = (Ms::of(from), Ms::of(until));
        say!(self, Delegation { subject, verbs, reads, classes, not_before, not_after, serial })
    }

    pub(crate) fn withdraws(&self, ends: Hash, keeps: Keeps, at: u64) -> VerifiedStatement {
        say!(self, Ending { ends, ran_out: false, keeps, at: Ms::of(at) })
    }

    pub(crate) fn adopts(&self, marks: Vec<Mark>, at: u64) -> VerifiedStatement {
        let scope = marks[0].document.scope();
        let marks = List::new(marks).expect("marks");
        say!(self, Adoption { scope, marks, at: Ms::of(at) })
    }

    pub(crate) fn founds(
        &self,
        below: &str,
        lineage: Hash,
        (from, until): (u64, u64),
    ) -> VerifiedStatement {
        let (not_before, not_after) = (Ms::of(from), Ms::of(until));
        say!(self, Founding { below: unit(below), lineage, not_before, not_after, serial: 0 })
    }

    pub(crate) fn address(&self, at: u64) -> VerifiedStatement {
        let text = Text::new("/ip4/10.0.0.1/tcp/1").expect("an address");
        let addresses = List::new(vec![text]).expect("one");
        say!(self, Address { addresses, at: Ms::of(at), until: Ms::of(at + 1) })
    }
}

/// A node of the unit, and the issuer of its operating key.
pub(crate) fn town() -> (Node, Issuer) {
    let charter = charter("c", "op");
    let pins = Pins::of(unit("c"), charter.id());
    let mut node = Node::new(genesis(), pins, secret("node"));
    let issuer = Issuer::new("c", charter.id(), "op");
    let own = issuer.grants("node", Verbs::GOVERN.with(Verbs::WRITE), 0);
    node.learn(&[charter, own]);
    (node, issuer)
}

pub(crate) fn document(class: u8, shard: &str) -> DocumentId {
    DocumentId::new(unit("c"), Class::new(class).expect("a class"), shard).expect("a document")
}

/// A log that somebody writes, and may write again from any place.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    pub(crate) name: String,
    pub(crate) author: Author,
    pub(crate) delegation: Hash,
    pub(crate) document: DocumentId,
    pub(crate) position: Position,
    pub(crate) last: Option<ChangeHash>,
    pub(crate) counter: u64,
}

/// An envelope as it travels.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) id: Hash,
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(name: &str, delegation: Hash, document: DocumentId) -> Self {
        let author = Author { key: key(name), incarnation: Incarnation([1; 16]) };
        let (position, name) = (Position::FIRST, name.to_owned());
        Self { name, author, delegation, document, position, last: None, counter: 0 }
    }

    pub(crate) fn op(&self, counter: u64) -> OpId {
        OpId { counter, actor: self.author.actor(&self.document) }
    }

    pub(crate) fn content(&mut self, content: Payload) -> Written {
        let header = Header {
            network: genesis().network(),
            document: self.document.clone(),
            author: self.author,
            position: self.position,
            dependencies: Ascending::default(),
            delegation: self.delegation,
            at: Ms::of(10),
            payload_kind: content.kind(),
            payload_hash: content.hash().expect("content"),
        };
        let header = Verified::seal(header, &secret(&self.name)).expect("well made");
        let id = header.id();
        self.position = Position::behind(self.position.seq(), id).expect("few");
        let envelope = Envelope::new(header.into_signed(), content).expect("of its kind");
        let bytes = Item::Envelope(Box::new(envelope)).to_bytes();
        Written { id, bytes }
    }

    pub(crate) fn change(&mut self, puts: Vec<Put<'_>>) -> Written {
        let change = Change {
            deps: self.last.into_iter().collect(),
            actor: self.author.actor(&self.document),
            seq: self.position.seq(),
            start_op: self.counter + 1,
            puts,
        };
        let (bytes, hash) = write(&change);
        self.counter += change.puts.len() as u64;
        self.last = Some(hash);
        self.content(Payload::Changes(Bytes::new(bytes).expect("small")))
    }

    pub(crate) fn mark(&self, seq: u64, head: Hash) -> Mark {
        let Author { key: author, incarnation } = self.author;
        Mark { document: self.document.clone(), author, incarnation, seq, head }
    }
}
