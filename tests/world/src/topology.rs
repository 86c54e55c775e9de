//! How a world begins: its units, their first nodes, desks and tablets, and who reaches whom.

use std::collections::{BTreeMap, BTreeSet};

use node_acts::role::Role;
use node_authority::Pins;
use node_replication::log::Offered;
use node_replication::store::MemStore;
use rand::RngExt;
use schema_wire::{Hash, SigningKey, VerifiedStatement};

use crate::chance::public;
use crate::city::{TERM, Unit};
use crate::failure::Broken;
use crate::run::Shape;
use crate::site::Site;
use crate::talk::{Happening, Line};
use crate::world::World;

impl World {
    /// Builds the city.
    ///
    /// # Errors
    /// If a node cannot begin.
    pub fn build(&mut self) -> Result<(), Broken> {
        let more = match self.options.shape {
            Shape::Drawn => {
                self.draw_units()?;
                0.4
            }
            Shape::Baicheng => {
                self.begin_baicheng()?;
                0.1
            }
        };
        for unit in 0..self.city.units.len() {
            if self.chance.random_bool(more) {
                self.take_in(unit, &Role::writing())?;
            }
            if self.chance.random_bool(more) {
                self.take_in(unit, &Role::device())?;
            }
        }
        self.add_byzantine()?;
        self.after(1_000, Happening::Work);
        self.after(5_000, Happening::Fault);
        Ok(())
    }

    fn draw_units(&mut self) -> Result<(), Broken> {
        self.begin_unit("c", None)?;
        for district in 1..=self.chance.random_range(1..=2) {
            let path = format!("c/{district}");
            let above = self.begin_unit(&path, Some(0))?;
            for community in 1..=self.chance.random_range(1..=2) {
                self.begin_unit(&format!("{path}/{community}"), Some(above))?;
            }
        }
        Ok(())
    }

    /// 1 city, 6 districts, 31 streets, 105 communities.
    fn begin_baicheng(&mut self) -> Result<(), Broken> {
        let mut tier = vec![self.begin_unit("c", None)?];
        for count in [6, 31, 105] {
            let mut below = Vec::new();
            for number in 0..count {
                let above = tier[number % tier.len()];
                let path = format!("{}/{number}", self.city.units[above].path);
                below.push(self.begin_unit(&path, Some(above))?);
            }
            tier = below;
        }
        Ok(())
    }

