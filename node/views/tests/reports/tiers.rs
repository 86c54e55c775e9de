//! Three tiers: numbers go up, each unit counts once, and who is missing is told.

use node_acts::role::Role;
use node_replication::log::Offered;
use schema_content::Part;
use schema_wire::VerifiedStatement;

use crate::net::*;
use crate::office::*;

pub(crate) struct City {
    pub(crate) net: Net,
    pub(crate) roots: Roots,
    pub(crate) city: Led,
    pub(crate) district: Led,
    pub(crate) communities: Vec<Led>,
    pub(crate) offices: Vec<Office>,
    pub(crate) links: Vec<u64>,
}

pub(crate) const TOP: usize = 0;
pub(crate) const MIDDLE: usize = 1;

/// A city, a district and two communities, all connected.
pub(crate) fn city() -> City {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    let communities: Vec<Led> =
        (1..=2).map(|n| roots.below(&district, &format!("c/d/{n}"), n + 2)).collect();
    let mut net = Net::new();
    let mut offices = Vec::new();
    for led in [&city, &district].into_iter().chain(&communities) {
        let at = net.first(&roots, led);
        offices.push(Office::new(at, led.unit.as_str()));
    }
    net.teach(TOP, &[&district]);
    for community in &communities {
        net.teach(MIDDLE, &[community]);
    }
    let mut founded = City { net, roots, city, district, communities, offices, links: Vec::new() };
    founded.join();
    founded
}

impl City {
    /// Joins those that are cut from each other.
    pub(crate) fn join(&mut self) {
        if self.links.is_empty() {
            let ends = [(MIDDLE, 2), (MIDDLE, 3), (TOP, MIDDLE)];
            self.links = ends.map(|(one, other)| self.net.connect(one, other)).to_vec();
        }
    }

    pub(crate) fn learn(&mut self, at: usize, statement: impl Into<VerifiedStatement>) {
        let now = self.net.now();
        let site = &mut self.net.sites[at];
        let (offered, output) =
            site.replica.learn(now, statement.into(), &site.store).expect("the store answers");
        assert!(matches!(offered, Offered::Taken), "{offered:?}");
        self.net.output(at, output);
        self.net.run();
    }

    /// All publish what is due, from below, until nothing is.
    pub(crate) fn settle(&mut self) {
        for _ in 0..8 {
            let mut published = false;
            for office in self.offices.iter_mut().rev() {
                published |= office.publish(&mut self.net).is_some();
            }
            if !published {
                return;
            }
        }
        panic!("they publish for ever");
    }

    pub(crate) fn branch(&mut self, at: usize, number: &str) {
        let path = self.offices[at].unit.to_string();
        add_branch(&mut self.net, at, &path, number);
    }

    pub(crate) fn branches(&self, at: usize) -> u64 {
        self.offices[at].value("ORG.BRANCH")
    }

    pub(crate) fn states(&self, at: usize) -> Vec<(String, &'static str)> {
        let coverage = self.offices[at].coverage(&self.net);
        let state = |part: &Part| match part {
            Part::Added(_) => "added",
            Part::Silent => "silent",
            Part::Suspended(_) => "suspended",
            Part::OtherRules { .. } => "other rules",
        };
        let shown = coverage.expected.iter().map(|one| (one.unit.to_string(), state(&one.part)));
        shown.collect()
    }
}

#[test]
fn numbers_go_up_and_say_what_they_rest_on() {
    let mut city = city();
    city.branch(2, "1");
    city.branch(2, "2");
    city.branch(3, "1");
    city.branch(MIDDLE, "9");
    city.settle();
    assert_eq!((city.branches(TOP), city.branches(MIDDLE), city.branches(2)), (4, 4, 2));
    let both = [("c/d/1".to_owned(), "added"), ("c/d/2".to_owned(), "added")];
    assert_eq!(city.states(MIDDLE), both);
    let newest = city.offices[TOP].newest(&city.net, "c/d").expect("a report");
    assert_eq!(newest.parts.len(), 2);
    assert_eq!(
        newest.own.iter().find(|cell| &*cell.code == "ORG.BRANCH").map(|c| c.value.get()),
        Some(1)
    );
    assert!(city.offices[TOP].report.alarms().next().is_none());

    // Whoever reads the city's report can say how old each part of it is.
    city.net.clock += 5_000;
    let coverage = city.offices[TOP].coverage(&city.net);
    assert_eq!(coverage.expected[0].age_ms, Some(5_000));
    assert_eq!((coverage.reporting(), coverage.expected.len()), (1, 1));
}

