//! The way of a letter, and all that can happen on it.

use node_authority::Pin;
use node_letters::outbox::{self, Draft, Unsealed, WAITING_MAX};
use node_letters::{Failure, Read, State, Waiting, With, answers, list, read};
use node_replication::history;
use schema_content::{Entry, Letter, Message, Value};
use schema_wire::{DocumentId, List, Ms, Payload, Text, Wire as _};

use crate::net::*;

const HOUR: u64 = 3_600_000;

/// Two communities with two nodes each, their districts, and a neighbour of the first.
pub(crate) struct Town {
    pub(crate) net: Net,
    pub(crate) two: Led,
    pub(crate) reader: Led,
    pub(crate) top: usize,
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) from: [usize; 2],
    pub(crate) to: [usize; 2],
    pub(crate) beside: usize,
}

impl Town {
    /// Linked but for the city.
    pub(crate) fn apart() -> Self {
        let mut net = Net::new();
        let city = net.found(None, "c", 1);
        let (one, two) = (net.found(Some(&city), "c/d", 2), net.found(Some(&city), "c/e", 3));
        let (writer, reader) = (net.found(Some(&one), WRITER, 4), net.found(Some(&two), READER, 5));
        let neighbour = net.found(Some(&one), "c/d/9", 6);
        let top = net.add(&city, None);
        let (left, right) = (net.add(&one, None), net.add(&two, None));
        let from = [net.add(&writer, None), net.add(&writer, Some(14))];
        let to = [net.add(&reader, None), net.add(&reader, Some(15))];
        let beside = net.add(&neighbour, None);
        for (at, below) in
            [(top, &one), (top, &two), (left, &writer), (left, &neighbour), (right, &reader)]
        {
            net.teach(at, &below.statements);
        }
        let second = [writer.delegate(net.genesis(), 14), reader.delegate(net.genesis(), 15)];
        net.teach(from[0], &second[..1]);
        net.teach(to[0], &second[1..]);
        for (lower, upper) in
            [(from[0], left), (from[1], from[0]), (beside, left), (to[0], right), (to[1], to[0])]
        {
            net.link(lower, upper);
        }
        net.settle();
        Self { net, two, reader, top, left, right, from, to, beside }
    }

    pub(crate) fn join(&mut self) -> [u64; 2] {
        [self.left, self.right].map(|district| self.net.link(district, self.top))
    }

    pub(crate) fn joined() -> Self {
        let mut town = Self::apart();
        town.join();
        town.net.settle();
        town
    }

    pub(crate) fn write(&mut self, at: usize, to: &str, text: &str) -> String {
        let written = self.net.step(at, |step| outbox::write(step, &unit(to), draft(text)));
        hex::encode(written.expect("written"))
    }

    pub(crate) fn state(&mut self, at: usize, id: &str) -> State {
        let listed = self.net.step(at, |step| list(step, None, 9_999)).expect("a list");
        listed.letters.into_iter().find(|letter| letter.id == id).expect("listed").state
    }

    /// The one letter that came to a node.
    pub(crate) fn came(&mut self, at: usize) -> Vec<String> {
        let listed = self.net.step(at, |step| list(step, None, 9_999)).expect("a list");
        let came = listed.letters.into_iter().filter(|one| matches!(one.with, With::From(_)));
        came.map(|one| one.id).collect()
    }

    pub(crate) fn read(&mut self, at: usize, id: &str) -> Option<String> {
        let Read { message, .. } = self.net.step(at, |step| read(step, id)).expect("read");
        message.as_deref().map(text_of)
    }

    fn no_session_ended(&self) {
        for (at, node) in self.net.nodes.iter().enumerate() {
            assert_eq!(node.endings, Vec::<String>::new(), "at {at}");
        }
    }
}

fn text_of(message: &Message) -> String {
    match &message.body[..] {
        [Entry { value: Value::Text(text), .. }] => text.to_string(),
        _ => panic!("another letter"),
    }
}

