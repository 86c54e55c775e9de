//! Envelopes with their contents, and proofs of equivocation. The first byte says what follows.

use schema_wire::{
    Acknowledgements, Author, Bytes, Ed25519, Envelope, Equivocation, Erasures, Header, Item, Keys,
    NodeKey, Payload, PayloadKind, SigningKey, Verified, Wire,
};

use crate::draw::Draw;

/// An envelope, a proof, or headers to be signed.
pub fn target(data: &[u8]) {
    let mut draw = Draw::new(data);
    match draw.below(4) {
        0 => item(draw.rest()),
        1 => proof(draw.rest()),
        2 => signed(draw.piece(), draw.rest()),
        _ => forked(draw.piece(), draw.rest()),
    }
}

fn item(bytes: &[u8]) {
    let Ok(Item::Envelope(envelope)) = Item::from_bytes(bytes) else { return };
    let _ = (envelope.content_matches(), envelope.content().hash());
    let (header, _) = envelope.into_parts();
    let (id, claims) = (header.id(), header.claims().clone());
    if let Ok(verified) = header.verify() {
        assert_eq!((verified.id(), verified.value()), (id, &claims));
    }
}

fn proof(bytes: &[u8]) {
    let Ok(proof) = Equivocation::from_bytes(bytes) else { return };
    assert_eq!(proof.to_bytes(), bytes, "a proof has one encoding");
    let _ = (proof.holds(&Ed25519), proof.claims());
}

/// A header signed well, whatever it says.
fn sealed(bytes: &[u8], content: Option<&Payload>) -> Option<Verified<Header>> {
    let mut header = Header::from_bytes(bytes).ok()?;
    let key = SigningKey::from_bytes(&[7; 32]);
    header.author = Author { key: NodeKey(key.verifying_key().to_bytes()), ..header.author };
    if let Some(hash) = content.and_then(Payload::hash) {
        header.payload_hash = hash;
    }
    Verified::seal(header, &key).ok()
}

/// Content of the kind that a header names.
fn payload(kind: PayloadKind, bytes: &[u8]) -> Option<Payload> {
    Some(match kind {
        PayloadKind::Changes => Payload::Changes(Bytes::new(bytes).ok()?),
        PayloadKind::Letter => Payload::Letter(Some(Bytes::new(bytes).ok()?)),
        PayloadKind::Keys => Payload::Keys(Keys::from_bytes(bytes).ok()?),
        PayloadKind::Erasures => Payload::Erasures(Erasures::from_bytes(bytes).ok()?),
        PayloadKind::Acknowledgement => {
            Payload::Acknowledgement(Acknowledgements::from_bytes(bytes).ok()?)
        }
    })
}

/// What is signed well travels, and is the same at the other end.
fn signed(header: &[u8], content: &[u8]) {
    let Ok(Header { payload_kind, .. }) = Header::from_bytes(header) else { return };
    let Some(content) = payload(payload_kind, content) else { return };
    let Some(header) = sealed(header, Some(&content)) else { return };
    let Ok(envelope) = Envelope::new(header.as_signed().clone(), content) else { return };
    assert!(envelope.content_matches() || payload_kind == PayloadKind::Keys);
    let bytes = Item::Envelope(Box::new(envelope.clone())).to_bytes();
    match Item::from_bytes(&bytes) {
        Ok(Item::Envelope(read)) => {
            assert_eq!(*read, envelope);
            assert!(read.into_parts().0.verify().is_ok(), "a good signature holds");
        }
        other => panic!("a good envelope is refused: {other:?}"),
    }
}

/// Two headers prove an equivocation exactly if they differ at one place of a log.
fn forked(one: &[u8], other: &[u8]) {
    let (Some(one), Some(other)) = (sealed(one, None), sealed(other, None)) else { return };
    let place = |header: &Verified<Header>| {
        let header = header.value();
        (header.network, header.document.clone(), header.author, header.seq())
    };
    let differ = one.id() != other.id() && place(&one) == place(&other);
    let proof = Equivocation::of(one.as_signed().clone(), other.as_signed().clone());
    assert_eq!(proof.is_some(), differ);
    if let Some(proof) = proof {
        assert!(proof.holds(&Ed25519));
        assert_eq!(Equivocation::from_bytes(&proof.to_bytes()), Ok(proof));
    }
}
