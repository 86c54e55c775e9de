//! The values of a case as records of the wire.
//!
//! A short text becomes its own bytes with zeros behind, so that ids keep their order.

use schema_wire::{
    Address, Adoption, Ascending, Band, Body, Card, Charter, Class, Classes, Delegation,
    Dissolution, DocumentId, Ending, Endorsement, Founding, Genesis, Hash, Incarnation, List, Mark,
    Ms, NetworkId, NodeKey, Reads, Rotation, Scope, Succession, Suspension, Text, UnitId, Verbs,
};
use tests_oracle::case::{self, Case, Document, Record};

/// A record of the wire.
#[derive(Debug, Clone)]
pub enum Made {
    Charter(Charter),
    Rotation(Rotation),
    Succession(Succession),
    Delegation(Delegation),
    Founding(Founding),
    Ending(Ending),
    Adoption(Adoption),
    Suspension(Suspension),
    Dissolution(Dissolution),
    Card(Card),
    Address(Address),
    Endorsement(Endorsement),
}

impl Made {
    pub fn body(&self) -> Body<'_> {
        match self {
            Self::Charter(made) => Body::Charter(made),
            Self::Rotation(made) => Body::Rotation(made),
            Self::Succession(made) => Body::Succession(made),
            Self::Delegation(made) => Body::Delegation(made),
            Self::Founding(made) => Body::Founding(made),
            Self::Ending(made) => Body::Ending(made),
            Self::Adoption(made) => Body::Adoption(made),
            Self::Suspension(made) => Body::Suspension(made),
            Self::Dissolution(made) => Body::Dissolution(made),
            Self::Card(made) => Body::Card(made),
            Self::Address(made) => Body::Address(made),
            Self::Endorsement(made) => Body::Endorsement(made),
        }
    }
}

/// Turns the values of one case into those of the wire; none of what the wire cannot say.
#[derive(Debug)]
pub struct Words<'a> {
    genesis_id: &'a str,
    network: NetworkId,
}

fn padded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(bytes)
}

pub fn key(text: &str) -> Option<NodeKey> {
    padded(text).map(NodeKey)
}

pub fn unit(text: &str) -> Option<UnitId> {
    UnitId::parse(text).ok()
}

fn commitment(text: &str) -> Option<Hash> {
    Some(key(text.strip_prefix("h:")?)?.commitment())
}

pub fn document(of: &Document) -> Option<DocumentId> {
    DocumentId::new(unit(&of.0)?, Class::new(of.1).ok()?, &of.2).ok()
}

pub fn scope(of: &case::Scope) -> Option<Scope> {
    match of {
        case::Scope::Own(owner, 0) => Some(Scope::statements(unit(owner)?)),
        case::Scope::Own(owner, 1) => Some(Scope::public(unit(owner)?)),
        case::Scope::Own(owner, 2) => Some(Scope::path(unit(owner)?)),
        case::Scope::Own(owner, band @ 4..=7) => {
            Some(Scope::band(unit(owner)?, Band::ALL[usize::from(band - 4)]))
        }
        case::Scope::Pair(one, 3, other) if one < other => {
            Scope::pair(&unit(one)?, &unit(other)?).ok()
        }
        _ => None,
    }
}

fn ascending<T: Ord, const LEAST: usize, const MOST: usize>(
    values: impl Iterator<Item = Option<T>>,
) -> Option<Ascending<T, LEAST, MOST>> {
    Ascending::of(values.collect::<Option<Vec<T>>>()?).ok()
}

/// The genesis of a case.
pub fn genesis(case: &Case) -> Option<Genesis> {
    let of = &case.genesis;
    Some(Genesis {
        unit: unit(&of.unit)?,
        name: Text::new("").ok()?,
        roots: ascending(of.roots.iter().map(|root| key(root)))?,
        threshold: of.threshold,
        next: ascending(of.next.iter().map(|next| commitment(next)))?,
        next_threshold: of.next_threshold,
        at: Ms::of(0),
    })
}

