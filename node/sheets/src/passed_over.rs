//! Rows that are no records: headings once more, numbers of columns, totals, notes, signatures.

use std::collections::BTreeMap;

use schema_documents::characters::solid;
use schema_documents::{Check, Column, Sentence, Words, words};

use crate::table::{Layout, RawRow};

/// Row numbers that a note names; of the others it tells how many.
const NAMED_MAX: usize = 10;
/// A lone cell with more characters is a sentence.
const SENTENCE_CHARS: usize = 15;
const TOTALS: &[&str] = &["合计", "总计", "小计", "共计", "累计", "总人数", "总户数", "合计人数"];
/// Words before a colon below a table.
const LABELS: &[&str] = &[
    "注",
    "备注",
    "说明",
    "填表",
    "填报",
    "制表",
    "制作",
    "审核",
    "审批",
    "审定",
    "复核",
    "经办",
    "负责人",
    "主管",
    "联系人",
    "联系电话",
    "单位",
    "社区",
    "盖章",
    "公章",
    "签字",
    "签名",
    "签章",
    "日期",
    "时间",
    "统计",
    "登记人",
    "采集人",
    "核实人",
    "网格员",
    "打印",
    "导出",
];

/// What a person who imports is told of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowNote {
    /// Read, though the sheet does not show it.
    Hidden,
    /// Read, but for a cell that no heading says the meaning of.
    Unheaded,
    /// The headings once more, as on each printed page.
    Headings,
    /// 1, 2, 3, …: numbers of the columns.
    ColumnNumbers,
    /// A total, a note, who filled it in.
    Footer,
}

impl RowNote {
    const fn words(self) -> Words {
        match self {
            Self::Hidden => words("被隐藏的行也已读取", "hidden rows were read too"),
            Self::Unheaded => words(
                "有内容在没有表头的列中，该内容未读取",
                "content below no heading was not read",
            ),
            Self::Headings => words("重复的表头，已跳过", "headings once more, passed over"),
            Self::ColumnNumbers => words("列序号行，已跳过", "numbers of columns, passed over"),
            Self::Footer => words(
                "合计、注释、签名等表尾行，已跳过",
                "totals, notes and signatures, passed over",
            ),
        }
    }
}

/// Which of these a row is that could not be read, if any.
pub(crate) fn passed_over(layout: &Layout, row: &RawRow) -> Option<RowNote> {
    let known: Vec<(&Column, String, String)> = layout
        .known(row)
        .map(|(column, place, text)| (column, solid(layout.headings.cell(place)), solid(text)))
        .collect();
    let written = |text: &String| !text.is_empty();
    let same = known.iter().filter(|(_, heading, text)| written(text) && heading == text).count();
    let other = known.iter().filter(|(_, heading, text)| written(text) && heading != text).count();
    if same >= 3 && other == 0 {
        return Some(RowNote::Headings);
    }
    if numbers_columns(row) {
        return Some(RowNote::ColumnNumbers);
    }
    let lacking = known.iter().any(|(column, _, text)| column.required && text.is_empty());
    let cells: Vec<String> = row.cells.iter().map(|cell| solid(cell)).filter(written).collect();
    let first = cells.first()?;
    let named = known.iter().any(|(column, _, text)| is_name(column) && written(text));
    let sentence = first.chars().count() > SENTENCE_CHARS || first.contains(['。', ':']);
    let footer = begins_footer(first) || (cells.len() == 1 && !named && sentence);
    (lacking && footer).then_some(RowNote::Footer)
}

fn is_name(column: &Column) -> bool {
    matches!(column.field.check, Check::PersonName(_))
}

fn begins_footer(text: &str) -> bool {
    let label = LABELS.iter().any(|label| text.starts_with(label));
    let bracketed = text.ends_with(')') && text.contains("章");
    let page = text.starts_with('第') && text.contains('页');
    page || TOTALS.iter().any(|total| text.starts_with(total))
        || (label && (text.contains(':') || bracketed))
}

/// So many cells that count from 1 are no record, though each might be a value.
const COUNTED_MIN: u32 = 6;

/// Which of these a row is that could be read.
pub(crate) fn no_record(row: &RawRow) -> Option<RowNote> {
    (counted(row) >= Some(COUNTED_MIN)).then_some(RowNote::ColumnNumbers)
}

/// Consecutive numbers from 1, three at least.
fn numbers_columns(row: &RawRow) -> bool {
    counted(row) >= Some(3)
}

/// How far all cells count from 1; nothing if one does not.
fn counted(row: &RawRow) -> Option<u32> {
    let cells = row.cells.iter().map(|cell| solid(cell)).filter(|cell| !cell.is_empty());
    let mut count = 0;
    for (cell, number) in cells.zip(1u32..) {
        if cell.trim_matches(['(', ')']) != number.to_string() {
            return None;
        }
        count = number;
    }
    Some(count)
}

/// Rows of one sheet that a person is told of: the first few by number, of the others how many.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowNotes(BTreeMap<RowNote, (Vec<u32>, u32)>);

impl RowNotes {
    pub(crate) fn add(&mut self, note: RowNote, row: u32) {
        let (named, count) = self.0.entry(note).or_default();
        if named.len() < NAMED_MAX {
            named.push(row);
        }
        *count += 1;
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = Sentence> {
        self.0.iter().map(|(note, (named, count))| {
            let Words { zh, en } = note.words();
            let rows: Vec<String> = named.iter().map(u32::to_string).collect();
            let more = if *count as usize > named.len() { " …" } else { "" };
            Sentence {
                zh: format!("{zh}：第 {}{more} 行，共 {count} 行", rows.join("、")),
                en: format!("{en}: rows {}{more}, {count} in all", rows.join(", ")),
            }
        })
    }
}
