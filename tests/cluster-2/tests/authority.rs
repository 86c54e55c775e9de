//! What happens to a unit over the years: a device is lost, a backup is old, a folder is copied, a
//! key is replaced, a district does not trust a number.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use node_api::{
    Adopted, BackupMade, Change, Claims, Content, Coverage, Delegated, Discarded, Endorsed,
    EndorsedFile, Enter, Entry, Failure, Half, HistoryEntry, Inspect, KeysHeld, Life, Link,
    NodeStatus, Part, QuarantineList, QuarantineShown, Reply, Report, Restored, Revoked, Rotation,
    Scalar, Status, Succession, SuspensionState,
};
use tests_cluster::{Node, binary, gongzhi, path, wait};

const DOCUMENT: &str = "220800:patrol:2026-11";
const DISTRICT: &str = "220800/220802";
const COMMUNITY: &str = "220800/220802/220802001";
const PATROLS: &str = "220800/220802/220802001:patrol:2026-11";

fn patrol(number: u64) -> Enter {
    let at = format!("{:02}:{:02}", number / 60 % 24, number % 60);
    let entry = Entry::Patrol {
        date: "2026-11-02".into(),
        half: Half::Morning,
        area: "一网格".into(),
        started: at.clone(),
        ended: at,
        findings: 1,
        by: None,
        id: None,
    };
    Enter { entry }
}

/// Enters patrols with one finding each; returns their envelopes.
fn enter(node: &Node, numbers: std::ops::Range<u64>) -> Result<Vec<String>> {
    let envelope = |number| {
        let answer = node.ask(patrol(number))?;
        answer.envelope.context("an envelope")
    };
    numbers.map(envelope).collect()
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
    Ok(history(node, DOCUMENT)?.into_iter().map(|entry| entry.envelope).collect())
}

/// How many entries of a document do not count; reports that rest on them do not either.
fn invalid(list: &QuarantineList, document: &str) -> usize {
    list.invalid.iter().filter(|entry| entry.document == document).count()
}

fn quarantine(node: &Node) -> Result<QuarantineList> {
    node.order(&["quarantine", "list"])
}

/// The life a node leads, as a number that grows.
fn life(incarnation: &str) -> Result<u64> {
    Ok(incarnation.parse()?)
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
    let (ours, theirs) = (ours.get(DOCUMENT), theirs.get(DOCUMENT));
    ensure!(ours == theirs && ours.is_some(), "{ours:?} {theirs:?}");
    Ok(())
}

fn findings(node: &Node) -> Result<u64> {
    let report = node.ask(Report::default())?;
    Ok(report.cell("PAT.FINDINGS").context("a cell")?.value)
}

fn counts(node: &Node, expected: u64) -> Result<()> {
    let found = findings(node)?;
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
    office.admit(&second, "220800")?;
    second.link(&office);
    office.start()?;
    second.start()?;
    Ok((office, second))
}

