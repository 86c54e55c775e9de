//! Names: units, classes, documents, scopes, keys and hashes.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::codec::{DecodeError, Decoder, Encoder, Wire, bytes_fixed, encoded};
use crate::limits::{SHARD_CHARS_MAX, UNIT_CODE_CHARS_MAX, UNIT_DEPTH_MAX};

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("unit path {0:?} needs 1 to {UNIT_DEPTH_MAX} codes of letters, digits and '-'")]
    Unit(String),
    #[error("{0:?} is no document class")]
    Class(String),
    #[error("shard {0:?} needs 1 to {SHARD_CHARS_MAX} letters, digits, '_', '.' or '-'")]
    Shard(String),
    #[error("{0:?} is no document id (unit:class:shard)")]
    Document(String),
    #[error("{0:?} is not 64 hexadecimal digits")]
    Hex(String),
}

macro_rules! hash_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The first eight hexadecimal digits, for people.
            pub fn short(&self) -> String {
                hex::encode(&self.0[..4])
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; 32];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError::Hex(text.into()))?;
                Ok(Self(bytes))
            }
        }
        impl Wire for $name {
            fn encode(&self, e: &mut Encoder) {
                encoded(e.bytes(&self.0));
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                Ok(Self(bytes_fixed(d)?))
            }
        }
    };
}

hash_newtype!(
    /// SHA-256 of a record's signed structure: the id of an envelope or a statement.
    Hash
);
hash_newtype!(
    /// An Ed25519 public key: the identity of a node, and of its libp2p peer.
    NodeKey
);
hash_newtype!(
    /// SHA-256 of the genesis statement that names the root keys.
    NetworkId
);

impl Hash {
    /// SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

/// A unit of the organisation, by its path of codes from the city down:
/// `220800/220802/220802001/220802001003`. A unit's territory is its path and all below it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(String);

impl UnitId {
    /// Reads a path of codes.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let code_ok = |code: &str| {
            (1..=UNIT_CODE_CHARS_MAX).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let depth = text.split('/').count();
        if depth > UNIT_DEPTH_MAX || !text.split('/').all(code_ok) {
            return Err(IdError::Unit(text.chars().take(64).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unit's own code: the last on its path.
    pub fn code(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// How many codes its path has: 1 for the city.
    pub fn depth(&self) -> usize {
        self.0.split('/').count()
    }

    /// The unit above, if any.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(above, _)| Self(above.to_owned()))
    }

    /// Is `other` this unit or below it?
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for UnitId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}
impl Wire for UnitId {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.str(&self.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(Self::parse(d.str()?)?)
    }
}

/// Who may read a class of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// The whole network.
    Public = 0,
    /// The owner and the units above it.
    Path = 1,
    /// The owner's own nodes: records about persons.
    Unit = 2,
}

impl Audience {
    /// Every audience, widest first.
    pub const ALL: [Self; 3] = [Self::Public, Self::Path, Self::Unit];

    /// The word used in texts and on the wire's printed form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Path => "path",
            Self::Unit => "unit",
        }
    }
}

impl Wire for Audience {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u8(*self as u8));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match d.u8()? {
            0 => Ok(Self::Public),
            1 => Ok(Self::Path),
            2 => Ok(Self::Unit),
            other => Err(DecodeError::Value(format!("{other} is no audience"))),
        }
    }
}

