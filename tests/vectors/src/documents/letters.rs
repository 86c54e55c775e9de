//! Letters: sealed to a box, and opened by whoever has its secret.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::cbor::{Cbor, list, raw};
use crate::envelopes::{Header, pen};
use crate::keys::{Hash, NODE};
use crate::vector::vector;
use crate::world::*;

const KEM: &[u8] = b"KEM\x00\x20";
const SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x03";

fn extract(suite: &[u8], salt: &[u8], label: &str, secret: &[u8]) -> Hash {
    let labelled = [b"HPKE-v1", suite, label.as_bytes(), secret].concat();
    Hkdf::<Sha256>::extract(Some(salt), &labelled).0.into()
}

fn expand<const N: usize>(suite: &[u8], secret: &Hash, label: &str, info: &[u8]) -> [u8; N] {
    let length = u16::try_from(N).expect("short").to_be_bytes();
    let labelled = [&length, &b"HPKE-v1"[..], suite, label.as_bytes(), info].concat();
    let mut bytes = [0; N];
    let hkdf = Hkdf::<Sha256>::from_prk(secret).expect("a hash");
    hkdf.expand(&labelled, &mut bytes).expect("short");
    bytes
}

/// What letters are sealed for, and copies.
const LETTER: &[u8] = b"gongzhi/letter/3";
const COPY: &[u8] = b"gongzhi/copy/3";

/// HPKE in base mode, with the sender's secret of this one message: `enc`, and what is sealed.
fn seal(
    purpose: &[u8],
    to: [u8; 32],
    secret: [u8; 32],
    associated: &[u8],
    plain: &[u8],
) -> ([u8; 32], Vec<u8>) {
    let encapsulated = MontgomeryPoint::mul_base_clamped(secret).to_bytes();
    let common = MontgomeryPoint(to).mul_clamped(secret).to_bytes();
    let shared = extract(KEM, b"", "eae_prk", &common);
    let shared: Hash = expand(KEM, &shared, "shared_secret", &[encapsulated, to].concat());
    let info = [purpose, &network()].concat();
    let [psk, info] = [("psk_id_hash", &[][..]), ("info_hash", &info[..])]
        .map(|(label, bytes)| extract(SUITE, b"", label, bytes));
    let context = [&[0], &psk[..], &info].concat();
    let secret = extract(SUITE, &shared, "secret", b"");
    let key: [u8; 32] = expand(SUITE, &secret, "key", &context);
    let nonce: [u8; 12] = expand(SUITE, &secret, "base_nonce", &context);
    let cipher = ChaCha20Poly1305::new(&key.into());
    let payload = Payload { msg: plain, aad: associated };
    (encapsulated, cipher.encrypt(&Nonce::from(nonce), payload).expect("short"))
}

const BOX_SECRET: [u8; 32] = [0x51; 32];
const ONCE: [u8; 32] = [0x52; 32];

fn public_box() -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(BOX_SECRET).to_bytes()
}

fn message(text: &str) -> Cbor {
    list!["request", [6; 16], list![[7; 32]], list![list!["text", text]]]
}

/// With 0x80 and zeros up to the next size.
fn padded(message: &[u8]) -> Vec<u8> {
    let mut bytes = [message, &[0x80]].concat();
    bytes.resize(bytes.len().next_power_of_two().max(256), 0);
    bytes
}

fn header() -> Header {
    pen(NODE, &tree().node).on(COMMUNITY, 192, DISTRICT).header(None, b"")
}

fn associated(header: &Header) -> Vec<u8> {
    let Header { document, author, incarnation, seq, delegation, .. } = header.clone();
    list![document, author, incarnation, seq, delegation].bytes()
}

/// A letter in the place of a header; `read` is the message, or why there is none.
fn letter(name: &str, place: &Header, content: &[u8], read: Result<&[u8], &str>) -> Value {
    let facts = json!({
        "box": hex::encode(public_box()),
        "secret": hex::encode(BOX_SECRET),
        "document": [json!(place.document.0), json!(place.document.1), json!(place.document.2)],
        "author": hex::encode(place.author),
        "incarnation": hex::encode(place.incarnation),
        "seq": place.seq,
        "delegation": hex::encode(place.delegation),
        "content": hex::encode(content),
        "message": read.ok().map(hex::encode),
    });
    vector(name, "letter", read.err(), facts)
}

/// The content of a letter with this plaintext.
fn sealed(plain: &[u8]) -> Vec<u8> {
    let (encapsulated, sealed) = seal(LETTER, public_box(), ONCE, &associated(&header()), plain);
    list![[5; 32], encapsulated, sealed].bytes()
}

const UNREADABLE: Result<&[u8], &str> = Err("unreadable");

pub(crate) fn vectors() -> Vec<Value> {
    [opened(), unreadable(), moved(), copies()].concat()
}

