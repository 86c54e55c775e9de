//! SIGKILL at random moments under load: what was acknowledged is there, logs have no gap, and
//! the heads of two nodes of the unit converge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use node_api::{Inspect, Status};
use tests_cluster::{Node, enter, plans, wait};

const KILLS: u64 = 100;
const WRITERS: u64 = 4;
const CITY: &str = "220800";

/// Lets clerks write until the node is killed; returns the envelopes acknowledged to them.
fn write_and_kill(node: &mut Node, round: u64) -> Result<Vec<String>> {
    let (sender, acknowledged) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (dir, sender) = (node.dir.clone(), sender.clone());
            std::thread::spawn(move || {
                for number in 0.. {
                    let Ok(envelope) = enter(&dir, &format!("区{writer}-{round}-{number}")) else {
                        return;
                    };
                    let _ = sender.send(envelope);
                }
            })
        })
        .collect();
    drop(sender);
    // A moment that differs from round to round, and repeats from run to run.
    let moment = 5 + round.wrapping_mul(2_654_435_761) % 60;
    std::thread::sleep(Duration::from_millis(moment));
    node.stop(Signal::SIGKILL)?;
    for writer in writers {
        writer.join().map_err(|_| anyhow::anyhow!("a clerk panicked"))?;
    }
    Ok(acknowledged.iter().collect())
}

#[test]
fn a_hundred_kills_lose_nothing_acknowledged() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut office = Node::create(root.path(), "office")?;
    office.found()?;
    let mut standby = Node::create(root.path(), "standby")?;
    office.admit(&standby)?;
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
            |node: &Node| Ok::<_, anyhow::Error>(node.ask(Status {})?.heads.remove(&plans(CITY)));
        let (ours, theirs) = (heads(&office)?, heads(&standby)?);
        if ours.is_none() || ours != theirs {
            bail!("{ours:?} and {theirs:?}");
        }
        Ok(())
    })?;
    for node in [&office, &standby] {
        let answer = node.ask(Inspect { document: plans(CITY) })?;
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
        let left = history.iter().filter(|entry| entry.suspended.is_some()).count();
        assert_eq!(left, 0, "every envelope counts");
    }
    Ok(())
}
