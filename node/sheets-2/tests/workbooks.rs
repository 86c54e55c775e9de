//! Workbooks as offices keep them: charts, errors of newer programs, formats without content,
//! hidden rows, formulas that nobody computed, and old or locked files.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use node_sheets::{
    Mode, OpenSheetError, Reason, Record, Remark, RosterRow, Row, RowError, open, open_with,
};
use rust_xlsxwriter::{
    Chart, ChartType, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const HEADINGS: [&str; 9] =
    ["小区", "楼栋", "单元", "房号", "姓名", "与户主关系", "性别", "出生日期", "备注"];

struct Import {
    rows: Vec<Row>,
    refused: Vec<RowError>,
    notes: Vec<String>,
}

fn import(path: &Path) -> Import {
    let workbook = open_with(path, Mode::Synthetic).expect("opens");
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    for row in workbook.rows() {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => refused.push(error),
        }
    }
    let notes = workbook.notes().into_iter().map(|note| note.zh).collect();
    Import { rows, refused, notes }
}

fn persons(import: &Import) -> Vec<&RosterRow> {
    let rows = import.rows.iter();
    rows.map(|row| match &row.record {
        Record::Roster(person) => person,
        _ => panic!("a roster"),
    })
    .collect()
}

fn reasons(import: &Import) -> Vec<(u32, &str, Reason)> {
    import.refused.iter().map(|error| (error.at.row, error.column, error.reason)).collect()
}

/// A roster of so many persons, changed by `edit` before it is saved.
fn roster(
    folder: &Path,
    persons: u32,
    edit: impl FnOnce(&mut Workbook) -> Result<(), XlsxError>,
) -> PathBuf {
    let path = folder.join("居民名册.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("居民名册").expect("a name");
    fill(sheet, persons).expect("writes");
    edit(&mut workbook).expect("writes");
    workbook.save(&path).expect("saves");
    path
}

fn fill(sheet: &mut Worksheet, persons: u32) -> Result<(), XlsxError> {
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write(0, column, heading)?;
    }
    for row in 1..=persons {
        let (room, name) = ((200 + row).to_string(), format!("人{row:02}"));
        let cells = ["示例小区", "1", "1", &room, &name, "户主", "男", "1960-05-01"];
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell)?;
        }
    }
    Ok(())
}

/// Changes one part of a workbook, as programs write it that this project has not.
fn rewrite(path: &Path, part: &str, change: impl Fn(String) -> String) {
    let mut old = ZipArchive::new(File::open(path).expect("opens")).expect("an archive");
    let mut new = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..old.len() {
        let mut file = old.by_index(number).expect("a part");
        let name = file.name().expect("a name").into_owned();
        let mut content = String::new();
        file.read_to_string(&mut content).expect("text");
        let content = if name == part { change(content) } else { content };
        let quickly = SimpleFileOptions::default().compression_level(Some(1));
        new.start_file(name, quickly).expect("a part");
        new.write_all(content.as_bytes()).expect("writes");
    }
    let bytes = new.finish().expect("an archive").into_inner();
    std::fs::write(path, bytes).expect("writes");
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn a_chart_tab_is_passed_over_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 1, |workbook| {
        let mut chart = Chart::new(ChartType::Bar);
        chart.add_series().set_values("居民名册!$B$2:$B$2");
        let sheet = workbook.add_chartsheet().set_name("统计图")?;
        sheet.insert_chart(0, 0, &chart).map(drop)
    });
    let read = import(&path);
    assert_eq!(persons(&read)[0].name, "人01");
    assert_eq!(read.notes, ["图表页，未读取：统计图"]);
}

#[test]
fn explanations_and_hidden_tabs_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 1, |workbook| {
        let sheet = workbook.add_worksheet().set_name("居民名册填写说明")?;
        sheet.write(0, 0, "姓名")?.write(0, 1, "必填")?;
        let sheet = workbook.add_worksheet().set_name("居民名册旧")?.set_hidden(true);
        fill(sheet, 1)
    });
    let read = import(&path);
    assert_eq!(read.rows.len(), 2);
    let notes = read.notes.join("\n");
    assert!(notes.contains("未读取：居民名册填写说明"), "{notes}");
    assert!(notes.contains("工作表 居民名册旧：被隐藏的工作表也已读取"), "{notes}");
}

#[test]
fn an_error_of_a_newer_program_refuses_its_row_alone() {
    for (bad, code) in [(2, "#SPILL!"), (13, "#CALC!"), (5, "#PYTHON!")] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = roster(folder.path(), 15, |_| Ok(()));
        rewrite(&path, SHEET, |sheet| {
            let row = format!("<row r=\"{}\"", bad + 1);
            let (before, rest) = sheet.split_once(&row).expect("the row");
            let (cells, after) = rest.split_once("</row>").expect("its end");
            let cell = format!("<c r=\"I{}\" t=\"e\"><v>{code}</v></c>", bad + 1);
            format!("{before}{row}{cells}{cell}</row>{after}")
        });
        let read = import(&path);
        assert_eq!(read.rows.len(), 14, "{code}");
        assert_eq!(reasons(&read), [(bad + 1, "备注", Reason::FormulaError)]);
    }
}

