//! Exporting: records become the rows of a sheet, with everything opened that this node can open.
//! The same rows imported again change nothing.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::store::{ReadError, ReadStore};
use node_replication::{change, history};
use schema_documents::kinds::building::Building;
use schema_documents::kinds::dwelling::{self, Dwelling};
use schema_documents::kinds::person::{self, Person};
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::kinds::slot::{self, Slot};
use schema_documents::{
    Column, Declared, Key, Kind, Naming, PersonId, Row, Sheet, Spec, Type, event_key,
};
use schema_wire::{DocumentId, Payload};

use crate::import::{NOTE, RECORD, subject_of};
use crate::plain::{Plain, Stated};
use crate::records::{Failure, Records, kind_of, person_field};
use crate::show::PutBy;
use crate::transaction::Reading;

/// A row, the cells by which it is sorted, and where that stands which it is about: the document,
/// and how the keys begin.
struct Drawn {
    order: Vec<String>,
    row: Row,
    document: DocumentId,
    prefix: String,
}

impl Drawn {
    fn of(row: Row, document: DocumentId, prefix: String) -> Self {
        let order = order_of(&row);
        Self { order, row, document, prefix }
    }
}

/// By what rows are sorted: their cells, numbers by what they count and codes as their table has
/// them; in a household its head comes first.
fn order_of(row: &Row) -> Vec<String> {
    const HEAD: &str = "户主";
    let relation = row.says(&residence::RELATION);
    let mut order = Vec::new();
    for (column, text) in row.cells() {
        if column.kind == Person::KIND.name && column.field.name == person::NAME.spec.name {
            order.extend(relation.map(|own| u8::from(own != HEAD).to_string()));
        }
        let at = match column.field.holds.inner() {
            Type::Code(table) => table.iter().position(|code| code.words.zh == text),
            _ => None,
        };
        order.push(at.map_or_else(|| counted(text), |at| format!("{at:04}")));
    }
    order
}

/// A text in which 2 stands before 10.
fn counted(text: &str) -> String {
    const DIGITS: usize = 20;
    let mut counted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, behind) = from.split_at(end);
        counted.push_str(before);
        counted.extend(std::iter::repeat_n('0', DIGITS.saturating_sub(digits.len())));
        counted.push_str(digits);
        rest = behind;
    }
    counted + rest
}

/// When something was entered and changed last, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The first time.
    pub first: PutBy,
    /// The last time.
    pub last: PutBy,
}

/// Records of a kind, by name.
type Plains = BTreeMap<String, Plain>;

