//! Field cases: what users of such programs met, row by row.

use node_records::{Decision, Departure, Question, Verdict};
use schema_documents::{Day, PersonId, Row};

use crate::net::{Net, Node};
use crate::sheets::{cells, counts, rows};

fn residents(table: &str) -> Vec<Row> {
    rows("居民名册", table)
}

fn alone() -> (Net, usize) {
    (Net::new(1), 0)
}

fn persons(node: &mut Node) -> usize {
    node.export("居民名册").len()
}

const PLAIN: &str = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期";
const NUMBERED: &str = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期,公民身份号码";

#[test]
fn one_number_under_two_names_is_held_back() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table = residents(&format!(
        "{NUMBERED}\n同号小区,1,1,101,甲甲,户主,女,,22089919650505034X\n\
         同号小区,1,1,102,乙乙,户主,女,,22089919650505034X"
    ));
    let first = node.import(&table);
    assert_eq!(counts(&first), [1, 0, 0, 0, 1]);
    assert!(matches!(first[1].verdict, Verdict::Asks(Question::OtherName, _)));
    assert_eq!(counts(&node.import(&table)), [0, 0, 1, 0, 1]);
    assert_eq!(cells(&node.export("居民名册"), "姓名"), ["甲甲"]);
    // Somebody decides that she changed her name.
    let Verdict::Asks(_, persons) = &first[1].verdict else { panic!("asked") };
    let person = *persons.first().expect("one");
    let decided = node.import_deciding(&table[1..], Decision::Same(person));
    assert_eq!(counts(&decided), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&node.import(&table[1..])), [0, 0, 1, 0, 0]);
}

#[test]
fn two_of_one_name_in_one_household_stay_two() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table = residents(&format!(
        "{PLAIN}\n同名小区,1,1,101,王芳,户主,女,1960-05-01\n\
         同名小区,1,1,101,王芳,女儿,女,1990-05-01"
    ));
    assert_eq!(counts(&node.import(&table)), [2, 0, 0, 0, 0]);
    assert_eq!(counts(&node.import(&table)), [0, 0, 2, 0, 0]);
    assert_eq!(persons(node), 2);
}

#[test]
fn two_of_one_name_in_one_household_without_births_are_a_question() {
    let headings = "小区,楼栋,单元,房号,姓名,与户主关系,性别";
    let place = "同名小区,1,1,101,王芳";
    for other in ["女儿,女", "户主,男"] {
        let (mut net, at) = alone();
        let node = &mut net.nodes[at];
        let table = residents(&format!("{headings}\n{place},户主,女\n{place},{other}"));
        for expected in [[1, 0, 0, 0, 1], [0, 0, 1, 0, 1]] {
            let outcomes = node.import(&table);
            assert_eq!(counts(&outcomes), expected);
            assert!(matches!(outcomes[1].verdict, Verdict::Asks(Question::Namesake, _)));
        }
        assert_eq!(cells(&node.export("居民名册"), "与户主关系"), ["户主"]);
    }
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let twice = residents(&format!("{headings}\n{place},户主,女\n{place},户主,女"));
    assert_eq!(counts(&node.import(&twice)), [1, 0, 1, 0, 0], "the same said twice");
    let later = residents(&format!("{headings}\n{place},女儿,女"));
    assert_eq!(counts(&node.import(&later)), [0, 1, 0, 0, 0], "corrected in another sheet");
}

#[test]
fn what_programs_write_differently_is_one_person() {
    for [before, after] in [["陈\u{E863}", "陈䶮"], ["买买提·艾力", "买买提•艾力"]]
    {
        let (mut net, at) = alone();
        let node = &mut net.nodes[at];
        let table =
            |name: &str| residents(&format!("{PLAIN}\n示例小区,1,1,101,{name},户主,男,1960-05-01"));
        node.import(&table(before));
        assert_eq!(counts(&node.import(&table(after))), [0, 0, 1, 0, 0]);
        assert_eq!(persons(node), 1);
    }
}

