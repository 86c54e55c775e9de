//! Open files: the store needs its own, and each connection one. Checked at the start, so that
//! idle strangers never cost the node its files.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use node_api::Failure;
use node_store::Settings;

use crate::lang::say;

/// Connections on their way in, sockets that listen, lookups of names, logs, files of commands.
const OTHERS: u64 = 512;
/// Fewer connections are no node: those above and below, and some that are strangers.
const CONNECTIONS_MIN: u32 = 32;

/// Raises the limit of open files as far as may be, and says how many connections may be taken
/// within it: at most those that are wished.
pub(crate) fn make_room(wished: u32) -> Result<u32, Failure> {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(wished) };
    let need = needed(wished);
    let limit =
        match soft < need && setrlimit(Resource::RLIMIT_NOFILE, need.min(hard), hard).is_ok() {
            true => need.min(hard),
            false => soft,
        };
    let most = connections(limit, wished)
        .ok_or(Failure::TooFewFiles { limit, needed: needed(CONNECTIONS_MIN) })?;
    if most < wished {
        tracing::warn!(
            "{}",
            say!(
                "系统只允许打开 {limit} 个文件：最多接受 {most} 个连接（需要 {need}，见 LimitNOFILE）",
                "the system lets this process open {limit} files: it takes {most} connections \
                 ({need} are wanted, see LimitNOFILE)"
            )
        );
    }
    Ok(most)
}

/// Files for so many connections.
fn needed(connections: u32) -> u64 {
    u64::from(Settings::default().open_files) + OTHERS + u64::from(connections)
}

/// Connections within a limit, if there is room for a node at all.
fn connections(limit: u64, wished: u32) -> Option<u32> {
    let room = limit.checked_sub(needed(0))?;
    let most = u32::try_from(room).unwrap_or(u32::MAX).min(wished);
    (most >= CONNECTIONS_MIN.min(wished)).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_take_what_the_store_leaves() {
        let store = needed(0);
        assert_eq!(connections(store + 512, 512), Some(512));
        assert_eq!(connections(u64::MAX, 512), Some(512));
        assert_eq!(connections(store + 100, 512), Some(100));
        assert_eq!(connections(store + 31, 512), None);
        assert_eq!(connections(store - 1, 512), None);
        assert_eq!(connections(store + 4, 4), Some(4));
    }
}
