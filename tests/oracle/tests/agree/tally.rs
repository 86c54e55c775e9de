//! How often each rule decided something: a generator that never reaches a rule proves nothing.

use std::collections::BTreeMap;

use schema_wire::{Hash, Verified, VerifiedStatement};
use tests_oracle::{Demand, Place};

use crate::ask::{Query, ask_authority};
use crate::case::{Case, Judges};

/// What must have happened at least once in so many cases.
const MUST_HAPPEN: [(&str, u64); 28] = [
    ("permitted", 1),
    ("permitted by another route", 100),
    ("permitted by a watermark", 100),
    ("permitted as caretaker", 100),
    ("in force", 1),
    ("in force by keeping", 100),
    ("session", 1),
    ("adopted", 100),
    ("suspended", 100),
    ("suspension withdrawn", 500),
    ("succeeded", 10),
    ("unknown-statement", 100),
    ("other-network", 100),
    ("not-root", 100),
    ("broken-link", 100),
    ("grant-from-above", 100),
    ("govern-from-within", 100),
    ("other-subject", 100),
    ("outside-territory", 100),
    ("lacks-verb", 100),
    ("lacks-class", 100),
    ("not-yet-valid", 100),
    ("expired", 100),
    ("revoked", 100),
    ("quorum-missing", 100),
    ("lapsed", 100),
    ("caretaker-unsigned", 100),
    ("unsupported", 100),
];

/// Counts of outcomes.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(crate) fn count(&mut self, case: &Case, judges: &Judges) {
        for query in &case.queries {
            let answer = ask_authority(&judges.one, query);
            if let Some(why) = &answer.why {
                self.add(why.code());
            }
            match query {
                Query::PermitsWrite(id, place) if answer.yes => self.permitted(judges, id, place),
                Query::InForce(id, at_ms) if answer.yes => self.in_force(judges, id, *at_ms),
                Query::PermitsSession(..) if answer.yes => self.add("session"),
                Query::Adopted(..) if answer.yes => self.add("adopted"),
                Query::Suspended(..) if answer.yes => self.add("suspended"),
                Query::Generation if answer.by[0].0 != case.genesis.network().0 => {
                    self.add("succeeded");
                }
                Query::Kept(statement) if answer.yes => self.kept(judges, statement),
                _ => {}
            }
        }
    }

    /// Did everything happen often enough for so many cases?
    pub(crate) fn check(&self, cases: u64) {
        for (name, one_in) in MUST_HAPPEN {
            let count = self.0.get(name).copied().unwrap_or(0);
            assert!(count >= cases / one_in / 10, "{name} happened {count} times only");
        }
    }

    pub(crate) fn print(&self) {
        for (name, count) in &self.0 {
            println!("{count:>9}  {name}");
        }
    }

    fn add(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    fn permitted(&mut self, judges: &Judges, id: &Hash, place: &Place) {
        self.add("permitted");
        let (class, at_ms) = (Some(place.document.class), Some(place.at_ms));
        let demand = Demand { class, at_ms, place: Some(place) };
        let Some(leaf) = judges.one.delegation(id).map(Verified::value) else { return };
        if leaf.proof.is_some_and(|proof| !judges.oracle.carriers(id, demand).contains(&proof)) {
            self.add("permitted by another route");
        }
        if judges.oracle.effective_revocations(id).next().is_some() {
            self.add("permitted by a watermark");
        }
        if node_authority::is_caretaker(leaf) {
            self.add("permitted as caretaker");
        }
    }

    fn in_force(&mut self, judges: &Judges, id: &Hash, at_ms: u64) {
        self.add("in force");
        let demand = Demand { at_ms: Some(at_ms), ..Demand::default() };
        let revoked = |by: &Hash| judges.oracle.effective_revocations(by).next().is_some();
        let carriers = judges.oracle.carriers(id, demand);
        if !carriers.is_empty() && carriers.iter().all(revoked) {
            self.add("in force by keeping");
        }
    }

    fn kept(&mut self, judges: &Judges, statement: &VerifiedStatement) {
        let VerifiedStatement::Suspension(found) = statement else { return };
        if judges.oracle.effective_revocations(&found.id()).next().is_some() {
            self.add("suspension withdrawn");
        }
    }
}
