//! Answers as people read them, in the language of the process; or as JSON, for programs.
//!
//! Each answer renders itself onto a [`Page`], by subject in the files below. Only this module
//! writes to standard output.

mod authority;
mod backup;
mod disk;
mod event;
mod imports;
mod letters;
mod network;
mod page;
mod persons;
mod phrases;
mod quarantine;
mod records;
mod report;
mod status;
mod table;

use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::time::Duration;

use indicatif::ProgressBar;
use node_api::Failure;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::lang::{lang, say, word};
pub(crate) use disk::life;
pub(crate) use event::incarnation_changed;
pub(crate) use imports::progress as import_progress;
pub(crate) use network::{dial_failure, refusal, session_end};
pub(crate) use page::{Page, Render, short, time};

/// How a command answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints an answer.
    pub(crate) fn show(self, answer: &(impl Serialize + Render)) {
        print(&self.text(answer));
    }

    fn text(self, answer: &(impl Serialize + Render)) -> String {
        if self.json {
            return json(answer);
        }
        let mut page = Page::default();
        answer.render(&mut page);
        page.into_text()
    }

    /// Prints what is shown once and must be seen, before anything rests on it. An error where
    /// nobody can have read it.
    pub(crate) fn reveal(self, answer: &(impl Serialize + Render)) -> Result<(), Failure> {
        let text = Zeroizing::new(self.text(answer));
        print_surely(&text).map_err(|error| Failure::PhraseUnseen { detail: error.to_string() })
    }

    /// Says that what was revealed lasts now. A program is told so by the exit code.
    pub(crate) fn done(self) {
        if !self.json {
            print(&format!("{}\n", word("已完成", "done")));
        }
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

/// Prints what must not be lost: whoever was to read it is there, and a file that it goes to keeps
/// it. Into a pipe it is as good as read.
fn print_surely(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let file = File::from(out.as_fd().try_clone_to_owned()?);
    let to = file.metadata()?;
    // What was closed before the start is `/dev/null` by now.
    if to.file_type().is_char_device() && to.rdev() == fs::metadata("/dev/null")?.rdev() {
        return Err(ErrorKind::NotConnected.into());
    }
    out.write_all(text.as_bytes())?;
    out.flush()?;
    if to.is_file() { file.sync_all() } else { Ok(()) }
}
