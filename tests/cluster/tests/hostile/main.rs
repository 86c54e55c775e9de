//! A hostile peer against one node of a real network, while a clerk works at that node and an
//! honest node of the unit replicates. It speaks libp2p and `schema-wire`, and shares no other
//! code with the product.

mod attacker;
mod attacks;
mod forger;
mod forgeries;
mod numbers;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use attacker::{Member, Victim};
use node_api::{Inspect, Status};
use tests_cluster::{Node, binary, enter, gongzhi, path, plans, wait};

const CITY: &str = "220800";
/// The most memory and open files that the attacked node may ever hold.
const RSS_KIB_MAX: u64 = 256 * 1024;
const FILES_MAX: u64 = 450;

/// Works until told to stop. Every request must be answered.
struct Writer {
    acknowledged: Arc<Mutex<Vec<String>>>,
    longest_ms: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    work: std::thread::JoinHandle<Result<()>>,
}

impl Writer {
    fn begin(dir: PathBuf) -> Self {
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let (longest_ms, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (held, longest, stopped) = (acknowledged.clone(), longest_ms.clone(), stop.clone());
        let work = std::thread::spawn(move || {
            for number in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let began = Instant::now();
                let envelope = enter(&dir, &format!("区{number}"));
                let envelope = envelope.context("the clerk was not answered")?;
                let took = u64::try_from(began.elapsed().as_millis())?;
                longest.fetch_max(took, Ordering::Relaxed);
                held.lock().expect("no panic").push(envelope);
                std::thread::sleep(Duration::from_millis(40));
            }
            Ok(())
        });
        Self { acknowledged, longest_ms, stop, work }
    }

    fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().expect("no panic").clone()
    }

    fn end(self) -> Result<Vec<String>> {
        self.stop.store(true, Ordering::Relaxed);
        self.work.join().map_err(|_| anyhow::anyhow!("the clerk panicked"))??;
        Ok(std::mem::take(&mut self.acknowledged.lock().expect("no panic")))
    }
}

/// Watches what a process holds.
#[derive(Default)]
struct Watch {
    rss_kib: AtomicU64,
    files: AtomicU64,
}

