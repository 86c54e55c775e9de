//! What the people of a unit do with its keys.

use std::collections::{BTreeMap, BTreeSet};

use node_acts::deed;
use node_acts::generation::{RootKeys, Succeed};
use node_acts::issuer::Issuer;
use node_acts::role::Role;
use node_authority::{GrantState, Pin};
use node_replication::counts::Reason;
use node_replication::log::validity;
use rand::RngExt;
use schema_wire::{
    Ascending, Author, Body, DocumentId, Envelope, Hash, Keeps, Mark, Ms, NodeKey, Scope,
    VerifiedStatement,
};

use crate::chance::{one_of, public};
use crate::disk;
use crate::failure::Broken;
use crate::site::Site;
use crate::world::World;

/// Nodes of a world, about.
const SITES_MAX: usize = 14;
/// Units of a world, about.
const UNITS_MAX: usize = 9;

impl World {
    /// A unit's people do something with its keys, at its first node.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn deed(&mut self) -> Result<(), Broken> {
        let unit = self.chance.random_range(0..self.city.units.len());
        let Some(first) = self.city.units[unit].first else {
            return Ok(());
        };
        if self.sites[first].replica.is_none() {
            return Ok(());
        }
        // Who acts sees that it is done: a crash then is another story.
        self.sites[first].strike = None;
        let pace = usize::try_from(self.pace()).expect("small");
        let room = self.sites.len() < SITES_MAX * pace;
        match self.chance.random_range(0..12) {
            0 | 1 if room => {
                let roles = [Role::writing(), Role::device(), Role::holding(), Role::governing()];
                let role = roles[self.chance.random_range(0..4)].clone();
                self.reach("a node was taken in");
                self.take_in(unit, &role).map(|_| ())
            }
            2 => self.remove_one(unit),
            3 => self.rotate(unit, &BTreeSet::new()).map(|_| ()),
            4 => self.announce(unit),
            5 => self.speak_of_below(unit),
            6 if room && self.city.units.len() < UNITS_MAX * pace => self.found_below(unit),
            7 => self.succeed_root(),
            8 => self.close_grants(unit),
            9 => self.pin_one(),
            _ => self.choose_of_forks(unit),
        }
    }

    /// Issues something in the name of a unit's present generation, and tells its first node.
    fn issue<T: Into<VerifiedStatement>>(
        &mut self,
        unit: usize,
        make: impl FnOnce(&Issuer<'_>, Ms) -> Vec<T>,
    ) -> Result<bool, Broken> {
        let (Some(first), Some(generation)) = (self.city.units[unit].first, self.generation(unit))
        else {
            return Ok(false);
        };
        let at = self.sites[first].clock(self.now);
        let made = make(&self.city.issuer(unit, generation), at);
        let mut all = true;
        for statement in made {
            all &= self.learn(first, statement.into())?;
        }
        Ok(all)
    }

    fn remove_one(&mut self, unit: usize) -> Result<(), Broken> {
        let first = self.city.units[unit].first;
        let members: Vec<usize> = (0..self.sites.len())
            .filter(|at| {
                let site = &self.sites[*at];
                site.unit == unit && Some(*at) != first && !site.removed
            })
            .collect();
        match one_of(&mut self.chance, &members).copied() {
            Some(member) => self.remove(unit, member),
            None => Ok(()),
        }
    }

    /// Takes a node out of its unit, and adopts what its first node heard of it.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn remove(&mut self, unit: usize, member: usize) -> Result<(), Broken> {
        let (Some(first), Some(generation)) = (self.city.units[unit].first, self.generation(unit))
        else {
            return Ok(());
        };
        let node = self.sites[member].node;
        let site = &self.sites[first];
        let Some(replica) = &site.replica else {
            return Ok(());
        };
        let (issuer, at) = (self.city.issuer(unit, generation), site.clock(self.now));
        let heard = heard_of(site, node);
        let lineage = self.city.units[unit].lineage;
        let removed = deed::remove_node(replica.authority(), &issuer, &lineage, node, heard, at);
        let Ok(statements) = removed else {
            return Ok(());
        };
        self.note(|| format!("{first} removes {member}"));
        self.reach("a node was removed");
        for statement in statements {
            if !self.learn(first, statement)? {
                return Ok(());
            }
        }
        self.sites[member].removed = true;
        Ok(())
    }

    /// Passes a unit's lineage on by its phrase.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn rotate(&mut self, unit: usize, without: &BTreeSet<Hash>) -> Result<bool, Broken> {
        let Some(first) = self.city.units[unit].first else {
            return Ok(false);
        };
        let (phrase, key, next) = self.city.next_generation(unit);
        let site = &self.sites[first];
        let Some(replica) = &site.replica else {
            return Ok(false);
        };
        let (lineage, at) = (self.city.units[unit].lineage, site.clock(self.now));
        let next = (public(&key), next);
        let rotated = deed::rotate(replica.authority(), &lineage, &phrase, next, without, at);
        let Ok(rotation) = rotated else {
            return Ok(false);
        };
        self.note(|| format!("{first} rotates unit {unit}"));
        if !self.learn(first, rotation.into())? {
            return Ok(false);
        }
        self.reach("a lineage was passed on");
        self.city.units[unit].key = key;
        self.city.units[unit].generations += 1;
        Ok(true)
    }

    fn announce(&mut self, unit: usize) -> Result<(), Broken> {
        let serial = self.draw();
        self.issue(unit, |issuer, at| {
            issuer.card("a unit", "unit", [7; 32], serial, at).ok().into_iter().collect()
        })?;
        let Some(first) = self.city.units[unit].first else {
            return Ok(());
        };
        let site = &self.sites[first];
        let (network, at) = (self.city.genesis.network(), site.clock(self.now));
        let issuer = Issuer { network, unit: &site.path, proof: site.delegation, key: &site.key };
        let address = issuer.address(&["/ip4/10.0.0.1".to_owned()], at, at.plus(60_000));
        address.map_or(Ok(()), |address| self.learn(first, address.into()).map(|_| ()))
    }

    fn speak_of_below(&mut self, unit: usize) -> Result<(), Broken> {
        let above = self.city.units[unit].path.clone();
        let below = self.city.units.iter().map(|unit| unit.path.clone());
        let below: Vec<_> = below.filter(|path| above.is_above(path)).collect();
        let Some(below) = one_of(&mut self.chance, &below).cloned() else {
            return Ok(());
        };
        if self.chance.random_bool(0.2) {
            self.reach("a unit was dissolved");
            self.issue(unit, |issuer, at| {
                issuer.dissolve(below, [], at).ok().into_iter().collect()
            })?;
        } else {
            self.reach("a unit was suspended");
            self.issue(unit, |issuer, at| {
                issuer.suspend(below, "late", at).ok().into_iter().collect()
            })?;
        }
        Ok(())
    }

    fn found_below(&mut self, unit: usize) -> Result<(), Broken> {
        let above = self.city.units[unit].path.clone();
        if above.depth() > 3 {
            return Ok(());
        }
        let path = format!("{above}/n{}", self.draw());
        self.reach("a unit was founded");
        let begun = self.begin_unit(&path, Some(unit))?;
        self.note(|| format!("{path} is unit {begun}"));
        Ok(())
    }

    fn succeed_root(&mut self) -> Result<(), Broken> {
        let Some(first) = self.city.units[0].first else {
            return Ok(());
        };
        let site = &self.sites[first];
        let (phrase, key, next) = self.city.next_root();
        let city = &self.city.genesis.unit;
        let is_root_act = |statement: &&VerifiedStatement| matches!(statement.body(), Body::Founding(founding) if founding.below == *city);
        let known = disk::statements(&site.store);
        let keeps = Keeps::of(known.iter().filter(is_root_act).map(VerifiedStatement::id));
        let Ok(keeps) = keeps else {
            return Ok(());
        };
        let keys = RootKeys {
            roots: Ascending::of([public(&key)]).expect("one"),
            threshold: 1,
            next: Ascending::of([next]).expect("one"),
            next_threshold: 1,
        };
        let (network, previous) = (self.city.genesis.network(), self.city.root_generation);
        let at = site.clock(self.now);
        let Ok(succession) = (Succeed { network, previous, keys, keeps, at }).by(&phrase) else {
            return Ok(());
        };
        let id = succession.id();
        if self.learn(first, succession.into())? {
            self.reach("the root was passed on");
            self.city.root = key;
            self.city.root_generation = id;
            self.city.root_generations += 1;
        }
        Ok(())
    }

    /// Closes what ran out, and keeps what was heard under it.
    fn close_grants(&mut self, unit: usize) -> Result<(), Broken> {
        let Some(first) = self.city.units[unit].first else {
            return Ok(());
        };
        let site = &self.sites[first];
        let Some(replica) = &site.replica else {
            return Ok(());
        };
        let at = site.clock(self.now);
        let lineage = self.city.units[unit].lineage;
        let grants = replica.authority().grants(&lineage, at);
        let over = grants.filter(|grant| grant.state == GrantState::Unclosed);
        let over: Vec<(Hash, NodeKey)> = over.map(|grant| (grant.id, grant.subject)).collect();
        for (grant, subject) in over {
            let heard = heard_of(&self.sites[first], subject);
            self.reach("a grant was closed");
            self.issue(unit, |issuer, at| {
                let mut made: Vec<VerifiedStatement> = Vec::new();
                for (scope, marks) in heard {
                    let adoptions = issuer.adopt(&scope, marks, at).unwrap_or_default();
                    made.extend(adoptions.into_iter().map(Into::into));
                }
                made.extend(issuer.close(grant, Keeps::default(), at).map(Into::into));
                made
            })?;
        }
        Ok(())
    }

    fn pin_one(&mut self) -> Result<(), Broken> {
        let at = self.chance.random_range(0..self.sites.len());
        let unit = self.chance.random_range(0..self.city.units.len());
        let pin = Pin::Unit {
            unit: self.city.units[unit].path.clone(),
            lineage: Some(self.city.units[unit].lineage),
        };
        let now = self.now;
        let site = &mut self.sites[at];
        let Some(replica) = site.replica.as_mut().filter(|_| site.unit != unit) else {
            return Ok(());
        };
        site.strike = None;
        let output = replica.pin(
            // Its people look at the same clock.
            Ms::of((crate::city::BEGIN_MS + now).saturating_add_signed(site.offset)),
            pin.clone(),
            &site.store,
        );
        let output = output.map_err(|error| Broken::new("INV-12", error.to_string()))?;
        site.pins.set(pin);
        site.pinned.insert(unit);
        self.reach("a pin was set");
        self.output(at, output)
    }

    /// Whoever governs chooses a side of each fork that nobody chose; true if there was one.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn settle_forks(&mut self) -> Result<bool, Broken> {
        let is_fork = |envelope: &Envelope, site: &Site| {
            let (document, id) = (&envelope.header().claims().document, envelope.header().id());
            let stands = validity(&site.store, document, &id);
            *document.owner() == site.path
                && stands.is_ok_and(|stands| stands.reason() == Some(Reason::Fork))
        };
        let mut settled = false;
        for unit in 0..self.city.units.len() {
            let first = self.city.units[unit].first.map(|first| &self.sites[first]);
            let forks = first.is_some_and(|site| {
                disk::envelopes(&site.store).iter().any(|envelope| is_fork(envelope, site))
            });
            if forks {
                settled = true;
                self.choose_of_forks(unit)?;
            }
        }
        Ok(settled)
    }

    /// Chooses one side of each fork that the unit's first node holds.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn choose_of_forks(&mut self, unit: usize) -> Result<(), Broken> {
        let Some(first) = self.city.units[unit].first else {
            return Ok(());
        };
        let site = &self.sites[first];
        let mut places: BTreeMap<(DocumentId, Author, u64), BTreeSet<Hash>> = BTreeMap::new();
        for envelope in disk::envelopes(&site.store) {
            let header = envelope.header().claims();
            if *header.document.owner() == site.path {
                let place = (header.document.clone(), header.author, header.seq());
                places.entry(place).or_default().insert(envelope.header().id());
            }
        }
        let forks = places.into_iter().filter(|(_, ids)| ids.len() > 1);
        let mut marks: BTreeMap<(DocumentId, Author), Mark> = BTreeMap::new();
        for ((document, author, seq), ids) in forks {
            let head = *ids.first().expect("two");
            let Author { key, incarnation } = author;
            let mark = Mark { document: document.clone(), author: key, incarnation, seq, head };
            marks.entry((document, author)).or_insert(mark);
        }
        let mut by_scope: BTreeMap<Scope, Vec<Mark>> = BTreeMap::new();
        for mark in marks.into_values() {
            by_scope.entry(mark.document.scope()).or_default().push(mark);
        }
        for (scope, marks) in by_scope {
            self.reach("a side of a fork was adopted");
            self.issue(unit, |issuer, at| issuer.adopt(&scope, marks, at).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Marks of the logs of a node in the documents of its unit, as another holds them: the last place
/// of each, by scope.
fn heard_of(site: &Site, node: NodeKey) -> Vec<(Scope, Vec<Mark>)> {
    let mut logs: BTreeMap<(DocumentId, Author), Mark> = BTreeMap::new();
    for envelope in disk::envelopes(&site.store) {
        let header = envelope.header().claims();
        if header.author.key != node || *header.document.owner() != site.path {
            continue;
        }
        let Author { key, incarnation } = header.author;
        let (document, head) = (header.document.clone(), envelope.header().id());
        let mark =
            Mark { document: document.clone(), author: key, incarnation, seq: header.seq(), head };
        let kept = logs.entry((document, header.author)).or_insert_with(|| mark.clone());
        if kept.seq < mark.seq {
            *kept = mark;
        }
    }
    let mut by_scope: BTreeMap<Scope, Vec<Mark>> = BTreeMap::new();
    for mark in logs.into_values() {
        by_scope.entry(mark.document.scope()).or_default().push(mark);
    }
    by_scope.into_iter().collect()
}
