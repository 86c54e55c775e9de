//! The founding of a network: its units, its nodes, what each is granted, and who talks to whom.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_wire::{
    ClassSet, Delegation, Genesis, Hash, SigningKey, Statement, UnitId, VerbSet, Verified,
};

use crate::clock::START_MS;
use crate::liars::Lie;
use crate::offices::{Office, Offices};
use crate::streams::{Streams, public};

const CITY: &str = "220800";
const DISTRICTS: usize = 6;
const COMMUNITIES: usize = 105;
const GOVERN: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
const CLERK: VerbSet = VerbSet::WRITE.with(VerbSet::READ);

/// A node of the network.
#[derive(Debug, Clone)]
pub struct Member {
    /// For people, and the label of its streams.
    pub name: String,
    /// The unit it serves.
    pub unit: UnitId,
    /// Is it there from the beginning, or does it join later?
    pub founding: bool,
    /// Does it lie, and how?
    pub lie: Option<Lie>,
    /// Does it wait for a copy of another's data folder?
    pub twin_of: Option<usize>,
}

/// Who there is, and who talks to whom.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    /// Every node, city first.
    pub members: Vec<Member>,
    /// Pairs of nodes that keep a connection; the first dials.
    pub links: Vec<[usize; 2]>,
}

impl Topology {
    /// 3 to 12 nodes: a city, one or two districts, perhaps a street, a few communities.
    pub fn small(chance: &mut ChaCha8Rng) -> Self {
        let mut topology = Self::default();
        topology.unit(CITY, "city", chance.random_range(1..=2), 0);
        let street = chance.random_bool(0.3);
        for d in 0..chance.random_range(1..=2) {
            let district = format!("{CITY}/22080{}", d + 1);
            topology.unit(&district, &format!("district-{d}"), 1, 0);
            for c in 0..chance.random_range(1..=2) {
                let above = if street { format!("{district}/{d}001") } else { district.clone() };
                let nodes = chance.random_range(1..=3);
                let later = usize::from(nodes < 3 && chance.random_bool(0.3));
                topology.unit(
                    &format!("{above}/{d}0010{c}"),
                    &format!("community-{d}{c}"),
                    nodes,
                    later,
                );
            }
        }
        topology.members.truncate(12);
        // The two could not talk to each other: a third node of the unit must be there.
        let accompanied = |node: &usize| {
            let unit = &topology.members[*node].unit;
            topology.members.iter().filter(|m| m.unit == *unit && m.founding).count() > 1
        };
        let accompanied: Vec<usize> = (0..topology.members.len()).filter(accompanied).collect();
        if !accompanied.is_empty() && chance.random_bool(0.3) {
            topology.twin(accompanied[chance.random_range(0..accompanied.len())]);
        } else if !accompanied.is_empty() && chance.random_bool(0.6) {
            let mut liar = accompanied[chance.random_range(0..accompanied.len())];
            let lie = Lie::ALL[chance.random_range(0..Lie::ALL.len())];
            if lie == Lie::Equivocator && accompanied.contains(&1) {
                // A second node of the city: what it forks, all districts see.
                liar = 1;
            }
            topology.members[liar].lie = Some(lie);
        }
        topology.link();
        topology
    }

    /// The whole of Baicheng: a city, six districts, 105 communities of two or three nodes.
    pub fn baicheng() -> Self {
        let mut topology = Self::default();
        topology.unit(CITY, "city", 1, 0);
        for d in 0..DISTRICTS {
            topology.unit(&format!("{CITY}/22080{}", d + 1), &format!("district-{d}"), 1, 0);
        }
        for c in 0..COMMUNITIES {
            let path = format!("{CITY}/22080{}/{:04}", c % DISTRICTS + 1, c);
            topology.unit(&path, &format!("community-{c:04}"), 2 + c % 2, 0);
        }
        topology.link();
        topology
    }

    fn unit(&mut self, path: &str, name: &str, nodes: usize, later: usize) {
        let unit = UnitId::parse(path).expect("a unit path");
        for number in 0..nodes + later {
            let name = format!("{name}-{number}");
            let founding = number < nodes;
            self.members.push(Member {
                name,
                unit: unit.clone(),
                founding,
                lie: None,
                twin_of: None,
            });
        }
    }

    /// A second machine, on which a copy of a node's data folder may be started.
    fn twin(&mut self, of: usize) {
        let Member { name, unit, .. } = self.members[of].clone();
        let name = format!("{name}-twin");
        self.members.push(Member { name, unit, founding: false, lie: None, twin_of: Some(of) });
    }

