//! Words of the job, in the two languages of the product.

use serde::Serialize;

/// One thing, as it is called in Chinese and in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Words {
    /// As a community's staff call it.
    pub zh: &'static str,
    /// As an English text calls it.
    pub en: &'static str,
}

/// Declares a pair of words.
pub const fn words(zh: &'static str, en: &'static str) -> Words {
    Words { zh, en }
}

/// A sentence in both languages, made from what was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Sentence {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Sentence {
    /// Joins the two.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

impl From<Words> for Sentence {
    fn from(words: Words) -> Self {
        Self::new(words.zh, words.en)
    }
}
