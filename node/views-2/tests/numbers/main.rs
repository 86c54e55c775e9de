//! The numbers of a report: after whatever happens they are those of a recount, and keeping them
//! costs what changed. Counted, not timed.

mod world;

use proptest::prelude::*;
use schema_documents::report::{Block, Revision};
use schema_documents::{duty, patrol, record};
use schema_wire::{Class, Statement};

use world::{DISTRICT, Node, clerk, community, district, document, meet, revocation, suspension};

const DAYS: [&str; 3] = ["2026-11-01", "2026-11-15", "2026-12-01"];

fn office() -> Node {
    Node::open(11, DISTRICT, &[&district(), &clerk(11)])
}

/// A patrol in a building's place: an entry that changes a number.
fn walk(node: &mut Node, shard: &str, number: u64, findings: u32) {
    let run = patrol::Run {
        id: format!("r{number}"),
        date: "2026-11-10".into(),
        half: "AM".into(),
        area: "一网格".into(),
        started: "08:00".into(),
        ended: "08:30".into(),
        findings,
    };
    let unit = node.unit.to_string();
    node.edit(&document(&unit, Class::Patrol, shard), |draft| patrol::enter(draft, &run));
}

fn post(node: &mut Node, number: u8, to: &str) {
    let post = duty::Post {
        id: duty::post_id("楼栋长", &number.to_string()),
        role: "楼栋长".into(),
        area: number.to_string(),
        holder: "p".into(),
        party_member: false,
        from: String::new(),
        to: to.into(),
    };
    let unit = node.unit.to_string();
    node.edit(&document(&unit, Class::Duty, "posts"), |draft| duty::put(draft, &post));
}

fn building(node: &mut Node, shard: u8, number: u8) {
    let unit = node.unit.to_string();
    let place = document(&unit, Class::Place, &format!("p{shard}"));
    node.edit(&place, |draft| {
        record::set(draft, "buildings", &format!("b{number}"), "name", i64::from(number))
    });
}

#[derive(Debug, Clone)]
enum Act {
    Walk {
        shard: u8,
        number: u64,
        findings: u32,
    },
    Plan {
        shard: u8,
        day: usize,
    },
    Post {
        number: u8,
        to: usize,
    },
    Building {
        shard: u8,
        number: u8,
    },
    /// Another node of the unit enters something, and they meet.
    Colleague {
        shard: u8,
        number: u64,
    },
    /// The colleague's grant is withdrawn: what it entered counts no longer.
    Withdraw,
    Found {
        community: u8,
    },
    /// A community enters something, reports, and meets the district.
    Report {
        community: u8,
        number: u64,
    },
    Suspend {
        community: u8,
    },
    Lift {
        community: u8,
    },
    Day(usize),
    Publish,
}

fn acts() -> impl Strategy<Value = Act> {
    let (few, community, number) = (0..3u8, 0..3u8, 0..40u64);
    prop_oneof![
        4 => (few.clone(), number.clone(), 0..3u32)
            .prop_map(|(shard, number, findings)| Act::Walk { shard, number, findings }),
        2 => (few.clone(), 0..3usize).prop_map(|(shard, day)| Act::Plan { shard, day }),
        2 => (few.clone(), 0..3usize).prop_map(|(number, to)| Act::Post { number, to }),
        2 => (few.clone(), few.clone())
            .prop_map(|(shard, number)| Act::Building { shard, number }),
        2 => (few, number.clone()).prop_map(|(shard, number)| Act::Colleague { shard, number }),
        1 => Just(Act::Withdraw),
        2 => community.clone().prop_map(|community| Act::Found { community }),
        4 => (community.clone(), number)
            .prop_map(|(community, number)| Act::Report { community, number }),
        1 => community.clone().prop_map(|community| Act::Suspend { community }),
        1 => community.prop_map(|community| Act::Lift { community }),
        2 => (0..3usize).prop_map(Act::Day),
        3 => Just(Act::Publish),
    ]
}

