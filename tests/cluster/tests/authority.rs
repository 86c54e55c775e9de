//! What happens to a unit over the years: a device is lost, a backup is old, a folder is copied, a
//! key is replaced, a district does not trust a number.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use node_api::{
    Adopted, BackupMade, Began, Change, Claims, Content, Coverage, Delegated, Discarded,
    EndorsedFile, Failure, HistoryEntry, Inspect, Joined, KeyMade, KeysHeld, Life, Link,
    NodeStatus, Part, QuarantineList, QuarantineShown, RecognisedFile, Reply, Report, Restored,
    Revoked, RootSucceeded, Rotation, Scalar, Status, SuspensionState,
};
use tests_cluster::{Node, answered, binary, gongzhi, path, planned, plans, wait};

const CITY: &str = "220800";
const DISTRICT: &str = "220800/220802";
const COMMUNITY: &str = "220800/220802/220802001";

/// Plans patrols; returns their envelopes.
fn enter(node: &Node, numbers: std::ops::Range<u64>) -> Result<Vec<String>> {
    numbers.map(|number| node.enter(&format!("区{number}"))).collect()
}

fn status(node: &Node) -> Result<NodeStatus> {
    node.ask(Status {})
}

/// What counts of a document at a node.
fn history(node: &Node, document: &str) -> Result<Vec<HistoryEntry>> {
    Ok(node.ask(Inspect { document: document.into() })?.history)
}

/// The envelopes of the patrols that count at a node.
fn counted(node: &Node) -> Result<Vec<String>> {
    Ok(history(node, &plans(CITY))?.into_iter().map(|entry| entry.envelope).collect())
}

/// How many entries of a document do not count; reports that rest on them do not either.
fn invalid(list: &QuarantineList, document: &str) -> usize {
    list.invalid.iter().filter(|entry| entry.document == document).count()
}

fn quarantine(node: &Node) -> Result<QuarantineList> {
    node.order(&["quarantine", "list"])
}

fn holds(node: &Node, envelopes: &[String]) -> Result<()> {
    let counted = counted(node)?;
    match envelopes.iter().find(|envelope| !counted.contains(envelope)) {
        Some(missing) => bail!("{missing} does not count"),
        None => Ok(()),
    }
}

fn same_heads(one: &Node, other: &Node) -> Result<()> {
    let (ours, theirs) = (status(one)?.heads, status(other)?.heads);
    let (ours, theirs) = (ours.get(&plans(CITY)), theirs.get(&plans(CITY)));
    ensure!(ours == theirs && ours.is_some(), "{ours:?} {theirs:?}");
    Ok(())
}

/// The patrols of a node's newest report.
fn counts(node: &Node, expected: u64) -> Result<()> {
    let found = planned(&node.ask(Report::default())?);
    ensure!(found == expected, "{found}, not {expected}");
    Ok(())
}

fn link(node: &Node, block: bool) -> Result<()> {
    node.ask(Link { peer: "all".into(), block }).map(drop)
}

/// A city's office and a second node of it, running.
fn pair(root: &Path) -> Result<(Node, Node)> {
    let mut office = Node::create(root, "office")?;
    office.found()?;
    let mut second = Node::create(root, "second")?;
    office.admit(&second)?;
    second.link(&office);
    office.start()?;
    second.start()?;
    Ok((office, second))
}

