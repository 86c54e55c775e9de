//! One test per rule.

use schema_wire::{
    Author, Class, ClassSet, Delegation, DocumentId, Endorsement, Genesis, Hash, NodeKey, Record,
    Revocation, SigningKey, Statement, Succession, Suspension, UnitId, VerbSet, Verified,
    VerifiedStatement, Watermark,
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

fn grant(
    issuer: (&SigningKey, &str),
    proof: Option<Hash>,
    subject: (&SigningKey, &str),
    verbs: VerbSet,
) -> Delegation {
    Delegation {
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
    }
}

fn link(
    issuer: (&SigningKey, &str),
    proof: Option<Hash>,
    subject: (&SigningKey, &str),
    verbs: VerbSet,
) -> Verified<Delegation> {
    Verified::seal(grant(issuer, proof, subject, verbs), issuer.0)
}

fn statement(delegation: &Verified<Delegation>) -> Statement {
    Statement::Delegation(delegation.as_signed().clone())
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
    for link in links {
        authority.insert(VerifiedStatement::Delegation(link.clone()));
    }
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
    let root = known.admissible(&statement(&planted));
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
fn only_a_founded_key_shares_its_unit() {
    let links = tree();
    let shared = link((&key(3), COMMUNITY), Some(links[1].id()), (&key(30), COMMUNITY), GOVERN);
    let mut known = authority(&links);
    assert_eq!(known.admissible(&statement(&shared)), Ok(()));
    known.insert(VerifiedStatement::Delegation(shared.clone()));
    let clerk = link((&key(30), COMMUNITY), Some(shared.id()), (&key(31), COMMUNITY), CLERK);
    known.insert(VerifiedStatement::Delegation(clerk.clone()));
    assert_eq!(write(&known, &clerk, &key(31), COMMUNITY, 5000), Ok(()));
    let again = link((&key(30), COMMUNITY), Some(shared.id()), (&key(32), COMMUNITY), GOVERN);
    assert_eq!(known.admissible(&statement(&again)), Err(Refusal::GovernFromWithin));
}

#[test]
fn a_renewed_grant_above_carries_what_is_below() {
    let links = tree();
    let mut old = links[0].value().clone();
    (old.not_after_ms, old.grace_ms) = (6000, 0);
    let old = Verified::seal(old, &key(1));
    let community = link((&key(2), DISTRICT), Some(old.id()), (&key(3), COMMUNITY), GOVERN);
    let clerk = link((&key(3), COMMUNITY), Some(community.id()), (&key(4), COMMUNITY), CLERK);
    let mut known = authority(&[old.clone(), community, clerk.clone()]);
    let expired = write(&known, &clerk, &key(4), COMMUNITY, 7000);
    assert_eq!(expired, Err(Refusal::Expired { until_ms: 6000 }));
    let mut renewed = old.value().clone();
    (renewed.not_after_ms, renewed.serial) = (YEAR_MS, 1);
    known.insert(VerifiedStatement::Delegation(Verified::seal(renewed, &key(1))));
    assert_eq!(write(&known, &clerk, &key(4), COMMUNITY, 7000), Ok(()));
}

#[test]
fn classes_are_the_least_along_the_route() {
    let links = tree();
    let mut narrow = links[0].value().clone();
    narrow.classes = ClassSet::of(&[Class::Place]);
    let narrow = Verified::seal(narrow, &key(1));
    let community = link((&key(2), DISTRICT), Some(narrow.id()), (&key(3), COMMUNITY), GOVERN);
    let clerk = link((&key(3), COMMUNITY), Some(community.id()), (&key(4), COMMUNITY), CLERK);
    let known = authority(&[narrow, community, clerk.clone()]);
    let refused = write(&known, &clerk, &key(4), COMMUNITY, 5000);
    assert_eq!(refused, Err(Refusal::LacksClass(Class::Roster)));
}

fn revocation(
    by: (&SigningKey, &str),
    proof: Option<Hash>,
    of: Hash,
    watermarks: Vec<Watermark>,
    keeps: Vec<Hash>,
) -> VerifiedStatement {
    let revocation = Revocation {
        network: genesis().network(),
        issuer: public(by.0),
        issuer_unit: unit(by.1),
        proof,
        revokes: of,
        watermarks,
        keeps,
        at_ms: 0,
    };
    VerifiedStatement::Revocation(Verified::seal(revocation, by.0))
}

#[test]
fn a_revocation_keeps_what_its_watermark_names() {
    let links = tree();
    let mut known = authority(&links);
    let document = DocumentId::new(unit(COMMUNITY), Class::Roster, "b1").expect("a document id");
    let author = Author { key: public(&key(4)), incarnation: 1 };
    let marks = vec![Watermark { document: document.clone(), author, seq: 4 }];
    let own = (&key(3), COMMUNITY);
    known.insert(revocation(own, Some(links[1].id()), links[2].id(), marks, vec![]));
    let at = |seq| Position { document: &document, author, seq, at_ms: 5000 };
    assert_eq!(known.permits_write(&links[2].id(), at(4)), Ok(()));
    let beyond = known.permits_write(&links[2].id(), at(5));
    assert!(matches!(beyond, Err(Refusal::Revoked { .. })));
    assert_eq!(known.may_carry(&links[2].id(), at(5)), Ok(()));
}

#[test]
fn a_stolen_key_keeps_what_was_honest_and_loses_the_rest() {
    let links = tree();
    let mut known = authority(&links);
    let root = (&key(1), CITY);
    known.insert(revocation(root, None, links[0].id(), vec![], vec![links[1].id()]));
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
    let other = "220800/220802/220802001/220802001002";
    let planted = link((&key(2), DISTRICT), Some(links[0].id()), (&key(8), other), GOVERN);
    known.insert(VerifiedStatement::Delegation(planted.clone()));
    let stands = known.in_force_at(&planted.id(), 5000);
    assert!(matches!(stands, Err(Refusal::Revoked { .. })));
    // Nor can the thief withdraw what was granted honestly.
    let thief = (&key(2), DISTRICT);
    known.insert(revocation(thief, Some(links[0].id()), links[1].id(), vec![], vec![]));
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
}

#[test]
fn a_replaced_key_withdraws_what_the_lost_one_granted() {
    let links = tree();
    let mut known = authority(&links);
    let fresh = link((&key(2), DISTRICT), Some(links[0].id()), (&key(33), COMMUNITY), GOVERN);
    known.insert(VerifiedStatement::Delegation(fresh.clone()));
    let by = (&key(33), COMMUNITY);
    known.insert(revocation(by, Some(fresh.id()), links[2].id(), vec![], vec![]));
    let refused = write(&known, &links[2], &key(4), COMMUNITY, 5000);
    assert!(matches!(refused, Err(Refusal::Revoked { .. })));
}

#[test]
fn a_stranger_and_a_clerk_revoke_nothing() {
    let links = tree();
    let known = authority(&links);
    let stranger = (&key(77), COMMUNITY);
    let forged = revocation(stranger, Some(links[1].id()), links[2].id(), vec![], vec![]);
    let refused = known.admissible(&forged.to_statement());
    assert!(matches!(refused, Err(Refusal::BrokenLink { .. })));
    let clerk = (&key(4), COMMUNITY);
    let own = revocation(clerk, Some(links[2].id()), links[1].id(), vec![], vec![]);
    assert_eq!(known.admissible(&own.to_statement()), Err(Refusal::LacksVerb("govern")));
    let mut known = known;
    let community = (&key(3), COMMUNITY);
    known.insert(revocation(community, Some(links[1].id()), links[1].id(), vec![], vec![]));
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
}

fn endorsement(by: (&SigningKey, &str), proof: Option<Hash>, of: Hash) -> VerifiedStatement {
    let (issuer, issuer_unit) = (public(by.0), unit(by.1));
    let network = genesis().network();
    let value = Endorsement { network, issuer, issuer_unit, proof, endorses: of, at_ms: 5000 };
    VerifiedStatement::Endorsement(Verified::seal(value, by.0))
}

#[test]
fn a_caretaker_takes_two_signatures() {
    let links = tree();
    let mut care = grant((&key(2), DISTRICT), Some(links[0].id()), (&key(60), COMMUNITY), CLERK);
    let long = Verified::seal(care.clone(), &key(2));
    let known = authority(&links);
    let refused = known.admissible(&statement(&long));
    assert!(matches!(refused, Err(Refusal::GrantFromAbove { .. })));
    (care.not_after_ms, care.grace_ms) = (86_400_000, 0);
    let care = Verified::seal(care, &key(2));
    let mut known = known;
    assert_eq!(known.admissible(&statement(&care)), Ok(()));
    known.insert(VerifiedStatement::Delegation(care.clone()));
    let alone = write(&known, &care, &key(60), COMMUNITY, 5000);
    assert_eq!(alone, Err(Refusal::CaretakerUnsigned));
    let own = endorsement((&key(2), DISTRICT), Some(links[0].id()), care.id());
    known.insert(own);
    assert_eq!(write(&known, &care, &key(60), COMMUNITY, 5000), alone);
    known.insert(endorsement((&key(1), CITY), None, care.id()));
    assert_eq!(write(&known, &care, &key(60), COMMUNITY, 5000), Ok(()));
    assert_eq!(known.caretakers(&unit(COMMUNITY), 5000).len(), 1);
}

#[test]
fn a_suspension_stops_the_count_until_it_is_withdrawn() {
    let links = tree();
    let mut known = authority(&links);
    let suspension = Suspension {
        network: genesis().network(),
        issuer: public(&key(2)),
        issuer_unit: unit(DISTRICT),
        proof: Some(links[0].id()),
        unit: unit(COMMUNITY),
        reason: "报数核查".into(),
        at_ms: 5000,
    };
    let suspension = Verified::seal(suspension, &key(2));
    known.insert(VerifiedStatement::Suspension(suspension.clone()));
    assert!(known.suspended(&unit(COMMUNITY)).is_some());
    assert_eq!(write(&known, &links[2], &key(4), COMMUNITY, 5000), Ok(()));
    let by = (&key(2), DISTRICT);
    known.insert(revocation(by, Some(links[0].id()), suspension.id(), vec![], vec![]));
    assert!(known.suspended(&unit(COMMUNITY)).is_none());
}

/// Root keys 1, 5 and 6, two of which act together.
fn ceremony() -> Genesis {
    let mut roots = vec![public(&key(1)), public(&key(5)), public(&key(6))];
    roots.sort_unstable();
    Genesis { unit: unit(CITY), name: "白城".into(), roots, threshold: 2, at_ms: 0 }
}

fn in_ceremony<T: Record>(value: T, by: u8, set: impl FnOnce(&mut T)) -> Verified<T> {
    let mut value = value;
    set(&mut value);
    Verified::seal(value, &key(by))
}

#[test]
fn the_root_acts_by_quorum_and_succession_keeps_what_it_names() {
    let network = ceremony().network();
    let mut known = Authority::new(ceremony());
    let found = |district: &str, subject: u8| {
        let to = grant((&key(1), CITY), None, (&key(subject), district), GOVERN);
        in_ceremony(to, 1, |d| d.network = network)
    };
    let (kept, lapsed) = (found(DISTRICT, 2), found("220800/220881", 3));
    let second = |of: Hash| {
        let VerifiedStatement::Endorsement(e) = endorsement((&key(5), CITY), None, of) else {
            unreachable!("an endorsement")
        };
        let e = in_ceremony(e.value().clone(), 5, |e| e.network = network);
        VerifiedStatement::Endorsement(e)
    };
    known.insert(VerifiedStatement::Delegation(kept.clone()));
    let alone = known.in_force_at(&kept.id(), 5000);
    assert_eq!(alone, Err(Refusal::QuorumMissing { have: 1, need: 2 }));
    known.insert(second(kept.id()));
    assert_eq!(known.in_force_at(&kept.id(), 5000), Ok(()));
    known.insert(VerifiedStatement::Delegation(lapsed.clone()));
    known.insert(second(lapsed.id()));
    let succession = Succession {
        network,
        issuer: public(&key(1)),
        issuer_unit: unit(CITY),
        previous: Hash(network.0),
        roots: vec![public(&key(90))],
        threshold: 1,
        keeps: vec![kept.id()],
        at_ms: 6000,
    };
    let succession = Verified::seal(succession, &key(1));
    known.insert(VerifiedStatement::Succession(succession.clone()));
    assert_eq!(known.in_force_at(&lapsed.id(), 5000), Ok(()), "one of two signed it");
    known.insert(second(succession.id()));
    assert_eq!(known.in_force_at(&kept.id(), 5000), Ok(()));
    assert_eq!(known.in_force_at(&lapsed.id(), 5000), Err(Refusal::Lapsed));
    assert!(known.is_root(&public(&key(90))) && !known.is_root(&public(&key(1))));
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
