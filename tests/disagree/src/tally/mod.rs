//! What was reached: a drawer that never gets there proves nothing.
//!
//! Situations are told by a case and one judge's answer to it. They are no second judge: where they
//! look at a rule, they look at its plainest form, and count less rather than more.

mod chains;
mod endings;
mod envelopes;
mod facts;
mod floors;
mod rest;
mod units;

use std::collections::BTreeMap;
use std::fmt;

use tests_oracle::case::Answer;

use crate::draw::Drawn;
use facts::Facts;

/// How often each situation was reached.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    counts: BTreeMap<String, u64>,
    cases: u64,
}

impl Tally {
    /// Counts a case and its answer in the first order.
    pub fn note(&mut self, drawn: &Drawn, answer: &Answer) {
        self.cases += 1;
        for theme in &drawn.themes {
            self.add(&format!("theme: {theme}"));
        }
        let facts = Facts::new(&drawn.case, answer);
        chains::note(self, &facts);
        endings::note(self, &facts);
        envelopes::note(self, &facts);
        units::note(self, &facts);
        rest::note(self, &facts);
    }

    /// Counts one situation.
    pub(crate) fn add(&mut self, situation: &str) {
        match self.counts.get_mut(situation) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(situation.to_owned(), 1)),
        }
    }

    /// Counts one situation, if it is there.
    pub(crate) fn add_if(&mut self, there: bool, situation: &str) {
        if there {
            self.add(situation);
        }
    }

    /// Adds another tally to this one.
    pub fn join(&mut self, other: &Self) {
        self.cases += other.cases;
        for (situation, count) in &other.counts {
            *self.counts.entry(situation.clone()).or_insert(0) += count;
        }
    }

    /// How often a situation was reached.
    pub fn count(&self, situation: &str) -> u64 {
        self.counts.get(situation).copied().unwrap_or(0)
    }

    /// Situations that were reached less often than they must be in so many cases.
    pub fn missed(&self) -> Vec<String> {
        let least = |floor: u64| floor * self.cases / floors::PER;
        let themes = crate::draw::themes();
        let themes = themes.iter().map(|theme| (format!("theme: {theme}"), floors::THEME));
        let rest =
            floors::FLOORS.iter().map(|(situation, floor)| ((*situation).to_owned(), *floor));
        let all = themes.chain(rest);
        all.filter(|(situation, floor)| self.count(situation) < least(*floor).max(1))
            .map(|(situation, floor)| {
                format!("{situation}: {} of {}", self.count(&situation), least(floor).max(1))
            })
            .collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} cases", self.cases)?;
        for (situation, count) in &self.counts {
            writeln!(out, "{count:>9}  {situation}")?;
        }
        Ok(())
    }
}
