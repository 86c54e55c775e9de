//! Answers as people read them, in the language of the process; or as JSON, for programs.
//!
//! Each answer renders itself onto a [`Page`], by subject in the files below. Only this module
//! writes to standard output.

mod authority;
mod backup;
mod disk;
mod event;
mod network;
mod page;
mod phrases;
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

use crate::lang::{lang, say};
pub(crate) use disk::life;
pub(crate) use event::incarnation_changed;
pub(crate) use network::{dial_failure, refusal, session_end};
pub(crate) use page::{Page, Render};

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
        print(page.text());
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
