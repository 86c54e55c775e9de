//! Spreadsheets in and out: what an office keeps in Excel becomes typed rows, and back.
//!
//! **What it is.** Opens `.xlsx`, `.xls` and text (UTF-8, UTF-16 or GB18030), each by what it is
//! and not by its ending, with the column names offices use, in any order; checks every row once
//! at the edge, hands typed [`Row`]s on one at a time, and writes a status workbook beside the
//! input. What a column [`Holds`] says which normal form its cells have. [`Exporter`] writes the
//! same kinds of sheets.
//!
//! **What it is not.** It knows no documents, storage or network: whether a row is new or changed
//! is the caller's answer, which [`StatusWriter`] only writes down.
//!
//! **What must always hold.** A bad row is reported with sheet, row, column and reason, and stops
//! no other row; what is passed over is named in [`Workbook::notes`]. No value is changed into
//! another: what cannot be read for certain is refused. Memory does not grow with the cells of a sheet. No message names a person: cells
//! are printed only into workbooks. A cell is never written as a formula.
//!
//! **Where to start reading.** [`open`], then [`Workbook::rows`], [`Kind`] and the row types.
//!
//! **How it is tested.** `tests/`: round trips of every kind and encoding, bad rows among good
//! ones, ten thousand rows, text files and workbooks with the faults of the field, and noise at
//! random over a known truth. The code checks have the published vectors beside them.

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
mod said;
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
pub use said::{Said, Words};
pub use schema_documents::codes::Sex;
pub use status::{RowStatus, StatusWriter};
