//! Code tables: closed lists of words, each an enum. What is stored is the code; what is read
//! from people is the code, a word, or a synonym.

use crate::words::Words;

/// One entry of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// What is stored.
    pub code: &'static str,
    /// What it is called.
    pub words: Words,
    /// What else offices write for it.
    pub also: &'static [&'static str],
}

impl Code {
    /// Is this what the text says?
    pub fn is_meant(&self, text: &str) -> bool {
        [self.code, self.words.zh, self.words.en].contains(&text) || self.also.contains(&text)
    }
}

/// An enum that is a code table.
pub trait Coded: Copy + 'static {
    /// Its entries.
    const TABLE: &'static [Code];
    /// Every variant, as in the table.
    const ALL: &'static [Self];

    /// The variant that this code stands for.
    fn of(code: &str) -> Option<Self> {
        let at = Self::TABLE.iter().position(|entry| entry.code == code)?;
        Self::ALL.get(at).copied()
    }
}

/// Declares a code table: `Variant = "code": "中文" / "English" | "synonym"`.
macro_rules! codes {
    ($(#[$doc:meta])* pub enum $name:ident {
        $($variant:ident = $code:literal : $zh:literal / $en:literal $(| $also:literal)*;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $zh] $variant),* }

        impl $crate::code::Coded for $name {
            const TABLE: &'static [$crate::code::Code] = &[$(
                $crate::code::Code {
                    code: $code,
                    words: $crate::words::words($zh, $en),
                    also: &[$($also),*],
                }
            ),*];
            const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        impl $name {
            /// What is stored.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What it is called.
            pub const fn words(self) -> $crate::words::Words {
                match self { $(Self::$variant => $crate::words::words($zh, $en)),* }
            }
        }
    };
}
pub(crate) use codes;
