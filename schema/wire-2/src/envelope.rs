//! The replicated record: a signed header and the content it binds.

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, bytes_fixed, bytes_max, encode_list, encoded, list,
    list_ascending,
};
use crate::id::{Author, DocumentId, Hash, NetworkId, NodeKey};
use crate::limits::{DEPENDENCIES_MAX, ENVELOPE_BYTES_MAX, KEY_GRANTS_MAX};
use crate::sign::{Record, Signed};
use crate::verify::Verifier;

/// Wire version of the header.
const VERSION: u8 = 1;

/// What the content of an envelope is, and what binds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Automerge changes of one transaction; the hash is SHA-256 of the content.
    Changes(Hash),
    /// Person keys; the hash is SHA-256 of the grants without their keys, so that a key can be
    /// destroyed on every node while the envelope stays valid.
    Keys(Hash),
}

/// The signed part of an envelope. It binds everything the content may not be moved between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The network it was written for.
    pub network: NetworkId,
    /// The document it changes.
    pub document: DocumentId,
    /// Who wrote it.
    pub author: Author,
    /// Position in the author's log of this document: 1, 2, 3...
    pub seq: u64,
    /// The author's previous envelope in this document; none at seq 1.
    pub backlink: Option<Hash>,
    /// Envelopes of other logs of this document that it builds on, ascending.
    pub dependencies: Vec<Hash>,
    /// The delegation it was made under.
    pub delegation: Hash,
    /// When, as the author claims: milliseconds since 1970. A hint; order never uses it.
    pub at_ms: u64,
    /// What the content is, and its hash.
    pub payload: Payload,
}

impl Wire for Header {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(12));
        encoded(e.u8(VERSION));
        self.network.encode(e);
        self.document.encode(e);
        self.author.key.encode(e);
        encoded(e.u32(self.author.incarnation));
        encoded(e.u64(self.seq));
        self.backlink.encode(e);
        encode_list(e, &self.dependencies);
        self.delegation.encode(e);
        encoded(e.u64(self.at_ms));
        let (kind, hash) = match self.payload {
            Payload::Changes(hash) => (0, hash),
            Payload::Keys(hash) => (1, hash),
        };
        encoded(e.u8(kind));
        hash.encode(e);
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 12)?;
        let version = d.u8()?;
        if version != VERSION {
            return Err(DecodeError::Value(format!("envelope version {version} is unknown")));
        }
        let network = NetworkId::decode(d)?;
        let document = DocumentId::decode(d)?;
        let author = Author { key: NodeKey::decode(d)?, incarnation: d.u32()? };
        let seq = d.u64()?;
        let backlink = Option::<Hash>::decode(d)?;
        if (seq == 1) != backlink.is_none() || seq == 0 {
            return Err(DecodeError::Value(format!("seq {seq} and its backlink disagree")));
        }
        let dependencies = list_ascending(d, "dependencies", DEPENDENCIES_MAX)?;
        let delegation = Hash::decode(d)?;
        let at_ms = d.u64()?;
        let kind = d.u8()?;
        let hash = Hash::decode(d)?;
        let payload = match kind {
            0 => Payload::Changes(hash),
            1 => Payload::Keys(hash),
            other => return Err(DecodeError::Value(format!("payload kind {other} is unknown"))),
        };
        Ok(Self {
            network,
            document,
            author,
            seq,
            backlink,
            dependencies,
            delegation,
            at_ms,
            payload,
        })
    }
}

impl Record for Header {
    const DOMAIN: &'static str = "gongzhi/envelope/1";
    fn signer(&self) -> NodeKey {
        self.author.key
    }
}

/// A signed header with its content: what travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The signed header.
    pub header: Signed<Header>,
    /// The bytes the header's payload hash binds.
    pub content: Vec<u8>,
}

impl Envelope {
    /// Is the content the one the header binds?
    pub fn content_matches(&self) -> bool {
        match self.header.claims().payload {
            Payload::Changes(hash) => Hash::of(&self.content) == hash,
            Payload::Keys(hash) => KeyGrant::list_from_bytes(&self.content)
                .is_ok_and(|grants| KeyGrant::commitment(&grants) == hash),
        }
    }
}

