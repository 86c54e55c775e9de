//! What a member can make a node do and hold is bounded, whatever it says and however slowly it
//! reads.

use node_replication::store::Table;
use node_replication::{Effect, Input, SessionId};
use schema_wire::{
    Ack, Class, Frame, Hash, Hello, Items, NodeKey, Scope, Statement, Wire, limits::FRAME_BYTES_MAX,
};

use crate::world::{
    COMMUNITY_UNIT, LEFT, RIGHT, World, document, genesis, grants, key, public, unit,
};

/// The member's key number: RIGHT's, played by hand.
const MEMBER: u8 = 14;
/// What may be on its way in one session, besides the frame that goes beyond.
const SESSION_BYTES: usize = 1 << 20;

struct Member {
    world: World,
    session: SessionId,
    hellos: u64,
}

impl Member {
    fn of(world: World) -> Self {
        let mut member = Self { world, session: SessionId(0), hellos: 0 };
        member.world.learn(LEFT, &grants().nodes[3]);
        member
    }

    /// Opens a session, and says that it holds nothing; returns what that is answered with.
    fn join(&mut self) -> Vec<Frame> {
        self.session = self.world.fresh_session();
        let (session, peer) = (self.session, public(&key(MEMBER)));
        self.world.input(LEFT, Input::Opened { session, peer, dialer: false });
        self.hellos += 1;
        let hello = hello(peer, self.hellos);
        self.say(&Frame::Hello(Box::new(hello)))
    }

    fn say(&mut self, frame: &Frame) -> Vec<Frame> {
        let input = Input::frame(self.session, &frame.to_bytes());
        let output = self.world.handle(LEFT, input);
        let sent = output.effects.iter().filter_map(|effect| match effect {
            Effect::Send { bytes, .. } => Some(Frame::from_bytes(bytes).expect("our own")),
            _ => None,
        });
        let sent = sent.collect();
        self.world.release(LEFT, output);
        sent
    }
}

fn hello(peer: NodeKey, counter: u64) -> Hello {
    let grants = grants();
    let chain = [&grants.nodes[3], &grants.community, &grants.district];
    Hello {
        network: genesis().network(),
        from: peer,
        to: public(&key(13)),
        incarnation: 1,
        counter,
        unit: unit(COMMUNITY_UNIT),
        chain: chain.map(|link| Statement::Delegation(link.as_signed().clone())).to_vec(),
        epoch: [MEMBER; 16],
        scopes: Vec::new(),
    }
}

fn items(frames: &[Frame]) -> Vec<Items> {
    let items = frames.iter().filter_map(|frame| match frame {
        Frame::Items(items) => Some(items.clone()),
        _ => None,
    });
    items.collect()
}

fn refusal(frames: &[Frame]) -> Option<String> {
    frames.iter().find_map(|frame| match frame {
        Frame::Refuse(reason) => Some(reason.code.clone()),
        _ => None,
    })
}

/// A text that does not compress.
fn text(seed: u64) -> String {
    let words = (0..3000u64).map(|n| Hash::of(&[seed.to_be_bytes(), n.to_be_bytes()].concat()));
    words.map(|hash| hash.to_string()).collect()
}

fn scope() -> Scope {
    document(COMMUNITY_UNIT, Class::Roster, "x").scope()
}

