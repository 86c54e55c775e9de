//! Byzantine nodes with true keys: in term and out of it, governing, and two that share one key.
//! What one of them sends, all of them may send again.

use node_acts::generation::begin_unit;
use node_acts::issuer::{Issuer, Term};
use node_acts::role::Role;
use node_authority::Pins;
use node_replication::log::{Chance, Setting};
use node_replication::replica::Replica;
use node_replication::store::MemStore;
use rand::RngExt;
use schema_wire::{
    Ack, Bytes, Class, Classes, Cursor, DocumentId, Epoch, Frame, Hash, Item, Items, Keeps, List,
    Ms, Offer, Offers, Reads, Reconcile, Scope, Verbs, VerifiedStatement, Want, Wire as _,
};
use std::sync::Arc;

use crate::chance::one_of;
use crate::city::{BEGIN_MS, TERM};
use crate::disk;
use crate::failure::Broken;
use crate::invariants::all_scopes;
use crate::talk::Sent;
use crate::verifier::MemoVerifier;
use crate::world::World;

/// Frames that byzantine nodes remember together.
const SAID_MAX: usize = 64;
/// How far back they date, at most.
const BACK_MS_MAX: u64 = 10 * 86_400_000;

impl World {
    /// Takes byzantine nodes in, as anybody may be.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn add_byzantine(&mut self) -> Result<(), Broken> {
        if !self.options.byzantine {
            return Ok(());
        }
        for _ in 0..self.chance.random_range(1..=3) {
            let unit = self.chance.random_range(0..self.city.units.len());
            let kind = self.chance.random_range(0..6);
            if kind == 5 {
                self.add_rival(unit)?;
                continue;
            }
            let role = match kind {
                0 => Role::governing(),
                1 => Role::device(),
                _ => Role::writing(),
            };
            let until = if kind == 2 { BEGIN_MS + 30_000 } else { TERM.until.get() };
            let Some(node) = self.take_in_until(unit, &role, until)? else {
                continue;
            };
            self.sites[node].honest = false;
            if kind == 3 {
                self.double(node)?;
            }
        }
        Ok(())
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
        match self.chance.random_range(0..6) {
            0 => self.go_back(at),
            1 => self.fork(at),
            2 => self.speak_in_other_names(at),
            3 => self.impersonate(at),
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

    /// It signs what it may not, by whatever proof it ever saw, and keeps what its own node takes.
    fn speak_in_other_names(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let known = disk::statements(&site.store);
        let ids: Vec<Hash> = known.iter().map(VerifiedStatement::id).collect();
        let (key, node, own) = (site.key.clone(), site.node, site.delegation);
        let units: Vec<_> = self.city.units.iter().map(|unit| unit.path.clone()).collect();
        let honest = self.chance.random_bool(0.5);
        let any = one_of(&mut self.chance, &ids).copied().unwrap_or(own);
        let proof = if honest { own } else { any };
        let ends = one_of(&mut self.chance, &ids).copied().unwrap_or(own);
        let unit = if honest {
            self.sites[at].path.clone()
        } else {
            one_of(&mut self.chance, &units).cloned().expect("a city")
        };
        let below = one_of(&mut self.chance, &units).cloned().expect("a city");
        let network = self.city.genesis.network();
        let issuer = Issuer { network, unit: &unit, proof, key: &key };
        let time = Ms::of(BEGIN_MS - self.chance.random_range(0..BACK_MS_MAX));
        let term = Term { from: time, until: TERM.until };
        let serial = self.chance.random_range(0..1_000_000);
        let made: Option<VerifiedStatement> = match self.chance.random_range(0..5) {
            0 => issuer.delegate(node, &Role::governing(), term, serial).ok().map(Into::into),
            1 => issuer.withdraw(ends, Keeps::default(), time).ok().map(Into::into),
            2 => issuer.close(ends, Keeps::default(), TERM.until.plus(1)).ok().map(Into::into),
            3 => issuer.recognise(below, any, term, serial).ok().map(Into::into),
            _ => issuer.suspend(below, "lies", time).ok().map(Into::into),
        };
        let Some(made) = made else {
            return Ok(());
        };
        if self.learn(at, made.clone())? {
            self.reach("a byzantine node's statement was kept by its own node");
        }
        let item = Item::Statement(Box::new(made.into_statement()));
        self.offer_false(at, Scope::statements(unit), &item)
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
