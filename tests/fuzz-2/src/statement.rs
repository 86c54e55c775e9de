//! Statements of authority, one at a time. The first byte says what follows.

use schema_wire::{
    Adoption, Delegation, Ed25519, Endorsement, Genesis, NodeKey, Record, Revocation, Signed,
    SigningKey, Statement, Succession, Suspension, Verified, Wire,
};

use crate::draw::Draw;

/// A signed statement, a genesis, or claims to be signed.
pub fn target(data: &[u8]) {
    let mut draw = Draw::new(data);
    let (kind, bytes) = (draw.below(8), draw.rest());
    let issuer = NodeKey(key().verifying_key().to_bytes());
    match kind {
        0 => received(bytes),
        1 => genesis(bytes),
        2 => signed(bytes, |d| Delegation { issuer, ..d }, Statement::Delegation),
        3 => signed(bytes, |r| Revocation { issuer, ..r }, Statement::Revocation),
        4 => signed(bytes, |e| Endorsement { issuer, ..e }, Statement::Endorsement),
        5 => signed(bytes, |s| Suspension { issuer, ..s }, Statement::Suspension),
        6 => signed(bytes, |a| Adoption { issuer, ..a }, Statement::Adoption),
        _ => signed(bytes, |s| Succession { issuer, ..s }, Statement::Succession),
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn received(bytes: &[u8]) {
    let Ok(statement) = Statement::from_bytes(bytes) else { return };
    assert_eq!(statement.to_bytes(), bytes, "a statement has one encoding");
    let (id, _) = (statement.id(), statement.scope().to_string());
    let _ = (statement.network(), statement.issuer().key);
    if let Ok(verified) = statement.verify_with(&Ed25519) {
        assert_eq!(verified.id(), id);
    }
}

fn genesis(bytes: &[u8]) {
    let Ok(genesis) = Genesis::from_bytes(bytes) else { return };
    assert_eq!(genesis.to_bytes(), bytes, "a genesis has one encoding");
    let _ = genesis.network();
}

/// Claims that decode, signed well, travel.
fn signed<T: Record>(
    bytes: &[u8],
    by_me: impl FnOnce(T) -> T,
    statement: impl FnOnce(Signed<T>) -> Statement,
) where
    Signed<T>: Clone,
{
    let Ok(claims) = T::from_bytes(bytes) else { return };
    let sealed = Verified::seal(by_me(claims), &key());
    let statement = statement(sealed.as_signed().clone());
    let read = Statement::from_bytes(&statement.to_bytes());
    assert_eq!(read.as_ref(), Ok(&statement), "a good statement travels");
    assert!(statement.verify_with(&Ed25519).is_ok(), "a good signature holds");
}
