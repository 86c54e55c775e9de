//! A node comes back: the cost follows the change, counted in items, round trips and documents.

use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde_json::json;
use tests_cluster::{Node, binary, gongzhi, path, wait};

/// Where the first revisions of the city's report lie.
const REPORT: &str = "220800:report:live-0000000000";

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
    office.admit(&standby, "220800")?;
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
        let (ours, theirs) =
            (office.ask(&json!({"op": "status"}))?, standby.ask(&json!({"op": "status"}))?);
        if ours["heads"] != theirs["heads"] || ours["heads"][REPORT].is_null() {
            bail!("not equal yet");
        }
        Ok(theirs)
    };
    wait("both hold the same", || settled(&office, &standby))?;
    standby.ask(&json!({"op": "report", "unit": null}))?;
    wait("both hold the same again", || settled(&office, &standby))?;
    // Positions that only echoes moved are told at the next wake, once a second. A node cut off
    // before that resumes by reconciliation: no item more, but more round trips.
    std::thread::sleep(std::time::Duration::from_secs(3));
    standby.stop(Signal::SIGTERM)?;

    office.ask(&json!({"op": "enter", "entry": {
        "record": "patrol", "date": "2026-11-02", "half": "AM", "area": "区", "started": "08:00",
        "ended": "08:30", "findings": 0,
    }}))?;
    standby.start()?;
    let status = wait("the standby has caught up", || settled(&office, &standby))?;
    standby.ask(&json!({"op": "report", "unit": null}))?;

    let documents = status["documents"].as_u64().context("documents")?;
    assert!(documents >= 20, "enough that did not change: {documents}");
    let loaded = standby.ask(&json!({"op": "status"}))?["documents_loaded"].clone();
    let loaded = loaded.as_u64().context("a count")?;
    // The patrol that changed and the report that counts it, which may be revised on both sides.
    assert!(loaded <= 6, "{loaded} loads for one changed document of {documents}");
    let events = standby.ask(&json!({"op": "events"}))?;
    let resumed = events["events"].as_array().into_iter().flatten();
    let resumed = resumed.into_iter().find(|event| event["event"] == "resumed");
    let resumed = resumed.context("a resume on record")?;
    assert_eq!(resumed["round_trips"], 1, "{resumed}");
    assert!(resumed["items_in"].as_u64().is_some_and(|items| items <= 4), "{resumed}");
    Ok(())
}
