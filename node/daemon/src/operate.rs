//! The commands of those who run nodes: granting and withdrawing, keys, quarantine, backup.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use node_folder::{Folder, Grant};
use schema_wire::{Statement, Wire};
use serde_json::Value;

use crate::ceremony::{self, NewRoots};
use crate::cli::Data;
use crate::control::{self, Request};
use crate::quarantine::{self, Choice};
use crate::revoke::{Keep, Withdrawal};
use crate::statement::Grants;
use crate::{backup, disk, keyfile, print, tell, trouble};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// 签发授权书 grant a unit below, one more node of the own unit, a caretaker, or a new key
    ///
    /// Examples:
    ///   gongzhi delegate --data ./city --unit 220800/220802 --to KEY --out district.grant
    ///   gongzhi delegate --data ./city --unit 220800/220802 --to NEWKEY --replaces OLDKEY --out f
    ///   gongzhi delegate --data ./city --unit 220800/220802 --to KEY --caretaker --out care.grant
    #[command(verbatim_doc_comment)]
    Delegate {
        #[command(flatten)]
        data: Data,
        /// 单位路径 the unit's path of codes
        #[arg(long)]
        unit: String,
        /// 节点公钥 the node's key, as `gongzhi key` prints it
        #[arg(long)]
        to: String,
        /// 输出文件 where to write the grant
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// 有效天数 days of validity: 365, a caretaker's 30; 30 days of grace follow, except there
        #[arg(long)]
        days: Option<u32>,
        /// 代管 let the node write in the place of a unit below; a second unit above must endorse it
        #[arg(long, conflicts_with = "replaces")]
        caretaker: bool,
        /// 替换的旧密钥 the key that this one takes the place of: it can grant nothing new
        #[arg(long, value_name = "KEY")]
        replaces: Option<String>,
    },
    /// 撤销授权 withdraw what was granted to a node: a lost, stolen or retired one
    ///
    /// Example: gongzhi revoke --data ./community --node KEY --keep known
    Revoke {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        which: Which,
        /// 单位 whose grants: this unit's own, unless one below is named
        #[arg(long)]
        unit: Option<String>,
        /// 保留 what stays of what it wrote: known here, or none, if the key was stolen
        #[arg(long, value_enum, default_value_t = Keep::Known)]
        keep: Keep,
    },
    /// 暂停或恢复报送 stop counting the reports of a unit below, or count them again
    ///
    /// Examples:
    ///   gongzhi suspend --data ./district --unit 220800/220802/220802001 --reason 数字待核实
    ///   gongzhi suspend --data ./district --unit 220800/220802/220802001 --lift
    #[command(verbatim_doc_comment)]
    Suspend {
        #[command(flatten)]
        data: Data,
        #[arg(long)]
        unit: String,
        /// 原因 why; the suspended unit reads it
        #[arg(long, required_unless_present = "lift", conflicts_with = "lift")]
        reason: Option<String>,
        /// 恢复 lift the suspension
        #[arg(long)]
        lift: bool,
    },
    /// 会签 add this key's signature to a grant file, or to a statement that replicates
    ///
    /// Examples:
    ///   gongzhi endorse --data ./second-root --grant city.grant
    ///   gongzhi endorse --data ./second-root --statement ID
    #[command(verbatim_doc_comment)]
    Endorse {
        #[command(flatten)]
        data: Data,
        /// 授权书文件 the grant file; the signature is added to it
        #[arg(long, value_name = "FILE", required_unless_present = "statement")]
        grant: Option<PathBuf>,
        /// 声明编号 the id of a statement known here
        #[arg(long, value_name = "ID", conflicts_with = "grant")]
        statement: Option<String>,
    },
    /// 密钥 the root's keys and this node's: show, rotate, replace
    #[command(subcommand)]
    Keys(Keys),
    /// 备份 copy the node, its key included, while it runs or not
    ///
    /// Example: gongzhi backup --data ./community --out /mnt/usb/community-2026-11-02
    Backup {
        #[command(flatten)]
        data: Data,
        /// 备份目录 a new or empty folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// 恢复 make a data folder from a backup; it goes on under a new incarnation
    ///
    /// Example: gongzhi restore --from /mnt/usb/community-2026-11-02 --data ./community
    Restore {
        #[command(flatten)]
        data: Data,
        /// 备份目录 the backup
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
    },
    /// 检查 read every entry of the store with its checksums and seals; say what is damaged
    ///
    /// Exit code 5 if anything is. Example: gongzhi scrub --data ./community
    Scrub {
        #[command(flatten)]
        data: Data,
    },
    /// 修复 open a damaged store with what stands before the damage; the node must be stopped
    ///
    /// A copy of the store as it was is kept. What was entered after the damage is gone here; the
    /// node goes on under a new incarnation. Example: gongzhi repair --data ./community
    Repair {
        #[command(flatten)]
        data: Data,
    },
    /// 隔离区 what does not count and what was refused: list, show, adopt, discard
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// 验证分叉证明 check the proof that an author signed two envelopes at one place of its log
    ///
    /// Example: gongzhi verify --proof 828284...
    Verify {
        /// 证明 in hex, or a file that holds it
        #[arg(long, value_name = "HEX|FILE")]
        proof: String,
        /// 以 JSON 输出 print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// 节点公钥 everything granted to this key
    #[arg(long, value_name = "KEY")]
    node: Option<String>,
    /// 授权编号 this delegation alone
    #[arg(long, value_name = "ID")]
    delegation: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// 查看 the root keys, the threshold, and what this node may do, until when
    ///
    /// Example: gongzhi keys show --data ./community
    Show {
        #[command(flatten)]
        data: Data,
    },
    /// 更换本机密钥 make the key that is to follow this node's, and say what to do with it
    ///
    /// Example: gongzhi keys rotate --data ./community
    Rotate {
        #[command(flatten)]
        data: Data,
    },
    /// 更换根密钥 name new root keys; as many of the present ones as the threshold says must sign
    ///
    /// Example: gongzhi keys roots --data ./city --root KEY1 --root KEY2 --root KEY3 --threshold 2
    Roots {
        #[command(flatten)]
        data: Data,
        /// 新的根密钥 a root key from now on (repeat for more)
        #[arg(long = "root", value_name = "KEY", required = true)]
        roots: Vec<String>,
        /// 门限 how many of them act together
        #[arg(long)]
        threshold: u8,
        /// 保留 what the present root keys signed: what is known here, or none
        #[arg(long, value_enum, default_value_t = Keep::Known)]
        keep: Keep,
    },
}

#[derive(Subcommand)]
pub(crate) enum Quarantine {
    /// 列表 everything that does not count, newest first
    ///
    /// Example: gongzhi quarantine list --data ./community
    List {
        #[command(flatten)]
        data: Data,
        /// 全部 also what was put aside with `discard`
        #[arg(long)]
        all: bool,
    },
    /// 查看 one in full: who signed, why it does not count, what it would change
    ///
    /// Example: gongzhi quarantine show --data ./community 3fa94b21
    Show {
        #[command(flatten)]
        data: Data,
        id: String,
    },
    /// 认领 take envelopes as the unit's own: they count again
    ///
    /// Examples:
    ///   gongzhi quarantine adopt --data ./community 3fa94b21 77c01e5d
    ///   gongzhi quarantine adopt --data ./community --author KEY
    #[command(verbatim_doc_comment)]
    Adopt {
        #[command(flatten)]
        data: Data,
        #[arg(required_unless_present = "author", conflicts_with = "author")]
        ids: Vec<String>,
        /// 作者 all of this author's, save forks
        #[arg(long, value_name = "KEY")]
        author: Option<String>,
        /// 文档 of this document only
        #[arg(long, requires = "author")]
        document: Option<String>,
    },
    /// 搁置 hide from the list; the evidence stays
    ///
    /// Example: gongzhi quarantine discard --data ./community 3fa94b21
    Discard {
        #[command(flatten)]
        data: Data,
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    let asked: (Data, Request, fn(&Value)) = match command {
        Command::Delegate { data, unit, to, out, days, caretaker, replaces } => {
            let grants = Grants { unit, to, days, caretaker, replaces };
            return delegate(&data, grants, &out);
        }
        Command::Revoke { data, which, unit, keep } => {
            let Which { node, delegation } = which;
            let asked = Withdrawal { node, delegation, unit, keep };
            (data, Request::Revoke(asked), tell::revoked)
        }
        Command::Suspend { data, unit, reason: Some(reason), .. } => {
            (data, Request::Suspend { unit, reason }, tell::suspended)
        }
        Command::Suspend { data, unit, reason: None, .. } => {
            (data, Request::Lift { unit }, tell::suspended)
        }
        Command::Endorse { data, statement: Some(statement), .. } => {
            (data, Request::Endorse { statement }, tell::endorsed)
        }
        Command::Endorse { data, grant, .. } => {
            return endorse(&data, &grant.context("--grant")?);
        }
        Command::Keys(Keys::Show { data }) => (data, Request::Keys, tell::keys),
        Command::Keys(Keys::Rotate { data }) => return rotate(&data),
        Command::Keys(Keys::Roots { data, roots, threshold, keep }) => {
            let asked = NewRoots { roots, threshold, keep };
            (data, Request::Roots(asked), tell::succession)
        }
        Command::Backup { data, out } => {
            let out = std::path::absolute(out)?;
            (data, Request::Backup { out }, tell::backup)
        }
        Command::Restore { data, from } => {
            let answer = backup::restore(&from, &data.data)?;
            return Ok(answered(&data, &answer, tell::restored));
        }
        Command::Scrub { data } => {
            let answer = disk::scrub(&Folder::new(&data.data))?;
            answered(&data, &answer, disk::tell_scrub);
            let damaged = answer["damaged"] == true;
            return Ok(if damaged { trouble::EXIT_DAMAGED.into() } else { ExitCode::SUCCESS });
        }
        Command::Repair { data } => {
            let answer = disk::repair(&Folder::new(&data.data))?;
            return Ok(answered(&data, &answer, disk::tell_repair));
        }
        Command::Quarantine(command) => quarantined(command),
        Command::Verify { proof, json } => return verify(&proof, json),
    };
    let (data, request, show) = asked;
    let answer = control::ask(&Folder::new(&data.data), &request)?;
    Ok(answered(&data, &answer, show))
}

fn answered(data: &Data, answer: &Value, show: fn(&Value)) -> ExitCode {
    if data.json {
        print::plain(answer)
    } else {
        show(answer)
    }
    ExitCode::SUCCESS
}

fn quarantined(command: Quarantine) -> (Data, Request, fn(&Value)) {
    match command {
        Quarantine::List { data, all } => (data, Request::Quarantine { all }, tell::quarantine),
        Quarantine::Show { data, id } => (data, Request::QuarantineShow { id }, print::plain),
        Quarantine::Adopt { data, ids, author, document } => {
            (data, Request::Adopt(Choice { ids, author, document }), tell::adopted)
        }
        Quarantine::Discard { data, ids } => (data, Request::Discard { ids }, tell::discarded),
    }
}

fn delegate(data: &Data, grants: Grants, out: &Path) -> Result<ExitCode> {
    let answer = control::ask(&Folder::new(&data.data), &Request::Delegate(grants))?;
    let text = answer["grant"].as_str().context("the node answered without a grant")?;
    std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))?;
    if data.json {
        print::plain(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    println!("授权书已写入 grant written: {}", out.display());
    if let Some(problem) = answer["waits_for"].as_str() {
        println!("尚未生效, 须会签 not in force until endorsed: {problem}");
        println!("  gongzhi endorse --data THEIRS --grant {}", out.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds this key's signature to a grant file: through the node where there is one, or else with
/// the key alone.
fn endorse(data: &Data, file: &Path) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let mut grant = Grant::read(file)?;
    let leaf = grant.leaf()?.clone();
    if folder.membership().exists() {
        let delegation = hex::encode(leaf.to_bytes());
        let answer = control::ask(&folder, &Request::EndorseGrant { delegation })?;
        let texts = answer["statements"].as_array().into_iter().flatten();
        for text in texts.filter_map(Value::as_str) {
            grant.add([Statement::from_bytes(&hex::decode(text)?)?]);
        }
    } else {
        grant.add([ceremony::endorse_offline(&folder, &grant)?]);
    }
    grant.write(file)?;
    let answer = tell::grant(&grant)?;
    Ok(answered(data, &answer, tell::endorsed_grant))
}

/// Makes the next key and says what to do with it. The node goes on with the old one meanwhile.
fn rotate(data: &Data) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let shown = control::ask(&folder, &Request::Keys)?;
    if shown["is_root"].as_bool() == Some(true) {
        bail!(
            "这是根密钥, 请用 keys roots 更换 this node's key is a root key of the network: \
             name new root keys with `gongzhi keys roots`"
        );
    }
    let next = folder.next_key();
    let new = if next.exists() {
        keyfile::named(&next)?
    } else {
        keyfile::create_next(&folder.key(), &next)?.node()
    };
    let answer = serde_json::json!({
        "node": shown["node"], "unit": shown["unit"], "next_node": new.to_string(),
        "data": data.data.display().to_string(),
    });
    Ok(answered(data, &answer, tell::rotation))
}

fn verify(proof: &str, json: bool) -> Result<ExitCode> {
    let file = Path::new(proof);
    let text = if file.is_file() { std::fs::read_to_string(file)? } else { proof.to_owned() };
    let bytes = hex::decode(text.trim()).context("证明须为十六进制 a proof is given in hex")?;
    let answer = quarantine::verify(&bytes)?;
    if json {
        print::plain(&answer)
    } else {
        tell::proof(&answer)
    }
    Ok(ExitCode::SUCCESS)
}