/// A message of so many bytes.
fn of_length(length: usize) -> Vec<u8> {
    let found = (0..length).map(|text| message(&"t".repeat(text)).bytes());
    found.into_iter().find(|bytes| bytes.len() == length).expect("a length that there is")
}

fn opened() -> Vec<Value> {
    let of = |name, message: &[u8]| letter(name, &header(), &sealed(&padded(message)), Ok(message));
    vec![
        of("letter", &message("请于周五前回复。").bytes()),
        of("letter-of-255", &of_length(255)),
        of("letter-of-256", &of_length(256)),
        of("letter-of-511", &of_length(511)),
        of("letter-of-512", &of_length(512)),
    ]
}

/// Plaintexts that are no message, and contents that are no letter.
fn unreadable() -> Vec<Value> {
    let good = message("请于周五前回复。");
    let of = |name, content: &[u8]| letter(name, &header(), content, UNREADABLE);
    let plain = |name, plain: &[u8]| of(name, &sealed(plain));
    let whole = sealed(&padded(&good.bytes()));
    let mut flipped = whole.clone();
    *flipped.last_mut().expect("a tag") ^= 1;
    let mut longer = padded(&good.bytes());
    longer.push(0);
    let mut marked = padded(&good.bytes());
    *marked.last_mut().expect("padding") = 1;
    vec![
        of("letter-flipped", &flipped),
        of("letter-cut-off", &whole[..whole.len() - 1]),
        of("letter-and-one-byte", &[&whole[..], &[0]].concat()),
        of("letter-not-cbor", b"sealed"),
        plain("letter-without-padding", &good.bytes()),
        plain("letter-with-another-size", &longer),
        plain("letter-with-other-padding", &marked),
        plain("letter-of-zeros", &[0; 256]),
        plain("letter-of-another-shape", &padded(&good.longer().bytes())),
        plain("letter-with-a-float", &padded(&good.with(&[3, 0, 1], raw("f93c00")).bytes())),
    ]
}

fn moved() -> Vec<Value> {
    let content = sealed(&padded(&message("请于周五前回复。").bytes()));
    let of = |name, change: &dyn Fn(&mut Header)| {
        let mut place = header();
        change(&mut place);
        letter(name, &place, &content, UNREADABLE)
    };
    vec![
        of("letter-at-another-seq", &|h| h.seq = 2),
        of("letter-in-another-life", &|h| h.incarnation = [2; 16]),
        of("letter-in-another-class", &|h| h.document.1 = 193),
        of("letter-under-another-grant", &|h| h.delegation = [3; 32]),
        of("letter-by-another", &|h| h.author = crate::keys::STRANGER.key()),
    ]
}

/// The sender's own copy of a letter: in a document of its own unit, under the letter's id.
fn copies() -> Vec<Value> {
    const ID: [u8; 16] = [9; 16];
    let plain = message("请于周五前回复。").bytes();
    let document = |month: &str| list![COMMUNITY, 152, month];
    let content = |purpose: &[u8]| {
        let associated = list![document("2026-11"), ID].bytes();
        let (enc, sealed) = seal(purpose, public_box(), ONCE, &associated, &padded(&plain));
        list![[5; 32], enc, sealed].bytes()
    };
    let of = |name, month: &str, id: [u8; 16], content: &[u8], read: Result<&[u8], &str>| {
        let facts = json!({
            "box": hex::encode(public_box()),
            "secret": hex::encode(BOX_SECRET),
            "document": [json!(COMMUNITY), json!(152), json!(month)],
            "letter": hex::encode(id),
            "content": hex::encode(content),
            "message": read.ok().map(hex::encode),
        });
        vector(name, "copy", read.err(), facts)
    };
    let (copy, letter) = (content(COPY), content(LETTER));
    vec![
        of("copy", "2026-11", ID, &copy, Ok(&plain)),
        of("copy-of-another-letter", "2026-11", [8; 16], &copy, UNREADABLE),
        of("copy-in-another-document", "2026-12", ID, &copy, UNREADABLE),
        of("copy-sealed-as-a-letter", "2026-11", ID, &letter, UNREADABLE),
    ]
}

#[cfg(test)]
mod tests {
    use hpke::aead::ChaCha20Poly1305;
    use hpke::kdf::HkdfSha256;
    use hpke::kem::X25519HkdfSha256;
    use hpke::{Deserializable, Kem, OpModeR, single_shot_open};

    use super::*;

    #[test]
    fn another_implementation_opens_it() {
        let plain = padded(&message("t").bytes());
        let (encapsulated, sealed) =
            seal(LETTER, public_box(), ONCE, &associated(&header()), &plain);
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&BOX_SECRET).expect("a key");
        let encapsulated =
            <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&encapsulated).expect("a key");
        let info = [&b"gongzhi/letter/3"[..], &network()].concat();
        let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            &info,
            &sealed,
            &associated(&header()),
        );
        assert_eq!(opened.expect("it opens"), plain);
    }
}
