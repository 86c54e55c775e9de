//! Subjects whose keys lie in a keyring, and the digest by which a person is found (section 10.4).

use hmac::{Hmac, KeyInit, Mac};
use schema_wire::Hash;
use sha2::Sha256;

/// The unit's own subject whose key is the pepper of its digests.
pub const PEPPER: [u8; 16] = [0; 16];

/// The shard of the keyring that tells and erases a subject's keys.
pub fn keyring_shard(subject: &[u8; 16]) -> String {
    hex::encode(&subject[..1])
}

/// The subject under which the secret half of a card's box lies.
pub fn box_subject(letter_box: &[u8; 32]) -> [u8; 16] {
    Hash::of(&[b"gongzhi/box/3", letter_box]).0.as_chunks().0[0]
}

/// Finds a person again by the number of a document of some type. It identifies as the number
/// does: it lies in documents only sealed.
pub fn digest(pepper: &[u8; 32], of: &str, number: &str) -> [u8; 16] {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(pepper) else {
        unreachable!("HMAC takes keys of any length")
    };
    let mac = mac.chain_update(of).chain_update([0]).chain_update(number).finalize();
    let whole: [u8; 32] = mac.into_bytes().into();
    whole.as_chunks().0[0]
}
