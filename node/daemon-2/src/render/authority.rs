//! Grants, keys and signatures.

use node_api::{
    Endorsed, EndorsedFile, Founded, Granted, HeldGrant, Joined, KeyMade, KeysHeld, Revoked, Right,
    Rotation, Succession, SuspensionState, Withdrawn,
};

use super::page::{Page, Render, short, time};
use crate::lang::{say, word};

impl Render for KeyMade {
    /// The key alone, so that a shell can take it.
    fn render(&self, page: &mut Page) {
        page.line(&self.node);
    }
}

impl Render for Joined {
    fn render(&self, page: &mut Page) {
        let (network, unit) = (short(&self.network), &self.unit);
        page.line(say!(
            "已加入网络 {network}，单位 {unit}",
            "joined network {network}, unit {unit}"
        ));
    }
}

impl Render for Founded {
    fn render(&self, page: &mut Page) {
        let (grant, lacks) = (self.grant.display(), self.lacks);
        page.line(say!("建网授权书已写入 {grant}", "the founding grant is written: {grant}"));
        page.line(say!(
            "还需 {lacks} 个根密钥会签，各自执行：",
            "{lacks} more root keys must endorse it, each with:"
        ));
        page.line(format!("  gongzhi endorse --data THEIRS --grant {grant}"));
        page.line(say!(
            "然后：gongzhi init --data DIR --grant {grant}",
            "then: gongzhi init --data DIR --grant {grant}"
        ));
    }
}

impl Render for Granted {
    fn render(&self, page: &mut Page) {
        let file = self.file.display();
        page.line(say!("授权书已写入 {file}", "the grant is written: {file}"));
        if let Some(problem) = &self.grant.waits_for {
            page.line(say!(
                "尚未生效，须会签：{problem}",
                "not in force until it is endorsed: {problem}"
            ));
            page.line(format!("  gongzhi endorse --data THEIRS --grant {file}"));
        }
    }
}

impl Render for Revoked {
    fn render(&self, page: &mut Page) {
        for Withdrawn {
            delegation,
            unit,
            node,
            revocation,
            logs_kept,
            statements_kept,
            in_effect,
        } in &self.revoked
        {
            let (delegation, node) = (short(delegation), short(node));
            page.line(say!(
                "已撤销 {delegation}：单位 {unit}，节点 {node}；保留 {logs_kept} 份日志，{statements_kept} 项声明",
                "withdrawn {delegation}: unit {unit}, node {node}; kept {logs_kept} logs, \
                 {statements_kept} statements"
            ));
            if !in_effect {
                to_endorse(page, revocation);
            }
        }
        let (now, all) = (self.invalid_by_this, self.invalid_after);
        page.line(say!(
            "本机因此不再计入 {now} 条（共 {all} 条不计入）",
            "{now} entries here cease to count by this ({all} in all)"
        ));
    }
}

fn to_endorse(page: &mut Page, statement: &str) {
    page.line(word(
        "  尚未生效，须由其他根密钥会签：",
        "  not in effect until other root keys endorse it:",
    ));
    page.line(format!("  gongzhi endorse --data THEIRS --statement {statement}"));
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
        let Self { unit, to, .. } = self;
        page.line(say!("已会签：单位 {unit}，节点 {to}", "endorsed: unit {unit}, node {to}"));
        let (rights, until) = (rights(&self.rights), time(self.until_ms));
        page.line(say!("  {rights}，至 {until}", "  {rights}, until {until}"));
        for key in &self.signed_by {
            page.line(say!("  签名 {key}", "  signed by {key}"));
        }
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

impl Render for Succession {
    fn render(&self, page: &mut Page) {
        let Self { statement, statements_kept, signatures, threshold, .. } = self;
        page.line(say!(
            "换根声明 {statement}，保留 {statements_kept} 项声明；{signatures} / {threshold} 个现任根密钥已签",
            "change of roots {statement}, keeps {statements_kept} statements; signed by {signatures} \
             of {threshold} present root keys"
        ));
        match self.in_effect {
            true => page.line(effect(true)),
            false => to_endorse(page, statement),
        }
    }
}

impl Render for KeysHeld {
    fn render(&self, page: &mut Page) {
        let Self { node, unit, threshold, .. } = self;
        page.line(say!("节点 {node}，单位 {unit}", "node {node}, unit {unit}"));
        if let Some(next) = &self.next_node {
            page.line(say!("待启用的新密钥 {next}", "the key to follow {next}"));
        }
        page.line(say!("根密钥，门限 {threshold}：", "root keys, threshold {threshold}:"));
        for root in &self.roots {
            let own = if root == node { word("（本机）", " (this node)") } else { "" };
            page.line(format!("  {root}{own}"));
        }
        page.line(word("本机的授权：", "grants of this node:"));
        self.grants.iter().for_each(|grant| held(page, grant));
    }
}

fn held(page: &mut Page, grant: &HeldGrant) {
    let (id, unit, rights) = (short(&grant.delegation), &grant.unit, rights(&grant.rights));
    let until = time(grant.until_ms);
    let state = match &grant.problem {
        Some(problem) => say!("无效：{problem}", "not in force: {problem}"),
        None if grant.acts_under_it => word("有效，使用中", "in force, in use").to_owned(),
        None => word("有效", "in force").to_owned(),
    };
    page.line(say!(
        "  {id} {unit} {rights}，至 {until}；{state}",
        "  {id} {unit} {rights}, until {until}; {state}"
    ));
}

impl Render for Rotation {
    fn render(&self, page: &mut Page) {
        let Self { node, unit, next_node, .. } = self;
        let data = self.data.display();
        page.line(say!("新密钥 {next_node}", "new key {next_node}"));
        page.line(word(
            "先确认 gongzhi status 显示已同步",
            "first see that `gongzhi status` shows everything up to date",
        ));
        page.line(word(
            "1. 由授权本机的单位签发：",
            "1. whoever granted this node its unit issues the new grant:",
        ));
        page.line(format!(
            "   gongzhi delegate --data ABOVE --unit {unit} --to {next_node} --replaces {node} --out FILE"
        ));
        page.line(word("2. 停止本机后启用：", "2. stop this node, then go over to the new key:"));
        page.line(format!("   gongzhi init --data {data} --grant FILE"));
        page.line(word(
            "第 1 步之前旧密钥照常使用",
            "until step 1 this node goes on with the old key",
        ));
    }
}
