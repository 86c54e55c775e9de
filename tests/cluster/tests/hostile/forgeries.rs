//! What members sign that they should not: the node that takes it, and the other one of its unit,
//! lose nothing that counted, and their clerks work on.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use node_api::{Imported, Inspect, NodeStatus, Records, Revoked, Shown, Status};
use node_replication::change::{OpId, Scalar};
use schema_wire::{
    Ascending, Ending, Envelope, Frame, Hash, Hello, Item, Keeps, Levels, Ms, NetworkId, Payload,
    Position, Salt, Scope, SigningKey, Succession, UnitId, Verified, Wire as _,
};
use tests_cluster::{Node, binary, gongzhi, path, plans, wait};
use tokio::runtime::Runtime;

use crate::attacker::{Link, Member, Victim, fresh_key, public};
use crate::forger::{Draft, Upon};

const CITY: &str = "220800";
const NAME: &str = "欧阳谧澍";
/// More forks than a node takes at one place.
const FORKS: u64 = 3_000;
/// More heads than an envelope can name.
const HEADS: u64 = 300;

pub(crate) const MEMBER: [&str; 2] = ["--role", "node"];

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    gongzhi(arguments).map(drop)
}

/// An office and a second node of its unit, which run, and somebody who hands over.
struct Unit {
    office: Node,
    second: Node,
    accomplice: Member,
    runtime: Runtime,
    /// How often its clerks were asked to work.
    rounds: u64,
    // Dropped last.
    root: tempfile::TempDir,
}

impl Unit {
    fn begin() -> Result<Self> {
        let root = tempfile::tempdir()?;
        let mut office = Node::create(root.path(), "office")?;
        office.found()?;
        let mut second = Node::create(root.path(), "second")?;
        office.admit(&second)?;
        second.link(&office);
        let file = root.path().join("accomplice.grant");
        let accomplice = Member::granted(&[&office, &second], &file, &MEMBER, run)?;
        office.start()?;
        second.start()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok(Self { office, second, accomplice, runtime, rounds: 0, root })
    }

    fn member(&self, name: &str) -> Result<Member> {
        Member::granted(&[&self.office], &self.root.path().join(name), &MEMBER, run)
    }

