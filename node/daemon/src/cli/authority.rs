//! The commands by which units begin, take nodes in and out, recognise units below, and pass on.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use node_api::{
    Delegate, Dissolve, Endorse, Follow, Granted, Keep, Lift, Lineage, NodeRole, Recognise,
    RecognisedFile, Revoke, Root, Suspend,
};
use node_folder::Folder;

use super::ask::{ask, show};
use super::folder::{self, PhraseFrom, Way};
use super::options::{Data, examples, one_of};
use crate::lang::word;
use crate::render::Output;
use crate::{control, failure};

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("生成节点密钥，显示公钥", "make the node's key and print its public part"),
        after_help = examples("gongzhi key --data ./community"))]
    Key {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("建立网络，开始一个单位，或凭授权书加入、续期、启用新密钥",
            "begin a network or a unit, or join one with a grant; renew a grant or take over a new key"),
        after_help = examples("gongzhi init --data ./city --city 220800 --name 白城市
            gongzhi init --data ./district --network baicheng.network --unit 220800/220802 --out district.request
            gongzhi init --data ./second --grant second.grant"))]
    Init {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        way: Way,
    },
    #[command(about = word("写出网络文件：公开，单位凭它开始", "write the network file: public, a unit begins with it"),
        after_help = examples("gongzhi network --data ./city --out baicheng.network"))]
    Network {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "FILE", help = word("写到哪里", "where to write it"))]
        out: PathBuf,
    },
    #[command(about = word("认可下级单位", "recognise a unit below"),
        after_help = examples("gongzhi recognise --data ./city --request district.request --out district.grant"))]
    Recognise {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "FILE", help = word("申请书", "the unit's request"))]
        request: PathBuf,
        #[arg(long, value_name = "FILE", help = word("授权书写到哪里", "where to write the grant"))]
        out: PathBuf,
        #[arg(long, help = word("有效天数：365", "days of validity: 365"))]
        days: Option<u32>,
        #[arg(long, help = word("先撤回对另一谱系的认可", "withdraw the recognition of another lineage first"))]
        instead: bool,
    },
    #[command(about = word("接纳本单位的另一节点", "take one more node into the own unit"),
        after_help = examples("gongzhi delegate --data ./community --to KEY --out second.grant
            gongzhi delegate --data ./community --to KEY --role device --days 90 --out tablet.grant
            gongzhi delegate --data ./community --to NEWKEY --replaces OLDKEY --out second.grant"))]
    Delegate {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "KEY",
            help = word("节点公钥，即 gongzhi key 的输出", "the node's key, as `gongzhi key` prints it"))]
        to: String,
        #[arg(long, default_value = "node", value_parser = one_of(&NodeRole::ALL, NodeRole::name),
            help = word("作用：办公节点、备份、外出设备（无居民资料）、可代表单位", "an office node, a backup, a device on the way (no residents), or one that speaks as the unit"))]
        role: NodeRole,
        #[arg(long, help = word("有效天数：365", "days of validity: 365"))]
        days: Option<u32>,
        #[arg(long, value_name = "KEY",
            help = word("被替换的旧密钥：它不再是成员", "the key that this one takes the place of: it is no member any more"))]
        replaces: Option<String>,
        #[arg(long, value_name = "FILE", help = word("授权书写到哪里", "where to write the grant"))]
        out: PathBuf,
    },
    #[command(about = word("使某节点不再是成员：丢失、被盗或退役", "take a node out: a lost, stolen or retired one"),
        after_help = examples("gongzhi revoke --data ./community --node KEY --keep known"))]
    Revoke {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "KEY", help = word("节点公钥，或其开头至少 8 位", "the node's key, or at least 8 digits it begins with"))]
        node: String,
        #[arg(long, default_value = "known", value_parser = one_of(&Keep::ALL, Keep::name),
            help = word("它写过的保留哪些：本机已知的，或全不保留（密钥被盗）", "what stays of what it wrote: known here, or none, if the key was stolen"))]
        keep: Keep,
    },
    #[command(about = word("暂停计入下级单位的报送", "stop counting the reports of a unit below"),
        after_help = examples("gongzhi suspend --data ./district --unit 220800/220802/220802001 --reason 数字待核实"))]
    Suspend {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("下级单位路径", "the path of the unit below"))]
        unit: String,
        #[arg(long, help = word("原因，被暂停的单位可以看到", "why; the suspended unit reads it"))]
        reason: String,
    },
    #[command(about = word("恢复计入下级单位的报送", "count the reports of a unit below again"),
        after_help = examples("gongzhi lift --data ./district --unit 220800/220802/220802001"))]
    Lift {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("下级单位路径", "the path of the unit below"))]
        unit: String,
    },
    #[command(about = word("撤并下级单位：它不复存在，由谁接续", "say that a unit below exists no more, and who continues its work"),
        after_help = examples("gongzhi dissolve --data ./district --unit 220800/220802/220802001 --successor 220800/220802/220802002"))]
    Dissolve {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("下级单位路径", "the path of the unit below"))]
        unit: String,
        #[arg(long = "successor", value_name = "UNIT",
            help = word("接续的单位（可多次）", "a unit that continues its work (repeat for more)"))]
        successors: Vec<String>,
    },
    #[command(about = word("以根密钥会签建网授权书或已知的声明", "add this root key's signature to a grant file, or to a statement that replicates"),
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
    #[command(subcommand, about = word("本机密钥：查看、更换", "this node's key: show, rotate"),
        after_help = examples("gongzhi keys show --data ./community"))]
    Keys(Keys),
    #[command(subcommand, about = word("本单位是谁：查看、以恢复短语换代、认定另一谱系", "who the unit is: show, pass on by the recovery phrase, accept another lineage"),
        after_help = examples("gongzhi lineage show --data ./community"))]
    Lineage(LineageCommand),
    #[command(subcommand, about = word("网络的根：查看、以恢复短语换代、选定跟随谁", "the network's root: show, pass on by its recovery phrase, choose whom to follow"),
        after_help = examples("gongzhi root show --data ./city"))]
    Root(RootCommand),
}

