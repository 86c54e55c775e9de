//! What two nodes say to each other in a session. One frame is one message.

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, bytes_fixed, bytes_max, encode_list, encoded, list,
    text_max,
};
use crate::envelope::Envelope;
use crate::id::{Hash, NetworkId, NodeKey, Scope, UnitId};
use crate::limits::{
    FRAME_BYTES_MAX, HELLO_STATEMENTS_MAX, ITEMS_MAX, SCOPES_MAX, STATEMENT_BYTES_MAX,
    TEXT_BYTES_MAX, WANT_IDS_MAX,
};
use crate::statement::Statement;
use crate::verify::Claim;

/// A message. The numbers of its kinds are on the wire and never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// 0: who I am, what I may do, and where I stand in each scope.
    Hello(Box<Hello>),
    /// 1: I end this session, and why.
    Refuse(Reason),
    /// 2: part of a scope's feed, or items wanted by id.
    Items(Items),
    /// 3: what you sent is durable here.
    Ack(Ack),
    /// 4: one message of range-based set reconciliation over a scope.
    Reconcile { scope: Scope, message: Vec<u8> },
    /// 5: send me these.
    Want { scope: Scope, ids: Vec<Hash> },
}

/// Opens a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The sender's network.
    pub network: NetworkId,
    /// The sender; must be the peer the transport authenticated.
    pub from: NodeKey,
    /// The receiver it was made for.
    pub to: NodeKey,
    /// The sender's life.
    pub incarnation: u32,
    /// Grows with every hello of that life: an old one is a replay.
    pub counter: u64,
    /// The sender's unit.
    pub unit: UnitId,
    /// Its delegations from its own up to the root's, then what makes them hold.
    pub chain: Vec<Statement>,
    /// Names the sender's feeds; new after every loss of state.
    pub epoch: [u8; 16],
    /// Where it stands, ascending by scope.
    pub scopes: Vec<ScopeOffer>,
}

/// Where the sender of a hello stands in one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeOffer {
    /// The scope.
    pub scope: Scope,
    /// The last position of the sender's own feed.
    pub head: u64,
    /// Sum of the ids of all its items, modulo 2^256, little-endian.
    pub fingerprint: [u8; 32],
    /// How far it has taken in the receiver's feed, if ever.
    pub known: Option<Known>,
}

/// A position in somebody's feed: a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Whose life of the feed.
    pub epoch: [u8; 16],
    /// The last position taken in.
    pub seq: u64,
}

/// Why a session ends or an item was refused: a stable word and a text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A stable word for programs.
    pub code: String,
    /// One sentence for people.
    pub text: String,
}

/// An item of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A change of a document.
    Envelope(Envelope),
    /// A change of authority.
    Statement(Statement),
}

impl Item {
    /// Its id.
    pub fn id(&self) -> Hash {
        match self {
            Self::Envelope(envelope) => envelope.header.id(),
            Self::Statement(statement) => statement.id(),
        }
    }

    /// What its signature claims.
    pub fn claim(&self) -> Claim<'_> {
        match self {
            Self::Envelope(envelope) => envelope.header.claim(),
            Self::Statement(statement) => statement.claim(),
        }
    }

    /// Where it replicates.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Envelope(envelope) => envelope.header.claims().document.scope(),
            Self::Statement(statement) => statement.scope(),
        }
    }
}

/// Part of a scope's feed. Items are in causal order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// The scope.
    pub scope: Scope,
    /// The sender's feed position after these items; none for items sent because wanted.
    pub upto: Option<u64>,
    /// The sender's fingerprint at that position, when it is the head of its feed.
    pub fingerprint: Option<[u8; 32]>,
    /// Encoded items. An item that does not decode harms no other.
    pub items: Vec<Vec<u8>>,
}

/// What was sent is durable here, or was refused for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The scope.
    pub scope: Scope,
    /// The position of the other's feed that is taken in; none for items wanted.
    pub upto: Option<u64>,
    /// How many items were refused.
    pub refused: u64,
    /// Why the first of them was.
    pub reason: Option<Reason>,
}

impl Wire for Item {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        match self {
            Self::Envelope(envelope) => {
                encoded(e.u8(0));
                envelope.encode(e);
            }
            Self::Statement(statement) => {
                encoded(e.u8(1));
                statement.encode(e);
            }
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let size = d.input().len();
        array(d, 2)?;
        match d.u8()? {
            0 => Ok(Self::Envelope(Envelope::decode(d)?)),
            1 if size > STATEMENT_BYTES_MAX => Err(DecodeError::TooLarge {
                what: "statement",
                got: size,
                max: STATEMENT_BYTES_MAX,
            }),
            1 => Ok(Self::Statement(Statement::decode(d)?)),
            other => Err(DecodeError::Value(format!("item kind {other} is unknown"))),
        }
    }
}

impl Wire for Known {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        encoded(e.bytes(&self.epoch));
        encoded(e.u64(self.seq));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        Ok(Self { epoch: bytes_fixed(d)?, seq: d.u64()? })
    }
}

