//! What a member can make a session do in one step, and hold: counted.

use node_replication::session::Event;
use schema_wire::limits::{INTERESTS_MAX, ITEMS_MAX, OFFERS_MAX};
use schema_wire::{
    Ascending, Bytes, Digest, Frame, Hello, Interests, Items, Levels, List, Offer, Offers, Salt,
    Scope, UnitId,
};

use crate::item::{Says, TestItem};
use crate::net::Net;
use crate::node::{NETWORK, TestNode, unit};

/// Reads of one step at most: a frame of offers, each looked up, answered and begun.
const READS_OF_A_STEP: u64 = 16 * OFFERS_MAX as u64;
/// What may wait for one peer in the transport.
const QUEUE_BYTES_MAX: usize = 4 << 20;

/// Delivers one frame. Returns what the receiver read for it.
fn step(net: &mut Net, line: (usize, usize)) -> Option<u64> {
    net.nodes[line.1].reads.set(0);
    net.deliver(line).then(|| net.nodes[line.1].reads.get())
}

/// The most that one step reads, and the most bytes that wait in a line, until all is said.
fn worst(net: &mut Net) -> (u64, usize) {
    let (mut reads, mut bytes) = (0, 0);
    loop {
        let lines: Vec<_> = net.queues.keys().copied().collect();
        let mut any = false;
        for line in lines {
            let waiting = net.queues.values().map(|queue| queue.iter().map(Vec::len).sum());
            bytes = waiting.max().unwrap_or(0).max(bytes);
            if let Some(read) = step(net, line) {
                reads = reads.max(read);
                any = true;
            }
        }
        if !any {
            return (reads, bytes);
        }
    }
}

/// Finding: a city has more scopes than one step, or the queue of one peer, may take. All of them
/// were named at once, and the session ended since "the peer reads too slowly".
#[test]
fn ten_thousand_scopes_are_named_a_frame_at_a_time() {
    const SCOPES: usize = 30_000;
    let mut net = Net::of(vec![TestNode::new("c", 1), TestNode::new("c", 2)]);
    for number in 0..SCOPES {
        let scope = Scope::public(unit(&format!("c/220802/220802001/{number}")));
        for node in 0..2 {
            net.nodes[node].admit(TestItem::new(&scope, Says::Envelope, 1), None);
        }
    }
    for node in 0..2 {
        net.nodes[node].changed = Default::default();
        let scope = Scope::public(unit("c/220802/220802001/7"));
        net.nodes[node].admit(TestItem::new(&scope, Says::Envelope, 2 + node as u64), None);
        net.nodes[node].changed = Default::default();
    }
    net.join(0, 1);
    let (reads, bytes) = worst(&mut net);
    println!("{SCOPES} scopes at a first meeting: {reads} reads in a step, {bytes} bytes wait");
    assert_eq!((net.resumed(0), net.resumed(1)), (1, 1));
    assert!(net.agree(0, 1, &Scope::public(unit("c/220802/220802001/7"))));
    assert!(reads <= READS_OF_A_STEP, "{reads} reads in one step");
    assert!(bytes <= QUEUE_BYTES_MAX / 2, "{bytes} bytes wait for one peer");
    // The same where a digest is wrong, so that all is offered after the rests differed.
    net.cut(0, 1);
    let lost = Scope::public(unit("c/220802/220802001/9"));
    let id = *net.nodes[0].set(&lost).first().expect("an item");
    net.nodes[1].forget(&id);
    net.join(0, 1);
    let (reads, bytes) = worst(&mut net);
    assert!(net.agree(0, 1, &lost));
    assert!(reads <= READS_OF_A_STEP && bytes <= QUEUE_BYTES_MAX / 2, "{reads}, {bytes}");
}

/// A node whose peer, of another district, is a member, and says that it cares for these units.
fn cared_for(units: usize) -> Net {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/e/1", 2)]);
    net.enter(0, &Scope::public(unit("c/d/1")));
    net.join_one(0, 1);
    greet(&mut net, units, None);
    net
}

fn say(net: &mut Net, frame: impl Into<Frame>) {
    net.hear((1, 0), Ok(frame.into()));
}

fn hello() -> Hello {
    Hello {
        network: NETWORK,
        levels: Levels::OURS,
        salt: Salt([5; 16]),
        clock: schema_wire::Ms::MAX,
    }
}

fn membership(net: &Net, digest: Option<Digest>) -> schema_wire::Membership {
    let peer = &net.nodes[1];
    schema_wire::Membership {
        unit: peer.own.claim.unit.clone(),
        lineage: peer.own.claim.lineage,
        chain: List::new(peer.own_statements()).expect("short"),
        more: false,
        epoch: schema_wire::Epoch([2; 16]),
        head: 0,
        digest,
    }
}

fn greet(net: &mut Net, units: usize, digest: Option<Digest>) {
    say(net, hello());
    let membership = membership(net, digest);
    say(net, membership);
    let mut units: Vec<UnitId> = (0..units).map(|n| unit(&format!("c/f/made-up-{n}"))).collect();
    units.sort();
    let mut parts: Vec<_> = units.chunks(INTERESTS_MAX).collect();
    let last = parts.pop().unwrap_or_default();
    for (part, more) in parts.into_iter().map(|part| (part, true)).chain([(last, false)]) {
        let units = Ascending::of(part.iter().cloned()).expect("a frame");
        say(net, Interests { units, more });
    }
    say(net, Offers { offers: List::default(), more: false });
    assert_eq!(net.ended.get(&(0, 1)), None);
}

