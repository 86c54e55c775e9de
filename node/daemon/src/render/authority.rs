//! Grants, keys, lineages and roots: what was done, in plain words, and what it binds.

use node_api::{
    Alarm, Dissolved, Endorsed, EndorsedFile, Followed, GrantState, Granted, HeldGrant, Joined,
    KeyMade, KeysHeld, LineageAccepted, LineageShown, NetworkWritten, NodeRole, RecognisedFile,
    Revoked, Right, RootShown, Rotation, SuspensionState,
};

use super::page::{Page, Render, short, time};
use crate::lang::{say, word};

impl Render for KeyMade {
    /// The key alone, so that a shell can take it.
    fn render(&self, page: &mut Page) {
        page.line(&self.node);
    }
}

impl Render for NetworkWritten {
    fn render(&self, page: &mut Page) {
        let (file, name, network) = (self.file.display(), &self.name, &self.network);
        page.line(say!(
            "网络文件已写入 {file}：{name}，{network}",
            "the network file is written: {file}, {name}, {network}"
        ));
    }
}

impl Render for Joined {
    fn render(&self, page: &mut Page) {
        let Self { network, unit, lineage, node, recognised } = self;
        page.line(say!("网络 {network}", "network {network}"));
        page.line(say!("单位 {unit}，节点 {node}", "unit {unit}, node {node}"));
        page.line(say!("谱系 {lineage}", "lineage {lineage}"));
        page.line(word(
            "本机从此认定这一谱系就是本单位；请与本单位负责人核对编号",
            "this node now holds this lineage to be the unit: compare the id with whoever leads it",
        ));
        if !recognised {
            page.line(word(
                "上级尚未认可本单位：单位内部照常工作，对外的报送暂不计入",
                "the units above do not recognise it yet: work inside goes on, and what it publishes does not count",
            ));
        }
    }
}

impl Render for RecognisedFile {
    fn render(&self, page: &mut Page) {
        let (file, grant) = (self.file.display(), &self.grant);
        let (unit, lineage, by) = (&grant.unit, &grant.lineage, &grant.by);
        let until = time(grant.until_ms);
        page.line(say!(
            "{by} 认可：{unit} 就是谱系 {lineage}，至 {until}",
            "{by} recognises: {unit} is lineage {lineage}, until {until}"
        ));
        page.line(word(
            "从此全网以它为该单位：它的报送计入，别的谱系不计入。这不给上级任何进入该单位的权利",
            "from now on the network takes it for that unit: what it publishes counts, another lineage's does not. This gives no unit above a right inside it",
        ));
        for other in &grant.instead_of {
            page.line(say!(
                "已撤回对谱系 {other} 的认可：它不再代表 {unit}",
                "the recognition of lineage {other} is withdrawn: it no longer speaks for {unit}"
            ));
        }
        page.line(say!(
            "授权书已写入 {file}，交给该单位：gongzhi init --data DIR --grant {file}",
            "the grant is written: {file}; the unit takes it in with: gongzhi init --data DIR --grant {file}"
        ));
    }
}

impl Render for Granted {
    fn render(&self, page: &mut Page) {
        let (file, grant) = (self.file.display(), &self.grant);
        let (unit, node, role) = (&grant.unit, &grant.to, role(grant.role));
        let (lineage, until) = (&grant.lineage, time(grant.until_ms));
        page.line(say!(
            "{unit} 接纳节点 {node}（{role}），至 {until}",
            "{unit} takes in node {node} ({role}), until {until}"
        ));
        page.line(say!("谱系 {lineage}", "lineage {lineage}"));
        page.line(say!(
            "授权书已写入 {file}：gongzhi init --data DIR --grant {file}",
            "the grant is written: {file}; next: gongzhi init --data DIR --grant {file}"
        ));
    }
}

fn role(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Node => word("办公节点", "an office node"),
        NodeRole::Backup => word("备份", "a backup"),
        NodeRole::Device => word("外出设备", "a device on the way"),
        NodeRole::Governing => word("可代表单位", "speaks as the unit"),
    }
}

impl Render for Revoked {
    fn render(&self, page: &mut Page) {
        let (node, ended, kept) = (short(&self.node), self.ended.len(), self.logs_kept);
        page.line(say!(
            "节点 {node} 不再是成员：{ended} 份授权已终止，保留 {kept} 份日志",
            "node {node} is no member any more: {ended} grants ended, {kept} logs kept"
        ));
        let now = self.invalid_after.saturating_sub(self.invalid_before);
        let all = self.invalid_after;
        page.line(say!(
            "本机因此不再计入 {now} 条（共 {all} 条不计入）",
            "{now} entries here cease to count by this ({all} in all)"
        ));
        page.line(word(
            "它已有的资料收不回来；此后录入的个人信息用新密钥密封，它打不开",
            "what it holds cannot be called back; what is sealed of persons from now on lies under new keys, which it does not have",
        ));
    }
}

