//! What must hold after every fault, asked of the nodes and of the disks.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use node_api::{DocumentContents, Documents, Inspect, NodeStatus, PeerStatus, Report};

use super::{City, Entry, Place, Site};
use crate::{areas, planned, plans, wait};

/// A node's memory: the store's cache and buffers (100 MiB), the documents in use, the libraries.
const MEMORY_KIB_MAX: u64 = 400 * 1024;
/// The store's 256, and a connection for each peer.
const FILES_MAX: usize = 512;

/// Classes that stay in their unit.
const PRIVATE: std::ops::Range<u8> = 128..192;

/// The checks, against a city that is at rest and healed.
#[derive(Debug)]
pub struct Audit<'a>(pub &'a mut City);

impl Audit<'_> {
    /// Everything that must hold once faults are over and clerks have gone.
    pub fn all(&mut self) -> Result<()> {
        self.nobody_ended()?;
        self.converged()?;
        self.nothing_lost()?;
        self.added_up()?;
        self.receipts_are_held()?;
        self.nothing_leaked()?;
        self.frugal()
    }

    /// Nobody exits who was not killed.
    pub fn nobody_ended(&mut self) -> Result<()> {
        for site in self.0.sites_mut() {
            ensure!(site.is_up(), "{} was left down", site.name);
            if let Some(status) = site.ended()? {
                bail!("{} ended by itself with {status}: {}", site.name, site.last_words());
            }
        }
        Ok(())
    }

    /// All who hold a scope hold the same of it, and nobody is seen behind.
    pub fn converged(&mut self) -> Result<()> {
        let sites: Vec<&Site> = self.0.sites().iter().collect();
        agreed(&sites)
    }

    /// The nodes of one unit hold the same.
    pub fn unit_converged(&mut self, place: Place) -> Result<()> {
        let site = self.0.at(place);
        let mut sites = beside(self.0, site);
        sites.push(site);
        agreed(&sites)
    }

    /// What was acknowledged is held, counts, and is there once; logs have no gap and no fork.
    pub fn nothing_lost(&mut self) -> Result<()> {
        let entries = self.0.oracle.entries();
        let mut seen = BTreeMap::new();
        let mut logs = 0;
        for site in self.0.sites() {
            let Some(entries) = entries.get(&site.unit) else { continue };
            let document = plans(&site.unit);
            let inspected = site.ask(Inspect { document })?;
            held(&site.name, entries, &inspected)?;
            logs += unbroken(&site.name, &inspected, &mut seen)?;
        }
        let acknowledged: usize = entries.values().map(Vec::len).sum();
        ensure!(acknowledged > 0, "nobody worked");
        self.0.tally.add("acknowledged", acknowledged as u64);
        self.0.tally.add("lost", 0);
        self.0.tally.add("logs", logs);
        Ok(())
    }

    /// A node that is no place of the city has handed over all it has to one that is.
    pub fn handed_over(&mut self, from: &Site, to: Place) -> Result<()> {
        let to = self.0.at(to);
        wait("all is handed over", || {
            let held = to.areas()?;
            let missing = from.areas()?.into_iter().filter(|area| !held.contains(area)).count();
            ensure!(missing == 0, "{missing} entries are not");
            Ok(())
        })
    }

    /// The city's number is the sum of what lies in the communities.
    pub fn added_up(&mut self) -> Result<()> {
        let city = self.0.at(Place::City);
        let mut entered = 0;
        for place in [Place::Office, Place::Hill, Place::River] {
            entered += self.0.at(place).areas()?.len() as u64;
        }
        wait("the city's number is the sum", || {
            let counted = planned(&city.ask(Report::default())?);
            ensure!(
                counted == entered,
                "the city counts {counted}, the communities hold {entered}"
            );
            Ok(())
        })
    }

    /// A receipt claims no more than the other node holds.
    pub fn receipts_are_held(&mut self) -> Result<()> {
        for site in self.0.sites() {
            // Claims first: what others hold only grows.
            let status = site.status()?;
            for scope in &status.scopes {
                let (name, receipts) = (&scope.scope, scope.receipts);
                for (kind, claim, others) in [
                    ("unit", receipts.unit, beside(self.0, site)),
                    ("above", receipts.above, above(self.0, site)),
                ] {
                    let held: Result<Vec<u64>> = others.iter().map(|o| items(o, name)).collect();
                    let most = held?.into_iter().max().unwrap_or(0);
                    let who = &site.name;
                    ensure!(claim <= most, "{who}: {claim} receipts for {name}, {kind}: {most}");
                }
            }
        }
        Ok(())
    }

    /// What a unit keeps to itself lies on no disk outside it, not even in a freed block.
    pub fn nothing_leaked(&mut self) -> Result<()> {
        let entries = self.0.oracle.entries();
        let words: BTreeMap<&str, BTreeSet<&str>> = entries
            .iter()
            .map(|(unit, entries)| (unit.as_str(), entries.iter().map(Entry::writer).collect()))
            .collect();
        for site in self.0.sites() {
            let foreign: Vec<&str> = words
                .iter()
                .filter(|(unit, _)| **unit != site.unit)
                .flat_map(|(_, words)| words.iter().copied())
                .collect();
            let found = site.disk.finds(&foreign)?;
            ensure!(found.is_empty(), "{found:?} lie on the disk of {}", site.name);
            for held in site.ask(Documents {})? {
                let name = &held.document;
                let mut parts = name.splitn(3, ':');
                let owner = parts.next().context("an owner")?;
                let class: u8 = parts.next().context("a class")?.parse()?;
                let own = owner == site.unit || !PRIVATE.contains(&class);
                ensure!(own, "{} holds {name}", site.name);
            }
        }
        Ok(())
    }

    /// Memory and open files stayed within their limits.
    pub fn frugal(&mut self) -> Result<()> {
        self.0.sites_mut().iter_mut().for_each(Site::sample);
        for place in Place::ALL {
            let (name, peak) = (self.0.at(place).name.clone(), self.0.at(place).peak);
            let kib = peak.memory_kib;
            ensure!(kib <= MEMORY_KIB_MAX, "{name} took {kib} KiB, at most {MEMORY_KIB_MAX}");
            ensure!(peak.files <= FILES_MAX, "{name} held {} files open", peak.files);
            self.0.tally.most("KiB of memory", kib);
            self.0.tally.most("open files", peak.files as u64);
        }
        Ok(())
    }
}

