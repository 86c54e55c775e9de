//! Persons who may be one human: found and listed. Nobody is made one but by an alias, which is
//! somebody's decision.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::PersonId;
use crate::kinds::alias::Aliases;
use crate::words::{Words, words};

/// What was opened of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who.
    pub person: PersonId,
    /// The digest of the document's number, under each pepper that counts.
    pub digests: Vec<String>,
    /// Every name that is said.
    pub names: Vec<String>,
    /// Every birth that is said.
    pub births: Vec<String>,
    /// Where they live.
    pub dwellings: Vec<String>,
}

/// Shows nothing that was opened.
impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seen({})", self.person)
    }
}

/// Why two persons may be one human; the strongest reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The same number of a document.
    Number,
    /// The same name and birth.
    NameAndBirth,
    /// The same name and dwelling.
    NameAndDwelling,
    /// The same name, where nothing else was said.
    Name,
}

impl Why {
    /// The reason in words.
    pub const fn words(self) -> Words {
        match self {
            Self::Number => words("证件号码相同", "the same document number"),
            Self::NameAndBirth => words("姓名和出生日期相同", "the same name and birth"),
            Self::NameAndDwelling => words("姓名和住处相同", "the same name and dwelling"),
            Self::Name => words("姓名相同", "the same name"),
        }
    }
}

/// Pairs of ids that may be one human's, each with the strongest reason. Those who are merged are
/// not listed; of many who share something each is listed beside the smallest id, so that the list
/// grows with the persons and not with their square.
pub fn possibly_same(seen: &[Seen], aliases: &Aliases) -> BTreeMap<(PersonId, PersonId), Why> {
    let mut shared: BTreeMap<(Why, &str, &str), BTreeSet<PersonId>> = BTreeMap::new();
    let mut note = |key, person| {
        shared.entry(key).or_default().insert(person);
    };
    for one in seen {
        let person = aliases.resolve(one.person);
        one.digests.iter().for_each(|digest| note((Why::Number, &**digest, ""), person));
        for name in &one.names {
            for birth in &one.births {
                note((Why::NameAndBirth, &**name, &**birth), person);
            }
            for dwelling in &one.dwellings {
                note((Why::NameAndDwelling, &**name, &**dwelling), person);
            }
        }
    }
    let mut pairs: BTreeMap<(PersonId, PersonId), Why> = BTreeMap::new();
    for ((why, _, _), persons) in shared {
        let mut persons = persons.into_iter();
        let Some(first) = persons.next() else { continue };
        for other in persons {
            let own = pairs.entry((first, other)).or_insert(why);
            *own = why.min(*own);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::{PersonId, Seen, Why, possibly_same};
    use crate::kinds::alias::{self, Alias, Aliases};
    use crate::record::AnyRecord;
    use crate::value::Value;

    fn seen(number: u8, digest: &str, name: &str, birth: &str, dwelling: &str) -> Seen {
        let some = |text: &str| {
            let text = Some(text.to_owned()).filter(|text| !text.is_empty());
            text.into_iter().collect::<Vec<_>>()
        };
        Seen {
            person: PersonId([number; 16]),
            digests: some(digest),
            names: some(name),
            births: some(birth),
            dwellings: some(dwelling),
        }
    }

    #[test]
    fn persons_who_share_what_identifies_are_listed_and_stay_two() {
        let all = [
            seen(1, "d", "甲", "1980", "x"),
            seen(2, "d", "甲", "1980", ""),
            seen(3, "", "乙", "1980", "x"),
            seen(4, "", "乙", "", "x"),
            seen(5, "", "", "1980", "x"),
            seen(6, "e", "甲", "1981", "y"),
        ];
        let id = |number| PersonId([number; 16]);
        let pairs = possibly_same(&all, &Aliases::default());
        let found: Vec<_> = pairs.into_iter().collect();
        assert_eq!(found, [((id(1), id(2)), Why::Number), ((id(3), id(4)), Why::NameAndDwelling)]);

        let mut merged = AnyRecord::new::<Alias>(&id(2).to_string());
        merged.put(alias::TO.spec.name, vec![Ok(Some(Value::Person(id(1))))]);
        let aliases = Aliases::of(merged.of());
        assert_eq!(possibly_same(&all, &aliases).len(), 1, "who was merged is not asked again");

        let mut undone = merged.clone();
        undone.put(alias::TO.spec.name, vec![Ok(None)]);
        assert_eq!(possibly_same(&all, &Aliases::of(undone.of())).len(), 2);
        let mut contested = merged;
        let values = [1, 3].map(|number| Ok(Some(Value::Person(id(number)))));
        contested.put(alias::TO.spec.name, values.to_vec());
        assert_eq!(possibly_same(&all, &Aliases::of(contested.of())).len(), 2, "not decided");
    }
}