impl<T: Reading> Records<'_, T> {
    /// The rows of a sheet, in the order in which an office reads them.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn export(&mut self, sheet: &'static Sheet) -> Result<Vec<Row>, Failure> {
        Ok(self.export_drawn(sheet)?.into_iter().map(|drawn| drawn.row).collect())
    }

    /// The same, each with when it was entered and changed last, and by which node.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn export_with_history(
        &mut self,
        sheet: &'static Sheet,
    ) -> Result<Vec<(Row, Option<Written>)>, Failure> {
        let drawn = self.export_drawn(sheet)?;
        let documents: BTreeSet<&DocumentId> = drawn.iter().map(|own| &own.document).collect();
        let mut written: BTreeMap<&DocumentId, BTreeMap<String, Written>> = BTreeMap::new();
        for document in documents {
            written.insert(document, written_in(self.tx.parts().0, document)?);
        }
        let of = |own: &Drawn| written.get(&own.document)?.get(&own.prefix).cloned();
        Ok(drawn.iter().map(|own| (own.row.clone(), of(own))).collect())
    }

    fn export_drawn(&mut self, sheet: &'static Sheet) -> Result<Vec<Drawn>, Failure> {
        let kind = subject_of(sheet).ok_or(Failure::NoRecord)?;
        let has_events = sheet.columns.iter().any(|column| !column.event.is_empty());
        let mut drawn = match kind.name {
            name if name == Person::KIND.name => self.export_dwellers(sheet)?,
            _ if has_events => self.export_runs(sheet)?,
            _ => self.export_records(sheet, kind)?,
        };
        drawn.sort_by(|one, other| one.order.cmp(&other.order));
        Ok(drawn)
    }

    fn export_records(
        &mut self,
        sheet: &'static Sheet,
        kind: &'static Kind,
    ) -> Result<Vec<Drawn>, Failure> {
        let persons = self.named_persons()?;
        let field = person_field(kind);
        let mut rows = Vec::new();
        for plain in self.plains(kind)?.into_values() {
            let document = self.document_of(kind, &plain)?;
            let prefix = format!("{}/{}", kind.name, plain.name);
            let person = field.and_then(|field| plain.preferred(field));
            let person = person.and_then(PersonId::parse).map(|person| self.resolve(person));
            let person = person.and_then(|person| persons.get(&person.to_string()));
            let sources: Vec<&Plain> = [&plain].into_iter().chain(person).collect();
            let row = self.row(sheet, &sources, &persons)?;
            rows.push(Drawn::of(row, document, prefix));
        }
        Ok(rows)
    }

    /// Those who live here, at each dwelling where they do.
    fn export_dwellers(&mut self, sheet: &'static Sheet) -> Result<Vec<Drawn>, Failure> {
        let persons = self.named_persons()?;
        let (dwellings, buildings) = (self.plains(&Dwelling::KIND)?, self.plains(&Building::KIND)?);
        let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
        for residence in self.plains(&Residence::KIND)?.into_values() {
            let Some(person) = residence.text(&residence::PERSON).and_then(PersonId::parse) else {
                continue;
            };
            let Some(own) = persons.get(&self.resolve(person).to_string()) else { continue };
            let lasts = residence.text(&residence::TO).is_none();
            if !lasts || own.text(&person::LEFT).is_some() || own.text(&person::NAME).is_none() {
                continue;
            }
            let dwelling = self.memory.known.dwelling_of(&residence).map(str::to_owned);
            let Some(dwelling) = dwelling.and_then(|name| dwellings.get(&name)) else { continue };
            let building = dwelling.text(&dwelling::BUILDING).and_then(|name| buildings.get(name));
            if !seen.insert((own.name.clone(), dwelling.name.clone())) {
                continue;
            }
            let sources: Vec<&Plain> =
                [own, &residence, dwelling].into_iter().chain(building).collect();
            let row = self.row(sheet, &sources, &persons)?;
            let document = self.document_of(&Person::KIND, own)?;
            rows.push(Drawn::of(row, document, format!("{}/{}", Person::KIND.name, own.name)));
        }
        Ok(rows)
    }

    /// The runs that are over, each finding in a row of its own.
    fn export_runs(&mut self, sheet: &'static Sheet) -> Result<Vec<Drawn>, Failure> {
        let persons = self.named_persons()?;
        let mut rows = Vec::new();
        for document in self.documents_of(&Slot::KIND)? {
            for plain in self.plains_in(&Slot::KIND, &document)?.into_values() {
                for run in self.runs(&plain.name, &document)? {
                    let prefix = event_key(Slot::KIND.name, &plain.name, run.id);
                    let mut row = self.row(sheet, &[&plain], &persons)?;
                    let walkers = run.walkers.iter().map(ToString::to_string);
                    let walkers: Vec<String> = walkers.collect();
                    let walkers: Vec<&str> = walkers.iter().map(String::as_str).collect();
                    let said = [
                        (slot::STARTED.spec, run.started.clone()),
                        (slot::ENDED.spec, run.ended.clone()),
                        (slot::WALKERS.spec, self.names_of(&walkers, &persons)),
                    ];
                    for (spec, text) in said {
                        row = row.with(&Column::must(Slot::KIND.name, spec).of_event(RECORD), text);
                    }
                    let found = run.found.iter().filter_map(|(_, stated)| match stated {
                        Stated::Text(text) => Some(text),
                        _ => None,
                    });
                    let mut found = found.peekable();
                    if found.peek().is_none() {
                        rows.push(Drawn::of(row, document.clone(), prefix));
                        continue;
                    }
                    let column = Column::may(Slot::KIND.name, slot::TEXT.spec).of_event(NOTE);
                    for text in found {
                        let row = row.clone().with(&column, text.clone());
                        rows.push(Drawn::of(row, document.clone(), prefix.clone()));
                    }
                }
            }
        }
        Ok(rows)
    }

    fn document_of(&self, kind: &Kind, plain: &Plain) -> Result<DocumentId, Failure> {
        let told = kind.shard.asks().and_then(|field| plain.preferred(field));
        self.place_of(kind, &plain.name, told)
    }

    /// The persons of whom something can be read, under the id that stands for each human.
    fn named_persons(&mut self) -> Result<Plains, Failure> {
        let erased = Some(person::Status::Erased.code());
        let mut persons = self.plains(&Person::KIND)?;
        persons.retain(|_, own| own.text(&person::STATUS) != erased);
        Ok(persons)
    }

    /// The records of a kind, opened.
    pub(crate) fn plains(&mut self, kind: &'static Kind) -> Result<Plains, Failure> {
        let mut plains = Plains::new();
        for document in self.documents_of(kind)? {
            plains.append(&mut self.plains_in(kind, &document)?);
        }
        Ok(plains)
    }

    pub(crate) fn plains_in(
        &mut self,
        kind: &'static Kind,
        document: &DocumentId,
    ) -> Result<Plains, Failure> {
        let contents = self.contents_of(document, &format!("{}/", kind.name))?;
        let mut plains = Plains::new();
        for record in contents.records.into_values() {
            let plain = self.opened(kind, &record, document)?;
            plains.insert(plain.name.clone(), plain);
        }
        Ok(plains)
    }

    fn row(
        &mut self,
        sheet: &'static Sheet,
        sources: &[&Plain],
        persons: &Plains,
    ) -> Result<Row, Failure> {
        let mut row = Row::new(sheet);
        for column in sheet.columns.iter().filter(|column| column.event.is_empty()) {
            let source = sources.iter().find(|source| source.kind == column.kind);
            let Some(source) = source else { continue };
            let spec = &column.field;
            let text = match spec.holds.is_list() {
                true => Some(source.entries(spec.name)).filter(|entries| !entries.is_empty()),
                false => source.preferred(spec.name).map(|text| vec![text]),
            };
            if let Some(texts) = text {
                row = row.with(column, self.written(spec, &texts, persons)?);
            }
        }
        Ok(row)
    }

    /// The texts of a field as an office writes them.
    fn written(
        &mut self,
        spec: &Spec,
        texts: &[&str],
        persons: &Plains,
    ) -> Result<String, Failure> {
        let word = |text: &&str| match spec.holds.inner() {
            Type::Code(table) => {
                let entry = table.iter().find(|entry| entry.code == *text);
                entry.map_or(*text, |entry| entry.words.zh).to_owned()
            }
            Type::Flag => if *text == "1" { "是" } else { "否" }.to_owned(),
            _ => (*text).to_owned(),
        };
        Ok(match spec.holds.inner() {
            Type::Person => self.names_of(texts, persons),
            Type::Made(kind) => {
                let texts = texts.iter().map(|name| self.part_of(kind, name));
                texts.collect::<Result<Vec<_>, _>>()?.join("、")
            }
            _ => texts.iter().map(word).collect::<Vec<_>>().join("、"),
        })
    }

    fn names_of(&self, ids: &[&str], persons: &Plains) -> String {
        let name = |id: &&str| {
            let person = self.resolve(PersonId::parse(id)?);
            persons.get(&person.to_string())?.text(&person::NAME)
        };
        ids.iter().filter_map(name).collect::<Vec<_>>().join("、")
    }

    /// What people write for a record whose name is made of it; the name itself, if nobody told
    /// what it was made of.
    fn part_of(&mut self, kind: &str, name: &str) -> Result<String, Failure> {
        let Some(kind) = kind_of(kind) else { return Ok(name.to_owned()) };
        let Naming::Made(&[part]) = kind.naming else { return Ok(name.to_owned()) };
        let document = self.place_of(kind, name, None)?;
        let record = self.record(kind, name, &document)?;
        let plain = match record {
            Some(record) => Some(self.opened(kind, &record, &document)?),
            None => None,
        };
        let text = plain.as_ref().and_then(|plain| plain.preferred(part));
        Ok(text.unwrap_or(name).to_owned())
    }
}

/// When what stands in a document was entered and changed last: of records by how their keys
/// begin, of events by their keys.
fn written_in(
    store: &impl ReadStore,
    document: &DocumentId,
) -> Result<BTreeMap<String, Written>, ReadError> {
    let mut written: BTreeMap<String, Written> = BTreeMap::new();
    for entry in history::counting_after(store, document, 0)? {
        let by = PutBy { node: entry.author.key, at: entry.at, envelope: entry.id };
        let envelope = history::envelope(store, &entry.id)?;
        let Payload::Changes(bytes) = envelope.content() else { continue };
        let Ok((change, _)) = change::read(bytes) else { continue };
        for put in &change.puts {
            let prefix = match Key::parse(put.key) {
                Some(Key::Field { kind, record, .. }) => format!("{kind}/{record}"),
                _ => put.key.to_owned(),
            };
            let (first, last) = (by.clone(), by.clone());
            let own = written.entry(prefix).or_insert(Written { first, last });
            if own.last.at <= by.at {
                own.last = by.clone();
            }
        }
    }
    Ok(written)
}
