//! Nobody above a unit becomes one of its nodes, reads it or undoes its work.

use node_acts::role::Role;

use crate::world::*;

/// The district founds the community again, for a lineage of its own making, before or after.
#[test]
fn a_unit_founded_again_from_above_gives_nothing_of_the_first_one() {
    let world = World::new();
    let spy = Led::begin(&world.genesis, COMMUNITY, 66);
    let above = [
        world.district.issuer(&world.genesis).recognise(spy.unit.clone(), spy.lineage, TERM, 7),
        world.root_issuer(&unit(CITY)).recognise(spy.unit.clone(), spy.lineage, TERM, 7),
    ];
    for founding in above {
        let founding = founding.expect("founded");
        let mut authority = world.seen_by(&world.community);
        let mut brought = spy.statements.clone();
        brought.push(founding.into());
        bring(&mut authority, &brought);
        assert_eq!(given(&authority, node(66), &spy.unit), [], "bands of the community");
        assert_eq!(given(&authority, node(3), &spy.unit), [0, 1, 2, 3], "to its own node");
        let (theirs, own) = (spy.delegation.id(), world.community.delegation.id());
        assert!(!counts(&authority, (node(66), theirs, NOW), 128, &[]), "it writes as the unit");
        assert!(counts(&authority, (node(3), own, NOW), 128, &[]), "the unit cannot work");
        assert_eq!(authority.candidates(&spy.unit).len(), 2, "no alarm");
        assert_eq!(authority.followed(&spy.unit), Some(world.community.lineage));
    }
}

/// No key above issues what takes a node into the unit, by whatever proof it names.
#[test]
fn no_key_above_takes_a_node_into_the_unit() {
    let world = World::new();
    let (city, community) = (unit(CITY), &world.community);
    let forged = [
        (world.district.key.clone(), world.district.lineage),
        (world.district.key.clone(), world.district.delegation.id()),
        (world.district.key.clone(), community.lineage),
        (world.district.key.clone(), community.delegation.id()),
        (world.root.clone(), world.genesis.network().as_hash()),
        (world.root.clone(), community.lineage),
    ];
    for (key, proof) in forged {
        let mut authority = world.seen_by(community);
        for target in [&community.unit, &city] {
            let network = world.genesis.network();
            let issuer = node_acts::issuer::Issuer { network, unit: target, proof, key: &key };
            let grant = delegate(&issuer, node(66), &Role::governing(), 0);
            let outcome = authority.insert(&grant.into());
            assert!(
                matches!(outcome, node_authority::Outcome::Refused(_)),
                "{target}: {outcome:?}"
            );
        }
        assert_eq!(given(&authority, node(66), &community.unit), []);
    }
}

/// What a unit above can do at most: recognise the unit no more. Its work inside goes on.
#[test]
fn a_unit_that_is_recognised_no_more_works_on_inside() {
    let world = World::new();
    let founding = world.statements.last().expect("founded").id();
    let district = world.district.issuer(&world.genesis);
    let city = unit(CITY);
    let ended = [
        district.withdraw(founding, Default::default(), NOW).expect("ended"),
        world.root_issuer(&city).withdraw(founding, Default::default(), NOW).expect("ended"),
    ];
    for ending in ended {
        let mut authority = world.seen_by(&world.community);
        bring(&mut authority, &[ending.into()]);
        let own = (node(3), world.community.delegation.id(), NOW);
        assert!(counts(&authority, own, 128, &[]), "the unit's own work");
        assert!(!counts(&authority, own, 64, &[]), "what it shows above");
        assert_eq!(given(&authority, node(3), &world.community.unit), [0, 1, 2, 3]);
    }
}

/// Nothing inside the unit is ended from above.
#[test]
fn no_ending_from_above_touches_a_grant_of_the_unit() {
    let world = World::new();
    let (city, grant) = (unit(CITY), world.community.delegation.id());
    let district = world.district.issuer(&world.genesis);
    for issuer in [district, world.root_issuer(&city)] {
        let mut authority = world.seen_by(&world.community);
        let ending = issuer.withdraw(grant, Default::default(), NOW).expect("an ending");
        bring(&mut authority, &[ending.into()]);
        let own = (node(3), grant, NOW);
        assert!(counts(&authority, own, 128, &[]) && counts(&authority, own, 64, &[]));
    }
}
