//! Generations: how a network and a unit begin, and how a key from paper passes them on.

use schema_wire::{
    Charter, Commitments, Delegation, Genesis, Hash, Keeps, Malformed, Ms, NetworkId, NodeKey,
    Roots, Rotation, SigningKey, Succession, Text, UnitId, Verified,
};

use crate::issuer::{Issuer, Term};
use crate::phrase::Phrase;
use crate::role::Role;

/// The root keys of a generation, and the keys from paper that may pass it on.
#[derive(Debug, Clone)]
pub struct RootKeys {
    /// The keys in daily use.
    pub roots: Roots,
    /// How many of them act together.
    pub threshold: u8,
    /// The commitments to the keys from paper.
    pub next: Commitments,
    /// How many of those it takes.
    pub next_threshold: u8,
}

/// Begins a network.
///
/// # Errors
/// If a threshold cannot be reached, or a root key is committed to as a key from paper.
pub fn begin_network(
    city: UnitId,
    name: &str,
    keys: RootKeys,
    at: Ms,
) -> Result<Genesis, Malformed> {
    let RootKeys { roots, threshold, next, next_threshold } = keys;
    let name = Text::new(name)?;
    let genesis = Genesis { unit: city, name, roots, threshold, next, next_threshold, at };
    genesis.well_made()?;
    Ok(genesis)
}

/// What a unit begins with: its charter, and its first node's delegation.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Its id names the lineage.
    pub charter: Verified<Charter>,
    /// The node that holds the operating key is the unit's first.
    pub delegation: Verified<Delegation>,
}

/// Begins a unit. `key` is the operating key and its first node's; `next` is the commitment to
/// the key of a recovery phrase. Needs nothing from above to work inside.
///
/// # Errors
/// If `next` commits to `key` itself, or the term ends before it begins.
pub fn begin_unit(
    network: NetworkId,
    unit: &UnitId,
    key: &SigningKey,
    next: Hash,
    term: Term,
) -> Result<Beginning, Malformed> {
    let node = NodeKey(key.verifying_key().to_bytes());
    let (unit_name, at) = (unit.clone(), term.from);
    let charter = Verified::seal(Charter { network, unit: unit_name, key: node, next, at }, key)?;
    let issuer = Issuer { network, unit, proof: charter.id(), key };
    let delegation = issuer.delegate(node, &Role::governing(), term, 0)?;
    Ok(Beginning { charter, delegation })
}

/// What the phrase of a lineage makes of it.
#[derive(Debug, Clone)]
pub struct Rotate<'a> {
    /// The network.
    pub network: NetworkId,
    /// The unit.
    pub unit: &'a UnitId,
    /// The generation that committed to the phrase's key.
    pub previous: Hash,
    /// The new operating key.
    pub key: NodeKey,
    /// The commitment to the key of the next phrase.
    pub next: Hash,
    /// What stays of earlier generations.
    pub keeps: Keeps,
    /// When.
    pub at: Ms,
}

impl Rotate<'_> {
    /// Passes the lineage on, by its recovery phrase.
    ///
    /// # Errors
    /// If new key, next key and the phrase's are not three.
    pub fn by(self, phrase: &Phrase) -> Result<Verified<Rotation>, Malformed> {
        let Self { network, unit, previous, key, next, keeps, at } = self;
        let (unit, reveal) = (unit.clone(), phrase.public());
        let rotation = Rotation { network, unit, previous, reveal, key, next, keeps, at };
        Verified::seal(rotation, &phrase.key())
    }
}

/// What keys from paper make of the root.
#[derive(Debug, Clone)]
pub struct Succeed {
    /// The network.
    pub network: NetworkId,
    /// The generation that committed to the phrase's key.
    pub previous: Hash,
    /// The new generation.
    pub keys: RootKeys,
    /// What stays of earlier generations.
    pub keeps: Keeps,
    /// When.
    pub at: Ms,
}

impl Succeed {
    /// Passes the root on, by one phrase; others endorse it until the threshold is reached.
    ///
    /// # Errors
    /// If a threshold cannot be reached, or a key that is shown is committed to.
    pub fn by(self, phrase: &Phrase) -> Result<Verified<Succession>, Malformed> {
        let Self { network, previous, keys, keeps, at } = self;
        let RootKeys { roots, threshold, next, next_threshold } = keys;
        let reveal = phrase.public();
        let succession = Succession {
            network,
            previous,
            reveal,
            roots,
            threshold,
            next,
            next_threshold,
            keeps,
            at,
        };
        Verified::seal(succession, &phrase.key())
    }
}
