//! Every refusal: the right code, counted, and the other items of the frame arrive all the same.
//!
//! RIGHT's key is played by hand: it may write, and writes what no replica would.

use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ObjType, ROOT};
use node_replication::{Effect, Event, Input, SessionId, WriteError};
use schema_wire::{
    Author, Class, ClassSet, Delegation, DocumentId, Envelope, Frame, Hash, Header, Hello, Item,
    Items, KeyGrant, NetworkId, NodeKey, Payload, Scope, SigningKey, Statement, Verified, Wire,
    limits,
};

use crate::world::{
    CITY_UNIT, CLERK, COMMUNITY_UNIT, DISTRICT_UNIT, END_MS, GOVERN, LEFT, World, document,
    genesis, grant, grants, key, public, unit,
};

/// The forger's key number: RIGHT's.
const FORGER: u8 = 14;

fn author() -> Author {
    Author { key: public(&key(FORGER)), incarnation: 1 }
}

fn roster(shard: &str) -> DocumentId {
    document(COMMUNITY_UNIT, Class::Roster, shard)
}

/// A peer played by hand at LEFT.
struct Forger {
    world: World,
    session: SessionId,
}

impl Forger {
    fn joined() -> Self {
        let mut forger = Self::stranger();
        forger.world.learn(LEFT, &grants().nodes[3]);
        forger
    }

    /// Joined, but its delegation has not been replicated to LEFT yet.
    fn stranger() -> Self {
        let mut forger = Self::opened();
        forger.frame(&Frame::Hello(Box::new(hello(1))));
        assert!(forger.closed().is_none());
        forger
    }

    fn opened() -> Self {
        let mut world = World::found();
        let session = world.fresh_session();
        let peer = public(&key(FORGER));
        world.input(LEFT, Input::Opened { session, peer, dialer: false });
        Self { world, session }
    }

    fn bytes(&mut self, bytes: Vec<u8>) -> Vec<Effect> {
        let session = self.session;
        let output = self.world.handle(LEFT, Input::frame(session, &bytes));
        let effects = output.effects.clone();
        self.world.release(LEFT, output);
        effects
    }

    fn frame(&mut self, frame: &Frame) -> Vec<Effect> {
        self.bytes(frame.to_bytes())
    }

    /// The code the session was refused with, if it was.
    fn closed(&self) -> Option<String> {
        self.world.nodes[LEFT].events.iter().find_map(|event| match event {
            Event::Refused { reason, .. } => Some(reason.code.clone()),
            _ => None,
        })
    }

    fn items(&mut self, scope: Scope, items: Vec<Vec<u8>>) {
        let items = Items { scope, upto: None, fingerprint: None, items };
        self.frame(&Frame::Items(items));
    }

    /// How many envelopes LEFT holds of a document, if it holds it.
    fn envelopes(&self, document: &DocumentId) -> Option<u64> {
        let store = &self.world.nodes[LEFT].store.inner;
        let summary = node_replication::history::summary(store, document).expect("memory");
        summary.map(|summary| summary.envelopes)
    }

    /// Sends a bad item between two good ones and in front of another scope's.
    fn refused(&mut self, bad: Vec<u8>, code: &str) {
        let before = self.world.nodes[LEFT].rejections().get(code).copied().unwrap_or(0);
        let good = [first(&roster("good1")), first(&roster("good2"))];
        let [one, two] = good.clone().map(|envelope| Item::Envelope(envelope).to_bytes());
        self.items(roster("x").scope(), vec![one, bad, two]);
        let place = document(COMMUNITY_UNIT, Class::Place, "p");
        let other = Item::Envelope(first(&place)).to_bytes();
        self.items(place.scope(), vec![other]);
        assert_eq!(self.closed(), None, "{code}: the session goes on");
        let rejections = self.world.nodes[LEFT].rejections();
        assert_eq!(rejections.get(code), Some(&(before + 1)), "{code}: {rejections:?}");
        for document in [roster("good1"), roster("good2"), place] {
            assert_eq!(self.envelopes(&document), Some(1), "{code}");
        }
        let kept = node_replication::quarantine(&self.world.nodes[LEFT].store.inner);
        assert!(kept.expect("memory").iter().any(|item| item.code == code));
    }
}

