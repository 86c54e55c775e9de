//! Envelopes, their contents, and proofs of equivocation. The first byte says what follows.

use schema_wire::{
    Author, Ed25519, Envelope, Equivocation, Header, Item, KeyGrant, NodeKey, SigningKey, Verified,
    Wire,
};

use crate::draw::Draw;

/// An envelope, a proof, person keys, or headers to be signed.
pub fn target(data: &[u8]) {
    let mut draw = Draw::new(data);
    match draw.below(5) {
        0 => item(draw.rest()),
        1 => proof(draw.rest()),
        2 => keys(draw.rest()),
        3 => signed(draw.piece(), draw.rest()),
        _ => forked(draw.piece(), draw.rest()),
    }
}

fn item(bytes: &[u8]) {
    let Ok(Item::Envelope(envelope)) = Item::from_bytes(bytes) else { return };
    let _ = envelope.content_matches();
    let (id, claims) = (envelope.header.id(), envelope.header.claims().clone());
    if let Ok(verified) = envelope.header.verify() {
        assert_eq!((verified.id(), verified.value()), (id, &claims));
    }
}

fn proof(bytes: &[u8]) {
    let Ok(proof) = Equivocation::from_bytes(bytes) else { return };
    assert_eq!(proof.to_bytes(), bytes, "a proof has one encoding");
    let _ = (proof.holds(&Ed25519), proof.claims());
}

fn keys(bytes: &[u8]) {
    let Ok(grants) = KeyGrant::list_from_bytes(bytes) else { return };
    assert_eq!(KeyGrant::list_to_bytes(&grants), bytes, "grants have one encoding");
    let _ = KeyGrant::commitment(&grants);
}

fn sealed(bytes: &[u8]) -> Option<Verified<Header>> {
    let header = Header::from_bytes(bytes).ok()?;
    let key = SigningKey::from_bytes(&[7; 32]);
    let author = Author { key: NodeKey(key.verifying_key().to_bytes()), ..header.author };
    Some(Verified::seal(Header { author, ..header }, &key))
}

/// What is signed well travels, and is the same at the other end.
fn signed(header: &[u8], content: &[u8]) {
    let Some(header) = sealed(header) else { return };
    let envelope = Envelope { header: header.as_signed().clone(), content: content.to_vec() };
    let bytes = Item::Envelope(envelope.clone()).to_bytes();
    match Item::from_bytes(&bytes) {
        Ok(Item::Envelope(read)) => {
            assert_eq!(read, envelope);
            assert!(read.header.verify().is_ok(), "a good signature holds");
        }
        other => panic!("a good envelope is refused: {other:?}"),
    }
}

/// Two headers prove an equivocation exactly if they differ at one place of a log.
fn forked(one: &[u8], other: &[u8]) {
    let (Some(one), Some(other)) = (sealed(one), sealed(other)) else { return };
    let place = |header: &Verified<Header>| {
        let header = header.value();
        (header.network, header.document.clone(), header.author, header.seq)
    };
    let differ = one.id() != other.id() && place(&one) == place(&other);
    let proof = Equivocation::of(one.as_signed().clone(), other.as_signed().clone());
    assert_eq!(proof.is_some(), differ);
    if let Some(proof) = proof {
        assert!(proof.holds(&Ed25519));
        assert_eq!(Equivocation::from_bytes(&proof.to_bytes()), Ok(proof));
    }
}
