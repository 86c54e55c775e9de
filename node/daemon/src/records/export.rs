//! Sheets as an office keeps them. Only the unit's own nodes can write them: names are theirs.

use anyhow::Result;
use node_api::{Encoding, Export, Exported};
use node_sheets::{Exporter, Format};

use super::{read, sheet, told};
use crate::queries::Queries;

/// Exports one sheet of the unit.
pub(crate) fn export(queries: &Queries, asked: Export) -> Result<Exported> {
    let Export { sheet: name, out, encoding } = asked;
    let sheet = sheet(&name)?;
    let format = match (Format::of(&out)?, encoding) {
        (Format::CsvUtf8, Encoding::Gb18030) => Format::CsvGb18030,
        (format, _) => format,
    };
    let rows =
        queries.ask(move |query| read(query, |mut records| records.export(sheet).map_err(told)))?;
    let mut exporter = Exporter::create(&out, sheet, format)?;
    for row in &rows {
        exporter.write(row)?;
    }
    Ok(Exported { file: out, rows: exporter.finish()?.into() })
}