#[test]
fn what_says_that_there_is_no_number_refuses_nobody() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let none = ["无", "n/a", "0", "000000000000000000", "无身份证", "220899800101001"];
    let lines: Vec<String> = (none.iter().enumerate())
        .map(|(n, none)| format!("示例小区,1,1,40{n},人{n},户主,男,1960-05-01,{none}"))
        .collect();
    let table = residents(&format!("{NUMBERED}\n{}", lines.join("\n")));
    let outcomes = node.import(&table);
    assert_eq!(counts(&outcomes), [6, 0, 0, 0, 0]);
    let noted: Vec<usize> = outcomes.iter().map(|outcome| outcome.notes.len()).collect();
    assert_eq!(noted, [0, 0, 0, 0, 0, 1], "an old number is told");
    assert_eq!(persons(node), 6);
}

#[test]
fn other_documents_and_several_telephones_come_in() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table = residents(&format!(
        "{NUMBERED},联系电话\n示例小区,1,1,101,安娜,户主,男,1980-01-01,922999198001010012,\n\
         示例小区,1,1,102,甲一,户主,男,1960-05-01,,10012345678/10087654321\n\
         示例小区,1,1,103,乙二,户主,男,1960-05-01,,10012345678转801"
    ));
    assert_eq!(counts(&node.import(&table)), [3, 0, 0, 0, 0]);
    assert_eq!(counts(&node.import(&table)), [0, 0, 3, 0, 0]);
}

#[test]
fn a_registration_stays_with_its_person() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let headings = "姓名,公民身份号码,注册编号,注册日期";
    let table = |lines: &str| rows("志愿者", &format!("{headings}\n{lines}"));
    let renamed = table("甲一,,V001,2023-05-01\n乙二,,V001,2023-05-01");
    assert_eq!(counts(&node.import(&renamed)), [1, 0, 0, 0, 1], "may be a new name: asked");
    let (one, two) = ("丙三,22089919800101001X", "丙三,220899195510071239");
    let known = format!("{one},V002,2023-05-01\n{two},V003,2023-05-01\n{two},V002,2023-05-01");
    assert_eq!(counts(&node.import(&table(&known))), [2, 0, 0, 1, 0], "somebody else: refused");
    assert_eq!(cells(&node.export("志愿者"), "姓名"), ["丙三", "丙三", "甲一"]);
}

#[test]
fn a_corrected_number_is_a_question_and_one_person() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table =
        |number: &str| residents(&format!("{NUMBERED}\n示例小区,1,1,101,甲一,户主,男,,{number}"));
    let (wrong, right) = (table("22089919800101001X"), table("220899195510071239"));
    node.import(&wrong);
    let asked = node.import(&right);
    let Verdict::Asks(Question::OtherNumber, persons) = &asked[0].verdict else {
        panic!("{:?}", asked[0])
    };
    assert_eq!(cells(&node.export("居民名册"), "出生日期"), ["1980-01-01"]);
    let person = *persons.first().expect("one");
    assert_eq!(counts(&node.import_deciding(&right, Decision::Same(person))), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&node.import(&right)), [0, 0, 1, 0, 0]);
    assert_eq!(cells(&node.export("居民名册"), "出生日期"), ["1955-10-07"]);
}

#[test]
fn who_died_or_left_leaves_the_count_and_is_not_brought_back_by_an_old_sheet() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table = residents(&format!(
        "{PLAIN}\n示例小区,1,1,101,乙一,户主,男,1950-05-01\n\
         示例小区,1,1,101,乙二,配偶,女,1952-05-01"
    ));
    node.import(&table);
    let second = node.step(|records| records.find_persons("乙二", 9))[0];
    let day = Day::new(2026, 11, 3).expect("a day");
    node.step(|records| records.depart(second, Departure::Died, day, "")).expect("noted");
    assert_eq!(cells(&node.export("居民名册"), "姓名"), ["乙一"]);
    let again = node.import(&table);
    assert_eq!(counts(&again), [0, 0, 1, 0, 1]);
    assert!(matches!(again[1].verdict, Verdict::Asks(Question::Left, _)));
    assert_eq!(persons(node), 1);
}

