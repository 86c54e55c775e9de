//! Letters: sealed to the box of the addressee's card (section 10.5).

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, HpkeError, Kem, OpModeR, OpModeS, Serializable};
use hpke::{single_shot_open, single_shot_seal_with_rng};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use schema_wire::codec::{Encoder, encoded};
use schema_wire::limits::CONTENT_BYTES_MAX;
use schema_wire::{
    Author, Bytes, DocumentId, Hash, List, Malformed, NetworkId, Text, Wire, record,
};

use crate::Unreadable;
use crate::value::Entry;

type Public = <X25519HkdfSha256 as Kem>::PublicKey;
type Secret = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Plaintexts have this size, or twice, four times and so on: it tells little of their length.
const SIZE_LEAST: usize = 256;
/// Ends the message within its plaintext.
const END: u8 = 0x80;

record! {
    /// The content of an envelope that is a letter.
    pub struct Letter {
        /// The addressee's card.
        pub card: Hash,
        /// The sender's half of the key agreement.
        pub encapsulated: [u8; 32],
        /// The message, sealed.
        pub sealed: Bytes<0, CONTENT_BYTES_MAX>,
    }
}

record! {
    /// What a letter says.
    pub struct Message {
        /// What kind of message it is.
        pub kind: Text<1, 32>,
        /// Which conversation it belongs to.
        pub thread: [u8; 16],
        /// Envelopes that it answers.
        pub causes: List<Hash, 0, 16>,
        /// The rest.
        pub body: List<Entry, 0, 32>,
    }
}

/// Where a letter lies. One that was moved does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterPlace<'a> {
    /// The network.
    pub network: NetworkId,
    /// The document.
    pub document: &'a DocumentId,
    /// Where in the document.
    pub position: LetterPosition,
}

/// Where in its document a letter lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterPosition {
    /// In the log of whoever wrote it: sealed to the box of the addressee's card.
    Log {
        /// Who writes it.
        author: Author,
        /// The place in the author's log.
        seq: u64,
        /// The delegation it is made under.
        delegation: Hash,
    },
    /// Under its id, as the sender's own copy: sealed to the box of the sender's own card, since
    /// nobody opens what he sealed to another's.
    Copy {
        /// The letter's id.
        letter: [u8; 16],
    },
}

impl LetterPlace<'_> {
    /// Seals a message to the box of a card. `once` is 32 random bytes, used for nothing else.
    ///
    /// # Errors
    /// If the box is no key that anything can be sealed to, or the message too long.
    pub fn seal(
        &self,
        card: Hash,
        letter_box: &[u8; 32],
        once: [u8; 32],
        message: &Message,
    ) -> Result<Letter, Malformed> {
        let no_box = |_: HpkeError| Malformed::value("nothing can be sealed to this box");
        let public = Public::from_bytes(letter_box).map_err(no_box)?;
        let (encapsulated, sealed) =
            single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                &self.info(),
                &padded(message.to_bytes()),
                &self.associated(),
                &mut ChaCha20Rng::from_seed(once),
            )
            .map_err(no_box)?;
        Ok(Letter {
            card,
            encapsulated: encapsulated.to_bytes().into(),
            sealed: Bytes::new(sealed)?,
        })
    }

    /// Opens a letter with the secret half of the box that its card names.
    ///
    /// # Errors
    /// If this secret does not open it here, or it opens to no message.
    pub fn open(&self, secret: &[u8; 32], letter: &Letter) -> Result<Message, Unreadable> {
        let not_opened = |_: HpkeError| Unreadable::NotOpened;
        let secret = Secret::from_bytes(secret).map_err(not_opened)?;
        let encapsulated = Encapsulated::from_bytes(&letter.encapsulated).map_err(not_opened)?;
        let plain = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            &self.info(),
            &letter.sealed,
            &self.associated(),
        )
        .map_err(not_opened)?;
        let message = unpadded(&plain).ok_or(Unreadable::OtherForm)?;
        Ok(Message::from_bytes(message)?)
    }

    fn info(&self) -> Vec<u8> {
        let label: &[u8] = match self.position {
            LetterPosition::Log { .. } => b"gongzhi/letter/3",
            LetterPosition::Copy { .. } => b"gongzhi/copy/3",
        };
        [label, &self.network.0].concat()
    }

    fn associated(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(256));
        match self.position {
            LetterPosition::Log { author, seq, delegation } => {
                encoded(e.array(5));
                self.document.encode(&mut e);
                author.key.encode(&mut e);
                author.incarnation.encode(&mut e);
                seq.encode(&mut e);
                delegation.encode(&mut e);
            }
            LetterPosition::Copy { letter } => {
                encoded(e.array(2));
                self.document.encode(&mut e);
                letter.encode(&mut e);
            }
        }
        e.into_writer()
    }
}

