//! What those who are no members yet can make a node hold.

use node_replication::replica::{Effect, Input, SessionId};
use schema_wire::limits::{KEEPS_MAX, STATEMENT_BYTES_MAX};
use schema_wire::{
    Ascending, Ending, Epoch, Frame, Hash, Hello, Keeps, Levels, List, Membership, Ms, NodeKey,
    Salt, Statement, Verified,
};

use crate::net::*;

/// An ending of the longest kind, as anybody may say who has the key of a unit, for no effect.
fn long_ending(roots: &Roots, led: &Led, number: u16) -> Statement {
    let id = |n: usize| Hash::of(&[&(n as u64).to_be_bytes(), &number.to_be_bytes()]);
    let keeps: Keeps = Ascending::of((0..KEEPS_MAX).map(id)).expect("as many as there may be");
    let ending = Ending {
        network: roots.genesis.network(),
        unit: led.unit.clone(),
        proof: led.lineage,
        issuer: public(&led.key),
        ends: id(0),
        ran_out: false,
        keeps,
        at: Ms::of(2_000),
    };
    Statement::Ending(Verified::seal(ending, &led.key).expect("well made").into_signed())
}

/// Finding: a chain may be as long as 16 MiB, and is held until its end. Whoever left a unit, or has
/// its statements and any number of keys, made a node hold that of each.
#[test]
fn chains_of_many_strangers_are_held_within_a_bound() {
    let roots = Roots::new();
    let city = roots.city(1);
    let mut net = Net::new();
    let top = net.first(&roots, &city);
    let network = roots.genesis.network();
    let endings: Vec<Statement> = (0..120).map(|n| long_ending(&roots, &city, n)).collect();
    assert!(Item::len(&endings[0]) <= STATEMENT_BYTES_MAX);
    let kept = net.sites[top].replica.authority().kept().count();
    let (mut accepted, mut refused) = (0, 0);
    'strangers: for stranger in 1..=8_u8 {
        let (session, peer) = (SessionId(100 + u64::from(stranger)), NodeKey([stranger; 32]));
        let salt = Salt([stranger; 16]);
        hear(&mut net, top, Input::Opened { session, peer, opener: false, salt });
        let hello = Hello { network, levels: Levels::OURS, salt, clock: Ms::of(1) };
        let said = |frame: Frame| Input::Frame { session, frame: Ok(frame) };
        hear(&mut net, top, said(hello.into()));
        for part in endings.chunks(3) {
            let membership = Membership {
                unit: city.unit.clone(),
                lineage: city.lineage,
                chain: List::new(part.to_vec()).expect("a frame"),
                more: true,
                epoch: Epoch([stranger; 16]),
                head: 0,
                digest: None,
            };
            if hear(&mut net, top, said(membership.into())).as_deref() == Some("flood") {
                refused += 1;
                continue 'strangers;
            }
            accepted += part.len() * 131_000;
        }
    }
    println!("{accepted} bytes of chains are held, {refused} strangers were refused");
    assert!(accepted <= 67_108_864 + 8 * 3 * 131_500, "{accepted} bytes are held");
    assert!(refused > 0);
    assert_eq!(net.sites[top].replica.authority().kept().count(), kept, "nothing of it is kept");
    let district = roots.below(&city, "c/d", 2);
    net.teach(top, &[&district]);
    let other = net.first(&roots, &district);
    net.connect(top, other);
    assert!(net.endings(other).is_empty());
}

/// Lets a node hear something. Returns by which code it ended the session, if it did.
fn hear(net: &mut Net, at: usize, input: Input) -> Option<String> {
    let now = net.now();
    let site = &mut net.sites[at];
    let output = site.replica.handle(now, input, &site.store).expect("the store answers");
    site.store.apply(&output.batch);
    output.effects.into_iter().find_map(|effect| match effect {
        Effect::Close { reason, .. } => Some(reason.code.to_string()),
        Effect::Send { .. } | Effect::Tell(_) => None,
    })
}

/// Its encoded length.
struct Item;

impl Item {
    fn len(statement: &Statement) -> usize {
        schema_wire::Wire::to_bytes(statement).len()
    }
}
