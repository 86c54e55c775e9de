//! What can be asked on the command line. Each text stands in both languages where it is said.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use node_api::{Encoding, Entry, Half, Lang, Register};

use super::operate;
use super::options::{Data, examples, one_of};
use crate::lang::word;

#[derive(Parser)]
#[command(name = "gongzhi", version, max_term_width = 100,
    about = word("共治：基层治理台账的同步节点", "gongzhi: a federated sync node for community governance"),
    after_help = word(
        "退出码：0 成功；1 失败；2 用法错误；3 部分行未导入；4 演示检查未通过；5 数据库损坏；6 磁盘不可写\n\n示例：\n  gongzhi status --data ./community\n  gongzhi report --data ./city --json",
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

/// What a network is founded with.
#[derive(Args)]
pub(super) struct Founding {
    #[arg(long, requires = "name", conflicts_with = "grant",
        help = word("建立网络：城市代码", "found a network: the city's code"))]
    pub(super) city: Option<String>,
    #[arg(long, help = word("网络名称", "the network's name"))]
    pub(super) name: Option<String>,
    #[arg(long = "root", value_name = "KEY", requires = "city",
        help = word("本机之外的根密钥（可多次）", "one more root key beside this node's own (repeat for more)"))]
    pub(super) roots: Vec<String>,
    #[arg(long, default_value_t = 1, requires = "city",
        help = word("门限：几个根密钥共同生效", "how many root keys act together"))]
    pub(super) threshold: u8,
    #[arg(long, value_name = "FILE", requires = "city",
        help = word("门限大于 1 时：建网授权书，供他人会签", "with a threshold above 1: the founding grant, for the others to endorse"))]
    pub(super) out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("生成节点密钥，显示公钥", "make the node's key and print its public part"),
        after_help = examples("gongzhi key --data ./community"))]
    Key {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("建立网络，或凭授权书加入、续期、启用新密钥",
            "found a network, or join one with a grant; renew a grant or take over a new key"),
        after_help = examples("gongzhi init --data ./city --city 220800 --name 白城市
            gongzhi init --data ./city --city 220800 --name 白城市 --root KEY2 --threshold 2 --out city.grant
            gongzhi init --data ./district --grant district.grant"))]
    Init {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        founding: Founding,
        #[arg(long, value_name = "FILE", required_unless_present = "city",
            help = word("授权书文件", "join with this grant file"))]
        grant: Option<PathBuf>,
    },
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
        #[arg(long = "peer", value_name = "KEY@ADDRESS",
            help = word("保持连接的对端（可多次）", "peer to keep a connection with (repeat for more)"))]
        peers: Vec<String>,
        #[arg(long, value_name = "true|false",
            help = word("在局域网中发现节点", "find nodes on the local network"))]
        mdns: Option<bool>,
        #[arg(long, value_name = "MS",
            help = word("重连最长间隔（毫秒）", "longest wait before dialling again"))]
        redial_ms_max: Option<u64>,
    },
    #[command(about = word("导入表格（.xlsx、.xls、.csv），并在旁边写出逐行结果",
            "import workbooks (.xlsx, .xls, .csv); a workbook of results is written beside each"),
        after_help = examples("gongzhi import --data ./community 居民名册.xlsx
            gongzhi import --data ./community --dry-run *.xlsx"))]
    Import {
        #[command(flatten)]
        data: Data,
        #[arg(required = true, value_name = "FILE", help = word("表格文件", "the workbooks"))]
        files: Vec<PathBuf>,
        #[arg(long, help = word("试运行：只检查并写出结果", "check, and write the results only"))]
        dry_run: bool,
        #[arg(long, help = word("接受虚构的证件号（地区 220899）和电话", "accept invented ids (area 220899) and phone numbers"))]
        synthetic: bool,
    },
    #[command(about = word("导出台账（.xlsx 或 .csv）", "export a register, .xlsx or .csv"),
        after_help = examples("gongzhi export --data ./community --out 居民名册.xlsx
            gongzhi export --data ./community --kind patrol --out 巡查记录.csv --encoding gb18030"))]
    Export {
        #[command(flatten)]
        data: Data,
        #[arg(long, default_value = "roster", value_parser = one_of(&Register::ALL, Register::name),
            help = word("台账", "the register"))]
        kind: Register,
        #[arg(long, value_name = "FILE", help = word("输出文件", "the file to write"))]
        out: PathBuf,
        #[arg(long, default_value = "utf-8", value_parser = one_of(&Encoding::ALL, Encoding::name),
            help = word("csv 的编码", "the encoding of a csv"))]
        encoding: Encoding,
    },
    #[command(about = word("录入一条记录", "enter one record"),
        after_help = examples("gongzhi enter --data ./community patrol --date 2026-11-02 --half AM --area 一网格 --started 08:00 --ended 08:30
            gongzhi enter --data ./community rota --date 2026-11-02 --half PM --area 一网格 --who 张三"))]
    Enter {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        record: Record,
    },
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
            gongzhi inspect --data ./community 220800/220802/220802001/220802001001:org:all"))]
    Inspect {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("文档名", "the document"))]
        document: Option<String>,
        #[arg(long, requires = "document",
            help = word("打开名册的个人字段（只有本单位节点可以）", "open the personal fields of a roster (the unit's own nodes can)"))]
        persons: bool,
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

