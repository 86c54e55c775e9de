//! In whose name this node signs statements of authority, and the statements it makes so.

use anyhow::Result;
use node_api::Failure;
use schema_wire::limits::{CARETAKER_MS_MAX, TEXT_BYTES_MAX};
use schema_wire::{
    Adoption, ClassSet, Delegation, Endorsement, Hash, NetworkId, NodeKey, Revocation, SigningKey,
    Statement, Suspension, UnitId, VerbSet, Verified, Watermark,
};

use crate::clock::now_ms;
use crate::engine::Context;
use crate::keyfile;

pub(crate) const DAY_MS: u64 = 86_400_000;
/// A certificate stays usable this long after its expiry, for a unit cut off from renewal.
const GRACE_MS: u64 = 30 * DAY_MS;
/// A machine whose clock is behind must still accept what was granted a moment ago.
const CLOCK_SKEW_MS: u64 = DAY_MS;

/// What makes a key a unit's own.
pub(crate) const UNIT_KEY: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
/// What a node needs to serve a unit; and all that a caretaker may have.
pub(crate) const NODE: VerbSet = VerbSet::WRITE.with(VerbSet::READ);

/// What is granted, to whom and for how long.
pub(crate) struct Terms<'a> {
    pub(crate) subject: NodeKey,
    pub(crate) unit: &'a UnitId,
    pub(crate) verbs: VerbSet,
    pub(crate) days: u32,
}

/// A key, the unit it signs for, and the delegation that lets it; none for a root key.
pub(crate) struct Issuer {
    pub(crate) network: NetworkId,
    pub(crate) key: SigningKey,
    pub(crate) unit: UnitId,
    pub(crate) proof: Option<Hash>,
}

impl Issuer {
    /// As the unit this node serves; an error if its key does not govern it.
    pub(crate) fn of_unit(context: &Context<'_>) -> Result<Self> {
        let identity = context.replica.identity();
        let authority = context.replica.authority();
        let (me, now) = (identity.public(), now_ms());
        let governs = |d: &&Verified<Delegation>| {
            let value = d.value();
            value.subject == me
                && value.unit == identity.unit
                && value.verbs.covers(VerbSet::GOVERN)
                && authority.permits_session(&d.id(), me, now).is_ok()
        };
        let proof = authority.delegations().find(governs).map(Verified::id);
        let proof = proof.ok_or_else(|| key_elsewhere(context, &identity.unit))?;
        let network = authority.network();
        let (key, unit) = (identity.key.clone(), identity.unit.clone());
        Ok(Self { network, key, unit, proof: Some(proof) })
    }

    /// As a root key of the present.
    pub(crate) fn of_root(context: &Context<'_>) -> Result<Self> {
        let identity = context.replica.identity();
        let authority = context.replica.authority();
        if !authority.is_root(&identity.public()) {
            let me = identity.public();
            return Err(Failure::NoRootKey { node: me.to_string() }.into());
        }
        let unit = authority.genesis().unit.clone();
        let network = authority.network();
        Ok(Self { network, key: identity.key.clone(), unit, proof: None })
    }

    pub(crate) fn node(&self) -> NodeKey {
        keyfile::public(&self.key)
    }

    /// Grants. Only a grant within the unit or one that founds a unit outlives its term by a
    /// grace; a caretaker's does not.
    pub(crate) fn grant(&self, terms: &Terms<'_>) -> Result<Verified<Delegation>> {
        let now = now_ms();
        let care = *terms.unit != self.unit && terms.verbs.covers(VerbSet::WRITE);
        let not_before_ms = now.saturating_sub(CLOCK_SKEW_MS);
        let until_ms = now.saturating_add(u64::from(terms.days) * DAY_MS);
        let last_ms = if care { not_before_ms + CARETAKER_MS_MAX } else { u64::MAX };
        let delegation = Delegation {
            network: self.network,
            issuer: self.node(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            subject: terms.subject,
            unit: terms.unit.clone(),
            verbs: terms.verbs,
            classes: ClassSet::ALL,
            not_before_ms,
            not_after_ms: until_ms.min(last_ms),
            grace_ms: if care { 0 } else { GRACE_MS },
            serial: u64::from_be_bytes(keyfile::random()?),
        };
        Ok(Verified::seal(delegation, &self.key))
    }

    /// Withdraws.
    pub(crate) fn revoke(
        &self,
        revokes: Hash,
        watermarks: Vec<Watermark>,
        keeps: Vec<Hash>,
    ) -> Statement {
        let revocation = Revocation {
            network: self.network,
            issuer: self.node(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            revokes,
            watermarks,
            keeps,
            at_ms: now_ms(),
        };
        Statement::Revocation(Verified::seal(revocation, &self.key).as_signed().clone())
    }

    /// Signs what another signed.
    pub(crate) fn endorse(&self, endorses: Hash) -> Statement {
        let endorsement = Endorsement {
            network: self.network,
            issuer: self.node(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            endorses,
            at_ms: now_ms(),
        };
        Statement::Endorsement(Verified::seal(endorsement, &self.key).as_signed().clone())
    }

    /// Says that the reports of a unit below are not counted.
    pub(crate) fn suspend(&self, unit: UnitId, reason: String) -> Result<Statement> {
        if reason.len() > TEXT_BYTES_MAX {
            return Err(Failure::ReasonTooLong { bytes: reason.len(), max: TEXT_BYTES_MAX }.into());
        }
        let suspension = Suspension {
            network: self.network,
            issuer: self.node(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            unit,
            reason,
            at_ms: now_ms(),
        };
        Ok(Statement::Suspension(Verified::seal(suspension, &self.key).as_signed().clone()))
    }

    /// Takes envelopes as the unit's own. They are given in ascending order.
    pub(crate) fn adopt(&self, envelopes: Vec<Hash>) -> Statement {
        let adoption = Adoption {
            network: self.network,
            issuer: self.node(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            envelopes,
            at_ms: now_ms(),
        };
        Statement::Adoption(Verified::seal(adoption, &self.key).as_signed().clone())
    }
}

fn key_elsewhere(context: &Context<'_>, unit: &UnitId) -> Failure {
    Failure::UnitKeyElsewhere { unit: unit.to_string(), holders: holders(context, unit) }
}

/// The keys that govern a unit now, as people are told them.
pub(crate) fn holders(context: &Context<'_>, unit: &UnitId) -> String {
    let keys: Vec<String> = governors(context, unit).iter().map(ToString::to_string).collect();
    keys.join(", ")
}

/// The keys that govern a unit now.
fn governors(context: &Context<'_>, unit: &UnitId) -> Vec<NodeKey> {
    let authority = context.replica.authority();
    let governs = |d: &&Verified<Delegation>| {
        d.value().unit == *unit
            && d.value().verbs.covers(VerbSet::GOVERN)
            && authority.in_force_at(&d.id(), now_ms()).is_ok()
    };
    let mut keys: Vec<NodeKey> =
        authority.delegations().filter(governs).map(|d| d.value().subject).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