#[derive(Subcommand)]
pub(super) enum Keys {
    #[command(about = word("本机可做什么、至何时；有何警报", "what this node may do, until when; and alarms"),
        after_help = examples("gongzhi keys show --data ./community"))]
    Show {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("更换本机密钥；若是单位的运行密钥，须用恢复短语", "change this node's key; with the recovery phrase, if it is the unit's operating key"),
        after_help = examples("gongzhi keys rotate --data ./community"))]
    Rotate {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        phrase: PhraseFrom,
    },
}

#[derive(Subcommand)]
pub(super) enum LineageCommand {
    #[command(about = word("谱系、运行密钥、由谁认可、有哪些节点", "the lineage, its operating key, who recognises it, which nodes it has"),
        after_help = examples("gongzhi lineage show --data ./community"))]
    Show {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("以恢复短语换代：本机密钥成为运行密钥，本单位所有节点随之；须先停止节点",
            "pass the unit on by its recovery phrase: this node's key becomes the operating key, and all nodes of the unit follow; the node must be stopped"),
        after_help = examples("gongzhi lineage rotate --data ./second --keep known
            gongzhi lineage rotate --data ./second --phrase-file /mnt/usb/phrase --keep none --without ID"))]
    Rotate {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        phrase: PhraseFrom,
        #[arg(long, default_value = "known", value_parser = one_of(&Keep::ALL, Keep::name),
            help = word("此前持有运行密钥的节点写过的保留哪些", "what stays of what the node wrote that had the operating key before"))]
        keep: Keep,
        #[arg(long, value_name = "ID",
            help = word("不保留的声明（可多次）：窃取者签发的", "a statement that does not stay (repeat for more): what a thief issued"))]
        without: Vec<String>,
    },
    #[command(about = word("认定另一谱系为本单位：只约束本机；须先停止节点",
            "hold another lineage to be the unit: binds this node alone; the node must be stopped"),
        after_help = examples("gongzhi lineage accept --data ./second ID"))]
    Accept {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "ID", help = word("谱系编号", "the lineage's id"))]
        lineage: String,
    },
    #[command(about = word("恢复短语被用过两次时选定跟随哪一代：只约束本机", "choose which generation to follow where a recovery phrase was used twice: binds this node alone"),
        after_help = examples("gongzhi lineage follow --data ./second ID"))]
    Follow {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "ID", help = word("换代声明编号", "the generation's id"))]
        generation: String,
    },
}

