//! Disagreements that the random cases found, each reduced: settled, and to stay so.

use schema_wire::{
    ClassSet, Delegation, Endorsement, Genesis, Hash, Succession, VerbSet, Verified,
    VerifiedStatement,
};

use crate::ask::Query;
use crate::case::Case;
use crate::universe::{TIMES, Universe};

/// One root key hands over to a second, and keeps what is named.
fn succession(universe: &Universe, genesis: &Genesis, mut keeps: Vec<Hash>) -> VerifiedStatement {
    keeps.sort_unstable();
    VerifiedStatement::Succession(universe.seal(Succession {
        network: genesis.network(),
        issuer: universe.key(0),
        issuer_unit: universe.city(),
        previous: Hash(genesis.network().0),
        roots: vec![universe.key(1)],
        threshold: 1,
        keeps,
        at_ms: 0,
    }))
}

/// A root key of one network lets a third key write.
fn grant(universe: &Universe, genesis: &Genesis, root: usize, unit: usize) -> Verified<Delegation> {
    universe.seal(Delegation {
        network: genesis.network(),
        issuer: universe.key(root),
        issuer_unit: universe.city(),
        proof: None,
        subject: universe.key(3),
        unit: universe.units[unit].clone(),
        verbs: VerbSet::WRITE,
        classes: ClassSet::ALL,
        not_before_ms: 0,
        not_after_ms: TIMES,
        grace_ms: 0,
        serial: 0,
    })
}

fn genesis(universe: &Universe, roots: &[usize]) -> Genesis {
    let mut roots: Vec<_> = roots.iter().map(|number| universe.key(*number)).collect();
    roots.sort_unstable();
    Genesis { unit: universe.city(), name: String::new(), roots, threshold: 1, at_ms: 0 }
}

fn agree(genesis: Genesis, order: Vec<VerifiedStatement>, query: Query) {
    let universe = Universe::new();
    let other_order = order.iter().rev().cloned().collect();
    let case = Case { genesis, one_order: order, other_order, queries: vec![query] };
    if let Some(found) = case.disagreement() {
        panic!("{}", crate::report::tell(&universe, &case, &found, 0, 0));
    }
}

/// Rule (b) asks for a key that a kept succession names, and the statement does not say which:
/// it must wait for one.
#[test]
fn a_statement_of_new_root_keys_waits_for_their_succession() {
    let universe = Universe::new();
    let genesis = genesis(&universe, &[0]);
    let early = grant(&universe, &genesis, 1, 0);
    let asked = Query::Kept(Box::new(VerifiedStatement::Delegation(early.clone())));
    let succession = succession(&universe, &genesis, vec![early.id()]);
    let mut authority = node_authority::Authority::new(genesis.clone());
    let refused =
        authority.admissible(&VerifiedStatement::Delegation(early.clone()).to_statement());
    authority.insert(succession.clone());
    let taken = authority.admissible(&VerifiedStatement::Delegation(early.clone()).to_statement());
    assert_eq!(taken, Ok(()));
    let waits = refused.is_err_and(|refusal| refusal.may_pass());
    assert!(waits, "refused for good, although it is kept in another order");
    agree(genesis, vec![succession, VerifiedStatement::Delegation(early)], asked);
}

/// Section 6, caretakers: the endorsement is supported, for it is a root act that the succession
/// keeps.
#[test]
fn an_endorsement_that_a_succession_keeps_still_counts() {
    let universe = Universe::new();
    let genesis = genesis(&universe, &[0, 2]);
    let caretaker = grant(&universe, &genesis, 0, 1);
    let endorsement = universe.seal(Endorsement {
        network: genesis.network(),
        issuer: universe.key(2),
        issuer_unit: universe.city(),
        proof: None,
        endorses: caretaker.id(),
        at_ms: 0,
    });
    let succession = succession(&universe, &genesis, vec![caretaker.id(), endorsement.id()]);
    let asked = Query::InForce(caretaker.id(), 1);
    let order = vec![
        VerifiedStatement::Delegation(caretaker),
        VerifiedStatement::Endorsement(endorsement),
        succession,
    ];
    agree(genesis, order, asked);
}