pub(crate) fn draft(text: &str) -> Draft {
    let field = Text::new("text").expect("short");
    let value = Value::Text(Text::new(text).expect("short"));
    let body = List::new(vec![Entry { field, value }]).expect("one");
    Draft { kind: Text::new("letter").expect("short"), body, answers: None }
}

fn waits(why: Unsealed) -> State {
    State::Waiting(Waiting::Unsealed(why))
}

/// The letters of a document that are here, as envelopes.
fn sealed(town: &Town, at: usize, document: &str) -> Vec<Letter> {
    let document: DocumentId = document.parse().expect("a document");
    let store = &town.net.nodes[at].store;
    let entries = history::all(store, &document).expect("in memory");
    let letter = |entry: history::Entry| {
        let envelope = history::envelope(store, &entry.id).expect("in memory");
        let Payload::Letter(Some(content)) = envelope.content() else { return None };
        Some(Letter::from_bytes(content).expect("a letter"))
    };
    entries.into_iter().filter_map(letter).collect()
}

#[test]
fn a_first_letter_finds_its_way_is_opened_and_answered_and_carriers_read_nothing() {
    let mut town = Town::joined();
    let (from, to) = (town.from, town.to);
    let id = town.write(from[0], READER, "请协助核对两地居民");
    assert_eq!(town.state(from[0], &id), waits(Unsealed::NoCard));
    town.net.settle();
    assert_eq!(town.state(from[0], &id), State::Held);
    let [came] = &town.came(to[1])[..] else { panic!("one letter") };
    assert_eq!(town.state(to[0], came), State::Held);
    assert_eq!(town.read(to[1], came).as_deref(), Some("请协助核对两地居民"));
    town.net.settle();
    for at in from {
        assert_eq!(town.state(at, &id), State::Opened, "at {at}");
        assert_eq!(town.read(at, &id).as_deref(), Some("请协助核对两地居民"), "its own copy");
    }
    let (back, thread, envelope) =
        town.net.step(to[0], |step| answers(step, &came[..9])).expect("it can be answered");
    let answer = Draft { answers: Some((thread, envelope)), ..draft("已核对，无出入") };
    town.net.step(to[0], |step| outbox::write(step, &back, answer)).expect("written");
    town.net.settle();
    let [answer] = &town.came(from[1])[..] else { panic!("one answer") };
    let read = town.net.step(from[1], |step| read(step, answer)).expect("read");
    let message = read.message.expect("it opens");
    assert_eq!(text_of(&message), "已核对，无出入");
    assert_eq!((message.thread, &message.causes[..]), (thread, &[envelope][..]));
    assert_eq!(hex::encode(message.thread), id, "the first letter names the conversation");
    for at in [town.top, town.left, town.right, town.beside] {
        for text in ["核对", "居民", "无出入"] {
            assert!(!town.net.disk_holds(at, text), "{text} at {at}");
        }
    }
    assert!(!town.net.disk_holds(town.beside, READER), "a neighbour does not learn who writes");
    town.no_session_ended();
}

#[test]
fn what_is_written_while_the_city_is_away_goes_once_it_is_back() {
    let mut town = Town::apart();
    let (from, to) = (town.from, town.to);
    let ids = ["甲", "乙"].map(|text| town.write(from[1], READER, text));
    town.net.settle();
    assert_eq!(town.state(from[1], &ids[0]), waits(Unsealed::NoCard));
    let links = town.join();
    town.net.settle();
    assert_eq!(ids.each_ref().map(|id| town.state(from[1], id)), [State::Held, State::Held]);
    // An outage in between: what is sealed already waits at the district.
    links.into_iter().for_each(|link| town.net.cut(link));
    let third = town.write(from[1], READER, "丙");
    town.net.settle();
    assert_eq!(town.state(from[0], &third), State::OnItsWay);
    town.join();
    town.net.settle();
    assert_eq!(town.state(from[0], &third), State::Held);
    let came = town.came(to[0]);
    let mut texts: Vec<_> = came.iter().filter_map(|id| town.read(to[0], id)).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["丙", "乙", "甲"]);
    town.no_session_ended();
}

