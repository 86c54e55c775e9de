//! What clerks do: rosters, rotas, patrols and reports, at every tier.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_wire::{Class, DocumentId, UnitId};

use crate::clock::{HOUR, MILLI, Time};
use crate::plan::{Action, Edit, Step};
use crate::topology::Topology;

/// What a clerk of a community works on: class, shards, map, how often.
const COMMUNITY: [(Class, u32, &str, u32); 6] = [
    (Class::Roster, 3, "persons", 6),
    (Class::Duty, 2, "rota", 3),
    (Class::Patrol, 2, "runs", 3),
    (Class::Place, 1, "buildings", 2),
    (Class::Organisation, 1, "bodies", 1),
    (Class::Report, 2, "revisions", 2),
];

/// What a clerk above works on.
const ABOVE: [(Class, u32, &str, u32); 4] = [
    (Class::Report, 2, "revisions", 3),
    (Class::Place, 1, "grids", 1),
    (Class::Organisation, 1, "bodies", 2),
    (Class::Duty, 1, "posts", 1),
];

/// As many edits, and one read to four of them, spread over the time before `horizon`.
pub fn steps(
    chance: &mut ChaCha8Rng,
    topology: &Topology,
    horizon: Time,
    edits: usize,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for number in 0..edits {
        let node = chance.random_range(0..topology.members.len());
        let unit = &topology.members[node].unit;
        let (document, map) = document(chance, unit);
        let at = chance.random_range(0..horizon);
        if number % 4 == 3 {
            let action = Action::Read { node, document: document.clone() };
            steps.push(Step { at: chance.random_range(0..horizon), action });
        }
        let late = chance.random_bool(0.1);
        let edit = Edit {
            node,
            document,
            map,
            record: format!("r{}", chance.random_range(0..6)),
            value: format!("{number}-{}", "值".repeat(chance.random_range(0..40))),
            late_ms: if late { chance.random_range(0..48 * HOUR / MILLI) } else { 0 },
        };
        steps.push(Step { at, action: Action::Edit(edit) });
    }
    steps
}

fn document(chance: &mut ChaCha8Rng, unit: &UnitId) -> (DocumentId, &'static str) {
    let choices: &[_] = if unit.depth() >= 3 { &COMMUNITY } else { &ABOVE };
    let total: u32 = choices.iter().map(|choice| choice.3).sum();
    let mut drawn = chance.random_range(0..total);
    let mut chosen = choices[0];
    for choice in choices {
        chosen = *choice;
        if drawn < choice.3 {
            break;
        }
        drawn -= choice.3;
    }
    let (class, shards, map, _) = chosen;
    let shard = format!("s{}", chance.random_range(0..shards));
    (DocumentId::new(unit.clone(), class, &shard).expect("a document id"), map)
}
