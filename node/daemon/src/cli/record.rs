//! The commands of those who keep records. Kinds, sheets and fields are those of the declarations:
//! nothing here knows one of them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use node_api::{
    Contested, Edit, Encoding, Enter, Export, Given, Happen, Import, Kinds, RecordShow, Records,
};

use super::ask::{ask, show};
use super::options::{Data, Expected, examples, one_of};
use super::{imports, persons};
use crate::lang::word;
use crate::records;
use crate::render::Output;

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("导入表格（.xlsx、.xls、.csv），并在旁边写出逐行结果",
            "import workbooks (.xlsx, .xls, .csv); a workbook of results is written beside each"),
        after_help = examples("gongzhi import --data ./community 居民名册.xlsx
            gongzhi import --data ./community --dry-run *.xlsx
            gongzhi import --data ./community 居民名册.xlsx --column 住户姓名=姓名"))]
    Import {
        #[command(flatten)]
        data: Data,
        #[arg(required = true, value_name = "FILE", help = word("表格文件", "the workbooks"))]
        files: Vec<PathBuf>,
        #[arg(long, help = word("试运行：只检查并写出结果", "check, and write the results only"))]
        dry_run: bool,
        #[arg(long = "column", value_name = "HEADING=COLUMN", value_parser = given,
            help = word("表中某标题即为某列；本单位以后都记得", "what a heading means that is not known; the unit remembers it"))]
        columns: Vec<Given>,
        #[arg(long, help = word("同名同出生日期而住处不同的，按迁居处理", "who is found by name and birth in another dwelling moved"))]
        moves: bool,
        #[arg(long, help = word("接受虚构的证件号（地区 220899）和电话", "accept invented ids (area 220899) and phone numbers"))]
        synthetic: bool,
    },
    #[command(about = word("导出台账（.xlsx 或 .csv）", "export a sheet, .xlsx or .csv"),
        after_help = examples("gongzhi export --data ./community 居民名册 --out 居民名册.xlsx
            gongzhi export --data ./community 巡查记录 --out 巡查记录.csv --encoding gb18030"))]
    Export {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "SHEET", help = word("台账名称", "the sheet's name"))]
        sheet: String,
        #[arg(long, value_name = "FILE", help = word("输出文件", "the file to write"))]
        out: PathBuf,
        #[arg(long, default_value = "utf-8", value_parser = one_of(&Encoding::ALL, Encoding::name),
            help = word("csv 的编码", "the encoding of a csv"))]
        encoding: Encoding,
        #[arg(long, help = word("替换已有的文件", "replace a file that is there"))]
        force: bool,
        #[arg(long, help = word("另加三列：录入时间、变更时间、录入人", "add when each row was entered, changed last, and by which node"))]
        history: bool,
    },
    #[command(subcommand, about = word("已有的导入：查找、撤回", "imports that were made: finding one, taking one back"),
        after_help = examples("gongzhi imports list --data ./community"))]
    Imports(imports::Command),
    #[command(about = word("录入台账的一行", "enter one row of a sheet"),
        after_help = examples("gongzhi enter --data ./community 巡查记录 日期=2026-11-02 时段=上午 区域=一网格 开始时间=08:00 结束时间=08:30 巡查人=张三"))]
    Enter {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "SHEET", help = word("台账名称", "the sheet's name"))]
        sheet: String,
        #[arg(required = true, value_name = "HEADING=TEXT", value_parser = given,
            help = word("各列的内容", "what stands under which heading"))]
        cells: Vec<Given>,
        #[arg(long, help = word("接受虚构的证件号（地区 220899）和电话", "accept invented ids (area 220899) and phone numbers"))]
        synthetic: bool,
    },
    #[command(about = word("修改一条记录；不给编号则新建", "change a record; without its name, begin one"),
        after_help = examples("gongzhi edit --data ./community person --record ID phone=13800000000"))]
    Edit {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("种类，见 gongzhi kinds", "the kind: `gongzhi kinds` lists them"))]
        kind: String,
        #[arg(long, value_name = "NAME", help = word("记录编号", "the record's name"))]
        record: Option<String>,
        #[arg(required = true, value_name = "FIELD=TEXT", value_parser = given,
            help = word("字段与内容", "what its fields say from now on"))]
        fields: Vec<Given>,
        #[arg(long, help = word("接受虚构的证件号（地区 220899）和电话", "accept invented ids (area 220899) and phone numbers"))]
        synthetic: bool,
    },
    #[command(about = word("记下一件发生的事，如让班、接班、立案", "say that something happened: a swap, a case that was opened"),
        after_help = examples("gongzhi happen --data ./community slot NAME release person=ID"))]
    Happen {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("种类", "the kind"))]
        kind: String,
        #[arg(help = word("记录编号", "the record's name"))]
        record: String,
        #[arg(help = word("事件", "what happened"))]
        event: String,
        #[arg(value_name = "FIELD=TEXT", value_parser = given, help = word("内容", "what it says"))]
        fields: Vec<Given>,
        #[arg(long, value_name = "EVENT", help = word("所接续的事件", "the event that began what it goes on with"))]
        cause: Option<String>,
    },
    #[command(about = word("某一种类的全部记录", "the records of a kind"),
        after_help = examples("gongzhi records --data ./community person"))]
    Records {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("种类", "the kind"))]
        kind: String,
        #[arg(long, value_name = "NAME", help = word("从此记录之后", "those behind this record"))]
        after: Option<String>,
    },
    #[command(about = word("并存的值：两机分别写下、尚待选定的，连同何人何时", "values that were written apart and of which nobody chose one: by whom and when"),
        after_help = examples("gongzhi contested --data ./community
            gongzhi edit --data ./community person --record ID phone=10000000000"))]
    Contested {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("一条记录：全部字段、并存的值、事件", "one record: fields, values written apart, what happened"),
        after_help = examples("gongzhi record --data ./community person ID"))]
    Record {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("种类", "the kind"))]
        kind: String,
        #[arg(help = word("记录编号", "the record's name"))]
        record: String,
    },
    #[command(about = word("记录的种类：字段与事件", "the kinds of records: fields and events"),
        after_help = examples("gongzhi kinds
            gongzhi kinds slot"))]
    Kinds {
        #[arg(help = word("种类；不给则全部", "one of them"))]
        kind: Option<String>,
    },
    #[command(subcommand, about = word("人员：可能重复的，合并、分开、迁入、迁居、迁出、变动表、清除", "persons: possible duplicates, merging, coming, moving, leaving, movements, erasing"),
        after_help = examples("gongzhi persons duplicates --data ./community"))]
    Persons(persons::Command),
}

