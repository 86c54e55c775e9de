//! Records and documents.

use node_api::{
    Choice, Contents, ContestedField, ContestedRecord, ContestedShown, Document, DocumentContents,
    Entered, EventShown, Exported, FieldShown, HistoryEntry, KindShown, KindsShown, NamedShown,
    RecordShown, RecordsShown, RowEntered, Scalar, Shown, SignedUnder,
};

use super::page::{Page, Render, short, time, yes_or_no};
use super::table::Table;
use crate::lang::{lang, say, word};

impl Render for Entered {
    fn render(&self, page: &mut Page) {
        let (kind, record) = (&self.kind, &self.record);
        page.line(match self.envelopes.is_empty() {
            false => {
                say!("已录入并存于本机：{kind} {record}", "entered and saved here: {kind} {record}")
            }
            true => say!("{kind} {record}：未变", "{kind} {record}: unchanged"),
        });
        if let Some(void) = &self.void {
            let why = void.said(lang());
            page.line(say!("  但按本机所知，{why}", "  but by what is known here: {why}"));
        }
    }
}

impl Render for KindsShown {
    fn render(&self, page: &mut Page) {
        let named = |own: &NamedShown| format!("{} {}", own.name, own.words.said(lang()));
        for KindShown { kind, fields, events } in &self.kinds {
            page.line(named(kind));
            let list = |all: &[NamedShown]| all.iter().map(named).collect::<Vec<_>>().join("; ");
            let fields = list(fields);
            page.line(say!("  字段：{fields}", "  fields: {fields}"));
            if !events.is_empty() {
                let events = list(events);
                page.line(say!("  事件：{events}", "  events: {events}"));
            }
        }
    }
}

impl Render for RowEntered {
    fn render(&self, page: &mut Page) {
        let sheet = &self.sheet;
        page.line(match self.envelopes.is_empty() {
            false => say!("已录入并存于本机：{sheet}", "entered and saved here: {sheet}"),
            true => say!("{sheet}：未变", "{sheet}: unchanged"),
        });
        if self.possible_duplicate {
            page.line(word(
                "  可能与已有的人是同一人，请核对",
                "  perhaps somebody who is here already: please check",
            ));
        }
        self.notes.iter().for_each(|note| page.line(format!("  {}", note.said(lang()))));
    }
}

impl Render for Exported {
    fn render(&self, page: &mut Page) {
        let (file, rows) = (self.file.display(), self.rows);
        page.line(say!("已导出 {rows} 行：{file}", "exported {rows} rows: {file}"));
        self.notes.iter().for_each(|note| page.line(format!("  {}", note.said(lang()))));
    }
}

impl Render for Vec<Document> {
    fn render(&self, page: &mut Page) {
        if self.is_empty() {
            return page.line(word("本机还没有文档", "this node holds no document yet"));
        }
        let headings =
            [word("条目", "envelopes"), word("最近", "newest"), word("文档", "document")];
        let mut table = Table::new(&headings).numbers(&[0]);
        for held in self {
            table.row(vec![held.envelopes.to_string(), time(held.at_ms), held.document.clone()]);
        }
        page.table(&table);
    }
}

impl Render for DocumentContents {
    fn render(&self, page: &mut Page) {
        page.line(&self.document);
        match &self.contents {
            Contents::Keyring => {
                page.line(word("  人员密钥，不显示", "  keys of persons, not shown"))
            }
            Contents::Fields(fields) => {
                let mut table = Table::new(&[word("字段", "field"), word("值", "value")]);
                for (key, values) in fields {
                    table.row(vec![key.clone(), together(values)]);
                }
                page.table(&table);
            }
        }
        history(page, &self.history);
    }
}

fn history(page: &mut Page, history: &[HistoryEntry]) {
    let count = history.len();
    page.line(say!("历史：{count} 条", "history: {count} envelopes"));
    let mut table = Table::new(&[
        word("时间", "when"),
        word("条目", "envelope"),
        word("作者", "author"),
        word("序号", "seq"),
        word("授权", "signed under"),
        word("不计入的原因", "why it does not count"),
    ])
    .numbers(&[3]);
    for entry in history {
        table.row(vec![
            time(entry.at_ms),
            short(&entry.envelope),
            short(&entry.author),
            entry.seq.to_string(),
            signed_under(&entry.signed_under),
            entry.suspended.clone().unwrap_or_default(),
        ]);
    }
    page.table(&table);
}

/// The grants from the signer's up to the root's, or why there are none.
pub(super) fn signed_under(signed: &SignedUnder) -> String {
    match signed {
        SignedUnder::Grants(grants) => {
            let links = grants.iter().map(|g| format!("{} {}", short(&g.delegation), g.unit));
            links.collect::<Vec<_>>().join(" <- ")
        }
        SignedUnder::Nothing { delegation, problem } => {
            let delegation = short(delegation);
            match problem.as_str() {
                "not-in-force" => say!(
                    "{delegation}，在条目的时间无效",
                    "{delegation}, which was not in force at the time of the entry"
                ),
                problem => format!("{delegation} {problem}"),
            }
        }
    }
}

