//! Who a unit is, is for its own people to say: not for the district, not for a thief of a device,
//! and not for a thief of the unit's key.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use node_api::{
    Alarm, Began, Documents, Imported, Inspect, KeysHeld, LineageAccepted, LineageRotated,
    LineageShown, RecognisedFile, Records, Shown, Standing, Status,
};
use tests_cluster::{Node, files_holding, gongzhi, path, plans, wait};

const DISTRICT: &str = "220800/220802";
const COMMUNITY: &str = "220800/220802/220802001";
/// Classes of what is said of persons.
const PEOPLE: std::ops::Range<u8> = 128..144;
/// What stays inside a unit.
const INSIDE: std::ops::Range<u8> = 128..192;
/// Names that nothing else contains.
const NAMES: [&str; 3] = ["欧阳谧澍", "上官谧澍", "司徒谧澍"];

fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").args([from, to]).status()?;
    ensure!(copied.success(), "cp {} {}", from.display(), to.display());
    Ok(())
}

/// A city, a district, and a community of two nodes that keeps a roster; all of them run.
struct World {
    city: Node,
    district: Node,
    office: Node,
    second: Node,
    /// What the community was told when it began.
    began: Began,
    /// The district's folder before it had heard of the community.
    before: Node,
    // Dropped last, after the processes in it.
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Result<Self> {
        let root = tempfile::tempdir()?;
        let [mut city, mut district, mut office, mut second] =
            create(root.path(), ["city", "district", "office", "second"])?;
        city.found()?;
        city.found_below(&district, DISTRICT)?;
        let before = district.beside(&root.path().join("before"))?;
        copy(&district.dir, &before.dir)?;
        let began = district.found_below(&office, COMMUNITY)?;
        office.admit(&second)?;
        district.link(&city);
        office.link(&district);
        second.link(&office);
        second.link(&district);
        for node in [&mut city, &mut district, &mut office, &mut second] {
            node.start()?;
        }
        let world = Self { city, district, office, second, began, before, root };
        world.take_the_roster()?;
        Ok(world)
    }

    /// The community writes down who lives there.
    fn take_the_roster(&self) -> Result<()> {
        let mut text = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期\n".to_owned();
        for (number, name) in (1..).zip(NAMES) {
            text += &format!("示例小区,1,1,10{number},{name},户主,男,1960-05-01\n");
        }
        let file = self.root.path().join("居民名册.csv");
        std::fs::write(&file, text)?;
        let imported: Imported = self.office.order(&["import", path(&file)?])?;
        ensure!(imported.counts.refused == 0, "{imported:?}");
        wait("the second node reads all names", || {
            ensure!(names(&self.second)?.len() == NAMES.len(), "not yet");
            Ok(())
        })
    }

    /// The community works: what is entered at either node is held by both.
    fn works(&self, round: &str) -> Result<()> {
        let entered = [(&self.office, "甲"), (&self.second, "乙")]
            .map(|(node, area)| node.enter(&format!("{area}{round}")));
        for envelope in entered {
            let envelope = envelope?;
            for node in [&self.office, &self.second] {
                wait("both hold it", || counts(node, &envelope))?;
            }
        }
        Ok(())
    }

    /// Whoever the district sends holds the community's path, and a founding of a charter of its
    /// own.
    fn spy(&self, name: &str, founder: &Node) -> Result<Node> {
        let mut spy = Node::create(self.root.path(), name)?;
        founder.begin(&spy, COMMUNITY)?;
        founder.recognise(&spy)?;
        for node in [&self.office, &self.second, &self.district, &self.city] {
            spy.link(node);
        }
        Ok(spy)
    }
}

fn create<const N: usize>(root: &Path, names: [&str; N]) -> Result<[Node; N]> {
    let nodes: Result<Vec<Node>> = names.iter().map(|name| Node::create(root, name)).collect();
    nodes?.try_into().map_err(|_| anyhow::anyhow!("as many as there are names"))
}

