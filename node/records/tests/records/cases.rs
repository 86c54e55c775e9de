//! Field cases: what users of such programs met, row by row.

use node_records::{Arrival, Decision, Departure, Failure, Place, Question, Verdict};
use schema_documents::kinds::person::Person;
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::kinds::slot::Slot;
use schema_documents::{Day, Declared as _, PersonId, Row};

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
fn nobody_walks_a_slot_of_a_day_to_come() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    let heading = "日期,时段,区域,开始时间,结束时间,巡查人";
    let run =
        |day: &str| rows("巡查记录", &format!("{heading}\n{day},上午,一网格,08:00,08:40,张三"));
    let outcomes = node.import(&run("2027-01-01"));
    assert_eq!(counts(&outcomes), [0, 0, 0, 1, 0]);
    assert!(node.export("巡查记录").is_empty() && node.export("巡查计划").is_empty());
    let plan = "日期,时段,区域,计划巡查人\n2027-01-01,上午,一网格,张三";
    node.import(&rows("巡查计划", plan));
    let slots = node.step(|records| records.list(&Slot::KIND, None, 9)).expect("listed").records;
    let slot = &slots[0].plain.name;
    let walker = node.step(|records| records.find_persons("张三", 9))[0].to_string();
    let given = [("started", "08:00"), ("walkers", walker.as_str())];
    let began = node.step(|records| records.happen(&Slot::KIND, slot, "start", None, &given));
    assert!(matches!(began, Err(Failure::Refused(_))));
    // It may be let go before its day.
    let who = [("person", walker.as_str())];
    let let_go = node.step(|records| records.happen(&Slot::KIND, slot, "release", None, &who));
    let_go.expect("entered");
}

#[test]
fn the_table_of_movements_closes_with_who_is_here() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    node.import(&residents(&format!(
        "{PLAIN}\n示例小区,1,1,101,乙一,户主,男,1950-05-01\n\
         示例小区,1,1,101,乙二,配偶,女,1952-05-01"
    )));
    let named = |node: &mut Node, name: &str| node.step(|records| records.find_persons(name, 9))[0];
    let table = |node: &mut Node| {
        let shown = node.step(|records| records.movements()).expect("read");
        let last = shown.months.last_key_value().map(|(_, line)| *line).expect("a month");
        (last, shown.here)
    };
    let (line, here) = table(node);
    assert_eq!((line.entered, line.closing, here), (2, 2, 2));
    // Of whom nobody said how she came, she stands beside the table.
    node.step(|records| records.enter(&Person::KIND, None, &[("name", "乙三")])).expect("entered");
    let (line, here) = table(node);
    assert_eq!((line.closing, here), (2, 3));
    // Of one month, movements are ordered by when they were noted.
    node.later();
    let (child, day) = (named(node, "乙三"), Day::new(2026, 11, 3).expect("a day"));
    node.step(|records| records.arrive(child, Arrival::Born, day, "", None)).expect("noted");
    let (line, here) = table(node);
    assert_eq!((line.born, line.closing, here), (1, 3, 3));
    let second = named(node, "乙二");
    node.later();
    node.step(|records| records.depart(second, Departure::Left, day, "")).expect("noted");
    let (line, here) = table(node);
    assert_eq!((line.left, line.closing, here), (1, 2, 2));
    // She comes back, and lives here again.
    let twice = node.step(|records| records.depart(second, Departure::Died, day, ""));
    assert!(matches!(twice, Err(Failure::NotHere)));
    let place = Place { estate: "示例小区", building: "2", entrance: "1", room: "202" };
    let arrive = |node: &mut Node, place: Option<&Place<'_>>| {
        node.step(|records| records.arrive(second, Arrival::Arrived, day, "", place))
    };
    node.later();
    assert!(arrive(node, Some(&place)).expect("noted"), "she lives somewhere");
    assert!(matches!(arrive(node, None), Err(Failure::HereAlready)));
    let (line, here) = table(node);
    assert_eq!((line.arrived, line.closing, here), (1, 3, 3));
    assert!(cells(&node.export("居民名册"), "姓名").contains(&"乙二".to_owned()));
    // The child lives nowhere yet, and is not in the roster until somebody says where.
    let rows = node.export("居民名册").len();
    node.step(|records| records.move_into(&[child], &place, day)).expect("moved");
    assert_eq!(node.export("居民名册").len(), rows + 1);
    node.later();
    node.step(|records| records.depart(second, Departure::Died, day, "")).expect("noted");
    assert!(matches!(arrive(node, None), Err(Failure::Died)));
    // Who is erased stays in the table, under a random id.
    node.step(|records| records.erase(child)).expect("erased");
    let shown = node.step(|records| records.movements()).expect("read");
    let closing = shown.months.last_key_value().map(|(_, line)| line.closing);
    assert_eq!((closing, shown.here, shown.erased), (Some(2), 1, 1));
}

