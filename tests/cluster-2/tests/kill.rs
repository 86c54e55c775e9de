//! SIGKILL at random moments under load: what was acknowledged is there, logs have no gap, and
//! the heads of two nodes of the unit converge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use node_api::{Enter, Entry, Half, Inspect, Status};
use tests_cluster::{Node, ask, wait};

const KILLS: u64 = 100;
const CLERKS: u64 = 4;
const DOCUMENT: &str = "220800:patrol:2026-11";

/// A run of a patrol, entered by one of several clerks.
fn entry(clerk: u64, number: u64) -> Enter {
    let started = format!("{:02}:{:02}:{:02}", number / 3600 % 24, number / 60 % 60, number % 60);
    let entry = Entry::Patrol {
        date: "2026-11-02".into(),
        half: Half::Morning,
        area: format!("区{clerk}"),
        started: started.clone(),
        ended: started,
        findings: 0,
        by: None,
        id: None,
    };
    Enter { entry }
}

/// Lets clerks write until the node is killed; returns the envelopes acknowledged to them.
fn write_and_kill(node: &mut Node, round: u64) -> Result<Vec<String>> {
    let (sender, acknowledged) = mpsc::channel();
    let clerks: Vec<_> = (0..CLERKS)
        .map(|clerk| {
            let (dir, sender) = (node.dir.clone(), sender.clone());
            std::thread::spawn(move || {
                for number in 0.. {
                    let Ok(answer) = ask(&dir, entry(clerk, round * 10_000 + number)) else {
                        return;
                    };
                    let _ = sender.send(answer.envelope.unwrap_or_default());
                }
            })
        })
        .collect();
    drop(sender);
    // A moment that differs from round to round, and repeats from run to run.
    let moment = 5 + round.wrapping_mul(2_654_435_761) % 60;
    std::thread::sleep(Duration::from_millis(moment));
    node.stop(Signal::SIGKILL)?;
    for clerk in clerks {
        clerk.join().map_err(|_| anyhow::anyhow!("a clerk panicked"))?;
    }
    Ok(acknowledged.iter().collect())
}

#[test]
fn a_hundred_kills_lose_nothing_acknowledged() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut office = Node::create(root.path(), "office")?;
    office.found()?;
    let mut standby = Node::create(root.path(), "standby")?;
    office.admit(&standby, "220800")?;
    standby.link(&office);
    standby.start()?;
    let mut acknowledged = Vec::new();
    for round in 0..KILLS {
        office.start()?;
        acknowledged.extend(write_and_kill(&mut office, round)?);
        assert!(!standby.exited()?, "nobody may stop who was not killed");
    }
    office.start()?;
    assert!(acknowledged.len() as u64 > KILLS, "the load was real: {}", acknowledged.len());
    println!("{KILLS} kills, {} entries acknowledged", acknowledged.len());

    wait("both nodes hold equal heads", || {
        let heads =
            |node: &Node| Ok::<_, anyhow::Error>(node.ask(Status {})?.heads.remove(DOCUMENT));
        let (ours, theirs) = (heads(&office)?, heads(&standby)?);
        if ours.is_none() || ours != theirs {
            bail!("{ours:?} and {theirs:?}");
        }
        Ok(())
    })?;
    for node in [&office, &standby] {
        let answer = node.ask(Inspect { document: DOCUMENT.into() })?;
        let history = &answer.history;
        let held: BTreeSet<&str> = history.iter().map(|e| e.envelope.as_str()).collect();
        let lost: Vec<_> = acknowledged.iter().filter(|e| !held.contains(e.as_str())).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let mut logs: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for entry in history {
            let author = format!("{}/{}", entry.author, entry.incarnation);
            assert!(logs.entry(author).or_default().insert(entry.seq), "one envelope per seq");
        }
        for (author, seqs) in logs {
            let dense: BTreeSet<u64> = (1..=seqs.len() as u64).collect();
            assert_eq!(seqs, dense, "the log of {author} has a gap");
        }
        assert_eq!(answer.left_out, [], "every envelope is usable");
    }
    Ok(())
}
