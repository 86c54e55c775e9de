//! What a node shows to prove who it is: its delegation, and all that makes it hold.

use schema_wire::limits::HELLO_STATEMENTS_MAX;
use schema_wire::{Delegation, Hash, Statement, Verified};

use crate::route::{Demand, Search};
use crate::{Authority, Refusal};

impl Authority {
    /// The delegations this one rests on, itself first: a route that holds at this time, or why
    /// there is none.
    pub fn route(&self, leaf: &Hash, at_ms: u64) -> Result<Vec<&Verified<Delegation>>, Refusal> {
        let leaf = self.known(leaf)?;
        let demand = Demand { at_ms: Some(at_ms), ..Demand::default() };
        Search::new(self, demand).route(leaf)
    }

    /// The delegations named as proof, one after the other, whether they hold or not.
    pub fn named_route(&self, leaf: &Hash) -> Vec<&Verified<Delegation>> {
        let mut links: Vec<&Verified<Delegation>> = self.delegation(leaf).into_iter().collect();
        // What is kept names only what was kept before it: this ends.
        while let Some(above) = links.last().and_then(|link| link.value().proof) {
            match self.delegation(&above) {
                Some(link) => links.push(link),
                None => break,
            }
        }
        links
    }

    /// Everything a peer that knows the genesis alone needs to believe a delegation: the
    /// delegation first, the rest in no order that matters.
    pub fn credentials(&self, leaf: &Hash, at_ms: u64) -> Vec<Statement> {
        let mut shown = Vec::new();
        self.show(&mut shown, leaf, at_ms);
        for succession in self.lineage().iter().rev() {
            self.show_endorsements(&mut shown, succession, at_ms);
            if let Some(succession) = self.successions.get(succession) {
                push(&mut shown, Statement::Succession(succession.as_signed().clone()));
            }
        }
        shown.truncate(HELLO_STATEMENTS_MAX);
        shown
    }

    fn show(&self, shown: &mut Vec<Statement>, leaf: &Hash, at_ms: u64) {
        let route = self.route(leaf, at_ms).unwrap_or_else(|_| self.named_route(leaf));
        // The route that holds may differ from the one named; a peer must find both.
        for link in route.into_iter().chain(self.named_route(leaf)) {
            push(shown, Statement::Delegation(link.as_signed().clone()));
            self.show_endorsements(shown, &link.id(), at_ms);
        }
    }

    fn show_endorsements(&self, shown: &mut Vec<Statement>, of: &Hash, at_ms: u64) {
        for endorsement in self.endorsements_of(of) {
            let fresh = push(shown, Statement::Endorsement(endorsement.as_signed().clone()));
            if let Some(proof) = endorsement.value().proof.filter(|_| fresh) {
                self.show(shown, &proof, at_ms);
            }
        }
    }
}

/// Adds a statement once; says whether it is new.
fn push(shown: &mut Vec<Statement>, statement: Statement) -> bool {
    let fresh = shown.iter().all(|other| other.id() != statement.id());
    if fresh {
        shown.push(statement);
    }
    fresh
}
