//! Reconciliations from beginning to end, and against the `negentropy` crate.

use negentropy::{Id, Negentropy, NegentropyStorageVector};
use proptest::prelude::*;

use super::*;

/// The salted id of a number.
fn id(number: u64) -> SaltedId {
    SaltedId(Hash::of(&[b"golden item", &number.to_be_bytes()]).0)
}

fn set(numbers: impl IntoIterator<Item = u64>) -> SaltedSet {
    SaltedSet::new(numbers.into_iter().map(|number| (id(number), Hash(id(number).0))))
}

/// What two nodes said to each other, the opener first, and what each lacks.
#[derive(Debug, PartialEq)]
struct Said {
    messages: Vec<Vec<u8>>,
    answerer_lacks: BTreeSet<SaltedId>,
    opener_lacks: BTreeSet<SaltedId>,
    ended_early: bool,
}

fn reconcile(ours: &SaltedSet, theirs: &SaltedSet) -> Said {
    let (opener, first) = Opener::begin(ours);
    go_on(opener, first, ours, theirs)
}

fn go_on(mut opener: Opener, first: Vec<u8>, ours: &SaltedSet, theirs: &SaltedSet) -> Said {
    let (mut answerer, mut messages) = (Answerer::default(), vec![first]);
    let mut opener_lacks = BTreeSet::new();
    let ended_early = loop {
        let question = messages.last().expect("a message");
        let answer = answerer.answer(theirs, question).expect("a message of ours");
        let step = opener.read(ours, &answer).expect("an answer of ours");
        messages.push(answer);
        answerer.want(theirs, &step.wants).expect("not too many");
        for id in step.wants {
            assert!(opener_lacks.insert(id), "wanted twice");
        }
        match step.next {
            Next::Send(message) => messages.push(message),
            next => break next == Next::EndEarly,
        }
    };
    let known: BTreeSet<SaltedId> =
        answerer.opener_lacks(theirs).map(|id| SaltedId(id.0)).collect();
    assert_eq!(known, opener_lacks, "the answerer holds what the opener wants");
    let answerer_lacks = opener.answerer_lacks(ours).map(|id| SaltedId(id.0)).collect();
    Said { messages, answerer_lacks, opener_lacks, ended_early }
}

/// A set as the crate of that name keeps it.
fn stored(set: &SaltedSet) -> NegentropyStorageVector {
    let mut storage = NegentropyStorageVector::new();
    for id in set.ids(0..set.len()) {
        storage.insert(0, Id::from_byte_array(id.0)).expect("not sealed");
    }
    storage.seal().expect("sealed once");
    storage
}

/// The crate keeps 200 bytes free for what it writes last.
const CRATE_BYTES: u64 = 65_536;

/// What the crate says.
fn by_crate(ours: &SaltedSet, theirs: &SaltedSet) -> Said {
    let [ours, theirs] = [ours, theirs].map(stored);
    let mut client = Negentropy::borrowed(&ours, CRATE_BYTES).expect("a limit");
    let mut server = Negentropy::borrowed(&theirs, CRATE_BYTES).expect("a limit");
    let (mut have, mut need) = (vec![], vec![]);
    let mut messages = vec![client.initiate().expect("first")];
    loop {
        let question = messages.last().expect("a message");
        messages.push(server.reconcile(question).expect("an answer"));
        let answer = messages.last().expect("a message");
        match client.reconcile_with_ids(answer, &mut have, &mut need).expect("read") {
            Some(next) => messages.push(next),
            None => break,
        }
    }
    let [answerer_lacks, opener_lacks] =
        [have, need].map(|ids| ids.iter().map(|id| SaltedId(*id.as_bytes())).collect());
    Said { messages, answerer_lacks, opener_lacks, ended_early: false }
}

fn numbers(set: &BTreeSet<u64>) -> SaltedSet {
    self::set(set.iter().copied())
}