/// The district's office, its colleague, its communities, and what was decided about these.
struct Town {
    office: Node,
    colleague: Node,
    communities: Vec<Node>,
    suspensions: Vec<Vec<schema_wire::Hash>>,
    day: &'static str,
    /// Was the colleague's grant withdrawn, and does it know?
    withdrawn: bool,
    told: bool,
    meetings: u64,
}

impl Town {
    fn found() -> Self {
        let settle = |number| {
            let (at, founds, clerk) = community(number);
            Node::open(50 + number, &at, &[&district(), &founds, &clerk])
        };
        Self {
            office: office(),
            colleague: Node::open(12, DISTRICT, &[&district(), &clerk(12)]),
            communities: (0..3).map(settle).collect(),
            suspensions: vec![Vec::new(); 3],
            day: DAYS[0],
            withdrawn: false,
            told: false,
            meetings: 0,
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Walk { shard, number, findings } => {
                walk(&mut self.office, &format!("m{shard}"), number, findings);
            }
            Act::Plan { shard, day } => {
                let month = document(DISTRICT, Class::Patrol, &format!("m{shard}"));
                self.office.edit(&month, |draft| patrol::plan(draft, DAYS[day], "PM", "一网格"));
            }
            Act::Post { number, to } => post(&mut self.office, number, DAYS[to]),
            Act::Building { shard, number } => building(&mut self.office, shard, number),
            Act::Colleague { shard, number } if !self.told => {
                self.told = self.withdrawn;
                walk(&mut self.colleague, &format!("m{shard}"), 100 + number, 1);
                self.meetings += 1;
                meet(&mut self.colleague, &mut self.office, self.meetings);
            }
            Act::Colleague { .. } => {}
            Act::Withdraw => {
                self.withdrawn = true;
                self.office.learn(revocation(clerk(12).id()));
            }
            Act::Found { community: number } => {
                let founds = community(number).1;
                self.office.learn(Statement::Delegation(founds.as_signed().clone()));
            }
            Act::Report { community, number } => self.report(community, number),
            Act::Suspend { community: number } => {
                let suspensions = &mut self.suspensions[usize::from(number)];
                let at_ms = 2_000 + suspensions.len() as u64;
                let suspension = suspension(&community(number).0, "待核实", at_ms);
                suspensions.push(suspension.id());
                self.office.learn(Statement::Suspension(suspension.as_signed().clone()));
            }
            Act::Lift { community } => {
                for id in self.suspensions[usize::from(community)].drain(..) {
                    self.office.learn(revocation(id));
                }
            }
            Act::Day(day) => self.day = DAYS[day],
            Act::Publish => drop(self.office.publish(self.day)),
        }
    }

