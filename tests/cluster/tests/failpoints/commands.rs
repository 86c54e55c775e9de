//! A command dies: the same command, run again, does what it should have done.

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use node_api::{
    BackupMade, Began, Delegated, Import, Imported, Inspect, Joined, KeyMade, NetworkWritten,
    RecognisedFile, Restored, Rotation,
};
use node_failpoints::Point;
use tests_cluster::{Node, answered, gongzhi, path, plans, wait};

use crate::crossing::Crossing;
use crate::world::{CITY, DISTRICT, Who, World, area, status, tidy, workbook};

/// Every table of points that are crossed here.
pub(crate) const CROSSED: &[&[Point]] =
    &[PLACING, FOUNDING, JOINING, REPLACING, BACKING_UP, RESTORING, &[Point::ImportBatch]];

/// A file of the folder takes its place.
const PLACING: &[Point] =
    &[Point::FileCreated, Point::FileWritten, Point::FileSynced, Point::FileNamed];
const FOUNDING: &[Point] = &[Point::FoundingDrafted];
const JOINING: &[Point] = &[
    Point::StoreCreated,
    Point::StoreFounded,
    Point::StoreNamed,
    Point::ReplicaOpened,
    Point::BeforeBatch,
    Point::BatchUnsynced,
    Point::BatchSynced,
    Point::JoinLearned,
];
const REPLACING: &[Point] = &[Point::JoinSaved, Point::KeyReplaced];
const BACKING_UP: &[Point] = &[
    Point::BackupBegun,
    Point::CheckpointStaged,
    Point::BackupCheckpointed,
    Point::FileCopied,
    Point::BackupCopied,
    Point::ManifestWritten,
];
const RESTORING: &[Point] = &[
    Point::FileCopied,
    Point::RestoreVerified,
    Point::BatchSynced,
    Point::FileSynced,
    Point::FileNamed,
    Point::RestoreFilled,
];

fn first(point: Point) -> Crossing {
    Crossing { point, nth: 0 }
}

/// Each point where a command crosses it first; a command that places two files crosses twice.
fn crossings(tables: &[&[Point]], files: u64) -> Vec<Crossing> {
    let mut crossings = Vec::new();
    for point in tables.iter().copied().flatten() {
        let times = if PLACING.contains(point) { files } else { 1 };
        crossings.extend((0..times).map(|nth| Crossing { point: *point, nth }));
    }
    crossings
}

#[test]
fn a_key_is_made_whole_or_not_at_all() -> Result<()> {
    let root = tempfile::tempdir()?;
    for point in PLACING {
        let data = root.path().join(point.name());
        let arguments = ["key", "--data", path(&data)?];
        first(*point).interrupts(&arguments)?;
        let key = answered::<KeyMade>(&arguments)?;
        ensure!(answered::<KeyMade>(&arguments)? == key, "one key");
        if *point == Point::FileNamed {
            tidy(&data)?;
        }
    }
    Ok(())
}

#[test]
fn a_network_whose_founding_was_interrupted_is_founded() -> Result<()> {
    let root = tempfile::tempdir()?;
    for crossing in crossings(&[PLACING, FOUNDING, JOINING], 2) {
        let name = format!("{}-{}", crossing.point.name(), crossing.nth);
        let mut node = Node::create(root.path(), &name)?;
        let data = node.dir.clone();
        let arguments = ["init", "--data", path(&data)?, "--city", CITY, "--name", "试验"];
        crossing.interrupts(&arguments)?;
        let again = gongzhi(&arguments);
        if (crossing.point, crossing.nth) == (Point::FileNamed, 1) {
            // All that could still fail was done.
            ensure!(again.is_err(), "it belongs to a network already");
        } else {
            again?;
            tidy(&data)?;
        }
        node.start()?;
        node.enter(&area(1))?;
        node.stop(Signal::SIGTERM)?;
    }
    Ok(())
}

/// A unit below begins by itself as a city does; its request is written before.
#[test]
fn a_unit_whose_beginning_was_interrupted_begins_and_is_recognised() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut city = Node::create(root.path(), "city")?;
    city.found()?;
    city.start()?;
    let [network, request] = ["network", "request"].map(|name| root.path().join(name));
    city.order::<NetworkWritten>(&["network", "--out", path(&network)?])?;
    for (number, crossing) in (1..).zip(crossings(&[FOUNDING, JOINING], 1)) {
        let node = Node::create(root.path(), crossing.point.name())?;
        let unit = format!("{CITY}/{number}");
        let data = path(&node.dir)?;
        let begin = ["init", "--data", data, "--network", path(&network)?, "--unit", &unit];
        let begin = [&begin[..], &["--out", path(&request)?]].concat();
        crossing.interrupts(&begin)?;
        // The phrase of the first try was shown to nobody: this is another lineage.
        let began: Began = answered(&begin)?;
        tidy(&node.dir)?;
        let grant = node.dir.with_extension("grant");
        let asked = ["recognise", "--request", path(&request)?, "--out", path(&grant)?];
        let recognised: RecognisedFile = city.order(&asked)?;
        ensure!(recognised.grant.lineage == began.lineage, "{recognised:?}");
        let joined: Joined = node.order(&["init", "--grant", path(&grant)?])?;
        ensure!(joined.recognised, "{joined:?}");
    }
    Ok(())
}

