//! The documents say what is there: what they name exists, and each promise has a test that
//! attacks it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use tests_cluster::gongzhi;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every document of the project, with where it lies.
fn documents() -> Result<Vec<(PathBuf, String)>> {
    let (mut found, mut open) = (Vec::new(), vec![root()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a name")?;
            if path.is_dir() {
                let is_ours = !name.starts_with('.') && name != "target";
                open.extend(is_ours.then_some(path));
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path)?;
                found.push((path, text));
            }
        }
    }
    ensure!(found.len() > 30, "the documents are found");
    Ok(found)
}

/// The texts between two marks.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

#[test]
fn what_a_document_links_to_is_there() -> Result<()> {
    let mut missing = Vec::new();
    for (path, text) in documents()? {
        let folder = path.parent().context("a document lies in a folder")?;
        for link in between(&text, "](", ")") {
            let file = link.split('#').next().unwrap_or_default();
            let is_local = !file.is_empty() && !file.contains("://") && !file.contains(' ');
            if is_local && !folder.join(file).exists() {
                missing.push(format!("{}: {link}", path.display()));
            }
        }
    }
    ensure!(missing.is_empty(), "{missing:#?}");
    Ok(())
}

/// A text in backquotes that names a file of the project, seen from its root.
fn is_path(text: &str) -> bool {
    let begins = ["node/", "schema/", "ops/", "tests/"].iter().any(|top| text.starts_with(top));
    begins && !text.contains([' ', '*', ',', '{', '<'])
}

/// What was decided names files as they were then; the present ones name what is there.
#[test]
fn what_a_document_names_is_there() -> Result<()> {
    let mut missing = Vec::new();
    let decisions = root().join("ops/decisions");
    for (path, text) in documents()? {
        if path.starts_with(&decisions) {
            continue;
        }
        let folder = path.parent().context("a document lies in a folder")?;
        for name in between(&text, "`", "`").into_iter().filter(|name| is_path(name)) {
            let file = name.split("::").next().unwrap_or_default();
            let places = [root().join(file), folder.join(file)];
            if !places.iter().any(|place| place.exists()) {
                missing.push(format!("{}: {name}", path.display()));
            }
        }
    }
    ensure!(missing.is_empty(), "{missing:#?}");
    Ok(())
}

/// The names that `cargo test --test` knows.
fn test_names() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for top in ["node", "schema", "ops", "tests"] {
        for member in fs::read_dir(root().join(top))? {
            let Ok(tests) = fs::read_dir(member?.path().join("tests")) else { continue };
            for test in tests {
                let path = test?.path();
                let stem = path.file_stem().and_then(|stem| stem.to_str()).context("a name")?;
                names.insert(stem.to_owned());
            }
        }
    }
    Ok(names)
}

#[test]
fn every_test_that_is_named_can_be_run() -> Result<()> {
    let (text, known) = (fs::read_to_string(root().join("tests/README.md"))?, test_names()?);
    let named: Vec<&str> = between(&text, "--test ", "`");
    ensure!(named.len() > 40, "{named:?}");
    for name in named {
        let name = name.split_whitespace().next().unwrap_or_default();
        ensure!(name == "NAME" || known.contains(name), "no test is called {name:?}");
    }
    Ok(())
}

/// Every promise that the README begins with has its line here, and every test of that line is one.
#[test]
fn every_promise_is_attacked_by_a_test() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let tests = fs::read_to_string(root().join("tests/README.md"))?;
    let table = tests.split("## Promises").nth(1).context("the promises")?;
    let table = table.split("\n## ").next().context("a section")?;
    let lines: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).collect();
    let promises = readme.lines().filter_map(|line| line.strip_prefix("- **"));
    let promises: Vec<&str> = promises.filter_map(|line| line.split("**").next()).collect();
    ensure!(promises.len() >= 5, "{promises:?}");
    for promise in promises {
        let promise = promise.trim_end_matches(['.', ',', ':']);
        ensure!(lines.iter().any(|line| line.contains(promise)), "{promise:?} has no test");
    }
    let mut counted = 0;
    for line in lines {
        for named in between(line, "`", "`").into_iter().filter(|named| named.contains("::")) {
            let (file, function) = named.split_once("::").context("a test")?;
            let text = fs::read_to_string(root().join(file)).with_context(|| file.to_owned())?;
            let is_there = text.contains(&format!("fn {function}("));
            ensure!(is_there, "{file} has no test {function}");
            counted += 1;
        }
    }
    ensure!(counted > 20, "{counted} tests are named");
    Ok(())
}

/// The lines of the README's blocks, and what stands in backquotes.
fn shown(readme: &str) -> Vec<&str> {
    let mut shown = Vec::new();
    for (at, part) in readme.split("```").enumerate() {
        match at % 2 {
            0 => shown.extend(part.split('`').skip(1).step_by(2)),
            _ => shown.extend(part.lines()),
        }
    }
    shown
}

/// Every command that a document shows is one, with the options it shows.
#[test]
fn the_commands_that_are_shown_are_there() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    for line in shown(&readme).iter().filter_map(|code| code.split("gongzhi ").nth(1)) {
        let line = line.split(['#', '`', ';', ')']).next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(first) = words.first().filter(|word| word.bytes().all(|c| c.is_ascii_lowercase()))
        else {
            continue;
        };
        let groups = ["keys", "lineage", "root", "quarantine", "letters", "persons"];
        let command = match (groups.contains(first), words.get(1)) {
            (true, Some(second)) => format!("{first} {second}"),
            _ => (*first).to_owned(),
        };
        let options = words.iter().filter(|word| word.starts_with("--"));
        asked.insert((command.clone(), "--help".into()));
        asked.extend(options.map(|option| (command.clone(), (*option).to_owned())));
    }
    ensure!(asked.len() > 60, "{asked:?}");
    for (command, option) in asked {
        let mut words: Vec<&str> = command.split(' ').collect();
        words.push("--help");
        let Ok(help) = gongzhi(&words) else { bail!("there is no command {command:?}") };
        ensure!(help.contains(&option), "{command} has no {option}");
    }
    Ok(())
}