#[test]
fn a_peer_that_acknowledges_nothing_is_sent_little_and_one_that_does_is_sent_all() {
    let mut world = World::found();
    for class in [Class::Roster, Class::Report, Class::Place] {
        for number in 0..8 {
            let document = document(COMMUNITY_UNIT, class, &format!("d{number}"));
            world.put(LEFT, &document, "x", &text(number));
        }
    }
    let mut member = Member::of(world);
    let mut waiting = items(&member.join());
    let size = |items: &[Items]| -> usize {
        items.iter().map(|items| Frame::Items(items.clone()).to_bytes().len()).sum()
    };
    let sent = size(&waiting);
    assert!(sent <= SESSION_BYTES + FRAME_BYTES_MAX, "{sent} bytes on their way");
    assert!(sent >= SESSION_BYTES, "the window is used: {sent}");
    let (mut taken, mut scopes) = (0, Vec::new());
    while let Some(items) = (!waiting.is_empty()).then(|| waiting.remove(0)) {
        taken += items.items.len();
        scopes.push(items.scope.clone());
        let (scope, upto) = (items.scope, items.upto);
        let more = member.say(&Frame::Ack(Ack { scope, upto, refused: 0, reason: None }));
        waiting.extend(self::items(&more));
        assert!(size(&waiting) <= SESSION_BYTES + FRAME_BYTES_MAX);
    }
    assert!(taken >= 24, "all of it came: {taken}");
    // No scope had to wait until another was through.
    let place = document(COMMUNITY_UNIT, Class::Place, "d0").scope();
    let first = scopes.iter().position(|scope| *scope == place).expect("it was sent");
    let last = scopes.iter().rposition(|scope| *scope == place).expect("it was sent");
    assert!(scopes[first..last].iter().any(|scope| *scope != place), "{scopes:?}");
}

#[test]
fn a_member_cannot_make_a_node_read_its_index_again_and_again() {
    let mut world = World::found();
    for number in 0..20 {
        world.put(LEFT, &document(COMMUNITY_UNIT, Class::Roster, "x"), "x", &format!("{number}"));
    }
    let mut member = Member::of(world);
    // An empty set, by negentropy's first version: the answer names everything.
    let ask = Frame::Reconcile { scope: scope(), message: vec![0x61, 0, 0, 2, 0] };
    let end = Frame::Want { scope: scope(), ids: Vec::new() };
    for round in 0..5 {
        member.join();
        member.world.nodes[LEFT].store.take_reads();
        assert!(member.say(&ask).iter().any(|frame| matches!(frame, Frame::Reconcile { .. })));
        let reads = member.world.nodes[LEFT].store.take_reads();
        let index = reads.get(&Table::Index).copied().unwrap_or(0);
        assert_eq!(index > 0, round == 0, "{index} reads of the index in round {round}");
        assert_eq!(refusal(&member.say(&end)), None);
        assert_eq!(refusal(&member.say(&ask)).as_deref(), Some("flood"));
        // What is appended does not make it worth reading again, and is not lost either.
        let document = document(COMMUNITY_UNIT, Class::Roster, "x");
        member.world.put(LEFT, &document, "x", &format!("later {round}"));
    }
}

#[test]
fn a_member_cannot_want_more_than_there_is() {
    let mut member = Member::of(World::found());
    let want = |count: u64| {
        let ids = (0..count).map(|n| Hash::of(&n.to_be_bytes())).collect();
        Frame::Want { scope: scope(), ids }
    };
    member.world.put(LEFT, &document(COMMUNITY_UNIT, Class::Roster, "x"), "x", "1");
    member.join();
    assert_eq!(refusal(&member.say(&want(1))).as_deref(), Some("malformed-frame"));
    member.join();
    let ask = Frame::Reconcile { scope: scope(), message: vec![0x61, 0, 0, 2, 0] };
    assert_eq!(refusal(&member.say(&ask)), None);
    assert_eq!(refusal(&member.say(&want(8000))).as_deref(), Some("flood"));
}

#[test]
fn what_was_appended_after_a_set_was_read_reaches_a_peer_that_reconciles() {
    let mut world = World::found();
    let roster = document(COMMUNITY_UNIT, Class::Roster, "x");
    world.learn(LEFT, &grants().nodes[3]);
    for round in 0..4 {
        world.put(LEFT, &roster, "x", &format!("{round}"));
        let session = world.connect(RIGHT, LEFT);
        world.deliver();
        world.cut(session);
        world.drop_cursors(LEFT);
        world.drop_cursors(RIGHT);
        world.put(LEFT, &roster, "x", &format!("{round} again"));
        let session = world.connect(RIGHT, LEFT);
        world.deliver();
        world.cut(session);
        let scopes = [scope()];
        assert_eq!(world.nodes[LEFT].state(&scopes), world.nodes[RIGHT].state(&scopes));
    }
}
