//! One test per refusal, and independence of arrival order.

use proptest::prelude::*;
use schema_wire::{
    Author, Class, ClassSet, Delegation, DocumentId, Genesis, Hash, NodeKey, Revocation,
    SigningKey, UnitId, VerbSet, Verified, Watermark,
};

use crate::{Authority, Position, Refusal, may_read};

const CITY: &str = "220800";
const DISTRICT: &str = "220800/220802";
const COMMUNITY: &str = "220800/220802/220802001/220802001001";
const YEAR_MS: u64 = 365 * 86_400_000;
const GOVERN: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
const CLERK: VerbSet = VerbSet::WRITE.with(VerbSet::READ);

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}
fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}
fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit path")
}
fn genesis() -> Genesis {
    let roots = vec![public(&key(1))];
    Genesis { unit: unit(CITY), name: "白城".into(), roots, threshold: 1, at_ms: 0 }
}

fn link(
    issuer: (&SigningKey, &str),
    proof: Option<Hash>,
    subject: (&SigningKey, &str),
    verbs: VerbSet,
) -> Verified<Delegation> {
    let delegation = Delegation {
        network: genesis().network(),
        issuer: public(issuer.0),
        issuer_unit: unit(issuer.1),
        proof,
        subject: public(subject.0),
        unit: unit(subject.1),
        verbs,
        classes: ClassSet::ALL,
        not_before_ms: 1000,
        not_after_ms: YEAR_MS,
        grace_ms: 30 * 86_400_000,
        serial: 0,
    };
    Verified::seal(delegation, issuer.0)
}

/// root -> district -> community -> a clerk's node.
fn tree() -> [Verified<Delegation>; 3] {
    let district = link((&key(1), CITY), None, (&key(2), DISTRICT), GOVERN);
    let community = link((&key(2), DISTRICT), Some(district.id()), (&key(3), COMMUNITY), GOVERN);
    let clerk = link((&key(3), COMMUNITY), Some(community.id()), (&key(4), COMMUNITY), CLERK);
    [district, community, clerk]
}

fn authority(links: &[Verified<Delegation>]) -> Authority {
    let mut authority = Authority::new(genesis());
    links.iter().cloned().for_each(|link| authority.insert_delegation(link));
    authority
}

fn write(
    authority: &Authority,
    under: &Verified<Delegation>,
    by: &SigningKey,
    owner: &str,
    at_ms: u64,
) -> Result<(), Refusal> {
    let document = DocumentId::new(unit(owner), Class::Roster, "b1").expect("a document id");
    let author = Author { key: public(by), incarnation: 1 };
    let position = Position { document: &document, author, seq: 5, at_ms };
    authority.permits_write(&under.id(), position)
}

#[test]
fn a_clerk_writes_in_its_own_community_only() {
    let links = tree();
    let known = authority(&links);
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
    let elsewhere = "220800/220802/220802001/220802001002";
    let refused = write(&known, &links[2], &key(4), elsewhere, 5000);
    assert!(matches!(refused, Err(Refusal::OutsideTerritory { .. })));
    let other = write(&known, &links[2], &key(9), COMMUNITY, 5000);
    assert!(matches!(other, Err(Refusal::OtherSubject { .. })));
}

#[test]
fn nobody_above_writes_or_grants_writing_in_a_community() {
    let links = tree();
    let known = authority(&links);
    let district = write(&known, &links[0], &key(2), COMMUNITY, 5000);
    assert!(matches!(district, Err(Refusal::OutsideTerritory { .. })));
    let planted = link((&key(1), CITY), None, (&key(8), COMMUNITY), CLERK);
    let mut known = known;
    known.insert_delegation(planted.clone());
    let root = write(&known, &planted, &key(8), COMMUNITY, 5000);
    assert!(matches!(root, Err(Refusal::GrantFromAbove { .. })));
}

#[test]
fn validity_counts_the_grace() {
    let links = tree();
    let known = authority(&links);
    let within_grace = YEAR_MS + 86_400_000;
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, within_grace), Ok(()));
    let expired = write(&known, &links[2], &key(4), COMMUNITY, 2 * YEAR_MS);
    assert!(matches!(expired, Err(Refusal::Expired { .. })));
    let early = write(&known, &links[2], &key(4), COMMUNITY, 10);
    assert!(matches!(early, Err(Refusal::NotYetValid { .. })));
}

