//! Imports: what became of rows, and what is found again.

use node_api::{ImportListed, ImportRunning, ImportUndone, Imported, ImportsShown, RecordKept};

use super::page::{Page, Render, time};
use super::table::Table;
use crate::lang::{lang, say, word};

/// Refused rows whose reasons are printed; all of them stand in the workbook of results.
const ERRORS_SHOWN: usize = 10;
const MINUTE: u64 = 60;

impl Render for Imported {
    fn render(&self, page: &mut Page) {
        let (file, rows) = (self.file.display(), self.rows);
        page.line(say!("{file}：{rows} 行", "{file}: {rows} rows"));
        if self.dry_run {
            page.line(word(
                "  试运行，未录入；正式导入的结果如下",
                "  checked only, nothing was entered; this is what an import would come to",
            ));
        }
        let counts = [
            (word("新增", "added"), self.counts.added),
            (word("更新", "updated"), self.counts.updated),
            (word("未变", "unchanged"), self.counts.unchanged),
            (word("错误", "refused"), self.counts.refused),
            (word("疑似重复", "possible duplicates"), self.counts.possible_duplicates),
            (word("其中迁居", "of whom moved"), self.counts.moved),
        ];
        for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            page.line(format!("  {what}: {count}"));
        }
        let said = self.errors.iter().take(ERRORS_SHOWN).chain(&self.notes);
        said.for_each(|sentence| page.line(format!("  {}", sentence.said(lang()))));
        let speed = self.rows_per_second;
        page.line(match self.results.as_ref().map(|path| path.display()) {
            Some(results) => say!(
                "  每秒 {speed} 行；逐行结果：{results}",
                "  {speed} rows a second; row by row: {results}"
            ),
            None => say!("  每秒 {speed} 行", "  {speed} rows a second"),
        });
        if let Some(import) = &self.import {
            page.line(say!(
                "  要撤回：gongzhi imports undo {import}",
                "  to take it back: gongzhi imports undo {import}"
            ));
        }
    }
}

impl Render for ImportsShown {
    fn render(&self, page: &mut Page) {
        if self.imports.is_empty() {
            return page.line(word("没有导入", "no imports"));
        }
        let mut table = Table::new(&[
            word("时间", "when"),
            word("文件", "file"),
            word("行数", "rows"),
            word("新增", "added"),
            word("更新", "updated"),
            word("错误", "refused"),
            word("状态", "state"),
            word("编号", "import"),
        ])
        .numbers(&[2, 3, 4, 5]);
        for own in &self.imports {
            table.row(vec![
                time(own.at_ms),
                file(own).to_owned(),
                own.rows.to_string(),
                own.added.to_string(),
                own.updated.to_string(),
                own.refused.to_string(),
                state(own),
                own.import.clone(),
            ]);
        }
        page.table(&table);
        if self.imports.iter().any(|own| !own.complete) {
            page.line(word(
                "  未读完的：已录入的行都已保存；再次导入同一文件即可接着录入，已有的行不会重复",
                "  unfinished: the rows that were taken are saved; import the same file again to go on, nothing is entered twice",
            ));
        }
        if self.more {
            page.line(word(
                "  还有更早的：--file 按文件名查找",
                "  there are older ones: find them with --file",
            ));
        }
    }
}

fn file(own: &ImportListed) -> &str {
    own.file.as_deref().unwrap_or_else(|| word("（密封）", "(sealed)"))
}

fn state(own: &ImportListed) -> String {
    match (&own.undone, own.complete) {
        (Some(day), _) => say!("已于 {day} 撤回", "taken back on {day}"),
        (None, true) => word("完成", "complete").to_owned(),
        (None, false) => word("未读完", "unfinished").to_owned(),
    }
}

impl Render for ImportUndone {
    fn render(&self, page: &mut Page) {
        let (file, at) = (file(&self.import), time(self.import.at_ms));
        page.line(match self.done {
            true => say!("已撤回 {at} 的导入：{file}", "taken back: the import of {file}, {at}"),
            false => say!(
                "尚未撤回。撤回 {at} 的导入 {file}，将：",
                "not taken back yet. To take back the import of {file}, {at}, means:"
            ),
        });
        let (removed, restored, kept) = (self.removed, self.restored, self.kept);
        page.line(say!(
            "  去掉新增的记录 {removed} 条",
            "  {removed} records that it began are none"
        ));
        page.line(say!(
            "  恢复原内容的记录 {restored} 条",
            "  {restored} records say again what they said before"
        ));
        page.line(say!("  保留不动的 {kept} 条", "  {kept} stay as they are"));
        for RecordKept { kind, record, why } in &self.keeps {
            let (kind, why) = (kind.words.said(lang()), why.said(lang()));
            page.line(say!("    {kind} {record}：{why}", "    {kind} {record}: {why}"));
        }
        if self.kept > self.keeps.len() as u64 {
            page.line("    …");
        }
        if !self.done {
            page.line(word("  确认请加 --yes", "  to do it, add --yes"));
        }
    }
}

/// How far an import is, in a line.
pub(crate) fn progress(own: &ImportRunning) -> String {
    let rows = own.rows;
    let left = own.seconds_left().map(|seconds| match seconds {
        0..MINUTE => say!("约剩 {seconds} 秒", "about {seconds} s left"),
        _ => {
            let minutes = seconds.div_ceil(MINUTE);
            say!("约剩 {minutes} 分钟", "about {minutes} min left")
        }
    });
    match (own.total, left) {
        (Some(total), Some(left)) => {
            say!("正在导入：{rows}/{total} 行，{left}", "importing: {rows} of {total} rows, {left}")
        }
        (Some(total), None) => say!("正在导入：共 {total} 行", "importing: {total} rows"),
        (None, _) => say!("正在导入：{rows} 行", "importing: {rows} rows"),
    }
}
