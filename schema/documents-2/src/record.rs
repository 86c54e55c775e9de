//! Records as flat keys: the one layout all classes share.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, AutoCommit, AutomergeError, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value,
};
use schema_wire::{Class, Hash};

/// The maps a class keeps its records in.
pub fn maps(class: Class) -> &'static [&'static str] {
    match class {
        Class::Organisation => &["bodies"],
        Class::Place => &["grids", "estates", "buildings"],
        Class::Roster => &["households", "persons"],
        Class::Duty => &["posts", "rota"],
        Class::Patrol => &["planned", "runs"],
        Class::Volunteer => &["volunteers"],
        Class::Report => &["revisions"],
        Class::Keyring => &[],
    }
}

/// A document as its class begins: one change, the same bytes on every node. It never travels.
pub fn root_document(class: Class) -> AutoCommit {
    let name = format!("gongzhi/root/{}/1", class.name());
    let mut document =
        AutoCommit::new().with_actor(ActorId::from(&Hash::of(name.as_bytes()).0[..16]));
    for map in maps(class) {
        let made = document.put_object(ROOT, *map, ObjType::Map);
        made.expect("a new document takes a map");
    }
    document.commit_with(CommitOptions::default().with_time(0));
    document
}

/// One map of a document.
pub fn map(document: &AutoCommit, name: &str) -> Option<ObjId> {
    match document.get(ROOT, name) {
        Ok(Some((Value::Object(ObjType::Map), id))) => Some(id),
        _ => None,
    }
}

/// Sets a field, unless every value it has is this one already. Returns whether it wrote.
pub fn set(
    document: &mut AutoCommit,
    name: &str,
    record: &str,
    field: &str,
    value: impl Into<ScalarValue>,
) -> bool {
    let Some(map) = map(document, name) else { return false };
    put(document, &map, key_of(record, field), value.into())
}

/// Puts a value at a key, unless every value there is this one already. Returns whether it wrote.
pub(crate) fn put(document: &mut AutoCommit, map: &ObjId, key: String, value: ScalarValue) -> bool {
    let held = document.get_all(map, key.as_str()).unwrap_or_default();
    let same = |(held, _): &(Value<'_>, ObjId)| held.as_scalar() == Some(&value);
    if !held.is_empty() && held.iter().all(same) {
        return false;
    }
    // Of several values, to put the preferred one again makes Automerge delete the others; and
    // what does more than put is refused by every node (decision 0015). So something else first.
    if held.len() > 1 && held.last().is_some_and(same) {
        let cleared = document.put(map, key.as_str(), ScalarValue::Null);
        debug_assert!(cleared.is_ok(), "a map takes a value: {cleared:?}");
    }
    document.put(map, key, value).is_ok()
}

/// Applies changes. Automerge keeps patches of them for whoever asks for a diff, three times the
/// document: nobody does.
pub fn apply(document: &mut AutoCommit, changes: Vec<Change>) -> Result<(), AutomergeError> {
    document.apply_changes(changes)?;
    document.reset_diff_cursor();
    Ok(())
}

/// Where a field of a record lies in its map.
pub(crate) fn key_of(record: &str, field: &str) -> String {
    format!("{}/{field}", name_of(record))
}

/// A record's name in keys: a slash would end it.
fn name_of(record: &str) -> String {
    record.replace('/', "-")
}

/// The ids of a map's records, ascending.
pub fn records(document: &AutoCommit, name: &str) -> BTreeSet<String> {
    let Some(map) = map(document, name) else { return BTreeSet::new() };
    let record = |key: String| key.split_once('/').map(|(record, _)| record.to_owned());
    document.keys(&map).filter_map(record).collect()
}

/// A record's fields: each with every concurrent value, the one Automerge prefers last.
pub type Fields = BTreeMap<String, Vec<ScalarValue>>;

/// Every record of a map.
pub fn read(document: &AutoCommit, name: &str) -> BTreeMap<String, Fields> {
    let mut found: BTreeMap<String, Fields> = BTreeMap::new();
    each(document, name, .., |record, field, values| match found.get_mut(record) {
        Some(fields) => drop(fields.insert(field, values)),
        None => drop(found.insert(record.to_owned(), Fields::from([(field, values)]))),
    });
    found
}

/// One record of a map; empty if it is not there.
pub fn entry(document: &AutoCommit, name: &str, record: &str) -> Fields {
    let record = name_of(record);
    let mut found = Fields::new();
    // '0' is the character after '/'.
    let keys = format!("{record}/")..format!("{record}0");
    each(document, name, keys, |_, field, values| drop(found.insert(field, values)));
    found
}

/// Reads a part of a map in one go: looked up key by key it takes twenty times as long.
fn each(
    document: &AutoCommit,
    name: &str,
    keys: impl RangeBounds<String>,
    mut take: impl FnMut(&str, String, Vec<ScalarValue>),
) {
    let Some(map) = map(document, name) else { return };
    for item in document.map_range(&map, keys) {
        let Some((record, field)) = item.key.split_once('/') else { continue };
        let values = if item.conflict {
            let values = document.get_all(&map, item.key.as_ref()).unwrap_or_default();
            values.into_iter().filter_map(|(value, _)| value.into_scalar().ok()).collect()
        } else {
            Vec::from_iter(Value::from(item.value).into_scalar().ok())
        };
        take(record, field.to_owned(), values);
    }
}

/// The preferred value of a field as text, or nothing.
pub fn text<'a>(fields: &'a Fields, field: &str) -> &'a str {
    match fields.get(field).and_then(|values| values.last()) {
        Some(ScalarValue::Str(text)) => text.as_str(),
        _ => "",
    }
}

