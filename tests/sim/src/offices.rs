//! The keepers of the units' keys: what they sign, from grants to successions.
//!
//! A statement is made from what one node knows at that moment, and handed to that node: it may
//! be cut off, crash before it told anybody, or know less than it should.

use std::collections::BTreeMap;

use node_authority::Authority;
use node_replication::history;
use node_replication::store::{ReadError, ReadStore};
use schema_wire::{
    Adoption, Delegation, Hash, Issuer, NetworkId, NodeKey, Revocation, SigningKey, Statement,
    Suspension, UnitId, Verified, Watermark, limits,
};

use crate::plan::Power;
use crate::streams::public;

/// The key of a unit, and what it governs under.
#[derive(Debug, Clone)]
pub struct Office {
    /// Its key.
    pub key: SigningKey,
    /// The unit it governs.
    pub unit: UnitId,
    /// The delegations it governs under, from the root's down to the one that founds it; none for
    /// the root itself.
    pub route: Vec<Verified<Delegation>>,
}

impl Office {
    /// The delegation that founds it.
    pub fn founding(&self) -> Option<&Verified<Delegation>> {
        self.route.last()
    }
}

/// Every unit's key of the present, by unit.
pub type Offices = BTreeMap<UnitId, Office>;

/// What a keeper of a key does, with all that is needed to do it.
#[derive(Debug, Clone)]
pub struct Deed {
    /// The network.
    pub network: NetworkId,
    /// Who does it.
    pub office: Office,
    /// What.
    pub power: Power,
    /// On whom: a node's key and the grant it holds.
    pub subject: Option<(NodeKey, Hash)>,
    /// A unit's old key and founding, and the new key.
    pub replaced: Option<(Office, SigningKey)>,
    /// Tells equal grants apart.
    pub serial: u64,
}

impl Deed {
    fn issuer(&self) -> (NodeKey, UnitId, Option<Hash>) {
        let proof = self.office.founding().map(Verified::id);
        (public(&self.office.key), self.office.unit.clone(), proof)
    }

    /// What is signed, from what a node knows now.
    pub fn statements(
        &self,
        authority: &Authority,
        now_ms: u64,
        store: &impl ReadStore,
    ) -> Result<Vec<Statement>, ReadError> {
        Ok(match &self.power {
            Power::Revoke { keep, .. } => match self.subject {
                Some((node, grant)) => {
                    let marks = if *keep { self.watermarks(&node, store)? } else { Vec::new() };
                    vec![self.revocation(grant, marks, Vec::new(), now_ms)]
                }
                None => Vec::new(),
            },
            Power::Adopt => self.adoption(now_ms, store)?.into_iter().collect(),
            Power::Suspend { unit } => vec![self.suspension(unit, now_ms)],
            Power::Lift { unit } => {
                let suspension = authority.suspended(unit).map(Verified::id);
                let lift = |id| self.revocation(id, Vec::new(), Vec::new(), now_ms);
                suspension.map(lift).into_iter().collect()
            }
            Power::Replace { .. } => self.replacement(authority, now_ms),
            Power::Regrant { .. } => Vec::new(),
        })
    }

    fn watermarks(
        &self,
        node: &NodeKey,
        store: &impl ReadStore,
    ) -> Result<Vec<Watermark>, ReadError> {
        let mut marks = Vec::new();
        for summary in history::documents_below(store, &self.office.unit)? {
            marks.extend(history::watermarks(store, &summary.document, node)?);
        }
        marks.sort();
        Ok(marks)
    }

    fn revocation(
        &self,
        revokes: Hash,
        watermarks: Vec<Watermark>,
        keeps: Vec<Hash>,
        at_ms: u64,
    ) -> Statement {
        let (issuer, issuer_unit, proof) = self.issuer();
        let network = self.network;
        let value =
            Revocation { network, issuer, issuer_unit, proof, revokes, watermarks, keeps, at_ms };
        Statement::Revocation(Verified::seal(value, &self.office.key).as_signed().clone())
    }

    fn suspension(&self, unit: &UnitId, at_ms: u64) -> Statement {
        let (issuer, issuer_unit, proof) = self.issuer();
        let (network, unit, reason) = (self.network, unit.clone(), "核查".to_owned());
        let value = Suspension { network, issuer, issuer_unit, proof, unit, reason, at_ms };
        Statement::Suspension(Verified::seal(value, &self.office.key).as_signed().clone())
    }

    /// All that is suspended of the unit's own documents.
    fn adoption(&self, at_ms: u64, store: &impl ReadStore) -> Result<Option<Statement>, ReadError> {
        let suspended = history::suspended(store)?.into_iter();
        let own = suspended.filter(|s| s.document.owner == self.office.unit);
        let mut envelopes: Vec<Hash> = own.map(|s| s.envelope).collect();
        envelopes.sort_unstable();
        envelopes.truncate(limits::ADOPTED_MAX);
        if envelopes.is_empty() {
            return Ok(None);
        }
        let (issuer, issuer_unit, proof) = self.issuer();
        let network = self.network;
        let value = Adoption { network, issuer, issuer_unit, proof, envelopes, at_ms };
        let sealed = Verified::seal(value, &self.office.key);
        Ok(Some(Statement::Adoption(sealed.as_signed().clone())))
    }

    /// A new key for a unit below, and the end of the old one: what it signed as far as is known
    /// stays, what it may sign yet does not count.
    fn replacement(&self, authority: &Authority, now_ms: u64) -> Vec<Statement> {
        let Some((old, fresh)) = &self.replaced else { return Vec::new() };
        let Some(founding) = old.founding() else { return Vec::new() };
        let found = self.founding(old, fresh);
        let by_old =
            |issuer: Issuer<'_>| issuer.key == public(&old.key) && *issuer.unit == old.unit;
        let mut keeps: Vec<Hash> = authority
            .statements()
            .filter(|statement| by_old(statement.issuer()))
            .map(|statement| statement.id())
            .collect();
        keeps.sort_unstable();
        vec![
            Statement::Delegation(found.as_signed().clone()),
            self.revocation(founding.id(), Vec::new(), keeps, now_ms),
        ]
    }

    /// The founding of a unit below with a new key.
    pub fn founding(&self, old: &Office, fresh: &SigningKey) -> Verified<Delegation> {
        let (issuer, issuer_unit, proof) = self.issuer();
        let before = old.founding().map(|founding| founding.value().clone());
        let before = before.expect("a unit below was founded");
        let (subject, serial) = (public(fresh), self.serial);
        let value = Delegation { issuer, issuer_unit, proof, subject, serial, ..before };
        Verified::seal(value, &self.office.key)
    }

    /// A grant for one of the unit's nodes.
    pub fn grant(&self, like: &Delegation) -> Verified<Delegation> {
        let (issuer, issuer_unit, proof) = self.issuer();
        let serial = self.serial;
        let value = Delegation { issuer, issuer_unit, proof, serial, ..like.clone() };
        Verified::seal(value, &self.office.key)
    }
}
