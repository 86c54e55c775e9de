//! What a node shows of itself is enough for a peer that knows the genesis alone.

use schema_wire::VerifiedStatement;
use tests_oracle::Oracle;

use crate::SEED;
use crate::ask::Query;
use crate::case::Case;
use crate::report;
use crate::universe::Universe;

const CASES: u64 = 10_000;

/// The oracle believes, by what is shown, every delegation that is in force by all there is.
#[test]
fn what_is_shown_is_enough() {
    let universe = Universe::new();
    let mut shown = 0;
    for number in 0..CASES {
        let case = Case::draw(&universe, SEED, number);
        for query in &case.queries {
            if let Some(enough) = believed(&case, query) {
                assert!(enough, "{}", report::set(&universe, &reduced(&case, query), query));
                shown += 1;
            }
        }
    }
    assert!(shown > CASES, "only {shown} delegations were shown");
}

/// Is a delegation that is in force believed by what is shown for it?
fn believed(case: &Case, query: &Query) -> Option<bool> {
    let Query::InForce(id, at_ms) = query else { return None };
    let authority = case.judges().one;
    authority.in_force_at(id, *at_ms).ok()?;
    let shown = authority.credentials(id, *at_ms).into_iter();
    let shown: Vec<VerifiedStatement> = shown.map(|it| it.trust_own_store()).collect();
    Some(Oracle::new(case.genesis.clone(), &shown).in_force_at(id, *at_ms))
}

fn reduced(case: &Case, query: &Query) -> Case {
    case.clone().without_what_is_not_needed(|fewer| believed(fewer, query) == Some(false))
}
