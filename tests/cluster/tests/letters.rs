//! Communities of two districts write to each other, with real processes between them.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use node_api::{
    AddresseeAccepted, AnswerLetter, Direction, LetterField, LetterListed, LetterShown,
    LetterState, LetterValue, Letters, LettersShown, Lineage, ReadLetter, RecognisedFile, Revoked,
    WriteLetter,
};
use tests_cluster::{Node, files_holding, gongzhi, holds, path, wait};

const DISTRICTS: [&str; 2] = ["220800/220802", "220800/220881"];
const FIRST: &str = "220800/220802/220802001";
const SECOND: &str = "220800/220881/220881001";

/// A city, two districts, and a community below each, each linked to the one above it.
struct Town {
    root: tempfile::TempDir,
    city: Node,
    districts: [Node; 2],
    communities: [Node; 2],
}

impl Town {
    /// None of them runs yet.
    fn found() -> Result<Self> {
        let root = tempfile::tempdir()?;
        let create = |name: &str| Node::create(root.path(), name);
        let city = create("city")?;
        city.found()?;
        let mut districts = [create("left")?, create("right")?];
        let mut communities = [create("first")?, create("second")?];
        for (district, unit) in districts.iter_mut().zip(DISTRICTS) {
            city.found_below(district, unit)?;
            district.link(&city);
        }
        for ((community, district), unit) in
            communities.iter_mut().zip(&districts).zip([FIRST, SECOND])
        {
            district.found_below(community, unit)?;
            community.link(district);
        }
        Ok(Self { root, city, districts, communities })
    }

    /// All run but the city.
    fn start(&mut self) -> Result<()> {
        for node in self.districts.iter_mut().chain(&mut self.communities) {
            node.start()?;
        }
        Ok(())
    }

    fn carriers(&self) -> [&Node; 3] {
        [&self.city, &self.districts[0], &self.districts[1]]
    }
}

fn body(text: &str) -> Vec<LetterField> {
    vec![LetterField { field: "text".into(), value: LetterValue::Text(text.into()) }]
}

/// Writes as soon as the unit has its card.
fn write(node: &Node, to: &str, text: &str) -> Result<LetterListed> {
    wait("the unit has its card", || {
        let asked = WriteLetter { to: to.into(), kind: "letter".into(), body: body(text) };
        Ok(node.ask(asked)?.letter)
    })
}

fn listed(node: &Node) -> Result<LettersShown> {
    node.ask(Letters::default())
}

fn state(node: &Node, id: &str) -> Result<LetterState> {
    let listed = listed(node)?.letters.into_iter().find(|letter| letter.id == id);
    Ok(listed.context("it is not listed")?.state)
}

fn comes_to(node: &Node, id: &str, expected: &LetterState) -> Result<()> {
    wait(&format!("letter {id} is {expected:?}"), || {
        let state = state(node, id)?;
        ensure!(state == *expected, "{state:?}");
        Ok(())
    })
}

/// The letters that came and open here, as texts.
fn read_all(node: &Node) -> Result<Vec<String>> {
    let letters = listed(node)?.letters.into_iter();
    let came = letters.filter(|letter| letter.direction == Direction::In);
    let mut texts = Vec::new();
    for letter in came {
        let shown = node.ask(ReadLetter { letter: letter.id })?;
        texts.extend(shown.message.is_some().then(|| text(&shown)).transpose()?);
    }
    Ok(texts)
}

fn text(shown: &LetterShown) -> Result<String> {
    let message = shown.message.as_ref().with_context(|| format!("closed: {shown:?}"))?;
    match &message.body[..] {
        [LetterField { value: LetterValue::Text(text), .. }] => Ok(text.clone()),
        _ => bail!("another body"),
    }
}

