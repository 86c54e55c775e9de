//! Every use case of a node, once: what is asked, what is answered, who may ask, what can go wrong.
//!
//! **What it is.** One list of operations, at the end of this page. Each is a typed request with a
//! typed answer and the [`Permission`] it needs; a query changes nothing, a command does. What goes
//! wrong is a [`Failure`]: a stable code, and a sentence in each language. What happens in a node is
//! an [`Event`]. The control socket, the command line and the tests are made from this list; so is
//! every face that comes after them.
//!
//! **What it is not.** It does nothing: whoever serves implements [`Handle`] for each operation, and
//! one that is forgotten does not compile. It opens no file (a path is a name on the node's machine)
//! and knows no command line, no HTTP, no database and no runtime. It describes the job, not the
//! protocol: ids, keys and units are texts here, and whoever handles an operation parses them.
//!
//! **What must always hold.** An operation runs only for a [`Caller`] who has its permission. The
//! names, the codes and the fields are an interface: they are added to, and not renamed lightly.
//! Unknown fields of a request are refused, so that a misspelt one is not silently without effect.
//!
//! **Where to start reading.** The list below; then `operation.rs`, `failure.rs`, and the requests
//! and answers by subject.
//!
//! **How it is tested.** Beside the list: a caller without permission is refused, every failure has
//! a code of its own, requests and answers survive their text. `tests/cluster` reads nothing but
//! these types.

mod authority;
mod backup;
mod event;
mod failure;
mod folder;
mod operation;
mod quarantine;
mod records;
mod replication;
mod report;

pub use authority::{
    Delegate, Delegated, Endorse, EndorseGrant, Endorsed, EndorsedGrant, HeldGrant, Keep, Keys,
    KeysHeld, Lift, NewRoots, Revoke, Revoked, Right, Succession, Suspend, SuspensionState,
    Withdrawn,
};
pub use backup::{Backup, BackupFigures, BackupMade, Checkpoint};
pub use event::{Event, Events, EventsSeen, Happening};
pub use failure::{Failure, Lang};
pub use folder::{
    EndorsedFile, ForkProven, Founded, Granted, Joined, KeyMade, Repaired, Restored, Rotation,
    Scrubbed, TableScrubbed,
};
pub use operation::{Caller, Handle, Kind, Operation, Permission, Reply, run};
pub use quarantine::{
    Adopt, Adopted, Change, Claims, Content, Discard, Discarded, InvalidEntry, Quarantine,
    QuarantineList, QuarantineShow, QuarantineShown, RefusedItem, Signature, SignedUnder, State,
    StillInvalid,
};
pub use records::{
    Contents, Document, DocumentContents, Documents, Encoding, Enter, Entered, Entry, Export,
    Exported, Half, HistoryEntry, Import, Imported, Inspect, LeftOut, Payload, Person, Register,
    Roster, RowCounts, Scalar, Sentence,
};
pub use replication::{
    Caretaker, Life, Link, Linked, NodeStatus, PeerStatus, Receipts, RefusedBrief, ScopeStatus,
    Status, SuspendedReporting, Unreached,
};
pub use report::{CellShown, Coverage, Part, Report, ReportShown, SourcesShown};

operation::operations! {
    queries {
        /// Who holds what of this node's, how far behind and since when, what was refused.
        "status" Status -> NodeStatus, needs View;
        /// What happened since the start.
        "events" Events -> EventsSeen, needs View;
        /// The documents held.
        "documents" Documents -> Vec<Document>, needs View;
        /// One document: fields, history, who signed under which grant.
        "inspect" Inspect -> DocumentContents, needs View;
        /// The persons of a roster, opened.
        "roster" Roster -> Vec<Person>, needs ReadPersons;
        /// The newest report of a unit.
        "report" Report -> ReportShown, needs View;
        /// The root's keys, and what this node may do until when.
        "keys" Keys -> KeysHeld, needs View;
        /// What does not count and what was refused.
        "quarantine" Quarantine -> QuarantineList, needs View;
        /// One of them in full.
        "quarantine-show" QuarantineShow -> QuarantineShown, needs ReadPersons;
    }
    commands {
        /// Enter one record.
        "enter" Enter -> Entered, needs Record;
        /// Import a workbook.
        "import" Import -> Imported, needs Record;
        /// Export a register. It writes a file with names in it.
        "export" Export -> Exported, needs ReadPersons;
        /// Cut or heal the link to a peer.
        "block" Link -> Linked, needs Operate;
        /// Copy the node, its key included.
        "backup" Backup -> BackupMade, needs Operate;
        /// Copy the files of the store, to be read beside the node.
        "checkpoint" Checkpoint -> (), needs Operate;
        /// Hide from the list of what does not count.
        "discard" Discard -> Discarded, needs Operate;
        /// Take what does not count as the unit's own.
        "adopt" Adopt -> Adopted, needs Govern;
        /// Grant a unit below, one more node, a caretaker, or a new key.
        "delegate" Delegate -> Delegated, needs Govern;
        /// Withdraw what was granted to a node.
        "revoke" Revoke -> Revoked, needs Govern;
        /// Stop counting the reports of a unit below.
        "suspend" Suspend -> SuspensionState, needs Govern;
        /// Count them again.
        "lift" Lift -> SuspensionState, needs Govern;
        /// Sign a statement that another key signed.
        "endorse" Endorse -> Endorsed, needs Govern;
        /// Sign the grant in a file.
        "endorse-grant" EndorseGrant -> EndorsedGrant, needs Govern;
        /// Name new root keys.
        "roots" NewRoots -> Succession, needs Govern;
    }
}

#[cfg(test)]
mod tests;
