//! Folders on a disk, without processes: units begin, are recognised, pass on, and are imitated.

use std::collections::BTreeSet;
use std::fs;

use node_acts::phrase::{Phrase, Words};
use node_api::{
    Alarm, Delegate, Delegated, Failure, Joined, Keep, KeysHeld, NextStep, NodeRole, Recognise,
    Recognised, Revoke,
};
use node_folder::{Folder, Grant, Membership};
use node_replication::store::{ReadStore as _, Table};
use schema_wire::{Band, Genesis, Hash, UnitId, VerifiedStatement};
use tempfile::TempDir;

use super::join::{alone, learn_all, statement};
use super::*;
use crate::context::Context;
use crate::failure;
use crate::keyfile::{self, Secrets};

const CITY: &str = "220800";
const DISTRICT: &str = "220800/220802";
const COMMUNITY: &str = "220800/220802/220802001";

/// A folder with a key.
struct Office {
    _dir: TempDir,
    folder: Folder,
    /// Of its unit, if that began here.
    phrase: Option<Phrase>,
}

fn unit(path: &str) -> UnitId {
    UnitId::parse(path).expect("a unit")
}

fn empty() -> Office {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(dir.path());
    keyfile::create(&folder.key(), None).expect("a key");
    Office { _dir: dir, folder, phrase: None }
}

fn read(phrase: &str) -> Phrase {
    Phrase::parse(phrase).expect("as it was shown")
}

/// A city that began a network, with the root's phrase.
fn city() -> (Office, Phrase) {
    let mut office = empty();
    let root = Root { city: &unit(CITY), name: "白城", others: &[], threshold: 1 };
    let beginning = root.draft(&office.secrets()).expect("drafted");
    begin(&office.folder, &office.secrets(), &beginning, || Ok(())).expect("begun");
    let began = beginning.began(NextStep::Nothing);
    office.phrase = Some(read(&began.unit_phrase.0));
    (office, read(&began.root_phrase.expect("a network began").0))
}

/// A unit that began by itself, with its request.
fn begun(genesis: Genesis, path: &str) -> (Office, String) {
    let mut office = empty();
    let beginning = draft(&office.secrets(), genesis, &unit(path)).expect("drafted");
    begin(&office.folder, &office.secrets(), &beginning, || Ok(())).expect("begun");
    office.phrase = Some(read(&beginning.began(NextStep::Nothing).unit_phrase.0));
    (office, beginning.request().to_text())
}

/// A city and a district, which recognise each other's tier; and a community of the district.
fn three() -> [Office; 3] {
    let (city, _) = city();
    let (district, request) = begun(city.membership().genesis, DISTRICT);
    let grant = city.recognise(&request, false).expect("recognised").grant;
    district.join(&grant).expect("taken in");
    let (community, request) = begun(city.membership().genesis, COMMUNITY);
    let grant = district.recognise(&request, false).expect("recognised").grant;
    community.join(&grant).expect("taken in");
    [city, district, community]
}

impl Office {
    fn secrets(&self) -> Secrets {
        keyfile::open(&self.folder.key()).expect("a key")
    }

    fn node(&self) -> String {
        self.secrets().node().to_string()
    }

    fn membership(&self) -> Membership {
        Membership::load(&self.folder).expect("a member")
    }

    fn phrase(&self) -> Phrase {
        self.phrase.clone().expect("its unit began here")
    }

    fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Context<'_>) -> anyhow::Result<R> + Send + 'static,
    ) -> Result<R, Failure> {
        let answer = alone(&self.folder, &self.secrets(), &self.membership(), call);
        answer.map_err(|error| failure::of(&error))
    }

    fn keys(&self) -> KeysHeld {
        self.call(|context| keys(context)).expect("shown")
    }

    fn lineage(&self) -> Hash {
        self.call(|context| Ok(context.lineage())).expect("shown")
    }

    fn recognise(&self, request: &str, instead: bool) -> Result<Recognised, Failure> {
        let asked = Recognise { request: request.into(), days: None, instead };
        self.call(move |context| recognise(context, &asked))
    }

    fn delegate(&self, to: &Self, role: NodeRole) -> Result<Delegated, Failure> {
        let asked = Delegate { to: to.node(), role, days: None, replaces: None };
        self.call(move |context| delegate(context, &asked))
    }

    fn join(&self, grant: &str) -> Result<Joined, Failure> {
        let grant = Grant::from_text(grant).expect("a grant");
        join(&self.folder, grant).map_err(|error| failure::of(&error))
    }

    /// Takes over every statement that another folder knows, as from the network.
    fn hear(&self, other: &Self) {
        let known = other.call(|context| {
            let ids: Vec<Hash> = context.authority().kept().collect();
            ids.iter().map(|id| Ok(statement(context, id)?.trust_own_store())).collect()
        });
        let known: Vec<VerifiedStatement> = known.expect("read");
        self.call(move |context| learn_all(context, known)).expect("learned");
    }

    fn rotate(&self, phrase: Phrase) -> Result<node_api::LineageRotated, Failure> {
        let leaving = Leaving { keep: Keep::Known, without: BTreeSet::new() };
        rotate_lineage(&self.folder, phrase, leaving, |_| Ok(()))
            .map_err(|error| failure::of(&error))
    }
}

