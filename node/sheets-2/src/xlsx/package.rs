//! The parts of a workbook: XML files in a zip archive, each read as a stream.
//!
//! A megabyte may unpack to a gigabyte, and what an archive says of its own sizes is no measure.
//! So nothing is kept but what is asked for, and each element, each part and the depth of a part
//! have a bound.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

/// Sheets, styles and pictures.
const PARTS_MAX: usize = 4096;
/// One part unpacked: a million rows of a wide sheet. It is read as a stream and not kept.
pub(super) const PART_BYTES_MAX: u64 = 2 << 30;
/// One element, text or comment of a part. It is kept while it is looked at.
const ELEMENT_BYTES_MAX: u64 = 4 << 20;
/// How deep elements lie in each other.
const DEPTH_MAX: usize = 64;
const RELATIONS_MAX: usize = 4096;

/// An opened archive. Parts are found whatever the case of their name.
pub(super) struct Package {
    archive: ZipArchive<BufReader<File>>,
    names: BTreeMap<String, usize>,
}

/// Another part that a part names.
pub(super) struct Relation {
    /// The last word of its type: `worksheet`, `styles`.
    pub(super) kind: String,
    pub(super) part: String,
}

impl Package {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(as_io)?;
        if archive.len() > PARTS_MAX {
            return Err(too_large());
        }
        let mut names = BTreeMap::new();
        for number in 0..archive.len() {
            if let Some(Ok(name)) = archive.name_for_index(number) {
                names.insert(name.replace('\\', "/").to_lowercase(), number);
            }
        }
        Ok(Self { archive, names })
    }

    /// A part from its beginning. `None` if there is none of that name.
    pub(super) fn part(&mut self, name: &str) -> io::Result<Option<Part<'_>>> {
        let Some(input) = self.bytes(name)? else { return Ok(None) };
        let bounded = Bounded { input, element: 0, part: PART_BYTES_MAX };
        let mut reader = Reader::from_reader(bounded);
        reader.config_mut().expand_empty_elements = true;
        Ok(Some(Part { reader, buffer: Vec::new(), depth: 0 }))
    }

    /// The bytes of a part.
    pub(super) fn bytes(&mut self, name: &str) -> io::Result<Option<Bytes<'_>>> {
        let Some(number) = self.names.get(&name.to_lowercase()) else { return Ok(None) };
        let file = self.archive.by_index(*number).map_err(as_io)?;
        Ok(Some(BufReader::new(file)))
    }

    /// What a part names, by the names it uses for it.
    pub(super) fn relations(&mut self, of: &str) -> io::Result<BTreeMap<String, Relation>> {
        let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
        let mut relations = BTreeMap::new();
        let Some(mut part) = self.part(&under(folder, &format!("_rels/{file}.rels")))? else {
            return Ok(relations);
        };
        loop {
            match part.next()? {
                Event::Start(element) if element.local_name().as_ref() == "Relationship" => {
                    let told = |name| attribute(&element, name).unwrap_or_default();
                    let kind = told("Type").rsplit('/').next().unwrap_or_default().to_owned();
                    let part = resolved(folder, &told("Target"));
                    relations.insert(told("Id"), Relation { kind, part });
                    if relations.len() > RELATIONS_MAX {
                        return Err(too_large());
                    }
                }
                Event::Eof => return Ok(relations),
                _ => {}
            }
        }
    }
}

fn under(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Where a part lies that is named from a folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => under(folder, &target),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "." | "" => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// The bytes of a part as they are unpacked.
type Bytes<'a> = BufReader<ZipFile<'a, BufReader<File>>>;

/// A part that is being read.
pub(super) struct Part<'a> {
    reader: Reader<Bounded<Bytes<'a>>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl Part<'_> {
    /// What comes next; the end of the file is an event as well.
    pub(super) fn next(&mut self) -> io::Result<Event<'_>> {
        self.buffer.clear();
        self.reader.get_mut().element = ELEMENT_BYTES_MAX;
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| match error {
            quick_xml::Error::Io(error) => io::Error::new(error.kind(), error.to_string()),
            other => broken(other),
        })?;
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > DEPTH_MAX { Err(too_large()) } else { Ok(event) }
    }

    /// The text up to the end of an element that has just begun, at most so many characters:
    /// what stands in it, or in its texts `t` if it has several. How a text is pronounced, which
    /// stands beside some, is no part of it.
    pub(super) fn text(&mut self, direct: bool, chars_max: usize) -> io::Result<String> {
        let (mut text, mut room) = (String::new(), chars_max);
        let (outside, mut spoken, mut within) = (self.depth - 1, None, direct);
        loop {
            let depth = self.depth;
            let piece = match self.next()? {
                Event::Start(element) => {
                    match element.local_name().as_ref() {
                        "rPh" if spoken.is_none() => spoken = Some(depth),
                        "t" => within = true,
                        _ => {}
                    }
                    continue;
                }
                Event::End(_) => {
                    let depth = depth - 1;
                    spoken = spoken.filter(|before| *before < depth);
                    within = direct;
                    if depth <= outside {
                        return Ok(unescaped(&text));
                    }
                    continue;
                }
                Event::Text(text) => text.xml10_content().into_owned(),
                Event::CData(text) => text.xml10_content().into_owned(),
                Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(broken)? {
                    Some(c) => c.to_string(),
                    None => {
                        let known = quick_xml::escape::resolve_predefined_entity(&entity);
                        known.unwrap_or_default().to_owned()
                    }
                },
                Event::Eof => return Err(ErrorKind::UnexpectedEof.into()),
                _ => continue,
            };
            if within && spoken.is_none() {
                let before = text.len();
                text.extend(piece.chars().take(room));
                room -= text[before..].chars().count();
            }
        }
    }
}

/// `_x000D_` stands for a character that XML cannot hold.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let c = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        plain.push_str(&rest[..at]);
        match c {
            Some(c) => {
                plain.push(c);
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain + rest
}

/// An attribute whatever its namespace.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found =
        attributes.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name);
    found?.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

/// Input that ends with an error where an element or the part grows too large.
struct Bounded<R> {
    input: R,
    /// Bytes left of this element, and of the part.
    element: u64,
    part: u64,
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.element == 0 || self.part == 0 {
            return Err(too_large());
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.element = self.element.saturating_sub(amount as u64);
        self.part = self.part.saturating_sub(amount as u64);
        self.input.consume(amount);
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

fn as_io(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => broken(other),
    }
}

pub(super) fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error.to_string())
}

pub(super) fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "内容过大 (it unpacks to more than is read)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_escapes() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl/a", "..\\styles.xml"), "xl/styles.xml");
        assert_eq!(unescaped("a_x000D_b_x_xZZZZ_"), "a\rb_x_xZZZZ_");
    }
}