/// All values of a field; more than one was written apart.
fn together(values: &[Scalar]) -> String {
    let shown: Vec<String> = values.iter().map(scalar).collect();
    match shown.len() {
        0 | 1 => shown.concat(),
        _ => {
            let values = shown.join(" | ");
            say!("{values}（并存，未选定）", "{values} (written apart, not settled)")
        }
    }
}

pub(super) fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Null => "-".to_owned(),
        Scalar::Flag(flag) => yes_or_no(*flag).to_owned(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Text(text) => text.clone(),
        Scalar::Sealed { sealed } => {
            let bytes = sealed.len() / 2;
            say!("（密封，{bytes} 字节）", "(sealed, {bytes} bytes)")
        }
    }
}

impl Render for RecordsShown {
    fn render(&self, page: &mut Page) {
        if self.records.is_empty() && self.unreadable.is_empty() {
            return page.line(word("没有记录", "no records"));
        }
        let mut table = Table::new(&[word("记录", "record"), word("内容", "says")]);
        for record in &self.records {
            let said = record.fields.iter().map(field).collect::<Vec<_>>();
            table.row(vec![record.record.clone(), said.join("  ")]);
        }
        page.table(&table);
        for (key, why) in &self.unreadable {
            let why = why.said(lang());
            page.line(say!("  无法识别 {key}：{why}", "  cannot be read: {key}: {why}"));
        }
        if let (true, Some(last)) = (self.more, self.records.last()) {
            let last = &last.record;
            page.line(say!("  还有更多：--after {last}", "  there are more: --after {last}"));
        }
    }
}

impl Render for ContestedShown {
    fn render(&self, page: &mut Page) {
        for ContestedRecord { kind, record, fields } in &self.records {
            page.line(format!("{} {record}", kind.words.said(lang())));
            for ContestedField { field, values } in fields {
                page.line(format!("  {}", field.words.said(lang())));
                for Choice { value, by } in values {
                    let (node, at) = match by {
                        Some((node, at)) => (short(node), time(*at)),
                        None => ("-".to_owned(), "-".to_owned()),
                    };
                    page.line(format!("    {}  {at}  {node}", shown(value)));
                }
                let (kind, field) = (&kind.name, &field.name);
                page.line(say!(
                    "    选定：gongzhi edit {kind} --record {record} {field}=…",
                    "    choose: gongzhi edit {kind} --record {record} {field}=…"
                ));
            }
        }
        let (count, more) = (self.count, self.count > self.records.len());
        page.line(match (count, more) {
            (0, _) => word("没有待选定的值", "nothing is left to be chosen").to_owned(),
            (_, false) => {
                say!("{count} 条记录有待选定的值", "{count} records have values to be chosen")
            }
            (_, true) => say!(
                "{count} 条记录有待选定的值，以上为其中一部分",
                "{count} records have values to be chosen, some of which are above"
            ),
        });
    }
}

impl Render for RecordShown {
    fn render(&self, page: &mut Page) {
        page.line(format!("{} {}", self.kind, self.record));
        let mut table = Table::new(&[word("字段", "field"), word("值", "value")]);
        for shown in &self.fields {
            table.row(vec![shown.words.said(lang()).to_owned(), values(shown)]);
        }
        page.table(&table);
        self.events.iter().for_each(|happened| event(page, happened));
    }
}

fn event(page: &mut Page, event: &EventShown) {
    let (day, words) = (&event.day, event.words.said(lang()));
    let said = event.said.iter().map(|(name, text)| format!("{name}={text}"));
    let said = said.collect::<Vec<_>>().join("  ");
    page.line(match &event.void {
        None => format!("  {day} {words}  {said}"),
        Some(why) => {
            let why = why.said(lang());
            say!("  {day} {words}  {said}（{why}）", "  {day} {words}  {said} ({why})")
        }
    });
}

fn field(field: &FieldShown) -> String {
    format!("{}={}", field.words.said(lang()), values(field))
}

fn values(field: &FieldShown) -> String {
    let values: Vec<&str> = field.values.iter().map(shown).collect();
    let values = values.join(" | ");
    match field.contested {
        true => say!("{values}（并存，未选定）", "{values} (written apart, not settled)"),
        false => values,
    }
}

fn shown(value: &Shown) -> &str {
    match value {
        Shown::Text(text) => text,
        Shown::Code(_, words) => words.said(lang()),
        Shown::Closed => word("（密封）", "(sealed)"),
        Shown::Unreadable => word("（无法识别）", "(cannot be read)"),
        Shown::Nothing => "-",
    }
}
