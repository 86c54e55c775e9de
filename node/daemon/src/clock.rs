//! This machine's clock: a hint, never an order.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use node_folder::Membership;
use node_records::Circumstance;
use schema_documents::{By, Day};
use schema_wire::{Ms, NodeKey};

/// China keeps one zone without daylight saving.
const ZONE: jiff::tz::Offset = jiff::tz::offset(8);

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The same, as the protocol has it.
pub(crate) fn now() -> Ms {
    Ms::of(now_ms())
}

/// The day in the city's own time zone.
pub(crate) fn today() -> Result<Day> {
    let date = ZONE.to_datetime(jiff::Timestamp::now()).date().to_string();
    Day::parse(&date).with_context(|| format!("the clock says {date}, which is no day"))
}

/// Who writes, where and when.
pub(crate) fn circumstance(membership: &Membership, author: NodeKey) -> Result<Circumstance> {
    Ok(Circumstance {
        network: membership.genesis.network(),
        unit: membership.unit.clone(),
        author,
        by: By::default(),
        now: now(),
        today: today()?,
    })
}

/// A moment as offices write it, in the city's own time zone.
pub(crate) fn shown(ms: u64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    let local = ZONE.to_datetime(time);
    Some(format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute()))
}
