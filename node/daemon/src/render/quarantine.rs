//! What does not count and what was refused.

use node_api::{
    Adopted, Claims, Content, Discarded, ForkProven, QuarantineList, QuarantineShown, State,
};

use super::page::{Page, Render, short, time};
use super::records::{scalar, signed_under};
use super::table::Table;
use crate::lang::{lang, say, word};

impl Render for QuarantineList {
    fn render(&self, page: &mut Page) {
        invalid(page, self);
        refused(page, self);
        let hidden = self.discarded;
        if hidden > 0 {
            page.line(say!(
                "已搁置：{hidden} 条（--all 显示）",
                "put aside: {hidden} (--all shows them)"
            ));
        }
    }
}

fn aside(discarded: bool) -> String {
    if discarded { word("已搁置", "put aside") } else { "" }.to_owned()
}

fn invalid(page: &mut Page, list: &QuarantineList) {
    let count = list.invalid.len();
    page.line(say!("不计入：{count} 条", "do not count: {count}"));
    let headings = [
        word("编号", "id"),
        word("时间", "when"),
        word("文档", "document"),
        word("作者", "author"),
        word("序号", "seq"),
        word("原因", "why"),
        "",
    ];
    let mut table = Table::new(&headings).numbers(&[4]);
    for entry in &list.invalid {
        table.row(vec![
            short(&entry.id),
            time(entry.at_ms),
            entry.document.clone(),
            short(&entry.author),
            entry.seq.to_string(),
            format!("{}: {}", entry.code, entry.text.said(lang())),
            aside(entry.discarded),
        ]);
    }
    if count > 0 {
        page.table(&table);
    }
}

fn refused(page: &mut Page, list: &QuarantineList) {
    let count = list.refused.len();
    page.line(say!("拒收：{count} 条", "refused: {count}"));
    let headings =
        [word("编号", "id"), word("时间", "when"), word("来自", "from"), word("原因", "why"), ""];
    let mut table = Table::new(&headings);
    for item in &list.refused {
        table.row(vec![
            short(&item.id),
            time(item.at_ms),
            short(&item.peer),
            format!("{}: {}", item.code, item.text),
            aside(item.discarded),
        ]);
    }
    if count > 0 {
        page.table(&table);
    }
}

impl Render for QuarantineShown {
    fn render(&self, page: &mut Page) {
        page.line(&self.id);
        let (code, text) = (&self.code, self.text.said(lang()));
        page.line(match &self.state {
            State::Invalid { discarded: false, .. } => {
                say!("不计入：{code} {text}", "does not count: {code} {text}")
            }
            State::Invalid { discarded: true, .. } => {
                say!("不计入，已搁置：{code} {text}", "does not count, put aside: {code} {text}")
            }
            State::Refused { peer, at_ms, .. } => {
                let at = time(*at_ms);
                say!(
                    "{at} 拒收自 {peer}：{code} {text}",
                    "refused from {peer} at {at}: {code} {text}"
                )
            }
        });
        self.claims.iter().for_each(|claims| render_claims(page, claims));
        match &self.state {
            State::Invalid { fork_proof: Some(proof), .. } => {
                page.line(say!("分叉证明：{proof}", "proof of the fork: {proof}"));
            }
            State::Invalid { fork_proof: None, .. } => {}
            State::Refused { item, .. } => page.line(say!("原文：{item}", "its bytes: {item}")),
        }
    }
}

fn render_claims(page: &mut Page, claims: &Claims) {
    match claims {
        Claims::Statement { kind, by } => {
            page.line(say!(
                "声明（{kind} 类），自称由 {by} 签发",
                "a statement (kind {kind}) that claims to be signed by {by}"
            ));
        }
        Claims::Entry {
            document,
            author,
            incarnation,
            seq,
            at_ms,
            signed_under: under,
            content,
        } => {
            let (at, under) = (time(*at_ms), signed_under(under));
            page.line(say!("文档 {document}", "document {document}"));
            page.line(say!(
                "作者 {author}，化身 {incarnation}，序号 {seq}，{at}",
                "author {author}, incarnation {incarnation}, seq {seq}, {at}"
            ));
            page.line(say!("授权 {under}", "signed under {under}"));
            render_content(page, content);
        }
    }
}

fn render_content(page: &mut Page, content: &Content) {
    match content {
        Content::Keys => page.line(word("  密钥或信件，不显示", "  keys or a letter, not shown")),
        Content::Unreadable => page.line(word("  内容不能识别", "  its content does not read")),
        Content::Changes(changes) => {
            let mut table = Table::new(&[word("字段", "field"), word("改为", "becomes")]);
            for change in changes {
                table.row(vec![change.key.clone(), scalar(&change.to)]);
            }
            page.table(&table);
        }
    }
}

impl Render for Adopted {
    fn render(&self, page: &mut Page) {
        let Self { adopted, count_now, restored, forks_left, .. } = self;
        page.line(say!(
            "已认领 {adopted} 条，其中 {count_now} 条现在计入；连同其后共恢复 {restored} 条",
            "adopted {adopted}, of which {count_now} count now; with what rests on them {restored} \
             were restored"
        ));
        for still in &self.still_invalid {
            let (id, code, text) = (short(&still.id), &still.code, still.text.said(lang()));
            page.line(say!("  仍不计入：{id} {code}: {text}", "  still not: {id} {code}: {text}"));
        }
        if *forks_left > 0 {
            page.line(say!(
                "  另有分叉 {forks_left} 条，须按编号逐一选择",
                "  {forks_left} more are in forks: choose a side by id"
            ));
        }
    }
}

impl Render for Discarded {
    fn render(&self, page: &mut Page) {
        let count = self.discarded;
        page.line(say!(
            "已搁置 {count} 条，证据仍保留",
            "put aside {count}; the evidence is kept and never deleted"
        ));
    }
}

impl Render for ForkProven {
    fn render(&self, page: &mut Page) {
        let Self { document, author, incarnation, seq, .. } = self;
        page.line(say!(
            "证明成立：{author} 在 {document} 以化身 {incarnation} 在序号 {seq} 处签了两份",
            "the proof holds: {author} signed two envelopes of {document} at seq {seq} under \
             incarnation {incarnation}"
        ));
    }
}
