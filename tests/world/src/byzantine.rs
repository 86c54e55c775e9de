//! Liars with true keys: in term and out of it, governing, and two that share one key. What one
//! of them sends, all of them may send again.

use node_acts::generation::begin_unit;
use node_acts::issuer::{Issuer, Term};
use node_acts::role::Role;
use node_authority::Pins;
use node_replication::log::{Chance, Setting};
use node_replication::replica::Replica;
use node_replication::store::MemStore;
use rand::RngExt;
use schema_wire::{
    Ack, Ascending, Body, Bytes, Class, Classes, Cursor, DocumentId, Epoch, Frame, Hash, Item,
    Items, Keeps, List, Ms, Offer, Offers, Reads, Reconcile, Scope, SigningKey, Succession, UnitId,
    Verbs, Verified, VerifiedStatement, Want, Wire as _,
};
use std::sync::Arc;

use crate::chance::{one_of, public};
use crate::city::{BEGIN_MS, TERM};
use crate::disk;
use crate::failure::Broken;
use crate::invariants::all_scopes;
use crate::run::Shape;
use crate::talk::Sent;
use crate::verifier::MemoVerifier;
use crate::world::World;

/// Frames that byzantine nodes remember together.
const SAID_MAX: usize = 64;
/// How far back they date, at most.
const BACK_MS_MAX: u64 = 10 * 86_400_000;

/// What a byzantine node has in its hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A grant to speak as the unit.
    Governing,
    /// The same, and it is over soon.
    GoverningShortly,
    /// A grant to write.
    Writing,
    /// The same, and it is over soon.
    WritingShortly,
    /// A tablet.
    Device,
    /// A grant, and a second node with the same key.
    Doubled,
    /// A lineage of its own that nobody recognised.
    Rival,
    /// A grant, and the operating keys of its unit.
    Thief,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Governing,
        Self::GoverningShortly,
        Self::Writing,
        Self::WritingShortly,
        Self::Device,
        Self::Doubled,
        Self::Rival,
        Self::Thief,
    ];
}

