//! What questions and statements cost in a city of a thousand communities: statements and verdicts
//! that are looked at, not time.

use std::sync::LazyLock;

use schema_wire::{Hash, Scope};

use super::city::{
    CITY, City, DISTRICT, NOON, charter, document, endorsement, issuer, key, ms, network, rotation,
    unit, written,
};
use crate::looked::count;

const COMMUNITIES: usize = 1_000;
const CLERKS: usize = 3;

/// The city in peace, with as many communities more, and clerks in each: made once.
fn great_city() -> (City, Vec<Hash>) {
    static GREAT: LazyLock<(City, Vec<Hash>)> = LazyLock::new(make_great_city);
    GREAT.clone()
}

fn make_great_city() -> (City, Vec<Hash>) {
    let mut city = City::new();
    let mut charters = Vec::new();
    for number in 0..COMMUNITIES {
        let (of, name) = (format!("{DISTRICT}/{number}"), format!("key-{number}"));
        let charter = charter(&of, &name, "paper");
        city.keep(&city.by_district.founds(&of, charter.id()));
        city.keep(&charter);
        let by = issuer(&of, charter.id(), &name);
        for clerk in 0..CLERKS {
            city.keep(&by.employs(&format!("clerk-{number}-{clerk}")));
        }
        charters.push(charter.id());
    }
    (city, charters)
}

#[test]
fn a_question_costs_the_same_in_a_great_city() {
    let (city, _) = great_city();
    let notice = document(5);
    let asked = written(&city, &notice, NOON);
    let (permit, looked) = count(|| city.authority.permits(&asked, []));
    assert!(permit.is_ok());
    assert!(looked <= 3, "{looked}");
    let scope = Scope::path(unit(&format!("{DISTRICT}/7")));
    let (_, looked) = count(|| city.authority.may_hold(&key("clerk-7-1"), &scope, ms(NOON)));
    assert!(looked <= 4, "{looked}");
    let (stands, looked) = count(|| city.authority.stands(&city.clerk, ms(NOON)));
    assert!(stands.outside && looked <= 3, "{looked}");
}

#[test]
fn a_statement_costs_what_it_changes() {
    let (mut city, charters) = great_city();
    let of = format!("{DISTRICT}/7");
    let by = issuer(&of, charters[7], "key-7");
    let grant = by.employs("phone");
    let clerk = by.employs("clerk-7-0").id();
    let ending = by.withdraws(clerk, &[]);
    let turned = rotation(&of, charters[7], "paper", "next", &[clerk]);
    let useless = by.withdraws(city.district_founding, &[]);
    for (statement, most) in [(&grant, 40), (&useless, 60), (&ending, 80), (&turned, 200)] {
        let (change, looked) = count(|| city.change(statement));
        println!("{looked} looked at, {} settled", change.steps);
        assert!(looked <= most, "{looked} looked at, {} settled", change.steps);
    }
    // What the city says of its district concerns everybody below.
    let withdrawal = city.by_city.withdraws(city.district_founding, &[]);
    let (change, looked) = count(|| city.change(&withdrawal));
    assert!(change.units.contains(&unit(DISTRICT)) && change.units.len() > COMMUNITIES);
    println!("{looked} looked at, {} settled", change.steps);
    let below = COMMUNITIES * (CLERKS + 3);
    assert!(looked > COMMUNITIES && looked < 30 * below, "{looked}");
}

#[test]
fn a_root_that_is_passed_on_and_keeps_the_city_touches_nothing_below() {
    let (mut city, _) = great_city();
    let passing = super::city::succession(&[city.city_founding]);
    city.keep(&passing);
    let endorsed = endorsement(network(), "paper-2", passing.id());
    let (change, looked) = count(|| city.change(&endorsed));
    assert_eq!(city.authority.root(), passing.id());
    assert!(looked < 60 && change.statements.is_empty(), "{looked}");
    assert!(city.authority.followed(&unit(CITY)).is_some());
}

#[test]
fn judging_everything_anew_costs_the_same_for_each_statement() {
    let (city, _) = great_city();
    let mut anew = city.authority.clone();
    let (change, looked) = count(|| anew.set_pins(city.authority.pins().clone()));
    println!("{looked} looked at for {} statements", change.steps);
    assert!(change.statements.is_empty() && change.dropped.is_empty());
    assert!(looked < 40 * change.steps, "{looked} looked at for {} statements", change.steps);
}

#[test]
fn the_grants_of_one_node_cost_the_same_however_many_others_have() {
    let (mut city, _) = great_city();
    let (own, clerk, noon) = (city.by_community.proof, key("clerk"), ms(NOON));
    let asked = |city: &City| {
        let grants = || city.authority.grants_to(&clerk, own, noon).map(|grant| grant.id);
        count(|| grants().collect::<Vec<_>>())
    };
    let (before, looked) = asked(&city);
    for other in 0..100 {
        city.keep(&city.by_community.employs(&format!("other-{other}")));
    }
    assert_eq!(asked(&city), (before.clone(), looked));
    let all = city.authority.grants(&own, noon).filter(|grant| grant.subject == clerk);
    assert_eq!(all.map(|grant| grant.id).collect::<Vec<_>>(), before);
    assert!(!before.is_empty());
    let elsewhere = city.authority.grants_to(&clerk, city.by_district.proof, noon);
    assert_eq!(elsewhere.count(), 0);
}
