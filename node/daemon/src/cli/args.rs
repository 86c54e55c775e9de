//! What can be asked on the command line. Each text stands in both languages where it is said.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use node_api::Lang;

use super::options::{Data, examples, one_of};
use super::{authority, letters, operate, record};
use crate::lang::word;

#[derive(Parser)]
#[command(name = "gongzhi", version, max_term_width = 100,
    about = word("共治：基层治理台账的同步节点", "gongzhi: a federated sync node for community governance"),
    after_help = word(
        "退出码：0 成功；1 失败；2 用法错误；3 部分行未导入；4 演示的检查未通过；5 数据库损坏；6 磁盘不可写\n\n示例：\n  gongzhi status --data ./community\n  gongzhi report --data ./city --json",
        "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 some rows refused; 4 a check of the demo failed; 5 the store is damaged; 6 the disk takes no writes\n\nExamples:\n  gongzhi status --data ./community\n  gongzhi report --data ./city --json"))]
pub(super) struct Cli {
    #[arg(long, global = true, help = word("以 JSON 输出", "print JSON"))]
    pub(super) json: bool,
    // It was found before the arguments were read: help and errors have a language too.
    #[arg(long, global = true, value_name = "LANG", value_parser = one_of(&Lang::ALL, Lang::name),
        help = word("语言：不给则按系统区域设置，否则中文", "language: else as the locale says, else Chinese"))]
    lang: Option<Lang>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Authority(authority::Command),
    #[command(flatten)]
    Operate(operate::Command),
    #[command(about = word("运行节点，直到停止", "run the node until it is told to stop"),
        after_help = examples("gongzhi run --data ./district --listen /ip4/0.0.0.0/tcp/7401 --peer KEY@/ip4/10.0.0.5/tcp/7400"))]
    Run {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "ADDRESS",
            help = word("监听地址（可多次）", "address to listen on (repeat for more)"))]
        listen: Vec<String>,
        #[arg(long = "peer", value_name = "KEY[@ADDRESS]",
            help = word("保持连接的对端（可多次）", "peer to keep a connection with (repeat for more)"))]
        peers: Vec<String>,
        #[arg(long, value_name = "true|false",
            help = word("在局域网中发现节点", "find nodes on the local network"))]
        mdns: Option<bool>,
        #[arg(long, value_name = "MS",
            help = word("重连最长间隔（毫秒）", "longest wait before dialling again"))]
        redial_ms_max: Option<u64>,
    },
    #[command(flatten)]
    Record(record::Command),
    #[command(subcommand, about = word("信件：列表、打开、写信、回复", "letters to other units: list, read, write, answer"),
        after_help = examples("gongzhi letters list --data ./community"))]
    Letters(letters::Command),
    #[command(about = word("复制状态：谁落后、自何时起、拒收了什么",
            "the state of replication: who is behind, since when, what was refused"),
        after_help = examples("gongzhi status --data ./community
            gongzhi status --data ./community --json"))]
    Status {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("启动以来的事件：加入、拒绝、每次同步的代价",
            "what happened since the start: joins, refusals, what each resume cost"),
        after_help = examples("gongzhi events --data ./community
            gongzhi events --data ./community --after 120"))]
    Events {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "NUMBER",
            help = word("只显示此编号之后的事件", "those after the event of this number only"))]
        after: Option<u64>,
    },
    #[command(about = word("查看文档：全部，或一份的字段、历史、签名",
            "the documents held, or one: fields, history, who signed under which grant"),
        after_help = examples("gongzhi inspect --data ./community
            gongzhi inspect --data ./community 220800/220802/220802001/220802001001:66:one"))]
    Inspect {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("文档名", "the document"))]
        document: Option<String>,
    },
    #[command(about = word("本单位或下级单位的报表", "the unit's report, or that of a unit below"),
        after_help = examples("gongzhi report --data ./city
            gongzhi report --data ./city --unit 220800/220802"))]
    Report {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("单位路径", "the unit's path of codes"))]
        unit: Option<String>,
    },
    #[command(about = word("断开或恢复与对端的链路", "cut or heal the link to a peer"),
        after_help = examples("gongzhi link --data ./community cut all
            gongzhi link --data ./community heal KEY"))]
    Link {
        #[command(flatten)]
        data: Data,
        #[arg(value_parser = one_of(&LinkAction::ALL, LinkAction::name),
            help = word("断开或恢复", "cut it or heal it"))]
        action: LinkAction,
        #[arg(help = word("节点公钥，或 all", "a node's key, or all"))]
        peer: String,
    },
    #[command(about = word("演示：一市、两区、四社区，停网，核对汇总",
            "a city, two districts, four communities, an outage, and the sums"),
        after_help = examples("gongzhi demo
            gongzhi demo --dir ./demo"))]
    Demo {
        #[arg(long, value_name = "DIR",
            help = word("工作目录；不给则用临时目录", "where to work; a temporary folder unless given"))]
        dir: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkAction {
    Cut,
    Heal,
}

impl LinkAction {
    const ALL: [Self; 2] = [Self::Cut, Self::Heal];

    const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Heal => "heal",
        }
    }
}
