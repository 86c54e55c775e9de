//! The outage: the upper tiers go away, two nodes of one community are cut from each other, one is
//! killed while it writes; then everything comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use node_api::{
    Edit, Enter, Entered, Events, Happening, Inspect, Link, NodeStatus, RecordShow, RecordShown,
    Report, Status,
};
use ops_dataset::Truth;

use super::checks::Checks;
use super::process::{Node, wait};
use super::{Network, persons, texts};
use crate::control;
use crate::lang::{say, word};

/// Patrols that each community plans while everything above it is away.
const OUTAGE_PATROLS: u32 = 10;
const DAY: &str = "2026-11-02";
/// Where both nodes that are cut from each other put somebody on the rota.
const AREA: &str = "演示网格";
/// What two nodes call one person while they are apart.
const NAMES: [&str; 2] = ["测试甲某", "测试乙某"];

impl Network {
    pub(super) fn outage(&mut self, checks: &mut Checks) -> Result<()> {
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
        for node in &self.communities {
            for number in 0..OUTAGE_PATROLS {
                node.ask(plan(number))?;
                self.planned += 1;
            }
        }
        self.kill_while_writing(checks)?;
        checks.output.progress(word("  第一社区看到的复制状态：", "  what community 1 sees:"));
        checks.output.progress_of(&self.communities[0].ask(Status {})?);
        Ok(())
    }

    /// Both nodes that are cut give one person another name, and put somebody on one slot.
    fn contest(&mut self, checks: &Checks) -> Result<()> {
        let person = self.first_person()?.record;
        for (node, name) in [(&self.communities[0], NAMES[0]), (&self.second, NAMES[1])] {
            let (kind, fields) = ("person".to_owned(), given(&[("name", name)]));
            node.ask(Edit { kind, record: Some(person.clone()), fields, synthetic: true })?;
            let cells = given(&[
                ("日期", DAY),
                ("时段", "上午"),
                ("区域", AREA),
                ("计划巡查人", &format!("{name}员")),
            ]);
            node.ask(Enter { sheet: "巡查计划".into(), cells, synthetic: true })?;
        }
        self.planned += 1;
        checks.output.progress(word(
            "  两台设备同时改了同一人的姓名和同一班次",
            "  both edited one person and one slot",
        ));
        Ok(())
    }

    fn first_person(&self) -> Result<RecordShown> {
        persons(&self.communities[0])?.into_iter().next().context("no resident")
    }

