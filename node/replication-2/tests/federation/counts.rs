//! What counts of what is held: revocations that cross offline work, forks, adoption, new lives.

use automerge::ROOT;
use automerge::transaction::Transactable;
use node_replication::{Event, history};
use schema_wire::{
    Adoption, Audience, Author, Class, DocumentId, Envelope, Frame, Hash, Header, Items, Payload,
    Revocation, Scope, Statement, Verified, Watermark, Wire,
};

use crate::world::{
    CITY, COMMUNITY_UNIT, DISTRICT, LEFT, Node, RIGHT, START_MS, World, document, genesis, grants,
    key, public, unit,
};

fn roster() -> DocumentId {
    document(COMMUNITY_UNIT, Class::Roster, "b1")
}

fn scopes() -> [Scope; 3] {
    Audience::ALL.map(|audience| Scope { unit: unit(COMMUNITY_UNIT), audience })
}

/// RIGHT's grant withdrawn by the community, all but what the watermarks keep.
fn revocation(watermarks: Vec<Watermark>) -> Statement {
    let revocation = Revocation {
        network: genesis().network(),
        issuer: public(&key(3)),
        issuer_unit: unit(COMMUNITY_UNIT),
        proof: Some(grants().community.id()),
        revokes: grants().nodes[RIGHT].id(),
        watermarks,
        keeps: vec![],
        at_ms: START_MS,
    };
    Statement::Revocation(Verified::seal(revocation, &key(3)).as_signed().clone())
}

fn adoption(envelopes: Vec<Hash>) -> Statement {
    let mut envelopes = envelopes;
    envelopes.sort_unstable();
    let adoption = Adoption {
        network: genesis().network(),
        issuer: public(&key(3)),
        issuer_unit: unit(COMMUNITY_UNIT),
        proof: Some(grants().community.id()),
        envelopes,
        at_ms: START_MS,
    };
    Statement::Adoption(Verified::seal(adoption, &key(3)).as_signed().clone())
}

fn suspended(node: &Node) -> Vec<(Hash, String)> {
    let all = history::suspended(&node.store.inner).expect("a store in memory");
    all.into_iter().map(|suspended| (suspended.envelope, suspended.code)).collect()
}

fn field(node: &Node, name: &str) -> Option<String> {
    use automerge::ReadDoc;
    let doc = node.load(&roster());
    let value = doc.get(ROOT, name).expect("a map");
    value.map(|(value, _)| value.into_string().expect("a text"))
}

fn agreed(world: &World) {
    assert_eq!(world.nodes[LEFT].state(&scopes()), world.nodes[RIGHT].state(&scopes()));
}

#[test]
fn a_revocation_that_crosses_offline_work_suspends_it_until_the_owner_adopts_it() {
    let mut world = World::found();
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    world.put(RIGHT, &roster(), "known", "1");
    world.deliver();
    world.cut(session);
    let author = world.nodes[RIGHT].author();
    let mark = Watermark { document: roster(), author, seq: 1 };
    world.learn_statement(LEFT, revocation(vec![mark]));
    // Nobody told RIGHT, who goes on working.
    world.put(RIGHT, &roster(), "offline", "1");
    world.put(RIGHT, &roster(), "again", "1");
    world.connect(RIGHT, LEFT);
    world.deliver();
    let codes: Vec<String> = suspended(&world.nodes[LEFT]).into_iter().map(|s| s.1).collect();
    assert_eq!(codes, ["revoked", "revoked"], "handed over, kept, and not counted");
    assert_eq!(field(&world.nodes[LEFT], "known").as_deref(), Some("1"));
    assert_eq!(field(&world.nodes[LEFT], "offline"), None);
    agreed(&world);
    // What it would write now is refused at once: its clerk learns it.
    let content = world.nodes[RIGHT].change(&roster(), |doc| {
        doc.put(ROOT, "late", "1").expect("a map");
    });
    let now_ms = world.now_ms;
    let Node { replica, store, .. } = &mut world.nodes[RIGHT];
    let late = replica.write(now_ms, &roster(), content, store);
    assert!(late.expect_err("revoked").to_string().contains("revoked"));

    let ids = suspended(&world.nodes[LEFT]).into_iter().map(|s| s.0).collect();
    world.learn_statement(LEFT, adoption(ids));
    world.deliver();
    assert_eq!(field(&world.nodes[LEFT], "again").as_deref(), Some("1"));
    assert_eq!(suspended(&world.nodes[LEFT]), []);
    world.connect(RIGHT, LEFT);
    world.deliver();
    agreed(&world);
}

#[test]
fn what_rests_on_suspended_work_waits_with_it() {
    let mut world = World::found();
    world.connect(LEFT, RIGHT);
    world.deliver();
    world.put(RIGHT, &roster(), "first", "1");
    world.deliver();
    world.put(LEFT, &roster(), "second", "2");
    world.deliver();
    let life = world.nodes[LEFT].author().incarnation;
    world.learn_statement(LEFT, revocation(vec![]));
    let mut codes: Vec<String> = suspended(&world.nodes[LEFT]).into_iter().map(|s| s.1).collect();
    codes.sort();
    assert_eq!(codes, ["rests-on-suspended", "revoked"]);
    // Its own log was cut: LEFT goes on in a new one.
    assert!(world.nodes[LEFT].author().incarnation > life);
    world.put(LEFT, &roster(), "third", "3");
    assert_eq!(field(&world.nodes[LEFT], "third").as_deref(), Some("3"));
    assert_eq!(field(&world.nodes[LEFT], "second"), None);
}