impl Render for SuspensionState {
    fn render(&self, page: &mut Page) {
        let unit = &self.unit;
        page.line(match &self.suspended {
            Some(reason) => say!(
                "已暂停 {unit} 的报送：{reason}",
                "reports of {unit} are not counted: {reason}"
            ),
            None => say!("已恢复 {unit} 的报送", "reports of {unit} are counted again"),
        });
    }
}

impl Render for Dissolved {
    fn render(&self, page: &mut Page) {
        page.line(dissolved(&self.unit, &self.successors));
    }
}

fn dissolved(unit: &str, successors: &[String]) -> String {
    let successors = successors.join(word("、", ", "));
    match successors.is_empty() {
        true => say!("{unit} 已撤销", "{unit} exists no more"),
        false => say!(
            "{unit} 已撤并，由 {successors} 接续",
            "{unit} exists no more; {successors} continue its work"
        ),
    }
}

fn effect(in_effect: bool) -> &'static str {
    if in_effect {
        word("已生效", "in effect")
    } else {
        word("尚未生效", "not in effect yet")
    }
}

impl Render for Endorsed {
    fn render(&self, page: &mut Page) {
        let (statement, effect) = (short(&self.statement), effect(self.in_effect));
        let Self { signatures, threshold, .. } = self;
        page.line(say!(
            "已会签 {statement}：{signatures} / {threshold} 个根密钥；{effect}",
            "endorsed {statement}: {signatures} of {threshold} root keys; {effect}"
        ));
    }
}

impl Render for EndorsedFile {
    fn render(&self, page: &mut Page) {
        let Self { unit, lineage, signed_by, threshold, .. } = self;
        let count = signed_by.len();
        page.line(say!(
            "已会签：{unit} 是谱系 {lineage}；{count} / {threshold} 个根密钥",
            "endorsed: {unit} is lineage {lineage}; {count} of {threshold} root keys"
        ));
        for key in signed_by {
            page.line(say!("  签名 {key}", "  signed by {key}"));
        }
    }
}

impl Render for Followed {
    fn render(&self, page: &mut Page) {
        let (after, generation) = (short(&self.after), &self.generation);
        page.line(say!(
            "在 {after} 之后，本机跟随 {generation}；只约束本机",
            "after {after} this node follows {generation}: this binds no other node"
        ));
    }
}

impl Render for LineageAccepted {
    fn render(&self, page: &mut Page) {
        let Self { unit, lineage, before } = self;
        page.line(say!(
            "本机从此认定 {unit} 是谱系 {lineage}，不再是 {before}",
            "this node now holds {unit} to be lineage {lineage}, and no longer {before}"
        ));
        page.line(word(
            "只约束本机：其他节点各自决定。本单位资料只与这一谱系的节点交换。要录入须有它的授权书：gongzhi init --grant FILE",
            "this binds no other node, each decides for itself. What is the unit's own is shared with nodes of this lineage alone. To write, take in a grant of it: gongzhi init --grant FILE",
        ));
    }
}

fn rights(rights: &[Right]) -> String {
    let name = |right: &Right| match right {
        Right::Govern => word("管理", "govern"),
        Right::Write => word("写入", "write"),
        Right::Read => word("读取", "read"),
    };
    let names: Vec<&str> = rights.iter().map(name).collect();
    names.join(word("、", ", "))
}

impl Render for RootShown {
    fn render(&self, page: &mut Page) {
        let Self { network, name, generation, roots, threshold, next_threshold } = self;
        page.line(say!("网络 {name}，{network}", "network {name}, {network}"));
        if generation != network {
            page.line(say!("现任一代 {generation}", "present generation {generation}"));
        }
        page.line(say!("根密钥，门限 {threshold}：", "root keys, threshold {threshold}:"));
        for root in roots {
            page.line(format!("  {root}"));
        }
        page.line(say!(
            "换代须 {next_threshold} 份恢复短语",
            "the next generation takes {next_threshold} recovery phrases"
        ));
    }
}

impl Render for KeysHeld {
    fn render(&self, page: &mut Page) {
        let Self { node, unit, lineage, .. } = self;
        page.line(say!("节点 {node}，单位 {unit}", "node {node}, unit {unit}"));
        page.line(say!("谱系 {lineage}", "lineage {lineage}"));
        if self.is_operating {
            page.line(word("本机持有单位的运行密钥", "this node has the unit's operating key"));
        }
        if self.is_root {
            page.line(word("本机密钥是根密钥", "this node's key is a root key"));
        }
        if let Some(next) = &self.next_node {
            page.line(say!("待启用的新密钥 {next}", "the key to follow {next}"));
        }
        page.line(word(
            "本机的授权（据本机所知；别处撤销的，要连上才知道）：",
            "grants of this node, as far as it has heard:",
        ));
        self.grants.iter().for_each(|grant| held(page, grant));
        self.alarms.iter().for_each(|alarm| alarm.render(page));
    }
}

