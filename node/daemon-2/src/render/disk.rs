//! What a disk did to a node: why it leads a new life, what a scrub found, what a repair did.

use node_api::{Failure, Life, Repaired, Scrubbed};

use super::page::{Page, Render};
use super::table::Table;
use crate::lang::{lang, say, word};

/// Fewer bytes left on the disk are a warning: the logs of the store may take as many at once.
const LEFT_MIN: u64 = 128 << 20;

/// Why a node goes on under a new incarnation, and what to do about it.
pub(crate) fn life(life: Life) -> String {
    match life {
        Life::Copied => word(
            "本机上还有一份数据目录的副本正在运行；本节点以新的化身继续，两份的录入都不会丢失；请只保留一份运行",
            "another copy of this data folder runs on this machine; this node goes on under a new \
             incarnation, and nothing of either is lost; stop one of them",
        )
        .to_owned(),
        Life::SetBack { commits } => say!(
            "数据库回到了较早的状态（至少少了 {commits} 次写入）：被还原，或另有一份副本在用。本节点以新的化身继续，\
             不会重复编号；已送达其他节点的录入会自动补回，从未送出的请重新录入",
            "the store is older than it was (at least {commits} commits are missing): it was set \
             back, or another copy of it is in use. This node goes on under a new incarnation and \
             repeats no number; what other nodes hold comes back by itself, what was never sent \
             must be entered again"
        ),
        Life::Doubled => word(
            "其他节点持有本密钥的另一份录入：数据曾被还原，或有副本在运行；本节点以新的化身继续",
            "others hold entries of this key that this node does not: its data was set back, or a \
             copy of it runs; it goes on under a new incarnation",
        )
        .to_owned(),
    }
}

/// A warning while there is time to free some space.
pub(super) fn disk_left(page: &mut Page, bytes: Option<u64>) {
    if let Some(left) = bytes.filter(|left| *left < LEFT_MIN) {
        let left = left >> 20;
        page.line(say!(
            "警告：磁盘只剩 {left} MiB，写满后节点会停止，已确认的录入不会丢失；请腾出空间",
            "warning: {left} MiB are left on the disk; when it is full the node stops, and nothing \
             acknowledged is lost; free some space"
        ));
    }
}

impl Render for Scrubbed {
    fn render(&self, page: &mut Page) {
        let mut table =
            Table::new(&[word("表", "table"), word("条目", "entries"), word("状况", "state")])
                .numbers(&[1]);
        for scrubbed in &self.tables {
            let state = scrubbed.damage.as_deref().unwrap_or(word("完好", "sound"));
            let (name, entries) = (scrubbed.table.clone(), scrubbed.entries.to_string());
            table.row(vec![name, entries, state.to_owned()]);
        }
        if !self.tables.is_empty() {
            page.table(&table);
        }
        if !self.damaged {
            page.line(word("数据库完好，每一条都读过", "the store is sound, every entry was read"));
            return;
        }
        let tables = self.tables.iter().filter_map(|scrubbed| scrubbed.damage.as_deref());
        let detail = self.log.as_deref().into_iter().chain(tables).collect::<Vec<_>>().join("; ");
        page.line(Failure::StoreDamaged { detail }.sentence(lang()));
    }
}

impl Render for Repaired {
    fn render(&self, page: &mut Page) {
        let Self::Opened { damage, kept, commits, commits_missing_at_least: missing } = self else {
            page.line(word(
                "数据库完好，无须修复",
                "the store is sound, there is nothing to repair",
            ));
            return;
        };
        let kept = kept.display();
        page.line(say!(
            "数据库已打开到损坏处：{damage}",
            "the store is opened up to the damage: {damage}"
        ));
        page.line(say!(
            "  保留 {commits} 次写入，至少缺 {missing} 次",
            "  {commits} commits are kept, at least {missing} are missing"
        ));
        page.line(say!("  原样副本：{kept}", "  a copy as it was: {kept}"));
        page.line(word(
            "  接着启动节点即可：它以新的化身继续，不会重复编号；其他节点持有的录入自动补回，其余请重新录入",
            "  now start the node: it goes on under a new incarnation and repeats no number; what \
             other nodes hold comes back by itself, the rest must be entered again",
        ));
    }
}
