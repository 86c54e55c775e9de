//! Sets, sums and the feed, while what counts changes.

use std::collections::BTreeSet;

use node_authority::{Authority, Pin, Pins};
use node_replication::change::{Change, write};
use node_replication::counts::Reason;
use node_replication::log::{
    Derived, Event, Offered, Origin, SetRecord, Step, feed, feed_head, forks, validity,
};
use schema_wire::{
    DocumentId, Hash, Header, Incarnation, Payload, Scope, SetVector, UnitId, Verified,
};

use crate::node::Node;
use crate::own::reopen;
use crate::world::{BEGIN, World, Writer, content, item, scope_of, secret, statement_item};

/// A writer of the unit, and a node that knows it.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) node: Node,
    pub(crate) writer: Writer,
    pub(crate) document: DocumentId,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::of(World::new())
    }

    /// Of a unit that nobody above recognised: its lineage is known by the pins alone.
    fn unfounded() -> Self {
        let mut world = World::new();
        world.base.truncate(1);
        Self::of(world)
    }

    fn of(world: World) -> Self {
        let mut node = Node::new(world.genesis.clone(), world.pins(), secret(1));
        let own = world.grant(&secret(1), 0);
        let grant = world.grant(&secret(2), 0);
        let delegation = grant.id();
        node.learn(&[world.base.clone(), vec![own.into(), grant.into()]].concat());
        let writer = Writer { key: secret(2), delegation, incarnation: Incarnation([1; 16]) };
        let document = world.document(144, "one");
        Self { world, node, writer, document }
    }

    /// A change without operations that joins nothing, as an envelope.
    pub(crate) fn envelope(
        &self,
        writer: &Writer,
        after: Option<(&Verified<Header>, &Change<'_>)>,
        at: u64,
    ) -> (Verified<Header>, Change<'static>, Payload) {
        let deps = after.map(|(_, change)| write(change).1).into_iter().collect();
        let seq = after.map_or(1, |(header, _)| header.value().seq() + 1);
        let actor = writer.author().actor(&self.document);
        let change = Change { deps, actor, seq, start_op: 1, puts: vec![] };
        let content = content(write(&change).0);
        let after = after.map(|(header, _)| header);
        let network = self.world.network();
        (writer.write(network, &self.document, after, &[], at, &content), change, content)
    }

    pub(crate) fn offer(&mut self, header: &Verified<Header>, content: Payload) -> Offered {
        let bytes = item(header, content);
        self.node.offer(&self.document.scope(), &bytes, &BTreeSet::new())
    }

    pub(crate) fn reason(&self, id: &Hash) -> Option<Reason> {
        validity(&self.node.store, &self.document, id).expect("in memory").reason()
    }

    fn feed(&self) -> Vec<Hash> {
        let scope = self.document.scope();
        let all = feed(&self.node.store, &scope, 0, usize::MAX >> 1).expect("in memory");
        all.into_iter().map(|(_, id)| id).collect()
    }

    fn is_as_rebuilt(&self) {
        let authority: &Authority = self.node.log.authority();
        let kept = Derived::kept(&self.node.store, authority).expect("in memory");
        assert_eq!(kept, Derived::rebuilt(&self.node.store, authority).expect("in memory"));
    }
}

#[test]
fn what_is_set_aside_leaves_the_set_and_takes_a_later_position_when_it_comes_back() {
    let mut scene = Scene::new();
    let (first, change, one) = scene.envelope(&scene.writer, None, BEGIN);
    let (second, _, two) = scene.envelope(&scene.writer, Some((&first, &change)), BEGIN + 5);
    assert_eq!(scene.offer(&first, one), Offered::Taken);
    assert_eq!(scene.offer(&second, two), Offered::Taken);
    assert_eq!(scene.feed(), [first.id(), second.id()]);
    let whole = SetRecord::load(&scene.node.store, &scene.document.scope()).expect("in memory");
    let head = feed_head(&scene.node.store).expect("in memory");

    let ending = scene.world.end(scene.writer.delegation, BEGIN + 10);
    scene.node.learn(&[ending]);
    assert_eq!(scene.reason(&second.id()), Some(Reason::Unpermitted));
    assert_eq!(scene.feed(), []);
    let none = SetRecord::load(&scene.node.store, &scene.document.scope()).expect("in memory");
    assert_eq!((none.items, none.vector), (0, SetVector::default()));
    scene.is_as_rebuilt();

    let adoption = scene.world.adopt(&[&first], BEGIN + 20);
    scene.node.learn(std::slice::from_ref(&adoption));
    assert_eq!(scene.reason(&first.id()), None);
    assert_eq!(scene.reason(&second.id()), Some(Reason::Unpermitted));
    // Adoptions lie with what they adopt.
    assert_eq!(scene.feed(), [adoption.id(), first.id()]);
    scene.is_as_rebuilt();

    let adoption = scene.world.adopt(&[&second], BEGIN + 30);
    scene.node.learn(&[adoption]);
    assert_eq!(scene.reason(&second.id()), None);
    let scope = scene.document.scope();
    let now = SetRecord::load(&scene.node.store, &scope).expect("in memory");
    assert_eq!((now.items, whole.items), (4, 2));
    assert!(now.head > head);
    scene.is_as_rebuilt();
}

