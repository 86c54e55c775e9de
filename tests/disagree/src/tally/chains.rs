//! Generations: what is followed, kept, left out, undecided; quorums and thresholds.

use tests_oracle::case::Record;

use super::Tally;
use super::facts::Facts;

pub(crate) fn note(tally: &mut Tally, facts: &Facts<'_>) {
    generations(tally, facts);
    successions(tally, facts);
    for at in facts.all_kept() {
        if let Some(issued) = facts.issued(at) {
            if facts.root_act(at) {
                root_act(tally, facts, at, issued.proof);
            } else if facts.by_generation(at) {
                spared(tally, facts, at, issued.proof);
            }
        }
    }
}

fn generations(tally: &mut Tally, facts: &Facts<'_>) {
    let mut known: Vec<&str> = vec![&facts.case.genesis.id];
    known.extend(facts.all_kept().filter(|at| facts.issued(*at).is_none()).map(|at| facts.id(at)));
    for id in known {
        let after = facts.successors(id);
        let pinned = facts.case.pins.generations.get(id);
        let rivals = after.iter().filter(|at| facts.rival(facts.id(**at))).count();
        let root =
            facts.place(id).is_none_or(|at| matches!(facts.record(at), Record::Succession { .. }));
        let name = if root { "root" } else { "lineage" };
        if facts.present(id) && rivals > 0 {
            let pinned = pinned.is_some();
            tally.add_if(!pinned, &format!("chain of a {name} undecided"));
            tally.add_if(pinned, &format!("chain of a {name} ended by its pin"));
        } else if rivals > 0 {
            tally.add(&format!("rival in a {name}, another followed by pin"));
        }
    }
    let passed = facts.answer.present.iter().any(|(charter, present)| charter != present);
    tally.add_if(passed, "a lineage passed on");
    tally.add_if(facts.answer.root != facts.case.genesis.id, "the root passed on");
}

fn successions(tally: &mut Tally, facts: &Facts<'_>) {
    for at in facts.all_kept() {
        let Record::Succession { previous, roots, next, .. } = facts.record(at) else { continue };
        let id = facts.id(at);
        let endorsers: Vec<&String> = facts
            .all_kept()
            .filter_map(|at| match facts.record(at) {
                Record::Endorsement { issuer, endorses, .. } if endorses == id => Some(issuer),
                _ => None,
            })
            .collect();
        let wanted =
            if *previous == facts.case.genesis.id { facts.case.genesis.next_threshold } else { 1 };
        let followed = facts.answer.root == id;
        tally.add_if(followed && wanted > 1, "quorum reached by endorsements");
        let complete = followed || facts.rival(id) || !facts.successors(id).is_empty();
        if !complete && facts.answer.root == *previous {
            tally.add("quorum missed");
            let missed = |key: &&String| roots.contains(*key);
            tally.add_if(
                endorsers.iter().any(missed),
                "quorum missed, one endorser is a root of it",
            );
            let promised = |key: &&String| next.contains(&format!("h:{key}"));
            tally.add_if(
                endorsers.iter().any(promised),
                "quorum missed, one endorser is in its next",
            );
        }
    }
}

fn root_act(tally: &mut Tally, facts: &Facts<'_>, at: usize, proof: &str) {
    let threshold = match facts.place(proof).map(|place| facts.record(place)) {
        Some(Record::Succession { threshold, .. }) => *threshold,
        _ => facts.case.genesis.threshold,
    };
    if threshold > 1 {
        tally.add_if(facts.outside(at), "root act by its threshold");
        tally.add_if(!facts.outside(at), "root act below its threshold, or not standing");
    }
    for after in facts.successors(proof) {
        let decided = !facts.rival(facts.id(after)) && facts.answer.root != proof;
        if decided && facts.keeps(after).iter().any(|kept| kept == facts.id(at)) {
            tally.add_if(facts.outside(at), "root act kept by a succession");
        } else if decided {
            tally.add_if(!facts.outside(at), "root act left out by a succession");
        }
    }
}

/// A statement by a generation, and what later generations keep of it.
fn spared(tally: &mut Tally, facts: &Facts<'_>, at: usize, proof: &str) {
    let after = facts.successors(proof);
    let keeps = |after: &usize| facts.keeps(*after).iter().any(|kept| kept == facts.id(at));
    let ending = matches!(facts.record(at), Record::Ending { .. });
    if facts.present(proof) && after.len() > 1 {
        let sparing = after.iter().filter(|after| keeps(after)).count();
        tally.add_if(
            sparing == after.len() && facts.inside(at),
            "chain undecided, kept by every successor",
        );
        tally.add_if(
            (1..after.len()).contains(&sparing),
            "chain undecided, kept by some successors only",
        );
    }
    for followed in
        after.iter().filter(|after| !facts.rival(facts.id(**after)) && !facts.present(proof))
    {
        tally.add_if(keeps(followed) && facts.inside(at), "kept by a rotation");
        tally.add_if(keeps(followed) && ending && facts.inside(at), "ending kept by a rotation");
        tally.add_if(!keeps(followed), "left out by a rotation");
        tally.add_if(!keeps(followed) && ending, "ending left out by a rotation");
    }
    let rival = facts.place(proof).is_some() && facts.rival(proof);
    tally.add_if(rival, "statement by a rival generation");
}