    /// Nodes of one unit talk to each other, and each to all nodes of the nearest unit above.
    fn link(&mut self) {
        for (node, member) in self.members.iter().enumerate() {
            let above = self.above(&member.unit);
            for (other, peer) in self.members.iter().enumerate() {
                let same = member.twin_of == Some(other);
                let sibling = other < node && peer.unit == member.unit && !same;
                if sibling || Some(&peer.unit) == above.as_ref() {
                    self.links.push([node, other]);
                }
            }
        }
    }

    /// The nearest unit above that has a node.
    pub fn above(&self, unit: &UnitId) -> Option<UnitId> {
        let mut above = unit.parent();
        while let Some(candidate) = above {
            if self.members.iter().any(|member| member.unit == candidate) {
                return Some(candidate);
            }
            above = candidate.parent();
        }
        None
    }

    /// The unit whose office founds this one.
    pub fn office_above(&self, unit: &UnitId, offices: &Offices) -> Option<UnitId> {
        let mut above = unit.parent();
        while let Some(candidate) = above {
            if offices.contains_key(&candidate) {
                return Some(candidate);
            }
            above = candidate.parent();
        }
        None
    }

    /// The network's genesis: the city's key is its root.
    pub fn genesis(&self, streams: &Streams) -> Genesis {
        let unit = UnitId::parse(CITY).expect("a unit path");
        let roots = vec![public(&streams.key(&format!("unit/{unit}")))];
        Genesis { unit, name: "白城".into(), roots, threshold: 1, at_ms: 0 }
    }

    /// What a node must know of authority to begin: its chain, from the city down to its own.
    pub fn chain(&self, streams: &Streams, node: usize) -> Vec<Verified<Delegation>> {
        let member = &self.members[node];
        let mut chain: Vec<Verified<Delegation>> = Vec::new();
        let mut issuer = UnitId::parse(CITY).expect("a unit path");
        for unit in path_to(&member.unit) {
            let subject = public(&streams.key(&format!("unit/{unit}")));
            let proof = chain.last().map(Verified::id);
            chain.push(self.grant(streams, &issuer, proof, subject, &unit, GOVERN));
            issuer = unit;
        }
        let subject = public(&self.key(streams, node));
        let proof = chain.last().map(Verified::id);
        chain.push(self.grant(streams, &issuer, proof, subject, &issuer, CLERK));
        chain
    }

    /// A node's key. A copied data folder holds the same one.
    pub fn key(&self, streams: &Streams, node: usize) -> SigningKey {
        let original = self.members[node].twin_of.unwrap_or(node);
        streams.key(&format!("node/{}", self.members[original].name))
    }

    /// The keys of all units, and the delegations that found them.
    pub fn offices(&self, streams: &Streams) -> Offices {
        let mut offices = Offices::new();
        for node in 0..self.members.len() {
            let chain = self.chain(streams, node);
            for unit in std::iter::once(city()).chain(path_to(&self.members[node].unit)) {
                let key = streams.key(&format!("unit/{unit}"));
                let route: Vec<Verified<Delegation>> = chain
                    .iter()
                    .filter(|link| link.value().unit.contains(&unit))
                    .filter(|link| link.value().verbs == GOVERN)
                    .cloned()
                    .collect();
                let office = Office { key, unit: unit.clone(), route };
                offices.insert(unit, office);
            }
        }
        offices
    }

    fn grant(
        &self,
        streams: &Streams,
        issuer: &UnitId,
        proof: Option<Hash>,
        subject: schema_wire::NodeKey,
        unit: &UnitId,
        verbs: VerbSet,
    ) -> Verified<Delegation> {
        let key = streams.key(&format!("unit/{issuer}"));
        let delegation = Delegation {
            network: self.genesis(streams).network(),
            issuer: public(&key),
            issuer_unit: issuer.clone(),
            proof,
            subject,
            unit: unit.clone(),
            verbs,
            classes: ClassSet::ALL,
            not_before_ms: 1000,
            not_after_ms: START_MS * 2,
            grace_ms: 0,
            serial: 0,
        };
        Verified::seal(delegation, &key)
    }
}

fn city() -> UnitId {
    UnitId::parse(CITY).expect("a unit path")
}

/// The units strictly below the city down to this one.
fn path_to(unit: &UnitId) -> Vec<UnitId> {
    let mut path = Vec::new();
    let mut at = Some(unit.clone());
    while let Some(unit) = at.filter(|unit| unit.depth() > 1) {
        at = unit.parent();
        path.push(unit);
    }
    path.reverse();
    path
}

/// A grant as a statement that travels.
pub fn statement(grant: &Verified<Delegation>) -> Statement {
    Statement::Delegation(grant.as_signed().clone())
}
