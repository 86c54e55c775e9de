//! 恢复短语: the key from paper. It is shown once, written down by hand, and makes a unit's next
//! generation, or the root's, when the keys in daily use are lost or stolen.
//!
//! Twelve characters of the simplified Chinese list of BIP-39, or twelve English words: 128 random
//! bits and four that tell most slips of the pen. What a phrase is good for is not in it; the
//! generation that committed to its key knows.

use std::fmt;

use bip39::{Error, Language, Mnemonic};
use schema_wire::{NodeKey, SigningKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Characters or words of a phrase.
const WORDS: usize = 12;

/// A recovery phrase. It is never stored by a node.
#[derive(Clone, PartialEq, Eq)]
pub struct Phrase(Zeroizing<[u8; 16]>);

/// In which words a phrase is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Twelve characters, in groups of four.
    Chinese,
    /// Twelve words.
    English,
}

/// Why a text is no phrase. It never shows the phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Another number of words.
    #[error("a recovery phrase has {WORDS} words, here are {0}")]
    Length(usize),
    /// A word that is in no phrase, counted from 1.
    #[error("word {0} is not one of those that recovery phrases are made of")]
    Word(usize),
    /// All words are such as phrases are made of, but not together.
    #[error("these words are no recovery phrase: one of them is wrong, or their order")]
    Check,
}

impl Phrase {
    /// The phrase of these random bytes.
    pub fn of(entropy: [u8; 16]) -> Self {
        Self(Zeroizing::new(entropy))
    }

    /// Reads a phrase as somebody typed it: with or without spaces, in either language.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let ideographs: Vec<String> =
            text.chars().filter(|c| is_ideograph(*c)).map(String::from).collect();
        let (language, words) = if ideographs.is_empty() {
            let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
            (Language::English, words.map(str::to_lowercase).collect())
        } else {
            (Language::SimplifiedChinese, ideographs)
        };
        let words = Zeroizing::new(words);
        if words.len() != WORDS {
            return Err(PhraseError::Length(words.len()));
        }
        let joined = Zeroizing::new(words.join(" "));
        match Mnemonic::parse_in_normalized(language, &joined) {
            Ok(mnemonic) => {
                let entropy = Zeroizing::new(mnemonic.to_entropy());
                let bytes = entropy.as_slice().try_into().map_err(|_| PhraseError::Check)?;
                Ok(Self::of(bytes))
            }
            Err(Error::UnknownWord(at)) => Err(PhraseError::Word(at + 1)),
            Err(_) => Err(PhraseError::Check),
        }
    }

    /// The phrase as it is written down.
    pub fn show(&self, words: Words) -> Zeroizing<String> {
        let (language, group, between) = match words {
            Words::Chinese => (Language::SimplifiedChinese, 4, ""),
            Words::English => (Language::English, WORDS, " "),
        };
        // Twelve words are what 16 bytes make: there is no error to tell.
        let mnemonic = Mnemonic::from_entropy_in(language, self.0.as_slice());
        let words: Vec<&str> = mnemonic.iter().flat_map(Mnemonic::words).collect();
        let groups: Vec<String> = words.chunks(group).map(|group| group.join(between)).collect();
        Zeroizing::new(groups.join(" "))
    }

    /// The key from paper. It is used once, to pass a generation on.
    pub fn key(&self) -> SigningKey {
        let seed = Sha256::new().chain_update(b"gongzhi/phrase/3").chain_update(*self.0).finalize();
        SigningKey::from_bytes(&Zeroizing::new(seed.into()))
    }

    /// Its public half, which the next generation reveals.
    pub fn public(&self) -> NodeKey {
        NodeKey(self.key().verifying_key().to_bytes())
    }
}

fn is_ideograph(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases() -> impl Iterator<Item = Phrase> {
        (0..64_u8).map(|n| Phrase::of(std::array::from_fn(|at| n.wrapping_mul(37) ^ at as u8)))
    }

    #[test]
    fn what_is_written_down_is_read_again_however_it_is_spaced() {
        for phrase in phrases() {
            for words in [Words::Chinese, Words::English] {
                let shown = phrase.show(words);
                assert_eq!(Phrase::parse(&shown), Ok(phrase.clone()));
                let spaced = format!("  {}\n", shown.replace(' ', " ，\t"));
                assert_eq!(Phrase::parse(&spaced), Ok(phrase.clone()));
                assert_eq!(Phrase::parse(&shown.to_uppercase()), Ok(phrase.clone()));
            }
            let close = phrase.show(Words::Chinese).replace(' ', "");
            assert_eq!(close.chars().count(), WORDS);
            assert_eq!(Phrase::parse(&close), Ok(phrase));
        }
    }

    #[test]
    fn every_phrase_has_a_key_of_its_own() {
        let keys: std::collections::BTreeSet<NodeKey> = phrases().map(|p| p.public()).collect();
        assert_eq!(keys.len(), 64);
    }

    #[test]
    fn of_two_characters_exchanged_most_are_told() {
        let (mut told, mut tried) = (0, 0);
        for phrase in phrases() {
            let shown: Vec<char> =
                phrase.show(Words::Chinese).chars().filter(|c| *c != ' ').collect();
            for at in 1..WORDS {
                let mut swapped = shown.clone();
                swapped.swap(at - 1, at);
                if swapped == shown {
                    continue;
                }
                tried += 1;
                let read = Phrase::parse(&swapped.iter().collect::<String>());
                assert_ne!(read, Ok(phrase.clone()));
                told += usize::from(read == Err(PhraseError::Check));
            }
        }
        // One of sixteen passes by chance; the commitment tells that one.
        assert!(told * 100 > tried * 88, "{told} of {tried}");
    }

    #[test]
    fn what_is_no_phrase_is_said_without_showing_it() {
        let shown = phrases().next().map(|p| p.show(Words::Chinese)).expect("a phrase");
        let short: String = shown.chars().take(6).collect();
        assert_eq!(Phrase::parse(&short), Err(PhraseError::Length(5)));
        assert_eq!(Phrase::parse(""), Err(PhraseError::Length(0)));
        let mut strange: Vec<char> = shown.chars().filter(|c| *c != ' ').collect();
        strange[4] = '龘';
        let strange: String = strange.into_iter().collect();
        let error = Phrase::parse(&strange).expect_err("a character of no list");
        assert_eq!(error, PhraseError::Word(5));
        assert!(!error.to_string().contains('龘'));
        let phrase = phrases().next().expect("a phrase");
        assert_eq!(format!("{phrase:?}"), "Phrase(..)");
    }
}
