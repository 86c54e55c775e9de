//! The commands of those who run nodes: backup, the store, quarantine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use node_api::{Adopt, Backup, Discard, Failure, QuarantineShow};
use node_folder::Folder;

use super::ask::{ask, show};
use super::options::{Data, examples};
use crate::lang::word;
use crate::render::Output;
use crate::{backup, disk, failure, quarantine, scrub};

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("备份本机，连同密钥；运行中也可以", "copy the node, its key included, while it runs or not"),
        after_help = examples("gongzhi backup --data ./community --out /mnt/usb/community-2026-11-02"))]
    Backup {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "DIR", help = word("新的或空的目录", "a new or empty folder"))]
        out: PathBuf,
    },
    #[command(about = word("从备份恢复为新的数据目录，以新的化身继续", "make a data folder from a backup; it goes on under a new incarnation"),
        after_help = examples("gongzhi restore --from /mnt/usb/community-2026-11-02 --data ./community"))]
    Restore {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "DIR", help = word("备份目录", "the backup"))]
        from: PathBuf,
    },
    #[command(about = word("检查：逐条读取数据库，核对校验和与封装；有损坏则退出码为 5",
            "read every entry of the store with its checksums and seals; exit code 5 if anything is damaged"),
        after_help = examples("gongzhi scrub --data ./community"))]
    Scrub {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("修复：打开损坏的数据库，保留损坏处之前的内容；须先停止节点",
            "open a damaged store with what stands before the damage; the node must be stopped"),
        after_help = examples("gongzhi repair --data ./community"))]
    Repair {
        #[command(flatten)]
        data: Data,
    },
    #[command(subcommand, about = word("隔离区：不计入的和拒收的，列表、查看、认领、搁置", "what does not count and what was refused: list, show, adopt, discard"),
        after_help = examples("gongzhi quarantine list --data ./community"))]
    Quarantine(Quarantine),
    #[command(about = word("验证分叉证明：同一作者在日志同一处签了两份", "check the proof that an author signed two envelopes at one position of its log"),
        after_help = examples("gongzhi verify --proof 828284..."))]
    Verify {
        #[arg(long, value_name = "HEX|FILE", help = word("十六进制的证明，或其文件", "in hex, or a file that holds it"))]
        proof: String,
    },
}

#[derive(Subcommand)]
pub(super) enum Quarantine {
    #[command(about = word("列出不计入的和拒收的，新的在前", "everything that does not count, newest first"),
        after_help = examples("gongzhi quarantine list --data ./community"))]
    List {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("连同已搁置的", "also what was put aside with `discard`"))]
        all: bool,
    },
    #[command(about = word("查看一条：谁签的、为何不计入、会改什么", "one in full: who signed, why it does not count, what it would change"),
        after_help = examples("gongzhi quarantine show --data ./community 3fa94b21"))]
    Show {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("编号，至少 8 位", "the id, or its first 8 characters or more"))]
        id: String,
    },
    #[command(about = word("认领：作为本单位的条目重新计入", "take envelopes as the unit's own: they count again"),
        after_help = examples("gongzhi quarantine adopt --data ./community 3fa94b21 77c01e5d
            gongzhi quarantine adopt --data ./community --author KEY"))]
    Adopt {
        #[command(flatten)]
        data: Data,
        #[arg(required_unless_present = "author", conflicts_with = "author", value_name = "ID",
            help = word("编号", "their ids"))]
        ids: Vec<String>,
        #[arg(long, value_name = "KEY", help = word("此作者的全部，分叉除外", "all of this author's, save forks"))]
        author: Option<String>,
        #[arg(long, requires = "author", help = word("只限此文档", "of this document only"))]
        document: Option<String>,
    },
    #[command(about = word("搁置：不再列出，证据仍保留", "hide from the list; the evidence stays"),
        after_help = examples("gongzhi quarantine discard --data ./community 3fa94b21"))]
    Discard {
        #[command(flatten)]
        data: Data,
        #[arg(required = true, value_name = "ID", help = word("编号", "their ids"))]
        ids: Vec<String>,
    },
}

pub(super) fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::Backup { data, out } => {
            ask(&data, output, Backup { out: std::path::absolute(out)? })
        }
        Command::Restore { data, from } => Ok(show(output, &backup::restore(&from, &data.data)?)),
        Command::Scrub { data } => {
            let scrubbed = scrub::scrub(&Folder::new(&data.data))?;
            let code = show(output, &scrubbed);
            Ok(if scrubbed.damaged { failure::EXIT_DAMAGED.into() } else { code })
        }
        Command::Repair { data } => Ok(show(output, &disk::repair(&Folder::new(&data.data))?)),
        Command::Quarantine(command) => quarantined(command, output),
        Command::Verify { proof } => verify(&proof, output),
    }
}

fn quarantined(command: Quarantine, output: Output) -> Result<ExitCode> {
    match command {
        Quarantine::List { data, all } => ask(&data, output, node_api::Quarantine { all }),
        Quarantine::Show { data, id } => ask(&data, output, QuarantineShow { id }),
        Quarantine::Adopt { data, ids, author, document } => {
            ask(&data, output, Adopt { ids, author, document })
        }
        Quarantine::Discard { data, ids } => ask(&data, output, Discard { ids }),
    }
}

fn verify(proof: &str, output: Output) -> Result<ExitCode> {
    let file = Path::new(proof);
    let text = if file.is_file() { std::fs::read_to_string(file)? } else { proof.to_owned() };
    let bytes = hex::decode(text.trim()).map_err(|_| Failure::NoProof)?;
    Ok(show(output, &quarantine::verify(&bytes)?))
}
