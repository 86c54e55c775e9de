//! Vectors of signatures that hold by the equation with the cofactor alone: their signer moved
//! the key or R by a point of small order.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use schema_wire::{Item, NodeKey, Wire};
use serde_json::Value;
use sha2::{Digest, Sha512};

use crate::records::of;
use crate::world::*;

/// The node's first envelope in the roster, signed by hand.
fn moved(of_key: EdwardsPoint, of_r: EdwardsPoint) -> Vec<u8> {
    let (secret, nonce) = (NODE.signing().to_scalar(), Scalar::from(1_234_567_u64));
    let key = (ED25519_BASEPOINT_POINT * secret + of_key).compress().0;
    let r = (ED25519_BASEPOINT_POINT * nonce + of_r).compress().0;
    let mut value = header(1, None, b"first");
    value.author.key = NodeKey(key);
    let payload = value.to_bytes();
    let message = structure(EDDSA, "gongzhi/envelope/1", &payload);
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message);
    let s = nonce + Scalar::from_hash(hash) * secret;
    let signature = [r, s.to_bytes()].concat();
    raw_item(&cose_signed(EDDSA, &payload, &signature), b"first")
}

pub(crate) fn vectors() -> Vec<Value> {
    let [none, point] = [EIGHT_TORSION[0], EIGHT_TORSION[1]];
    let held = |name, bytes: Vec<u8>| {
        let item = Item::from_bytes(&bytes).expect("an item");
        let mut vector = of("item", None, name, &bytes);
        vector["id"] = item.id().to_string().into();
        vector
    };
    let beyond = {
        let mut bytes = moved(none, point);
        let at = bytes.len() - 6 - 32;
        bytes[at] ^= 1;
        bytes
    };
    vec![
        held("envelope-torsion-r", moved(none, point)),
        held("envelope-torsion-key", moved(point, none)),
        held("envelope-torsion-both", moved(point, point)),
        of("item", Some("bad signature"), "envelope-torsion-flipped", &beyond),
    ]
}
