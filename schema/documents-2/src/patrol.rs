//! 一日两巡: what was planned in one month, and the runs made. Runs are events and never change.

use std::collections::{BTreeMap, BTreeSet};

use automerge::AutoCommit;

use crate::record::{Fields, entry, number, read, set, text};

/// The maps of slots planned and of runs made; who walks lies sealed beside each.
pub const PLANNED: &str = "planned";
pub const RUNS: &str = "runs";

/// A patrol that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Names the event: what is entered twice under one id is one run.
    pub id: String,
    /// ISO date.
    pub date: String,
    /// `AM` or `PM`.
    pub half: String,
    pub area: String,
    /// Clock times as entered; a run without an end is not finished.
    pub started: String,
    pub ended: String,
    /// 发现问题: how many findings.
    pub findings: u32,
}

/// What became of the planned slots (`domain.md` 3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Presence {
    pub finished: u64,
    pub missed: u64,
    /// Slots whose node was not heard from since: an outage must not look like neglect.
    pub unknown: u64,
    pub findings: u64,
}

/// The slot of a half day in an area.
pub fn slot(date: &str, half: &str, area: &str) -> String {
    format!("{date}.{half}.{area}").replace('/', "-")
}

/// Plans a slot; returns whether anything changed.
pub fn plan(document: &mut AutoCommit, date: &str, half: &str, area: &str) -> bool {
    let slot = slot(date, half, area);
    let mut changed = set(document, PLANNED, &slot, "date", date);
    changed |= set(document, PLANNED, &slot, "half", half);
    changed | set(document, PLANNED, &slot, "area", area)
}

/// Every slot planned, as date, half and area.
pub fn planned(document: &AutoCommit) -> Vec<[String; 3]> {
    let slot = |fields: Fields| ["date", "half", "area"].map(|f| text(&fields, f).to_owned());
    read(document, PLANNED).into_values().map(slot).collect()
}

/// Enters a run. An id that is there already is left as it is.
pub fn enter(document: &mut AutoCommit, run: &Run) -> bool {
    if !entry(document, RUNS, &run.id).is_empty() {
        return false;
    }
    for (field, value) in [
        ("date", &run.date),
        ("half", &run.half),
        ("area", &run.area),
        ("started", &run.started),
        ("ended", &run.ended),
    ] {
        set(document, RUNS, &run.id, field, value.as_str());
    }
    set(document, RUNS, &run.id, "findings", i64::from(run.findings))
}

/// Every run, by id.
pub fn runs(document: &AutoCommit) -> Vec<Run> {
    let run = |(id, fields): (String, Fields)| Run {
        date: text(&fields, "date").into(),
        half: text(&fields, "half").into(),
        area: text(&fields, "area").into(),
        started: text(&fields, "started").into(),
        ended: text(&fields, "ended").into(),
        findings: number(&fields, "findings"),
        id,
    };
    read(document, RUNS).into_iter().map(run).collect()
}

/// Folds plan and runs. One slot counts once, whoever walked it (`domain.md` K16). A slot is
/// missed only if its day is over and the node with the rota was heard from since
/// (`heard_until`, ISO date, exclusive).
pub fn presence(document: &AutoCommit, heard_until: &str) -> Presence {
    let runs = runs(document);
    let findings = runs.iter().map(|run| u64::from(run.findings)).sum();
    let walked: BTreeSet<String> = runs
        .iter()
        .filter(|run| !run.ended.is_empty())
        .map(|run| slot(&run.date, &run.half, &run.area))
        .collect();
    let mut presence = Presence { findings, ..Presence::default() };
    let planned: BTreeMap<String, Fields> = read(document, PLANNED);
    for (slot, fields) in &planned {
        if walked.contains(slot) {
            presence.finished += 1;
        } else if text(fields, "date") < heard_until {
            presence.missed += 1;
        } else {
            presence.unknown += 1;
        }
    }
    presence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::root_document;
    use automerge::ActorId;
    use proptest::prelude::*;
    use schema_wire::Class;

    fn run(id: u32, half: &str) -> Run {
        Run {
            id: format!("r{id}"),
            date: "2026-11-02".into(),
            half: half.into(),
            area: "一网格".into(),
            started: "08:00".into(),
            ended: "08:30".into(),
            findings: 1,
        }
    }

    #[test]
    fn a_slot_walked_twice_counts_once_and_silence_is_not_neglect() {
        let mut document = root_document(Class::Patrol);
        for half in ["AM", "PM"] {
            plan(&mut document, "2026-11-02", half, "一网格");
        }
        enter(&mut document, &run(1, "AM"));
        enter(&mut document, &run(2, "AM"));
        assert!(!enter(&mut document, &run(2, "PM")));
        let silent = presence(&document, "2026-11-02");
        assert_eq!((silent.finished, silent.missed, silent.unknown), (1, 0, 1));
        let heard = presence(&document, "2026-11-03");
        assert_eq!((heard.finished, heard.missed, heard.unknown), (1, 1, 0));
        assert_eq!(heard.findings, 2);
    }

    proptest! {
        #[test]
        fn the_fold_does_not_depend_on_the_order_of_events(
            order in Just((0u32..8).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let fold = |ids: &[u32]| {
                let mut merged = root_document(Class::Patrol);
                plan(&mut merged, "2026-11-02", "AM", "一网格");
                for id in ids {
                    let mut fork = root_document(Class::Patrol);
                    let mut actor = [9u8; 16];
                    actor[15] = u8::try_from(*id).expect("small");
                    fork.set_actor(ActorId::from(actor));
                    enter(&mut fork, &run(*id, "AM"));
                    merged.merge(&mut fork).expect("merges");
                }
                (presence(&merged, "2026-11-03"), runs(&merged))
            };
            let sorted: Vec<u32> = (0..8).collect();
            prop_assert_eq!(fold(&order), fold(&sorted));
        }
    }
}
