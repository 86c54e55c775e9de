//! Copies of a node.

use node_api::{BackupFigures, BackupMade, Restored};

use super::page::{Page, Render, span, time};
use crate::lang::{say, word};

impl Render for BackupMade {
    fn render(&self, page: &mut Page) {
        let backup = self.backup.display();
        page.line(say!("备份已完成：{backup}", "backed up to {backup}"));
        covers(page, &self.figures);
        page.line(word(
            "其中含本机密钥，请妥善保管",
            "it holds this node's key: guard it like the node",
        ));
        if self.key_exposed {
            page.line(word(
                "警告：该盘不保存权限，拿到它的人都能读取密钥，请锁好",
                "warning: this disk keeps no modes, whoever has it can read the key: lock it away",
            ));
        }
    }
}

fn covers(page: &mut Page, figures: &BackupFigures) {
    let (at, kib) = (time(figures.at_ms), figures.disk_bytes.div_ceil(1024));
    let BackupFigures { unit, documents, envelopes, items, .. } = figures;
    page.line(say!(
        "  时间 {at}；单位 {unit}；文档 {documents}；条目 {envelopes}；连同声明共 {items}；{kib} KiB",
        "  made {at}; unit {unit}; {documents} documents; {envelopes} envelopes; {items} items with \
         statements; {kib} KiB"
    ));
}

impl Render for Restored {
    fn render(&self, page: &mut Page) {
        let data = self.data.display();
        page.line(say!("已恢复到 {data}", "restored to {data}"));
        covers(page, &self.backup);
        let age = span(self.age_ms);
        page.line(say!(
            "  备份距今 {age}；之后的内容由其他节点补回",
            "  the backup is {age} old; what came after it returns from the nodes that hold it"
        ));
        let incarnation = &self.incarnation;
        page.line(say!("  新的化身 {incarnation}", "  new incarnation {incarnation}"));
        page.line(word(
            "  勿再启动旧目录；若密钥可能外泄，请更换",
            "  never start the old folder again; if its key may be in other hands, replace it",
        ));
    }
}
