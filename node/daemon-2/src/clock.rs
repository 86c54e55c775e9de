//! This machine's clock: a hint, never an order.

use std::time::{SystemTime, UNIX_EPOCH};

/// China keeps one zone without daylight saving.
const ZONE: jiff::tz::Offset = jiff::tz::offset(8);

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The day in the city's own time zone, as an ISO date.
pub(crate) fn today() -> String {
    ZONE.to_datetime(jiff::Timestamp::now()).date().to_string()
}

/// A moment as offices write it, in the city's own time zone.
pub(crate) fn shown(ms: u64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    let local = ZONE.to_datetime(time);
    Some(format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute()))
}
