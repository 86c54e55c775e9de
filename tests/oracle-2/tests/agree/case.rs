//! One random set, two orders of its arrival, and what the judges make of it.

use node_authority::Authority;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use schema_wire::{Genesis, VerifiedStatement};
use tests_oracle_2::Oracle;

use crate::ask::{Answer, Query, ask_authority, ask_oracle, questions};
use crate::draw::Draw;
use crate::universe::Universe;

/// A set in two orders, and what is asked of it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) genesis: Genesis,
    pub(crate) one_order: Vec<VerifiedStatement>,
    pub(crate) other_order: Vec<VerifiedStatement>,
    pub(crate) queries: Vec<Query>,
}

/// The judges of a case: one in two states of mind, and the other.
pub(crate) struct Judges {
    pub(crate) one: Authority,
    pub(crate) other: Authority,
    pub(crate) oracle: Oracle,
}

/// A question that was answered differently.
pub(crate) struct Disagreement {
    pub(crate) query: Query,
    pub(crate) one: Answer,
    pub(crate) other: Answer,
    pub(crate) oracle: Answer,
}

impl Case {
    /// The case of a number, whatever was drawn before it.
    pub(crate) fn draw(universe: &Universe, seed: u64, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        let mut draw = Draw::new(&mut rng, universe);
        draw.fill();
        let queries = questions(&mut draw);
        let Draw { genesis, said: mut one_order, rng, .. } = draw;
        one_order.shuffle(rng);
        let mut other_order = one_order.clone();
        other_order.shuffle(rng);
        Self { genesis, one_order, other_order, queries }
    }

    pub(crate) fn judges(&self) -> Judges {
        Judges {
            one: arrive(&self.genesis, &self.one_order, &[]),
            // Asked on the way, so that an answer remembered too long would be found.
            other: arrive(&self.genesis, &self.other_order, &self.queries),
            oracle: Oracle::new(self.genesis.clone(), &self.one_order),
        }
    }

    /// The first question the judges disagree on.
    pub(crate) fn disagreement(&self) -> Option<Disagreement> {
        let judges = self.judges();
        self.queries.iter().find_map(|query| judges.disagree(query))
    }

    /// The case with one question, as small as the disagreement survives.
    pub(crate) fn reduced(&self, about: &Query) -> Self {
        let case = Self { queries: vec![about.clone()], ..self.clone() };
        case.without_what_is_not_needed(|fewer| fewer.disagreement().is_some())
    }

    /// The case without every statement that the fault survives.
    pub(crate) fn without_what_is_not_needed(mut self, faulty: impl Fn(&Self) -> bool) -> Self {
        let mut dropped = true;
        while dropped {
            dropped = false;
            for statement in self.one_order.clone() {
                let mut fewer = self.clone();
                fewer.one_order.retain(|it| it.id() != statement.id());
                fewer.other_order.retain(|it| it.id() != statement.id());
                if faulty(&fewer) {
                    self = fewer;
                    dropped = true;
                }
            }
        }
        self
    }
}

impl Judges {
    pub(crate) fn disagree(&self, query: &Query) -> Option<Disagreement> {
        let one = ask_authority(&self.one, query);
        let other = ask_authority(&self.other, query);
        let oracle = ask_oracle(&self.oracle, query);
        let differ = one != other || !one.agrees(&oracle);
        differ.then(|| Disagreement { query: query.clone(), one, other, oracle })
    }
}

/// Takes statements as they arrive: what names something unknown waits and is tried again, what
/// is refused for good is dropped.
pub(crate) fn arrive(
    genesis: &Genesis,
    order: &[VerifiedStatement],
    asking: &[Query],
) -> Authority {
    let mut authority = Authority::new(genesis.clone());
    let mut waiting: Vec<&VerifiedStatement> = Vec::new();
    for (number, statement) in order.iter().enumerate() {
        waiting.push(statement);
        while let Some(next) = waiting.iter().position(|it| admitted(&authority, it)) {
            authority.insert(waiting.remove(next).clone());
        }
        waiting.retain(|it| may_come_yet(&authority, it));
        if let Some(query) = asking.get(number * 7 % asking.len().max(1)) {
            ask_authority(&authority, query);
        }
    }
    authority
}

fn admitted(authority: &Authority, statement: &VerifiedStatement) -> bool {
    authority.admissible(&statement.to_statement()).is_ok()
}

fn may_come_yet(authority: &Authority, statement: &VerifiedStatement) -> bool {
    authority.admissible(&statement.to_statement()).is_err_and(|refusal| refusal.may_pass())
}
