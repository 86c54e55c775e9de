//! An invented city the size of Baicheng, written as the workbooks its offices would keep.
//!
//! **What it is.** A generator with a fixed seed and a scale knob. [`Plan`] divides the published
//! totals over districts, streets and communities without remainder; [`generate`] writes each
//! community's workbooks and counts, while it writes, what an honest report must show.
//!
//! **What it is not.** No data about anybody. Every name is put together from a list of surnames
//! and a list of syllables; every citizen id stands under area 220899, which belongs to no place;
//! every telephone number begins with 100, which is assigned to nobody; streets, communities and
//! estates are invented. Read it back with `node_sheets::Mode::Synthetic`.
//!
//! **What must always hold.** The same plan writes the same rows. No two people share a citizen
//! id, whichever communities they live in. A community's rows depend on the seed and its place in
//! the plan alone. One community at a time is held in memory.
//!
//! **Where to start reading.** [`Plan::baicheng`], then [`generate`], then [`community_rows`].
//!
//! **How it is tested.** `tests/`: the golden totals at full scale, the same seed twice, ids, and
//! a round trip through the reader of sheets. What is only counted, not yet written as rows, is
//! named in [`COUNTED_ONLY`].

mod allocate;
mod community;
mod patrol;
mod people;
mod plan;
mod truth;
mod write;

pub use allocate::largest_remainder;
pub use community::{CommunityRows, community_rows};
pub use plan::{COUNTED_ONLY, CommunityPlan, DistrictPlan, Plan};
pub use truth::{Counts, Truth, UnitTruth};
pub use write::{GenerateError, generate, generate_with};
