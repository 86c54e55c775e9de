//! The golden vectors of verdicts on statements (`schema/golden`), judged by this crate: in the
//! order of the file, backwards, and with the pins set afterwards.

use std::collections::BTreeMap;

use node_authority::{Authority, Outcome, Pin, Pins};
use schema_wire::{Band, Ed25519, Genesis, Hash, Ms, NodeKey, Scope, Statement, UnitId, Wire};
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/golden/vectors.json");

struct Vectors {
    genesis: Genesis,
    vectors: Vec<Value>,
}

fn read() -> Vectors {
    let text = std::fs::read_to_string(PATH).expect("the vectors");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    let genesis = Genesis::from_bytes(&bytes(&file["genesis"])).expect("a genesis");
    let Value::Array(vectors) = file["vectors"].take() else { panic!("no vectors") };
    Vectors { genesis, vectors }
}

impl Vectors {
    /// Judges all vectors of a kind, in each order of statements and pins.
    fn judge(&self, kind: &str, judge: impl Fn(&Value, &Node)) -> usize {
        let of_kind = self.vectors.iter().filter(|vector| vector["kind"] == kind);
        of_kind
            .inspect(|vector| {
                for backwards in [false, true] {
                    for pins_first in [false, true] {
                        println!("{} {backwards} {pins_first}", vector["name"]);
                        judge(vector, &Node::of(&self.genesis, vector, backwards, pins_first));
                    }
                }
            })
            .count()
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("bytes in hex")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn hash(value: &Value) -> Hash {
    text(value).parse().expect("a hash")
}

fn unit(value: &str) -> UnitId {
    UnitId::parse(value).expect("a unit")
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], |list| list)
}

fn scope(value: &Value) -> Scope {
    let owner = unit(text(&value[0]));
    match value[1].as_u64().expect("a compartment") {
        0 => Scope::statements(owner),
        1 => Scope::public(owner),
        2 => Scope::path(owner),
        3 => Scope::pair(&owner, &unit(text(&value[2]))).expect("two units"),
        other => Scope::band(owner, Band::ALL[usize::try_from(other).expect("small") - 4]),
    }
}

/// A node, and what became of each statement.
struct Node {
    authority: Authority,
    letters: String,
    codes: Vec<Option<String>>,
}

impl Node {
    fn of(genesis: &Genesis, vector: &Value, backwards: bool, pins_first: bool) -> Self {
        let own = &vector["own"];
        let pins = Pins::of(unit(text(&own["unit"])), hash(&own["lineage"]))
            .with_former(list(&vector["pins"]["former"]).iter().map(hash));
        let choices = choices(&vector["pins"]);
        let mut authority = Authority::new(genesis, pins);
        if pins_first {
            for pin in choices.clone() {
                authority.pin(pin);
            }
        }
        let statements = list(&vector["statements"]);
        let mut outcomes = take_all(&mut authority, statements, backwards);
        if !pins_first && !choices.is_empty() {
            for pin in choices {
                authority.pin(pin);
            }
            outcomes = take_all(&mut authority, statements, backwards);
        }
        let letters = outcomes.values().map(|(letter, _)| *letter).collect();
        Self { authority, letters, codes: outcomes.into_values().map(|(_, code)| code).collect() }
    }
}

fn choices(pins: &Value) -> Vec<Pin> {
    let generations = entries(&pins["generations"]).map(|(after, successor)| {
        let after = after.parse().expect("a hash");
        Pin::Generation { after, successor: Some(hash(successor)) }
    });
    let units = entries(&pins["units"]).map(|(of, lineage)| {
        let lineage = Some(hash(lineage));
        Pin::Unit { unit: unit(of), lineage }
    });
    generations.chain(units).collect()
}

type Outcomes = BTreeMap<usize, (char, Option<String>)>;

/// Brings all statements, again and again, until nothing changes.
fn take_all(authority: &mut Authority, statements: &[Value], backwards: bool) -> Outcomes {
    let mut order: Vec<usize> = (0..statements.len()).collect();
    if backwards {
        order.reverse();
    }
    let mut outcomes = Outcomes::new();
    loop {
        let mut grew = false;
        for at in &order {
            let (outcome, is_new) = take(authority, &bytes(&statements[*at]));
            outcomes.insert(*at, outcome);
            grew |= is_new;
        }
        if !grew {
            return outcomes;
        }
    }
}

