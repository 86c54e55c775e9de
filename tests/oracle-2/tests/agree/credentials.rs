//! What a node shows of itself is enough for a peer that knows the genesis alone.

use node_authority::Authority;
use schema_wire::{Statement, VerifiedStatement};
use tests_oracle_2::Oracle;

use crate::ask::Query;
use crate::case::{Case, arrive};
use crate::report;
use crate::universe::Universe;
use crate::{SEED, asked};

const CASES: u64 = 20_000;

/// The oracle believes, by what is shown, every delegation that is in force by all there is.
#[test]
fn what_is_shown_is_enough() {
    let universe = Universe::new();
    let mut shown = 0;
    for number in 0..asked("GONGZHI_ORACLE_CASES").unwrap_or(CASES) {
        let case = Case::draw(&universe, SEED, number);
        let authority = arrive(&case.genesis, &case.one_order, &[]);
        for query in &case.queries {
            if let Some(enough) = believed(&authority, query) {
                assert!(enough, "{}", report::set(&universe, &reduced(&case, query), query));
                shown += 1;
            }
        }
    }
    println!("{shown} delegations were shown and believed");
}

/// Is a delegation that is in force believed by what is shown for it?
fn believed(authority: &Authority, query: &Query) -> Option<bool> {
    let Query::InForce(id, at_ms) = query else { return None };
    authority.in_force_at(id, *at_ms).ok()?;
    let shown = authority.credentials(id, *at_ms).into_iter();
    let shown: Vec<VerifiedStatement> = shown.map(Statement::trust_own_store).collect();
    Some(Oracle::new(authority.genesis().clone(), &shown).in_force_at(id, *at_ms))
}

fn reduced(case: &Case, query: &Query) -> Case {
    case.clone().without_what_is_not_needed(|fewer| {
        believed(&arrive(&fewer.genesis, &fewer.one_order, &[]), query) == Some(false)
    })
}
