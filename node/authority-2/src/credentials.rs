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
            self.show_endorsements(&mut shown, succession);
            if let Some(succession) = self.successions.get(succession) {
                push(&mut shown, Statement::Succession(succession.as_signed().clone()));
            }
        }
        shown.truncate(HELLO_STATEMENTS_MAX);
        shown
    }

    fn show(&self, shown: &mut Vec<Statement>, leaf: &Hash, at_ms: u64) {
        let route = self.route(leaf, at_ms).unwrap_or_default();
        // The route that holds may differ from those named: a peer keeps a statement only once
        // it knows what that names, and believes it only by a route that holds.
        let named = std::iter::once(*leaf).chain(route.iter().map(|link| link.id()));
        let named: Vec<_> = named.flat_map(|link| self.named_route(&link)).collect();
        for link in named {
            let fresh = push(shown, Statement::Delegation(link.as_signed().clone()));
            if fresh {
                self.show_endorsements(shown, &link.id());
            }
        }
    }

    fn show_endorsements(&self, shown: &mut Vec<Statement>, of: &Hash) {
        for endorsement in self.endorsements_of(of) {
            let value = endorsement.value();
            let fresh = push(shown, Statement::Endorsement(endorsement.as_signed().clone()));
            if fresh && value.proof.is_some() {
                let endorser = (value.issuer, value.issuer_unit.clone());
                let grants = self.by_subject.get(&endorser).into_iter().flatten();
                grants.for_each(|grant| self.show(shown, grant, value.at_ms));
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
