//! Signed records: COSE_Sign1 (RFC 9052) with Ed25519, and the types that say what was checked.
//!
//! ```text
//!   bytes -- Signed::from_bytes --> Signed<T> -- verify --> Verified<T>
//!   value -- Verified::seal ------------------------------> Verified<T>
//! ```

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};

use crate::codec::{DecodeError, Decoder, Encoder, Wire, array, bytes_fixed, encoded};
use crate::id::{Hash, NodeKey};
use crate::verify::{Claim, Ed25519, Verifier};

/// Protected header: `{1: -8}`, the algorithm EdDSA (RFC 9053). SM2 will be another number here.
const PROTECTED: &[u8] = &[0xa1, 0x01, 0x27];
/// CBOR tag of COSE_Sign1.
const TAG_SIGN1: u64 = 18;

/// A record that is signed whole.
pub trait Record: Wire {
    /// Separates kinds of record: a signature of one never reads as one of another.
    const DOMAIN: &'static str;
    /// The key that must have signed.
    fn signer(&self) -> NodeKey;
}

/// The signature does not match the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match the key {0}")]
pub struct SignatureError(pub NodeKey);

/// A record as it arrived: decoded, not believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<T> {
    value: T,
    /// What the signature is over. The record's own encoding is its end.
    bytes: Vec<u8>,
    payload_bytes: usize,
    id: Hash,
    signature: [u8; 64],
}

impl<T: Record> Signed<T> {
    /// `payload` is the one encoding of `value`.
    fn new(value: T, payload: &[u8], sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Self {
        let bytes = structure::<T>(payload);
        let (id, signature) = (Hash::of(&bytes), sign(&bytes));
        Self { value, bytes, payload_bytes: payload.len(), id, signature }
    }

    /// The record's encoding, as it was signed.
    fn payload(&self) -> &[u8] {
        &self.bytes[self.bytes.len() - self.payload_bytes..]
    }

    /// What it claims. Good for refusing it, never for admitting it.
    pub fn claims(&self) -> &T {
        &self.value
    }

    /// SHA-256 of the signed structure. Two signatures of one record have one id.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// What its signature claims.
    pub fn claim(&self) -> Claim<'_> {
        Claim::with_id(self.value.signer(), (&self.bytes, self.id), &self.signature)
    }

    /// Checks the signature.
    pub fn verify(self) -> Result<Verified<T>, SignatureError> {
        self.verify_with(&Ed25519)
    }

    /// Checks the signature with a verifier of one's own.
    pub fn verify_with(self, verifier: &dyn Verifier) -> Result<Verified<T>, SignatureError> {
        if !verifier.holds(&self.claim()) {
            return Err(SignatureError(self.value.signer()));
        }
        Ok(Verified(self))
    }

    /// Takes over a record from this node's own store, where only verified ones are written.
    pub fn trust_own_store(self) -> Verified<T> {
        Verified(self)
    }
}

impl<T: Record> Wire for Signed<T> {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.tag(minicbor::data::Tag::new(TAG_SIGN1)));
        encoded(e.array(4));
        encoded(e.bytes(PROTECTED));
        encoded(e.map(0));
        encoded(e.bytes(self.payload()));
        encoded(e.bytes(&self.signature));
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if d.tag()?.as_u64() != TAG_SIGN1 {
            return Err(DecodeError::Malformed("expected a COSE_Sign1".into()));
        }
        array(d, 4)?;
        if d.bytes()? != PROTECTED {
            return Err(DecodeError::Value("the only algorithm known is EdDSA (-8)".into()));
        }
        if d.map()? != Some(0) {
            return Err(DecodeError::Value("unprotected headers are not used".into()));
        }
        let payload = d.bytes()?;
        let value = T::from_bytes(payload)?;
        let signature = bytes_fixed(d)?;
        Ok(Self::new(value, payload, |_| signature))
    }
}

impl<T: fmt::Debug> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("id", &self.id).field("claims", &self.value).finish()
    }
}

/// A record whose signature was checked. There is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(Signed<T>);

impl<T: Record> Verified<T> {
    /// Signs a record of one's own.
    ///
    /// # Panics
    /// If the record names another signer: a programming error.
    pub fn seal(value: T, key: &SigningKey) -> Self {
        Self::seal_for(value, key, &Ed25519)
    }

    /// Signs a record of one's own that this verifier will be asked about.
    ///
    /// # Panics
    /// If the record names another signer: a programming error.
    pub fn seal_for(value: T, key: &SigningKey, verifier: &dyn Verifier) -> Self {
        let signer = NodeKey(key.verifying_key().to_bytes());
        assert_eq!(value.signer(), signer, "a record is signed by the key it names");
        let payload = value.to_bytes();
        let signed = Signed::new(value, &payload, |bytes| key.sign(bytes).to_bytes());
        verifier.made(&signed.claim());
        Self(signed)
    }

    /// The record.
    pub fn value(&self) -> &T {
        &self.0.value
    }

    /// Its id.
    pub fn id(&self) -> Hash {
        self.0.id
    }

    /// The record as it travels.
    pub fn as_signed(&self) -> &Signed<T> {
        &self.0
    }

    /// The record as it travels.
    pub fn into_signed(self) -> Signed<T> {
        self.0
    }
}

/// RFC 9052 section 4.4: `["Signature1", protected, external_aad, payload]`, where the external
/// data is the record's domain.
fn structure<T: Record>(payload: &[u8]) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(payload.len() + 64));
    encoded(e.array(4));
    encoded(e.str("Signature1"));
    encoded(e.bytes(PROTECTED));
    encoded(e.bytes(T::DOMAIN.as_bytes()));
    encoded(e.bytes(payload));
    e.into_writer()
}
