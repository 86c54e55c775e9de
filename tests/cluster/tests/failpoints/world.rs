//! A city, and a district of two nodes below it: work for them, and what must hold afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use nix::sys::signal::Signal;
use node_api::{Inspect, Link, NodeStatus, Receipts, Report, Status};
use tests_cluster::{Node, areas, planned, plans, wait};

pub(crate) const CITY: &str = "220800";
pub(crate) const DISTRICT: &str = "220800/220802";

pub(crate) fn status(node: &Node) -> Result<NodeStatus> {
    node.ask(Status {})
}

/// Which of the district's nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Office,
    /// It dials the office.
    Second,
}

pub(crate) struct World {
    pub(crate) city: Node,
    pub(crate) office: Node,
    pub(crate) second: Node,
    /// What clerks were told is entered.
    acknowledged: Vec<String>,
    number: u64,
    // Dropped last, after the processes in it.
    pub(crate) root: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Result<Self> {
        let root = tempfile::tempdir()?;
        let mut city = Node::create(root.path(), "city")?;
        city.found()?;
        let mut office = Node::create(root.path(), "office")?;
        city.found_below(&office, DISTRICT)?;
        let mut second = Node::create(root.path(), "second")?;
        office.admit(&second)?;
        office.link(&city);
        second.link(&office);
        second.link(&city);
        city.start()?;
        office.start()?;
        second.start()?;
        wait("all have met", || joined(&second, &[&office, &city]))?;
        Ok(Self { city, office, second, acknowledged: Vec::new(), number: 0, root })
    }

    pub(crate) fn node(&mut self, who: Who) -> &mut Node {
        match who {
            Who::Office => &mut self.office,
            Who::Second => &mut self.second,
        }
    }

    /// Plans one patrol; keeps what was acknowledged.
    pub(crate) fn enter(&mut self, who: Who) -> Result<()> {
        let node = match who {
            Who::Office => &self.office,
            Who::Second => &self.second,
        };
        self.number += 1;
        let envelope = node.enter(&area(self.number))?;
        self.acknowledged.push(envelope);
        Ok(())
    }

