//! A small network with real keys: a root, a city, one unit with its members.

use node_authority::Pins;
use schema_wire::{
    Adoption, Ascending, Author, Bytes, Charter, Class, Classes, Delegation, DocumentId, Ending,
    Envelope, Founding, Genesis, Hash, Header, Incarnation, Item, List, Mark, Ms, NetworkId,
    NodeKey, Payload, Position, Reads, Record, Rotation, Scope, SigningKey, Text, UnitId, Verbs,
    Verified, VerifiedStatement, Wire,
};

/// When the first delegations begin, and how long they last.
pub(crate) const BEGIN: u64 = 1_000_000_000;
pub(crate) const TERM: u64 = 1_000_000_000;

pub(crate) fn secret(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

fn seal<T: Record>(record: T, key: &SigningKey) -> Verified<T> {
    Verified::seal(record, key).expect("well made")
}

pub(crate) struct World {
    pub(crate) genesis: Genesis,
    pub(crate) unit: UnitId,
    root: SigningKey,
    operating: SigningKey,
    pub(crate) lineage: Hash,
    /// What everybody knows: charter and founding.
    pub(crate) base: Vec<VerifiedStatement>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (root, operating) = (secret(200), secret(201));
        let commitment = |number| public(&secret(number)).commitment();
        let genesis = Genesis {
            unit: UnitId::parse("c").expect("a unit"),
            name: Text::new("").expect("short"),
            roots: Ascending::of([public(&root)]).expect("one"),
            threshold: 1,
            next: Ascending::of([commitment(202)]).expect("one"),
            next_threshold: 1,
            at: Ms::of(1),
        };
        let unit = UnitId::parse("c/d").expect("a unit");
        let network = genesis.network();
        let charter = Charter {
            network,
            unit: unit.clone(),
            key: public(&operating),
            next: commitment(203),
            at: Ms::of(1),
        };
        let charter = seal(charter, &operating);
        let lineage = charter.id();
        let mut world =
            Self { genesis, unit, root, operating, lineage, base: vec![charter.into()] };
        let founding = world.founding("c/d", lineage);
        world.base.push(founding);
        world
    }

    pub(crate) fn network(&self) -> NetworkId {
        self.genesis.network()
    }

    pub(crate) fn pins(&self) -> Pins {
        Pins::of(self.unit.clone(), self.lineage)
    }

    /// The root recognises a lineage as a unit.
    pub(crate) fn founding(&self, below: &str, lineage: Hash) -> VerifiedStatement {
        let founding = Founding {
            network: self.network(),
            unit: self.genesis.unit.clone(),
            proof: self.network().as_hash(),
            issuer: public(&self.root),
            below: UnitId::parse(below).expect("a unit"),
            lineage,
            not_before: Ms::of(1),
            not_after: Ms::MAX,
            serial: 0,
        };
        seal(founding, &self.root).into()
    }

    /// A lineage that a unit begins by itself.
    pub(crate) fn charter(&self, of: &str) -> VerifiedStatement {
        let charter = Charter {
            network: self.network(),
            unit: UnitId::parse(of).expect("a unit"),
            key: public(&secret(204)),
            next: public(&secret(205)).commitment(),
            at: Ms::of(1),
        };
        seal(charter, &secret(204)).into()
    }

    /// The unit passes on to a key by the phrase that its charter committed to.
    pub(crate) fn rotation(&self, to: u8) -> VerifiedStatement {
        let rotation = Rotation {
            network: self.network(),
            unit: self.unit.clone(),
            previous: self.lineage,
            reveal: public(&secret(203)),
            key: public(&secret(to)),
            next: public(&secret(206)).commitment(),
            keeps: Ascending::default(),
            at: Ms::of(2),
        };
        seal(rotation, &secret(203)).into()
    }

    /// The unit takes a node in.
    pub(crate) fn grant(&self, subject: &SigningKey, serial: u64) -> Verified<Delegation> {
        let delegation = Delegation {
            network: self.network(),
            unit: self.unit.clone(),
            proof: self.lineage,
            issuer: public(&self.operating),
            subject: public(subject),
            verbs: Verbs::WRITE,
            reads: Reads::ALL,
            classes: Classes::all(),
            not_before: Ms::of(BEGIN),
            not_after: Ms::of(BEGIN + TERM),
            serial,
        };
        seal(delegation, &self.operating)
    }

    /// The unit withdraws a statement.
    pub(crate) fn end(&self, ends: Hash, at: u64) -> VerifiedStatement {
        let ending = Ending {
            network: self.network(),
            unit: self.unit.clone(),
            proof: self.lineage,
            issuer: public(&self.operating),
            ends,
            ran_out: false,
            keeps: Ascending::default(),
            at: Ms::of(at),
        };
        seal(ending, &self.operating).into()
    }

    /// The root ceases to recognise a lineage.
    pub(crate) fn end_founding(&self, ends: Hash, at: u64) -> VerifiedStatement {
        let ending = Ending {
            network: self.network(),
            unit: self.genesis.unit.clone(),
            proof: self.network().as_hash(),
            issuer: public(&self.root),
            ends,
            ran_out: false,
            keeps: Ascending::default(),
            at: Ms::of(at),
        };
        seal(ending, &self.root).into()
    }

    /// The unit takes logs as its own.
    pub(crate) fn adopt(&self, heads: &[&Verified<Header>], at: u64) -> VerifiedStatement {
        let mut marks: Vec<Mark> = heads
            .iter()
            .map(|head| Mark {
                document: head.value().document.clone(),
                author: head.value().author.key,
                incarnation: head.value().author.incarnation,
                seq: head.value().seq(),
                head: head.id(),
            })
            .collect();
        marks.sort_by(|one, next| one.log().cmp(&next.log()));
        let adoption = Adoption {
            network: self.network(),
            unit: self.unit.clone(),
            proof: self.lineage,
            issuer: public(&self.operating),
            scope: marks[0].document.scope(),
            marks: List::new(marks).expect("some"),
            at: Ms::of(at),
        };
        seal(adoption, &self.operating).into()
    }

    pub(crate) fn document(&self, class: u8, shard: &str) -> DocumentId {
        let class = Class::new(class).expect("a class");
        DocumentId::new(self.unit.clone(), class, shard).expect("a document")
    }
}

