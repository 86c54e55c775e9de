//! What honest nodes seldom do: keys with many roles, loops of ids, odd pins.

use tests_oracle::case::Record;

use crate::draw::make::commitment;
use crate::draw::world::{NOON, World};

/// One key speaks in two units and is also a root, a paper, a generation's key or an author.
pub(crate) fn roles(world: &mut World) {
    let key = match world.chance.below(4) {
        0 => world.chance.pick(&world.roots[0].roots).clone(),
        1 => world.chance.pick(&world.roots[0].papers).clone(),
        2 => {
            let lineage = world.any_lineage();
            world.lineages[lineage].generations[0].key.clone()
        }
        _ => world.key(),
    };
    let mut grants = Vec::new();
    for _ in 0..world.chance.between(1, 3) {
        let lineage = world.chance.below(world.lineages.len());
        let generations = world.generation_issuers(lineage);
        let issuer = world.chance.pick(&generations).clone();
        let window = world.window();
        let id = world.delegation(&issuer, &key, (3, 31, &[(0, 223)]), window);
        grants.push(world.grant(&id));
    }
    for grant in &grants {
        let issuer = world.issuer_by(grant);
        if world.chance.percent(50) {
            let document = world.document(grant);
            world.log(grant, &document, 2);
        }
        if world.chance.percent(50) {
            let other = world.chance.pick(&grants).id.clone();
            let keeps = world.keeps(&other);
            world.ending(&issuer, &other, false, keeps, NOON);
        }
        if world.chance.percent(30) {
            world.member(&issuer, 2);
        }
    }
    if world.chance.percent(40) {
        let issuer = world.root_issuer();
        let all = world.ids(|record| !matches!(record, Record::Charter { .. }));
        let ends = world.chance.pick(&all).clone();
        let keeps = world.keeps(&ends);
        world.ending(&issuer, &ends, false, keeps, NOON);
    }
}

/// Statements that name themselves, each other in a circle, or what comes later.
pub(crate) fn loops(world: &mut World) {
    for _ in 0..world.chance.between(1, 3) {
        match world.chance.below(5) {
            0 => proofs_in_a_circle(world),
            1 => itself(world),
            2 => founded_by_its_own(world),
            3 => {
                let lineage = world.any_lineage();
                let at = world.rotation(lineage, 0, Vec::new());
                let own = world.lineages[lineage].generations[at].id.clone();
                keep(world, &own, &own);
                world.case.pins.generations.insert(own.clone(), own);
            }
            _ => {
                let id = world.some_id();
                let ending = world.end(&id);
                let twice = world.end(&ending);
                keep(world, &ending, &twice);
                keep(world, &twice, &twice);
            }
        }
    }
}

/// Two delegations that name each other as proof.
fn proofs_in_a_circle(world: &mut World) {
    let lineage = world.any_lineage();
    let one = world.governor(lineage);
    let issuer = world.issuer_by(&one);
    let two = world.member(&issuer, 1);
    for made in &mut world.case.statements {
        if let Record::Delegation { proof, issuer, .. } = &mut made.record
            && made.id == one.id
        {
            proof.clone_from(&two.id);
            issuer.clone_from(&two.subject);
        }
    }
}

/// Some statement names itself.
fn itself(world: &mut World) {
    if world.case.statements.is_empty() {
        return;
    }
    let at = world.chance.below(world.case.statements.len());
    let made = &mut world.case.statements[at];
    let own = made.id.clone();
    match &mut made.record {
        Record::Rotation { previous, .. } | Record::Succession { previous, .. } => *previous = own,
        Record::Founding { lineage, .. } => *lineage = own,
        Record::Ending { ends, .. } => *ends = own,
        Record::Endorsement { endorses, .. } => *endorses = own,
        Record::Delegation { proof, .. } | Record::Card { proof, .. } => *proof = own,
        Record::Adoption { marks, .. } => marks[0].head = own,
        _ => {}
    }
}

/// A lineage whose only founding rests on that lineage itself.
fn founded_by_its_own(world: &mut World) {
    let above = world.units[0].clone();
    let lineage = world.charter(&above);
    let issuer = world.generation_issuer(lineage, 0);
    let unit = world.units[world.units.len() - 1].clone();
    let other = world.charter(&unit);
    let (one, two) =
        (world.lineages[lineage].id().to_owned(), world.lineages[other].id().to_owned());
    let window = world.window();
    world.founding(&issuer, &unit, &two, window);
    let back = world.generation_issuer(other, 0);
    world.founding(&back, &above, &one, window);
}

fn keep(world: &mut World, of: &str, id: &str) {
    for made in &mut world.case.statements {
        if made.id != of {
            continue;
        }
        if let Record::Rotation { keeps, .. } | Record::Ending { keeps, .. } = &mut made.record {
            keeps.push(id.to_owned());
            keeps.sort();
            keeps.dedup();
        }
    }
}

/// Pins of every kind: for other units, for the own unit, for what is no successor.
pub(crate) fn pins(world: &mut World) {
    let unit = world.chance.pick(&world.units).clone();
    let stranger = world.stranger(&unit);
    if world.chance.percent(60) {
        let pinned =
            if world.chance.percent(70) { unit } else { world.chance.pick(&world.units).clone() };
        world.case.pins.units.insert(pinned, stranger.id.clone());
    }
    if world.chance.percent(25) {
        world.case.own.lineage = stranger.id.clone();
        if world.chance.percent(70) {
            let own = world.statement(&stranger.id).cloned();
            if let Some(Record::Charter { unit, .. }) = own {
                world.case.own.unit = unit;
            }
        }
    }
    if world.chance.percent(50) {
        let to = world.chance.pick(&world.keys).clone();
        let record = Record::Rotation {
            unit: world.lineages[0].unit.clone(),
            previous: stranger.id.clone(),
            reveal: stranger.paper.clone(),
            next: commitment("kz"),
            key: to,
            keeps: Vec::new(),
            at: NOON,
        };
        world.add(record);
    }
    if world.chance.percent(40) {
        let id = if world.chance.percent(60) { stranger.id.clone() } else { world.some_id() };
        world.case.own.former.push(id);
    }
    for _ in 0..world.chance.below(3) {
        let (from, to) = (world.some_id(), world.some_id());
        world.case.pins.generations.insert(from, to);
    }
    if world.chance.percent(30) {
        let lineage = world.chance.below(world.lineages.len());
        let (id, unit) =
            (world.lineages[lineage].id().to_owned(), world.lineages[lineage].unit.clone());
        world.case.own.lineage = id;
        world.case.own.unit = unit;
    }
}