/// Does an envelope of the community's plans count at a node?
fn counts(node: &Node, envelope: &str) -> Result<()> {
    let history = node.ask(Inspect { document: plans(COMMUNITY) })?.history;
    let found = history.iter().find(|entry| entry.envelope == envelope).context("not held")?;
    ensure!(found.suspended.is_none(), "does not count: {found:?}");
    Ok(())
}

/// The names of persons that a node can read.
fn names(node: &Node) -> Result<BTreeSet<String>> {
    let records = node.ask(Records { kind: "person".into(), after: None })?.records;
    let fields = records.into_iter().flat_map(|record| record.fields);
    let values = fields.filter(|field| field.name == "name").flat_map(|field| field.values);
    let names = values.filter_map(|value| match value {
        Shown::Text(name) => Some(name),
        Shown::Code(..) | Shown::Closed | Shown::Unreadable | Shown::Nothing => None,
    });
    Ok(names.collect())
}

/// The documents of the community that a node holds, of these classes.
fn held(node: &Node, classes: &std::ops::Range<u8>) -> Result<BTreeSet<String>> {
    let documents = node.ask(Documents {})?.into_iter().map(|document| document.document);
    let of = |name: &String| {
        let mut parts = name.splitn(3, ':');
        let owner = parts.next();
        let class = parts.next().and_then(|class| class.parse().ok());
        owner == Some(COMMUNITY) && class.is_some_and(|class| classes.contains(&class))
    };
    Ok(documents.filter(of).collect())
}

/// A node knows nobody of the community: neither by asking, nor in any of its files.
fn knows_nobody(node: &Node) -> Result<()> {
    let who = node.dir.display();
    ensure!(held(node, &PEOPLE)?.is_empty(), "{who} holds {:?}", held(node, &PEOPLE)?);
    ensure!(names(node)?.is_empty(), "{who} reads {:?}", names(node)?);
    ensure!(files_holding(&node.dir, &NAMES)? == 0, "names lie in {who}");
    // What may be written into a file by whoever runs it.
    let out = node.dir.with_extension("export.csv");
    let out_path = path(&out)?;
    let export = ["export", "--force", "--data", path(&node.dir)?, "居民名册", "--out", out_path];
    let _ = gongzhi(&export);
    let text = std::fs::read_to_string(&out).unwrap_or_default();
    ensure!(!NAMES.iter().any(|name| text.contains(name)), "{who} exports {text}");
    Ok(())
}

/// Is a node told that another lineage than its own is called its unit?
fn alarmed(node: &Node, other: &str) -> Result<()> {
    let alarms = node.order::<KeysHeld>(&["keys", "show"])?.alarms;
    let told = alarms.iter().any(|alarm| match alarm {
        Alarm::TwoLineages { unit, own, lineages, .. } => {
            *own && unit == COMMUNITY && lineages.iter().any(|lineage| lineage == other)
        }
        Alarm::Displaced { recognised, .. } => recognised == other,
        Alarm::Dissolved { .. } | Alarm::Rivals { .. } => false,
    });
    ensure!(told, "{alarms:?}");
    Ok(())
}

/// Has a peer turned a node away, or does it turn the peer away?
fn is_apart(node: &Node, peer: &Node) -> Result<()> {
    let running = node.ask(Status {})?.running.context("it runs")?;
    let apart = running.refusals.iter().any(|refusal| refusal.peer == peer.key);
    ensure!(apart, "{:?}", running.refusals);
    Ok(())
}

fn lineage(node: &Node) -> Result<LineageShown> {
    node.order(&["lineage", "show"])
}

/// The search and the questions find names where they are.
#[test]
fn what_is_looked_for_is_found_where_it_is() -> Result<()> {
    let world = World::new()?;
    let found_at = |node: &Node| names(node).map(|names| names.len());
    ensure!(found_at(&world.office)? == 3 && found_at(&world.second)? == 3);
    ensure!(!held(&world.second, &PEOPLE)?.is_empty());
    ensure!(knows_nobody(&world.second).is_err());
    let folder = world.root.path().join("printed");
    std::fs::create_dir(&folder)?;
    std::fs::write(folder.join("list"), NAMES.concat())?;
    ensure!(files_holding(&folder, &NAMES)? == NAMES.len());
    knows_nobody(&world.district)?;
    knows_nobody(&world.city)
}

