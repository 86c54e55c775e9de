//! Resuming: two sides' digests and offers, and what each does with each scope.

use serde_json::{Value, json};

use super::sums::{numbered, sum_of};
use crate::keys::{Hash, sha256};
use crate::vector::vector;

type Known = Option<(u8, u64)>;

/// A side: its feed's epoch, the scope and number of each item of its feed in order, how far it
/// says by its digest that it has taken the other's feed, and what it says in its offers.
#[derive(Clone, Debug)]
struct Side {
    epoch: u8,
    feed: Vec<(usize, usize)>,
    digest: Option<Told>,
    offers: [Known; 2],
}

/// A digest: whether its `shared` is the one computed, and `known`.
#[derive(Clone, Copy, Debug)]
struct Told {
    shared: bool,
    known: (u8, u64),
}

/// What is done with a scope that both offered.
#[derive(Clone, Copy, Debug)]
enum Done {
    Nothing,
    /// Each side sends what its feed has after this position.
    After(u64, u64),
    Reconcile,
}

/// What becomes of the two sides. Scopes are told by number.
#[derive(Clone, Debug)]
struct Outcome {
    /// The scopes that each side names of its own accord; none are if nothing is to be done.
    named: Option<[Vec<usize>; 2]>,
    /// The scopes that both offer because the rests differ.
    then: Vec<usize>,
    done: [Option<Done>; 2],
}

const FIRST: usize = 0;
const SECOND: usize = 1;
const EPOCHS: [u8; 2] = [0xa0, 0xb0];

fn shared(computed: bool) -> Hash {
    sha256(&[if computed { b"what both share" } else { b"what both shared" }])
}

impl Side {
    fn ids(&self, of: impl Fn(usize) -> bool) -> Vec<Hash> {
        let all = numbered(100);
        self.feed.iter().filter(|item| of(item.0)).map(|item| all[item.1]).collect()
    }

    fn json(&self) -> Value {
        let all = numbered(100);
        let cursor = |(epoch, seq): (u8, u64)| json!([hex::encode([epoch; 16]), seq]);
        let digest = self.digest.map(|told| {
            json!({
                "shared": hex::encode(shared(told.shared)),
                "sum": hex::encode(sum_of(&self.ids(|_| true))),
                "known": cursor(told.known),
            })
        });
        let feed = self.feed.iter().map(|(scope, item)| json!([scope, hex::encode(all[*item])]));
        json!({
            "epoch": hex::encode([self.epoch; 16]),
            "head": self.feed.len(),
            "feed": feed.collect::<Vec<_>>(),
            "digest": digest,
            "offers_known": self.offers.map(|known| known.map(cursor)),
        })
    }
}

fn resume(name: &str, sides: &[Side; 2], outcome: &Outcome) -> Value {
    let named = outcome.named.clone();
    let done = outcome.done.map(|done| {
        done.map(|done| match done {
            Done::Nothing => json!("nothing"),
            Done::After(one, other) => json!([one, other]),
            Done::Reconcile => json!("reconcile"),
        })
    });
    let in_rest = |scope| named.as_ref().is_some_and(|named| !named.concat().contains(&scope));
    let rests = named
        .is_some()
        .then(|| [&sides[0], &sides[1]].map(|side| hex::encode(sum_of(&side.ids(in_rest)))));
    let facts = json!({
        "shared": hex::encode(shared(true)),
        "scopes": [["220800", 1], ["220800/220802", 1]],
        "sides": [sides[0].json(), sides[1].json()],
        "named": named,
        "rests": rests,
        "then": outcome.then,
        "done": done,
    });
    vector(name, "resume", None, facts)
}

/// Two sides that hold the same three items, have met, and know it.
fn equal() -> [Side; 2] {
    let side = |at: usize| Side {
        epoch: EPOCHS[at],
        feed: vec![(FIRST, 0), (SECOND, 1), (FIRST, 2)],
        digest: Some(Told { shared: true, known: (EPOCHS[1 - at], 3) }),
        offers: [None, None],
    };
    [side(0), side(1)]
}

fn changed(change: impl Fn(&mut Side, &mut Side)) -> [Side; 2] {
    let [mut one, mut other] = equal();
    change(&mut one, &mut other);
    [one, other]
}

fn outcome(one: &[usize], other: &[usize], done: [Option<Done>; 2]) -> Outcome {
    Outcome { named: Some([one.to_vec(), other.to_vec()]), then: vec![], done }
}

pub(crate) fn vectors() -> Vec<Value> {
    [known(), unusable(), first_time(), offered(), rests()].concat()
}

fn known() -> Vec<Value> {
    let nothing = Outcome { named: None, then: vec![], done: [None, None] };
    let one_more = changed(|one, _| one.feed.push((FIRST, 3)));
    let each_more = changed(|one, other| {
        one.feed.push((FIRST, 3));
        other.feed.push((FIRST, 4));
    });
    let apart = changed(|one, other| {
        one.feed.push((FIRST, 3));
        other.feed.push((SECOND, 4));
    });
    let same = changed(|one, other| {
        one.feed.push((FIRST, 3));
        other.feed.push((FIRST, 3));
        other.feed.push((SECOND, 4));
    });
    vec![
        resume("resume-nothing", &equal(), &nothing),
        // `known` is not looked at where the sums are equal.
        resume(
            "resume-nothing-whatever-is-known",
            &changed(|one, other| {
                one.digest = Some(Told { shared: true, known: (0xcc, 9) });
                other.digest = Some(Told { shared: true, known: (0xa0, 99) });
            }),
            &nothing,
        ),
        resume("resume-one-has-more", &one_more, &{
            outcome(&[FIRST], &[], [Some(Done::After(3, 3)), None])
        }),
        resume("resume-each-has-more", &each_more, &{
            outcome(&[FIRST], &[FIRST], [Some(Done::After(3, 3)), None])
        }),
        resume("resume-each-has-more-elsewhere", &apart, &{
            outcome(&[FIRST], &[SECOND], [Some(Done::After(3, 3)), Some(Done::After(3, 3))])
        }),
        resume("resume-both-have-the-same-new", &same, &{
            outcome(&[FIRST], &[FIRST, SECOND], [Some(Done::Nothing), Some(Done::After(3, 3))])
        }),
    ]
}

