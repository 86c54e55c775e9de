//! Sets of statements, well signed and otherwise of any shape, judged in two orders of arrival.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use node_authority::{Authority, Position, Refusal};
use schema_wire::{
    Adoption, Author, Class, ClassSet, Delegation, DocumentId, Endorsement, Genesis, Hash,
    NetworkId, NodeKey, Revocation, SigningKey, Succession, Suspension, UnitId, VerbSet, Verified,
    VerifiedStatement, Watermark,
};

use crate::draw::Draw;

const UNITS: [&str; 5] =
    ["220800", "220800/220802", "220800/220802/A", "220800/220802/B", "220800/220881"];
const KEYS: usize = 6;
/// Evaluation is a search: more statements than this find no new paths, and take long.
const STATEMENTS_MAX: usize = 24;

/// Statements of a network of two root keys.
pub fn target(data: &[u8]) {
    let mut set = Set { draw: Draw::new(data), network: genesis().network(), ids: Vec::new() };
    let mut statements = Vec::new();
    while !set.draw.is_done() && statements.len() < STATEMENTS_MAX {
        let statement = set.statement();
        set.ids.push(statement.id());
        statements.push(statement);
    }
    let forward = answers(&kept(statements.iter().cloned()), &set.ids);
    let backward = answers(&kept(statements.iter().rev().cloned()), &set.ids);
    assert_eq!(forward, backward, "INV-06: the order of arrival makes no difference");
}

fn key(number: usize) -> SigningKey {
    SigningKey::from_bytes(&[number as u8 + 1; 32])
}

static PUBLIC: LazyLock<[NodeKey; KEYS]> =
    LazyLock::new(|| std::array::from_fn(|number| NodeKey(key(number).verifying_key().to_bytes())));

fn public(number: usize) -> NodeKey {
    PUBLIC[number]
}

fn unit(number: usize) -> UnitId {
    UnitId::parse(UNITS[number]).expect("a unit path")
}

fn document(unit: UnitId) -> DocumentId {
    DocumentId::new(unit, Class::Roster, "b").expect("a document")
}

fn author(number: usize) -> Author {
    Author { key: public(number), incarnation: 1 }
}

fn genesis() -> Genesis {
    let mut roots = vec![public(0), public(1)];
    roots.sort_unstable();
    Genesis { unit: unit(0), name: "白城".into(), roots, threshold: 1, at_ms: 0 }
}

/// What is being drawn, and the ids that later statements may name.
struct Set<'a> {
    draw: Draw<'a>,
    network: NetworkId,
    ids: Vec<Hash>,
}