impl Watch {
    fn begin(pid: u32) -> Arc<Self> {
        let watch = Arc::new(Self::default());
        let seen = Arc::downgrade(&watch);
        std::thread::spawn(move || {
            while let Some(watch) = seen.upgrade() {
                let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
                let rss = status.ok().and_then(|status| {
                    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?.to_owned();
                    line.split_whitespace().nth(1)?.parse().ok()
                });
                watch.rss_kib.fetch_max(rss.unwrap_or(0), Ordering::Relaxed);
                let files = std::fs::read_dir(format!("/proc/{pid}/fd"));
                let files = files.map_or(0, |files| files.count() as u64);
                watch.files.fetch_max(files, Ordering::Relaxed);
                drop(watch);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        watch
    }
}

fn held(node: &Node) -> Result<BTreeSet<String>> {
    let answer = node.ask(Inspect { document: plans(CITY) })?;
    Ok(answer.history.into_iter().map(|entry| entry.envelope).collect())
}

/// Gives the node more to send than a slow reader takes.
fn import(root: &std::path::Path, office: &Node) -> Result<()> {
    let city = root.join("city");
    let dataset = binary()?.with_file_name("gongzhi-dataset");
    ensure!(Command::new(dataset).arg(&city).arg("--demo").output()?.status.success());
    for district in std::fs::read_dir(&city)?.filter_map(|entry| Some(entry.ok()?.path())) {
        for community in std::fs::read_dir(&district).into_iter().flatten() {
            let file = community?.path().join("居民名册.xlsx");
            gongzhi(&["import", "--synthetic", "--data", path(&office.dir)?, path(&file)?])?;
        }
    }
    Ok(())
}

struct Network {
    office: Node,
    standby: Node,
    district: Node,
    watch: Arc<Watch>,
    writer: Writer,
}

impl Network {
    fn begin(root: &std::path::Path) -> Result<Self> {
        let mut office = Node::create(root, "office")?;
        office.found()?;
        let mut standby = Node::create(root, "standby")?;
        office.admit(&standby)?;
        let mut district = Node::create(root, "district")?;
        office.found_below(&district, "220800/220802")?;
        standby.link(&office);
        district.link(&office);
        for node in [&mut office, &mut standby, &mut district] {
            node.start()?;
        }
        import(root, &office)?;
        let watch = Watch::begin(office.pid().context("it runs")?);
        let writer = Writer::begin(office.dir.clone());
        wait("the clerk works", || match writer.acknowledged().len() {
            0 => bail!("nothing yet"),
            _ => Ok(()),
        })?;
        Ok(Self { office, standby, district, watch, writer })
    }

    /// After an attack: the clerk goes on, what was acknowledged is here and at the standby, and
    /// nobody ended.
    fn check(&mut self, what: &str, did: &str) -> Result<()> {
        let began = Instant::now();
        let before = self.writer.acknowledged();
        for node in [&mut self.office, &mut self.standby, &mut self.district] {
            ensure!(!node.exited()?, "{what}: a node ended");
        }
        wait("the clerk goes on", || {
            ensure!(!self.writer.work.is_finished(), "the clerk gave up");
            ensure!(self.writer.acknowledged().len() >= before.len() + 3, "not yet");
            Ok(())
        })?;
        for node in [&self.office, &self.standby] {
            wait("everything acknowledged is held", || {
                let held = held(node)?;
                let lost = before.iter().filter(|e| !held.contains(*e)).count();
                ensure!(lost == 0, "{what}: {lost} missing at {}", node.dir.display());
                Ok(())
            })?;
        }
        let (rss, files) = self.peaks();
        println!(
            "{what}: {did}; checked in {:.1?}; {} entries, longest wait {} ms; at most {} MiB, {files} files",
            began.elapsed(),
            before.len(),
            self.writer.longest_ms.swap(0, Ordering::Relaxed),
            rss / 1024,
        );
        ensure!(rss < RSS_KIB_MAX, "{what}: {rss} KiB resident");
        ensure!(files < FILES_MAX, "{what}: {files} files open");
        Ok(())
    }

    fn peaks(&self) -> (u64, u64) {
        (self.watch.rss_kib.load(Ordering::Relaxed), self.watch.files.load(Ordering::Relaxed))
    }
}

#[test]
fn a_hostile_peer_stops_nobodys_work() -> Result<()> {
    let root = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut network = Network::begin(root.path())?;
    let victim = Victim::of(&network.office)?;
    let member = |name| Member::admitted_by(&network.office, root.path(), name);
    let hostile = member("hostile.grant")?;
    let slow = [member("slow-1.grant")?, member("slow-2.grant")?, member("slow-3.grant")?];

    let did = runtime.block_on(attacks::noise_on_the_port(&victim))?;
    network.check("noise on the port", &format!("{did} connections"))?;
    let did = runtime.block_on(attacks::garbage(&victim))?;
    network.check("garbage of strangers", &format!("{did} frames"))?;
    let did = runtime.block_on(attacks::garbage_items(&victim, &hostile))?;
    network.check("garbage of a member", &format!("{did} frames of 1 MiB"))?;
    let did = runtime.block_on(attacks::deaf(&victim, &hostile))?;
    network.check("a deaf member", &format!("{did} frames"))?;
    let did = runtime.block_on(attacks::giants(&victim, &hostile))?;
    network.check("giants", &format!("{did} frames"))?;
    let did = runtime.block_on(attacks::bombs(&victim))?;
    network.check("bombs", &format!("{did} frames"))?;
    let did = runtime.block_on(attacks::replays(&victim, &hostile))?;
    network.check("replays", &format!("{did} frames"))?;
    let did = runtime.block_on(attacks::disorder(&victim, &hostile))?;
    network.check("disorder", &format!("{did} frames"))?;

    // From here on these ask for everything and read next to nothing.
    let tasks: Vec<_> = runtime.block_on(async {
        slow.into_iter().map(|member| attacks::slow_reader(victim.clone(), member)).collect()
    });
    network.check("slow readers", &format!("{} members", tasks.len()))?;
    let (came, failed) = runtime.block_on(attacks::identities(&victim));
    network.check("identities in turn", &format!("{came}, {failed} turned away"))?;
    let did = runtime.block_on(attacks::crowd(&victim));
    network.check("300 identities at once", &format!("{did} were heard"))?;
    let half_open = runtime.block_on(attacks::half_open(&victim))?;
    // While all of it is held, a member of the network comes back.
    network.standby.stop(nix::sys::signal::Signal::SIGTERM)?;
    network.standby.start()?;
    network.check("half-open", &format!("300 sockets, {} links", half_open.links()))?;
    drop(half_open);
    tasks.iter().for_each(|task| task.abort());

    let Network { office, standby, mut district, writer, .. } = network;
    let acknowledged = writer.end()?;
    wait("both nodes hold equal heads", || {
        let heads =
            |node: &Node| Ok::<_, anyhow::Error>(node.ask(Status {})?.heads.remove(&plans(CITY)));
        let (ours, theirs) = (heads(&office)?, heads(&standby)?);
        ensure!(ours.is_some() && ours == theirs, "{ours:?} and {theirs:?}");
        Ok(())
    })?;
    let (here, there) = (held(&office)?, held(&standby)?);
    ensure!(acknowledged.iter().all(|e| here.contains(e) && there.contains(e)), "nothing is lost");
    ensure!(!district.exited()?, "nobody ended");
    Ok(())
}
