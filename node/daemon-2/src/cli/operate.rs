//! The commands of those who run nodes: granting and withdrawing, keys, quarantine, backup.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use node_api::{
    Adopt, Backup, Delegate, Discard, Endorse, EndorseGrant, EndorsedFile, Failure, Granted, Keep,
    Lift, NewRoots, QuarantineShow, Revoke, Rotation, Suspend,
};
use node_folder::{Folder, Grant};
use schema_wire::{Statement, Wire};

use super::ask::{ask, show};
use super::folder::read_grant;
use super::options::{Data, examples, one_of};
use crate::lang::word;
use crate::render::Output;
use crate::{authority, backup, control, disk, failure, keyfile, quarantine};

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("签发授权书：下级单位、本单位的另一节点、代管，或新密钥",
            "grant a unit below, one more node of the own unit, a caretaker, or a new key"),
        after_help = examples("gongzhi delegate --data ./city --unit 220800/220802 --to KEY --out district.grant
            gongzhi delegate --data ./city --unit 220800/220802 --to NEWKEY --replaces OLDKEY --out f
            gongzhi delegate --data ./city --unit 220800/220802 --to KEY --caretaker --out care.grant"))]
    Delegate {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("单位路径", "the unit's path of codes"))]
        unit: String,
        #[arg(long, value_name = "KEY",
            help = word("节点公钥，即 gongzhi key 的输出", "the node's key, as `gongzhi key` prints it"))]
        to: String,
        #[arg(long, value_name = "FILE", help = word("授权书写到哪里", "where to write the grant"))]
        out: PathBuf,
        #[arg(long, help = word("有效天数：365，代管 30；除代管外到期后宽限 30 天",
            "days of validity: 365, a caretaker's 30; 30 days of grace follow, except there"))]
        days: Option<u32>,
        #[arg(long, conflicts_with = "replaces", help = word("代管：在下级单位的位置上写入，须再由另一上级会签",
            "let the node write in the place of a unit below; a second unit above must endorse it"))]
        caretaker: bool,
        #[arg(long, value_name = "KEY", help = word("被替换的旧密钥：它不能再授权",
            "the key that this one takes the place of: it can grant nothing new"))]
        replaces: Option<String>,
    },
    #[command(about = word("撤销给某节点的授权：丢失、被盗或退役", "withdraw what was granted to a node: a lost, stolen or retired one"),
        after_help = examples("gongzhi revoke --data ./community --node KEY --keep known"))]
    Revoke {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        which: Which,
        #[arg(long, help = word("谁的授权：不给则为本单位", "whose grants: this unit's own, unless one below is named"))]
        unit: Option<String>,
        #[arg(long, default_value = "known", value_parser = one_of(&Keep::ALL, Keep::name),
            help = word("它写过的保留哪些：本机已知的，或全不保留（密钥被盗）", "what stays of what it wrote: known here, or none, if the key was stolen"))]
        keep: Keep,
    },
    #[command(about = word("暂停计入下级单位的报送，或恢复", "stop counting the reports of a unit below, or count them again"),
        after_help = examples("gongzhi suspend --data ./district --unit 220800/220802/220802001 --reason 数字待核实
            gongzhi suspend --data ./district --unit 220800/220802/220802001 --lift"))]
    Suspend {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("下级单位路径", "the path of the unit below"))]
        unit: String,
        #[arg(long, required_unless_present = "lift", conflicts_with = "lift",
            help = word("原因，被暂停的单位可以看到", "why; the suspended unit reads it"))]
        reason: Option<String>,
        #[arg(long, help = word("恢复", "lift the suspension"))]
        lift: bool,
    },
    #[command(about = word("会签授权书文件或已知的声明", "add this key's signature to a grant file, or to a statement that replicates"),
        after_help = examples("gongzhi endorse --data ./second-root --grant city.grant
            gongzhi endorse --data ./second-root --statement ID"))]
    Endorse {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "FILE", required_unless_present = "statement",
            help = word("授权书文件，签名加在其中", "the grant file; the signature is added to it"))]
        grant: Option<PathBuf>,
        #[arg(long, value_name = "ID", conflicts_with = "grant",
            help = word("本机已知的声明编号", "the id of a statement known here"))]
        statement: Option<String>,
    },
    #[command(subcommand, about = word("密钥：查看、更换本机密钥、更换根密钥", "the root's keys and this node's: show, rotate, replace"),
        after_help = examples("gongzhi keys show --data ./community"))]
    Keys(Keys),
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

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    #[arg(long, value_name = "KEY", help = word("给此公钥的全部授权", "everything granted to this key"))]
    node: Option<String>,
    #[arg(long, value_name = "ID", help = word("只撤销这一份授权", "this grant alone"))]
    delegation: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum Keys {
    #[command(about = word("根密钥、门限，本机可做什么、至何时", "the root keys, the threshold, and what this node may do, until when"),
        after_help = examples("gongzhi keys show --data ./community"))]
    Show {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("生成接替本机的新密钥，并说明如何启用", "make the key that is to follow this node's, and say what to do with it"),
        after_help = examples("gongzhi keys rotate --data ./community"))]
    Rotate {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("更换根密钥；须达门限数的现任根密钥签名", "name new root keys; as many of the present ones as the threshold says must sign"),
        after_help = examples("gongzhi keys roots --data ./city --root KEY1 --root KEY2 --root KEY3 --threshold 2"))]
    Roots {
        #[command(flatten)]
        data: Data,
        #[arg(long = "root", value_name = "KEY", required = true,
            help = word("新的根密钥（可多次）", "a root key from now on (repeat for more)"))]
        roots: Vec<String>,
        #[arg(long, help = word("门限：几个共同生效", "how many of them act together"))]
        threshold: u8,
        #[arg(long, default_value = "known", value_parser = one_of(&Keep::ALL, Keep::name),
            help = word("现任根密钥签发的保留哪些：本机已知的，或全不保留", "what stays of what the present root keys signed: known here, or none"))]
        keep: Keep,
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
        Command::Delegate { data, unit, to, out, days, caretaker, replaces } => {
            delegate(&data, output, Delegate { unit, to, days, caretaker, replaces }, out)
        }
        Command::Revoke { data, which: Which { node, delegation }, unit, keep } => {
            ask(&data, output, Revoke { node, delegation, unit, keep })
        }
        Command::Suspend { data, unit, reason: Some(reason), .. } => {
            ask(&data, output, Suspend { unit, reason })
        }
        Command::Suspend { data, unit, reason: None, .. } => ask(&data, output, Lift { unit }),
        Command::Endorse { data, statement: Some(statement), .. } => {
            ask(&data, output, Endorse { statement })
        }
        Command::Endorse { data, grant, .. } => endorse(&data, output, &grant.unwrap_or_default()),
        Command::Keys(Keys::Show { data }) => ask(&data, output, node_api::Keys {}),
        Command::Keys(Keys::Rotate { data }) => rotate(&data, output),
        Command::Keys(Keys::Roots { data, roots, threshold, keep }) => {
            ask(&data, output, NewRoots { roots, threshold, keep })
        }
        Command::Backup { data, out } => {
            ask(&data, output, Backup { out: std::path::absolute(out)? })
        }
        Command::Restore { data, from } => Ok(show(output, &backup::restore(&from, &data.data)?)),
        Command::Scrub { data } => {
            let scrubbed = disk::scrub(&Folder::new(&data.data))?;
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

fn delegate(data: &Data, output: Output, asked: Delegate, out: PathBuf) -> Result<ExitCode> {
    let grant = control::ask(&Folder::new(&data.data), asked)?;
    std::fs::write(&out, &grant.grant).map_err(|error| failure::of_io(&out, &error))?;
    Ok(show(output, &Granted { file: out, grant }))
}

/// Adds this key's signature to a grant file: through the node where there is one, or else with
/// the key alone.
fn endorse(data: &Data, output: Output, file: &Path) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let mut grant = read_grant(file)?;
    let leaf = grant.leaf()?.clone();
    if folder.membership().exists() {
        let delegation = hex::encode(leaf.to_bytes());
        let answer = control::ask(&folder, EndorseGrant { delegation })?;
        for text in answer.statements {
            grant.add([Statement::from_bytes(&hex::decode(text)?)?]);
        }
    } else {
        grant.add([authority::endorse_offline(&folder, &grant)?]);
    }
    grant.write(file)?;
    Ok(show(output, &signed(&grant)?))
}

