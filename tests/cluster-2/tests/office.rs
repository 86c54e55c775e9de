//! What an office keeps in workbooks goes in and comes out again, whole.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use node_api::{DocumentContents, Enter, Entered, Entry, Half, Imported, Inspect, Link, Register};
use tests_cluster::{Node, binary, gongzhi, path, wait};

fn import(node: &Node, file: &Path) -> Result<Imported> {
    node.order(&["import", "--synthetic", path(file)?])
}

/// The lines of an exported register, sorted: order is not part of it.
fn export(node: &Node, kind: &str, file: &Path) -> Result<Vec<String>> {
    let out = path(file)?;
    gongzhi(&["export", "--data", path(&node.dir)?, "--kind", kind, "--out", out])?;
    let text = std::fs::read_to_string(file)?;
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    lines.sort();
    Ok(lines)
}

#[test]
fn every_register_goes_in_and_comes_out_whole_and_twice_changes_nothing() -> Result<()> {
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
    first.found()?;
    let mut files: Vec<_> =
        std::fs::read_dir(community)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    let mut rows = 0;
    for file in &files {
        let answer = import(&first, file)?;
        rows += answer.rows;
        assert_eq!(answer.counts.added, answer.rows, "{answer:?}");
    }
    for file in &files {
        let again = import(&first, file)?;
        assert_eq!(again.counts.unchanged, again.rows, "{again:?}");
    }
    let second = Node::create(root.path(), "second")?;
    second.found()?;
    let mut exported = 0;
    for kind in Register::ALL.map(Register::name) {
        let file = root.path().join(format!("{kind}.csv"));
        let lines = export(&first, kind, &file)?;
        exported += lines.len() as u64 - 1;
        if lines.len() > 1 {
            import(&second, &file)?;
        }
        let copy = root.path().join(format!("{kind}-copy.csv"));
        assert_eq!(export(&second, kind, &copy)?, lines, "{kind}");
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
    first.admit(&second, "220800")?;
    second.link(&first);
    first.start()?;
    second.start()?;
    let duty = |node: &Node, area: &str, on: bool| -> Result<Entered> {
        let (date, half, area) = ("2026-11-02".into(), Half::Morning, area.into());
        node.ask(Enter { entry: Entry::Rota { date, half, area, who: "张三".into(), on } })
    };
    let inspect = |node: &Node| node.ask(Inspect { document: "220800:duty:2026-11".into() });
    let holds = |node: &Node, count: usize| {
        let history = inspect(node)?.history.len();
        ensure!(history == count, "{history} of {count}");
        Ok(())
    };
    // Cut off from each other, one says yes and the other no.
    let link = |block: bool| second.ask(Link { peer: "all".into(), block });
    link(true)?;
    for area in ["一网格", "二网格"] {
        duty(&first, area, true)?;
        duty(&second, area, false)?;
    }
    link(false)?;
    wait("both hold all", || holds(&first, 4).and_then(|()| holds(&second, 4)))?;
    // One of the two is the one that is preferred as it is: said again, it settles it too.
    duty(&first, "一网格", true)?;
    duty(&first, "二网格", false)?;
    wait("both hold the choices", || holds(&first, 6).and_then(|()| holds(&second, 6)))?;
    let state = |inspected: DocumentContents| inspected.contents;
    assert_eq!(state(inspect(&first)?), state(inspect(&second)?));
    Ok(())
}
