//! What the plan's actions do to the world.

use node_replication::store::MemStore;
use schema_wire::{Author, Delegation, SigningKey, UnitId, Verified};

use std::collections::BTreeSet;

use crate::clock::{Clock, SECOND, Time};
use crate::disk::DiskFault;
use crate::failure::Broken;
use crate::invariants;
use crate::mutant::Mutant;
use crate::node::{Job, Membership, SimNode};
use crate::offices::{Deed, Office};
use crate::plan::{Action, Power};
use crate::queue::Happening;
use crate::world::{Cut, World};

impl World {
    /// Does one step of the plan. What is moot is left undone.
    pub(crate) fn act(&mut self, action: Action) -> Result<(), Broken> {
        match action {
            Action::Edit(edit) => {
                self.job(edit.node, Job::Edit(edit));
            }
            Action::Read { node, document } => {
                self.job(node, Job::Read(document));
            }
            Action::Crash { node, kept, committing: true, down } => {
                self.nodes[node].doom = Some((kept, down));
            }
            Action::Crash { node, kept, committing: false, down } => self.crash(node, kept, down),
            Action::Disk { node, fault, lasts } => self.break_disk(node, fault, lasts),
            Action::Backup { node } => {
                if self.nodes[node].runs() {
                    self.nodes[node].backup = Some(self.nodes[node].disk.durable.clone());
                }
            }
            Action::Rollback { node, down } => {
                let durable = self.nodes[node].disk.durable.clone();
                if let Some(backup) = self.nodes[node].backup.replace(durable) {
                    self.auditor.fault("rollback");
                    self.replace_disk(node, backup, down);
                }
            }
            Action::Lose { node, down } => {
                self.auditor.fault("total loss");
                self.replace_disk(node, MemStore::default(), down);
            }
            Action::Cut { links, towards, loud, lasts } => self.cut(links, towards, loud, lasts),
            Action::Clog { link, delay, lasts } => {
                self.auditor.fault("clog");
                self.net.links[link].clog = (delay, self.now + lasts);
            }
            Action::Reset { link } => {
                self.auditor.fault("reset");
                self.reset(link, 20 * SECOND);
            }
            Action::Clock { node, offset_ms, drift_ppm } => {
                self.auditor.fault("clock");
                self.nodes[node].clock = Clock { offset_ms, drift_ppm };
            }
            Action::Join { node } => self.join(node),
            Action::Leave { node } => self.leave(node),
            Action::Relapse { node, down } => {
                if let Some(backup) = self.nodes[node].backup.clone() {
                    self.auditor.fault("relapse");
                    self.double(node);
                    self.stop(node, false, down);
                    self.nodes[node].disk.durable = backup;
                    self.oracle.forget_node(node);
                    self.reckon_losses();
                }
            }
            Action::Double { node, twin } => self.start_twin(node, twin),
            Action::Sign { at, power } => self.sign(at, power),
        }
        Ok(())
    }

    pub(crate) fn crash(&mut self, node: usize, kept: bool, down: Time) {
        if self.nodes[node].runs() {
            self.auditor.fault("crash");
            self.stop(node, kept, down);
        }
    }

    fn break_disk(&mut self, node: usize, fault: DiskFault, lasts: Time) {
        self.auditor.fault(match fault {
            DiskFault::Full => "disk full",
            DiskFault::WriteFails => "write error",
            DiskFault::SyncFails { .. } => "sync error",
            DiskFault::ReadFails { .. } => "read error",
            DiskFault::Slow { .. } => "slow disk",
        });
        self.nodes[node].disk.fail(fault);
        self.queue.push(self.now + lasts, Happening::Repair { node });
    }

    fn replace_disk(&mut self, node: usize, store: MemStore, down: Time) {
        if self.nodes[node].membership != Membership::Member {
            return;
        }
        self.stop(node, false, down);
        let before = self.nodes[node].incarnation;
        self.nodes[node].restore(store);
        if self.plan.mutant == Some(Mutant::ForgetIncarnation) {
            self.nodes[node].incarnation = before;
        }
        self.oracle.replaced.insert(node);
        self.oracle.forget_node(node);
        self.reckon_losses();
        self.auditor.reach("a disk was replaced");
    }

