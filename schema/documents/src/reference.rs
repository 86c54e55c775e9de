//! The reference of all kinds, `KINDS.md`, made from the declarations.

use std::fmt::Write;

use crate::describe::{Description, EventDescription, FieldDescription, describe};
use crate::kind::Kind;

/// The text of the reference.
pub fn reference(kinds: &[&'static Kind]) -> String {
    let mut text = String::from(
        "# Kinds\n\n\
         Made from `schema/documents/src/kinds` by `GONGZHI_KINDS_REWRITE=1 cargo test -p \
         schema-documents --test reference`; a test keeps it current.\n\n\
         | kind | 名称 | class | shard | named by | events |\n|---|---|---|---|---|---|\n",
    );
    let described: Vec<Description> = kinds.iter().map(|kind| describe(kind)).collect();
    for kind in &described {
        let class = match kind.published {
            Some(published) => {
                format!("{} `{}`, shown in {published}", kind.class, kind.class_name)
            }
            None => format!("{} `{}`", kind.class, kind.class_name),
        };
        let Description { kind: name, words, shard, named_by, events, .. } = kind;
        line(
            &mut text,
            &[&format!("`{name}`"), words.zh, &class, shard, named_by, &events.len().to_string()],
        );
    }
    described.iter().for_each(|kind| section(&mut text, kind));
    text
}

fn section(text: &mut String, kind: &Description) {
    let _ = write!(text, "\n## {} {} (`{}`)\n\n", kind.words.zh, kind.words.en, kind.kind);
    text.push_str("| field | 名称 | English | type | asks | |\n|---|---|---|---|---|---|\n");
    kind.fields.iter().for_each(|field| field_line(text, field));
    if !kind.events.is_empty() {
        text.push_str(
            "\n| event | 名称 | life | from → to | who | says |\n|---|---|---|---|---|---|\n",
        );
        kind.events.iter().for_each(|event| event_line(text, event));
    }
    for sheet in &kind.sheets {
        let heading = |column: &crate::describe::ColumnDescription| {
            let must = if column.required { "＊" } else { "" };
            format!("{must}{}", column.heading)
        };
        let columns: Vec<String> = sheet.columns.iter().map(heading).collect();
        let _ = write!(text, "\nSheet {}: {}.\n", sheet.name, columns.join("、"));
    }
    for own in &kind.indicators {
        let by_day = if own.by_day { ", by day" } else { "" };
        let _ = write!(
            text,
            "\n`{}` {} (version {}{by_day}): {}.\n",
            own.code, own.words.zh, own.version, own.formula
        );
    }
}

fn field_line(text: &mut String, field: &FieldDescription) {
    let codes: Vec<&str> = field.codes.iter().map(|code| code.words.zh).collect();
    let holds = match (codes.is_empty(), field.refers_to.is_empty()) {
        (false, _) => format!("{}: {}", field.holds, codes.join("、")),
        (_, false) => format!("{} of {}", field.holds, field.refers_to.join(", ")),
        _ => field.holds.to_owned(),
    };
    let marks = [
        (field.required, "needed"),
        (field.sealed, "sealed"),
        (field.list, "several"),
        (field.contested, "all values shown"),
        (field.published, "published"),
    ];
    let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
    let name = format!("`{}`", field.name);
    line(text, &[&name, field.words.zh, field.words.en, &holds, &field.check, &marks.join(", ")]);
}

fn event_line(text: &mut String, event: &EventDescription) {
    let from: Vec<&str> = event.from.iter().map(|state| state.zh).collect();
    let from = if event.begins { "–".to_owned() } else { from.join("、") };
    let way = format!("{from} → {}", event.to.zh);
    let says: Vec<&str> = event.body.iter().map(|field| field.words.zh).collect();
    let name = format!("`{}`", event.name);
    line(text, &[&name, event.words.zh, event.life, &way, &event.who.join(", "), &says.join("、")]);
}

fn line(text: &mut String, cells: &[&str]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}
