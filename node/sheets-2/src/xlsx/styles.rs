//! The number formats of a workbook's styles.

use std::collections::BTreeMap;
use std::io;

use quick_xml::events::Event;

use super::number_format::NumberFormat;
use super::package::{Package, attribute, too_large};

/// More than any program writes.
const STYLES_MAX: usize = 1 << 17;

/// For each style that a cell may name, how it shows numbers.
pub(super) fn read(package: &mut Package, name: &str) -> io::Result<Vec<NumberFormat>> {
    let Some(mut part) = package.part(name)? else { return Ok(Vec::new()) };
    let mut own: BTreeMap<u32, NumberFormat> = BTreeMap::new();
    let mut styles = Vec::new();
    let mut list = String::new();
    loop {
        match part.next()? {
            Event::Start(element) => {
                let id = || attribute(&element, "numFmtId").and_then(|id| id.parse().ok());
                match (list.as_str(), element.local_name().as_ref()) {
                    (_, name @ ("numFmts" | "cellXfs" | "cellStyleXfs" | "dxfs")) => {
                        name.clone_into(&mut list);
                    }
                    ("numFmts", "numFmt") => {
                        let code = attribute(&element, "formatCode").unwrap_or_default();
                        own.insert(id().unwrap_or_default(), NumberFormat::read(&code));
                    }
                    ("cellXfs", "xf") => {
                        let id = id().unwrap_or_default();
                        let format = own.get(&id).cloned();
                        styles.push(format.unwrap_or_else(|| NumberFormat::built_in(id)));
                    }
                    _ => {}
                }
            }
            Event::End(element) if element.local_name().as_ref() == list => list.clear(),
            Event::Eof => return Ok(styles),
            _ => {}
        }
        if styles.len() > STYLES_MAX || own.len() > STYLES_MAX {
            return Err(too_large());
        }
    }
}
