//! Checks of signatures: Ed25519 by the equation with the cofactor, one at a time or together.
//!
//! Two checks are in use in the world, and differ only for signatures that somebody made wrong on
//! purpose. This is the one of RFC 8032 section 5.1.7 itself, `[8][S]B = [8]R + [8][k]A`: of the
//! two only it gives the same answer whether signatures are checked alone or together, so that
//! all nodes judge alike, whatever they were sent at once.

use std::fmt;

use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes, batch};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use crate::id::{Hash, NodeKey};

/// A claim that a key signed some bytes.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    key: NodeKey,
    bytes: &'a [u8],
    id: Hash,
    signature: &'a [u8; 64],
}

impl<'a> Claim<'a> {
    /// Of bytes whose hash is not known.
    pub fn new(key: NodeKey, bytes: &'a [u8], signature: &'a [u8; 64]) -> Self {
        Self::with_id(key, (bytes, Hash::of(bytes)), signature)
    }

    /// Of bytes and their SHA-256.
    pub(crate) fn with_id(
        key: NodeKey,
        (bytes, id): (&'a [u8], Hash),
        signature: &'a [u8; 64],
    ) -> Self {
        Self { key, bytes, id, signature }
    }

    /// Who is said to have signed.
    pub fn key(&self) -> NodeKey {
        self.key
    }

    /// SHA-256 of what is said to be signed.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// The signature.
    pub fn signature(&self) -> &'a [u8; 64] {
        self.signature
    }

    /// Are key and R points in their one encoding, and not of small order?
    fn is_well_formed(&self) -> bool {
        is_well_formed(&self.key.0) && self.signature.first_chunk().is_some_and(is_well_formed)
    }
}

