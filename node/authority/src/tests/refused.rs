//! Kept, waits or refused: rules 1 to 7 of section 5, one test for each code.

use schema_wire::{Hash, Reads, Verbs, VerifiedStatement};

use super::city::{
    CITY, COMMUNITY, City, DISTRICT, charter, endorsement, issuer, network, rotation, succession,
};
use crate::{Authority, Outcome, Pins, Refusal};

fn refusal(city: &mut City, statement: &VerifiedStatement) -> Refusal {
    match city.authority.insert(statement) {
        Outcome::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn waits(city: &mut City, statement: &VerifiedStatement) -> Hash {
    match city.authority.insert(statement) {
        Outcome::Waits(what) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_statement_of_another_network_is_refused() {
    let mut city = City::new();
    let mut genesis = super::city::genesis();
    genesis.threshold = 1;
    let own = city.by_community.proof;
    let mut other = Authority::new(&genesis, Pins::of(super::city::unit(COMMUNITY), own));
    let said = city.by_community.employs("phone");
    assert_eq!(other.insert(&said), Outcome::Refused(Refusal::OtherNetwork));
    city.keep(&said);
    assert_eq!(city.authority.insert(&said), Outcome::Known);
}

#[test]
fn a_charter_waits_until_a_pin_or_a_founding_names_it() {
    let mut city = City::new();
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    assert_eq!(waits(&mut city, &rival), rival.id());
    let change = city.change(&city.by_district.founds(COMMUNITY, rival.id()));
    assert!(change.wakes.contains(&rival.id()));
    city.keep(&rival);
}

#[test]
fn a_founding_keeps_the_charter_of_its_own_unit_alone() {
    let mut city = City::new();
    let elsewhere = charter("c/e", "rival", "rival-paper");
    city.keep(&city.by_district.founds(COMMUNITY, elsewhere.id()));
    assert_eq!(waits(&mut city, &elsewhere), elsewhere.id());
}

#[test]
fn a_rotation_is_of_the_unit_and_reveals_what_was_committed_to() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let unknown = rotation(COMMUNITY, Hash([3; 32]), "community-paper", "next", &[]);
    assert_eq!(waits(&mut city, &unknown), Hash([3; 32]));
    let elsewhere = rotation(DISTRICT, own, "community-paper", "next", &[]);
    assert_eq!(refusal(&mut city, &elsewhere), Refusal::OtherUnit);
    let guessed = rotation(COMMUNITY, own, "district-paper", "next", &[]);
    assert_eq!(refusal(&mut city, &guessed), Refusal::NotCommitted);
    let after_a_grant = rotation(COMMUNITY, city.clerk, "community-paper", "next", &[]);
    assert_eq!(refusal(&mut city, &after_a_grant), Refusal::NotCommitted);
    city.keep(&rotation(COMMUNITY, own, "community-paper", "next", &[]));
}

#[test]
fn a_succession_follows_the_root_alone() {
    let mut city = City::new();
    city.keep(&succession(&[]));
    let mut body = match succession(&[]).into_statement() {
        schema_wire::Statement::Succession(signed) => signed.claims().clone(),
        other => panic!("{other:?}"),
    };
    let sealed = |body: schema_wire::Succession| super::city::sealed(body, "paper-1");
    body.previous = city.by_community.proof;
    assert_eq!(refusal(&mut city, &sealed(body.clone())), Refusal::NotCommitted);
    body.previous = succession(&[]).id();
    assert_eq!(refusal(&mut city, &sealed(body.clone())), Refusal::NotCommitted);
    body.previous = Hash([3; 32]);
    assert_eq!(waits(&mut city, &sealed(body)), Hash([3; 32]));
}

#[test]
fn an_endorsement_is_signed_by_a_root_of_the_act_or_by_a_committed_key() {
    let mut city = City::new();
    let act = city.by_root.suspends(DISTRICT);
    assert_eq!(waits(&mut city, &endorsement(network(), "root-2", act.id())), act.id());
    let early = endorsement(Hash([3; 32]), "root-2", act.id());
    assert_eq!(waits(&mut city, &early), Hash([3; 32]));
    city.keep(&act);
    let passing = succession(&[]);
    city.keep(&passing);
    for (proof, by, endorses) in [
        (network(), "paper-2", act.id()),
        (network(), "city", act.id()),
        (network(), "root-2", passing.id()),
        (network(), "root-2", city.clerk),
        (passing.id(), "new-root", act.id()),
        (city.by_city.proof, "city", act.id()),
    ] {
        let said = endorsement(proof, by, endorses);
        assert_eq!(refusal(&mut city, &said), Refusal::NoRootKey, "{by}");
    }
    city.keep(&endorsement(network(), "root-2", act.id()));
    city.keep(&endorsement(network(), "paper-2", passing.id()));
}

#[test]
fn what_is_said_of_a_unit_is_said_from_above_it() {
    let mut city = City::new();
    let lineage = city.by_community.proof;
    for below in [CITY, "c/e", "c/dd"] {
        let said = city.by_district.founds(below, lineage);
        assert_eq!(refusal(&mut city, &said), Refusal::OutsideTerritory, "{below}");
    }
    let said = [city.by_district.suspends(DISTRICT), city.by_district.dissolves(DISTRICT, "c/e")];
    for statement in said {
        assert_eq!(refusal(&mut city, &statement), Refusal::OutsideTerritory);
    }
    // Before its proof is known, by rule 6; what rule 7 asks is asked then.
    let stranger = issuer(DISTRICT, Hash([3; 32]), "district");
    assert_eq!(refusal(&mut city, &stranger.suspends("c/e")), Refusal::OutsideTerritory);
    assert_eq!(waits(&mut city, &stranger.suspends(DISTRICT)), Hash([3; 32]));
}

#[test]
fn a_proof_gives_something_to_its_own_key_in_its_own_unit_alone() {
    let mut city = City::new();
    let deputy = city.deputy();
    for speaker in [
        issuer(COMMUNITY, city.by_community.proof, "district"),
        issuer(DISTRICT, city.by_community.proof, "community"),
        issuer(COMMUNITY, deputy.proof, "clerk"),
        issuer(DISTRICT, deputy.proof, "deputy"),
        // Without GOVERN.
        issuer(COMMUNITY, city.clerk, "clerk"),
        // Of a kind that gives nothing.
        issuer(CITY, city.city_founding, "root-1"),
        issuer(DISTRICT, network(), "root-1"),
        issuer(CITY, network(), "city"),
    ] {
        let said = speaker.employs("phone");
        assert_eq!(refusal(&mut city, &said), Refusal::OtherIssuer, "{speaker:?}");
    }
}

#[test]
fn a_proof_permits_some_kinds() {
    let mut city = City::new();
    let deputy = city.deputy();
    let more = deputy.grants("phone", Verbs::GOVERN, Reads::NONE);
    let said = [city.by_community.address(1), more, city.by_root.employs("phone")];
    for statement in said {
        assert_eq!(refusal(&mut city, &statement), Refusal::KindNotGranted);
    }
    let document = super::city::document_of(CITY, 5);
    let said = [
        city.by_root.card(1),
        city.by_root.address(1),
        issuer(CITY, network(), "root-1").adopts(&document, "clerk", 1),
    ];
    for statement in said {
        assert_eq!(refusal(&mut city, &statement), Refusal::KindNotGranted);
    }
    city.keep(&deputy.employs("phone"));
    city.keep(&deputy.address(1));
    city.keep(&issuer(COMMUNITY, city.clerk, "clerk").address(1));
}
