//! The commands about persons: what happens to them, and what people decide of them.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use node_api::{
    Arrive, Coming, Depart, Duplicates, Erase, Leaving, Merge, Move, Movements, Place, Separate,
};

use super::ask::ask;
use super::options::{Data, Expected, examples, one_of};
use crate::lang::word;
use crate::render::Output;

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("可能是同一人的人员，成对列出", "persons who may be one human, in pairs"),
        after_help = examples("gongzhi persons duplicates --data ./community"))]
    Duplicates {
        #[command(flatten)]
        data: Data,
    },
    #[command(about = word("认定两人为同一人；可撤回", "decide that two persons are one human; it can be taken back"),
        after_help = examples("gongzhi persons merge --data ./community ID --into ID --reason 同一人"))]
    Merge {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("不再使用的人员编号", "the one that is given up"))]
        person: String,
        #[arg(long, value_name = "ID", help = word("保留的人员编号", "the one that stays"))]
        into: String,
        #[arg(long, value_name = "TEXT", help = word("理由", "why"))]
        reason: String,
    },
    #[command(about = word("撤回认定：两人仍是两人", "take a merge back: both are persons again"),
        after_help = examples("gongzhi persons separate --data ./community ID"))]
    Separate {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("曾被并入的人员编号", "the one that was given up"))]
        person: String,
    },
    #[command(about = word("人口变动表：一年内每月的期初、登记、出生、迁入、死亡、迁出、期末",
            "who came and who went in a year, by month"),
        after_help = examples("gongzhi persons movements --data ./community
            gongzhi persons movements --data ./community --year 2025"))]
    Movements {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "YYYY", help = word("年份；不给则今年", "the year, this one if none is given"))]
        year: Option<i16>,
    },
    #[command(about = word("某人出生或迁入，迁出者迁回也用此命令", "somebody was born here or moved here, perhaps back"),
        after_help = examples("gongzhi persons arrive --data ./community ID born --day 2026-11-02
            gongzhi persons arrive --data ./community ID arrived --day 2026-11-02 --from 长春市 --at 示例小区/2/1/202"))]
    Arrive {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("人员编号", "the person"))]
        person: String,
        #[arg(value_parser = one_of(&Coming::ALL, Coming::name), help = word("出生或迁入", "born or arrived"))]
        how: Coming,
        #[arg(long, value_name = "YYYY-MM-DD", help = word("日期", "the day"))]
        day: String,
        #[arg(long = "from", value_name = "TEXT", default_value = "", help = word("来处", "where from"))]
        elsewhere: String,
        #[arg(long = "at", value_parser = place, value_name = "PLACE", help = word("住处：小区/楼栋/单元/房号", "where here: estate/building/entrance/room"))]
        to: Option<Place>,
    },
    #[command(about = word("迁居：一人或一家搬到本社区的另一住处，一步完成", "a person or a family moved into another dwelling here"),
        after_help = examples("gongzhi persons move --data ./community ID ID --to 示例小区/2/1/202 --day 2026-11-02"))]
    Move {
        #[command(flatten)]
        data: Data,
        #[arg(required = true, value_name = "ID", help = word("人员编号", "the persons"))]
        persons: Vec<String>,
        #[arg(long, value_parser = place, value_name = "PLACE", help = word("新住处：小区/楼栋/单元/房号；无单元则留空", "estate/building/entrance/room; without an entrance it is empty"))]
        to: Place,
        #[arg(long, value_name = "YYYY-MM-DD", help = word("日期", "the day"))]
        day: String,
    },
    #[command(about = word("某人迁出或死亡", "somebody moved away or died"),
        after_help = examples("gongzhi persons depart --data ./community ID left --day 2026-11-02 --to 长春市"))]
    Depart {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("人员编号", "the person"))]
        person: String,
        #[arg(value_parser = one_of(&Leaving::ALL, Leaving::name), help = word("迁出或死亡", "left or died"))]
        how: Leaving,
        #[arg(long, value_name = "YYYY-MM-DD", help = word("日期", "the day"))]
        day: String,
        #[arg(long = "to", value_name = "TEXT", default_value = "", help = word("去向", "where to"))]
        elsewhere: String,
    },
    #[command(about = word("清除某人的资料：七日后各机销毁其密钥，不能恢复",
            "erase a person: in seven days every node destroys the keys, for good"),
        after_help = examples("gongzhi persons erase --data ./community ID
            gongzhi persons erase --data ./community ID --yes"))]
    Erase {
        #[command(flatten)]
        data: Data,
        #[arg(help = word("人员编号", "the person"))]
        person: String,
        #[arg(long = "yes", help = word("已核对，确认清除", "it was checked, erase it"))]
        confirmed: bool,
    },
}

pub(super) fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::Duplicates { data } => ask(&data, output, Duplicates {}),
        Command::Merge { data, person, into, reason } => {
            ask(&data, output, Merge { given_up: person, into, reason })
        }
        Command::Separate { data, person } => ask(&data, output, Separate { person }),
        Command::Movements { data, year } => ask(&data, output, Movements { year }),
        Command::Arrive { data, person, how, day, elsewhere, to } => {
            ask(&data, output, Arrive { person, how, day, elsewhere, to })
        }
        Command::Move { data, persons, to, day } => ask(&data, output, Move { persons, to, day }),
        Command::Depart { data, person, how, day, elsewhere } => {
            ask(&data, output, Depart { person, how, day, elsewhere })
        }
        Command::Erase { data, person, confirmed } => {
            ask(&data, output, Erase { person, confirmed })
        }
    }
}

/// A dwelling, as people name it.
fn place(text: &str) -> Result<Place, Expected> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let own = |part: &str| part.to_owned();
    match parts[..] {
        [estate, building, entrance, room] => Ok(Place {
            estate: own(estate),
            building: own(building),
            entrance: own(entrance),
            room: own(room),
        }),
        _ => {
            let place =
                word("应为 小区/楼栋/单元/房号", "write it as ESTATE/BUILDING/ENTRANCE/ROOM");
            Err(Expected(place))
        }
    }
}
