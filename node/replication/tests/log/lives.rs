//! Lives of a node: when it must go on under another incarnation (INV-04).

use node_replication::log::Event;

use crate::own::{NOW, bring, copy_of, put, reopen, two_nodes, write_one};
use crate::world::BEGIN;

const DAY: u64 = 86_400_000;

#[test]
fn an_envelope_of_its_own_life_that_it_did_not_write_ends_it() {
    let (world, [mut one, _], [first, _]) = two_nodes();
    let document = world.document(144, "one");
    // A copy of the node, that goes on by itself.
    let mut copy = copy_of(&one, &world);
    assert_eq!(copy.log.author(), one.log.author());
    let theirs = write_one(&mut copy, first, &document);
    let (life, epoch) = (one.log.author(), one.log.epoch());
    bring(&copy, &mut one, &document, &theirs);
    assert!(one.log.author().incarnation != life.incarnation && one.log.epoch() != epoch);
    assert!(one.events.contains(&Event::IncarnationChanged { cloned: true }));
    // It writes on beside it, and both count.
    write_one(&mut one, first, &document);
    let after = one.log.author();
    reopen(&mut one, &world);
    assert_eq!(one.log.author(), after);
}

#[test]
fn a_log_that_is_suspended_is_left() {
    let (world, [mut one, _], [first, _]) = two_nodes();
    let document = world.document(144, "one");
    write_one(&mut one, first, &document);
    let (life, epoch) = (one.log.author(), one.log.epoch());
    one.learn(&[world.end(first, BEGIN + 1)]);
    assert!(one.log.author() != life && one.log.epoch() == epoch);
    assert!(one.events.contains(&Event::IncarnationChanged { cloned: false }));
}

#[test]
fn a_log_far_ahead_of_the_clock_is_left() {
    let (world, [mut one, _], [first, _]) = two_nodes();
    let document = world.document(144, "one");
    let life = one.log.author();
    let ahead = NOW.plus(DAY);
    for (now, stays) in [(ahead, true), (NOW, true), (ahead.plus(1), true), (NOW, false)] {
        one.step(|log, step| {
            put(log, step, now, first, &document).expect("it counts");
            Ok(())
        });
        assert_eq!(one.log.author() == life, stays, "at {now:?}");
    }
}

#[test]
fn a_store_that_fell_back_is_believed_once() {
    let (world, [mut one, _], _) = two_nodes();
    let first = (one.log.author(), one.log.epoch());
    one.log.feed_was_longer();
    let second = (one.log.author(), one.log.epoch());
    one.log.feed_was_longer();
    assert!(first.0 != second.0 && first.1 != second.1);
    assert_eq!((one.log.author(), one.log.epoch()), second);
    one.step(|_, _| Ok(()));
    reopen(&mut one, &world);
    assert_eq!((one.log.author(), one.log.epoch()), second);
}
