//! Sheets as an office keeps them. Only the unit's own nodes can write them: names are theirs.

use anyhow::Result;
use node_api::{Encoding, Export, Exported};
use node_sheets::{Exporter, Format};

use super::{sheet, told, with};
use crate::engine::Engine;

/// Exports one sheet of the unit.
pub(crate) fn export(engine: &Engine, asked: Export) -> Result<Exported> {
    let Export { sheet: name, out, encoding } = asked;
    let sheet = sheet(&name)?;
    let format = match (Format::of(&out)?, encoding) {
        (Format::CsvUtf8, Encoding::Gb18030) => Format::CsvGb18030,
        (format, _) => format,
    };
    let rows = engine.call(move |context| {
        with(context, false, |mut records| {
            let rows = records.export(sheet).map_err(told)?;
            records.give_up();
            Ok(rows)
        })
    })?;
    let mut exporter = Exporter::create(&out, sheet, format)?;
    for row in &rows {
        exporter.write(row)?;
    }
    Ok(Exported { file: out, rows: exporter.finish()?.into() })
}
