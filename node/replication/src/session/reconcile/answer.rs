//! How a message is answered, range by range.

use std::ops::Range as Places;

use super::message::{Body, Bound, Mark, Range, Writer};
use super::salted::SaltedSet;

/// Bytes after which an answer ends.
const ANSWER_BYTES: usize = 65_336;
/// Ranges of fewer ids are listed and not split.
const LISTED_BELOW: usize = 32;
/// Into so many ranges one is split.
const SPLIT_INTO: usize = 16;

/// The first message: the whole set, split.
pub(super) fn begin(set: &SaltedSet) -> Vec<u8> {
    let mut writer = Writer::new();
    split(&mut writer, set, 0..set.len(), &Bound::INFINITY);
    writer.into_bytes()
}

/// Tells what is held at these places: a list, or fingerprints of parts of equal size.
fn split(writer: &mut Writer, set: &SaltedSet, places: Places<usize>, bound: &Bound) {
    if places.len() < LISTED_BELOW {
        return writer.list(bound, set.ids(places));
    }
    let (size, larger) = (places.len() / SPLIT_INTO, places.len() % SPLIT_INTO);
    let mut from = places.start;
    for part in 0..SPLIT_INTO {
        let to = from + size + usize::from(part < larger);
        let ends = match to < places.end {
            true => Bound::between(set.at(to - 1), set.at(to)),
            false => *bound,
        };
        writer.fingerprint(&ends, &set.fingerprint(from..to));
        from = to;
    }
}

/// What is done with a list: by the opener noted, by the answerer answered with one's own.
pub(super) trait Lists {
    /// Takes what the other holds where one holds oneself what is at these places. Answers with
    /// one's own list?
    fn take(&mut self, set: &SaltedSet, places: Places<usize>, ids: &[[u8; 32]]) -> bool;
}

/// The answer to a message.
pub(super) fn answer(set: &SaltedSet, ranges: &[Range<'_>], lists: &mut impl Lists) -> Vec<u8> {
    let mut answer = Answer { set, writer: Writer::new(), skipped: None, written: 0 };
    let mut from = 0;
    for Range { bound, body } in ranges {
        let to = set.until(from, bound);
        let mark = answer.writer.mark();
        let fits = match body {
            Body::Skip => answer.says_nothing(bound),
            Body::Fingerprint(theirs) if **theirs == set.fingerprint(from..to) => {
                answer.says_nothing(bound)
            }
            Body::Fingerprint(_) => answer.says_split(from..to, bound, mark),
            Body::List(ids) if lists.take(set, from..to, ids) => {
                answer.says_list(from..to, bound, mark)
            }
            Body::List(_) => answer.says_nothing(bound),
        };
        if !fits {
            answer.says_rest();
            break;
        }
        from = to;
    }
    answer.writer.into_bytes()
}

/// An answer as it grows. What it says of a range returns whether there is room for more.
struct Answer<'a> {
    set: &'a SaltedSet,
    writer: Writer,
    /// Where the ranges end that nothing was said of since the last one.
    skipped: Option<Bound>,
    /// The place where the last range ended that something was said of.
    written: usize,
}

impl Answer<'_> {
    fn says_nothing(&mut self, bound: &Bound) -> bool {
        self.skipped = Some(*bound);
        true
    }

    /// One skip for all ranges that nothing was said of.
    fn says_skipped(&mut self) {
        if let Some(bound) = self.skipped.take() {
            self.writer.skip(&bound);
        }
    }

    fn says_split(&mut self, places: Places<usize>, bound: &Bound, mark: Mark) -> bool {
        self.says_skipped();
        split(&mut self.writer, self.set, places.clone(), bound);
        if self.writer.len() > ANSWER_BYTES {
            self.writer.back_to(mark);
            return false;
        }
        self.written = places.end;
        true
    }

    /// A list ends where the answer is full. It is never taken back.
    fn says_list(&mut self, places: Places<usize>, bound: &Bound, mark: Mark) -> bool {
        self.says_skipped();
        let room = ANSWER_BYTES.saturating_sub(mark.length()) / 32 + 1;
        let end = places.end.min(places.start.saturating_add(room));
        let ends = if end < places.end { Bound::before(self.set.at(end)) } else { *bound };
        self.writer.list(&ends, self.set.ids(places.start..end));
        self.written = end;
        self.writer.len() <= ANSWER_BYTES
    }

    /// One fingerprint of all that nothing was said of yet.
    fn says_rest(&mut self) {
        let rest = self.set.fingerprint(self.written..self.set.len());
        self.writer.fingerprint(&Bound::INFINITY, &rest);
    }
}
