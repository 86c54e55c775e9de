//! Runs cases before both judges, and prints each kind of disagreement once, reduced; with
//! GONGZHI_QUICK only how many there are of each.

use std::time::Instant;

use tests_disagree::run::{Options, run};
use tests_disagree::survey::explain;

fn main() -> Result<(), String> {
    let options = Options::of_environment(10_000);
    let begun = Instant::now();
    let outcome = run(&options)?;
    println!("{}", outcome.tally);
    for missed in outcome.tally.missed() {
        println!("too seldom: {missed}");
    }
    for (kind, count) in &outcome.kinds {
        println!("{count:>7}  {kind}");
    }
    println!("{:?}", begun.elapsed());
    if std::env::var_os("GONGZHI_QUICK").is_some() {
        return Ok(());
    }
    for (kind, found) in &outcome.kept {
        for disagreement in found {
            println!("\n== {kind}");
            println!("{}", explain(&options, disagreement));
        }
    }
    Ok(())
}
