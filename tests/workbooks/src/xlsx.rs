//! Workbooks written byte by byte, as different programs write them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::book::{Book, Sort, Tab};
use crate::cell::{Cell, Date};
use crate::chance::Chance;

/// How a program writes workbooks.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    /// Texts stand in a table of their own, or in their cells.
    shares_texts: bool,
    /// Cells and rows name their places.
    names_places: bool,
    /// Elements have a prefix.
    has_prefix: bool,
    since_1904: bool,
    /// Texts come in runs, with how they are pronounced.
    has_runs: bool,
    /// Empty cells have formats, and rows go on below the last one.
    is_formatted: bool,
}

impl Dialect {
    fn draw(chance: &mut Chance) -> Self {
        Self {
            shares_texts: chance.below(3) > 0,
            names_places: chance.below(4) > 0,
            has_prefix: chance.once_in(5),
            since_1904: chance.once_in(8),
            has_runs: chance.once_in(3),
            is_formatted: chance.once_in(3),
        }
    }
}

/// Writes the tabs of a book.
pub(crate) fn write(path: &Path, book: &Book, chance: &mut Chance) -> io::Result<()> {
    let dialect = Dialect::draw(chance);
    let mut writing = Writing { dialect, texts: BTreeMap::new(), formats: BTreeMap::new() };
    let sheets: Vec<String> = book.tabs.iter().map(|tab| writing.sheet(tab)).collect();
    let mut zip = ZipWriter::new(File::create(path)?);
    let mut part = |name: &str, content: &str| -> io::Result<()> {
        zip.start_file(name, SimpleFileOptions::default()).map_err(io::Error::other)?;
        zip.write_all(format!("{DECLARATION}{content}").as_bytes())
    };
    part("[Content_Types].xml", &content_types(book))?;
    part(
        "_rels/.rels",
        &format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    )?;
    part("xl/workbook.xml", &writing.workbook(book))?;
    part("xl/_rels/workbook.xml.rels", &relations(book))?;
    part("xl/styles.xml", &writing.styles())?;
    part("xl/sharedStrings.xml", &writing.shared_texts())?;
    for (at, (tab, sheet)) in book.tabs.iter().zip(&sheets).enumerate() {
        match tab.sort {
            Sort::Chart => part(
                &format!("xl/chartsheets/sheet{at}.xml"),
                &format!("<chartsheet xmlns=\"{MAIN}\"/>"),
            )?,
            _ => part(&format!("xl/worksheets/sheet{at}.xml"), sheet)?,
        }
    }
    zip.finish().map_err(io::Error::other)?;
    Ok(())
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

fn content_types(book: &Book) -> String {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut all = String::from(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>",
    );
    all +=
        &format!("<Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/>");
    all += &format!("<Override PartName=\"/xl/styles.xml\" ContentType=\"{kind}.styles+xml\"/>");
    all += &format!(
        "<Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"{kind}.sharedStrings+xml\"/>"
    );
    for (at, tab) in book.tabs.iter().enumerate() {
        let sort = if tab.sort == Sort::Chart { "chartsheet" } else { "worksheet" };
        all += &format!(
            "<Override PartName=\"/xl/{sort}s/sheet{at}.xml\" ContentType=\"{kind}.{sort}+xml\"/>"
        );
    }
    all + "</Types>"
}

fn relations(book: &Book) -> String {
    let mut all = format!("<Relationships xmlns=\"{PACKAGE}\">");
    for (at, tab) in book.tabs.iter().enumerate() {
        let sort = if tab.sort == Sort::Chart { "chartsheet" } else { "worksheet" };
        all += &format!(
            "<Relationship Id=\"rId{at}\" Type=\"{OFFICE}/{sort}\" Target=\"{sort}s/sheet{at}.xml\"/>"
        );
    }
    all += &format!("<Relationship Id=\"rIdS\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>");
    all += &format!(
        "<Relationship Id=\"rIdT\" Type=\"{OFFICE}/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/>"
    );
    all + "</Relationships>"
}

/// Text as XML holds it, and as spreadsheets mask what XML cannot hold.
fn escaped(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut escaped = String::new();
    for (at, c) in characters.iter().enumerate() {
        let is_mask = |own: &[char]| {
            own.len() >= 7
                && own[1] == 'x'
                && own[2..6].iter().all(char::is_ascii_hexdigit)
                && own[6] == '_'
        };
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '_' if is_mask(&characters[at..]) => escaped.push_str("_x005F_"),
            '\n' | '\t' => escaped.push(*c),
            c if c.is_control() => escaped.push_str(&format!("_x{:04X}_", u32::from(*c))),
            c => escaped.push(*c),
        }
    }
    escaped
}

/// A format as a style names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    BuiltIn(u32),
    Code(String),
}

struct Writing {
    dialect: Dialect,
    /// Each with its place in the table.
    texts: BTreeMap<String, usize>,
    /// Each with its style, from 1.
    formats: BTreeMap<Format, usize>,
}