#[test]
fn a_lost_device_is_withdrawn_and_what_it_wrote_offline_can_be_adopted() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (office, second) = pair(root.path())?;
    // Where the lost one was seen last, and which the office does not reach.
    let mut third = Node::create(root.path(), "third")?;
    office.admit(&third)?;
    third.link(&office);
    third.link(&second);
    third.start()?;
    let online = enter(&second, 0..3)?;
    wait("the office holds them", || holds(&office, &online))?;
    link(&office, true)?;
    // The clerk knows nothing of what comes and goes on.
    let offline = enter(&second, 10..14)?;
    wait("the third holds them", || holds(&third, &offline))?;
    let revoked: Revoked = office.order(&["revoke", "--node", &second.key])?;
    assert_eq!(revoked.invalid_after, revoked.invalid_before, "what is known stays: {revoked:?}");
    link(&office, false)?;
    wait("the office sees that they do not count", || {
        let list = quarantine(&office)?;
        ensure!(invalid(&list, &plans(CITY)) == offline.len(), "{list:?}");
        Ok(())
    })?;
    // The third published what it counted before it heard of the revocation.
    wait("they are not counted", || counts(&office, 3))?;
    holds(&office, &online)?;
    let shown: QuarantineShown = office.order(&["quarantine", "show", &offline[0][..12]])?;
    let Some(Claims::Entry { author, content: Content::Changes(changes), .. }) = shown.claims
    else {
        bail!("{shown:?}")
    };
    let area = Scalar::Text("区10".into());
    assert!(changes.iter().any(|Change { to, .. }| *to == area), "{changes:?}");
    assert_eq!(author, second.key);
    wait("they do not count at the third either", || {
        let list = quarantine(&third)?;
        ensure!(invalid(&list, &plans(CITY)) == offline.len(), "{list:?}");
        Ok(())
    })?;

    office.order::<Discarded>(&["quarantine", "discard", &offline[3]])?;
    assert_eq!(invalid(&quarantine(&office)?, &plans(CITY)), 3);
    let adopted: Adopted = office.order(&["quarantine", "adopt", "--author", &second.key])?;
    assert_eq!(adopted.count_now, adopted.adopted, "{adopted:?}");
    assert_eq!(adopted.still_invalid, []);
    holds(&office, &offline)?;
    wait("they count again", || counts(&office, 7))?;
    wait("both agree", || same_heads(&office, &third))
}

#[test]
fn a_stale_backup_goes_on_under_a_new_incarnation_and_loses_nothing() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (mut office, second) = pair(root.path())?;
    let before = enter(&office, 0..3)?;
    let kept = root.path().join("backup");
    let backup: BackupMade = office.order(&["backup", "--out", path(&kept)?])?;
    assert_eq!(backup.figures.unit, "220800");
    let after = enter(&office, 10..14)?;
    wait("the second node holds them", || holds(&second, &after))?;
    let lived = status(&office)?.incarnation;
    office.stop(Signal::SIGKILL)?;
    std::fs::remove_dir_all(&office.dir)?;
    let restored: Restored = office.order(&["restore", "--from", path(&kept)?])?;
    assert_ne!(restored.incarnation, lived);
    office.start()?;
    assert_eq!(status(&office)?.life, None, "a restore is no copy");
    wait("what came after returns", || holds(&office, &after))?;
    let anew = enter(&office, 20..22)?;
    wait("both agree", || same_heads(&office, &second))?;
    for node in [&office, &second] {
        holds(node, &[before.clone(), after.clone(), anew.clone()].concat())?;
        assert!(status(node)?.invalid.is_empty(), "no fork");
    }
    // A damaged backup says so and leaves nothing.
    let damaged = root.path().join("damaged");
    std::fs::write(kept.join("store/CURRENT"), "nothing\n")?;
    let failed = gongzhi(&["restore", "--from", path(&kept)?, "--data", path(&damaged)?]);
    let error = failed.err().context("an error")?.to_string();
    assert!(error.contains("已损坏") && !damaged.exists(), "{error}");
    Ok(())
}

#[test]
fn a_copied_folder_is_noticed_and_nothing_of_either_is_lost() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (office, mut second) = pair(root.path())?;
    let common = enter(&second, 0..2)?;
    wait("the office holds them", || holds(&office, &common))?;
    second.stop(Signal::SIGTERM)?;
    let mut copy = second.beside(&root.path().join("copy"))?;
    let copied = Command::new("cp").arg("-r").args([&second.dir, &copy.dir]).status()?;
    assert!(copied.success());
    copy.link(&office);
    second.start()?;
    copy.start()?;
    assert_eq!(status(&second)?.life, None);
    assert_eq!(status(&copy)?.life, Some(Life::Copied));
    // One key has one place in the network: the two take turns at it.
    link(&second, true)?;
    let (ours, theirs) = (enter(&second, 10..13)?, enter(&copy, 20..23)?);
    wait("the office holds what the copy wrote", || holds(&office, &theirs))?;
    link(&copy, true)?;
    link(&second, false)?;
    wait("the office holds what the first wrote", || holds(&office, &ours))?;
    link(&second, true)?;
    link(&copy, false)?;
    let more = enter(&copy, 30..32)?;
    wait("the office holds what the copy went on to write", || holds(&office, &more))?;
    holds(&office, &[ours, theirs].concat())?;
    let (one, other) = (status(&second)?, status(&copy)?);
    assert_ne!(one.incarnation, other.incarnation);
    assert!(status(&office)?.invalid.is_empty(), "no fork");
    Ok(())
}

