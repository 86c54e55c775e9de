//! Who draws the faults of a run.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_wire::UnitId;

use crate::clock::{MILLI, MINUTE, SECOND, START_MS, Time};
use crate::disk::DiskFault;
use crate::plan::{Action, Power, Step, Swarm};
use crate::topology::Topology;

type Draw = fn(&mut ChaCha8Rng, &Topology) -> Action;

/// Every kind of fault, in the order of the swarm's weights.
const DRAWS: [Draw; KINDS] = [
    crash, disk, backup, rollback, lose, cut_link, cut_unit, one_way, clog, reset, clock, join,
    leave, relapse, double, revoke, regrant, adopt, suspend, lift, replace,
];
/// How many kinds there are.
pub const KINDS: usize = 21;

/// The faults of a run.
pub fn steps(
    chance: &mut ChaCha8Rng,
    topology: &Topology,
    swarm: &Swarm,
    horizon: Time,
) -> Vec<Step> {
    let total: u32 = swarm.weights.iter().sum();
    let (mut steps, mut at) = (Vec::new(), 0);
    if total == 0 {
        return steps;
    }
    loop {
        at += chance.random_range(0..2 * swarm.pause);
        if at >= horizon {
            return steps;
        }
        let mut drawn = chance.random_range(0..total);
        let kind = swarm.weights.iter().position(|weight| {
            let chosen = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            chosen
        });
        let action = DRAWS[kind.expect("weights add up")](chance, topology);
        steps.push(Step { at, action });
    }
}

/// One district loses the city for the middle third.
pub fn district_off_city(chance: &mut ChaCha8Rng, topology: &Topology, horizon: Time) -> Step {
    let districts: Vec<&UnitId> =
        topology.members.iter().map(|m| &m.unit).filter(|unit| unit.depth() == 2).collect();
    let district = districts[chance.random_range(0..districts.len())];
    let links = links_out_of(topology, district);
    let action = Action::Cut { links, towards: None, loud: false, lasts: horizon / 3 };
    Step { at: horizon / 3, action }
}

/// A few dozen faults of single machines, as a city of hundreds sees in a day.
pub fn a_hard_day(chance: &mut ChaCha8Rng, topology: &Topology, horizon: Time) -> Vec<Step> {
    let draws: [Draw; 6] = [crash, disk, cut_link, clog, reset, clock];
    let fault = |_| {
        let draw = draws[chance.random_range(0..draws.len())];
        Step { at: chance.random_range(0..horizon), action: draw(chance, topology) }
    };
    (0..60).map(fault).collect()
}

fn node(chance: &mut ChaCha8Rng, topology: &Topology) -> usize {
    chance.random_range(0..topology.members.len())
}

fn link(chance: &mut ChaCha8Rng, topology: &Topology) -> usize {
    chance.random_range(0..topology.links.len())
}

fn down(chance: &mut ChaCha8Rng) -> Time {
    let most = [SECOND, 20 * SECOND, 3 * MINUTE][chance.random_range(0..3)];
    chance.random_range(MILLI..most)
}

fn crash(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (kept, committing) = (chance.random_bool(0.5), chance.random_bool(0.7));
    Action::Crash { node: node(chance, topology), kept, committing, down: down(chance) }
}

fn disk(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let fault = match chance.random_range(0..5) {
        0 => DiskFault::Full,
        1 => DiskFault::WriteFails,
        2 => DiskFault::SyncFails { kept: chance.random_bool(0.5) },
        3 => DiskFault::ReadFails { after: chance.random_range(0..200) },
        _ => DiskFault::Slow { times: chance.random_range(5..200) },
    };
    Action::Disk { node: node(chance, topology), fault, lasts: down(chance) }
}

fn backup(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    Action::Backup { node: node(chance, topology) }
}

fn rollback(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    Action::Rollback { node: node(chance, topology), down: down(chance) }
}

fn lose(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    Action::Lose { node: node(chance, topology), down: down(chance) }
}

fn cut_link(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let links = vec![link(chance, topology)];
    Action::Cut { links, towards: None, loud: chance.random_bool(0.5), lasts: down(chance) }
}

fn cut_unit(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let unit = &topology.members[node(chance, topology)].unit;
    let links = links_out_of(topology, unit);
    Action::Cut { links, towards: None, loud: chance.random_bool(0.5), lasts: 2 * down(chance) }
}

