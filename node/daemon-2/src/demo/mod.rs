//! The demonstration: a real network of real processes on generated workbooks, a real outage,
//! and sums checked against what the generator counted while it wrote.

mod checks;
mod search;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use node_api::{
    Documents, Enter, Entered, Entry, Events, Failure, Half, Happening, Import, Inspect, Link,
    Report, Roster, Scalar, Status,
};
use ops_dataset::{Counts, Plan, Truth};

use crate::control;
use crate::lang::{say, word};
use crate::render::Output;
use checks::Checks;
use search::search;
use world::{Node, wait};

const SEED: u64 = 20_211_231;
/// A check of the demonstration failed.
const EXIT_CHECK_FAILED: u8 = 4;
/// Patrols each community logs while everything above it is away.
const OUTAGE_PATROLS: u32 = 10;
const AREA: &str = "演示网格";
const DAY: &str = "2026-11-02";
/// What two nodes call one person while they are apart.
const NAMES: [&str; 2] = ["测试甲", "测试乙"];

/// Runs the demonstration; its exit code says whether every check held.
pub(crate) fn run(dir: Option<PathBuf>, output: Output) -> Result<ExitCode> {
    let began = std::time::Instant::now();
    let temporary = tempfile::tempdir()?;
    let root = dir.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(root)?;
    if root.read_dir()?.next().is_some() {
        return Err(Failure::NotEmpty { folder: root.display().to_string() }.into());
    }
    let mut checks = Checks::new(output);
    let truth = ops_dataset::generate(&Plan::demo(SEED), &root.join("workbooks"))?;
    let mut network = Network::found(root, &truth, &checks)?;
    network.import(root, &truth, &mut checks)?;
    network.outage(&mut checks)?;
    network.heal(&truth, &mut checks)?;
    network.privacy(root, &truth, &mut checks)?;
    checks.seconds = began.elapsed().as_secs();
    output.show(&checks);
    let failed = ExitCode::from(EXIT_CHECK_FAILED);
    Ok(if checks.failed == 0 { ExitCode::SUCCESS } else { failed })
}

/// A city, its districts, their communities; the first community has a second node.
struct Network {
    city: Node,
    districts: Vec<Node>,
    communities: Vec<Node>,
    second: Node,
    /// Patrols acknowledged beyond those in the workbooks.
    logged: u64,
    /// Envelopes acknowledged to somebody, with the node that did.
    acknowledged: Vec<(usize, String)>,
}