fn hello(counter: u64) -> Hello {
    let grants = grants();
    let chain = [&grants.nodes[3], &grants.community, &grants.district];
    Hello {
        network: genesis().network(),
        from: public(&key(FORGER)),
        to: public(&key(13)),
        incarnation: 1,
        counter,
        unit: unit(COMMUNITY_UNIT),
        chain: chain.map(|link| Statement::Delegation(link.as_signed().clone())).to_vec(),
        epoch: [FORGER; 16],
        scopes: Vec::new(),
    }
}

fn change(document: &DocumentId, before: Option<&[u8]>, edit: impl Fn(&mut AutoCommit)) -> Vec<u8> {
    let mut doc = AutoCommit::new();
    if let Some(before) = before {
        let before = Change::from_bytes(before.to_vec()).expect("a change");
        doc.apply_changes([before]).expect("applies");
    }
    doc.set_actor(ActorId::from(author().actor(document)));
    edit(&mut doc);
    doc.commit();
    doc.get_last_local_change().expect("a change").raw_bytes().to_vec()
}

fn put(doc: &mut AutoCommit) {
    doc.put(ROOT, "x", "value").expect("a map");
}

fn header(document: &DocumentId, content: &[u8]) -> Header {
    Header {
        network: genesis().network(),
        document: document.clone(),
        author: author(),
        seq: 1,
        backlink: None,
        dependencies: Vec::new(),
        delegation: grants().nodes[3].id(),
        at_ms: 2000,
        payload: Payload::Changes(Hash::of(content)),
    }
}

fn sealed(header: Header, content: Vec<u8>, by: &SigningKey) -> Envelope {
    Envelope { header: Verified::seal(header, by).as_signed().clone(), content }
}

/// A good first envelope of a document.
fn first(document: &DocumentId) -> Envelope {
    let content = change(document, None, put);
    sealed(header(document, &content), content, &key(FORGER))
}

fn item(envelope: Envelope) -> Vec<u8> {
    Item::Envelope(envelope).to_bytes()
}

/// A first envelope, with its header changed before it is signed.
fn with(edit: impl FnOnce(&mut Header)) -> Vec<u8> {
    let content = change(&roster("bad"), None, put);
    let mut header = header(&roster("bad"), &content);
    edit(&mut header);
    item(sealed(header, content, &key(FORGER)))
}

/// A first envelope, with its Automerge change rewritten.
fn forged(edit: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let content = change(&roster("bad"), None, put);
    let mut expanded = Change::from_bytes(content).expect("a change").decode();
    edit(&mut expanded);
    let content = Change::from(expanded).raw_bytes().to_vec();
    item(sealed(header(&roster("bad"), &content), content, &key(FORGER)))
}

#[test]
fn forged_envelopes_are_refused_one_by_one() {
    let mut wrong = first(&roster("bad"));
    let good = wrong.to_bytes();
    let signature = wrong.header.to_bytes();
    let at = good.windows(signature.len()).position(|w| w == signature).expect("inside");
    let mut bytes = good;
    bytes[at + signature.len() - 1] ^= 1;
    wrong = Envelope::from_bytes(&bytes).expect("decodes");
    let mut swapped = first(&roster("bad"));
    swapped.content = change(&roster("bad"), None, |doc| {
        doc.put(ROOT, "y", 1).expect("a map");
    });
    let truncated = item(first(&roster("bad")))[..90].to_vec();
    let cases = [
        (item(wrong), "bad-signature"),
        (item(swapped), "content-mismatch"),
        (truncated, "malformed"),
        (vec![0xff; 300], "malformed"),
        (with(|h| h.network = NetworkId([9; 32])), "other-network"),
        (with(|h| h.document = document(COMMUNITY_UNIT, Class::Place, "bad")), "other-scope"),
        (with(|h| (h.seq, h.backlink) = (3, Some(Hash([1; 32])))), "seq-gap"),
        (with(|h| h.dependencies = vec![Hash([1; 32])]), "missing-dependency"),
        (with(|h| h.at_ms = END_MS + 1), "expired"),
        (with(|h| h.at_ms = 1), "not-yet-valid"),
        (with(|h| h.delegation = grants().nodes[2].id()), "other-subject"),
        (with(|h| h.payload = Payload::Keys(Hash([1; 32]))), "payload-kind"),
    ];
    for (bad, code) in cases {
        Forger::joined().refused(bad, code);
    }
}