/// A city, a district and a community below it, running.
fn tree(root: &Path) -> Result<[Node; 3]> {
    let mut city = Node::create(root, "city")?;
    city.found()?;
    let mut district = Node::create(root, "district")?;
    city.found_below(&district, DISTRICT)?;
    let mut community = Node::create(root, "community")?;
    district.found_below(&community, COMMUNITY)?;
    district.link(&city);
    community.link(&district);
    city.start()?;
    district.start()?;
    community.start()?;
    Ok([city, district, community])
}

/// The same, with a second node of the community.
fn family(root: &Path) -> Result<([Node; 3], Node)> {
    let tree = tree(root)?;
    let mut second = Node::create(root, "second")?;
    tree[2].admit(&second)?;
    second.link(&tree[2]);
    second.link(&tree[1]);
    second.start()?;
    Ok((tree, second))
}

/// How many patrols of the community count at a node.
fn held(node: &Node, count: usize) -> Result<()> {
    let history = history(node, &plans(COMMUNITY))?.len();
    ensure!(history == count, "{history} of {count} count");
    Ok(())
}

/// Takes a key into the community in another one's place; the node of the folder takes it in.
fn replace(community: &Node, node: &Node, new: &str, old: &str) -> Result<()> {
    let grant = node.dir.with_extension("grant");
    let out = path(&grant)?;
    let to = ["delegate", "--to", new, "--replaces", old, "--out", out];
    community.order::<Delegated>(&to)?;
    gongzhi(&["init", "--data", path(&node.dir)?, "--grant", out]).map(drop)
}

#[test]
fn a_members_key_is_replaced_and_its_entries_stay() -> Result<()> {
    let root = tempfile::tempdir()?;
    let ([_city, district, community], mut second) = family(root.path())?;
    let both = |second: &Node, count| {
        wait("both hold all", || held(&community, count).and_then(|()| held(second, count)))
    };
    enter(&community, 0..3)?;
    enter(&second, 10..12)?;
    both(&second, 5)?;

    // Changed on purpose.
    let next = second.order::<Rotation>(&["keys", "rotate"])?.next_node;
    second.stop(Signal::SIGTERM)?;
    replace(&community, &second, &next, &second.key)?;
    assert_eq!(second.order::<KeyMade>(&["key"])?.node, next);
    second.key = next;
    second.start()?;
    enter(&second, 20..22)?;
    both(&second, 7)?;

    // Its folder is lost: another machine takes its place.
    second.stop(Signal::SIGKILL)?;
    let mut fresh = Node::create(root.path(), "fresh")?;
    replace(&community, &fresh, &fresh.key, &second.key)?;
    fresh.link(&community);
    fresh.link(&district);
    fresh.start()?;
    both(&fresh, 7)?;
    enter(&fresh, 30..31)?;
    both(&fresh, 8)?;
    assert!(status(&fresh)?.invalid.is_empty() && status(&community)?.invalid.is_empty());
    // The key that was lost is a member no more.
    second.relink(&[&community]);
    second.start()?;
    wait("it is turned away", || {
        let refusals = status(&second)?.running.context("it runs")?.refusals;
        let away =
            refusals.iter().any(|refusal| refusal.by_peer && refusal.code == "no-delegation");
        ensure!(away, "{refusals:?}");
        Ok(())
    })
}

