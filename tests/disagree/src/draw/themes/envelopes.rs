//! Forks, adoptions, cuts and letters.

use tests_oracle::case::Document;

use crate::draw::logs::opposite;
use crate::draw::world::{Grant, MOST_ENVELOPES, World};

/// A writer, mostly of the own unit, with a document.
fn author(world: &mut World) -> (Grant, Document) {
    let lineage = world.any_lineage();
    let grant = world.writer_of(lineage);
    let document = world.document(&grant);
    (grant, document)
}

/// Another envelope at the place of this one.
fn fork(world: &mut World, grant: &Grant, place: usize) -> Option<usize> {
    let of = world.case.envelopes[place].clone();
    let after = of.backlink.as_deref().and_then(|id| world.envelope(id));
    let at = if world.chance.percent(80) { of.at } else { world.when() };
    let forked = world.write(grant, &of.document, &of.incarnation, after, at)?;
    if world.chance.percent(30) {
        world.depend(forked);
    }
    Some(forked)
}

/// One place with several envelopes, of which none, one or both sides are adopted.
pub(crate) fn forks(world: &mut World) {
    let (grant, document) = author(world);
    let written = world.log(&grant, &document, 3);
    let Some(place) = world.chance.any(&written).copied() else { return };
    let mut sides = vec![place];
    for _ in 0..world.chance.between(1, 2) {
        let by = same_author(world, &grant);
        sides.extend(fork(world, &by, place));
    }
    if world.chance.percent(60) {
        let side = *world.chance.pick(&sides);
        let incarnation = world.case.envelopes[side].incarnation.clone();
        let at = world.case.envelopes[side].at;
        sides.extend(world.write(&grant, &document, &incarnation, Some(side), at));
    }
    for _ in 0..world.chance.below(4) {
        let side = *world.chance.pick(&sides);
        let adopted = world.adopt(&[side]);
        if let Some(id) = adopted
            && world.chance.percent(15)
        {
            world.end(&id);
        }
    }
    if world.chance.percent(30) {
        world.end(&grant.id);
    }
}

/// The grant itself, or another grant of the same key and lineage, so that one side may fail alone.
fn same_author(world: &mut World, grant: &Grant) -> Grant {
    let Some(lineage) = grant.lineage else { return grant.clone() };
    if world.chance.percent(75) {
        return grant.clone();
    }
    let issuer = world.issuer_in(lineage);
    let window = world.window();
    let id = world.delegation(&issuer, &grant.subject, (2, 31, &[(0, 223)]), window);
    world.grant(&id)
}

/// One log that forks at its first place and at a later one.
pub(crate) fn forked_twice(world: &mut World) {
    let (grant, document) = author(world);
    let written = world.log(&grant, &document, 4);
    let mut all = written.clone();
    for place in &written {
        if world.chance.percent(55) {
            let Some(side) = fork(world, &grant, *place) else { break };
            all.push(side);
            let incarnation = world.case.envelopes[side].incarnation.clone();
            let at = world.case.envelopes[side].at;
            if world.chance.percent(60) {
                all.extend(world.write(&grant, &document, &incarnation, Some(side), at));
            }
        }
    }
    for _ in 0..world.chance.between(1, 3) {
        let Some(side) = world.chance.any(&all).copied() else { return };
        world.adopt(&[side]);
    }
    // Another author rests on one of the sides.
    if world.chance.percent(40) {
        let other = world.writer_of(grant.lineage.unwrap_or(0));
        if let Some(last) = world.write(&other, &document, "i3", None, 300) {
            world.depend(last);
        }
    }
}

/// Several adoptions of one log, above and below each other.
pub(crate) fn cuts(world: &mut World) {
    let (grant, document) = author(world);
    let written = world.log(&grant, &document, 4);
    let mut all = written.clone();
    if world.chance.percent(60)
        && let Some(place) = world.chance.any(&written).copied()
    {
        let side = fork(world, &grant, place);
        all.extend(side);
    }
    if world.chance.percent(70) {
        world.end(&grant.id);
    }
    for _ in 0..world.chance.between(1, 3) {
        let Some(one) = world.chance.any(&all).copied() else { return };
        world.adopt(&[one]);
    }
}

/// Letters of two units to each other, with dependencies across.
pub(crate) fn letters(world: &mut World) {
    if world.units.len() < 2 {
        return;
    }
    let one = world.chance.below(world.units.len());
    let two = (one + 1 + world.chance.below(world.units.len() - 1)) % world.units.len();
    let (from, to) = (letter_writer(world, one), letter_writer(world, two));
    let class = if world.chance.percent(80) { 192 } else { 193 };
    let there = Document(from.unit.clone(), class, to.unit.clone());
    let back = opposite(&there);
    let mut ends: [Option<usize>; 2] = [None, None];
    for _ in 0..world.chance.between(3, 7) {
        let side = world.chance.below(2);
        let (grant, document) = if side == 0 { (&from, &there) } else { (&to, &back) };
        let at = world.time_in(grant);
        let Some(next) = world.write(grant, document, "i1", ends[side], at) else { return };
        if world.chance.percent(60) {
            world.depend(next);
        }
        ends[side] = Some(next);
    }
    if world.chance.percent(40) {
        let ended = if world.chance.percent(50) { &from.id } else { &to.id };
        world.end(&ended.clone());
    }
    if world.chance.percent(40) && world.case.envelopes.len() < MOST_ENVELOPES {
        let place = world.chance.below(world.case.envelopes.len());
        let by = if world.case.envelopes[place].author == from.subject { from } else { to };
        fork(world, &by, place);
        if world.chance.percent(50) {
            world.adopt(&[place]);
        }
    }
}

fn letter_writer(world: &mut World, lineage: usize) -> Grant {
    let issuer = world.issuer_in(lineage);
    let subject = world.key();
    let window = world.window();
    let id = world.delegation(&issuer, &subject, (2, 16, &[(192, 223)]), window);
    world.grant(&id)
}
