//! An import is found again at every node of the unit, and taken back at each of them.

use std::collections::BTreeMap;

use node_records::{HeadingMeant, KeptWhy};
use proptest::prelude::*;
use schema_documents::kinds::person::Person;
use schema_documents::{Declared as _, Row, kinds};

use crate::laws::{sheets, table};
use crate::net::{Net, Node};
use crate::sheets::{cells, rows};

const HEADINGS: &str = "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期,联系电话";

fn residents(table: &str) -> Vec<Row> {
    rows("居民名册", &format!("{HEADINGS}\n{table}"))
}

/// Everything that records say, but for imports themselves.
fn said(node: &mut Node) -> BTreeMap<String, String> {
    let kinds = kinds::ALL.iter().filter(|kind| !kind.name.starts_with("import"));
    node.step(|records| {
        let mut said = BTreeMap::new();
        for kind in kinds {
            let listed = records.list(kind, None, 10_000).expect("listed");
            assert!(listed.unreadable.is_empty());
            for own in listed.records {
                for (field, values) in own.plain.fields.iter() {
                    let texts: Vec<String> = values
                        .iter()
                        .filter_map(|stated| match stated {
                            node_records::Stated::Text(text) => Some(text.clone()),
                            _ => None,
                        })
                        .collect();
                    if !texts.is_empty() {
                        let key = format!("{}/{}/{field}", kind.name, own.plain.name);
                        said.insert(key, texts.join("|"));
                    }
                }
            }
        }
        said
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What an import changed is as it was, whatever it was and in whatever portions it came; but
    /// what happened stands.
    #[test]
    fn taken_back_at_once_everything_is_as_it_was(
        which in prop::collection::vec(prop::sample::select(sheets()), 2),
        before in prop::collection::vec(any::<u16>(), 0..20),
        numbers in prop::collection::vec(any::<u16>(), 1..40),
        portion in 1..20usize,
    ) {
        let mut net = Net::new(1);
        let node = &mut net.nodes[0];
        node.import_file("a.xlsx", &table(which[0], &before), portion);
        node.later();
        let was = said(node);
        let name = which[1];
        let Some(import) = node.import_file("b.xlsx", &table(name, &numbers), portion) else {
            prop_assert_eq!(said(node), was, "no record of an import that changed nothing");
            return Ok(());
        };
        let undoing = node.undo(&import);
        let stands = undoing.kept.iter().any(|kept| kept.why == KeptWhy::Happened);
        prop_assert_eq!(stands, name == "巡查记录", "{:?}", undoing.kept.len());
        if !stands {
            let kept: Vec<_> = undoing.kept.iter().map(|own| (own.kind.name, &own.why)).collect();
            prop_assert!(kept.is_empty(), "{:?}", kept);
            prop_assert_eq!(said(node), was);
            // The same rows come in as if they had never been there.
            let again = node.import_file("b.xlsx", &table(name, &numbers), portion);
            prop_assert!(again.is_some());
        }
    }
}

#[test]
fn what_was_written_since_stays_and_is_told() {
    let mut net = Net::new(2);
    let node = &mut net.nodes[0];
    node.import_file(
        "a.xlsx",
        &residents("示例小区,1,1,101,甲一,户主,男,1960-05-01,10012345678"),
        5,
    );
    let table = "示例小区,1,1,101,甲一,户主,男,1960-05-01,10087654321\n\
                 示例小区,1,1,102,乙二,户主,女,1962-05-01,\n\
                 示例小区,1,1,103,丙三,户主,女,1964-05-01,";
    let import = node.import_file("b.xlsx", &residents(table), 2).expect("something changed");
    let persons = node.step(|records| {
        let listed = records.list(&Person::KIND, None, 10).expect("listed").records;
        let named = |name: &str| {
            let is = |own: &&node_records::Listed| {
                own.plain.values("name") == [node_records::Stated::Text(name.into())]
            };
            listed.iter().find(is).expect("a person").plain.name.clone()
        };
        [named("甲一"), named("乙二"), named("丙三")]
    });
    // Somebody writes of the second person, and gives the third a post.
    let given = [("phone", "10011112222")];
    node.step(|records| records.enter(&Person::KIND, Some(&persons[1]), &given)).expect("entered");
    let given = [("role", "单元长"), ("area", "一单元"), ("holder", persons[2].as_str())];
    let chief = crate::kind("chief");
    node.step(|records| records.enter(chief, None, &given)).expect("entered");
    // It is taken back at the other node, which finds it by its file.
    net.heal(0, 1);
    let other = &mut net.nodes[1];
    let found = other.step(|records| records.imports()).expect("read");
    let found = found.iter().find(|own| own.file.as_deref() == Some("b.xlsx")).expect("found");
    assert_eq!(found.name, import);
    assert_eq!((found.tally.rows, found.tally.added, found.tally.updated), (3, 2, 1));
    assert!(found.complete && found.undone.is_none());
    let undoing = other.undo(&import);
    let why = |person: &str| {
        undoing.kept.iter().find(|kept| kept.record == person).map(|kept| kept.why.clone())
    };
    assert_eq!(why(&persons[0]), None);
    assert_eq!(why(&persons[1]), Some(KeptWhy::Changed(vec!["phone".into()])));
    assert_eq!(why(&persons[2]), Some(KeptWhy::Referred));
    assert!(undoing.restored >= 1);
    let exported = other.export("居民名册");
    assert_eq!(cells(&exported, "姓名"), ["甲一", "乙二", "丙三"], "who stays lives where he did");
    let phones = cells(&exported, "联系电话");
    assert!(phones.contains(&"10012345678".to_owned()), "said again: {phones:?}");
    assert!(other.step(|records| records.imported(&import)).expect("there").undone.is_some());
    net.heal(0, 1);
    assert_eq!(net.nodes[0].export("居民名册"), exported);
}

/// Who lives where is sealed, and refers all the same.
#[test]
fn a_dwelling_in_which_somebody_lives_by_now_stays() {
    let mut net = Net::new(1);
    let node = &mut net.nodes[0];
    let first = residents("示例小区,1,1,101,甲一,户主,男,1960-05-01,");
    let import = node.import_file("a.xlsx", &first, 5).expect("something changed");
    node.later();
    node.import_file("b.xlsx", &residents("示例小区,1,1,101,乙二,配偶,女,1962-05-01,"), 5);
    node.undo(&import);
    let exported = node.export("居民名册");
    assert_eq!(cells(&exported, "姓名"), ["乙二"]);
    assert_eq!(cells(&exported, "房号"), ["101"]);
}

/// The record of an import is written by nodes, and may say anything.
#[test]
fn a_record_that_names_what_is_no_envelope_takes_nothing_back() {
    let mut net = Net::new(1);
    let node = &mut net.nodes[0];
    let import = node
        .import_file("a.xlsx", &residents("示例小区,1,1,101,甲一,户主,男,1960-05-01,"), 5)
        .expect("something changed");
    let wrong = ["zz", "00", &"0".repeat(64), &"é".repeat(63)];
    for text in wrong {
        let given = [("import", import.as_str()), ("envelopes", text)];
        let kind = crate::kind("import-portion");
        node.step(|records| records.enter(kind, None, &given)).expect("entered");
    }
    assert!(node.undo(&import).removed > 0);
    assert!(node.export("居民名册").is_empty());
    node.step(|records| records.undo_import("01ARZ3NDEKTSV4RRFFQ69G5FAV")).expect_err("none");
}

#[test]
fn a_heading_is_remembered_at_every_node_and_its_meaning_can_change() {
    let mut net = Net::new(2);
    let meant = |column: &str| HeadingMeant {
        sheet: "居民名册".into(),
        written: "住户".into(),
        column: column.into(),
    };
    for column in ["备注", "姓名"] {
        net.nodes[0].step(|records| records.remember_heading(&meant(column))).expect("kept");
    }
    net.heal(0, 1);
    for node in &mut net.nodes {
        assert_eq!(node.step(|records| records.headings()).expect("read"), [meant("姓名")]);
    }
}
