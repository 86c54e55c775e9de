//! One round: a truth is drawn, written as an office would, taken in, and compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use node_sheets::Format;

use crate::book::{Book, Fate, Sort, compose};
use crate::chance::Chance;
use crate::node::Node;
use crate::office::{Became, Results, export, import, keep_numbers, residents_of};
use crate::truth::{Column, Person, Said, draw};
use crate::typing::Medium;
use crate::{csv, xlsx};

/// How much was drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Files of offices, exports among them.
    pub files: usize,
    /// Rows that had to be taken.
    pub taken: usize,
    /// Rows that had to be refused.
    pub refused: usize,
    /// Rows that are no records.
    pub passed: usize,
}

impl Tally {
    /// Adds what another round drew.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.taken += other.taken;
        self.refused += other.refused;
        self.passed += other.passed;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { files, taken, refused, passed } = self;
        write!(f, "{files} files: {taken} rows to take, {refused} to refuse, {passed} of noise")
    }
}

/// Plays one round in a folder.
///
/// # Errors
/// With what differs from the truth.
pub fn run(seed: u64, folder: &Path) -> Result<Tally, String> {
    let mut chance = Chance::of(seed);
    let persons = match chance.below(40) {
        // More than one portion.
        0 => 520,
        _ => 4 + chance.below(40),
    };
    let persons = draw(&mut chance, persons);
    let keeps_numbers = chance.once_in(3);
    let mut round = Round { persons, keeps_numbers, folder, tally: Tally::default() };
    let mut node = round.node();

    let first = compose(&mut chance, &round.persons, true);
    let path = round.write(&first, "a", &mut chance)?;
    round.taken_in(&mut node, &first, &path)?;
    let known = round.known(&[&first]);
    round.compare(&mut node, &known, "after the first import")?;

    let before = node.written;
    let again = round.taken_in(&mut node, &first, &path)?;
    if node.written != before {
        return Err(format!("the same file again wrote {} envelopes", node.written - before));
    }
    unchanged(&again, "the same file again")?;
    round.compare(&mut node, &known, "after the same file again")?;

    round.exported(&mut node, &known, &mut chance)?;

    let second = compose(&mut chance, &round.persons, false);
    let path = round.write(&second, "b", &mut chance)?;
    round.taken_in(&mut node, &second, &path)?;
    let known = round.known(&[&first, &second]);
    round.compare(&mut node, &known, "after the same persons typed anew")?;
    Ok(round.tally)
}

struct Round<'a> {
    persons: Vec<Person>,
    keeps_numbers: bool,
    folder: &'a Path,
    tally: Tally,
}