impl Network {
    fn found(root: &Path, truth: &Truth, checks: &Checks) -> Result<Self> {
        checks.stage(word(
            "建立网络：每个节点一个进程、一个目录",
            "found the network: one process and one folder per node",
        ));
        let city = Node::create(root, "city", &truth.city.path)?;
        city.found(&truth.city.name)?;
        let mut districts = Vec::new();
        for (index, unit) in truth.districts.iter().enumerate() {
            let mut node = Node::create(root, &format!("district-{}", index + 1), &unit.path)?;
            city.admit(&node)?;
            node.link(&city);
            districts.push(node);
        }
        let mut communities: Vec<Node> = Vec::new();
        for (index, unit) in truth.communities.iter().enumerate() {
            let mut node = Node::create(root, &format!("community-{}", index + 1), &unit.path)?;
            let above = districts.iter().find(|d| unit.path.starts_with(&d.unit));
            let above = above.context("a community outside every district")?;
            above.admit(&node)?;
            node.link(above);
            communities.push(node);
        }
        let mut second = Node::create(root, "community-1b", &communities[0].unit)?;
        communities[0].admit(&second)?;
        second.link(&communities[0]);
        second.link(&districts[0]);
        let (logged, acknowledged) = (0, Vec::new());
        let mut network = Self { city, districts, communities, second, logged, acknowledged };
        for node in network.all() {
            node.start()?;
            checks.output.progress(&format!(
                "  {:<14} {} {}",
                node.name,
                &node.key[..8],
                node.unit
            ));
        }
        Ok(network)
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Node> {
        let upper = std::iter::once(&mut self.city).chain(&mut self.districts);
        upper.chain(&mut self.communities).chain(std::iter::once(&mut self.second))
    }

    fn import(&mut self, root: &Path, truth: &Truth, checks: &mut Checks) -> Result<()> {
        checks.stage(word("导入表格", "import the workbooks"));
        let (mut rows, mut refused) = (0, 0);
        for (node, unit) in self.communities.iter().zip(&truth.communities) {
            let folder = root.join("workbooks").join(unit.folder.as_deref().unwrap_or_default());
            let mut files: Vec<PathBuf> =
                folder.read_dir()?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
            files.sort();
            for file in files {
                let answer = node.ask(Import { file, dry_run: false, synthetic: true })?;
                rows += answer.rows;
                refused += answer.counts.refused;
            }
        }
        let what =
            say!("导入 {rows} 行，拒收 {refused}", "{rows} rows imported, {refused} refused");
        checks.check(rows > 0 && refused == 0, what);
        let what = word("市级汇总等于原始表格", "the city's sums equal the workbooks");
        checks.done(self.await_sums(&truth.city.counts), what);
        Ok(())
    }

    /// Waits until the city's report says what the input says.
    fn await_sums(&self, counts: &Counts) -> Result<()> {
        let expected = [
            ("ORG.BRANCH", counts.branches),
            ("ORG.GROUP", counts.groups),
            ("ORG.CENTER_HH", counts.centre_households),
            ("PLACE.BUILDINGS", counts.buildings),
            ("RES.PERSONS", counts.residents),
            ("RES.HOUSEHOLDS", counts.households),
            ("DUTY.POSTS", counts.duty_posts_filled),
            ("VOL.N", counts.volunteers),
            ("PAT.RATE", counts.patrols_finished),
            ("PAT.FINDINGS", counts.patrol_findings + self.logged),
        ];
        wait("the city's report equals the input", || {
            let report = self.city.ask(Report::default())?;
            for (code, expected) in expected {
                let got = report.cell(code).map_or(0, |cell| cell.value);
                if got != expected {
                    bail!("{code}: reported {got}, counted in the input {expected}");
                }
            }
            Ok(())
        })
    }

    fn outage(&mut self, checks: &mut Checks) -> Result<()> {
        checks.stage(word(
            "停网：市级、区级先后断开，一个社区的两台设备也互相断开",
            "outage: the city goes away, then the districts; two nodes are cut from each other",
        ));
        self.city.stop(Signal::SIGTERM)?;
        for district in &mut self.districts {
            district.stop(Signal::SIGTERM)?;
        }
        for node in [&self.communities[0], &self.second] {
            node.ask(Link { peer: "all".into(), block: true })?;
        }
        self.contest(checks)?;
        for index in 0..self.communities.len() {
            for number in 0..OUTAGE_PATROLS {
                let answer = self.communities[index].ask(patrol(number))?;
                self.acknowledge(index, &answer)?;
            }
        }
        self.kill_while_writing(checks)?;
        checks.output.progress(word("  第一社区看到的复制状态：", "  what community 1 sees:"));
        checks.output.progress_of(&self.communities[0].ask(Status {})?);
        Ok(())
    }

    fn acknowledge(&mut self, node: usize, answer: &Entered) -> Result<()> {
        let envelope = answer.envelope.clone().context("an entry without an envelope")?;
        self.acknowledged.push((node, envelope));
        self.logged += 1;
        Ok(())
    }

    /// Both cut nodes give one person another name, and fill one slot of the rota.
    fn contest(&self, checks: &Checks) -> Result<()> {
        let document = self.first_roster()?;
        let roster = self.communities[0].ask(Roster { document: document.clone() })?;
        let person = &roster.first().context("a roster without persons")?.person;
        for (node, name) in [(&self.communities[0], NAMES[0]), (&self.second, NAMES[1])] {
            let entry = Entry::Person {
                document: document.clone(),
                person: person.clone(),
                field: "name".into(),
                value: name.into(),
            };
            node.ask(Enter { entry })?;
            let entry = Entry::Rota {
                date: DAY.into(),
                half: Half::Morning,
                area: AREA.into(),
                who: name.into(),
                on: true,
            };
            node.ask(Enter { entry })?;
        }
        checks.output.progress(word(
            "  两台设备同时改了同一人的姓名和同一班次",
            "  both edited one person and one slot",
        ));
        Ok(())
    }

    fn first_roster(&self) -> Result<String> {
        let documents = self.communities[0].ask(Documents {})?;
        let mut names = documents.into_iter().map(|held| held.document);
        names.find(|name| name.contains(":roster:")).context("no roster")
    }

    /// Kills a node with SIGKILL while somebody writes; what was acknowledged must be there.
    fn kill_while_writing(&mut self, checks: &mut Checks) -> Result<()> {
        const INDEX: usize = 1;
        let folder = self.communities[INDEX].folder();
        let (sender, acknowledged) = mpsc::channel();
        let writer = std::thread::spawn(move || {
            for number in 0.. {
                let Ok(answer) = control::ask_running(&folder, patrol(1000 + number)) else {
                    return;
                };
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        let mut answers: Vec<Entered> = acknowledged.iter().take(25).collect();
        self.communities[INDEX].stop(Signal::SIGKILL)?;
        answers.extend(acknowledged.iter());
        writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))?;
        self.communities[INDEX].start()?;
        for answer in &answers {
            self.acknowledge(INDEX, answer)?;
        }
        // One more entry may have been written and not acknowledged before the kill.
        let held = self.patrols_held(INDEX)?;
        let unacknowledged = self.own_findings(INDEX)?;
        self.logged = unacknowledged;
        let all = self.acknowledged.iter().filter(|(node, _)| *node == INDEX);
        let missing = all.filter(|(_, envelope)| !held.contains(envelope)).count();
        let saved = answers.len();
        let what = say!(
            "写入中途强制终止（SIGKILL）：{saved} 条已确认，丢失 {missing}",
            "killed while it wrote (SIGKILL): {saved} acknowledged, {missing} lost"
        );
        checks.check(missing == 0, what);
        Ok(())
    }

    fn patrols_held(&self, node: usize) -> Result<BTreeSet<String>> {
        let node = &self.communities[node];
        let document = format!("{}:patrol:{}", node.unit, &DAY[..7]);
        let answer = node.ask(Inspect { document })?;
        Ok(answer.history.into_iter().map(|entry| entry.envelope).collect())
    }

    /// Entries logged in the outage, the one that a kill may have left unacknowledged included.
    fn own_findings(&self, killed: usize) -> Result<u64> {
        let mut total = 0;
        for (index, node) in self.communities.iter().enumerate() {
            if index == killed {
                let document = format!("{}:patrol:{}", node.unit, &DAY[..7]);
                let held = node.ask(Inspect { document })?;
                let ours = held.contents.fields().filter(|(key, values)| {
                    key.ends_with("/area") && **values == [Scalar::Text(AREA.into())]
                });
                total += ours.count() as u64;
            } else {
                total += u64::from(OUTAGE_PATROLS);
            }
        }
        Ok(total)
    }

    fn heal(&mut self, truth: &Truth, checks: &mut Checks) -> Result<()> {
        checks.stage(word("恢复", "everything comes back"));
        self.city.start()?;
        for district in &mut self.districts {
            district.start()?;
        }
        for node in [&self.communities[0], &self.second] {
            node.ask(Link { peer: "all".into(), block: false })?;
        }
        let equal = wait("every pair of nodes holds equal heads", || self.heads_equal());
        checks.done(equal, word("所有节点收敛", "all nodes hold equal heads"));
        let what = word("恢复后市级汇总正确", "the city's sums equal input plus entries");
        checks.done(self.await_sums(&truth.city.counts), what);
        self.both_names(checks)?;
        checks.output.progress_of(&self.city.ask(Report::default())?);
        self.costs(checks)
    }

    /// What each reconnect took.
    fn costs(&mut self, checks: &Checks) -> Result<()> {
        checks.output.progress(word("  重连代价：", "  what each reconnect took:"));
        for node in self.all() {
            for event in node.ask(Events::default())?.events {
                let Happening::Resumed {
                    unit,
                    items_in,
                    items_out,
                    bytes_in,
                    bytes_out,
                    round_trips,
                    ..
                } = event.what
                else {
                    continue;
                };
                let (items, bytes) = (items_in + items_out, bytes_in + bytes_out);
                let cost = say!(
                    "{items} 条，{bytes} 字节，{round_trips} 次往返",
                    "{items} envelopes, {bytes} bytes, {round_trips} round trips"
                );
                checks.output.progress(&format!("    {:<14} <-> {unit:<40} {cost}", node.name));
            }
        }
        Ok(())
    }

    /// Documents that two nodes both hold must have the same heads.
    fn heads_equal(&self) -> Result<()> {
        let mut statuses = Vec::new();
        let upper = std::iter::once(&self.city).chain(&self.districts);
        for node in upper.chain(&self.communities).chain([&self.second]) {
            statuses.push((node.name.clone(), node.ask(Status {})?));
        }
        for (name, status) in &statuses {
            for (other_name, other) in &statuses {
                for (document, heads) in &status.heads {
                    if other.heads.get(document).is_some_and(|theirs| theirs != heads) {
                        bail!("{document} differs between {name} and {other_name}");
                    }
                }
                if let Some(peer) = status.peers.iter().find(|peer| peer.behind != 0) {
                    bail!("{name} has a peer behind: {peer:?}");
                }
            }
        }
        Ok(())
    }

    fn both_names(&self, checks: &mut Checks) -> Result<()> {
        let document = self.first_roster()?;
        for node in [&self.communities[0], &self.second] {
            let node_name = &node.name;
            let roster = node.ask(Roster { document: document.clone() })?;
            let both = roster.iter().filter_map(|person| person.fields.get("name"));
            let both =
                both.into_iter().any(|all| NAMES.iter().all(|name| all.contains(&(*name).into())));
            checks.check(
                both,
                say!("{node_name}：两个姓名都在", "{node_name}: both names are shown"),
            );
            let document = format!("{}:duty:{}", node.unit, &DAY[..7]);
            let rota = node.ask(Inspect { document })?.contents;
            let both = NAMES.iter().all(|name| rota.fields().any(|(key, _)| key.contains(name)));
            checks.check(
                both,
                say!("{node_name}：班次两人都在", "{node_name}: both stand on the rota"),
            );
        }
        Ok(())
    }

    /// No resident's name or phone lies in a folder of a district or the city.
    fn privacy(&mut self, root: &Path, truth: &Truth, checks: &mut Checks) -> Result<()> {
        checks.stage(word("隐私：社区之上没有居民资料", "no resident above the community"));
        let mut secrets = BTreeSet::new();
        for unit in &truth.communities {
            let folder = root.join("workbooks").join(unit.folder.as_deref().unwrap_or_default());
            let workbook = folder.join("居民名册.xlsx");
            for row in node_sheets::open_with(&workbook, node_sheets::Mode::Synthetic)?.rows() {
                if let node_sheets::Record::Roster(row) = row?.record {
                    // A phone number cannot stand anywhere by chance; two characters could.
                    secrets.extend(row.phone);
                    secrets.extend((row.name.chars().count() > 2).then_some(row.name));
                }
            }
        }
        for node in self.all() {
            node.stop(Signal::SIGTERM)?;
        }
        let upper = std::iter::once(&self.city).chain(&self.districts);
        for node in upper {
            let (found, bytes) = search(&node.dir, &secrets)?;
            let (name, all) = (&node.name, secrets.len());
            let what = say!(
                "{name}：{bytes} 字节中找到 {all} 个姓名电话的 {found} 个",
                "{name}: {found} of {all} names and phones found in {bytes} bytes"
            );
            checks.check(found == 0 && bytes > 0, what);
        }
        Ok(())
    }
}

fn patrol(number: u32) -> Enter {
    let started = format!("{:02}:{:02}", 8 + number / 60 % 12, number % 60);
    Enter {
        entry: Entry::Patrol {
            date: DAY.into(),
            half: Half::Morning,
            area: AREA.into(),
            ended: started.clone(),
            started,
            findings: 1,
            by: None,
            id: None,
        },
    }
}
