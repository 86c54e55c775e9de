//! Who breaks a rule of a session is told by which code it ends, and changes nothing.

use node_replication::session::{Event, Node as _};
use schema_wire::{
    Ack, Again, Aside, Cursor, Digest, Epoch, Frame, Hash, Hello, Interests, Items, Levels, List,
    Malformed, Membership, Ms, NetworkId, Offer, Offers, Reconcile, Refusal, Rest, Salt, Scope,
    Statement, Text, Want,
};

use crate::item::{Says, TestItem};
use crate::net::Net;
use crate::node::{NETWORK, TestNode, lineage, unit};

const HELLO: Hello =
    Hello { network: NETWORK, levels: Levels::OURS, salt: Salt([5; 16]), clock: Ms::MAX };

/// A node that hears what the test says in the place of its peer.
fn hearing() -> Net {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    net.enter(0, &Scope::public(unit("c/d/1")));
    net.join_one(0, 1);
    net
}

fn say(net: &mut Net, frame: impl Into<Frame>) {
    net.hear((1, 0), Ok(frame.into()));
}

fn code(net: &Net) -> Option<&str> {
    net.ended.get(&(0, 1)).map(String::as_str)
}

fn membership(at: &str, chain: Vec<Statement>) -> Membership {
    Membership {
        unit: unit(at),
        lineage: lineage(&unit(at)),
        chain: List::new(chain).expect("short"),
        more: false,
        epoch: Epoch([2; 16]),
        head: 0,
        digest: None,
    }
}

/// A node whose peer is a member, and has named nothing.
fn joined() -> Net {
    let mut net = hearing();
    greet(&mut net);
    net
}

/// The peer shows that it is a member, and names nothing.
fn greet(net: &mut Net) {
    let chain = net.nodes[1].own_statements();
    say(net, HELLO);
    say(net, membership("c/d", chain));
    say(net, Interests { units: Default::default(), more: false });
    say(net, offers(Vec::new(), false));
    assert_eq!(code(net), None);
}

fn offers(offers: Vec<Offer>, more: bool) -> Offers {
    Offers { offers: List::new(offers).expect("few"), more }
}

fn items(scope: &Scope, items: Vec<Vec<u8>>, upto: Option<u64>) -> Items {
    let items = items.into_iter().map(|item| schema_wire::Bytes::new(item).expect("short"));
    let items = List::new(items.collect()).expect("few");
    Items { scope: scope.clone(), upto, sum: None, items }
}

fn want(scope: &Scope, ids: usize) -> Want {
    let ids = (0..ids).map(|n| Hash::of(&[&n.to_be_bytes()])).collect();
    Want { scope: scope.clone(), ids: List::new(ids).expect("as many as may be") }
}