#[test]
fn a_family_moves_in_one_step_and_who_goes_alone_is_another_household() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    node.import(&residents(&format!(
        "{PLAIN}\n示例小区,1,1,101,乙一,户主,男,1950-05-01\n\
         示例小区,1,1,101,乙二,配偶,女,1952-05-01\n\
         示例小区,2,1,202,丙一,户主,男,1960-05-01"
    )));
    let day = Day::new(2026, 11, 3).expect("a day");
    let named = |node: &mut Node, name: &str| node.step(|records| records.find_persons(name, 9))[0];
    let lives = |node: &mut Node| {
        let rows = node.export("居民名册");
        let of = |heading| cells(&rows, heading);
        let (buildings, rooms) = (of("楼栋"), of("房号"));
        let places = buildings.iter().zip(&rooms).map(|(one, two)| format!("{one}-{two}"));
        of("姓名").into_iter().zip(places).collect::<std::collections::BTreeMap<_, _>>()
    };
    let households = |node: &mut Node| {
        let residences = node.step(|records| records.list(&Residence::KIND, None, 99));
        let residences = residences.expect("listed").records;
        let lasting = residences.iter().filter(|own| own.plain.text(&residence::TO).is_none());
        let of = lasting.map(|own| own.plain.text(&residence::HOUSEHOLD).map(str::to_owned));
        of.collect::<std::collections::BTreeSet<_>>().len()
    };
    let [first, second] = ["乙一", "乙二"].map(|name| named(node, name));
    let place = Place { estate: "示例小区", building: "3", entrance: "1", room: "303" };
    node.step(|records| records.move_into(&[first, second], &place, day)).expect("moved");
    assert_eq!((lives(node)["乙一"].as_str(), lives(node)["乙二"].as_str()), ("3-303", "3-303"));
    assert_eq!(households(node), 2);
    // She goes alone, where nobody lives; then to where somebody does.
    let place = Place { room: "304", ..place };
    node.step(|records| records.move_into(&[second], &place, day)).expect("moved");
    assert_eq!((lives(node)["乙一"].as_str(), lives(node)["乙二"].as_str()), ("3-303", "3-304"));
    assert_eq!(households(node), 3);
    let place = Place { building: "2", room: "202", ..place };
    node.step(|records| records.move_into(&[second, first], &place, day)).expect("moved");
    assert_eq!(lives(node)["乙二"], "2-202");
    assert_eq!((households(node), persons(node)), (3, 3));
    let nobody = PersonId([9; 16]);
    node.step(|records| records.move_into(&[nobody], &place, day)).expect_err("no such person");
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
    // A name and a birth are two humans' at times: somebody must say that it is he.
    let asked = node.import(&table("2"));
    assert_eq!(counts(&asked), [0, 0, 0, 0, 2]);
    assert!(matches!(asked[0].verdict, Verdict::Asks(Question::Elsewhere, _)), "{asked:?}");
    let moved = node.import_moving(&table("2"));
    assert_eq!(counts(&moved), [0, 2, 0, 0, 0]);
    assert!(moved.iter().all(|own| own.moved && !own.notes.is_empty()), "and is told");
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
fn a_sheet_is_exported_in_the_order_in_which_an_office_walks() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    node.import(&residents(&format!(
        "{PLAIN}\n示例小区,10,1,101,丁,户主,男,1960-05-01\n示例小区,2,1,1001,丙,户主,男,1961-05-01\n\
         示例小区,2,1,201,甲,配偶,女,1962-05-01\n示例小区,2,1,201,乙,户主,男,1963-05-01"
    )));
    assert_eq!(cells(&node.export("居民名册"), "姓名"), ["乙", "甲", "丙", "丁"]);
}

/// A sheet of posts, patrols or volunteers that gives a name alone means nobody for certain.
#[test]
fn somebody_begun_by_a_name_alone_beside_others_of_it_is_told() {
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    node.import(&residents(&format!("{PLAIN}\n示例小区,1,1,101,王芳,户主,女,1960-05-01")));
    for (sheet, table) in [
        ("五长岗位", "岗位,区域,姓名\n楼栋长,一号楼,王芳"),
        ("志愿者", "姓名,注册编号,注册日期\n王芳,V1,2024-01-01"),
    ] {
        let outcomes = node.import(&rows(sheet, table));
        assert!(!outcomes[0].possibly.is_empty(), "{sheet}: {outcomes:?}");
        assert!(!outcomes[0].notes.is_empty());
    }
    let (mut net, at) = alone();
    let node = &mut net.nodes[at];
    node.import(&residents(&format!("{PLAIN}\n示例小区,1,1,101,王芳,户主,女,1960-05-01")));
    let runs = rows(
        "巡查记录",
        "日期,时段,区域,开始时间,结束时间,巡查人\n2026-11-02,上午,一网格,08:00,08:30,王芳",
    );
    assert_eq!(node.import(&runs)[0].possibly.len(), 1);
    assert_eq!(node.import(&runs)[0].possibly.len(), 0, "the second time he is the one on duty");
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
    // Nothing is said of an id that stands for nobody any more.
    let given_up = other.to_string();
    let said = node
        .step(|records| records.enter(&Person::KIND, Some(&given_up), &[("phone", "13800000000")]));
    assert!(matches!(said, Err(Failure::GivenUp(into)) if into == one));
    let day = Day::new(2026, 11, 3).expect("a day");
    let left = node.step(|records| records.depart(other, Departure::Left, day, ""));
    assert!(matches!(left, Err(Failure::GivenUp(_))));
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
