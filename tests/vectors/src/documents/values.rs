//! What a document says: values of keys, in order, of which the last is preferred.

use serde_json::{Map, Value, json};

use super::change::*;
use super::taken::{KEY, writers};
use crate::keys::{COMMUNITY_KEY, NODE};
use crate::scene::Scene;
use crate::vector::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [conflicts(), ended()].concat()
}

/// The values of the one key, by the envelopes that are admitted.
fn says(scene: &Scene, name: &str, all: &[&Written], values: &[&str]) -> Value {
    let mut facts = scene.facts();
    facts["envelopes"] = all.iter().map(|one| one.envelope.hex()).collect();
    let values = values.iter().map(|value| json!([6, hex::encode(value)])).collect::<Vec<_>>();
    let keys: Map<String, Value> = [(KEY.to_owned(), json!(values))].into_iter().collect();
    facts["values"] = keys.into();
    vector(name, "document", None, facts)
}

fn named(value: &str, instead: &[Id]) -> Vec<Put> {
    vec![put(KEY, text(value), instead)]
}

fn conflicts() -> Vec<Value> {
    let (scene, node, reborn, _) = writers();
    let one = node.edits(None, &[], named("first", &[]));
    let two = node.edits(Some(&one), &[], named("second", &[one.id(0)]));
    let beside = reborn.edits(None, &[&one], named("beside", &[one.id(0)]));
    let both = [two.id(0), beside.id(0)];
    let chosen = node.edits(Some(&two), &[&beside], named("chosen", &both));
    let later = reborn.edits(Some(&beside), &[], named("later", &[beside.id(0)]));
    let unnamed = node.edits(Some(&one), &[], named("unnamed", &[]));
    let by_actor = if two.change.actor < beside.change.actor {
        ["second", "beside"]
    } else {
        ["beside", "second"]
    };
    vec![
        says(&scene, "values-one", &[&one], &["first"]),
        says(&scene, "values-replaced", &[&one, &two], &["second"]),
        says(&scene, "values-two-by-actor", &[&one, &two, &beside], &by_actor),
        says(&scene, "values-two-by-counter", &[&one, &two, &beside, &later], &["second", "later"]),
        says(&scene, "values-chosen", &[&one, &two, &beside, &chosen], &["chosen"]),
        says(&scene, "values-not-replaced", &[&one, &unnamed], &["first", "unnamed"]),
    ]
}

/// What does not count replaces nothing.
fn ended() -> Vec<Value> {
    let (scene, node, _, colleague) = writers();
    let one = colleague.edits(None, &[], named("first", &[]));
    let two = node.edits(None, &[&one], named("second", &[one.id(0)]));
    let other = node.edits(None, &[&one], named("other", &[one.id(0)]));
    let tree = tree();
    let by = issuer(COMMUNITY_KEY, COMMUNITY, tree.community.id);
    let withdrawn = scene.and(&[by.withdraws(&tree.node, &[])]);
    let adopted = scene.and(&[by.adopts(&[other.envelope.mark()])]);
    assert_eq!(node.by, NODE, "whose delegation is withdrawn");
    vec![
        says(&withdrawn, "values-after-an-ending", &[&one, &two], &["first"]),
        says(&scene, "values-of-a-fork", &[&one, &two, &other], &["first"]),
        says(&adopted, "values-of-a-side-chosen", &[&one, &two, &other], &["other"]),
    ]
}
