//! `gongzhi-dataset`: writes an invented city as office workbooks, and the truth about them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use ops_dataset::{Plan, generate_with};

/// 生成示例城市的工作簿 / Writes an invented city as the workbooks its offices would keep.
///
/// Examples:
///   gongzhi-dataset out                       full scale, one month of patrols
///   gongzhi-dataset out --scale 0.05          a small city, for tests
///   gongzhi-dataset out --demo                two districts, four communities
///   gongzhi-dataset out --from 2024-01 --months 12
#[derive(Debug, Parser)]
#[command(name = "gongzhi-dataset", version, verbatim_doc_comment)]
struct Arguments {
    /// 输出文件夹 / Folder to write to; made if it is not there
    folder: PathBuf,
    /// 随机种子 / Seed: the same seed writes the same rows
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 规模 / Scale: 1 is Baicheng with 105 communities
    #[arg(long, default_value_t = 1.0, value_parser = scale)]
    scale: f64,
    /// 演示用的小城市 / The small city of the demo instead
    #[arg(long, conflicts_with = "scale")]
    demo: bool,
    /// 巡查的第一个月 / First month of patrols
    #[arg(long, default_value = "2024-03", value_parser = month)]
    from: (i16, i8),
    /// 巡查月数 / How many months of patrols
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=120))]
    months: u16,
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if scale > 0.0 && scale <= 100.0 { Ok(scale) } else { Err("above 0 and up to 100".to_owned()) }
}

fn month(text: &str) -> Result<(i16, i8), String> {
    let parsed = text.split_once('-').and_then(|(y, m)| Some((y.parse().ok()?, m.parse().ok()?)));
    match parsed {
        Some((year @ 1950..=2100, month @ 1..=12)) => Ok((year, month)),
        _ => Err("a month as 2024-03".to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = match arguments.demo {
        true => Plan::demo(arguments.seed),
        false => Plan::baicheng(arguments.seed, arguments.scale),
    };
    let plan = plan.with_months(arguments.from.0, arguments.from.1, arguments.months);
    let bar = ProgressBar::new(plan.communities().count() as u64);
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} 社区 communities, {elapsed}, ETA {eta}");
    bar.set_style(style.expect("the template is well formed"));
    match generate_with(&plan, &arguments.folder, |_| bar.inc(1)) {
        Ok(truth) => {
            bar.finish();
            let counts = truth.city.counts;
            println!(
                "社区 communities {}, 居民 residents {}, 户 households {}, 支部 branches {}, 志愿者 volunteers {}",
                counts.communities,
                counts.residents,
                counts.households,
                counts.branches,
                counts.volunteers
            );
            println!("{}", arguments.folder.join("truth.json").display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