/// Checks signatures. A pure function of the claim: a simulated city of hundreds of nodes passes
/// one that remembers, so that each distinct record is computed once.
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Did the key sign these bytes?
    fn holds(&self, claim: &Claim<'_>) -> bool;

    /// Do all of them hold? Together they may cost less.
    fn all_hold(&self, claims: &[Claim<'_>]) -> bool {
        claims.iter().all(|claim| self.holds(claim))
    }

    /// This node signed this itself: one that remembers need not compute it.
    fn made(&self, _claim: &Claim<'_>) {}
}

/// The check of this protocol (`schema/PROTOCOL-2.md`, section 3).
#[derive(Debug, Clone, Copy, Default)]
pub struct Ed25519;

impl Verifier for Ed25519 {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        let signature = Signature::from_bytes(claim.signature);
        claim.is_well_formed()
            && VerificationKey::try_from(claim.key.0)
                .is_ok_and(|key| key.verify(&signature, claim.bytes).is_ok())
    }

    fn all_hold(&self, claims: &[Claim<'_>]) -> bool {
        if let [] | [_] = claims {
            return claims.iter().all(|claim| self.holds(claim));
        }
        let mut together = batch::Verifier::new();
        for claim in claims {
            if !claim.is_well_formed() {
                return false;
            }
            let key = VerificationKeyBytes::from(claim.key.0);
            together.queue((key, Signature::from_bytes(claim.signature), claim.bytes));
        }
        together.verify(weights(claims)).is_ok()
    }
}

/// The random weights that keep one wrong signature from making up for another. Drawn from all
/// claims: who wants to choose signatures to fit the weights changes the weights.
fn weights(claims: &[Claim<'_>]) -> ChaCha12Rng {
    let mut hash = Sha256::new().chain_update(b"gongzhi/batch/1");
    for claim in claims {
        hash.update(claim.key.0);
        hash.update(claim.id.0);
        hash.update(claim.signature);
    }
    ChaCha12Rng::from_seed(hash.finalize().into())
}

/// 2^255 - 19, the first number that is no coordinate, little-endian.
const PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// The y coordinates of the eight points whose order divides eight.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = PRIME;
        minus_one[0] = 0xec;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

fn is_well_formed(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    y.iter().rev().lt(PRIME.iter().rev()) && !SMALL_ORDER.contains(&y)
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    use curve25519_dalek::{EdwardsPoint, Scalar};
    use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
    use sha2::Sha512;

    use super::*;

    /// A signature that a signer made by hand: key and R may be moved by a point of small order.
    fn by_hand(message: &[u8], of_key: EdwardsPoint, of_r: EdwardsPoint) -> (NodeKey, [u8; 64]) {
        let (secret, nonce) = (Scalar::from(7_u64), Scalar::from(1_234_567_u64));
        let key = (ED25519_BASEPOINT_POINT * secret + of_key).compress().0;
        let r = (ED25519_BASEPOINT_POINT * nonce + of_r).compress().0;
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message);
        let s = nonce + Scalar::from_hash(hash) * secret;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(s.as_bytes());
        (NodeKey(key), signature)
    }

    #[test]
    fn alone_and_together_the_answer_is_the_same() {
        for key in EIGHT_TORSION {
            for r in EIGHT_TORSION {
                let signed = [b"a", b"b", b"c"].map(|text| (text, by_hand(text, key, r)));
                let claims = signed.each_ref().map(|(t, (key, s))| Claim::new(*key, *t, s));
                assert!(claims.iter().all(|claim| Ed25519.holds(claim)));
                assert!(Ed25519.all_hold(&claims));
                let moved = claims.map(|claim| Claim::new(claim.key, b"d", claim.signature));
                assert!(!moved.iter().any(|claim| Ed25519.holds(claim)));
                assert!(!Ed25519.all_hold(&moved));
            }
        }
    }

    #[test]
    fn one_wrong_claim_among_many_is_found_wherever_it_stands() {
        let keys: Vec<SigningKey> = (1..4).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
        let signed: Vec<(NodeKey, [u8; 2], [u8; 64])> = (0..40_u8)
            .map(|n| {
                let key = &keys[usize::from(n) % keys.len()];
                (NodeKey(key.verifying_key().to_bytes()), [n, 1], key.sign(&[n, 1]).to_bytes())
            })
            .collect();
        let claims = |signed: &[(NodeKey, [u8; 2], [u8; 64])]| {
            let claims = signed.iter().map(|(key, bytes, s)| Claim::new(*key, bytes, s));
            Ed25519.all_hold(&claims.collect::<Vec<_>>())
        };
        assert!(claims(&signed) && claims(&[]));
        for at in 0..signed.len() {
            for bit in [0, 255, 256, 511] {
                let mut wrong = signed.clone();
                wrong[at].2[bit / 8] ^= 1 << (bit % 8);
                assert!(!claims(&wrong), "{at} {bit}");
            }
        }
        // Two that are wrong by the same amount, one up, one down.
        let (mut pair, base) = (signed[..2].to_vec(), Scalar::ONE);
        for (entry, by) in pair.iter_mut().zip([base, -base]) {
            let s: [u8; 32] = entry.2[32..].try_into().expect("half");
            let s = Scalar::from_canonical_bytes(s).expect("canonical") + by;
            entry.2[32..].copy_from_slice(s.as_bytes());
        }
        assert!(!claims(&pair));
    }

    #[test]
    fn points_of_small_order_and_second_encodings_are_refused() {
        for point in EIGHT_TORSION {
            let bytes = point.compress().0;
            assert!(!is_well_formed(&bytes));
            assert!(VerifyingKey::from_bytes(&bytes).expect("a point").is_weak());
        }
        for beyond in 0..19 {
            for sign in [0, 0x80] {
                let mut bytes = PRIME;
                bytes[0] += beyond;
                bytes[31] |= sign;
                assert!(!is_well_formed(&bytes));
            }
        }
        assert!(is_well_formed(&ED25519_BASEPOINT_POINT.compress().0));
    }

    #[test]
    fn a_scalar_beyond_the_order_is_refused() {
        let (key, mut signature) = by_hand(b"a", EIGHT_TORSION[0], EIGHT_TORSION[0]);
        // The order of the group, added to S.
        let order = (-Scalar::ONE).to_bytes();
        let mut carry = 1_u16;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        let claim = Claim::new(key, b"a", &signature);
        assert!(!Ed25519.holds(&claim) && !Ed25519.all_hold(&[claim, claim]));
    }
}