/// Finding: who cares for units that nobody knows made this node read each of them at every
/// greeting, thrice.
#[test]
fn units_that_nobody_knows_cost_no_read() {
    let counted = [0, 60_000].map(|units| {
        let net = cared_for(units);
        net.nodes[0].reads.get()
    });
    assert!(counted[1] <= counted[0] + 20, "{counted:?}");
    // Nor when a session learns of them later, beyond a look at each.
    let mut net = cared_for(0);
    net.nodes[0].reads.set(0);
    let units = (0..INTERESTS_MAX).map(|n| unit(&format!("c/f/later-{n}")));
    say(&mut net, Interests { units: Ascending::of(units).expect("a frame"), more: false });
    assert!(net.nodes[0].reads.get() <= 20, "{}", net.nodes[0].reads.get());
    // A statement that comes is no reason to look at them again.
    net.nodes[0].reads.set(0);
    net.write(0, TestItem::new(&Scope::statements(unit("c/d/1")), Says::Statement, 1));
    assert!(net.nodes[0].reads.get() <= 20, "{}", net.nodes[0].reads.get());
}

fn offers(from: usize, count: usize) -> Offers {
    let sum = node_replication::session::ScopeState::default().vector.sum();
    let offer = |n: usize| {
        let scope = Scope::public(unit(&format!("c/{:06}", from + n)));
        Offer { scope, head: 0, sum, known: None }
    };
    let offers = List::new((0..count).map(offer).collect()).expect("a frame");
    Offers { offers, more: true }
}

/// Finding: 65,536 offers that came before the interests were dealt with in one step.
#[test]
fn early_offers_are_as_many_as_one_step_may_take() {
    let mut net = Net::of(vec![TestNode::new("c", 1), TestNode::new("c", 2)]);
    net.join_one(0, 1);
    say(&mut net, hello());
    let shown = membership(&net, None);
    say(&mut net, shown);
    say(&mut net, offers(0, OFFERS_MAX));
    assert_eq!(net.ended.get(&(0, 1)), None);
    say(&mut net, offers(OFFERS_MAX, 1));
    assert_eq!(net.ended.get(&(0, 1)).map(String::as_str), Some("flood"));
}

/// Finding: a frame of a few bytes (4,096 items of one byte each, packed) made as many entries in
/// the store, and as many lines in the journal.
#[test]
fn a_frame_of_refused_items_is_counted_and_few_are_shown() {
    let mut net = Net::of(vec![TestNode::new("c/d", 1), TestNode::new("c", 2)]);
    net.enter(0, &Scope::public(unit("c/d")));
    net.join_one(0, 1);
    greet(&mut net, 0, None);
    let item = || Bytes::new([0xff]).expect("a byte");
    let items = List::new((0..ITEMS_MAX).map(|_| item()).collect()).expect("a frame");
    let scope = Scope::public(unit("c/d"));
    say(&mut net, Items { scope, upto: Some(1), sum: None, items });
    let refused: Vec<u64> = net
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Refused { count, .. } => Some(*count),
            _ => None,
        })
        .collect();
    assert_eq!(refused.iter().sum::<u64>(), ITEMS_MAX as u64, "all are counted");
    assert!(refused.len() <= 64, "{} are shown", refused.len());
    let told = net.on_its_way((0, 1)).into_iter().find_map(|frame| match frame {
        Frame::Ack(ack) => Some(ack.refused),
        _ => None,
    });
    assert_eq!(told, Some(ITEMS_MAX as u64), "the peer is told");
}

/// Finding: a scope that was put off was remembered for as long as the session lasts, and a peer
/// may name scopes without end.
#[test]
fn scopes_that_were_put_off_are_forgotten_when_they_may_go_on() {
    let mut net = Net::of(vec![TestNode::new("c/d", 1), TestNode::new("c", 2)]);
    net.enter(0, &Scope::public(unit("c/d")));
    net.join_one(0, 1);
    greet(&mut net, 0, None);
    let size = |net: &Net| format!("{:?}", net.sessions[&(0, 1)]).len();
    let before = size(&net);
    for number in 0..5_000 {
        let scope = Scope::public(unit(&format!("c/d/{number}")));
        net.nodes[0].put_off.insert(scope.clone());
        let item = TestItem::new(&scope, Says::Envelope, 1).to_bytes();
        let items = List::new(vec![Bytes::new(item).expect("small")]).expect("one");
        say(&mut net, Items { scope, upto: Some(1), sum: None, items });
    }
    assert!(size(&net) > before + 5_000, "they are remembered while they are put off");
    net.wait(31_000);
    assert!(size(&net) < before + 20_000, "{} bytes of text, {before} before", size(&net));
    let again = net.on_its_way((0, 1)).iter().filter(|f| matches!(f, Frame::Again(_))).count();
    assert_eq!(again, 5_000, "each is told to go on");
}
