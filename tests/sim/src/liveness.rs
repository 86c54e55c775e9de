//! After the plan everything heals. Then the nodes must come to agree, in time and at a fair
//! price, and fall quiet.

use std::collections::BTreeMap;

use schema_wire::{Audience, Scope, UnitId};
use tests_oracle_2::Oracle;

use crate::clock::{Clock, MINUTE, SECOND, Time};
use crate::failure::Broken;
use crate::invariants::{self, counting::statements};
use crate::node::Membership;
use crate::queue::Happening;
use crate::world::World;

/// Agreement takes no longer than this once all is well.
const AGREE: Time = 10 * MINUTE;
/// Then no frame is sent for this long...
const QUIET: Time = 3 * MINUTE;
/// ...which must begin within this.
const SETTLE: Time = 10 * MINUTE;
/// Bytes that opening one session may cost, and each scope it speaks of.
const SESSION_BYTES: u64 = 8 * 1024;
const SCOPE_BYTES: u64 = 512;
/// Bytes that one missing item may cost, in each place it is missing.
const ITEM_BYTES: u64 = 8 * 1024;

/// Does a node of this unit keep a scope? The rule of the protocol, read naively.
pub fn holder(unit: &UnitId, scope: &Scope) -> bool {
    let within =
        |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}/"));
    let (reader, owner) = (unit.as_str(), scope.unit.as_str());
    let related = within(owner, reader) || within(reader, owner);
    invariants::may_read(unit, scope) && (scope.audience != Audience::Public || related)
}

/// A frame that was lost alone, as no real transport loses one, leaves a hole behind a cursor; so
/// does a life that is led twice, which numbers two feeds alike. Peers see it by their
/// fingerprints when they meet again, and fill it when they then meet.
const MEET_AGAIN: [Time; 2] = [MINUTE, 2 * MINUTE];

type Holding = BTreeMap<Scope, (u64, [u8; 32])>;

impl World {
    /// All faults stop; whoever belongs to the network runs.
    pub(crate) fn heal(&mut self) {
        self.healing = true;
        self.net.datagram = 0;
        (0..self.cuts.len()).for_each(|cut| self.heal_cut(cut));
        let damaged: Vec<u64> =
            self.net.conns.iter().filter(|(_, c)| c.damaged).map(|(id, _)| *id).collect();
        for id in damaged {
            self.net.doom(self.now, id, [SECOND; 2], &mut self.queue);
        }
        for number in 0..self.net.links.len() {
            let link = &mut self.net.links[number];
            link.clog = (0, 0);
            let doubled = !self.oracle.doubled.is_empty();
            for pause in MEET_AGAIN.into_iter().filter(|_| link.damaged || doubled) {
                self.queue.push(self.now + pause, Happening::Reset { link: number });
            }
        }
        for node in 0..self.nodes.len() {
            if !self.honest(node) {
                self.depart(node);
            }
        }
        for node in 0..self.nodes.len() {
            self.nodes[node].disk.fault = None;
            self.nodes[node].doom = None;
            self.nodes[node].clock = Clock::default();
            self.queue.push(self.now, Happening::Start { node });
        }
    }

    /// Waits for agreement, then for silence.
    pub(crate) fn converge(&mut self) -> Result<(), Broken> {
        // Every node has started by then.
        self.run_until(self.now + SECOND)?;
        self.restore_authority();
        self.run_until(self.now + 5 * SECOND)?;
        self.find_withdrawn();
        let (began, sent, opened) = (self.now, self.auditor.bytes, self.net.opened());
        let before = self.items();
        // Who may read no longer still hands over what it wrote: that is waited for, too.
        while let Err(broken) = self.agree().and_then(|()| invariants::everywhere(self)) {
            if self.now > began + AGREE {
                return Err(broken);
            }
            self.run_until(self.now + 5 * SECOND)?;
        }
        self.auditor.evaluate("CONVERGED", 1);
        invariants::when_converged(self)?;
        self.fall_quiet()?;
        self.agree()?;
        let missing = self.items().saturating_sub(before);
        let scopes = self.nodes.iter().map(|n| holding(n).len() as u64).max().unwrap_or(0);
        let sessions = self.net.opened() - opened + self.net.conns.len() as u64;
        let fair = sessions * (SESSION_BYTES + scopes * SCOPE_BYTES) + missing * ITEM_BYTES;
        let spent = self.auditor.bytes - sent;
        if spent > fair {
            let detail = format!(
                "{spent} bytes to heal {missing} missing items over {sessions} sessions, \
                 {fair} would be fair"
            );
            return Err(Broken { invariant: "HEALING-COST", node: None, detail });
        }
        Ok(())
    }

