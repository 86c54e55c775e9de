//! The two judges: the Rust one in this process, the Python one over pipes.

use std::io::{BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tests_oracle::case::{Answer, Answers, Case};

/// The answer of the Rust judge in each order, or why there is none.
///
/// # Errors
///
/// When the judge panics.
pub fn rust(case: &Case) -> Result<Vec<Answer>, String> {
    catch_unwind(AssertUnwindSafe(|| tests_oracle::judge(case).orders)).map_err(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
    })
}

/// How the Python judge is run.
#[derive(Debug, Clone)]
pub struct Program {
    pub python: String,
    pub judge: PathBuf,
}

/// A running Python judge. Cases may be sent ahead; answers come in their order.
#[derive(Debug)]
pub struct Python {
    child: Child,
    lines: Sender<String>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(program: &Program) -> Result<Self, String> {
        let mut child = Command::new(&program.python)
            .arg("-u")
            .arg(&program.judge)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} {}: {error}", program.python, program.judge.display()))?;
        let mut input = child.stdin.take().ok_or("no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        let (lines, waiting) = channel::<String>();
        // A pipe holds little: writing has a thread, so that nobody waits for anybody.
        thread::spawn(move || {
            for line in waiting {
                if input.write_all(line.as_bytes()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, lines, answers })
    }

    /// Sends a case with its first orders.
    pub fn send(&self, case: &Case, orders: usize) {
        let mut case = case.clone();
        case.orders.truncate(orders);
        if let Ok(mut line) = serde_json::to_string(&case) {
            line.push('\n');
            // If the judge is gone, the answer will be missing, and that is told.
            drop(self.lines.send(line));
        }
    }

    /// The next answer.
    ///
    /// # Errors
    ///
    /// When the judge has ended, or answers what is no answer.
    pub fn receive(&mut self) -> Result<Vec<Answer>, String> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        if read == 0 {
            return Err("the Python judge has ended".to_owned());
        }
        let answers: Answers =
            serde_json::from_str(&line).map_err(|error| format!("{error}: {}", line.trim_end()))?;
        Ok(answers.orders)
    }

    /// Asks and waits.
    ///
    /// # Errors
    ///
    /// As [`Self::receive`].
    pub fn ask(&mut self, case: &Case, orders: usize) -> Result<Vec<Answer>, String> {
        self.send(case, orders);
        self.receive()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
