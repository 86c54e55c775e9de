//! Spreadsheets in and out: what an office keeps in Excel becomes typed rows, and back.
//!
//! **What it is.** Opens `.xlsx` and `.csv` (UTF-8 or GB18030) with the column names offices use,
//! in any order, checks every row once at the edge, hands typed [`Row`]s on one at a time, and
//! writes a status workbook beside the input. [`Exporter`] writes the same kinds of sheets.
//!
//! **What it is not.** It knows no documents, storage or network: whether a row is new or changed
//! is the caller's answer, which [`StatusWriter`] only writes down.
//!
//! **What must always hold.** A bad row is reported with sheet, row, column and reason, and stops
//! no other row. Memory does not grow with the cells of a sheet. No message names a person: cells
//! are printed only into workbooks. A cell is never written as a formula.
//!
//! **Where to start reading.** [`open`], then [`Workbook::rows`], [`Kind`] and the row types.
//!
//! **How it is tested.** `tests/`: round trips of every kind and encoding, bad rows among good
//! ones, and ten thousand rows. The code checks have the published vectors beside them.

mod cell;
mod characters;
mod checks;
mod content;
mod csv_records;
mod csv_source;
mod error;
mod export;
mod kind;
mod passed_over;
mod read;
mod record;
mod source;
mod status;
mod table;
mod xls;
mod xlsx;

pub use checks::{Birth, Mode};
pub use error::{At, Cells, OpenSheetError, Reason, Remark, RowError, Warning, WriteSheetError};
pub use export::{Exporter, Format};
pub use kind::{Column, Holds, Kind};
pub use read::{Row, Rows, Sheet, Workbook, open, open_with};
pub use record::{
    Chief, DutyRow, Level, OrgRow, OrgState, PatrolPlanRow, PatrolRow, PlaceRow, Record, RosterRow,
    Slot, VolunteerRow, VolunteerState,
};
pub use schema_documents::codes::Sex;
pub use status::{RowStatus, StatusWriter};
