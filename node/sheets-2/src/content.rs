//! What a file is by its first bytes, whatever its ending says.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use zip::ZipArchive;

use crate::said::Words;

/// A file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// `.xlsx`: an archive with a workbook in it.
    Xlsx,
    /// `.xls`, as programs wrote it until 2007, and WPS as `.et` still does.
    Xls,
    /// Cells divided by commas, tabs or semicolons.
    Text,
}

const PASSWORD: Words = Words::new(
    "文件有密码，请去掉密码后重新导入",
    "protected by a password; remove it and import again",
);
const OLD_OR_LOCKED: Words = Words::new(
    "文件有密码、是旧格式或已损坏，请去掉密码或另存为 .xlsx",
    "protected by a password, of an old format, or damaged; remove the password or save as .xlsx",
);
const OLD: Words = Words::new("旧格式，请另存为 .xlsx", "an old format; save as .xlsx");
const WEB_PAGE: Words = Words::new(
    "是网页，请用表格软件打开后另存为 .xlsx",
    "a web page; open it in a spreadsheet and save as .xlsx",
);
const XML: Words = Words::new(
    "是 XML 表格，请用表格软件打开后另存为 .xlsx",
    "an XML spreadsheet; open it and save as .xlsx",
);
const OTHER_WORKBOOK: Words =
    Words::new("是其他格式的表格，请另存为 .xlsx", "another kind of workbook; save as .xlsx");
const DOCUMENT: Words = Words::new(
    "是文字文档，不是表格，请把表格复制到表格软件后另存为 .xlsx",
    "a text document; copy the table into a spreadsheet and save as .xlsx",
);
const ARCHIVE: Words = Words::new("是压缩包，请先解压", "an archive; unpack it first");
const PICTURE: Words = Words::new("是图片或 PDF，不是表格", "a picture or PDF, no workbook");
const EMPTY: Words = Words::new("文件是空的", "the file is empty");
const LEFT_OPEN: Words = Words::new(
    "是表格软件的临时文件，请关闭工作簿后导入原文件",
    "a temporary file of an open workbook; import the workbook itself",
);
const BINARY: Words = Words::new("不是表格文件", "no workbook");

/// What a file is, or what to tell who wants it read.
pub(crate) fn of(path: &Path) -> io::Result<Result<Content, Words>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("~$") || name.starts_with(".~") {
        return Ok(Err(LEFT_OPEN));
    }
    let mut file = File::open(path)?;
    let mut first = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut first)?;
    file.rewind()?;
    let begins = |signature: &[u8]| first.starts_with(signature);
    Ok(match () {
        () if first.is_empty() => Err(EMPTY),
        () if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") => archive(file),
        () if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => compound(file),
        // Excel 2 to 4, before workbooks had several sheets.
        () if [0, 2, 4].iter().any(|version| begins(&[0x09, *version])) => Err(OLD),
        () if begins(b"Rar!") || begins(b"7z\xbc\xaf") || begins(b"\x1f\x8b") => Err(ARCHIVE),
        () if begins(b"%PDF") || begins(b"\xff\xd8\xff") || begins(b"\x89PNG") => Err(PICTURE),
        () if begins(b"{\\rtf") => Err(DOCUMENT),
        () => text(&first),
    })
}

fn archive(file: File) -> Result<Content, Words> {
    let Ok(archive) = ZipArchive::new(io::BufReader::new(file)) else {
        // A workbook that was cut off: its reader says so.
        return Ok(Content::Xlsx);
    };
    let has = |wanted: &str| {
        archive.file_names().flatten().any(|name| name.to_lowercase().contains(wanted))
    };
    match () {
        () if has("workbook.bin") => Err(OTHER_WORKBOOK),
        () if has("workbook.xml") || has("[content_types].xml") && has("xl/") => Ok(Content::Xlsx),
        () if has("word/") => Err(DOCUMENT),
        () if has("content.xml") => Err(OTHER_WORKBOOK),
        () if has("[content_types].xml") => Ok(Content::Xlsx),
        () => Err(ARCHIVE),
    }
}

fn compound(file: File) -> Result<Content, Words> {
    let Ok(compound) = cfb::CompoundFile::open(file) else { return Err(OLD_OR_LOCKED) };
    let has = |stream: &str| compound.exists(stream);
    match () {
        () if has("/EncryptedPackage") => Err(PASSWORD),
        () if has("/Workbook") || has("/Book") => Ok(Content::Xls),
        () if has("/WordDocument") => Err(DOCUMENT),
        () => Err(OLD_OR_LOCKED),
    }
}

fn text(first: &[u8]) -> Result<Content, Words> {
    let zeros = first.iter().filter(|byte| **byte == 0).count();
    // Every other byte of UTF-16 may be a zero, and Chinese has few.
    if zeros > 0 && encoding_rs::Encoding::for_bom(first).is_none() {
        let other = first.iter().filter(|byte| **byte < 0x09).count() - zeros;
        if other > first.len() / 20 || zeros > first.len() * 6 / 10 {
            return Err(BINARY);
        }
    }
    let readable: String = first.iter().filter(|b| **b != 0).map(|b| char::from(*b)).collect();
    let start = readable.trim_start_matches(['\u{ef}', '\u{bb}', '\u{bf}', '\u{ff}', '\u{fe}']);
    let start = start.trim_start().to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet") && begins(&["<?xml"]) {
        Err(XML)
    } else if begins(&["<!doctype", "<html", "<table", "<head", "<body", "<meta", "<style", "<!--"])
        || begins(&["<?xml", "mime-version:"])
    {
        Err(WEB_PAGE)
    } else {
        Ok(Content::Text)
    }
}

/// What to tell of a workbook that its reader found locked.
pub(crate) const LOCKED: Words = PASSWORD;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_begins_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.xlsx");
        let cases: [(&[u8], Result<Content, Words>); 9] = [
            (b"", Err(EMPTY)),
            (b"\xef\xbb\xbf  <HTML><table>", Err(WEB_PAGE)),
            (b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", Err(XML)),
            (b"MIME-Version: 1.0", Err(WEB_PAGE)),
            (b"%PDF-1.7", Err(PICTURE)),
            (b"\x09\x04\x06\x00", Err(OLD)),
            (b"\x00\x01\x02\x03\x00\x00\x00", Err(BINARY)),
            (b"a,b\n1,2\n", Ok(Content::Text)),
            (b"\xff\xfea\x00,\x00", Ok(Content::Text)),
        ];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes).expect("writes");
            assert_eq!(of(&path).expect("reads"), expected, "{bytes:?}");
        }
        let left = folder.path().join("~$a.xlsx");
        assert_eq!(of(&left).expect("by its name alone"), Err(LEFT_OPEN));
    }
}
