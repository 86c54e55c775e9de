//! Who recognises whom: foundings that race, the highest founders, a lineage recognised again.

use tests_oracle::case::Record;

use crate::draw::world::{NOON, World};

/// A lineage that is not the city's, if there is one.
pub(crate) fn lower(world: &mut World) -> usize {
    let count = world.lineages.len();
    if count == 1 { 0 } else { 1 + world.chance.below(count - 1) }
}

/// Pins the lineage of a unit; of the own unit as the node's own lineage.
fn pin(world: &mut World, unit: String, lineage: String) {
    if unit == world.case.own.unit && world.chance.percent(50) {
        world.case.own.lineage = lineage;
    } else {
        world.case.pins.units.insert(unit, lineage);
    }
}

/// A second lineage of a unit is recognised, from one place or from two; one founding may be ended.
pub(crate) fn foundings(world: &mut World) {
    let first = lower(world);
    let unit = world.lineages[first].unit.clone();
    let second = world.charter(&unit);
    let mut made = vec![world.recognise(second)];
    for _ in 0..world.chance.below(3) {
        let which = if world.chance.percent(60) { first } else { second };
        made.push(world.recognise(which));
    }
    let (one, two) =
        (world.lineages[first].id().to_owned(), world.lineages[second].id().to_owned());
    match world.chance.below(10) {
        0..3 => {}
        3..6 => pin(world, unit, two),
        6..8 => pin(world, unit, one),
        8 => {
            let nobody = world.id();
            world.case.pins.units.insert(unit, nobody);
        }
        _ => {
            let id = world.some_id();
            world.case.pins.units.insert(unit, id);
        }
    }
    for lineage in [first, second] {
        if world.chance.percent(60) {
            let grant = world.writer_of(lineage);
            let document = world.document(&grant);
            world.log(&grant, &document, 2);
        }
    }
    made.extend(world.ids(|record| matches!(record, Record::Founding { .. })));
    for _ in 0..world.chance.weighted(&[(4, 0), (4, 1), (2, 2)]) {
        let ended = world.chance.pick(&made).clone();
        world.end(&ended);
    }
}

/// Foundings of two or three lineages of one unit by units of different tiers and by the root.
pub(crate) fn highest(world: &mut World) {
    let first = lower(world);
    let unit = world.lineages[first].unit.clone();
    let mut rivals = vec![first];
    for _ in 0..world.chance.between(1, 2) {
        rivals.push(world.charter(&unit));
    }
    let mut made = Vec::new();
    for _ in 0..world.chance.between(2, 4) {
        let which = *world.chance.pick(&rivals);
        let id = world.lineages[which].id().to_owned();
        let issuer =
            if world.chance.percent(25) { world.root_issuer() } else { world.issuer_above(&unit) };
        let window = world.window();
        made.push(world.founding(&issuer, &unit, &id, window));
    }
    for founding in made {
        if world.chance.percent(15) {
            world.end(&founding);
        }
    }
    if world.chance.percent(15) {
        let id = world.lineages[*world.chance.pick(&rivals)].id().to_owned();
        pin(world, unit.clone(), id);
    }
    let which = *world.chance.pick(&rivals);
    let grant = world.writer_of(which);
    let document = world.document(&grant);
    world.log(&grant, &document, 2);
}

/// A founding is ended, and the same lineage recognised from elsewhere.
pub(crate) fn restored(world: &mut World) {
    let lineage = lower(world);
    let unit = world.lineages[lineage].unit.clone();
    let id = world.lineages[lineage].id().to_owned();
    let grant = world.writer_of(lineage);
    let document = world.document(&grant);
    let written = world.log(&grant, &document, 3);
    let old =
        world.ids(|record| matches!(record, Record::Founding { lineage, .. } if *lineage == id));
    let issuer = world.issuer_above(&unit);
    let window = world.window();
    let new = world.founding(&issuer, &unit, &id, window);
    let mut ended: Vec<String> = Vec::new();
    for founding in &old {
        if world.chance.percent(75) {
            ended.push(world.end(founding));
        }
    }
    if world.chance.percent(20) {
        ended.push(world.end(&new));
    }
    for of in ended {
        if world.chance.percent(40) {
            world.adopt(&written);
        }
        if world.chance.percent(10) {
            let issuer = world.any_issuer();
            world.ending(&issuer, &of, false, Vec::new(), NOON);
        }
    }
}

/// The own unit has a new lineage, which adopts what was written under the one before.
pub(crate) fn heir(world: &mut World) {
    let Some(old) = world.own_lineage() else { return };
    let unit = world.lineages[old].unit.clone();
    let grant = world.writer_of(old);
    let document = world.document(&grant);
    let mut written = world.log(&grant, &document, 3);
    let new = world.charter(&unit);
    let (was, is) = (world.lineages[old].id().to_owned(), world.lineages[new].id().to_owned());
    world.case.own.lineage = is;
    match world.chance.below(10) {
        0..6 => world.case.own.former.push(was.clone()),
        6 | 7 => pin(world, unit, was.clone()),
        _ => {}
    }
    if world.chance.percent(75) {
        world.recognise(new);
    }
    let founded =
        world.ids(|record| matches!(record, Record::Founding { lineage, .. } if *lineage == was));
    if let Some(founding) = world.chance.any(&founded).cloned()
        && world.chance.percent(40)
    {
        world.end(&founding);
    }
    if world.chance.percent(50) {
        let again = world.writer_of(new);
        written.extend(world.log(&again, &document, 2));
    }
    for _ in 0..world.chance.between(1, 2) {
        let some = world.chance.some(&written, 60);
        let issuer = world.issuer_in(new);
        let at = world.when();
        world.adoption(&issuer, &some, at);
    }
}
