//! What an office keeps in workbooks goes in and comes out again, whole.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use node_api::{
    Choice, Contested, DocumentContents, Edit, Entered, Imported, Inspect, Link, Shown,
};
use tests_cluster::{Node, binary, gongzhi, path, wait};

/// What an office keeps, in the order in which one thing names another.
const SHEETS: [&str; 7] =
    ["空间台账", "组织架构", "居民名册", "五长岗位", "志愿者", "巡查计划", "巡查记录"];

/// Where estates lie.
const ESTATES: &str = "220800:151:one";

/// A unit that decided to keep the numbers of identity cards: its sheets name each human, and a
/// node that knows nobody tells namesakes apart by them.
fn keeps_numbers(node: &Node) -> Result<()> {
    node.found()?;
    node.order::<Entered>(&["edit", "policy", "topic=保存证件号码", "chosen=是"]).map(drop)
}

fn import(node: &Node, file: &Path) -> Result<Imported> {
    node.order(&["import", "--synthetic", path(file)?])
}

/// The lines of an exported sheet, sorted: order is not part of it.
fn export(node: &Node, sheet: &str, file: &Path) -> Result<Vec<String>> {
    gongzhi(&["export", "--data", path(&node.dir)?, sheet, "--out", path(file)?])?;
    let text = std::fs::read_to_string(file)?;
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    lines.sort();
    Ok(lines)
}

#[test]
fn every_sheet_goes_in_and_comes_out_whole_and_twice_changes_nothing() -> Result<()> {
    let root = tempfile::tempdir()?;
    let city = root.path().join("city");
    let dataset = binary()?.with_file_name("gongzhi-dataset");
    let made = Command::new(dataset).arg(&city).arg("--demo").output()?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let district = std::fs::read_dir(&city)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|entry| entry.is_dir())
        .context("a district")?;
    let community = std::fs::read_dir(district)?.next().context("a community")??.path();
    let first = Node::create(root.path(), "first")?;
    keeps_numbers(&first)?;
    let files = std::fs::read_dir(community)?.map(|entry| Ok(entry?.path()));
    let files = files.collect::<Result<Vec<_>>>()?;
    let of = |sheet: &str, file: &Path| file.to_string_lossy().contains(sheet);
    let sorted = SHEETS.iter().flat_map(|sheet| files.iter().filter(|file| of(sheet, file)));
    let sorted: Vec<_> = sorted.collect();
    assert_eq!(sorted.len(), files.len(), "every workbook is of a sheet: {files:?}");
    let mut rows = 0;
    for file in &sorted {
        let answer = import(&first, file)?;
        rows += answer.rows;
        assert_eq!(answer.counts.refused, 0, "{answer:?}");
    }
    for file in &sorted {
        let again = import(&first, file)?;
        assert_eq!(again.counts.unchanged, again.rows, "{again:?}");
    }
    let second = Node::create(root.path(), "second")?;
    keeps_numbers(&second)?;
    let mut exported = 0;
    for sheet in SHEETS {
        let file = root.path().join(format!("{sheet}.csv"));
        let lines = export(&first, sheet, &file)?;
        exported += lines.len() as u64 - 1;
        assert!(lines.len() > 1, "{sheet} is empty");
        import(&second, &file)?;
        let copy = root.path().join(format!("{sheet}-copy.csv"));
        assert_eq!(export(&second, sheet, &copy)?, lines, "{sheet}");
    }
    assert_eq!(exported, rows, "every row imported is exported");
    Ok(())
}

#[test]
fn of_two_answers_that_nodes_gave_apart_either_can_be_chosen() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut first = Node::create(root.path(), "first")?;
    first.found()?;
    let mut second = Node::create(root.path(), "second")?;
    first.admit(&second)?;
    second.link(&first);
    first.start()?;
    second.start()?;
    let estate = |node: &Node, name: &str, households: &str| -> Result<Entered> {
        let fields = [("name", name), ("households", households)];
        let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
        node.ask(Edit { kind: "estate".into(), record: None, fields, synthetic: false })
    };
    let inspect = |node: &Node| node.ask(Inspect { document: ESTATES.into() });
    let holds = |node: &Node, count: usize| {
        let history = inspect(node)?.history.len();
        ensure!(history == count, "{history} of {count}");
        Ok(())
    };
    // Cut off from each other, one counts forty households and the other fifty.
    let link = |block: bool| second.ask(Link { peer: "all".into(), block });
    link(true)?;
    for name in ["东苑", "西苑"] {
        estate(&first, name, "40")?;
        estate(&second, name, "50")?;
    }
    link(false)?;
    wait("both hold all", || holds(&first, 4).and_then(|()| holds(&second, 4)))?;
    // Both nodes list what is to be chosen, each value with who wrote it.
    for node in [&first, &second] {
        let contested = node.ask(Contested {})?;
        ensure!(contested.count == 2 && contested.records.len() == 2, "{contested:?}");
        for record in &contested.records {
            let [field] = &record.fields[..] else { bail!("{record:?}") };
            ensure!(field.field.name == "households", "{record:?}");
            let said = |choice: &Choice| Some((choice.value.clone(), choice.by.clone()?.0));
            let said: Vec<_> = field.values.iter().filter_map(said).collect();
            ensure!(said.len() == 2 && said[0].1 != said[1].1, "two nodes");
            for households in ["40", "50"] {
                ensure!(said.iter().any(|(value, _)| *value == Shown::Text(households.into())));
            }
        }
    }
    // One of the two is the one that is preferred as it is: said again, it settles it too.
    estate(&first, "东苑", "40")?;
    estate(&first, "西苑", "50")?;
    wait("both hold the choices", || holds(&first, 6).and_then(|()| holds(&second, 6)))?;
    let state = |inspected: DocumentContents| inspected.contents;
    let settled = state(inspect(&first)?);
    assert_eq!(settled, state(inspect(&second)?));
    let alike = |values: &[_]| values.windows(2).all(|pair| pair[0] == pair[1]);
    assert!(settled.fields().all(|(_, values)| alike(values)), "{settled:?}");
    for node in [&first, &second] {
        ensure!(node.ask(Contested {})?.count == 0, "all is settled");
    }
    Ok(())
}
