//! Keys of persons: told, erased, destroyed, taken again; letters that a carrier dropped.

use node_replication::log::{DocumentRecord, Log, Offered, Reached, Step, item};
use node_replication::store::MemStore;
use node_replication::{HeldKey, keys_of};
use schema_wire::{
    Ascending, DocumentId, Envelope, Erasure, Erasures, Hash, Item, Keys, Ms, Payload, SubjectKey,
    Wire, key_commitment,
};

use crate::node::Node;
use crate::own::{NOW, bring, two_nodes};
use crate::world::BEGIN;

const SUBJECT: [u8; 16] = [0xab; 16];
const KEY: [u8; 32] = [5; 32];
const WEEK: u64 = 604_800_000;

fn write(
    log: &mut Log,
    step: &mut Step<'_, MemStore>,
    delegation: Hash,
    document: &DocumentId,
    content: Payload,
) -> Hash {
    let draft = log.draft(NOW, document, step.store()).expect("a draft");
    log.write(step, NOW, delegation, draft, content).expect("it counts")
}

fn tell(node: &mut Node, delegation: Hash, document: &DocumentId) -> Hash {
    let keys = Keys::new(vec![SubjectKey::new(SUBJECT, KEY)]).expect("one");
    node.step(|log, step| Ok(write(log, step, delegation, document, Payload::Keys(keys))))
}

fn erase(node: &mut Node, delegation: Hash, document: &DocumentId) -> Hash {
    let commitment = key_commitment(&SUBJECT, &KEY);
    let erasures: Erasures =
        Ascending::of([Erasure { subject: SUBJECT, commitment }]).expect("one");
    let content = Payload::Erasures(erasures);
    node.step(|log, step| Ok(write(log, step, delegation, document, content)))
}

/// The key that an envelope tells as the node hands it on.
fn shown(node: &Node, id: &Hash) -> Option<[u8; 32]> {
    let stored = item(&node.store, id).expect("in memory").expect("it is there");
    let Item::Envelope(envelope) = stored.item else { panic!("no envelope") };
    assert!(envelope.content_matches());
    let Payload::Keys(keys) = envelope.content() else { panic!("no keys") };
    keys.iter().next().and_then(|key| key.key().copied())
}

fn destroy(node: &mut Node, at: Ms) {
    node.step(|log, step| log.destroy_erased(step, at));
}

#[test]
fn an_erased_key_is_given_to_nobody_and_destroyed_after_seven_days() {
    let (world, [mut one, mut other], [first, second]) = two_nodes();
    let keyring = world.document(143, "ab");
    let told = tell(&mut one, first, &keyring);
    assert_eq!(bring(&one, &mut other, &keyring, &told), Offered::Taken);
    assert_eq!((shown(&one, &told), shown(&other, &told)), (Some(KEY), Some(KEY)));
    let erasures = world.document(142, "ab");
    let erased = erase(&mut one, first, &erasures);
    assert_eq!(bring(&one, &mut other, &erasures, &erased), Offered::Taken);
    assert_eq!((shown(&one, &told), shown(&other, &told)), (None, None));
    destroy(&mut one, NOW);
    destroy(&mut one, NOW.plus(WEEK - 1));
    // Whoever may not erase is stopped in time.
    one.learn(&[world.end(first, BEGIN + 2)]);
    other.learn(&[world.end(first, BEGIN + 2)]);
    assert_eq!(shown(&one, &told), Some(KEY));
    destroy(&mut one, NOW.plus(WEEK));
    assert_eq!(shown(&one, &told), Some(KEY));
    // Another erases it, for good.
    let again = erase(&mut other, second, &erasures);
    assert_eq!(bring(&other, &mut one, &erasures, &again), Offered::Taken);
    destroy(&mut one, NOW.plus(2 * WEEK));
    destroy(&mut one, NOW.plus(3 * WEEK));
    other.learn(&[world.end(second, BEGIN + 3)]);
    one.learn(&[world.end(second, BEGIN + 3)]);
    assert_eq!((shown(&one, &told), shown(&other, &told)), (None, Some(KEY)));
    // Since no erasure counts, the key is lacking, and taken from a copy that has it.
    assert_eq!(bring(&other, &mut one, &keyring, &told), Offered::Duplicate);
    assert_eq!(shown(&one, &told), Some(KEY));
}

#[test]
fn a_key_that_was_withheld_is_taken_from_a_later_copy() {
    let (world, [mut one, mut other], [first, _]) = two_nodes();
    let keyring = world.document(143, "ab");
    let told = tell(&mut one, first, &keyring);
    let stored = item(&one.store, &told).expect("in memory").expect("it is there");
    let Item::Envelope(whole) = &stored.item else { panic!("no envelope") };
    let Payload::Keys(keys) = whole.content() else { panic!("no keys") };
    let withheld = Payload::Keys(keys.without(|_| true));
    let bare = Envelope::new(whole.header().clone(), withheld).expect("it suits");
    let bare = Item::Envelope(Box::new(bare)).to_bytes();
    let none = Default::default();
    assert_eq!(other.offer(&keyring.scope(), &bare, &none), Offered::Taken);
    assert_eq!(shown(&other, &told), None);
    assert_eq!(other.offer(&keyring.scope(), &bare, &none), Offered::Duplicate);
    let read = |node: &Node| {
        let record = DocumentRecord::load(&node.store, &keyring).expect("in memory");
        (Reached::of(&node.store).expect("in memory"), record.revision)
    };
    let before = read(&other);
    assert_eq!(bring(&one, &mut other, &keyring, &told), Offered::Duplicate);
    assert_eq!(shown(&other, &told), Some(KEY));
    let after = read(&other);
    assert!(after.0 != before.0 && after.1 != before.1, "who read it before is to read it again");
}

#[test]
fn whoever_reads_learns_which_keys_open_and_which_are_erased_or_lacking() {
    let (world, [mut one, mut other], [first, second]) = two_nodes();
    let keyring = world.document(143, "ab");
    let held = |node: &Node| -> Vec<HeldKey> {
        let known = keys_of(&node.store, &keyring.scope(), &SUBJECT).expect("in memory");
        assert!(known.iter().all(|one| one.commitment == key_commitment(&SUBJECT, &KEY)));
        known.into_iter().map(|one| one.held).collect()
    };
    assert_eq!(held(&one), []);
    let told = tell(&mut one, first, &keyring);
    let opens = |counts| [HeldKey::Opens { key: KEY, counts }];
    assert_eq!(held(&one), opens(true));
    // Another tells the same key: one that counts is enough.
    let again = tell(&mut other, second, &keyring);
    bring(&other, &mut one, &keyring, &again);
    one.learn(&[world.end(first, BEGIN + 2)]);
    assert_eq!(held(&one), opens(true));
    one.learn(&[world.end(second, BEGIN + 2)]);
    assert_eq!(held(&one), opens(false));
    // A copy without the key.
    assert_eq!(bring(&one, &mut other, &keyring, &told), Offered::Taken);
    let erasures = world.document(142, "ab");
    erase(&mut other, second, &erasures);
    assert_eq!(held(&other), [HeldKey::Erased]);
    destroy(&mut other, NOW);
    destroy(&mut other, NOW.plus(WEEK));
    assert_eq!(held(&other), [HeldKey::Erased]);
    other.learn(&[world.end(second, BEGIN + 3)]);
    assert_eq!(held(&other), [HeldKey::Lacking]);
    let elsewhere = keys_of(&one.store, &keyring.scope(), &[0xac; 16]);
    assert_eq!(elsewhere, Ok(Vec::new()));
}