#[test]
fn a_wrong_backlink_is_refused() {
    let mut forger = Forger::joined();
    let good = first(&roster("bad"));
    forger.items(roster("bad").scope(), vec![item(good.clone())]);
    let content = change(&roster("bad"), Some(&good.content), |doc| {
        doc.put(ROOT, "x", 2).expect("a map");
    });
    let mut next = header(&roster("bad"), &content);
    let elsewhere = first(&roster("other"));
    forger.items(roster("bad").scope(), vec![item(elsewhere.clone())]);
    (next.seq, next.backlink) = (2, Some(elsewhere.header.id()));
    forger.refused(item(sealed(next.clone(), content.clone(), &key(FORGER))), "backlink");
    (next.backlink, next.at_ms) = (Some(good.header.id()), 1999);
    forger.refused(item(sealed(next.clone(), content.clone(), &key(FORGER))), "time-runs-back");
    // A duplicate is neither refused nor counted twice; the true successor is taken.
    next.at_ms = 2001;
    let next = item(sealed(next, content, &key(FORGER)));
    forger.items(roster("bad").scope(), vec![item(good), next.clone(), next]);
    assert_eq!(forger.envelopes(&roster("bad")), Some(2));
}

#[test]
fn an_author_outside_its_territory_or_class_is_refused() {
    let mut forger = Forger::joined();
    let community = Some(grants().community.id());
    let to = (public(&key(FORGER)), COMMUNITY_UNIT);
    let mut limited = grant((&key(3), COMMUNITY_UNIT), community, to, CLERK);
    limited.classes = ClassSet::of(&[Class::Duty]);
    limited.serial = 1;
    let limited = Verified::seal(limited, &key(3));
    forger.world.learn(LEFT, &limited);
    forger.refused(with(|h| h.delegation = limited.id()), "lacks-class");
    let mut reader = limited.value().clone();
    (reader.classes, reader.verbs) = (ClassSet::ALL, schema_wire::VerbSet::READ);
    let reader = Verified::seal(reader, &key(3));
    forger.world.learn(LEFT, &reader);
    forger.refused(with(|h| h.delegation = reader.id()), "lacks-verb");

    // Another unit's document in a scope both hold.
    let place = document(DISTRICT_UNIT, Class::Place, "p");
    let bad = item(first(&place));
    forger.items(place.scope(), vec![bad]);
    assert_eq!(forger.world.nodes[LEFT].rejections().get("outside-territory"), Some(&1));
    assert_eq!(forger.closed(), None);
}

#[test]
fn every_change_that_would_break_automerge_is_refused() {
    let actor = ActorId::from(author().actor(&roster("bad")));
    let absent = OpId::new(77, &actor);
    let cases = [
        (forged(|c| c.seq = 3), "change-seq"),
        (forged(|c| c.seq = 2), "change-seq"),
        (forged(|c| c.actor_id = ActorId::from([5; 16])), "change-actor"),
        (forged(|c| c.deps = vec![automerge::ChangeHash([4; 32])]), "change-dependency"),
        (forged(|c| c.operations[0].obj = ObjectId::Id(absent.clone())), "change-reference"),
        (
            forged(|c| {
                c.operations[0].obj = ObjectId::Id(absent.clone());
                c.operations[0].key = Key::Seq(ElementId::Id(absent.clone()));
                c.operations[0].insert = true;
            }),
            "change-reference",
        ),
        // Automerge takes it, and then none of the changes after it.
        (forged(|c| c.operations[0].insert = true), "change-shape"),
        (forged(|c| c.operations[0].action = OpType::Delete), "change-shape"),
        (forged(|c| c.operations[0].action = OpType::Make(ObjType::List)), "change-shape"),
        (
            forged(|c| c.start_op = (u64::from(u32::MAX) - 2).try_into().expect("not zero")),
            "change-start",
        ),
        // Beyond the counters Automerge has: its own decoder refuses it.
        (forged(|c| c.start_op = (1 << 33).try_into().expect("not zero")), "change-malformed"),
    ];
    for (bad, code) in cases {
        Forger::joined().refused(bad, code);
    }
}

/// A few bytes of runs that stand for thousands of operations.
fn folded() -> Vec<u8> {
    let mut expanded =
        Change::from_bytes(change(&roster("bad"), None, put)).expect("a change").decode();
    for before in 1..2000 {
        let mut again = expanded.operations[0].clone();
        again.action = OpType::Put(().into());
        again.pred = vec![OpId::new(before, &expanded.actor_id)].into();
        expanded.operations.push(again);
    }
    let content = Change::from(expanded).raw_bytes().to_vec();
    assert!(content.len() < 2000, "{} bytes", content.len());
    content
}

