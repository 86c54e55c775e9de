//! A running node dies: while it writes, while it talks, while it starts.

use std::time::Duration;

use anyhow::{Result, ensure};
use nix::sys::signal::Signal;
use node_api::{Imported, Link};
use node_failpoints::Point;
use tests_cluster::{path, wait};

use crate::crossing::{Crossing, disarm};
use crate::world::{Who, World, joined, workbook};

/// Every table of points that are crossed here.
pub(crate) const CROSSED: &[&[Point]] = &[WRITING, TALKING, RECONCILING, ASKING, STARTING];

const WRITING: &[Point] = &[
    Point::BeforeBatch,
    Point::BatchUnsynced,
    Point::BatchSynced,
    Point::BeforeAnswers,
    Point::BeforeFrames,
    Point::ReportCounted,
    Point::ReportEdited,
];
const TALKING: &[Point] = &[
    Point::SessionOpened,
    Point::HelloTaken,
    Point::HelloLeaves,
    Point::ItemsTaken,
    Point::ItemsLeave,
    Point::AckTaken,
    Point::AckLeaves,
];
/// A reconciliation: either side takes and sends its messages and the items found lacking.
const RECONCILING: &[Point] =
    &[Point::ReconcileTaken, Point::ReconcileLeaves, Point::ItemsTaken, Point::ItemsLeave];
/// The side that dialled asks the other; which one did is not ours to say.
const ASKING: &[Point] = &[Point::WantTaken, Point::WantLeaves];
/// The start of a folder whose last write nobody saw: it takes a new life.
const STARTING: &[Point] = &[Point::LifeSettled, Point::ReplicaOpened];
/// Fatal crossings of each point that is crossed over and over.
const ROUNDS: u64 = 3;

/// The work of those who only wait.
fn rest(_: &mut World) -> Result<()> {
    std::thread::sleep(Duration::from_millis(10));
    Ok(())
}

/// Starts a node that is to die at a crossing, works until it does, starts it again.
fn die(world: &mut World, who: Who, crossing: Crossing) -> Result<()> {
    crossing.arm(world.node(who), "return")?;
    world.node(who).launch()?;
    crossing.kills(world, &[who], |world| world.work(who))?;
    world.node(who).start()?;
    world.holds()
}

fn at_work(points: &[Point]) -> Result<()> {
    let mut world = World::new()?;
    for round in 0..ROUNDS {
        for point in points {
            world.office.stop(Signal::SIGTERM)?;
            die(&mut world, Who::Office, Crossing::drawn(*point, round, 12))?;
        }
    }
    world.sound()
}

#[test]
fn a_node_dies_while_it_writes() -> Result<()> {
    at_work(WRITING)
}

#[test]
fn a_node_dies_while_it_talks() -> Result<()> {
    at_work(TALKING)
}

/// Each time the second node forgets where it stood with its peers, and both have something new.
fn reconciling(world: &mut World, crossing: Crossing, dying: &[Who]) -> Result<()> {
    world.second.ask(Link { peer: "all".into(), block: true })?;
    wait("they are apart", || joined(&world.office, &[&world.city]))?;
    for _ in 0..3 {
        world.enter(Who::Office)?;
        world.enter(Who::Second)?;
    }
    world.office.stop(Signal::SIGTERM)?;
    world.carry(Who::Second)?;
    for who in dying {
        crossing.arm(world.node(*who), "return")?;
    }
    world.office.launch()?;
    world.second.launch()?;
    crossing.kills(world, dying, rest)?;
    for who in [Who::Office, Who::Second] {
        world.node(who).stop(Signal::SIGTERM)?;
        disarm(world.node(who));
        world.node(who).start()?;
    }
    world.holds()?;
    let World { second, office, city, .. } = &world;
    wait("they are joined again", || joined(second, &[office, city]))
}

#[test]
fn a_node_dies_while_it_reconciles() -> Result<()> {
    let mut world = World::new()?;
    for round in 0..2 {
        for point in RECONCILING {
            for who in [Who::Office, Who::Second] {
                // One message and its answer may be all of it; the items are of two scopes.
                let first = if point.name().starts_with("items") { 2 } else { 1 };
                reconciling(&mut world, Crossing::drawn(*point, round, first), &[who])?;
            }
        }
        for point in ASKING {
            let both = [Who::Office, Who::Second];
            reconciling(&mut world, Crossing { point: *point, nth: 0 }, &both)?;
        }
    }
    world.sound()
}

/// The parts of a long transfer, to a node that holds nothing yet.
#[test]
fn a_node_dies_between_the_parts_of_a_transfer() -> Result<()> {
    let mut world = World::new()?;
    let file = workbook(world.root.path(), 9000)?;
    world.office.order::<Imported>(&["import", "--synthetic", path(&file)?])?;
    let parts = [
        (Point::ItemsTaken, Who::Second),
        (Point::AckLeaves, Who::Second),
        (Point::ItemsLeave, Who::Office),
        (Point::AckTaken, Who::Office),
    ];
    for (round, (point, who)) in (0..).zip(parts) {
        world.replace_second(&format!("second-{round}"))?;
        let crossing = Crossing::drawn(point, round, 3);
        // Past what is small: the first part is that of the unit's report.
        let crossing = Crossing { nth: crossing.nth + 2, ..crossing };
        world.office.stop(Signal::SIGTERM)?;
        crossing.arm(world.node(who), "return")?;
        world.office.launch()?;
        world.second.launch()?;
        crossing.kills(&mut world, &[who], rest)?;
        world.node(who).start()?;
        wait("it holds all that there is", || world.agreed())?;
    }
    world.sound()
}

#[test]
fn a_node_dies_while_it_takes_a_new_life() -> Result<()> {
    let mut world = World::new()?;
    for point in STARTING {
        world.work(Who::Office)?;
        world.carry(Who::Office)?;
        die(&mut world, Who::Office, Crossing { point: *point, nth: 0 })?;
    }
    world.sound()
}

/// The disk says no: the node ends by itself, says so, and has lost nothing.
#[test]
fn a_failed_commit_ends_the_node() -> Result<()> {
    let mut world = World::new()?;
    for (round, point) in (0..).zip([Point::BeforeBatch, Point::BatchSynced].repeat(2)) {
        let crossing = Crossing { nth: 3 + round, ..Crossing::drawn(point, round, 8) };
        world.office.stop(Signal::SIGTERM)?;
        crossing.arm(&mut world.office, "return(error)")?;
        world.office.launch()?;
        let work = |world: &mut World| world.work(Who::Office);
        let (_, status) = crossing.ends(&mut world, &[Who::Office], work)?;
        let log = std::fs::read_to_string(world.office.dir.join("node.log"))?;
        ensure!(
            status.code() == Some(1) && log.contains("节点停止：数据库读写失败"),
            "{status}: {log}"
        );
        disarm(&mut world.office);
        world.office.start()?;
        world.holds()?;
    }
    world.sound()
}

/// A disk that is slow now and then: the node answers, and ends when it is told to.
#[test]
fn a_slow_disk_stops_nothing() -> Result<()> {
    let mut world = World::new()?;
    for point in [Point::BeforeBatch, Point::BatchUnsynced, Point::BeforeFrames] {
        world.office.stop(Signal::SIGTERM)?;
        Crossing { point, nth: 0 }.arm(&mut world.office, "sleep(30)")?;
        world.office.start()?;
        for _ in 0..8 {
            world.work(Who::Second)?;
            world.enter(Who::Second)?;
        }
        world.sound()?;
    }
    Ok(())
}
