//! Sheets as an office keeps them. Only the unit's own nodes can write them: names are theirs.

use anyhow::Result;
use node_api::{Encoding, Export, Exported, Failure, Sentence};
use node_records::Written;
use node_sheets::{Exporter, Format};
use schema_documents::kinds::person;
use schema_documents::{Named as _, Sheet};

use super::{read, sheet, told};
use crate::queries::Line;
use crate::render::{short, time};

/// When a row was entered, when it was changed last, and by which node.
const HISTORY: [&str; 3] = ["录入时间", "变更时间", "录入人"];

/// Exports one sheet of the unit.
pub(crate) fn export(records: &Line, asked: Export) -> Result<Exported> {
    let Export { sheet: name, out, encoding, force, history } = asked;
    let sheet = sheet(&name)?;
    let format = match (Format::of(&out)?, encoding) {
        (Format::CsvUtf8, Encoding::Gb18030) => Format::CsvGb18030,
        (format, _) => format,
    };
    if !force && out.symlink_metadata().is_ok() {
        return Err(Failure::FileKept { file: out.display().to_string() }.into());
    }
    let (rows, keeps_numbers) = records.ask(move |query| {
        read(query, |mut records| {
            let keeps_numbers = records.keeps_numbers().map_err(told)?;
            let rows = match history {
                true => records.export_with_history(sheet).map_err(told)?,
                false => {
                    let rows = records.export(sheet).map_err(told)?;
                    rows.into_iter().map(|row| (row, None)).collect()
                }
            };
            Ok((rows, keeps_numbers))
        })
    })?;
    let more: &[&str] = if history { &HISTORY[..] } else { &[] };
    let mut exporter = Exporter::create_with(&out, sheet, format, more)?;
    for (row, written) in &rows {
        exporter.write_with(row, written.as_ref().map(said).unwrap_or_default())?;
    }
    let notes = without_numbers(sheet).filter(|_| !keeps_numbers).into_iter().collect();
    Ok(Exported { file: out, rows: exporter.finish()?.into(), notes })
}

fn said(written: &Written) -> Vec<String> {
    let Written { first, last } = written;
    vec![time(first.at.get()), time(last.at.get()), short(&first.node.to_string())]
}

/// What is said of a sheet that would have the numbers of documents, if the unit kept them.
fn without_numbers(sheet: &Sheet) -> Option<Sentence> {
    let number = &person::NUMBER.spec;
    let mut columns = sheet.columns.iter();
    let has = columns.any(|own| own.kind == person::Person::NAME && own.field.name == number.name);
    let (zh, en) = (number.words.zh, number.words.en);
    has.then(|| Sentence {
        zh: format!(
            "“{zh}”一列是空的：本单位不保存号码本身，只保存用来查重的摘要；要保存请执行 gongzhi edit policy topic=保存证件号码 chosen=是，其后录入的才有"
        ),
        en: format!(
            "the column “{en}” is empty: the unit keeps no numbers, but a digest by which a person is found again; `gongzhi edit policy topic=保存证件号码 chosen=是` lets it keep those that are entered from then on"
        ),
    })
}