#[test]
fn a_change_that_stands_for_more_than_its_bytes_is_judged_like_any() {
    let folded = folded();
    let good = header(&roster("bad"), &folded);
    let mut unknown = good.clone();
    unknown.delegation = grants().nodes[2].id();
    let mut forger = Forger::joined();
    forger.refused(item(sealed(unknown, folded.clone(), &key(FORGER))), "other-subject");
    let mut expanded = Change::from_bytes(folded.clone()).expect("a change").decode();
    expanded.operations[1999].insert = true;
    let bad = Change::from(expanded).raw_bytes().to_vec();
    let header = header(&roster("bad"), &bad);
    forger.refused(item(sealed(header, bad, &key(FORGER))), "change-shape");
    forger.items(roster("bad").scope(), vec![item(sealed(good, folded, &key(FORGER)))]);
    assert_eq!(forger.envelopes(&roster("bad")), Some(1));
}

#[test]
fn an_own_entry_too_large_for_others_is_not_taken() {
    let mut world = World::found();
    let content = world.nodes[LEFT].change(&roster("bad"), |doc| {
        doc.put(ROOT, "x", vec![7u8; limits::ENVELOPE_BYTES_MAX]).expect("a map");
    });
    let grants = vec![KeyGrant::new([1; 16], [2; 32]); limits::KEY_GRANTS_MAX + 1];
    let now_ms = world.now_ms;
    let node = &mut world.nodes[LEFT];
    let written = node.replica.write(now_ms, &roster("bad"), content, &node.store);
    let granted = node.replica.grant_keys(now_ms, &grants, &node.store);
    for (refused, code) in [(written, "malformed"), (granted, "content-mismatch")] {
        let Err(WriteError::Refused { rejection, .. }) = refused else { panic!("taken") };
        assert_eq!(rejection.code(), code);
    }
}

#[test]
fn a_change_that_uses_a_seq_again_is_refused_in_the_next_envelope() {
    let mut forger = Forger::joined();
    let good = first(&roster("bad"));
    forger.items(roster("bad").scope(), vec![item(good.clone())]);
    let content = change(&roster("bad"), None, |doc| {
        doc.put(ROOT, "again", 1).expect("a map");
    });
    let mut next = header(&roster("bad"), &content);
    (next.seq, next.backlink) = (2, Some(good.header.id()));
    forger.refused(item(sealed(next, content, &key(FORGER))), "change-seq");
}

#[test]
fn frames_that_are_no_frames_end_the_session_with_a_reason() {
    let truncated = Frame::Hello(Box::new(hello(2))).to_bytes()[..60].to_vec();
    let mut random = vec![7u8; 500];
    for n in 1..random.len() {
        random[n] = random[n - 1].wrapping_mul(31).wrapping_add(17);
    }
    let oversized = vec![0; limits::FRAME_BYTES_MAX + 1];
    for bytes in [truncated, random, oversized, Vec::new()] {
        let mut forger = Forger::joined();
        let effects = forger.bytes(bytes);
        assert_eq!(forger.closed().as_deref(), Some("malformed-frame"));
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Close { .. })));
        let counted = forger.world.nodes[LEFT].refused_sessions();
        assert_eq!(counted.get("malformed-frame"), Some(&1));
    }
}

/// Says hello to LEFT and returns why it was refused.
fn hello_refused(edit: impl FnOnce(&mut Hello)) -> Option<String> {
    let mut forger = Forger::opened();
    let mut hello = hello(1);
    edit(&mut hello);
    forger.frame(&Frame::Hello(Box::new(hello)));
    forger.closed()
}