#[test]
fn a_lost_device_is_withdrawn_and_what_it_wrote_offline_can_be_adopted() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (office, second) = pair(root.path())?;
    let online = enter(&second, 0..3)?;
    wait("the office holds them", || holds(&office, &online))?;
    link(&second, true)?;
    let revoked: Revoked = office.order(&["revoke", "--node", &second.key])?;
    assert_eq!(revoked.invalid_by_this, 0, "what is known stays: {revoked:?}");
    // The clerk knows nothing of it and goes on.
    let offline = enter(&second, 10..14)?;
    link(&second, false)?;
    let listed = wait("the office sees that they do not count", || {
        let list = quarantine(&office)?;
        ensure!(invalid(&list, DOCUMENT) == offline.len(), "{list:?}");
        Ok(list)
    })?;
    assert!(listed.invalid.iter().all(|entry| entry.code == "revoked"));
    assert_eq!(findings(&office)?, 3);
    holds(&office, &online)?;
    let shown: QuarantineShown = office.order(&["quarantine", "show", &offline[0][..12]])?;
    let Some(Claims::Entry { author, content: Content::Changes(changes), .. }) = shown.claims
    else {
        bail!("{shown:?}")
    };
    let area = Scalar::Text("一网格".into());
    let says = |change: &Change| matches!(change, Change::Set { to, .. } if *to == area);
    assert!(changes.iter().any(says), "{changes:?}");
    assert_eq!(author, second.key);
    // What its clerk enters from now on is refused at once, with the reason.
    let refused = wait("the second node knows", || match second.ask(patrol(99)) {
        Ok(_) => bail!("taken"),
        Err(error) => Ok(error.downcast::<Failure>()?),
    })?;
    let Failure::NotPermitted { detail, .. } = &refused else { bail!("{refused:?}") };
    assert!(detail.contains("revoked"), "{detail}");

    office.order::<Discarded>(&["quarantine", "discard", &offline[3]])?;
    assert_eq!(invalid(&quarantine(&office)?, DOCUMENT), 3);
    let adopted: Adopted = office.order(&["quarantine", "adopt", "--author", &second.key])?;
    assert_eq!(adopted.count_now, adopted.adopted, "{adopted:?}");
    assert_eq!(adopted.still_invalid, []);
    holds(&office, &offline)?;
    assert!(findings(&office)? >= 7);
    wait("both agree", || same_heads(&office, &second))
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
    let lived = life(&status(&office)?.incarnation)?;
    office.stop(Signal::SIGKILL)?;
    std::fs::remove_dir_all(&office.dir)?;
    let restored: Restored = office.order(&["restore", "--from", path(&kept)?])?;
    assert!(life(&restored.incarnation)? > lived, "{restored:?}");
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
    city.admit(&district, DISTRICT)?;
    let mut community = Node::create(root, "community")?;
    district.admit(&community, COMMUNITY)?;
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
    tree[2].admit(&second, COMMUNITY)?;
    second.link(&tree[2]);
    second.link(&tree[1]);
    second.start()?;
    Ok((tree, second))
}

/// How many patrols of the community count at a node.
fn held(node: &Node, count: usize) -> Result<()> {
    let history = history(node, PATROLS)?.len();
    ensure!(history == count, "{history} of {count} count");
    Ok(())
}

/// Do two nodes know the same of what the community's keys signed?
fn same_grants(one: &Node, other: &Node) -> Result<()> {
    let scope = format!("{COMMUNITY}@public");
    let known = |node: &Node| {
        let found = status(node)?.scopes.into_iter().find(|held| held.scope == scope);
        Ok::<_, anyhow::Error>(found.context("nothing yet")?.fingerprint)
    };
    let (ours, theirs) = (known(one)?, known(other)?);
    ensure!(ours == theirs, "{ours} {theirs}");
    Ok(())
}

/// The district grants the community a key in another one's place; the new node takes it in.
fn replace(district: &Node, node: &Node, new: &str, old: &str) -> Result<()> {
    let grant = node.dir.with_extension("grant");
    let out = path(&grant)?;
    let to = ["delegate", "--unit", COMMUNITY, "--to", new, "--replaces", old, "--out", out];
    district.order::<Delegated>(&to)?;
    gongzhi(&["init", "--data", path(&node.dir)?, "--grant", out]).map(drop)
}

/// The community's key is changed on purpose.
fn rotate(district: &Node, community: &mut Node) -> Result<()> {
    let next = community.order::<Rotation>(&["keys", "rotate"])?.next_node;
    community.stop(Signal::SIGTERM)?;
    replace(district, community, &next, &community.key)?;
    assert_eq!(gongzhi(&["key", "--data", path(&community.dir)?])?, next);
    community.key = next;
    Ok(())
}

/// The community's folder is lost: another machine takes its place.
fn take_place(root: &Path, district: &Node, second: &Node, lost: &str) -> Result<Node> {
    let mut fresh = Node::create(root, "fresh")?;
    replace(district, &fresh, &fresh.key, lost)?;
    fresh.link(district);
    fresh.link(second);
    fresh.start()?;
    Ok(fresh)
}