    /// Kills a node with SIGKILL while somebody writes; what was acknowledged must be there.
    fn kill_while_writing(&mut self, checks: &mut Checks) -> Result<()> {
        let node = &mut self.communities[1];
        let before = planned_areas(node)?.len();
        let folder = node.folder();
        let (sender, acknowledged) = mpsc::channel();
        let writer = std::thread::spawn(move || {
            for number in 0.. {
                let Ok(answer) = control::ask_running(&folder, plan(1000 + number)) else {
                    return;
                };
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        let mut answers: Vec<Entered> = acknowledged.iter().take(25).collect();
        node.stop(Signal::SIGKILL)?;
        answers.extend(acknowledged.iter());
        writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))?;
        node.start()?;
        let held: BTreeSet<String> = history(node)?;
        let envelopes = answers.iter().flat_map(|answer| &answer.envelopes);
        let missing = envelopes.filter(|envelope| !held.contains(*envelope)).count();
        // One more may have been written that nobody was told of.
        self.planned += (planned_areas(node)?.len() - before) as u64;
        let saved = answers.len();
        let what = say!(
            "写入中途强制终止（SIGKILL）：{saved} 条已确认，丢失 {missing}",
            "killed while it wrote (SIGKILL): {saved} acknowledged, {missing} lost"
        );
        checks.check(missing == 0 && saved > 0, what);
        Ok(())
    }

    pub(super) fn heal(&mut self, truth: &Truth, checks: &mut Checks) -> Result<()> {
        checks.stage(word("恢复", "everything comes back"));
        self.city.start()?;
        for district in &mut self.districts {
            district.start()?;
        }
        for node in [&self.communities[0], &self.second] {
            node.ask(Link { peer: "all".into(), block: false })?;
        }
        let agreed = wait("all nodes hold the same", || self.agree());
        checks.done(agreed, word("所有节点收敛", "all nodes hold the same"));
        let what = word("恢复后市级汇总正确", "the city's sums equal input plus entries");
        checks.done(self.await_sums(&truth.city.counts), what);
        self.both_are_there(checks)?;
        checks.output.progress_of(&self.city.ask(Report::default())?);
        self.costs(checks)
    }

    /// What each reconnect took.
    fn costs(&mut self, checks: &Checks) -> Result<()> {
        checks.output.progress(word("  重连代价：", "  what each reconnect took:"));
        for node in self.all() {
            for event in node.ask(Events::default())?.events {
                let Happening::Resumed { unit, items_in, items_out, bytes_in, bytes_out, .. } =
                    event.what
                else {
                    continue;
                };
                let (items, bytes) = (items_in + items_out, bytes_in + bytes_out);
                let cost = say!("{items} 条，{bytes} 字节", "{items} items, {bytes} bytes");
                checks.output.progress(&format!("    {:<14} <-> {unit:<40} {cost}", node.name));
            }
        }
        Ok(())
    }

    /// What two nodes both hold is the same, and none sees another one behind.
    fn agree(&self) -> Result<()> {
        let mut sums: BTreeMap<String, (String, String)> = BTreeMap::new();
        let upper = std::iter::once(&self.city).chain(&self.districts);
        for node in upper.chain(&self.communities).chain([&self.second]) {
            let NodeStatus { scopes, peers, .. } = node.ask(Status {})?;
            for own in scopes {
                let (name, sum) = (&node.name, own.sum.clone());
                let (first, seen) = sums.entry(own.scope.clone()).or_insert((name.clone(), sum));
                if *seen != own.sum {
                    bail!("{} differs between {first} and {name}", own.scope);
                }
            }
            if let Some(peer) = peers.iter().find(|p| !p.is_live() || p.lacks().items != 0) {
                bail!("{} has a peer behind: {peer:?}", node.name);
            }
        }
        Ok(())
    }

    fn both_are_there(&self, checks: &mut Checks) -> Result<()> {
        for node in [&self.communities[0], &self.second] {
            let node_name = &node.name;
            let contested = persons(node)?.into_iter().any(|person| {
                let names: Vec<String> = texts(&person, "name").collect();
                NAMES.iter().all(|name| names.iter().any(|own| own == name))
            });
            let what = say!("{node_name}：两个姓名都在", "{node_name}: both names are shown");
            checks.check(contested, what);
            let slots = node.ask(node_api::Records { kind: "slot".into(), after: None })?.records;
            let slot = slots.into_iter().find(|slot| texts(slot, "area").any(|own| own == AREA));
            let (kind, record) = ("slot".into(), slot.context("no slot")?.record);
            let slot = node.ask(RecordShow { kind, record })?;
            let what = say!("{node_name}：班次两人都在", "{node_name}: both stand on the rota");
            let persons = slot.fields.iter().filter(|field| field.name.starts_with("persons"));
            checks.check(persons.map(|field| field.values.len()).sum::<usize>() == 2, what);
        }
        Ok(())
    }
}

fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Plans the patrol of an area.
fn plan(number: u32) -> Edit {
    let area = format!("{AREA}{number}");
    let fields = given(&[("day", DAY), ("half", "AM"), ("area", &area)]);
    Edit { kind: "slot".into(), record: None, fields, synthetic: true }
}

fn plans(node: &Node) -> Inspect {
    Inspect { document: format!("{}:147:{}", node.unit, &DAY[..7]) }
}

fn history(node: &Node) -> Result<BTreeSet<String>> {
    let history = node.ask(plans(node))?.history;
    Ok(history.into_iter().map(|entry| entry.envelope).collect())
}

/// The names of the areas' fields in the document of plans.
fn planned_areas(node: &Node) -> Result<BTreeSet<String>> {
    let contents = node.ask(plans(node))?.contents;
    let names = contents.fields().map(|(name, _)| name.to_string());
    Ok(names.filter(|name| name.ends_with("/area")).collect())
}
