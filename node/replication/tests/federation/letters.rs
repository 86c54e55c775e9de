//! Letters between two units of different districts, carried by those between.

use std::collections::BTreeSet;

use node_acts::{deed, role::Role};
use node_replication::store::{ReadStore as _, Table};
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

/// Two communities under two districts, and a neighbour of the first one.
struct Town {
    roots: Roots,
    net: Net,
    from: usize,
    left: usize,
    top: usize,
    right: usize,
    to: usize,
    beside: usize,
    reader: Led,
    /// Between the writer and its district.
    first_link: u64,
}

const READER: &str = "c/e/2";
const NAME: &str = "the office across";

impl Town {
    /// All are linked to those above them, but the districts to the city.
    fn new() -> Self {
        let roots = Roots::new();
        let city = roots.city(1);
        let (one, two) = (roots.below(&city, "c/d", 2), roots.below(&city, "c/e", 3));
        let (writer, reader) = (roots.below(&one, "c/d/1", 4), roots.below(&two, READER, 5));
        let neighbour = roots.below(&one, "c/d/9", 6);
        let mut net = Net::new();
        let [top, left, right, from, to, beside] =
            [&city, &one, &two, &writer, &reader, &neighbour].map(|led| net.first(&roots, led));
        net.teach(top, &[&one, &two]);
        net.teach(left, &[&writer, &neighbour]);
        net.teach(right, &[&reader]);
        let first_link = net.connect(from, left);
        net.connect(beside, left);
        net.connect(to, right);
        Self { first_link, roots, net, from, left, top, right, to, beside, reader }
    }

    fn make_card(&mut self) -> Hash {
        self.net.make_card(self.to, &self.roots, &self.reader, NAME)
    }

    /// The reader's card, as a node judges it.
    fn card_at(&self, at: usize) -> Option<Hash> {
        self.net.sites[at].replica.authority().card(&unit(READER))
    }

    fn wishes(&self, at: usize) -> usize {
        let store = &self.net.sites[at].store;
        store.range(Table::Wishes, &[], &[u8::MAX], 9_999).expect("in memory").len()
    }

    fn no_session_ended(&self) {
        for at in 0..self.net.sites.len() {
            assert_eq!(self.net.endings(at), Vec::<String>::new(), "at {at}");
        }
    }
}

#[test]
fn a_card_comes_to_who_wishes_to_write_and_to_nobody_beside_the_way() {
    let mut town = Town::new();
    let (from, left, top, right) = (town.from, town.left, town.top, town.right);
    town.net.connect(left, top);
    town.net.connect(right, top);
    let card = town.make_card();
    assert_eq!(town.card_at(top), Some(card), "the city holds what is below");
    assert_eq!(town.card_at(from), None, "nobody asked");
    town.net.wish(from, READER);
    for at in [from, left] {
        assert_eq!(town.card_at(at), Some(card), "at {at}");
    }
    assert!(!town.net.disk_holds(town.beside, NAME), "a neighbour asked for nothing");
    let wishes = [from, left, top, right, town.to, town.beside].map(|at| town.wishes(at));
    assert_eq!(wishes, [1, 1, 0, 0, 0, 0], "who holds the statements needs no wish");
    assert!(!town.net.disk_holds(town.beside, READER), "nor learns who will write to whom");
    town.net.write_letter(from, OUT, b"the first words across the river");
    town.net.run();
    assert!(town.net.disk_holds(town.to, "first words across"));
    assert_eq!([from, left].map(|at| town.wishes(at)), [0, 0], "the letter asks for the same");
    // A card that comes later is pushed the same way.
    let issuer = town.reader.issuer(&town.roots);
    let next = issuer.card(NAME, "unit", [8; 32], 2, town.net.now()).expect("a card");
    let (id, now) = (next.id(), town.net.now());
    let site = &mut town.net.sites[town.to];
    let (_, output) = site.replica.learn(now, next.into(), &site.store).expect("in memory");
    town.net.output(town.to, output);
    town.net.run();
    assert_eq!(town.card_at(from), Some(id));
    town.no_session_ended();
}

#[test]
fn a_wish_outlasts_the_sessions_that_carry_it() {
    let mut town = Town::new();
    let (from, left, top, right, to) = (town.from, town.left, town.top, town.right, town.to);
    town.net.wish(from, READER);
    // The writer goes before the city comes; the district has it meanwhile.
    town.net.cut(town.first_link);
    town.net.connect(left, top);
    town.net.connect(right, top);
    let card = town.make_card();
    assert_eq!(town.card_at(left), Some(card));
    assert_eq!(town.card_at(from), None);
    town.net.connect(from, left);
    assert_eq!(town.card_at(from), Some(card));
    town.net.write_letter(from, OUT, b"the first words across the river");
    town.net.run();
    assert!(town.net.disk_holds(to, "first words across"));
    town.no_session_ended();
}

#[test]
fn a_wish_for_a_unit_that_does_not_exist_costs_nobody_a_session() {
    let mut town = Town::new();
    let (from, left, top) = (town.from, town.left, town.top);
    town.net.connect(left, top);
    for n in 0..300 {
        town.net.wish(from, &format!("c/nowhere/{n}"));
    }
    town.net.wish(from, "elsewhere/1");
    assert_eq!(town.card_at(from), None);
    assert!(town.wishes(left) <= node_replication::log::WISHES_MAX);
    town.no_session_ended();
}

#[test]
fn a_node_that_comes_when_letters_are_here_takes_them_in_its_first_session() {
    let mut town = Town::new();
    let (from, left, top, right) = (town.from, town.left, town.top, town.right);
    town.net.connect(left, top);
    town.net.connect(right, top);
    town.make_card();
    town.net.wish(from, READER);
    town.net.write_letter(from, OUT, b"the first words across the river");
    town.net.run();
    // Another node of the reader meets the district alone, and knows nothing of the writer.
    let grant = town.reader.admit(&town.roots, 55, &Role::writing());
    town.net.teach_statement(town.to, grant.clone().into());
    let statements = town.reader.statements.iter().cloned().chain([grant.clone().into()]);
    let statements: Vec<_> = statements.collect();
    let late = town.net.add(&town.roots, &town.reader, key(55), grant.id(), &statements);
    town.net.connect(late, right);
    assert!(town.net.disk_holds(late, "first words across"), "without a wait");
    town.no_session_ended();
}