#[test]
fn a_greeting_that_breaks_a_rule_ends_by_its_code_and_nothing_is_stored() {
    let net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    let (chain, stranger) =
        (net.nodes[1].own_statements(), TestNode::new("c/d", 3).own_statements());
    let other = TestNode::new("c/e", 2).own_statements();
    let mut damaged = chain.clone();
    if let Some(Statement::Delegation(_)) = damaged.pop() {
        let bytes = schema_wire::Wire::to_bytes(&chain[1]);
        let mut bytes = bytes.clone();
        *bytes.last_mut().expect("a byte") ^= 1;
        damaged.push(schema_wire::Wire::from_bytes(&bytes).expect("decodes"));
    }
    let levels = |least, most| Hello { levels: Levels { least, most }, ..HELLO };
    let cases: Vec<(&str, Vec<Frame>)> = vec![
        ("other-network", vec![Hello { network: NetworkId([1; 32]), ..HELLO }.into()]),
        ("level", vec![levels(4, 9).into()]),
        ("malformed-frame", vec![HELLO.into(), HELLO.into()]),
        ("malformed-frame", vec![membership("c/d", chain.clone()).into()]),
        ("malformed-frame", vec![HELLO.into(), Rest { sum: Hash([0; 32]) }.into()]),
        ("malformed-frame", vec![HELLO.into(), offers(Vec::new(), false).into()]),
        ("no-delegation", vec![HELLO.into(), membership("c/d", Vec::new()).into()]),
        ("no-delegation", vec![HELLO.into(), membership("c/d", stranger).into()]),
        ("no-delegation", vec![HELLO.into(), membership("c/d", other).into()]),
        ("no-delegation", vec![HELLO.into(), membership("c", chain.clone()).into()]),
        ("no-delegation", vec![HELLO.into(), membership("c/d", chain[..1].to_vec()).into()]),
        ("no-delegation", vec![HELLO.into(), membership("c/d", damaged).into()]),
        (
            "malformed-frame",
            vec![
                HELLO.into(),
                Membership { more: true, ..membership("c/d", chain.clone()) }.into(),
                membership("c", chain.clone()).into(),
            ],
        ),
    ];
    for (expected, frames) in cases {
        let mut net = hearing();
        let before = format!("{:?}", net.nodes[0]);
        for frame in frames {
            net.hear((1, 0), Ok(frame));
        }
        assert_eq!(code(&net), Some(expected));
        assert_eq!(format!("{:?}", net.nodes[0]), before, "{expected} changed the node");
        let last = net.on_its_way((0, 1)).pop();
        assert!(matches!(last, Some(Frame::Refusal(refusal)) if &*refusal.code == expected));
        let said = |frame: &Frame| {
            matches!(frame, Frame::Hello(_) | Frame::Membership(_) | Frame::Refusal(_))
        };
        assert!(net.on_its_way((0, 1)).iter().all(said), "nothing else is said to a stranger");
    }
}

#[test]
fn a_long_chain_is_a_flood() {
    let mut net = hearing();
    say(&mut net, HELLO);
    let charter = net.nodes[1].own_statements()[0].clone();
    let part = Membership { more: true, ..membership("c/d", vec![charter; 256]) };
    for _ in 0..16 {
        say(&mut net, part.clone());
        assert_eq!(code(&net), None);
    }
    say(&mut net, part);
    assert_eq!(code(&net), Some("flood"));
}

#[test]
fn a_lower_level_than_before_is_refused() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    net.join(0, 1);
    net.run();
    net.cut(0, 1);
    let key = net.nodes[1].key();
    net.nodes[0].peers.get_mut(&key).expect("met").level = 4;
    net.join_one(0, 1);
    say(&mut net, HELLO);
    assert_eq!(code(&net), Some("level-down"));
}

#[test]
fn silence_ends_a_session() {
    let mut net = hearing();
    net.wait(19_999);
    assert_eq!(code(&net), None);
    net.wait(1);
    assert_eq!(code(&net), Some("time-out"));
    let mut net = hearing();
    net.wait(10_000);
    say(&mut net, HELLO);
    net.wait(19_999);
    assert_eq!(code(&net), None);
    net.wait(1);
    assert_eq!(code(&net), Some("time-out"));
}

#[test]
fn a_member_that_breaks_a_rule_ends_by_its_code() {
    let shared = Scope::public(unit("c/d/1"));
    let foreign = Scope::public(unit("c/e"));
    let band = Scope::band(unit("c/d/1"), schema_wire::Band::ALL[0]);
    let offer = Offer { scope: shared.clone(), head: 3, sum: Hash([3; 32]), known: None };
    let ack = Ack { scope: shared.clone(), upto: None, later: false, refused: 0, reason: None };
    let message = |bytes: Vec<u8>, scope: &Scope| Reconcile {
        scope: scope.clone(),
        message: schema_wire::Bytes::new(bytes).expect("short"),
    };
    let cases: Vec<(&str, Vec<Frame>)> = vec![
        ("scope-not-shared", vec![items(&foreign, Vec::new(), None).into()]),
        ("scope-not-shared", vec![items(&band, Vec::new(), None).into()]),
        ("scope-not-shared", vec![message(vec![0x61], &band).into()]),
        ("scope-not-shared", vec![Again { scope: foreign.clone() }.into()]),
        ("scope-not-shared", vec![Ack { scope: band.clone(), ..ack.clone() }.into()]),
        ("malformed-frame", vec![HELLO.into()]),
        ("malformed-frame", vec![ack.into()]),
        ("malformed-frame", vec![Again { scope: shared.clone() }.into()]),
        ("malformed-frame", vec![offers(vec![offer.clone()], true).into(); 2]),
        ("malformed-frame", vec![Rest { sum: Hash([1; 32]) }.into(); 2]),
        ("flood", vec![want(&shared, 8_192).into(), want(&shared, 1).into()]),
    ];
    for (expected, frames) in cases {
        let mut net = joined();
        for frame in &frames {
            net.hear((1, 0), Ok(frame.clone()));
        }
        assert_eq!(code(&net), Some(expected), "{frames:?}");
    }
    let mut net = joined();
    net.hear((1, 0), Err(Malformed::NotDeterministic));
    assert_eq!(code(&net), Some("malformed-frame"));
}