/// A second node of a unit.
fn second(first: &Office, role: NodeRole) -> Office {
    let office = empty();
    let grant = first.delegate(&office, role).expect("taken in").grant;
    office.join(&grant).expect("joined");
    office
}

#[test]
fn a_unit_works_inside_before_anybody_recognises_it() {
    let (city, _) = city();
    assert!(city.keys().is_root && city.keys().is_operating);
    let (district, _) = begun(city.membership().genesis, DISTRICT);
    let tablet = empty();
    let grant = district.delegate(&tablet, NodeRole::Device).expect("taken in").grant;
    let joined = tablet.join(&grant).expect("joined");
    assert!(!joined.recognised);
    assert_eq!(joined.lineage, district.lineage().to_string());
    assert!(district.keys().is_operating && !tablet.keys().is_operating);
    assert_eq!(tablet.keys().alarms, []);
}

#[test]
fn a_grant_is_closed_after_its_grace_and_only_by_who_holds_the_units_key() {
    const DAY_MS: u64 = 86_400_000;
    let [_, district, _] = three();
    let (desk, governing) = (empty(), second(&district, NodeRole::Governing));
    let asked = Delegate { to: desk.node(), role: NodeRole::Node, days: Some(1), replaces: None };
    district.call(move |context| delegate(context, &asked)).expect("taken in");
    governing.hear(&district);
    let close = |office: &Office, days: u64| {
        let closed = office.call(move |context| {
            let at = crate::clock::now().plus(days * DAY_MS);
            let before = close_overdue(context, at)?.len();
            Ok((before, close_overdue(context, at)?.len()))
        });
        closed.expect("looked for")
    };
    assert_eq!(close(&district, 30), (0, 0), "what its holder wrote may still come");
    assert_eq!(close(&governing, 40), (0, 0), "not its affair");
    assert_eq!(close(&district, 40), (1, 0), "closed, and once");
}

#[test]
fn a_recognition_is_taken_in_and_gives_nothing_inside() {
    let [_, district, community] = three();
    let recognised = community.call(|context| {
        let authority = context.authority();
        Ok(authority.followed(context.unit()) == Some(context.lineage()))
    });
    assert!(recognised.expect("asked"));
    let inside = district.call(|context| {
        let lineage = context.authority().followed(&unit(COMMUNITY)).expect("followed");
        Ok(context.authority().grants(&lineage, crate::clock::now()).count())
    });
    assert_eq!(inside.expect("asked"), 0, "the district knows no node of the community");
}

#[test]
fn who_founds_a_unit_again_for_another_key_changes_nothing_in_it() {
    let [_, district, community] = three();
    let (thief, request) = begun(district.membership().genesis, COMMUNITY);
    let refused = district.recognise(&request, false).expect_err("it is recognised already");
    assert!(matches!(refused, Failure::RecognisedOtherwise { .. }), "{refused}");
    let own = community.lineage();
    let recognised = district.recognise(&request, true).expect("the district may");
    assert_eq!(recognised.instead_of, [own.to_string()]);
    thief.join(&recognised.grant).expect("it is recognised");

    let refused = community.join(&recognised.grant).expect_err("another lineage");
    let Failure::OtherLineage { pinned, granted, .. } = &refused else { panic!("{refused}") };
    assert_eq!((pinned, granted), (&own.to_string(), &thief.lineage().to_string()));
    assert_eq!(community.lineage(), own);

    // It hears of it from the network, and holds to its own.
    community.hear(&district);
    let keys = community.keys();
    assert!(keys.is_operating);
    assert_eq!(keys.lineage, own.to_string());
    let recognised = thief.lineage().to_string();
    let displaced = Alarm::Displaced { unit: COMMUNITY.into(), own: own.to_string(), recognised };
    assert_eq!(keys.alarms, [displaced]);
}