#[test]
fn a_chain_is_bounded_acyclic_and_ends_at_the_root() {
    let links = tree();
    let mut known = authority(&links);
    let mut proof = links[1].id();
    let mut leaf = links[1].clone();
    for number in 10..20 {
        let issuer = if number == 10 { key(3) } else { key(number - 1) };
        let subject = key(number);
        leaf = link((&issuer, COMMUNITY), Some(proof), (&subject, COMMUNITY), GOVERN);
        proof = leaf.id();
        known.insert_delegation(leaf.clone());
    }
    let long = write(&known, &leaf, &key(19), COMMUNITY, 5000);
    assert_eq!(long, Err(Refusal::ChainTooLong));

    let there = link((&key(3), COMMUNITY), Some(links[1].id()), (&key(30), COMMUNITY), GOVERN);
    let back = link((&key(30), COMMUNITY), Some(there.id()), (&key(3), COMMUNITY), CLERK);
    known.insert_delegation(there);
    known.insert_delegation(back.clone());
    let circular = write(&known, &back, &key(3), COMMUNITY, 5000);
    assert!(matches!(circular, Err(Refusal::ChainCircular(_))));

    let own_root = link((&key(50), CITY), None, (&key(51), DISTRICT), GOVERN);
    known.insert_delegation(own_root.clone());
    assert!(matches!(known.chain(&own_root.id()), Err(Refusal::NotRoot(_))));
}

#[test]
fn a_revocation_keeps_what_its_watermark_names() {
    let links = tree();
    let mut known = authority(&links);
    let document = DocumentId::new(unit(COMMUNITY), Class::Roster, "b1").expect("a document id");
    let author = Author { key: public(&key(4)), incarnation: 1 };
    let revocation = Revocation {
        network: genesis().network(),
        issuer: public(&key(3)),
        issuer_unit: unit(COMMUNITY),
        proof: Some(links[1].id()),
        revokes: links[2].id(),
        watermarks: vec![Watermark { document: document.clone(), author, seq: 4 }],
        at_ms: 0,
    };
    known.insert_revocation(Verified::seal(revocation, &key(3)));
    let at = |seq| Position { document: &document, author, seq, at_ms: 5000 };
    assert_eq!(known.permits_write(&links[2].id(), at(4)), Ok(()));
    let beyond = known.permits_write(&links[2].id(), at(5));
    assert!(matches!(beyond, Err(Refusal::Revoked { .. })));
}

#[test]
fn a_stranger_revokes_nothing() {
    let links = tree();
    let mut known = authority(&links);
    let revocation = Revocation {
        network: genesis().network(),
        issuer: public(&key(77)),
        issuer_unit: unit(COMMUNITY),
        proof: Some(links[1].id()),
        revokes: links[2].id(),
        watermarks: vec![],
        at_ms: 0,
    };
    known.insert_revocation(Verified::seal(revocation, &key(77)));
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
}

#[test]
fn readers_are_the_owner_and_those_above_as_the_audience_says() {
    let roster = DocumentId::new(unit(COMMUNITY), Class::Roster, "b1").expect("id").scope();
    let report = DocumentId::new(unit(COMMUNITY), Class::Report, "m").expect("id").scope();
    assert!(may_read(&unit(COMMUNITY), &roster));
    assert!(!may_read(&unit(DISTRICT), &roster));
    assert!(!may_read(&unit(CITY), &roster));
    assert!(may_read(&unit(DISTRICT), &report));
    assert!(!may_read(&unit("220800/220802/220802001/220802001002"), &report));
}

proptest! {
    #[test]
    fn order_of_arrival_does_not_matter(order in Just(vec![0usize, 1, 2]).prop_shuffle()) {
        let links = tree();
        let shuffled: Vec<_> = order.iter().map(|i| links[*i].clone()).collect();
        let known = authority(&shuffled);
        prop_assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
    }
}
