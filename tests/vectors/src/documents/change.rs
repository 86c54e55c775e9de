//! Changes as section 10.1 writes them, and the envelopes that carry them.

use crate::envelopes::{Envelope, Header, Pen};
use crate::ids::actor_of;
use crate::keys::{Hash, ascending, sha256};

pub(crate) type Actor = [u8; 16];

/// What is put at a key; `Other` is a type that no change may put, and its bytes.
#[derive(Clone, Debug)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    Other(u64, Vec<u8>),
}

pub(crate) fn text(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

/// The id of an operation.
pub(crate) type Id = (u64, Actor);

/// An operation: it puts a value at a key, in the place of others.
#[derive(Clone, Debug)]
pub(crate) struct Put {
    pub(crate) key: String,
    pub(crate) value: Scalar,
    pub(crate) instead: Vec<Id>,
}

pub(crate) fn put(key: &str, value: Scalar, instead: &[Id]) -> Put {
    Put { key: key.into(), value, instead: ascending(instead.iter().copied()) }
}

/// A change before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) deps: Vec<Hash>,
    pub(crate) actor: Actor,
    pub(crate) seq: u64,
    pub(crate) start: u64,
    pub(crate) others: Vec<Actor>,
    pub(crate) puts: Vec<Put>,
}

pub(crate) fn uleb(mut number: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

pub(crate) fn sleb(mut number: i64) -> Vec<u8> {
    let mut bytes = vec![];
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        let ends = (number == 0 && low & 0x40 == 0) || (number == -1 && low & 0x40 != 0);
        bytes.push(if ends { low } else { low | 0x80 });
        if ends {
            return bytes;
        }
    }
}

fn count(of: usize) -> Vec<u8> {
    uleb(of as u64)
}

/// Run lengths of values that are written already.
pub(crate) fn runs(values: &[Vec<u8>]) -> Vec<u8> {
    let (mut bytes, mut single): (Vec<u8>, Vec<&[u8]>) = (vec![], vec![]);
    let flush = |single: &mut Vec<&[u8]>, bytes: &mut Vec<u8>| {
        if !single.is_empty() {
            bytes.extend(sleb(-(single.len() as i64)));
            bytes.extend(single.concat());
            single.clear();
        }
    };
    for run in values.chunk_by(|one, other| one == other) {
        if run.len() == 1 {
            single.push(&run[0]);
            continue;
        }
        flush(&mut single, &mut bytes);
        bytes.extend(sleb(run.len() as i64));
        bytes.extend(&run[0]);
    }
    flush(&mut single, &mut bytes);
    bytes
}

impl Scalar {
    /// Its type and its bytes.
    pub(crate) fn raw(&self) -> (u64, Vec<u8>) {
        match self {
            Self::Null => (0, vec![]),
            Self::Bool(value) => (1 + u64::from(*value), vec![]),
            Self::Integer(value) => (4, sleb(*value)),
            Self::Text(value) => (6, value.clone().into_bytes()),
            Self::Bytes(value) => (7, value.clone()),
            Self::Other(of, bytes) => (*of, bytes.clone()),
        }
    }
}

/// A column: its number and its bytes.
pub(crate) type Column = (u64, Vec<u8>);

impl Change {
    pub(crate) fn columns(&self) -> Vec<Column> {
        let puts = &self.puts;
        let each = |of: &dyn Fn(&Put) -> Vec<u8>| puts.iter().map(of).collect::<Vec<_>>();
        let keys = each(&|put| [count(put.key.len()), put.key.clone().into_bytes()].concat());
        let types = each(&|put| {
            let (of, bytes) = put.value.raw();
            uleb(of + 16 * bytes.len() as u64)
        });
        let index = |actor: &Actor| {
            let other = self.others.iter().position(|other| other == actor);
            count(other.map_or(0, |at| at + 1))
        };
        let instead = puts.iter().flat_map(|put| &put.instead);
        let actors: Vec<Vec<u8>> = instead.clone().map(|id| index(&id.1)).collect();
        let mut before = 0;
        let steps: Vec<Vec<u8>> = instead
            .map(|(counter, _)| {
                let step = *counter as i64 - before;
                before = *counter as i64;
                sleb(step)
            })
            .collect();
        let columns = vec![
            (21, runs(&keys)),
            (52, if puts.is_empty() { vec![] } else { count(puts.len()) }),
            (66, runs(&each(&|_| uleb(1)))),
            (86, runs(&types)),
            (87, each(&|put| put.value.raw().1).concat()),
            (112, runs(&each(&|put| count(put.instead.len())))),
            (113, runs(&actors)),
            (115, runs(&steps)),
        ];
        columns.into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect()
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        self.body_with(&[0, 0], &self.columns())
    }

