//! The world: nodes, network, time, and the loop that makes one happen after another.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_authority::Refusal;
use node_replication::{Config, Doubt, Effect, Event, Input, SessionId};
use rand::RngExt;
use schema_wire::{Genesis, Hash, NodeKey};

use crate::auditor::Auditor;
use crate::clock::{Clock, MILLI, MINUTE, SECOND, Time};
use crate::disk::Disk;
use crate::failure::{Broken, Failure};
use crate::invariants;
use crate::liars::{Liar, Lie};
use crate::mutant::Mutant;
use crate::net::Net;
use crate::node::{INBOX_MAX, Job, Membership, Pending, SimNode, Stop, library};
use crate::offices::Offices;
use crate::oracle::{Acknowledged, Oracle};
use crate::plan::{Edit, Plan, Swarm};
use crate::queue::{Happening, Queue};
use crate::streams::{Streams, public};
use crate::topology::Topology;
use crate::verifier::MemoVerifier;

/// A busy node is woken this often.
const WAKE: Time = SECOND;
/// An idle one this often: a day of hundreds of nodes is long.
const WAKE_IDLE: Time = MINUTE;
/// How long after its last work a node counts as busy.
const BUSY: Time = 5 * SECOND;

/// Links that carry nothing.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) links: Vec<usize>,
    pub(crate) towards: Option<usize>,
    pub(crate) healed: bool,
}

/// Everything there is.
#[derive(Debug)]
pub struct World {
    /// What will be done to it.
    pub plan: Plan,
    /// Virtual time.
    pub now: Time,
    /// The machines.
    pub nodes: Vec<SimNode>,
    /// What lies between them.
    pub net: Net,
    /// Who hears of everything.
    pub auditor: Auditor,
    /// What must not be forgotten.
    pub oracle: Oracle,
    pub(crate) queue: Queue,
    pub(crate) cuts: Vec<Cut>,
    pub(crate) healing: bool,
    pub(crate) commits: u64,
    pub(crate) offices: Offices,
    pub(crate) withdrawn: BTreeSet<usize>,
    pub(crate) serial: u64,
    pub(crate) streams: Streams,
    seed: u64,
    config: Config,
}

impl World {
    /// The world of a seed and a plan, before anything happens.
    pub fn new(seed: u64, plan: Plan) -> Self {
        let streams = Streams::new(seed);
        let Plan { topology, swarm, .. } = &plan;
        let mut config = Config::new(topology.genesis(&streams), node_views::root_changes());
        config.batch_bytes = swarm.batch_bytes;
        config.verifier = Arc::new(MemoVerifier::default());
        let chance = streams.stream("net");
        let nodes = (0..topology.members.len()).map(|n| machine(&streams, topology, n)).collect();
        let mut world = Self {
            now: 0,
            nodes,
            net: Net::new(&topology.links, swarm.latency, swarm.datagram, chance),
            auditor: Auditor::default(),
            oracle: Oracle::default(),
            queue: Queue::new(streams.stream("queue")),
            cuts: Vec::new(),
            healing: false,
            commits: 0,
            offices: topology.offices(&streams),
            serial: 0,
            withdrawn: BTreeSet::new(),
            seed,
            streams,
            config,
            plan,
        };
        world.schedule();
        world
    }

    fn schedule(&mut self) {
        for (number, step) in self.plan.steps.iter().enumerate() {
            self.queue.push(step.at, Happening::Step(number));
        }
        for node in 0..self.nodes.len() {
            if self.nodes[node].membership == Membership::Member {
                self.queue.push(0, Happening::Start { node });
            }
        }
        for link in 0..self.net.links.len() {
            self.net.redial(0, link, &mut self.queue);
        }
    }

    pub(crate) fn genesis(&self) -> Genesis {
        self.config.genesis.clone()
    }

    pub(crate) fn swarm(&self) -> &Swarm {
        &self.plan.swarm
    }