/// The box whose secret half this is; none if it can be no secret half.
#[must_use]
pub fn box_of(secret: &[u8; 32]) -> Option<[u8; 32]> {
    let secret = Secret::from_bytes(secret).ok()?;
    Some(X25519HkdfSha256::sk_to_pk(&secret).to_bytes().into())
}

/// The size of the plaintext of a message of so many bytes.
fn size(message: usize) -> usize {
    (message + 1).next_power_of_two().max(SIZE_LEAST)
}

fn padded(mut message: Vec<u8>) -> Vec<u8> {
    let size = size(message.len());
    message.push(END);
    message.resize(size, 0);
    message
}

/// The message of a plaintext in its one form.
fn unpadded(plain: &[u8]) -> Option<&[u8]> {
    let end = plain.iter().rposition(|byte| *byte != 0)?;
    let (message, rest) = plain.split_at(end);
    (rest[0] == END && plain.len() == size(end)).then_some(message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use schema_wire::{Class, Incarnation, NodeKey, UnitId};

    use super::*;
    use crate::value::Value;

    fn message(text: &str) -> Message {
        let entry = Entry {
            field: Text::new("text").expect("short"),
            value: Value::Text(Text::new(text).expect("short")),
        };
        Message {
            kind: Text::new("request").expect("short"),
            thread: [6; 16],
            causes: List::default(),
            body: List::new(vec![entry]).expect("one"),
        }
    }

    fn document() -> DocumentId {
        let unit = UnitId::parse("1/2").expect("a unit");
        DocumentId::new(unit, Class::new(192).expect("a class"), "1").expect("a document")
    }

    fn place(document: &DocumentId, seq: u64) -> LetterPlace<'_> {
        let author = Author { key: NodeKey([2; 32]), incarnation: Incarnation([3; 16]) };
        let (network, delegation) = (NetworkId([1; 32]), Hash([4; 32]));
        let position = LetterPosition::Log { author, seq, delegation };
        LetterPlace { network, document, position }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_letter_opens_in_its_place_alone(
            seed in any::<[u8; 32]>(), once in any::<[u8; 32]>(), text in "\\PC{0,300}",
        ) {
            let (secret, public) = X25519HkdfSha256::derive_keypair(&seed);
            let (secret, public): ([u8; 32], [u8; 32]) =
                (secret.to_bytes().into(), public.to_bytes().into());
            let (document, message) = (document(), message(&text));
            let here = place(&document, 5);
            let letter = here.seal(Hash([5; 32]), &public, once, &message).expect("a box");
            let read = Letter::from_bytes(&letter.to_bytes());
            prop_assert_eq!(read.as_ref(), Ok(&letter));
            prop_assert!((letter.sealed.len() - 16).is_power_of_two());
            prop_assert_eq!(here.open(&secret, &letter), Ok(message));
            prop_assert_eq!(place(&document, 6).open(&secret, &letter), Err(Unreadable::NotOpened));
            let other = [9; 32];
            prop_assert_eq!(here.open(&other, &letter), Err(Unreadable::NotOpened));
        }

        #[test]
        fn a_plaintext_has_one_form(message in prop::collection::vec(0..2u8, 0..600)) {
            let plain = padded(message.clone());
            prop_assert_eq!(unpadded(&plain), Some(&message[..]));
            let twice = [&plain[..], &vec![0; plain.len()]].concat();
            prop_assert_eq!(unpadded(&twice), None);
            prop_assert_eq!(unpadded(&plain[..plain.len() - 1]), None);
        }
    }

    #[test]
    fn a_copy_opens_in_its_place_alone_and_is_no_letter() {
        let secret = [7; 32];
        let own = box_of(&secret).expect("a box");
        let (document, message) = (document(), message("t"));
        let at = |letter| LetterPlace {
            network: NetworkId([1; 32]),
            document: &document,
            position: LetterPosition::Copy { letter },
        };
        let here = at([3; 16]);
        let copy = here.seal(Hash([5; 32]), &own, [7; 32], &message).expect("a box");
        assert_eq!(here.open(&secret, &copy), Ok(message));
        assert_eq!(at([4; 16]).open(&secret, &copy), Err(Unreadable::NotOpened));
        assert_eq!(place(&document, 5).open(&secret, &copy), Err(Unreadable::NotOpened));
    }

    #[test]
    fn a_box_that_is_no_key_is_refused() {
        let document = document();
        let sealed = place(&document, 5).seal(Hash([5; 32]), &[0; 32], [7; 32], &message("t"));
        assert!(sealed.is_err(), "every secret agrees with zero on zero");
    }
}
