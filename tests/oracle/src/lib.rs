//! A naive judge of the gongzhi protocol, version 3, on statements as values.
//!
//! **What it is.** One function, [`judge`], that says of a [`case::Case`] everything that
//! sections 4 to 8 of `PROTOCOL.md` say of it: what is kept, stands, is followed, counts, is set
//! aside, and who may read. It was written from the text alone, rule by rule, to be compared with
//! other judges and with the product: where two disagree, one misread the text or the text is bad.
//!
//! **What it is not.** It is no node: it checks no signature, decodes no CBOR, keeps no index and
//! learns nothing. Every question goes through all statements again. The only memory are the
//! memos of [`held::Held`], where plain recursion would be exponential.
//!
//! **What must always hold.**
//! - It ends, without panic, on any case: every recursion goes to what was kept or admitted
//!   earlier, or to a unit further up, and each says why beside it.
//! - Its answers do not depend on the order in which the items came.
//! - Each rule stands in one function that cites it: rules 1 to 7, (a) to (d), (H1) to (H7),
//!   steps 1 to 12, reasons 1 to 5, the lines of what is set aside.
//!
//! **Where to start reading.** [`judge_order`]; then by section of the text: `names` (2),
//! `well_made` and `kept` (4, 5), `chain` (4), `path`, `holds`, `ending`, `adoption`, `rivals`,
//! `cards` (6), `taking`, `admission`, `counts`, `aside` (7), `reading` (8).
//!
//! **How it is tested.** `tests/` has small cases made by hand, for each rule at least one that
//! answers differently if the rule is left out, and one sweep over drawn cases that must neither
//! panic nor depend on the order.

pub mod case;

mod admission;
mod adoption;
mod answer;
mod aside;
mod cards;
mod chain;
mod counts;
mod ending;
mod held;
mod holds;
mod kept;
mod names;
mod path;
mod reading;
mod record;
mod rivals;
mod taking;
mod well_made;

use case::{Answer, Answers, Case, Statement};

/// Is the statement well made, as far as values can break that (section 5, rule 1)?
#[must_use]
pub fn is_well_made(statement: &Statement) -> bool {
    well_made::statement(statement)
}

/// Answers the case once for each of its orders.
#[must_use]
pub fn judge(case: &Case) -> Answers {
    Answers { orders: case.orders.iter().map(|order| judge_order(case, order)).collect() }
}

/// Takes the items in as `order` says, and answers from what is in then.
#[must_use]
pub fn judge_order(case: &Case, order: &[usize]) -> Answer {
    let held = taking::take_in(case, order);
    answer::answer(&held)
}
