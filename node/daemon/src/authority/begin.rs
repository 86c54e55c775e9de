//! How a unit begins: by itself, in the folder of its first node. Its charter comes from no other
//! node, and no unit above is asked; a city begins its network in the same step.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context as _, Result};
use node_acts::generation::{self, RootKeys, begin_unit};
use node_acts::issuer::Issuer;
use node_acts::phrase::{Phrase, Words};
use node_api::{Began, Failure, Lang, NextStep, PhraseShown};
use node_folder::{Folder, Grant, IfPresent, Membership, Request, install};
use schema_wire::{
    Ascending, Founding, Genesis, Hash, NodeKey, UnitId, Verified, VerifiedStatement,
};

use super::issuer::{self, OWN_DAYS};
use super::join::enter;
use crate::clock;
use crate::disk;
use crate::failpoint::{Point, cross};
use crate::keyfile::Secrets;
use crate::lang::lang;

/// What a new network's root is to be, beside this node's key.
pub(crate) struct Root<'a> {
    pub(crate) city: &'a UnitId,
    pub(crate) name: &'a str,
    /// Further root keys.
    pub(crate) others: &'a [NodeKey],
    pub(crate) threshold: u8,
}

/// What a unit begins with, before any of it lies in a folder. The phrases are nowhere else.
pub(crate) struct Beginning {
    genesis: Genesis,
    unit: generation::Beginning,
    /// The root's recognition of the city.
    recognition: Option<Verified<Founding>>,
    unit_phrase: Phrase,
    root_phrase: Option<Phrase>,
}

/// Draws up a unit of a network, or a new network with its city.
pub(crate) fn draft(secrets: &Secrets, genesis: Genesis, unit: &UnitId) -> Result<Beginning> {
    if !genesis.unit.contains(unit) {
        let own = genesis.unit.to_string();
        return Err(Failure::NotBelowRecognise { own, unit: unit.to_string() }.into());
    }
    let (phrase, term) = (issuer::phrase()?, issuer::term(OWN_DAYS));
    let next = phrase.public().commitment();
    let begun = begin_unit(genesis.network(), unit, &secrets.key, next, term)?;
    Ok(Beginning {
        genesis,
        unit: begun,
        recognition: None,
        unit_phrase: phrase,
        root_phrase: None,
    })
}

impl Root<'_> {
    /// Draws up the network and its city, which this node's key recognises as a root.
    pub(crate) fn draft(&self, secrets: &Secrets) -> Result<Beginning> {
        let (city, phrase) = (self.city, issuer::phrase()?);
        if city.depth() != 1 {
            return Err(Failure::NotACity { unit: city.to_string() }.into());
        }
        let roots = Ascending::of(self.others.iter().copied().chain([secrets.node()]))?;
        let (threshold, count) = (self.threshold, roots.len());
        if threshold == 0 || usize::from(threshold) > count {
            return Err(Failure::Threshold { threshold, roots: count }.into());
        }
        let next = Ascending::of([phrase.public().commitment()])?;
        let keys = RootKeys { roots, threshold, next, next_threshold: 1 };
        let genesis = generation::begin_network(city.clone(), self.name, keys, clock::now())?;
        let network = genesis.network();
        let begun = draft(secrets, genesis, city)?;
        let (proof, key) = (network.as_hash(), &secrets.key);
        let root = Issuer { network, unit: city, proof, key };
        let (lineage, term) = (begun.unit.charter.id(), issuer::term(OWN_DAYS));
        let recognition = root.recognise(city.clone(), lineage, term, issuer::serial()?)?;
        Ok(Beginning { recognition: Some(recognition), root_phrase: Some(phrase), ..begun })
    }
}

impl Beginning {
    fn lineage(&self) -> Hash {
        self.unit.charter.id()
    }

    /// How the unit asks to be recognised.
    pub(crate) fn request(&self) -> Request {
        let (charter, delegation) = (&self.unit.charter, &self.unit.delegation);
        Request { charter: charter.as_signed().clone(), delegation: delegation.as_signed().clone() }
    }

    fn membership(&self, folder: &Folder, secrets: &Secrets) -> Result<Membership> {
        Ok(Membership {
            genesis: self.genesis.clone(),
            unit: self.unit.charter.value().unit.clone(),
            lineage: self.lineage(),
            store: disk::shelter(folder, secrets)?.0,
        })
    }

    /// Each is kept by those before it.
    fn statements(&self) -> Vec<VerifiedStatement> {
        let recognition = self.recognition.clone().map(VerifiedStatement::from);
        let own = [self.unit.charter.clone().into(), self.unit.delegation.clone().into()];
        recognition.into_iter().chain(own).collect()
    }

    /// The grant by which the first node joins, once other root keys signed it.
    pub(crate) fn grant(&self) -> Grant {
        let statements = self.statements().into_iter().map(VerifiedStatement::into_statement);
        Grant {
            genesis: self.genesis.clone(),
            unit: self.unit.charter.value().unit.clone(),
            node: Some(self.unit.delegation.value().subject),
            lineage: self.lineage(),
            follows: Vec::new(),
            chain: statements.collect(),
        }
    }

    /// What whoever began it is told, the phrases among it.
    pub(crate) fn began(&self, next: NextStep) -> Began {
        Began {
            network: self.genesis.network().to_string(),
            unit: self.unit.charter.value().unit.to_string(),
            lineage: self.lineage().to_string(),
            node: self.unit.charter.value().key.to_string(),
            unit_phrase: shown(&self.unit_phrase),
            root_phrase: self.root_phrase.as_ref().map(shown),
            next,
        }
    }
}

/// A phrase in the words of whoever reads it.
pub(super) fn shown(phrase: &Phrase) -> PhraseShown {
    let words = match lang() {
        Lang::Zh => Words::Chinese,
        Lang::En => Words::English,
    };
    PhraseShown(phrase.show(words).to_string())
}

/// Begins the unit in this folder, once `reveal` showed its phrases: nothing may last whose phrase
/// nobody saw. Of a beginning that was interrupted nothing stays, and its phrases are good for
/// nothing.
pub(crate) fn begin(
    folder: &Folder,
    secrets: &Secrets,
    beginning: &Beginning,
    reveal: impl FnOnce() -> Result<()>,
) -> Result<()> {
    clear(folder)?;
    reveal()?;
    install(&folder.beginning(), b"", IfPresent::Replace)?;
    cross(Point::FoundingDrafted);
    enter(folder, secrets, beginning.membership(folder, secrets)?, beginning.statements())?;
    fs::remove_file(folder.beginning()).context("cannot end the beginning")?;
    Ok(())
}

/// A folder without a membership and with a store is one that lost the one, unless a unit was just
/// beginning there.
fn clear(folder: &Folder) -> Result<()> {
    be_no_member(folder)?;
    if folder.store().exists() {
        if !folder.beginning().exists() {
            let folder = folder.path().display().to_string();
            return Err(Failure::StoreRemains { folder }.into());
        }
        fs::remove_dir_all(folder.store()).context("cannot clear an interrupted beginning")?;
    }
    Ok(())
}

/// Refuses a folder with a membership. A beginning that was interrupted behind that is over: were
/// its sign to stay, and the membership to be lost, the store would be cleared as nobody's.
pub(crate) fn be_no_member(folder: &Folder) -> Result<()> {
    if !folder.membership().exists() {
        return Ok(());
    }
    match fs::remove_file(folder.beginning()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).context("cannot end the beginning")
        }
        _ => Err(Failure::MemberAlready { folder: folder.path().display().to_string() }.into()),
    }
}