#[test]
fn sources_alone_are_no_reason_to_publish() {
    let mut city = city();
    city.branch(2, "1");
    city.settle();
    // A field that no indicator asks for.
    let name = schema_documents::made("body", &["1"]);
    put(&mut city.net, 2, "c/d/1:151:one", &[(&format!("body/{name}/name"), text("一支部"))]);
    assert_eq!(city.offices[2].publish(&mut city.net), None);
    city.branch(2, "2");
    let revision = city.offices[2].publish(&mut city.net).expect("due");
    assert_eq!(revision.number.get(), 2);
}

#[test]
fn a_unit_that_two_above_recognise_counts_once() {
    let mut city = city();
    city.branch(2, "1");
    city.settle();
    assert_eq!(city.branches(TOP), 1);
    let by_city = city.city.issuer(&city.roots);
    let community = &city.communities[0];
    let founding = by_city.recognise(community.unit.clone(), community.lineage, TERM, 1);
    let founding = founding.expect("a founding");
    let id = founding.id();
    city.learn(TOP, founding);
    city.settle();
    assert_eq!(city.branches(TOP), 1, "the district adds it");
    assert_eq!(city.states(TOP), [("c/d".to_owned(), "added")]);

    // Where the district withdraws its own, the city's alone is left, and so it is added there.
    let own = city.district.statements.clone();
    let of_district = city.communities[0].statements[own.len()].id();
    let ended = city.district.issuer(&city.roots);
    let ending = ended.withdraw(of_district, schema_wire::Keeps::default(), city.net.now());
    let ending = ending.expect("an ending");
    city.learn(MIDDLE, ending);
    city.settle();
    assert_eq!(city.branches(MIDDLE), 0);
    assert_eq!(city.branches(TOP), 1);
    let both = [("c/d".to_owned(), "added"), ("c/d/1".to_owned(), "added")];
    assert_eq!(city.states(TOP), both);
    assert_ne!(id, of_district);
}

#[test]
fn a_dissolved_unit_leaves_what_is_expected_and_names_who_goes_on() {
    let mut city = city();
    city.branch(2, "1");
    city.branch(3, "2");
    city.settle();
    let gone = unit("c/d/1");
    let issuer = city.district.issuer(&city.roots);
    let end = issuer.dissolve(gone.clone(), [unit("c/d/2")], city.net.now()).expect("an end");
    city.learn(MIDDLE, end);
    city.settle();
    assert_eq!((city.branches(MIDDLE), city.branches(TOP)), (1, 1));
    assert_eq!(city.states(MIDDLE), [("c/d/2".to_owned(), "added")]);
    let coverage = city.offices[MIDDLE].coverage(&city.net);
    assert_eq!((coverage.reporting(), coverage.expected.len()), (1, 1), "covered whole again");
    assert_eq!(coverage.dissolved[0].unit, gone);
    assert!(coverage.dissolved[0].successors.contains(&unit("c/d/2")));
}

#[test]
fn a_suspended_unit_says_why_and_is_not_added() {
    let mut city = city();
    city.branch(2, "1");
    city.settle();
    let issuer = city.district.issuer(&city.roots);
    let end = issuer.suspend(unit("c/d/1"), "数字不实", city.net.now()).expect("a suspension");
    let id = end.id();
    city.learn(MIDDLE, end);
    city.settle();
    assert_eq!(city.branches(TOP), 0);
    let newest = city.offices[TOP].newest(&city.net, "c/d").expect("a report");
    let part = newest.parts.iter().find(|part| part.unit == unit("c/d/1")).expect("it is named");
    assert_eq!(part.part, Part::Suspended(schema_wire::Text::cut("数字不实")));
    let issuer = city.district.issuer(&city.roots);
    let lifted = issuer.withdraw(id, schema_wire::Keeps::default(), city.net.now());
    city.learn(MIDDLE, lifted.expect("lifted"));
    city.settle();
    assert_eq!(city.branches(TOP), 1);
}

