//! Panics that are caught are no crash, as long as they are not our own.

use std::panic::PanicHookInfo;

/// Sets aside libFuzzer's hook, which ends the process at every panic, caught or not. Where the
/// product calls Automerge or calamine under `catch_unwind`, a panic of theirs is a refusal; one
/// of our own code still ends the process.
pub fn dependencies() {
    std::panic::set_hook(Box::new(|panic| {
        if !foreign(panic) {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}

/// Of the registry or the standard library; a panic that has no place is taken as ours.
fn foreign(panic: &PanicHookInfo<'_>) -> bool {
    let file = panic.location().map_or("", |location| location.file());
    file.contains("/registry/") || file.contains("/rustc/") || file.contains("/library/")
}