    fn cut(&mut self, links: Vec<usize>, towards: Option<usize>, loud: bool, lasts: Time) {
        self.auditor.fault(if towards.is_some() { "one-way cut" } else { "cut" });
        for link in &links {
            for end in 0..2 {
                if towards.is_none_or(|towards| towards == end) {
                    self.net.links[*link].cuts[end] += 1;
                }
            }
            if towards.is_none() {
                self.reset(*link, if loud { 0 } else { 30 * SECOND });
            }
        }
        self.queue.push(self.now + lasts, Happening::Heal { cut: self.cuts.len() });
        self.cuts.push(Cut { links, towards, healed: false });
    }

    pub(crate) fn heal_cut(&mut self, cut: usize) {
        let Cut { links, towards, healed } = &mut self.cuts[cut];
        if std::mem::replace(healed, true) {
            return;
        }
        for link in links {
            for end in 0..2 {
                if towards.is_none_or(|towards| towards == end) {
                    self.net.links[*link].cuts[end] -= 1;
                }
            }
        }
    }

    /// The link's connection breaks; what is under way is lost.
    pub(crate) fn reset(&mut self, link: usize, within: Time) {
        if let Some(conn) = self.net.links[link].conn {
            self.net.doom(self.now, conn, [within; 2], &mut self.queue);
        }
    }

    /// This life may be led twice from now on: its log may fork (INV-04 speaks of no such one).
    fn double(&mut self, node: usize) {
        let machine = &self.nodes[node];
        let running = machine.replica.as_ref().map(|replica| replica.identity().incarnation);
        let incarnation = running.unwrap_or(machine.incarnation);
        self.oracle.doubled.insert(Author { key: machine.public, incarnation });
    }

    fn start_twin(&mut self, node: usize, twin: usize) {
        if self.nodes[twin].membership != Membership::Awaited || !self.nodes[node].runs() {
            return;
        }
        self.auditor.fault("data folder copied and started twice");
        self.double(node);
        let original = &self.nodes[node];
        let (disk, chain) = (original.disk.durable.clone(), original.chain.clone());
        let incarnation = original.incarnation;
        let copy = &mut self.nodes[twin];
        (copy.disk.durable, copy.chain, copy.incarnation) = (disk, chain, incarnation);
        copy.membership = Membership::Member;
        self.queue.push(self.now, Happening::Start { node: twin });
    }

    /// The keeper of a key signs something at a node that runs.
    fn sign(&mut self, at: usize, power: Power) {
        let Some(office) = self.offices.get(&self.nodes[at].unit).cloned() else { return };
        if !self.nodes[at].runs() {
            return;
        }
        let mut deed = self.deed(office, power.clone());
        match power {
            Power::Revoke { node, .. } => {
                let machine = &self.nodes[node];
                deed.subject = Some((machine.public, machine.grant().id()));
                self.oracle.withdrawn.insert(machine.grant().id());
                self.auditor.fault("revocation");
            }
            Power::Regrant { node } => return self.regrant(node, &deed),
            Power::Replace { unit } => {
                let Some(old) = self.offices.get(&unit).cloned() else { return };
                let fresh = self.streams.key(&format!("unit/{unit}/{}", self.serial));
                self.found_anew(&deed, &old, fresh.clone());
                deed.replaced = Some((old, fresh));
                self.auditor.fault("unit key replaced");
            }
            Power::Adopt => self.auditor.fault("adoption"),
            Power::Suspend { .. } => self.auditor.fault("suspension"),
            Power::Lift { .. } => self.auditor.fault("suspension lifted"),
        }
        self.job(at, Job::Sign(Box::new(deed)));
    }

