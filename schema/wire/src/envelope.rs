//! The replicated record: a signed header and the content it binds (section 7).

use crate::class::Content;
use crate::codec::{Decoder, Encoder, Malformed, Wire, array, encoded};
use crate::document::DocumentId;
use crate::id::{Author, Hash, NetworkId, NodeKey};
use crate::key::{Acknowledgements, Erasures, Keys};
use crate::limits::{CONTENT_BYTES_MAX, DEPENDENCIES_MAX};
use crate::sign::{Record, Signed};
use crate::sized::{Ascending, Bytes, Ms};
use crate::verify::Verifier;

/// What the content of an envelope is. The numbers are on the wire and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayloadKind {
    /// 0: one Automerge change.
    Changes,
    /// 1: keys of persons and cases.
    Keys,
    /// 2: keys that are destroyed.
    Erasures,
    /// 3: a sealed letter.
    Letter,
    /// 4: acknowledgements of letters.
    Acknowledgement,
}

impl PayloadKind {
    const ALL: [Self; 5] =
        [Self::Changes, Self::Keys, Self::Erasures, Self::Letter, Self::Acknowledgement];

    /// Does it belong in a class whose content is this?
    pub const fn suits(self, content: Content) -> bool {
        matches!(
            (self, content),
            (Self::Changes, Content::Changes)
                | (Self::Keys, Content::Keys)
                | (Self::Erasures, Content::Erasures)
                | (Self::Letter | Self::Acknowledgement, Content::Letters)
        )
    }
}

impl Wire for PayloadKind {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u8(*self as u8));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let number = d.u8()?;
        let kind = Self::ALL.get(usize::from(number)).copied();
        kind.ok_or_else(|| Malformed::Value(format!("{number} is no kind of payload")))
    }
}

/// Wire version of the header.
const VERSION: u8 = 3;

/// The signed part of an envelope. It binds everything the content may not be moved between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The network it was written for.
    pub network: NetworkId,
    /// The document it changes.
    pub document: DocumentId,
    /// Who wrote it.
    pub author: Author,
    /// Where in the author's log of this document.
    pub position: Position,
    /// Envelopes of other logs that it builds on.
    pub dependencies: Ascending<Hash, 0, DEPENDENCIES_MAX>,
    /// The delegation it was made under.
    pub delegation: Hash,
    /// When, as the author claims.
    pub at: Ms,
    /// What the content is.
    pub payload_kind: PayloadKind,
    /// What binds the content.
    pub payload_hash: Hash,
}

/// A position in a log: the first one, or the one behind an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    seq: u64,
    backlink: Option<Hash>,
}

impl Position {
    /// The first position of a log.
    pub const FIRST: Self = Self { seq: 1, backlink: None };

    /// The position behind an envelope of this number and id.
    ///
    /// # Errors
    /// If numbers end, or the number is 0.
    pub fn behind(seq: u64, backlink: Hash) -> Result<Self, Malformed> {
        match seq.checked_add(1) {
            Some(next) if seq > 0 => Ok(Self { seq: next, backlink: Some(backlink) }),
            _ => Err(Malformed::Value(format!("no position behind seq {seq}"))),
        }
    }

    /// Its number: 1, 2, 3...
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The author's envelope before it; none at the first position.
    pub fn backlink(&self) -> Option<Hash> {
        self.backlink
    }
}

impl Header {
    /// Its number in the author's log of this document.
    pub fn seq(&self) -> u64 {
        self.position.seq
    }

    /// The author's envelope before it; none at seq 1.
    pub fn backlink(&self) -> Option<Hash> {
        self.position.backlink
    }
}