fn one_way(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (links, towards) = (vec![link(chance, topology)], Some(chance.random_range(0..2)));
    Action::Cut { links, towards, loud: false, lasts: down(chance) }
}

fn clog(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let delay = chance.random_range(SECOND..20 * SECOND);
    Action::Clog { link: link(chance, topology), delay, lasts: down(chance) }
}

fn reset(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    Action::Reset { link: link(chance, topology) }
}

fn clock(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let day = 86_400_000;
    let offset_ms = match chance.random_range(0..4) {
        0 => chance.random_range(-2000..2000),
        1 => chance.random_range(-day..day),
        2 => 400 * day,
        // A dead battery: 1970.
        _ => -i64::try_from(START_MS).expect("a date") + chance.random_range(0..100_000),
    };
    let drift_ppm = chance.random_range(-500..500);
    Action::Clock { node: node(chance, topology), offset_ms, drift_ppm }
}

fn join(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let later: Vec<usize> =
        (0..topology.members.len()).filter(|n| !topology.members[*n].founding).collect();
    match later.is_empty() {
        true => crash(chance, topology),
        false => Action::Join { node: later[chance.random_range(0..later.len())] },
    }
}

/// Only from a unit that keeps another node.
fn leave(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let node = node(chance, topology);
    let unit = &topology.members[node].unit;
    let others = topology.members.iter().filter(|m| m.unit == *unit && m.founding).count();
    match others > 2 {
        true => Action::Leave { node },
        false => reset(chance, topology),
    }
}

fn relapse(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    Action::Relapse { node: node(chance, topology), down: down(chance) }
}

fn double(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let twins = topology.members.iter().enumerate();
    let twin = { twins }.find_map(|(twin, member)| Some((member.twin_of?, twin)));
    match twin {
        Some((node, twin)) => Action::Double { node, twin },
        None => crash(chance, topology),
    }
}

/// A node, and one of its unit where a statement about it is signed: itself, if there is no other.
fn pair(chance: &mut ChaCha8Rng, topology: &Topology) -> (usize, usize) {
    let node = node(chance, topology);
    let unit = &topology.members[node].unit;
    let others =
        (0..topology.members.len()).filter(|n| *n != node && topology.members[*n].unit == *unit);
    let others: Vec<usize> = others.collect();
    match others.is_empty() {
        true => (node, node),
        false => (node, others[chance.random_range(0..others.len())]),
    }
}

fn revoke(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (node, at) = pair(chance, topology);
    Action::Sign { at, power: Power::Revoke { node, keep: chance.random_bool(0.7) } }
}

fn regrant(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (node, at) = pair(chance, topology);
    Action::Sign { at, power: Power::Regrant { node } }
}

fn adopt(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    Action::Sign { at: node(chance, topology), power: Power::Adopt }
}

/// A unit that has one above it, and a node of that one.
fn below(chance: &mut ChaCha8Rng, topology: &Topology) -> (UnitId, usize) {
    loop {
        let unit = topology.members[node(chance, topology)].unit.clone();
        let above = topology.above(&unit);
        let nodes = (0..topology.members.len())
            .filter(|n| Some(&topology.members[*n].unit) == above.as_ref());
        let nodes: Vec<usize> = nodes.collect();
        if !nodes.is_empty() {
            return (unit, nodes[chance.random_range(0..nodes.len())]);
        }
    }
}

fn suspend(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (unit, at) = below(chance, topology);
    Action::Sign { at, power: Power::Suspend { unit } }
}

fn lift(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (unit, at) = below(chance, topology);
    Action::Sign { at, power: Power::Lift { unit } }
}

fn replace(chance: &mut ChaCha8Rng, topology: &Topology) -> Action {
    let (unit, at) = below(chance, topology);
    Action::Sign { at, power: Power::Replace { unit } }
}

fn links_out_of(topology: &Topology, unit: &UnitId) -> Vec<usize> {
    let inside = |node: usize| unit.contains(&topology.members[node].unit);
    let crosses = |[a, b]: &[usize; 2]| inside(*a) != inside(*b);
    (0..topology.links.len()).filter(|link| crosses(&topology.links[*link])).collect()
}