impl Round<'_> {
    fn node(&self) -> Node {
        let mut node = Node::new();
        if self.keeps_numbers {
            keep_numbers(&mut node);
        }
        node
    }

    fn write(&mut self, book: &Book, name: &str, chance: &mut Chance) -> Result<PathBuf, String> {
        self.tally.files += 1;
        for line in book.tabs.iter().flat_map(|tab| tab.lines.values()) {
            match line.fate {
                Fate::In(_) => self.tally.taken += 1,
                Fate::Refused => self.tally.refused += 1,
                Fate::Passed | Fate::Told | Fate::Blank => self.tally.passed += 1,
            }
        }
        let folder = self.folder.join(name);
        let made = std::fs::create_dir_all(&folder);
        let ending = if book.medium == Medium::Text { "csv" } else { "xlsx" };
        let path = folder.join(format!("{}.{ending}", book.stem));
        let written = made.and_then(|()| match book.medium {
            Medium::Text => csv::write(&path, book, chance),
            Medium::Workbook => xlsx::write(&path, book, chance),
        });
        written.map(|()| path).map_err(|error| format!("cannot write: {error}"))
    }

    /// Imports a file and judges what became of each row.
    fn taken_in(&self, node: &mut Node, book: &Book, path: &Path) -> Result<Results, String> {
        let mut results = import(node, path)?;
        let mut rows = results.rows.clone();
        for tab in book.tabs.iter().filter(|tab| tab.sort == Sort::Residents) {
            for (number, line) in &tab.lines {
                let at = (tab.name.clone(), *number);
                let became = rows.remove(&at);
                judge(&line.fate, became.as_ref(), line.is_hidden)
                    .map_err(|why| format!("{} row {number}: {why}: {:?}", tab.name, line.cells))?;
                let status = results.statuses.remove(&at);
                let expected = became.as_ref().map(|own| match own {
                    Became::In { is_unchanged: true, .. } => "未变",
                    Became::In { is_unchanged: false, .. } => "新增",
                    Became::Refused(_) => "错误",
                });
                if status.as_deref() != expected {
                    return Err(format!(
                        "{} row {number}: the results say {status:?}, not {expected:?}",
                        tab.name
                    ));
                }
            }
        }
        if let Some((at, became)) = rows.first_key_value() {
            return Err(format!("{at:?} is no row of the file, and became {became:?}"));
        }
        self.notes(book, &results.notes)?;
        Ok(results)
    }

    /// What is not read must be told.
    fn notes(&self, book: &Book, notes: &[String]) -> Result<(), String> {
        let names = |words: &str| notes.iter().any(|note| note.contains(words));
        let counted = |tab: &str, words: &str| -> u32 {
            let own = notes.iter().filter(|note| note.contains(&format!("工作表 {tab}：")));
            let own = own.filter(|note| note.contains(words));
            own.filter_map(|note| {
                note.rsplit_once("共 ")?.1.trim_end_matches(" 行").parse::<u32>().ok()
            })
            .sum()
        };
        for tab in &book.tabs {
            let fault = |what: &str| Err(format!("{}: {what} is not told: {notes:?}", tab.name));
            if tab.sort != Sort::Residents {
                if !names(&tab.name) {
                    return fault("that it was not read");
                }
                continue;
            }
            let fates = || tab.lines.values().map(|line| &line.fate);
            let passed = fates().filter(|fate| **fate == Fate::Passed).count() as u32;
            let may = fates().filter(|fate| **fate == Fate::Told).count() as u32;
            let told = counted(&tab.name, "已跳过");
            if told < passed || told > passed + may {
                return fault(&format!("that {passed} rows were passed over (but {told})"));
            }
            let hidden = tab.lines.values().filter(|line| line.is_hidden).count() as u32;
            if counted(&tab.name, "被隐藏的行") != hidden {
                return fault("that there are hidden rows");
            }
            if counted(&tab.name, "没有表头") != tab.unheaded {
                return fault(&format!("content under no heading in {} rows", tab.unheaded));
            }
            if tab.is_hidden && !names("被隐藏的工作表") {
                return fault("that it is hidden");
            }
            if let Some(heading) = tab.unknown.iter().find(|heading| !names(heading)) {
                return fault(&format!("the column {heading}"));
            }
        }
        Ok(())
    }

    /// What a node must know that took in these files, a row for each person.
    fn known(&self, books: &[&Book]) -> Vec<Said> {
        let mut known: BTreeMap<usize, Said> = BTreeMap::new();
        let lines = books.iter().flat_map(|book| &book.tabs).flat_map(|tab| tab.lines.values());
        for line in lines {
            let Fate::In(taken) = &line.fate else { continue };
            let own = known.entry(taken.person).or_default();
            for column in Column::ALL {
                if !taken.said.of(column).is_empty() {
                    own.set(column, taken.said.of(column));
                }
            }
        }
        let mut known: Vec<Said> = known.into_values().map(|said| self.as_exported(said)).collect();
        known.sort();
        known
    }

    /// What a document says besides is said too; its number only where the unit keeps it.
    fn as_exported(&self, mut said: Said) -> Said {
        let number = said.of(Column::Number).to_owned();
        if number.len() == 18 {
            if said.of(Column::Birth).is_empty() {
                let birth = format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]);
                said.set(Column::Birth, birth);
            }
            if said.of(Column::Sex).is_empty() {
                let is_male = number.as_bytes()[16] % 2 == 1;
                said.set(Column::Sex, if is_male { "男" } else { "女" });
            }
        }
        if !self.keeps_numbers {
            said.set(Column::Number, "");
        }
        said
    }

    fn compare(&self, node: &mut Node, known: &[Said], when: &str) -> Result<(), String> {
        let found = residents_of(node);
        if found == known {
            return Ok(());
        }
        let only = |own: &[Said], other: &[Said]| -> Vec<Said> {
            let mut rest = own.to_vec();
            for said in other {
                if let Some(at) = rest.iter().position(|own| own == said) {
                    rest.remove(at);
                }
            }
            rest
        };
        let (lost, added) = (only(known, &found), only(&found, known));
        Err(format!("{when}:\n  not there: {lost:#?}\n  and instead: {added:#?}"))
    }

    /// What is exported changes nothing where it came from, and says all of it elsewhere.
    fn exported(
        &mut self,
        node: &mut Node,
        known: &[Said],
        chance: &mut Chance,
    ) -> Result<(), String> {
        let formats = [Format::Xlsx, Format::CsvUtf8, Format::CsvGb18030];
        let format = formats[chance.below(3)];
        let path = self.folder.join("export").join("居民名册").with_extension(format.extension());
        std::fs::create_dir_all(self.folder.join("export")).map_err(|error| error.to_string())?;
        export(node, &path, format)?;
        self.tally.files += 1;
        if known.is_empty() {
            return Ok(());
        }
        let before = node.written;
        let results = import(node, &path)?;
        unchanged(&results, "an export")?;
        if results.rows.len() != known.len() {
            return Err(format!("{} of {} rows of an export", results.rows.len(), known.len()));
        }
        if node.written != before {
            return Err(format!("an export wrote {} envelopes", node.written - before));
        }
        self.compare(node, known, "after an export was imported")?;
        let mut other = self.node();
        import(&mut other, &path)?;
        self.compare(&mut other, known, "of an export at another node")
    }
}

