//! Whether the product tells everything that a statement changes.

use std::collections::{BTreeMap, BTreeSet};

use node_authority::Change;
use schema_wire::{Hash, Ms, Scope, UnitId};

use crate::product::Node;
use crate::wire::{key, unit};

/// What is asked before and after each statement.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// For each kept statement, whether it stands at each time.
    stands: BTreeMap<Hash, Vec<(bool, bool)>>,
    units: BTreeMap<UnitId, String>,
    reads: Vec<bool>,
    sets: BTreeSet<(Scope, Hash)>,
}

fn look(node: &Node<'_>) -> Seen {
    let authority = &node.authority;
    let times = node.case.times.iter().map(|time| Ms::of(*time));
    let stands = |id: Hash| {
        let at = times.clone().map(|time| authority.stands(&id, time));
        (id, at.map(|stands| (stands.inside, stands.outside)).collect())
    };
    let of_unit = |unit: UnitId| {
        let seen = (
            authority.candidates(&unit),
            authority.followed(&unit),
            authority.is_suspended(&unit),
            authority.is_dissolved(&unit),
            authority.card(&unit),
        );
        let text = format!("{seen:?}");
        (unit, text)
    };
    let sets = authority.kept().flat_map(|id| {
        authority.scopes_of(&id).map(move |scope| (scope.clone(), id)).collect::<Vec<_>>()
    });
    Seen {
        stands: authority.kept().map(stands).collect(),
        units: node.case.units.iter().filter_map(|text| unit(text)).map(of_unit).collect(),
        reads: node.reads(),
        sets: sets.collect(),
    }
}

/// Takes the statements in one by one, in this order, and says what changed that was not told.
pub fn watch(node: &mut Node<'_>, order: &[usize]) -> Vec<String> {
    let mut untold = Vec::new();
    let mut before = look(node);
    for at in order.iter().filter(|at| **at < node.case.statements.len()) {
        let Some(change) = node.insert(*at) else { continue };
        let after = look(node);
        untold.extend(differences(node, &before, &after, &change));
        before = after;
    }
    untold
}

fn differences(node: &Node<'_>, before: &Seen, after: &Seen, change: &Change) -> Vec<String> {
    let mut untold = Vec::new();
    for (id, stands) in &before.stands {
        if after.stands.get(id) != Some(stands) && !change.statements.contains(id) {
            untold.push(format!("{id:?} stands differently"));
        }
    }
    for (unit, seen) in &before.units {
        if after.units.get(unit) != Some(seen) && !change.units.contains(unit) {
            untold.push(format!("{unit} is seen differently"));
        }
    }
    for (at, read) in node.case.reads.iter().enumerate() {
        let told = key(&read.key).is_some_and(|key| {
            node.authority.delegations_to(&key).any(|id| change.statements.contains(&id))
        });
        if before.reads[at] != after.reads[at] && !told {
            untold.push(format!("{read:?} is answered differently"));
        }
    }
    let entered: BTreeSet<_> = change.entered.iter().cloned().collect();
    let left: BTreeSet<_> = change.left.iter().cloned().collect();
    if !after.sets.difference(&before.sets).eq(&entered)
        || !before.sets.difference(&after.sets).eq(&left)
    {
        untold.push("sets changed otherwise than was told".to_owned());
    }
    untold
}