/// The slot of a day and area.
#[derive(Args)]
pub(super) struct Slot {
    #[arg(long, help = word("日期，如 2026-11-02", "the day, like 2026-11-02"))]
    date: String,
    #[arg(long, value_parser = one_of(&Half::ALL, Half::name),
        help = word("上午或下午", "the half of the day"))]
    half: Half,
    #[arg(long, help = word("责任区域", "the area"))]
    area: String,
}

#[derive(Subcommand)]
pub(super) enum Record {
    #[command(about = word("巡查记录", "a patrol that was made"),
        after_help = examples("gongzhi enter --data ./community patrol --date 2026-11-02 --half AM --area 一网格 --started 08:00 --ended 08:30"))]
    Patrol {
        #[command(flatten)]
        slot: Slot,
        #[arg(long, help = word("开始时间，如 08:00", "when it started, like 08:00"))]
        started: String,
        #[arg(long, default_value = "", hide_default_value = true,
            help = word("结束时间", "when it ended"))]
        ended: String,
        #[arg(long, default_value_t = 0, help = word("发现问题数", "how many findings"))]
        findings: u32,
        #[arg(long, help = word("巡查人，密封保存", "who walked; kept sealed"))]
        by: Option<String>,
        #[arg(long, help = word("编号：以同一编号再录，仍是一条", "names the entry: entered again under it, it is still one entry"))]
        id: Option<String>,
    },
    #[command(about = word("值班：排上或撤下一人", "somebody on a slot of the rota, or off it"),
        after_help = examples("gongzhi enter --data ./community rota --date 2026-11-02 --half PM --area 一网格 --who 张三"))]
    Rota {
        #[command(flatten)]
        slot: Slot,
        #[arg(long, help = word("值班人", "who"))]
        who: String,
        #[arg(long, help = word("撤下", "off the slot"))]
        off: bool,
    },
    #[command(about = word("居民信息：姓名、出生日期、证件号、电话或备注", "a field of a person: name, birth, number, phone or note"),
        after_help = examples("gongzhi enter --data ./community person --document 220800/220802:roster:b-0011223344556677 --person ID --field phone --value 13800000000"))]
    Person {
        #[arg(long, help = word("名册文档", "the roster's document"))]
        document: String,
        #[arg(long, help = word("人员编号", "the person's id"))]
        person: String,
        #[arg(long, help = word("字段：name、birth、number、phone、note", "name, birth, number, phone or note"))]
        field: String,
        #[arg(long, help = word("新的值", "what it says from now on"))]
        value: String,
    },
}

impl From<Record> for Entry {
    fn from(record: Record) -> Self {
        match record {
            Record::Patrol { slot, started, ended, findings, by, id } => {
                let Slot { date, half, area } = slot;
                Self::Patrol { date, half, area, started, ended, findings, by, id }
            }
            Record::Rota { slot, who, off } => {
                let Slot { date, half, area } = slot;
                Self::Rota { date, half, area, who, on: !off }
            }
            Record::Person { document, person, field, value } => {
                Self::Person { document, person, field, value }
            }
        }
    }
}
