//! Negentropy as section 9.6 says it: messages, and the answers to them.

use crate::keys::{Hash, sha256};

/// What a message may have before it ends.
const MESSAGE_BYTES: usize = 65_336;

/// Where a range ends: before ids that begin so or come later, or never.
type Bound = Option<Vec<u8>>;

/// What the initiator found out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The answerer lacks them.
    pub(crate) have: Vec<Hash>,
    /// The initiator lacks them.
    pub(crate) need: Vec<Hash>,
}

/// A set of salted ids, ascending.
#[derive(Clone, Debug)]
pub(crate) struct Set(pub(crate) Vec<Hash>);

fn varint(number: u64) -> Vec<u8> {
    let mut bytes = vec![(number & 0x7f) as u8];
    let mut rest = number >> 7;
    while rest > 0 {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.reverse();
    bytes
}

fn written(bound: &Bound) -> Vec<u8> {
    match bound {
        None => vec![0, 0],
        Some(prefix) => [&[1][..], &varint(prefix.len() as u64), prefix].concat(),
    }
}

/// The sum of ids as little-endian numbers, modulo 2^256.
fn total(ids: &[Hash]) -> Hash {
    let mut sum = [0_u8; 32];
    for id in ids {
        let mut carry = 0;
        for (to, byte) in sum.iter_mut().zip(id) {
            let number = u16::from(*to) + u16::from(*byte) + carry;
            (*to, carry) = (number.to_le_bytes()[0], number >> 8);
        }
    }
    sum
}

pub(crate) fn fingerprint(ids: &[Hash]) -> Vec<u8> {
    sha256(&[&total(ids), &varint(ids.len() as u64)])[..16].to_vec()
}

/// The shortest prefix of the second that is not a prefix of the first.
fn between(first: &Hash, second: &Hash) -> Bound {
    let same = first.iter().zip(second).take_while(|(one, other)| one == other).count();
    Some(second[..=same].to_vec())
}

impl Set {
    pub(crate) fn of(mut ids: Vec<Hash>) -> Self {
        ids.sort_unstable();
        Self(ids)
    }

    fn list(ids: &[Hash], bound: &Bound) -> Vec<u8> {
        [written(bound), vec![2], varint(ids.len() as u64), ids.concat()].concat()
    }

    fn split(ids: &[Hash], bound: &Bound) -> Vec<u8> {
        if ids.len() < 32 {
            return Self::list(ids, bound);
        }
        let (size, larger) = (ids.len() / 16, ids.len() % 16);
        let (mut bytes, mut at) = (vec![], 0);
        for number in 0..16 {
            let from = at;
            at += size + usize::from(number < larger);
            let ends =
                if at == ids.len() { bound.clone() } else { between(&ids[at - 1], &ids[at]) };
            bytes.extend([written(&ends), vec![1], fingerprint(&ids[from..at])].concat());
        }
        bytes
    }

    pub(crate) fn begins(&self) -> Vec<u8> {
        [vec![0x61], Self::split(&self.0, &None)].concat()
    }

    /// The index from which on ids are not below the bound.
    fn until(&self, from: usize, bound: &Bound) -> usize {
        let Some(prefix) = bound else { return self.0.len() };
        let mut least = [0; 32];
        least[..prefix.len()].copy_from_slice(prefix);
        from + self.0[from..].partition_point(|id| *id < least)
    }

    /// The answer to a message: as the initiator, who notes what it finds, or as the answerer.
    pub(crate) fn answers(&self, message: &[u8], mut found: Option<&mut Found>) -> Vec<u8> {
        let mut answer = Answer { bytes: vec![0x61], skipping: false, written: 0 };
        let (mut reader, mut from, mut before) = (Reader(&message[1..]), 0, Some(vec![]));
        while !reader.0.is_empty() {
            let bound = reader.bound();
            let mut to = self.until(from, &bound);
            let mut added = vec![];
            match reader.varint() {
                0 => answer.skipping = true,
                1 if reader.bytes(16) == fingerprint(&self.0[from..to]) => answer.skipping = true,
                1 => {
                    added = answer.skip(&before);
                    added.extend(Self::split(&self.0[from..to], &bound));
                }
                2 => {
                    let theirs = reader.list();
                    if let Some(found) = &mut found {
                        found.compare(&self.0[from..to], &theirs);
                        answer.skipping = true;
                    } else {
                        to = self.answers_list(&mut answer, (from, to), &before, &bound);
                    }
                }
                mode => panic!("mode {mode}"),
            }
            if answer.bytes.len() + added.len() > MESSAGE_BYTES {
                let rest = fingerprint(&self.0[answer.written..]);
                answer.bytes.extend([vec![0, 0, 1], rest].concat());
                break;
            }
            if !added.is_empty() {
                answer.written = to;
            }
            answer.bytes.extend(added);
            (from, before) = (to, bound);
        }
        answer.bytes
    }

    /// The answerer's list of a range, as far as it fits; where it ended.
    fn answers_list(
        &self,
        answer: &mut Answer,
        (from, to): (usize, usize),
        before: &Bound,
        bound: &Bound,
    ) -> usize {
        let skip = answer.skip(before);
        let fits = |at: &usize| answer.bytes.len() + 32 * (at - from) <= MESSAGE_BYTES;
        let ends = (from..to).find(|at| !fits(at)).unwrap_or(to);
        let bound = if ends < to { Some(self.0[ends].to_vec()) } else { bound.clone() };
        answer.bytes.extend([skip, Self::list(&self.0[from..ends], &bound)].concat());
        answer.written = ends;
        ends
    }
}

/// An answer as it grows.
struct Answer {
    bytes: Vec<u8>,
    /// Ranges before this one were answered by nothing.
    skipping: bool,
    /// Own ids before this index are below the last bound that was written.
    written: usize,
}

impl Answer {
    /// One skip for all ranges to which nothing was answered.
    fn skip(&mut self, before: &Bound) -> Vec<u8> {
        if !std::mem::take(&mut self.skipping) {
            return vec![];
        }
        [written(before), vec![0]].concat()
    }
}

impl Found {
    fn compare(&mut self, ours: &[Hash], theirs: &[Hash]) {
        self.have.extend(ours.iter().filter(|id| !theirs.contains(id)));
        self.need.extend(theirs.iter().filter(|id| !ours.contains(id)));
    }
}

/// Reads messages that were made here, so it may trust them.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes.to_vec()
    }

    fn varint(&mut self) -> u64 {
        let mut number = 0;
        loop {
            let byte = self.bytes(1)[0];
            number = number << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return number;
            }
        }
    }

    fn bound(&mut self) -> Bound {
        let timestamp = self.varint();
        let length = usize::try_from(self.varint()).expect("short");
        let prefix = self.bytes(length);
        (timestamp > 0).then_some(prefix)
    }

    fn list(&mut self) -> Vec<Hash> {
        let count = self.varint();
        (0..count).map(|_| self.bytes(32).try_into().expect("an id")).collect()
    }
}

