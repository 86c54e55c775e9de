//! The moments at which a node may die in a test: between the steps that make something durable.
//!
//! **What it is.** [`Point`] lists them all, one sentence each. [`cross`] marks the place in the
//! code. In a build with the feature `failpoints` the variable `FAILPOINTS` says what happens
//! there, in the syntax of the crate `fail`: `batch_synced=3*off->return` lets three crossings pass
//! and ends the process at the fourth, as a power cut would: nothing is unwound, flushed or
//! answered. `sleep(20)` delays, and where [`fails`] is asked, `return(error)` gives an error.
//!
//! **What it is not.** Part of what is shipped: without the feature every function here is empty
//! and no name of a point is in the binary. It is not in the core either: authority and
//! replication decide without a disk, so there is nothing to interrupt.
//!
//! **What must always hold.** Every point is crossed by a test, or that test fails.
//!
//! **Where to start reading.** The list. **How it is tested.** `tests/cluster/tests/failpoints`.

macro_rules! points {
    ($($(#[doc = $text:literal])+ $point:ident = $name:literal,)+) => {
        /// A moment between two steps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Point { $($(#[doc = $text])+ $point,)+ }

        impl Point {
            /// Every point there is.
            pub const ALL: &[Self] = &[$(Self::$point,)+];

            /// What `FAILPOINTS` calls it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$point => $name,)+ }
            }
        }
    };
}

points! {
    /// The database exists, and does not yet say what it is and whose.
    StoreCreated = "store_created",
    /// The database says what it is, and holds nothing.
    StoreFounded = "store_founded",
    /// The store has its name, and nobody knows of it.
    StoreNamed = "store_named",
    /// Nothing of a batch was handed to the database.
    BeforeBatch = "before_batch",
    /// A batch is in the database's log, and no sync was asked for.
    BatchUnsynced = "batch_unsynced",
    /// A batch is durable, and nobody knows it.
    BatchSynced = "batch_synced",
    /// The database copied itself into the folder that it gives its name only at the end.
    CheckpointStaged = "checkpoint_staged",

    /// The replica is open, and what opening it writes is not committed.
    ReplicaOpened = "replica_opened",
    /// A node of an uncertain past has its new incarnation durable, and was told nothing of it.
    LifeSettled = "life_settled",
    /// All is written down, no answer and no frame has left.
    BeforeAnswers = "before_answers",
    /// The answers left, the frames did not.
    BeforeFrames = "before_frames",

    /// A peer was taken note of, the hello to it is not made durable.
    SessionOpened = "session_opened",
    /// A hello was judged, and nothing of that is durable.
    HelloTaken = "hello_taken",
    /// A hello is about to leave.
    HelloLeaves = "hello_leaves",
    /// A message of a reconciliation was answered in memory.
    ReconcileTaken = "reconcile_taken",
    /// A message of a reconciliation is about to leave.
    ReconcileLeaves = "reconcile_leaves",
    /// What a peer asked for is in memory alone.
    WantTaken = "want_taken",
    /// The list of what this node lacks is about to leave.
    WantLeaves = "want_leaves",
    /// A part of a transfer was judged, and nothing of that is durable.
    ItemsTaken = "items_taken",
    /// A part of a transfer is about to leave.
    ItemsLeave = "items_leave",
    /// A receipt was taken note of in memory.
    AckTaken = "ack_taken",
    /// A receipt is about to leave: what it is for is durable.
    AckLeaves = "ack_leaves",

    /// A file of the folder (key, membership, founding) is there under another name, and empty.
    FileCreated = "file_created",
    /// It has its content, and is not synced.
    FileWritten = "file_written",
    /// It is synced, and has its own name not yet.
    FileSynced = "file_synced",
    /// It has its name, and the folder is not synced.
    FileNamed = "file_named",
    /// A network's founding is written down, its store does not know it.
    FoundingDrafted = "founding_drafted",
    /// What a grant rests on is durable, and the folder belongs to no network yet.
    JoinLearned = "join_learned",
    /// The membership says the new delegation, the key file is the old one.
    JoinSaved = "join_saved",
    /// The new key has the old one's place, the folder is not synced.
    KeyReplaced = "key_replaced",

    /// A backup's folder is there, nothing of the store in it.
    BackupBegun = "backup_begun",
    /// A backup has the store, not the key.
    BackupCheckpointed = "backup_checkpointed",
    /// A backup has everything but its manifest.
    BackupCopied = "backup_copied",
    /// A backup's manifest is whole, and the backup not declared finished.
    ManifestWritten = "manifest_written",
    /// A file was copied into a backup or out of one, others were not.
    FileCopied = "file_copied",
    /// A restored store was read through, its new incarnation is not chosen.
    RestoreVerified = "restore_verified",
    /// A restored folder has all but its name.
    RestoreFilled = "restore_filled",

    /// Some rows of a workbook are durable, others not read.
    ImportBatch = "import_batch",
    /// A report was counted, and not written.
    ReportCounted = "report_counted",
    /// A report was written, and not committed.
    ReportEdited = "report_edited",
}

/// Marks the place of a point. A process that is told to dies here.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn cross(_: impl Into<Option<Point>>) {}

/// Marks a place where a step can fail. Is it to fail?
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub const fn fails(_: Point) -> bool {
    false
}

/// Was anything asked for at this point? Only then is a step taken apart to stop inside it.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub const fn armed(_: Point) -> bool {
    false
}

#[cfg(feature = "failpoints")]
pub use armed::{armed, cross, fails};

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::Once;

    use super::Point;

    /// Marks the place of a point. A process that is told to dies here.
    pub fn cross(point: impl Into<Option<Point>>) {
        if let Some(point) = point.into() {
            fails(point);
        }
    }

    /// Marks a place where a step can fail. Is it to fail?
    pub fn fails(point: Point) -> bool {
        read_variable();
        fail::fail_point!(point.name(), |wish| wish.is_some() || die(point));
        false
    }

    /// Was anything asked for at this point?
    pub fn armed(point: Point) -> bool {
        read_variable();
        fail::list().iter().any(|(name, _)| name == point.name())
    }

    fn read_variable() {
        static READ: Once = Once::new();
        // Dropped, it would forget what it read.
        READ.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    }

    fn die(point: Point) -> ! {
        eprintln!("failpoint {}: this process dies here", point.name());
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_name_of_its_own() {
        for (index, point) in Point::ALL.iter().enumerate() {
            let later = &Point::ALL[index + 1..];
            assert!(later.iter().all(|other| other.name() != point.name()), "{point:?}");
        }
    }
}