/// A name and what it says.
fn given(text: &str) -> Result<Given, Expected> {
    let split = text.split_once('=').map(|(name, said)| (name.to_owned(), said.to_owned()));
    split.ok_or(Expected(word("应为 名称=内容", "write it as NAME=TEXT")))
}

pub(super) fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::Import { data, files, dry_run, columns, moves, synthetic } => {
            let how = Import { file: PathBuf::new(), dry_run, synthetic, columns, moves };
            imports::import(&data, output, &files, &how)
        }
        Command::Imports(command) => imports::run(command, output),
        Command::Export { data, sheet, out, encoding, force, history } => {
            let out = std::path::absolute(out)?;
            ask(&data, output, Export { sheet, out, encoding, force, history })
        }
        Command::Enter { data, sheet, cells, synthetic } => {
            ask(&data, output, Enter { sheet, cells, synthetic })
        }
        Command::Edit { data, kind, record, fields, synthetic } => {
            ask(&data, output, Edit { kind, record, fields, synthetic })
        }
        Command::Happen { data, kind, record, event, fields, cause } => {
            ask(&data, output, Happen { kind, record, event, fields, cause })
        }
        Command::Records { data, kind, after } => ask(&data, output, Records { kind, after }),
        Command::Kinds { kind } => Ok(show(output, &records::kinds(&Kinds { kind })?)),
        Command::Persons(command) => persons::run(command, output),
        Command::Contested { data } => ask(&data, output, Contested {}),
        Command::Record { data, kind, record } => ask(&data, output, RecordShow { kind, record }),
    }
}