#[test]
fn a_replayed_hello_is_refused_in_every_session() {
    let mut forger = Forger::joined();
    forger.frame(&Frame::Hello(Box::new(hello(2))));
    assert_eq!(forger.closed().as_deref(), Some("replayed-hello"), "in the same session");

    let mut forger = Forger::joined();
    let (session, peer) = (forger.world.fresh_session(), public(&key(FORGER)));
    forger.world.input(LEFT, Input::Opened { session, peer, dialer: false });
    let bytes = Frame::Hello(Box::new(hello(1))).to_bytes();
    forger.world.input(LEFT, Input::frame(session, &bytes));
    assert_eq!(forger.closed().as_deref(), Some("replayed-hello"), "in another session");

    let elsewhere = hello_refused(|hello| hello.to = NodeKey([1; 32]));
    assert_eq!(elsewhere.as_deref(), Some("replayed-hello"), "at another peer");
    let impostor = hello_refused(|hello| hello.from = public(&key(12)));
    assert_eq!(impostor.as_deref(), Some("impostor"));
    let network = hello_refused(|hello| hello.network = NetworkId([1; 32]));
    assert_eq!(network.as_deref(), Some("other-network"));
    let before = Forger::opened().frame(&Frame::Want { scope: roster("x").scope(), ids: vec![] });
    assert!(before.iter().any(|effect| matches!(
        effect,
        Effect::Close { reason, .. } if reason.code == "no-hello"
    )));
}

fn statement(delegation: Delegation, by: u8) -> (Statement, Hash) {
    let sealed = Verified::seal(delegation, &key(by));
    (Statement::Delegation(sealed.as_signed().clone()), sealed.id())
}

/// A chain of grants within the city through these keys, from the root, leaf first.
fn city_chain(keys: &[u8]) -> Vec<Statement> {
    let (mut chain, mut proof) = (Vec::new(), None);
    for pair in keys.windows(2) {
        let to = (public(&key(pair[1])), CITY_UNIT);
        let link = grant((&key(pair[0]), CITY_UNIT), proof, to, GOVERN);
        let (statement, id) = statement(link, pair[0]);
        chain.insert(0, statement);
        proof = Some(id);
    }
    chain
}

#[test]
fn a_chain_too_long_or_broken_is_refused_and_an_expired_one_reads_nothing() {
    let as_city = |chain: Vec<Statement>| {
        hello_refused(|hello| {
            hello.unit = unit(CITY_UNIT);
            hello.chain = chain;
        })
    };
    assert_eq!(as_city(city_chain(&[1, 21, FORGER])), None, "a good chain is taken");
    let again = as_city(city_chain(&[1, 21, 22, FORGER]));
    assert_eq!(again.as_deref(), Some("govern-from-within"));
    let endless = (0..65).map(|_| city_chain(&[1, 21])[0].clone()).collect();
    // The frame's own limit refuses it before a signature is checked.
    assert_eq!(as_city(endless).as_deref(), Some("malformed-frame"));
    let mut rootless = city_chain(&[1, 21, FORGER]);
    rootless.pop();
    assert_eq!(as_city(rootless).as_deref(), Some("unknown-statement"));
    let mut expired = grant((&key(1), CITY_UNIT), None, (public(&key(FORGER)), CITY_UNIT), CLERK);
    expired.not_after_ms = 2000;
    let expired = vec![statement(expired, 1).0];
    let mut forger = Forger::opened();
    let hello = Hello { unit: unit(CITY_UNIT), chain: expired, ..hello(1) };
    forger.frame(&Frame::Hello(Box::new(hello)));
    // It may hand over what it wrote, and is no member.
    let events = &forger.world.nodes[LEFT].events;
    assert!(events.iter().any(|event| matches!(event, Event::Surrenders { .. })));
    assert_eq!(as_city(Vec::new()).as_deref(), Some("no-delegation"));
    let other = grant((&key(9), CITY_UNIT), None, (public(&key(FORGER)), CITY_UNIT), CLERK);
    assert_eq!(as_city(vec![statement(other, 9).0]).as_deref(), Some("not-root"));
}

#[test]
fn an_item_waits_for_its_delegation_and_is_refused_when_it_does_not_come() {
    let mut forger = Forger::stranger();
    let scope = roster("bad").scope();
    forger.items(scope.clone(), vec![item(first(&roster("bad")))]);
    assert!(forger.world.nodes[LEFT].rejections().is_empty());
    forger.world.learn(LEFT, &grants().nodes[3]);
    let held = |forger: &Forger| {
        let store = &forger.world.nodes[LEFT].store.inner;
        node_replication::history::summary(store, &roster("bad")).expect("memory").is_some()
    };
    assert!(held(&forger), "the delegation came");

    let mut forger = Forger::stranger();
    forger.items(scope, vec![item(first(&roster("bad")))]);
    forger.world.now_ms += 60_000;
    forger.world.wake();
    assert_eq!(forger.world.nodes[LEFT].rejections().get("unknown-statement"), Some(&1));
    assert!(!held(&forger));
    assert_eq!(forger.closed(), None);
}
