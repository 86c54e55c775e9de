//! What an honest node wrote can count again (INV-14): every envelope of its own unit that a first
//! node ever held is still there, and an act of the unit, with acts of the units above where it was
//! published, makes it count. The acts are made on a copy of the disk, and nobody hears of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_acts::generation::{RootKeys, Rotate, Succeed};
use node_acts::issuer::Issuer;
use node_authority::Authority;
use node_replication::log::{Chance, Log, Offered, Origin, Setting, Step, validity};
use node_replication::store::ReadError;
use rand::seq::SliceRandom as _;
use schema_wire::{Ascending, Author, Envelope, Hash, Keeps, Mark, VerifiedStatement};

use crate::chance::public;
use crate::city::TERM;
use crate::disk;
use crate::failure::Broken;
use crate::verifier::MemoVerifier;
use crate::world::World;

/// Envelopes of one node that are asked about: each costs a reading of all its statements.
const ASKED: usize = 2;

impl World {
    /// Asks whether what honest nodes wrote is there, and can count.
    ///
    /// # Errors
    /// If it cannot.
    pub fn check_recovery(&mut self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let broken = |id: &Hash, text: &str| {
            Err(Broken::new("INV-14", format!("{}: {} {text}", site.name, id.short())))
        };
        if let Some(gone) = site.held.iter().find(|id| !disk::holds(&site.store, id)) {
            return broken(gone, "was held here, and is gone");
        }
        if self.city.units[site.unit].first != Some(at) {
            return Ok(());
        }
        let own = |one: &Envelope| {
            let header = one.header().claims();
            let author = self.sites.iter().find(|site| site.node == header.author.key);
            *header.document.owner() == site.path
                && author.is_some_and(|author| author.honest && !author.fell_back)
        };
        let counts = |one: &Envelope| {
            let (document, id) = (&one.header().claims().document, one.header().id());
            validity(&site.store, document, &id).is_ok_and(|validity| validity.counts())
        };
        let mut own: Vec<Envelope> = disk::envelopes(&site.store).into_iter().filter(own).collect();
        own.shuffle(&mut self.chance.clone());
        own.sort_by_key(counts);
        let mut asked = 0;
        for envelope in own.iter().take(ASKED) {
            match self.can_count_again(at, envelope) {
                Ok(true) => asked += 1,
                Ok(false) => return broken(&envelope.header().id(), "can never count again"),
                Err(Unasked) => {}
            }
        }
        (0..asked)
            .for_each(|_| self.reach("an envelope was shown to count after acts of its unit"));
        Ok(())
    }

    fn can_count_again(&self, at: usize, envelope: &Envelope) -> Result<bool, Unasked> {
        let site = &self.sites[at];
        let replica = site.replica.as_ref().ok_or(Unasked)?;
        let acts = self.acts_for(at, replica.authority(), envelope)?;
        let setting = Setting {
            genesis: self.city.genesis.clone(),
            pins: site.pins.clone(),
            key: site.key.clone(),
            chance: Chance::of([1; 32]),
            verifier: Arc::new(MemoVerifier::default()),
            anew: false,
        };
        let mut store = site.store.clone();
        let mut log = Log::open(setting, &store)?;
        for act in acts {
            let mut step = Step::new(&store);
            let offered = log.learn(&mut step, act, Origin::OWN)?;
            let (batch, _) = log.finish(step)?;
            store.apply(&batch);
            // A store that was set back may know less of its generations than its people do.
            if !matches!(offered, Offered::Taken | Offered::Duplicate) {
                return Err(Unasked);
            }
        }
        let (document, id) = (&envelope.header().claims().document, envelope.header().id());
        Ok(validity(&store, document, &id)?.counts())
    }

    /// The root and every unit down to the node's pass on by their phrases, keep nothing, and
    /// recognise the next one anew; then the unit adopts the envelope with its past.
    fn acts_for(
        &self,
        at: usize,
        authority: &Authority,
        envelope: &Envelope,
    ) -> Result<Vec<VerifiedStatement>, Unasked> {
        let site = &self.sites[at];
        let (network, now) = (self.city.genesis.network(), site.clock(self.now));
        let (phrase, mut key, next) = self.city.next_root();
        let keys = RootKeys {
            roots: Ascending::of([public(&key)]).map_err(|_| Unasked)?,
            threshold: 1,
            next: Ascending::of([next]).map_err(|_| Unasked)?,
            next_threshold: 1,
        };
        let (previous, keeps) = (self.city.root_generation, Keeps::default());
        let succession = Succeed { network, previous, keys, keeps, at: now }.by(&phrase);
        let succession = succession.map_err(|_| Unasked)?;
        let (mut proof, mut above) = (succession.id(), self.city.genesis.unit.clone());
        let mut acts: Vec<VerifiedStatement> = vec![succession.into()];
        for (number, unit) in self.city.units.iter().enumerate() {
            if !unit.path.contains(&site.path) {
                continue;
            }
            let issuer = Issuer { network, unit: &above, proof, key: &key };
            let founding = issuer.recognise(unit.path.clone(), unit.lineage, TERM, u64::MAX);
            acts.push(founding.map_err(|_| Unasked)?.into());
            let previous = authority.present(&unit.lineage).ok_or(Unasked)?;
            let (phrase, own, next) = self.city.next_generation(number);
            let (path, public, keeps) = (&unit.path, public(&own), Keeps::default());
            let rotate =
                Rotate { network, unit: path, previous, key: public, next, keeps, at: now };
            let rotation = rotate.by(&phrase).map_err(|_| Unasked)?;
            (proof, above, key) = (rotation.id(), unit.path.clone(), own);
            acts.push(rotation.into());
        }
        let issuer = Issuer { network, unit: &above, proof, key: &key };
        let scope = envelope.header().claims().document.scope();
        let marks = past(&disk::envelopes(&site.store), envelope)?;
        let adoptions = issuer.adopt(&scope, marks, now).map_err(|_| Unasked)?;
        acts.extend(adoptions.into_iter().map(Into::into));
        Ok(acts)
    }
}

/// It cannot be asked here, and nothing is shown.
#[derive(Debug)]
struct Unasked;

impl From<ReadError> for Unasked {
    fn from(_: ReadError) -> Self {
        Self
    }
}

/// The last envelope of each log in what an envelope builds on in its document, itself included.
/// Of a past with both sides of a fork no choice makes all count.
fn past(all: &[Envelope], envelope: &Envelope) -> Result<Vec<Mark>, Unasked> {
    let by_id: BTreeMap<Hash, &Envelope> = all.iter().map(|one| (one.header().id(), one)).collect();
    let document = &envelope.header().claims().document;
    let (mut seen, mut open) = (BTreeSet::new(), vec![envelope.header().id()]);
    let mut logs: BTreeMap<Author, BTreeMap<u64, Hash>> = BTreeMap::new();
    while let Some(id) = open.pop() {
        let Some(one) = by_id.get(&id).filter(|_| seen.insert(id)) else { continue };
        let header = one.header().claims();
        if header.document != *document {
            continue;
        }
        if logs.entry(header.author).or_default().insert(header.seq(), id).is_some() {
            return Err(Unasked);
        }
        open.extend(header.backlink().into_iter().chain(header.dependencies.iter().copied()));
    }
    let mark = |(author, places): (Author, BTreeMap<u64, Hash>)| {
        let (seq, head) = places.into_iter().next_back()?;
        let Author { key, incarnation } = author;
        Some(Mark { document: document.clone(), author: key, incarnation, seq, head })
    };
    Ok(logs.into_iter().filter_map(mark).collect())
}
