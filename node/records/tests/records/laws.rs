//! What must hold whatever is imported, in whatever order, at however many nodes.

use std::collections::{BTreeMap, BTreeSet};

use node_records::{Contested, Listed, Records, Stated};
use node_replication::store::Table;
use proptest::prelude::*;
use schema_documents::{Column, Kind, PersonId, Row, Spec, Type, kinds};

use crate::net::{Net, Step, reader};
use crate::samples::{given, sample, texts};
use crate::sheets::{cells, counts, rows, sheet};

/// Every sheet that is declared.
pub(crate) fn sheets() -> Vec<&'static str> {
    kinds::sheets().map(|(_, sheet)| sheet.name).collect()
}

/// The line of a sheet of which nothing is said here: what its columns could say.
fn any_line(name: &str, person: &str, n: u16) -> String {
    let cell = |column: &Column| match column.field.holds.inner() {
        Type::Person => person.to_owned(),
        _ => sample(&column.field, n),
    };
    let cells: Vec<String> = sheet(name).columns.iter().map(cell).collect();
    cells.join(",")
}

/// The columns that say which record a row of such a sheet means.
fn naming_columns(name: &str) -> Vec<usize> {
    let (kind, sheet) = kinds::sheets().find(|(_, own)| own.name == name).expect("a sheet");
    let names = |column: &Column| {
        let parts = kind.naming.parts().iter().chain(sheet.found_by);
        column.kind == kind.name && parts.into_iter().any(|part| *part == column.field.name)
    };
    (0..sheet.columns.len()).filter(|at| names(&sheet.columns[*at])).collect()
}

/// Drawn numbers become lines of a sheet: few names, so that namesakes are common.
fn line(name: &str, n: u16) -> String {
    let pick = |from: &[&str], by: u16| from[usize::from(by) % from.len()].to_owned();
    let person = pick(&["王芳", "李强", "买买提·艾力", "张伟", "刘洋", "陈静"], n);
    let number = pick(
        &[
            "",
            "",
            "22089919800101001X",
            "220899199012310020",
            "220899195510071239",
            "922999198001010012",
        ],
        n / 7,
    );
    let area = pick(&["一网格", "二网格", "三号楼"], n / 3);
    let half = pick(&["上午", "下午"], n / 2);
    let day = 1 + n / 11 % 9;
    match name {
        "组织架构" => {
            let level = pick(&["社区党委", "网格党支部", "楼栋党小组"], n);
            let above = pick(&["", "A1"], n / 2);
            let founded = pick(&["", "2019-07-01"], n / 5);
            format!("{level},A{},第{n}支部,{above},{founded},正常", n % 20)
        }
        "空间台账" => {
            let grid = pick(&["220802001001001", "220802001001002"], n / 2);
            format!("{grid},{}小区,{},{},{},", n % 3, n % 13, 1 + n % 6, n % 30)
        }
        "居民名册" => {
            let sex = match number.as_str() {
                "" => pick(&["男", "女"], n / 5),
                "22089919800101001X" | "922999198001010012" => "男".to_owned(),
                "220899195510071239" => "男".to_owned(),
                _ => "女".to_owned(),
            };
            let birth = match number.is_empty() {
                true => pick(&["", "1960-05-01", "1990-05-01", "1960", "1975-03"], n / 3),
                false => String::new(),
            };
            let relation = pick(&["户主", "配偶", "子"], n / 2);
            let household = pick(&["", "H1", "H2"], n / 13);
            let phone = pick(&["", "10012345678"], n / 4);
            format!(
                "{}小区,{},{},{},{household},,{person},{relation},{sex},{birth},{number},{phone},,",
                n % 2,
                n % 3,
                1 + n % 2,
                101 + n % 4
            )
        }
        "五长岗位" => {
            let role = pick(&["网格长", "楼栋长", "单元长"], n / 2);
            let member = pick(&["", "是", "否"], n / 5);
            let who = pick(&["", &person], n / 4 + 1);
            let number = if who.is_empty() { String::new() } else { number };
            format!("{role},{area},{who},{number},{member},2024-03-01,")
        }
        "巡查计划" => format!("2026-11-{day:02},{half},{area},{person}"),
        "巡查记录" => {
            let found = pick(&["", "楼道堆物", "路灯不亮"], n / 5);
            format!("2026-11-{day:02},{half},{area},09:0{},09:30,{person},{found}", n % 4)
        }
        // A registration stays with its person, which `cases` attacks: here each has its own.
        "志愿者" => format!("{person},{number},V{n:05},2023-05-0{},在册,", 1 + n % 9),
        _ => any_line(name, &person, n),
    }
}