#[test]
fn a_revoked_peer_is_read_nothing_more() {
    let mut world = World::found();
    world.connect(LEFT, RIGHT);
    world.deliver();
    world.learn_statement(LEFT, revocation(vec![]));
    assert_eq!(world.nodes[LEFT].refused_sessions().get("revoked"), Some(&1));
    world.connect(RIGHT, LEFT);
    world.deliver();
    world.put(LEFT, &roster(), "secret", "1");
    world.frames.clear();
    world.deliver();
    world.wake();
    assert_eq!(field(&world.nodes[RIGHT], "secret"), None);
    let told = world.nodes[LEFT].events.iter();
    assert!(told.filter(|e| matches!(e, Event::Surrenders { .. })).count() == 1);
}

/// An envelope of RIGHT's key, beside whatever RIGHT wrote itself.
fn rival(world: &World, author: Author, field: &str) -> Envelope {
    let content = world.nodes[RIGHT].change(&roster(), |doc| {
        doc.put(ROOT, field, "rival").expect("a map");
    });
    let header = Header {
        network: genesis().network(),
        document: roster(),
        author,
        seq: 1,
        backlink: None,
        dependencies: vec![],
        delegation: grants().nodes[RIGHT].id(),
        at_ms: START_MS,
        payload: Payload::Changes(Hash::of(&content)),
    };
    let header = Verified::seal(header, &key(14));
    Envelope { header: header.as_signed().clone(), content }
}

/// RIGHT's key signs one thing for LEFT, and another with RIGHT.
fn forked() -> (World, [Hash; 2]) {
    let mut world = World::found();
    let author = world.nodes[RIGHT].author();
    let rival = rival(&world, author, "two");
    world.put(RIGHT, &roster(), "one", "1");
    let one = history::entries(&world.nodes[RIGHT].store.inner, &roster()).expect("in memory");
    let ids = [one[0].header.id(), rival.header.id()];
    // The rival reaches LEFT first.
    world.learn(LEFT, &grants().nodes[RIGHT]);
    let session = world.connect(RIGHT, LEFT);
    while !world.nodes[LEFT].events.iter().any(|e| matches!(e, Event::Joined { .. })) {
        assert!(world.deliver_one());
    }
    let item = schema_wire::Item::Envelope(rival).to_bytes();
    let items = Items { scope: roster().scope(), upto: None, fingerprint: None, items: vec![item] };
    let bytes = Frame::Items(items).to_bytes();
    world.input(LEFT, node_replication::Input::frame(session, &bytes));
    world.deliver();
    world.connect(RIGHT, LEFT);
    world.deliver();
    (world, ids)
}

#[test]
fn a_fork_is_cut_on_every_node_alike_and_proves_itself() {
    let (mut world, ids) = forked();
    agreed(&world);
    let mut expected: Vec<_> = ids.iter().map(|id| (*id, "fork".to_owned())).collect();
    expected.sort();
    for node in [LEFT, RIGHT] {
        assert_eq!(suspended(&world.nodes[node]), expected);
        let store = &world.nodes[node].store.inner;
        let proofs = history::equivocations(store, &roster()).expect("in memory");
        assert_eq!(proofs.len(), 1);
        assert!(proofs[0].holds(&schema_wire::Ed25519));
    }
    // The honest half of the doubled key found out, and goes on under a new incarnation.
    let renewed = |e: &Event| matches!(e, Event::NewLife { doubled: true, .. });
    assert!(world.nodes[RIGHT].events.iter().any(renewed));
    world.put(RIGHT, &roster(), "three", "3");
    world.connect(RIGHT, LEFT);
    world.deliver();
    agreed(&world);
    assert_eq!(field(&world.nodes[LEFT], "three").as_deref(), Some("3"));
    // Two nodes of the owner choose apart: one of the two counts, the same everywhere.
    world.learn_statement(LEFT, adoption(vec![ids[0]]));
    world.learn_statement(RIGHT, adoption(vec![ids[1]]));
    world.deliver();
    agreed(&world);
    let greater = *ids.iter().max().expect("two");
    assert_eq!(suspended(&world.nodes[LEFT]), [(greater, "fork".to_owned())]);
}

#[test]
fn upper_tiers_cut_what_the_owner_revoked() {
    let mut world = World::found();
    let report = document(COMMUNITY_UNIT, Class::Report, "2026-09");
    world.connect(LEFT, RIGHT);
    world.connect(DISTRICT, LEFT);
    world.connect(CITY, DISTRICT);
    world.deliver();
    world.put(RIGHT, &report, "value", "forged");
    world.deliver();
    world.learn_statement(LEFT, revocation(vec![]));
    world.deliver();
    for node in [CITY, DISTRICT, LEFT] {
        let codes: Vec<String> = suspended(&world.nodes[node]).into_iter().map(|s| s.1).collect();
        assert_eq!(codes, ["revoked"], "node {node}");
    }
}