impl Wire for Header {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(12));
        VERSION.encode(e);
        self.network.encode(e);
        self.document.encode(e);
        self.author.key.encode(e);
        self.author.incarnation.encode(e);
        self.position.seq.encode(e);
        self.position.backlink.encode(e);
        self.dependencies.encode(e);
        self.delegation.encode(e);
        self.at.encode(e);
        self.payload_kind.encode(e);
        self.payload_hash.encode(e);
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        array(d, 12)?;
        let version = d.u8()?;
        if version != VERSION {
            return Err(Malformed::Value(format!("envelope version {version} is unknown")));
        }
        let network = Wire::decode(d)?;
        let document = Wire::decode(d)?;
        let author = Author { key: Wire::decode(d)?, incarnation: Wire::decode(d)? };
        let seq = d.u64()?;
        let backlink = Option::<Hash>::decode(d)?;
        if (seq == 1) != backlink.is_none() || seq == 0 {
            return Err(Malformed::Value(format!("seq {seq} and its backlink disagree")));
        }
        Ok(Self {
            network,
            document,
            author,
            position: Position { seq, backlink },
            dependencies: Wire::decode(d)?,
            delegation: Wire::decode(d)?,
            at: Wire::decode(d)?,
            payload_kind: Wire::decode(d)?,
            payload_hash: Wire::decode(d)?,
        })
    }
}

impl Record for Header {
    const DOMAIN: &'static str = "gongzhi/envelope/3";
    fn signer(&self) -> NodeKey {
        self.author.key
    }
    fn well_made(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

/// A signed header with its content: what travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    header: Signed<Header>,
    content: Payload,
}

/// The content of an envelope, read as far as admission needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// The bytes of one change.
    Changes(Bytes<0, CONTENT_BYTES_MAX>),
    /// Keys, or the places where they were.
    Keys(Keys),
    /// Keys that are destroyed.
    Erasures(Erasures),
    /// A letter; none where a carrier dropped it.
    Letter(Option<Bytes<0, CONTENT_BYTES_MAX>>),
    /// Acknowledgements.
    Acknowledgement(Acknowledgements),
}

impl Payload {
    /// What kind it is.
    pub fn kind(&self) -> PayloadKind {
        match self {
            Self::Changes(_) => PayloadKind::Changes,
            Self::Keys(_) => PayloadKind::Keys,
            Self::Erasures(_) => PayloadKind::Erasures,
            Self::Letter(_) => PayloadKind::Letter,
            Self::Acknowledgement(_) => PayloadKind::Acknowledgement,
        }
    }

    /// What a header signs of it; none of a letter that was dropped.
    pub fn hash(&self) -> Option<Hash> {
        match self {
            Self::Changes(bytes) => Some(Hash::of(&[bytes])),
            Self::Keys(keys) => Some(keys.payload_hash()),
            Self::Erasures(erasures) => Some(Hash::of(&[&erasures.to_bytes()])),
            Self::Letter(bytes) => bytes.as_ref().map(|bytes| Hash::of(&[bytes])),
            Self::Acknowledgement(list) => Some(Hash::of(&[&list.to_bytes()])),
        }
    }

