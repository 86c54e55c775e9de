//! The demonstration: a real network of real processes on generated workbooks, a real outage,
//! and sums checked against what the generator counted while it wrote.

mod checks;
mod outage;
mod process;
mod search;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use node_api::{Failure, FieldShown, Import, RecordShown, Records, Report, Shown};
use ops_dataset::{Counts, Plan, Truth};

use crate::lang::{say, word};
use crate::render::Output;
use checks::Checks;
use process::{Node, wait};
use search::search;

const SEED: u64 = 20_211_231;
/// A check of the demonstration failed.
const EXIT_CHECK_FAILED: u8 = 4;
/// The workbooks of a community, in the order in which one names what another brings.
const SHEETS: [&str; 7] =
    ["空间台账", "组织架构", "居民名册", "五长岗位", "志愿者", "巡查计划", "巡查记录"];

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
    network.privacy(&mut checks)?;
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
    /// Patrols planned beyond those in the workbooks.
    planned: u64,
}

impl Network {
    fn found(root: &Path, truth: &Truth, checks: &Checks) -> Result<Self> {
        checks.stage(word(
            "建立网络：每个节点一个进程、一个目录；各单位自行建立，由上级认可",
            "found the network: a process and a folder for each node; each unit begins by itself \
             and is recognised from above",
        ));
        let city = Node::create(root, "city", &truth.city.path)?;
        city.found(&truth.city.name)?;
        let mut districts = Vec::new();
        for (index, unit) in truth.districts.iter().enumerate() {
            let mut node = Node::create(root, &format!("district-{}", index + 1), &unit.path)?;
            city.recognise(&node)?;
            node.link(&city);
            districts.push(node);
        }
        let mut communities: Vec<Node> = Vec::new();
        for (index, unit) in truth.communities.iter().enumerate() {
            let mut node = Node::create(root, &format!("community-{}", index + 1), &unit.path)?;
            let above = districts.iter().find(|d| unit.path.starts_with(&d.unit));
            let above = above.context("a community outside every district")?;
            above.recognise(&node)?;
            node.link(above);
            communities.push(node);
        }
        let mut second = Node::create(root, "community-1b", &communities[0].unit)?;
        communities[0].admit(&second)?;
        second.link(&communities[0]);
        second.link(&districts[0]);
        let mut network = Self { city, districts, communities, second, planned: 0 };
        for node in network.all() {
            node.start()?;
            let (name, key, unit) = (&node.name, &node.key[..8], &node.unit);
            checks.output.progress(&format!("  {name:<14} {key} {unit}"));
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
            for file in workbooks(&folder)? {
                let answer = node.ask(Import { file, synthetic: true, ..Import::default() })?;
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
            ("PLACE.BUILDINGS", counts.buildings),
            ("RES.PERSONS", counts.residents),
            ("RES.HOUSEHOLDS", counts.households),
            ("DUTY.POSTS", counts.duty_posts_filled),
            ("VOL.N", counts.volunteers),
            ("PAT.FINDINGS", counts.patrol_findings),
        ];
        wait("the city's report equals the input", || {
            let report = self.city.ask(Report::default())?;
            for (code, expected) in expected {
                let got = report.cell(code).map_or(0, |cell| cell.value);
                if got != expected {
                    bail!("{code}: reported {got}, counted in the input {expected}");
                }
            }
            let rate = report.cell("PAT.RATE").context("no patrols are reported")?;
            let (finished, planned) = (rate.num, rate.den + rate.unknown);
            let expected = (counts.patrols_finished, counts.patrols_planned + self.planned);
            if (finished, planned) != expected {
                bail!("PAT.RATE: reported {finished} of {planned}, in the input {expected:?}");
            }
            Ok(())
        })
    }

    /// No resident's name or phone lies in a folder of a district or the city.
    fn privacy(&mut self, checks: &mut Checks) -> Result<()> {
        checks.stage(word("隐私：社区之上没有居民资料", "no resident above the community"));
        let mut secrets = BTreeSet::new();
        for node in &self.communities {
            for person in persons(node)? {
                // A telephone number cannot stand anywhere by chance; two characters could.
                secrets.extend(texts(&person, "phone"));
                secrets.extend(texts(&person, "name").filter(|name| name.chars().count() > 2));
            }
        }
        let all = secrets.len();
        let what =
            say!("社区读得出 {all} 个姓名和电话", "the communities read {all} names and phones");
        checks.check(all > 0, what);
        for node in self.all() {
            node.stop(Signal::SIGTERM)?;
        }
        let upper = std::iter::once(&self.city).chain(&self.districts);
        for node in upper {
            let (found, bytes) = search(&node.dir, &secrets)?;
            let name = &node.name;
            let what = say!(
                "{name}：{bytes} 字节中找到 {all} 个姓名电话的 {found} 个",
                "{name}: {found} of {all} names and phones found in {bytes} bytes"
            );
            checks.check(found == 0 && bytes > 0, what);
        }
        Ok(())
    }
}

/// The workbooks of a folder, in the order of [`SHEETS`].
fn workbooks(folder: &Path) -> Result<Vec<PathBuf>> {
    let files: Vec<PathBuf> =
        folder.read_dir()?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let of = |sheet: &str| {
        let named = |file: &&PathBuf| file.to_string_lossy().contains(sheet);
        let mut own: Vec<PathBuf> = files.iter().filter(named).cloned().collect();
        own.sort();
        own
    };
    Ok(SHEETS.iter().flat_map(|sheet| of(sheet)).collect())
}

/// All persons whom a node holds.
fn persons(node: &Node) -> Result<Vec<RecordShown>> {
    let mut persons: Vec<RecordShown> = Vec::new();
    loop {
        let after = persons.last().map(|person| person.record.clone());
        let page = node.ask(Records { kind: "person".into(), after })?;
        persons.extend(page.records);
        if !page.more {
            return Ok(persons);
        }
    }
}

/// What a field of a record says, as far as it can be read.
fn texts<'a>(record: &'a RecordShown, field: &'a str) -> impl Iterator<Item = String> + 'a {
    let named = move |own: &&FieldShown| own.name == field;
    let values = record.fields.iter().filter(named).flat_map(|own| &own.values);
    values.filter_map(|value| match value {
        Shown::Text(text) => Some(text.clone()),
        Shown::Code(..) | Shown::Closed | Shown::Unreadable | Shown::Nothing => None,
    })
}