    /// Everything that counted counts at both, and what either clerk enters comes to both.
    fn works(&mut self, before: &BTreeSet<String>) -> Result<()> {
        for node in [&mut self.office, &mut self.second] {
            ensure!(!node.exited()?, "a node ended");
        }
        self.rounds += 1;
        let number = self.rounds;
        let entered = [
            self.office.enter(&format!("甲{number}"))?,
            self.second.enter(&format!("乙{number}"))?,
        ];
        for node in [&self.office, &self.second] {
            wait("all of it counts", || {
                let counted = counted(node)?;
                let mut expected = before.iter().chain(&entered);
                let missing = expected.find(|envelope| !counted.contains(*envelope));
                ensure!(missing.is_none(), "{missing:?} does not count at {}", node.dir.display());
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// The envelopes of the unit's plans that count at a node.
fn counted(node: &Node) -> Result<BTreeSet<String>> {
    let history = node.ask(Inspect { document: plans(CITY) })?.history;
    let counts = history.into_iter().filter(|entry| entry.suspended.is_none());
    Ok(counts.map(|entry| entry.envelope).collect())
}

fn counts_at(nodes: [&Node; 2], envelope: &Envelope) -> Result<()> {
    let id = envelope.header().id().to_string();
    for node in nodes {
        wait("it counts", || {
            ensure!(counted(node)?.contains(&id), "{id} does not count");
            Ok(())
        })?;
    }
    Ok(())
}

fn status(node: &Node) -> Result<NodeStatus> {
    node.ask(Status {})
}

/// A member wrote, others built on it, and it was removed with what was known of it. One other
/// envelope at its first place, or three thousand of them, change nothing of that.
#[test]
fn a_removed_member_fells_nothing_that_was_kept() -> Result<()> {
    let mut unit = Unit::begin()?;
    let (member, victim) = (unit.member("member.grant")?, Victim::of(&unit.office)?);
    let draft = Draft::first(&plans(CITY), 1)?;
    let first = member.writes(&draft, "slot/a/area", "早")?;
    let became = unit
        .runtime
        .block_on(async { member.hands(&victim).await?.envelopes(vec![first.clone()]).await })?;
    ensure!(became.refused == 0 && became.later == 0, "{became:?}");
    counts_at([&unit.office, &unit.second], &first)?;
    unit.works(&BTreeSet::new())?;
    let kept = counted(&unit.office)?;
    ensure!(kept.contains(&first.header().id().to_string()) && kept.len() == 3, "{kept:?}");

    let key = public(&member.pair)?.to_string();
    let revoked: Revoked = unit.office.order(&["revoke", "--node", &key])?;
    ensure!(revoked.logs_kept == 1, "{revoked:?}");
    ensure!(unit.runtime.block_on(member.hands(&victim)).is_err(), "it is a member no more");
    let forks: Result<Vec<Envelope>> = (0..FORKS)
        .map(|number| member.writes(&draft, "slot/a/area", &format!("假{number}")))
        .collect();
    let forks = forks?;
    let one = forks[..1].to_vec();
    for forged in [one, forks] {
        for node in [&unit.office, &unit.second] {
            let victim = Victim::of(node)?;
            let accomplice = &unit.accomplice;
            let handed = async { accomplice.hands(&victim).await?.envelopes(forged.clone()).await };
            let became = unit.runtime.block_on(handed)?;
            ensure!(became.refused == 0, "evidence is kept, within a quota: {became:?}");
        }
        for node in [&unit.office, &unit.second] {
            let counted = counted(node)?;
            let forged: Vec<String> =
                forged.iter().map(|fork| fork.header().id().to_string()).collect();
            ensure!(!forged.iter().any(|fork| counted.contains(fork)), "a fork counts");
        }
        unit.works(&kept)?;
    }
    Ok(())
}

/// A grant of a day is over and closed; its holder dates an entry back into that day, under a life
/// of its own, and somebody hands it over.
#[test]
fn what_is_dated_back_into_a_closed_grant_does_not_count() -> Result<()> {
    const FALSE_CLOCK: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    const DAYS_MS: u64 = 60 * 86_400_000;
    if !Path::new(FALSE_CLOCK).exists() {
        println!("ignored: libfaketime is missing");
        return Ok(());
    }
    let mut unit = Unit::begin()?;
    unit.office.stop(Signal::SIGTERM)?;
    let late = |arguments: &[&str]| {
        let clock = [("LD_PRELOAD", FALSE_CLOCK), ("FAKETIME", "-60d")];
        let status = Command::new(binary()?).envs(clock).args(arguments).status()?;
        ensure!(status.success(), "a grant of long ago");
        Ok(())
    };
    let options = ["--role", "node", "--days", "1"];
    let file = unit.root.path().join("short.grant");
    let holder = Member::granted(&[&unit.office], &file, &options, late)?;
    unit.office.start()?;
    let victim = Victim::of(&unit.office)?;
    ensure!(unit.runtime.block_on(holder.hands(&victim)).is_err(), "its grant is over");
    let mut draft = Draft::first(&plans(CITY), 1)?;
    draft.at = Ms::of(draft.at.get() - DAYS_MS + 3_600_000);
    let dated_back = holder.writes(&draft, "slot/a/area", "假")?;
    let id = dated_back.header().id().to_string();
    wait("the grant is closed", || {
        let unclosed = status(&unit.office)?.grants;
        ensure!(unclosed.is_empty(), "{unclosed:?}");
        Ok(())
    })?;
    let handed = async { unit.accomplice.hands(&victim).await?.envelopes(vec![dated_back]).await };
    let became = unit.runtime.block_on(handed)?;
    ensure!(became.refused == 0, "within its term it is evidence: {became:?}");
    unit.works(&BTreeSet::new())?;
    for node in [&unit.office, &unit.second] {
        ensure!(!counted(node)?.contains(&id), "it counts at {}", node.dir.display());
    }
    Ok(())
}

/// A change upon the other branch of its own fork, one that replaces a value of another key, one
/// that replaces what nobody wrote: none comes to count, and so none is missing in its document.
#[test]
fn what_names_a_past_that_it_does_not_have_is_refused() -> Result<()> {
    let mut unit = Unit::begin()?;
    let (member, victim) = (unit.member("member.grant")?, Victim::of(&unit.office)?);
    let draft = Draft::first(&plans(CITY), 1)?;
    let key = "slot/a/area";
    let [one, other] = [member.writes(&draft, key, "一")?, member.writes(&draft, key, "二")?];
    let [upon, elsewhere] = [Upon::of(&one)?, Upon::of(&other)?];
    let next = Draft { position: Position::behind(1, one.header().id())?, ..draft.clone() };
    let actor = draft.author(public(&member.pair)?).actor(&draft.document);
    let [of_ours, of_nobody] = [actor, [9; 16]].map(|actor| OpId { counter: 1, actor });
    let forged = [
        ("change-dependency", &elsewhere, key, Vec::new()),
        ("change-reference", &upon, "slot/b/area", vec![of_ours]),
        ("change-reference", &upon, key, vec![of_nobody]),
    ];
    let forged: Result<Vec<(&str, Envelope)>> = forged
        .into_iter()
        .map(|(code, upon, key, instead)| {
            let content = member.puts(&next, upon, (key, Scalar::Text("三")), instead)?;
            Ok((code, member.sign(&next, content)?))
        })
        .collect();
    let forged = forged?;
    unit.runtime.block_on(async {
        let mut hands = member.hands(&victim).await?;
        let became = hands.envelopes(vec![one.clone(), other]).await?;
        ensure!(became.refused == 0, "{became:?}");
        for (code, envelope) in &forged {
            let became = hands.envelopes(vec![envelope.clone()]).await?;
            ensure!(became.codes == [*code], "{became:?}");
        }
        Ok(())
    })?;
    // Of the fork itself the node that governs chooses the side that was here first.
    counts_at([&unit.office, &unit.second], &one)?;
    unit.works(&BTreeSet::new())
}

/// Somebody hands on what the unit told of a person's keys, with nulls in their place, to a node
/// that meets the others later.
#[test]
fn keys_that_were_withheld_come_with_another_copy() -> Result<()> {
    let mut unit = Unit::begin()?;
    unit.works(&BTreeSet::new())?;
    unit.second.stop(Signal::SIGTERM)?;
    let text = format!(
        "小区,楼栋,单元,房号,姓名,与户主关系,性别,出生日期\n示例小区,1,1,101,{NAME},户主,男,1960-05-01\n"
    );
    let file = unit.root.path().join("居民名册.csv");
    std::fs::write(&file, text)?;
    let imported: Imported = unit.office.order(&["import", path(&file)?])?;
    ensure!(imported.counts.refused == 0, "{imported:?}");
    let victim = Victim::of(&unit.office)?;
    let taken =
        unit.runtime.block_on(async { unit.accomplice.hands(&victim).await?.taken().await })?;
    unit.office.stop(Signal::SIGTERM)?;

    let people = Scope::band(CITY.parse::<UnitId>()?, schema_wire::Band::People);
    let mut withheld = 0;
    let of_people = taken.into_iter().filter(|(scope, _)| *scope == people).map(|(_, item)| item);
    let nulled: Result<Vec<Item>> = of_people
        .map(|item| {
            let Item::Envelope(envelope) = item else { return Ok(item) };
            let (header, content) = envelope.into_parts();
            let content = match content {
                Payload::Keys(keys) => {
                    withheld += keys.iter().count();
                    Payload::Keys(keys.without(|_| true))
                }
                other => other,
            };
            Ok(Item::Envelope(Box::new(Envelope::new(header, content)?)))
        })
        .collect();
    let nulled = nulled?;
    ensure!(withheld > 0, "keys were told");
    unit.second.start()?;
    let victim = Victim::of(&unit.second)?;
    let became = unit
        .runtime
        .block_on(async { unit.accomplice.hands(&victim).await?.over(&people, nulled).await })?;
    ensure!(became.refused == 0, "{became:?}");
    ensure!(names(&unit.second)?.is_empty(), "no key came");
    unit.office.start()?;
    wait("the second node reads the name", || {
        let records = unit.second.ask(Records { kind: "person".into(), after: None })?.records;
        let peers = status(&unit.second)?.peers;
        ensure!(
            names(&unit.second)? == [NAME],
            "{records:?} {peers:?} {:?}",
            status(&unit.second)?.refused_newest
        );
        Ok(())
    })?;
    unit.works(&BTreeSet::new())
}

fn names(node: &Node) -> Result<Vec<String>> {
    let records = node.ask(Records { kind: "person".into(), after: None })?.records;
    let fields = records.into_iter().flat_map(|record| record.fields);
    let values = fields.filter(|field| field.name == "name").flat_map(|field| field.values);
    let names = values.filter_map(|value| match value {
        Shown::Text(name) => Some(name),
        Shown::Code(..) | Shown::Closed | Shown::Unreadable | Shown::Nothing => None,
    });
    Ok(names.collect())
}

/// Whatever a stranger says first, and second: the node leads the same life in the same sessions.
#[test]
fn a_strangers_frames_change_no_life_and_end_no_session() -> Result<()> {
    let mut unit = Unit::begin()?;
    unit.works(&BTreeSet::new())?;
    let victim = Victim::of(&unit.office)?;
    let since = |unit: &Unit| {
        let life = status(&unit.office)?.incarnation;
        let peers = status(&unit.office)?.peers;
        let second = peers.into_iter().find(|peer| peer.peer == unit.second.key);
        anyhow::Ok((life, second.context("known")?.is_live()))
    };
    let before = wait("the second node is connected", || {
        let before = since(&unit)?;
        ensure!(before.1, "not yet");
        Ok(before)
    })?;
    let accomplice = &unit.accomplice;
    let hello = |network, levels| {
        let salt = Salt([1; 16]);
        Frame::Hello(Hello { network, levels, salt, clock: Ms::of(0) }).to_bytes()
    };
    let told = |code: &str| {
        let code = schema_wire::Text::new(code)?;
        let text = schema_wire::Text::new("")?;
        anyhow::Ok(Frame::Refusal(schema_wire::Reason { code, text }).to_bytes())
    };
    let other = NetworkId([3; 32]);
    let firsts = [
        hello(accomplice.network, Levels::OURS),
        hello(other, Levels { least: 0, most: 0 }),
        told("replayed-hello")?,
        told("level-down")?,
        told("over")?,
        accomplice.membership()?,
    ];
    unit.runtime.block_on(async {
        for first in &firsts {
            for second in &firsts {
                let mut link = Link::connect(&victim, &fresh_key(&victim)?).await?;
                let Ok(mut line) = link.open(&victim).await else { continue };
                let _ = line.say(first).await;
                let _ = line.say(second).await;
                let _ = line.refusal().await;
            }
        }
        anyhow::Ok(())
    })?;
    ensure!(since(&unit)? == before, "{:?} and {before:?}", since(&unit)?);
    let kept = counted(&unit.office)?;
    unit.works(&kept)
}

/// A member leaves three hundred heads in a document; the next clerk writes there all the same.
#[test]
fn a_document_with_more_heads_than_an_envelope_names_is_written() -> Result<()> {
    let mut unit = Unit::begin()?;
    let (member, victim) = (unit.member("member.grant")?, Victim::of(&unit.office)?);
    let heads: Result<Vec<Envelope>> = (1..=HEADS)
        .map(|life| member.writes(&Draft::first(&plans(CITY), life)?, "slot/a/area", "多"))
        .collect();
    let heads = heads?;
    let last = heads.last().context("some")?.clone();
    let handed = async { member.hands(&victim).await?.envelopes(heads).await };
    let became = unit.runtime.block_on(handed)?;
    ensure!(became.refused == 0 && became.later == 0, "{became:?}");
    counts_at([&unit.office, &unit.second], &last)?;
    let kept = counted(&unit.office)?;
    unit.works(&kept)?;
    let kept = counted(&unit.office)?;
    unit.works(&kept)
}

/// Two entries that do not fit one frame together are sent by id to a node that is new.
#[test]
fn two_items_that_exceed_a_frame_reach_a_new_node() -> Result<()> {
    let mut unit = Unit::begin()?;
    let (member, victim) = (unit.member("member.grant")?, Victim::of(&unit.office)?);
    let long = "长".repeat(230_000);
    let large: Result<Vec<Envelope>> = (1..=3)
        .map(|life| member.writes(&Draft::first(&plans(CITY), life)?, "slot/a/area", &long))
        .collect();
    let large = large?;
    let handed = async { member.hands(&victim).await?.envelopes(large.clone()).await };
    let became = unit.runtime.block_on(handed)?;
    ensure!(became.refused == 0, "{became:?}");
    let mut third = Node::create(unit.root.path(), "third")?;
    unit.office.admit(&third)?;
    third.link(&unit.office);
    third.start()?;
    for envelope in &large {
        counts_at([&unit.second, &third], envelope)?;
    }
    let kept = counted(&third)?;
    unit.works(&kept)
}

/// The root's key in daily use, stolen, passes nothing on; and a member that was removed ends
/// nobody's grant, whenever it claims to have said so.
#[test]
fn a_stolen_root_key_and_a_removed_member_change_nobody() -> Result<()> {
    let mut unit = Unit::begin()?;
    let governing = ["--role", "governing"];
    let file = unit.root.path().join("former.grant");
    let former = Member::granted(&[&unit.office], &file, &governing, run)?;
    unit.works(&BTreeSet::new())?;
    let kept = counted(&unit.office)?;
    let victim = Victim::of(&unit.office)?;
    let key = public(&former.pair)?.to_string();
    unit.office.order::<Revoked>(&["revoke", "--node", &key])?;

    let file: toml::Table = std::fs::read_to_string(unit.office.dir.join("node.key"))?.parse()?;
    let secret = hex::decode(file["secret"].as_str().context("not sealed")?)?;
    let root = SigningKey::from_bytes(secret.get(..32).context("a key")?.try_into()?);
    let root_key = schema_wire::NodeKey(root.verifying_key().to_bytes());
    ensure!(root_key.to_string() == unit.office.key, "the root's key is the first node's");
    let ends = grant_of(&unit.root.path().join("second.grant"))?;
    let network = former.network;
    let thief = SigningKey::from_bytes(&[7; 32]);
    let thief = schema_wire::NodeKey(thief.verifying_key().to_bytes());
    let succession = Succession {
        network,
        previous: network.as_hash(),
        reveal: root_key,
        roots: Ascending::of([thief])?,
        threshold: 1,
        next: Ascending::of([Hash([1; 32])])?,
        next_threshold: 1,
        keeps: Keeps::default(),
        at: Ms::of(1),
    };
    let succession = Verified::seal(succession, &root)?;
    let begun = Draft::first(&plans(CITY), 1)?.at;
    let ending = Ending {
        network,
        unit: CITY.parse()?,
        proof: former.delegation()?,
        issuer: public(&former.pair)?,
        ends,
        ran_out: false,
        keeps: Keeps::default(),
        at: begun,
    };
    let ending = Verified::seal(ending, &former.signing_key()?)?;
    let statements = Scope::statements(CITY.parse::<UnitId>()?);
    let item = |statement: schema_wire::VerifiedStatement| {
        Item::Statement(Box::new(statement.into_statement()))
    };
    unit.runtime.block_on(async {
        let mut hands = unit.accomplice.hands(&victim).await?;
        let became = hands.over(&statements, vec![item(succession.into())]).await?;
        ensure!(became.codes == ["not-committed"], "{became:?}");
        let became = hands.over(&statements, vec![item(ending.into())]).await?;
        ensure!(became.refused == 0, "it is kept, and ends nothing: {became:?}");
        Ok(())
    })?;
    let keys: node_api::KeysHeld = unit.office.order(&["keys", "show"])?;
    ensure!(keys.root.generation == network.as_hash().to_string(), "{keys:?}");
    unit.works(&kept)
}

/// The delegation at the end of a grant file's chain.
fn grant_of(file: &Path) -> Result<Hash> {
    let grant: toml::Table = std::fs::read_to_string(file)?.parse()?;
    let last = grant["chain"].as_array().and_then(|chain| chain.last()).context("a chain")?;
    let bytes = hex::decode(last.as_str().context("text")?)?;
    Ok(schema_wire::Statement::from_bytes(&bytes)?.id())
}
