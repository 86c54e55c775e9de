//! INV-07: what a node holds of a log, and of a scope, never becomes less.

use std::collections::BTreeMap;

use crate::failure::Broken;
use crate::invariants::census::Census;
use crate::world::World;

const ID: &str = "INV-07";

/// Compares with what the node held when it was last looked at.
pub(crate) fn census(world: &mut World, node: usize, census: &Census) -> Result<(), Broken> {
    let (mut heads, mut tips) = (BTreeMap::new(), BTreeMap::new());
    for (scope, held) in &census.scopes {
        heads.insert((node, scope.clone()), held.items);
        for entry in held.documents.iter().flat_map(|document| &document.log) {
            let header = entry.header.value();
            let tip = tips.entry((node, header.document.clone(), header.author)).or_insert(0);
            *tip = header.seq.max(*tip);
        }
    }
    let oracle = &mut world.oracle;
    backwards(&mut oracle.heads, heads, |(of, _)| *of == node, node)?;
    backwards(&mut oracle.tips, tips, |(of, _, _)| *of == node, node)
}

fn backwards<K: Ord + std::fmt::Debug>(
    known: &mut BTreeMap<K, u64>,
    mut now: BTreeMap<K, u64>,
    mine: impl Fn(&K) -> bool,
    node: usize,
) -> Result<(), Broken> {
    for (key, before) in known.iter().filter(|(key, _)| mine(key)) {
        let after = now.get(key).copied().unwrap_or(0);
        if after < *before {
            let detail = format!("{key:?} fell from {before} to {after}");
            return Err(Broken::at(ID, node, detail));
        }
    }
    known.append(&mut now);
    Ok(())
}