/// Its whole folder is at hand, as it was before it had recognised anybody as the community.
#[test]
fn a_district_that_founds_its_community_again_reads_nobody_and_writes_nothing() -> Result<()> {
    let world = World::new()?;
    world.works("先")?;
    let mut spy = world.spy("spy", &world.before)?;
    let other = lineage(&spy)?.lineage;
    ensure!(other != world.began.lineage, "a lineage of its own");
    spy.start()?;
    let entered = spy.enter("假")?;
    for node in [&world.office, &world.second] {
        wait("the community is told", || alarmed(node, &other))?;
    }
    world.works("后")?;
    knows_nobody(&spy)?;
    for document in held(&spy, &INSIDE)? {
        // Beside its plans the secret of the card that it made for itself.
        let history = spy.ask(Inspect { document })?.history;
        ensure!(history.iter().all(|entry| entry.author == spy.key), "only its own");
    }
    for node in [&world.office, &world.second] {
        ensure!(counts(node, &entered).is_err(), "the spy writes in the community's name");
        ensure!(lineage(node)?.lineage == world.began.lineage);
        let standing = node.ask(Status {})?.standing;
        ensure!(matches!(standing, Standing::Member { .. }), "{standing:?}");
    }
    knows_nobody(&world.district)?;
    knows_nobody(&world.city)
}

/// The same with the recognition of the community withdrawn first: it works on, unrecognised.
#[test]
fn a_district_that_recognises_another_instead_cuts_the_community_off_and_reads_nobody() -> Result<()>
{
    let world = World::new()?;
    let mut spy = Node::create(world.root.path(), "spy")?;
    let began = world.district.begin(&spy, COMMUNITY)?;
    let refused = world.district.recognise(&spy).err().context("without --instead")?;
    ensure!(format!("{refused:#}").contains(&world.began.lineage), "{refused:#}");
    let [request, grant] = ["request", "grant"].map(|extension| spy.dir.with_extension(extension));
    let asked = ["recognise", "--instead", "--request", path(&request)?, "--out", path(&grant)?];
    let recognised: RecognisedFile = world.district.order(&asked)?;
    ensure!(recognised.grant.instead_of == [world.began.lineage.clone()], "{recognised:?}");
    gongzhi(&["init", "--data", path(&spy.dir)?, "--grant", path(&grant)?])?;
    for node in [&world.office, &world.second, &world.district] {
        spy.link(node);
    }
    spy.start()?;
    for node in [&world.office, &world.second] {
        wait("the community is told", || alarmed(node, &began.lineage))?;
    }
    world.works("后")?;
    knows_nobody(&spy)?;
    knows_nobody(&world.district)?;
    for node in [&world.office, &world.second] {
        ensure!(lineage(node)?.lineage == world.began.lineage);
    }
    Ok(())
}