#[test]
fn a_fork_is_told_and_ends_when_a_side_is_chosen() {
    let mut scene = Scene::new();
    let (left, _, one) = scene.envelope(&scene.writer, None, BEGIN);
    let (right, _, two) = scene.envelope(&scene.writer, None, BEGIN + 1);
    scene.offer(&left, one);
    scene.offer(&right, two);
    assert_eq!(scene.reason(&left.id()), Some(Reason::Fork));
    assert_eq!(scene.reason(&right.id()), Some(Reason::Fork));
    let told = scene.node.events.iter();
    assert_eq!(told.filter(|one| matches!(one, Event::Suspended { .. })).count(), 2);
    // Whoever governs is told which side was here first, and may ask for it later.
    let first = forks(&scene.node.store, &scene.world.unit).expect("in memory");
    assert_eq!(
        first.iter().map(|mark| (mark.seq, mark.head)).collect::<Vec<_>>(),
        [(1, left.id())]
    );
    assert!(scene.node.events.contains(&Event::Forked(first[0].clone())));
    scene.node.learn(&[scene.world.adopt(&[&right], BEGIN + 2)]);
    assert_eq!(scene.reason(&left.id()), Some(Reason::Outvoted));
    assert_eq!(scene.reason(&right.id()), None);
    let restored = Event::Restored { document: scene.document.clone(), envelope: right.id() };
    assert!(scene.node.events.contains(&restored));
    assert_eq!(forks(&scene.node.store, &scene.world.unit), Ok(Vec::new()));
    scene.is_as_rebuilt();
}

#[test]
fn statements_come_in_their_scope_and_in_no_other() {
    let mut scene = Scene::new();
    let grant = scene.world.grant(&secret(3), 7).into();
    let scope = scope_of(&scene.world, &grant);
    let bytes = statement_item(&grant);
    let elsewhere = scene.document.scope();
    let offered = scene.node.offer(&elsewhere, &bytes, &BTreeSet::new());
    assert!(matches!(offered, Offered::Refused(why) if why.code() == "other-scope"));
    assert_eq!(scene.node.offer(&scope, &bytes, &BTreeSet::new()), Offered::Taken);
    assert_eq!(scene.node.offer(&scope, &bytes, &BTreeSet::new()), Offered::Duplicate);
    scene.is_as_rebuilt();
}

#[test]
fn a_store_opens_as_it_was_left_and_pins_can_be_taken_back() {
    let mut scene = Scene::new();
    let (first, _, one) = scene.envelope(&scene.writer, None, BEGIN);
    scene.offer(&first, one);
    let before = Derived::kept(&scene.node.store, scene.node.log.authority());
    reopen(&mut scene.node, &scene.world);
    let after = Derived::kept(&scene.node.store, scene.node.log.authority());
    assert_eq!(before, after);
    scene.is_as_rebuilt();
    let unit = scene.world.genesis.unit.clone();
    let lineage = Some(Hash([9; 32]));
    let pin = Pin::Unit { unit: unit.clone(), lineage };
    scene.node.step(|log, step| log.pin(step, pin));
    scene.is_as_rebuilt();
    scene.node.step(|log, step| log.pin(step, Pin::Unit { unit, lineage: None }));
    scene.is_as_rebuilt();
    assert_eq!(Derived::kept(&scene.node.store, scene.node.log.authority()), before);
}