/// Two nodes may judge otherwise what they share: what one says of its own accord is passed over.
#[test]
fn what_is_not_shared_is_offered_wanted_and_told_aside_without_an_answer() {
    let mut net = joined();
    let band = Scope::band(unit("c/d/1"), schema_wire::Band::ALL[0]);
    net.enter(0, &band);
    let before = net.on_its_way((0, 1));
    let offer = Offer { scope: band.clone(), head: 3, sum: Hash([3; 32]), known: None };
    say(&mut net, offers(vec![offer.clone()], false));
    say(&mut net, offers(vec![offer], false));
    say(&mut net, want(&band, 8_192));
    say(&mut net, want(&band, 8_192));
    for _ in 0..2 {
        say(&mut net, Aside { scope: band.clone(), logs: Default::default() });
    }
    assert_eq!(code(&net), None);
    assert_eq!(net.on_its_way((0, 1)), before, "nothing is said of it");
    say(&mut net, items(&band, Vec::new(), None));
    assert_eq!(code(&net), Some("scope-not-shared"));
}

#[test]
fn a_peer_offers_so_much_at_most_whether_it_is_shared_or_not() {
    let mut net = joined();
    let offer = |number: u32| {
        let scope = Scope::public(unit(&format!("c/e/{number}")));
        Offer { scope, head: 1, sum: Hash([3; 32]), known: None }
    };
    for part in 0..256 {
        say(&mut net, offers((0..1_024).map(|n| offer(part * 1_024 + n)).collect(), true));
        assert_eq!(code(&net), None);
    }
    say(&mut net, offers(vec![offer(300_000)], true));
    assert_eq!(code(&net), Some("flood"));
}

#[test]
fn a_position_that_runs_back_is_passed_over() {
    let mut net = joined();
    let scope = Scope::public(unit("c/d/1"));
    let item = |number| TestItem::new(&scope, Says::Envelope, number);
    for (number, upto) in [(1, 5), (2, 3), (3, 6)] {
        let before = net.on_its_way((0, 1)).len();
        say(&mut net, items(&scope, vec![item(number).to_bytes()], Some(upto)));
        let acked = |frame: &Frame| matches!(frame, Frame::Ack(ack) if ack.upto == Some(upto));
        assert!(net.on_its_way((0, 1))[before..].iter().any(acked), "{upto}");
        assert!(net.nodes[0].holds(&item(number).id()).expect("memory"));
        let cursor = net.nodes[0].cursors[&(net.nodes[1].key(), scope.clone())];
        assert_eq!(cursor.seq, upto.max(5));
    }
}

#[test]
fn a_peer_that_sends_too_slowly_is_told_so() {
    for mut net in [hearing(), joined()] {
        net.time_out((0, 1), "a frame began");
        assert_eq!(code(&net), Some("time-out"));
        let last = net.on_its_way((0, 1)).pop();
        assert!(matches!(last, Some(Frame::Refusal(refusal)) if &*refusal.code == "time-out"));
    }
}

