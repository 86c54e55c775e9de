//! A node comes back: the cost follows the change, counted in items and documents.

use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use node_api::{Events, Happening, Report, Status};
use tests_cluster::{Node, binary, gongzhi, path, wait};

/// Where the first revisions of the city's report lie.
const REPORT: &str = "220800:64:live.0000000000";

#[test]
fn coming_back_loads_no_document_that_did_not_change() -> Result<()> {
    let root = tempfile::tempdir()?;
    let city = root.path().join("city");
    let made = Command::new(binary()?.with_file_name("gongzhi-dataset"))
        .arg(&city)
        .arg("--demo")
        .output()?;
    assert!(made.status.success());
    let mut office = Node::create(root.path(), "office")?;
    office.found()?;
    let mut standby = Node::create(root.path(), "standby")?;
    office.admit(&standby)?;
    standby.link(&office);
    office.start()?;
    standby.start()?;
    for district in std::fs::read_dir(&city)?.filter_map(|entry| Some(entry.ok()?.path())) {
        for community in std::fs::read_dir(&district).into_iter().flatten() {
            let file = community?.path().join("居民名册.xlsx");
            let arguments = ["import", "--synthetic", "--data", path(&office.dir)?, path(&file)?];
            gongzhi(&arguments)?;
        }
    }
    // Both have counted everything once, and neither has more to say.
    let settled = |office: &Node, standby: &Node| {
        let (ours, theirs) = (office.ask(Status {})?, standby.ask(Status {})?);
        if ours.heads != theirs.heads || !ours.heads.contains_key(REPORT) {
            bail!("not equal yet");
        }
        Ok(theirs)
    };
    wait("both hold the same", || settled(&office, &standby))?;
    wait("the standby has counted", || counted(&standby))?;
    wait("both hold the same again", || settled(&office, &standby))?;
    // Positions that only echoes moved are told at the next wake, once a second. A node cut off
    // before that resumes by reconciliation.
    std::thread::sleep(std::time::Duration::from_secs(3));
    standby.stop(Signal::SIGTERM)?;

    office.enter("区")?;
    standby.start()?;
    let status = wait("the standby has caught up", || settled(&office, &standby))?;
    wait("the standby has counted", || counted(&standby))?;

    let documents = status.documents;
    assert!(documents >= 20, "enough that did not change: {documents}");
    let loaded = standby.ask(Status {})?.documents_loaded;
    // The patrol that changed and the report that counts it, which may be revised on both sides.
    assert!(loaded <= 6, "{loaded} loads for one changed document of {documents}");
    let events = standby.ask(Events::default())?.events;
    let resumed = events.into_iter().find_map(|event| match event.what {
        Happening::Resumed { items_in, .. } => Some(items_in),
        _ => None,
    });
    let items_in = resumed.context("a resume on record")?;
    assert!(items_in <= 4, "{items_in}");
    Ok(())
}

/// Has a node counted all that it holds?
fn counted(node: &Node) -> Result<()> {
    let now = node.ask(Report::default())?.now;
    if now.is_none_or(|now| now.is_behind) {
        bail!("not counted yet");
    }
    Ok(())
}
