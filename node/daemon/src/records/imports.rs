//! Imports that were made: found again, and taken back.

use anyhow::Result;
use node_api::{
    Failure, ImportListed, ImportUndone, Imports, ImportsShown, NamedShown, RecordKept, Sentence,
    UndoImport,
};
use node_records::{Imported, Kept, KeptWhy, Undoing};

use super::{look, sentence, told, with};
use crate::context::Context;
use crate::queries::Query;

/// The imports of the unit, the newest first.
pub(crate) fn imports(query: &mut Query<'_>, asked: &Imports) -> Result<ImportsShown> {
    look(query, |mut records| {
        let all = records.imports().map_err(told)?;
        let is_sought = |own: &Imported| match (&asked.file, &own.file) {
            (None, _) => true,
            (Some(sought), Some(file)) => file.contains(sought.as_str()),
            (Some(_), None) => false,
        };
        let mut found = all.iter().filter(|own| is_sought(own)).map(listed);
        let imports: Vec<ImportListed> = found.by_ref().take(Imports::PAGE).collect();
        Ok(ImportsShown { imports, more: found.next().is_some() })
    })
}

/// Takes an import back, or says what that comes to.
pub(crate) fn undo(context: &mut Context<'_>, asked: &UndoImport) -> Result<ImportUndone> {
    let unknown = || Failure::UnknownImport { text: asked.import.clone() };
    with(context, false, |mut records| {
        let import = records.imported(&asked.import).map_err(|failure| match failure {
            node_records::Failure::NoRecord => unknown().into(),
            other => told(other),
        })?;
        if let Some(day) = import.undone.clone() {
            return Err(Failure::ImportUndoneAlready { import: import.name, day }.into());
        }
        let undoing = records.undo_import(&asked.import).map_err(told)?;
        match asked.confirmed {
            true => drop(records.write().map_err(told)?),
            false => records.give_up(),
        }
        Ok(undone(&import, &undoing, asked.confirmed))
    })
}

fn undone(import: &Imported, undoing: &Undoing, done: bool) -> ImportUndone {
    let Undoing { removed, restored, kept } = undoing;
    ImportUndone {
        import: listed(import),
        done,
        removed: *removed,
        restored: *restored,
        kept: kept.len() as u64,
        keeps: kept.iter().take(UndoImport::KEPT_MAX).map(keeps).collect(),
    }
}

fn keeps(kept: &Kept) -> RecordKept {
    let Kept { kind, record, why } = kept;
    let said = |zh: &str, en: &str| Sentence { zh: zh.to_owned(), en: en.to_owned() };
    let why = match why {
        KeptWhy::Changed(fields) => {
            let words = fields.iter().filter_map(|field| kind.field_in_key(field));
            let (zh, en): (Vec<&str>, Vec<&str>) =
                words.map(|spec| (spec.words.zh, spec.words.en)).unzip();
            Sentence {
                zh: format!("导入后又改过：{}", zh.join("、")),
                en: format!("changed since: {}", en.join(", ")),
            }
        }
        KeptWhy::Referred => {
            said("其他保留的记录与它相连", "other records that stay are tied to it")
        }
        KeptWhy::Happened => {
            said("所记的事已经发生，不能撤回", "what happened stands and is not taken back")
        }
        KeptWhy::Closed => said("本机没有原内容的密钥", "this node has no key of what was there"),
    };
    let kind = NamedShown { name: kind.name.to_owned(), words: sentence(kind.words) };
    RecordKept { kind, record: record.clone(), why }
}

fn listed(import: &Imported) -> ImportListed {
    let Imported { name, at_ms, file, sheets, tally, complete, undone } = import.clone();
    ImportListed {
        import: name,
        at_ms,
        file,
        sheets,
        rows: tally.rows,
        added: tally.added,
        updated: tally.updated,
        refused: tally.refused,
        complete,
        undone,
    }
}