#[test]
fn a_node_whose_joining_was_interrupted_joins() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut city = Node::create(root.path(), "city")?;
    city.found()?;
    city.start()?;
    let grant = root.path().join("joining.grant");
    for (number, crossing) in (1..).zip(crossings(&[PLACING, JOINING], 1)) {
        let mut node = Node::create(root.path(), crossing.point.name())?;
        city.order::<Delegated>(&["delegate", "--to", &node.key, "--out", path(&grant)?])?;
        let data = node.dir.clone();
        let arguments = ["init", "--data", path(&data)?, "--grant", path(&grant)?];
        crossing.interrupts(&arguments)?;
        gongzhi(&arguments)?;
        tidy(&data)?;
        node.link(&city);
        node.start()?;
        let entered = node.enter(&area(number))?;
        wait("the city holds it", || held(&city, CITY, &entered))?;
        node.stop(Signal::SIGTERM)?;
    }
    Ok(())
}

/// Does a node hold an envelope of a unit's patrols?
fn held(node: &Node, unit: &str, envelope: &str) -> Result<()> {
    let history = node.ask(Inspect { document: plans(unit) })?.history;
    ensure!(history.iter().any(|entry| entry.envelope == envelope), "not yet");
    Ok(())
}

/// The second node's: the office's own is the unit's, which the recovery phrase alone replaces.
#[test]
fn a_key_whose_replacement_was_interrupted_is_replaced() -> Result<()> {
    let mut world = World::new()?;
    let grant = world.root.path().join("next.grant");
    for (round, crossing) in (0..).zip(crossings(&[PLACING, JOINING_AGAIN, REPLACING], 1)) {
        world.work(Who::Second)?;
        // The key that is to follow.
        let data = world.second.dir.clone();
        let rotate = ["keys", "rotate", "--data", path(&data)?];
        world.second.stop(Signal::SIGTERM)?;
        let making = PLACING[round % PLACING.len()];
        first(making).interrupts(&rotate)?;
        let next = answered::<Rotation>(&rotate)?.next_node;
        // The old one goes on meanwhile.
        world.second.start()?;
        world.enter(Who::Office)?;
        world.enter(Who::Second)?;
        world.silence_second()?;
        let old = world.second.key.clone();
        let terms = ["--to", &next, "--replaces", &old, "--out", path(&grant)?];
        world.office.order::<Delegated>(&[&["delegate"], &terms[..]].concat())?;
        // The new one takes its place.
        let arguments = ["init", "--data", path(&data)?, "--grant", path(&grant)?];
        crossing.interrupts(&arguments)?;
        // Whoever starts it as it is now harms nothing.
        world.second.start()?;
        world.second.stop(Signal::SIGTERM)?;
        gongzhi(&arguments)?;
        let key = answered::<KeyMade>(&["key", "--data", path(&data)?])?.node;
        ensure!(key == next, "the new key");
        tidy(&data)?;
        world.second.key = next;
        world.second.start()?;
        world.enter(Who::Second)?;
    }
    world.sound()
}

/// Joining with a store that is there already.
const JOINING_AGAIN: &[Point] = &[
    Point::ReplicaOpened,
    Point::BeforeBatch,
    Point::BatchUnsynced,
    Point::BatchSynced,
    Point::JoinLearned,
];

