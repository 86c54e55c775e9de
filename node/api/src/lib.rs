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
mod imports;
mod letters;
mod operation;
mod persons;
mod quarantine;
mod records;
mod replication;
mod report;

pub use authority::{
    Alarm, Delegate, Delegated, Dissolve, Dissolved, Endorse, Endorsed, Follow, Followed,
    GrantState, HeldGrant, Keep, Keys, KeysHeld, Lift, Lineage, LineageShown, NodeRole,
    PhraseShown, Recognise, Recognised, RecognisedBy, Revoke, Revoked, Right, Root, RootShown,
    Suspend, SuspensionState,
};
pub use backup::{Backup, BackupFigures, BackupMade, Checkpoint};
pub use event::{Event, Events, EventsSeen, Happening};
pub use failure::{Failure, Lang};
pub use folder::{
    Began, EndorsedFile, ForkProven, Granted, Joined, KeyMade, LineageAccepted, LineageRotated,
    NetworkWritten, NextStep, RecognisedFile, Repaired, Restored, RootSucceeded, Rotation,
    Scrubbed, TableScrubbed,
};
pub use imports::{
    Import, ImportListed, ImportProgress, ImportRunning, ImportUndone, Imported, Imports,
    ImportsRunning, ImportsShown, RecordKept, RowCounts, UndoImport,
};
pub use letters::{
    AcceptAddressee, AddresseeAccepted, AnswerLetter, CardShown, Direction, LetterField,
    LetterListed, LetterShown, LetterState, LetterValue, LetterWritten, Letters, LettersShown,
    MessageShown, NameCard, ReadLetter, WriteLetter,
};
pub use operation::{Caller, Handle, Kind, Operation, Permission, Reply, run};
pub use persons::{
    Arrive, Arrived, Coming, Depart, Duplicate, Duplicates, DuplicatesShown, Erase, Erased,
    Leaving, Merge, Move, Moved, Movements, MovementsIn, MovementsShown, PersonDecided, Place,
    Separate,
};
pub use quarantine::{
    Adopt, Adopted, Change, Claims, Content, Discard, Discarded, InvalidEntry, Quarantine,
    QuarantineList, QuarantineShow, QuarantineShown, RefusedItem, Signature, SignedUnder, State,
    StillInvalid,
};
pub use records::{
    Choice, Contents, Contested, ContestedField, ContestedRecord, ContestedShown, Document,
    DocumentContents, Documents, Edit, Encoding, Enter, Entered, EventShown, Export, Exported,
    FieldShown, Given, Happen, HistoryEntry, Inspect, KindShown, Kinds, KindsShown, NamedShown,
    Payload, RecordShow, RecordShown, Records, RecordsShown, RowEntered, Scalar, Sentence, Shown,
};
pub use replication::{
    ClockOff, Clocks, ContestedCount, CutLinks, DialFailure, FormerWhy, GrantDue, Held,
    KeyInUseTwice, Lacks, Life, Link, LinkState, Linked, NodeStatus, PeerStatus, Receipts,
    RefusedBrief, RefusedPeer, RunningStatus, ScopeStatus, Standing, Status, Unreached,
};
pub use report::{
    CellShown, Counted, Coverage, Part, PartRevision, PartTold, Report, ReportAlarm, ReportShown,
    SourcesShown,
};

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
        /// The records of a kind, opened.
        "records" Records -> RecordsShown, needs ReadPersons;
        /// One record, opened, with what happened to it.
        "record" RecordShow -> RecordShown, needs ReadPersons;
        /// The records of which somebody must choose a value.
        "contested" Contested -> ContestedShown, needs ReadPersons;
        /// The kinds of records: fields, events, sheets.
        "kinds" Kinds -> KindsShown, needs View;
        /// The imports of the unit.
        "imports" Imports -> ImportsShown, needs ReadPersons;
        /// How far the imports are that run.
        "import-progress" ImportProgress -> ImportsRunning, needs View;
        /// Persons who may be one human.
        "duplicates" Duplicates -> DuplicatesShown, needs ReadPersons;
        /// Who came and who went, by month.
        "movements" Movements -> MovementsShown, needs ReadPersons;
        /// The letters, in and out, and how far each has come.
        "letters" Letters -> LettersShown, needs View;
        /// The newest report of a unit.
        "report" Report -> ReportShown, needs View;
        /// The root's keys, and what this node may do until when.
        "keys" Keys -> KeysHeld, needs View;
        /// Who the unit is, and who its nodes are.
        "lineage" Lineage -> LineageShown, needs View;
        /// The root's keys.
        "root" Root -> RootShown, needs View;
        /// What does not count and what was refused.
        "quarantine" Quarantine -> QuarantineList, needs View;
        /// One of them in full.
        "quarantine-show" QuarantineShow -> QuarantineShown, needs ReadPersons;
    }
    commands {
        /// Enter one row of a sheet.
        "enter" Enter -> RowEntered, needs Record;
        /// Change a record, or begin one.
        "edit" Edit -> Entered, needs Record;
        /// Say that something happened to a record.
        "happen" Happen -> Entered, needs Record;
        /// Decide that two persons are one human.
        "merge" Merge -> PersonDecided, needs Record;
        /// Take that back.
        "separate" Separate -> PersonDecided, needs Record;
        /// Say that somebody was born here or moved here.
        "arrive" Arrive -> Arrived, needs Record;
        /// Say that persons moved into another dwelling.
        "move" Move -> Moved, needs Record;
        /// Say that somebody ceased to live here.
        "depart" Depart -> PersonDecided, needs Record;
        /// Destroy the keys of a person.
        "erase" Erase -> Erased, needs Govern;
        /// Write a letter to another unit.
        "letter-write" WriteLetter -> LetterWritten, needs Record;
        /// Answer a letter.
        "letter-answer" AnswerLetter -> LetterWritten, needs Record;
        /// Open a letter; its sender is told.
        "letter-read" ReadLetter -> LetterShown, needs ReadPersons;
        /// Choose, for this node alone, which lineage letters to a unit are sealed to.
        "letter-accept" AcceptAddressee -> AddresseeAccepted, needs Govern;
        /// Give the unit a name on its card.
        "card-name" NameCard -> CardShown, needs Govern;
        /// Import a workbook.
        "import" Import -> Imported, needs Record;
        /// Take an import back, or say what that comes to.
        "import-undo" UndoImport -> ImportUndone, needs Record;
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
        /// Take one more node into the unit.
        "delegate" Delegate -> Delegated, needs Govern;
        /// Recognise a unit below.
        "recognise" Recognise -> Recognised, needs Govern;
        /// Take a node out of the unit.
        "revoke" Revoke -> Revoked, needs Govern;
        /// Stop counting the reports of a unit below.
        "suspend" Suspend -> SuspensionState, needs Govern;
        /// Count them again.
        "lift" Lift -> SuspensionState, needs Govern;
        /// Say that a unit below exists no more.
        "dissolve" Dissolve -> Dissolved, needs Govern;
        /// Sign a root act that another root key signed.
        "endorse" Endorse -> Endorsed, needs Govern;
        /// Choose, for this node alone, whom it follows where a recovery phrase was used twice.
        "follow" Follow -> Followed, needs Govern;
    }
}

#[cfg(test)]
mod tests;
