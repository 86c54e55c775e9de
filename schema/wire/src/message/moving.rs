//! What goes to and fro in an open session: offers, items, and the answers to them.

use minicbor::data::Type;

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, array_max, bytes_max, encode_list, encoded, list,
    text_max,
};
use crate::id::{Author, DocumentId, Hash, Incarnation, NodeKey, Scope};
use crate::limits::{CODE_BYTES_MAX, FRAME_BYTES_MAX, ITEMS_MAX, OFFERS_MAX, TEXT_BYTES_MAX};

use super::Cursor;

/// Where its sender stands in some scopes, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// The scopes.
    pub offers: Vec<Offer>,
    /// Does the sender name others of its own accord?
    pub more: bool,
}

/// Where its sender stands in one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The scope.
    pub scope: Scope,
    /// The position of the scope's last item in the sender's feed.
    pub head: u64,
    /// The sum of the scope.
    pub sum: Hash,
    /// How far the sender has taken the scope from the receiver's feed, if the digest does not
    /// say it.
    pub known: Option<Cursor>,
}

/// Part of a scope's feed, in causal order, or items that were wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// The scope.
    pub scope: Scope,
    /// The position of the sender's feed up to which everything of the scope was sent; none for
    /// items sent by id.
    pub upto: Option<u64>,
    /// The sender's sum of the scope, if nothing is left to send.
    pub sum: Option<Hash>,
    /// Encoded items. One that does not decode harms no other.
    pub items: Vec<Vec<u8>>,
}

/// What became of an items frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The scope.
    pub scope: Scope,
    /// The frame's `upto`.
    pub upto: Option<u64>,
    /// It was too much: nothing is refused, and nothing more is to be sent until told.
    pub later: bool,
    /// How many items were refused.
    pub refused: u64,
    /// Why the first of them was.
    pub reason: Option<Reason>,
}

/// Why a session ends or an item was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A stable word for programs.
    pub code: String,
    /// One sentence for people.
    pub text: String,
}

/// A log that is set aside, by its last envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideLog {
    /// The document.
    pub document: DocumentId,
    /// Who wrote the log.
    pub author: Author,
    /// The place of its last envelope.
    pub seq: u64,
    /// The id of that envelope.
    pub head: Hash,
}

/// A number or null, apart from the rule for values because integers are no `Wire`.
fn encode_number(e: &mut Encoder, number: Option<u64>) {
    match number {
        Some(number) => encoded(e.u64(number)),
        None => encoded(e.null()),
    };
}

fn decode_number(d: &mut Decoder<'_>) -> Result<Option<u64>, DecodeError> {
    if d.datatype()? == Type::Null {
        d.null()?;
        return Ok(None);
    }
    Ok(Some(d.u64()?))
}

impl Wire for Offers {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        encode_list(e, &self.offers);
        encoded(e.bool(self.more));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        let offers: Vec<Offer> = list(d, "offers", OFFERS_MAX)?;
        if !offers.is_sorted_by(|a, b| a.scope < b.scope) {
            return Err(DecodeError::NotDeterministic);
        }
        Ok(Self { offers, more: d.bool()? })
    }
}

impl Wire for Offer {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(4));
        self.scope.encode(e);
        encoded(e.u64(self.head));
        self.sum.encode(e);
        self.known.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 4)?;
        Ok(Self {
            scope: Scope::decode(d)?,
            head: d.u64()?,
            sum: Hash::decode(d)?,
            known: Option::decode(d)?,
        })
    }
}

impl Wire for Items {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(4));
        self.scope.encode(e);
        encode_number(e, self.upto);
        self.sum.encode(e);
        encoded(e.array(self.items.len() as u64));
        for item in &self.items {
            encoded(e.bytes(item));
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 4)?;
        let scope = Scope::decode(d)?;
        let upto = decode_number(d)?;
        let sum = Option::decode(d)?;
        let len = array_max(d, "items", ITEMS_MAX)?;
        let mut items = Vec::new();
        for _ in 0..len {
            items.push(bytes_max(d, "item", FRAME_BYTES_MAX)?);
        }
        Ok(Self { scope, upto, sum, items })
    }
}

impl Wire for Ack {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(5));
        self.scope.encode(e);
        encode_number(e, self.upto);
        encoded(e.bool(self.later));
        encoded(e.u64(self.refused));
        self.reason.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 5)?;
        Ok(Self {
            scope: Scope::decode(d)?,
            upto: decode_number(d)?,
            later: d.bool()?,
            refused: d.u64()?,
            reason: Option::decode(d)?,
        })
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
        let code = text_max(d, "code", CODE_BYTES_MAX)?;
        if code.is_empty() {
            return Err(DecodeError::Value("a reason without its code".into()));
        }
        Ok(Self { code, text: text_max(d, "reason", TEXT_BYTES_MAX)? })
    }
}

impl Wire for AsideLog {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(5));
        self.document.encode(e);
        self.author.key.encode(e);
        self.author.incarnation.encode(e);
        encoded(e.u64(self.seq));
        self.head.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 5)?;
        let document = DocumentId::decode(d)?;
        let key = NodeKey::decode(d)?;
        let author = Author { key, incarnation: Incarnation::decode(d)? };
        Ok(Self { document, author, seq: d.u64()?, head: Hash::decode(d)? })
    }
}