#[test]
fn a_family_in_another_building_moved() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table = |building: &str| {
        residents(&format!(
            "{PLAIN}\n示例小区,{building},1,101,乙一,户主,男,1950-05-01\n\
             示例小区,{building},1,101,乙二,配偶,女,1952-05-01"
        ))
    };
    assert_eq!(counts(&node.import(&table("1"))), [2, 0, 0, 0, 0]);
    assert_eq!(counts(&node.import(&table("2"))), [0, 2, 0, 0, 0]);
    assert_eq!(counts(&node.import(&table("2"))), [0, 0, 2, 0, 0]);
    assert_eq!(cells(&node.export("居民名册"), "楼栋"), ["2", "2"]);
    assert_eq!(cells(&node.export("居民名册"), "与户主关系"), ["户主", "配偶"]);
    let households = node.step(|records| {
        let kind = crate::kind("residence");
        let listed = records.list(kind, None, 100).expect("listed");
        let lasting = listed.records.into_iter().filter(|own| own.plain.values("to").is_empty());
        let household = |own: node_records::Listed| own.plain.values("household").to_vec();
        lasting.map(household).collect::<std::collections::BTreeSet<_>>().len()
    });
    assert_eq!(households, 1);
}

#[test]
fn two_of_one_name_and_birth_in_one_sheet_are_two_and_told() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let table = residents(&format!(
        "{PLAIN}\n示例小区,1,1,101,王芳,户主,女,1960-05-01\n\
         示例小区,2,1,202,王芳,户主,女,1960-05-01"
    ));
    let outcomes = node.import(&table);
    assert_eq!(counts(&outcomes), [2, 0, 0, 0, 0]);
    assert_eq!(outcomes[1].possibly.len(), 1);
    assert_eq!(counts(&node.import(&table)), [0, 0, 2, 0, 0]);
    let pairs = node.step(|records| records.possible_duplicates());
    let (one, other) = *pairs.keys().next().expect("a pair");
    // Somebody decides that they are one, and takes it back.
    node.step(|records| records.merge(other, one, "同一人")).expect("merged");
    assert!(node.step(|records| records.possible_duplicates()).is_empty());
    assert_eq!(node.step(|records| records.resolve(other)), one);
    assert!(node.step(|records| records.merge(one, other, "")).is_err());
    node.step(|records| records.separate(other)).expect("separated");
    assert_eq!(node.step(|records| records.possible_duplicates()).len(), 1);
    assert_eq!(persons(node), 2);
}

#[test]
fn every_way_in_has_the_same_checks() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let mut enter = |kind: &str, record: Option<&str>, given: &[(&str, &str)]| {
        let kind = crate::kind(kind);
        node.step(|records| records.enter(kind, record, given))
    };
    let named = enter("person", None, &[("name", "甲一")]).expect("entered");
    let person = Some(named.record.as_str());
    for wrong in [("number", "123"), ("phone", "abc"), ("birth", "明天"), ("birth", "2027-01-01")]
    {
        assert!(enter("person", person, &[wrong]).is_err(), "{wrong:?}");
    }
    assert!(
        enter("chief", None, &[("role", "楼长"), ("area", "1"), ("to", "2026-02-31")]).is_err()
    );
    let slot = [("day", "2026-11-28"), ("half", "上午"), ("area", "一网格")];
    let slot = enter("slot", None, &slot).expect("entered").record;
    let walker = PersonId::parse(&named.record).expect("a person").to_string();
    let mut run = |started: &str| {
        let given = [("started", started), ("ended", "09:30"), ("walkers", walker.as_str())];
        let kind = crate::kind("slot");
        node.step(|records| records.happen(kind, &slot, "record", None, &given))
    };
    assert!(run("25:99").is_err());
    assert!(run("09:00").is_ok());
}
