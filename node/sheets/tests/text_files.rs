//! Text files as offices send them: broken lines, open quotes, guards, and several values in a
//! cell. No row is lost, changed or doubled without being told.

use node_sheets::{OpenSheetError, Reason, Remark, RowError, TableRow, Warning, open};
use schema_documents::Reason::{BecameDay, Character, DayAsNumber, FormulaError};
use schema_documents::Reason::{IdentityCheck, IdentityRounded, Missing, Rounded};
use schema_documents::kinds::{building, dwelling, person};
use schema_documents::{Circumstances, Day, Field, Named};

const HEADINGS: &str = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期";

struct Import {
    rows: Vec<TableRow>,
    refused: Vec<RowError>,
    notes: Vec<String>,
}

fn now() -> Circumstances<'static> {
    let today = Day::new(2026, 11, 28).expect("a day");
    Circumstances { today, invented: true, community: None }
}

fn import(name: &str, content: impl AsRef<[u8]>) -> Import {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("writes");
    let workbook = open(&path, &now()).expect("opens");
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

fn roster(more: &str, lines: &str) -> Import {
    import("居民名册.csv", format!("{HEADINGS}{more}\n{lines}"))
}

/// What each row says in the column of a field; nothing where it is empty.
fn said<'a, K: Named, T>(import: &'a Import, field: &Field<K, T>) -> Vec<&'a str> {
    import.rows.iter().map(|row| row.row.says(field).unwrap_or_default()).collect()
}

fn names(import: &Import) -> Vec<&str> {
    said(import, &person::NAME)
}

fn reasons(import: &Import) -> Vec<(u32, &str, Reason)> {
    let column = |error: &RowError| error.column.map_or("-", |column| column.zh);
    import.refused.iter().map(|e| (e.at.row, column(e), e.reason.clone())).collect()
}