/// Of three who work together none gains what it did not hold alone.
#[test]
fn a_stolen_tablet_with_the_district_and_the_city_holds_what_the_tablet_held() -> Result<()> {
    let world = World::new()?;
    let mut tablet = Node::create(world.root.path(), "tablet")?;
    world.office.admit_as(&tablet, "device")?;
    tablet.link(&world.office);
    tablet.start()?;
    world.works("先")?;
    // No register lies in a device's band so far: it holds and writes none.
    ensure!(tablet.enter("途中").is_err(), "a device writes what an office writes");
    wait("the tablet is at one with the office", || {
        let peers = tablet.ask(Status {})?.peers;
        let office = peers.iter().find(|peer| peer.peer == world.office.key).context("unknown")?;
        ensure!(office.is_live() && office.lacks().items == 0, "{office:?}");
        Ok(())
    })?;
    let kept = held(&tablet, &INSIDE)?;
    ensure!(kept.is_empty(), "{kept:?}");
    knows_nobody(&tablet)?;
    // Stolen: its folder is the district's, which founds the community again and has the tablet
    // say that this is who its unit is.
    tablet.stop(Signal::SIGTERM)?;
    let mut spy = world.spy("spy", &world.before)?;
    spy.start()?;
    let other = lineage(&spy)?.lineage;
    let mut turned = tablet.beside(&world.root.path().join("turned"))?;
    copy(&tablet.dir, &turned.dir)?;
    let grant = world.root.path().join("turned.grant");
    spy.order::<node_api::Granted>(&["delegate", "--to", &turned.key, "--out", path(&grant)?])?;
    let dir = turned.dir.clone();
    let join = ["init", "--data", path(&dir)?, "--grant", path(&grant)?];
    let refused = gongzhi(&join).err().context("another lineage is no surprise")?.to_string();
    ensure!(refused.contains(&other), "{refused}");
    for node in [&world.office, &world.second, &world.district, &spy] {
        turned.link(node);
    }
    // As it is, and as the thief would have it.
    turned.start()?;
    wait("it is told of the other lineage", || alarmed(&turned, &other))?;
    knows_nobody(&turned)?;
    turned.stop(Signal::SIGTERM)?;
    if turned.order::<LineageAccepted>(&["lineage", "accept", &other]).is_ok() {
        let _ = gongzhi(&join);
    }
    turned.start()?;
    wait("the community is told", || alarmed(&world.office, &other))?;
    world.works("后")?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    for node in [&turned, &spy, &world.district, &world.city] {
        knows_nobody(node)?;
    }
    ensure!(lineage(&world.second)?.lineage == world.began.lineage);
    Ok(())
}

/// The unit's key is stolen with the machine it lies on. Its paper makes another key, which every
/// node of the unit follows by itself.
#[test]
fn a_unit_whose_key_was_stolen_goes_on_by_its_phrase_and_the_thief_is_out() -> Result<()> {
    let World { city, district, mut office, mut second, began, root, .. } = World::new()?;
    let mut third = Node::create(root.path(), "third")?;
    office.admit(&third)?;
    third.link(&second);
    third.link(&district);
    third.start()?;
    let before = office.enter("先")?;
    wait("the others hold it", || counts(&second, &before).and_then(|()| counts(&third, &before)))?;
    office.stop(Signal::SIGKILL)?;

    second.stop(Signal::SIGTERM)?;
    let phrase = root.path().join("phrase");
    std::fs::write(&phrase, &began.unit_phrase.0)?;
    let rotate = ["lineage", "rotate", "--phrase-file", path(&phrase)?];
    let rotated: LineageRotated = second.order(&rotate)?;
    ensure!(rotated.lineage == began.lineage && rotated.operating_key == second.key, "{rotated:?}");
    ensure!(rotated.before == office.key, "{rotated:?}");
    ensure!(second.order::<LineageRotated>(&rotate).is_err(), "a phrase is used once");
    second.start()?;
    wait("the third node follows by itself", || {
        let shown = lineage(&third)?;
        ensure!(shown.operating_key.as_ref() == Some(&second.key), "{shown:?}");
        Ok(())
    })?;

    // The thief starts the machine where nobody hears it, writes, and takes in another of its own.
    let mut other = Node::create(root.path(), "other")?;
    office.admit_as(&other, "governing")?;
    office.relink(&[]);
    office.start()?;
    let forged = office.enter("假")?;
    office.stop(Signal::SIGTERM)?;
    office.relink(&[&second, &third, &district]);
    other.link(&second);
    other.link(&third);
    office.start()?;
    other.start()?;
    wait("the thief is turned away", || is_apart(&third, &office))?;
    wait("and so is the other one", || is_apart(&third, &other))?;

    let after = [second.enter("后")?, third.enter("又")?];
    for node in [&second, &third] {
        for envelope in &after {
            wait("the unit works on", || counts(node, envelope))?;
        }
        counts(node, &before)?;
        ensure!(counts(node, &forged).is_err(), "the thief writes in the unit's name");
        ensure!(names(node)?.len() == NAMES.len(), "the roster is there");
        let standing = node.ask(Status {})?.standing;
        ensure!(matches!(standing, Standing::Member { .. }), "{standing:?}");
    }
    knows_nobody(&other)?;
    knows_nobody(&city)
}
