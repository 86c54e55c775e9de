//! The whole of Baicheng for a day, one district cut off for its middle third.

use tests_sim::{Options, Size, Summary, run};

fn day(seed: u64) -> Summary {
    let options = Options { size: Size::Baicheng, ..Options::small(seed) };
    let summary = run(options).unwrap_or_else(|failure| panic!("{failure}"));
    println!("{summary}");
    summary
}

#[test]
fn a_city_of_105_communities_lives_through_a_day() {
    let first = day(1);
    assert!(first.nodes > 250);
    assert_eq!(first.digest, day(1).digest, "a seed says all");
}

#[test]
fn another_day_of_it_is_another_day() {
    assert_ne!(day(2).digest, day(3).digest);
}
