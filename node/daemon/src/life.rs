//! Lives: the incarnation a node writes under.
//!
//! A log is written once. Whoever cannot be certain that its store holds everything it ever signed
//! (it was set back, or copied, or the machine was started and nobody can say) must go on under an
//! incarnation nobody used: else two envelopes take one place. Whether a past is certain is the
//! store's to say ([`node_store::Past`]); the replica draws the incarnation.

use anyhow::Result;
use node_api::Life;
use node_replication::store::Batch;
use node_store::{Past, Store, Uncertainty};

use crate::failpoint::{Point, cross};
use crate::lang::word;
use crate::render;

/// Makes durable what opening the replica wrote. Where the store's past is not certain, a new
/// incarnation is part of that, and its past is certain again.
pub(crate) fn begin(store: &Store, opened: &Batch) -> Result<()> {
    let past @ Past::Uncertain(_) = store.past() else { return Ok(store.commit(opened)?) };
    store.begin_life(opened)?;
    cross(Point::LifeSettled);
    match told(past, false) {
        Some(life) => tracing::warn!("{}", render::life(life)),
        None => tracing::info!(
            "{}",
            word("新的化身：无人见证最后一次写入", "a new life: nobody saw the last write")
        ),
    }
    Ok(())
}

/// What people must know of how this life began; nothing, if all is well. That the machine was
/// started anew is nothing of that kind.
pub(crate) fn told(past: Past, cloned: bool) -> Option<Life> {
    match past {
        Past::Uncertain(Uncertainty::Copied) => Some(Life::Copied),
        Past::Uncertain(Uncertainty::SetBack(commits)) => Some(Life::SetBack { commits }),
        _ => cloned.then_some(Life::Doubled),
    }
}
