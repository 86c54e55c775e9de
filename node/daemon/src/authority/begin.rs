//! How a unit begins: by itself, in the folder of its first node. Its charter comes from no other
//! node, and no unit above is asked; a city begins its network in the same step.

use std::fs;

use anyhow::{Context as _, Result};
use node_acts::generation::{self, RootKeys, begin_unit};
use node_acts::issuer::Issuer;
use node_acts::phrase::{Phrase, Words};
use node_api::{Failure, Lang, PhraseShown};
use node_folder::{Folder, Grant, Placing, Request, place};
use schema_wire::{Ascending, Genesis, NodeKey, Statement, UnitId, VerifiedStatement};

use super::issuer::{self, OWN_DAYS};
use super::join::enter;
use crate::clock;
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
    pub(crate) genesis: Genesis,
    pub(crate) request: Request,
    /// The root's recognition of the city.
    recognition: Option<VerifiedStatement>,
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
    let (charter, delegation) = (begun.charter.into_signed(), begun.delegation.into_signed());
    let request = Request { charter, delegation };
    Ok(Beginning { genesis, request, recognition: None, unit_phrase: phrase, root_phrase: None })
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
        let (lineage, term) = (begun.request.charter.id(), issuer::term(OWN_DAYS));
        let recognition = root.recognise(city.clone(), lineage, term, issuer::serial()?)?;
        Ok(Beginning { recognition: Some(recognition.into()), root_phrase: Some(phrase), ..begun })
    }
}

impl Beginning {
    /// The grant by which the first node joins, once other root keys signed it.
    pub(crate) fn grant(&self) -> Grant {
        let Request { charter, delegation } = self.request.clone();
        let recognition = self.recognition.clone().map(VerifiedStatement::into_statement);
        let own = [Statement::Charter(charter), Statement::Delegation(delegation)];
        Grant {
            genesis: self.genesis.clone(),
            unit: self.request.charter.claims().unit.clone(),
            node: Some(self.request.delegation.claims().subject),
            lineage: self.request.charter.id(),
            follows: Vec::new(),
            chain: recognition.into_iter().chain(own).collect(),
        }
    }

    /// The unit's phrase and the root's, as they are written down.
    pub(crate) fn phrases(&self) -> (PhraseShown, Option<PhraseShown>) {
        (shown(&self.unit_phrase), self.root_phrase.as_ref().map(shown))
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

/// Begins the unit in this folder. Of a beginning that was interrupted nothing stays: its phrases
/// were never shown.
pub(crate) fn begin(folder: &Folder, secrets: &Secrets, beginning: &Beginning) -> Result<()> {
    clear(folder)?;
    place(&folder.beginning(), b"", Placing::Replace)?;
    cross(Point::FoundingDrafted);
    let grant = beginning.grant();
    let chain = grant.chain.into_iter().map(Statement::trust_own_store).collect();
    enter(folder, secrets, grant.genesis, grant.unit, chain, grant.lineage)?;
    fs::remove_file(folder.beginning()).context("cannot end the beginning")?;
    Ok(())
}

/// A folder without a membership and with a store is one that lost the one, unless a unit was just
/// beginning there.
fn clear(folder: &Folder) -> Result<()> {
    let shown = || folder.path().display().to_string();
    if folder.membership().exists() {
        return Err(Failure::MemberAlready { folder: shown() }.into());
    }
    if folder.store().exists() {
        if !folder.beginning().exists() {
            return Err(Failure::StoreRemains { folder: shown() }.into());
        }
        fs::remove_dir_all(folder.store()).context("cannot clear an interrupted beginning")?;
    }
    Ok(())
}
