//! After any changes in a city, what a node keeps of its report is what it finds anew, and its sum
//! is that of the protocol's own words.

use std::collections::BTreeSet;

use node_replication::store::{Batch, ReadStore as _, Table};
use node_views::report::{Alarm, Coverage};
use proptest::prelude::*;
use schema_content::{Cell, Cells, Number, Part, Revision};

use crate::net::*;
use crate::office::*;
use crate::tiers::{City, MIDDLE, city};

#[derive(Debug, Clone)]
enum Deed {
    Branch {
        at: usize,
        number: u8,
    },
    Publish(usize),
    Restart(usize),
    /// The district's reports of a community are suspended, or counted again.
    Suspend(usize, bool),
    Dissolve(usize),
    /// A node says so much more than it counted, under the next number or another one.
    Lie {
        at: usize,
        more: u64,
        skip: u64,
    },
    /// Links are cut, and joined again.
    Cut,
    Join,
    /// What a node wrote counts no more.
    Withdraw(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = || 0..4usize;
    let community = || 2..4usize;
    prop_oneof![
        4 => (at(), 0..8u8).prop_map(|(at, number)| Deed::Branch { at, number }),
        8 => at().prop_map(Deed::Publish),
        2 => at().prop_map(Deed::Restart),
        1 => (community(), any::<bool>()).prop_map(|(at, on)| Deed::Suspend(at, on)),
        1 => community().prop_map(Deed::Dissolve),
        3 => (1..4usize, 0..3u64, 0..3u64).prop_map(|(at, more, skip)| Deed::Lie { at, more, skip }),
        1 => Just(Deed::Cut),
        1 => Just(Deed::Join),
        1 => (1..4usize).prop_map(Deed::Withdraw),
    ]
}

struct World {
    city: City,
    suspended: [Option<schema_wire::Hash>; 4],
    dissolved: BTreeSet<usize>,
    silenced: BTreeSet<usize>,
}

impl World {
    fn act(&mut self, deed: &Deed) {
        match *deed {
            Deed::Branch { at, number } => {
                if !self.silenced.contains(&at) {
                    self.city.branch(at, &format!("{number}"));
                }
            }
            Deed::Publish(at) => {
                if !self.silenced.contains(&at) {
                    let city = &mut self.city;
                    city.offices[at].publish(&mut city.net);
                }
            }
            Deed::Restart(at) => self.city.offices[at].restart(),
            Deed::Suspend(at, on) => self.suspend(at, on),
            Deed::Dissolve(at) => self.dissolve(at),
            Deed::Lie { at, more, skip } => self.lie(at, more, skip),
            Deed::Cut => {
                for link in std::mem::take(&mut self.city.links) {
                    self.city.net.cut(link);
                }
            }
            Deed::Join => self.city.join(),
            Deed::Withdraw(at) => self.withdraw(at),
        }
        self.city.net.clock += 1_000;
    }

    fn suspend(&mut self, at: usize, on: bool) {
        let now = self.city.net.now();
        let issuer = self.city.district.issuer(&self.city.roots);
        let below = self.city.offices[at].unit.clone();
        match (on, self.suspended[at]) {
            (true, None) => {
                let said = issuer.suspend(below, "why", now).expect("a suspension");
                self.suspended[at] = Some(said.id());
                self.city.learn(MIDDLE, said);
            }
            (false, Some(id)) => {
                let lifted = issuer.withdraw(id, schema_wire::Keeps::default(), now);
                self.suspended[at] = None;
                self.city.learn(MIDDLE, lifted.expect("lifted"));
            }
            _ => {}
        }
    }

    fn dissolve(&mut self, at: usize) {
        if self.dissolved.insert(at) {
            let now = self.city.net.now();
            let issuer = self.city.district.issuer(&self.city.roots);
            let below = self.city.offices[at].unit.clone();
            let said = issuer.dissolve(below, [unit("c/d/9")], now).expect("a dissolution");
            self.city.learn(MIDDLE, said);
        }
    }

    fn lie(&mut self, at: usize, more: u64, skip: u64) {
        let path = self.city.offices[at].unit.to_string();
        if self.silenced.contains(&at) {
            return;
        }
        self.city.offices[at].refresh(&mut self.city.net);
        let Some(mut lie) = self.city.offices[at].newest(&self.city.net, &path) else { return };
        lie.number = Number::of(u128::from(lie.number.get() + 1 + skip));
        let grown = |cell: &Cell| Cell {
            value: Number::of(u128::from(cell.value.get() + more)),
            ..cell.clone()
        };
        let cells = lie.cells.iter().map(grown).collect();
        lie.cells = Cells::new(cells).expect("the same codes");
        if lie.parts.iter().all(|part| !matches!(part.part, Part::Added(_))) {
            lie.own = lie.cells.clone();
        }
        tell(&mut self.city.net, at, 0, &lie);
    }

    /// The unit's own key ends the grant of its node.
    fn withdraw(&mut self, at: usize) {
        if self.silenced.insert(at) {
            let now = self.city.net.now();
            let led = match at {
                MIDDLE => &self.city.district,
                _ => &self.city.communities[at - 2],
            };
            let issuer = led.issuer(&self.city.roots);
            let end = issuer.withdraw(led.delegation, schema_wire::Keeps::default(), now);
            let end = end.expect("an ending");
            self.city.learn(at, end);
        }
    }

    /// What a node says of its report.
    fn says(&mut self, at: usize) -> (Cells, BTreeSet<Alarm>, Coverage) {
        let office = &mut self.city.offices[at];
        office.refresh(&mut self.city.net);
        let alarms = office.report.alarms().cloned().collect();
        (office.report.total().cells, alarms, office.coverage(&self.city.net))
    }

    fn agree(&mut self, at: usize) {
        let kept = self.says(at);
        // From nothing: neither what is in memory nor a view.
        let store = &mut self.city.net.sites[at].store;
        let before = store.clone();
        let mut bare = Batch::default();
        for (key, _) in store.range(Table::Views, &[], &[255; 8], usize::MAX >> 1).expect("views") {
            bare.delete(Table::Views, key);
        }
        store.apply(&bare);
        let path = self.city.offices[at].unit.to_string();
        let office = std::mem::replace(&mut self.city.offices[at], Office::new(at, &path));
        assert_eq!(kept, self.says(at), "at {at}");
        self.city.offices[at] = office;
        self.city.net.sites[at].store = before;
        // And as the text says it: own, and every part of state 0, by code.
        let (cells, _, coverage) = kept;
        let named: Vec<Revision> = (coverage.expected.iter())
            .filter(|one| matches!(one.part, Part::Added(_)))
            .filter_map(|one| self.city.offices[at].newest(&self.city.net, one.unit.as_str()))
            .collect();
        let own = self.city.offices[at].own(&self.city.net);
        let added = schema_content::add(&own, named.iter().map(|revision| &revision.cells));
        assert_eq!(cells, added.cells, "at {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn what_is_kept_is_what_is_found_anew(
        deeds in proptest::collection::vec(deed(), 1..40),
        every in 2..6usize,
    ) {
        let mut world = World {
            city: city(),
            suspended: [None; 4],
            dissolved: BTreeSet::new(),
            silenced: BTreeSet::new(),
        };
        for (number, deed) in deeds.iter().enumerate() {
            world.act(deed);
            if number % every == 0 {
                (0..4).for_each(|at| world.agree(at));
            }
        }
        (0..4).for_each(|at| world.agree(at));
    }
}
