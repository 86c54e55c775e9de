//! Spreadsheets in and out: what an office keeps in Excel becomes rows of the declared sheets, and
//! back.
//!
//! **What it is.** Opens `.xlsx`, `.xls` and text (UTF-8, UTF-16 or GB18030), each by what it is
//! and not by its ending, with the headings that offices use, in any order; hands on one row after
//! the other, each cell in the one form of its field, and writes a results workbook beside the
//! input. [`Exporter`] writes the same sheets. Which sheets there are, what their columns are
//! called and what is asked of a cell stands in `schema_documents` alone.
//!
//! **What it is not.** It knows no documents, storage or network, and no clock: whether a row is
//! new or changed is the caller's answer, which [`StatusWriter`] only writes down, and so is what
//! must hold between the fields of a record.
//!
//! **What must always hold.** A bad row is reported with sheet, row, column and reason, and stops
//! no other row; what is passed over is named in [`Workbook::notes`]. No value is changed into
//! another: what cannot be read for certain is refused. Rows that were written are read as the
//! same rows. Memory does not grow with the cells of a sheet. No message names a person: cells are
//! printed only into workbooks, which nobody but their owner reads. A cell is never written as a
//! formula.
//!
//! **Where to start reading.** [`open`], then [`Workbook::rows`] and `table.rs`, which finds the
//! columns and reads a row.
//!
//! **How it is tested.** `tests/`: round trips of every sheet and encoding, bad rows among good
//! ones, ten thousand rows, text files and workbooks with the faults of the field, and noise at
//! random over a known truth.

mod cell;
mod content;
mod csv_records;
mod csv_source;
mod error;
mod export;
mod headings;
mod passed_over;
mod read;
mod repeats;
mod said;
mod source;
mod status;
mod table;
mod xls;
mod xlsx;

pub use error::{At, Cells, OpenSheetError, Reason, Remark, RowError, Warning, WriteSheetError};
pub use export::{Exporter, Format};
pub use headings::{Headings, Meaning};
pub use read::{Rows, Table, TableRow, Workbook, open, open_knowing};
pub use status::{RowStatus, StatusWriter};
