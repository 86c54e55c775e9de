//! Answers as people read them, in the language of the process; or as JSON, for programs.
//!
//! Each answer renders itself onto a [`Page`], by subject in the files below. Only this module
//! writes to standard output.

mod authority;
mod backup;
mod quarantine;
mod records;
mod report;
mod status;
mod table;

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use indicatif::ProgressBar;
use node_api::Failure;
use serde::Serialize;

use table::Table;

use crate::clock;
use crate::lang::{lang, say, word};

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

    /// A table, each line set in by two spaces.
    fn table(&mut self, table: &Table) {
        table.lines().iter().for_each(|line| self.line(format!("  {line}")));
    }
}

/// How a command answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints an answer.
    pub(crate) fn show(self, answer: &(impl Serialize + Render)) {
        if self.json {
            return print(&json(answer));
        }
        let mut page = Page::default();
        answer.render(&mut page);
        print(&page.0);
    }

    /// A line of long work, for people.
    pub(crate) fn progress(self, line: &str) {
        if !self.json {
            print(&format!("{line}\n"));
        }
    }

    /// An answer that was come by during long work, for people.
    pub(crate) fn progress_of(self, answer: &(impl Serialize + Render)) {
        if !self.json {
            self.show(answer);
        }
    }

    /// Says what went wrong, to standard error.
    pub(crate) fn fail(self, failure: &Failure) {
        let sentence = failure.sentence(lang());
        if self.json {
            let mut error = serde_json::to_value(failure).unwrap_or_default();
            error["text"] = sentence.into();
            eprintln!("{}", serde_json::json!({ "error": error }));
        } else {
            eprintln!("{}", say!("错误：{sentence}", "error: {sentence}"));
        }
    }

    /// A sign of life during long work, where somebody watches.
    pub(crate) fn spinner(self, what: &'static str) -> ProgressBar {
        if self.json || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}

fn json(answer: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(answer).unwrap_or_default();
    text.push('\n');
    text
}

/// Prints a page. Whoever reads it may have seen enough: a closed pipe is no error.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("{}", say!("错误：不能输出：{error}", "error: cannot write: {error}"));
        }
        _ => {}
    }
}

fn short(id: &str) -> String {
    id.chars().take(SHORT).collect()
}

fn time(ms: u64) -> String {
    clock::shown(ms).unwrap_or_else(|| "-".to_owned())
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { word("是", "yes") } else { word("否", "no") }
}

/// A span in words: `3分12秒`.
fn span(ms: u64) -> String {
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
        _ => say!("{days}天", "{days} days"),
    }
}
