//! Section 8: who may hold what.

use crate::case::{Read, Record, Scope, Statement};
use crate::held::Held;
use crate::names::{contains, lowest_common_ancestor};
use crate::path::{On, Question, Valid};
use crate::well_made::is_scope;

/// Correspondence: the compartments `path` and `addressed`.
const CORRESPONDENCE: On = On::Reader(16);

impl<'a> Held<'a> {
    /// The table of section 8; everything else is denied.
    pub(crate) fn may_hold(&self, read: &Read) -> bool {
        if !is_scope(&read.scope) {
            return false;
        }
        match &read.scope {
            Scope::Own(_, 0 | 1) if self.outside(read, On::Nobody, |_| true) => true,
            Scope::Own(unit, 0 | 1) => self.inside(read, unit, On::Nobody),
            Scope::Own(unit, 2) => {
                self.outside(read, CORRESPONDENCE, |of| contains(of, unit))
                    || self.inside(read, unit, CORRESPONDENCE)
            }
            Scope::Pair(a, 3, b) => {
                self.outside(read, CORRESPONDENCE, |of| carries(of, a, b))
                    || self.inside(read, a, CORRESPONDENCE)
                    || self.inside(read, b, CORRESPONDENCE)
            }
            Scope::Own(unit, compartment @ 4..=7) => {
                let bit = 1 << (compartment - 4);
                *unit == self.case.own.unit && self.inside(read, unit, On::Reader(bit))
            }
            _ => false,
        }
    }

    /// The kept delegations whose subject is the reader's key, each with its unit.
    fn memberships(&self, read: &Read) -> Vec<(&'a Statement, &'a str)> {
        self.kept()
            .filter_map(|statement| match &statement.record {
                Record::Delegation { unit, subject, .. } if *subject == read.key => {
                    Some((statement, unit.as_str()))
                }
                _ => None,
            })
            .collect()
    }

    /// Whether the key is a member outside of a unit that `unit` takes.
    fn outside(&self, read: &Read, on: On, unit: impl Fn(&str) -> bool) -> bool {
        self.memberships(read)
            .iter()
            .any(|(membership, of)| unit(of) && self.stands_outside(membership, now(read, on)))
    }

    /// Whether the key is a member inside of the unit: "in the sender's own lineage, if the unit
    /// is the sender's own; else in the lineage followed for it".
    fn inside(&self, read: &Read, unit: &str, on: On) -> bool {
        let own = &self.case.own;
        let here = if own.unit == unit { Some(own.lineage.as_str()) } else { self.followed(unit) };
        self.memberships(read).iter().any(|(membership, of)| {
            *of == unit
                && here.is_some()
                && self.lineage(membership) == here
                && self.stands_inside(membership, now(read, on))
        })
    }
}

/// "For readers, and only for them, valid (H5) means now ≤ not_after."
fn now(read: &Read, on: On) -> Question {
    Question { valid: Valid::Now(read.at), ..Question::at(read.at) }.on(on)
}

/// "X carries (A, B) if X contains A or B and the lowest common ancestor of A and B contains X";
/// "where there is none, A and B alone carry".
fn carries(x: &str, a: &str, b: &str) -> bool {
    match lowest_common_ancestor(a, b) {
        Some(ancestor) => (contains(x, a) || contains(x, b)) && contains(&ancestor, x),
        None => x == a || x == b,
    }
}
