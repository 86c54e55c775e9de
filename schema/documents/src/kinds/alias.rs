//! 身份合并: that two ids are one human's. The record is named by the id that is given up; it is
//! undone by saying no other id in it. Nobody is merged but by somebody's decision.

use std::collections::{BTreeMap, BTreeSet};

use super::declaring::*;
use crate::id::PersonId;
use crate::record::Record;

/// 身份合并
#[derive(Debug)]
pub enum Alias {}

fields! {
    /// The fields of an alias.
    FIELDS of Alias {
        /// The id that stands for both; none if the merge was undone.
        TO: PersonRef = Field::new("to", words("合并到", "merged into"), Typed);
        /// Why.
        REASON: Closed<Text> = Field::new("reason", words("理由", "reason"), Lines(200));
    }
}

impl Named for Alias {
    const NAME: &'static str = "alias";
}

impl Declared for Alias {
    type Stratum = Persons;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("身份合并", "alias"),
        home: class::PERSON,
        also: &[],
        published: None,
        shard: Shard::Hash(64),
        naming: Naming::Person,
        subject: Subject::Itself,
        stratum: Level::Persons,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}

/// Which id is given up, and for which. One with several values is nobody's decision yet.
pub fn decided(alias: Record<'_, Alias>) -> Option<(PersonId, PersonId)> {
    let settled = !alias.is_contested(&TO);
    Some((PersonId::parse(alias.name())?, alias.get(&TO).filter(|_| settled)?))
}

impl FromIterator<(PersonId, PersonId)> for Aliases {
    fn from_iter<I: IntoIterator<Item = (PersonId, PersonId)>>(decided: I) -> Self {
        Self(decided.into_iter().collect())
    }
}

/// Which id stands for which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<PersonId, PersonId>);

impl Aliases {
    /// Reads the aliases of a unit.
    pub fn of<'a>(records: impl IntoIterator<Item = Record<'a, Alias>>) -> Self {
        records.into_iter().filter_map(decided).collect()
    }

    /// The id that stands for this one. Where two offices merged in a circle, the smallest does.
    pub fn resolve(&self, person: PersonId) -> PersonId {
        let (mut at, mut seen) = (person, BTreeSet::new());
        while let Some(next) = self.0.get(&at) {
            if !seen.insert(at) {
                return self.circle(at);
            }
            at = *next;
        }
        at
    }

    fn circle(&self, within: PersonId) -> PersonId {
        let (mut at, mut least) = (within, within);
        while let Some(next) = self.0.get(&at).filter(|next| **next != within) {
            at = *next;
            least = least.min(at);
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use super::{Aliases, PersonId};

    #[test]
    fn the_last_of_a_chain_stands_for_all_and_the_least_of_a_circle() {
        let id = |number| PersonId([number; 16]);
        let of = |pairs: &[(u8, u8)]| {
            Aliases(pairs.iter().map(|(from, to)| (id(*from), id(*to))).collect())
        };
        let chain = of(&[(1, 2), (2, 3)]);
        for person in 1..=3 {
            assert_eq!(chain.resolve(id(person)), id(3));
        }
        assert_eq!(chain.resolve(id(9)), id(9));
        let circle = of(&[(5, 4), (4, 7), (7, 5), (1, 7)]);
        for person in [1, 4, 5, 7] {
            assert_eq!(circle.resolve(id(person)), id(4));
        }
        assert_eq!(of(&[(1, 1)]).resolve(id(1)), id(1));
    }
}
