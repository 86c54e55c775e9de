//! How often each situation must be reached in a number of cases.

/// The number of cases that the floors are meant for.
pub(crate) const PER: u64 = 200_000;

/// For each theme.
pub(crate) const THEME: u64 = 3_000;

/// For each situation.
pub(crate) const FLOORS: &[(&str, u64)] = &[];