#[test]
fn a_letter_that_crossed_a_new_card_opens_and_the_next_goes_to_that_one() {
    let mut town = Town::joined();
    let (from, to) = (town.from, town.to);
    town.write(from[0], READER, "先来的");
    town.net.settle();
    assert_eq!(town.came(to[0]).len(), 1);
    let before = town.net.authority(to[0]).card(&unit(READER)).expect("a card");
    // The reader is cut off; a letter is on its way to the old card when the card changes.
    let ways = town.net.cut_all(town.right);
    let crossing = town.write(from[0], READER, "在路上的");
    town.net.settle();
    assert_eq!(town.state(from[0], &crossing), State::OnItsWay);
    town.net.nodes[to[0]].last_loss = Some(town.net.now(to[0]));
    town.net.wait(1_000);
    town.net.settle();
    let after = town.net.authority(to[0]).card(&unit(READER)).expect("a card");
    assert_ne!(before, after, "a member of band work is gone");
    for (one, other) in ways {
        town.net.link(one, other);
    }
    town.net.settle();
    assert_eq!(town.state(from[0], &crossing), State::Held);
    let last = town.write(from[0], READER, "后来的");
    town.net.settle();
    assert_eq!(town.state(from[0], &last), State::Held);
    let cards: Vec<_> =
        sealed(&town, to[0], "c/d/1:192:c/e/2").iter().map(|one| one.card).collect();
    assert_eq!(cards, [before, before, after]);
    let came = town.came(to[1]);
    let mut texts: Vec<_> = came.iter().filter_map(|id| town.read(to[1], id)).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["先来的", "后来的", "在路上的"]);
}

#[test]
fn a_card_whose_secret_is_lost_is_replaced_and_the_letter_is_sealed_again() {
    let mut town = Town::apart();
    let (from, to) = (town.from, town.to);
    // Whoever made this card lost the box's secret with it.
    let (key, genesis) = (town.reader.key(), town.net.genesis().clone());
    let at = town.net.now(to[0]);
    let lost = town.reader.issuer(&genesis, &key).card("失", "", [9; 32], 9, at).expect("a card");
    let lost_id = lost.id();
    town.net.teach(to[0], &[lost.into()]);
    town.join();
    let id = town.write(from[0], READER, "收得到吗");
    town.net.settle();
    assert_eq!(sealed(&town, to[0], "c/d/1:192:c/e/2")[0].card, lost_id);
    assert_eq!(town.state(from[0], &id), State::Held, "the secret may be on its way");
    town.net.wait(HOUR + 1);
    town.net.settle();
    assert_eq!(town.state(from[0], &id), State::Held, "sealed again, to another card");
    let letters = sealed(&town, to[0], "c/d/1:192:c/e/2");
    assert_eq!(letters.len(), 2, "once");
    let came = town.came(to[1]);
    let texts: Vec<_> = came.iter().filter_map(|id| town.read(to[1], id)).collect();
    assert_eq!(texts, ["收得到吗"]);
    town.no_session_ended();
}

#[test]
fn a_node_to_which_no_key_came_yet_tells_no_letter_unreadable() {
    let mut town = Town::joined();
    let (from, to) = (town.from, town.to);
    // The reader's second node meets the district alone: its keyring is empty.
    let late = {
        let grant = town.reader.delegate(town.net.genesis(), 25);
        town.net.teach(to[0], std::slice::from_ref(&grant));
        town.net.teach(town.right, &[grant]);
        town.net.add(&town.reader.clone(), Some(25))
    };
    town.net.cut_all(to[0]);
    town.net.link(late, town.right);
    let id = town.write(from[0], READER, "早到的信");
    town.net.settle();
    assert_eq!(town.came(late).len(), 1);
    assert_eq!(town.state(from[0], &id), State::Held, "it cannot open it yet");
    town.net.wait(HOUR - 1);
    town.net.settle();
    assert_eq!(town.state(from[0], &id), State::Held, "and still may");
    town.net.link(late, to[0]);
    town.net.settle();
    town.net.wait(HOUR);
    town.net.settle();
    assert_eq!(town.state(from[0], &id), State::Held);
    let [came] = &town.came(late)[..] else { panic!("one letter") };
    assert_eq!(town.read(late, came).as_deref(), Some("早到的信"));
}

