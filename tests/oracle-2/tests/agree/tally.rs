//! How often each rule decided something: a generator that never reaches a rule proves nothing.

use std::collections::BTreeMap;

use schema_wire::{Hash, Verified, VerifiedStatement};
use tests_oracle_2::{Demand, Place};

use crate::ask::{Query, ask_authority};
use crate::case::{Case, Judges};

/// What must happen, at least once in a thousand cases. `unsupported` is not among it: a proof is
/// always here and always of the sort that carries, so there is always a better reason.
const MUST_HAPPEN: [&str; 27] = [
    "permitted",
    "permitted by another route",
    "permitted by a watermark",
    "permitted as caretaker",
    "in force",
    "in force by keeping",
    "session",
    "adopted",
    "suspended",
    "suspension withdrawn",
    "succeeded",
    "unknown-statement",
    "other-network",
    "not-root",
    "broken-link",
    "grant-from-above",
    "govern-from-within",
    "other-subject",
    "outside-territory",
    "lacks-verb",
    "lacks-class",
    "not-yet-valid",
    "expired",
    "revoked",
    "quorum-missing",
    "lapsed",
    "caretaker-unsigned",
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
        for name in MUST_HAPPEN {
            let count = self.0.get(name).copied().unwrap_or(0);
            assert!(count >= cases / 1000, "{name} happened {count} times only");
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