    fn report(&mut self, community: u8, number: u64) {
        let node = &mut self.communities[usize::from(community)];
        walk(node, "m", number, 1);
        node.publish(self.day);
        self.meetings += 1;
        meet(node, &mut self.office, self.meetings);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_numbers_are_those_of_a_recount_after_whatever_happens(
        acts in proptest::collection::vec(acts(), 1..40),
        looks in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let mut town = Town::found();
        for (act, looks) in acts.into_iter().zip(looks) {
            let told = format!("{act:?}");
            town.act(act);
            if looks {
                let numbers = town.office.numbers(town.day);
                prop_assert_eq!(&numbers, &town.office.recount(town.day, false), "{}", told);
                // A node that starts on another day must not believe the views of this one.
                for day in DAYS {
                    let recounted = town.office.recount(day, false);
                    prop_assert_eq!(town.office.recount(day, true), recounted, "{} {}", told, day);
                }
            }
        }
    }
}

/// What a node reads and writes to publish after one change in one of so many documents.
fn cost_of_a_report(documents: u64, revisions: u64) -> (usize, usize) {
    let mut office = office();
    for number in 0..documents {
        walk(&mut office, &format!("m{number}"), number, 1);
    }
    for number in 0..revisions {
        walk(&mut office, "m0", 1_000 + number, 1);
        office.publish(DAYS[0]).expect("a number changed");
    }
    walk(&mut office, "m1", 9_000, 1);
    (office.writes, _) = (0, office.store.take_reads());
    let published = office.publish(DAYS[0]).expect("a number changed");
    assert_eq!(published.cells["PAT.FINDINGS"].value, documents + revisions + 1);
    (office.store.take_reads(), office.writes)
}

#[test]
fn publishing_costs_what_changed_however_much_is_counted() {
    let (few, many) = (cost_of_a_report(50, 2), cost_of_a_report(500, 2));
    assert_eq!(few, many, "reads and writes do not grow with the documents");
    let later = cost_of_a_report(50, 100);
    assert_eq!(few, later, "nor with the revisions before");
    assert!(few.0 <= 24 && few.1 <= 10, "{few:?} reads and writes");
}

#[test]
fn nothing_changed_costs_next_to_nothing() {
    let mut office = office();
    (0..50).for_each(|number| walk(&mut office, &format!("m{number}"), number, 1));
    assert!(office.publish(DAYS[0]).is_some());
    assert_eq!(office.publish(DAYS[0]), None);
    (office.writes, _) = (0, office.store.take_reads());
    assert_eq!(office.publish(DAYS[0]), None);
    // Which document of its own is the last, and that it is the one in memory.
    assert_eq!((office.store.take_reads(), office.writes), (2, 0));
}

/// What a district reads to add up one changed report of so many.
fn reads_of_a_sum(communities: u8) -> usize {
    let mut office = office();
    let mut nodes = Vec::new();
    for number in 0..communities {
        let (at, founds, clerk) = community(number);
        let mut node = Node::open(50 + number, &at, &[&district(), &founds, &clerk]);
        walk(&mut node, "m", 1, 1);
        node.publish(DAYS[0]).expect("a number changed");
        meet(&mut node, &mut office, u64::from(number));
        nodes.push(node);
    }
    office.publish(DAYS[0]).expect("a number changed");
    let node = &mut nodes[0];
    walk(node, "m", 2, 1);
    node.publish(DAYS[0]).expect("a number changed");
    meet(node, &mut office, 1_000);
    office.store.take_reads();
    let published = office.publish(DAYS[0]).expect("a number changed");
    assert_eq!(published.coverage(), (communities.into(), communities.into()));
    office.store.take_reads()
}

#[test]
fn adding_up_costs_the_report_that_changed() {
    assert_eq!(reads_of_a_sum(2), reads_of_a_sum(40));
}

/// Numbers go on over the end of a block, and the newest is found behind blocks that say nothing.
#[test]
fn a_report_goes_on_in_the_next_document() {
    let mut office = office();
    let mut publish = |number| {
        walk(&mut office, "m", number, 1);
        office.publish(DAYS[0]).expect("a number changed").revision
    };
    assert!((1..300).all(|number| publish(number) == number));
    let block = Block::of(299);
    assert_ne!(block, Block::of(1));

    // A withdrawn colleague had published far ahead.
    let mut colleague = Node::open(12, DISTRICT, &[&district(), &clerk(12)]);
    let far = Block::of(1_000_000);
    let ahead: Revision = office.numbers(DAYS[0]).revision(&office.unit, 1_000_000, 7);
    let place = far.document(&colleague.unit);
    colleague.edit(&place, |draft| schema_documents::report::publish(draft, "far", &ahead));
    meet(&mut colleague, &mut office, 1);
    walk(&mut office, "m", 300, 1);
    assert_eq!(office.publish(DAYS[0]).map(|due| due.revision), Some(1_000_001));
    // What rests on it goes with it: the block stands empty, and is stepped over.
    office.learn(revocation(clerk(12).id()));
    walk(&mut office, "m", 301, 1);
    assert_eq!(office.publish(DAYS[0]).map(|due| due.revision), Some(300));
}
