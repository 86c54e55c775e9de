//! What the plan's actions do to the world.

use node_replication::store::MemStore;

use crate::clock::{Clock, SECOND, Time};
use crate::disk::DiskFault;
use crate::failure::Broken;
use crate::invariants;
use crate::mutant::Mutant;
use crate::node::{Job, Membership};
use crate::plan::Action;
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
        self.nodes[node].restore(store);
        if self.plan.mutant == Some(Mutant::ForgetIncarnation) {
            self.nodes[node].incarnation -= 1;
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

    fn join(&mut self, node: usize) {
        if self.nodes[node].membership == Membership::Awaited {
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
