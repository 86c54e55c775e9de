//! States of statements, times, readers, cards, addresses, and what is set aside.

use tests_oracle::case::{Record, Scope};

use super::Tally;
use super::facts::Facts;
use crate::compare::kind;

/// The largest time.
const LATEST: u64 = (1 << 48) - 1;

pub(crate) fn note(tally: &mut Tally, facts: &Facts<'_>) {
    for at in 0..facts.case.statements.len() {
        let kind = kind(facts.record(at));
        let state = facts.state(at) as char;
        tally.add(&format!("{kind} {state}"));
        let aside = facts.answer.aside.iter().any(|id| id == facts.id(at));
        tally.add_if(aside, &format!("{kind} set aside"));
        tally.add_if(
            facts.kept(at) && !aside && facts.issued(at).is_some() && !stands(facts, at),
            "in the set, not standing",
        );
        if facts.kept(at) {
            instants(tally, facts, at);
        }
    }
    let cards = facts.answer.cards.values().flatten();
    for card in cards {
        let by_member = facts.place(card).is_some_and(|at| !facts.by_generation(at));
        tally.add(if by_member {
            "present card by a member"
        } else {
            "present card by a generation"
        });
    }
    let former =
        facts.case.own.former.iter().any(|id| facts.place(id).is_some_and(|at| facts.kept(at)));
    tally.add_if(former, "former lineage kept");
    readers(tally, facts);
}

fn stands(facts: &Facts<'_>, at: usize) -> bool {
    facts.inside(at) || facts.outside(at)
}

/// The first and last instants of what is valid for a time.
fn instants(tally: &mut Tally, facts: &Facts<'_>, at: usize) {
    let (Record::Delegation { not_before, not_after, .. }
    | Record::Founding { not_before, not_after, .. }) = facts.record(at)
    else {
        return;
    };
    for (time, stands) in facts.case.times.iter().zip(&facts.answer.stands[at]) {
        let stands = stands.0 == "i" || stands.1 == "o";
        tally.add_if(stands && time == not_after, "stands at its last instant");
        tally.add_if(stands && time == not_before, "stands at its first instant");
        tally.add_if(stands && *time == LATEST, "stands at the largest time");
        tally.add_if(
            !stands && *time == not_after.saturating_add(1),
            "stands no more one after its end",
        );
    }
}

fn readers(tally: &mut Tally, facts: &Facts<'_>) {
    for (read, may) in facts.case.reads.iter().zip(&facts.answer.reads) {
        let answer = if *may { "granted" } else { "denied" };
        match &read.scope {
            Scope::Own(unit, compartment) => {
                tally.add(&format!("read of compartment {compartment} {answer}"));
                let own = *unit == facts.case.own.unit;
                tally.add_if(
                    *may && !own && *compartment == 2,
                    "read of another unit's path granted",
                );
            }
            Scope::Pair(one, _, two) => {
                tally.add(&format!("read of compartment 3 {answer}"));
                let third =
                    subject_units(facts, &read.key).iter().all(|unit| unit != one && unit != two);
                tally.add_if(*may && third, "read of letters carried by a third unit");
            }
        }
        let early = facts.all_kept().any(|at| {
            matches!(facts.record(at), Record::Delegation { subject, not_before, .. }
                if *subject == read.key && *not_before > read.at)
        });
        tally.add_if(early && *may, "read granted to one that is too early, or by another grant");
    }
}

fn subject_units<'a>(facts: &Facts<'a>, key: &str) -> Vec<&'a str> {
    facts
        .all_kept()
        .filter_map(|at| match facts.record(at) {
            Record::Delegation { subject, unit, .. } if subject == key => Some(unit.as_str()),
            _ => None,
        })
        .collect()
}