impl<'a> Words<'a> {
    pub fn new(case: &'a Case, genesis: &Genesis) -> Self {
        Self { genesis_id: &case.genesis.id, network: genesis.network() }
    }

    pub fn id(&self, text: &str) -> Option<Hash> {
        if text == self.genesis_id {
            return Some(self.network.as_hash());
        }
        padded(text).map(Hash)
    }

    /// The text of an id.
    pub fn text(&self, id: &Hash) -> String {
        if *id == self.network.as_hash() {
            return self.genesis_id.to_owned();
        }
        let bytes: Vec<u8> = id.0.iter().copied().take_while(|byte| *byte != 0).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn ids<const MOST: usize>(&self, texts: &[String]) -> Option<Ascending<Hash, 0, MOST>> {
        ascending(texts.iter().map(|text| self.id(text)))
    }

    /// The record, if it is well made.
    pub fn record(&self, record: &Record) -> Option<Made> {
        let made = match record {
            Record::Charter { .. } | Record::Rotation { .. } | Record::Succession { .. } => {
                self.generation(record)?
            }
            Record::Delegation { .. } | Record::Founding { .. } => self.grant(record)?,
            Record::Ending { .. } | Record::Adoption { .. } => self.act_within(record)?,
            Record::Suspension { .. } | Record::Dissolution { .. } => self.act_below(record)?,
            Record::Card { .. } | Record::Address { .. } | Record::Endorsement { .. } => {
                self.other(record)?
            }
        };
        Some(made)
    }

    fn generation(&self, record: &Record) -> Option<Made> {
        let network = self.network;
        Some(match record {
            Record::Charter { unit: of, key: by, next, at } => Made::Charter(Charter {
                network,
                unit: unit(of)?,
                key: key(by)?,
                next: commitment(next)?,
                at: Ms::of(*at),
            }),
            Record::Rotation { unit: of, previous, reveal, key: by, next, keeps, at } => {
                Made::Rotation(Rotation {
                    network,
                    unit: unit(of)?,
                    previous: self.id(previous)?,
                    reveal: key(reveal)?,
                    key: key(by)?,
                    next: commitment(next)?,
                    keeps: self.ids(keeps)?,
                    at: Ms::of(*at),
                })
            }
            Record::Succession {
                previous,
                reveal,
                roots,
                threshold,
                next,
                next_threshold,
                keeps,
                at,
            } => Made::Succession(Succession {
                network,
                previous: self.id(previous)?,
                reveal: key(reveal)?,
                roots: ascending(roots.iter().map(|root| key(root)))?,
                threshold: *threshold,
                next: ascending(next.iter().map(|next| commitment(next)))?,
                next_threshold: *next_threshold,
                keeps: self.ids(keeps)?,
                at: Ms::of(*at),
            }),
            _ => return None,
        })
    }

    fn grant(&self, record: &Record) -> Option<Made> {
        let network = self.network;
        Some(match record {
            Record::Delegation {
                unit: of,
                proof,
                issuer,
                subject,
                verbs,
                reads,
                classes,
                not_before,
                not_after,
                serial,
            } => {
                let classes: Vec<u8> =
                    classes.iter().flat_map(|(first, last)| [*first, *last]).collect();
                Made::Delegation(Delegation {
                    network,
                    unit: unit(of)?,
                    proof: self.id(proof)?,
                    issuer: key(issuer)?,
                    subject: key(subject)?,
                    verbs: Verbs::new(*verbs).ok()?,
                    reads: Reads::new(*reads).ok()?,
                    classes: Classes::parse(&classes).ok()?,
                    not_before: Ms::of(*not_before),
                    not_after: Ms::of(*not_after),
                    serial: *serial,
                })
            }
            Record::Founding {
                unit: of,
                proof,
                issuer,
                below,
                lineage,
                not_before,
                not_after,
                serial,
            } => Made::Founding(Founding {
                network,
                unit: unit(of)?,
                proof: self.id(proof)?,
                issuer: key(issuer)?,
                below: unit(below)?,
                lineage: self.id(lineage)?,
                not_before: Ms::of(*not_before),
                not_after: Ms::of(*not_after),
                serial: *serial,
            }),
            _ => return None,
        })
    }

    fn act_within(&self, record: &Record) -> Option<Made> {
        let network = self.network;
        Some(match record {
            Record::Ending { unit: of, proof, issuer, ends, ran_out, keeps, at } => {
                Made::Ending(Ending {
                    network,
                    unit: unit(of)?,
                    proof: self.id(proof)?,
                    issuer: key(issuer)?,
                    ends: self.id(ends)?,
                    ran_out: *ran_out,
                    keeps: self.ids(keeps)?,
                    at: Ms::of(*at),
                })
            }
            Record::Adoption { unit: of, proof, issuer, scope: within, marks, at } => {
                let marks: Option<Vec<Mark>> = marks.iter().map(|mark| self.mark(mark)).collect();
                Made::Adoption(Adoption {
                    network,
                    unit: unit(of)?,
                    proof: self.id(proof)?,
                    issuer: key(issuer)?,
                    scope: scope(within)?,
                    marks: List::new(marks?).ok()?,
                    at: Ms::of(*at),
                })
            }
            _ => return None,
        })
    }

    fn mark(&self, mark: &case::Mark) -> Option<Mark> {
        Some(Mark {
            document: document(&mark.document)?,
            author: key(&mark.author)?,
            incarnation: incarnation(&mark.incarnation)?,
            seq: mark.seq,
            head: self.id(&mark.head)?,
        })
    }

    fn act_below(&self, record: &Record) -> Option<Made> {
        let network = self.network;
        Some(match record {
            Record::Suspension { unit: of, proof, issuer, below, at } => {
                Made::Suspension(Suspension {
                    network,
                    unit: unit(of)?,
                    proof: self.id(proof)?,
                    issuer: key(issuer)?,
                    below: unit(below)?,
                    reason: Text::new("").ok()?,
                    at: Ms::of(*at),
                })
            }
            Record::Dissolution { unit: of, proof, issuer, below, successors, at } => {
                Made::Dissolution(Dissolution {
                    network,
                    unit: unit(of)?,
                    proof: self.id(proof)?,
                    issuer: key(issuer)?,
                    below: unit(below)?,
                    successors: ascending(successors.iter().map(|heir| unit(heir)))?,
                    at: Ms::of(*at),
                })
            }
            _ => return None,
        })
    }

    fn other(&self, record: &Record) -> Option<Made> {
        let network = self.network;
        Some(match record {
            Record::Card { unit: of, proof, issuer, serial, at } => Made::Card(Card {
                network,
                unit: unit(of)?,
                proof: self.id(proof)?,
                issuer: key(issuer)?,
                serial: *serial,
                name: Text::new("").ok()?,
                kind: Text::new("").ok()?,
                letter_box: [0; 32],
                at: Ms::of(*at),
            }),
            Record::Address { unit: of, proof, issuer, at, until } => Made::Address(Address {
                network,
                unit: unit(of)?,
                proof: self.id(proof)?,
                issuer: key(issuer)?,
                addresses: List::new(vec![Text::new("a").ok()?]).ok()?,
                at: Ms::of(*at),
                until: Ms::of(*until),
            }),
            Record::Endorsement { proof, issuer, endorses } => Made::Endorsement(Endorsement {
                network,
                proof: self.id(proof)?,
                issuer: key(issuer)?,
                endorses: self.id(endorses)?,
            }),
            _ => return None,
        })
    }
}

pub fn incarnation(text: &str) -> Option<Incarnation> {
    padded(text).map(Incarnation)
}