impl Wire for ScopeOffer {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(4));
        self.scope.encode(e);
        encoded(e.u64(self.head));
        encoded(e.bytes(&self.fingerprint));
        self.known.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 4)?;
        Ok(Self {
            scope: Scope::decode(d)?,
            head: d.u64()?,
            fingerprint: bytes_fixed(d)?,
            known: Option::decode(d)?,
        })
    }
}

impl Wire for Hello {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(9));
        self.network.encode(e);
        self.from.encode(e);
        self.to.encode(e);
        encoded(e.u32(self.incarnation));
        encoded(e.u64(self.counter));
        self.unit.encode(e);
        encode_list(e, &self.chain);
        encoded(e.bytes(&self.epoch));
        encode_list(e, &self.scopes);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 9)?;
        let hello = Self {
            network: NetworkId::decode(d)?,
            from: NodeKey::decode(d)?,
            to: NodeKey::decode(d)?,
            incarnation: d.u32()?,
            counter: d.u64()?,
            unit: UnitId::decode(d)?,
            chain: list(d, "statements", HELLO_STATEMENTS_MAX)?,
            epoch: bytes_fixed(d)?,
            scopes: list(d, "scopes", SCOPES_MAX)?,
        };
        if !hello.scopes.is_sorted_by(|a, b| a.scope < b.scope) {
            return Err(DecodeError::NotDeterministic);
        }
        Ok(hello)
    }
}

impl Wire for Reason {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        encoded(e.str(&self.code));
        encoded(e.str(&self.text));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        let code = text_max(d, "reason", TEXT_BYTES_MAX)?;
        Ok(Self { code, text: text_max(d, "reason", TEXT_BYTES_MAX)? })
    }
}

/// A number or null, apart from the rule for values because integers are no `Wire`.
fn encode_number(e: &mut Encoder, number: Option<u64>) {
    match number {
        Some(number) => encoded(e.u64(number)),
        None => encoded(e.null()),
    };
}

fn decode_number(d: &mut Decoder<'_>) -> Result<Option<u64>, DecodeError> {
    if d.datatype()? == minicbor::data::Type::Null {
        d.null()?;
        return Ok(None);
    }
    Ok(Some(d.u64()?))
}

impl Wire for Items {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(4));
        self.scope.encode(e);
        encode_number(e, self.upto);
        match &self.fingerprint {
            Some(fingerprint) => encoded(e.bytes(fingerprint)),
            None => encoded(e.null()),
        };
        encoded(e.array(self.items.len() as u64));
        for item in &self.items {
            encoded(e.bytes(item));
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 4)?;
        let scope = Scope::decode(d)?;
        let upto = decode_number(d)?;
        let fingerprint = if d.datatype()? == minicbor::data::Type::Null {
            d.null()?;
            None
        } else {
            Some(bytes_fixed(d)?)
        };
        let len = crate::codec::array_max(d, "items", ITEMS_MAX)?;
        let mut items = Vec::new();
        for _ in 0..len {
            items.push(bytes_max(d, "item", FRAME_BYTES_MAX)?);
        }
        Ok(Self { scope, upto, fingerprint, items })
    }
}

impl Wire for Ack {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(4));
        self.scope.encode(e);
        encode_number(e, self.upto);
        encoded(e.u64(self.refused));
        self.reason.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 4)?;
        let scope = Scope::decode(d)?;
        let upto = decode_number(d)?;
        Ok(Self { scope, upto, refused: d.u64()?, reason: Option::decode(d)? })
    }
}

impl Wire for Frame {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        let kind = |e: &mut Encoder, number: u8| {
            encoded(e.u8(number));
        };
        match self {
            Self::Hello(hello) => {
                kind(e, 0);
                hello.encode(e);
            }
            Self::Refuse(reason) => {
                kind(e, 1);
                reason.encode(e);
            }
            Self::Items(items) => {
                kind(e, 2);
                items.encode(e);
            }
            Self::Ack(ack) => {
                kind(e, 3);
                ack.encode(e);
            }
            Self::Reconcile { scope, message } => {
                kind(e, 4);
                encoded(e.array(2));
                scope.encode(e);
                encoded(e.bytes(message));
            }
            Self::Want { scope, ids } => {
                kind(e, 5);
                encoded(e.array(2));
                scope.encode(e);
                encode_list(e, ids);
            }
        }
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        match d.u8()? {
            0 => Ok(Self::Hello(Box::new(Hello::decode(d)?))),
            1 => Ok(Self::Refuse(Reason::decode(d)?)),
            2 => Ok(Self::Items(Items::decode(d)?)),
            3 => Ok(Self::Ack(Ack::decode(d)?)),
            4 => {
                array(d, 2)?;
                let scope = Scope::decode(d)?;
                let message = bytes_max(d, "reconcile message", FRAME_BYTES_MAX)?;
                Ok(Self::Reconcile { scope, message })
            }
            5 => {
                array(d, 2)?;
                let scope = Scope::decode(d)?;
                Ok(Self::Want { scope, ids: list(d, "wanted ids", WANT_IDS_MAX)? })
            }
            other => Err(DecodeError::Value(format!("message kind {other} is unknown"))),
        }
    }
}
