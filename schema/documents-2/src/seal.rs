//! Personal fields, sealed under a key of the person: with the key gone, every copy is gone.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A person, for ever: 16 random bytes, never derived from a code or a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub [u8; 16]);

impl PersonId {
    /// Stands for the unit's pepper in the keyring: the key that makes id numbers comparable
    /// inside the unit and nowhere else.
    pub const PEPPER: Self = Self([0; 16]);

    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}
impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The key of one person's fields.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PersonKey([u8; 32]);

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(..)")
    }
}

impl PersonKey {
    /// Takes 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals a field. The nonce must be fresh.
    pub fn seal(&self, nonce: [u8; 24], person: PersonId, field: &str, text: &str) -> Vec<u8> {
        let aad = bound(person, field);
        let payload = Payload { msg: text.as_bytes(), aad: &aad };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("a field is far below the cipher's limit");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens a field sealed for this person under this name; nothing otherwise.
    pub fn open(&self, person: PersonId, field: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        let aad = bound(person, field);
        let payload = Payload { msg: sealed, aad: &aad };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(opened).ok()
    }

    /// A citizen id number as it may be stored: comparable inside the unit, useless outside it.
    pub fn digest(&self, number: &str) -> String {
        // HMAC-SHA-256 (RFC 2104) with a 32-byte key.
        let pad = |byte: u8| -> Vec<u8> {
            let mut block = [byte; 64];
            block.iter_mut().zip(self.0).for_each(|(b, key)| *b ^= key);
            block.to_vec()
        };
        let inner = Sha256::digest([pad(0x36), number.as_bytes().to_vec()].concat());
        let outer = Sha256::digest([pad(0x5c), inner.to_vec()].concat());
        hex::encode(&outer[..16])
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

/// A sealed field moved to another person or another field does not open.
fn bound(person: PersonId, field: &str) -> Vec<u8> {
    [b"gongzhi/person-field/1/".as_slice(), &person.0, b"/", field.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_opens_for_its_person_and_name_only() {
        let (key, person) = (PersonKey::new([7; 32]), PersonId([1; 16]));
        let sealed = key.seal([9; 24], person, "name", "李测试");
        assert_eq!(key.open(person, "name", &sealed).as_deref(), Some("李测试"));
        assert_eq!(key.open(PersonId([2; 16]), "name", &sealed), None);
        assert_eq!(key.open(person, "phone", &sealed), None);
        assert_eq!(PersonKey::new([8; 32]).open(person, "name", &sealed), None);
        assert_eq!(key.open(person, "name", &sealed[..10]), None);
    }

    #[test]
    fn the_digest_is_hmac_sha256() {
        // RFC 4231 test case 2 pads the key "Jefe" with zeros; so does a 32-byte key.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let digest = PersonKey::new(key).digest("what do ya want for nothing?");
        assert_eq!(digest, "5bdcc146bf60754e6a042426089575c7");
    }
}