#[test]
fn a_letter_to_nobody_waits_and_harms_nobody() {
    let mut town = Town::joined();
    let at = town.from[0];
    let id = town.write(at, "c/e/404", "有人吗");
    town.net.settle();
    assert_eq!(town.state(at, &id), waits(Unsealed::NoCard));
    let own = town.net.step(at, |step| outbox::write(step, &unit(WRITER), draft("自己")));
    assert!(matches!(failure(own), Failure::OwnUnit));
    assert!(matches!(
        failure(town.net.step(at, |step| read(step, "ffff"))),
        Failure::NoLetter | Failure::Ambiguous
    ));
    town.no_session_ended();
}

#[test]
fn a_strangers_card_is_no_addressee() {
    let mut town = Town::joined();
    let (from, right) = (town.from, town.right);
    // Nobody recognises the stranger: its card does not come in at all.
    let stranger = town.net.found(None, READER, 66);
    let at = town.net.add(&stranger, None);
    town.net.keep(at);
    town.net.link(at, right);
    let id = town.write(from[0], READER, "只给对的人");
    town.net.settle();
    assert_eq!(town.state(from[0], &id), State::Held);
    // The district recognises it beside the other: two candidates, and this node knows which it
    // wrote to before.
    let rival = town.net.found(Some(&town.two.clone()), READER, 67);
    let hostile = town.net.add(&rival, None);
    town.net.keep(hostile);
    let hostile_card = town.net.authority(hostile).card_of_lineage(&rival.lineage).expect("a card");
    town.net.teach(right, &rival.statements);
    town.net.link(hostile, right);
    let second = town.write(from[0], READER, "还是给对的人");
    town.net.settle();
    for letter in sealed(&town, from[0], "c/d/1:192:c/e/2") {
        assert_ne!(letter.card, hostile_card);
    }
    assert_eq!(town.state(from[0], &second), State::Held, "who was followed is followed on");
    assert_eq!(town.came(hostile).len(), 0);
}

#[test]
fn where_another_lineage_is_recognised_nothing_is_sealed_until_people_say_who_it_is() {
    let mut town = Town::joined();
    let (from, right) = (town.from[0], town.right);
    town.write(from, READER, "认识的");
    town.net.settle();
    let rival = town.net.found(Some(&town.two.clone()), READER, 67);
    let other = town.net.add(&rival, None);
    let other_card = town.net.keep(other).card.expect("a card");
    let (key, genesis, at) = (town.two.key(), town.net.genesis().clone(), town.net.now(right));
    let founding = town.reader.founding();
    let end = town.two.issuer(&genesis, &key).withdraw(founding, Default::default(), at);
    town.net.teach(right, &[end.expect("an ending").into()]);
    town.net.teach(right, &rival.statements);
    town.net.link(other, right);
    let id = town.write(from, READER, "给谁呢");
    town.net.settle();
    let recognised = vec![rival.lineage];
    assert_eq!(town.state(from, &id), waits(Unsealed::OtherLineage { recognised }));
    let cards = |town: &Town| -> Vec<_> {
        let letters = sealed(town, from, "c/d/1:192:c/e/2").into_iter();
        letters.map(|letter| letter.card == other_card).collect()
    };
    assert_eq!(cards(&town), [false]);
    town.net.pin(from, Pin::Unit { unit: unit(READER), lineage: Some(rival.lineage) });
    town.net.settle();
    assert_eq!(town.state(from, &id), State::Held);
    assert_eq!(cards(&town), [false, true]);
}

