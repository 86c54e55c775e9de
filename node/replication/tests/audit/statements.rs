//! Statements: what they make a node hold, and the order in which they enter its feed.

use node_authority::{Authority, Outcome, Pins};
use node_replication::log::{Offered, Step, feed, item};
use schema_wire::{Item, Keeps, Scope, Verbs, Wire};

use crate::node::ELSEWHERE;
use crate::town::{Voice, charter, genesis, town, unit};

/// Finding 2. Section 11: statements of one issuer that are set aside, 1,024; beyond, passed over.
/// Any member may issue addresses, a removed one too, and all but the newest are set aside.
#[test]
fn statements_that_are_set_aside_have_a_quota() {
    let (mut node, op) = town();
    let grant = op.grants("tablet", Verbs::WRITE, 1);
    let tablet = Voice::new("c", grant.id(), "tablet");
    node.learn(&[grant]);
    let scope = Scope::statements(unit("c"));
    for at in 0..1_300 {
        let statement = Box::new(tablet.address(at).into_statement());
        let bytes = Item::Statement(statement).to_bytes();
        let offered = node.offer(&scope, &bytes, &Default::default());
        assert!(matches!(offered, Offered::Taken | Offered::PassedOver), "{offered:?}");
    }
    let kept = node.log.authority().kept().count();
    assert!(kept <= 1_024 + 8, "{kept} statements are kept");
}

/// Finding 7. A step that is dropped leaves nothing behind: what it learned is not known.
#[test]
fn a_statement_of_a_step_that_was_dropped_is_not_known() {
    let (mut node, op) = town();
    let grant = op.grants("writer", Verbs::WRITE, 1);
    let mut step = Step::new(&node.store);
    let learned = node.log.learn(&mut step, grant.clone(), ELSEWHERE);
    assert_eq!(learned, Ok(Offered::Taken));
    drop(step);
    node.learn(&[grant.clone()]);
    let here = item(&node.store, &grant.id()).expect("in memory");
    assert!(here.is_some(), "the authority knows what the store does not hold");
}

/// Finding 8. Section 9.3: a feed is in causal order. Statements that come into the set together
/// take their positions by id.
#[test]
fn statements_that_enter_together_enter_in_causal_order() {
    let (mut node, op) = town();
    let deputy = op.grants("deputy", Verbs::GOVERN, 1);
    let voice = Voice::new("c", deputy.id(), "deputy");
    let clerks: Vec<_> = (0..8).map(|serial| voice.grants("clerk", Verbs::WRITE, serial)).collect();
    // The grants of the deputy come before its own: they wait, and enter with it or after it. Then
    // a withdrawal sets them aside, and a rotation that forgets it brings all of them back.
    node.learn(&[deputy.clone()]);
    node.learn(&clerks);
    let gone = op.withdraws(deputy.id(), Keeps::default(), 20);
    node.learn(&[gone]);
    let keeps = Keeps::of([deputy.id()]).expect("one");
    let rotation = crate::town::rotation(&op, "op2", keeps);
    node.learn(&[rotation]);
    let scope = Scope::statements(unit("c"));
    let feed = feed(&node.store, &scope, 0, usize::MAX >> 1).expect("in memory");
    let place = |id| feed.iter().find(|(_, other)| *other == id).map(|(position, _)| *position);
    let first = place(deputy.id()).expect("in the set");
    for clerk in &clerks {
        assert!(place(clerk.id()).expect("in the set") > first, "a grant before its proof");
    }
}

fn authority() -> (Authority, Voice) {
    let charter = charter("c", "op");
    let mut authority = Authority::new(&genesis(), Pins::of(unit("c"), charter.id()));
    let root = Voice::new("c", genesis().network().as_hash(), "root");
    let founding = root.founds("c", charter.id(), (0, 1 << 40));
    for statement in [&founding, &charter] {
        assert!(matches!(authority.insert(statement), Outcome::Kept(_)));
    }
    (authority, Voice::new("c", charter.id(), "op"))
}

fn insert(authority: &mut Authority, statement: &schema_wire::VerifiedStatement) -> f64 {
    let before = std::time::Instant::now();
    assert!(matches!(authority.insert(statement), Outcome::Kept(_)));
    before.elapsed().as_secs_f64() * 1e3
}

/// Milliseconds of the last of so many, and of all of them.
type Cost = (f64, f64);

