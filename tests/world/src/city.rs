//! A city with its units, as its people know them: who holds which key and which phrase.

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use schema_wire::{Ascending, Genesis, Hash, Ms, SigningKey, UnitId, Verified, VerifiedStatement};

use crate::chance::{Streams, public};

/// When every world begins.
pub const BEGIN_MS: u64 = 1_790_000_000_000;
const DAY_MS: u64 = 86_400_000;

/// The term of ordinary grants.
pub const TERM: Term =
    Term { from: Ms::of(BEGIN_MS - 30 * DAY_MS), until: Ms::of(BEGIN_MS + 400 * DAY_MS) };

/// A unit and the secrets of its people.
#[derive(Debug)]
pub struct Unit {
    /// Its path.
    pub path: UnitId,
    /// Its lineage.
    pub lineage: Hash,
    /// The operating key of its present generation.
    pub key: SigningKey,
    /// How many generations it has.
    pub generations: u64,
    /// What its first node begins with, from the root down.
    pub statements: Vec<VerifiedStatement>,
    /// The first node's delegation.
    pub delegation: Hash,
    /// The site of its first node, once there is one.
    pub first: Option<usize>,
}

/// A network and the secrets of its root.
#[derive(Debug)]
pub struct City {
    /// What it began with.
    pub genesis: Genesis,
    /// The key of the root's present generation.
    pub root: SigningKey,
    /// The present generation of the root.
    pub root_generation: Hash,
    /// How many generations the root has.
    pub root_generations: u64,
    /// Its units, those above before those below.
    pub units: Vec<Unit>,
    streams: Streams,
}

impl City {
    /// A city without units.
    pub fn new(streams: Streams) -> Self {
        let root = streams.key("root/0");
        let next = phrase(streams, "root", 0).public().commitment();
        let keys = RootKeys {
            roots: Ascending::of([public(&root)]).expect("one"),
            threshold: 1,
            next: Ascending::of([next]).expect("one"),
            next_threshold: 1,
        };
        let city = UnitId::parse("c").expect("a unit");
        let genesis = begin_network(city, "city", keys, TERM.from).expect("a network");
        let root_generation = genesis.network().as_hash();
        Self { genesis, root, root_generation, root_generations: 1, units: Vec::new(), streams }
    }

    /// The root, as an issuer.
    pub fn root_issuer(&self) -> Issuer<'_> {
        let (network, unit) = (self.genesis.network(), &self.genesis.unit);
        Issuer { network, unit, proof: self.root_generation, key: &self.root }
    }

    /// A unit's generation with this id, as an issuer.
    pub fn issuer(&self, unit: usize, generation: Hash) -> Issuer<'_> {
        let Unit { path, key, .. } = &self.units[unit];
        Issuer { network: self.genesis.network(), unit: path, proof: generation, key }
    }

    /// Begins a unit with a lineage of its own, and its founding by `above`; the city is founded
    /// by the root. Returns the unit's number and the founding.
    pub fn begin(
        &mut self,
        path: &str,
        above: Option<(usize, Hash)>,
    ) -> (usize, VerifiedStatement) {
        let unit = UnitId::parse(path).expect("a unit");
        let network = self.genesis.network();
        let key = self.streams.key(&format!("unit/{path}/0"));
        let next = phrase(self.streams, path, 0).public().commitment();
        let begun = begin_unit(network, &unit, &key, next, TERM).expect("a unit");
        let Beginning { charter, delegation } = begun;
        let (lineage, id) = (charter.id(), delegation.id());
        let issuer = match above {
            None => self.root_issuer(),
            Some((above, generation)) => self.issuer(above, generation),
        };
        let founding: Verified<_> =
            issuer.recognise(unit.clone(), lineage, TERM, 0).expect("a founding");
        let founding: VerifiedStatement = founding.into();
        let mut statements =
            above.map_or(Vec::new(), |(above, _)| self.units[above].statements.clone());
        statements.extend([founding.clone(), charter.into(), delegation.into()]);
        self.units.push(Unit {
            path: unit,
            lineage,
            key,
            generations: 1,
            statements,
            delegation: id,
            first: None,
        });
        (self.units.len() - 1, founding)
    }

    /// The phrase that passes a unit's present generation on, and the key and commitment of the
    /// next one.
    pub fn next_generation(&self, unit: usize) -> (Phrase, SigningKey, Hash) {
        let Unit { path, generations, .. } = &self.units[unit];
        let path = path.as_str();
        let key = self.streams.key(&format!("unit/{path}/{generations}"));
        let next = phrase(self.streams, path, *generations).public().commitment();
        (phrase(self.streams, path, *generations - 1), key, next)
    }

    /// The operating keys of a unit's generations, the first one first.
    pub fn keys_so_far(&self, unit: usize) -> Vec<SigningKey> {
        let Unit { path, generations, .. } = &self.units[unit];
        let key = |number| self.streams.key(&format!("unit/{path}/{number}"));
        (0..*generations).map(key).collect()
    }

    /// The phrase that passes the root on, and the key and commitment of the next generation.
    pub fn next_root(&self) -> (Phrase, SigningKey, Hash) {
        let number = self.root_generations;
        let key = self.streams.key(&format!("root/{number}"));
        let next = phrase(self.streams, "root", number).public().commitment();
        (phrase(self.streams, "root", number - 1), key, next)
    }
}

fn phrase(streams: Streams, whose: &str, number: u64) -> Phrase {
    let bytes = streams.bytes(&format!("phrase/{whose}/{number}"));
    Phrase::of(std::array::from_fn(|at| bytes[at]))
}
