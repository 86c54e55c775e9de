//! Threads without which the node does not go on.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use anyhow::Result;

use crate::failure;
use crate::lang::{lang, say, word};

/// A thread whose failure is the node's. Nothing may go on after a failed read or sync, nor after
/// a panic: the state in memory is not to be trusted, and the next start rebuilds it.
pub(crate) fn spawn(
    name: &str,
    work: impl FnOnce() -> Result<()> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).spawn(move || {
        let code = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                let failure = failure::of(&error);
                let why = failure.sentence(lang());
                tracing::error!("{}", say!("节点停止：{why}", "the node stops: {why}"));
                failure::exit_code(&failure)
            }
            Err(_) => {
                let text = word("程序内部错误，节点停止", "the node panicked and stops");
                tracing::error!("{text}");
                failure::EXIT_FAILED
            }
        };
        std::process::exit(code.into());
    })
}
