//! A city, a district and a community, each with keys of its own; and what a node of the community
//! makes of what it is brought.

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_authority::{Authority, Outcome, Pins, Written};
use schema_wire::{
    Ascending, Band, Class, Delegation, DocumentId, Genesis, Hash, Ms, NodeKey, Scope, SigningKey,
    UnitId, Verified, VerifiedStatement,
};

pub(crate) const NOW: Ms = Ms::of(1_000_000);
pub(crate) const TERM: Term = Term { from: Ms::of(1), until: Ms::of(9_000_000) };
pub(crate) const CITY: &str = "220800";
pub(crate) const DISTRICT: &str = "220800/220802";
pub(crate) const COMMUNITY: &str = "220800/220802/220802001003";

pub(crate) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

pub(crate) fn node(n: u8) -> NodeKey {
    NodeKey(key(n).verifying_key().to_bytes())
}

pub(crate) fn unit(path: &str) -> UnitId {
    UnitId::parse(path).expect("a unit")
}

pub(crate) fn phrase(n: u8) -> Phrase {
    Phrase::of([n; 16])
}

/// A unit with a lineage, its operating key and its phrase.
pub(crate) struct Led {
    pub(crate) unit: UnitId,
    pub(crate) lineage: Hash,
    pub(crate) key: SigningKey,
    pub(crate) delegation: Verified<Delegation>,
    pub(crate) statements: Vec<VerifiedStatement>,
}

impl Led {
    pub(crate) fn begin(genesis: &Genesis, path: &str, n: u8) -> Self {
        let (unit, key) = (unit(path), key(n));
        let next = phrase(n).public().commitment();
        let Beginning { charter, delegation } =
            begin_unit(genesis.network(), &unit, &key, next, TERM).expect("a unit");
        let lineage = charter.id();
        let statements = vec![charter.into(), delegation.clone().into()];
        Self { unit, lineage, key, delegation, statements }
    }

    pub(crate) fn issuer<'a>(&'a self, genesis: &Genesis) -> Issuer<'a> {
        let network = genesis.network();
        Issuer { network, unit: &self.unit, proof: self.lineage, key: &self.key }
    }
}

pub(crate) struct World {
    pub(crate) genesis: Genesis,
    pub(crate) root: SigningKey,
    pub(crate) district: Led,
    pub(crate) community: Led,
    /// What everybody holds.
    pub(crate) statements: Vec<VerifiedStatement>,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = key(1);
        let keys = RootKeys {
            roots: Ascending::of([node(1)]).expect("one"),
            threshold: 1,
            next: Ascending::of([phrase(1).public().commitment()]).expect("one"),
            next_threshold: 1,
        };
        let genesis = begin_network(unit(CITY), "白城", keys, TERM.from).expect("a network");
        let district = Led::begin(&genesis, DISTRICT, 2);
        let community = Led::begin(&genesis, COMMUNITY, 3);
        let (network, city) = (genesis.network(), unit(CITY));
        let of_root = Issuer { network, unit: &city, proof: network.as_hash(), key: &root };
        let above = of_root.recognise(district.unit.clone(), district.lineage, TERM, 0);
        let below =
            district.issuer(&genesis).recognise(community.unit.clone(), community.lineage, TERM, 0);
        let foundings = [above.expect("founded").into(), below.expect("founded").into()];
        let led = district.statements.iter().chain(&community.statements).cloned();
        let statements = led.chain(foundings).collect();
        Self { genesis, root, district, community, statements }
    }

    pub(crate) fn root_issuer<'a>(&'a self, city: &'a UnitId) -> Issuer<'a> {
        let network = self.genesis.network();
        Issuer { network, unit: city, proof: network.as_hash(), key: &self.root }
    }

    /// What a node of this unit knows that holds all this.
    pub(crate) fn seen_by(&self, led: &Led) -> Authority {
        let mut authority = Authority::new(&self.genesis, Pins::of(led.unit.clone(), led.lineage));
        bring(&mut authority, &self.statements);
        authority
    }
}

/// Brings statements, each again until it is kept: in whatever order they come.
pub(crate) fn bring(authority: &mut Authority, statements: &[VerifiedStatement]) {
    for _ in statements {
        for statement in statements {
            let outcome = authority.insert(statement);
            assert!(!matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
        }
    }
    for statement in statements {
        assert!(authority.is_kept(&statement.id()), "{statement:?}");
    }
}

pub(crate) fn bands(unit: &UnitId) -> [Scope; 4] {
    Band::ALL.map(|band| Scope::band(unit.clone(), band))
}

/// Which bands of a unit this node would be given.
pub(crate) fn given(authority: &Authority, to: NodeKey, unit: &UnitId) -> Vec<u8> {
    let scopes = bands(unit);
    let held = (0..4).zip(&scopes).filter(|(_, s)| authority.may_hold(&to, s, NOW).is_some());
    held.map(|(number, _)| number).collect()
}

/// Does what this node wrote at a time, by this grant, count?
pub(crate) fn counts(
    authority: &Authority,
    (author, delegation, at): (NodeKey, Hash, Ms),
    class: u8,
    covering: &[Hash],
) -> bool {
    let class = Class::new(class).expect("a class");
    let owner = unit(COMMUNITY);
    let document = DocumentId::new(owner, class, "one").expect("a document");
    let written = Written { document: &document, author, delegation, at };
    authority.permits(&written, covering.iter().copied()).is_ok()
}

pub(crate) fn delegate(
    issuer: &Issuer<'_>,
    to: NodeKey,
    role: &Role,
    serial: u64,
) -> Verified<Delegation> {
    issuer.delegate(to, role, TERM, serial).expect("a grant")
}