/// Somebody who writes, in one life.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) key: SigningKey,
    pub(crate) delegation: Hash,
    pub(crate) incarnation: Incarnation,
}

impl Writer {
    pub(crate) fn author(&self) -> Author {
        Author { key: public(&self.key), incarnation: self.incarnation }
    }

    /// An envelope with this content, wherever it stands.
    pub(crate) fn write(
        &self,
        network: NetworkId,
        document: &DocumentId,
        after: Option<&Verified<Header>>,
        dependencies: &[Hash],
        at: u64,
        content: &Payload,
    ) -> Verified<Header> {
        let position = match after {
            None => Position::FIRST,
            Some(last) => Position::behind(last.value().seq(), last.id()).expect("a seq"),
        };
        let header = Header {
            network,
            document: document.clone(),
            author: self.author(),
            position,
            dependencies: Ascending::of(dependencies.iter().copied()).expect("few"),
            delegation: self.delegation,
            at: Ms::of(at),
            payload_kind: content.kind(),
            payload_hash: content.hash().expect("whole"),
        };
        seal(header, &self.key)
    }
}

/// The bytes of an item.
pub(crate) fn item(header: &Verified<Header>, content: Payload) -> Vec<u8> {
    let envelope = Envelope::new(header.as_signed().clone(), content).expect("they suit");
    Item::Envelope(Box::new(envelope)).to_bytes()
}

pub(crate) fn statement_item(statement: &VerifiedStatement) -> Vec<u8> {
    Item::Statement(Box::new(statement.as_statement().clone())).to_bytes()
}

pub(crate) fn scope_of(world: &World, statement: &VerifiedStatement) -> Scope {
    statement.body().scope(&world.genesis.unit)
}

/// A change as content.
pub(crate) fn content(bytes: Vec<u8>) -> Payload {
    Payload::Changes(Bytes::new(bytes).expect("short"))
}
