//! Letters between two units of different districts, carried by those between.

use schema_wire::Scope;

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
