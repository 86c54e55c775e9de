//! Sealed values, digests, and the subjects of box keys.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::cbor::list;
use crate::encoding::person_commitment;
use crate::keys::sha256;
use crate::records::Document;
use crate::vector::vector;
use crate::world::{COMMUNITY, network};

pub(crate) fn vectors() -> Vec<Value> {
    [opened(), closed(), digests(), boxes()].concat()
}

/// Where a sealed value stands, and whose it is.
#[derive(Clone, Debug)]
struct Place {
    document: Document,
    place: &'static str,
    field: &'static str,
    subject: [u8; 16],
}

const KEY: [u8; 32] = [8; 32];
const SUBJECT: [u8; 16] = [7; 16];

fn place() -> Place {
    Place {
        document: Document(COMMUNITY.into(), 128, "h07".into()),
        place: "person/07070707070707070707070707070707",
        field: "name",
        subject: SUBJECT,
    }
}

impl Place {
    fn associated(&self) -> Vec<u8> {
        let Self { document, place, field, subject } = self.clone();
        list!["gongzhi/seal/3", network(), document, place, field, subject].bytes()
    }

    fn seals(&self, key: [u8; 32], nonce: [u8; 24], plain: &[u8]) -> Vec<u8> {
        let number = &person_commitment(self.subject, key)[..4];
        let payload = Payload { msg: plain, aad: &self.associated() };
        let cipher = XChaCha20Poly1305::new(&key.into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).expect("short");
        [number, &nonce, &sealed].concat()
    }

    /// What a reader with some keys of the subject makes of a value here.
    fn reads(
        &self,
        name: &str,
        keys: &[[u8; 32]],
        sealed: &[u8],
        read: Result<&str, &str>,
    ) -> Value {
        let Document(owner, class, shard) = self.document.clone();
        let facts = json!({
            "document": [json!(owner), json!(class), json!(shard)],
            "place": self.place,
            "field": self.field,
            "subject": hex::encode(self.subject),
            "keys": keys.iter().map(hex::encode).collect::<Vec<_>>(),
            "sealed": hex::encode(sealed),
            "text": read.ok(),
        });
        vector(name, "sealed", read.err(), facts)
    }
}

/// A text with zero bytes up to a multiple of 32.
fn padded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(text.len().div_ceil(32).max(1) * 32, 0);
    bytes
}

fn opened() -> Vec<Value> {
    let here = place();
    let of = |name, text: &str| {
        here.reads(name, &[KEY], &here.seals(KEY, [5; 24], &padded(text)), Ok(text))
    };
    let event = Place { place: "!case/01KJ000000000000000000000Z", field: "note", ..here.clone() };
    let in_event = event.seals(KEY, [5; 24], &padded("到场"));
    let own = here.seals(KEY, [5; 24], &padded("王芳"));
    vec![
        of("sealed", "王芳"),
        of("sealed-empty", ""),
        of("sealed-of-31", &"t".repeat(31)),
        of("sealed-of-32", &"t".repeat(32)),
        of("sealed-of-33", &"t".repeat(33)),
        of("sealed-at-limit", &"t".repeat(4096)),
        event.reads("sealed-in-an-event", &[KEY], &in_event, Ok("到场")),
        here.reads("sealed-with-one-key-of-two", &[[9; 32], KEY], &own, Ok("王芳")),
    ]
}

/// What is closed, or opens with no key.
fn closed() -> Vec<Value> {
    let here = place();
    let sealed = here.seals(KEY, [5; 24], &padded("王芳"));
    let moved = |name, there: Place| there.reads(name, &[KEY], &sealed, Err("unreadable"));
    let mut flipped = sealed.clone();
    *flipped.last_mut().expect("a tag") ^= 1;
    let of = |name, bytes: &[u8], why| here.reads(name, &[KEY], bytes, Err(why));
    let other_class = Document(COMMUNITY.into(), 129, "h07".into());
    let other_number = [&person_commitment(SUBJECT, [9; 32])[..4], &sealed[4..]].concat();
    vec![
        here.reads("sealed-without-its-key", &[[9; 32]], &sealed, Err("closed")),
        here.reads("sealed-without-any-key", &[], &sealed, Err("closed")),
        of("sealed-with-another-number", &other_number, "closed"),
        of("sealed-and-flipped", &flipped, "unreadable"),
        of("sealed-not-padded", &here.seals(KEY, [5; 24], b"text"), "unreadable"),
        of("sealed-without-plaintext", &here.seals(KEY, [5; 24], b""), "unreadable"),
        of("sealed-not-utf-8", &here.seals(KEY, [5; 24], &[0xff; 32]), "unreadable"),
        of(
            "sealed-with-a-zero-byte-within",
            &{
                let mut plain = padded("a b");
                plain[1] = 0;
                here.seals(KEY, [5; 24], &plain)
            },
            "unreadable",
        ),
        moved("sealed-moved-to-another-field", Place { field: "note", ..here.clone() }),
        moved("sealed-moved-to-another-record", Place { place: "person/other", ..here.clone() }),
        moved("sealed-moved-to-another-document", Place { document: other_class, ..here.clone() }),
    ]
}

fn digests() -> Vec<Value> {
    let of = |name, pepper: [u8; 32], of: &str, number: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&pepper).expect("any length");
        for part in [of.as_bytes(), &[0], number.as_bytes()] {
            mac.update(part);
        }
        let digest = hex::encode(&mac.finalize().into_bytes()[..16]);
        let facts = json!({
            "pepper": hex::encode(pepper),
            "of": of,
            "number": number,
            "digest": digest,
        });
        vector(name, "digest", None, facts)
    };
    vec![
        of("digest", [6; 32], "resident-id", "220802199001011234"),
        of("digest-under-another-pepper", [7; 32], "resident-id", "220802199001011234"),
        of("digest-of-another-type", [6; 32], "passport", "220802199001011234"),
    ]
}

fn boxes() -> Vec<Value> {
    let public = [9; 32];
    let subject = hex::encode(&sha256(&[b"gongzhi/box/3", &public])[..16]);
    let facts = json!({ "box": hex::encode(public), "subject": subject });
    vec![vector("box-subject", "box-subject", None, facts)]
}