/// A class of documents. The numbers are on the wire and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// 组织: the five levels, posts.
    Organisation = 1,
    /// 空间台账: grids, estates, buildings, entrances.
    Place = 2,
    /// 居民名册: persons and households of one building.
    Roster = 3,
    /// 五长岗位与值班: duty posts and the rota of one month.
    Duty = 4,
    /// 一日两巡: patrol plan and runs of one month.
    Patrol = 5,
    /// 志愿者: the volunteers on the roll.
    Volunteer = 6,
    /// 汇总上报: signed reports.
    Report = 7,
    /// 个人密钥: the keys that open personal fields. Never an Automerge document.
    Keyring = 8,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Organisation,
        Self::Place,
        Self::Roster,
        Self::Duty,
        Self::Patrol,
        Self::Volunteer,
        Self::Report,
        Self::Keyring,
    ];

    /// Who may read documents of this class (`domain.md` 6 and 7.1).
    pub fn audience(self) -> Audience {
        match self {
            Self::Place => Audience::Public,
            Self::Organisation | Self::Report => Audience::Path,
            Self::Roster | Self::Duty | Self::Patrol | Self::Volunteer | Self::Keyring => {
                Audience::Unit
            }
        }
    }

    /// The name in document ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organisation => "org",
            Self::Place => "place",
            Self::Roster => "roster",
            Self::Duty => "duty",
            Self::Patrol => "patrol",
            Self::Volunteer => "volunteer",
            Self::Report => "report",
            Self::Keyring => "keyring",
        }
    }

    /// The class with a number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| *class as u8 == number)
    }
}

impl FromStr for Class {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let found = Self::ALL.into_iter().find(|class| class.name() == text);
        found.ok_or_else(|| IdError::Class(text.chars().take(64).collect()))
    }
}

/// Which of a class's documents: a building, a month, a period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(String);

impl Shard {
    /// Reads a shard name.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if !(1..=SHARD_CHARS_MAX).contains(&text.len()) || !text.bytes().all(known) {
            return Err(IdError::Shard(text.chars().take(80).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A document's name: its owner, its class and its shard. Printed `unit:class:shard`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId {
    /// The one unit that may write it.
    pub owner: UnitId,
    /// What kind of record it holds.
    pub class: Class,
    /// Which of that class.
    pub shard: Shard,
}

impl DocumentId {
    /// Names a document.
    pub fn new(owner: UnitId, class: Class, shard: &str) -> Result<Self, IdError> {
        Ok(Self { owner, class, shard: Shard::parse(shard)? })
    }

    /// The scope it replicates in.
    pub fn scope(&self) -> Scope {
        Scope { unit: self.owner.clone(), audience: self.class.audience() }
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.owner, self.class.name(), self.shard.0)
    }
}
impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl FromStr for DocumentId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.splitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(owner), Some(class), Some(shard)) => {
                Self::new(UnitId::parse(owner)?, class.parse()?, shard)
            }
            _ => Err(IdError::Document(text.chars().take(200).collect())),
        }
    }
}
impl Wire for DocumentId {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(3));
        self.owner.encode(e);
        encoded(e.u8(self.class as u8));
        encoded(e.str(&self.shard.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        crate::codec::array(d, 3)?;
        let owner = UnitId::decode(d)?;
        let number = d.u8()?;
        let class = Class::from_number(number)
            .ok_or_else(|| DecodeError::Value(format!("{number} is no document class")))?;
        Ok(Self { owner, class, shard: Shard::parse(d.str()?)? })
    }
}

/// The unit of replication: what one unit shares with one audience.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Whose documents.
    pub unit: UnitId,
    /// For whom.
    pub audience: Audience,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.unit, self.audience.name())
    }
}
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl Wire for Scope {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        self.unit.encode(e);
        self.audience.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        crate::codec::array(d, 2)?;
        Ok(Self { unit: UnitId::decode(d)?, audience: Audience::decode(d)? })
    }
}

/// Who wrote: a node's key in one of its lives. A restore starts a new incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Author {
    /// The node's key.
    pub key: NodeKey,
    /// The life it wrote in.
    pub incarnation: u32,
}

impl Author {
    /// The Automerge actor of this author in one document: the first 16 bytes of
    /// SHA-256(`gongzhi/actor/1` ‖ key ‖ incarnation as 4 bytes big-endian ‖ CBOR of the id).
    pub fn actor(&self, document: &DocumentId) -> [u8; 16] {
        let mut bytes = b"gongzhi/actor/1".to_vec();
        bytes.extend_from_slice(&self.key.0);
        bytes.extend_from_slice(&self.incarnation.to_be_bytes());
        bytes.extend_from_slice(&document.to_bytes());
        let mut actor = [0; 16];
        actor.copy_from_slice(&Hash::of(&bytes).0[..16]);
        actor
    }
}
