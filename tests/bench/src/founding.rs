//! A network founded for a measurement: its units, keys and grants, all derived from names.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use schema_wire::{
    Ascending, Claim, Delegation, Ed25519, Genesis, Hash, Ms, NodeKey, Recent, SigningKey, UnitId,
    Verified, VerifiedStatement, Verifier,
};

pub(crate) const CITY: &str = "220800";
pub(crate) const START_MS: u64 = 1_790_000_000_000;
const YEAR_MS: u64 = 365 * 86_400_000;
const TERM: Term = Term { from: Ms::of(START_MS - 1_000), until: Ms::of(START_MS + 10 * YEAR_MS) };

/// The hash of a name.
pub(crate) fn named(name: &str) -> Hash {
    Hash::of(&[name.as_bytes()])
}

/// The key of a name.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&named(name).0)
}

pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

/// What a recovery phrase of a name commits to.
fn next(name: &str) -> Hash {
    let Hash([entropy @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _]) = named(name);
    Phrase::of(entropy).public().commitment()
}

fn root() -> SigningKey {
    key("root")
}

/// What the network began with.
pub(crate) fn genesis() -> &'static Genesis {
    static GENESIS: LazyLock<Genesis> = LazyLock::new(|| {
        let keys = RootKeys {
            roots: Ascending::of([public(&root())]).expect("one"),
            threshold: 1,
            next: Ascending::of([next("root")]).expect("one"),
            next_threshold: 1,
        };
        let city = UnitId::parse(CITY).expect("a unit");
        begin_network(city, "白城", keys, TERM.from).expect("a network")
    });
    &GENESIS
}

/// A unit as its people have it: its key, and what shows it, from the root down.
#[derive(Debug, Clone)]
pub(crate) struct Led {
    pub(crate) unit: UnitId,
    pub(crate) lineage: Hash,
    key: SigningKey,
    /// By which the unit above, or the root, recognises it.
    pub(crate) founding: Hash,
    statements: Vec<VerifiedStatement>,
}

impl Led {
    pub(crate) fn city() -> Self {
        let key = root();
        let (network, unit) = (genesis().network(), &genesis().unit);
        let by = Issuer { network, unit, proof: network.as_hash(), key: &key };
        Self::recognised(&by, unit.clone(), Vec::new())
    }

    /// A district of the city.
    pub(crate) fn district() -> Self {
        Self::city().below("220802")
    }

    /// A community of the district.
    pub(crate) fn community() -> Self {
        Self::district().below("220802001001")
    }

    /// Which unit that is.
    pub(crate) fn community_unit() -> UnitId {
        static UNIT: LazyLock<UnitId> = LazyLock::new(|| Led::community().unit);
        UNIT.clone()
    }

    /// A unit that this one recognises.
    pub(crate) fn below(&self, code: &str) -> Self {
        let unit = UnitId::parse(&format!("{}/{code}", self.unit)).expect("a unit");
        Self::recognised(&self.issuer(), unit, self.statements.clone())
    }

    fn recognised(by: &Issuer<'_>, unit: UnitId, mut statements: Vec<VerifiedStatement>) -> Self {
        let (name, network) = (unit.to_string(), genesis().network());
        let key = key(&name);
        let begun = begin_unit(network, &unit, &key, next(&name), TERM).expect("a unit");
        let Beginning { charter, delegation } = begun;
        let lineage = charter.id();
        let recognised = by.recognise(unit.clone(), lineage, TERM, 0).expect("a founding");
        let founding = recognised.id();
        statements.extend([recognised.into(), charter.into(), delegation.into()]);
        Self { unit, lineage, key, founding, statements }
    }

    /// The unit, signing.
    pub(crate) fn issuer(&self) -> Issuer<'_> {
        let network = genesis().network();
        Issuer { network, unit: &self.unit, proof: self.lineage, key: &self.key }
    }

    /// The grant of one more node of the unit's office. `serial` tells grants of one node apart.
    pub(crate) fn grant(&self, node: &str, serial: u64) -> Verified<Delegation> {
        let (subject, role) = (public(&key(node)), Role::writing());
        self.issuer().delegate(subject, &role, TERM, serial).expect("a grant")
    }

    /// What shows the unit.
    pub(crate) fn statements(&self) -> &[VerifiedStatement] {
        &self.statements
    }

    /// Those of its own: how it is recognised, its charter, its first node.
    pub(crate) fn own_statements(&self) -> &[VerifiedStatement] {
        &self.statements[self.statements.len() - 3..]
    }
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
struct Counted(Checks);

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