#[test]
fn reconciliations_have_their_quotas_and_the_opener_alone_begins() {
    let scope = |n: usize| Scope::public(unit(&format!("c/d/1/{n}")));
    let message = |scope: Scope, bytes: &[u8]| Reconcile {
        scope,
        message: schema_wire::Bytes::new(bytes).expect("short"),
    };
    let empty = [0x61, 0, 0, 2, 0];
    let mut answerers = 0;
    for number in 1..9 {
        let mut net =
            Net::of(vec![TestNode::new("c/d/1", number), TestNode::new("c/d", number + 1)]);
        let is_opener = net.nodes[0].key() < net.nodes[1].key();
        net.join_one(0, 1);
        greet(&mut net);
        say(&mut net, message(scope(0), &empty));
        if is_opener {
            assert_eq!(code(&net), Some("malformed-frame"));
            continue;
        }
        answerers += 1;
        for at in 1..8 {
            say(&mut net, message(scope(at), &empty));
        }
        assert_eq!(code(&net), None);
        say(&mut net, want(&scope(3), 0));
        say(&mut net, message(scope(8), &empty));
        assert_eq!(code(&net), None, "one ended before");
        match number % 3 {
            0 => say(&mut net, message(scope(9), &empty)),
            1 => {
                for _ in 0..3 {
                    say(&mut net, want(&scope(1), 0));
                    say(&mut net, message(scope(1), &empty));
                }
            }
            _ => {
                say(&mut net, message(scope(1), &[0x61, 0x80]));
                assert_eq!(code(&net), Some("malformed-frame"));
                continue;
            }
        }
        assert_eq!(code(&net), Some("flood"));
    }
    assert!(answerers >= 2, "{answerers}");
}

#[test]
fn interests_have_their_quota() {
    let mut net = joined();
    for number in 0..2_000 {
        let units = schema_wire::Ascending::of([unit(&format!("c/e/{number}"))]).expect("one");
        say(&mut net, Interests { units, more: false });
    }
    assert_eq!(code(&net), Some("flood"));
}

#[test]
fn a_refusal_of_the_peer_is_shown_and_changes_nothing() {
    let mut net = hearing();
    let before = format!("{:?}", net.nodes[0]);
    let refusal =
        Refusal { code: Text::new("level").expect("short"), text: Text::cut("your clock is off") };
    say(&mut net, refusal.clone());
    assert_eq!(format!("{:?}", net.nodes[0]), before);
    let by_peer = |event: &Event| matches!(event, Event::Ended { by_peer: true, reason, .. } if *reason == refusal);
    assert!(net.events.iter().any(|(_, event)| by_peer(event)));
    let frames = net.on_its_way((0, 1));
    assert!(!frames.iter().any(|frame| matches!(frame, Frame::Refusal(_))), "no answer to it");
}

#[test]
fn a_member_that_names_scopes_without_end_is_forgotten_or_stopped() {
    let mut net = joined();
    for number in 0..20_000 {
        let scope = Scope::statements(unit(&format!("c/d/1/{number}")));
        say(&mut net, items(&scope, Vec::new(), Some(u64::MAX)));
        say(&mut net, want(&scope, 3));
    }
    assert_eq!(code(&net), None);
    assert!(net.nodes[0].cursors.is_empty(), "what stays empty has no cursor");
    let size = format!("{:?}", net.sessions[&(0, 1)]).len();
    assert!(size < 20_000, "a session remembers {size} bytes of text");
}

#[test]
fn a_digest_of_another_view_does_not_count() {
    let mut net = hearing();
    let chain = net.nodes[1].own_statements();
    say(&mut net, HELLO);
    let interests = schema_wire::interests_hash(&Default::default());
    let known = Cursor { epoch: Epoch([1; 16]), seq: 1 };
    let digest = Digest { shared: Hash([1; 32]), sum: Hash([2; 32]), known, interests };
    say(&mut net, Membership { digest: Some(digest), ..membership("c/d", chain) });
    say(&mut net, Interests { units: Default::default(), more: false });
    let frames = net.on_its_way((0, 1));
    let named = frames.iter().find_map(|frame| match frame {
        Frame::Offers(offers) => Some(offers.offers.len()),
        _ => None,
    });
    assert_eq!(named, Some(1), "everything is named");
}
