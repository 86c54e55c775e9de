//! Letters between two units of different districts, carried by those between.

use std::collections::BTreeSet;

use node_acts::{deed, role::Role};
use schema_wire::{Hash, Scope};

use crate::net::*;

const OUT: &str = "c/d/1:192:c/e/2";
const BACK: &str = "c/e/2:192:c/d/1";

#[test]
fn a_first_letter_and_its_answer_arrive_by_the_units_between() {
    let roots = Roots::new();
    let city = roots.city(1);
    let (one, two) = (roots.below(&city, "c/d", 2), roots.below(&city, "c/e", 3));
    let (writer, reader) = (roots.below(&one, "c/d/1", 4), roots.below(&two, "c/e/2", 5));
    let neighbour = roots.below(&one, "c/d/9", 6);
    let mut net = Net::new();
    let [top, left, right, from, to, beside] =
        [&city, &one, &two, &writer, &reader, &neighbour].map(|led| net.first(&roots, led));
    // Who recognised a unit holds the founding; the writer has the reader's card by hand.
    net.teach(top, &[&one, &two]);
    net.teach(left, &[&writer, &neighbour]);
    net.teach(right, &[&reader]);
    net.teach(from, &[&reader]);
    for (lower, upper) in [(from, left), (beside, left), (left, top), (right, top), (to, right)] {
        net.connect(lower, upper);
    }
    net.write_letter(from, OUT, b"to the neighbours across the river");
    net.run();
    let pair = Scope::pair(&writer.unit, &reader.unit).expect("two");
    for at in [from, left, top, right, to] {
        assert!(net.disk_holds(at, "across the river"), "at {at}");
        assert_eq!(net.sum(at, &pair), net.sum(from, &pair), "at {at}");
    }
    assert!(!net.disk_holds(beside, "across the river"), "a neighbour carries nothing");
    assert!(!net.disk_holds(beside, "c/e/2:"), "and does not learn who writes to whom");
    net.write_letter(to, BACK, b"an answer to the river");
    net.run();
    for at in [from, left, top, right, to] {
        assert!(net.disk_holds(at, "answer to the river"), "at {at}");
        assert_eq!(net.endings(at), Vec::<String>::new());
    }
}

/// Passes a unit on by its phrase, at its first node, without one of its statements.
fn rotate(net: &mut Net, at: usize, led: &Led, n: u16, without: Hash) {
    let next = (public(&key(n + 500)), phrase(n + 500).public().commitment());
    let (now, without) = (net.now(), BTreeSet::from([without]));
    let authority = net.sites[at].replica.authority();
    let made = deed::rotate(authority, &led.lineage, &phrase(n), next, &without, now);
    let site = &mut net.sites[at];
    let learned = site.replica.learn(now, made.expect("a rotation").into(), &site.store);
    let (_, output) = learned.expect("the store answers");
    net.output(at, output);
    net.run();
}

/// A letter that was answered stays, when its writer's delegation and founding are over and set
/// aside: whoever comes later takes it with them.
#[test]
fn a_letter_whose_writer_is_no_more_arrives_with_what_it_rests_on() {
    let roots = Roots::new();
    let city = roots.city(1);
    let (one, two) = (roots.below(&city, "c/d", 2), roots.below(&city, "c/e", 3));
    let writer = roots.below(&one, "c/d/1", 4);
    let mut net = Net::new();
    let [top, left, reader, from] = [&city, &one, &two, &writer].map(|led| net.first(&roots, led));
    net.teach(top, &[&one, &two]);
    net.teach(left, &[&writer]);
    net.teach(from, &[&two]);
    for (lower, upper) in [(from, left), (left, top), (reader, top)] {
        net.connect(lower, upper);
    }
    net.write_letter(from, "c/d/1:192:c/e", b"to whoever reads on");
    net.run();
    net.write_letter(reader, "c/e:192:c/d/1", b"an answer to them");
    net.run();
    rotate(&mut net, left, &writer, 4, writer.delegation);
    let founding = one_of(&writer, 3);
    rotate(&mut net, left, &one, 2, founding);
    let charter = one_of(&writer, 2);
    let aside = net.sites[reader].replica.authority().scopes_of(&charter).count() == 0;
    assert!(aside, "the charter is in no set");
    let desk = two.admit(&roots, 10, &Role::writing());
    let known = [two.statements.clone(), vec![desk.clone().into()]].concat();
    let late = net.add(&roots, &two, key(10), desk.id(), &known);
    net.connect(reader, late);
    assert!(net.disk_holds(late, "whoever reads on") && net.disk_holds(late, "answer to them"));
    let pair = Scope::pair(&writer.unit, &two.unit).expect("two");
    assert_eq!(net.sum(late, &pair), net.sum(reader, &pair));
    assert_eq!(net.endings(late), Vec::<String>::new());
}

/// The statement that is so many from the end of what shows a unit.
fn one_of(led: &Led, from_the_end: usize) -> Hash {
    led.statements[led.statements.len() - from_the_end].id()
}