#[test]
fn blocks_follow_each_other() {
    let mut city = city();
    for n in 0..300 {
        city.branch(2, &n.to_string());
        city.net.clock += 1;
        city.offices[2].publish(&mut city.net).expect("due");
    }
    let newest = city.offices[MIDDLE].newest(&city.net, "c/d/1").expect("a report");
    assert_eq!(newest.number.get(), 300);
    assert_eq!(
        newest.cells.iter().find(|cell| &*cell.code == "ORG.BRANCH").map(|c| c.value.get()),
        Some(300)
    );
    // After a restart the last blocks are found by their views: the newest revision of the one
    // community, of the other none, and of the unit itself none.
    city.offices[MIDDLE].refresh(&mut city.net);
    city.offices[MIDDLE].restart();
    city.offices[MIDDLE].refresh(&mut city.net);
    assert_eq!(city.branches(MIDDLE), 300);
    let (envelopes, _) = city.offices[MIDDLE].read;
    assert!(envelopes <= 3, "{envelopes} envelopes were read");
}

/// Both reach the district, and not each other. What one publishes the other takes for wrong.
#[test]
fn two_nodes_of_a_unit_that_do_not_meet_do_not_correct_each_other_without_end() {
    let mut city = city();
    let grant = city.communities[0].admit(&city.roots, 9, &Role::writing());
    city.learn(2, grant.clone());
    let own = &city.communities[0];
    let statements: Vec<_> = own.statements.iter().cloned().chain([grant.clone().into()]).collect();
    let at = city.net.add(&city.roots, own, key(9), grant.id(), &statements);
    city.offices.push(Office::new(at, "c/d/1"));
    let line = city.net.connect(MIDDLE, at);
    city.branch(2, "1");
    city.branch(at, "2");
    city.branch(at, "3");
    // Else they publish for ever.
    city.settle();
    assert!([1, 2].contains(&city.branches(TOP)), "what one of them counts stands");
    // A change of one is news.
    city.branch(2, "4");
    city.settle();
    assert_eq!(city.branches(TOP), 2);
    city.net.cut(line);
    city.net.connect(2, at);
    city.net.connect(MIDDLE, at);
    city.settle();
    assert_eq!(city.branches(TOP), 4, "once they meet, all counts");
}

/// It knows that there is more of its unit than it holds.
#[test]
fn a_node_that_lacks_what_its_unit_adopted_waits_with_its_report() {
    let mut city = city();
    let grant = city.communities[0].admit(&city.roots, 9, &Role::writing());
    city.learn(2, grant.clone());
    let own = &city.communities[0];
    let statements: Vec<_> = own.statements.iter().cloned().chain([grant.clone().into()]).collect();
    let at = city.net.add(&city.roots, own, key(9), grant.id(), &statements);
    let mut second = Office::new(at, "c/d/1");
    city.branch(2, "1");
    let scope = "c/d/1:151:one".parse::<schema_wire::DocumentId>().expect("a document").scope();
    let author = city.net.sites[2].replica.author().key;
    let marks = city.net.marks(2, &scope, author);
    let issuer = city.communities[0].issuer(&city.roots);
    let now = city.net.now();
    let adoptions: Vec<_> = marks
        .into_iter()
        .flat_map(|(scope, marks)| issuer.adopt(&scope, marks, now).expect("signed"))
        .collect();
    for adoption in adoptions {
        city.learn(at, adoption);
    }
    add_branch(&mut city.net, at, "c/d/1", "2");
    assert_eq!(second.refresh(&mut city.net), None, "the other's branch is not here");
    city.net.clock += 3_600_000;
    assert!(second.refresh(&mut city.net).is_some(), "not for ever");
    city.net.connect(2, at);
    second.refresh(&mut city.net);
    assert_eq!(second.value("ORG.BRANCH"), 2);
}
