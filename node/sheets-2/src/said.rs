//! Sentences for people, in each language. Whoever shows one chooses; offices read Chinese, and so
//! do the workbooks of results.

/// A sentence in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub zh: String,
    pub en: String,
}

impl Said {
    /// Sentences in one line.
    pub(crate) fn joined(all: &[Self]) -> Self {
        let join = |said: fn(&Self) -> &str, by| all.iter().map(said).collect::<Vec<_>>().join(by);
        Self { zh: join(|said| &said.zh, "；"), en: join(|said| &said.en, "; ") }
    }
}

/// A sentence that nothing is filled into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Words {
    pub(crate) const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }
}

/// Both sentences take the same values; one that is missing does not compile.
macro_rules! said {
    ($zh:literal, $en:literal $(,)?) => {
        $crate::said::Said { zh: format!($zh), en: format!($en) }
    };
}
pub(crate) use said;