    /// The bytes that travel; none of a letter that was dropped.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Changes(bytes) => Some(bytes.to_vec()),
            Self::Keys(keys) => Some(keys.to_bytes()),
            Self::Erasures(erasures) => Some(erasures.to_bytes()),
            Self::Letter(bytes) => bytes.as_ref().map(|bytes| bytes.to_vec()),
            Self::Acknowledgement(list) => Some(list.to_bytes()),
        }
    }

    fn read(kind: PayloadKind, content: Option<&[u8]>) -> Result<Self, Malformed> {
        let bytes = content.map(Bytes::new).transpose()?;
        if kind == PayloadKind::Letter {
            return Ok(Self::Letter(bytes));
        }
        let bytes = bytes.ok_or_else(|| Malformed::value("content is null"))?;
        Ok(match kind {
            PayloadKind::Keys => Self::Keys(Wire::from_bytes(&bytes)?),
            PayloadKind::Erasures => Self::Erasures(Wire::from_bytes(&bytes)?),
            PayloadKind::Acknowledgement => Self::Acknowledgement(Wire::from_bytes(&bytes)?),
            PayloadKind::Changes | PayloadKind::Letter => Self::Changes(bytes),
        })
    }

    /// The subjects it tells or erases keys of.
    fn subjects(&self) -> Box<dyn Iterator<Item = &[u8; 16]> + '_> {
        match self {
            Self::Keys(keys) => Box::new(keys.iter().map(|key| key.subject())),
            Self::Erasures(erasures) => Box::new(erasures.iter().map(|erasure| &erasure.subject)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

impl Envelope {
    /// Puts a header and its content together. Whether the one binds the other is asked of
    /// [`Envelope::content_matches`].
    ///
    /// # Errors
    /// If the content is of another kind, or a keyring's envelope breaks its form (section 10.4).
    pub fn new(header: Signed<Header>, content: Payload) -> Result<Self, Malformed> {
        let claims = header.claims();
        if claims.payload_kind != content.kind() {
            return Err(Malformed::value("content of another kind than the header says"));
        }
        let keyring = matches!(content.kind(), PayloadKind::Keys | PayloadKind::Erasures)
            && content.kind().suits(claims.document.class().content());
        let shard = claims.document.shard();
        if keyring && !claims.dependencies.is_empty() {
            return Err(Malformed::value("an envelope of a keyring has no dependencies"));
        }
        if keyring && content.subjects().any(|subject| hex::encode(&subject[..1]) != shard) {
            return Err(Malformed::value("a subject of another shard"));
        }
        Ok(Self { header, content })
    }

    /// The signed header.
    pub fn header(&self) -> &Signed<Header> {
        &self.header
    }

    /// What it carries.
    pub fn content(&self) -> &Payload {
        &self.content
    }

    /// Both parts.
    pub fn into_parts(self) -> (Signed<Header>, Payload) {
        (self.header, self.content)
    }

    /// Is the content the one the header binds? A dropped letter contradicts nothing.
    pub fn content_matches(&self) -> bool {
        if matches!(&self.content, Payload::Keys(keys) if !keys.match_commitments()) {
            return false;
        }
        self.content.hash().is_none_or(|hash| hash == self.header.claims().payload_hash)
    }
}

impl Wire for Envelope {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        self.header.encode(e);
        match self.content.to_bytes() {
            Some(bytes) => encoded(e.bytes(&bytes)),
            None => encoded(e.null()),
        };
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        array(d, 2)?;
        let header = Signed::<Header>::decode(d)?;
        let content = if d.datatype()? == minicbor::data::Type::Null {
            d.null()?;
            None
        } else {
            Some(d.bytes()?)
        };
        let content = Payload::read(header.claims().payload_kind, content)?;
        Self::new(header, content)
    }
}

/// Two signed headers at one position of one log: proof that their author equivocated, whoever shows
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivocation {
    /// The header with the smaller id.
    first: Signed<Header>,
    /// The other.
    second: Signed<Header>,
}

impl Equivocation {
    /// Pairs two headers; none if they prove nothing. Signatures are not checked here.
    pub fn of(one: Signed<Header>, other: Signed<Header>) -> Option<Self> {
        let position = |signed: &Signed<Header>| {
            let header = signed.claims();
            (header.network, header.document.clone(), header.author, header.seq())
        };
        if position(&one) != position(&other) || one.id() == other.id() {
            return None;
        }
        let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
        Some(Self { first, second })
    }

    /// Do both signatures hold? Then the author's key is not to be trusted.
    pub fn holds(&self, verifier: &dyn Verifier) -> bool {
        verifier.all_hold(&[self.first.claim(), self.second.claim()])
    }

    /// What either header claims: the document, the author and the position in its log.
    pub fn claims(&self) -> &Header {
        self.first.claims()
    }
}

impl Wire for Equivocation {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        self.first.encode(e);
        self.second.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        array(d, 2)?;
        let (first, second) = (Signed::<Header>::decode(d)?, Signed::<Header>::decode(d)?);
        if first.id() >= second.id() {
            return Err(Malformed::value("the header with the smaller id comes first"));
        }
        let proof = Self::of(first, second);
        proof.ok_or_else(|| Malformed::value("two headers that prove no equivocation"))
    }
}
