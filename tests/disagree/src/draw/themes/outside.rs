//! What is said from above: endings of foundings, suspensions and dissolutions.

use tests_oracle::case::Record;

use crate::draw::world::World;

use super::founders::lower;

/// Foundings, suspensions, dissolutions and adoptions that are ended by those who may and may not.
pub(crate) fn outer_endings(world: &mut World) {
    let lineage = lower(world);
    let unit = world.lineages[lineage].unit.clone();
    let issuer = world.issuer_above(&unit);
    let at = world.when();
    let suspension = world.other(&issuer, |of, proof, issuer| Record::Suspension {
        unit: of,
        proof,
        issuer,
        below: unit.clone(),
        at,
    });
    let mut targets =
        world.ids(|record| matches!(record, Record::Founding { .. } | Record::Adoption { .. }));
    targets.push(suspension);
    let mut endings = Vec::new();
    for _ in 0..world.chance.between(1, 3) {
        let ends = world.chance.pick(&targets).clone();
        endings.push(world.end(&ends));
    }
    world.some_log(3);
    if world.chance.percent(50) {
        let all: Vec<usize> = (0..world.case.envelopes.len()).collect();
        let some = world.chance.some(&all, 60);
        world.adopt(&some);
    }
    if world.chance.percent(20) {
        let ended = world.chance.pick(&endings).clone();
        world.end(&ended);
    }
}

/// Suspensions and dissolutions, some ended again, some by a lineage that is not followed.
pub(crate) fn reports(world: &mut World) {
    for _ in 0..world.chance.between(1, 3) {
        let lineage = world.chance.below(world.lineages.len());
        let below = world.lineages[lineage].unit.clone();
        let issuer = world.issuer_above(&below);
        let at = world.when();
        let made = if world.chance.percent(55) {
            world.other(&issuer, |unit, proof, issuer| Record::Suspension {
                unit,
                proof,
                issuer,
                below,
                at,
            })
        } else {
            let others: Vec<String> = world
                .units
                .iter()
                .filter(|unit| !crate::draw::world::contains(&below, unit))
                .cloned()
                .collect();
            let mut successors = world.chance.some(&others, 50);
            successors.sort();
            world.other(&issuer, |unit, proof, issuer| Record::Dissolution {
                unit,
                proof,
                issuer,
                below,
                successors,
                at,
            })
        };
        if world.chance.percent(45) {
            world.withdraw(&made);
        }
        if world.chance.percent(10) {
            world.close(&made);
        }
    }
}
