//! The keys, units and records every vector is made of.

use schema_wire::{
    Author, Class, DocumentId, Envelope, Genesis, Hash, Header, Item, KeyGrant, NetworkId, NodeKey,
    Payload, Record, SigningKey, Statement, UnitId, VerbSet, Verified, Watermark, Wire,
};

use crate::acts::to_node;

/// When the golden world begins: milliseconds since 1970.
pub(crate) const T0: u64 = 1_790_000_000_000;
pub(crate) const DAY_MS: u64 = 86_400_000;
pub(crate) const YEAR_MS: u64 = 365 * DAY_MS;
pub(crate) const GRACE_MS: u64 = 30 * DAY_MS;

pub(crate) const CITY: &str = "220800";
pub(crate) const DISTRICT: &str = "220800/220802";
pub(crate) const COMMUNITY: &str = "220800/220802/220802001/220802001003";

/// The holders of keys. Their seeds are 32 times one byte.
pub(crate) const ROOT: Holder = Holder("root", 1);
pub(crate) const ROOT_SPARE: Holder = Holder("root-spare", 2);
pub(crate) const DISTRICT_DESK: Holder = Holder("district", 3);
pub(crate) const COMMUNITY_OFFICE: Holder = Holder("community", 4);
pub(crate) const NODE: Holder = Holder("node", 5);
pub(crate) const STRANGER: Holder = Holder("stranger", 6);
pub(crate) const COLLEAGUE: Holder = Holder("colleague", 7);
pub(crate) const NEW_KEY: Holder = Holder("new-key", 8);
pub(crate) const CITY_DESK: Holder = Holder("city", 9);
pub(crate) const ROOT_THIRD: Holder = Holder("root-third", 10);
pub(crate) const ROOT_NEXT: Holder = Holder("root-next", 11);
pub(crate) const HOLDERS: [Holder; 11] = [
    ROOT,
    ROOT_SPARE,
    DISTRICT_DESK,
    COMMUNITY_OFFICE,
    NODE,
    STRANGER,
    COLLEAGUE,
    NEW_KEY,
    CITY_DESK,
    ROOT_THIRD,
    ROOT_NEXT,
];

#[derive(Clone, Copy)]
pub(crate) struct Holder(pub(crate) &'static str, pub(crate) u8);

impl Holder {
    pub(crate) fn signing(self) -> SigningKey {
        SigningKey::from_bytes(&[self.1; 32])
    }
    pub(crate) fn key(self) -> NodeKey {
        NodeKey(self.signing().verifying_key().to_bytes())
    }
}

pub(crate) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit of the golden world")
}

pub(crate) fn document(owner: &str, class: Class, shard: &str) -> DocumentId {
    DocumentId::new(unit(owner), class, shard).expect("a document of the golden world")
}

/// The document most envelopes of the golden world write.
pub(crate) fn roster() -> DocumentId {
    document(COMMUNITY, Class::Roster, "B01HZX4.1_a")
}

pub(crate) fn genesis() -> Genesis {
    let mut roots = vec![ROOT.key(), ROOT_SPARE.key()];
    roots.sort_unstable();
    Genesis { unit: unit(CITY), name: "白城 Baicheng".into(), roots, threshold: 1, at_ms: T0 }
}

pub(crate) fn network() -> NetworkId {
    genesis().network()
}

pub(crate) fn govern() -> VerbSet {
    VerbSet::GOVERN.with(VerbSet::READ)
}

pub(crate) fn clerk() -> VerbSet {
    VerbSet::WRITE.with(VerbSet::READ)
}

pub(crate) fn seal<T: Record>(value: T, by: Holder) -> Verified<T> {
    Verified::seal(value, &by.signing())
}

pub(crate) fn author(incarnation: u32) -> Author {
    Author { key: NODE.key(), incarnation }
}

/// A header of the node's log in the roster. Every test changes what it needs.
pub(crate) fn header(seq: u64, backlink: Option<Hash>, content: &[u8]) -> Header {
    Header {
        network: network(),
        document: roster(),
        author: author(1),
        seq,
        backlink,
        dependencies: vec![],
        delegation: to_node().id(),
        at_ms: T0 + seq * DAY_MS,
        payload: Payload::Changes(Hash::of(content)),
    }
}

/// The first envelope of another log of the roster, under another delegation.
pub(crate) fn written(by: Holder, under: &Statement) -> Item {
    let mut value = header(1, None, b"x");
    (value.author.key, value.delegation) = (by.key(), under.id());
    envelope(value, by, b"x")
}