fn held(page: &mut Page, grant: &HeldGrant) {
    let (id, node, rights) = (short(&grant.delegation), short(&grant.node), rights(&grant.rights));
    let until = time(grant.until_ms);
    let state = match grant.state {
        GrantState::Holds => word("有效", "in force"),
        GrantState::NotYet => word("尚未开始", "not begun"),
        GrantState::RanOut => word("已到期，未结清", "ran out, not closed"),
        GrantState::Ended => word("已终止", "ended"),
        GrantState::Void => word("其依据无效", "what it rests on does not hold"),
    };
    page.line(say!(
        "  {id} 节点 {node} {rights}，至 {until}；{state}",
        "  {id} node {node} {rights}, until {until}; {state}"
    ));
}

impl Render for LineageShown {
    fn render(&self, page: &mut Page) {
        let Self { unit, lineage, .. } = self;
        page.line(say!("单位 {unit}", "unit {unit}"));
        page.line(say!("谱系 {lineage}", "lineage {lineage}"));
        for former in &self.former {
            page.line(say!("从前的谱系 {former}", "formerly lineage {former}"));
        }
        match &self.operating_key {
            Some(key) => page.line(say!("运行密钥 {key}", "operating key {key}")),
            None => page.line(word("本机没有它的章程", "its charter is not here")),
        }
        if self.recognised.is_empty() {
            page.line(word("上级尚未认可", "no unit above recognises it"));
        }
        for founding in &self.recognised {
            let (by, lineage) = (&founding.by, short(&founding.lineage));
            let until = time(founding.until_ms);
            page.line(say!(
                "{by} 认可谱系 {lineage}，至 {until}",
                "{by} recognises lineage {lineage}, until {until}"
            ));
        }
        page.line(word("节点：", "nodes:"));
        self.grants.iter().for_each(|grant| held(page, grant));
        self.alarms.iter().for_each(|alarm| alarm.render(page));
    }
}

impl Render for Alarm {
    fn render(&self, page: &mut Page) {
        match self {
            Self::TwoLineages { unit, lineages, followed, .. } => {
                let count = lineages.len();
                page.line(say!(
                    "警报：{unit} 被认可为 {count} 个谱系",
                    "alarm: {unit} is recognised as {count} lineages"
                ));
                for lineage in lineages {
                    let own = followed.as_ref() == Some(lineage);
                    let mark =
                        if own { word("（本机跟随）", " (followed here)") } else { "" };
                    page.line(format!("  {lineage}{mark}"));
                }
                page.line(word(
                    "  请上级与该单位核对后撤回其一：gongzhi recognise --request FILE --instead",
                    "  the unit above asks the unit which is right, and withdraws the other: gongzhi recognise --request FILE --instead",
                ));
            }
            Self::Dissolved { unit, successors } => {
                let who = dissolved(unit, successors);
                page.line(say!(
                    "警报：{who}。本单位的报送不再计入上级",
                    "alarm: {who}. Its numbers are not counted above any more"
                ));
            }
            Self::Displaced { unit, own, recognised } => {
                page.line(say!(
                    "警报：上级认可的 {unit} 是谱系 {recognised}，不是本机的 {own}。在问清之前，本机不与那一谱系交换任何本单位资料",
                    "alarm: the units above recognise lineage {recognised} as {unit}, and not this node's {own}. Until that is settled this node shares nothing of the unit's own with that lineage"
                ));
            }
            Self::Rivals { generations, of_root } => {
                let whose =
                    if *of_root { word("根", "the root") } else { word("谱系", "a lineage") };
                page.line(say!(
                    "警报：{whose}的恢复短语被用过两次；未跟随的：",
                    "alarm: a recovery phrase of {whose} was used twice; not followed:"
                ));
                for generation in generations {
                    page.line(format!("  {generation}"));
                }
                page.line(word(
                    "  问清后选定：gongzhi root follow ID，或 gongzhi lineage follow ID",
                    "  once that is settled: gongzhi root follow ID, or gongzhi lineage follow ID",
                ));
            }
        }
    }
}

impl Render for Rotation {
    fn render(&self, page: &mut Page) {
        let Self { node, next_node, .. } = self;
        let data = self.data.display();
        page.line(say!("新密钥 {next_node}", "new key {next_node}"));
        page.line(word(
            "先确认 gongzhi status 显示已同步",
            "first see that `gongzhi status` shows everything up to date",
        ));
        page.line(word(
            "1. 在可代表本单位的节点上签发：",
            "1. at a node that speaks as the unit, take the new key in:",
        ));
        page.line(format!(
            "   gongzhi delegate --data GOVERNING --to {next_node} --replaces {node} --out FILE"
        ));
        page.line(word("2. 停止本机后启用：", "2. stop this node, then go over to the new key:"));
        page.line(format!("   gongzhi init --data {data} --grant FILE"));
        page.line(word(
            "第 1 步之前旧密钥照常使用",
            "until step 1 this node goes on with the old key",
        ));
    }
}
