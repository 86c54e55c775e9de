//! Cards, addresses and readers.

use tests_oracle::case::Record;

use crate::draw::world::{By, Issuer, LATEST, MONTH, World};

/// Several cards of one unit, by generations, governors and rival lineages.
pub(crate) fn cards(world: &mut World) {
    let lineage = world.any_lineage();
    let unit = world.lineages[lineage].unit.clone();
    let mut lineages = vec![lineage];
    if world.chance.percent(40) {
        let rival = world.charter(&unit);
        world.recognise(rival);
        lineages.push(rival);
        if world.chance.percent(40) {
            let followed = world.lineages[*world.chance.pick(&lineages)].id().to_owned();
            world.case.pins.units.insert(unit, followed);
        }
    }
    if world.chance.percent(50) {
        let keeps = world.lineage_keeps(lineage);
        world.rotation(lineage, 0, keeps);
    }
    let mut made = Vec::new();
    for _ in 0..world.chance.between(2, 5) {
        let of = *world.chance.pick(&lineages);
        let issuer = world.issuer_in(of);
        let serial = world.chance.below(3) as u64;
        let at = world.when();
        made.push(world.other(&issuer, |unit, proof, issuer| Record::Card {
            unit,
            proof,
            issuer,
            serial,
            at,
        }));
    }
    if world.chance.percent(30) {
        let from = world.lineages[lineage].generations.len() - 1;
        let mut keeps = world.lineage_keeps(lineage);
        keeps.extend(world.chance.some(&made, 60));
        world.rotation(lineage, from, keeps);
    }
    if world.chance.percent(30) {
        let ids =
            world.governors(lineage).into_iter().map(|issuer| issuer.proof).collect::<Vec<_>>();
        if let Some(id) = world.chance.any(&ids).cloned() {
            world.end(&id);
        }
    }
}

/// Several addresses of one key, in one unit or two, at equal and different times.
pub(crate) fn addresses(world: &mut World) {
    let subject = world.key();
    let mut issuers: Vec<Issuer> = Vec::new();
    for _ in 0..world.chance.between(1, 3) {
        let lineage = world.any_lineage();
        let issuer = world.issuer_in(lineage);
        let window = world.window();
        let verbs = *world.chance.pick(&[0, 2, 2, 3]);
        let id = world.delegation(&issuer, &subject, (verbs, 17, &[]), window);
        let grant = world.grant(&id);
        issuers.push(world.issuer_by(&grant));
    }
    for _ in 0..world.chance.between(2, 5) {
        let issuer = world.chance.pick(&issuers).clone();
        let at = world.when().min(LATEST - 2);
        let until = address_end(world, at);
        world.other(&issuer, |unit, proof, issuer| Record::Address {
            unit,
            proof,
            issuer,
            at,
            until,
        });
    }
    if world.chance.percent(30) {
        let ended = world.chance.pick(&issuers).proof.clone();
        world.end(&ended);
    }
}

/// When an address ends: mostly as the text wants, at its bounds, or one beyond.
pub(crate) fn address_end(world: &mut World, at: u64) -> u64 {
    let lasts = world.chance.weighted(&[(4, 100), (3, MONTH), (1, 1), (1, MONTH + 1), (1, 0)]);
    (at + lasts).min(LATEST)
}

/// Members with few bits, at boundaries, and carriers from the units between.
pub(crate) fn readers(world: &mut World) {
    for _ in 0..world.chance.between(2, 5) {
        let lineage = world.any_lineage();
        let issuer = world.issuer_in(lineage);
        let subject = world.key();
        let window = if world.chance.percent(60) { world.window() } else { world.short_window() };
        let reads = *world.chance.pick(&[1, 2, 4, 8, 16, 16, 31, 15, 0]);
        let verbs = if issuer.by == By::Generation && world.chance.percent(40) { 3 } else { 2 };
        let id = world.delegation(&issuer, &subject, (verbs, reads, &[(0, 223)]), window);
        if world.chance.percent(20) {
            world.end(&id);
        }
    }
    if world.chance.percent(25) {
        let lineage = world.any_lineage();
        let keeps = world.lineage_keeps(lineage);
        world.rotation(lineage, 0, keeps);
    }
}