/// Cursors that cannot be used, and digests that do not count.
fn unusable() -> Vec<Value> {
    let both = [Some(Done::Reconcile), Some(Done::Nothing)];
    let more = |known, computed| {
        changed(|one, other| {
            one.feed.push((FIRST, 3));
            other.digest = Some(Told { shared: computed, known });
        })
    };
    let all = outcome(&[FIRST, SECOND], &[], both);
    let all_of_both = outcome(&[FIRST, SECOND], &[FIRST, SECOND], both);
    let same_elsewhere = changed(|one, other| {
        one.digest = Some(Told { shared: false, known: (EPOCHS[1], 3) });
        other.digest = Some(Told { shared: false, known: (EPOCHS[0], 3) });
    });
    let nothing = [Some(Done::Nothing), Some(Done::Nothing)];
    vec![
        resume("resume-another-epoch", &more((0xcc, 3), true), &all),
        resume("resume-beyond-the-head", &more((EPOCHS[0], 5), true), &all),
        resume("resume-from-the-beginning", &more((0xcc, 0), true), &{
            outcome(&[FIRST, SECOND], &[], [Some(Done::After(0, 3)), Some(Done::Nothing)])
        }),
        resume("resume-one-expects-another-share", &more((EPOCHS[0], 3), false), &all),
        resume("resume-both-expect-another-share", &same_elsewhere, &{
            outcome(&[FIRST, SECOND], &[FIRST, SECOND], nothing)
        }),
        resume(
            "resume-one-without-digest",
            &changed(|one, other| {
                one.feed.push((FIRST, 3));
                other.digest = None;
            }),
            &all,
        ),
        resume(
            "resume-both-without-digest",
            &changed(|one, other| {
                one.feed.push((FIRST, 3));
                (one.digest, other.digest) = (None, None);
            }),
            &all_of_both,
        ),
    ]
}

fn first_time() -> Vec<Value> {
    let meet = |offers: [Known; 2]| {
        changed(|one, other| {
            (one.digest, other.digest) = (None, None);
            other.feed.clear();
            one.offers[FIRST] = offers[0];
            other.offers[FIRST] = offers[1];
        })
    };
    let reconcile = [Some(Done::Reconcile); 2];
    let from_zero = [Some(Done::After(0, 0)), Some(Done::Reconcile)];
    vec![
        resume("resume-one-is-empty", &meet([None, None]), &{
            outcome(&[FIRST, SECOND], &[], reconcile)
        }),
        resume("resume-one-is-empty-and-offers-zero", &meet([Some((0, 0)), Some((0, 0))]), &{
            outcome(&[FIRST, SECOND], &[], from_zero)
        }),
        resume("resume-one-offers-zero-alone", &meet([None, Some((0, 0))]), &{
            outcome(&[FIRST, SECOND], &[], reconcile)
        }),
    ]
}

/// What an offer says comes before what the digest says.
fn offered() -> Vec<Value> {
    let with = |known| {
        changed(|one, other| {
            one.feed.extend([(FIRST, 3), (FIRST, 4)]);
            other.feed.push((FIRST, 3));
            other.offers[FIRST] = Some(known);
        })
    };
    let of = |name, known, done| {
        resume(name, &with(known), &outcome(&[FIRST], &[FIRST], [Some(done), None]))
    };
    vec![
        of("resume-by-the-offer", (EPOCHS[0], 4), Done::After(4, 3)),
        of("resume-by-an-offer-of-another-epoch", (0xcc, 4), Done::Reconcile),
        of("resume-by-an-offer-beyond-the-head", (EPOCHS[0], 6), Done::Reconcile),
    ]
}

/// What neither names: an item that one side lacks though it said that it had taken it.
fn rests() -> Vec<Value> {
    let stale = changed(|_, other| other.feed = vec![(FIRST, 0), (SECOND, 1), (FIRST, 7)]);
    let done = [Some(Done::Reconcile), Some(Done::Nothing)];
    let stale_outcome = Outcome { then: vec![FIRST, SECOND], ..outcome(&[], &[], done) };
    let lost = changed(|one, other| {
        one.feed.push((FIRST, 3));
        other.feed = vec![(FIRST, 0), (FIRST, 2), (FIRST, 5)];
    });
    // No cursor is below the head that is offered for the second scope.
    let done = [Some(Done::After(3, 3)), Some(Done::Reconcile)];
    let lost_outcome = Outcome { then: vec![SECOND], ..outcome(&[FIRST], &[], done) };
    vec![
        resume("resume-nothing-named-and-rests-differ", &stale, &stale_outcome),
        resume("resume-one-named-and-rests-differ", &lost, &lost_outcome),
    ]
}
