//! Units: candidates, who is followed, suspended, dissolved.

use tests_oracle::case::Record;

use super::Tally;
use super::facts::Facts;

pub(crate) fn note(tally: &mut Tally, facts: &Facts<'_>) {
    for unit in &facts.case.units {
        rivals(tally, facts, unit);
    }
    tally.add_if(!facts.answer.suspended.is_empty(), "unit suspended");
    tally.add_if(!facts.answer.dissolved.is_empty(), "unit dissolved");
    for at in facts.all_kept() {
        if let Record::Founding { below, lineage, .. } = facts.record(at) {
            founding(tally, facts, at, (below, lineage));
        }
    }
    let tier = facts.case.own.unit.split('/').count();
    tally.add(&format!("own unit at tier {tier}"));
    let alike = |one: &String| {
        facts
            .case
            .units
            .iter()
            .any(|two| two.starts_with(one.as_str()) && two.len() == one.len() + 1)
    };
    tally.add_if(facts.case.units.iter().any(alike), "units that begin alike");
}

fn rivals(tally: &mut Tally, facts: &Facts<'_>, unit: &str) {
    let candidates = &facts.answer.candidates[unit];
    let followed = facts.answer.followed[unit].as_deref();
    let own = facts.case.own.unit == unit;
    let pin = if own { Some(&facts.case.own.lineage) } else { facts.case.pins.units.get(unit) };
    let by_pin = pin.is_some_and(|pin| candidates.contains(pin));
    let cards = facts.all_kept().filter(|at| {
        matches!(facts.record(*at), Record::Card { unit: of, .. } if of == unit)
            && facts.inside(*at)
    });
    let mut carded: Vec<_> = cards.filter_map(|at| facts.lineage(at)).collect();
    carded.sort_unstable();
    carded.dedup();
    tally.add_if(carded.len() > 1, "cards of two lineages of one unit");
    if candidates.len() < 2 {
        tally.add_if(
            pin.is_some() && !by_pin && !candidates.is_empty(),
            "pinned lineage is no candidate",
        );
        let founded = facts
            .all_kept()
            .any(|at| matches!(facts.record(at), Record::Founding { below, .. } if below == unit));
        tally.add_if(founded && candidates.is_empty(), "founded, and no candidate");
        return;
    }
    let name = match (followed, own) {
        (None, _) => "rival candidates, none followed",
        (Some(_), true) if by_pin => "rival candidates, the own lineage followed",
        (Some(_), false) if by_pin => "rival candidates, one followed by pin",
        (Some(_), _) => "rival candidates, one followed by the highest founder",
    };
    tally.add(name);
}

fn founding(tally: &mut Tally, facts: &Facts<'_>, at: usize, of: (&String, &String)) {
    let (below, lineage) = of;
    let Some(candidates) = facts.answer.candidates.get(below) else { return };
    let followed = facts.answer.followed[below].as_ref();
    tally.add_if(
        candidates.contains(lineage) && followed != Some(lineage),
        "open founding of a lineage not followed",
    );
    let ended = !facts.endings(at).is_empty();
    tally.add_if(
        ended && candidates.contains(lineage),
        "founding ended, another of the lineage open",
    );
    let through = facts
        .all_kept()
        .any(|other| facts.outside(other) && facts.lineage(other) == Some(lineage.as_str()));
    tally.add_if(ended && through, "founding ended, what is below stands by another or is spared");
}