#[test]
fn a_suspended_unit_is_left_out_of_the_sum_until_it_is_lifted() -> Result<()> {
    let root = tempfile::tempdir()?;
    let [_city, district, community] = tree(root.path())?;
    enter(&community, 0..3)?;
    wait("the district counts it", || counts(&district, 3))?;
    let reason = "数字待核实";
    let suspend = ["suspend", "--unit", COMMUNITY, "--reason", reason];
    district.order::<SuspensionState>(&suspend)?;
    let suspended = Part::Suspended(reason.into());
    let report = wait("the district leaves it out", || {
        let report = district.ask(Report::default())?;
        ensure!(report.parts[COMMUNITY] == suspended, "{:?}", report.parts);
        Ok(report)
    })?;
    assert_eq!(report.coverage, Coverage { reporting: 0, expected: 1 });
    counts(&district, 0)?;
    wait("the community knows", || {
        ensure!(status(&community)?.reporting_suspended, "not yet");
        Ok(())
    })?;
    // It goes on writing, and nothing of its own is touched.
    enter(&community, 10..11)?;
    wait("it counts its own", || counts(&community, 4))?;
    let lifted: SuspensionState = district.order(&["lift", "--unit", COMMUNITY])?;
    assert_eq!(lifted.suspended, None);
    wait("the district counts it again", || counts(&district, 4))
}

/// The city recognises what its district recognised: it is a part of both, and counted once.
#[test]
fn a_unit_that_two_above_recognise_is_counted_once() -> Result<()> {
    let root = tempfile::tempdir()?;
    let [city, district, community] = tree(root.path())?;
    enter(&community, 0..3)?;
    wait("the city counts it", || counts(&city, 3))?;
    let request = community.dir.with_extension("request");
    let grant = root.path().join("again.grant");
    let again = ["recognise", "--request", path(&request)?, "--out", path(&grant)?];
    city.order::<RecognisedFile>(&again)?;
    enter(&community, 10..12)?;
    wait("the district counts it", || counts(&district, 5))?;
    wait("the city counts it once", || counts(&city, 5))
}

#[test]
fn two_of_three_root_keys_found_a_city_and_its_phrase_names_their_successors() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut city = Node::create(root.path(), "city")?;
    let [second, third] = ["second", "third"].map(|name| Node::create(root.path(), name));
    let (second, third) = (second?, third?);
    let grant = root.path().join("city.grant");
    let out = path(&grant)?;
    let name = ["init", "--city", CITY, "--name", "试验", "--threshold", "2", "--out", out];
    let keys = [second.key.clone(), third.key.clone()];
    let roots = ["--root", &keys[0], "--root", &keys[1]];
    let began: Began = city.order(&[&name[..], &roots].concat())?;
    let again = city.order::<Began>(&[&name[..], &roots].concat());
    assert!(again.is_err(), "another network takes the place of its grant");
    let join = ["init", "--grant", out];
    assert!(!city.order::<Joined>(&join)?.recognised, "one key is not enough");
    answered::<EndorsedFile>(&["endorse", "--data", path(&second.dir)?, "--grant", out])?;
    assert!(city.order::<Joined>(&join)?.recognised);
    city.start()?;
    enter(&city, 0..2)?;

    // The others serve the city too.
    let mut nodes = [second, third];
    for node in &mut nodes {
        city.admit(node)?;
        node.link(&city);
        node.start()?;
    }
    let [second, third] = &nodes;
    let phrase = root.path().join("phrase");
    std::fs::write(&phrase, began.root_phrase.context("the root's phrase")?.0)?;
    city.stop(Signal::SIGTERM)?;
    let succeed = ["root", "succeed", "--phrase-file", path(&phrase)?, "--threshold", "2"];
    let succeeded: RootSucceeded = city.order(&[&succeed[..], &roots].concat())?;
    assert!(succeeded.in_effect, "{succeeded:?}");
    // It was used: nobody uses it twice.
    assert!(city.order::<RootSucceeded>(&[&succeed[..], &roots].concat()).is_err());
    city.start()?;
    for node in [&city, second, third] {
        wait("all know", || {
            let keys: KeysHeld = node.order(&["keys", "show"])?;
            let is_root = node.key != city.key;
            ensure!(keys.root.generation == succeeded.generation, "{keys:?}");
            ensure!(keys.is_root == is_root, "{keys:?}");
            Ok(())
        })?;
    }
    // What the keys before them granted lives on.
    let kept = enter(&city, 10..12)?;
    wait("it counts elsewhere", || holds(third, &kept))
}

#[test]
fn a_proof_that_is_none_is_told_apart() -> Result<()> {
    let output = Command::new(binary()?).args(["verify", "--proof", "8280", "--json"]).output()?;
    assert_eq!(output.status.code(), Some(1));
    let said: Reply<()> = serde_json::from_slice(&output.stderr)?;
    assert_eq!(said.into_result(), Err(Failure::NoProof));
    Ok(())
}
