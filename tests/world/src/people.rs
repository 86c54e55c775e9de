//! What people do, at random: entries of every audience, letters, keys of persons.

use node_replication::change::{Put, Scalar};
use node_replication::document::{Document, Value};
use node_replication::log::{self, WriteError};
use node_replication::replica::Output;
use rand::RngExt;
use schema_wire::{
    Acknowledgement, Acknowledgements, Bytes, Class, DocumentId, Erasure, Erasures, Hash, Item,
    Keys, Payload, Reads, Receipt, SubjectKey,
};

use crate::chance::one_of;
use crate::failure::Broken;
use crate::marks::mark;
use crate::world::World;

/// Classes of every audience and band.
const CLASSES: [u8; 10] = [0, 7, 64, 80, 128, 130, 144, 160, 161, 176];
/// How much of all that is done byzantine nodes do, if there are some.
const SCHEMES: f64 = 0.3;
const LETTERS: u8 = 192;
/// The keyrings of the bands people, work and device.
const KEYRINGS: [u8; 3] = [143, 159, 175];
const ERASURES: u8 = 142;

impl World {
    /// Somebody works.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn work(&mut self) -> Result<(), Broken> {
        if self.healed {
            return Ok(());
        }
        let pause = self.chance.random_range(100..1_500) / self.pace();
        self.after(pause, crate::talk::Happening::Work);
        let byzantine: Vec<usize> =
            (0..self.sites.len()).filter(|at| !self.sites[*at].honest).collect();
        if let Some(at) = one_of(&mut self.chance, &byzantine).copied()
            && self.chance.random_bool(SCHEMES)
        {
            return self.scheme(at);
        }
        let at = self.chance.random_range(0..self.sites.len());
        if self.sites[at].replica.is_none() {
            return Ok(());
        }
        match self.chance.random_range(0..20) {
            0..=10 => self.enter(at),
            11 | 12 => self.write_letter(at),
            13 => self.acknowledge(at),
            14 => self.tell_key(at),
            15 => self.erase(at),
            _ => self.deed(),
        }
    }

    fn enter(&mut self, at: usize) -> Result<(), Broken> {
        let classes = CLASSES.iter().filter_map(|number| Class::new(*number).ok());
        let own: Vec<Class> =
            classes.filter(|class| self.sites[at].role.classes.has(*class)).collect();
        let Some(class) = one_of(&mut self.chance, &own).copied() else {
            return Ok(());
        };
        let shard = ["a", "b"][self.chance.random_range(0..2)];
        let document = DocumentId::new(self.sites[at].path.clone(), class, shard);
        self.enter_in(at, &document.expect("a document"))
    }

    /// Enters a marked text in a document.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn enter_in(&mut self, at: usize, document: &DocumentId) -> Result<(), Broken> {
        let key =
            ["person/k0/name", "person/k1/name", "person/k2/name"][self.chance.random_range(0..3)];
        let text = mark(&document.scope(), self.draw());
        let value = Value::Text(text.as_str().into());
        let blind = self.chance.random_bool(0.1);
        let now = self.now;
        let site = &mut self.sites[at];
        let read = read(&site.store, document)?;
        let puts = if blind {
            vec![Put { key, value: Scalar::Text(&text), instead: Vec::new() }]
        } else {
            read.edit([(key, &value)])
        };
        let clock = site.clock(now);
        let Some(replica) = &mut site.replica else {
            return Ok(());
        };
        let written = replica.write_change(clock, site.delegation, document, puts, &site.store);
        self.wrote(at, document, written)
    }

    /// Writes other content than changes.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn write(
        &mut self,
        at: usize,
        document: &DocumentId,
        content: Payload,
    ) -> Result<(), Broken> {
        let now = self.now;
        let site = &mut self.sites[at];
        let clock = site.clock(now);
        let Some(replica) = &mut site.replica else {
            return Ok(());
        };
        let written = replica.write_content(clock, site.delegation, document, content, &site.store);
        self.wrote(at, document, written)
    }

    fn wrote(
        &mut self,
        at: usize,
        document: &DocumentId,
        written: Result<(Hash, Output), WriteError>,
    ) -> Result<(), Broken> {
        match written {
            Ok((id, output)) => {
                self.note(|| format!("{at} enters {} in {document}", id.short()));
                self.census.sign(id);
                if self.commit(at, output)? {
                    self.sites[at].acknowledged.insert(id);
                }
            }
            Err(WriteError::Read(error)) => return Err(Broken::new("INV-12", error.to_string())),
            Err(error) => {
                self.note(|| format!("{at} is turned away in {document}: {error}"));
                self.reach("a clerk was turned away");
            }
        }
        Ok(())
    }

    fn write_letter(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let others = self.city.units.iter().map(|unit| unit.path.clone());
        let others: Vec<_> = others.filter(|path| *path != site.path).collect();
        let class = Class::new(LETTERS).expect("a class");
        let writes = site.role.classes.has(class) && site.role.reads.covers(Reads::CORRESPONDENCE);
        let owner = site.path.clone();
        let Some(to) = one_of(&mut self.chance, &others).filter(|_| writes) else {
            return Ok(());
        };
        let document = DocumentId::new(owner, class, to.as_str()).expect("a document");
        let text = mark(&document.scope(), self.draw());
        let content = Payload::Letter(Some(Bytes::new(text.into_bytes()).expect("short")));
        self.write(at, &document, content)
    }

    fn acknowledge(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let to_us = crate::disk::envelopes(&site.store)
            .into_iter()
            .filter(|envelope| envelope.header().claims().document.addressee() == Some(&site.path));
        let to_us: Vec<_> = to_us.collect();
        let Some(letter) = one_of(&mut self.chance, &to_us) else {
            return Ok(());
        };
        let header = letter.header().claims();
        let Some(document) = header.document.opposite() else {
            return Ok(());
        };
        let state = [Receipt::Held, Receipt::Opened, Receipt::Unreadable];
        let state = state[self.chance.random_range(0..3)];
        let (author, incarnation, seq) =
            (header.author.key, header.author.incarnation, header.seq());
        let one = Acknowledgement { author, incarnation, seq, state };
        let list = Acknowledgements::of([one]).expect("one");
        self.reach("a letter was acknowledged");
        self.write(at, &document, Payload::Acknowledgement(list))
    }

    fn tell_key(&mut self, at: usize) -> Result<(), Broken> {
        let subject = [self.chance.random_range(0..2_u8); 16];
        let keyring = KEYRINGS[self.chance.random_range(0..3)];
        let Some(document) = self.of_keyring(at, keyring, &subject) else {
            return Ok(());
        };
        let key =
            Hash::of(&[b"a key", &self.draw().to_be_bytes(), &self.options.seed.to_be_bytes()]);
        self.census.keys.insert(key.0.to_vec(), document.scope());
        let keys = Keys::new(vec![SubjectKey::new(subject, key.0)]).expect("one");
        self.write(at, &document, Payload::Keys(keys))
    }

    fn erase(&mut self, at: usize) -> Result<(), Broken> {
        let told = crate::disk::envelopes(&self.sites[at].store);
        let told: Vec<SubjectKey> = told
            .iter()
            .filter_map(|envelope| match envelope.content() {
                Payload::Keys(keys) => keys.iter().next().cloned(),
                _ => None,
            })
            .collect();
        let Some(key) = one_of(&mut self.chance, &told) else {
            return Ok(());
        };
        let erasure = Erasure { subject: *key.subject(), commitment: key.commitment() };
        let Some(document) = self.of_keyring(at, ERASURES, key.subject()) else {
            return Ok(());
        };
        self.reach("a key was erased");
        let list = Erasures::of([erasure]).expect("one");
        self.write(at, &document, Payload::Erasures(list))
    }

    fn of_keyring(&self, at: usize, class: u8, subject: &[u8; 16]) -> Option<DocumentId> {
        let class = Class::new(class).ok()?;
        let site = &self.sites[at];
        let shard = format!("{:02x}", subject[0]);
        let may = site.role.classes.has(class);
        DocumentId::new(site.path.clone(), class, &shard).ok().filter(|_| may)
    }
}

/// A document, built from the envelopes that count.
fn read(
    store: &node_replication::store::MemStore,
    document: &DocumentId,
) -> Result<Document, Broken> {
    let broken = |error: node_replication::store::ReadError| Broken::new("INV-12", error.0);
    let mut read = Document::default();
    for (_, id) in log::feed(store, &document.scope(), 0, usize::MAX >> 1).map_err(broken)? {
        let Some(Item::Envelope(envelope)) =
            log::item(store, &id).map_err(broken)?.map(|stored| stored.item)
        else {
            continue;
        };
        let counts = log::validity(store, document, &id).map_err(broken)?.counts();
        if envelope.header().claims().document != *document || !counts {
            continue;
        }
        if let Payload::Changes(bytes) = envelope.content() {
            let change = node_replication::change::read(bytes);
            let (change, _) =
                change.map_err(|fault| Broken::new("INV-12", format!("{fault:?}")))?;
            read.apply(&change);
        }
    }
    Ok(read)
}
