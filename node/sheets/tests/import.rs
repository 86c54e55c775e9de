//! What an import must hold, on real files: every kind round trips, and bad rows stop nothing.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use calamine::Reader as _;
use node_sheets::{
    Exporter, Format, Meaning, OpenSheetError, Reason, RowError, RowStatus, StatusWriter, Warning,
    Workbook, open, open_knowing,
};
use schema_documents::Reason::{
    IdentityArea, IdentityCheck, IdentityRounded, Missing, NotPartialDay, Phone,
};
use schema_documents::kinds::{building, dwelling, person, residence};
use schema_documents::{Circumstances, Column, Day, Declared, Row, Sheet};

const HEADINGS: &str =
    "户号,姓名,与户主关系,性别,身份证号,手机号,小区名称,楼号,单元,房间号,出生年月\r\n";

fn now() -> Circumstances<'static> {
    let today = Day::new(2026, 11, 28).expect("a day");
    Circumstances { today, invented: true, community: None }
}

fn roster() -> &'static Sheet {
    &person::Person::KIND.sheets[0]
}

fn opened(path: &Path) -> Workbook {
    open(path, &now()).expect("opens")
}

fn person(number: u32) -> Row {
    let says = [
        (building::ESTATE.spec, "示例家园".to_owned()),
        (building::NUMBER.spec, "3".to_owned()),
        (dwelling::ROOM.spec, format!("{}01", number % 20 + 1)),
        (person::NAME.spec, format!("示例{number}")),
        (residence::RELATION.spec, "户主".to_owned()),
        (person::SEX.spec, "女".to_owned()),
        (person::NOTE.spec, "=1+1".to_owned()),
    ];
    let with = |row: Row, (spec, text): (schema_documents::Spec, String)| {
        let own = |column: &&Column| column.field.words == spec.words;
        row.with(roster().columns.iter().find(own).expect("a column"), text)
    };
    says.into_iter().fold(Row::new(roster()), with)
}

fn write_csv(path: &Path, rows: &str) {
    std::fs::write(path, format!("{HEADINGS}{rows}")).expect("writes");
}