pub(crate) fn envelope(header: Header, by: Holder, content: &[u8]) -> Item {
    let header = seal(header, by).as_signed().clone();
    Item::Envelope(Envelope { header, content: content.to_vec() })
}

/// The node's first, second and third envelope in the roster.
pub(crate) fn log() -> [Item; 3] {
    let first = envelope(header(1, None, b"first"), NODE, b"first");
    let second = envelope(header(2, Some(first.id()), b"second"), NODE, b"second");
    let third = envelope(header(3, Some(second.id()), b"third"), NODE, b"third");
    [first, second, third]
}

/// An envelope of the community's own node that builds on the node's log.
pub(crate) fn dependent(on: Vec<Hash>) -> Item {
    let content = b"builds on others";
    let mut value = header(1, None, content);
    value.author.incarnation = 2;
    value.dependencies = on;
    value.at_ms = T0 + 9 * DAY_MS;
    envelope(value, NODE, content)
}

pub(crate) fn key_grants() -> [KeyGrant; 2] {
    [KeyGrant::new([7; 16], [8; 32]), KeyGrant::new([9; 16], [10; 32])]
}

/// A keys envelope; `destroyed` empties the place of the first key.
pub(crate) fn keys_envelope(destroyed: bool) -> Item {
    let mut grants = key_grants();
    let commitment = KeyGrant::commitment(&grants);
    if destroyed {
        grants[0].key = None;
    }
    let mut value = header(1, None, b"");
    value.document = document(COMMUNITY, Class::Keyring, "2026");
    value.payload = Payload::Keys(commitment);
    envelope(value, NODE, &KeyGrant::list_to_bytes(&grants))
}

pub(crate) fn watermark(shard: &str, incarnation: u32, seq: u64) -> Watermark {
    let document = document(COMMUNITY, Class::Roster, shard);
    Watermark { document, author: author(incarnation), seq }
}

/// A signed record as it travels, made by hand so that it can be wrong.
pub(crate) fn cose(protected: &[u8], domain: &str, payload: &[u8], by: Holder) -> Vec<u8> {
    use ed25519_dalek::Signer;
    let signature = by.signing().sign(&structure(protected, domain, payload)).to_bytes();
    cose_signed(protected, payload, &signature)
}

/// What is signed.
pub(crate) fn structure(protected: &[u8], domain: &str, payload: &[u8]) -> Vec<u8> {
    let mut e = minicbor::Encoder::new(Vec::new());
    let fits = "writing to memory";
    e.array(4).expect(fits).str("Signature1").expect(fits);
    e.bytes(protected).expect(fits).bytes(domain.as_bytes()).expect(fits);
    e.bytes(payload).expect(fits);
    e.into_writer()
}

/// A record with a signature from elsewhere.
pub(crate) fn cose_signed(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut e = minicbor::Encoder::new(Vec::new());
    let fits = "writing to memory";
    e.tag(minicbor::data::Tag::new(18)).expect(fits).array(4).expect(fits);
    e.bytes(protected).expect(fits).map(0).expect(fits);
    e.bytes(payload).expect(fits).bytes(signature).expect(fits);
    e.into_writer()
}

/// The one protected header.
pub(crate) const EDDSA: &[u8] = &[0xa1, 0x01, 0x27];

/// An envelope item around a signed header made by hand.
pub(crate) fn raw_item(signed: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x82, 0x00, 0x82];
    bytes.extend_from_slice(signed);
    let mut e = minicbor::Encoder::new(Vec::new());
    e.bytes(content).expect("writing to memory");
    bytes.extend_from_slice(&e.into_writer());
    bytes
}

/// An envelope item with this header payload, signed as it should be.
pub(crate) fn raw_header(payload: &[u8]) -> Vec<u8> {
    raw_item(&cose(EDDSA, "gongzhi/envelope/1", payload, NODE), b"first")
}

/// A statement around a signed record made by hand.
pub(crate) fn raw_statement(kind: u8, signed: &[u8]) -> Vec<u8> {
    [&[0x82, kind], signed].concat()
}

/// The bytes with `from` replaced by `to`; `from` must stand there once.
pub(crate) fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    let [at] = found[..] else { panic!("{} places to patch", found.len()) };
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

pub(crate) fn hexed(value: &impl Wire) -> String {
    hex::encode(value.to_bytes())
}