#[test]
fn lines_that_end_in_a_carriage_return_alone() {
    let lines =
        "示例小区,1,1,101,甲一,户主,男,1960-05-01\r示例小区,1,1,102,乙二,户主,男,1960-05-01\r";
    let read = import("居民名册.csv", format!("{HEADINGS}\r{lines}"));
    assert_eq!(names(&read), ["甲一", "乙二"]);
    assert_eq!(read.rows.iter().map(|row| row.at.row).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(read.notes, [""; 0]);
}

#[test]
fn an_open_quote_refuses_its_own_row_alone() {
    let read = roster(
        ",备注",
        "示例小区,1,1,101,甲一,户主,男,1960-05-01,\n\
         示例小区,1,1,102,乙二,户主,男,1960-05-01,\"独居\n\
         示例小区,1,1,103,丙三,户主,男,1960-05-01,\n\
         示例小区,1,1,104,丁四,户主,男,1960-05-01,\n",
    );
    assert_eq!(names(&read), ["甲一", "丙三", "丁四"]);
    assert_eq!(reasons(&read), [(3, "-", Reason::OpenQuote)]);
}

#[test]
fn a_heading_on_several_lines_below_a_narrow_title_is_a_heading() {
    for title in ["某社区居民名册\n", ",,某社区居民名册\n填报单位：某社区,日期：2026年3月\n", ""]
    {
        let person = "示例小区,1,1,101,甲一,户主,男,1960-05-01,独居";
        let read = import("居民名册.csv", format!("{title}{HEADINGS},\"备\n注\"\n{person}\n"));
        assert_eq!(said(&read, &person::NOTE), ["独居"], "{title}");
        assert_eq!(reasons(&read), []);
    }
}

#[test]
fn numbers_of_columns_are_no_person_though_each_might_be_a_value() {
    let table =
        "姓名,性别,小区,楼栋,单元,房号,与户主关系\n1,2,3,4,5,6,7\n甲一,男,示例小区,1,1,101,户主";
    let read = import("居民名册.csv", table);
    assert_eq!((names(&read), reasons(&read)), (vec!["甲一"], vec![]));
    assert_eq!(read.notes.len(), 1, "{:?}", read.notes);
}

#[test]
fn rows_that_were_numbered_beforehand_say_nothing() {
    let person = "1,示例小区,1,1,101,甲一,户主,男,1960-05-01";
    let table =
        format!("序号,{HEADINGS}\n{person}\n2,,,,,,,,\n3,,,,,,,,\n合计,,,,,,,,\n4,示例小区,,,,,,,");
    let read = import("居民名册.csv", table);
    assert_eq!(names(&read), ["甲一"]);
    assert_eq!(reasons(&read), [(6, "楼栋", Reason::Value(Missing))]);
    assert_eq!(read.notes.len(), 1, "the total is told: {:?}", read.notes);
}

#[test]
fn two_people_in_one_cell_are_refused() {
    let person = |name: &str| format!("示例小区,1,1,101,{name},户主,男,1960-05-01\n");
    let read = roster("", &["\"张三\n李四\"", "张三、李四", "张三"].map(person).concat());
    let several = || Reason::Value(schema_documents::Reason::SeveralNames);
    assert_eq!(names(&read), ["张三"]);
    assert_eq!(reasons(&read), [(2, "姓名", several()), (3, "姓名", several())]);
}

#[test]
fn the_same_as_above_is_refused_and_makes_no_room() {
    let read = roster(
        "",
        "示例小区,1,1,101,甲一,户主,男,1960-05-01\n\
         示例小区,1,1,同上,乙二,配偶,女,1960-05-01\n\
         〃,1,1,102,丙三,户主,男,1960-05-01\n",
    );
    let ditto = || Reason::Value(schema_documents::Reason::Ditto);
    assert_eq!(names(&read), ["甲一"]);
    assert_eq!(reasons(&read), [(3, "房号", ditto()), (4, "小区", ditto())]);
}

#[test]
fn two_open_quotes_hide_no_rows_between_them() {
    let read = roster(
        ",备注",
        "示例小区,1,1,101,甲一,户主,男,1960-05-01,\"独居\n\
         示例小区,1,1,102,乙二,户主,男,1960-05-01,\n\
         示例小区,1,1,103,丙三,户主,男,1960-05-01,\"孤老\n\
         示例小区,1,1,104,丁四,户主,男,1960-05-01,\"两行\n的备注\"\n",
    );
    assert_eq!(names(&read), ["乙二", "丁四"]);
    assert_eq!(said(&read, &person::NOTE)[1], "两行\n的备注");
    let open = Reason::OpenQuote;
    assert_eq!(reasons(&read), [(2, "-", open.clone()), (4, "-", open)]);
}

#[test]
fn guards_against_rounding_are_no_part_of_a_number() {
    let read = roster(
        ",公民身份号码",
        "示例小区,1,1,101,甲一,户主,男,,=\"22089919800101001X\"\n\
         示例小区,1,1,102,乙二,户主,男,,`220899195510071239\n\
         示例小区,1,1,103,丙三,户主,女,,\"=\"\"220899199012310020\"\"\"\n",
    );
    let ids = said(&read, &person::NUMBER);
    assert_eq!(ids, ["22089919800101001X", "220899195510071239", "220899199012310020"]);
}

#[test]
fn one_name_however_its_characters_are_stored() {
    let (old, now) = ("陈\u{e863}", "陈\u{4dae}");
    for (first, second) in [
        (old, now),
        ("买买提·艾力", "买买提•艾力"),
        ("买买提・艾力", "买买提．艾力"),
        ("张 三", "张\u{3000}三\u{200e}"),
        ("\u{2f8f}三", "行三"),
    ] {
        let line = |name: &str| format!("示例小区,1,1,101,{name},户主,男,1960-05-01\n");
        let read = roster("", &(line(first) + &line(second)));
        assert_eq!(names(&read)[0], names(&read)[1], "{second}");
        let same = Warning::SameNameAndBirth { first_row: 2 };
        assert_eq!(read.rows[1].warnings, [same]);
    }
}

#[test]
fn names_of_posts_are_the_same_as_those_of_residents() {
    let line = |name: &str| format!("楼栋长,示例小区1栋,{name}\n");
    let dots = ["买买提·艾力", "买买提•艾力"].map(line).concat();
    let read = import("五长岗位.csv", format!("岗位,区域,姓名\n{dots}"));
    assert_eq!(names(&read), ["买买提·艾力"; 2]);
}

#[test]
fn a_dwelling_is_the_same_with_and_without_its_units() {
    let read = roster(
        "",
        "示例小区,1,1,101,甲一,户主,男,1960-05-01\n\
         示例小区,1号楼,1单元,101室,甲二,配偶,女,1960-05-01\n\
         示例小区,１栋,一单元,１０１,甲三,子,男,1990-05-01\n",
    );
    assert_eq!(said(&read, &building::NUMBER), ["1"; 3]);
    assert_eq!(said(&read, &dwelling::ENTRANCE), ["1"; 3]);
    assert_eq!(said(&read, &dwelling::ROOM), ["101"; 3]);
}

#[test]
fn several_telephone_numbers_are_kept() {
    let read = roster(
        ",联系电话,手机",
        "示例小区,1,1,101,甲一,户主,男,1960-05-01,0436-3200000,10012345678.0\n\
         示例小区,1,1,102,乙二,户主,男,1960-05-01,10012345678/10087654321,\n\
         示例小区,1,1,103,丙三,户主,男,1960-05-01,10012345678转801,无\n",
    );
    let phones = said(&read, &person::PHONE);
    let expected = ["04363200000、10012345678", "10012345678、10087654321", "10012345678转801"];
    assert_eq!(phones, expected);
}

#[test]
fn several_columns_of_notes_are_kept() {
    let line = "示例小区,1,1,101,甲一,户主,男,1960-05-01,独居,有狗\n";
    let read = roster(",备注,其他", line);
    assert_eq!(said(&read, &person::NOTE), ["独居；有狗"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    std::fs::write(&path, format!("{HEADINGS},名字\n{line}")).expect("writes");
    assert!(matches!(
        open(&path, &now()),
        Err(OpenSheetError::RepeatedColumn { column, .. }) if column.zh == "姓名"
    ));
}

#[test]
fn documents_other_than_the_identity_card() {
    let read = roster(
        ",公民身份号码",
        "示例小区,1,1,101,安娜,户主,男,1980-01-01,922999198001010012\n\
         示例小区,1,1,102,约翰,户主,男,1980-01-01,e12345678\n\
         示例小区,1,1,103,甲三,户主,男,1980-01-01,81000019800101001X\n\
         示例小区,1,1,104,甲四,户主,女,1980-01-01,H12345678\n",
    );
    let refused: Vec<_> = reasons(&read);
    assert_eq!(refused, [(4, "公民身份号码", Reason::Value(IdentityCheck))], "its check is not X");
    let ids = said(&read, &person::NUMBER);
    assert_eq!(ids, ["922999198001010012", "E12345678", "H12345678"]);
}

#[test]
fn words_for_none_and_old_numbers_are_taken_as_no_number() {
    let words = ["无", "不详", "0", "000000000000000000", "办理中", "220899800101001"];
    let line = |(number, word): (usize, &str)| {
        format!("示例小区,1,1,40{number},人{number},户主,男,1960-05-01,{word}\n")
    };
    let lines: String = words.into_iter().enumerate().map(line).collect();
    let read = roster(",公民身份号码", &lines);
    assert_eq!(read.rows.len(), 6);
    assert!(read.rows.iter().all(|row| row.warnings.is_empty()));
    assert_eq!(said(&read, &person::NUMBER), [""; 6]);
    let none = Remark::TakenAsNone { column: person::NUMBER.spec.words };
    assert_eq!(read.rows[4].remarks, [none]);
    assert_eq!(read.rows[5].remarks, [Remark::OldIdentityNumber]);
}

#[test]
fn two_names_for_one_id_are_held_back() {
    let read = roster(
        ",公民身份号码",
        "示例小区,1,1,101,甲一,户主,女,,220899199012310020\n\
         示例小区,1,1,102,乙二,户主,女,,220899199012310020\n\
         示例小区,1,1,101,甲一,户主,女,,220899199012310020\n",
    );
    assert_eq!(names(&read), ["甲一", "甲一"]);
    let reason = Reason::SameIdOtherName { first_row: 2 };
    assert_eq!(reasons(&read), [(3, "公民身份号码", reason)]);
}

#[test]
fn what_a_spreadsheet_made_of_a_cell_is_refused_with_the_reason() {
    let read = roster(
        ",公民身份号码,户号",
        "示例小区,1,1,3月1日,人一,户主,男,1960-05-01,,\n\
         示例小区,1,1,101,人二,户主,男,1960.1,,\n\
         示例小区,1,1,101,人三,户主,男,22037,,\n\
         示例小区,1,1,101,人四,户主,男,1960.10,,\n\
         示例小区,1,1,101,人五,户主,男,,2.20899E+17,\n\
         示例小区,1,1,101,人六,户主,男,1960-05-01,,2.20802E+14\n\
         示例小区,1,1,101,人七,户主,男,,220899199012310000,\n\
         示例小区,1,1,#SPILL!,人八,户主,男,1960-05-01,,\n",
    );
    let expected = [
        (2, "房号", Reason::Value(BecameDay)),
        (3, "出生日期", Reason::MonthUnclear),
        (4, "出生日期", Reason::Value(DayAsNumber)),
        (6, "公民身份号码", Reason::Value(IdentityRounded)),
        (7, "户号", Reason::Value(Rounded)),
        (8, "公民身份号码", Reason::Value(IdentityRounded)),
        (9, "房号", Reason::Value(FormulaError)),
    ];
    assert_eq!(reasons(&read), expected);
    assert_eq!(said(&read, &person::BIRTH), ["1960-10"]);
}

#[test]
fn rows_that_are_no_records_are_passed_over_and_told() {
    let read = roster(
        "",
        "1,2,3,4,5,6,7,8\n\
         示例小区,1,1,101,甲一,户主,男,1960-05-01\n\
         小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期\n\
         示例小区,1,1,102,乙二,户主,男,1960-05-01\n\
         合计,,,,2,,,\n\
         注：以上信息由社区核实,,,,,,,\n\
         填表人：丙三,,,,审核人：丁四,,,\n\
         示例小区,1,1,103,,户主,男,1960-05-01\n",
    );
    assert_eq!(names(&read), ["甲一", "乙二"]);
    assert_eq!(
        reasons(&read),
        [(9, "姓名", Reason::Value(Missing))],
        "a person without a name is none"
    );
    let notes = read.notes.join("\n");
    for told in ["第 6、7、8 行，共 3 行", "第 4 行，共 1 行", "第 2 行，共 1 行"]
    {
        assert!(notes.contains(told), "{told} in {notes}");
    }
    assert!(!notes.contains("丙三"), "no person in a message");
}

#[test]
fn all_missing_columns_are_named_with_what_was_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    std::fs::write(&path, "姓名,户主姓名,性别,住址\n乙一,乙一,男,示例小区2号楼\n").expect("writes");
    let told = open(&path, &now()).expect_err("refused").to_string();
    for word in ["“小区”、“楼栋”、“房号”、“与户主关系”", "姓名、户主姓名、性别、住址"]
    {
        assert!(told.contains(word), "{word} in {told}");
    }
}

#[test]
fn no_person_stands_in_a_note_about_headings() {
    let line = "示例小区,1,1,101,甲一,户主,男,1960-05-01,";
    let read = roster(",甲一的电话是10012345678不要外传", line);
    let notes = read.notes.join("\n");
    assert!(notes.contains("未识别的列") && !notes.contains("10012345678"), "{notes}");
    let read = roster(",民族", "");
    let notes = read.notes.join("\n");
    assert!(notes.contains("民族") && notes.contains("表头下没有数据行"), "{notes}");
}

#[test]
fn a_row_of_persons_is_not_taken_for_headings_in_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    std::fs::write(&path, "示例小区,1,1,101,甲一,其他,男,1960-05-01\n").expect("writes");
    let told = open(&path, &now()).expect_err("refused").to_string();
    assert!(told.contains("“姓名”") && !told.contains("甲一"), "{told}");
}

#[test]
fn content_below_no_heading_is_told() {
    let read = roster(",序号,", "示例小区,1,1,101,甲一,户主,男,1960-05-01,1,残疾\n");
    assert_eq!(read.rows.len(), 1);
    assert!(read.notes[0].contains("没有表头的列") && read.notes[0].contains("第 2 行"));
    assert_eq!(read.notes.len(), 1, "what only counts the rows is not worth a note");
}

#[test]
fn encodings_without_a_mark_and_with_broken_bytes() {
    let lines = format!("{HEADINGS}\n示例小区,1,1,101,甲一,户主,男,1960-05-01\n");
    let little: Vec<u8> = lines.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = lines.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (gb, ..) = encoding_rs::GB18030.encode(&lines);
    for bytes in [little, big, gb.into_owned(), lines.clone().into_bytes()] {
        assert_eq!(names(&import("居民名册.csv", bytes)), ["甲一"]);
    }
    let mut cut = lines.into_bytes();
    cut.extend_from_slice("示例小区,1,1,102,乙".as_bytes());
    cut.pop();
    let read = import("居民名册.csv", cut);
    assert_eq!(names(&read), ["甲一"], "a file cut off within a character is still UTF-8");
    assert_eq!(reasons(&read), [(3, "姓名", Reason::Value(Character))]);
}

#[test]
fn a_title_above_does_not_hide_the_delimiter() {
    for delimiter in ["\t", ";"] {
        let lines = "示例小区,1,1,101,甲一,户主,男,1960-05-01\n";
        let text = format!("某社区居民名册\n{HEADINGS}\n{lines}").replace(',', delimiter);
        assert_eq!(names(&import("居民名册.csv", text)), ["甲一"]);
    }
}

#[test]
fn files_that_are_not_what_they_claim() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.xlsx");
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 504]].concat();
    let page = b"<html><table><tr><td>\xe5\xb0\x8f</td></tr></table></html>".to_vec();
    for (bytes, word) in [(old, "password"), (page, "web page"), (Vec::new(), "empty")] {
        std::fs::write(&path, bytes).expect("writes");
        let error = open(&path, &now()).expect_err("refused");
        assert!(matches!(error, OpenSheetError::OtherContent { .. }), "{error}");
        assert!(error.said().en.contains(word), "{error}");
    }
    // Systems call their exports .xls, and write text.
    let line = "示例小区,1,1,101,甲一,户主,男,1960-05-01\n";
    let read = import("居民名册.xls", format!("{HEADINGS}\n{line}").replace(',', "\t"));
    assert_eq!(names(&read), ["甲一"]);
}
