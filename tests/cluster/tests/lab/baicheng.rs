//! A whole Baicheng as processes on one machine: a city, six districts, 105 communities, and a
//! district that is gone for the middle third.
//!
//! The nodes share the loopback of the laboratory; what each keeps is checked as elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use node_api::{Events, Inspect, NodeStatus, Report, Status};
use tests_cluster::lab::{City, Oracle, Writer, agree, held, peak, unbroken};
use tests_cluster::{Node, areas, planned, plans, wait};

/// The six districts and counties, and how many of the 105 communities each has here.
const DISTRICTS: [(&str, usize); 6] =
    [("220802", 27), ("220821", 12), ("220822", 17), ("220881", 24), ("220882", 19), ("220803", 6)];
/// A clerk enters slowly: it is the number of offices that makes the load.
const PACE: Duration = Duration::from_secs(3);
const THIRD: Duration = Duration::from_secs(40);
const CITY: &str = "220800";
const MEMORY_KIB_MAX: u64 = 400 * 1024;

struct Office {
    node: Node,
    unit: String,
    district: usize,
}

struct Baicheng {
    city: Node,
    districts: Vec<Node>,
    offices: Vec<Office>,
}

impl Baicheng {
    fn found(root: &std::path::Path) -> Result<Self> {
        let city = Node::create(root, "c")?;
        city.found()?;
        let (mut districts, mut offices) = (Vec::new(), Vec::new());
        for (number, (code, communities)) in DISTRICTS.into_iter().enumerate() {
            let unit = format!("{CITY}/{code}");
            let mut district = Node::create(root, &format!("d{number}"))?;
            city.found_below(&district, &unit)?;
            district.link(&city);
            for community in 1..=communities {
                let unit = format!("{unit}/{code}{community:03}");
                let mut node = Node::create(root, &format!("o{}", offices.len()))?;
                district.found_below(&node, &unit)?;
                node.link(&district);
                offices.push(Office { node, unit, district: number });
            }
            districts.push(district);
        }
        Ok(Self { city, districts, offices })
    }

    fn start(&mut self) -> Result<()> {
        self.city.start()?;
        self.districts.iter_mut().try_for_each(Node::start)?;
        // All of them at once, as after a power cut of the whole city.
        self.offices.iter_mut().try_for_each(|office| office.node.launch())?;
        for office in &self.offices {
            wait("an office answers", || office.node.ask(Events::default()))?;
        }
        Ok(())
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let offices = self.offices.iter().map(|office| &office.node);
        std::iter::once(&self.city).chain(&self.districts).chain(offices)
    }
}

pub(crate) fn whole(lab: &mut City) -> Result<()> {
    // The seven nodes are not part of this: make room.
    lab.sites_mut().iter_mut().try_for_each(|site| site.stop(Signal::SIGKILL))?;
    let mut baicheng = Baicheng::found(&lab.folder())?;
    baicheng.start()?;
    lab.tally.add("processes", baicheng.nodes().count() as u64);
    let oracle = lab.oracle.clone();
    let writers: Vec<Writer> = (baicheng.offices.iter().enumerate())
        .map(|(number, office)| {
            let name = format!("clerk{number}x{:010x}", lab.draw(1 << 40));
            Writer::start(office.node.dir.clone(), &office.unit, &name, PACE, &oracle)
        })
        .collect();
    std::thread::sleep(THIRD);
    let gone = usize::try_from(lab.draw(DISTRICTS.len() as u64))?;
    baicheng.districts[gone].stop(Signal::SIGKILL)?;
    std::thread::sleep(THIRD);
    let before = oracle.entries();
    baicheng.districts[gone].start()?;
    lab.tally.add("districts gone", 1);
    std::thread::sleep(THIRD);
    for (number, office) in baicheng.offices.iter().enumerate() {
        let written = before.get(&office.unit).map_or(0, Vec::len);
        ensure!(written > 10, "office {number} wrote {written} entries: it was held up");
    }
    writers.iter().for_each(Writer::dismiss);
    for writer in writers {
        let waits = writer.stop()?;
        lab.tally.add("entries", waits.entries);
        lab.tally.most("ms until acknowledged", u64::try_from(waits.longest.as_millis())?);
    }
    checked(lab, &mut baicheng, gone, &oracle)
}

/// What must hold of all of them.
fn checked(lab: &mut City, baicheng: &mut Baicheng, gone: usize, oracle: &Oracle) -> Result<()> {
    let statuses = || {
        let status = |node: &Node| Ok((node.key.clone(), node.ask(Status {})?));
        baicheng.nodes().map(status).collect::<Result<Vec<(String, NodeStatus)>>>()
    };
    wait("all nodes hold the same", || agree(&statuses()?))?;
    let mut sum = 0;
    let mut seen = BTreeMap::new();
    for (unit, entries) in oracle.entries() {
        let office = baicheng.offices.iter().find(|o| o.unit == unit).context("an office")?;
        let inspected = office.node.ask(Inspect { document: plans(&unit) })?;
        held(&unit, &entries, &inspected)?;
        unbroken(&unit, &inspected, &mut seen)?;
        sum += areas(&inspected).len() as u64;
        lab.tally.add("acknowledged", entries.len() as u64);
    }
    wait("the city's number is the sum", || {
        let counted = planned(&baicheng.city.ask(Report::default())?);
        ensure!(counted == sum, "the city counts {counted}, the communities hold {sum}");
        Ok(())
    })?;
    for node in baicheng.nodes() {
        let (memory_kib, files) = peak(node.pid().context("a process")?);
        ensure!(memory_kib <= MEMORY_KIB_MAX, "{} took {memory_kib} KiB", node.dir.display());
        lab.tally.most("KiB of memory", memory_kib);
        lab.tally.most("open files", files as u64);
    }
    let offices = baicheng.offices.iter_mut().map(|office| &mut office.node);
    for node in baicheng.districts.iter_mut().chain(offices) {
        if node.exited()? {
            bail!("{} ended by itself", node.dir.display());
        }
    }
    let (code, communities) = DISTRICTS[gone];
    println!("district {code} was gone, with {communities} communities");
    let under = baicheng.offices.iter().filter(|office| office.district == gone).count();
    ensure!(under == communities, "{under} of {communities}");
    Ok(())
}