#[test]
fn a_formula_without_a_value_is_no_empty_cell() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 2, |workbook| {
        let sheet = workbook.worksheet_from_index(0)?;
        sheet.write_formula(1, 8, Formula::new("=A1&B1").set_result("独居"))?;
        Ok(())
    });
    rewrite(&path, SHEET, |sheet| {
        let named = "<c r=\"E3\" t=\"s\"><v>";
        let (before, rest) = sheet.split_once(named).expect("the name");
        let (_, after) = rest.split_once("</c>").expect("its end");
        format!("{before}<c r=\"E3\"><f>A1&amp;B1</f></c>{after}")
    });
    let read = import(&path);
    assert_eq!(persons(&read)[0].note.as_deref(), Some("独居"));
    assert_eq!(reasons(&read), [(3, "姓名", Reason::NotComputed)]);
}

#[test]
fn numbers_are_read_as_their_format_shows_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 6, |workbook| {
        let sheet = workbook.worksheet_from_index(0)?;
        let shown = |code: &str| Format::new().set_num_format(code);
        sheet.write_with_format(1, 7, 1960.10, &shown("0.00"))?;
        sheet.write_with_format(2, 7, 1960.01, &shown("0.00"))?;
        sheet.write(3, 7, 1960.1)?;
        sheet.write_with_format(4, 3, 7, &shown("000"))?;
        sheet.write_with_format(4, 1, 3, &shown("0\"号楼\""))?;
        sheet.write_with_format(4, 2, "2", &shown(";;;@\"单元\""))?;
        sheet.write(5, 7, 1960.2)?;
        sheet.write_with_format(6, 7, 1960, &shown("yyyy-mm-dd"))?;
        Ok(())
    });
    let read = import(&path);
    let births = persons(&read).into_iter().filter_map(|person| person.birth.as_ref());
    let births: Vec<_> = births.map(|birth| birth.as_str().to_owned()).collect();
    assert_eq!(births, ["1960-10", "1960-01", "1960-05-01", "1960-02"]);
    let dwelling = persons(&read)[2];
    assert_eq!((&*dwelling.building, &*dwelling.entrance, &*dwelling.room), ("3", "2", "007"));
    let expected = [(4, "出生日期", Reason::MonthUnclear), (7, "出生日期", Reason::YearAsDay)];
    assert_eq!(reasons(&read), expected);
}

#[test]
fn a_room_that_became_a_day_is_no_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 2, |workbook| {
        let sheet = workbook.worksheet_from_index(0)?;
        let day = ExcelDateTime::from_ymd(2026, 3, 1)?;
        let format = Format::new().set_num_format("m\"月\"d\"日\"");
        sheet.write_with_format(1, 3, &day, &format).map(drop)
    });
    let read = import(&path);
    assert_eq!(reasons(&read), [(2, "房号", Reason::BecameDate)]);
    assert_eq!(read.rows.len(), 1);
}

#[test]
fn hidden_rows_are_read_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 3, |workbook| {
        workbook.worksheet_from_index(0)?.set_row_hidden(2).map(drop)
    });
    let read = import(&path);
    assert_eq!(read.rows.len(), 3);
    assert_eq!(read.rows[1].remarks, [Remark::Hidden]);
    let notes = read.notes.join("\n");
    assert!(notes.contains("被隐藏的行也已读取：第 3 行"), "{notes}");
}

#[test]
fn rows_that_hold_a_format_alone_cost_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 3, |_| Ok(()));
    rewrite(&path, SHEET, |sheet| {
        let (before, after) = sheet.split_once("</sheetData>").expect("rows");
        let mut whole = before.to_owned();
        for row in 7..500_007 {
            whole.push_str(&format!("<row r=\"{row}\">"));
            for column in 'A'..='M' {
                whole.push_str(&format!("<c r=\"{column}{row}\" s=\"0\"/>"));
            }
            whole.push_str("</row>");
        }
        whole + "</sheetData>" + after
    });
    let read = import(&path);
    assert_eq!((read.rows.len(), read.refused.len()), (3, 0));
}

#[test]
fn a_sheet_that_was_cut_off_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 15, |_| Ok(()));
    rewrite(&path, SHEET, |sheet| sheet.split_once("<row r=\"14\"").expect("the row").0.to_owned());
    let read = import(&path);
    assert_eq!(read.rows.len(), 12);
    assert_eq!(reasons(&read), [(14, "-", Reason::Broken)]);
}

#[test]
fn bombs_are_refused_whatever_they_say_of_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    // One text of the cells that never ends, and elements that lie in each other.
    for (bomb, times) in [(" ".repeat(1 << 20), 64), ("<a>".repeat(1 << 10), 64)] {
        let path = roster(folder.path(), 3, |_| Ok(()));
        rewrite(&path, "xl/sharedStrings.xml", |texts| {
            texts.replacen("<t>", &format!("<t>{}", bomb.repeat(times)), 1)
        });
        assert!(std::fs::metadata(&path).expect("a file").len() < 1 << 20);
        let error = open(&path).expect_err("refused");
        assert!(error.to_string().contains("内容过大"), "{error}");
    }
}