#[test]
fn a_unit_that_exists_no_more_gets_no_letters_and_its_successors_are_named() {
    let mut town = Town::joined();
    let (from, right) = (town.from, town.right);
    let first = town.write(from[0], READER, "第一封");
    town.net.settle();
    let (key, genesis, at) = (town.two.key(), town.net.genesis().clone(), town.net.now(right));
    let gone = town.two.issuer(&genesis, &key).dissolve(unit(READER), [unit("c/e/3")], at);
    town.net.teach(right, &[gone.expect("a dissolution").into()]);
    town.net.settle();
    let second = town.write(from[0], READER, "第二封");
    town.net.settle();
    let dissolved = Unsealed::Dissolved { successors: vec![unit("c/e/3")] };
    assert_eq!(town.state(from[0], &second), waits(dissolved));
    assert_eq!(town.state(from[0], &first), State::Held, "what was sent stays what it was");
}

#[test]
fn who_is_not_answered_stops_and_goes_on_when_he_is() {
    const WINDOW: usize = 256;
    let mut town = Town::joined();
    let (from, to) = (town.from[0], town.to[0]);
    town.write(from, READER, "0");
    town.net.settle();
    town.net.cut_all(to);
    for n in 0..WINDOW + 9 {
        town.write(from, READER, &n.to_string());
        if n % 64 == 0 {
            town.net.settle();
        }
    }
    town.net.settle();
    let listed = |town: &mut Town| {
        let listed = town.net.step(from, |step| list(step, None, 9_999)).expect("a list");
        let waiting = |one: &&node_letters::Letter| matches!(one.state, State::Waiting(_));
        (listed.letters.len(), listed.letters.iter().filter(waiting).count())
    };
    assert_eq!(listed(&mut town), (WINDOW + 10, 9));
    for n in 9..WAITING_MAX {
        town.write(from, READER, &n.to_string());
    }
    let beyond = town.net.step(from, |step| outbox::write(step, &unit(READER), draft("满")));
    assert!(matches!(failure(beyond), Failure::TooMany { waiting: WAITING_MAX }));
    town.net.link(to, town.right);
    for _ in 0..4 {
        town.net.wait(1_000);
        town.net.settle();
    }
    assert_eq!(listed(&mut town).1, 0);
    assert_eq!(town.came(to).len(), 1 + WINDOW + WAITING_MAX);
    town.no_session_ended();
}

#[test]
fn two_that_only_acknowledge_fall_silent() {
    let mut town = Town::joined();
    let (from, to) = (town.from[0], town.to[0]);
    let own_acknowledgements = |town: &Town, document: &str| {
        let document: DocumentId = document.parse().expect("a document");
        history::all(&town.net.nodes[to].store, &document).expect("in memory").len()
    };
    for n in 0..130 {
        town.write(from, READER, &n.to_string());
        town.net.settle();
    }
    let [out, back] =
        ["c/d/1:192:c/e/2", "c/e/2:192:c/d/1"].map(|d| own_acknowledgements(&town, d));
    assert!(back >= 130, "each letter was acknowledged: {back}");
    assert!(out > 130, "and many acknowledgements are, once");
    assert!(out <= 130 + 4, "but not each of them: {out}");
    town.net.settle();
    assert_eq!(own_acknowledgements(&town, "c/e/2:192:c/d/1"), back);
}

#[test]
fn a_time_that_an_addressee_claims_decides_nothing() {
    let mut town = Town::joined();
    let (from, to) = (town.from[0], town.to[0]);
    let ahead = town.net.now(to).plus(20 * HOUR);
    town.net.nodes[to].set_clock(ahead);
    let id = town.write(from, READER, "钟不准");
    town.net.settle();
    assert_eq!(town.state(from, &id), State::Held);
    assert!(town.net.now(from) < Ms::of(ahead.get()));
}