/// The preferred value of a field as a number.
pub fn number(fields: &Fields, field: &str) -> u32 {
    match fields.get(field).and_then(|values| values.last()) {
        Some(ScalarValue::Int(number)) => u32::try_from(*number).unwrap_or_default(),
        _ => 0,
    }
}

/// The preferred value of a field as sealed bytes.
pub fn sealed<'a>(fields: &'a Fields, field: &str) -> Option<&'a [u8]> {
    match fields.get(field).and_then(|values| values.last()) {
        Some(ScalarValue::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

/// The preferred value of a field as a flag.
pub fn flag(fields: &Fields, field: &str) -> bool {
    matches!(fields.get(field).and_then(|values| values.last()), Some(ScalarValue::Boolean(true)))
}

#[cfg(test)]
mod tests {
    use automerge::legacy::{Op, OpType};

    use super::*;

    #[test]
    fn every_node_begins_a_class_with_the_same_change() {
        for class in Class::ALL.into_iter().filter(|class| *class != Class::Keyring) {
            let heads = |mut document: AutoCommit| document.get_heads();
            assert_eq!(heads(root_document(class)), heads(root_document(class)));
        }
    }

    #[test]
    fn setting_the_same_again_writes_nothing() {
        let mut document = root_document(Class::Place);
        assert!(set(&mut document, "grids", "g1", "name", "一网格"));
        assert!(!set(&mut document, "grids", "g1", "name", "一网格"));
    }

    #[test]
    fn a_slash_in_a_name_hides_nothing() {
        let mut document = root_document(Class::Place);
        set(&mut document, "grids", "3/1", "name", "东");
        assert_eq!(text(&entry(&document, "grids", "3/1"), "name"), "东");
        assert_eq!(records(&document, "grids").len(), 1);
    }

    #[test]
    fn of_two_values_either_can_be_chosen_by_puts_alone() {
        let root = root_document(Class::Duty);
        let (mut a, mut b) = (root.clone(), root);
        for (document, actor, value) in [(&mut a, 1, "张"), (&mut b, 2, "李")] {
            document.set_actor(ActorId::from([actor; 16]));
            set(document, "posts", "p1", "role", value);
        }
        a.merge(&mut b).expect("merges");
        for value in ["张", "李"] {
            let mut chosen = a.clone();
            assert!(set(&mut chosen, "posts", "p1", "role", value));
            assert_eq!(read(&chosen, "posts")["p1"]["role"], [ScalarValue::from(value)]);
            let change = chosen.get_last_local_change().expect("a change").decode();
            let puts = |op: &Op| matches!(op.action, OpType::Put(_));
            assert!(change.operations.iter().all(puts), "{:?}", change.operations);
        }
    }

    #[test]
    fn forks_that_add_the_same_record_keep_both_values() {
        let root = root_document(Class::Place);
        let (mut a, mut b) = (root.clone(), root);
        a.set_actor(ActorId::from([1u8; 16]));
        b.set_actor(ActorId::from([2u8; 16]));
        set(&mut a, "grids", "g1", "name", "东");
        set(&mut b, "grids", "g1", "name", "西");
        set(&mut b, "grids", "g2", "name", "南");
        a.merge(&mut b).expect("merges");
        b.merge(&mut a).expect("merges");
        assert_eq!(read(&a, "grids"), read(&b, "grids"));
        assert_eq!(read(&a, "grids")["g1"]["name"].len(), 2);
        assert_eq!(records(&a, "grids").len(), 2);
    }
}