#[test]
fn a_choice_is_durable_with_the_sets_that_it_decides() {
    let mut scene = Scene::new();
    let unit = UnitId::parse("c/x").expect("a unit");
    let charter = scene.world.charter(unit.as_str());
    // Without a choice nobody takes it.
    scene.node.learn(std::slice::from_ref(&charter));
    assert!(!scene.node.log.authority().is_kept(&charter.id()));
    let follow = |lineage| Pin::Unit { unit: unit.clone(), lineage };
    scene.node.step(|log, step| log.pin(step, follow(Some(charter.id()))));
    scene.node.learn(std::slice::from_ref(&charter));
    let kept = |scene: &Scene| Derived::kept(&scene.node.store, scene.node.log.authority());
    let (before, with) = (scene.node.store.clone(), kept(&scene));

    // A crash before the batch is durable: neither the choice nor what it drops.
    let mut step = Step::new(&scene.node.store);
    scene.node.log.pin(&mut step, follow(None)).expect("in memory");
    drop(step);
    assert_eq!(scene.node.store, before);
    reopen(&mut scene.node, &scene.world);
    assert_eq!(kept(&scene), with);
    scene.is_as_rebuilt();

    // After it: both, and so they stay.
    scene.node.step(|log, step| log.pin(step, follow(None)));
    let without = kept(&scene);
    assert!(!scene.node.log.authority().is_kept(&charter.id()));
    for _ in 0..2 {
        reopen(&mut scene.node, &scene.world);
        assert_eq!(kept(&scene), without);
        scene.is_as_rebuilt();
    }
    // What was dropped comes back from the store, with no peer to bring it.
    scene.node.step(|log, step| log.pin(step, follow(Some(charter.id()))));
    assert_eq!(kept(&scene), with);
    scene.is_as_rebuilt();
}

#[test]
fn whom_a_node_follows_it_holds_to_from_the_same_batch_on() {
    let mut scene = Scene::new();
    let (lineage, below) = (scene.world.lineage, UnitId::parse("c/x").expect("a unit"));
    let [first, rival] = [210, 211].map(|key| scene.world.rotation(key));
    let other = scene.world.charter(below.as_str());
    let founding = scene.world.founding(below.as_str(), other.id());
    let held = |scene: &Scene| {
        let authority = scene.node.log.authority();
        (authority.pins().successor_of(&lineage), authority.pins().lineage_of(&below))
    };

    // A crash before the batch is durable: neither the statement nor the pin.
    let before = scene.node.store.clone();
    let mut step = Step::new(&scene.node.store);
    scene.node.log.learn(&mut step, first.clone(), Origin::OWN).expect("in memory");
    drop(step);
    assert_eq!(scene.node.store, before);
    reopen(&mut scene.node, &scene.world);
    assert_eq!(held(&scene), (None, None));

    // After it: both, and nobody who comes later displaces whom it follows.
    scene.node.learn(&[first.clone(), founding, other.clone()]);
    for _ in 0..2 {
        assert_eq!(held(&scene), (Some(first.id()), Some(other.id())));
        assert_eq!(scene.node.log.authority().present(&lineage), Some(first.id()));
        scene.is_as_rebuilt();
        reopen(&mut scene.node, &scene.world);
        scene.node.learn(std::slice::from_ref(&rival));
    }
    assert_eq!(scene.node.log.authority().rivals().len(), 1);
}

#[test]
fn pins_that_came_from_elsewhere_are_followed_by_a_rebuild() {
    let mut scene = Scene::unfounded();
    let (first, _, one) = scene.envelope(&scene.writer, None, BEGIN);
    scene.offer(&first, one);
    let statements = Scope::statements(scene.world.unit.clone());
    let in_set = |scene: &Scene, scope: &Scope| {
        let all = feed(&scene.node.store, scope, 0, usize::MAX >> 1).expect("in memory");
        all.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    let before = in_set(&scene, &statements);
    assert_eq!((before.len(), scene.reason(&first.id())), (3, None));

    let (store, genesis) = (scene.node.store.clone(), scene.world.genesis.clone());
    let pins = Pins::of(scene.world.unit.clone(), Hash([4; 32]));
    scene.node = Node::open(store, 3, genesis.clone(), pins, secret(1));
    scene.node.step(|log, step| log.rebuild(step));
    assert_eq!(in_set(&scene, &statements), []);
    assert_eq!(scene.reason(&first.id()), Some(Reason::Unpermitted));
    scene.is_as_rebuilt();

    let store = scene.node.store.clone();
    scene.node = Node::open(store, 4, genesis, scene.world.pins(), secret(1));
    scene.node.step(|log, step| log.rebuild(step));
    let after = in_set(&scene, &statements);
    assert_eq!(after.first(), Some(&scene.world.lineage));
    assert_eq!(after.len(), before.len());
    assert_eq!(scene.reason(&first.id()), None);
    scene.is_as_rebuilt();
}