    /// Begins a unit with its first node, which is joined with the one above.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn begin_unit(&mut self, path: &str, above: Option<usize>) -> Result<usize, Broken> {
        let above = above.and_then(|above| Some((above, self.generation(above)?)));
        let known = above.map(|(above, _)| self.known_at(above)).unwrap_or_default();
        let (unit, founding) = self.city.begin(path, above);
        let Unit { key, delegation, .. } = &self.city.units[unit];
        let (key, delegation) = (key.clone(), *delegation);
        let known = [known, self.city.units[unit].statements.clone()].concat();
        let site = self.add(unit, path, key, (delegation, Role::governing()), &known)?;
        self.city.units[unit].first = Some(site);
        if let Some(first) = above.and_then(|(above, _)| self.city.units[above].first) {
            let own: Vec<_> =
                self.city.units[unit].statements.iter().rev().take(2).cloned().collect();
            self.learn(first, founding)?;
            for statement in own.into_iter().rev() {
                self.learn(first, statement)?;
            }
            self.join(first, site);
        }
        Ok(unit)
    }

    /// The present generation of a unit, as its first node sees it.
    pub fn generation(&self, unit: usize) -> Option<Hash> {
        let Unit { first, lineage, .. } = &self.city.units[unit];
        let replica = self.sites.get((*first)?)?.replica.as_ref()?;
        replica.authority().present(lineage)
    }

    /// The statements on the disk of a unit's first node: what a grant file hands on.
    fn known_at(&self, unit: usize) -> Vec<VerifiedStatement> {
        let first = self.city.units[unit].first;
        first.map(|first| crate::disk::statements(&self.sites[first].store)).unwrap_or_default()
    }

    /// Takes a new node into a unit, by the unit's key at its first node.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn take_in(&mut self, unit: usize, role: &Role) -> Result<Option<usize>, Broken> {
        self.take_in_until(unit, role, TERM.until.get())
    }

    /// The same, for a time.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn take_in_until(
        &mut self,
        unit: usize,
        role: &Role,
        until: u64,
    ) -> Result<Option<usize>, Broken> {
        let (Some(first), Some(generation)) = (self.city.units[unit].first, self.generation(unit))
        else {
            return Ok(None);
        };
        let number = self.sites.len();
        let name = format!("{}#{number}", self.city.units[unit].path);
        let key = self.streams.key(&name);
        let term = node_acts::issuer::Term { from: TERM.from, until: schema_wire::Ms::of(until) };
        let issuer = self.city.issuer(unit, generation);
        let grant = issuer.delegate(public(&key), role, term, number as u64).expect("a grant");
        let id = grant.id();
        if !self.learn(first, grant.clone().into())? {
            return Ok(None);
        }
        let known = [self.known_at(unit), vec![grant.into()]].concat();
        let site = self.add(unit, &name, key, (id, role.clone()), &known)?;
        self.sites[site].until = until;
        let others: Vec<usize> = (0..self.sites.len())
            .filter(|other| *other != site && self.sites[*other].unit == unit)
            .collect();
        others.iter().for_each(|other| self.join(site, *other));
        if self.chance.random_bool(0.3) {
            let other = self.chance.random_range(0..self.sites.len());
            self.join(site, other);
        }
        self.note(|| format!("{name} is {site}"));
        Ok(Some(site))
    }

    /// Adds a node that knows these statements.
    ///
    /// # Errors
    /// If it cannot begin.
    pub fn add(
        &mut self,
        unit: usize,
        name: &str,
        key: SigningKey,
        (delegation, role): (Hash, Role),
        known: &[VerifiedStatement],
    ) -> Result<usize, Broken> {
        let Unit { path, lineage, .. } = &self.city.units[unit];
        let wrong = self.chance.random_bool(0.2);
        let offset = if wrong { self.chance.random_range(-7_200_000..7_200_000) } else { 0 };
        self.sites.push(Site {
            name: name.to_owned(),
            node: public(&key),
            key,
            unit,
            path: path.clone(),
            delegation,
            role,
            until: TERM.until.get(),
            honest: true,
            removed: false,
            stolen: Vec::new(),
            pins: Pins::of(path.clone(), *lineage),
            pinned: BTreeSet::new(),
            store: MemStore::default(),
            replica: None,
            copy: None,
            offset,
            starts: 0,
            again: None,
            anew: false,
            fell_back: false,
            strike: None,
            open: BTreeMap::new(),
            resumed: BTreeSet::new(),
            met: BTreeSet::new(),
            held: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            feed_head: 0,
        });
        let site = self.sites.len() - 1;
        self.start(site)?;
        let mut left: Vec<_> = known.to_vec();
        loop {
            let before = left.len();
            let mut waiting = Vec::new();
            for statement in left {
                if !self.learn(site, statement.clone())? {
                    waiting.push(statement);
                }
            }
            left = waiting;
            if left.len() == before || left.is_empty() {
                break;
            }
        }
        let pause = self.chance.random_range(0..5_000);
        self.after(pause, Happening::Wake { site });
        Ok(site)
    }

    /// Tells a node a statement; true if it is kept there and durable.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn learn(&mut self, at: usize, statement: VerifiedStatement) -> Result<bool, Broken> {
        let now = self.now;
        let site = &mut self.sites[at];
        let clock = site.clock(now);
        let Some(replica) = &mut site.replica else {
            return Ok(false);
        };
        let learned = replica.learn(clock, statement, &site.store);
        let (offered, output) = learned.map_err(|e| Broken::new("INV-12", e.to_string()))?;
        let lives = self.commit(at, output)?;
        Ok(lives && matches!(offered, Offered::Taken | Offered::Duplicate))
    }

    /// Lays a line between two nodes.
    pub fn join(&mut self, one: usize, other: usize) {
        let is_laid = |line: &Line| line.ends == [one, other] || line.ends == [other, one];
        if self.sites[one].node == self.sites[other].node || self.lines.iter().any(is_laid) {
            return;
        }
        self.lines.push(Line { ends: [one, other], talk: None, cut_until: 0 });
        let pause = self.chance.random_range(100..3_000);
        self.after(pause, Happening::Dial { line: self.lines.len() - 1 });
    }
}
