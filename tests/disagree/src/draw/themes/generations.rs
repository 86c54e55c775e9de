//! Rotations and successions, their rivals, quorums, keeps and marks.

use tests_oracle::case::Record;

use crate::draw::make::commitment;
use crate::draw::world::World;

/// Two or three rotations of one generation, with and without pins, and what rests on them.
pub(crate) fn rotations(world: &mut World) {
    let lineage = world.any_lineage();
    let mut made = Vec::new();
    for _ in 0..world.chance.between(1, 3) {
        let keeps = world.lineage_keeps(lineage);
        made.push(world.rotation(lineage, 0, keeps));
    }
    if world.chance.percent(50) {
        let from = *world.chance.pick(&made);
        let keeps = world.lineage_keeps(lineage);
        made.push(world.rotation(lineage, from, keeps));
    }
    pin_a_rotation(world, lineage);
    for _ in 0..world.chance.between(1, 2) {
        let at = *world.chance.pick(&made);
        let issuer = world.generation_issuer(lineage, at);
        let verbs = *world.chance.pick(&[2, 3]);
        let grant = world.member(&issuer, verbs);
        let document = world.document(&grant);
        world.log(&grant, &document, 2);
    }
    if world.chance.percent(30) {
        let founded = world.lineages[lineage].generations[0].id.clone();
        let ids = world.nexts(&founded);
        if let Some(id) = world.chance.any(&ids).cloned() {
            world.end(&id);
        }
    }
}

/// Pins a successor of the first generation: one of them, one further on, or nobody's.
fn pin_a_rotation(world: &mut World, lineage: usize) {
    let known: Vec<String> = world.lineages[lineage]
        .generations
        .iter()
        .map(|generation| generation.id.clone())
        .collect();
    let pinned = match world.chance.below(10) {
        0..4 => return,
        4..8 => world.chance.pick(&known[1..]).clone(),
        8 => world.id(),
        _ => world.some_id(),
    };
    world.case.pins.generations.insert(known[0].clone(), pinned);
}

/// A succession with endorsements that may or may not make its quorum, and perhaps a rival.
pub(crate) fn successions(world: &mut World) {
    let mut from = 0;
    for _ in 0..world.chance.between(1, 3) {
        let roots = heirs(world, from);
        let keeps = world.root_keeps();
        let at = world.succession(from, roots, keeps);
        quorum(world, from, at);
        if world.chance.percent(50) {
            from = at;
        }
    }
    if world.chance.percent(45) {
        pin_a_succession(world);
    }
    for _ in 0..world.chance.below(3) {
        let lineage = world.any_lineage();
        let id = world.lineages[lineage].id().to_owned();
        let unit = world.lineages[lineage].unit.clone();
        let issuer = world.root_issuer();
        let window = world.window();
        world.founding(&issuer, &unit, &id, window);
    }
}

/// Pins a successor of the genesis, or whatever for any generation.
fn pin_a_succession(world: &mut World) {
    let known: Vec<String> = world.roots.iter().map(|root| root.id.clone()).collect();
    let (of, to) = match world.chance.below(10) {
        0..7 => (known[0].clone(), world.chance.pick(&known[1..]).clone()),
        7 | 8 => (world.chance.pick(&known).clone(), world.chance.pick(&known).clone()),
        _ => (known[0].clone(), world.id()),
    };
    world.case.pins.generations.insert(of, to);
}

/// The roots of a succession: old ones, new ones, and seldom a key that endorses it.
fn heirs(world: &mut World, from: usize) -> Vec<String> {
    let before = world.roots[from].clone();
    let mut roots = world.chance.some(&before.roots, 40);
    for _ in 0..world.chance.between(1, 2) {
        roots.push(world.key());
    }
    if world.chance.percent(25) {
        roots.push(world.chance.pick(&before.papers).clone());
    }
    roots
}

/// Endorsements of a succession by keys on paper, and seldom by others or for another generation.
fn quorum(world: &mut World, from: usize, at: usize) {
    let before = world.roots[from].clone();
    let succession = world.roots[at].id.clone();
    let share = world.chance.weighted(&[(1, 0), (2, 50), (5, 100)]);
    for key in world.chance.some(&before.papers, share) {
        world.endorsement(&before.id, &key, &succession);
    }
    if world.chance.percent(20) {
        let key = world.chance.pick(&before.roots).clone();
        world.endorsement(&before.id, &key, &succession);
    }
    if world.chance.percent(15) {
        let of = world.chance.pick(&world.roots).clone();
        let key = world.chance.pick(&of.papers).clone();
        world.endorsement(&of.id, &key, &succession);
    }
    if world.chance.percent(15) {
        promise_a_signer(world, &succession, &before.papers);
    }
}