#[test]
fn a_bad_row_is_named_and_stops_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民.csv");
    let rows = "1,甲,户主,女,220899199012310020,,园,1,1,101,\r\n\
                1,乙,子,男,220899199012310021,,园,1,1,101,\r\n\
                \r\n\
                1,,女,女,,,园,1,1,101,2010-01-01\r\n\
                1,丙,女,女,,,园,1,1,101,2010-02-30\r\n\
                1,丁,女,女,220899199012310020,,园,1,1,101,\r\n\
                1,戊,女,女,220899199012310020,一三八,园,1,1,101,\r\n\
                1,甲,女,女,220899199012310020,,园,1,1,101,1990.12\r\n";
    write_csv(&path, rows);
    let workbook = opened(&path);
    let (good, bad): (Vec<_>, Vec<_>) = workbook.rows().partition(Result::is_ok);
    let bad: Vec<_> = bad.into_iter().filter_map(Result::err).collect();
    let column = |error: &RowError| error.column.map_or("-", |column| column.zh);
    let told: Vec<_> = bad.iter().map(|e| (e.at.row, column(e), e.reason.clone())).collect();
    let expected = [
        (3, "公民身份号码", Reason::Value(IdentityCheck)),
        (5, "姓名", Reason::Value(Missing)),
        (6, "出生日期", Reason::Value(NotPartialDay)),
        (7, "公民身份号码", Reason::SameIdOtherName { first_row: 2 }),
        (8, "联系电话", Reason::Value(Phone)),
    ];
    assert_eq!(told, expected);
    assert!(bad[0].said().zh.starts_with("居民.csv，工作表 居民，第 3 行"));
    let good: Vec<_> = good.into_iter().flatten().collect();
    assert_eq!(good.iter().map(|row| row.at.row).collect::<Vec<_>>(), [2, 9]);
    assert_eq!(good[1].warnings, [Warning::SameId { first_row: 2 }]);

    let mut status = StatusWriter::beside(&workbook);
    for row in workbook.rows() {
        match row {
            Ok(row) => status.write(&row, RowStatus::Added, "").expect("writes"),
            Err(error) => status.refuse(&error).expect("writes"),
        }
    }
    let beside = status.finish().expect("finishes");
    assert_eq!(beside, folder.path().join("居民.csv.导入结果.xlsx"));
    assert!(matches!(open(&beside, &now()), Err(OpenSheetError::Results { .. })));
    let mode = std::fs::metadata(&beside).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&beside).expect("a workbook");
    let sheet = book.worksheet_range("居民").expect("the sheet of the input");
    let cell = |row, column| sheet.get((row, column)).map(ToString::to_string);
    assert_eq!(cell(0, 11).as_deref(), Some("导入状态"));
    let states = (1..9).filter_map(|row| cell(row, 11)).filter(|state| !state.is_empty());
    let states: Vec<_> = states.collect();
    assert_eq!(states, ["新增", "错误", "错误", "错误", "错误", "错误", "新增"]);
    let xml = part(&beside, "xl/worksheets/sheet1.xml");
    assert!(xml.contains(r#"<autoFilter ref="A1:M9""#), "the rows can be filtered: {xml}");
}

fn part(workbook: &Path, name: &str) -> String {
    let file = std::fs::File::open(workbook).expect("a file");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

/// A heading that no sheet knows is read as what the unit means by it, and is told.
#[test]
fn a_heading_that_the_unit_knows_is_read_as_what_it_means() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    let text = "小区,楼栋,房号,住户 （必填）,家庭角色,性别\r\n园,1,101,甲,户主,女\r\n";
    std::fs::write(&path, text).expect("writes");
    let error = open(&path, &now()).expect_err("two columns are missing").said();
    for told in ["姓名", "与户主关系", "住户", "家庭角色", "--column"] {
        assert!(error.zh.contains(told), "{}", error.zh);
    }
    let relation = Meaning::in_sheet("居民名册", "家庭角色", "与户主关系").expect("a column");
    assert!(Meaning::in_sheet("居民名册", "家庭角色", "无此列").is_none());
    assert!(Meaning::in_sheet("无此表", "家庭角色", "姓名").is_none());
    let headings = [Meaning::anywhere("住户", "姓名"), relation].into_iter().collect();
    let workbook = open_knowing(&path, &now(), &headings).expect("opens");
    let row = workbook.rows().next().expect("a row").expect("a good row").row;
    assert_eq!(row.says(&person::NAME), Some("甲"));
    assert!(workbook.tables()[0].unknown_columns().is_empty());
    let notes = workbook.notes();
    assert!(notes.iter().any(|note| note.zh.contains("家庭角色")), "{notes:?}");
    assert_eq!(workbook.count_rows(), 1);
    // What a sheet knows by itself means nothing else.
    let headings = [Meaning::anywhere("性别", "姓名")].into_iter().collect();
    assert!(open_knowing(&path, &now(), &headings).is_err());
}

#[test]
fn invented_ids_are_refused_among_real_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("r.csv");
    write_csv(&path, "1,甲,户主,女,220899199012310020,,园,1,1,101,\r\n");
    let real = Circumstances { invented: false, ..now() };
    let workbook = open(&path, &real).expect("opens");
    let error = workbook.rows().next().expect("a row").expect_err("refused");
    assert_eq!(error.reason, Reason::Value(IdentityArea));
}

#[test]
fn a_missing_column_names_file_sheet_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    std::fs::write(&path, "小区,楼栋,房号,姓名,性别\r\n园,1,101,甲,女\r\n").expect("writes");
    match open(&path, &now()).expect_err("refused") {
        OpenSheetError::MissingColumns { file, sheet, kind, missing, .. } => assert_eq!(
            (&*file, &*sheet, kind.zh, &*missing),
            ("居民名册.csv", "居民名册", "居民名册", "与户主关系")
        ),
        other => panic!("{other}"),
    }
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "a,b,c\r\n1,2,3\r\n").expect("writes");
    assert!(matches!(open(&path, &now()), Err(OpenSheetError::NoKnownSheet { .. })));
    let path = folder.path().join("x.xlsx");
    std::fs::write(&path, "PK\x03\x04no workbook").expect("writes");
    assert!(matches!(open(&path, &now()), Err(OpenSheetError::Broken { .. })));
    assert!(matches!(open("nothing.csv", &now()), Err(OpenSheetError::Io { .. })));
}

