//! The root acts by a threshold of its keys, and is passed on by a threshold of keys from paper,
//! and by nobody else.

use node_acts::generation::{RootKeys, Succeed, begin_network};
use node_acts::issuer::Issuer;
use node_authority::{Authority, Outcome, Pins};
use schema_wire::{Ascending, Genesis, Hash, Keeps, UnitId, VerifiedStatement};

use crate::world::*;

/// Three keys in use, of which two act together, and three phrases, of which two pass it on.
fn keys(roots: [u8; 3], phrases: [u8; 3]) -> RootKeys {
    RootKeys {
        roots: Ascending::of(roots.map(node)).expect("three"),
        threshold: 2,
        next: Ascending::of(phrases.map(|n| phrase(n).public().commitment())).expect("three"),
        next_threshold: 2,
    }
}

struct Rooted {
    genesis: Genesis,
    city: UnitId,
    district: Led,
}

impl Rooted {
    fn new() -> Self {
        let keys = keys([11, 12, 13], [21, 22, 23]);
        let genesis = begin_network(unit(CITY), "白城", keys, TERM.from).expect("a network");
        let district = Led::begin(&genesis, DISTRICT, 2);
        Self { genesis, city: unit(CITY), district }
    }

    fn at_the_district(&self) -> Authority {
        let pins = Pins::of(self.district.unit.clone(), self.district.lineage);
        let mut authority = Authority::new(&self.genesis, pins);
        bring(&mut authority, &self.district.statements);
        authority
    }

    fn founded_by(&self, generation: Hash, signers: &[u8]) -> Vec<VerifiedStatement> {
        let keys: Vec<_> = signers.iter().map(|n| key(*n)).collect();
        let network = self.genesis.network();
        let issuer = |key| Issuer { network, unit: &self.city, proof: generation, key };
        let (unit, lineage) = (self.district.unit.clone(), self.district.lineage);
        let founding = issuer(&keys[0]).recognise(unit, lineage, TERM, 0).expect("signed");
        let endorse = |key| issuer(key).endorse(founding.id()).expect("signed").into();
        let mut statements: Vec<_> = keys[1..].iter().map(endorse).collect();
        statements.push(founding.into());
        statements
    }

    fn succeeded_by(&self, phrases: &[u8], keeps: Keeps) -> (Hash, Vec<VerifiedStatement>) {
        let network = self.genesis.network();
        let previous = network.as_hash();
        let keys = keys([14, 15, 16], [24, 25, 26]);
        let succession = Succeed { network, previous, keys, keeps, at: NOW };
        let succession = succession.by(&phrase(phrases[0])).expect("signed");
        let id = succession.id();
        let endorse = |n: &u8| {
            let key = phrase(*n).key();
            let issuer = Issuer { network, unit: &self.city, proof: previous, key: &key };
            issuer.endorse(id).expect("signed").into()
        };
        let mut statements: Vec<_> = phrases[1..].iter().map(endorse).collect();
        statements.push(succession.into());
        (id, statements)
    }
}

#[test]
fn fewer_roots_than_the_threshold_found_nobody() {
    let world = Rooted::new();
    let network = world.genesis.network().as_hash();
    for (signers, founded) in [(&[11][..], false), (&[11, 12], true), (&[13, 12, 11], true)] {
        let mut authority = world.at_the_district();
        bring(&mut authority, &world.founded_by(network, signers));
        let followed = authority.followed(&world.district.unit);
        assert_eq!(followed.is_some(), founded, "{signers:?}");
    }
    // One root signing twice is one root.
    let mut authority = world.at_the_district();
    bring(&mut authority, &world.founded_by(network, &[11, 11]));
    assert_eq!(authority.followed(&world.district.unit), None);
}

#[test]
fn present_roots_pass_nothing_on_and_too_few_phrases_neither() {
    let world = Rooted::new();
    let genesis = world.genesis.network().as_hash();
    let mut authority = world.at_the_district();
    // Every root there is, with keys and phrases of its own choice.
    let (_, forged) = world.succeeded_by(&[11, 12, 13], Keeps::default());
    for statement in &forged {
        let outcome = authority.insert(statement);
        assert!(matches!(outcome, Outcome::Refused(_) | Outcome::Waits(_)), "{outcome:?}");
    }
    assert_eq!(authority.root(), genesis);
    let (_, alone) = world.succeeded_by(&[21], Keeps::default());
    bring(&mut authority, &alone);
    assert_eq!(authority.root(), genesis, "one phrase of two");
}

#[test]
fn a_succession_voids_what_earlier_roots_did_unless_it_keeps_it() {
    let world = Rooted::new();
    let genesis = world.genesis.network().as_hash();
    let founding = world.founded_by(genesis, &[11, 12]);
    let kept = founding.last().expect("a founding").id();
    for (keeps, stays) in [(vec![], false), (vec![kept], true)] {
        let mut authority = world.at_the_district();
        bring(&mut authority, &founding);
        let keeps = Keeps::of(keeps).expect("few");
        let (id, succession) = world.succeeded_by(&[23, 21], keeps);
        bring(&mut authority, &succession);
        assert_eq!(authority.root(), id);
        assert_eq!(authority.followed(&world.district.unit).is_some(), stays);
        // The unit's own work asks nobody.
        assert_eq!(given(&authority, node(2), &world.district.unit), [0, 1, 2, 3]);
        // Old roots found nobody any more, and the new ones do.
        bring(&mut authority, &world.founded_by(genesis, &[12, 13]));
        assert_eq!(authority.followed(&world.district.unit).is_some(), stays);
        bring(&mut authority, &world.founded_by(id, &[14, 16]));
        assert_eq!(authority.followed(&world.district.unit), Some(world.district.lineage));
    }
}