/// The statuses of some nodes, by key: they hold the same of every scope that two of them hold,
/// and none sees another one behind.
pub fn agree(statuses: &[(String, NodeStatus)]) -> Result<()> {
    let mut scopes: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (key, status) in statuses {
        for scope in &status.scopes {
            let (name, sum) = (scope.scope.as_str(), scope.sum.as_str());
            scopes.entry(name).or_default().entry(sum).or_default().push(&key[..8]);
        }
        let known = |peer: &&PeerStatus| statuses.iter().any(|(key, _)| peer.peer == *key);
        let late = status.peers.iter().filter(known).filter(|peer| peer.lacks().items != 0).count();
        ensure!(late == 0, "{} sees {late} peers behind", status.unit);
    }
    match scopes.iter().find(|(_, sums)| sums.len() > 1) {
        Some((scope, sums)) => bail!("{scope} differs: {sums:?}"),
        None => Ok(()),
    }
}

/// Waits until some nodes of a city agree.
fn agreed(sites: &[&Site]) -> Result<()> {
    wait("all nodes hold the same", || {
        let status = |site: &&Site| Ok((site.key.clone(), site.status()?));
        agree(&sites.iter().map(status).collect::<Result<Vec<_>>>()?)
    })
}

/// The nodes of the same unit.
fn beside<'a>(city: &'a City, site: &Site) -> Vec<&'a Site> {
    let same = |other: &&Site| other.unit == site.unit && other.name != site.name;
    city.sites().iter().filter(same).collect()
}

/// The nodes of units above.
fn above<'a>(city: &'a City, site: &Site) -> Vec<&'a Site> {
    let over = |other: &&Site| site.unit.starts_with(&format!("{}/", other.unit));
    city.sites().iter().filter(over).collect()
}

/// How many items of a scope a node holds.
fn items(site: &Site, scope: &str) -> Result<u64> {
    let status = site.status()?;
    let held = status.scopes.iter().find(|held| held.scope == scope);
    Ok(held.map_or(0, |held| held.items))
}

/// Every entry acknowledged in a unit is held by this node of it, and counts.
pub fn held(node: &str, entries: &[Entry], inspected: &DocumentContents) -> Result<()> {
    let history = inspected.history.iter();
    let envelopes: BTreeSet<&str> = history.map(|entry| entry.envelope.as_str()).collect();
    let areas = areas(inspected);
    for entry in entries {
        let area = &entry.area;
        ensure!(areas.contains(area.as_str()), "{node} lost {area}, which was acknowledged");
        if let Some(envelope) = &entry.envelope {
            let counts = envelopes.contains(envelope.as_str());
            ensure!(counts, "{node} lost the envelope {envelope} of {area}");
        }
    }
    let suspended = inspected.history.iter().filter(|entry| entry.suspended.is_some()).count();
    ensure!(suspended == 0, "at {node} {suspended} do not count");
    Ok(())
}

/// Logs without gaps, and one envelope for each place of a log, whoever is asked. Returns how many.
pub fn unbroken(
    node: &str,
    inspected: &DocumentContents,
    seen: &mut BTreeMap<(String, u64), String>,
) -> Result<u64> {
    let mut logs: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for entry in &inspected.history {
        let document = &inspected.document;
        let log = format!("{document}/{}/{}", entry.author, entry.incarnation);
        let (seq, envelope) = (entry.seq, &entry.envelope);
        let first = seen.entry((log.clone(), seq)).or_insert_with(|| envelope.clone());
        ensure!(first == envelope, "{node}: {first} and {envelope} at {seq} of {log}");
        logs.entry(log).or_default().insert(seq);
    }
    for (log, seqs) in &logs {
        let dense = seqs.iter().copied().eq(1..=seqs.len() as u64);
        ensure!(dense, "{node}: the log {log} has a gap");
    }
    Ok(logs.len() as u64)
}

impl Site {
    /// The areas of the patrols this node counts.
    pub fn areas(&self) -> Result<BTreeSet<String>> {
        let document = plans(&self.unit);
        let inspected = self.ask(Inspect { document })?;
        Ok(areas(&inspected).into_iter().map(ToOwned::to_owned).collect())
    }
}
