//! Events as facts (`schema/PROTOCOL.md`, 10.1 and 10.3): what a member of the unit can do to an
//! event that somebody else wrote, with changes of one or two operations and any past.
//!
//! A hash is its arguments here: an event's id is (author, value), so that nobody finds another
//! with the same id. Keys, deps and counters of a change are left out; a predecessor is named by
//! the place of its put.

use std::collections::BTreeSet;

/// The keys of the document: the event of an author with a value, or a record's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Event { author: u8, value: u8 },
    Field,
}

/// One operation: a value at a key, in place of an earlier put (envelope, operation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Put {
    pub key: Key,
    pub value: u8,
    pub instead: Option<(usize, usize)>,
}

/// A change with its envelope: what it was written upon, and the causes that its events claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub author: u8,
    pub past: BTreeSet<usize>,
    pub puts: Vec<Put>,
    pub causes: Vec<(u8, u8)>,
}

/// The rules, each of which a test takes away.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// "The key ends with the event's id."
    pub ids: bool,
    /// "At an event's key no operation has a predecessor."
    pub write_once: bool,
    /// "Each predecessor is an operation at the same key."
    pub same_key: bool,
    /// "Causes order nothing by themselves."
    pub past_orders: bool,
}

impl Rules {
    pub const TEXT: Self = Self { ids: true, write_once: true, same_key: true, past_orders: true };
}

/// A document: changes in an order in which each comes after its past.
#[derive(Debug, Clone, Default)]
pub struct Document(pub Vec<Change>);

impl Document {
    /// Section 10.1, the rules on keys and predecessors.
    pub fn admits(&self, change: &Change, rules: Rules) -> bool {
        change.puts.iter().all(|put| {
            let at_event = matches!(put.key, Key::Event { .. });
            let own = put.key == Key::Event { author: change.author, value: put.value };
            let named = put.instead.map(|at| (at.0, self.put(at)));
            let known = |(envelope, earlier): (usize, Option<&Put>)| {
                let same = |earlier: &Put| !rules.same_key || earlier.key == put.key;
                change.past.contains(&envelope) && earlier.is_some_and(same)
            };
            (!at_event || !rules.ids || own)
                && (!at_event || !rules.write_once || put.instead.is_none())
                && named.is_none_or(known)
        })
    }

    fn put(&self, (envelope, operation): (usize, usize)) -> Option<&Put> {
        self.0.get(envelope)?.puts.get(operation)
    }

    /// The values at a key: puts that no operation names as predecessor.
    pub fn values(&self, key: Key) -> BTreeSet<u8> {
        let named: BTreeSet<(usize, usize)> =
            self.0.iter().flat_map(|change| &change.puts).filter_map(|put| put.instead).collect();
        let puts = self.0.iter().enumerate().flat_map(|(envelope, change)| {
            change.puts.iter().enumerate().map(move |(operation, put)| ((envelope, operation), put))
        });
        puts.filter(|(at, put)| put.key == key && !named.contains(at))
            .map(|(_, put)| put.value)
            .collect()
    }

    /// The events as the fold takes them: again and again, of those before which every other was
    /// taken, the one with the smallest id. `None` if it cannot go on.
    pub fn fold(&self, rules: Rules) -> Option<Vec<(u8, u8)>> {
        let mut left: BTreeSet<((u8, u8), usize)> = BTreeSet::new();
        for (envelope, change) in self.0.iter().enumerate() {
            left.extend(change.puts.iter().filter_map(|put| match put.key {
                Key::Event { author, value } => Some(((author, value), envelope)),
                Key::Field => None,
            }));
        }
        let mut taken = Vec::new();
        while !left.is_empty() {
            let free = |(id, envelope): &&((u8, u8), usize)| {
                left.iter().all(|(other, theirs)| {
                    other == id
                        || match rules.past_orders {
                            true => !self.is_before(*theirs, *envelope),
                            false => !self.0[*envelope].causes.contains(other),
                        }
                })
            };
            let next = *left.iter().find(free)?;
            left.remove(&next);
            taken.push(next.0);
        }
        Some(taken)
    }

    fn is_before(&self, one: usize, other: usize) -> bool {
        self.0[other].past.iter().any(|past| *past == one || self.is_before(one, *past))
    }
}

/// Every change of one or two operations that a member can sign upon a document.
pub fn moves(document: &Document, member: u8) -> Vec<Change> {
    let keys: Vec<Key> = [0, member]
        .into_iter()
        .flat_map(|author| [1, 2].map(|value| Key::Event { author, value }))
        .chain([Key::Field])
        .collect();
    let places = document.0.iter().enumerate().flat_map(|(envelope, change)| {
        (0..change.puts.len()).map(move |operation| Some((envelope, operation)))
    });
    let instead: Vec<Option<(usize, usize)>> = places.chain([None]).collect();
    let mut puts = Vec::new();
    for key in keys {
        for value in [1, 2] {
            puts.extend(instead.iter().map(|instead| Put { key, value, instead: *instead }));
        }
    }
    let mut changes = Vec::new();
    for past in subsets(document.0.len()) {
        for (n, first) in puts.iter().enumerate() {
            let alone = vec![*first];
            let pairs = puts[n + 1..].iter().map(|second| vec![*first, *second]);
            for puts in pairs.chain([alone]) {
                for causes in [vec![], vec![(0, 1)], vec![(0, 2), (member, 1), (member, 2)]] {
                    changes.push(Change {
                        author: member,
                        past: past.clone(),
                        puts: puts.clone(),
                        causes,
                    });
                }
            }
        }
    }
    changes
}

fn subsets(of: usize) -> Vec<BTreeSet<usize>> {
    (0..1_usize << of).map(|bits| (0..of).filter(|n| bits >> n & 1 == 1).collect()).collect()
}
