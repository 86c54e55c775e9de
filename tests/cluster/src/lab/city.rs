//! A small city of seven nodes on three tiers, as the scenarios use it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Disk, Host, Lan, Link, Oracle, Site, Tally, Weather, Writer, mechanism};

/// Every disk; the file is sparse.
const DISK_MEBIBYTES: u64 = 256;
/// A clerk of the laboratory is quick.
const PACE: Duration = Duration::from_millis(25);

/// The nodes, the upper tiers first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    City,
    East,
    West,
    /// The community with two nodes, and the second of them.
    Office,
    Standby,
    /// Another community of the eastern district.
    Hill,
    /// A community of the western district.
    River,
}

impl Place {
    pub const ALL: [Self; 7] =
        [Self::City, Self::East, Self::West, Self::Office, Self::Standby, Self::Hill, Self::River];
    /// Where clerks work.
    pub const OFFICES: [Self; 4] = [Self::Office, Self::Standby, Self::Hill, Self::River];

    const fn name(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::East => "east",
            Self::West => "west",
            Self::Office => "office",
            Self::Standby => "standby",
            Self::Hill => "hill",
            Self::River => "river",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::City => "220800",
            Self::East => "220800/220802",
            Self::West => "220800/220881",
            Self::Office | Self::Standby => "220800/220802/220802001",
            Self::Hill => "220800/220802/220802002",
            Self::River => "220800/220881/220881001",
        }
    }

    /// The number of its local network; the two nodes of a unit share one.
    const fn lan(self) -> u8 {
        match self {
            Self::City => 1,
            Self::East => 2,
            Self::West => 3,
            Self::Office | Self::Standby => 4,
            Self::Hill => 5,
            Self::River => 6,
        }
    }

    /// Whom it dials.
    const fn dials(self) -> &'static [Self] {
        match self {
            Self::City => &[],
            Self::East | Self::West => &[Self::City],
            Self::Office | Self::Hill => &[Self::East],
            Self::Standby => &[Self::Office, Self::East],
            Self::River => &[Self::West],
        }
    }
}

/// Seven nodes, the links between them, and what was acknowledged.
#[derive(Debug)]
pub struct City {
    sites: Vec<Site>,
    links: BTreeMap<(Place, Place), Arc<Link>>,
    writers: Vec<Writer>,
    pub oracle: Arc<Oracle>,
    pub tally: Tally,
    pub chance: ChaCha8Rng,
    // Dropped last: the networks, then the folder everything lies in.
    lans: BTreeMap<u8, Arc<Lan>>,
    root: tempfile::TempDir,
}

impl City {
    /// Founds the network and starts every node.
    pub fn found(seed: u64) -> Result<Self> {
        mechanism::settle()?;
        let root = tempfile::Builder::new().prefix("gz").tempdir()?;
        let mut lans = BTreeMap::new();
        for place in Place::ALL {
            if let Entry::Vacant(vacant) = lans.entry(place.lan()) {
                vacant.insert(Lan::create(place.lan())?);
            }
        }
        let mut city = Self {
            sites: Vec::new(),
            links: BTreeMap::new(),
            writers: Vec::new(),
            oracle: Oracle::create(&root.path().join("acknowledged"))?,
            tally: Tally::default(),
            chance: ChaCha8Rng::seed_from_u64(seed),
            lans,
            root,
        };
        for place in Place::ALL {
            let number = if place == Place::Standby { 3 } else { 2 };
            let site = city.build(place.name(), place.unit(), place.lan(), number)?;
            city.sites.push(site);
        }
        city.delegate()?;
        city.connect()?;
        city.sites.iter_mut().try_for_each(Site::start)?;
        Ok(city)
    }

    fn build(&self, name: &str, unit: &str, lan: u8, number: u8) -> Result<Site> {
        let host = Host::create(&self.lans[&lan], number)?;
        let disk = Disk::create(self.root.path(), name, DISK_MEBIBYTES)?;
        Site::create(self.root.path(), name, unit, host, disk)
    }

