//! What lies on a disk, as a case for the naive judge (`tests/oracle`), which shares no code with
//! the product: ids, keys and hashes are texts there.

use std::collections::BTreeMap;

use node_authority::{Pin, Pins};
use schema_wire::{Body, Envelope, Genesis, Hash, Holds, NodeKey, Scope, VerifiedStatement};
use tests_oracle::case::{self, Case, Document, Mark, Own, Record, Statement};

/// What the naive judge says of each envelope, in their order.
pub fn judge(
    genesis: &Genesis,
    pins: &Pins,
    statements: &[VerifiedStatement],
    envelopes: &[Envelope],
) -> Vec<String> {
    let words = Words::of(genesis, statements);
    let case = Case {
        genesis: words.genesis(genesis),
        own: Own {
            unit: pins.unit().to_string(),
            lineage: hex(&pins.lineage().0),
            former: pins.former().map(|lineage| hex(&lineage.0)).collect(),
        },
        pins: choices(pins),
        statements: statements.iter().map(|one| words.statement(one)).collect(),
        envelopes: envelopes.iter().map(envelope).collect(),
        orders: Vec::new(),
        times: Vec::new(),
        units: Vec::new(),
        reads: Vec::new(),
    };
    let order: Vec<usize> = (0..statements.len() + envelopes.len()).collect();
    tests_oracle::judge_order(&case, &order).envelopes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hexes<'a>(ids: impl IntoIterator<Item = &'a Hash>) -> Vec<String> {
    ids.into_iter().map(|id| hex(&id.0)).collect()
}

fn choices(pins: &Pins) -> case::Pins {
    let mut choices = case::Pins::default();
    for pin in pins.choices() {
        match pin {
            Pin::Generation { after, successor: Some(successor) } => {
                choices.generations.insert(hex(&after.0), hex(&successor.0));
            }
            Pin::Unit { unit, lineage: Some(lineage) } => {
                choices.units.insert(unit.to_string(), hex(&lineage.0));
            }
            Pin::Generation { .. } | Pin::Unit { .. } => {}
        }
    }
    choices
}

fn envelope(envelope: &Envelope) -> case::Envelope {
    let header = envelope.header().claims();
    case::Envelope {
        id: hex(&envelope.header().id().0),
        document: document(&header.document),
        author: hex(&header.author.key.0),
        incarnation: hex(&header.author.incarnation.0),
        seq: header.seq(),
        backlink: header.backlink().map(|id| hex(&id.0)),
        dependencies: hexes(&header.dependencies),
        delegation: hex(&header.delegation.0),
        at: header.at.get(),
    }
}

fn document(document: &schema_wire::DocumentId) -> Document {
    let class = document.class().number();
    Document(document.owner().to_string(), class, document.shard().to_owned())
}

fn scope(scope: &Scope) -> case::Scope {
    let unit = scope.unit().to_string();
    match scope.holds() {
        Holds::Statements => case::Scope::Own(unit, 0),
        Holds::Public => case::Scope::Own(unit, 1),
        Holds::Path => case::Scope::Own(unit, 2),
        Holds::Pair(other) => case::Scope::Pair(unit, 3, other.to_string()),
        Holds::Band(band) => case::Scope::Own(unit, 4 + band as u8),
    }
}

/// The texts of what is committed to: a commitment to a key that was shown names the key.
struct Words(BTreeMap<Hash, NodeKey>);

impl Words {
    fn of(genesis: &Genesis, statements: &[VerifiedStatement]) -> Self {
        let mut shown: Vec<NodeKey> = genesis.roots.iter().copied().collect();
        for statement in statements {
            match statement.body() {
                Body::Charter(made) => shown.push(made.key),
                Body::Rotation(made) => shown.extend([made.reveal, made.key]),
                Body::Succession(made) => {
                    shown.push(made.reveal);
                    shown.extend(made.roots.iter().copied());
                }
                Body::Endorsement(made) => shown.push(made.issuer),
                _ => {}
            }
        }
        Self(shown.into_iter().map(|key| (key.commitment(), key)).collect())
    }

    fn commitment(&self, next: &Hash) -> String {
        match self.0.get(next) {
            Some(key) => format!("h:{}", hex(&key.0)),
            None => format!("h:{}", hex(&next.0)),
        }
    }

    fn genesis(&self, genesis: &Genesis) -> case::Genesis {
        case::Genesis {
            id: hex(&genesis.network().as_hash().0),
            unit: genesis.unit.to_string(),
            roots: genesis.roots.iter().map(|key| hex(&key.0)).collect(),
            threshold: genesis.threshold,
            next: genesis.next.iter().map(|next| self.commitment(next)).collect(),
            next_threshold: genesis.next_threshold,
        }
    }

