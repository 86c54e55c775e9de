//! Runs seeds of the simulator by hand.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use tests_sim::clock::stamp;
use tests_sim::reduce::reduce;
use tests_sim::{Failure, Mutant, Options, Plan, Size, Summary, run};

/// Runs worlds from seeds and says what they came to.
#[derive(Debug, Parser)]
struct Arguments {
    /// One seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seeds from..to instead, the last left out.
    #[arg(long, value_parser = range)]
    seeds: Option<(u64, u64)>,
    /// How large the world is.
    #[arg(long, value_enum, default_value = "small")]
    size: Size,
    /// Virtual hours before everything heals.
    #[arg(long)]
    hours: Option<u64>,
    /// A planted bug, which must be found.
    #[arg(long, value_enum)]
    mutant: Option<Mutant>,
    /// Fresh seeds upwards, until so many minutes have passed.
    #[arg(long)]
    soak_minutes: Option<u64>,
    /// Go on after a failure and name the failures only.
    #[arg(long)]
    survey: bool,
}

fn range(text: &str) -> Result<(u64, u64), String> {
    let (from, to) = text.split_once("..").ok_or("a range is written 1..100")?;
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
    Ok((number(from)?, number(to)?))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Arguments { size, hours, mutant, .. } = arguments;
    let (from, mut to) = arguments.seeds.unwrap_or((arguments.seed, arguments.seed + 1));
    let until = arguments.soak_minutes.map(|minutes| {
        to = u64::MAX;
        Instant::now() + Duration::from_secs(60 * minutes)
    });
    let (mut total, mut failed) = (Summary::default(), 0);
    for seed in from..to {
        if until.is_some_and(|until| Instant::now() > until) {
            break;
        }
        match run(Options { seed, size, hours, mutant, bug: None }) {
            Ok(summary) => total.add(&summary),
            Err(failure) if arguments.survey => {
                failed += 1;
                println!("seed={seed} {} {} {}", failure.invariant, failure.node, failure.detail);
            }
            Err(failure) => {
                report(*failure, Options { seed, size, hours, mutant, bug: None });
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{total}");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(failure: Failure, options: Options) {
    println!("{failure}");
    if options.size == Size::Baicheng {
        return;
    }
    let (plan, failure) = reduce(options.seed, Plan::draw(options), failure);
    println!("\nReduced to {} steps, under {:?}:", plan.steps.len(), plan.swarm);
    for step in &plan.steps {
        println!("  {} {:?}", stamp(step.at), step.action);
    }
    println!("{failure}");
}
