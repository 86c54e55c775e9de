//! Values to be put into a document's records, all of them in one change.
//!
//! Who enters hundreds of rows has read the records before: what is said already is found out in
//! memory, and Automerge is told of the rest at once. Put one by one, a value takes 12 µs; as part
//! of a change that is made outside and applied, a third of that.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, Change, ObjId, ReadDoc, ScalarValue};

use crate::record::{Fields, apply, key_of, map, put};

/// From so many on they are made a change and applied, which costs what the document holds.
const APPLIED_MIN: usize = 500;

/// Values by map and key: the last one that was said.
#[derive(Debug, Default)]
pub struct Puts(BTreeMap<(&'static str, String), Put>);

#[derive(Debug)]
struct Put {
    value: ScalarValue,
    /// Was there nothing before?
    new: bool,
}

impl Puts {
    /// Sets a field of a record whose fields were read, unless all that is known of it is this
    /// value already. Returns whether it did; then the fields say so too.
    pub fn amend(
        &mut self,
        (map, record): (&'static str, &str),
        fields: &mut Fields,
        field: &str,
        value: impl Into<ScalarValue>,
    ) -> bool {
        let value = value.into();
        let known = fields.get(field).map(Vec::as_slice).unwrap_or_default();
        if !known.is_empty() && known.iter().all(|known| *known == value) {
            return false;
        }
        let put = Put { value: value.clone(), new: known.is_empty() };
        let said = self.0.entry((map, key_of(record, field)));
        said.and_modify(|said| said.value = value.clone()).or_insert(put);
        fields.insert(field.to_owned(), vec![value]);
        true
    }

    /// Puts them into the document that the records were read from.
    pub fn write(self, document: &mut AutoCommit) {
        if self.0.len() < APPLIED_MIN || self.apply(document).is_none() {
            self.put(document);
        }
    }

    fn put(self, document: &mut AutoCommit) {
        for ((name, key), Put { value, .. }) in self.0 {
            if let Some(map) = map(document, name) {
                put(document, &map, key, value);
            }
        }
    }

    /// Makes one change of them, the same that putting them makes, and applies it as if it came
    /// from elsewhere.
    fn apply(&self, document: &mut AutoCommit) -> Option<()> {
        let names: BTreeSet<&str> = self.0.keys().map(|(name, _)| *name).collect();
        let maps = names.into_iter().map(|name| Some((name, map(document, name)?)));
        let maps: BTreeMap<&str, ObjId> = maps.collect::<Option<_>>()?;
        let operation = |((name, key), put): (&(&'static str, String), &Put)| {
            let map = maps.get(name)?;
            let before = match put.new {
                true => Vec::new(),
                false => document.get_all(map, key.as_str()).ok()?,
            };
            let pred: Vec<OpId> = before.iter().map(|(_, id)| op_id(id)).collect::<Option<_>>()?;
            Some(Op {
                action: OpType::Put(put.value.clone()),
                obj: ObjectId::Id(op_id(map)?),
                key: Key::Map(key.as_str().into()),
                pred: pred.into(),
                insert: false,
            })
        };
        let operations = self.0.iter().map(operation).collect::<Option<_>>()?;
        let mut change = frame(document)?.decode();
        (change.operations, change.hash) = (operations, None);
        apply(document, vec![Change::from(change)]).ok()
    }
}

/// A change that would be the next of the document's actor: its number, where its operations
/// begin, what it builds on.
fn frame(document: &AutoCommit) -> Option<Change> {
    let mut scratch = document.clone();
    scratch.put(automerge::ROOT, "frame", true).ok()?;
    scratch.commit_with(CommitOptions::default().with_time(0))?;
    scratch.get_last_local_change()
}

/// The operation that made a value or an object.
fn op_id(id: &ObjId) -> Option<OpId> {
    match id {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
    }
}

#[cfg(test)]
mod tests {
    use automerge::ActorId;
    use schema_wire::Class;

    use super::*;
    use crate::record::{read, root_document, set};

    const MAP: &str = "persons";

    /// A document that two have edited apart: some fields have two values, below nought.
    fn contested() -> AutoCommit {
        let mut ours = root_document(Class::Roster);
        let mut theirs = ours.clone();
        for (document, actor) in [(&mut ours, 1), (&mut theirs, 2)] {
            document.set_actor(ActorId::from([actor; 16]));
            for number in 0..40 {
                let (record, value) = (format!("r{number}"), -i64::from(actor));
                set(document, MAP, &record, "both", value);
                set(document, MAP, &record, &format!("only {actor}"), value);
            }
            document.commit_with(CommitOptions::default().with_time(0));
        }
        ours.merge(&mut theirs).expect("merges");
        ours
    }

    /// What rows say of records, known ones and new ones, some of it twice and some not new.
    fn puts(document: &AutoCommit, records: usize) -> Puts {
        let (mut puts, mut known) = (Puts::default(), read(document, MAP));
        let fields = ["both", "only 1", "only 2", "new"];
        for round in 0..2 {
            for (number, field) in (0..records).flat_map(|n| fields.map(|field| (n, field))) {
                let record = format!("r{number}");
                let value = (number + round * (number % 2)) as i64;
                let fields = known.entry(record.clone()).or_default();
                let changed = puts.amend((MAP, &record), fields, field, value);
                assert_eq!(fields[field], [ScalarValue::from(value)]);
                assert!(!puts.amend((MAP, &record), fields, field, value));
                assert_eq!(changed, round == 0 || number % 2 == 1);
            }
        }
        puts
    }

    #[test]
    fn applied_they_are_the_change_that_putting_them_makes() {
        for records in [1, 45, APPLIED_MIN] {
            let mut one = contested();
            let mut other = one.clone();
            puts(&one, records).put(&mut one);
            one.commit_with(CommitOptions::default().with_time(0));
            puts(&other, records).apply(&mut other).expect("it is taken");
            assert_eq!(one.get_heads(), other.get_heads());
            let bytes = |document: &mut AutoCommit| {
                document.get_last_local_change().expect("a change").raw_bytes().to_vec()
            };
            assert_eq!(bytes(&mut one), bytes(&mut other));
            // And both go on alike.
            for document in [&mut one, &mut other] {
                set(document, MAP, "r0", "both", 77);
                document.commit_with(CommitOptions::default().with_time(0));
            }
            assert_eq!(one.get_heads(), other.get_heads());
            assert_eq!(read(&one, MAP), read(&other, MAP));
        }
    }

    #[test]
    fn few_and_many_say_the_same_and_nothing_is_no_change() {
        for records in [0, 3, APPLIED_MIN] {
            let mut document = contested();
            let heads = document.get_heads();
            let puts = puts(&document, records);
            let expected: Vec<_> =
                puts.0.iter().map(|(k, p)| (k.1.clone(), p.value.clone())).collect();
            puts.write(&mut document);
            document.commit_with(CommitOptions::default().with_time(0));
            assert_eq!(document.get_heads() == heads, records == 0);
            let found = read(&document, MAP);
            for (key, value) in expected {
                let (record, field) = key.split_once('/').expect("a key");
                assert_eq!(found[record][field], [value]);
            }
        }
    }
}
