//! A whole Baicheng: 143 units and more nodes, with byzantine nodes in every tier.

use tests_world::{Options, run};

/// `GONGZHI_BAICHENG_SEEDS` asks for more cities than one, and `GONGZHI_BAICHENG_FIRST` for others.
#[test]
fn a_whole_city_with_byzantine_nodes_in_every_tier_keeps_its_invariants_and_agrees() {
    let asked = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let first = asked("GONGZHI_BAICHENG_FIRST").unwrap_or(1);
    let seeds = asked("GONGZHI_BAICHENG_SEEDS").unwrap_or(1);
    for seed in first..first + seeds {
        let summary = run(Options::baicheng(seed)).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(summary.nodes > 143, "a node for each unit, and more");
        println!("seed {seed}: {summary}");
    }
}