    /// Each unit begins by itself and is recognised by the one above it; a second node is taken in by
    /// the first.
    fn delegate(&self) -> Result<()> {
        let name = "试验市";
        self.at(Place::City).order(&["init", "--city", Place::City.unit(), "--name", name])?;
        for (issuer, subject) in [
            (Place::City, Place::East),
            (Place::City, Place::West),
            (Place::East, Place::Office),
            (Place::Office, Place::Standby),
            (Place::East, Place::Hill),
            (Place::West, Place::River),
        ] {
            self.at(issuer).admit(self.at(subject))?;
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<()> {
        for from in Place::ALL {
            for to in from.dials() {
                let gateway = self.lans[&from.lan()].gateway();
                let link = Link::open(gateway, self.at(*to).address(), self.chance.next_u64())?;
                let key = self.at(*to).key.clone();
                self.at_mut(from).dial(&key, link.listens());
                self.links.insert((from, *to), link);
            }
        }
        Ok(())
    }

    /// A node.
    pub fn at(&self, place: Place) -> &Site {
        &self.sites[place as usize]
    }

    /// A node, to be started, stopped or changed.
    pub fn at_mut(&mut self, place: Place) -> &mut Site {
        &mut self.sites[place as usize]
    }

    /// All nodes.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// All nodes, to be sampled or stopped.
    pub fn sites_mut(&mut self) -> &mut [Site] {
        &mut self.sites
    }

    /// Where a folder for a scenario's own files lies.
    pub fn folder(&self) -> PathBuf {
        self.root.path().to_owned()
    }

    /// The local network of a place.
    pub fn lan(&self, place: Place) -> &Arc<Lan> {
        &self.lans[&place.lan()]
    }

    /// How the links of a place to those above and beside it behave from now on.
    pub fn weather(&self, from: Place, weather: Weather) {
        self.links.range((from, Place::City)..=(from, Place::River)).for_each(|(_, link)| {
            link.set(weather);
        });
    }

    /// How one link behaves from now on.
    pub fn link(&self, from: Place, to: Place) -> Result<&Arc<Link>> {
        self.links.get(&(from, to)).with_context(|| format!("no link {from:?} to {to:?}"))
    }

    /// Where a link is reached by who may dial it.
    pub fn route(&self, from: Place, to: Place) -> Result<SocketAddr> {
        Ok(self.link(from, to)?.listens())
    }

    /// Clerks begin to work at these places, one each.
    pub fn work(&mut self, places: &[Place]) {
        for place in places {
            let site = self.at(*place);
            let (dir, unit, name) = (site.dir(), site.unit.clone(), site.name.clone());
            self.writer(dir, &unit, &name);
        }
    }

    /// A clerk begins to work at a node that is no place of the city.
    pub fn work_at(&mut self, site: &Site) {
        self.writer(site.dir(), &site.unit, &site.name);
    }

    fn writer(&mut self, dir: PathBuf, unit: &str, name: &str) {
        // A word nobody else uses: it must not be found elsewhere.
        let name = format!("{name}{:010x}", self.draw(1 << 40));
        self.writers.push(Writer::start(dir, unit, &name, PACE, &self.oracle));
    }

    /// Every clerk finishes the entry at hand and goes.
    pub fn rest(&mut self) -> Result<()> {
        self.writers.iter().for_each(Writer::dismiss);
        for writer in std::mem::take(&mut self.writers) {
            let waits = writer.stop()?;
            self.tally.add("entries", waits.entries);
            self.tally.add("tries", waits.tries);
            let longest = u64::try_from(waits.longest.as_millis())?;
            self.tally.most("ms until acknowledged", longest);
        }
        Ok(())
    }

    /// A number below `bound`, drawn from the seed.
    pub fn draw(&mut self, bound: u64) -> u64 {
        self.chance.next_u64() % bound
    }

    /// A pause of so many milliseconds, half of it by chance.
    pub fn pause(&mut self, ms: u64) {
        let half = ms / 2;
        std::thread::sleep(Duration::from_millis(half + self.draw(half + 1)));
        self.sites.iter_mut().for_each(Site::sample);
    }

    /// Kills a node and starts it again.
    pub fn kill(&mut self, place: Place) -> Result<()> {
        self.at_mut(place).stop(Signal::SIGKILL)?;
        self.tally.add("kills", 1);
        self.at_mut(place).start()
    }

    /// Cuts a node off its power and starts it again.
    pub fn cut_power(&mut self, place: Place) -> Result<()> {
        self.at_mut(place).cut_power()?;
        self.tally.add("power cuts", 1);
        self.at_mut(place).start()
    }

    /// Connections broken and pieces corrupted so far, over all links.
    pub fn damage(&self) -> (u64, u64) {
        self.links.values().fold((0, 0), |(broken, corrupted), link| {
            let count = |counter: &std::sync::atomic::AtomicU64| {
                counter.load(std::sync::atomic::Ordering::Relaxed)
            };
            (broken + count(&link.broken), corrupted + count(&link.corrupted))
        })
    }

    /// Leaves the folder with the logs where it is when the city goes.
    pub fn keep(&mut self) -> PathBuf {
        self.root.disable_cleanup(true);
        self.root.path().to_owned()
    }

    /// All links are fair again.
    pub fn heal(&mut self) {
        self.links.values().for_each(|link| link.set(Weather::FAIR));
    }
}