/// What a grant file grants, and who signed it.
fn signed(grant: &Grant) -> Result<EndorsedFile> {
    let leaf = grant.leaf()?;
    let value = leaf.claims();
    let mut signed_by = vec![value.issuer.to_string()];
    signed_by.extend(grant.chain.iter().filter_map(|statement| match statement {
        Statement::Endorsement(endorsement) if endorsement.claims().endorses == leaf.id() => {
            Some(endorsement.claims().issuer.to_string())
        }
        _ => None,
    }));
    Ok(EndorsedFile {
        delegation: leaf.id().to_string(),
        unit: value.unit.to_string(),
        to: value.subject.to_string(),
        rights: authority::rights(value.verbs),
        until_ms: value.not_after_ms,
        signed_by,
    })
}

/// Makes the next key and says what to do with it. The node goes on with the old one meanwhile.
fn rotate(data: &Data, output: Output) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let held = control::ask(&folder, node_api::Keys {})?;
    if held.is_root {
        return Err(Failure::RootKey.into());
    }
    let next = folder.next_key();
    let new = if next.exists() {
        keyfile::named(&next)?
    } else {
        keyfile::create_next(&folder.key(), &next)?.node()
    };
    let (node, unit, next_node) = (held.node, held.unit, new.to_string());
    Ok(show(output, &Rotation { node, unit, next_node, data: data.data.clone() }))
}

fn verify(proof: &str, output: Output) -> Result<ExitCode> {
    let file = Path::new(proof);
    let text = if file.is_file() { std::fs::read_to_string(file)? } else { proof.to_owned() };
    let bytes = hex::decode(text.trim()).map_err(|_| Failure::NoProof)?;
    Ok(show(output, &quarantine::verify(&bytes)?))
}
