//! What is printed at once, and how single values are written.

use super::table::Table;
use crate::clock;
use crate::lang::{say, word};

/// Characters of a key or id that tell one from another at a glance.
const SHORT: usize = 8;

/// Something that was answered, as people read it.
pub(crate) trait Render {
    fn render(&self, page: &mut Page);
}

/// What is printed at once, line by line.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    pub(crate) fn line(&mut self, text: impl AsRef<str>) {
        self.0.push_str(text.as_ref());
        self.0.push('\n');
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// A table, each line set in by two spaces.
    pub(super) fn table(&mut self, table: &Table) {
        table.lines().iter().for_each(|line| self.line(format!("  {line}")));
    }
}

pub(crate) fn short(id: &str) -> String {
    id.chars().take(SHORT).collect()
}

pub(crate) fn time(ms: u64) -> String {
    clock::shown(ms).unwrap_or_else(|| "-".to_owned())
}

pub(super) fn yes_or_no(yes: bool) -> &'static str {
    if yes { word("是", "yes") } else { word("否", "no") }
}

/// A span in words: `3分12秒`.
pub(super) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => say!("{seconds}秒", "{seconds} s"),
        60..3600 => {
            let seconds = seconds % 60;
            say!("{minutes}分{seconds}秒", "{minutes} min {seconds} s")
        }
        3600..86_400 => {
            let minutes = minutes % 60;
            say!("{hours}小时{minutes}分", "{hours} h {minutes} min")
        }
        86_400..172_800 => word("1天", "1 day").to_owned(),
        _ => say!("{days}天", "{days} days"),
    }
}
