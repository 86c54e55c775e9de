//! The rows of one sheet.

use std::io;
use std::ops::ControlFlow;

use quick_xml::events::{BytesStart, Event};

use super::package::{Part, attribute};
use super::{NumberFormat, Shared, TEXT_CHARS_MAX};
use crate::cell::Stored;
use crate::table::{COLUMNS_MAX, RawRow};

/// Every row that has something in it, until `each` breaks. Cells that hold nothing but a format
/// are passed by: a spreadsheet keeps one for every cell that was ever coloured.
pub(super) fn rows(
    part: &mut Part<'_>,
    shared: &Shared,
    mut each: impl FnMut(RawRow) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut row = RawRow::default();
    let (mut column, mut begun, mut shows_zeros) = (0, false, true);
    loop {
        let cell = match part.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "sheetView" => {
                    let zeros = attribute(&element, "showZeros");
                    shows_zeros = !matches!(zeros.as_deref(), Some("0" | "false"));
                    continue;
                }
                "sheetData" => {
                    begun = true;
                    continue;
                }
                "row" => {
                    let told = attribute(&element, "r").and_then(|number| number.parse().ok());
                    let number = told.unwrap_or_else(|| row.number.saturating_add(1));
                    let hidden = attribute(&element, "hidden");
                    let hidden = matches!(hidden.as_deref(), Some("1" | "true"));
                    row = RawRow::new(number, hidden);
                    column = 0;
                    continue;
                }
                "c" => Head::read(&element),
                _ => continue,
            },
            Event::End(element) if element.local_name().as_ref() == "row" => {
                let next = RawRow::new(row.number, false);
                let done = std::mem::replace(&mut row, next);
                if !done.is_blank() && each(done).is_break() {
                    return Ok(());
                }
                continue;
            }
            Event::End(element) if element.local_name().as_ref() == "sheetData" => return Ok(()),
            // Cut off: rows are missing, and nothing else says so.
            Event::Eof if begun => return Err(io::ErrorKind::UnexpectedEof.into()),
            Event::Eof => return Ok(()),
            _ => continue,
        };
        let place = cell.column.unwrap_or(column);
        column = place.saturating_add(1);
        let (text, stored) = cell.value(part, shared, shows_zeros)?;
        if place < COLUMNS_MAX && !(text.is_empty() && stored.is_none()) {
            row.put(place as usize, text, stored);
        }
    }
}

/// What a cell says of itself before its value.
#[derive(Default)]
struct Head {
    column: Option<u32>,
    style: usize,
    kind: Kind,
}

/// How the value of a cell is written.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    /// A number, unless it is none.
    #[default]
    Unsaid,
    Number,
    SharedText,
    Text,
    Error,
    Boolean,
    Date,
}

impl Kind {
    fn named(name: &str) -> Self {
        match name {
            "s" => Self::SharedText,
            "str" | "inlineStr" => Self::Text,
            "e" => Self::Error,
            "b" => Self::Boolean,
            "d" => Self::Date,
            "n" => Self::Number,
            _ => Self::Unsaid,
        }
    }
}

impl Head {
    fn read(element: &BytesStart<'_>) -> Self {
        let mut head = Self::default();
        for attribute in element.attributes().with_checks(false).flatten() {
            let value = &*attribute.value;
            match attribute.key.as_ref() {
                "r" => head.column = position(value).map(|at| at.1),
                "s" => head.style = value.parse().unwrap_or_default(),
                "t" => head.kind = Kind::named(value),
                _ => {}
            }
        }
        head
    }

    /// Reads to the end of the cell.
    fn value(
        &self,
        part: &mut Part<'_>,
        shared: &Shared,
        shows_zeros: bool,
    ) -> io::Result<(String, Option<Stored>)> {
        let (mut raw, mut inline, mut formula) = (None, None, false);
        loop {
            let field = match part.next()? {
                Event::Start(element) => element.local_name().as_ref().to_owned(),
                Event::End(element) if element.local_name().as_ref() == "c" => break,
                Event::Eof => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ => continue,
            };
            let text = part.text(field != "is", TEXT_CHARS_MAX)?;
            match field.as_str() {
                "v" => raw = Some(text),
                "is" => inline = Some(text),
                "f" => formula = true,
                _ => {}
            }
        }
        let format = shared.formats.get(self.style).unwrap_or(&NumberFormat::General);
        Ok(match (inline, raw) {
            (Some(text), _) => (format.around(text), None),
            (None, Some(raw)) if shows_zeros => self.shown(&raw, formula, format, shared),
            (None, Some(raw)) => self.shown(&raw, formula, &format.clone().hiding_zero(), shared),
            (None, None) if formula => (String::new(), Some(Stored::NotComputed)),
            (None, None) => (String::new(), None),
        })
    }

    fn shown(
        &self,
        raw: &str,
        formula: bool,
        format: &NumberFormat,
        shared: &Shared,
    ) -> (String, Option<Stored>) {
        let text = |text: &str| (format.around(text.to_owned()), None);
        let trimmed = raw.trim();
        match self.kind {
            Kind::SharedText => {
                match trimmed.parse().ok().and_then(|number: usize| shared.texts.get(number)) {
                    Some(shared) => text(shared),
                    None if trimmed.is_empty() => (String::new(), None),
                    None => (raw.to_owned(), Some(Stored::Error)),
                }
            }
            Kind::Text => text(raw),
            Kind::Error => (raw.to_owned(), Some(Stored::Error)),
            Kind::Boolean => {
                (if matches!(trimmed, "1" | "true") { "是" } else { "否" }.to_owned(), None)
            }
            Kind::Date => (raw.to_owned(), Some(Stored::Moment)),
            _ if trimmed.is_empty() && formula => (String::new(), Some(Stored::NotComputed)),
            _ if trimmed.is_empty() => (String::new(), None),
            _ => match trimmed.parse() {
                Ok(number) => format.show(number, shared.since_1904),
                Err(_) if self.kind == Kind::Unsaid => text(raw),
                Err(_) => (raw.to_owned(), Some(Stored::Error)),
            },
        }
    }
}

/// `B3` is row 3 (from 1) and column 1 (from 0).
pub(super) fn position(place: &str) -> Option<(u32, u32)> {
    let (mut column, mut row) = (0u32, None::<u32>);
    for sign in place.bytes() {
        match sign {
            b'$' => {}
            b'0'..=b'9' => {
                let digit = u32::from(sign - b'0');
                row = Some(row.unwrap_or_default().checked_mul(10)?.checked_add(digit)?);
            }
            letter if row.is_none() => {
                let value = letter.to_ascii_uppercase().checked_sub(b'A')?;
                let value = Some(value).filter(|value| *value < 26)?;
                column = column.checked_mul(26)?.checked_add(u32::from(value) + 1)?;
            }
            _ => return None,
        }
    }
    Some((row?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        assert_eq!(position("A1"), Some((1, 0)));
        assert_eq!(position("$AB$12"), Some((12, 27)));
        for wrong in ["", "A", "1", "a-1", "ZZZZZZZZZZ1", "A99999999999", "号1"] {
            assert_eq!(position(wrong), None, "{wrong}");
        }
    }
}