#[derive(Subcommand)]
pub(super) enum RootCommand {
    #[command(about = word("根密钥、门限、现任一代", "the root keys, their threshold, the present generation"),
        after_help = examples("gongzhi root show --data ./city"))]
    Show {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("以根的恢复短语指定新的根密钥，全网随之；须先停止节点",
            "name new root keys by the root's recovery phrase: the whole network follows; the node must be stopped"),
        after_help = examples("gongzhi root succeed --data ./city --root KEY1 --root KEY2 --threshold 2"))]
    Succeed {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        phrase: PhraseFrom,
        #[arg(long = "root", value_name = "KEY",
            help = word("新的根密钥（可多次）；不给则为本机密钥", "a root key from now on (repeat for more); this node's own unless given"))]
        roots: Vec<String>,
        #[arg(long, default_value_t = 1, help = word("门限：几个共同生效", "how many of them act together"))]
        threshold: u8,
        #[arg(long, default_value = "known", value_parser = one_of(&Keep::ALL, Keep::name),
            help = word("此前的根签发的保留哪些：本机已知的，或全不保留", "what stays of what the roots before signed: known here, or none"))]
        keep: Keep,
    },
    #[command(about = word("根的恢复短语被用过两次时选定跟随哪一代：只约束本机", "choose which root to follow where its recovery phrase was used twice: binds this node alone"),
        after_help = examples("gongzhi root follow --data ./district ID"))]
    Follow {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "ID", help = word("换代声明编号", "the generation's id"))]
        generation: String,
    },
}

pub(super) fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::Key { data } => folder::key(&data, output),
        Command::Init { data, way } => folder::init(&data, &way, output),
        Command::Network { data, out } => folder::network(&data, out, output),
        Command::Recognise { data, request, out, days, instead } => {
            let request = folder::read_text(&request)?;
            let asked = Recognise { request, days, instead };
            let grant = control::ask(&Folder::new(&data.data), asked)?;
            write(&out, &grant.grant)?;
            Ok(show(output, &RecognisedFile { file: out, grant }))
        }
        Command::Delegate { data, to, role, days, replaces, out } => {
            let asked = Delegate { to, role, days, replaces };
            let grant = control::ask(&Folder::new(&data.data), asked)?;
            write(&out, &grant.grant)?;
            Ok(show(output, &Granted { file: out, grant }))
        }
        Command::Revoke { data, node, keep } => ask(&data, output, Revoke { node, keep }),
        Command::Suspend { data, unit, reason } => ask(&data, output, Suspend { unit, reason }),
        Command::Lift { data, unit } => ask(&data, output, Lift { unit }),
        Command::Dissolve { data, unit, successors } => {
            ask(&data, output, Dissolve { unit, successors })
        }
        Command::Endorse { data, statement: Some(statement), .. } => {
            ask(&data, output, Endorse { statement })
        }
        Command::Endorse { data, grant, .. } => {
            folder::endorse(&data, &grant.unwrap_or_default(), output)
        }
        Command::Keys(Keys::Show { data }) => ask(&data, output, node_api::Keys {}),
        Command::Keys(Keys::Rotate { data, phrase }) => folder::rotate_key(&data, &phrase, output),
        Command::Lineage(command) => run_lineage(command, output),
        Command::Root(command) => run_root(command, output),
    }
}

fn run_lineage(command: LineageCommand, output: Output) -> Result<ExitCode> {
    match command {
        LineageCommand::Show { data } => ask(&data, output, Lineage {}),
        LineageCommand::Rotate { data, phrase, keep, without } => {
            folder::rotate_lineage(&data, &phrase, keep, &without, output)
        }
        LineageCommand::Accept { data, lineage } => folder::accept_lineage(&data, &lineage, output),
        LineageCommand::Follow { data, generation } => ask(&data, output, Follow { generation }),
    }
}

fn run_root(command: RootCommand, output: Output) -> Result<ExitCode> {
    match command {
        RootCommand::Show { data } => ask(&data, output, Root {}),
        RootCommand::Succeed { data, phrase, roots, threshold, keep } => {
            folder::succeed_root(&data, &phrase, &roots, threshold, keep, output)
        }
        RootCommand::Follow { data, generation } => ask(&data, output, Follow { generation }),
    }
}

fn write(out: &std::path::Path, text: &str) -> Result<()> {
    std::fs::write(out, text).map_err(|error| failure::of_io(out, &error))?;
    Ok(())
}
