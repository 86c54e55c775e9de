//! Sealing of values at rest.
//!
//! A sealed value is `1 | nonce (24) | ciphertext and tag`, XChaCha20-Poly1305 under a key derived
//! from the node's secret. Table and key are authenticated with it, so a value moved elsewhere
//! does not open.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// The node's secret for its store. Everything sealed is lost with it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// Takes 32 secret bytes of full entropy; a password does not belong here.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

/// The value is malformed, was changed, was moved, or was sealed with another key.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open")]
pub(crate) struct SealBroken;

/// Seals and opens values with one derived key.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    pub(crate) fn new(key: &StoreKey) -> Self {
        let mut derived = Zeroizing::new([0u8; 32]);
        Hkdf::<Sha256>::new(Some(b"gongzhi/store/1"), &key.0)
            .expand(b"values at rest", derived.as_mut_slice())
            .expect("32 bytes are within what HKDF-SHA256 gives");
        let cipher = XChaCha20Poly1305::new_from_slice(derived.as_slice());
        Self { cipher: cipher.expect("the cipher takes 32 bytes") }
    }

    /// Seals `value` for its position. Fails only when the system gives no randomness.
    pub(crate) fn seal(
        &self,
        table: &str,
        key: &[u8],
        value: &[u8],
    ) -> Result<Vec<u8>, getrandom::Error> {
        let mut nonce = [0u8; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let position = position(table, key);
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: value, aad: &position })
            .expect("a value is far below the 256 GiB that the cipher takes");
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(
        &self,
        table: &str,
        key: &[u8],
        stored: &[u8],
    ) -> Result<Vec<u8>, SealBroken> {
        let (version, rest) = stored.split_first().ok_or(SealBroken)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealBroken)?;
        if *version != VERSION {
            return Err(SealBroken);
        }
        let position = position(table, key);
        self.cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &position })
            .map_err(|_| SealBroken)
    }
}

/// Table and key as one byte string that no other pair gives.
fn position(table: &str, key: &[u8]) -> Vec<u8> {
    let length = u8::try_from(table.len()).expect("table names are short");
    [&[length], table.as_bytes(), key].concat()
}

#[cfg(test)]
mod tests {
    use super::{Sealer, StoreKey};

    #[test]
    fn opens_only_in_its_position_with_its_key() {
        let sealer = Sealer::new(&StoreKey::new([7; 32]));
        let sealed = sealer.seal("keyring", b"k", b"value").expect("randomness");
        assert_eq!(sealer.open("keyring", b"k", &sealed).expect("its position"), b"value");

        assert!(sealer.open("keyring", b"other", &sealed).is_err());
        assert!(sealer.open("views", b"k", &sealed).is_err());
        let other = Sealer::new(&StoreKey::new([8; 32]));
        assert!(other.open("keyring", b"k", &sealed).is_err());
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let sealer = Sealer::new(&StoreKey::new([7; 32]));
        let sealed = sealer.seal("views", b"", b"").expect("randomness");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open("views", b"", &changed).is_err(), "byte {at}");
            assert!(sealer.open("views", b"", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn equal_values_look_different() {
        let sealer = Sealer::new(&StoreKey::new([7; 32]));
        let once = sealer.seal("views", b"k", b"same").expect("randomness");
        assert_ne!(once, sealer.seal("views", b"k", b"same").expect("randomness"));
    }

    #[test]
    fn a_key_does_not_print() {
        assert_eq!(format!("{:?}", StoreKey::new([7; 32])), "StoreKey(..)");
    }
}
