//! What breaks: lines, nodes, disks and clocks.

use node_replication::store::{Batch, Table};
use rand::RngExt;

use crate::chance::one_of;
use crate::failure::Broken;
use crate::mutant::Mutant;
use crate::site::Strike;
use crate::talk::Happening;
use crate::world::World;

impl World {
    /// Something breaks.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn fault(&mut self) -> Result<(), Broken> {
        if self.healed {
            return Ok(());
        }
        let pause = self.chance.random_range(500..8_000) / self.pace();
        self.after(pause, Happening::Fault);
        let at = self.chance.random_range(0..self.sites.len());
        match self.chance.random_range(0..12) {
            0..=3 => self.cut_line(),
            4 => self.cut_site(at),
            5 | 6 => {
                let before = self.chance.random_bool(0.5);
                self.sites[at].strike = Some(if before { Strike::Before } else { Strike::After });
            }
            7 => self.crash_if_up(at),
            8 => self.sites[at].copy = Some(self.sites[at].store.clone()),
            9 => self.restore(),
            10 => {
                let offset = self.chance.random_range(-20_000..20_000);
                self.sites[at].offset += offset;
            }
            _ => self.lose_entry(at),
        }
        Ok(())
    }

    fn crash_if_up(&mut self, at: usize) {
        if self.sites[at].replica.is_some() {
            self.crash(at);
        }
    }

    fn cut_line(&mut self) {
        let line = self.chance.random_range(0..self.lines.len());
        let long = [1, 5_000, 60_000][self.chance.random_range(0..3)];
        self.lines[line].cut_until = self.now + long;
        if let Some(talk) = self.lines[line].talk {
            self.note(|| format!("cut line {line} for {long}"));
            self.cut(talk);
        }
    }

    /// A node is cut off from everybody, and works on.
    fn cut_site(&mut self, at: usize) {
        let until = self.now + self.chance.random_range(1_000..60_000);
        self.note(|| format!("cut off {at} until {until}"));
        for line in 0..self.lines.len() {
            if self.lines[line].ends.contains(&at) {
                self.lines[line].cut_until = until;
                if let Some(talk) = self.lines[line].talk {
                    self.cut(talk);
                }
            }
        }
    }

    /// A node goes on with an older copy of its disk: its people know it, or nobody noticed.
    fn restore(&mut self) {
        let copied: Vec<usize> =
            (0..self.sites.len()).filter(|at| self.sites[*at].copy.is_some()).collect();
        let Some(at) = one_of(&mut self.chance, &copied).copied() else {
            return;
        };
        let Some(copy) = self.sites[at].copy.clone() else {
            return;
        };
        let noticed = !self.options.unnoticed || self.chance.random_bool(0.7);
        self.crash_if_up(at);
        self.note(|| format!("set back {at}, noticed {noticed}"));
        self.reach(if noticed { "a store was set back" } else { "a store was set back unnoticed" });
        self.set_back(at, copy, noticed);
    }

    /// A planted bug: an entry vanishes.
    fn lose_entry(&mut self, at: usize) {
        let site = &mut self.sites[at];
        if self.options.mutant == Some(Mutant::LoseEntry)
            && let Some(id) = site.acknowledged.first()
        {
            let mut batch = Batch::default();
            [Table::Items, Table::UnitItems].iter().for_each(|table| batch.delete(*table, id.0));
            site.store.apply(&batch);
        }
    }

    /// Everything that is broken is mended, and byzantine nodes are cut off from changing frames.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn heal(&mut self) -> Result<(), Broken> {
        self.healed = true;
        self.note(|| "heal".to_owned());
        self.lines.iter_mut().for_each(|line| line.cut_until = 0);
        for at in 0..self.sites.len() {
            self.sites[at].strike = None;
            self.start(at)?;
        }
        Ok(())
    }
}
