//! Endings: of what, how they intersect and unite, and what they keep.

use tests_oracle::case::Record;

use super::Tally;
use super::facts::Facts;

pub(crate) fn note(tally: &mut Tally, facts: &Facts<'_>) {
    for of in facts.all_kept() {
        let endings = facts.endings(of);
        if endings.is_empty() {
            continue;
        }
        ended(tally, facts, of, &endings);
        if matches!(facts.record(of), Record::Delegation { .. } | Record::Founding { .. }) {
            carried(tally, facts, of, &endings);
        }
    }
    for at in facts.all_kept() {
        self_made(tally, facts, at);
    }
}

fn ran_out(facts: &Facts<'_>, ending: usize) -> bool {
    matches!(facts.record(ending), Record::Ending { ran_out: true, .. })
}

/// Whether a closing came when the time was over.
fn in_time(facts: &Facts<'_>, of: usize, ending: usize) -> Option<i64> {
    let (Record::Delegation { not_after, .. } | Record::Founding { not_after, .. }) =
        facts.record(of)
    else {
        return None;
    };
    let Record::Ending { at, .. } = facts.record(ending) else { return None };
    Some((*at as i64) - (*not_after as i64))
}

fn ended(tally: &mut Tally, facts: &Facts<'_>, of: usize, endings: &[usize]) {
    let withdrawn = endings.iter().any(|ending| !ran_out(facts, *ending));
    let kind = match facts.record(of) {
        Record::Delegation { .. } => "delegation",
        Record::Founding { .. } => "founding",
        Record::Adoption { .. } => "adoption",
        Record::Suspension { .. } => "suspension",
        Record::Dissolution { .. } => "dissolution",
        _ => return tally.add("ending of what cannot be ended"),
    };
    let stands = facts.inside(of) || facts.outside(of);
    tally.add_if(withdrawn && !stands, &format!("{kind} withdrawn"));
    for ending in endings {
        if ran_out(facts, *ending) {
            match in_time(facts, of, *ending) {
                Some(1) => tally.add("closing one after the end"),
                Some(0) => tally.add("closing at the end itself"),
                _ => {}
            }
        }
    }
}

/// What rests on a delegation or founding that was ended, and is kept by some of the endings.
fn carried(tally: &mut Tally, facts: &Facts<'_>, of: usize, endings: &[usize]) {
    let (closings, withdrawals): (Vec<usize>, Vec<usize>) =
        endings.iter().copied().partition(|ending| ran_out(facts, *ending));
    let closings: Vec<usize> = closings
        .into_iter()
        .filter(|ending| in_time(facts, of, *ending).is_some_and(|late| late > 0))
        .collect();
    for next in facts.all_kept() {
        let by = facts.issued(next).is_some_and(|issued| issued.proof == facts.id(of));
        if !by {
            continue;
        }
        let keep =
            |ending: &&usize| facts.keeps(**ending).iter().any(|kept| kept == facts.id(next));
        let (uniting, sparing) =
            (closings.iter().filter(keep).count(), withdrawals.iter().filter(keep).count());
        let stands = facts.inside(next);
        let united = closings.len() > 1 && uniting > 0 && uniting < closings.len();
        let whole = sparing == withdrawals.len();
        tally.add_if(united && whole && stands, "closings united");
        tally.add_if(!closings.is_empty() && uniting == 0, "closed, kept by no closing");
        let cut = withdrawals.len() > 1 && sparing > 0 && !whole;
        tally.add_if(cut && !stands, "withdrawals intersected");
        tally.add_if(!withdrawals.is_empty() && whole && stands, "kept by every withdrawal");
        tally.add_if(!withdrawals.is_empty() && sparing == 0 && !stands, "kept by no withdrawal");
        let both = !withdrawals.is_empty() && !closings.is_empty();
        tally.add_if(both && whole && uniting > 0 && stands, "kept by closing and withdrawal");
    }
}

/// Endings by members: of what they issued themselves, and of what others did.
fn self_made(tally: &mut Tally, facts: &Facts<'_>, at: usize) {
    let Record::Ending { ends, issuer, .. } = facts.record(at) else { return };
    let Some(of) = facts.place(ends) else { return tally.add("ending of nothing") };
    if facts.by_generation(at) || facts.root_act(at) || !facts.kept(of) {
        return;
    }
    let Some(issued) = facts.issued(of) else { return };
    let stands = facts.inside(at) || facts.outside(at);
    let same = issued.issuer == issuer.as_str() && facts.lineage(at) == facts.lineage(of);
    tally.add_if(stands && same && !facts.by_generation(of), "member ends what it issued itself");
    tally.add_if(
        stands && same && facts.by_generation(of),
        "member ends what its key issued as generation",
    );
    tally.add_if(stands && !same, "member ends what another issued");
}
