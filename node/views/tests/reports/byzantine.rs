//! A community that lies about its reports (trial 6 and 7, issue 14.5).

use schema_content::{Cell, Cells, Number, Part, Revision, Sources, UnitPart};
use schema_wire::{Hash, List, Ms, Text};

use crate::net::*;
use crate::office::*;
use crate::tiers::{City, MIDDLE, TOP, city};

fn cell(code: &str, value: u128) -> Cell {
    let (value, none) = (Number::of(value), Number::default());
    Cell { code: Text::new(code).expect("a code"), value, num: none, den: none, unknown: none }
}

/// What an honest revision of the community would be, but for what is given.
fn revision(city: &mut City, number: u64, as_of: Ms, cells: Vec<Cell>) -> Revision {
    let rules = schema_documents::rules(schema_documents::kinds::ALL);
    let cells = Cells::new(cells).expect("cells");
    let _ = city;
    Revision {
        period: Text::new("live").expect("a period"),
        number: Number::of(number.into()),
        as_of,
        own: cells.clone(),
        cells,
        parts: List::default(),
        sources: Sources { documents: 0, digest: Hash([0; 32]) },
        rules,
    }
}

const BYZANTINE: usize = 2;

#[test]
fn numbers_cannot_be_skipped() {
    let mut city = city();
    city.settle();
    let now = city.net.now();
    for number in [0, 3, 255, 256, Number::MAX.get()] {
        let lie = revision(&mut city, number, now, vec![cell("ORG.BRANCH", 77)]);
        tell(&mut city.net, BYZANTINE, (number / 256).min(9_999_999_999), &lie);
        city.settle();
        assert_eq!(city.branches(TOP), 0, "{number}");
    }
    // The honest next number is still free.
    city.branch(BYZANTINE, "1");
    let revision = city.offices[BYZANTINE].publish(&mut city.net).expect("due");
    assert_eq!(revision.number.get(), 2);
    city.settle();
    assert_eq!(city.branches(TOP), 1);
}

#[test]
fn a_revision_in_another_block_or_period_does_not_read() {
    let mut city = city();
    city.settle();
    let now = city.net.now();
    let lie = revision(&mut city, 2, now, vec![cell("ORG.BRANCH", 77)]);
    tell(&mut city.net, BYZANTINE, 1, &lie);
    let monthly = Revision { period: Text::new("2026-11").expect("a period"), ..lie };
    tell(&mut city.net, BYZANTINE, 0, &monthly);
    city.settle();
    assert_eq!(city.branches(TOP), 0);
}

#[test]
fn a_time_ahead_of_its_envelope_does_not_read() {
    let mut city = city();
    city.settle();
    let ahead = later(city.net.now(), 1);
    let lie = revision(&mut city, 2, ahead, vec![cell("ORG.BRANCH", 77)]);
    tell(&mut city.net, BYZANTINE, 0, &lie);
    city.settle();
    assert_eq!(city.branches(TOP), 0);
    assert_eq!(city.states(MIDDLE)[0].1, "added", "what it said before still stands");
}

#[test]
fn what_does_not_decode_or_is_too_large_does_not_read() {
    let mut city = city();
    city.settle();
    let entity = "000000000002";
    for bytes in [b"no CBOR".to_vec(), vec![0; 700_001]] {
        let author = city.net.sites[BYZANTINE].replica.author().key;
        let id = schema_content::EventId::of(&author, "revision", entity, &bytes);
        let key = format!("!revision/{entity}/{id}");
        let value = node_replication::document::Value::Bytes(bytes.into());
        put(&mut city.net, BYZANTINE, "c/d/1:64:live.0000000000", &[(&key, value)]);
    }
    city.branch(BYZANTINE, "1");
    city.settle();
    assert_eq!(city.branches(TOP), 1);
}

#[test]
fn unknown_codes_are_left_out_and_told() {
    let mut city = city();
    city.branch(3, "1");
    city.settle();
    let now = city.net.now();
    let many = (0..1_000).map(|n| cell(&format!("X.{n}"), 5)).chain([cell("ORG.BRANCH", 3)]);
    let lie = revision(&mut city, 2, now, many.collect());
    tell(&mut city.net, BYZANTINE, 0, &lie);
    city.offices[MIDDLE].publish(&mut city.net).expect("due");
    city.offices[TOP].publish(&mut city.net).expect("due");
    assert_eq!(city.branches(TOP), 4);
    let own = city.offices[MIDDLE].report.total();
    assert!(own.cells.iter().all(|cell| !cell.code.starts_with("X.")));
    let told = city.offices[MIDDLE].report.unknown(&unit("c/d/1")).count();
    assert_eq!(told, 16, "some are named, and no more than that");
}

#[test]
fn sums_beyond_the_largest_number_are_cut_and_told_and_come_back() {
    let mut city = city();
    city.branch(3, "1");
    city.settle();
    let now = city.net.now();
    let most = u128::from(Number::MAX.get());
    let lie = revision(&mut city, 2, now, vec![cell("ORG.BRANCH", most)]);
    tell(&mut city.net, BYZANTINE, 0, &lie);
    city.offices[MIDDLE].publish(&mut city.net).expect("due");
    city.offices[TOP].publish(&mut city.net).expect("due");
    assert_eq!(city.branches(MIDDLE), Number::MAX.get());
    let beyond = city.offices[MIDDLE].report.total().beyond;
    assert_eq!(beyond.iter().map(|code| &**code).collect::<Vec<_>>(), ["ORG.BRANCH"]);
    assert!(city.offices[TOP].report.alarms().next().is_none(), "it is the sum as it is written");
    let sorry = revision(&mut city, 3, now, vec![cell("ORG.BRANCH", 2)]);
    tell(&mut city.net, BYZANTINE, 0, &sorry);
    city.offices[MIDDLE].publish(&mut city.net).expect("due");
    assert_eq!(city.branches(MIDDLE), 3);
}

#[test]
fn other_rules_are_told_and_not_added() {
    let mut city = city();
    city.settle();
    let now = city.net.now();
    let lie = revision(&mut city, 2, now, vec![cell("ORG.BRANCH", 9)]);
    let lie = Revision { rules: Hash([7; 32]), ..lie };
    tell(&mut city.net, BYZANTINE, 0, &lie);
    city.offices[MIDDLE].publish(&mut city.net).expect("due");
    assert_eq!(city.branches(MIDDLE), 0);
    assert_eq!(city.states(MIDDLE)[0].1, "other rules");
    let newest = city.offices[TOP].newest(&city.net, "c/d").expect("a report");
    let Part::OtherRules { rules, .. } = &newest.parts[0].part else { panic!("not added") };
    assert_eq!(*rules, Hash([7; 32]));
}

#[test]
fn more_than_its_own_without_parts_does_not_read() {
    let mut city = city();
    city.settle();
    let now = city.net.now();
    let lie = revision(&mut city, 2, now, vec![cell("ORG.BRANCH", 9)]);
    let own = Cells::new(vec![cell("ORG.BRANCH", 1)]).expect("cells");
    let parts = List::new(vec![UnitPart { unit: unit("c/d/1/x"), part: Part::Silent }]);
    let lie = Revision { own, parts: parts.expect("one"), ..lie };
    tell(&mut city.net, BYZANTINE, 0, &lie);
    city.settle();
    assert_eq!(city.branches(TOP), 0);
}
