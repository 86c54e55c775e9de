//! Lives: the incarnation a node writes under.
//!
//! A log is written once. Whoever cannot be certain that its store holds everything it ever signed
//! (it was set back, or copied, or the machine was started and nobody can say) must go on under an
//! incarnation nobody used: else two envelopes take one place. Whether a past is certain is the
//! store's to say ([`node_store::Past`]), and knows nothing of the form of an incarnation.

use anyhow::Result;
use node_api::{Failure, Life};
use node_folder::{Folder, Membership};
use node_replication::store::{Batch, ReadStore, Table};
use node_store::{Doubt, Past, Store};

use crate::clock::now_ms;
use crate::failpoint::{Point, cross};
use crate::keyfile;
use crate::lang::word;
use crate::render;

const MINUTE_MS: u64 = 60_000;
/// Two copies that choose in the same minute choose apart, most of the time.
const CHOICES: u64 = 64;
/// A clock that says more than this (the year 2065) is not believed.
const BY_CLOCK_MAX: u64 = 0xc000_0000;
/// Where no clock helps, a step takes at most this part of what is left: incarnations do not run
/// out, and two that forgot each other seldom meet.
const STEP_SHARE: u32 = 4096;

const INCARNATION: &[u8] = b"incarnation";

/// An incarnation above the one before, and as a rule above what any earlier copy of the folder
/// used: the clock moves it on even where the one before was forgotten. A wrong clock does no harm.
pub(crate) fn fresh_incarnation(previous: u32) -> Result<u32> {
    let chance = u32::from_be_bytes(keyfile::random()?);
    Ok(later(previous, now_ms(), chance).ok_or(Failure::NoMoreLives)?)
}

fn later(previous: u32, now_ms: u64, chance: u32) -> Option<u32> {
    let minutes = (now_ms / MINUTE_MS).saturating_mul(CHOICES);
    let by_clock = minutes + u64::from(chance) % CHOICES;
    if minutes <= BY_CLOCK_MAX && by_clock > u64::from(previous) {
        return u32::try_from(by_clock).ok();
    }
    // The greatest of all is never taken: whoever has it could only share it.
    let left = (u32::MAX - 1).checked_sub(previous).filter(|left| *left > 0)?;
    let step = 1 + chance % (left / STEP_SHARE).clamp(1, left);
    Some(previous + step)
}

/// The incarnation to go on under after this one, whatever store or membership remember.
pub(crate) fn after(membership: &Membership, store: &Store) -> Result<u32> {
    let lived = store.read(Table::Meta, INCARNATION)?;
    let lived = lived.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
    let lived = u32::try_from(lived.unwrap_or(0)).unwrap_or(u32::MAX);
    fresh_incarnation(membership.incarnation.max(lived))
}

/// Goes on under a new incarnation if the store's past is not certain.
pub(crate) fn settle(folder: &Folder, membership: &mut Membership, store: &Store) -> Result<()> {
    let past @ Past::Doubtful(_) = store.past() else { return Ok(()) };
    membership.incarnation = after(membership, store)?;
    // First: a crash after it only takes one more life at the next start.
    membership.save(folder)?;
    cross(Point::LifeSettled);
    store.begin_life(&beginning())?;
    let incarnation = membership.incarnation;
    match told(past, false) {
        Some(life) => tracing::warn!(incarnation, "{}", render::life(life)),
        None => tracing::info!(
            incarnation,
            "{}",
            word("新的化身：无人见证最后一次写入", "a new life: nobody saw the last write")
        ),
    }
    Ok(())
}

/// What a life begins with: feeds get a fresh name when the replica is opened next, since cursors
/// in them may come from another life.
pub(crate) fn beginning() -> Batch {
    let mut batch = Batch::default();
    batch.delete(Table::Meta, b"epoch");
    batch
}

/// What people must know of how this life began; nothing, if all is well. That the machine was
/// started anew is nothing of that kind.
pub(crate) fn told(past: Past, doubled: bool) -> Option<Life> {
    match past {
        Past::Doubtful(Doubt::Copied) => Some(Life::Copied),
        Past::Doubtful(Doubt::SetBack(commits)) => Some(Life::SetBack { commits }),
        _ => doubled.then_some(Life::Doubled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 29_000_000 * MINUTE_MS;

    fn next(previous: u32, now_ms: u64, chance: u32) -> u32 {
        later(previous, now_ms, chance).expect("there are more")
    }

    #[test]
    fn an_incarnation_grows_whatever_the_clock_says() {
        let by_clock = next(1, NOW, 0);
        assert_eq!(u64::from(by_clock), 29_000_000 * CHOICES);
        for wrong in [0, NOW - 500_000 * MINUTE_MS, NOW, 4_000_000_000_000, u64::MAX] {
            for chance in [0, 63, u32::MAX] {
                assert!(next(by_clock, wrong, chance) > by_clock, "{wrong} {chance}");
            }
        }
        // A minute later even a node that forgot its last incarnation is past it.
        assert!(next(0, NOW + MINUTE_MS, 0) > next(0, NOW, 63));
    }

    #[test]
    fn a_clock_of_2151_uses_nothing_up() {
        let in_2151 = 5_711_817_600_000;
        let mut lived = next(1, NOW, 0);
        for life in 0..10_000 {
            let after = next(lived, in_2151, u32::MAX - life);
            assert!(lived < after && after < u32::MAX);
            lived = after;
        }
        // Two that were restored from one backup choose apart.
        let chosen = [1u32, 77_000, 500_000].map(|chance| next(lived, in_2151, chance));
        assert!(chosen[0] < chosen[1] && chosen[1] != chosen[2], "{chosen:?}");
    }

    #[test]
    fn the_greatest_is_never_taken_and_none_is_taken_twice() {
        let mut lived = u32::MAX - 9000;
        let mut lives = 0;
        while let Some(after) = later(lived, NOW, u32::MAX) {
            assert!(lived < after && after < u32::MAX);
            (lived, lives) = (after, lives + 1);
        }
        assert!(lives > 4000, "{lives}");
        assert_eq!(later(u32::MAX, NOW, 0), None);
    }
}