impl World {
    /// Takes byzantine nodes in, as anybody may be; in a whole city in every tier.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn add_byzantine(&mut self) -> Result<(), Broken> {
        if !self.options.byzantine {
            return Ok(());
        }
        for unit in self.units_of_byzantine() {
            let kind = Kind::ALL[self.chance.random_range(0..Kind::ALL.len())];
            self.add_byzantine_node(unit, kind)?;
        }
        Ok(())
    }

    fn units_of_byzantine(&mut self) -> Vec<usize> {
        let all: Vec<usize> = (0..self.city.units.len()).collect();
        let (depths, of_each) = match self.options.shape {
            Shape::Drawn => (vec![all], self.chance.random_range(1..=3)),
            Shape::Baicheng => {
                let of = |depth| {
                    let is_there = |unit: &&usize| self.city.units[**unit].path.depth() == depth;
                    all.iter().filter(is_there).copied().collect()
                };
                ((1..=4).map(of).collect(), 3)
            }
        };
        let mut chosen = Vec::new();
        for units in depths {
            for _ in 0..of_each {
                chosen.extend(one_of(&mut self.chance, &units));
            }
        }
        chosen
    }

    fn add_byzantine_node(&mut self, unit: usize, kind: Kind) -> Result<(), Broken> {
        if kind == Kind::Rival {
            return self.add_rival(unit);
        }
        let role = match kind {
            Kind::Governing | Kind::GoverningShortly => Role::governing(),
            Kind::Device => Role::device(),
            _ => Role::writing(),
        };
        let shortly = matches!(kind, Kind::WritingShortly | Kind::GoverningShortly);
        let until = if shortly { BEGIN_MS + 30_000 } else { TERM.until.get() };
        let Some(node) = self.take_in_until(unit, &role, until)? else {
            return Ok(());
        };
        self.sites[node].honest = false;
        match kind {
            Kind::Doubled => self.double(node),
            Kind::Thief => {
                self.steal(node);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A byzantine node comes to hold the operating keys of all generations of its unit so far.
    fn steal(&mut self, at: usize) {
        let unit = &self.city.units[self.sites[at].unit];
        let (path, keys) = (unit.path.clone(), self.city.keys_so_far(self.sites[at].unit));
        let generations = disk::statements(&self.sites[at].store).into_iter();
        let stolen = generations.filter_map(|one| {
            let key = match one.body() {
                Body::Charter(charter) if charter.unit == path => charter.key,
                Body::Rotation(rotation) if rotation.unit == path => rotation.key,
                _ => return None,
            };
            let key = keys.iter().find(|own| public(own) == key)?;
            Some((path.clone(), one.id(), key.clone()))
        });
        self.sites[at].stolen = stolen.collect();
        self.reach("a thief took the keys of its unit");
    }

    /// A stranger with a lineage of its own for a unit that exists: nobody recognised it.
    fn add_rival(&mut self, unit: usize) -> Result<(), Broken> {
        let name = format!("{}'s rival {}", self.city.units[unit].path, self.sites.len());
        let key = self.streams.key(&name);
        let path = self.city.units[unit].path.clone();
        let (network, next) = (self.city.genesis.network(), Hash(self.chance.random()));
        let begun = begin_unit(network, &path, &key, next, TERM).expect("a unit");
        let (lineage, grant) = (begun.charter.id(), begun.delegation.id());
        let role = Role { verbs: Verbs::WRITE, reads: Reads::NONE, classes: Classes::all() };
        let rival = self.add(unit, &name, key, (grant, role), &[])?;
        let site = &mut self.sites[rival];
        (site.honest, site.replica, site.store) = (false, None, MemStore::default());
        site.pins = Pins::of(path, lineage);
        self.start(rival)?;
        for statement in self.city.units[unit].statements.clone() {
            self.learn(rival, statement)?;
        }
        self.learn(rival, begun.charter.into())?;
        self.learn(rival, begun.delegation.into())?;
        let first = self.city.units[unit].first;
        first.into_iter().for_each(|first| self.join(rival, first));
        Ok(())
    }

    /// A second node with the key and the disk of a byzantine node.
    fn double(&mut self, node: usize) -> Result<(), Broken> {
        let site = &self.sites[node];
        let (unit, key) = (site.unit, site.key.clone());
        let grant = (site.delegation, site.role.clone());
        let (name, store) = (format!("{}'s double", site.name), site.store.clone());
        let double = self.add(unit, &name, key, grant, &[])?;
        let site = &mut self.sites[double];
        (site.honest, site.replica, site.store) = (false, None, store);
        self.start(double)?;
        for _ in 0..2 {
            let other = self.chance.random_range(0..self.sites.len());
            self.join(double, other);
        }
        Ok(())
    }

    /// A byzantine node does something that nobody should.
    ///
    /// # Errors
    /// If an honest node then breaks an invariant.
    pub fn scheme(&mut self, at: usize) -> Result<(), Broken> {
        if self.sites[at].replica.is_none() {
            return Ok(());
        }
        match self.chance.random_range(0..9) {
            0 => self.go_back(at),
            1 => self.fork(at),
            2 | 3 => self.speak_in_other_names(at),
            4 => self.impersonate(at),
            5 | 6 => self.plot(at),
            _ => {
                let frame = self.false_frame();
                self.inject(at, frame.to_bytes())
            }
        }
    }

    /// It goes on with an older disk, in the same life.
    fn go_back(&mut self, at: usize) -> Result<(), Broken> {
        if let Some(copy) = self.sites[at].copy.take() {
            self.crash(at);
            self.set_back(at, copy, false);
            return self.start(at);
        }
        self.sites[at].copy = Some(self.sites[at].store.clone());
        Ok(())
    }

    /// It writes at a place that it wrote at before, at another time, and shows it to one peer.
    fn fork(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let copy = site.copy.clone().unwrap_or_else(|| site.store.clone());
        let setting = Setting {
            genesis: self.city.genesis.clone(),
            pins: site.pins.clone(),
            key: site.key.clone(),
            chance: Chance::of([1; 32]),
            verifier: Arc::new(MemoVerifier::default()),
            anew: false,
        };
        let Ok((mut replica, _)) = Replica::open(setting, &copy) else {
            return Ok(());
        };
        let number = [64, 128, 160][self.chance.random_range(0..3)];
        let class = Class::new(number).expect("a class");
        let document = DocumentId::new(site.path.clone(), class, "a").expect("a document");
        let text = crate::marks::mark(&document.scope(), self.draw());
        let put = node_replication::change::Put {
            key: "person/k0/name",
            value: node_replication::change::Scalar::Text(&text),
            instead: Vec::new(),
        };
        let back = self.chance.random_range(0..BACK_MS_MAX);
        let site = &self.sites[at];
        let clock = Ms::of(site.clock(self.now).get() - back);
        let written = replica.write_change(clock, site.delegation, &document, vec![put], &copy);
        let Ok((_, output)) = written else {
            return Ok(());
        };
        self.reach("a byzantine node forked its log");
        let forked: Vec<_> = output.batch.writes.iter().filter_map(disk::envelope_of).collect();
        for envelope in forked {
            let item = Item::Envelope(Box::new(envelope));
            self.offer_false(at, document.scope(), &item)?;
        }
        Ok(())
    }

    fn offer_false(&mut self, at: usize, scope: Scope, item: &Item) -> Result<(), Broken> {
        let items = List::new(vec![Bytes::new(item.to_bytes()).expect("small")]).expect("one");
        let upto = self.chance.random_bool(0.5).then(|| self.chance.random_range(0..1_000));
        let frame = Frame::Items(Items { scope, upto, sum: None, items });
        self.inject(at, frame.to_bytes())
    }

    /// It changes what another signed, in a place where only the signature can tell.
    fn impersonate(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let all = disk::envelopes(&site.store);
        let others: Vec<_> =
            all.into_iter().filter(|one| one.header().claims().author.key != site.node).collect();
        let Some(envelope) = one_of(&mut self.chance, &others).cloned() else {
            return Ok(());
        };
        let (id, header) = (envelope.header().id(), envelope.header().claims().clone());
        let bytes = Item::Envelope(Box::new(envelope)).to_bytes();
        for _ in 0..60 {
            let mut changed = bytes.clone();
            let place = self.chance.random_range(0..bytes.len());
            changed[place] ^= 1 << self.chance.random_range(0..8);
            let Ok(Item::Envelope(other)) = Item::from_bytes(&changed) else {
                continue;
            };
            let claims = other.header().claims();
            let same_name = claims.author.key == header.author.key;
            if other.header().id() != id && same_name && other.content_matches() {
                self.reach("a byzantine node wrote in another's name");
                return self.offer_false(at, header.document.scope(), &Item::Envelope(other));
            }
        }
        Ok(())
    }

    /// It signs what it may not, by whatever proof it ever saw or with a key that it stole, and
    /// keeps what its own node takes.
    fn speak_in_other_names(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let known = disk::statements(&site.store);
        let ids: Vec<Hash> = known.iter().map(VerifiedStatement::id).collect();
        let (node, own) = (site.node, site.delegation);
        let units: Vec<_> = self.city.units.iter().map(|unit| unit.path.clone()).collect();
        let any = one_of(&mut self.chance, &ids).copied().unwrap_or(own);
        let ends = one_of(&mut self.chance, &ids).copied().unwrap_or(own);
        let below = one_of(&mut self.chance, &units).cloned().expect("a city");
        let (unit, proof, key) = self.name_to_speak_in(at, any);
        let network = self.city.genesis.network();
        let issuer = Issuer { network, unit: &unit, proof, key: &key };
        let time = Ms::of(BEGIN_MS - self.chance.random_range(0..BACK_MS_MAX));
        let term = Term { from: time, until: TERM.until };
        let serial = self.chance.random_range(0..1_000_000);
        let role = Role::governing();
        let made: Option<VerifiedStatement> = match self.chance.random_range(0..6) {
            0 => issuer.delegate(node, &role, term, serial).ok().map(Into::into),
            1 => issuer.withdraw(ends, Keeps::default(), time).ok().map(Into::into),
            2 => issuer.close(ends, Keeps::default(), TERM.until.plus(1)).ok().map(Into::into),
            3 => issuer.recognise(below, any, term, serial).ok().map(Into::into),
            4 => issuer.suspend(below, "lies", time).ok().map(Into::into),
            _ => self.succession_by(&key, any),
        };
        let Some(made) = made else {
            return Ok(());
        };
        let may_read = matches!(made.body(), Body::Delegation(_));
        if matches!(made.body(), Body::Succession(_)) {
            self.reach("a byzantine node passed the root on with a key in daily use");
        }
        if self.learn(at, made.clone())? {
            self.reach("a byzantine node's statement was kept by its own node");
            if may_read {
                // Whoever has a unit's key is let in by it until the phrase passes it on.
                self.reach("a thief took itself in");
                self.sites[at].role = role;
            }
        }
        let item = Item::Statement(Box::new(made.into_statement()));
        self.offer_false(at, Scope::statements(unit), &item)
    }

    /// In its own name, with a key that it stole, or by a proof that is not its own.
    fn name_to_speak_in(&mut self, at: usize, any: Hash) -> (UnitId, Hash, SigningKey) {
        let units: Vec<_> = self.city.units.iter().map(|unit| unit.path.clone()).collect();
        let site = &self.sites[at];
        let stolen = one_of(&mut self.chance, &site.stolen).cloned();
        let (path, own, key) = (site.path.clone(), site.delegation, site.key.clone());
        match self.chance.random_range(0..4) {
            0 => (path, own, key),
            1 => (one_of(&mut self.chance, &units).cloned().expect("a city"), any, key),
            _ => stolen.unwrap_or((path, own, key)),
        }
    }

    /// The root passed on by a key in daily use, which it never committed to.
    fn succession_by(&self, key: &SigningKey, previous: Hash) -> Option<VerifiedStatement> {
        let of = |label: &str| public(&self.streams.key(label));
        let record = Succession {
            network: self.city.genesis.network(),
            previous: if previous.0[0] < 128 { self.city.root_generation } else { previous },
            reveal: public(key),
            roots: Ascending::of([of("thief of the root")]).ok()?,
            threshold: 1,
            next: Ascending::of([of("paper of the thief").commitment()]).ok()?,
            next_threshold: 1,
            keeps: Keeps::default(),
            at: Ms::of(BEGIN_MS),
        };
        Verified::seal(record, key).ok().map(Into::into)
    }

    fn false_frame(&mut self) -> Frame {
        let units: Vec<_> = self.city.units.iter().map(|unit| unit.path.clone()).collect();
        let scope = one_of(&mut self.chance, &all_scopes(&units)).cloned().expect("a city");
        let ids: Vec<Hash> =
            self.sites.iter().flat_map(|site| site.acknowledged.iter().copied()).take(40).collect();
        let random = Hash(self.chance.random());
        let cursor = Cursor { epoch: Epoch([3; 16]), seq: self.chance.random() };
        match self.chance.random_range(0..5) {
            0 => Frame::Want(Want { scope, ids: List::new(ids).expect("few") }),
            1 => {
                let head = self.chance.random();
                let offer = Offer { scope, head, sum: random, known: Some(cursor) };
                Frame::Offers(Offers { offers: List::new(vec![offer]).expect("one"), more: false })
            }
            2 => {
                let message = Bytes::new(random.0.to_vec()).expect("short");
                Frame::Reconcile(Reconcile { scope, message })
            }
            3 => {
                let upto = Some(self.chance.random());
                Frame::Ack(Ack { scope, upto, later: false, refused: 3, reason: None })
            }
            _ => Frame::Items(Items {
                scope,
                upto: Some(self.chance.random()),
                sum: Some(random),
                items: List::default(),
            }),
        }
    }

    /// Sends bytes in one of a byzantine node's conversations.
    fn inject(&mut self, at: usize, bytes: Vec<u8>) -> Result<(), Broken> {
        let open: Vec<u64> = self.sites[at].open.keys().copied().collect();
        match one_of(&mut self.chance, &open).copied() {
            None => Ok(()),
            Some(talk) => self.send(at, talk, Sent::Frame(bytes)),
        }
    }

    /// Sends what a byzantine node's replica says, or something else.
    ///
    /// # Errors
    /// If an honest node then breaks an invariant.
    pub fn tamper(&mut self, at: usize, talk: u64, frame: &Frame) -> Result<(), Broken> {
        let mut bytes = frame.to_bytes();
        match self.chance.random_range(0..40) {
            0 => return Ok(()),
            1 => self.send(at, talk, Sent::Frame(bytes.clone()))?,
            2 => {
                let place = self.chance.random_range(0..bytes.len());
                bytes[place] ^= 1 << self.chance.random_range(0..8);
            }
            3 => {
                if let Some(old) = one_of(&mut self.chance, &self.said).cloned() {
                    self.send(at, talk, Sent::Frame(old))?;
                }
            }
            _ => {}
        }
        if self.said.len() < SAID_MAX {
            self.said.push(bytes.clone());
        } else {
            let place = self.chance.random_range(0..SAID_MAX);
            self.said[place].clone_from(&bytes);
        }
        self.send(at, talk, Sent::Frame(bytes))
    }
}
