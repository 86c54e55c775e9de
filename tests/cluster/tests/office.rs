//! What an office keeps in workbooks goes in and comes out again, whole.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use node_api::{
    Choice, Contested, DocumentContents, Edit, Entered, Exported, ImportUndone, Imported,
    ImportsShown, Inspect, Link, RecordsShown, Shown,
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

/// The code with which a command fails.
fn code(node: &Node, command: &[&str]) -> Result<String> {
    let arguments = [command, &["--data", path(&node.dir)?, "--json"]].concat();
    let output = Command::new(binary()?).args(&arguments).output()?;
    ensure!(!output.status.success(), "{arguments:?} was done");
    // The log stands before it.
    let text = String::from_utf8(output.stderr)?;
    let told: serde_json::Value = serde_json::from_str(text.lines().last().unwrap_or_default())?;
    Ok(told["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn an_import_is_previewed_found_again_and_taken_back() -> Result<()> {
    let root = tempfile::tempdir()?;
    let node = Node::create(root.path(), "first")?;
    node.found()?;
    let file = root.path().join("居民名册一.csv");
    let line = |room: u16, name: &str| format!("园,1,1,{room},{name},户主,男,19{room}-05-01\r\n");
    let heading = "小区,楼栋,单元,房号,住户,与户主关系,性别,出生日期\r\n";
    std::fs::write(&file, [heading, &line(51, "甲一"), &line(52, "乙二")].concat())?;
    let (file, column) = (path(&file)?, ["--column", "住户=姓名"]);
    // What a heading means is said once, and a dry run remembers nothing.
    ensure!(code(&node, &["import", file])? == "workbook");
    let dry: Imported = node.order(&["import", file, column[0], column[1], "--dry-run"])?;
    ensure!(dry.dry_run && dry.counts.added == 2 && dry.import.is_none(), "{dry:?}");
    ensure!(code(&node, &["import", file])? == "workbook");
    ensure!(code(&node, &["import", file, "--column", "住户=无此列"])? == "workbook");
    ensure!(
        code(&node, &["import", file, column[0], column[1], "--column", "性别=姓名"])?
            == "heading-known"
    );
    ensure!(
        code(&node, &["import", file, column[0], column[1], "--column", "无=姓名"])?
            == "heading-unused"
    );
    let first: Imported = node.order(&["import", file, column[0], column[1]])?;
    let told = |text: &str| first.notes.iter().any(|note| note.zh.contains(text));
    ensure!(told("住户") && told("不是社区"), "{:?}", first.notes);
    let import = first.import.clone().context("an import that changed something has a name")?;
    let again: Imported = node.order(&["import", file])?;
    ensure!(again.counts.unchanged == 2 && again.import.is_none(), "{again:?}");
    // It is found by its file.
    let list = |sought: &str| node.order::<ImportsShown>(&["imports", "list", "--file", sought]);
    let found = list("名册一")?.imports;
    ensure!(found.len() == 1 && found[0].import == import && found[0].complete, "{found:?}");
    ensure!(found[0].rows == 2 && found[0].added == 2 && found[0].sheets == ["居民名册"]);
    ensure!(list("别的")?.imports.is_empty());
    // What was written since is said first, and stays.
    let persons: RecordsShown = node.order(&["records", "person"])?;
    let person = &persons.records[0].record;
    node.order::<Entered>(&["edit", "person", "--record", person, "phone=13800000000"])?;
    let undo = ["imports", "undo", &import];
    let preview: ImportUndone = node.order(&undo)?;
    ensure!(!preview.done && preview.keeps.iter().any(|kept| kept.record == *person));
    ensure!(node.order::<RecordsShown>(&["records", "person"])?.records.len() == 2);
    let done: ImportUndone = node.order(&[&undo[..], &["--yes"]].concat())?;
    ensure!(done.done && (done.removed, done.kept) == (preview.removed, preview.kept), "{done:?}");
    let left: RecordsShown = node.order(&["records", "person"])?;
    ensure!(left.records.len() == 1 && left.records[0].record == *person);
    ensure!(code(&node, &undo)? == "import-undone");
    ensure!(code(&node, &["imports", "undo", "01ARZ3NDEKTSV4RRFFQ69G5FAV"])? == "unknown-import");
    // A file that is there is replaced where somebody says so; what is not in it is said.
    let out = root.path().join("出.csv");
    let export = ["export", "居民名册", "--out", path(&out)?];
    let exported: Exported = node.order(&export)?;
    ensure!(exported.notes.iter().any(|note| note.zh.contains("公民身份号码")), "{exported:?}");
    std::fs::write(&out, "别的")?;
    ensure!(code(&node, &export)? == "file-kept" && std::fs::read_to_string(&out)? == "别的");
    node.order::<Exported>(&[&export[..], &["--force", "--history"]].concat())?;
    let text = std::fs::read_to_string(&out)?;
    let cells: Vec<&str> = text.lines().nth(1).context("a row")?.split(',').collect();
    ensure!(text.contains("录入时间,变更时间,录入人"), "{text}");
    ensure!(node.key.starts_with(cells[cells.len() - 1]) && !cells[cells.len() - 1].is_empty());
    Ok(())
}
