//! What went wrong with a disk, in the words of whoever has to do something about it: what
//! happened, what is safe, what to do.

use std::error::Error as StdError;
use std::io;
use std::process::ExitCode;

use node_store::{CommitError, OpenError};

/// The store is damaged, not whole, or not this node's.
pub(crate) const EXIT_DAMAGED: u8 = 5;
/// The disk takes no writes: it is full, or read-only, or fails.
pub(crate) const EXIT_DISK: u8 = 6;

/// What to do about a damaged store.
pub(crate) const WHAT_TO_DO: &str = "已送达其他节点的录入在那里是安全的. 请先原样复制整个数据目录, 再: \
    (1) gongzhi repair --data DIR (仅日志损坏时), 或 (2) gongzhi restore 恢复备份, 或 (3) 换新目录加入, \
    内容由本单位其他节点补回; 并检查磁盘. What other nodes hold is safe there. Copy the whole data \
    folder as it is first, then: (1) gongzhi repair --data DIR, if it is the log that is damaged, or \
    (2) restore a backup, or (3) join with a fresh folder, which fills from the unit's other nodes; \
    and have the disk checked";

/// What a disk did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Damaged,
    Missing,
    OtherStore,
    Full,
    ReadOnly,
    Failing,
}

impl Trouble {
    /// What of all that led to an error concerns the disk.
    fn of(error: &anyhow::Error) -> Option<Self> {
        error.chain().find_map(Self::of_cause)
    }

    fn of_cause(cause: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(open) = cause.downcast_ref::<OpenError>() {
            return match open {
                OpenError::Damaged { .. }
                | OpenError::Corrupt { .. }
                | OpenError::Partial { .. } => Some(Self::Damaged),
                OpenError::Missing { .. } => Some(Self::Missing),
                OpenError::Foreign { .. }
                | OpenError::OtherStore { .. }
                | OpenError::WrongKey { .. } => Some(Self::OtherStore),
                _ => None,
            };
        }
        if let Some(CommitError::Unmarked(error)) = cause.downcast_ref::<CommitError>() {
            return Self::of_kind(error.kind);
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return Self::of_kind(error.kind());
        }
        Self::of_text(&cause.to_string())
    }

    fn of_kind(kind: io::ErrorKind) -> Option<Self> {
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Self::Full),
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
            _ => None,
        }
    }

    /// The database gives the system's text alone.
    fn of_text(text: &str) -> Option<Self> {
        let texts = [
            ("No space left on device", Self::Full),
            ("Disk quota exceeded", Self::Full),
            ("Read-only file system", Self::ReadOnly),
            ("Input/output error", Self::Failing),
            ("Corruption:", Self::Damaged),
            ("a sealed value does not open", Self::Damaged),
        ];
        texts.into_iter().find(|(part, _)| text.contains(part)).map(|(_, trouble)| trouble)
    }

    fn code(self) -> u8 {
        match self {
            Self::Damaged | Self::Missing | Self::OtherStore => EXIT_DAMAGED,
            Self::Full | Self::ReadOnly | Self::Failing => EXIT_DISK,
        }
    }

    fn sentence(self) -> String {
        match self {
            Self::Damaged => format!("数据库已损坏, 未作任何改动. the store is damaged; nothing was changed. {WHAT_TO_DO}"),
            Self::Missing => format!("数据库不见了, 未新建. the store is gone; no new one was made. {WHAT_TO_DO}"),
            Self::OtherStore => "这不是本目录的数据库, 未作任何改动; 请放回原来的 store 目录, 或恢复备份. \
                this is not this folder's store, nothing was changed: put the right `store` back, or \
                restore a backup"
                .into(),
            Self::Full => "磁盘已满: 已确认的录入都已保存, 最后一次未确认的可能没有; 请腾出空间后重新启动. \
                the disk is full: what was acknowledged is saved, the last entry that was not may not \
                be; free some space and start again"
                .into(),
            Self::ReadOnly => "磁盘变为只读: 已确认的录入都已保存, 最后一次未确认的可能没有; 请检查磁盘 (fsck) \
                后重新启动. the disk has become read-only: what was acknowledged is saved, the last \
                entry that was not may not be; check the disk (fsck) and start again"
                .into(),
            Self::Failing => "磁盘读写出错: 已确认的录入都已保存, 最后一次未确认的可能没有; 请备份并更换磁盘. \
                the disk fails: what was acknowledged was saved, the last entry that was not may not \
                be; make a backup and replace the disk"
                .into(),
        }
    }
}

/// An error in full, for people, and the code the process ends with.
pub(crate) fn explain(error: &anyhow::Error) -> (String, u8) {
    match Trouble::of(error) {
        Some(trouble) => (format!("{} ({error:#})", trouble.sentence()), trouble.code()),
        None => (format!("{error:#}"), 1),
    }
}

/// Says on the last line what went wrong.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let (text, code) = explain(error);
    eprintln!("错误 error: {text}");
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_is_told_apart_and_keeps_the_words_of_the_system() {
        let full = anyhow::Error::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(explain(&full.context("cannot write")).1, EXIT_DISK);
        let read_only = anyhow::anyhow!("IO error: While open a file: Read-only file system");
        let (text, code) = explain(&read_only);
        assert!(text.contains("只读") && text.contains("While open a file"), "{text}");
        assert_eq!(code, EXIT_DISK);
        let gone = anyhow::Error::from(OpenError::Missing { dir: "store".into() });
        assert_eq!(explain(&gone).1, EXIT_DAMAGED);
        assert_eq!(explain(&anyhow::anyhow!("no such unit")), ("no such unit".into(), 1));
    }
}