#[test]
fn a_key_is_replaced_and_the_documents_stay() -> Result<()> {
    let root = tempfile::tempdir()?;
    let ([_city, district, mut community], mut second) = family(root.path())?;
    let both = |community: &Node, second: &Node, count| {
        wait("both hold all", || held(community, count).and_then(|()| held(second, count)))
    };
    enter(&community, 0..3)?;
    enter(&second, 10..12)?;
    both(&community, &second, 5)?;
    wait("the district knows the grants", || same_grants(&community, &district))?;

    // Changed on purpose.
    rotate(&district, &mut community)?;
    community.start()?;
    second.relink(&[&community, &district]);
    second.stop(Signal::SIGTERM)?;
    second.start()?;
    enter(&community, 20..22)?;
    both(&community, &second, 7)?;
    // What the district has heard of, it keeps.
    wait("the district knows the grants", || same_grants(&community, &district))?;

    let lost = community.key.clone();
    community.stop(Signal::SIGKILL)?;
    let fresh = take_place(root.path(), &district, &second, &lost)?;
    wait("the documents come back", || held(&fresh, 7))?;
    enter(&fresh, 30..31)?;
    enter(&second, 40..41)?;
    both(&fresh, &second, 9)?;
    // What the lost key could still write is withdrawn where the documents are.
    let revoked: Revoked = fresh.order(&["revoke", "--node", &lost])?;
    assert_eq!(revoked.invalid_by_this, 0, "{revoked:?}");
    both(&fresh, &second, 9)
}

#[test]
fn what_the_district_had_not_heard_of_a_lost_key_is_taken_back() -> Result<()> {
    let root = tempfile::tempdir()?;
    let ([_city, district, mut community], mut second) = family(root.path())?;
    enter(&community, 0..3)?;
    wait("the second holds them", || held(&second, 3))?;
    wait("the district knows the grants", || same_grants(&community, &district))?;
    // With its new key the community has not reached the district when it is lost.
    rotate(&district, &mut community)?;
    link(&district, true)?;
    community.start()?;
    second.relink(&[&community]);
    second.stop(Signal::SIGTERM)?;
    second.start()?;
    enter(&community, 20..22)?;
    wait("the second holds them too", || held(&second, 5))?;
    let lost = community.key.clone();
    community.stop(Signal::SIGKILL)?;
    link(&district, false)?;
    let fresh = take_place(root.path(), &district, &second, &lost)?;
    wait("what the district had not heard of is set aside", || {
        let aside = invalid(&quarantine(&fresh)?, PATROLS);
        ensure!(aside == 2, "{aside}");
        held(&fresh, 3)
    })?;
    fresh.order::<Adopted>(&["quarantine", "adopt", "--author", &lost])?;
    wait("both hold all again", || held(&fresh, 5).and_then(|()| held(&second, 5)))
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
    let report = district.ask(Report::default())?;
    assert_eq!(report.parts[COMMUNITY], Part::Suspended(reason.into()));
    assert_eq!(report.coverage, Coverage { reporting: 0, expected: 1 });
    assert_eq!(findings(&district)?, 0);
    wait("the community reads why", || {
        let suspended = status(&community)?.reporting_suspended.context("not yet")?;
        ensure!(suspended.reason == reason, "{suspended:?}");
        Ok(())
    })?;
    // It goes on writing, and nothing of its own is touched.
    enter(&community, 10..11)?;
    assert_eq!(findings(&community)?, 4);
    let lifted: SuspensionState = district.order(&["suspend", "--unit", COMMUNITY, "--lift"])?;
    assert_eq!(lifted.suspended, None);
    wait("the district counts it again", || counts(&district, 4))
}

