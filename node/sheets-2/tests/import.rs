//! What an import must hold, on real files: every kind round trips, and bad rows stop nothing.

use std::path::Path;

use jiff::civil::{date, time};
use node_sheets::{
    Chief, DutyRow, Exporter, Format, Kind, Level, Mode, OpenSheetError, OrgRow, OrgState,
    PatrolPlanRow, PatrolRow, PlaceRow, Reason, Record, RosterRow, RowStatus, Sex, Slot,
    StatusWriter, VolunteerRow, VolunteerState, Warning, open, open_with,
};

const HEADINGS: &str =
    "户号,姓名,与户主关系,性别,身份证号,手机号,小区名称,楼号,单元,房间号,出生年月\r\n";

fn person(number: u32) -> RosterRow {
    RosterRow {
        estate: "示例家园".into(),
        building: "3".into(),
        entrance: "1".into(),
        room: format!("{}01", number % 20 + 1),
        household: format!("H{:05}", number / 3),
        name: format!("示例{number}"),
        relation: "户主".into(),
        sex: Sex::Female,
        birth: None,
        citizen_id: None,
        phone: Some("10012345678".into()),
        political: None,
        note: Some("=1+1".into()),
    }
}

fn samples() -> Vec<Record> {
    vec![
        person(1).into(),
        OrgRow {
            level: Level::GridBranch,
            code: "220802001001-B01".into(),
            name: "第一网格党支部".into(),
            parent: Some("220802001001".into()),
            founded: Some(date(2020, 7, 1)),
            state: OrgState::Active,
        }
        .into(),
        PlaceRow {
            grid: "220802001001001".into(),
            estate: "示例家园".into(),
            building: "3".into(),
            entrances: 4,
            floors: Some(6),
            households: None,
        }
        .into(),
        DutyRow {
            chief: Chief::Building,
            area: "示例家园3栋".into(),
            name: None,
            citizen_id: None,
            party_member: false,
            from: Some(date(2024, 1, 1)),
            to: None,
        }
        .into(),
        PatrolPlanRow { on: date(2026, 3, 1), slot: Slot::Morning, area: "甲".into(), by: None }
            .into(),
        PatrolRow {
            on: date(2026, 3, 1),
            slot: Slot::Afternoon,
            area: "甲".into(),
            started: time(14, 5, 0, 0),
            ended: None,
            by: "示例".into(),
            finding: Some("楼道堆物, \"杂物\"\n已清".into()),
        }
        .into(),
        VolunteerRow {
            name: "示例".into(),
            citizen_id: Some("220899199012310020".into()),
            number: "V0001".into(),
            registered: date(2023, 5, 4),
            state: VolunteerState::Active,
            team: None,
        }
        .into(),
    ]
}

fn write_csv(path: &Path, rows: &str) {
    std::fs::write(path, format!("{HEADINGS}{rows}")).expect("writes");
}

#[test]
fn every_kind_round_trips_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    for record in samples() {
        for (format, name) in
            [(Format::Xlsx, "a"), (Format::CsvUtf8, "b"), (Format::CsvGb18030, "c")]
        {
            let path = folder.path().join(name).with_extension(format.extension());
            let mut exporter = Exporter::create(&path, record.kind(), format).expect("creates");
            exporter.write(&record).expect("writes");
            exporter.write(&record).expect("writes");
            assert_eq!(exporter.finish().expect("finishes"), 2);
            let workbook = open_with(&path, Mode::Synthetic).expect("opens");
            assert_eq!(workbook.kind(), record.kind());
            let rows: Vec<_> = workbook.rows().map(|row| row.expect("a good row")).collect();
            let numbers: Vec<u32> = rows.iter().map(|row| row.at.row).collect();
            assert_eq!(numbers, [2, 3], "{record:?} {format:?}");
            assert!(rows.iter().all(|row| row.record == record), "{record:?} {format:?}");
        }
    }
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
                1,丁,女,男,220899199012310020,,园,1,1,101,\r\n\
                1,戊,女,女,220899199012310020,一三八,园,1,1,101,\r\n\
                1,甲,女,女,220899199012310020,,园,1,1,101,1990.12\r\n";
    write_csv(&path, rows);
    let workbook = open_with(&path, Mode::Synthetic).expect("opens");
    let (good, bad): (Vec<_>, Vec<_>) = workbook.rows().partition(Result::is_ok);
    let bad: Vec<_> = bad.into_iter().filter_map(Result::err).collect();
    let told: Vec<_> = bad.iter().map(|e| (e.at.row, e.column, e.reason)).collect();
    let expected = [
        (3, "公民身份号码", Reason::CitizenIdCheck),
        (5, "姓名", Reason::Empty),
        (6, "出生日期", Reason::Date),
        (7, "性别", Reason::SexDiffers),
        (8, "联系电话", Reason::Phone),
    ];
    assert_eq!(told, expected);
    assert!(bad[0].said().zh.starts_with("居民.csv，工作表 居民，第 3 行"));
    let good: Vec<_> = good.into_iter().flatten().collect();
    assert_eq!(good.iter().map(|row| row.at.row).collect::<Vec<_>>(), [2, 9]);
    assert_eq!(good[1].warnings, [Warning::SameCitizenId { first_row: 2 }]);

    let mut status = StatusWriter::beside(&workbook);
    for row in workbook.rows() {
        match row {
            Ok(row) => status.write(&row, RowStatus::Added, "").expect("writes"),
            Err(error) => status.refuse(&error).expect("writes"),
        }
    }
    let beside = status.finish().expect("finishes");
    assert_eq!(beside, folder.path().join("居民.导入结果.xlsx"));
    let again =
        open_with(&beside, Mode::Synthetic).expect("the result is a workbook of the same kind");
    assert_eq!(again.sheets()[0].unknown_columns(), ["导入状态", "说明"]);
    let rows: Vec<_> = again.rows().filter_map(Result::ok).collect();
    assert_eq!(rows.iter().map(|row| row.at.row).collect::<Vec<_>>(), [2, 9]);
    assert_eq!(rows[0].cells.0[11], "新增");
}

