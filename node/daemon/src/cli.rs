//! The command line: what is asked becomes one call, what is answered becomes text or JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use node_folder::{Flags, Folder, Grant, Membership, load_config};
use schema_wire::UnitId;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::control::{self, Request};
use crate::office::Entry;
use crate::{demo, join, keyfile, memory, net, operate, print, trouble};

/// Some rows of an import were refused; the others were taken.
const EXIT_ROWS_REFUSED: u8 = 3;

/// 共治 co-governance: a federated sync node for community governance.
///
/// 退出码 exit codes: 0 成功 done; 1 失败 failed; 2 用法错误 wrong usage;
/// 3 部分行未导入 some rows refused; 4 演示检查未通过 a check of the demo failed;
/// 5 数据库损坏 the store is damaged; 6 磁盘不可写 the disk takes no writes.
#[derive(Parser)]
#[command(name = "gongzhi", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone)]
pub(crate) struct Data {
    /// 数据目录 the node's data folder
    #[arg(long, env = "GONGZHI_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// 以 JSON 输出 print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a network is founded with.
#[derive(Args)]
struct Founding {
    /// 城市代码 found a network: the city's code
    #[arg(long, requires = "name", conflicts_with = "grant")]
    city: Option<String>,
    /// 网络名称 the network's name
    #[arg(long)]
    name: Option<String>,
    /// 根密钥 one more root key beside this node's own (repeat for more)
    #[arg(long = "root", value_name = "KEY", requires = "city")]
    roots: Vec<String>,
    /// 门限 how many root keys act together
    #[arg(long, default_value_t = 1, requires = "city")]
    threshold: u8,
    /// 输出文件 with a threshold above 1: the founding grant, for the others to endorse
    #[arg(long, value_name = "FILE", requires = "city")]
    out: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// 生成节点密钥 make the node's key and print its public part
    ///
    /// Example: gongzhi key --data ./community
    Key {
        #[command(flatten)]
        data: Data,
    },
    /// 建立或加入网络 found a network, or join one with a grant; renew a grant or take over a new key
    ///
    /// Examples:
    ///   gongzhi init --data ./city --city 220800 --name 白城市
    ///   gongzhi init --data ./city --city 220800 --name 白城市 --root KEY2 --threshold 2 --out city.grant
    ///   gongzhi init --data ./district --grant district.grant
    #[command(verbatim_doc_comment)]
    Init {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        founding: Founding,
        /// 授权书文件 join with this grant file
        #[arg(long, value_name = "FILE", required_unless_present = "city")]
        grant: Option<PathBuf>,
    },
    #[command(flatten)]
    Operate(operate::Command),
    /// 运行节点 run the node until it is told to stop
    ///
    /// Example: gongzhi run --data ./district --listen /ip4/0.0.0.0/tcp/7401 --peer KEY@/ip4/10.0.0.5/tcp/7400
    Run {
        #[command(flatten)]
        data: Data,
        /// 监听地址 address to listen on (repeat for more)
        #[arg(long, value_name = "ADDRESS")]
        listen: Vec<String>,
        /// 对端 peer to keep a connection with: KEY@ADDRESS (repeat for more)
        #[arg(long = "peer", value_name = "KEY@ADDRESS")]
        peers: Vec<String>,
        /// 局域网发现 find nodes on the local network
        #[arg(long)]
        mdns: Option<bool>,
        /// 重连最长间隔(毫秒) longest wait before dialling again
        #[arg(long, value_name = "MS")]
        redial_ms_max: Option<u64>,
    },
    /// 导入表格 import workbooks (.xlsx, .csv); a status workbook is written beside each
    ///
    /// Example: gongzhi import --data ./community 居民名册.xlsx
    Import {
        #[command(flatten)]
        data: Data,
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// 试运行 check and write the status workbook only
        #[arg(long)]
        dry_run: bool,
        /// 接受虚构证件号 accept invented ids (area 220899) and phone numbers
        #[arg(long)]
        synthetic: bool,
    },
    /// 导出台账 export a register, .xlsx or .csv
    ///
    /// Example: gongzhi export --data ./community --out 居民名册.xlsx
    Export {
        #[command(flatten)]
        data: Data,
        /// 台账 roster, organisation, place, duty, patrol-plan, patrol or volunteer
        #[arg(long, default_value = "roster")]
        kind: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// csv 编码 utf-8 or gb18030
        #[arg(long, default_value = "utf-8")]
        encoding: String,
    },
    /// 录入一条记录 enter one record
    ///
    /// Example: gongzhi enter --data ./community patrol --date 2026-11-02 --half AM --area 一网格 --started 08:00 --ended 08:30
    Enter {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        record: Record,
    },
    /// 复制状态 the replication state: who is behind, since when, what was refused
    Status {
        #[command(flatten)]
        data: Data,
    },
    /// 近期事件 what happened since the start: joins, refusals, what each resume cost
    Events {
        #[command(flatten)]
        data: Data,
    },
    /// 查看文档 the documents held, or one: fields, history, who signed under which grant
    ///
    /// Example: gongzhi inspect --data ./community 220800/220802/220802001/220802001001:org:all
    Inspect {
        #[command(flatten)]
        data: Data,
        document: Option<String>,
        /// 打开个人字段 open the personal fields of a roster (the unit's own nodes can)
        #[arg(long)]
        persons: bool,
    },
    /// 汇总表 the unit's report, or that of a unit below
    Report {
        #[command(flatten)]
        data: Data,
        #[arg(long)]
        unit: Option<String>,
    },
    /// 断开或恢复链路 cut or heal the link to a peer (KEY or `all`)
    Link {
        #[command(flatten)]
        data: Data,
        #[arg(value_parser = ["cut", "heal"])]
        action: String,
        peer: String,
    },
    /// 演示 a city, two districts, four communities, an outage, and the sums
    Demo {
        /// 工作目录 where to work; a temporary folder unless given
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Record {
    /// 巡查记录 a patrol that was made
    Patrol {
        #[arg(long)]
        date: String,
        #[arg(long, value_parser = ["AM", "PM"])]
        half: String,
        #[arg(long)]
        area: String,
        #[arg(long)]
        started: String,
        #[arg(long, default_value = "")]
        ended: String,
        #[arg(long, default_value_t = 0)]
        findings: u32,
        /// 巡查人 who walked; kept sealed
        #[arg(long)]
        by: Option<String>,
        /// 编号 names the entry: entered again under it, it is still one entry
        #[arg(long)]
        id: Option<String>,
    },
    /// 值班 somebody on a slot of the rota, or off it
    Rota {
        #[arg(long)]
        date: String,
        #[arg(long, value_parser = ["AM", "PM"])]
        half: String,
        #[arg(long)]
        area: String,
        #[arg(long)]
        who: String,
        #[arg(long)]
        off: bool,
    },
    /// 居民信息 a field of a person: name, birth, number, phone or note
    Person {
        #[arg(long)]
        document: String,
        #[arg(long)]
        person: String,
        #[arg(long)]
        field: String,
        #[arg(long)]
        value: String,
    },
}

impl From<Record> for Entry {
    fn from(record: Record) -> Self {
        match record {
            Record::Patrol { date, half, area, started, ended, findings, by, id } => {
                Self::Patrol { date, half, area, started, ended, findings, by, id }
            }
            Record::Rota { date, half, area, who, off } => {
                Self::Rota { date, half, area, who, on: !off }
            }
            Record::Person { document, person, field, value } => {
                Self::Person { document, person, field, value }
            }
        }
    }
}

/// Parses, runs, and turns what went wrong into one line and a code.
pub fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("GONGZHI_LOG")
                .unwrap_or_else(|_| "warn,gongzhi=info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    memory::seclude();
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => trouble::report(&error),
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let asked: (Data, Request, fn(&Value)) = match command {
        Command::Key { data } => return key(&data),
        Command::Init { data, founding, grant } => return init(&data, &founding, grant),
        Command::Operate(command) => return operate::run(command),
        Command::Run { data, listen, peers, mdns, redial_ms_max } => {
            return serve(&data, &Flags { listen, peers, mdns, redial_ms_max });
        }
        Command::Import { data, files, dry_run, synthetic } => {
            return import(&data, &files, dry_run, synthetic);
        }
        Command::Demo { dir } => return demo::run(dir),
        Command::Export { data, kind, out, encoding } => {
            let out = std::path::absolute(out)?;
            (data, Request::Export { kind, out, encoding }, print::plain)
        }
        Command::Enter { data, record } => {
            (data, Request::Enter { entry: record.into() }, print::plain)
        }
        Command::Status { data } => (data, Request::Status, print::status),
        Command::Events { data } => (data, Request::Events, print::events),
        Command::Inspect { data, document: None, .. } => {
            (data, Request::Documents, print::documents)
        }
        Command::Inspect { data, document: Some(document), persons: true } => {
            (data, Request::Roster { document }, print::plain)
        }
        Command::Inspect { data, document: Some(document), persons: false } => {
            (data, Request::Inspect { document }, print::plain)
        }
        Command::Report { data, unit } => (data, Request::Report { unit }, print::report),
        Command::Link { data, action, peer } => {
            (data, Request::Block { peer, block: action == "cut" }, print::plain)
        }
    };
    let (data, request, show) = asked;
    let answer = control::ask(&Folder::new(&data.data), &request)?;
    if data.json {
        print::plain(&answer)
    } else {
        show(&answer)
    }
    Ok(ExitCode::SUCCESS)
}

fn key(data: &Data) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    folder.create()?;
    let key = if folder.key().exists() {
        keyfile::open(&folder.key())?
    } else {
        let passphrase = std::env::var(keyfile::PASSPHRASE_ENV).ok().map(Zeroizing::new);
        keyfile::create(&folder.key(), passphrase.as_ref().map(|p| p.as_str()))?
    };
    println!("{}", key.node());
    Ok(ExitCode::SUCCESS)
}

fn init(data: &Data, founding: &Founding, grant: Option<PathBuf>) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    folder.create()?;
    match (&founding.city, grant) {
        (Some(city), None) => {
            if !folder.key().exists() {
                key(data)?;
            }
            if let Some(grant) = found(&folder, city, founding)? {
                return write_founding(&grant, founding);
            }
        }
        (None, Some(grant)) => join::accept(&folder, Grant::read(&grant)?)?,
        _ => bail!("give either --city and --name, or --grant"),
    }
    let membership = Membership::load(&folder)?;
    println!(
        "已加入网络 joined network {} 单位 unit {}",
        membership.genesis.network().short(),
        membership.unit
    );
    Ok(ExitCode::SUCCESS)
}

fn found(folder: &Folder, city: &str, founding: &Founding) -> Result<Option<Grant>> {
    if founding.threshold > 1 && founding.out.is_none() {
        bail!(
            "门限大于 1 时须给出 --out: with a threshold above 1, name the grant file with --out"
        );
    }
    let secrets = keyfile::open(&folder.key())?;
    let roots: Result<Vec<_>> = founding.roots.iter().map(|text| Ok(text.parse()?)).collect();
    let city = UnitId::parse(city)?;
    let name = founding.name.as_deref().unwrap_or_default();
    let threshold = founding.threshold;
    join::found(folder, &secrets, &join::Founding { city: &city, name, roots: &roots?, threshold })
}

fn write_founding(grant: &Grant, founding: &Founding) -> Result<ExitCode> {
    let out = founding.out.as_deref().context("--out")?;
    grant.write(out)?;
    let (out, others) = (out.display(), founding.threshold - 1);
    println!("建网授权书已写入 founding grant written: {out}");
    println!("还需 {others} 个根密钥会签 {others} more root keys must endorse it, each with:");
    println!("  gongzhi endorse --data THEIRS --grant {out}");
    println!("然后 then: gongzhi init --data DIR --grant {out}");
    Ok(ExitCode::SUCCESS)
}

fn serve(data: &Data, flags: &Flags) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let membership = Membership::load(&folder)?;
    let secrets = keyfile::open(&folder.key())?;
    let config = load_config(&folder, flags)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(net::run(folder, secrets, membership, config))?;
    Ok(ExitCode::SUCCESS)
}

fn import(data: &Data, files: &[PathBuf], dry_run: bool, synthetic: bool) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let mut refused = false;
    for file in files {
        let file = std::path::absolute(file)?;
        let request = Request::Import { file, dry_run, synthetic };
        let bar = print::spinner(!data.json, "导入 importing");
        let answer = control::ask(&folder, &request)?;
        bar.finish_and_clear();
        refused |= answer["counts"]["错误"].as_u64().unwrap_or(0) > 0;
        if data.json { print::plain(&answer) } else { print::import(&answer) }
    }
    Ok(if refused { ExitCode::from(EXIT_ROWS_REFUSED) } else { ExitCode::SUCCESS })
}
