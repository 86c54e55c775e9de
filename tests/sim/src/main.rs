//! Runs seeds of the simulator by hand.

use std::process::ExitCode;

use clap::Parser;
use tests_sim::{Options, Size, Summary, run};

/// Runs worlds from seeds and says what they came to.
#[derive(Debug, Parser)]
struct Arguments {
    /// One seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, from that one on.
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// How large the world is.
    #[arg(long, value_enum, default_value = "small")]
    size: Size,
    /// Virtual hours before everything heals.
    #[arg(long)]
    hours: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Arguments { size, hours, .. } = arguments;
    let mut total = Summary::default();
    for seed in arguments.seed..arguments.seed + arguments.count {
        match run(Options { seed, size, hours }) {
            Ok(summary) => total.add(&summary),
            Err(failure) => {
                println!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{total}");
    ExitCode::SUCCESS
}
