//! The golden totals, and that what is written is what was counted.

use std::collections::BTreeSet;

use node_sheets::{Mode, Record, open_with};
use ops_dataset::{CommunityPlan, Plan, Truth, community_rows, generate};

fn sum(plan: &Plan, of: impl Fn(&CommunityPlan) -> u64) -> u64 {
    plan.communities().map(of).sum()
}

#[test]
fn full_scale_has_the_published_totals() {
    let plan = Plan::baicheng(1, 1.0);
    assert_eq!(plan.communities().count(), 105);
    let split: Vec<_> = plan
        .districts
        .iter()
        .map(|district| {
            let residents: u64 = district.communities.iter().map(|c| c.residents).sum();
            (&*district.code, residents, district.communities.len(), district.streets)
        })
        .collect();
    let expected = [
        ("220802", 284_843, 35, 9),
        ("220871", 100_489, 13, 3),
        ("220881", 138_247, 17, 8),
        ("220882", 124_619, 16, 5),
        ("220821", 97_824, 12, 3),
        ("220822", 98_610, 12, 3),
    ];
    assert_eq!(split, expected);
    let streets: BTreeSet<&str> = plan.communities().map(|c| &c.code[..9]).collect();
    assert_eq!(streets.len(), 31);
    assert_eq!(sum(&plan, |c| c.residents), 844_632);
    assert_eq!(sum(&plan, |c| c.households), 368_800);
    assert_eq!(sum(&plan, |c| c.branches), 252);
    assert_eq!(sum(&plan, |c| c.groups), 638);
    assert_eq!(sum(&plan, |c| c.centre_households), 1_850);
    assert_eq!(sum(&plan, |c| c.estates), 303);
    assert_eq!(sum(&plan, |c| c.grids), 1_050);
    assert_eq!(sum(&plan, |c| c.buildings), 6_700);
    assert_eq!(sum(&plan, |c| c.entrances), 26_800);
    assert_eq!(sum(&plan, |c| c.volunteers), 40_000);
    assert_eq!(sum(&plan, |c| c.teams), 525);
    for (stream, total) in ops_dataset::COUNTED_ONLY {
        assert_eq!(sum(&plan, |c| c.counted_only[stream]), total, "{stream}");
    }
    let names: BTreeSet<_> = plan.communities().map(|c| &c.name).collect();
    assert_eq!(names.len(), 105);
}

#[test]
fn every_community_has_at_least_one_of_everything() {
    for seed in 0..5 {
        for scale in [0.05, 1.0, 10.0] {
            for c in Plan::baicheng(seed, scale).communities() {
                assert!(c.estates >= 1 && c.grids >= 1 && c.branches >= 1, "{c:?}");
                assert!(c.groups >= c.branches && c.centre_households >= c.groups, "{c:?}");
                assert!(
                    c.buildings >= c.estates.max(c.grids) && c.entrances >= c.buildings,
                    "{c:?}"
                );
                assert!(c.households <= c.residents && c.residents <= 6 * c.households, "{c:?}");
            }
        }
    }
}

#[test]
fn the_largest_scale_has_valid_codes() {
    let plan = Plan::baicheng(1, 100.0);
    let codes: BTreeSet<_> = plan.communities().map(|c| &c.code).collect();
    assert_eq!(codes.len(), 10_500);
    assert!(codes.iter().all(|code| code.len() == 12));
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_seed_others() {
    let community = |seed| {
        let plan = Plan::demo(seed);
        let first = plan.communities().next().expect("a community").clone();
        community_rows(seed, &first)
    };
    assert_eq!(community(7), community(7));
    assert!(community(7) != community(8));
}

#[test]
fn nobody_shares_an_id_and_every_id_is_of_no_place() {
    let plan = Plan::baicheng(3, 0.05);
    let mut ids = BTreeSet::new();
    for community in plan.communities() {
        for row in community_rows(plan.seed, community).roster {
            let id = row.citizen_id.expect("ids suffice at this scale");
            assert!(id.starts_with("220899"));
            assert!(row.phone.is_none_or(|phone| phone.starts_with("100") && phone.len() == 11));
            assert!(ids.insert(id));
        }
    }
    assert_eq!(ids.len() as u64, sum(&plan, |c| c.residents));
}

#[test]
fn what_is_written_reads_back_as_it_was_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan::demo(1);
    let truth = generate(&plan, folder.path()).expect("generates");
    let text = std::fs::read_to_string(folder.path().join("truth.json")).expect("reads");
    assert_eq!(serde_json::from_str::<Truth>(&text).expect("parses"), truth);
    assert_eq!(truth.communities[0].path, "220800/220802/220802001/220802001001");
    assert_eq!((truth.city.counts.communities, truth.city.counts.streets), (4, 2));
    assert_eq!(truth.city.counts.residents, 1_200);
    for (unit, community) in truth.communities.iter().zip(plan.communities()) {
        let made = community_rows(plan.seed, community);
        let place = folder.path().join(unit.folder.as_deref().expect("a folder"));
        let read = |name: &str| -> Vec<Record> {
            let book = open_with(place.join(name), Mode::Synthetic).expect("opens");
            assert!(book.notes().is_empty());
            book.rows().map(|row| row.expect("every row passes its checks").record).collect()
        };
        fn records<T: Into<Record>>(rows: Vec<T>) -> Vec<Record> {
            rows.into_iter().map(Into::into).collect()
        }
        assert!(read("居民名册.xlsx") == records(made.roster));
        assert!(read("组织架构.xlsx") == records(made.organisation));
        assert!(read("空间台账.xlsx") == records(made.places));
        assert!(read("五长岗位.xlsx") == records(made.duties));
        assert!(read("志愿者.xlsx") == records(made.volunteers));
        let planned = read("巡查计划-2024-03.xlsx").len() as u64;
        assert_eq!(planned, unit.counts.patrols_planned);
        assert_eq!(planned, community.branches * 2 * 31);
        let made = read("巡查记录-2024-03.xlsx");
        let finished =
            made.iter().filter(|r| matches!(r, Record::PatrolRun(r) if r.ended.is_some()));
        assert_eq!(finished.count() as u64, unit.counts.patrols_finished);
    }
}
