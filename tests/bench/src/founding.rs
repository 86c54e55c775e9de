//! A network founded for a measurement: its units, keys and grants, all derived from names.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use node_replication::Config;
use schema_wire::{
    Claim, ClassSet, Delegation, Ed25519, Genesis, Hash, NodeKey, Recent, SigningKey, Statement,
    UnitId, VerbSet, Verified, Verifier,
};

pub(crate) const CITY: &str = "220800";
pub(crate) const DISTRICT: &str = "220800/220802";
pub(crate) const COMMUNITY: &str = "220800/220802/220802001001";
pub(crate) const START_MS: u64 = 1_790_000_000_000;
const VALID_MS: u64 = 10 * 365 * 86_400_000;
pub(crate) const GOVERN: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
pub(crate) const CLERK: VerbSet = VerbSet::WRITE.with(VerbSet::READ);

/// The key of a name.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&Hash::of(name.as_bytes()).0)
}

pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

pub(crate) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit path")
}

pub(crate) fn genesis() -> Genesis {
    let roots = vec![public(&key(CITY))];
    Genesis { unit: unit(CITY), name: "白城".into(), roots, threshold: 1, at_ms: 0 }
}

/// A grant, signed by the key of the issuing unit.
pub(crate) fn grant(
    issuer: &str,
    proof: Option<Hash>,
    subject: NodeKey,
    at: &str,
    verbs: VerbSet,
    serial: u64,
) -> Verified<Delegation> {
    let delegation = Delegation {
        network: genesis().network(),
        issuer: public(&key(issuer)),
        issuer_unit: unit(issuer),
        proof,
        subject,
        unit: unit(at),
        verbs,
        classes: ClassSet::ALL,
        not_before_ms: START_MS - 1000,
        not_after_ms: START_MS + VALID_MS,
        grace_ms: 0,
        serial,
    };
    Verified::seal(delegation, &key(issuer))
}

/// The chain from the city's key down to a node of a unit: one grant for each tier, then the node's.
pub(crate) fn chain(at: &str, node: &str) -> Vec<Verified<Delegation>> {
    let mut chain: Vec<Verified<Delegation>> = Vec::new();
    let mut issuer = CITY.to_owned();
    let ends = at.match_indices('/').map(|(end, _)| end).chain([at.len()]);
    for unit in ends.map(|end| &at[..end]).filter(|unit| *unit != CITY) {
        let proof = chain.last().map(Verified::id);
        chain.push(grant(&issuer, proof, public(&key(unit)), unit, GOVERN, 0));
        issuer = unit.to_owned();
    }
    let proof = chain.last().map(Verified::id);
    chain.push(grant(&issuer, proof, public(&key(node)), at, CLERK, 0));
    chain
}

pub(crate) fn statement(grant: &Verified<Delegation>) -> Statement {
    Statement::Delegation(grant.as_signed().clone())
}

/// How often a signature was computed, by all nodes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks(Arc<AtomicU64>);

impl Checks {
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// The check of signatures that is shipped, counted.
#[derive(Debug, Default)]
pub(crate) struct Counted(Checks);

impl Verifier for Counted {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        self.0.0.fetch_add(1, Ordering::Relaxed);
        Ed25519.holds(claim)
    }

    fn all_hold(&self, claims: &[Claim<'_>]) -> bool {
        self.0.0.fetch_add(claims.len() as u64, Ordering::Relaxed);
        Ed25519.all_hold(claims)
    }
}

/// As in the engine, a memory of its own for each node: none profits from another's checks.
pub(crate) fn verifier(checks: &Checks) -> Arc<dyn Verifier> {
    Arc::new(Recent::new(Counted(checks.clone())))
}

pub(crate) fn config(verifier: Arc<dyn Verifier>) -> Config {
    Config { verifier, ..Config::new(genesis(), BTreeMap::new()) }
}