pub(crate) fn table(name: &str, numbers: &[u16]) -> Vec<Row> {
    let headings: Vec<&str> = sheet(name).columns.iter().map(|own| own.field.words.zh).collect();
    let lines: Vec<String> = numbers.iter().map(|n| line(name, *n)).collect();
    rows(name, &format!("{}\n{}", headings.join(","), lines.join("\n")))
}

/// All that a reader may ask for.
fn known(records: &mut Records<'_, Step<'_>>) -> Vec<String> {
    let mut known = Vec::new();
    for kind in kinds::ALL {
        let all = records.list(kind, None, usize::MAX).expect("listed");
        let (mut paged, mut more) = (Vec::new(), true);
        while more {
            let after = paged.last().map(|own: &Listed| own.plain.name.clone());
            let page = records.list(kind, after.as_deref(), 3).expect("listed");
            paged.extend(page.records);
            more = page.more;
        }
        assert!(paged == all.records, "pages are the whole");
        let texts = |own: &Listed| {
            let stated = |stated: &Stated| match stated {
                Stated::Text(text) => text.clone(),
                other => format!("{other:?}"),
            };
            let field = |(name, values): (&str, &[Stated])| {
                format!("{name}={}", values.iter().map(stated).collect::<Vec<_>>().join("|"))
            };
            let fields: Vec<String> = own.plain.fields.iter().map(field).collect();
            format!("{} {} {fields:?} {:?}", own.document, own.plain.name, own.contested)
        };
        known.extend(all.records.iter().map(texts));
        known.push(format!("{:?}", all.unreadable));
    }
    let (count, contested) = records.contested(usize::MAX).expect("found");
    let name = |own: &Contested| format!("{} {}", own.kind.name, own.record);
    known.extend(contested.iter().map(name));
    known.push(format!("{count} {:?}", records.possible_duplicates()));
    known.push(format!("{:?}", records.movements().expect("counted")));
    known.push(format!("{:?}", records.find_persons("", usize::MAX)));
    known
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What goes in comes out, and what comes out changes nothing when it goes in again.
    #[test]
    fn a_sheet_goes_in_comes_out_and_changes_nothing_again(
        name in prop::sample::select(sheets()), numbers in prop::collection::vec(any::<u16>(), 1..40),
    ) {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        let table = table(name, &numbers);
        let first = node.import(&table);
        prop_assert!(counts(&first)[0] > 0);
        prop_assert_eq!(counts(&first)[3], 0, "{:?}", first);
        let exported = node.export(name);
        prop_assert!(!exported.is_empty());
        let envelopes = node.envelopes;
        let again = node.import(&exported);
        prop_assert_eq!(counts(&again)[..2].to_vec(), vec![0, 0], "{:?}", again);
        prop_assert_eq!(node.envelopes, envelopes, "nothing was written");
        prop_assert_eq!(node.export(name), exported);
    }

    /// Whoever only reads keeps what he knows current by what changed, and knows what he would know
    /// had he read all of it anew.
    #[test]
    fn what_a_reader_keeps_equals_a_rebuild(
        steps in prop::collection::vec(
            (0..2_usize, prop::sample::select(sheets()), prop::collection::vec(any::<u16>(), 1..12), any::<bool>()),
            1..7,
        ),
    ) {
        let mut net = Net::new(2);
        let mut readers = [reader(), reader()];
        for (at, which, numbers, heals) in steps {
            net.nodes[at].import(&table(which, &numbers));
            net.nodes[at].later();
            if heals {
                net.heal(0, 1);
            }
            for (node, kept) in net.nodes.iter_mut().zip(&mut readers) {
                let kept = node.read(kept, known);
                prop_assert_eq!(kept, node.read(&mut reader(), known));
            }
        }
    }

    /// Importing the same rows again changes nothing, once every row was taken: rows that say
    /// different things of one record say it again.
    #[test]
    fn the_same_rows_again_change_nothing(
        name in prop::sample::select(sheets()), numbers in prop::collection::btree_set(any::<u16>(), 1..40),
    ) {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        // One row for each record: two that contradict each other would settle nothing.
        let names: Vec<usize> = match name {
            "居民名册" => vec![6],
            "巡查记录" => vec![0, 1, 2, 3, 5],
            "志愿者" => vec![0],
            _ => naming_columns(name),
        };
        let named = |n: u16| {
            let line = line(name, n);
            let cells: Vec<&str> = line.split(',').collect();
            names.iter().map(|at| cells[*at].to_owned()).collect::<Vec<_>>()
        };
        let mut seen = BTreeSet::new();
        let numbers: Vec<u16> = numbers.into_iter().filter(|n| seen.insert(named(*n))).collect();
        let table = table(name, &numbers);
        let first = counts(&node.import(&table));
        let envelopes = node.envelopes;
        let again = node.import(&table);
        prop_assert_eq!(counts(&again)[2], first[0] + first[1] + first[2], "{:?}", again);
        prop_assert_eq!(node.envelopes, envelopes);
    }

    /// Two nodes that are cut import halves of a roster; healed, both show the same persons, and
    /// the whole roster says nothing new.
    #[test]
    fn halves_imported_apart_are_the_roster(
        order in Just((0..30u16).collect::<Vec<_>>()).prop_shuffle(), at in 0..30usize,
    ) {
        let mut net = Net::new(2);
        let headings = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期";
        let line = |n: &u16| format!(
            "示例小区,{},1,{},人{n},户主,男,19{}-05-01", n % 3, 101 + n % 5, 50 + n
        );
        let all = |numbers: &[u16]| {
            let lines: Vec<String> = numbers.iter().map(line).collect();
            rows("居民名册", &format!("{headings}\n{}", lines.join("\n")))
        };
        let (one, other) = order.split_at(at);
        if !one.is_empty() {
            prop_assert_eq!(counts(&net.nodes[0].import(&all(one)))[0], one.len());
        }
        if !other.is_empty() {
            prop_assert_eq!(counts(&net.nodes[1].import(&all(other)))[0], other.len());
        }
        net.heal(0, 1);
        let shown = [0, 1].map(|at| net.nodes[at].export("居民名册"));
        prop_assert_eq!(&shown[0], &shown[1]);
        prop_assert_eq!(shown[0].len(), 30);
        for node in &mut net.nodes {
            let again = node.import(&all(&order));
            prop_assert_eq!(counts(&again), [0, 0, 30, 0, 0], "{:?}", again);
        }
        // A kind of which the rows are in another order says the same.
        let sorted: BTreeSet<String> = cells(&shown[0], "姓名").into_iter().collect();
        prop_assert_eq!(sorted.len(), 30);
    }

    /// Whatever the order of the rows, the same persons are there.
    #[test]
    fn the_order_of_rows_makes_no_other_persons(
        order in Just((0..12u16).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let headings = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期,公民身份号码";
        let numbers = ["22089919800101001X", "220899199012310020", "220899195510071239"];
        let line = |n: &u16| {
            let number = numbers.get(usize::from(*n)).copied().unwrap_or_default();
            let birth = if number.is_empty() { format!("19{}-05-01", 60 + n) } else { String::new() };
            let sex = if *n == 1 { "女" } else { "男" };
            format!("示例小区,{},1,101,王芳,户主,{sex},{birth},{number}", n % 4)
        };
        let lines: Vec<String> = order.iter().map(line).collect();
        let table = rows("居民名册", &format!("{headings}\n{}", lines.join("\n")));
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        prop_assert_eq!(counts(&node.import(&table)), [12, 0, 0, 0, 0]);
        prop_assert_eq!(counts(&node.import(&table)), [0, 0, 12, 0, 0]);
        prop_assert_eq!(node.export("居民名册").len(), 12);
    }
}

/// Two nodes that never met have a pepper each: the number finds the persons of both.
#[test]
fn a_number_is_found_under_every_pepper() {
    let mut net = Net::new(2);
    let table = |name: &str, number: &str, room: u16| {
        rows(
            "居民名册",
            &format!(
                "小区,楼栋,单元,房号,姓名,与户主关系,性别,公民身份号码\n\
                 示例小区,1,1,{room},{name},户主,男,{number}"
            ),
        )
    };
    net.nodes[0].import(&table("甲一", "22089919800101001X", 101));
    net.nodes[1].import(&table("乙二", "220899195510071239", 102));
    net.heal(0, 1);
    for node in &mut net.nodes {
        let moved =
            [table("甲一", "22089919800101001X", 201), table("乙二", "220899195510071239", 202)]
                .concat();
        let outcomes = node.import(&moved);
        assert_eq!(counts(&outcomes)[0], 0, "{outcomes:?}");
    }
    net.heal(0, 1);
    assert_eq!(net.nodes[0].export("居民名册"), net.nodes[1].export("居民名册"));
    assert_eq!(cells(&net.nodes[0].export("居民名册"), "姓名"), ["甲一", "乙二"]);
}

/// One human whom two cut nodes entered is two ids, which are listed; nobody makes them one.
#[test]
fn one_human_entered_apart_is_listed_and_decided() {
    let mut net = Net::new(2);
    let table = rows(
        "居民名册",
        "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期\n示例小区,1,1,101,甲一,户主,男,1960-05-01",
    );
    net.nodes.iter_mut().for_each(|node| drop(node.import(&table)));
    net.heal(0, 1);
    let pairs = net.nodes[0].step(|records| records.possible_duplicates());
    assert_eq!(pairs.len(), 1);
    assert_eq!(net.nodes[0].export("居民名册").len(), 2);
    let (one, other) = *pairs.keys().next().expect("a pair");
    net.nodes[0].step(|records| records.merge(other, one, "同一人")).expect("merged");
    net.heal(0, 1);
    for node in &mut net.nodes {
        assert_eq!(node.export("居民名册").len(), 1);
        assert_eq!(counts(&node.import(&table)), [0, 0, 1, 0, 0]);
    }
}

/// Of every kind, what is declared to be sealed: nothing of it lies in the clear.
#[test]
fn nothing_that_is_declared_sealed_stands_in_the_clear() {
    let mut searched = BTreeSet::new();
    for kind in kinds::ALL {
        let mut net = Net::new(2);
        let node = &mut net.nodes[0];
        let fields = given(kind, kind.fields);
        let entered = node.step(|records| records.enter(kind, None, &texts(&fields)));
        let entered = entered.expect(kind.name);
        let record = entered.record;
        let events = kind.lives.iter().flat_map(|life| life.events);
        for event in events.filter(|event| event.body.iter().any(|spec| spec.holds.is_sealed())) {
            let body = given(kind, event.body);
            let body = texts(&body);
            let made = node.step(|records| records.happen(kind, &record, event.name, None, &body));
            made.expect(event.name);
        }
        let shown = node.step(|records| records.show(kind, &record)).expect("there");
        assert!(!node.tables_with(&record).is_empty(), "the search finds bytes");
        let mut secrets = BTreeSet::new();
        let mut keep = |spec: &Spec, stated: &[Stated]| {
            for stated in stated {
                let Stated::Text(text) = stated else { panic!("{} {}", kind.name, spec.name) };
                // One character or two stand somewhere by chance.
                secrets.extend(Some(text.clone()).filter(|text| text.len() > 2));
                searched.insert((kind.name, spec.name));
            }
        };
        for spec in kind.fields.iter().filter(|spec| spec.holds.is_sealed()) {
            let name =
                if spec.holds.is_list() { format!("{}.0", spec.name) } else { spec.name.into() };
            keep(spec, shown.listed.plain.values(&name));
        }
        for happened in &shown.happened {
            let (_, event) = kind.event(&happened.event.kind).expect("an event");
            for (field, stated) in &happened.says {
                let spec = event.field(field).filter(|spec| spec.holds.is_sealed());
                spec.into_iter().for_each(|spec| keep(spec, std::slice::from_ref(stated)));
            }
        }
        net.heal(0, 1);
        for node in &net.nodes {
            for text in &secrets {
                assert_eq!(node.tables_with(text), Vec::<Table>::new(), "{}: {text}", kind.name);
            }
        }
    }
    let bodies = |kind: &&'static Kind| kind.lives.iter().flat_map(|life| life.events);
    let declared = kinds::ALL.iter().flat_map(|kind| {
        let specs = kind.fields.iter().chain(bodies(kind).flat_map(|event| event.body));
        specs.filter(|spec| spec.holds.is_sealed()).map(|spec| (kind.name, spec.name))
    });
    // No unit here keeps numbers: of one, the digest is kept.
    let not_kept = ("person", "number");
    let declared: BTreeSet<_> = declared.filter(|own| *own != not_kept).collect();
    assert_eq!(searched, declared, "each was entered and read again");
}

#[test]
fn nothing_personal_stands_in_the_clear_but_in_sealed_tables() {
    let mut net = Net::new(2);
    let table = rows(
        "居民名册",
        "小区,楼栋,单元,房号,户号,户籍号,姓名,与户主关系,性别,公民身份号码,联系电话,备注\n\
         示例小区,1,1,101,H-7788,R-8877,欧阳某某,户主之母,男,22089919800101001X,10012345678,独居老人",
    );
    net.nodes[0].import(&table);
    let table =
        rows("志愿者", "姓名,注册编号,注册日期,所属队伍\n欧阳某某,V-778899,2023-05-01,夕阳红队");
    net.nodes[0].import(&table);
    let runs = "日期,时段,区域,开始时间,结束时间,巡查人,发现问题\n\
                2026-11-02,上午,一网格,09:00,09:30,司马某,楼道堆物太多";
    net.nodes[0].import(&rows("巡查记录", runs));
    net.heal(0, 1);
    let person = net.nodes[0].step(|records| records.find_persons("欧阳某某", 1))[0];
    assert!(!net.nodes[0].tables_with(&person.to_string()).is_empty(), "the search finds bytes");
    let all = [
        "欧阳某某",
        "H-7788",
        "R-8877",
        "户主之母",
        "22089919800101001X",
        "10012345678",
        "独居老人",
        "V-778899",
        "夕阳红队",
        "司马某",
        "楼道堆物太多",
        "1980-01-01",
    ];
    for node in &net.nodes {
        for text in all {
            let tables = node.tables_with(text);
            // Not even there: what replicates is sealed under keys.
            assert_eq!(tables, Vec::<Table>::new(), "{text}");
        }
    }
}

#[test]
fn nothing_readable_is_left_of_who_was_erased() {
    const DAY: u64 = 86_400_000;
    let mut net = Net::new(2);
    let table = rows(
        "居民名册",
        "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期\n\
         示例小区,1,1,101,甲一,户主,男,1960-05-01\n示例小区,1,1,101,乙二,配偶,女,1962-05-01",
    );
    net.nodes[0].import(&table);
    net.heal(0, 1);
    let person = net.nodes[1].step(|records| records.find_persons("甲一", 1))[0];
    net.nodes[1].step(|records| records.erase(person)).expect("erased");
    net.heal(0, 1);
    net.wait(DAY);
    net.wait(8 * DAY);
    let text = person.to_string();
    for node in &mut net.nodes {
        let keys = node.tables_with_bytes(&person.0);
        assert!(!keys.contains(&Table::Keyring), "{keys:?}");
        assert!(node.step(|records| records.find_persons("甲一", 1)).is_empty());
        let shown = node.step(|records| records.show(crate::kind("person"), &text)).expect("there");
        let stated = shown.listed.plain.values("name");
        assert_eq!(stated, [Stated::Closed]);
        assert_eq!(cells(&node.export("居民名册"), "姓名"), ["乙二"]);
        let edit = [("note", "再写")];
        let again = node.step(|records| records.enter(crate::kind("person"), Some(&text), &edit));
        assert!(again.is_err());
    }
}

#[test]
fn after_a_node_lost_the_band_new_texts_lie_under_new_keys() {
    let mut net = Net::new(1);
    let node = &mut net.nodes[0];
    let kind = crate::kind("person");
    let person = node.step(|records| records.enter(kind, None, &[("name", "甲一")]));
    let person = person.expect("entered").record;
    let write = |node: &mut crate::net::Node, note: &str| {
        let before = node.envelopes;
        let entered = node.step(|records| records.enter(kind, Some(&person), &[("note", note)]));
        assert!(entered.expect("entered").changed);
        node.envelopes - before
    };
    assert_eq!(write(node, "一"), 1, "one envelope, and no key");
    node.lose_band();
    assert_eq!(write(node, "二"), 2, "a key and a text");
    assert_eq!(write(node, "三"), 1);
    let shown = node.step(|records| records.show(kind, &person)).expect("shown");
    let text = |text: &str| vec![Stated::Text(text.to_owned())];
    assert_eq!(shown.listed.plain.values("name"), text("甲一"), "old texts open");
    assert_eq!(shown.listed.plain.values("note"), text("三"));
    let again = node.step(|records| records.enter(kind, Some(&person), &[("note", "三")]));
    assert!(!again.expect("entered").changed, "put anew only if the text changed");
}

#[test]
fn numbers_are_stored_only_where_the_policy_says_so() {
    let table = rows(
        "居民名册",
        "小区,楼栋,单元,房号,姓名,与户主关系,性别,公民身份号码\n\
         示例小区,1,1,101,甲一,户主,男,22089919800101001X",
    );
    for (chosen, stored) in [("否", ""), ("是", "22089919800101001X")] {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        let policy = [("topic", "保存证件号码"), ("chosen", chosen)];
        node.step(|records| records.enter(crate::kind("policy"), None, &policy)).expect("decided");
        node.import(&table);
        assert_eq!(cells(&node.export("居民名册"), "公民身份号码"), [stored]);
        assert_eq!(counts(&node.import(&table)), [0, 0, 1, 0, 0]);
    }
}

/// Both values are shown with who put them and when; a sheet settles nothing, an entry does.
#[test]
fn what_two_nodes_say_differently_is_shown_until_somebody_chooses() {
    let mut net = Net::new(2);
    let kind = crate::kind("person");
    let person = net.nodes[0].step(|records| records.enter(kind, None, &[("name", "甲一")]));
    let person = person.expect("entered").record;
    net.heal(0, 1);
    for (at, phone) in [(0, "10011111111"), (1, "10022222222")] {
        let given = [("phone", phone)];
        net.nodes[at].step(|records| records.enter(kind, Some(&person), &given)).expect("entered");
    }
    net.heal(0, 1);
    for node in &mut net.nodes {
        let shown = node.step(|records| records.show(kind, &person)).expect("shown");
        assert_eq!(shown.listed.contested, ["phone"]);
        let put_by = &shown.put_by["phone"];
        let nodes: BTreeSet<_> = put_by.iter().flatten().map(|own| own.node).collect();
        assert_eq!((put_by.len(), nodes.len()), (2, 2));
    }
    // Both write the same apart: nothing is to be chosen.
    let given = [("phone", "10022222222")];
    for node in &mut net.nodes {
        node.step(|records| records.enter(kind, Some(&person), &given)).expect("chosen");
    }
    net.heal(0, 1);
    let listed = net.nodes[1].step(|records| records.list(kind, None, 9)).expect("listed");
    assert_eq!(listed.records[0].contested, Vec::<String>::new());
}

#[test]
fn a_slot_is_planned_walked_and_folded() {
    let mut net = Net::new(2);
    let plan = rows("巡查计划", "日期,时段,区域,计划巡查人\n2026-11-27,上午,一网格,甲一、乙二");
    net.nodes[0].import(&plan);
    net.heal(0, 1);
    let kind = crate::kind("slot");
    let listed = net.nodes[1].step(|records| records.list(kind, None, 9)).expect("listed");
    let slot = listed.records[0].plain.name.clone();
    let walker = net.nodes[1].step(|records| records.find_persons("甲一", 1))[0].to_string();
    let begun = net.nodes[1].step(|records| {
        let given = [("started", "09:00"), ("walkers", walker.as_str())];
        records.happen(kind, &slot, "start", None, &given)
    });
    let begun = begun.expect("started");
    net.nodes[1]
        .step(|records| records.happen(kind, &slot, "finish", Some(begun), &[("ended", "09:40")]))
        .expect("finished");
    let note = [("text", "楼道堆物"), ("severity", "一般")];
    net.nodes[1]
        .step(|records| records.happen(kind, &slot, "note", Some(begun), &note))
        .expect("noted");
    net.heal(0, 1);
    for node in &mut net.nodes {
        let shown = node.step(|records| records.show(kind, &slot)).expect("shown");
        assert_eq!(shown.happened.len(), 3);
        assert!(
            shown.fold.told().iter().all(|told| told.verdict.applies() && told.missing.is_empty())
        );
        let found = shown.happened.iter().find(|own| own.event.kind == "note").expect("noted");
        let text = Stated::Text("楼道堆物".to_owned());
        assert!(found.says.contains(&("text".to_owned(), text)));
        assert_eq!(cells(&node.export("巡查记录"), "发现问题"), ["楼道堆物"]);
        assert_eq!(cells(&node.export("巡查计划"), "计划巡查人"), ["甲一、乙二"]);
    }
    // The same run out of a sheet is the same run, at the other node too.
    let runs = net.nodes[0].export("巡查记录");
    assert_eq!(counts(&net.nodes[0].import(&runs)), [0, 0, 1, 0, 0]);
    // Finished twice: the second is shown with its reason.
    net.nodes[0]
        .step(|records| records.happen(kind, &slot, "finish", Some(begun), &[("ended", "10:00")]))
        .expect("written");
    let shown = net.nodes[0].step(|records| records.show(kind, &slot)).expect("shown");
    assert_eq!(shown.fold.told().iter().filter(|told| !told.verdict.applies()).count(), 1);
}

/// Told, not asserted.
#[test]
fn eight_thousand_persons_come_in() {
    let headings = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期,联系电话";
    let line = |n: u32| {
        let (building, room) = (n / 160, 101 + n / 3 % 54);
        let (birth, phone) = (1930 + n % 90, 10_000_000_000u64 + u64::from(n));
        format!("示例小区,{building},1,{room},人{n},户主,男,{birth}-05-01,{phone}")
    };
    let lines: Vec<String> = (0..8_000).map(line).collect();
    let table = rows("居民名册", &format!("{headings}\n{}", lines.join("\n")));
    let mut net = Net::new(1);
    let node = &mut net.nodes[0];
    let decided = BTreeMap::new();
    let time = |node: &mut crate::net::Node, portion: usize| {
        let mut import = node_records::Import::default();
        let (began, before) = (std::time::Instant::now(), node.envelopes);
        let mut found = [0; 5];
        for rows in table.chunks(portion) {
            let outcomes = node.step(|records| records.import(&mut import, rows, &decided));
            let own = counts(&outcomes.expect("taken"));
            (0..5).for_each(|at| found[at] += own[at]);
        }
        let seconds = began.elapsed().as_secs_f64();
        let envelopes = node.envelopes - before;
        println!("{found:?}: {:.0} rows/s, {envelopes} envelopes", 8_000.0 / seconds);
        found
    };
    assert_eq!(time(node, 4_000), [8_000, 0, 0, 0, 0]);
    assert_eq!(time(node, 4_000), [0, 0, 8_000, 0, 0]);
    let began = std::time::Instant::now();
    assert_eq!(node.export("居民名册").len(), 8_000);
    println!("export: {:.2} s", began.elapsed().as_secs_f64());
    node.memory = Default::default();
    let began = std::time::Instant::now();
    node.step(|_| ());
    println!("index anew: {:.2} s", began.elapsed().as_secs_f64());
    let person = node.step(|records| records.find_persons("人7", 1))[0].to_string();
    let began = std::time::Instant::now();
    let given = [("note", "一")];
    node.step(|records| records.enter(crate::kind("person"), Some(&person), &given)).expect("in");
    println!("one entry: {:.2} ms", began.elapsed().as_secs_f64() * 1e3);
    assert!(PersonId::parse(&person).is_some());
}
