//! Section 6, "Reports" and "Cards".

use std::cmp::Reverse;

use crate::case::{Record, Statement};
use crate::held::Held;
use crate::path::{Element, Question};

impl<'a> Held<'a> {
    /// "While a suspension whose `below` is that unit stands outside."
    pub(crate) fn is_suspended(&self, unit: &str) -> bool {
        self.kept().any(|statement| {
            matches!(&statement.record, Record::Suspension { below, at, .. }
                if below == unit && self.stands_outside(statement, Question::at(*at)))
        })
    }

    /// "While a dissolution whose `below` is that unit stands outside."
    pub(crate) fn is_dissolved(&self, unit: &str) -> bool {
        self.kept().any(|statement| {
            matches!(&statement.record, Record::Dissolution { below, at, .. }
                if below == unit && self.stands_outside(statement, Question::at(*at)))
        })
    }

    /// Of the lineage's cards that stand inside, the one whose path's generation comes last in
    /// the chain, of several the one with the greatest serial, of several the smallest id.
    pub(crate) fn present_card(&self, lineage: &'a str) -> Option<&'a Statement> {
        let chain = self.chain(lineage);
        self.kept()
            .filter(|card| self.lineage(card) == Some(lineage))
            .filter_map(|card| match &card.record {
                Record::Card { serial, at, .. } if self.stands_inside(card, Question::at(*at)) => {
                    Some((self.place_in_chain(card, &chain), *serial, Reverse(&card.id), card))
                }
                _ => None,
            })
            .max_by_key(|(place, serial, id, _)| (*place, *serial, *id))
            .map(|(.., card)| card)
    }

    fn place_in_chain(&self, card: &'a Statement, chain: &[&str]) -> Option<usize> {
        match self.inside_path(card)?.first()? {
            Element::Generation { id, .. } => chain.iter().position(|one| one == id),
            Element::Statement(_) => None,
        }
    }

    /// "The present card of a unit is that of the lineage followed for it."
    pub(crate) fn unit_card(&self, unit: &str) -> Option<String> {
        self.present_card(self.followed(unit)?).map(|card| card.id.clone())
    }
}