#[test]
fn a_node_is_taken_in_by_the_operating_key_and_out_again() {
    let [_, _, community] = three();
    let backup = second(&community, NodeRole::Backup);
    let stranger = empty();
    let refused = backup.delegate(&stranger, NodeRole::Node).expect_err("it does not govern");
    let Failure::UnitKeyElsewhere { holders, .. } = &refused else { panic!("{refused}") };
    assert_eq!(*holders, community.node());
    let loss = |office: &Office| office.call(|context| Ok(last_loss(context, Band::People)));
    assert_eq!(loss(&community), Ok(None));
    let asked = Revoke { node: backup.node(), keep: Keep::Known };
    let again = asked.clone();
    let revoked = community.call(move |context| revoke(context, &asked)).expect("revoked");
    assert_eq!(revoked.ended.len(), 1);
    assert!(loss(&community).expect("asked").is_some(), "what is sealed now needs another key");
    let refused = community.call(move |context| revoke(context, &again)).expect_err("it is gone");
    assert!(matches!(refused, Failure::NothingToRevoke { .. }), "{refused}");
}

#[test]
fn a_governing_node_takes_nodes_in_and_lets_none_govern() {
    let [_, _, community] = three();
    let deputy = second(&community, NodeRole::Governing);
    let other = empty();
    deputy.delegate(&other, NodeRole::Node).expect("it governs");
    let refused = deputy.delegate(&other, NodeRole::Governing).expect_err("the key alone may");
    let Failure::NotOperatingKey { key, .. } = &refused else { panic!("{refused}") };
    assert_eq!(*key, community.node());
    deputy.hear(&community);
    let asked = Revoke { node: community.node(), keep: Keep::None };
    let refused = deputy.call(move |context| revoke(context, &asked)).expect_err("not its own");
    assert!(matches!(refused, Failure::NotOperatingKey { .. }), "{refused}");
}

#[test]
fn a_phrase_passes_the_unit_on_once_and_no_other_does() {
    let [_, district, community] = three();
    let office = second(&community, NodeRole::Node);
    let lineage = office.lineage();
    for other in [district.phrase(), Phrase::of([7; 16])] {
        assert_eq!(office.rotate(other), Err(Failure::OtherPhrase));
    }
    assert!(!office.keys().is_operating);
    let rotated = office.rotate(community.phrase()).expect("its phrase");
    assert_eq!((rotated.before, rotated.operating_key), (community.node(), office.node()));
    assert!(office.keys().is_operating);
    assert_eq!(office.lineage(), lineage, "the lineage is the same");
    // The one who had the key before is a node no more; who it had taken in stays.
    let revoked = Revoke { node: community.node(), keep: Keep::Known };
    let gone = office.call(move |context| revoke(context, &revoked)).expect_err("it is gone");
    assert!(matches!(gone, Failure::NothingToRevoke { .. }), "{gone}");
    assert_eq!(office.rotate(community.phrase()), Err(Failure::OtherPhrase));
    let third = empty();
    office.delegate(&third, NodeRole::Governing).expect("it has the operating key");
}

#[test]
fn the_operating_key_is_replaced_in_its_own_folder() {
    let [_, _, community] = three();
    let before = community.node();
    let rotated = community.rotate(community.phrase()).expect("its phrase");
    assert_ne!(rotated.operating_key, before);
    assert_eq!(community.node(), rotated.operating_key);
    assert!(!community.folder.next_key().exists());
    let keys = community.keys();
    assert!(keys.is_operating && !keys.grants.is_empty());
    let again = community.rotate(read(&rotated.phrase.0)).expect("the phrase that was shown");
    assert_eq!(again.before, rotated.operating_key);
}

#[test]
fn who_is_known_is_looked_up_anew_when_a_choice_changes_what_counts() {
    let [_, _, community] = three();
    let (other, _) = begun(community.membership().genesis, COMMUNITY);
    let (own, theirs) = (community.lineage(), other.lineage());
    let known = community.call(move |context| {
        let fields = vec![("name".to_owned(), "王小明".to_owned())];
        let kind = "person".to_owned();
        let person = node_api::Edit { kind, record: None, fields, synthetic: false };
        crate::records::edit(context, &person)?;
        let before = known_of(context, "王小明")?;
        context.belong(theirs)?;
        let elsewhere = known_of(context, "王小明")?;
        context.belong(own)?;
        Ok([before, elsewhere, known_of(context, "王小明")?])
    });
    assert_eq!(known.expect("entered"), [1, 0, 1]);
}

