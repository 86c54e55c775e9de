//! A record with everything opened that this node can open.

use std::fmt;

use schema_documents::{Field, Unreadable};

/// One value of a field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stated {
    /// That there is none.
    Nothing,
    /// The text that says it: of what was sealed, the one within.
    Text(String),
    /// Sealed, and this node has no key of it.
    Closed,
    /// It does not read.
    Unreadable(Unreadable),
}

/// Shows no text: it may name a person.
impl fmt::Debug for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Closed => f.write_str("Closed"),
            Self::Unreadable(why) => write!(f, "Unreadable({why:?})"),
        }
    }
}

/// A record: by the name of the field in the key, its concurrent values, the preferred one last.
#[derive(Clone, PartialEq, Eq)]
pub struct Plain {
    /// What it is.
    pub kind: &'static str,
    /// Which one.
    pub name: String,
    /// What it says.
    pub fields: Fields,
}

/// Fields by their names in keys, ascending. A record has few, and a map of its own for each of
/// ten thousand records would weigh several times what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Box<str>, Vec<Stated>)>);

impl Fields {
    fn at(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| (**own).cmp(name))
    }

    /// The values at a name.
    pub fn get(&self, name: &str) -> Option<&[Stated]> {
        let at = self.at(name).ok()?;
        self.0.get(at).map(|(_, values)| values.as_slice())
    }

    /// Puts the values at a name instead of those that were there.
    pub fn put(&mut self, name: &str, mut values: Vec<Stated>) {
        values.shrink_to_fit();
        match self.at(name) {
            Ok(at) => self.0[at].1 = values,
            Err(at) => self.0.insert(at, (name.into(), values)),
        }
    }

    /// Each name with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Stated])> {
        self.0.iter().map(|(name, values)| (&**name, values.as_slice()))
    }

    pub(crate) fn keep(&mut self, keeps: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keeps(name));
        self.0.shrink_to_fit();
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plain({}/{})", self.kind, self.name)
    }
}

impl Plain {
    /// What the preferred value says. What does not read hides no other value.
    pub fn text<K, T>(&self, field: &Field<K, T>) -> Option<&str> {
        self.preferred(field.spec.name)
    }

    /// All that a field says.
    pub fn texts<K, T>(&self, field: &Field<K, T>) -> impl Iterator<Item = &str> {
        texts(self.values(field.spec.name))
    }

    /// The entries of a list, in order.
    pub fn list<K, T>(&self, field: &Field<K, T>) -> Vec<&str> {
        self.entries(field.spec.name)
    }

    /// The values at the name in a key.
    pub fn values(&self, name: &str) -> &[Stated] {
        self.fields.get(name).unwrap_or_default()
    }

    pub(crate) fn preferred(&self, name: &str) -> Option<&str> {
        let readable = |stated: &&Stated| matches!(stated, Stated::Nothing | Stated::Text(_));
        match self.values(name).iter().rfind(readable)? {
            Stated::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn entries(&self, list: &str) -> Vec<&str> {
        let number = |name: &str| {
            let (field, number) = name.split_once('.')?;
            (field == list).then(|| number.parse::<usize>().ok())?
        };
        let names = self.fields.iter().filter_map(|(name, _)| Some((number(name)?, name)));
        let mut names: Vec<(usize, &str)> = names.collect();
        names.sort_unstable();
        names.into_iter().filter_map(|(_, name)| self.preferred(name)).collect()
    }

    /// Is something sealed in it of which this node has no key?
    pub fn is_closed(&self) -> bool {
        self.fields.iter().flat_map(|(_, values)| values).any(|stated| *stated == Stated::Closed)
    }
}

pub(crate) fn texts(values: &[Stated]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(|stated| match stated {
        Stated::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// Where each value of a field stands that nothing behind it repeats: the preferred one stays last.
pub fn each_once(values: &[Stated]) -> impl Iterator<Item = usize> {
    (0..values.len()).filter(|at| !values[at + 1..].contains(&values[*at]))
}