fn cost(
    authority: &mut Authority,
    statements: impl IntoIterator<Item = schema_wire::VerifiedStatement>,
) -> Cost {
    let statements: Vec<_> = statements.into_iter().collect();
    let each = statements.iter().map(|one| insert(authority, one)).collect::<Vec<_>>();
    (each[each.len().saturating_sub(8)..].iter().sum::<f64>() / 8.0, each.iter().sum())
}

fn shown(what: &str, costs: &[(u64, Cost)]) {
    for (count, (last, all)) in costs {
        println!("{what}: {count}: the last took {last:.3} ms, all {all:.0} ms");
    }
}

/// Twice as many must not cost each of them twice as much.
fn assert_flat(costs: &[(u64, Cost)]) {
    let ratio = costs[1].1.0 / costs[0].1.0.max(0.002);
    assert!(ratio < 1.5, "the last costs {ratio:.1} times as much");
}

/// Finding 2. All addresses of a grant are looked at for each new one.
#[test]
fn an_address_costs_the_same_however_many_came_before() {
    let costs = [1_000, 2_000].map(|count| {
        let (mut authority, op) = authority();
        let grant = op.grants("tablet", Verbs::WRITE, 1);
        insert(&mut authority, &grant);
        let tablet = Voice::new("c", grant.id(), "tablet");
        (count, cost(&mut authority, (0..count).map(|at| tablet.address(at))))
    });
    shown("addresses", &costs);
    assert_flat(&costs);
}

/// Finding 4. All endings of a statement, with all that they keep, are read for each new one.
#[test]
fn an_ending_costs_the_same_however_many_came_before() {
    let ids = (0..4_096_u64).map(|n| schema_wire::Hash::of(&[&n.to_be_bytes()]));
    let keeps = Keeps::of(ids).expect("as many as may be");
    let costs = [50, 100].map(|count| {
        let (mut authority, op) = authority();
        let grant = op.grants("tablet", Verbs::WRITE, 1);
        insert(&mut authority, &grant);
        let ending = |at| op.withdraws(grant.id(), keeps.clone(), at);
        (count, cost(&mut authority, (0..count).map(ending)))
    });
    shown("endings", &costs);
    assert_flat(&costs);
}

/// Finding 3. All foundings of a unit are joined anew for each new one, and each join sorts all
/// terms.
#[test]
fn a_founding_costs_the_same_however_many_came_before() {
    let costs = [100, 200].map(|count| {
        let (mut authority, op) = authority();
        let below = charter("c/d", "below");
        let founding = |n: u64| op.founds("c/d", below.id(), (10 * n, 10 * n + 1));
        (count, cost(&mut authority, (0..count).map(founding)))
    });
    shown("foundings", &costs);
    assert_flat(&costs);
}

/// Finding 3. Each statement of the unit below holds a copy of all terms: a grant below costs the
/// same however often the unit was founded.
#[test]
fn a_grant_costs_the_same_however_often_its_unit_was_founded() {
    let costs = [100, 200].map(|count| {
        let (mut authority, op) = authority();
        let below = charter("c/d", "below");
        for n in 0..count {
            insert(&mut authority, &op.founds("c/d", below.id(), (10 * n, 10 * n + 1)));
        }
        insert(&mut authority, &below);
        let voice = Voice::new("c/d", below.id(), "below");
        let grant = |serial| voice.grants("clerk", Verbs::WRITE, serial);
        (count, cost(&mut authority, (0..200).map(grant)))
    });
    shown("grants below", &costs);
    assert_flat(&costs);
}

/// Finding 5. What a stranger's first frame costs: it names a unit, and everything kept of that
/// unit and of those above is judged again.
#[test]
fn a_stranger_costs_the_same_however_much_is_kept() {
    let costs = [1_000, 2_000].map(|count| {
        let (mut authority, op) = authority();
        for serial in 0..count {
            insert(&mut authority, &op.grants("clerk", Verbs::WRITE, serial));
        }
        let before = std::time::Instant::now();
        let excerpt = authority.excerpt(&unit("c"));
        let took = before.elapsed().as_secs_f64() * 1e3;
        assert!(excerpt.kept().count() as u64 > count);
        (count, (took, took))
    });
    shown("a stranger", &costs);
    assert_flat(&costs);
}
