//! What is set aside, and what is not because something else needs it.

use tests_oracle::case::{Document, Record};

use crate::draw::world::{Grant, NOON, World};

/// Envelopes that are not permitted, named by others as dependencies or by adoptions as heads.
pub(crate) fn needed(world: &mut World) {
    let lineage = world.any_lineage();
    let grant = world.writer_of(lineage);
    let document = world.document(&grant);
    let written = world.log(&grant, &document, 3);
    if world.chance.percent(85) {
        world.end(&grant.id);
    }
    let other = another(world, lineage, &grant);
    let mut last = None;
    for _ in 0..world.chance.between(1, 3) {
        let at = world.time_in(&other);
        let Some(next) = world.write(&other, &document, "i2", last, at) else { break };
        if let Some(on) = world.chance.any(&written).copied()
            && world.chance.percent(70)
        {
            let id = world.case.envelopes[on].id.clone();
            world.case.envelopes[next].dependencies = vec![id];
        }
        last = Some(next);
    }
    if world.chance.percent(35) {
        world.end(&other.id);
    }
    if let Some(one) = world.chance.any(&written).copied()
        && world.chance.percent(50)
        && let Some(adoption) = world.adopt(&[one])
        && world.chance.percent(40)
    {
        world.end(&adoption);
    }
    across(world, &document, &written);
}

/// Another writer of the same lineage, by another carrier.
fn another(world: &mut World, lineage: usize, but: &Grant) -> Grant {
    let generations = world.generation_issuers(lineage);
    let issuer = world.chance.pick(&generations).clone();
    let subject = world.key_but(std::slice::from_ref(&but.subject));
    let window = world.window();
    let id = world.delegation(&issuer, &subject, (2, 31, &[(0, 223)]), window);
    world.grant(&id)
}

/// An answer from the opposite document that rests on one of these letters.
fn across(world: &mut World, document: &Document, written: &[usize]) {
    if document.1 < 192 {
        return;
    }
    let back = crate::draw::logs::opposite(document);
    let Some(lineage) = world.lineage_of(&back.0) else { return };
    let grant = world.writer_of(lineage);
    let at = world.time_in(&grant);
    if let Some(answer) = world.write(&grant, &back, "i1", None, at)
        && let Some(on) = world.chance.any(written).copied()
    {
        let id = world.case.envelopes[on].id.clone();
        world.case.envelopes[answer].dependencies = vec![id];
    }
}

/// Statements whose paths do not hold, that endings, proofs and envelopes name or do not.
pub(crate) fn out_of_order(world: &mut World) {
    let lineage = world.any_lineage();
    let carrier = world.governor(lineage);
    let issuer = world.issuer_by(&carrier);
    let mut made = vec![carrier.id.clone()];
    for _ in 0..world.chance.between(1, 3) {
        let grant = world.member(&issuer, 2);
        if world.chance.percent(40) {
            let document = world.document(&grant);
            world.log(&grant, &document, 1);
        }
        if world.chance.percent(30) {
            let speaks = world.issuer_by(&grant);
            world.other(&speaks, |unit, proof, issuer| Record::Address {
                unit,
                proof,
                issuer,
                at: NOON,
                until: NOON + 1,
            });
        }
        made.push(grant.id);
    }
    for _ in 0..world.chance.between(1, 2) {
        let ends = world.chance.pick(&made).clone();
        let ending = world.end(&ends);
        made.push(ending);
    }
    if world.chance.percent(50) {
        let keeps = world.lineage_keeps(lineage);
        world.rotation(lineage, 0, keeps);
    }
    if world.chance.percent(40) {
        drop_root_acts(world);
    }
}

/// A succession that keeps no root act, and endings that name what else rests on the root.
fn drop_root_acts(world: &mut World) {
    let first = world.case.genesis.id.clone();
    let acts = world.nexts(&first);
    if let Some(act) = world.chance.any(&acts).cloned()
        && world.case.genesis.roots.len() > 1
        && world.chance.percent(70)
    {
        let root = world.chance.pick(&world.case.genesis.roots).clone();
        let endorsement = world.endorsement(&first, &root, &act);
        if world.chance.percent(70) {
            let city = world.issuer_in(0);
            world.ending(&city, &endorsement, false, Vec::new(), NOON);
        }
    }
    let roots = vec![world.key()];
    let keeps = if world.chance.percent(60) { Vec::new() } else { world.root_keeps() };
    let at = world.succession(0, roots, keeps);
    if world.chance.percent(70) {
        let succession = world.roots[at].id.clone();
        for paper in world.roots[0].papers.clone() {
            world.endorsement(&first, &paper, &succession);
        }
    }
}