#[test]
fn a_backup_that_was_interrupted_is_none_and_is_made_again() -> Result<()> {
    let mut world = World::new()?;
    for (round, point) in (0..).zip(BACKING_UP) {
        world.work(Who::Office)?;
        let out = world.root.path().join(point.name());
        let source = world.office.dir.clone();
        let backup = ["backup", "--data", path(&source)?, "--out", path(&out)?];
        world.office.stop(Signal::SIGTERM)?;
        let crossing =
            Crossing::drawn(*point, round, if *point == Point::FileCopied { 2 } else { 1 });
        // Made by a running node and by the command alone.
        if round % 2 == 0 {
            crossing.interrupts(&backup)?;
            world.office.start()?;
        } else {
            crossing.arm(&mut world.office, "return")?;
            world.office.start()?;
            ensure!(gongzhi(&backup).is_err(), "the node died");
            crossing.kills(&mut world, &[Who::Office], |_| Ok(()))?;
            world.office.start()?;
        }
        let data = world.root.path().join("none");
        let restored = gongzhi(&["restore", "--data", path(&data)?, "--from", path(&out)?]);
        let error = restored.err().context("it is no backup")?.to_string();
        ensure!(error.contains("不是完整的备份") && !data.exists(), "{error}");
        let made: BackupMade = answered(&backup)?;
        gongzhi(&["restore", "--data", path(&data)?, "--from", path(&out)?])?;
        ensure!(!out.join("manifest.toml.unfinished").exists() && made.figures.unit == DISTRICT);
        std::fs::remove_dir_all(&data)?;
        world.holds()?;
    }
    // Only what an interrupted backup left is cleared.
    let full = world.root.path().join("full");
    std::fs::create_dir(&full)?;
    std::fs::write(full.join("letter.txt"), "dear")?;
    ensure!(world.office.order::<BackupMade>(&["backup", "--out", path(&full)?]).is_err());
    ensure!(full.join("letter.txt").exists());
    world.sound()
}

#[test]
fn a_restore_that_was_interrupted_leaves_no_node_and_is_made_again() -> Result<()> {
    let mut world = World::new()?;
    for (round, point) in (0..).zip(RESTORING) {
        world.work(Who::Office)?;
        let out = world.root.path().join(format!("{}-backup", point.name()));
        world.office.order::<BackupMade>(&["backup", "--out", path(&out)?])?;
        // What comes after it returns from the others.
        world.enter(Who::Office)?;
        wait("the second node holds it", || world.agreed())?;
        let lived = status(&world.office)?.incarnation;
        world.office.stop(Signal::SIGKILL)?;
        let data = world.office.dir.clone();
        std::fs::remove_dir_all(&data)?;
        let restore = ["restore", "--data", path(&data)?, "--from", path(&out)?];
        let several = matches!(point, Point::FileCopied);
        Crossing::drawn(*point, round, if several { 6 } else { 1 }).interrupts(&restore)?;
        ensure!(!data.exists(), "half a node is none");
        let restored: Restored = answered(&restore)?;
        ensure!(restored.incarnation != lived, "{restored:?}");
        ensure!(!data.with_file_name("office.unfinished").exists(), "half a node was left");
        world.office.start()?;
        ensure!(status(&world.office)?.life.is_none(), "a restore is no copy");
        wait("what came after returns", || world.agreed())?;
    }
    world.sound()
}

#[test]
fn an_import_that_was_interrupted_is_finished_by_importing_again() -> Result<()> {
    const ROWS: u64 = 6400;
    let mut world = World::new()?;
    let file = workbook(world.root.path(), ROWS)?;
    let data = world.office.dir.clone();
    let import = ["import", "--synthetic", "--data", path(&data)?, path(&file)?];
    let points = [Point::ImportBatch, Point::BatchUnsynced, Point::BatchSynced];
    let mut before = 0;
    for (nth, point) in (0..).zip(points) {
        world.office.stop(Signal::SIGTERM)?;
        let crossing = Crossing { point, nth };
        if point == Point::ImportBatch {
            crossing.interrupts(&import)?;
            world.office.start()?;
        } else {
            crossing.arm(&mut world.office, "return")?;
            world.office.launch()?;
            // Through the socket alone: the command would do it itself once the node is dead.
            let asked = Import { file: file.clone(), synthetic: true, ..Import::default() };
            let import = |world: &mut World| {
                let _ = world.office.ask(asked.clone());
                Ok(())
            };
            crossing.kills(&mut world, &[Who::Office], import)?;
            world.office.start()?;
        }
        let held = imported(&world.office)?;
        ensure!(before <= held && held <= ROWS, "{held} patrols after {before}");
        before = held;
    }
    let again: Imported = answered(&import)?;
    ensure!(again.rows == ROWS && imported(&world.office)? == ROWS, "{again:?}");
    let last: Imported = answered(&import)?;
    ensure!(last.counts.unchanged == ROWS, "{last:?}");
    wait("the second node holds them", || {
        ensure!(imported(&world.second)? == ROWS);
        Ok(())
    })?;
    world.sound()
}

/// The patrols of October that a node holds.
fn imported(node: &Node) -> Result<u64> {
    let document = format!("{DISTRICT}:147:2026-10");
    let answer = node.ask(Inspect { document })?;
    let day = |key: &str| key.starts_with("slot/") && key.ends_with("/day");
    Ok(answer.contents.fields().filter(|(key, _)| day(key)).count() as u64)
}
