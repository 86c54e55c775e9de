//! Working days and due dates, as the State Council's notices make them.
//!
//! **What it is.** [`Calendar`]: the notices known, by year. It says whether a day is worked, and
//! when a term of working days ends ([`Calendar::due`]), also with a clock that stood still
//! meanwhile. Days are days in Asia/Shanghai.
//!
//! **What it is not.** It knows no clock and no document: a node builds it from the city's signed
//! documents (class `calendar`, one a year), and whoever counts a term stores with the due date
//! what it rests on.
//!
//! **What must always hold.** The same notices give the same due dates at every node, however
//! long it was offline. A due date that is not provisional is the one that all later notices give.
//! No date makes it panic or loop beyond the term.
//!
//! **Where to start reading.** `year.rs`, then `calendar.rs`.
//!
//! **How it is tested.** By the vectors of the domain model (section 4.2), and over every day from
//! 2007 to 2026 against counting by hand; `tests/`.

mod calendar;
mod year;

pub use calendar::{Calendar, Due, Hold, Working};
pub use year::{DayKind, Year, YearError};
