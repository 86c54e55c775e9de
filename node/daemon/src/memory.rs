//! Keys stay in memory: in no core dump, in no other process, and out of swap where the system
//! lets a process lock its memory.
//!
//! The whole process is locked, not single keys: a key that is used is copied (by the signer, the
//! transport, the cipher), and a lock on one of the copies would promise more than it keeps.
//!
//! Not protected: a key file without a passphrase on a disk that is not encrypted; memory that the
//! machine itself writes to disk (hibernation, a snapshot of a virtual machine); an administrator
//! of the machine, who may read any process.

use nix::libc::MCL_ONFAULT;
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::prctl::set_dumpable;
use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};

use crate::lang::word;

/// Keeps this process out of core dumps and, where that is allowed without a limit, out of swap.
pub(crate) fn seclude() {
    if let Err(error) = set_dumpable(false).and_then(|()| setrlimit(Resource::RLIMIT_CORE, 0, 0)) {
        let text = word(
            "本进程可能被写入核心转储，包括密钥",
            "this process may be written to a core dump, keys included",
        );
        tracing::warn!(%error, "{text}");
    }
    if !lock() && swaps() {
        tracing::info!(
            "{}",
            word(
                "密钥可能被写入交换分区：请给服务设 LimitMEMLOCK=infinity，或加密交换分区",
                "keys may reach the swap: run the service with LimitMEMLOCK=infinity, or encrypt \
                 the swap",
            )
        );
    }
}

/// Locks all memory, that to come too; `false` if the system does not let this process.
fn lock() -> bool {
    // Under a limit, a lock on all that is to come would make a later allocation fail.
    let unlimited = may_lock_without_limit()
        || setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY).is_ok();
    // Only what is used: not the whole of every stack.
    let flags = MlockAllFlags::from_bits_retain(MCL_ONFAULT);
    let all = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | flags;
    unlimited && mlockall(all).is_ok()
}

/// Has this process `CAP_IPC_LOCK` (capabilities(7))? To it no limit applies.
fn may_lock_without_limit() -> bool {
    const IPC_LOCK: u32 = 14;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    effective.is_some_and(|mask| mask >> IPC_LOCK & 1 == 1)
}

/// Does this machine swap at all? The first line is a heading.
fn swaps() -> bool {
    std::fs::read_to_string("/proc/swaps").is_ok_and(|swaps| swaps.lines().count() > 1)
}
