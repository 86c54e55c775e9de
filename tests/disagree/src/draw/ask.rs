//! What a case asks, and in which orders its items come.

use tests_oracle::case::{Read, Scope};

use super::logs::scope_of;
use super::world::{NOON, World};

impl World {
    /// Times, units, readers and orders; and the statements leave the order in which they were drawn.
    pub(crate) fn ask(&mut self) {
        self.chance.shuffle(&mut self.case.statements);
        self.chance.shuffle(&mut self.case.envelopes);
        let mut times = vec![NOON];
        for _ in 0..self.chance.between(1, 2) {
            times.push(self.when());
        }
        times.sort_unstable();
        times.dedup();
        self.case.times = times;
        self.case.units = self.units.clone();
        if self.chance.percent(10) {
            self.case.units.push("c/z".to_owned());
        }
        let reads: Vec<Read> = (0..self.chance.between(3, 7)).map(|_| self.read()).collect();
        self.case.reads = reads;
        let count = self.case.statements.len() + self.case.envelopes.len();
        for _ in 0..self.chance.between(2, 3) {
            let mut order: Vec<usize> = (0..count).collect();
            match self.chance.below(6) {
                0 => order.reverse(),
                1 => {}
                _ => self.chance.shuffle(&mut order),
            }
            self.case.orders.push(order);
        }
    }

    fn read(&mut self) -> Read {
        let members: Vec<(String, String)> =
            self.grants.iter().map(|grant| (grant.subject.clone(), grant.unit.clone())).collect();
        let drawn = self.chance.any(&members).cloned();
        let (key, mut unit) =
            drawn.unwrap_or_else(|| ("ka".to_owned(), self.case.own.unit.clone()));
        let key = if self.chance.percent(92) { key } else { self.key() };
        if self.chance.percent(55) {
            unit = self.chance.pick(&self.units).clone();
        }
        let written: Vec<Scope> =
            self.case.envelopes.iter().map(|made| scope_of(&made.document)).collect();
        let scope = match self.chance.any(&written).cloned() {
            Some(scope) if self.chance.percent(15) => scope,
            _ => self.scope(unit),
        };
        let at = if self.chance.percent(50) { NOON } else { self.read_time(&key) };
        Read { key, at, scope }
    }

    /// A boundary of a delegation of this key, or any time.
    fn read_time(&mut self, key: &str) -> u64 {
        let of: Vec<_> = self
            .grants
            .iter()
            .filter(|grant| grant.subject == key)
            .map(|grant| grant.window)
            .collect();
        match self.chance.any(&of).copied() {
            Some(window) if self.chance.percent(70) => self.bound_of(window),
            _ => self.when(),
        }
    }

    fn scope(&mut self, unit: String) -> Scope {
        let compartment =
            self.chance.weighted(&[(2, 0), (2, 1), (3, 2), (5, 3), (2, 4), (2, 5), (1, 6), (1, 7)]);
        if compartment != 3 {
            return Scope::Own(unit, compartment);
        }
        let mut others = self.units.clone();
        others.extend(["c/e/t", "x/y"].map(ToOwned::to_owned));
        others.retain(|other| *other != unit);
        let other = self.chance.pick(&others).clone();
        if unit < other { Scope::Pair(unit, 3, other) } else { Scope::Pair(other, 3, unit) }
    }
}