impl Wire for Envelope {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        self.header.encode(e);
        encoded(e.bytes(&self.content));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        let header = Signed::decode(d)?;
        Ok(Self { header, content: bytes_max(d, "envelope content", ENVELOPE_BYTES_MAX)? })
    }
}

/// Two signed headers at one place of one log: proof that their author equivocated, whoever shows
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
        let place = |signed: &Signed<Header>| {
            let header = signed.claims();
            (header.network, header.document.clone(), header.author, header.seq)
        };
        if place(&one) != place(&other) || one.id() == other.id() {
            return None;
        }
        let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
        Some(Self { first, second })
    }

    /// Do both signatures hold? Then the author's key is not to be trusted.
    pub fn holds(&self, verifier: &dyn Verifier) -> bool {
        verifier.all_hold(&[self.first.claim(), self.second.claim()])
    }

    /// What either header claims: the document, the author and the place in its log.
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
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        let (first, second) = (Signed::decode(d)?, Signed::decode(d)?);
        if Signed::<Header>::id(&first) >= Signed::<Header>::id(&second) {
            return Err(DecodeError::NotDeterministic);
        }
        let proof = Self::of(first, second);
        proof.ok_or_else(|| DecodeError::Value("two headers that prove no equivocation".into()))
    }
}

/// One person's key in the keyring, or the place where it was before it was destroyed.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyGrant {
    /// The person, as the 16 bytes of a ULID.
    pub person: [u8; 16],
    /// SHA-256(`gongzhi/person-key/1` ‖ person ‖ key): what remains when the key is gone.
    pub commitment: Hash,
    /// The key, unless destroyed.
    pub key: Option<[u8; 32]>,
}

impl KeyGrant {
    /// Grants a key.
    pub fn new(person: [u8; 16], key: [u8; 32]) -> Self {
        Self { person, commitment: Self::commit(&person, &key), key: Some(key) }
    }

    fn commit(person: &[u8; 16], key: &[u8; 32]) -> Hash {
        Hash::of(&[b"gongzhi/person-key/1".as_slice(), person, key].concat())
    }

    /// What the header signs: SHA-256 over each person and commitment in order.
    pub fn commitment(grants: &[Self]) -> Hash {
        let parts = grants.iter().flat_map(|g| [g.person.as_slice(), &g.commitment.0]);
        Hash::of(&parts.collect::<Vec<_>>().concat())
    }

    /// The content of a keys envelope.
    pub fn list_to_bytes(grants: &[Self]) -> Vec<u8> {
        let mut e = Encoder::new(Vec::new());
        encode_list(&mut e, grants);
        e.into_writer()
    }

    /// Reads the content of a keys envelope; every key must match its commitment.
    pub fn list_from_bytes(bytes: &[u8]) -> Result<Vec<Self>, DecodeError> {
        let mut d = Decoder::new(bytes);
        let grants: Vec<Self> = list(&mut d, "person keys", KEY_GRANTS_MAX)?;
        if Self::list_to_bytes(&grants) != bytes {
            return Err(DecodeError::NotDeterministic);
        }
        Ok(grants)
    }
}

impl std::fmt::Debug for KeyGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyGrant").field("commitment", &self.commitment).finish_non_exhaustive()
    }
}

impl Wire for KeyGrant {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(3));
        encoded(e.bytes(&self.person));
        self.commitment.encode(e);
        match &self.key {
            Some(key) => encoded(e.bytes(key)),
            None => encoded(e.null()),
        };
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 3)?;
        let person = bytes_fixed(d)?;
        let commitment = Hash::decode(d)?;
        let key = if d.datatype()? == minicbor::data::Type::Null {
            d.null()?;
            None
        } else {
            Some(bytes_fixed(d)?)
        };
        if key.is_some_and(|key| Self::commit(&person, &key) != commitment) {
            return Err(DecodeError::Value("a person key does not match its commitment".into()));
        }
        Ok(Self { person, commitment, key })
    }
}