fn ids<'a>(numbers: impl Iterator<Item = &'a u64>) -> BTreeSet<SaltedId> {
    numbers.map(|number| id(*number)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_learns_what_it_lacks_in_the_messages_of_the_crate(
        common in prop::collection::btree_set(0..6_000u64, 0..3_000),
        ours in prop::collection::btree_set(6_000..7_000u64, 0..90),
        theirs in prop::collection::btree_set(7_000..8_000u64, 0..90),
    ) {
        let (one, other) = (numbers(&(&common | &ours)), numbers(&(&common | &theirs)));
        let said = reconcile(&one, &other);
        prop_assert_eq!(&said.answerer_lacks, &ids(ours.iter()));
        prop_assert_eq!(&said.opener_lacks, &ids(theirs.iter()));
        prop_assert!(said == by_crate(&one, &other), "other messages than the crate's");
    }

    /// Ranges that are whole and say anything, in any order and with any timestamp.
    #[test]
    fn an_answer_to_anything_is_that_of_the_crate_and_fits_a_frame(
        holds in 0..5_000u64,
        ranges in prop::collection::vec(
            (0..4u8, prop::collection::vec(any::<u8>(), 0..6), 0..3u8, any::<[u8; 16]>()), 0..900,
        ),
    ) {
        let mut message = vec![message::VERSION];
        for (timestamp, prefix, mode, fingerprint) in &ranges {
            message.extend([*timestamp, prefix.len() as u8]);
            message.extend(prefix);
            message.push(*mode);
            match mode {
                1 => message.extend(fingerprint),
                2 => message.push(0),
                _ => {}
            }
        }
        let set = set(0..holds);
        let answer = Answerer::default().answer(&set, &message).expect("whole ranges");
        prop_assert!(answer.len() <= 65_536, "{} bytes", answer.len());
        let storage = stored(&set);
        let mut server = Negentropy::borrowed(&storage, CRATE_BYTES).expect("a limit");
        prop_assert!(server.reconcile(&message).as_ref() == Ok(&answer), "the crate's differs");
        let (mut opener, _) = Opener::begin(&set);
        let step = opener.read(&set, &message).expect("whole ranges");
        if let Next::Send(message) = step.next {
            prop_assert!(message.len() <= 65_536, "{} bytes", message.len());
        }
    }
}

#[test]
fn large_sets_are_reconciled_in_the_messages_of_the_crate() {
    let (ours, theirs) = (set((0..60_000).chain(60_000..64_000)), set(2_000..60_100));
    let said = reconcile(&ours, &theirs);
    assert!(said.messages.len() > 6, "over several messages");
    assert!(said == by_crate(&ours, &theirs));
    assert_eq!(said.answerer_lacks.len(), 2_000 + 3_900);
}

#[test]
fn what_is_too_much_for_one_reconciliation_ends_it_early_and_the_rest_is_found_next_time() {
    let (mut ours, mut theirs) = (BTreeSet::from_iter(0..300), BTreeSet::from_iter(250..700u64));
    for round in 0.. {
        let (one, other) = (numbers(&ours), numbers(&theirs));
        let (mut opener, first) = Opener::begin(&one);
        opener.ids_max = 100;
        let said = go_on(opener, first, &one, &other);
        assert!(said.answerer_lacks.len() + said.opener_lacks.len() <= 100);
        let number = |wanted: &SaltedId| (0..700).find(|number| id(*number) == *wanted);
        theirs.extend(said.answerer_lacks.iter().filter_map(number));
        ours.extend(said.opener_lacks.iter().filter_map(number));
        if !said.ended_early {
            assert_eq!(round, 6, "650 ids that differ, at most a hundred at a time");
            break;
        }
    }
    assert_eq!(ours, theirs);
    assert_eq!(ours, BTreeSet::from_iter(0..700));
}

#[test]
fn an_opener_ends_before_its_last_message_and_an_answerer_takes_no_more() {
    let ours = set(0..100);
    let (mut opener, _) = Opener::begin(&ours);
    let mut theirs = Answerer::default();
    // Somebody whose fingerprint never agrees.
    let answer = [&[0x61, 0, 0, 1][..], &[7; 16]].concat();
    let mut messages = 1;
    while let Next::Send(message) = opener.read(&ours, &answer).expect("an answer").next {
        messages += 1;
        assert!(theirs.answer(&ours, &message).is_ok());
    }
    assert_eq!(messages, MESSAGES_MAX);
    assert!(theirs.answer(&ours, &answer).is_ok(), "the message that began it was not sent");
    assert_eq!(theirs.answer(&ours, &answer), Err(Fault::Flood));
}

#[test]
fn unknown_ids_are_passed_over_and_counted() {
    let theirs = set(0..10);
    let mut answerer = Answerer::default();
    let wanted = [id(3), id(3), id(11)];
    assert_eq!(answerer.want(&theirs, &wanted), Ok(()));
    assert_eq!(answerer.opener_lacks(&theirs).collect::<Vec<_>>(), [Hash(id(3).0)]);
    for _ in 0..IDS_MAX / 8_192 - 1 {
        assert_eq!(answerer.want(&theirs, &[id(11); 8_192]), Ok(()));
    }
    assert_eq!(answerer.want(&theirs, &[id(11); 8_192]), Err(Fault::Flood));
}

#[test]
fn an_opener_wants_nothing_that_it_holds_or_wants_already() {
    let ours = set(0..3);
    let (mut opener, _) = Opener::begin(&ours);
    // Lists of nothing below infinity and beyond, with ids that lie elsewhere or come again.
    let list = |numbers: &[u64]| {
        let ids = numbers.iter().map(|number| id(*number).0).collect::<Vec<_>>().concat();
        [&[0x61, 0, 0, 2, numbers.len() as u8][..], &ids].concat()
    };
    let step = opener.read(&ours, &list(&[2, 5, 5])).expect("a message");
    assert_eq!((step.wants, step.next), (vec![id(5)], Next::Done));
    // Below id 0 nothing: this list names no place that was compared before.
    let elsewhere = [&[0x61, 1, 0, 2, 2][..], &id(5).0, &id(6).0].concat();
    let step = opener.read(&ours, &elsewhere).expect("a message");
    assert_eq!((step.wants, step.next), (vec![id(6)], Next::Done));
    let lacks: BTreeSet<Hash> = opener.answerer_lacks(&ours).collect();
    assert_eq!(lacks, BTreeSet::from([0, 1].map(|number| Hash(id(number).0))));
}

#[test]
fn a_set_is_compared_once_however_often_it_is_listed() {
    let ours = set(0..1_000);
    let (mut opener, _) = Opener::begin(&ours);
    let nothing = [0x61, 0, 0, 2, 0];
    assert_eq!(opener.read(&ours, &nothing).expect("a message").next, Next::Done);
    assert_eq!(opener.answerer_lacks(&ours).count(), 1_000);
    assert_eq!(opener.read(&ours, &nothing).expect("a message").next, Next::EndEarly);
}

#[test]
fn bounds_of_other_timestamps_lie_behind_every_id() {
    let theirs = set(0..40);
    // Up to timestamp 4: everything. Then from there to infinity: nothing.
    let message = [&[0x61, 5, 0, 2, 0][..], &[0, 0, 2, 0]].concat();
    let answer = Answerer::default().answer(&theirs, &message).expect("a message");
    let ranges = message::read(&answer).expect("an answer");
    let counts: Vec<usize> = ranges
        .iter()
        .map(|range| match range.body {
            message::Body::List(ids) => ids.len(),
            _ => panic!("a list was asked for"),
        })
        .collect();
    assert_eq!(counts, [40, 0]);
    assert_eq!(answer[..3], [0x61, 5, 0]);
}