    /// Does a node belong to the network, and does its grant hold by all that was ever signed?
    pub(crate) fn reads(&self, node: usize) -> bool {
        self.nodes[node].membership == Membership::Member && !self.withdrawn.contains(&node)
    }

    /// The judge who knows everything that any node knows.
    pub(crate) fn known_to_any(&self) -> Oracle {
        let members = self.nodes.iter().filter(|node| node.membership == Membership::Member);
        let mut signed = BTreeMap::new();
        for statement in members.flat_map(|node| statements(&node.disk.durable)) {
            signed.insert(statement.id(), statement);
        }
        let signed: Vec<_> = signed.into_values().collect();
        Oracle::new(self.genesis(), &signed)
    }

    /// Finds the nodes whose grant holds no longer, once everything signed is known.
    fn find_withdrawn(&mut self) {
        let oracle = self.known_to_any();
        let now_ms = Clock::default().local_ms(self.now);
        let holds = |node: &crate::node::SimNode| {
            oracle.permits_session(&node.grant().id(), node.public, now_ms)
        };
        let all = self.nodes.iter().enumerate();
        self.withdrawn = all.filter(|(_, node)| !holds(node)).map(|(number, _)| number).collect();
    }

    fn items(&self) -> u64 {
        self.nodes.iter().flat_map(|node| holding(node).into_values()).map(|held| held.0).sum()
    }

    /// Do all members that keep a scope hold the same of it?
    fn agree(&self) -> Result<(), Broken> {
        let lags = |node: usize, detail| Err(Broken::at("CONVERGENCE", node, detail));
        let mut first: BTreeMap<Scope, (usize, (u64, [u8; 32]))> = BTreeMap::new();
        let mut all: Vec<(usize, Holding)> = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            if node.membership != Membership::Member {
                continue;
            }
            if !node.runs() {
                return lags(number, "does not run".to_owned());
            }
            if !self.reads(number) {
                continue;
            }
            let holding = holding(node);
            for (scope, held) in &holding {
                first.entry(scope.clone()).or_insert((number, *held));
            }
            all.push((number, holding));
        }
        for (number, holding) in all {
            let unit = &self.nodes[number].unit;
            for (scope, (other, held)) in first.iter().filter(|(scope, _)| holder(unit, scope)) {
                let mine = holding.get(scope).copied().unwrap_or_default();
                if mine != *held {
                    let other = &self.nodes[*other].name;
                    let detail = format!("{scope}: {} items, {other} has {}", mine.0, held.0);
                    return lags(number, detail);
                }
            }
        }
        Ok(())
    }

    fn fall_quiet(&mut self) -> Result<(), Broken> {
        let deadline = self.now + SETTLE;
        loop {
            let sends = |world: &Self| world.auditor.events.get("send").copied();
            let (from, before) = (self.now, sends(self));
            while sends(self) == before && self.now < from + QUIET {
                self.run_until(self.now + 5 * SECOND)?;
            }
            if sends(self) == before {
                self.auditor.evaluate("QUIET", 1);
                return Ok(());
            }
            if self.now > deadline {
                let detail = "frames are sent though all agree".to_owned();
                return Err(Broken { invariant: "QUIET", node: None, detail });
            }
        }
    }
}

fn holding(node: &crate::node::SimNode) -> Holding {
    let Some(replica) = &node.replica else { return Holding::new() };
    let status = replica.status(&node.disk.durable).expect("a store in memory");
    status.scopes.into_iter().map(|s| (s.scope, (s.items, s.fingerprint))).collect()
}