/// All messages of a reconciliation, the initiator's first, and what it found.
pub(crate) fn reconcile(initiator: &Set, answerer: &Set) -> (Vec<Vec<u8>>, Found) {
    let (mut messages, mut found) = (vec![initiator.begins()], Found::default());
    loop {
        let question = messages.last().expect("a message");
        let answer = answerer.answers(question, None);
        messages.push(answer.clone());
        let next = initiator.answers(&answer, Some(&mut found));
        if next.len() == 1 {
            return (messages, found);
        }
        messages.push(next);
    }
}

#[cfg(test)]
mod tests {
    use negentropy::{Id, Negentropy, NegentropyStorageVector};

    use super::*;
    use crate::session::negentropy::CASES;

    fn stored(set: &Set) -> NegentropyStorageVector {
        let mut storage = NegentropyStorageVector::new();
        for id in &set.0 {
            storage.insert(0, Id::from_byte_array(*id)).expect("not sealed");
        }
        storage.seal().expect("sealed once");
        storage
    }

    /// The messages and finds of the crate of that name.
    fn by_crate(initiator: &Set, answerer: &Set) -> (Vec<Vec<u8>>, Found) {
        let limit = MESSAGE_BYTES as u64 + 200;
        let [mine, theirs] = [initiator, answerer].map(stored);
        let mut client = Negentropy::borrowed(&mine, limit).expect("a limit");
        let mut server = Negentropy::borrowed(&theirs, limit).expect("a limit");
        let (mut have, mut need) = (vec![], vec![]);
        let mut messages = vec![client.initiate().expect("first")];
        loop {
            let question = messages.last().expect("a message");
            messages.push(server.reconcile(question).expect("an answer"));
            let answer = messages.last().expect("a message");
            let next = client.reconcile_with_ids(answer, &mut have, &mut need).expect("read");
            let Some(next) = next else { break };
            messages.push(next);
        }
        let plain = |ids: Vec<Id>| ids.iter().map(|id| *id.as_bytes()).collect();
        (messages, Found { have: plain(have), need: plain(need) })
    }

    #[test]
    fn the_crate_sends_the_same_messages() {
        for case in CASES {
            let [initiator, answerer] = case.sets();
            let (ours, found) = reconcile(&initiator, &answerer);
            let (theirs, their_finds) = by_crate(&initiator, &answerer);
            assert!(ours == theirs, "{} differs", case.name);
            let sorted = |ids: &[Hash]| Set::of(ids.to_vec()).0;
            assert_eq!(sorted(&found.have), sorted(&their_finds.have), "{}", case.name);
            assert_eq!(sorted(&found.need), sorted(&their_finds.need), "{}", case.name);
        }
    }
}