/// The succession commits to a key that endorses it, which then does not count.
fn promise_a_signer(world: &mut World, succession: &str, papers: &[String]) {
    let key = world.chance.pick(papers).clone();
    for made in &mut world.case.statements {
        if let Record::Succession { reveal, roots, next, .. } = &mut made.record
            && made.id == succession
            && *reveal != key
            && !roots.contains(&key)
            && !next.contains(&commitment(&key))
        {
            next.push(commitment(&key));
            next.sort();
        }
    }
}

/// Root acts with more or fewer signatures than their threshold asks, by the right keys or not.
pub(crate) fn root_acts(world: &mut World) {
    if world.chance.percent(50) {
        let roots = vec![world.key(), world.key(), world.key()];
        let keeps = world.root_keeps();
        let at = world.succession(0, roots, keeps);
        quorum(world, 0, at);
    }
    for _ in 0..world.chance.between(1, 3) {
        let issuer = world.root_issuer();
        let lineage = world.chance.below(world.lineages.len());
        let (id, unit) =
            (world.lineages[lineage].id().to_owned(), world.lineages[lineage].unit.clone());
        let window = world.window();
        let act = world.founding(&issuer, &unit, &id, window);
        if world.chance.percent(30) {
            let other = world.chance.pick(&world.roots).clone();
            let keys = if world.chance.percent(70) { other.roots } else { other.papers };
            let key = world.chance.pick(&keys).clone();
            world.endorsement(&other.id, &key, &act);
        }
        if world.chance.percent(30) {
            world.end(&act);
        }
    }
}

/// Two complete successors of one generation and no pin that decides, or a pin that names neither.
pub(crate) fn undecided(world: &mut World) {
    if world.chance.percent(35) {
        return undecided_root(world);
    }
    let lineage = world.any_lineage();
    let mut from = 0;
    if world.chance.percent(40) {
        let keeps = world.lineage_keeps(lineage);
        from = world.rotation(lineage, 0, keeps);
    }
    for _ in 0..world.chance.between(1, 2) {
        let issuer = world.generation_issuer(lineage, from);
        let verbs = *world.chance.pick(&[2, 3]);
        let grant = world.member(&issuer, verbs);
        let document = world.document(&grant);
        world.log(&grant, &document, 2);
    }
    let last = world.lineages[lineage].generations[from].id.clone();
    for _ in 0..2 {
        let keeps = world.lineage_keeps(lineage);
        world.rotation(lineage, from, keeps);
    }
    if world.chance.percent(25) {
        let nobody = world.id();
        world.case.pins.generations.insert(last, nobody);
    }
}

fn undecided_root(world: &mut World) {
    let lineage = world.any_lineage();
    let grant = world.writer_of(lineage);
    let document = world.document(&grant);
    world.log(&grant, &document, 2);
    for _ in 0..2 {
        let roots = heirs(world, 0);
        let keeps = world.root_keeps();
        let at = world.succession(0, roots, keeps);
        quorum(world, 0, at);
    }
}

/// Rotations one after the other, each of which keeps a part of what was said before.
pub(crate) fn rotation_keeps(world: &mut World) {
    let lineage = world.any_lineage();
    for _ in 0..world.chance.between(1, 2) {
        let last = world.lineages[lineage].generations.len() - 1;
        let issuer = world.generation_issuer(lineage, last);
        let carrier = world.member(&issuer, 3);
        let speaks = world.issuer_by(&carrier);
        let grant = if world.chance.percent(50) { world.member(&speaks, 2) } else { carrier };
        let document = world.document(&grant);
        let written = world.log(&grant, &document, 2);
        if world.chance.percent(50) {
            world.end(&grant.id);
        }
        let keeps = world.lineage_keeps(lineage);
        world.rotation(lineage, last, keeps);
        if world.chance.percent(50) {
            world.adopt(&written);
        }
    }
}