#[test]
fn invented_ids_are_refused_among_real_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("r.csv");
    write_csv(&path, "1,甲,户主,女,220899199012310020,,园,1,1,101,\r\n");
    let error = open(&path).expect("opens").rows().next().expect("a row").expect_err("refused");
    assert_eq!(error.reason, Reason::CitizenIdArea);
}

#[test]
fn a_missing_column_names_file_sheet_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    std::fs::write(&path, "小区,楼栋,房号,姓名,性别\r\n园,1,101,甲,女\r\n").expect("writes");
    match open(&path).expect_err("refused") {
        OpenSheetError::MissingColumns { file, sheet, kind, missing, .. } => assert_eq!(
            (&*file, &*sheet, kind, &*missing),
            ("居民名册.csv", "居民名册", "居民名册", "与户主关系")
        ),
        other => panic!("{other}"),
    }
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "a,b,c\r\n1,2,3\r\n").expect("writes");
    assert!(matches!(open(&path), Err(OpenSheetError::NoKnownSheet { .. })));
    let path = folder.path().join("x.xlsx");
    std::fs::write(&path, "PK\x03\x04no workbook").expect("writes");
    assert!(matches!(open(&path), Err(OpenSheetError::Broken { .. })));
    assert!(matches!(open("nothing.csv"), Err(OpenSheetError::Io { .. })));
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

    let workbook = open_with(&path, Mode::Synthetic).expect("opens");
    assert_eq!(workbook.sheets()[0].heading_row(), 2);
    let rows: Vec<_> = workbook.rows().collect();
    let first = rows[0].as_ref().expect("a good row");
    let Record::Roster(person) = &first.record else { panic!("a roster") };
    let birth = person.birth.as_ref().map(|birth| birth.as_str());
    assert_eq!((&*person.building, birth), ("7", Some("1990-12-31")));
    let second = rows[1].as_ref().expect_err("an id stored as a number");
    assert_eq!((second.at.row, second.reason), (4, Reason::CitizenIdAsNumber));
    assert_eq!(second.cells.0[0], "园", "a merged cell holds for every row it covers");
}

#[test]
fn ten_thousand_rows_and_an_early_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xlsx");
    let mut exporter = Exporter::create(&path, Kind::Roster, Format::Xlsx).expect("creates");
    for number in 0..10_000 {
        exporter.write(&person(number).into()).expect("writes");
    }
    exporter.finish().expect("finishes");
    let workbook = open_with(&path, Mode::Synthetic).expect("opens");
    assert_eq!(workbook.rows().filter(Result::is_ok).count(), 10_000);
    let last = workbook.rows().nth(10).expect("a row").expect("a good row");
    assert_eq!(last.at.row, 12);
}

#[test]
fn truncated_and_damaged_workbooks_end_in_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xlsx");
    let mut exporter = Exporter::create(&path, Kind::Roster, Format::Xlsx).expect("creates");
    for number in 0..200 {
        exporter.write(&person(number).into()).expect("writes");
    }
    exporter.finish().expect("finishes");
    let whole = std::fs::read(&path).expect("reads");
    for place in (0..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x5a;
        for bytes in [&whole[..place], &damaged] {
            std::fs::write(&path, bytes).expect("writes");
            if let Ok(workbook) = open_with(&path, Mode::Synthetic) {
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
    let workbook = open_with(&path, Mode::Synthetic).expect("opens");
    let mut status = StatusWriter::beside(&workbook);
    let row = workbook.rows().next().expect("a row").expect("a good row");
    status.write(&row, RowStatus::Unchanged, "").expect("writes");
    assert!(status.finish().expect("finishes").exists());
}