    /// Lets everything happen that happens until then.
    pub fn run_until(&mut self, until: Time) -> Result<(), Broken> {
        while let Some((at, happening)) = self.queue.pop(until) {
            self.now = at;
            self.happen(happening)?;
        }
        self.now = until;
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Broken> {
        match happening {
            Happening::Step(number) => {
                let action = self.plan.steps[number].action.clone();
                self.act(action)?;
            }
            Happening::Start { node } => self.start(node)?,
            Happening::Turn { node, life } if self.lives(node, life) => self.turn(node)?,
            Happening::Durable { node, life } if self.lives(node, life) => self.durable(node)?,
            Happening::Wake { node, life } if self.lives(node, life) => self.wake(node),
            Happening::Strike { node, life } if self.lives(node, life) => {
                if let Some((kept, down)) = self.nodes[node].doom.take() {
                    self.crash(node, kept, down);
                }
            }
            Happening::Strike { .. }
            | Happening::Turn { .. }
            | Happening::Durable { .. }
            | Happening::Wake { .. } => {}
            Happening::Dial { link } => self.dial(link),
            Happening::Arrive { conn, end } => self.arrive(conn, end),
            Happening::Hangup { conn, end } => self.hangup(conn, end),
            Happening::Reset { link } => self.reset(link, 0),
            Happening::Heal { cut } => self.heal_cut(cut),
            Happening::Repair { node } => self.nodes[node].disk.fault = None,
        }
        Ok(())
    }

    fn lives(&self, node: usize, life: u64) -> bool {
        self.nodes[node].life == life && self.nodes[node].runs()
    }

    pub(crate) fn note(&mut self, node: usize, kind: &'static str, payload: &[u8]) {
        self.auditor.note(self.now, node, kind, payload);
    }

    fn start(&mut self, node: usize) -> Result<(), Broken> {
        let machine = &mut self.nodes[node];
        if machine.runs() || machine.membership != Membership::Member {
            return Ok(());
        }
        let life = machine.life;
        let epoch = self.streams.epoch(&format!("{}/{life}", machine.name));
        match machine.start(self.config.clone(), self.now, epoch) {
            Ok(()) => {
                machine.active = self.now;
                machine.next_wake = self.now + WAKE;
                self.queue.push(machine.next_wake, Happening::Wake { node, life });
                self.note(node, "start", &[]);
                invariants::after_start(self, node)
            }
            Err(_) => {
                self.auditor.reach("a node could not start from its disk");
                self.stop(node, false, 5 * SECOND);
                Ok(())
            }
        }
    }

    /// Ends a node's process; it starts again after a while.
    pub(crate) fn stop(&mut self, node: usize, kept: bool, down: Time) {
        let machine = &mut self.nodes[node];
        let sends = machine.pending.as_ref().is_some_and(|pending| !pending.effects.is_empty());
        let batch = machine.stop();
        if let Some(mut batch) = batch.filter(|batch| !batch.is_empty()) {
            if kept {
                if self.plan.mutant == Some(Mutant::TearBatch) {
                    batch.writes.truncate(batch.writes.len() / 2);
                }
                machine.disk.durable.apply(&batch);
                if sends {
                    self.auditor.reach("crash between persist and send");
                }
            } else {
                self.auditor.reach("crash with a pending batch lost");
            }
        }
        self.note(node, "stop", &[]);
        self.net.drop_node(self.now, node, &mut self.queue);
        self.queue.push(self.now + down, Happening::Start { node });
    }

    /// Puts a job into a node's inbox, if it runs and has room.
    pub(crate) fn job(&mut self, node: usize, job: Job) -> bool {
        let now = self.now;
        let machine = &mut self.nodes[node];
        if !machine.runs() || machine.inbox.len() >= INBOX_MAX {
            return false;
        }
        let wake = matches!(job, Job::Input(Input::Wake));
        machine.inbox.push_back(job);
        if !wake {
            machine.active = now;
            if machine.next_wake > now + WAKE {
                machine.next_wake = now + WAKE;
                self.queue.push(now + WAKE, Happening::Wake { node, life: machine.life });
            }
        }
        self.nudge(node);
        true
    }

    fn nudge(&mut self, node: usize) {
        let machine = &mut self.nodes[node];
        if machine.pending.is_none() && !machine.turning && !machine.inbox.is_empty() {
            machine.turning = true;
            let thinking = machine.chance.random_range(1..MILLI / 5);
            let life = machine.life;
            self.queue.push(self.now + thinking, Happening::Turn { node, life });
        }
    }

    fn turn(&mut self, node: usize) -> Result<(), Broken> {
        let (now, most) = (self.now, self.swarm().group_max);
        let [least, slowest] = self.swarm().sync;
        let machine = &mut self.nodes[node];
        machine.turning = false;
        match machine.turn(now, most) {
            Ok(()) => {
                let base = machine.chance.random_range(least..=slowest);
                let batch = machine.pending.as_ref().map(|p| &p.batch).expect("a turn ran");
                let early = self.plan.mutant == Some(Mutant::SendBeforeSync);
                let latency = machine.disk.latency(base, batch);
                let at = now + latency;
                if machine.doom.is_some() && !batch.is_empty() {
                    let life = machine.life;
                    self.queue.push(now + latency / 2, Happening::Strike { node, life });
                }
                self.queue.push(at, Happening::Durable { node, life: machine.life });
                if early { self.let_go(node) } else { Ok(()) }
            }
            Err(Stop::Refused(error)) => Err(Broken::at("HONEST-ENTRY", node, format!("{error}"))),
            Err(error @ Stop::Unheard(_)) => {
                Err(Broken::at("HONEST-STATEMENT", node, format!("{error}")))
            }
            Err(error @ Stop::Stale(_)) => Err(Broken::at("INV-12", node, format!("{error}"))),
            Err(_) => {
                self.auditor.reach("a node stopped for a failed read");
                self.nodes[node].disk.fault = None;
                self.stop(node, false, 2 * SECOND);
                Ok(())
            }
        }
    }

    fn durable(&mut self, node: usize) -> Result<(), Broken> {
        let machine = &mut self.nodes[node];
        let Some(pending) = &machine.pending else { return Ok(()) };
        let ignored = self.plan.mutant == Some(Mutant::IgnoreFailedCommit);
        if machine.disk.commit(&pending.batch).is_err() && !ignored {
            self.auditor.reach("a node stopped for a failed commit");
            self.stop(node, false, 2 * SECOND);
            return Ok(());
        }
        self.let_go(node)?;
        self.nodes[node].pending = None;
        self.nudge(node);
        invariants::after_commit(self, node)
    }

    /// Answers the clerks and releases the effects of the pending group.
    fn let_go(&mut self, node: usize) -> Result<(), Broken> {
        let Some(pending) = &mut self.nodes[node].pending else { return Ok(()) };
        let turned_away = std::mem::take(&mut pending.turned_away);
        let Pending { effects, edits, .. } = pending;
        let (effects, edits) = (std::mem::take(effects), std::mem::take(edits));
        for (edit, envelope) in edits {
            self.acknowledge(node, edit, envelope)?;
        }
        effects.into_iter().try_for_each(|effect| self.release(node, effect))?;
        if turned_away > 0 && self.honest(node) {
            invariants::after_refusal(self, node)
        } else {
            Ok(())
        }
    }

    fn acknowledge(&mut self, node: usize, edit: Edit, envelope: Hash) -> Result<(), Broken> {
        self.note(node, "edited", &envelope.0);
        if !self.honest(node) {
            return Ok(());
        }
        let edit = Acknowledged { node, edit, envelope, owed: true, at_home: true };
        self.oracle.acknowledged.push(edit);
        invariants::after_acknowledge(self, node, envelope)
    }

    fn release(&mut self, node: usize, effect: Effect) -> Result<(), Broken> {
        match effect {
            Effect::Send { session, bytes } => {
                if self.honest(node) {
                    invariants::before_send(self, node, session, &bytes)?;
                    self.dispatch(node, session, bytes);
                } else {
                    self.dispatch_lies(node, session, bytes);
                }
            }
            Effect::Close { session, reason } => {
                self.note(node, "close", reason.code.as_bytes());
                self.net.close(self.now, node, session, &mut self.queue);
                self.oracle.forget_session(session.0);
            }
            Effect::Tell(event) => self.tell(node, &event)?,
        }
        Ok(())
    }

    fn dispatch(&mut self, node: usize, session: SessionId, bytes: Vec<u8>) {
        self.note(node, "send", &bytes);
        self.auditor.bytes += u64::try_from(bytes.len()).expect("frames are short");
        self.net.send(self.now, node, session, bytes, &mut self.queue);
    }

    fn dispatch_lies(&mut self, node: usize, session: SessionId, bytes: Vec<u8>) {
        let machine = &mut self.nodes[node];
        let lie = machine.liar.as_ref().map_or("", |liar| liar.lie.name());
        let now_ms = machine.clock.local_ms(self.now);
        let frames = machine.twist(now_ms, bytes.clone());
        if frames != [bytes] {
            self.auditor.fault(lie);
        }
        frames.into_iter().for_each(|bytes| self.dispatch(node, session, bytes));
    }

    /// Does a node say what its replica says?
    pub(crate) fn honest(&self, node: usize) -> bool {
        self.nodes[node].liar.is_none()
    }

    /// Is this an honest node's key?
    pub(crate) fn honest_key(&self, key: &NodeKey) -> bool {
        self.nodes.iter().all(|node| node.liar.is_none() || node.public != *key)
    }

    fn tell(&mut self, node: usize, event: &Event) -> Result<(), Broken> {
        match event {
            Event::Resumed { peer, cost, .. } => {
                self.note(node, "resumed", &peer.0);
                if cost.round_trips > 1 {
                    self.auditor.reach("a session was reconciled");
                }
                let links = self.net.links.iter().enumerate();
                let of = |link: &crate::net::Link| {
                    link.ends[0] == node && self.nodes[link.ends[1]].public == *peer
                };
                if let Some((link, _)) = { links }.find(|(_, link)| of(link)) {
                    self.net.settled(link);
                }
            }
            Event::Rejected { reason, peer, .. } => {
                self.note(node, "rejected", reason.code().as_bytes());
                let honest = self.honest(node) && self.honest_key(peer);
                if honest && self.swarm().datagram == 0 && self.oracle.doubled.is_empty() {
                    return Err(Broken::at("HONEST-ITEM", node, format!("refuses: {reason}")));
                }
            }
            Event::Refused { reason, .. } => self.note(node, "refused", reason.code.as_bytes()),
            Event::Joined { peer, .. } => self.note(node, "joined", &peer.0),
            Event::RefusedByPeer { peer, .. } => self.note(node, "refusal", &peer.0),
            Event::Surrenders { peer, .. } => self.note(node, "surrenders", &peer.0),
            Event::Suspended { envelope, doubt, .. } => self.hear_of(node, *envelope, doubt),
            Event::Restored { envelope, .. } => {
                self.auditor.reach("a suspended envelope counts again");
                self.note(node, "restored", &envelope.0);
            }
            Event::NewLife { incarnation, doubled } => {
                self.auditor.reach(if *doubled {
                    "a doubled life was found"
                } else {
                    "a log was cut"
                });
                self.note(node, "new life", &incarnation.to_be_bytes());
            }
            Event::Changed(_) | Event::Learned => {}
        }
        Ok(())
    }

    /// An envelope does not count: some ways to that are rare.
    fn hear_of(&mut self, node: usize, envelope: Hash, doubt: &Doubt) {
        self.note(node, "suspended", &envelope.0);
        self.auditor.reach(match doubt {
            Doubt::Fork(_) => "an envelope was suspended: its log forks",
            Doubt::Unauthorised(_) => "an envelope was suspended: not authorised",
            Doubt::RestsOnSuspended(_) => "an envelope was suspended: rests on another",
        });
        match doubt {
            Doubt::Unauthorised(Refusal::Revoked { .. }) => {
                let edits = &self.oracle.acknowledged;
                if edits.iter().any(|edit| edit.envelope == envelope && edit.node != node) {
                    self.auditor.reach("a revocation crossed an edit made offline");
                }
            }
            Doubt::Fork(_) if self.nodes[node].unit.depth() == 2 => {
                let seen = self.oracle.forks.entry(envelope).or_default();
                seen.insert(self.nodes[node].unit.clone());
                if seen.len() == 2 {
                    self.auditor.reach("a fork was seen by two districts");
                }
            }
            _ => {}
        }
    }

    fn wake(&mut self, node: usize) {
        let now = self.now;
        let machine = &mut self.nodes[node];
        if machine.next_wake != now {
            return;
        }
        let busy = now < machine.active + BUSY;
        machine.next_wake = now + if busy { WAKE } else { WAKE_IDLE };
        let life = machine.life;
        self.queue.push(machine.next_wake, Happening::Wake { node, life });
        self.job(node, Job::Input(Input::Wake));
    }

    fn dial(&mut self, link: usize) {
        let ends = self.net.links[link].ends;
        let alive = ends.iter().all(|node| {
            let machine = &self.nodes[*node];
            machine.runs() && machine.inbox.len() < INBOX_MAX
        });
        let left = |node: &usize| self.nodes[*node].membership == Membership::Left;
        if ends.iter().any(left) {
            return;
        }
        let Some(conn) = self.net.dial(self.now, link, alive, &mut self.queue) else { return };
        let session = SessionId(conn);
        for (node, other, dialer) in [(ends[0], ends[1], true), (ends[1], ends[0], false)] {
            let peer = self.nodes[other].public;
            self.job(node, Job::Input(Input::Opened { session, peer, dialer }));
        }
    }

    fn arrive(&mut self, conn: u64, end: usize) {
        let Some(bytes) = self.net.arrive(self.now, conn, end, &mut self.queue) else { return };
        let Some(node) = self.net.conns.get(&conn).map(|conn| conn.ends[end]) else { return };
        if self.nodes[node].inbox.len() >= INBOX_MAX {
            self.auditor.reach("an inbox was full");
            self.net.give_back(self.now, conn, end, bytes, &mut self.queue);
            return;
        }
        self.note(node, "frame", &bytes);
        let heard = self.nodes[node].overhear(bytes.clone());
        if heard != bytes {
            self.auditor.fault(Lie::Unheeding.name());
        }
        self.job(node, Job::Input(Input::frame(SessionId(conn), &heard)));
    }

    pub(crate) fn hangup(&mut self, conn: u64, end: usize) {
        let at = self.net.conns.get(&conn).map(|conn| conn.ends[end]);
        if at.is_some_and(|node| self.nodes[node].inbox.len() >= INBOX_MAX) {
            self.queue.push(self.now + MILLI, Happening::Hangup { conn, end });
            return;
        }
        if let Some(node) = self.net.hangup(self.now, conn, end, &mut self.queue) {
            self.oracle.forget_session(conn);
            self.job(node, Job::Input(Input::Closed { session: SessionId(conn) }));
        }
    }

    /// A failure of this run.
    pub(crate) fn failure(&self, broken: Broken) -> Failure {
        let name = |node: usize| self.nodes.get(node).map_or("world".into(), |n| n.name.clone());
        Failure {
            seed: self.seed,
            size: self.plan.size,
            invariant: broken.invariant,
            node: broken.node.map_or("world".into(), name),
            at: self.now,
            detail: broken.detail,
            trace: self.auditor.trace(name),
        }
    }
}

fn machine(streams: &Streams, topology: &Topology, node: usize) -> SimNode {
    let member = &topology.members[node];
    let key = topology.key(streams, node);
    SimNode {
        name: member.name.clone(),
        unit: member.unit.clone(),
        public: public(&key),
        key,
        chain: topology.chain(streams, node),
        incarnation: 1,
        replica: None,
        library: library(),
        disk: Disk::default(),
        backup: None,
        clock: Clock::default(),
        inbox: Default::default(),
        pending: None,
        turning: false,
        life: 0,
        doom: None,
        membership: if member.founding { Membership::Member } else { Membership::Awaited },
        next_wake: 0,
        active: 0,
        liar: member.lie.map(|lie| {
            let honest = topology.members.iter().position(|other| other.lie.is_none());
            Liar::new(lie, public(&topology.key(streams, honest.expect("an honest node"))))
        }),
        chance: streams.stream(&format!("node/{}", member.name)),
    }
}
