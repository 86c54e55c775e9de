//! Reports of a unit (section 10.6 of the protocol).
//!
//! ```text
//!   documents of the unit -- own, count ----> own cells, kept document by document
//!   reports held here ------ held, readable -> the newest of each unit that reads
//!   both, and who is below - parts, sum -----> the revision that is due
//!   revisions of others ---- check ----------> alarms
//! ```

mod check;
mod count;
mod heard;
mod held;
mod opens;
mod own;
mod parts;
mod period;
mod readable;
mod sum;
mod unit;

pub use check::Alarm;
pub use count::{Days, Opens, SealedAt};
pub use heard::Heard;
pub use held::{Held, Newest};
pub use opens::HeldKeys;
pub use own::Own;
pub use parts::{Coverage, Dissolved, Expected};
pub use period::Period;
pub use readable::Lies;
pub use unit::{CountInputs, Draft, UnitReport};
