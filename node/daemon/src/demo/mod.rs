//! The demonstration: a real network of real processes on generated workbooks, a real outage,
//! and sums checked against what the generator counted while it wrote.

mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use ops_dataset::{Counts, Plan, Truth};
use serde_json::Value;

use crate::control::{self, Request};
use crate::office::Entry;
use crate::print;
use world::{Node, wait};

const SEED: u64 = 20_211_231;
/// A check of the demonstration failed.
const EXIT_CHECK_FAILED: u8 = 4;
/// Patrols each community logs while everything above it is away.
const OUTAGE_PATROLS: u32 = 10;
const AREA: &str = "演示网格";
const DAY: &str = "2026-11-02";

/// What was checked, and whether it held.
#[derive(Default)]
struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    fn check(&mut self, holds: bool, what: &str) {
        let (mark, count) = if holds {
            ("通过 ok  ", &mut self.passed)
        } else {
            ("失败 FAIL", &mut self.failed)
        };
        *count += 1;
        println!("  [{mark}] {what}");
    }
}

fn stage(zh: &str, en: &str) {
    println!("\n== {zh} / {en}");
}

/// Runs the demonstration; its exit code says whether every check held.
pub(crate) fn run(dir: Option<PathBuf>) -> Result<ExitCode> {
    let began = std::time::Instant::now();
    let temporary = tempfile::tempdir()?;
    let root = dir.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(root)?;
    if root.read_dir()?.next().is_some() {
        bail!("{} is not empty; the demonstration wants a folder of its own", root.display());
    }
    let mut checks = Checks::default();
    let truth = ops_dataset::generate(&Plan::demo(SEED), &root.join("workbooks"))?;
    let mut network = Network::found(root, &truth)?;
    network.import(root, &truth, &mut checks)?;
    network.outage(&mut checks)?;
    network.heal(&truth, &mut checks)?;
    network.privacy(root, &truth, &mut checks)?;
    println!(
        "\n{} 项检查通过 checks passed, {} 项失败 failed, {} 秒 s",
        checks.passed,
        checks.failed,
        began.elapsed().as_secs()
    );
    println!(
        "\n接下来 next:\n  gongzhi demo --dir ./demo   # 保留数据 keep the data folders\n  \
        gongzhi status --data ./demo/city\n  gongzhi report --data ./demo/city\n  \
        gongzhi inspect --data ./demo/community-1\n  README.md: 建立自己的三级网络 a network of your own"
    );
    Ok(if checks.failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_CHECK_FAILED) })
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
    fn found(root: &Path, truth: &Truth) -> Result<Self> {
        stage("建立网络", "found the network: one process and one folder per node");
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
            println!("  {:<14} {} {}", node.name, &node.key[..8], node.unit);
        }
        Ok(network)
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Node> {
        let upper = std::iter::once(&mut self.city).chain(&mut self.districts);
        upper.chain(&mut self.communities).chain(std::iter::once(&mut self.second))
    }

    fn import(&mut self, root: &Path, truth: &Truth, checks: &mut Checks) -> Result<()> {
        stage("导入表格", "import the workbooks");
        let (mut rows, mut refused) = (0, 0);
        for (node, unit) in self.communities.iter().zip(&truth.communities) {
            let folder = root.join("workbooks").join(unit.folder.as_deref().unwrap_or_default());
            let mut files: Vec<PathBuf> =
                folder.read_dir()?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
            files.sort();
            for file in files {
                let answer =
                    node.ask(&Request::Import { file, dry_run: false, synthetic: true })?;
                rows += answer["rows"].as_u64().unwrap_or(0);
                refused += answer["counts"]["错误"].as_u64().unwrap_or(0);
            }
        }
        checks.check(rows > 0 && refused == 0, &format!("{rows} 行导入, 拒收 refused {refused}"));
        let sums = self.await_sums(&truth.city.counts);
        if let Err(error) = &sums {
            println!("  {error:#}");
        }
        checks.check(sums.is_ok(), "市级汇总等于原始表格 the city's sums equal the workbooks");
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
            let report = self.city.ask(&Request::Report { unit: None })?;
            for (code, expected) in expected {
                let cells = report["cells"].as_array().context("a report has cells")?;
                let cell = cells.iter().find(|cell| cell["code"] == code);
                let got = cell.and_then(|cell| cell["value"].as_u64()).unwrap_or(0);
                if got != expected {
                    bail!("{code}: reported {got}, counted in the input {expected}");
                }
            }
            Ok(())
        })
    }

    fn outage(&mut self, checks: &mut Checks) -> Result<()> {
        stage("停网", "the city goes away, then the districts; two nodes are cut from each other");
        self.city.stop(Signal::SIGTERM)?;
        for district in &mut self.districts {
            district.stop(Signal::SIGTERM)?;
        }
        for node in [&self.communities[0], &self.second] {
            node.ask(&Request::Block { peer: "all".into(), block: true })?;
        }
        self.contest()?;
        for index in 0..self.communities.len() {
            for number in 0..OUTAGE_PATROLS {
                let answer = self.communities[index].ask(&patrol(number))?;
                self.acknowledge(index, &answer)?;
            }
        }
        self.kill_while_writing(checks)?;
        println!("  社区看到的复制状态 what community 1 sees:");
        print::status(&self.communities[0].ask(&Request::Status)?);
        Ok(())
    }

    fn acknowledge(&mut self, node: usize, answer: &Value) -> Result<()> {
        let envelope = answer["envelope"].as_str().context("an entry without an envelope")?;
        self.acknowledged.push((node, envelope.to_owned()));
        self.logged += 1;
        Ok(())
    }

    /// Both cut nodes give one person another name, and fill one slot of the rota.
    fn contest(&self) -> Result<()> {
        let document = self.first_roster()?;
        let roster = self.communities[0].ask(&Request::Roster { document: document.clone() })?;
        let person = roster[0]["person"].as_str().context("a roster without persons")?;
        for (node, name) in [(&self.communities[0], "测试甲"), (&self.second, "测试乙")] {
            let entry = Entry::Person {
                document: document.clone(),
                person: person.into(),
                field: "name".into(),
                value: name.into(),
            };
            node.ask(&Request::Enter { entry })?;
            let entry = Entry::Rota {
                date: DAY.into(),
                half: "AM".into(),
                area: AREA.into(),
                who: name.into(),
                on: true,
            };
            node.ask(&Request::Enter { entry })?;
        }
        println!("  两台设备同时改了同一人姓名和同一班次 both edited one person and one slot");
        Ok(())
    }

    fn first_roster(&self) -> Result<String> {
        let documents = self.communities[0].ask(&Request::Documents)?;
        let names = documents.as_array().into_iter().flatten();
        let mut names = names.filter_map(|entry| entry["document"].as_str());
        let roster = names.find(|name| name.contains(":roster:")).context("no roster")?;
        Ok(roster.to_owned())
    }

    /// Kills a node with SIGKILL while somebody writes; what was acknowledged must be there.
    fn kill_while_writing(&mut self, checks: &mut Checks) -> Result<()> {
        const INDEX: usize = 1;
        let folder = self.communities[INDEX].folder();
        let (sender, acknowledged) = mpsc::channel();
        let writer = std::thread::spawn(move || {
            for number in 0.. {
                let Ok(answer) = control::ask_running(&folder, &patrol(1000 + number)) else {
                    return;
                };
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        let mut answers: Vec<Value> = acknowledged.iter().take(25).collect();
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
        checks.check(
            missing == 0,
            &format!(
                "写入中途强制终止(SIGKILL): {} 条已确认 acknowledged, 丢失 {missing} lost",
                answers.len()
            ),
        );
        Ok(())
    }

    fn patrols_held(&self, node: usize) -> Result<BTreeSet<String>> {
        let node = &self.communities[node];
        let document = format!("{}:patrol:{}", node.unit, &DAY[..7]);
        let answer = node.ask(&Request::Inspect { document })?;
        let history = answer["history"].as_array().into_iter().flatten();
        Ok(history.filter_map(|e| e["envelope"].as_str()).map(ToOwned::to_owned).collect())
    }

    /// Entries logged in the outage, the one that a kill may have left unacknowledged included.
    fn own_findings(&self, killed: usize) -> Result<u64> {
        let mut total = 0;
        for (index, node) in self.communities.iter().enumerate() {
            if index == killed {
                let document = format!("{}:patrol:{}", node.unit, &DAY[..7]);
                let answer = node.ask(&Request::Inspect { document })?;
                let runs = answer["fields"]["runs"].as_object().context("no patrol runs")?;
                let ours = runs
                    .iter()
                    .filter(|(key, value)| key.ends_with("/area") && value.as_str() == Some(AREA));
                total += ours.count() as u64;
            } else {
                total += u64::from(OUTAGE_PATROLS);
            }
        }
        Ok(total)
    }

    fn heal(&mut self, truth: &Truth, checks: &mut Checks) -> Result<()> {
        stage("恢复", "everything comes back");
        self.city.start()?;
        for district in &mut self.districts {
            district.start()?;
        }
        for node in [&self.communities[0], &self.second] {
            node.ask(&Request::Block { peer: "all".into(), block: false })?;
        }
        let equal = wait("every pair of nodes holds equal heads", || self.heads_equal());
        if let Err(error) = &equal {
            println!("  {error:#}");
        }
        checks.check(equal.is_ok(), "所有节点收敛 all nodes hold equal heads");
        let sums = self.await_sums(&truth.city.counts);
        if let Err(error) = &sums {
            println!("  {error:#}");
        }
        checks.check(sums.is_ok(), "恢复后市级汇总正确 the city's sums equal input plus entries");
        self.both_names(checks)?;
        let report = self.city.ask(&Request::Report { unit: None })?;
        print::report(&report);
        println!("  重连代价 what each reconnect took:");
        for node in self.all() {
            let events = node.ask(&Request::Events)?;
            for event in events["events"].as_array().into_iter().flatten() {
                if event["event"] == "resumed" {
                    println!(
                        "    {:<14} <-> {:<40} {} 封 envelopes, {} 字节 bytes, {} 往返 round trips",
                        node.name,
                        event["unit"].as_str().unwrap_or_default(),
                        event["items_in"].as_u64().unwrap_or(0)
                            + event["items_out"].as_u64().unwrap_or(0),
                        event["bytes_in"].as_u64().unwrap_or(0)
                            + event["bytes_out"].as_u64().unwrap_or(0),
                        event["round_trips"],
                    );
                }
            }
        }
        Ok(())
    }

    /// Documents that two nodes both hold must have the same heads.
    fn heads_equal(&self) -> Result<()> {
        let mut statuses = Vec::new();
        let upper = std::iter::once(&self.city).chain(&self.districts);
        for node in upper.chain(&self.communities).chain([&self.second]) {
            statuses.push((node.name.clone(), node.ask(&Request::Status)?));
        }
        for (name, status) in &statuses {
            for (other_name, other) in &statuses {
                for (document, heads) in status["heads"].as_object().into_iter().flatten() {
                    let theirs = &other["heads"][document];
                    if !theirs.is_null() && theirs != heads {
                        bail!("{document} differs between {name} and {other_name}");
                    }
                }
                let behind = status["peers"].as_array().into_iter().flatten();
                if let Some(peer) = behind.into_iter().find(|p| p["behind"] != 0) {
                    bail!("{name} has a peer behind: {peer}");
                }
            }
        }
        Ok(())
    }

    fn both_names(&self, checks: &mut Checks) -> Result<()> {
        let document = self.first_roster()?;
        for node in [&self.communities[0], &self.second] {
            let roster = node.ask(&Request::Roster { document: document.clone() })?;
            let names = roster.as_array().into_iter().flatten().map(|p| p["name"].to_string());
            let both = names.into_iter().any(|n| n.contains("测试甲") && n.contains("测试乙"));
            checks.check(both, &format!("{}: 两个姓名都在 both names are shown", node.name));
            let rota = format!("{}:duty:{}", node.unit, &DAY[..7]);
            let rota = node.ask(&Request::Inspect { document: rota })?["fields"].to_string();
            let both = rota.contains("测试甲") && rota.contains("测试乙");
            checks.check(both, &format!("{}: 班次两人都在 both stand on the rota", node.name));
        }
        Ok(())
    }

    /// No resident's name or phone lies in a folder of a district or the city.
    fn privacy(&mut self, root: &Path, truth: &Truth, checks: &mut Checks) -> Result<()> {
        stage("隐私", "no resident above the community");
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
            checks.check(
                found == 0 && bytes > 0,
                &format!(
                    "{}: {bytes} 字节中找到 {found} 处 of {} 姓名电话 names and phones",
                    node.name,
                    secrets.len()
                ),
            );
        }
        Ok(())
    }
}

fn patrol(number: u32) -> Request {
    let started = format!("{:02}:{:02}", 8 + number / 60 % 12, number % 60);
    Request::Enter {
        entry: Entry::Patrol {
            date: DAY.into(),
            half: "AM".into(),
            area: AREA.into(),
            ended: started.clone(),
            started,
            findings: 1,
            by: None,
            id: None,
        },
    }
}

/// Searches every file below a folder; returns the hits and the bytes searched.
fn search(dir: &Path, secrets: &BTreeSet<String>) -> Result<(usize, u64)> {
    let (mut found, mut searched) = (0, 0);
    for entry in dir.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let (below, bytes) = search(&entry.path(), secrets)?;
            found += below;
            searched += bytes;
        } else if entry.file_type()?.is_file() {
            let bytes = std::fs::read(entry.path())?;
            searched += bytes.len() as u64;
            found += hits(&bytes, secrets);
        }
    }
    Ok((found, searched))
}

/// How many secrets stand in some bytes: one pass, looking up each window of each length.
fn hits(bytes: &[u8], secrets: &BTreeSet<String>) -> usize {
    let by_bytes: BTreeSet<&[u8]> = secrets.iter().map(String::as_bytes).collect();
    let lengths: BTreeSet<usize> = by_bytes.iter().map(|secret| secret.len()).collect();
    let firsts: BTreeSet<u8> = by_bytes.iter().filter_map(|s| s.first().copied()).collect();
    let at = |start: usize| {
        firsts.contains(&bytes[start])
            && lengths.iter().any(|length| {
                bytes.get(start..start + length).is_some_and(|window| by_bytes.contains(window))
            })
    };
    (0..bytes.len()).filter(|start| at(*start)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_what_is_there() {
        let secrets = BTreeSet::from(["王测试".to_owned(), "10012345678".to_owned()]);
        assert_eq!(hits("x王测试y10012345678".as_bytes(), &secrets), 2);
        assert_eq!(hits(b"nothing", &secrets), 0);
    }
}