fn take(authority: &mut Authority, bytes: &[u8]) -> ((char, Option<String>), bool) {
    let refused = |code: &str| (('r', Some(code.to_owned())), false);
    let Ok(statement) = Statement::from_bytes(bytes) else { return refused("malformed") };
    if statement.claims().network() != authority.network() {
        return refused("other-network");
    }
    let Ok(verified) = statement.verify_with(&Ed25519) else { return refused("bad-signature") };
    match authority.insert(&verified) {
        Outcome::Kept(_) => (('k', None), true),
        Outcome::Known => (('k', None), false),
        Outcome::Waits(_) => (('w', None), false),
        Outcome::Refused(refusal) => refused(refusal.code()),
    }
}

#[test]
fn kept() {
    let judged = read().judge("kept", |vector, node| {
        assert_eq!(node.letters, text(&vector["kept"]));
        let codes: Vec<Option<String>> = list(&vector["codes"])
            .iter()
            .map(|code| code.as_str().map(ToOwned::to_owned))
            .collect();
        assert_eq!(node.codes, codes);
    });
    assert!(judged > 100);
}

#[test]
fn stands() {
    let judged = read().judge("stands", |vector, node| {
        let authority = &node.authority;
        for question in list(&vector["questions"]) {
            let at = Ms::of(question["at"].as_u64().expect("a time"));
            let stands = authority.stands(&hash(&question["id"]), at);
            let expected = (question["inside"].as_bool(), question["outside"].as_bool());
            assert_eq!((Some(stands.inside), Some(stands.outside)), expected, "{question}");
        }
        followed(vector, authority);
        let units = |field: &str| vector.get(field).map(|units| list(units).iter().map(text));
        if let Some(suspended) = units("suspended") {
            assert!(authority.suspended().map(UnitId::as_str).eq(suspended));
        }
        if let Some(dissolved) = units("dissolved") {
            assert!(authority.dissolved().map(UnitId::as_str).eq(dissolved));
        }
    });
    assert!(judged > 100);
}

/// Generations, lineages and cards.
fn followed(vector: &Value, authority: &Authority) {
    if let Some(root) = vector.get("root") {
        assert_eq!(authority.root(), hash(root));
    }
    for (lineage, present) in entries(&vector["present"]) {
        let lineage = lineage.parse().expect("a hash");
        assert_eq!(authority.present(&lineage), Some(hash(present)));
    }
    if let Some(rivals) = vector.get("rivals") {
        let rivals: Vec<Hash> = list(rivals).iter().map(hash).collect();
        assert!(authority.rivals().into_iter().eq(rivals));
    }
    for (of, candidates) in entries(&vector["candidates"]) {
        let expected = list(candidates).iter().map(hash);
        assert!(authority.candidates(&unit(of)).iter().copied().eq(expected), "{of}");
    }
    let or_none = |value: &Value| value.as_str().map(|_| hash(value));
    for (of, lineage) in entries(&vector["followed"]) {
        assert_eq!(authority.followed(&unit(of)), or_none(lineage), "{of}");
    }
    for (of, card) in entries(&vector["cards"]) {
        assert_eq!(authority.card(&unit(of)), or_none(card), "{of}");
    }
}

#[test]
fn aside() {
    let judged = read().judge("aside", |vector, node| {
        let authority = &node.authority;
        let mut aside: Vec<Hash> = authority.kept().filter(|id| authority.is_aside(id)).collect();
        aside.sort_unstable();
        let expected: Vec<Hash> = list(&vector["aside"]).iter().map(hash).collect();
        assert_eq!(aside, expected);
    });
    assert!(judged > 20);
}

#[test]
fn hold() {
    let judged = read().judge("hold", |vector, node| {
        let now = Ms::of(vector["now"].as_u64().expect("a time"));
        for question in list(&vector["questions"]) {
            let key: NodeKey = text(&question["key"]).parse().expect("a key");
            let until = node.authority.may_hold(&key, &scope(&question["scope"]), now);
            assert_eq!(Some(until.is_some()), question["may"].as_bool(), "{question}");
        }
    });
    assert!(judged > 30);
}