    /// A unit gets this key from the unit above.
    fn found_anew(&mut self, deed: &Deed, old: &Office, key: SigningKey) {
        let mut route = deed.office.route.clone();
        route.push(deed.founding(old, &key));
        let unit = old.unit.clone();
        self.offices.insert(unit.clone(), Office { key, unit, route });
    }

    /// After everything was signed: units that lost their authority are founded anew, and every
    /// unit has a node again whose grant holds.
    pub(crate) fn restore_authority(&mut self) {
        let oracle = self.known_to_any();
        let now_ms = Clock::default().local_ms(self.now);
        let units: Vec<UnitId> = self.offices.keys().cloned().collect();
        let mut anew: BTreeSet<UnitId> = BTreeSet::new();
        for unit in units {
            let office = self.offices[&unit].clone();
            let holds = |link: &Verified<Delegation>| oracle.in_force_at(&link.id(), now_ms);
            let above = self.plan.topology.office_above(&unit, &self.offices);
            let Some(above) = above else { continue };
            if anew.contains(&above) || !office.route.iter().all(holds) {
                let deed = self.deed(self.offices[&above].clone(), Power::Adopt);
                self.found_anew(&deed, &office, office.key.clone());
                anew.insert(unit);
            }
        }
        for node in 0..self.nodes.len() {
            let machine = &self.nodes[node];
            let unit = machine.unit.clone();
            let holds = |n: &SimNode| {
                n.membership == Membership::Member
                    && oracle.permits_session(&n.grant().id(), n.public, now_ms)
            };
            let led = self.nodes.iter().any(|other| other.unit == unit && holds(other));
            if machine.membership == Membership::Member && (anew.contains(&unit) || !led) {
                let deed = self.deed(self.offices[&unit].clone(), Power::Adopt);
                self.regrant(node, &deed);
            }
        }
    }

    fn deed(&mut self, office: Office, power: Power) -> Deed {
        self.serial += 1;
        let network = self.genesis().network();
        Deed { network, office, power, subject: None, replaced: None, serial: self.serial }
    }

    /// A node gets another grant from its unit, and begins a new life under it.
    fn regrant(&mut self, node: usize, deed: &Deed) {
        if self.nodes[node].membership != Membership::Member {
            return;
        }
        self.auditor.fault("new grant");
        self.stop(node, true, SECOND);
        let grant = deed.grant(self.nodes[node].grant().value());
        let machine = &mut self.nodes[node];
        machine.chain.extend(deed.office.route.iter().cloned());
        machine.chain.push(grant);
        machine.renew();
    }

    fn join(&mut self, node: usize) {
        let twin = self.plan.topology.members[node].twin_of.is_some();
        if self.nodes[node].membership == Membership::Awaited && !twin {
            self.auditor.fault("join");
            self.nodes[node].membership = Membership::Member;
            self.queue.push(self.now, Happening::Start { node });
        }
    }

    fn leave(&mut self, node: usize) {
        let unit = &self.nodes[node].unit;
        let members = self.nodes.iter().filter(|other| other.membership == Membership::Member);
        let company = members.filter(|other| other.unit == *unit).count() > 1;
        if company && self.nodes[node].membership == Membership::Member {
            self.auditor.fault("leave");
            self.depart(node);
        }
    }

    /// It is gone for good, whoever else its unit has.
    pub(crate) fn depart(&mut self, node: usize) {
        if self.nodes[node].membership == Membership::Member {
            self.stop(node, true, 0);
            self.nodes[node].membership = Membership::Left;
            self.oracle.forget_node(node);
            self.reckon_losses();
        }
    }

    /// After a disk was lost: an edit is owed only while some disk of a member holds it.
    fn reckon_losses(&mut self) {
        let nodes = &self.nodes;
        let held = |envelope| {
            let members = nodes.iter().filter(|n| n.membership == Membership::Member);
            { members }.any(|node| invariants::holds(&node.disk.durable, envelope))
        };
        for edit in self.oracle.acknowledged.iter_mut().filter(|edit| edit.owed && !edit.at_home) {
            edit.owed = held(&edit.envelope);
        }
    }
}
