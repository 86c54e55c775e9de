//! Sealed values: with the keys of their subject gone, every copy is gone (section 10.4).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use schema_wire::codec::{Encoder, encoded};
use schema_wire::{DocumentId, Hash, NetworkId, Wire, key_commitment};

use crate::Unreadable;

const NUMBER_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
/// The plaintext is padded to a multiple of this.
const PADDED_TO: usize = 32;
/// Bytes of a text.
const TEXT_BYTES_MAX: usize = 4_096;

/// Where a sealed value stands, and whose it is. A value that was moved does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealPlace<'a> {
    /// The network.
    pub network: NetworkId,
    /// The document.
    pub document: &'a DocumentId,
    /// Its key before the last slash: `kind/record`, or `!kind/entity`.
    pub place: &'a str,
    /// The field, of the record or of the event's body.
    pub field: &'a str,
    /// The person or case.
    pub subject: [u8; 16],
}

/// What a reader makes of a sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The reader has no key of this number.
    Closed,
    /// The text.
    Text(String),
    /// It is none, for those who have its key.
    Unreadable(Unreadable),
}

/// A text that cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    /// Longer than a text may be.
    #[error("a text of more than {TEXT_BYTES_MAX} bytes")]
    TooLong,
    /// With a zero byte, which ends it.
    #[error("a text with a zero byte")]
    ZeroByte,
}

impl SealPlace<'_> {
    /// Seals a text with a key of the subject. The nonce is random, for this value alone.
    ///
    /// # Errors
    /// If it is no text that can be read back.
    pub fn seal(
        &self,
        key: &[u8; 32],
        nonce: [u8; NONCE_BYTES],
        text: &str,
    ) -> Result<Vec<u8>, Unsealable> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(Unsealable::TooLong);
        }
        if text.contains('\0') {
            return Err(Unsealable::ZeroByte);
        }
        let mut plain = text.as_bytes().to_vec();
        plain.resize(padded(text.len()), 0);
        let payload = Payload { msg: &plain, aad: &self.associated() };
        let Ok(sealed) = cipher(key).encrypt(&XNonce::from(nonce), payload) else {
            unreachable!("a text is far below the cipher's limit")
        };
        Ok([number(&self.subject, key).as_slice(), &nonce, &sealed].concat())
    }

    /// Opens a value with those of the subject's keys that the reader has in the band, whether
    /// their envelopes count or not.
    pub fn open<'k>(&self, keys: impl IntoIterator<Item = &'k [u8; 32]>, sealed: &[u8]) -> Opened {
        let parts = sealed
            .split_first_chunk::<NUMBER_BYTES>()
            .and_then(|(number, rest)| Some((number, rest.split_first_chunk::<NONCE_BYTES>()?)));
        let Some((said, (nonce, sealed))) = parts else {
            return Opened::Unreadable(Unreadable::OtherForm);
        };
        let fitting = keys.into_iter().filter(|key| number(&self.subject, key) == *said);
        let mut fitting: Vec<(Hash, &[u8; 32])> =
            fitting.map(|key| (key_commitment(&self.subject, key), key)).collect();
        if fitting.is_empty() {
            return Opened::Closed;
        }
        fitting.sort_unstable();
        let associated = self.associated();
        let open = |(_, key): &(_, &[u8; 32])| {
            let payload = Payload { msg: sealed, aad: &associated };
            cipher(key).decrypt(&XNonce::from(*nonce), payload).ok()
        };
        match fitting.iter().find_map(open) {
            None => Opened::Unreadable(Unreadable::NotOpened),
            Some(plain) => {
                text(plain).map_or(Opened::Unreadable(Unreadable::OtherForm), Opened::Text)
            }
        }
    }

    /// What the ciphertext is bound to.
    fn associated(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(256));
        encoded(e.array(6));
        encoded(e.str("gongzhi/seal/3"));
        self.network.encode(&mut e);
        self.document.encode(&mut e);
        encoded(e.str(self.place));
        encoded(e.str(self.field));
        self.subject.encode(&mut e);
        e.into_writer()
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

/// The first bytes of a key's commitment tell which key a value was sealed with.
fn number(subject: &[u8; 16], key: &[u8; 32]) -> [u8; NUMBER_BYTES] {
    key_commitment(subject, key).0.as_chunks().0[0]
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(PADDED_TO).max(PADDED_TO)
}

/// The text of a plaintext in its one form.
fn text(mut plain: Vec<u8>) -> Option<String> {
    let length = plain.iter().position(|byte| *byte == 0).unwrap_or(plain.len());
    let rest_is_zero = plain[length..].iter().all(|byte| *byte == 0);
    if !rest_is_zero || plain.len() != padded(length) {
        return None;
    }
    plain.truncate(length);
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use schema_wire::{Class, UnitId};

    use super::*;

    fn document() -> DocumentId {
        let unit = UnitId::parse("1/2").expect("a unit");
        DocumentId::new(unit, Class::new(128).expect("a class"), "h07").expect("a document")
    }

    fn place(document: &DocumentId) -> SealPlace<'_> {
        let (place, field) = ("person/07", "name");
        SealPlace { network: NetworkId([1; 32]), document, place, field, subject: [7; 16] }
    }

    proptest! {
        #[test]
        fn a_text_opens_in_its_place_alone(
            text in "[^\0]{0,200}", key in any::<[u8; 32]>(), nonce in any::<[u8; 24]>(),
        ) {
            let document = document();
            let here = place(&document);
            let sealed = here.seal(&key, nonce, &text).expect("short, without a zero byte");
            prop_assert_eq!(here.open([&[9; 32], &key], &sealed), Opened::Text(text));
            let there = SealPlace { field: "note", ..here };
            let moved = there.open([&key], &sealed);
            prop_assert_eq!(moved, Opened::Unreadable(Unreadable::NotOpened));
            // Another subject's key has another number.
            let theirs = SealPlace { subject: [8; 16], ..here };
            prop_assert_eq!(theirs.open([&key], &sealed), Opened::Closed);
        }

        #[test]
        fn any_bytes_are_opened_or_not(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let document = document();
            let key = [8; 32];
            let number = number(&[7; 16], &key);
            let opened = place(&document).open([&key], &[&number[..], &bytes].concat());
            prop_assert!(matches!(opened, Opened::Unreadable(_)));
        }
    }

    #[test]
    fn what_could_not_be_read_back_is_not_sealed() {
        let document = document();
        let seal = |text: &str| place(&document).seal(&[8; 32], [5; 24], text);
        assert_eq!(seal("a\0b"), Err(Unsealable::ZeroByte));
        assert_eq!(seal(&"t".repeat(4_097)), Err(Unsealable::TooLong));
        assert_eq!(seal(&"t".repeat(4_096)).map(|sealed| sealed.len()), Ok(4_140));
    }
}