impl Writing {
    fn tag(&self, name: &str) -> String {
        if self.dialect.has_prefix { format!("x:{name}") } else { name.to_owned() }
    }

    fn root(&self) -> &'static str {
        if self.dialect.has_prefix { "xmlns:x" } else { "xmlns" }
    }

    fn workbook(&self, book: &Book) -> String {
        let since = u8::from(self.dialect.since_1904);
        let mut all =
            format!("<{} {}=\"{MAIN}\" xmlns:r=\"{OFFICE}\">", self.tag("workbook"), self.root());
        all +=
            &format!("<{} date1904=\"{since}\"/><{}>", self.tag("workbookPr"), self.tag("sheets"));
        for (at, tab) in book.tabs.iter().enumerate() {
            let state = if tab.is_hidden { " state=\"hidden\"" } else { "" };
            let number = at + 1;
            all += &format!(
                "<{} name=\"{}\" sheetId=\"{number}\"{state} r:id=\"rId{at}\"/>",
                self.tag("sheet"),
                escaped(&tab.name)
            );
        }
        all + &format!("</{}></{}>", self.tag("sheets"), self.tag("workbook"))
    }

    fn styles(&self) -> String {
        let mut own: Vec<(&Format, usize)> = self.formats.iter().map(|(f, at)| (f, *at)).collect();
        own.sort_by_key(|(_, at)| *at);
        let mut codes = String::new();
        let mut styles = String::from("<xf numFmtId=\"0\" fontId=\"0\"/>");
        for (format, at) in own {
            let id = match format {
                Format::BuiltIn(id) => *id,
                Format::Code(code) => {
                    let id = 164 + at as u32;
                    let code = escaped(code).replace('"', "&quot;");
                    codes += &format!("<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>");
                    id
                }
            };
            styles += &format!("<xf numFmtId=\"{id}\" fontId=\"0\" applyNumberFormat=\"1\"/>");
        }
        format!(
            "<styleSheet xmlns=\"{MAIN}\"><numFmts>{codes}</numFmts><fonts><font/></fonts>\
             <cellStyleXfs><xf numFmtId=\"0\"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>"
        )
    }

    fn shared_texts(&self) -> String {
        let mut own: Vec<(&String, usize)> = self.texts.iter().map(|(t, at)| (t, *at)).collect();
        own.sort_by_key(|(_, at)| *at);
        let items = own.iter().map(|(text, _)| format!("<si>{}</si>", self.runs(text)));
        format!("<sst xmlns=\"{MAIN}\">{}</sst>", items.collect::<String>())
    }

    /// A text whole, or in runs.
    fn runs(&self, text: &str) -> String {
        let piece = |text: &str| format!("<t xml:space=\"preserve\">{}</t>", escaped(text));
        let length = text.chars().count();
        // What is masked stays in one piece.
        if !self.dialect.has_runs || length < 2 || text.contains("_x") {
            return piece(text);
        }
        let middle = text.char_indices().nth(length / 2).map_or(0, |(at, _)| at);
        let (one, other) = text.split_at(middle);
        format!(
            "<r><rPr><b/></rPr>{}</r><r>{}</r><rPh sb=\"0\" eb=\"1\"><t>pīnyīn</t></rPh><phoneticPr fontId=\"1\"/>",
            piece(one),
            piece(other)
        )
    }

    fn sheet(&mut self, tab: &Tab) -> String {
        let last = tab.lines.keys().chain(tab.above.keys()).max().copied().unwrap_or_default();
        let mut rows = String::new();
        for number in 1..=last {
            let line = tab.lines.get(&number);
            let cells = line.map(|line| &line.cells).or_else(|| tab.above.get(&number));
            let Some(cells) = cells else {
                if !self.dialect.names_places {
                    rows += &format!("<{}/>", self.tag("row"));
                }
                continue;
            };
            let is_hidden = line.is_some_and(|line| line.is_hidden);
            rows += &self.row(number, cells, is_hidden);
        }
        if self.dialect.is_formatted && self.dialect.names_places {
            let style = self.style(Format::Code("@".into()));
            for number in last + 1..last + 40 {
                rows += &format!(
                    "<{0} r=\"{number}\"><{1} r=\"A{number}\" s=\"{style}\"/></{0}>",
                    self.tag("row"),
                    self.tag("c")
                );
            }
        }
        let merged = tab.merged.iter().map(|(first, last, column)| {
            let column = letters(*column);
            format!("<{} ref=\"{column}{first}:{column}{last}\"/>", self.tag("mergeCell"))
        });
        let merged = merged.collect::<String>();
        let merged = match merged.is_empty() {
            true => merged,
            false => format!("<{0}>{merged}</{0}>", self.tag("mergeCells")),
        };
        let sheet = self.tag("worksheet");
        let data = self.tag("sheetData");
        let view = match tab.hides_zeros {
            true => format!("<{0}s><{0} showZeros=\"0\"/></{0}s>", self.tag("sheetView")),
            false => String::new(),
        };
        format!(
            "<{sheet} {}=\"{MAIN}\">{view}<{data}>{rows}</{data}>{merged}</{sheet}>",
            self.root()
        )
    }

    fn row(&mut self, number: u32, cells: &[Cell], is_hidden: bool) -> String {
        let row = self.tag("row");
        let place = match self.dialect.names_places {
            true => format!(" r=\"{number}\""),
            false => String::new(),
        };
        let hidden = if is_hidden { " hidden=\"1\"" } else { "" };
        let mut all = format!("<{row}{place}{hidden}>");
        for (column, cell) in cells.iter().enumerate() {
            let place = match self.dialect.names_places {
                true => format!(" r=\"{}{number}\"", letters(column)),
                false => String::new(),
            };
            all += &self.cell(cell, &place);
        }
        all + &format!("</{row}>")
    }

    fn cell(&mut self, cell: &Cell, place: &str) -> String {
        let (attributes, inside) = self.inside(cell);
        if inside.is_empty() && attributes.is_empty() && self.dialect.names_places {
            return String::new();
        }
        format!("<{0}{place}{attributes}>{inside}</{0}>", self.tag("c"))
    }

    fn inside(&mut self, cell: &Cell) -> (String, String) {
        let (v, f) = (self.tag("v"), self.tag("f"));
        match cell {
            Cell::Empty if self.dialect.is_formatted => {
                (format!(" s=\"{}\"", self.style(Format::Code("0.00".into()))), String::new())
            }
            Cell::Empty => (String::new(), String::new()),
            Cell::Text(text) if text.is_empty() => (String::new(), String::new()),
            Cell::Text(text) => self.text(text, ""),
            Cell::TextUnit(text, unit) => {
                let style = self.style(Format::Code(format!("@\"{unit}\"")));
                self.text(text, &format!(" s=\"{style}\""))
            }
            Cell::Number(number, shown) => {
                let style = self.style(Format::Code(shown.code()));
                (format!(" s=\"{style}\""), format!("<{v}>{}</{v}>", digits(*number)))
            }
            Cell::Day(day, shown) => self.serial(self.days(*day) as f64, *shown),
            Cell::YearAsDay(year, shown) => self.serial(f64::from(*year), *shown),
            Cell::IsoDay(day) => {
                (" t=\"d\"".to_owned(), format!("<{v}>{}T00:00:00</{v}>", day.iso()))
            }
            Cell::Formula(value) => {
                let (attributes, inside) = match &**value {
                    Cell::Text(text) => {
                        (" t=\"str\"".to_owned(), format!("<{v}>{}</{v}>", escaped(text)))
                    }
                    other => self.inside(other),
                };
                (attributes, format!("<{f}>VLOOKUP(A1,B:C,2)</{f}>{inside}"))
            }
            Cell::Uncomputed => (String::new(), format!("<{f}>A1&amp;\"\"</{f}>")),
            Cell::Error(error) => (" t=\"e\"".to_owned(), format!("<{v}>{error}</{v}>")),
        }
    }

    fn text(&mut self, text: &str, style: &str) -> (String, String) {
        if self.dialect.shares_texts {
            let next = self.texts.len();
            let at = *self.texts.entry(text.to_owned()).or_insert(next);
            return (format!("{style} t=\"s\""), format!("<{0}>{at}</{0}>", self.tag("v")));
        }
        // The elements of runs have no prefix: programs that write one write no runs.
        let (is, t) = (self.tag("is"), self.tag("t"));
        let inside = match self.dialect.has_prefix {
            true => format!("<{t} xml:space=\"preserve\">{}</{t}>", escaped(text)),
            false => self.runs(text),
        };
        (format!("{style} t=\"inlineStr\""), format!("<{is}>{inside}</{is}>"))
    }

    fn serial(&mut self, serial: f64, shown: crate::cell::ShownDay) -> (String, String) {
        let format = match shown.format() {
            Ok(id) => Format::BuiltIn(id),
            Err(code) => Format::Code(code.to_owned()),
        };
        let style = self.style(format);
        (format!(" s=\"{style}\""), format!("<{0}>{serial}</{0}>", self.tag("v")))
    }

    fn days(&self, day: Date) -> i64 {
        let since = Date { year: 1904, month: 1, day: 1 };
        if self.dialect.since_1904 { day.serial() - since.serial() } else { day.serial() }
    }

    fn style(&mut self, format: Format) -> usize {
        let next = self.formats.len() + 1;
        *self.formats.entry(format).or_insert(next)
    }
}

/// A number as programs write it: 17 digits where it needs them.
fn digits(number: f64) -> String {
    if number >= 1e15 { format!("{number:E}").replace('E', "E+") } else { format!("{number}") }
}

fn letters(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + at as u8);
    match column / 26 {
        0 => letter(column).to_string(),
        more => format!("{}{}", letter(more - 1), letter(column % 26)),
    }
}