/// Does the memory of the process hold these bytes? All that it may write to is searched.
fn memory_holds(node: &Node, text: &str) -> Result<bool> {
    let pid = node.pid().context("it runs")?;
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let mut memory = fs::File::open(format!("/proc/{pid}/mem"))?;
    for line in maps.lines() {
        let mut parts = line.split(' ');
        let (range, rights) = (parts.next().context("a range")?, parts.next().unwrap_or_default());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').context("a range")?;
        let (from, to) = (u64::from_str_radix(from, 16)?, u64::from_str_radix(to, 16)?);
        memory.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        // A part that was given back meanwhile ends the range.
        let _ = (&mut memory).take(to - from).read_to_end(&mut bytes);
        if holds(&bytes, text) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[test]
fn a_first_letter_waits_for_the_city_is_held_opened_and_answered_and_no_carrier_reads_it()
-> Result<()> {
    let mut town = Town::found()?;
    town.start()?;
    let [first, second] = &town.communities;
    let letter = write(first, SECOND, "东门井盖松动请来人看看")?;
    assert_eq!(letter.state, LetterState::NoCard, "the city is away");
    town.city.start()?;
    comes_to(first, &letter.id, &LetterState::Held)?;
    let [came] = &listed(second)?.letters[..] else { bail!("one letter") };
    assert_eq!((came.direction, came.unit.as_str()), (Direction::In, FIRST));
    assert_eq!(read_all(second)?, ["东门井盖松动请来人看看"]);
    comes_to(first, &letter.id, &LetterState::Opened)?;
    let own = first.ask(ReadLetter { letter: letter.id[..8].into() })?;
    assert_eq!(text(&own)?, "东门井盖松动请来人看看", "its own copy");

    // A district fails while the answer is on its way.
    town.districts[0].stop(Signal::SIGKILL)?;
    let [first, second] = &town.communities;
    let asked = AnswerLetter {
        letter: came.id.clone(),
        kind: "letter".into(),
        body: body("已请师傅修好了"),
    };
    let answer = second.ask(asked)?.letter;
    assert!(matches!(answer.state, LetterState::OnItsWay | LetterState::NoCard), "{answer:?}");
    town.districts[0].start()?;
    comes_to(second, &answer.id, &LetterState::Held)?;
    let shown = wait("the answer is here", || {
        let letters = listed(first)?.letters.into_iter();
        let mut came = letters.filter(|letter| letter.direction == Direction::In);
        first.ask(ReadLetter { letter: came.next().context("none")?.id })
    })?;
    assert_eq!(text(&shown)?, "已请师傅修好了");
    let message = shown.message.context("it opens")?;
    assert_eq!(message.thread, letter.id, "the first letter names the conversation");
    assert_eq!(message.answers, [came.id.as_str()]);

    for carrier in town.carriers() {
        let name = carrier.dir.display();
        assert!(memory_holds(carrier, "220800/")?, "{name}: what it may hold is found");
        for word in ["井盖松动", "来人看看", "师傅修好"] {
            assert!(!memory_holds(carrier, word)?, "{name} holds {word} in memory");
        }
    }
    let carriers = town.districts.iter_mut().chain([&mut town.city]);
    carriers.into_iter().try_for_each(|carrier| carrier.stop(Signal::SIGTERM))?;
    for carrier in town.carriers() {
        for word in ["井盖松动", "来人看看", "师傅修好"] {
            assert!(
                files_holding(&carrier.dir, &[word])? == 0,
                "{} holds {word}",
                carrier.dir.display()
            );
        }
    }
    Ok(())
}

#[test]
fn letters_go_to_the_new_card_once_a_node_of_the_addressee_was_removed() -> Result<()> {
    let mut town = Town::found()?;
    let mut removed = Node::create(town.root.path(), "removed")?;
    town.communities[1].admit(&removed)?;
    removed.link(&town.communities[1]);
    town.city.start()?;
    town.start()?;
    removed.start()?;
    let [first, second] = &town.communities;
    let before = write(first, SECOND, "撤销之前")?;
    comes_to(first, &before.id, &LetterState::Held)?;
    assert_eq!(wait("the other node has it", || some(read_all(&removed)?))?, ["撤销之前"]);
    let card = listed(second)?.card.context("a card")?;
    second.order::<Revoked>(&["revoke", "--node", &removed.key])?;
    wait("the box changed", || {
        ensure!(listed(second)?.card.context("a card")?.id != card.id, "the same");
        Ok(())
    })?;
    let after = write(first, SECOND, "撤销之后")?;
    comes_to(first, &after.id, &LetterState::Held)?;
    let mut texts = read_all(second)?;
    texts.sort_unstable();
    assert_eq!(texts, ["撤销之前", "撤销之后"]);
    removed.stop(Signal::SIGTERM)?;
    assert!(files_holding(&removed.dir, &["撤销之后"])? == 0);
    Ok(())
}

fn some(texts: Vec<String>) -> Result<Vec<String>> {
    ensure!(!texts.is_empty(), "none yet");
    Ok(texts)
}

#[test]
fn nobody_is_written_to_but_the_unit_that_people_know() -> Result<()> {
    let mut town = Town::found()?;
    town.city.start()?;
    town.start()?;
    let [first, _] = &town.communities;
    let nobody = write(first, "220800/220881/404", "有人吗")?;
    assert_eq!(nobody.state, LetterState::NoCard);
    let refused = gongzhi(&[
        "letters",
        "write",
        "--lang",
        "en",
        "--data",
        path(&first.dir)?,
        "--to",
        FIRST,
        "自己",
    ]);
    let refused = refused.expect_err("to oneself").to_string();
    assert!(refused.contains(FIRST), "{refused}");
    let known = write(first, SECOND, "认识的")?;
    comes_to(first, &known.id, &LetterState::Held)?;

    // The district recognises somebody else as the unit.
    let mut rival = Node::create(town.root.path(), "rival")?;
    let right = &town.districts[1];
    right.begin(&rival, SECOND)?;
    let [request, grant] = ["request", "grant"].map(|e| rival.dir.with_extension(e));
    let recognise =
        ["recognise", "--instead", "--request", path(&request)?, "--out", path(&grant)?];
    right.order::<RecognisedFile>(&recognise)?;
    rival.order::<node_api::Joined>(&["init", "--grant", path(&grant)?])?;
    rival.link(right);
    rival.start()?;
    let lineage = rival.ask(Lineage {})?.lineage;
    let asks = LetterState::OtherLineage { recognised: vec![lineage.clone()] };
    let withheld = wait("the recognition is known", || {
        let letter = write(first, SECOND, "只给认识的")?;
        ensure!(letter.state == asks, "{:?}", letter.state);
        Ok(letter)
    })?;
    assert!(read_all(&rival)?.iter().all(|text| text != "只给认识的"));
    // People asked in person, and it is the unit.
    let accepted: AddresseeAccepted =
        first.order(&["letters", "accept", "--unit", SECOND, &lineage])?;
    assert_eq!(accepted.lineage, lineage);
    comes_to(first, &withheld.id, &LetterState::Held)?;
    assert!(read_all(&rival)?.contains(&"只给认识的".to_owned()));
    assert_eq!(state(first, &nobody.id)?, LetterState::NoCard);
    Ok(())
}