#[test]
fn two_of_three_root_keys_found_a_city_and_name_their_successors() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut city = Node::create(root.path(), "city")?;
    let [second, third] = ["second", "third"].map(|name| Node::create(root.path(), name));
    let (second, third) = (second?, third?);
    let grant = root.path().join("city.grant");
    let (dir, out) = (path(&city.dir)?.to_owned(), path(&grant)?.to_owned());
    gongzhi(&[
        "init",
        "--data",
        &dir,
        "--city",
        "220800",
        "--name",
        "试验",
        "--root",
        &second.key,
        "--root",
        &third.key,
        "--threshold",
        "2",
        "--out",
        &out,
    ])?;
    let alone = gongzhi(&["init", "--data", &dir, "--grant", &out]);
    let error = alone.err().context("one key is not enough")?.to_string();
    assert!(error.contains("1 of the 2 root signatures"), "{error}");
    second.order::<EndorsedFile>(&["endorse", "--grant", &out])?;
    gongzhi(&["init", "--data", &dir, "--grant", &out])?;
    city.start()?;
    enter(&city, 0..2)?;

    // The others serve the city too: each holds a root key.
    let mut nodes = [second, third];
    for node in &mut nodes {
        city.admit(node, "220800")?;
        node.link(&city);
        node.start()?;
    }
    let [second, third] = &nodes;
    let roots = ["keys", "roots", "--root", &second.key, "--root", &third.key, "--threshold", "2"];
    let succession: Succession = city.order(&roots)?;
    assert!(!succession.in_effect, "{succession:?}");
    let id = &succession.statement;
    let endorse = || third.order::<Endorsed>(&["endorse", "--statement", id]);
    let endorsed = wait("the third holds it", endorse)?;
    assert!(endorsed.in_effect, "{endorsed:?}");
    wait("the city knows", || {
        let keys: KeysHeld = city.order(&["keys", "show"])?;
        ensure!(!keys.is_root && keys.generation == *id, "{keys:?}");
        Ok(())
    })?;
    // What the keys before them granted lives on.
    let kept = enter(&city, 10..12)?;
    wait("it counts elsewhere", || holds(third, &kept))
}

#[test]
fn a_caretaker_writes_once_a_second_unit_above_has_signed() -> Result<()> {
    let root = tempfile::tempdir()?;
    let [city, district, community] = tree(root.path())?;
    let mut carer = Node::create(root.path(), "carer")?;
    let grant = root.path().join("care.grant");
    let out = path(&grant)?;
    let grants = ["delegate", "--unit", COMMUNITY, "--to", &carer.key, "--caretaker", "--out", out];
    let delegated: Delegated = district.order(&grants)?;
    assert!(delegated.waits_for.is_some(), "{delegated:?}");
    let init = ["init", "--data", path(&carer.dir)?, "--grant", out];
    assert!(gongzhi(&init).is_err(), "one signature is not enough");
    let own = district.order::<EndorsedFile>(&["endorse", "--grant", out]);
    assert!(own.is_err(), "nobody endorses what it issued");
    city.order::<EndorsedFile>(&["endorse", "--grant", out])?;
    gongzhi(&init)?;
    carer.link(&community);
    carer.link(&district);
    carer.start()?;
    let entered = carer.ask(patrol(1))?;
    assert_eq!(entered.document, format!("{COMMUNITY}:patrol:2026-11"));
    wait("the community holds it and sees who cares", || {
        let caretakers = status(&community)?.caretakers;
        ensure!(caretakers.iter().any(|care| care.node == carer.key), "{caretakers:?}");
        ensure!(findings(&community)? == 1);
        Ok(())
    })
}

#[test]
fn a_proof_that_is_none_is_told_apart() -> Result<()> {
    let output = Command::new(binary()?).args(["verify", "--proof", "8280", "--json"]).output()?;
    assert_eq!(output.status.code(), Some(1));
    let said: Reply<()> = serde_json::from_slice(&output.stderr)?;
    assert_eq!(said.into_result(), Err(Failure::NoProof));
    Ok(())
}