    /// A little of everything that nodes do; the one who is to die may not answer any more.
    pub(crate) fn work(&mut self, dying: Who) -> Result<()> {
        for who in [Who::Office, Who::Second] {
            let entered = self.enter(who);
            ensure!(who == dying || entered.is_ok(), "{who:?} lives and refuses: {entered:?}");
        }
        if self.number.is_multiple_of(6) {
            for block in [true, false] {
                let linked = self.second.ask(Link { peer: "all".into(), block });
                ensure!(dying == Who::Second || linked.is_ok(), "{linked:?}");
            }
            let _ = self.office.ask(Report::default());
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        Ok(())
    }

    /// What must hold at once, whoever just came back: nothing acknowledged is lost, and nobody
    /// claims receipts for what the other does not hold.
    pub(crate) fn holds(&self) -> Result<()> {
        let held: BTreeSet<String> = [&self.office, &self.second].into_iter().try_fold(
            BTreeSet::new(),
            |mut held, node| {
                held.extend(envelopes(node, &plans(DISTRICT))?.into_values());
                Ok::<_, anyhow::Error>(held)
            },
        )?;
        let lost: Vec<_> = self.acknowledged.iter().filter(|id| !held.contains(*id)).collect();
        ensure!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        for (claims, unit) in [(&self.office, &self.second), (&self.second, &self.office)] {
            receipts(claims, |receipts| receipts.unit, unit)?;
            receipts(claims, |receipts| receipts.above, &self.city)?;
        }
        Ok(())
    }

    /// What must hold once all run and are joined again.
    pub(crate) fn sound(&self) -> Result<()> {
        self.holds()?;
        let (office, second) = (&self.office, &self.second);
        wait("the nodes of the unit hold equal heads", || self.agreed())?;
        let mut places: BTreeMap<Place, String> = BTreeMap::new();
        for node in [&self.city, office, second] {
            let status = status(node)?;
            ensure!(status.invalid.is_empty(), "do not count: {:?}", status.invalid);
            for document in status.heads.keys() {
                for (place, envelope) in envelopes(node, document)? {
                    let first = places.entry(place.clone()).or_insert_with(|| envelope.clone());
                    ensure!(*first == envelope, "two envelopes at {place:?}");
                }
            }
        }
        for node in [office, second] {
            let held: BTreeSet<String> = envelopes(node, &plans(DISTRICT))?.into_values().collect();
            ensure!(self.acknowledged.iter().all(|id| held.contains(id)), "not all at both");
        }
        // Each of them is one patrol: here, and in the sum above.
        let mut entered = 0;
        for document in [plans(DISTRICT), imported(DISTRICT)] {
            entered += areas(&office.ask(Inspect { document })?).len() as u64;
        }
        for node in [&self.city, office, second] {
            wait("every entry counts", || {
                let counted = planned(&node.ask(Report::default())?);
                ensure!(counted == entered, "{counted} of {entered} count at {}", node.key);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Do both nodes of the unit hold equal heads?
    pub(crate) fn agreed(&self) -> Result<()> {
        let (office, second) = (status(&self.office)?.heads, status(&self.second)?.heads);
        ensure!(office == second && !office.is_empty(), "{office:?} and {second:?}");
        Ok(())
    }

    /// Stops the second node once the office has heard all of it: what it has not heard of a key
    /// ends with the key.
    pub(crate) fn silence_second(&mut self) -> Result<()> {
        loop {
            wait("all is up to date", || joined(&self.second, &[&self.city, &self.office]))?;
            wait("the office holds it", || self.agreed())?;
            self.second.stop(Signal::SIGTERM)?;
            // Its last word may have been a report that nobody was told of.
            let own: NodeStatus = self.second.order(&["status"])?;
            if own.heads == status(&self.office)?.heads {
                return Ok(());
            }
            self.second.start()?;
        }
    }

    /// Another node, which holds nothing yet, takes the second one's place.
    pub(crate) fn replace_second(&mut self, name: &str) -> Result<()> {
        let fresh = Node::create(self.root.path(), name)?;
        self.office.admit(&fresh)?;
        self.second = fresh;
        self.second.relink(&[&self.office, &self.city]);
        Ok(())
    }

    /// Takes a node's folder to another machine: it goes on as a copy would, its cursors forgotten.
    pub(crate) fn carry(&mut self, who: Who) -> Result<()> {
        let node = self.node(who);
        node.stop(Signal::SIGTERM)?;
        let away = node.dir.with_extension("away");
        std::fs::rename(&node.dir, &away)?;
        let copied =
            std::process::Command::new("cp").arg("-r").args([&away, &node.dir]).status()?;
        ensure!(copied.success());
        node.forget()?;
        Ok(std::fs::remove_dir_all(&away)?)
    }
}

/// The area of a patrol.
pub(crate) fn area(number: u64) -> String {
    format!("区{number}")
}

/// The document into which [`workbook`] goes.
fn imported(unit: &str) -> String {
    format!("{unit}:147:2026-10")
}

/// A workbook of planned patrols, each of an area of its own.
pub(crate) fn workbook(folder: &Path, rows: u64) -> Result<PathBuf> {
    let mut text = "日期,时段,区域\n".to_owned();
    for row in 0..rows {
        text += &format!("2026-10-{:02},上午,区{row}\n", row % 28 + 1);
    }
    let file = folder.join("巡查计划-2026-10.csv");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// Where an envelope stands: document, author, incarnation, seq.
type Place = (String, String, String, u64);

/// The envelopes of a document; its logs have no gap, and all of them count.
pub(crate) fn envelopes(node: &Node, document: &str) -> Result<BTreeMap<Place, String>> {
    let answer = node.ask(Inspect { document: document.into() })?;
    let mut held = BTreeMap::new();
    let mut logs: BTreeMap<(String, String), u64> = BTreeMap::new();
    for entry in answer.history {
        ensure!(entry.suspended.is_none(), "does not count: {entry:?}");
        let log = (entry.author, entry.incarnation);
        *logs.entry(log.clone()).or_default() += 1;
        let place = (document.to_owned(), log.0, log.1, entry.seq);
        let envelope = entry.envelope;
        ensure!(held.insert(place, envelope.clone()).is_none(), "two at one place: {envelope}");
    }
    for ((author, life), count) in logs {
        let place = |seq| (document.to_owned(), author.clone(), life.clone(), seq);
        let gap = (1..=count).find(|seq| !held.contains_key(&place(*seq)));
        ensure!(gap.is_none(), "the log of {author} {life} in {document} has no {gap:?}");
    }
    Ok(held)
}

/// No node claims more receipts than the other holds items.
fn receipts(claims: &Node, from: fn(Receipts) -> u64, other: &Node) -> Result<()> {
    // Asked first: what the other holds only grows.
    let (claims, held) = (status(claims)?, status(other)?);
    for scope in claims.scopes {
        let same = held.scopes.iter().find(|other| other.scope == scope.scope);
        let items = same.map_or(0, |other| other.items);
        let claimed = from(scope.receipts);
        ensure!(claimed <= items, "{claimed} receipts claimed, {items} held: {scope:?}");
    }
    Ok(())
}

/// Is a node joined with these and no others, and does each hold all that it has for them?
pub(crate) fn joined(node: &Node, with: &[&Node]) -> Result<()> {
    let peers = status(node)?.peers;
    let joined = |key: &String| {
        peers.iter().any(|peer| peer.peer == *key && peer.is_live() && peer.lacks().items == 0)
    };
    let connected = peers.iter().filter(|peer| peer.is_live()).count();
    let all = with.iter().all(|other| joined(&other.key));
    ensure!(all && connected == with.len(), "{peers:?}");
    Ok(())
}

/// Nothing half-written lies in a folder.
pub(crate) fn tidy(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(!name.contains(".new-") && name != "beginning", "{name} was left");
    }
    Ok(())
}