#[test]
fn how_a_text_is_pronounced_is_no_part_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 1, |_| Ok(()));
    rewrite(&path, "xl/sharedStrings.xml", |texts| {
        let rich = "<r><t>人</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">01_x0009_</t></r>\
                    <rPh sb=\"0\" eb=\"1\"><t>ren</t></rPh>";
        texts.replacen("<t>人01</t>", rich, 1)
    });
    assert_eq!(persons(&import(&path))[0].name, "人01");
}

#[test]
fn cells_without_their_places_and_parts_of_other_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 2, |_| Ok(()));
    rewrite(&path, SHEET, |sheet| {
        let mut bare = sheet;
        for row in 1..=3 {
            bare = bare.replace(&format!("<row r=\"{row}\""), "<row");
            for column in 'A'..='I' {
                bare = bare.replace(&format!("<c r=\"{column}{row}\""), "<c");
            }
        }
        bare
    });
    rewrite(&path, "xl/_rels/workbook.xml.rels", |relations| {
        relations.replace("\"worksheets/sheet1.xml\"", "\"/xl/Worksheets/Sheet1.xml\"")
    });
    let read = import(&path);
    assert_eq!(persons(&read).iter().map(|p| &*p.room).collect::<Vec<_>>(), ["201", "202"]);
}

#[test]
fn elements_with_a_prefix_as_some_programs_give_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = roster(folder.path(), 2, |workbook| {
        let sheet = workbook.worksheet_from_index(0)?;
        sheet.merge_range(1, 0, 2, 0, "示例小区", &Format::new())?;
        let day = ExcelDateTime::from_ymd(1960, 5, 1)?;
        let shown = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(2, 7, &day, &shown).map(drop)
    });
    let parts = ["xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/styles.xml"];
    for part in parts.into_iter().chain(["xl/_rels/workbook.xml.rels", "_rels/.rels"]) {
        rewrite(&path, part, |xml| {
            let tags = xml.replace("</", "</x:").replace('<', "<x:").replace("<x:/x:", "</x:");
            let tags = tags.replace("<x:?", "<?").replace("xmlns=", "xmlns:x=");
            assert!(tags.contains("<x:") && !tags.contains("<x:/"));
            tags
        });
    }
    let read = import(&path);
    let told: Vec<_> = persons(&read)
        .iter()
        .map(|person| (&*person.estate, person.birth.as_ref().map_or("", |b| b.as_str())))
        .collect();
    assert_eq!(told, [("示例小区", "1960-05-01"); 2]);
}

#[test]
fn an_old_workbook_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/居民名册.xls");
    let read = import(&path);
    let births: Vec<_> = persons(&read)
        .iter()
        .map(|person| (&*person.room, person.birth.as_ref().map_or("", |birth| birth.as_str())))
        .collect();
    assert_eq!(births, [("101", "1960-05-01"), ("102", "1960-10"), ("007", "1960-10")]);
    assert_eq!(persons(&read)[2].building, "3", "its format says 3号楼");
    assert_eq!(persons(&read)[1].estate, "示例小区", "merged downwards");
    assert_eq!(persons(&read)[0].phone.as_deref(), Some("10012345678"));
    let expected = [(5, "出生日期", Reason::MonthUnclear), (7, "房号", Reason::BecameDate)];
    assert_eq!(reasons(&read), expected);
    assert_eq!(read.rows[2].remarks, [Remark::Hidden]);
    let notes = read.notes.join("\n");
    assert!(notes.contains("未读取：填写说明") && notes.contains("第 6 行"), "{notes}");
}

#[test]
fn a_damaged_old_workbook_ends_in_errors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/居民名册.xls");
    let whole = std::fs::read(path).expect("reads");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xls");
    for place in (0..whole.len()).step_by(31) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x5a;
        for bytes in [&whole[..place], &damaged] {
            std::fs::write(&path, bytes).expect("writes");
            if let Ok(workbook) = open_with(&path, Mode::Synthetic) {
                assert!(workbook.rows().count() <= 70_000);
            }
        }
    }
}

#[test]
fn a_locked_workbook_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xlsx");
    for (stream, content) in [
        ("/EncryptedPackage", &b"secret"[..]),
        ("/Workbook", b"\x09\x08\x04\x00\x00\x06\x05\x00\x2f\x00\x06\x00\x01\x00\x01\x00\x01\x00"),
    ] {
        let mut compound = cfb::create(&path).expect("a file");
        let mut inner = compound.create_stream(stream).expect("a stream");
        inner.write_all(content).expect("writes");
        drop(inner);
        compound.flush().expect("writes");
        drop(compound);
        let error = open(&path).expect_err("refused");
        assert!(matches!(error, OpenSheetError::OtherContent { .. }), "{error}");
        assert!(error.said().en.contains("password"), "{error}");
    }
}
