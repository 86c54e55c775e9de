//! Delegations: endings and closings, keeps and marks, several carriers.

use tests_oracle::case::Record;

use crate::draw::world::{Grant, World};

/// A delegation that is ended, and what was written under it adopted, with heads that come or not.
pub(crate) fn adopted(world: &mut World) {
    let lineage = world.any_lineage();
    let grant = world.writer_of(lineage);
    let document = world.document(&grant);
    let written = world.log(&grant, &document, 4);
    let other = world.some_log(2);
    for _ in 0..world.chance.between(1, 2) {
        world.end(&grant.id);
    }
    for _ in 0..world.chance.between(1, 3) {
        let mut some = world.chance.some(&written, 50);
        some.reverse();
        if world.chance.percent(20) {
            some.extend(other.iter().copied());
        }
        if let Some(adoption) = world.adopt(&some)
            && world.chance.percent(25)
        {
            world.end(&adoption);
        }
    }
}

/// A grant that runs out, closings that have seen different things, a renewal, and a withdrawal.
pub(crate) fn closings(world: &mut World) {
    let lineage = world.any_lineage();
    let issuer = {
        let mut generations = world.generation_issuers(lineage);
        generations.swap_remove(0)
    };
    let subject = world.key();
    let window = world.short_window();
    let first = world.delegation(&issuer, &subject, (3, 31, &[(0, 223)]), window);
    let grant = world.grant(&first);
    let document = world.document(&grant);
    let mut written = world.log(&grant, &document, 3);
    let speaks = world.issuer_by(&grant);
    for _ in 0..2 {
        let carried = world.member(&speaks, 2);
        if world.chance.percent(50) {
            let document = world.document(&carried);
            written.extend(world.log(&carried, &document, 2));
        }
    }
    for _ in 0..world.chance.between(1, 3) {
        world.close(&first);
    }
    if world.chance.percent(40) {
        let window = world.window();
        let renewed = world.delegation(&issuer, &subject, (3, 31, &[(0, 223)]), window);
        if world.chance.percent(30) {
            world.withdraw(&renewed);
        }
    }
    for _ in 0..world.chance.weighted(&[(5, 0), (4, 1), (1, 2)]) {
        world.withdraw(&first);
    }
    let some = world.chance.some(&written, 60);
    if world.chance.percent(50) {
        world.adopt(&some);
    }
}

/// A carrier of many statements is ended, and its endings keep some of them.
pub(crate) fn keeps(world: &mut World) {
    let lineage = world.any_lineage();
    let carrier = world.governor(lineage);
    let issuer = world.issuer_by(&carrier);
    for _ in 0..world.chance.between(1, 3) {
        carried(world, &carrier);
    }
    for _ in 0..world.chance.between(1, 3) {
        world.end(&carrier.id);
    }
    let lower: Vec<usize> = (0..world.lineages.len())
        .filter(|at| crate::draw::world::above(&issuer.unit, &world.lineages[*at].unit))
        .collect();
    if let Some(below) = world.chance.any(&lower).copied() {
        let (id, unit) =
            (world.lineages[below].id().to_owned(), world.lineages[below].unit.clone());
        let window = world.window();
        let founding = world.founding(&issuer, &unit, &id, window);
        if world.chance.percent(60) {
            world.end(&founding);
        }
    }
}

/// One statement by a carrier: a member, an address of it, a card, an ending or an adoption.
fn carried(world: &mut World, carrier: &Grant) {
    let issuer = world.issuer_by(carrier);
    let at = world.when();
    match world.chance.below(6) {
        0..3 => {
            let grant = world.member(&issuer, 2);
            let document = world.document(&grant);
            world.log(&grant, &document, 2);
        }
        3 => {
            let serial = world.chance.below(3) as u64;
            world.other(&issuer, |unit, proof, issuer| Record::Card {
                unit,
                proof,
                issuer,
                serial,
                at,
            });
        }
        4 => {
            let ids = world.ids(|record| matches!(record, Record::Delegation { .. }));
            if let Some(id) = world.chance.any(&ids).cloned() {
                let keeps = world.keeps(&id);
                let ran_out = world.chance.percent(30);
                world.ending(&issuer, &id, ran_out, keeps, at);
            }
        }
        _ => {
            let all: Vec<usize> = (0..world.case.envelopes.len()).collect();
            let some = world.chance.some(&all, 50);
            world.adoption(&issuer, &some, at);
        }
    }
}

/// One key carried by several delegations with other classes, reads and times.
pub(crate) fn carriers(world: &mut World) {
    let lineage = world.any_lineage();
    let subject = world.key();
    let mut grants = Vec::new();
    for _ in 0..world.chance.between(2, 3) {
        let generations = world.generation_issuers(lineage);
        let issuer = world.chance.pick(&generations).clone();
        let window = if world.chance.percent(50) { world.window() } else { world.short_window() };
        let verbs = world.chance.weighted(&[(2, 1), (3, 3), (1, 2)]);
        let reads = *world.chance.pick(&[31, 16, 1, 2, 7, 0]);
        let classes: &[(u8, u8)] = world.chance.weighted(&[
            (1, [(0, 223)].as_slice()),
            (1, &[(0, 127)]),
            (1, &[(128, 191)]),
            (1, &[(64, 64)]),
            (1, &[]),
        ]);
        let id = world.delegation(&issuer, &subject, (verbs, reads, classes), window);
        grants.push(world.grant(&id));
    }
    let carrier = world.chance.pick(&grants).clone();
    for _ in 0..world.chance.between(1, 3) {
        carried(world, &carrier);
    }
    if world.chance.percent(50) {
        let ended = world.chance.pick(&grants).id.clone();
        world.end(&ended);
    }
    if world.chance.percent(25) {
        let keeps = world.lineage_keeps(lineage);
        world.rotation(lineage, 0, keeps);
    }
}

/// Members with GOVERN that end each other, or that rest on what they end.
pub(crate) fn mutual(world: &mut World) {
    let lineage = world.any_lineage();
    let generation = world.generation_issuer(lineage, 0);
    let one = world.key();
    let two = if world.chance.percent(30) { generation.key.clone() } else { world.key() };
    let window = world.window();
    let first = world.delegation(&generation, &one, (3, 31, &[(0, 223)]), window);
    let second = world.delegation(&generation, &two, (3, 31, &[(0, 223)]), window);
    let by_first = world.grant(&first);
    let by_second = world.grant(&second);
    let (first_issuer, second_issuer) = (world.issuer_by(&by_first), world.issuer_by(&by_second));
    let third = world.member(&first_issuer, 2);
    let fourth = world.member(&second_issuer, 2);
    let targets = [first, second, third.id.clone(), fourth.id];
    for _ in 0..world.chance.between(1, 4) {
        let ends = world.chance.pick(&targets).clone();
        let keeps = world.keeps(&ends);
        let at = world.when();
        let issuers = [generation.clone(), first_issuer.clone(), second_issuer.clone()];
        let issuer = world.chance.pick(&issuers).clone();
        let ran_out = world.chance.percent(20);
        world.ending(&issuer, &ends, ran_out, keeps, at);
    }
    let document = world.document(&third);
    world.log(&third, &document, 2);
}