/// How many persons of a name this node knows, by what it looks records up in.
fn known_of(context: &mut Context<'_>, name: &str) -> anyhow::Result<usize> {
    let mut memory = std::mem::take(context.memory);
    let records = node_records::Records::begin(context, &mut memory, false)?;
    let known = records.find_persons(name, usize::MAX).len();
    *context.memory = memory;
    Ok(known)
}

#[test]
fn the_key_of_a_root_is_not_replaced_with_the_units() {
    let (city, _) = city();
    assert_eq!(city.rotate(city.phrase()), Err(Failure::RootKey));
    assert!(!city.folder.next_key().exists());
}

#[test]
fn another_lineage_is_accepted_by_hand_for_good_and_given_up_again() {
    let [_, _, community] = three();
    let (other, _) = begun(community.membership().genesis, COMMUNITY);
    let (own, theirs) = (community.lineage(), other.lineage());
    let grant = other.delegate(&community, NodeRole::Node).expect("taken in").grant;
    let refused = community.join(&grant).expect_err("not accepted yet");
    assert!(matches!(refused, Failure::OtherLineage { .. }), "{refused}");
    let accepted = accept_lineage(&community.folder, theirs).expect("accepted");
    assert_eq!(accepted.before, own.to_string());
    community.join(&grant).expect("accepted by hand");
    let keys = community.keys();
    assert_eq!(keys.lineage, theirs.to_string());
    assert!(!keys.is_operating && !keys.grants.is_empty());
    accept_lineage(&community.folder, own).expect("back");
    assert!(community.keys().is_operating);
    assert_eq!(community.lineage(), own);
}

#[test]
fn a_beginning_that_was_interrupted_begins_anew_and_nothing_else_is_cleared() {
    let (city, _) = city();
    let genesis = city.membership().genesis;
    let (office, _) = begun(genesis.clone(), DISTRICT);
    let again = || draft(&office.secrets(), genesis.clone(), &unit(DISTRICT)).expect("drafted");
    let tried = || begin(&office.folder, &office.secrets(), &again(), || Ok(()));
    let failed = |tried: anyhow::Result<()>| failure::of(&tried.expect_err("refused"));
    assert!(matches!(failed(tried()), Failure::MemberAlready { .. }));
    // As if it had been killed at its very end: that it began is over.
    fs::write(office.folder.beginning(), "").expect("written");
    assert!(matches!(failed(tried()), Failure::MemberAlready { .. }));
    assert!(!office.folder.beginning().exists());
    // As if the membership had been lost.
    fs::remove_file(office.folder.membership()).expect("removed");
    assert!(matches!(failed(tried()), Failure::StoreRemains { .. }));
    assert!(office.folder.store().exists());
    // As if it had been killed before its end.
    fs::write(office.folder.beginning(), "").expect("written");
    tried().expect("begun");
    assert!(office.keys().is_operating && !office.folder.beginning().exists());
}

#[test]
fn a_network_of_two_roots_begins_once_both_have_signed() {
    let (first, other) = (empty(), empty());
    let others = [other.secrets().node()];
    let root = Root { city: &unit(CITY), name: "白城", others: &others, threshold: 2 };
    let mut grant = root.draft(&first.secrets()).expect("drafted").grant();
    let own = endorse_file(&first.folder, &mut grant).expect_err("it signed already");
    assert_eq!(failure::of(&own), Failure::OwnSignature);
    let stranger = endorse_file(&empty().folder, &mut grant).expect_err("no root");
    assert!(matches!(failure::of(&stranger), Failure::NoRootKey { .. }));
    let signed = endorse_file(&other.folder, &mut grant).expect("a root");
    assert_eq!((signed.signed_by.len(), signed.threshold), (2, 2));
    let joined = first.join(&grant.to_text()).expect("joined");
    assert!(joined.recognised);
}

#[test]
fn the_root_passes_on_by_its_phrase_and_keeps_what_it_signed() {
    let (city, phrase) = city();
    let new = |keep| NewRoot { roots: Vec::new(), threshold: 1, keep };
    let wrong = succeed_root(&city.folder, city.phrase(), new(Keep::Known), |_| Ok(()));
    assert_eq!(failure::of(&wrong.expect_err("the unit's")), Failure::OtherPhrase);
    let passed =
        succeed_root(&city.folder, phrase.clone(), new(Keep::Known), |_| Ok(())).expect("its own");
    assert!(passed.in_effect && passed.statements_kept == 1);
    let recognised = |office: &Office| {
        office.call(|context| Ok(context.authority().followed(context.unit()).is_some()))
    };
    assert_eq!(recognised(&city), Ok(true));
    let used = succeed_root(&city.folder, phrase, new(Keep::Known), |_| Ok(()));
    assert_eq!(failure::of(&used.expect_err("it was used")), Failure::OtherPhrase);
    let last = read(&passed.phrase.0);
    succeed_root(&city.folder, last, new(Keep::None), |_| Ok(())).expect("the one that was shown");
    assert_eq!(recognised(&city), Ok(false));
}

