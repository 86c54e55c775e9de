//! Signatures at the edges of the equation: with the cofactor, out of range, of small order.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use serde_json::Value;
use sha2::{Digest, Sha512};

use crate::cbor::list;
use crate::encoding::BAD_SIGNATURE;
use crate::keys::{COMMUNITY_KEY, COMMUNITY_PAPER, Hash, sha256};
use crate::records::Charter;
use crate::signed::{EDDSA, Record, cose, structure};
use crate::vector::encoding;
use crate::world::{COMMUNITY, charter};

/// The order of the group, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// What a signature is made of: the key and R as they are written, their secrets.
struct Parts {
    key: [u8; 32],
    r: [u8; 32],
    secret: Scalar,
    nonce: Scalar,
}

fn nonce() -> Scalar {
    Scalar::from(1_234_567_u64)
}

/// The parts of an ordinary signature, moved by two points.
fn moved(of_key: EdwardsPoint, of_r: EdwardsPoint) -> Parts {
    let (secret, nonce) = (COMMUNITY_KEY.signing().to_scalar(), nonce());
    let key = (ED25519_BASEPOINT_POINT * secret + of_key).compress().0;
    let r = (ED25519_BASEPOINT_POINT * nonce + of_r).compress().0;
    Parts { key, r, secret, nonce }
}

impl Parts {
    fn charter(&self) -> Vec<u8> {
        let value = charter(COMMUNITY, COMMUNITY_KEY, COMMUNITY_PAPER);
        Charter { key: self.key, ..value }.cbor().bytes()
    }

    fn message(&self) -> Vec<u8> {
        structure(EDDSA, "gongzhi/charter/3", &self.charter())
    }

    fn s(&self) -> Scalar {
        let hash = Sha512::new().chain_update(self.r).chain_update(self.key);
        self.nonce + Scalar::from_hash(hash.chain_update(self.message())) * self.secret
    }

    fn with_s(&self, s: [u8; 32]) -> (Hash, Vec<u8>) {
        let signed = cose(EDDSA, &self.charter(), &[self.r, s].concat());
        (sha256(&[&self.message()]), list![0, signed].bytes())
    }

    fn taken(&self, name: &str) -> Value {
        let (id, bytes) = self.with_s(self.s().to_bytes());
        encoding(name, "statement", Ok(id), &bytes)
    }

    fn refused(&self, name: &str) -> Value {
        self.refused_with(name, self.s().to_bytes())
    }

    fn refused_with(&self, name: &str, s: [u8; 32]) -> Value {
        encoding(name, "statement", Err(BAD_SIGNATURE), &self.with_s(s).1)
    }
}

pub(crate) fn vectors() -> Vec<Value> {
    [cofactored(), scalars(), small(), coordinates()].concat()
}

/// What only the equation with the cofactor takes.
fn cofactored() -> Vec<Value> {
    let [none, point] = [EIGHT_TORSION[0], EIGHT_TORSION[1]];
    let half = EIGHT_TORSION[4];
    let mut flipped = moved(none, point).s().to_bytes();
    flipped[0] ^= 1;
    vec![
        moved(none, none).taken("signature-by-hand"),
        moved(none, point).taken("signature-torsion-in-r"),
        moved(point, none).taken("signature-torsion-in-key"),
        moved(point, point).taken("signature-torsion-in-both"),
        moved(half, none).taken("signature-torsion-of-order-two-in-key"),
        moved(none, half).taken("signature-torsion-of-order-two-in-r"),
        moved(none, point).refused_with("signature-torsion-and-flipped", flipped),
    ]
}

/// The sum of two numbers of 32 bytes, little-endian.
fn plus(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    std::array::from_fn(|at| {
        let sum = u16::from(left[at]) + u16::from(right[at]) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    })
}

fn scalars() -> Vec<Value> {
    let parts = moved(EIGHT_TORSION[0], EIGHT_TORSION[0]);
    let s = parts.s().to_bytes();
    let twice = plus(plus(s, ORDER), ORDER);
    let mut high = s;
    high[31] |= 0x80;
    // R without a part that S must answer for: S is zero, or the order instead.
    let zero = Parts { r: [0; 32], secret: Scalar::ZERO, nonce: Scalar::ZERO, ..parts };
    let parts = moved(EIGHT_TORSION[0], EIGHT_TORSION[0]);
    vec![
        parts.refused_with("signature-s-plus-order", plus(s, ORDER)),
        parts.refused_with("signature-s-plus-two-orders", twice),
        parts.refused_with("signature-s-high-bit", high),
        parts.refused_with("signature-s-is-order", ORDER),
        zero.refused("signature-zero-r-and-s"),
    ]
}

/// Keys and R of small order, with signatures for which the equation holds.
fn small() -> Vec<Value> {
    let as_key = |number: usize, point: EdwardsPoint| {
        let r = (ED25519_BASEPOINT_POINT * nonce()).compress().0;
        let (key, secret) = (point.compress().0, Scalar::ZERO);
        Parts { key, r, secret, nonce: nonce() }.refused(&format!("key-of-small-order-{number}"))
    };
    let as_r = |number: usize, point: EdwardsPoint| {
        let (secret, nonce) = (COMMUNITY_KEY.signing().to_scalar(), Scalar::ZERO);
        let (key, r) = (COMMUNITY_KEY.key(), point.compress().0);
        Parts { key, r, secret, nonce }.refused(&format!("r-of-small-order-{number}"))
    };
    let each = EIGHT_TORSION.iter().enumerate();
    each.flat_map(|(number, point)| [as_key(number, *point), as_r(number, *point)]).collect()
}

/// The number 2^255 - 19 + `more`, and the sign bit.
fn beyond(more: u8, sign: bool) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed + more, if sign { 0xff } else { 0x7f });
    bytes
}

/// Coordinates that are not reduced, and what is no point.
fn coordinates() -> Vec<Value> {
    let r = (ED25519_BASEPOINT_POINT * nonce()).compress().0;
    let secret = COMMUNITY_KEY.signing().to_scalar();
    let as_key = |name, key| Parts { key, r, secret: Scalar::ZERO, nonce: nonce() }.refused(name);
    let as_r =
        |name, r| Parts { key: COMMUNITY_KEY.key(), r, secret, nonce: Scalar::ZERO }.refused(name);
    let mut one = [0; 32];
    (one[0], one[31]) = (1, 0x80);
    let mut two = [0; 32];
    two[0] = 2;
    vec![
        as_key("key-y-is-the-prime", beyond(0, false)),
        as_key("key-y-is-the-prime-and-signed", beyond(0, true)),
        as_key("key-y-is-the-prime-and-one", beyond(1, false)),
        as_key("key-y-is-the-prime-and-three", beyond(3, false)),
        as_key("key-y-is-the-greatest", beyond(18, false)),
        as_key("key-y-one-with-sign", one),
        as_key("key-is-no-point", two),
        as_r("r-y-is-the-prime", beyond(0, false)),
        as_r("r-y-is-the-prime-and-signed", beyond(0, true)),
        as_r("r-y-is-the-prime-and-one", beyond(1, false)),
        as_r("r-y-one-with-sign", one),
        as_r("r-is-no-point", two),
    ]
}