#[test]
fn titles_merged_cells_dates_and_numbers_are_read_as_excel_shows_them() {
    use rust_xlsxwriter::{ExcelDateTime, Format as Cell, Workbook};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("任意.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("居民名册").expect("a name");
    let plain = Cell::new();
    sheet.merge_range(0, 0, 0, 7, "某社区居民名册", &plain).expect("merges");
    let headings = ["小区", "楼栋", "房号", "姓名", "关系", "性别", "出生日期", "身份证号"];
    for (column, heading) in (0..).zip(headings) {
        sheet.write(1, column, heading).expect("writes");
    }
    sheet.merge_range(2, 0, 3, 0, "园", &plain).expect("merges");
    for row in [2, 3] {
        sheet.write(row, 1, 7).expect("writes");
        sheet.write(row, 2, 101).expect("writes");
        for (column, text) in [(3, "甲"), (4, "户主"), (5, "女")] {
            sheet.write(row, column, text).expect("writes");
        }
        let birth = ExcelDateTime::from_ymd(1990, 12, 31).expect("a date");
        let shown = Cell::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(row, 6, &birth, &shown).expect("writes");
    }
    sheet.write(3, 7, 220_899_199_012_310_020_f64).expect("writes");
    workbook.save(&path).expect("saves");

    let workbook = opened(&path);
    assert_eq!(workbook.tables()[0].heading_row(), 2);
    let rows: Vec<_> = workbook.rows().collect();
    let first = rows[0].as_ref().expect("a good row");
    assert_eq!(first.row.says(&building::NUMBER), Some("7"));
    assert_eq!(first.row.says(&person::BIRTH), Some("1990-12-31"));
    let second = rows[1].as_ref().expect_err("an id stored as a number");
    assert_eq!((second.at.row, &second.reason), (4, &Reason::Value(IdentityRounded)));
    assert_eq!(second.cells.0[0], "园", "a merged cell holds for every row it covers");
}

#[test]
fn ten_thousand_rows_and_an_early_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xlsx");
    let mut exporter = Exporter::create(&path, roster(), Format::Xlsx).expect("creates");
    for number in 0..10_000 {
        exporter.write(&person(number)).expect("writes");
    }
    exporter.finish().expect("finishes");
    let workbook = opened(&path);
    assert_eq!(workbook.rows().filter(Result::is_ok).count(), 10_000);
    let last = workbook.rows().nth(10).expect("a row").expect("a good row");
    assert_eq!(last.at.row, 12);
}

#[test]
fn truncated_and_damaged_workbooks_end_in_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xlsx");
    let mut exporter = Exporter::create(&path, roster(), Format::Xlsx).expect("creates");
    for number in 0..200 {
        exporter.write(&person(number)).expect("writes");
    }
    exporter.finish().expect("finishes");
    let whole = std::fs::read(&path).expect("reads");
    for place in (0..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x5a;
        for bytes in [&whole[..place], &damaged] {
            std::fs::write(&path, bytes).expect("writes");
            if let Ok(workbook) = open(&path, &now()) {
                assert!(workbook.rows().count() <= 201);
            }
        }
    }
}

#[test]
fn a_result_is_written_beside_a_file_of_any_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("[{}].csv", "长".repeat(40)));
    write_csv(&path, "1,甲,户主,女,220899199012310020,,园,1,1,101,\r\n");
    let workbook = opened(&path);
    let mut status = StatusWriter::beside(&workbook);
    let row = workbook.rows().next().expect("a row").expect("a good row");
    status.write(&row, RowStatus::Unchanged, "").expect("writes");
    assert!(status.finish().expect("finishes").exists());
}
