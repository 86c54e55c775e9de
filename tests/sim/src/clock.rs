//! Virtual time, and the wrong clocks that nodes read it from.

/// Microseconds since the run began.
pub type Time = u64;

/// One millisecond.
pub const MILLI: Time = 1_000;
/// One second.
pub const SECOND: Time = 1_000 * MILLI;
/// One minute.
pub const MINUTE: Time = 60 * SECOND;
/// One hour.
pub const HOUR: Time = 60 * MINUTE;

/// What a right clock says when a run begins: milliseconds since 1970.
pub const START_MS: u64 = 1_767_225_600_000;

/// One node's clock. Nothing that must hold may rest on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// How far it is off.
    pub offset_ms: i64,
    /// How much faster it runs, in parts per million.
    pub drift_ppm: i64,
}

impl Clock {
    /// What the node believes: milliseconds since 1970, never before.
    pub fn local_ms(&self, now: Time) -> u64 {
        let elapsed = i64::try_from(now / MILLI).expect("runs are shorter than ages");
        let drift = elapsed * self.drift_ppm / 1_000_000;
        START_MS.saturating_add_signed(elapsed + drift + self.offset_ms)
    }
}

/// Virtual time for people: hours, minutes, seconds, milliseconds.
pub fn stamp(at: Time) -> String {
    let (hours, minutes, seconds) = (at / HOUR, at / MINUTE % 60, at / SECOND % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", at / MILLI % 1000)
}