impl Set<'_> {
    fn key(&mut self) -> usize {
        self.draw.below(KEYS)
    }

    fn unit(&mut self) -> UnitId {
        unit(self.draw.below(UNITS.len()))
    }

    fn id(&mut self) -> Hash {
        let number = self.draw.below(self.ids.len() + 1);
        self.ids.get(number).copied().unwrap_or(Hash(self.network.0))
    }

    fn ids(&mut self) -> Vec<Hash> {
        let ids: BTreeSet<Hash> = (0..self.draw.below(4)).map(|_| self.id()).collect();
        ids.into_iter().collect()
    }

    fn statement(&mut self) -> VerifiedStatement {
        let (network, signer, issuer_unit) = (self.network, self.key(), self.unit());
        let (issuer, seal) = (public(signer), key(signer));
        let proof = (!self.draw.one_in(3)).then(|| self.id());
        let at_ms = self.draw.small();
        match self.draw.below(8) {
            0 => {
                let revokes = self.id();
                let (watermarks, keeps) = (self.watermarks(), self.ids());
                VerifiedStatement::Revocation(Verified::seal(
                    Revocation {
                        network,
                        issuer,
                        issuer_unit,
                        proof,
                        revokes,
                        watermarks,
                        keeps,
                        at_ms,
                    },
                    &seal,
                ))
            }
            1 => {
                let endorses = self.id();
                let value = Endorsement { network, issuer, issuer_unit, proof, endorses, at_ms };
                VerifiedStatement::Endorsement(Verified::seal(value, &seal))
            }
            2 => {
                let (unit, reason) = (self.unit(), String::new());
                let value = Suspension { network, issuer, issuer_unit, proof, unit, reason, at_ms };
                VerifiedStatement::Suspension(Verified::seal(value, &seal))
            }
            3 => {
                let envelopes = self.ids();
                let value = Adoption { network, issuer, issuer_unit, proof, envelopes, at_ms };
                VerifiedStatement::Adoption(Verified::seal(value, &seal))
            }
            4 => VerifiedStatement::Succession(Verified::seal(
                self.succession(issuer, issuer_unit, at_ms),
                &seal,
            )),
            _ => {
                let value = Delegation {
                    network,
                    issuer,
                    issuer_unit,
                    proof,
                    subject: public(self.key()),
                    unit: self.unit(),
                    verbs: VerbSet(self.draw.below(8) as u8),
                    classes: self.classes(),
                    not_before_ms: at_ms,
                    not_after_ms: at_ms.saturating_add(self.draw.small()),
                    grace_ms: self.draw.small(),
                    serial: u64::from(self.draw.byte()),
                };
                VerifiedStatement::Delegation(Verified::seal(value, &seal))
            }
        }
    }

    fn succession(&mut self, issuer: NodeKey, issuer_unit: UnitId, at_ms: u64) -> Succession {
        let count = 1 + self.draw.below(3);
        let roots: BTreeSet<_> = (0..count).map(|_| public(self.key())).collect();
        let roots: Vec<_> = roots.into_iter().collect();
        let threshold = 1 + self.draw.below(roots.len()) as u8;
        let (network, previous, keeps) = (self.network, self.id(), self.ids());
        Succession { network, issuer, issuer_unit, previous, roots, threshold, keeps, at_ms }
    }

    fn classes(&mut self) -> ClassSet {
        if self.draw.one_in(4) { ClassSet::of(&[Class::Roster]) } else { ClassSet::ALL }
    }

    fn watermarks(&mut self) -> Vec<Watermark> {
        let mut marks: Vec<_> = (0..self.draw.below(3))
            .map(|_| Watermark {
                document: document(self.unit()),
                author: author(self.key()),
                seq: self.draw.small(),
            })
            .collect();
        marks.sort_by(|a, b| (&a.document, a.author).cmp(&(&b.document, b.author)));
        marks.dedup_by(|a, b| (&a.document, a.author) == (&b.document, b.author));
        marks
    }
}

/// All that is kept in the end of what arrives in this order and is offered again.
fn kept(statements: impl Iterator<Item = VerifiedStatement>) -> Authority {
    let mut authority = Authority::new(genesis());
    let mut waiting: Vec<_> = statements.collect();
    loop {
        let before = waiting.len();
        waiting.retain(|statement| {
            let taken = authority.admissible(&statement.to_statement()).is_ok();
            if taken {
                authority.insert(statement.clone());
            }
            !taken
        });
        if waiting.len() == before {
            return authority;
        }
    }
}

/// Every question, about everything.
fn answers(authority: &Authority, ids: &[Hash]) -> Vec<String> {
    let mut answers = vec![format!("{:?}", authority.roots())];
    for id in ids {
        let mut about = format!("{} {} ", authority.holds(id), authority.adopted(id, &unit(2)));
        for at_ms in [0, 100, u64::MAX] {
            about.push_str(code(authority.in_force_at(id, at_ms)));
            let _ = (authority.route(id, at_ms), authority.credentials(id, at_ms));
        }
        let _ = authority.named_route(id);
        let document = document(unit(2));
        for number in 0..KEYS {
            let (author, key) = (author(number), public(number));
            let place = Position { document: &document, author, seq: 3, at_ms: 100 };
            about.push_str(code(authority.permits_write(id, place)));
            about.push_str(code(authority.permits_session(id, key, 100)));
            about.push_str(code(authority.root_act(id, key)));
        }
        answers.push(about);
    }
    for number in 0..UNITS.len() {
        let suspended = authority.suspended(&unit(number)).map(Verified::id);
        let caretakers = authority.caretakers(&unit(number), 100);
        let caretakers: Vec<_> = caretakers.iter().map(|delegation| delegation.id()).collect();
        answers.push(format!("{suspended:?} {caretakers:?}"));
    }
    answers
}

fn code<T>(answer: Result<T, Refusal>) -> &'static str {
    answer.map_or_else(|refusal| refusal.code(), |_| "yes ")
}