#[test]
fn what_nobody_saw_the_phrase_of_is_not_done() {
    let unseen = || Failure::PhraseUnseen { detail: "closed".into() };
    let refused = move |error: anyhow::Error| assert_eq!(failure::of(&error), unseen());
    let [_, _, community] = three();
    let office = empty();
    let genesis = community.membership().genesis;
    let beginning = draft(&office.secrets(), genesis, &unit(COMMUNITY)).expect("drafted");
    let begun = begin(&office.folder, &office.secrets(), &beginning, || Err(unseen().into()));
    refused(begun.expect_err("unseen"));
    assert!(!office.folder.membership().exists() && !office.folder.store().exists());

    let known = |office: &Office| office.call(|c| Ok(c.authority().kept().collect::<Vec<_>>()));
    let before = known(&community);
    let leaving = Leaving { keep: Keep::Known, without: BTreeSet::new() };
    let rotated = rotate_lineage(&community.folder, community.phrase(), leaving, move |_| {
        Err(unseen().into())
    });
    refused(rotated.expect_err("unseen"));
    assert_eq!(known(&community), before);
    community.rotate(community.phrase()).expect("the phrase before is good still");

    let (city, phrase) = city();
    let new = || NewRoot { roots: Vec::new(), threshold: 1, keep: Keep::Known };
    let passed = succeed_root(&city.folder, phrase.clone(), new(), move |_| Err(unseen().into()));
    refused(passed.expect_err("unseen"));
    succeed_root(&city.folder, phrase, new(), |_| Ok(())).expect("the phrase before is good still");
}

#[test]
fn what_is_revealed_is_what_will_be() {
    let [_, _, community] = three();
    let leaving = Leaving { keep: Keep::Known, without: BTreeSet::new() };
    let revealed = std::sync::Arc::new(std::sync::Mutex::new(None));
    let told = revealed.clone();
    let reveal = move |rotated: &node_api::LineageRotated| {
        *told.lock().expect("alone") = Some(rotated.clone());
        Ok(())
    };
    let rotated = rotate_lineage(&community.folder, community.phrase(), leaving, reveal);
    let rotated = rotated.expect("its phrase");
    assert_eq!(revealed.lock().expect("alone").as_ref(), Some(&rotated));
    let present = community.call(|context| Ok(context.authority().present(&context.lineage())));
    assert_eq!(present.expect("asked").map(|id| id.to_string()), Some(rotated.generation));
    community.rotate(read(&rotated.phrase.0)).expect("the phrase that was revealed");
}

#[test]
fn no_phrase_lies_in_the_store_or_in_any_file_beside_it() {
    let [_, _, community] = three();
    let first = community.phrase();
    let rotated = community.rotate(first.clone()).expect("its phrase");
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for phrase in [first, read(&rotated.phrase.0)] {
        secrets.push(phrase.key().to_bytes().to_vec());
        secrets.push(hex::encode(phrase.key().to_bytes()).into_bytes());
        secrets.extend([Words::Chinese, Words::English].map(|w| phrase.show(w).as_bytes().into()));
    }
    // What is surely there is found, so that what is not found is not there.
    let node = community.secrets().node();
    let mut texts = opened(&community);
    assert!(texts.iter().any(|text| holds(text, &node.0)), "the tables were read");
    for entry in fs::read_dir(community.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        texts.extend(path.is_file().then(|| fs::read(path).expect("read")));
    }
    assert!(texts.iter().any(|text| holds(text, node.to_string().as_bytes())), "files were read");
    for secret in secrets {
        assert!(!texts.iter().any(|text| holds(text, &secret)));
    }
}

fn holds(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|found| found == needle)
}

/// Everything in the tables of a store, opened.
fn opened(office: &Office) -> Vec<Vec<u8>> {
    let read = office.call(|context| {
        let mut texts = Vec::new();
        for table in Table::ALL {
            for (key, value) in context.store.range(table, &[], &[u8::MAX; 64], usize::MAX >> 1)? {
                texts.extend([key, value]);
            }
        }
        Ok(texts)
    });
    read.expect("read")
}