fn unchanged(results: &Results, what: &str) -> Result<(), String> {
    let changes = results
        .rows
        .iter()
        .find(|(_, became)| matches!(became, Became::In { is_unchanged: false, .. }));
    match changes {
        Some((at, _)) => Err(format!("{what} changed something: {at:?}")),
        None => Ok(()),
    }
}

/// Is this what must become of a row?
fn judge(fate: &Fate, became: Option<&Became>, is_hidden: bool) -> Result<(), String> {
    match (fate, became) {
        (Fate::In(taken), Some(Became::In { is_told, is_warned, .. })) => {
            if (taken.is_told || is_hidden) && !is_told {
                return Err("taken without a word of how".into());
            }
            if taken.is_double && !is_warned {
                return Err("a second row of the same person, and no warning".into());
            }
            Ok(())
        }
        (Fate::Refused | Fate::Told, Some(Became::Refused(_)))
        | (Fate::Passed | Fate::Told | Fate::Blank, None) => Ok(()),
        (Fate::In(_), None) => Err("must be taken, and is lost".into()),
        (Fate::In(_), Some(Became::Refused(why))) => Err(format!("must be taken, and: {why}")),
        (Fate::Refused, None) => Err("must be refused, and is lost".into()),
        (Fate::Refused, Some(_)) => Err("must be refused, and is taken".into()),
        (Fate::Blank, Some(Became::Refused(why))) => Err(format!("says nothing, and: {why}")),
        (Fate::Passed | Fate::Told | Fate::Blank, Some(Became::In { .. })) => {
            Err("is no record, and is taken".into())
        }
        (Fate::Passed, Some(Became::Refused(why))) => Err(format!("is no record, and: {why}")),
    }
}
