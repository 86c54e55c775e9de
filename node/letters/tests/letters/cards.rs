//! The unit's card: who makes it, and when another takes its place.

use node_acts::generation::Rotate;
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_letters::{card, list, outbox, read};
use schema_wire::{Ascending, Hash, VerifiedStatement};

use crate::net::*;
use crate::trips::draft;

fn card_at(net: &Net, at: usize, led: &Led) -> Option<Hash> {
    net.authority(at).card_of_lineage(&led.lineage)
}

#[test]
fn a_node_that_speaks_as_the_unit_makes_one_card_and_no_other_node_does() {
    let mut net = Net::new();
    let city = net.found(None, "c", 1);
    let first = net.add(&city, None);
    let second = net.add(&city, Some(11));
    net.teach(first, &[city.delegate(net.genesis(), 11)]);
    assert_eq!(net.keep(second), node_letters::Kept::default(), "it does not speak as the unit");
    let made = net.keep(first).card.expect("a card");
    assert_eq!(net.keep(first).card, None);
    net.wait(400 * 86_400_000);
    assert_eq!(net.keep(first).card, None, "nothing happened");
    net.link(first, second);
    assert_eq!(card_at(&net, second, &city), Some(made));
    let own = net.step(second, |step| card::own(step)).expect("in memory").expect("a card");
    assert_eq!(&*own.card.name, "示例单位");
    assert_eq!(net.step(second, |step| card::rename(step, "别名")).expect("asked"), None);
    let renamed = net.step(first, |step| card::rename(step, "示例市")).expect("renamed");
    let own = net.step(first, |step| card::own(step)).expect("in memory").expect("a card");
    assert_eq!((Some(own.id), &*own.card.name), (renamed, "示例市"));
    assert_eq!(net.keep(first).card, None, "the box is the same");
}

#[test]
fn the_box_changes_once_when_a_member_of_band_work_is_gone() {
    let mut net = Net::new();
    let city = net.found(None, "c", 1);
    let at = net.add(&city, None);
    let before = net.keep(at).card.expect("a card");
    net.wait(1_000);
    net.nodes[at].last_loss = Some(net.now(at));
    assert_eq!(net.keep(at).card, None, "now is not over yet");
    net.wait(1_000);
    let after = net.keep(at).card.expect("another card");
    assert_ne!(before, after);
    assert_eq!(net.keep(at).card, None);
    // Of what is told to happen later, nothing is made of before.
    net.nodes[at].last_loss = Some(net.now(at).plus(60_000));
    assert_eq!(net.keep(at).card, None);
    net.wait(59_000);
    assert_eq!(net.keep(at).card, None);
    net.wait(2_000);
    assert!(net.keep(at).card.is_some());
    assert_eq!(net.keep(at).card, None);
}

#[test]
fn of_two_cards_that_nodes_made_apart_one_stands_and_letters_to_either_open() {
    let mut net = Net::new();
    let city = net.found(None, "c", 1);
    let other = net.found(Some(&city), "c/d", 2);
    let (genesis, key) = (net.genesis().clone(), city.key());
    let grant = city.issuer(&genesis, &key).delegate(public(11), &Role::governing(), TERM, 11);
    let grant: VerifiedStatement = grant.expect("a grant").into();
    let (first, second) = (net.add(&city, None), net.add(&city, Some(11)));
    net.teach(first, std::slice::from_ref(&grant));
    net.teach(second, &[grant]);
    let writer = net.add(&other, None);
    net.keep(writer);
    // Each makes a card while they do not meet, and the writer knows either alone.
    let cards = [first, second].map(|at| net.keep(at).card.expect("a card"));
    assert_ne!(cards[0], cards[1]);
    for at in [first, second] {
        let link = net.link(writer, at);
        net.step(writer, |step| outbox::write(step, &unit("c"), draft("给哪一张")))
            .expect("written");
        net.keep(writer);
        net.cut(link);
    }
    net.link(first, second);
    net.link(writer, first);
    net.settle();
    let present = [first, second, writer].map(|at| card_at(&net, at, &city));
    assert_eq!(present, [Some(*cards.iter().min().expect("two")); 3], "of equals the smaller id");
    for at in [first, second] {
        let listed = net.step(at, |step| list(step, None, 9)).expect("a list");
        let came: Vec<_> = listed.letters.iter().map(|one| one.id.clone()).collect();
        assert_eq!(came.len(), 2);
        for id in came {
            assert!(net.step(at, |step| read(step, &id)).expect("read").message.is_some());
        }
    }
}

#[test]
fn who_passes_the_unit_on_makes_a_card_that_the_old_key_cannot_open() {
    let mut net = Net::new();
    let city = net.found(None, "c", 1);
    let (first, second) = (net.add(&city, None), net.add(&city, Some(11)));
    let grant = city.delegate(net.genesis(), 11);
    net.teach(first, std::slice::from_ref(&grant));
    let before = net.keep(first).card.expect("a card");
    let link = net.link(first, second);
    assert_eq!(card_at(&net, second, &city), Some(before));
    net.cut(link);
    net.wait(1_000);
    let rotation = Rotate {
        network: net.genesis().network(),
        unit: &city.unit,
        previous: city.lineage,
        key: public(11),
        next: Phrase::of([77; 16]).public().commitment(),
        keeps: Ascending::of([grant.id()]).expect("one"),
        at: net.now(second),
    };
    let rotation = rotation.by(&Phrase::of([1; 16])).expect("a rotation");
    net.teach(second, &[rotation.into()]);
    assert_eq!(card_at(&net, second, &city), None, "the old key spoke for it");
    net.wait(1_000);
    let after = net.keep(second).card.expect("another card");
    assert_ne!(before, after);
    assert_eq!(net.keep(second).card, None);
    let own = net.step(second, |step| card::own(step)).expect("in memory").expect("a card");
    assert_eq!(own.card.serial, 1, "the first of its generation");
}