    /// The body with other bytes for its time and message, or other columns.
    pub(crate) fn body_with(&self, time_and_message: &[u8], columns: &[Column]) -> Vec<u8> {
        let actor = |actor: &Actor| [&uleb(16)[..], actor].concat();
        let others: Vec<u8> = self.others.iter().flat_map(actor).collect();
        let heads = columns.iter().map(|(of, bytes)| [uleb(*of), count(bytes.len())].concat());
        [
            count(self.deps.len()),
            self.deps.concat(),
            actor(&self.actor),
            uleb(self.seq),
            uleb(self.start),
            time_and_message.to_vec(),
            count(self.others.len()),
            others,
            count(columns.len()),
            heads.collect::<Vec<_>>().concat(),
            columns.iter().flat_map(|column| column.1.clone()).collect(),
        ]
        .concat()
    }

    /// The change with its columns changed.
    pub(crate) fn with_columns(&self, change: impl Fn(&mut Vec<Column>)) -> Vec<u8> {
        let mut columns = self.columns();
        change(&mut columns);
        chunk(&self.body_with(&[0, 0], &columns))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        chunk(&self.body())
    }

    pub(crate) fn hash(&self) -> Hash {
        let body = self.body();
        sha256(&[&[1], &count(body.len()), &body])
    }

    fn greatest(&self) -> u64 {
        (self.start + self.puts.len() as u64).saturating_sub(1)
    }
}

/// A chunk of the type of changes around a body.
pub(crate) fn chunk(body: &[u8]) -> Vec<u8> {
    let inner = [&[1], &count(body.len())[..], body].concat();
    let sum = sha256(&[&inner]);
    [&[0x85, 0x6f, 0x4a, 0x83], &sum[..4], &inner].concat()
}

/// An envelope and the change in it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) envelope: Envelope,
    pub(crate) change: Change,
    /// The greatest counter in it and its past.
    greatest: u64,
}

impl Written {
    /// The id of its operation of this number.
    pub(crate) fn id(&self, number: u64) -> Id {
        (self.change.start + number, self.change.actor)
    }
}

impl Pen {
    /// The next change of a log, as it should be. Dependencies are not in each other's past, and
    /// the backlink is in none of theirs.
    pub(crate) fn change(
        &self,
        after: Option<&Written>,
        on: &[&Written],
        puts: Vec<Put>,
    ) -> Change {
        let past = || after.iter().copied().chain(on.iter().copied());
        let actor = actor_of(self.by.key(), self.incarnation, &self.document);
        let named = puts.iter().flat_map(|put| put.instead.iter().map(|id| id.1));
        let mut others = ascending(named.filter(|other| *other != actor));
        others.dedup();
        Change {
            deps: ascending(past().map(|one| one.change.hash())),
            actor,
            seq: after.map_or(1, |one| one.envelope.header.seq + 1),
            start: past().map(|one| one.greatest).max().unwrap_or(0) + 1,
            others,
            puts,
        }
    }

    /// An envelope that carries some bytes as a change.
    pub(crate) fn carries(
        &self,
        after: Option<&Written>,
        on: &[&Written],
        bytes: &[u8],
    ) -> Envelope {
        let dependencies = ascending(on.iter().map(|one| one.envelope.id));
        let header = self.header(after.map(|one| &one.envelope), bytes);
        Envelope::new(Header { dependencies, ..header }, self.by, Some(bytes))
    }

    pub(crate) fn edits(
        &self,
        after: Option<&Written>,
        on: &[&Written],
        puts: Vec<Put>,
    ) -> Written {
        self.wrote(after, on, self.change(after, on, puts))
    }

    /// The same with a change made by hand.
    pub(crate) fn wrote(
        &self,
        after: Option<&Written>,
        on: &[&Written],
        change: Change,
    ) -> Written {
        let envelope = self.carries(after, on, &change.bytes());
        let past = after.iter().copied().chain(on.iter().copied());
        let greatest = past.map(|one| one.greatest).max().unwrap_or(0).max(change.greatest());
        Written { envelope, change, greatest }
    }
}
