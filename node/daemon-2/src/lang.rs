//! The language of a process: of what it prints, of its help and of what its log says to people.
//!
//! It is chosen once at the start: `--lang`, else the locale, and Chinese where that says nothing.
//! A text stands in both languages at the place where it is said (decision 0027), so that a missing
//! translation does not compile.

use std::sync::OnceLock;

pub(crate) use node_api::Lang;

static CHOSEN: OnceLock<Lang> = OnceLock::new();

/// The variables of the locale, the strongest first.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language of this process.
pub(crate) fn lang() -> Lang {
    CHOSEN.get().copied().unwrap_or_default()
}

/// Chooses the language, once: what the command line says goes before the environment.
pub(crate) fn choose(arguments: impl IntoIterator<Item = String>) {
    let locale = VARIABLES.map(|name| std::env::var(name).ok());
    let chosen = asked(arguments).unwrap_or_else(|| of_locale(locale));
    let _ = CHOSEN.set(chosen);
}

/// What `--lang` says, before the arguments are read: their errors have a language too.
fn asked(arguments: impl IntoIterator<Item = String>) -> Option<Lang> {
    let mut arguments = arguments.into_iter();
    let mut found = None;
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.next().unwrap_or_default(),
            Some(rest) => rest.strip_prefix('=').unwrap_or_default().to_owned(),
            None if argument == "--" => break,
            None => continue,
        };
        found = Lang::ALL.into_iter().find(|lang| lang.name() == value).or(found);
    }
    found
}

/// The first variable that is set and not empty decides, as in POSIX.
fn of_locale(variables: [Option<String>; 3]) -> Lang {
    let locale = variables.into_iter().flatten().find(|value| !value.is_empty());
    match locale.as_deref().and_then(|locale| locale.get(..2)) {
        Some("en") => Lang::En,
        // Also `C` and `POSIX`, which name no language.
        _ => Lang::Zh,
    }
}

/// Says something in the language of the process. Both sentences take the same values.
macro_rules! say {
    ($zh:literal, $en:literal $(,)?) => {
        match $crate::lang::lang() {
            $crate::lang::Lang::Zh => format!($zh),
            $crate::lang::Lang::En => format!($en),
        }
    };
}
pub(crate) use say;

/// A fixed text in the language of the process.
pub(crate) fn word(zh: &'static str, en: &'static str) -> &'static str {
    match lang() {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_found_wherever_it_stands() {
        let asked = |line: &str| asked(line.split(' ').map(str::to_owned));
        assert_eq!(asked("gongzhi status --lang en --data x"), Some(Lang::En));
        assert_eq!(asked("gongzhi --lang=zh status"), Some(Lang::Zh));
        assert_eq!(asked("gongzhi --lang zh status --lang=en"), Some(Lang::En));
        assert_eq!(asked("gongzhi status"), None);
        assert_eq!(asked("gongzhi status --lang fr"), None);
        assert_eq!(asked("gongzhi import -- --lang en"), None);
    }

    #[test]
    fn the_locale_decides_and_chinese_where_it_says_nothing() {
        let of = |all: &str, messages: &str, lang: &str| {
            of_locale([all, messages, lang].map(|text| Some(text.to_owned())))
        };
        assert_eq!(of("", "", "en_GB.UTF-8"), Lang::En);
        assert_eq!(of("", "zh_CN.UTF-8", "en_GB.UTF-8"), Lang::Zh);
        assert_eq!(of("en_US", "zh_CN.UTF-8", "zh_CN.UTF-8"), Lang::En);
        assert_eq!(of("C.UTF-8", "", "en_GB.UTF-8"), Lang::Zh);
        assert_eq!(of_locale([None, None, None]), Lang::Zh);
    }
}
