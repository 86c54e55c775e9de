//! A city, a district and a stolen tablet hold nothing of a community but what the tablet held.

use node_acts::deed::{DeedError, remove_node};
use node_acts::issuer::Issuer;
use node_acts::role::Role;
use schema_wire::{Scope, VerifiedStatement};

use crate::world::*;

const TABLET: u8 = 50;

fn with_tablet() -> (World, schema_wire::Hash) {
    let mut world = World::new();
    let issuer = world.community.issuer(&world.genesis);
    let grant = delegate(&issuer, node(TABLET), &Role::device(), 1);
    let id = grant.id();
    world.statements.push(grant.into());
    (world, id)
}

#[test]
fn a_tablet_is_given_its_band_and_no_other_and_no_letters() {
    let (world, _) = with_tablet();
    let authority = world.seen_by(&world.community);
    let community = &world.community.unit;
    assert_eq!(given(&authority, node(TABLET), community), [2]);
    let pair = Scope::pair(community, &world.district.unit).expect("two units");
    for scope in [pair, Scope::path(community.clone())] {
        assert_eq!(authority.may_hold(&node(TABLET), &scope, NOW), None, "{scope}");
    }
}

/// Everything that tablet, district and root can sign together, in every name.
#[test]
fn tablet_district_and_root_together_gain_nothing() {
    let (world, tablet_grant) = with_tablet();
    let (network, city) = (world.genesis.network(), unit(CITY));
    let community = &world.community;
    let keys = [key(TABLET), world.district.key.clone(), world.root.clone(), key(66)];
    let proofs = [
        tablet_grant,
        community.lineage,
        community.delegation.id(),
        world.district.lineage,
        world.district.delegation.id(),
        network.as_hash(),
    ];
    let spy = Led::begin(&world.genesis, COMMUNITY, 66);
    let mut forged: Vec<VerifiedStatement> = spy.statements.clone();
    for key in &keys {
        for proof in proofs.into_iter().chain([spy.lineage]) {
            for target in [&community.unit, &world.district.unit, &city] {
                let issuer = Issuer { network, unit: target, proof, key };
                for subject in [node(66), node(TABLET)] {
                    forged.push(delegate(&issuer, subject, &Role::governing(), 9).into());
                }
                let recognised = issuer.recognise(community.unit.clone(), spy.lineage, TERM, 9);
                forged.push(recognised.expect("signed").into());
                for ends in [community.delegation.id(), community.lineage] {
                    let ending = issuer.withdraw(ends, Default::default(), NOW);
                    forged.push(ending.expect("signed").into());
                }
            }
        }
    }
    let mut authority = world.seen_by(community);
    // In any order, until nothing more is kept.
    for _ in 0..3 {
        for statement in &forged {
            authority.insert(statement);
        }
    }
    assert_eq!(given(&authority, node(TABLET), &community.unit), [2], "the tablet");
    assert_eq!(given(&authority, node(66), &community.unit), [], "the spy");
    assert_eq!(given(&authority, node(2), &community.unit), [], "the district");
    let own = (node(3), community.delegation.id(), NOW);
    assert!(counts(&authority, own, 128, &[]) && counts(&authority, own, 64, &[]));
}

/// Who governs takes the tablet out by one deed; what it wrote before goes on counting.
#[test]
fn a_removed_tablet_is_given_nothing_and_its_honest_work_stays() {
    let (world, grant) = with_tablet();
    let mut authority = world.seen_by(&world.community);
    let wrote = (node(TABLET), grant, NOW);
    assert!(counts(&authority, wrote, 160, &[]));
    let issuer = world.community.issuer(&world.genesis);
    let (lineage, document) = (world.community.lineage, "220800/220802/220802001003:160:one");
    let document: schema_wire::DocumentId = document.parse().expect("a document");
    let mark = schema_wire::Mark {
        document: document.clone(),
        author: node(TABLET),
        incarnation: schema_wire::Incarnation([0; 16]),
        seq: 4,
        head: schema_wire::Hash([4; 32]),
    };
    let heard = vec![(document.scope(), vec![mark])];
    let deed = remove_node(&authority, &issuer, &lineage, node(TABLET), heard, NOW);
    let deed = deed.expect("removed");
    bring(&mut authority, &deed);
    assert_eq!(given(&authority, node(TABLET), &world.community.unit), []);
    assert!(!counts(&authority, wrote, 160, &[]), "what nobody had heard");
    let adoption = deed.iter().find(|statement| authority.adopted_at(&statement.id()).is_some());
    let adoption = adoption.expect("an adoption").id();
    assert!(counts(&authority, wrote, 160, &[adoption]), "what was heard");
    let again = remove_node(&authority, &issuer, &lineage, node(TABLET), Vec::new(), NOW);
    assert_eq!(again, Err(DeedError::NoSuchNode(node(TABLET))));
}
