//! Sentences for people, in each language. Whoever shows one chooses; offices read Chinese, and so
//! do the workbooks of results.

use schema_documents::Sentence;

/// Both sentences take the same values; one that is missing does not compile.
macro_rules! said {
    ($zh:literal, $en:literal $(,)?) => {
        schema_documents::Sentence { zh: format!($zh), en: format!($en) }
    };
}
pub(crate) use said;

/// Sentences in one line.
pub(crate) fn joined(all: &[Sentence]) -> Sentence {
    let zh: Vec<&str> = all.iter().map(|sentence| &*sentence.zh).collect();
    let en: Vec<&str> = all.iter().map(|sentence| &*sentence.en).collect();
    Sentence::new(zh.join("；"), en.join("; "))
}