    fn statement(&self, statement: &VerifiedStatement) -> Statement {
        let id = hex(&statement.id().0);
        let body = statement.body();
        let record = self.generation(&body).or_else(|| issued(&body)).or_else(|| other(&body));
        Statement { id, record: record.expect("every kind is one of these") }
    }

    fn generation(&self, body: &Body<'_>) -> Option<Record> {
        Some(match body {
            Body::Charter(made) => Record::Charter {
                unit: made.unit.to_string(),
                key: hex(&made.key.0),
                next: self.commitment(&made.next),
                at: made.at.get(),
            },
            Body::Rotation(made) => Record::Rotation {
                unit: made.unit.to_string(),
                previous: hex(&made.previous.0),
                reveal: hex(&made.reveal.0),
                key: hex(&made.key.0),
                next: self.commitment(&made.next),
                keeps: hexes(&made.keeps),
                at: made.at.get(),
            },
            Body::Succession(made) => Record::Succession {
                previous: hex(&made.previous.0),
                reveal: hex(&made.reveal.0),
                roots: made.roots.iter().map(|key| hex(&key.0)).collect(),
                threshold: made.threshold,
                next: made.next.iter().map(|next| self.commitment(next)).collect(),
                next_threshold: made.next_threshold,
                keeps: hexes(&made.keeps),
                at: made.at.get(),
            },
            _ => return None,
        })
    }
}

/// Grants, endings and adoptions.
fn issued(body: &Body<'_>) -> Option<Record> {
    let by = body.issued()?;
    let (unit, proof, issuer) = (by.unit.to_string(), hex(&by.proof.0), hex(&by.issuer.0));
    Some(match body {
        Body::Delegation(made) => Record::Delegation {
            unit,
            proof,
            issuer,
            subject: hex(&made.subject.0),
            verbs: made.verbs.number(),
            reads: made.reads.number(),
            classes: made.classes.ranges().collect(),
            not_before: made.not_before.get(),
            not_after: made.not_after.get(),
            serial: made.serial,
        },
        Body::Founding(made) => Record::Founding {
            unit,
            proof,
            issuer,
            below: made.below.to_string(),
            lineage: hex(&made.lineage.0),
            not_before: made.not_before.get(),
            not_after: made.not_after.get(),
            serial: made.serial,
        },
        Body::Ending(made) => Record::Ending {
            unit,
            proof,
            issuer,
            ends: hex(&made.ends.0),
            ran_out: made.ran_out,
            keeps: hexes(&made.keeps),
            at: made.at.get(),
        },
        Body::Adoption(made) => Record::Adoption {
            unit,
            proof,
            issuer,
            scope: scope(&made.scope),
            marks: made.marks.iter().map(mark).collect(),
            at: made.at.get(),
        },
        _ => return None,
    })
}

fn mark(mark: &schema_wire::Mark) -> Mark {
    Mark {
        document: document(&mark.document),
        author: hex(&mark.author.0),
        incarnation: hex(&mark.incarnation.0),
        seq: mark.seq,
        head: hex(&mark.head.0),
    }
}

/// What units say of others and of themselves; second signatures.
fn other(body: &Body<'_>) -> Option<Record> {
    if let Body::Endorsement(made) = body {
        let (proof, issuer) = (hex(&made.proof.0), hex(&made.issuer.0));
        return Some(Record::Endorsement { proof, issuer, endorses: hex(&made.endorses.0) });
    }
    let by = body.issued()?;
    let (unit, proof, issuer) = (by.unit.to_string(), hex(&by.proof.0), hex(&by.issuer.0));
    Some(match body {
        Body::Suspension(made) => {
            let (below, at) = (made.below.to_string(), made.at.get());
            Record::Suspension { unit, proof, issuer, below, at }
        }
        Body::Dissolution(made) => {
            let (below, at) = (made.below.to_string(), made.at.get());
            let successors = made.successors.iter().map(ToString::to_string).collect();
            Record::Dissolution { unit, proof, issuer, below, successors, at }
        }
        Body::Card(made) => {
            Record::Card { unit, proof, issuer, serial: made.serial, at: made.at.get() }
        }
        Body::Address(made) => {
            let (at, until) = (made.at.get(), made.until.get());
            Record::Address { unit, proof, issuer, at, until }
        }
        _ => return None,
    })
}
