//! Whoever holds a revision and those that it names adds them up again.

use node_views::report::Alarm;
use schema_content::{Cell, Cells, Number, Part, Revision};
use schema_wire::{Hash, List};

use crate::net::*;
use crate::office::*;
use crate::tiers::{City, MIDDLE, TOP, city};

/// The district's revision, as it says it next, changed by somebody.
fn falsify(city: &mut City, change: impl FnOnce(&mut Revision)) {
    city.settle();
    let mut lie = city.offices[MIDDLE].newest(&city.net, "c/d").expect("a report");
    lie.number = Number::of(u128::from(lie.number.get()) + 1);
    change(&mut lie);
    tell(&mut city.net, MIDDLE, 0, &lie);
    city.offices[TOP].refresh(&mut city.net);
}

fn alarms(city: &City, at: usize) -> Vec<Alarm> {
    city.offices[at].report.alarms().cloned().collect()
}

fn more(cells: &Cells, code: &str) -> Cells {
    let more = |cell: &Cell| match &*cell.code == code {
        true => Cell { value: Number::of(u128::from(cell.value.get()) + 1), ..cell.clone() },
        false => cell.clone(),
    };
    Cells::new(cells.iter().map(more).collect()).expect("cells")
}

#[test]
fn a_parents_wrong_sum_is_an_alarm_until_it_is_put_right() {
    let mut city = city();
    city.branch(2, "1");
    city.branch(3, "1");
    falsify(&mut city, |lie| lie.cells = more(&lie.cells, "ORG.BRANCH"));
    let codes = ["ORG.BRANCH".to_owned()].into();
    let number = city.offices[TOP].newest(&city.net, "c/d").expect("a report").number.get();
    assert_eq!(alarms(&city, TOP), [Alarm::Sum { unit: unit("c/d"), number, codes }]);
    // The district sees that what stands there in its name is wrong, and says it anew.
    city.settle();
    assert_eq!(alarms(&city, TOP), []);
    assert_eq!(city.branches(TOP), 2);
}

#[test]
fn a_part_that_was_never_published_is_an_alarm() {
    let mut city = city();
    city.branch(2, "1");
    city.settle();
    // The envelope that carries the other community's report, under the name of the first.
    falsify(&mut city, |lie| {
        let mut parts = lie.parts.clone().into_vec();
        let Part::Added(other) = parts[1].part.clone() else { panic!("added") };
        parts[0].part = Part::Added(other);
        lie.parts = List::new(parts).expect("two");
    });
    let part = unit("c/d/1");
    assert!(
        matches!(&alarms(&city, TOP)[..], [Alarm::Unreadable { part: named, .. }] if *named == part)
    );
    // Its numbers are right; the district names again what they rest on.
    city.settle();
    assert_eq!(alarms(&city, TOP), []);
}

/// Two nodes of a unit that see a report otherwise, each as right as the other, do not answer each
/// other without end.
#[test]
fn what_was_put_right_is_put_right_again_after_an_hour() {
    let mut city = city();
    city.branch(2, "1");
    let lie = |city: &mut City| {
        falsify(city, |lie| lie.cells = more(&lie.cells, "ORG.BRANCH"));
        city.settle();
        alarms(city, TOP).len()
    };
    assert_eq!(lie(&mut city), 0);
    assert_eq!(lie(&mut city), 1);
    city.net.clock += 3_600_000;
    city.settle();
    assert_eq!(alarms(&city, TOP), []);
}

#[test]
fn what_is_not_here_is_no_alarm() {
    let mut city = city();
    city.branch(2, "1");
    city.settle();
    falsify(&mut city, |lie| {
        let mut parts = lie.parts.clone().into_vec();
        let Part::Added(source) = &mut parts[0].part else { panic!("added") };
        source.envelope = Hash([9; 32]);
        lie.parts = List::new(parts).expect("two");
    });
    assert_eq!(alarms(&city, TOP), []);
}

#[test]
fn adding_what_was_counted_by_other_rules_is_an_alarm() {
    let mut city = city();
    city.branch(2, "1");
    falsify(&mut city, |lie| lie.rules = Hash([3; 32]));
    assert!(matches!(&alarms(&city, TOP)[..], [Alarm::OtherRules { .. }]));
}

/// What is added, here and when others are checked, is what changed.
#[test]
fn only_what_changed_is_read_and_added_again() {
    let mut city = city();
    city.settle();
    for office in &mut city.offices {
        office.refresh(&mut city.net);
    }
    let before = city.offices[MIDDLE].report.added();
    city.branch(2, "1");
    city.settle();
    // Taken off, and added.
    assert_eq!(city.offices[MIDDLE].report.added(), before + 2);
    city.offices[MIDDLE].refresh(&mut city.net);
    let (envelopes, all) = city.offices[MIDDLE].read;
    assert!(envelopes <= 1, "{envelopes}: its own newest, to see whether it says the same");
    assert!(all <= 24, "{all} reads");
}
