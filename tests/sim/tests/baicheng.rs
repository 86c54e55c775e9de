//! The whole of Baicheng for a day, one district cut off for its middle third.

use tests_sim::{Options, Size, Summary, run};

fn day(seed: u64) -> Summary {
    let options = Options { size: Size::Baicheng, strict: true, ..Options::small(seed) };
    let summary = run(options).unwrap_or_else(|failure| panic!("{failure}"));
    println!("{summary}");
    summary
}

#[test]
fn a_city_of_105_communities_lives_through_a_day() {
    assert!(day(1).nodes > 250);
}

#[test]
fn another_day_of_it_is_another_day() {
    let (second, third) = (day(2), day(3));
    assert_ne!(second.digest, third.digest);
}
